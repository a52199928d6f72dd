"""Errors whose words are for people, in the reader's language.

Always holds: its text says what happened, where, and what to do; the command line prints it alone,
without a traceback.
"""

from typing import Any

from scheduler.core.words.labels import Label


class LabelledError(Exception):
    """An error that says `label`: a sentence with its facts, or a label as it is."""

    def __init__(self, said: str | Label, /, **facts: Any) -> None:
        self.label = said if isinstance(said, Label) else Label(said, **facts)
        super().__init__(self.label.en)

    @property
    def for_command(self) -> Label:
        """What a command shows: with what to type, where that helps."""
        return self.label


class UserMustActError(LabelledError):
    """Stops the command with exit code 2 and `label`. Any error with a `label` is shown like
    this."""

    exit_code = 2

"""The error a person can do something about, in both languages.

Always holds: its text says what happened, where, and what to do; the command line prints it alone,
without a traceback.
"""

from typing import Any

from scheduler.core.words.labels import Label


class UserMustActError(Exception):
    """Stops the command with exit code 2 and `label`. Any error with a `label` is shown like
    this."""

    exit_code = 2

    def __init__(self, said: str | Label, /, **facts: Any) -> None:
        self.label = said if isinstance(said, Label) else Label(said, **facts)
        super().__init__(self.label.en)

"""A mistake in a file a person wrote: where it is, what is wrong, what to write instead. A value,
so that all can be shown at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `file` is empty where it is in none; `line` counts from 1, 0 is the file as a
    whole; `path` is dotted: `milestones[1].offset`."""

    file: str
    line: int
    path: str
    text: Label

    def shown(self, language: Language) -> str:
        """One line for a terminal.

        >>> problem = Problem("config.toml", 42, "milestones[1].offset", Label("no offset"))
        >>> problem.shown(Language.EN)
        'config.toml:42  milestones[1].offset: no offset'
        """
        said = f"{self.path}: {self.text.of(language)}" if self.path else self.text.of(language)
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}  {said}" if place else said


def near(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, if any is."""
    close = get_close_matches(word, list(known), 1, 0.6)
    return close[0] if close else None

"""Reads the tables of a story key by key. A wrong type or an unknown key is noted with its place
and what to write instead.

Always holds: every problem of a file is found, not only the first; a key that no reader asked for
is a problem.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from scheduler.core.config.fields import shown
from scheduler.core.config.mistakes import one_of
from scheduler.core.words.labels import Label
from scheduler.core.words.problems import near

Place = tuple[str | int, ...]

DAY = Label("a day, e.g. 2027-03-31")
TEXT = Label("text in quotation marks")
FLAG = Label("true or false")
NUMBER = Label("a whole number")
TABLE = Label("a table: { … }")


class Problems:
    """What is wrong with a story, each with its place."""

    def __init__(self) -> None:
        self.found: list[tuple[Place, Label]] = []

    def add(self, place: Place, wrong: Label) -> None:
        """Notes one."""
        self.found.append((place, wrong))

    def expected(self, place: Place, value: Any, what: Label) -> None:
        """A value of another kind."""
        self.add(
            place,
            Label("{value} is not possible; write {what}", value=shown(value), what=what),
        )


class Fields:
    """One table of a story, read key by key."""

    def __init__(self, table: Any, place: Place, problems: Problems) -> None:
        self.place = place
        self.problems = problems
        if not isinstance(table, dict):
            problems.expected(place, table, TABLE)
            table = {}
        self.table: Mapping[str, Any] = table
        self._asked: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self.table

    def at(self, key: str) -> Place:
        """The place of a key."""
        return (*self.place, key)

    def value(self, key: str) -> Any:
        """The value of a key; None if it is missing."""
        self._asked.add(key)
        return self.table.get(key)

    def _of(self, key: str, kind: type, what: Label) -> Any:
        """A value of one kind."""
        value = self.value(key)
        if value is None or (
            isinstance(value, kind)
            and not (kind is int and isinstance(value, bool))
            and not isinstance(value, datetime)
        ):
            return value
        self.problems.expected(self.at(key), value, what)
        return None

    def text(self, key: str) -> str:
        """The text of a key; empty if it is missing."""
        return self._of(key, str, TEXT) or ""

    def day(self, key: str) -> date | None:
        """A day."""
        found: date | None = self._of(key, date, DAY)
        return found

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        found = self._of(key, bool, FLAG)
        return default if found is None else bool(found)

    def number(self, key: str) -> int | None:
        """A whole number."""
        found: int | None = self._of(key, int, NUMBER)
        return found

    def word(self, key: str, words: Iterable[str]) -> str | None:
        """One of some words."""
        value, known = self.value(key), list(words)
        if value is None or value in known:
            return None if value is None else str(value)
        label = one_of(value, known)
        self.problems.add(self.at(key), label)
        return None

    def many(self, key: str) -> list[tuple[Place, Any]]:
        """One value or a list of them, each with its place."""
        value = self.value(key)
        if value is None:
            return []
        return (
            [((*self.at(key), n), item) for n, item in enumerate(value)]
            if isinstance(value, list)
            else [(self.at(key), value)]
        )

    def read(self, key: str, read: Callable[[str], Any], what: Label) -> Any:
        """The text of a key as `read` understands it; `read` raises ValueError otherwise."""
        text = self.text(key)
        try:
            return read(text) if text else None
        except ValueError:
            self.problems.expected(self.at(key), text, what)
            return None

    def done(self, known: Iterable[str] = ()) -> None:
        """Reports the keys that no reader asked for. `known`: the keys that are allowed."""
        names = [*dict.fromkeys([*self._asked, *known])]
        for key in self.table:
            if key in self._asked:
                continue
            close, listed = near(key, names), ", ".join(names)
            hint = (
                Label('did you mean "{close}"?', close=close)
                if close
                else Label("there are: {listed}", listed=listed)
            )
            self.problems.add(
                self.at(key), Label("there is no {key} here; {hint}", key=shown(key), hint=hint)
            )


def cell(value: Any) -> str | None:
    """A value as a cell of a file has it; None for a value that no cell can hold.

    >>> cell(True), cell(date(2027, 3, 31)), cell(1200000), cell([])
    ('yes', '2027-03-31', '1200000', None)
    """
    match value:
        case bool():
            return "yes" if value else "no"
        case datetime():
            return None
        case date():
            return value.isoformat()
        case int() | float() | str():
            return str(value)
    return None

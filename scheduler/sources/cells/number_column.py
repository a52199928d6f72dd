"""The decimal sign of columns of plain numbers, found only where all of them together can be read
in one way; the same rules as for amounts (`scheduler.sources.cells.amount_column`)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from scheduler.core.health.measured import MOST
from scheduler.core.imports.texts import FieldError, RecordProblem
from scheduler.core.imports.written_amounts import DecimalMark
from scheduler.core.imports.written_days import narrow
from scheduler.core.imports.written_numbers import PLAIN, NumberError, number_readings

_REMEMBERED = 20_000
_POINT = {DecimalMark.POINT}


@dataclass(slots=True)
class NumberColumn:
    """What the numbers of one column have left open so far."""

    column: str
    marks: set[DecimalMark] = field(default_factory=lambda: set(DecimalMark))
    settled_by: dict[DecimalMark, str] = field(default_factory=dict)
    asked: str = ""

    def read(self, text: str) -> None:
        """Takes one cell. What is no number says nothing about the sign."""
        if text.isdecimal() or (self.marks == _POINT and PLAIN.fullmatch(text)):
            return
        try:
            found = number_readings(text)
        except NumberError:
            return
        if len(found) == 1:
            (mark,) = found
            self.marks &= {mark}
            self.settled_by.setdefault(mark, text)
        elif (
            found[DecimalMark.POINT] != found[DecimalMark.COMMA]
            and "," not in narrow(text)
            and not self.asked
        ):
            self.asked = text

    def mark(self, file: str) -> DecimalMark | RecordProblem:
        """The sign that all of them allow, or what to ask the user."""
        if not self.marks:
            first, second = (self.settled_by[mark] for mark in DecimalMark)
            return RecordProblem.of(
                "mixed_amounts", file=file, column=self.column, first=first, second=second
            )
        if len(self.marks) == 1:
            return next(iter(self.marks))
        if not self.asked:
            return DecimalMark.POINT
        found = number_readings(self.asked)
        return RecordProblem.of(
            "ambiguous_amounts",
            file=file,
            column=self.column,
            example=self.asked,
            point=f"{found[DecimalMark.POINT]:.15g}",
            comma=f"{found[DecimalMark.COMMA]:.15g}",
        )


def number_reader(mark: DecimalMark) -> Callable[[str], float]:
    """A function that reads the numbers of a column. Raises FieldError."""
    most = f"{MOST:,.0f}"

    @lru_cache(maxsize=_REMEMBERED)
    def read(text: str) -> float:
        try:
            found = number_readings(text)
        except NumberError as error:
            raise FieldError(error.code, "value", most=most) from None
        if mark not in found:
            raise FieldError("money_separators", "value")
        if not abs(found[mark]) <= MOST:
            raise FieldError("number_size", "value", most=most)
        return found[mark]

    return read

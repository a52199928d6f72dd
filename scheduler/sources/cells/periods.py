"""Cells that say more than one thing of when a contract runs: 2026/4/1〜2027/3/31 in a column of
lengths, 無期限 in one of ends.

Always holds: what such a cell says and what the row's own columns of days say is the same, or the
row is rejected.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from scheduler.core.deal.formats import day_shown
from scheduler.core.imports.texts import FieldError
from scheduler.core.imports.written_days import readings
from scheduler.core.imports.written_periods import (
    Period,
    halves,
    is_about_days,
    is_endless,
    names_days,
)
from scheduler.core.time.dates import Term
from scheduler.sources.cells.cell_readers import DaysOf, date_reader
from scheduler.sources.cells.date_order import DateColumn

_REMEMBERED = 20_000
ENDLESS = Period(endless=True)


def end_reader(how: DaysOf) -> Callable[[str], date | Period]:
    """A function that reads the ends of one column: days, or that there is none. Raises
    FieldError."""
    day = date_reader(how)

    def read(text: str) -> date | Period:
        try:
            return day(text)
        except FieldError as error:
            if is_endless(text):
                return ENDLESS
            if error.problem.code == "date" and not any(map(str.isdigit, text)):
                raise FieldError("end_word") from None
            raise

    return read


def term_reader(how: DaysOf, length: Callable[[str], Term]) -> Callable[[str], Term | Period]:
    """A function that reads the terms of one column: lengths as `length` reads them, periods with
    days as `how` says, or that there is no end. Raises FieldError."""
    ends, starts = date_reader(how), date_reader(replace(how, exclusive=False))

    def read(text: str) -> Term | Period:
        try:
            return length(text)
        except FieldError:
            if is_endless(text):
                return ENDLESS
            if not names_days(text):
                raise
            parts = halves(text)
            if parts is None:
                raise FieldError("period") from None
        first, last = parts
        starts_on = starts(first) if first else None
        if is_endless(last):
            return Period(starts_on, endless=True)
        if last and starts_on is not None and not is_about_days(last):
            try:
                return Period(starts_on, term=length(last))
            except FieldError:
                raise FieldError("period") from None
        return Period(starts_on, ends(last) if last else None)

    return read


@dataclass(slots=True)
class PeriodColumn:
    """What the cells of a column of terms have left open so far: the order of the days in them.
    `found`: whether there are any."""

    days: DateColumn
    found: bool = False
    seen: set[str] = field(default_factory=set)

    def read(self, text: str) -> None:
        """Takes one cell."""
        if text in self.seen:
            return
        if len(self.seen) >= _REMEMBERED:
            self.seen.clear()
        self.seen.add(text)
        for part in halves(text) or ():
            if readings(part):
                self.found = True
                self.days.read(part)


def spread(values: dict[str, Any]) -> None:
    """Puts what a period says where it belongs: the days, how long, that there is no end. Raises
    FieldError where the row says another day elsewhere."""
    for column in ("term", "ends_on"):
        period = values.get(column)
        if not isinstance(period, Period):
            continue
        del values[column]
        if period.endless:
            values["evergreen"] = True
        if period.term is not None:
            values["term"] = period.term
        for name, day in (("starts_on", period.starts_on), ("ends_on", period.ends_on)):
            other = values.get(name)
            if day is not None and isinstance(other, date) and other != day:
                raise FieldError("period_differs", column, day=day_shown(other))
            if day is not None:
                values[name] = day

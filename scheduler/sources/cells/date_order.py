"""The order in which a column writes its dates, found only where the column as a whole can be read
in one way.

Always holds: 03/04/2026 is never guessed at: another column of the file settles it, or a person. A
column whose every value is the same day in both readings needs no order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations

from scheduler.core.imports.texts import RecordProblem
from scheduler.core.imports.written_days import DateOrder, OrderElsewhere, readings

_REMEMBERED = 20_000


@dataclass(slots=True)
class DateColumn:
    """What the values of one column have left open so far. `seen` spares reading the same text
    twice; it is emptied before it grows large."""

    column: str
    fills: str
    orders: set[DateOrder] = field(default_factory=lambda: set(DateOrder))
    excluded_by: dict[DateOrder, str] = field(default_factory=dict)
    differ: dict[tuple[DateOrder, DateOrder], tuple[str, date, date]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    unordered: bool = True

    def read(self, text: str) -> None:
        """Takes one cell. What is no date in any order says nothing about the order."""
        if text in self.seen or (len(text) == 10 and text[4] == "-" and text[7] == "-"):
            return
        if len(self.seen) >= _REMEMBERED:
            self.seen.clear()
        self.seen.add(text)
        found = readings(text)
        if found:
            self._narrow(text, found)

    def _narrow(self, text: str, found: Mapping[DateOrder, date]) -> None:
        """Takes out the orders in which `text` is no date, and keeps an example of each
        difference."""
        self.unordered = (
            self.unordered and len(set(found.values())) == 1 and len(found) == len(DateOrder)
        )
        for order in DateOrder:
            if order not in found:
                self.excluded_by.setdefault(order, text)
                self.orders.discard(order)
        for a, b in combinations(found, 2):
            if found[a] != found[b]:
                self.differ.setdefault((a, b), (text, found[a], found[b]))

    @property
    def settled(self) -> DateOrder | None:
        """The order that its own values leave, if they leave only one."""
        return next(iter(self.orders)) if len(self.orders) == 1 else None

    def order(self, file: str) -> DateOrder | RecordProblem | None:
        """The one order left, None where none is needed, or what to ask the user."""
        if self.unordered:
            return None
        if not self.orders:
            examples = list(dict.fromkeys(self.excluded_by.values()))
            return RecordProblem.of(
                "mixed_dates", file=file, column=self.column, first=examples[0], second=examples[-1]
            )
        for a, b in combinations(DateOrder, 2):
            if self.orders >= {a, b} and (a, b) in self.differ:
                text, first, second = self.differ[a, b]
                told = {
                    "column": self.column,
                    "example": text,
                    "first": first,
                    "second": second,
                    "field": self.fills,
                    "write": a,
                    "other": b,
                }
                return RecordProblem.of("ambiguous_dates", file=file, **told)
        return next(order for order in DateOrder if order in self.orders)


def orders(
    columns: Sequence[DateColumn], file: str
) -> tuple[dict[str, DateOrder | RecordProblem | None], list[OrderElsewhere]]:
    """The order of each column by the field it fills, or what to ask; and the columns of which
    another one said it. Where all columns that leave one order leave the same, a file has that
    one, and a column that allows it is not asked about."""
    found = {column.fills: column.order(file) for column in columns}
    settled = {column.settled: column.column for column in columns if column.settled}
    if len(settled) != 1:
        return found, []
    ((order, by),) = settled.items()
    elsewhere = [
        column
        for column in columns
        if isinstance(found[column.fills], RecordProblem) and order in column.orders
    ]
    found |= {column.fills: order for column in elsewhere}
    return found, [OrderElsewhere(c.column, c.fills, order, by) for c in elsewhere]

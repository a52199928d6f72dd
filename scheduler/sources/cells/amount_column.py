"""The decimal sign of one column of amounts, found only where the column as a whole can be read in
one way.

Always holds: 12.500 is never taken for twelve and a half because nothing says otherwise. A comma
before three digits groups thousands where the currency has no three decimals and no other amount of
the column says that it is the decimal sign, as everywhere else here
(`scheduler.core.imports.typed`).
"""

import re
from dataclasses import dataclass, field

from scheduler.core.deal.contracts import Money, minor_digits
from scheduler.core.imports.texts import FieldError, RecordProblem
from scheduler.core.imports.written_amounts import (
    AmountError,
    DecimalMark,
    readings,
    tax_said,
)
from scheduler.core.imports.written_days import narrow
from scheduler.sources.cells.cell_readers import NOTHING

_REMEMBERED = 20_000
_PLAIN = re.compile(r"\d{1,12}\.\d\d?")
_POINT = {DecimalMark.POINT}
_KINDS_OF_TAX = 3
_BARE = re.compile(r"[\d.,' ]+")
_NOTHING = re.compile(r"[\s¥\\$€£円]*[-–—−ー]+[\s¥\\$€£円]*")


def is_nothing(text: str) -> bool:
    """Whether a cell stands for "no amount": a dash, alone or beside a sign, as sheets show it.

    >>> is_nothing(" - "), is_nothing("¥-"), is_nothing("-5")
    (True, True, False)
    """
    return len(text) < 12 and (text in NOTHING or _NOTHING.fullmatch(narrow(text)) is not None)


@dataclass(slots=True)
class AmountColumn:
    """What the amounts of one column have left open so far. `seen` spares reading the same text
    twice; it is emptied before it grows large."""

    column: str
    default: str
    multiple: int = 1
    marks: set[DecimalMark] = field(default_factory=lambda: set(DecimalMark))
    settled_by: dict[DecimalMark, str] = field(default_factory=dict)
    differ: dict[str, dict[DecimalMark, Money]] = field(default_factory=dict)
    seen: set[tuple[str, str]] = field(default_factory=set)

    def read(self, text: str, currency: str) -> None:
        """Takes one cell with its row's currency. What is no amount says nothing about the sign."""
        if (
            text.isdecimal()
            or (text, currency) in self.seen
            or (_PLAIN.fullmatch(text) and self.marks == _POINT)
        ):
            return
        if len(self.seen) >= _REMEMBERED:
            self.seen.clear()
        self.seen.add((text, currency))
        try:
            found = readings(text, currency, self.default, self.multiple)
        except AmountError:
            return
        if len(found) == 1:
            (mark,) = found
            self.marks &= {mark}
            self.settled_by.setdefault(mark, text)
        elif (
            found[DecimalMark.POINT] != found[DecimalMark.COMMA] and len(self.differ) < _REMEMBERED
        ):
            self.differ.setdefault(text, dict(found))

    def mark(self, file: str) -> DecimalMark | RecordProblem:
        """The decimal sign, or what to ask the user."""
        if not self.marks:
            point, comma = self.settled_by[DecimalMark.POINT], self.settled_by[DecimalMark.COMMA]
            return RecordProblem.of(
                "mixed_amounts", file=file, column=self.column, first=point, second=comma
            )
        if len(self.marks) == 1:
            return next(iter(self.marks))
        asked = next((text for text, found in self.differ.items() if _must_ask(text, found)), None)
        if asked is None:
            return DecimalMark.POINT
        point, comma = (_shown(self.differ[asked][mark]) for mark in DecimalMark)
        return RecordProblem.of(
            "ambiguous_amounts",
            file=file,
            column=self.column,
            example=asked,
            point=point,
            comma=comma,
        )


@dataclass(slots=True)
class TaxMarks:
    """What the amounts of a file say about tax, by a cell itself or by its column's name: the first
    column and cell of each kind."""

    found: dict[str, tuple[str, str]] = field(default_factory=dict)

    def read(self, column: str, text: str) -> None:
        """Takes one cell. What is no amount, or none to speak of, says nothing."""
        if len(self.found) < _KINDS_OF_TAX and any(map(str.isdigit, text.replace("0", ""))):
            bare = _BARE.fullmatch(text)
            kind = ("" if bare else tax_said(text)) or tax_said(column)
            self.found.setdefault(kind, (column, text))

    @property
    def mixed(self) -> tuple[str, str, str] | None:
        """A column and two of its cells that do not say the same about tax; None where all do."""
        first, *others = self.found.values() or [("", "")]
        return (others[0][0], first[1], others[0][1]) if others else None


def _must_ask(text: str, found: dict[DecimalMark, Money]) -> bool:
    """Whether an amount with two readings has no reading that is usual here."""
    return "," not in narrow(text) or minor_digits(found[DecimalMark.POINT].currency) > 2


def _shown(money: Money) -> str:
    """An amount without any doubt."""
    digits = minor_digits(money.currency)
    text = str(money.minor or 0).rjust(digits + 1, "0")
    return (
        f"{text[: len(text) - digits]}{'.' if digits else ''}{text[len(text) - digits :]} "
        f"{money.currency}"
    )


def read_amount(
    text: str, currency: str, mark: DecimalMark | None, multiple: int, default: str
) -> tuple[int | None, str]:
    """The amount of one cell in minor units, None where it stands for nothing, and its currency.
    Raises FieldError.

    >>> read_amount("1.234,50", "EUR", DecimalMark.COMMA, 1, "JPY")
    (123450, 'EUR')
    >>> read_amount("¥-", "", None, 1, "JPY")
    (None, 'JPY')
    """
    if text.isdecimal() and text.isascii() and len(text) < 13:
        code = currency or default
        return int(text) * multiple * 10 ** minor_digits(code), code
    if (
        mark is DecimalMark.POINT
        and multiple == 1
        and _PLAIN.fullmatch(text)
        and minor_digits(currency or default) == 2
    ):
        whole, _, fraction = text.partition(".")
        return int(whole + fraction.ljust(2, "0")), currency or default
    if is_nothing(text):
        return None, currency or default
    try:
        found = readings(text, currency, default, multiple)
    except AmountError as error:
        raise FieldError(error.code, "amount", **error.facts) from None
    money = found.get(mark or DecimalMark.POINT)
    if money is None:
        raise FieldError("money_separators", "amount")
    return money.minor, money.currency

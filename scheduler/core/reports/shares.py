"""Rates as fractions, rounded only when they are shown: half up."""

from decimal import Decimal
from fractions import Fraction


def percent(rate: Fraction | None) -> str:
    """A rate in percent with one decimal; empty where there is none.

    >>> percent(Fraction(1, 3)), percent(Fraction(1)), percent(None)
    ('33.3%', '100.0%', '')
    """
    if rate is None:
        return ""
    tenths = _half_up(rate * 1000)
    return f"{tenths // 10}.{tenths % 10}%"


def decimal(rate: Fraction | None) -> Decimal | None:
    """A rate for machines, with four decimals.

    >>> decimal(Fraction(2, 3)), decimal(None)
    (Decimal('0.6667'), None)
    """
    return None if rate is None else Decimal(_half_up(rate * 10_000)).scaleb(-4)


def _half_up(number: Fraction) -> int:
    """A number that is not negative, as a whole one."""
    return (2 * number.numerator + number.denominator) // (2 * number.denominator)

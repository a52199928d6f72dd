"""What stands along the axes of charts: large numbers as short as people say them, and months.

Always holds: rounded for the eye only; tables and files have the exact numbers.
"""

import re
from datetime import date
from functools import cache

from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language

_NAMES = Label("12T 9B 6M 3k", context="powers of ten and what they are called on a chart")


def short_amount(value: float, language: Language) -> str:
    """An amount in whole units, with at most three figures that say something.

    >>> [short_amount(v, Language.EN) for v in (0, 950, 12_340, 3_600_000, -1_500_000)]
    ['0', '950', '12.3k', '3.6M', '-1.5M']
    >>> [short_amount(v, Language.JA) for v in (0, 9_500, 12_340_000, 360_000_000)]
    ['0', '9,500', '1,234万', '3.6億']
    """
    sign, size = ("-" if value < 0 else ""), abs(value)
    for step, name in _steps(language):
        if size >= step:
            return f"{sign}{_figures(size / step)}{name}"
    return f"{sign}{_figures(size)}"


@cache
def _steps(language: Language) -> tuple[tuple[int, str], ...]:
    """The powers of ten that have a name in this language, the greatest first."""
    named = re.findall(r"(\d+)(\S+)", _NAMES.of(language))
    return tuple((10 ** int(power), name) for power, name in named)


def _figures(value: float) -> str:
    """One decimal below a hundred, where it says something.

    >>> _figures(12.0), _figures(12.34), _figures(1234.5)
    ('12', '12.3', '1,234')
    """
    shown = f"{value:,.1f}" if value < 100 else f"{value:,.0f}"
    return shown.removesuffix(".0")


def short_number(value: float, language: Language) -> str:
    """A count: in full up to five figures.

    >>> short_number(12_345, Language.EN), short_number(1_200_000, Language.EN)
    ('12,345', '1.2M')
    """
    return f"{value:,.0f}" if abs(value) < 100_000 else short_amount(value, language)


def months_between(first: date, last: date) -> list[date]:
    """The first days of the months from that of `first` to that of `last`.

    >>> [f"{d:%Y-%m}" for d in months_between(date(2026, 12, 5), date(2027, 2, 1))]
    ['2026-12', '2027-01', '2027-02']
    """
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]

"""The filters templates may use for days, money and numbers; each bound to one language.

{{ n.ends_on | day }}               2027/3/31(水)      Wed 31 Mar 2027
{{ n.decide_by | near(n.today) }}   1/31(日) Sun 31 Jan (with its year where it is far away)
{{ n.deadline_on | short(n.today) }} 1/29              29 Jan
{{ n.amount | money(n.currency) }}  ¥3,600,000         $1,234.50
{{ n.days_left | left }}            あと93日           in 93 days
{{ 0.38 | percent }}                38%                38%
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.formats import long_day, money, near_day, short_day
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language


def days_left(days: int, language: Language) -> str:
    """How far away a day is.

    >>> (days_left(93, Language.JA), days_left(0, Language.JA), days_left(-1, Language.EN),
    ...  days_left(1, Language.EN))
    ('あと93日', '本日', '1 day ago', 'tomorrow')
    """
    if days == 0:
        return Label("today").of(language)
    if days == 1:
        return Label("tomorrow").of(language)
    if days > 0:
        return Label("in {days} days", days=days).of(language)
    return Label("{count} day ago", many="{count} days ago", count=-days).of(language)


@cache
def filters(language: Language) -> Mapping[str, Callable[..., Any]]:
    """The filters of one language, by name. They are the same objects at each call, so that
    compiled templates can be used again."""
    return {
        "day": lambda value: long_day(_day(value), language),
        "near": lambda value, today: near_day(_day(value), _day(today), language),
        "short": lambda value, today: short_day(_day(value), _day(today), language),
        "money": lambda value, currency: money(
            Money(None if value is None else int(value), str(currency))
        ),
        "left": lambda value: days_left(int(value), language),
        "percent": lambda value: f"{float(value):.0%}",
        "sama": _sama,
    }


def _day(value: Any) -> date:
    """A fact's day."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def _sama(name: str) -> str:
    """A customer's name with its title, unless it has one.

    >>> _sama("青葉商事"), _sama("青葉商事様")
    ('青葉商事様', '青葉商事様')
    """
    return name if name.endswith(("様", "御中")) else name + "様"

"""The chart of the page for the weekly meeting: what is due by month and health."""

from collections.abc import Callable, Sequence
from datetime import date

from scheduler.core.deal.contracts import Money, whole_units
from scheduler.core.deal.formats import month_words
from scheduler.core.reports.meeting import DueLine
from scheduler.core.reports.pictures import TONES, Bars, Chart, Series
from scheduler.core.reports.scales import months_between
from scheduler.core.words.labels import ByLanguage, Label
from scheduler.core.words.lexicon import Health

_DRAWN = 3
"""Currencies that have a panel of their own."""


def due_chart(due: Sequence[DueLine], first: date, last: date) -> Chart:
    """Contracts by the month in which they are due and by health, and the same in money, with a
    panel for each of the currencies that occur most; `first` and `last` are days of the first and
    the last month."""
    months: list[date | None] = [*months_between(first, last)] if due else []
    if any(line.month not in months for line in due):
        months.insert(0, None)  # what ended before and is still open
    currencies = _most_used(due)
    panels = [_panel(Label("Contracts", context="count"), due, months, lambda line: line.contracts)]
    panels += [_money(currency, due, months) for currency in currencies[:_DRAWN]]
    rest = currencies[_DRAWN:]
    note = Label("Not drawn: {currencies}", currencies=", ".join(rest)) if rest else ""
    return Chart(Label("Renewals due, by month and health"), tuple(panels), note)


def _most_used(due: Sequence[DueLine]) -> list[str]:
    """The currencies with a known amount, those of the most contracts first."""
    counts: dict[str, int] = {}
    for line in due:
        if line.contracts > line.without:
            counts[line.currency] = counts.get(line.currency, 0) + line.contracts
    return sorted(counts, key=lambda currency: (-counts[currency], currency))


def _money(currency: str, due: Sequence[DueLine], months: Sequence[date | None]) -> Bars:
    """The panel of one currency."""
    mine = [line for line in due if line.currency == currency]
    return _panel(
        Label.verbatim(currency),
        mine,
        months,
        lambda line: float(whole_units(Money(line.minor, currency)) or 0),
        money=True,
    )


def _panel(
    unit: Label,
    due: Sequence[DueLine],
    months: Sequence[date | None],
    of: Callable[[DueLine], float],
    *,
    money: bool = False,
) -> Bars:
    """Stacked bars, a series for each health that occurs anywhere."""
    sums: dict[tuple[Health, date | None], float] = {}
    for line in due:
        at = line.health, line.month if line.month in months else None
        sums[at] = sums.get(at, 0.0) + of(line)
    series = tuple(
        Series(health.label.as_title, tone, tuple(sums.get((health, m), 0.0) for m in months))
        for health, tone in TONES.items()
        if any(line.health is health for line in due)
    )
    places = tuple(ByLanguage(month_words, m) if m else Label("earlier") for m in months)
    return Bars(unit, places, series, money=money)

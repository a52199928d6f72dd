"""The chart of the forecast: the amount due by month, stacked by what became or may become of it,
and below it what is expected; two panels for each currency."""

from collections.abc import Sequence
from datetime import date

from scheduler.core.deal.contracts import Money, whole_units
from scheduler.core.deal.formats import month_words
from scheduler.core.reports.forecast import (
    LIKELIHOODS,
    OVERDUE,
    ForecastMonth,
    ForecastPlace,
    Likelihood,
)
from scheduler.core.reports.pictures import Bars, Chart, Panel, Series, Tone, Words
from scheduler.core.reports.scales import months_between
from scheduler.core.words.labels import ByLanguage, Label

_TONES = {
    Likelihood.COMMIT: Tone.GOOD,
    Likelihood.LIKELY: Tone.CAUTION,
    Likelihood.AT_RISK: Tone.BAD,
    Likelihood.NOT_ASSESSED: Tone.UNKNOWN,
}
"""How each likelihood looks; the order is that of the stack, the best at the bottom."""


def forecast_chart(months: Sequence[ForecastMonth]) -> Chart:
    """The months of a forecast, the same for each currency and none left out between the first and
    the last. Contracts without a known amount are in no bar."""
    currencies = sorted({month.place.currency for month in months})
    days = _days(months)
    panels = (
        panel
        for currency in currencies
        for panel in _panels(currency, _every(currency, days, months))
    )
    return Chart(Label("Forecast by the month due"), tuple(panels))


def _days(months: Sequence[ForecastMonth]) -> list[date]:
    """The months to draw, what is overdue first."""
    found = {month.place.month for month in months}
    ahead = found - {OVERDUE}
    between = months_between(min(ahead), max(ahead)) if ahead else []
    return [*([OVERDUE] if OVERDUE in found else []), *between]


def _every(
    currency: str, days: Sequence[date], months: Sequence[ForecastMonth]
) -> list[ForecastMonth]:
    """The months of one currency; those without contracts are empty."""
    of = {month.place: month for month in months}
    places = [ForecastPlace(currency, day) for day in days]
    return [of.get(place, ForecastMonth(place)) for place in places]


def _panels(currency: str, months: Sequence[ForecastMonth]) -> tuple[Panel, Panel]:
    """One currency: what the amount due is made of, and what of it is expected."""
    places = tuple(_place(month) for month in months)

    def series(name: Words, tone: Tone, minor: Sequence[int]) -> Series:
        return Series(name, tone, tuple(_whole(amount, currency) for amount in minor))

    stack = (
        series(Label("Renewed already"), Tone.FIRST, [m.renewed for m in months]),
        *(
            series(LIKELIHOODS[likelihood], tone, [m.open[likelihood] for m in months])
            for likelihood, tone in _TONES.items()
        ),
        series(Label("Lost already"), Tone.FOURTH, [m.lost for m in months]),
    )
    weighed = (series(Label("Expected"), Tone.THIRD, [m.expected for m in months]),)
    shown = tuple(one for one in stack if any(one.values))
    return (
        Bars(Label.verbatim(currency), places, shown, money=True),
        Bars(
            Label("{currency}: expected", currency=currency),
            places,
            weighed,
            stacked=False,
            money=True,
        ),
    )


def _place(month: ForecastMonth) -> Words:
    """A month, or what ended before the period."""
    day = month.place.month
    return Label("Overdue") if day == OVERDUE else ByLanguage(month_words, day)


def _whole(minor: int, currency: str) -> float:
    """An amount in whole units."""
    return float(whole_units(Money(minor, currency)) or 0)

"""What a digest says of the forecast: by currency, what is safe and what is not, now and a week
before; and the small chart of it.

Always holds: pure; money in minor units; the parts are those of the forecast report.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from scheduler.core.deal.contracts import Money, whole_units
from scheduler.core.reports.forecast import LIKELIHOODS, ForecastMonth, Likelihood
from scheduler.core.reports.pictures import Bars, Chart, Series, Tone
from scheduler.core.words.labels import Label

_CELLS = 24
_SIGNS = {Likelihood.COMMIT: "█", Likelihood.LIKELY: "▓"} | {
    Likelihood.AT_RISK: "▒",
    Likelihood.NOT_ASSESSED: "░",
}
_TONES = {
    Likelihood.COMMIT: Tone.GOOD,
    Likelihood.LIKELY: Tone.CAUTION,
    Likelihood.AT_RISK: Tone.BAD,
    Likelihood.NOT_ASSESSED: Tone.UNKNOWN,
}


def forecast_facts(
    now: Iterable[ForecastMonth], before: Iterable[ForecastMonth], until: date
) -> dict[str, Any] | None:
    """The facts; None where nothing is open, now or then. The currency with the largest amount
    comes first."""
    sums, were = _sums(now), _sums(before)
    lines = [_line(code, sums.get(code, {}), were.get(code, {})) for code in sorted({*sums, *were})]
    lines = sorted((line for line in lines if line["most"]), key=lambda line: -line["most"])
    return {"until": until.isoformat(), "lines": lines} if lines else None


def _sums(months: Iterable[ForecastMonth]) -> dict[str, dict[Likelihood, int]]:
    """What is open, by currency."""
    found: dict[str, dict[Likelihood, int]] = {}
    for month in months:
        own = found.setdefault(month.place.currency, dict.fromkeys(Likelihood, 0))
        for likelihood, due in month.open.items():
            own[likelihood] += due
    return found


def _line(
    currency: str, now: Mapping[Likelihood, int], before: Mapping[Likelihood, int]
) -> dict[str, Any]:
    """One currency. `bar` and `bar_before` are the parts as signs; shares are of the larger of the
    two sums, in hundredths."""
    most = max(sum(now.values()), sum(before.values()))
    change = now.get(Likelihood.COMMIT, 0) - before.get(Likelihood.COMMIT, 0)
    return {
        "currency": currency,
        "most": most,
        **{likelihood.value: now.get(likelihood, 0) for likelihood in Likelihood},
        "before": {likelihood.value: before.get(likelihood, 0) for likelihood in Likelihood},
        "sign": "+" if change > 0 else "−",
        "change": abs(change),
        "bar": _bar(now, most),
        "bar_before": _bar(before, most),
        "shares": _shares(now, most),
        "shares_before": _shares(before, most),
    }


def _bar(parts: Mapping[Likelihood, int], most: int) -> str:
    """A bar of signs.

    >>> _bar({Likelihood.COMMIT: 30, Likelihood.AT_RISK: 10}, 48)
    '███████████████▒▒▒▒▒'
    """
    return (
        "".join(
            sign * round(parts.get(likelihood, 0) * _CELLS / most)
            for likelihood, sign in _SIGNS.items()
        )
        if most
        else ""
    )


def _shares(parts: Mapping[Likelihood, int], most: int) -> dict[str, int]:
    """How much each part is of the longest bar, in hundredths."""
    return {
        likelihood.value: parts.get(likelihood, 0) * 100 // most if most else 0
        for likelihood in Likelihood
    }


def forecast_picture(facts: Mapping[str, Any]) -> Chart:
    """The small chart: a week ago and now, a panel for each currency."""
    return Chart(Label("Forecast, a week ago and now"), tuple(map(_panel, facts["lines"])))


def _panel(line: Mapping[str, Any]) -> Bars:
    """One currency."""
    currency = line["currency"]
    series = tuple(
        Series(LIKELIHOODS[likelihood], tone, _whole((line["before"], line), likelihood, currency))
        for likelihood, tone in _TONES.items()
    )
    places = (Label("A week ago", context="forecast"), Label("Now", context="forecast"))
    shown = tuple(one for one in series if any(one.values))
    return Bars(Label.verbatim(currency), places, shown, across=True, money=True)


def _whole(
    sides: Sequence[Mapping[str, Any]], likelihood: Likelihood, currency: str
) -> tuple[float, ...]:
    """One part on both days, in whole units."""
    return tuple(float(whole_units(Money(side[likelihood.value], currency)) or 0) for side in sides)

"""What files and JSON hold of the forecast."""

from typing import TYPE_CHECKING, Any

from scheduler.cli.reports.forecast_words import standing_word
from scheduler.cli.reports.frame import Figure
from scheduler.cli.reports.words import major_of
from scheduler.cli.terminal.say import label, text
from scheduler.cli.terminal.spreadsheets import Value
from scheduler.cli.terminal.words import health_word
from scheduler.core.reports.forecast import (
    LIKELIHOODS,
    OVERDUE,
    Forecast,
    ForecastChange,
    ForecastLine,
    ForecastMonth,
    ForecastPlace,
    Likelihood,
    RenewalStatus,
)
from scheduler.core.reports.forecast_words import BY_ID
from scheduler.core.reports.shares import decimal

if TYPE_CHECKING:
    from scheduler.core.policy.policy import Policy


def line_figures(policy: "Policy") -> list[Figure[ForecastLine]]:
    """Open renewals by month, health and forecast."""
    return [
        Figure(
            BY_ID["month"],
            lambda line: _month(line.place),
            lambda line: text("Overdue") if line.place.month == OVERDUE else _month(line.place),
        ),
        Figure(BY_ID["currency"], lambda line: line.place.currency),
        Figure(
            BY_ID["likelihood"],
            lambda line: line.signs.likelihood.value,
            lambda line: label(LIKELIHOODS[line.signs.likelihood]),
        ),
        Figure(
            BY_ID["health"],
            lambda line: line.signs.health.value,
            lambda line: health_word(line.signs.health.value, policy),
        ),
        Figure(
            BY_ID["call"],
            lambda line: line.signs.call.value if line.signs.call else None,
            lambda line: label(line.signs.call.label) if line.signs.call else None,
        ),
        Figure(
            BY_ID["notice"],
            lambda line: int(line.signs.notice),
            lambda line: text("yes") if line.signs.notice else text("no"),
        ),
        Figure(BY_ID["contracts"], lambda line: line.contracts),
        Figure(BY_ID["due"], lambda line: major_of(line.due, line.place.currency)),
        Figure(BY_ID["unknown"], lambda line: line.unknown),
        Figure(BY_ID["weight"], lambda line: decimal(line.weight.share)),
        Figure(
            BY_ID["weighed_by"],
            _weighed_by,
            lambda line: text("own history") if line.weight.by_history else text("configuration"),
        ),
        Figure(BY_ID["expected"], lambda line: major_of(line.expected, line.place.currency)),
    ]


def change_figures() -> list[Figure[ForecastChange]]:
    """The columns of a list of changes, by contract."""
    return [
        Figure(BY_ID["contract"], lambda c: c.contract),
        Figure(BY_ID["customer"], lambda c: c.customer),
        Figure(BY_ID["currency"], lambda c: c.currency),
        Figure(
            BY_ID["before"],
            lambda c: _state(c.before),
            lambda c: standing_word(c.before) if c.before else None,
        ),
        Figure(
            BY_ID["after"],
            lambda c: _state(c.after),
            lambda c: standing_word(c.after) if c.after else None,
        ),
        Figure(BY_ID["due_before"], lambda c: _due(c.before, c.currency)),
        Figure(BY_ID["due_after"], lambda c: _due(c.after, c.currency)),
        Figure(BY_ID["ends_before"], lambda c: c.before.ends_on if c.before else None),
        Figure(BY_ID["ends_after"], lambda c: c.after.ends_on if c.after else None),
    ]


def plain(found: Forecast) -> dict[str, Any]:
    """The report in JSON: money in minor units, weights with four decimals."""
    return {
        "changes_since": found.since,
        "least": found.least,
        "months": [_month_plain(month) for month in found.months],
        "lines": [_line_plain(line) for line in found.lines],
        "changes": [_change_plain(change) for change in found.changes],
    }


def _month(place: ForecastPlace) -> str:
    """A month for machines."""
    return "overdue" if place.month == OVERDUE else f"{place.month:%Y-%m}"


def _weighed_by(line: ForecastLine) -> str:
    """What a weight is computed from, for machines."""
    return "history" if line.weight.by_history else "configuration"


def _state(standing: RenewalStatus | None) -> str | None:
    """How likely it is, or how it ended, for machines."""
    if standing is None:
        return None
    return standing.likelihood.value if standing.likelihood else standing.outcome.value


def _due(standing: RenewalStatus | None, currency: str) -> Value:
    """An amount in whole units."""
    if standing is None or standing.due is None:
        return None
    return major_of(standing.due, currency)


def _place(place: ForecastPlace) -> dict[str, Any]:
    return {"month": _month(place), "currency": place.currency}


def _month_plain(month: ForecastMonth) -> dict[str, Any]:
    """One month, for machines."""
    names = ("contracts", "unknown", "due", "renewed", "lost", "expected")
    numbers = {name: getattr(month, name) for name in names}
    return _place(month.place) | numbers | {k.value: month.open[k] for k in Likelihood}


def _line_plain(line: ForecastLine) -> dict[str, Any]:
    """One line, for machines."""
    return _place(line.place) | {
        "likelihood": line.signs.likelihood,
        "health": line.signs.health,
        "call": line.signs.call,
        "notice": line.signs.notice,
        "contracts": line.contracts,
        "due": line.due,
        "unknown": line.unknown,
        "weight": decimal(line.weight.share),
        "weighed_by": _weighed_by(line),
        "closed_renewed": line.weight.renewed,
        "closed": line.weight.decided,
        "expected": line.expected,
    }


def _change_plain(change: ForecastChange) -> dict[str, Any]:
    """One contract's change, for machines."""

    def side(standing: RenewalStatus | None) -> dict[str, Any] | None:
        if standing is None:
            return None
        return {"state": _state(standing), "due": standing.due, "ends_on": standing.ends_on}

    return {
        "contract": change.contract,
        "customer": change.customer,
        "currency": change.currency,
        "before": side(change.before),
        "after": side(change.after),
    }

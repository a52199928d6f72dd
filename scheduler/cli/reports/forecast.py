"""`renewals report forecast`: what renews in the months ahead, how much of it is safe, and what
changed within a week."""

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.reports.forecast_files import change_figures, line_figures, plain
from scheduler.cli.reports.forecast_words import month_name, standing_word
from scheduler.cli.reports.frame import Sheetful, hand_over, requested
from scheduler.cli.reports.words import minor_word
from scheduler.cli.terminal.say import label, language, put, say, strong, table, tell, text
from scheduler.cli.terminal.tables import Column
from scheduler.cli.terminal.words import health_word
from scheduler.core.deal.formats import long_day
from scheduler.core.reports.asked import months_of
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
    Weight,
    best_first,
)
from scheduler.core.reports.forecast_chart import forecast_chart
from scheduler.core.reports.forecast_words import BY_ID, CHANGES, LINES, MONTHS, NOTES
from scheduler.core.reports.shares import percent
from scheduler.services.reports.forecast import forecast_report

if TYPE_CHECKING:
    from scheduler.core.policy.policy import Policy

_AFTER = 5
"""How many months after the present one are shown where nobody says."""
_LISTED = 20


def forecast(
    here: CommandContext,
    *,
    changes: Annotated[
        bool,
        typer.Option(
            "--changes", help=text("write to files what changed within a week, by contract")
        ),
    ] = False,
) -> None:
    """What renews in the months ahead, how much of it is safe, and what changed within a week."""
    with here.open() as app:
        policy = app.policy
        request = requested(here, app, lambda day: months_of(day, 0, _AFTER))
        found = forecast_report(app.renewals, policy, request.scope, request.known, app.clock.now())
    figures: Sequence[Any] = change_figures() if changes else line_figures(policy)
    rows: Sequence[Any] = found.changes if changes else found.lines
    definitions = (*MONTHS, *LINES, *CHANGES)
    sheet = Sheetful(
        text("Forecast", context="title"),
        figures,
        rows,
        plain(found),
        lambda: _show(found, policy),
        definitions,
        NOTES,
        chart=lambda: forecast_chart(found.months),
    )
    hand_over(here, sheet, request)


def _show(found: Forecast, policy: "Policy") -> None:
    """Shows what people read: the months of each currency, what weighs them, what changed."""
    if not found.months:
        say("No contract of this period matches.")
    for number, currency in enumerate(sorted({m.place.currency for m in found.months})):
        if number:
            say()
        _show_months([m for m in found.months if m.place.currency == currency], currency)
    if found.lines:
        say()
        _show_weights(found, policy)
    if found.months or found.changes:
        say()
        _show_changes(found)


_SHOWN = ("contracts", "due", "renewed", "lost", *Likelihood, "expected", "unknown")
_NUMBERS = frozenset(("contracts", "unknown"))


def _show_months(months: Sequence[ForecastMonth], currency: str) -> None:
    """Shows one currency by month, with its totals."""
    whole = _together(months, currency)
    put(strong(text("{currency}: what renews, by month", currency=currency)))
    say(
        "Due {due}: already renewed {renewed}, commit {commit}; expected {expected} ({share}).",
        due=minor_word(whole.due, currency),
        renewed=minor_word(whole.renewed, currency),
        commit=minor_word(whole.open[Likelihood.COMMIT], currency),
        expected=minor_word(whole.expected, currency),
        share=_share(whole),
    )
    columns: list[Column | str] = [
        label(BY_ID["month"].name),
        *(Column(label(BY_ID[id_].name), right=True) for id_ in _SHOWN),
    ]
    rows = [_month_row(month_name(m.place.month), m, currency) for m in months]
    rows += [_month_row(text("Total"), whole, currency)] if len(rows) > 1 else []
    table(columns, rows)


def _share(month: ForecastMonth) -> str:
    """How much of what is due is expected."""
    return percent(Fraction(month.expected, month.due)) if month.due else "—"


def _month_row(name: str, month: ForecastMonth, currency: str) -> list[str]:
    """The row of one month; a zero is left empty."""

    def cell(id_: str) -> str:
        number: int = month.open[Likelihood(id_)] if id_ in LIKELIHOODS else getattr(month, id_)
        if not number and id_ != "due":
            return ""
        return f"{number:,}" if id_ in _NUMBERS else minor_word(number, currency)

    return [name, *map(cell, _SHOWN)]


def _together(months: Sequence[ForecastMonth], currency: str) -> ForecastMonth:
    """All months of one currency."""
    whole = ForecastMonth(ForecastPlace(currency, OVERDUE))
    for month in months:
        whole.contracts += month.contracts
        whole.unknown += month.unknown
        whole.due += month.due
        whole.renewed += month.renewed
        whole.lost += month.lost
        whole.open += month.open
        whole.expected += month.expected
    return whole


def _show_weights(found: Forecast, policy: "Policy") -> None:
    """By what open renewals are weighed: own history or the configuration."""
    put(strong(text("How open contracts are weighted")))
    columns: tuple[Column | str, ...] = (
        label(BY_ID["likelihood"].name),
        label(BY_ID["health"].name),
        label(BY_ID["call"].name),
        Column(label(BY_ID["contracts"].name), right=True),
        Column(label(BY_ID["weight"].name), right=True),
        Column(label(BY_ID["weighed_by"].name), wraps=True),
    )
    alike: dict[Any, list[ForecastLine]] = {}
    for line in found.lines:
        alike.setdefault(line.signs, []).append(line)
    rows = [
        (
            label(LIKELIHOODS[signs.likelihood]),
            text("notice received") if signs.notice else health_word(signs.health, policy),
            label(signs.call.label) if signs.call else "",
            sum(line.contracts for line in lines),
            percent(lines[0].weight.share),
            weighed_word(lines[0].weight, found.least),
        )
        for signs, lines in sorted(alike.items(), key=lambda a: best_first(a[0]))
    ]
    table(columns, rows)


def weighed_word(weight: Weight, least: int) -> str:
    """What a weight is computed from."""
    if weight.by_history:
        return text(
            "own history: {renewed} of {decided} closed contracts were renewed",
            renewed=weight.renewed,
            decided=weight.decided,
        )
    return text(
        "configuration: {decided} closed so far, own history counts from {least} on",
        decided=weight.decided,
        least=least,
    )


def _show_changes(found: Forecast) -> None:
    """Shows what changed, the largest of each currency first."""
    day = long_day(found.since, language())
    if not found.changes:
        say("Nothing has changed since {day}.", day=day)
        return
    count = len(found.changes)
    put(
        strong(
            text(
                "{count} contract has changed since {day}",
                many="{count} contracts have changed since {day}",
                count=count,
                day=day,
            )
        )
    )
    columns: tuple[Column | str, ...] = (
        Column(label(BY_ID["contract"].name), least=8),
        Column(label(BY_ID["customer"].name), least=12),
        Column(label(BY_ID["before"].name), wraps=True),
        Column(label(BY_ID["after"].name), wraps=True),
    )
    table(columns, [_change_row(change) for change in found.changes[:_LISTED]])
    if count > _LISTED:
        tell(
            "{number} more (--changes --csv FILE has all)",
            number=count - _LISTED,
        )


def _change_row(change: ForecastChange) -> tuple[str, str, str, str]:
    """The row of one contract: its state then and now, without what has not changed."""
    before, after = change.before, change.after
    return (
        change.contract,
        change.customer,
        _standing(before, after, change.currency) if before else text("(not there yet)"),
        _standing(after, before, change.currency) if after else text("(void)"),
    )


def _standing(of: RenewalStatus, other: RenewalStatus | None, currency: str) -> str:
    """Where a contract stands; its amount and its end only where the other says otherwise."""
    parts = [standing_word(of)]
    if other is None or of.due != other.due:
        parts.append("—" if of.due is None else minor_word(of.due, currency))
    if of.ends_on is not None and (other is None or of.ends_on != other.ends_on):
        parts.append(text("ends {day}", day=long_day(of.ends_on, language())))
    return text(", ").join(parts)

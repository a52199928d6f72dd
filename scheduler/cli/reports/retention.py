"""`renewals report retention`: what was kept of what was due, in money and in customers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.reports.frame import Figure, Sheetful, hand_over, requested
from scheduler.cli.reports.words import major_of, minor_word, month_word, segment_word
from scheduler.cli.terminal.say import label, put, say, strong, table, text
from scheduler.cli.terminal.spreadsheets import Value
from scheduler.cli.terminal.tables import Column
from scheduler.core.reports.asked import months_of
from scheduler.core.reports.retention import (
    Cell,
    Retention,
    RetentionLine,
    RetentionSums,
    SignedLine,
    SignedSums,
    by_month,
    by_segment,
    signed_by_month,
    total,
)
from scheduler.core.reports.retention_chart import retention_chart
from scheduler.core.reports.retention_words import BY_ID, DUE, NOTES, SIGNED
from scheduler.core.reports.shares import decimal, percent
from scheduler.services.reports.retention import retention_report

_BEFORE = 11
"""How many months before the present one are shown where nobody says."""
_MONEY = frozenset(
    "due open_year merged_year base upsell downsell churn signed_amount signed_year "
    "signed_late_year".split()
)
_RATES: dict[str, Callable[[RetentionSums], Any]] = {
    "gross": lambda s: s.gross,
    "net": lambda s: s.net,
    "logo_retention": lambda s: s.logo_rate,
}


class MonthBasis(StrEnum):
    """By which month the renewals are listed."""

    DUE = "due"
    SIGNED = "signed"


def retention(
    here: CommandContext,
    *,
    by: Annotated[
        MonthBasis | None,
        typer.Option(
            help=text("by the month in which they were due or signed (table: both; files: due)")
        ),
    ] = None,
) -> None:
    """What was kept of what was due: gross, net and customers, month by month."""
    with here.open() as app:
        request = requested(here, app, lambda day: months_of(day, _BEFORE, 0))
        found = retention_report(app.renewals, app.policy, request.scope, request.known)
    due, signed = by is not MonthBasis.SIGNED, by is not MonthBasis.DUE

    def show() -> None:
        _show(found, due=due, signed=signed)

    figures: Sequence[Figure[Any]] = _due_figures() if due else _signed_figures()
    rows: Sequence[Any] = found.due if due else found.signed
    definitions = (*(DUE if due else ()), *(SIGNED if signed else ()))
    sheet = Sheetful(
        text("Retention"),
        figures,
        rows,
        _plain(found),
        show,
        definitions,
        NOTES,
        chart=lambda: retention_chart(found.due),
    )
    hand_over(here, sheet, request)


def _due_figures() -> list[Figure[RetentionLine]]:
    """The columns by the month due."""

    def figure(id_: str) -> Figure[RetentionLine]:
        if id_ in _RATES:
            return Figure(BY_ID[id_], lambda line: decimal(_RATES[id_](line.sums)))
        return Figure(BY_ID[id_], lambda line: _value(id_, line.sums, line.cell, id_))

    return [*_places("month", "segment", "currency"), *map(figure, [d.id for d in DUE[3:]])]


def _signed_figures() -> list[Figure[SignedLine]]:
    """The columns by the month of signing."""

    def figure(id_: str) -> Figure[SignedLine]:
        name = id_.removeprefix("signed_")
        return Figure(BY_ID[id_], lambda line: _value(id_, line.sums, line.cell, name))

    places = _places("signed", "signed_segment", "signed_currency")
    return [*places, *map(figure, [d.id for d in SIGNED[3:]])]


def _places(month: str, segment: str, currency: str) -> list[Figure[Any]]:
    """The columns that say where a line counts."""
    return [
        Figure(BY_ID[month], lambda line: f"{line.cell.month:%Y-%m}"),
        Figure(BY_ID[segment], lambda line: line.cell.segment),
        Figure(BY_ID[currency], lambda line: line.cell.currency),
    ]


def _value(id_: str, sums: RetentionSums | SignedSums, cell: Cell, name: str) -> Value:
    """A number for machines: money in whole units with its decimals."""
    number: int = getattr(sums, name)
    return major_of(number, cell.currency) if id_ in _MONEY else number


def _plain(found: Retention) -> dict[str, Any]:
    """The report in JSON: money in minor units, rates with four decimals."""

    def place(cell: Cell) -> dict[str, Any]:
        return {
            "month": f"{cell.month:%Y-%m}",
            "segment": cell.segment or None,
            "currency": cell.currency,
        }

    def rates(sums: RetentionSums) -> dict[str, Any]:
        return {name: decimal(of(sums)) for name, of in _RATES.items()}

    due = [place(d.cell) | asdict(d.sums) | rates(d.sums) for d in found.due]
    return {"due": due, "signed": [place(s.cell) | asdict(s.sums) for s in found.signed]}


def _show(found: Retention, *, due: bool, signed: bool) -> None:
    """Shows what people read: a table for each currency by month, by segment, and by signing."""
    if not found.due and not found.signed:
        say("No contract of this period matches.")
        return
    cells = (*(d.cell for d in found.due), *(s.cell for s in found.signed))
    for number, currency in enumerate(sorted({cell.currency for cell in cells})):
        if number:
            say()
        if due:
            _show_due([line for line in found.due if line.cell.currency == currency], currency)
        if due and signed:
            say()
        if signed:
            _show_signed([x for x in found.signed if x.cell.currency == currency], currency)


def _show_due(lines: Sequence[RetentionLine], currency: str) -> None:
    """Shows one currency by the months in which renewals were due, then by segment."""
    put(strong(text("{currency}: by month due", currency=currency)))
    if not lines:
        say("none", context="words")
        return
    months = by_month(lines)
    _say_rates(total(lines))
    rows = [_due_row(month_word(m.cell.month), m.sums, currency) for m in months]
    rows += [_due_row(text("Total"), total(lines), currency)] if len(rows) > 1 else []
    table(_due_columns("month"), rows)
    segments = by_segment(lines)
    if len(segments) > 1:
        say()
        put(strong(text("{currency}: by segment", currency=currency)))
        table(
            _due_columns("segment"),
            [_due_row(segment_word(s.cell.segment), s.sums, currency) for s in segments],
        )


def _say_rates(sums: RetentionSums) -> None:
    """Says the resulting rates."""
    if sums.gross is None or sums.net is None:
        say("Nothing is decided yet.")
        return
    say(
        "Gross retention {gross}, net retention {net}; {kept} of {logos} customers kept ({rate}).",
        gross=percent(sums.gross),
        net=percent(sums.net),
        kept=sums.logos_kept,
        logos=sums.logos,
        rate=percent(sums.logo_rate),
    )
    if sums.unknown:
        say(
            "Gross and net retention leave out {count} contract whose amount due or renewed is "
            "unknown.",
            many="Gross and net retention leave out {count} contracts whose amount due or "
            "renewed is unknown.",
            count=sums.unknown,
        )


_SHOWN = (
    *("renewals", "due", "open", "base", "upsell", "downsell", "churn", "gross", "net"),
    *("logo_retention", "automatic", "late", "lost", "merged", "unknown"),
)
_GIVES_WAY = {"automatic": 4, "late": 3, "lost": 5, "merged": 6}
"""Which columns are left out on a narrow terminal, and in which order."""


def _due_columns(first: str) -> list[Column | str]:
    """The headings."""
    return [
        label(BY_ID[first].name),
        *(
            Column(label(BY_ID[id_].name), right=True, spare=_GIVES_WAY.get(id_, 0))
            for id_ in _SHOWN
        ),
    ]


def _due_row(name: str, sums: RetentionSums, currency: str) -> list[str]:
    """The row of one line; zeros are left empty."""
    return [name, *(_due_cell(id_, sums, currency) for id_ in _SHOWN)]


def _due_cell(id_: str, sums: RetentionSums, currency: str) -> str:
    """The cell of one number."""
    if id_ in _RATES:
        return percent(_RATES[id_](sums))
    number: int = getattr(sums, id_)
    if id_ in _MONEY:
        return minor_word(number, currency) if number or id_ == "due" else ""
    return f"{number:,}" if number else ""


def _show_signed(lines: Sequence[SignedLine], currency: str) -> None:
    """Shows one currency by the months in which renewals were signed."""
    put(strong(text("{currency}: renewals by month signed", currency=currency)))
    if not lines:
        say("none", context="words")
        return
    ids = [d.id for d in SIGNED[3:]]
    columns: list[Column | str] = [
        label(BY_ID["signed"].name),
        *(Column(label(BY_ID[id_].name), right=True) for id_ in ids),
    ]
    table(columns, list(_signed_rows(signed_by_month(lines), ids, currency)))


def _signed_rows(
    months: Sequence[SignedLine], ids: Sequence[str], currency: str
) -> Iterator[list[str]]:
    """The lines of one currency."""
    for line in months:
        numbers = {id_: getattr(line.sums, id_.removeprefix("signed_")) for id_ in ids}
        yield [
            month_word(line.cell.month),
            *(
                ""
                if not number
                else minor_word(number, currency)
                if id_ in _MONEY
                else f"{number:,}"
                for id_, number in numbers.items()
            ),
        ]

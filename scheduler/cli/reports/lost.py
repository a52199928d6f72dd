"""`renewals report lost`: what was lost, by how far it had come, why, and how the customer did."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scheduler.cli.context import CommandContext
from scheduler.cli.reports.frame import Figure, Sheetful, hand_over, requested
from scheduler.cli.terminal.say import label, put, say, strong, table, text
from scheduler.cli.terminal.tables import Column
from scheduler.cli.terminal.words import amounts_word, health_word, stage_word
from scheduler.core.deal.contracts import Money, whole_units
from scheduler.core.deal.pipeline import Pipeline
from scheduler.core.reports.asked import months_of
from scheduler.core.reports.losses import BY_ID, COLUMNS, LossLine, by_reason
from scheduler.core.reports.lost_chart import lost_chart
from scheduler.services.reports.funnel_and_lost import lost_report

if TYPE_CHECKING:
    from scheduler.core.policy.policy import Policy

_BEFORE = 11
"""How many months before the present one are shown where nobody says."""
_Line = tuple[Pipeline, LossLine]


def lost(here: CommandContext) -> None:
    """What was lost: how far it had come, why, how the customer was doing, avoidable or not."""
    with here.open() as app:
        request = requested(here, app, lambda day: months_of(day, _BEFORE, 0))
        policy = app.policy
        found = lost_report(app.funnel_and_lost, policy, request.scope, request.known)
    rows = [(pipeline, line) for pipeline, lines in found for line in lines]
    sheet = Sheetful(
        text("Lost", context="report"),
        _figures(policy),
        rows,
        {"lost": [_plain(row, policy) for row in rows]},
        lambda: _show(found, policy),
        COLUMNS,
        chart=lambda: lost_chart(found, policy.lost_reasons),
    )
    hand_over(here, sheet, request)


def _figures(policy: "Policy") -> list[Figure[_Line]]:
    """The columns of files."""
    return [
        Figure(BY_ID["pipeline"], lambda row: row[0].id, lambda row: label(row[0].label)),
        Figure(
            BY_ID["stage"],
            lambda row: row[1].cell.stage or None,
            lambda row: stage_word(row[1].cell.stage, row[0]) if row[1].cell.stage else None,
        ),
        Figure(
            BY_ID["reason"],
            lambda row: row[1].cell.reason or None,
            lambda row: (
                _reasons(row[0], policy).get(row[1].cell.reason, row[1].cell.reason) or None
            ),
        ),
        Figure(
            BY_ID["health_90"],
            lambda row: row[1].cell.early.value,
            lambda row: health_word(row[1].cell.early.value, policy),
        ),
        Figure(
            BY_ID["health_30"],
            lambda row: row[1].cell.late.value,
            lambda row: health_word(row[1].cell.late.value, policy),
        ),
        Figure(
            BY_ID["avoidable"],
            lambda row: _AVOIDABLE[row[1].cell.avoidable],
            lambda row: {True: text("yes"), False: text("no"), None: None}[row[1].cell.avoidable],
        ),
        Figure(BY_ID["currency"], lambda row: row[1].cell.currency),
        Figure(BY_ID["deals"], lambda row: row[1].deals),
        Figure(BY_ID["amount"], lambda row: whole_units(_money(row[1]))),
    ]


_AVOIDABLE = {True: "yes", False: "no", None: None}


def _money(line: LossLine) -> Money:
    """The amounts of a line's deals."""
    return Money(line.minor, line.cell.currency)


def _reasons(pipeline: Pipeline, policy: "Policy") -> dict[str, str]:
    """What a pipeline's reasons are called, by id."""
    return {r.id: label(r.label) for r in policy.lost_reasons.get(pipeline.id, ())}


def _plain(row: _Line, policy: "Policy") -> dict[str, Any]:
    """One line in JSON: money in minor units."""
    plain = {figure.of.id: figure.value(row) for figure in _figures(policy)}
    return plain | {
        "avoidable": row[1].cell.avoidable,
        "amount": row[1].minor,
        "without_amount": row[1].without,
    }


def _show(found: Sequence[tuple[Pipeline, Sequence[LossLine]]], policy: "Policy") -> None:
    """The losses of each pipeline on a terminal."""
    shown = [(pipeline, lines) for pipeline, lines in found if lines]
    if not shown:
        say("Nothing was lost in this period.")
    for number, (pipeline, lines) in enumerate(shown):
        if number:
            say()
        reasons = _reasons(pipeline, policy)
        put(strong(label(pipeline.label)))
        columns: list[Column | str] = [
            *(label(BY_ID[id_].name) for id_ in ("stage", "reason", "health_90", "health_30")),
            label(BY_ID["avoidable"].name),
            *([label(BY_ID["currency"].name)] if _several(lines) else []),
            *(Column(label(BY_ID[id_].name), right=True) for id_ in ("deals", "amount")),
        ]
        table(columns, [_row(line, pipeline, policy, reasons, _several(lines)) for line in lines])
        why = (f"{reasons.get(r, r) or text('(no reason)')} {n}" for r, n in by_reason(lines))
        say("By reason: {reasons}", reasons=text(", ").join(why))


def _several(lines: Sequence[LossLine]) -> bool:
    """Whether there is more than one currency: without it lines would look alike."""
    return len({line.cell.currency for line in lines}) > 1


def _row(
    line: LossLine,
    pipeline: Pipeline,
    policy: "Policy",
    reasons: dict[str, str],
    several: bool,
) -> list[object]:
    """The row of one line; its currency is named if there are several."""
    cell = line.cell
    avoidable = {True: text("yes"), False: text("no"), None: text("not said")}
    return [
        stage_word(cell.stage, pipeline) if cell.stage else text("(how far is unknown)"),
        reasons.get(cell.reason, cell.reason) or text("(no reason)"),
        health_word(cell.early.value, policy),
        health_word(cell.late.value, policy),
        avoidable[cell.avoidable],
        *([cell.currency] if several else []),
        line.deals,
        amounts_word([_money(line)] if line.deals > line.without else [], line.without),
    ]

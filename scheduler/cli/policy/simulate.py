"""`renewals simulate`: what a policy does over any span, past or future, on a virtual clock;
nothing is stored or sent.

Always holds: `--format csv` writes each passage and nudge as it comes, so that memory does not grow
with them.
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.formats import Format, Formatted, format_of
from scheduler.cli.terminal.reading import day_of
from scheduler.cli.terminal.say import (
    as_json,
    csv_writer,
    heading,
    label,
    language,
    put,
    say,
    strong,
    table,
    text,
)
from scheduler.cli.terminal.tables import Column
from scheduler.cli.terminal.words import milestone_word, recipient_word
from scheduler.core.deal.formats import day_shown, long_day
from scheduler.core.time.dates import local_day
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.services.policy.simulate import Simulated, SimulatedRow, Span, peaks

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.core.policy.policy import Policy
    from scheduler.services.policy.in_force import InForce

_MOST, _DAYS, _YEARS = 15, 5, 10


def simulated(
    here: CommandContext,
    *,
    from_: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="DATE",
            help=text("the first day, past or future"),
        ),
    ],
    to: Annotated[str, typer.Option("--to", metavar="DATE", help=text("the last day"))],
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help=text("use this file (default: the configuration in force)"),
        ),
    ] = None,
    format: Formatted = None,
) -> None:
    """Every passage and nudge of a span, the load of each person and week, and the peaks."""
    wanted = format_of(here, format)
    from scheduler.app.policy_building import build_policy
    from scheduler.app.policy_edits.planned import simulate_edit

    with here.open() as app:
        version, now = _version(app, config), app.clock.now()
        policy = build_policy(version)
        span = _span(day_of(from_), day_of(to), local_day(now, ZoneInfo(policy.zone)), now)
        rows: list[SimulatedRow] = []
        on_row: Callable[[SimulatedRow], None] = (
            _csv_writer()
            if wanted is Format.CSV
            else rows.append
            if wanted is Format.JSON
            else _nothing
        )
        found, names = simulate_edit(app, version, span, on_row)
    if wanted is Format.JSON:
        as_json(_plain(found, rows, span))
    elif wanted is Format.TABLE:
        _shown(
            found,
            span,
            policy,
            lambda who: names.get(who) or recipient_word(who),
            str(config) if config else "",
        )


def _nothing(row: SimulatedRow) -> None:
    """The table needs sums only."""


def _version(app: "App", config: Path | None) -> "InForce":
    """The version in force, or another file's."""
    from scheduler.app.policy_edits.keeper import file_policy
    from scheduler.app.policy_edits.planned import read_edit, version_to_try

    return version_to_try(app, file_policy(read_edit(app, config)) if config is not None else None)


def _span(from_on: date | None, to_on: date | None, today: date, now: Any) -> Span:
    """The span. Raises UserMustActError for one that ends before it begins or is too long."""
    assert from_on is not None
    assert to_on is not None
    if to_on < from_on:
        raise UserMustActError(
            "--to {to_on} is before --from {from_on}",
            to_on=day_shown(to_on),
            from_on=day_shown(from_on),
        )
    if (to_on - min(from_on, today)).days > _YEARS * 366:
        raise UserMustActError(
            ("the span is too long: at most {years} years, counted from today if it lies ahead"),
            years=_YEARS,
        )
    return Span(from_on, to_on, now)


def _csv_writer() -> Callable[[SimulatedRow], None]:
    """Writes rows to standard output."""
    write, names = csv_writer(), list(SimulatedRow.__dataclass_fields__)
    write(names)

    def on_row(row: SimulatedRow) -> None:
        write([getattr(row, name) for name in names])

    return on_row


def _plain(found: Simulated, rows: list[SimulatedRow], span: Span) -> dict[str, Any]:
    """Everything with ids and numbers."""
    loads = [
        {"recipient": who, "week": week, "nudges": count, "messages": found.messages[who, week]}
        for (who, week), count in sorted(found.nudges.items())
    ]
    milestones = {
        id: {
            "told": found.told[id],
            "reminders": found.reminders[id],
            "contracts": len(found.contracts[id]),
        }
        for id in sorted(found.contracts)
    }
    silent = [
        {"milestone": id, "state": state, "events": count}
        for (id, state), count in sorted(found.silent.items())
    ]
    return {
        "from": span.from_on,
        "to": span.to_on,
        "deals": found.deals,
        "milestones": milestones,
        "moves": found.moves,
        "silent": silent,
        "loads": loads,
        "days": {day.isoformat(): count for day, count in sorted(found.busiest.items())},
        "failed": found.failed,
        "rows": [asdict(row) for row in rows],
    }


def _shown(
    found: Simulated, span: Span, policy: "Policy", name: Callable[[str], str], source: str
) -> None:
    """The sums on a terminal."""
    by = source or text("version {version}", version=policy.version)
    first, last = (long_day(day, language()) for day in (span.from_on, span.to_on))
    put(strong(text("{first} – {last}, {by}", first=first, last=last, by=by)))
    if span.is_past(ZoneInfo(policy.zone)):
        how = Label("with the stages and outcomes of that time, as if nobody had answered anything")
    else:
        how = Label("starting from how things stand now, as if nobody answered")
    say("{deals} deals, {how}", deals=found.deals, how=how)
    _show_moves(found, policy)
    _show_milestones(found, policy)
    _show_loads(found, name)
    for contract, why in found.failed[:_DAYS]:
        say("cannot be decided: {contract} ({why})", contract=contract, why=why)


def _show_moves(found: Simulated, policy: "Policy") -> None:
    """Moves by stage, in the pipelines' order."""
    stages = {s.id: label(s.label) for p in policy.pipelines.values() for s in p.stages}
    rows = [(named, found.moves[id]) for id, named in stages.items() if found.moves[id]]
    heading("Moves")
    if rows:
        table(
            [text("To", context="simulate"), Column(text("Deals", context="listing"), right=True)],
            rows,
        )
    else:
        say("none")


def _show_milestones(found: Simulated, policy: "Policy") -> None:
    """Shows what is told, by milestone."""
    heading("Nudges")
    order = [m.id for m in policy.milestones]
    ids = sorted(
        found.contracts, key=lambda id: (order.index(id) if id in order else len(order), id)
    )
    if not ids:
        say("none")
        return
    columns: list[Column | str] = [
        "",
        *(
            Column(head, right=True)
            for head in (
                text("First", context="simulate"),
                text("Reminders"),
                text("Contracts"),
            )
        ),
    ]
    table(
        columns,
        [
            (
                milestone_word(id, policy),
                found.told[id],
                found.reminders[id] or "",
                len(found.contracts[id]),
            )
            for id in ids
        ],
    )


def _show_loads(found: Simulated, name: Callable[[str], str]) -> None:
    """Shows how much each person gets, and when it is most."""
    totals = {
        who: sum(n for (w, _), n in found.nudges.items() if w == who) for who, _ in found.nudges
    }
    if not totals:
        return
    heading("Load")
    columns: list[Column | str] = [
        "",
        Column(text("Nudges"), right=True),
        Column(text("Messages"), right=True),
        Column(text("Busiest week"), right=True),
        "",
    ]
    ordered = sorted(totals, key=lambda who: (-totals[who], who))
    rows = []
    for who in ordered[:_MOST]:
        week, most = peaks(found.nudges, who)
        messages = sum(n for (w, _), n in found.messages.items() if w == who)
        begins = long_day(week, language())
        rows.append(
            (name(who), totals[who], messages, most, text("week of {begins}", begins=begins))
        )
    table(columns, rows)
    if len(ordered) > _MOST:
        say("and {ordered} more", ordered=len(ordered) - _MOST)
    days = sorted(found.busiest.items(), key=lambda item: (-item[1], item[0]))[:_DAYS]
    listed = text(", ").join(f"{long_day(day, language())}: {count}" for day, count in days)
    say("busiest days: {listed}", listed=listed)

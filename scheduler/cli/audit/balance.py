"""`renewals report balance`: the proof that nothing was lost, day by day, with every row that does
not agree.

Always holds: exit code 1 if anything does not agree; standard output holds the report and nothing
else.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.formats import Format, Formatted, format_of
from scheduler.cli.terminal.listed import Field, wants_files, write_files
from scheduler.cli.terminal.reading import day_of
from scheduler.cli.terminal.say import (
    as_json,
    csv_writer,
    heading,
    label,
    language,
    paragraph,
    put,
    say,
    strong,
    table,
    text,
)
from scheduler.cli.terminal.tables import Column
from scheduler.cli.terminal.words import amount_word, amounts_word, milestone_word
from scheduler.core.deal.contracts import Money, sums
from scheduler.core.deal.formats import long_day
from scheduler.core.messages.state_tables import EVENTS, NUDGES, State
from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import local_day
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import COMMA, Joined, Label
from scheduler.core.words.lexicon import NudgeState, Word
from scheduler.services.audit.balance import balance
from scheduler.services.audit.balance_findings import (
    DEFINITIONS,
    Balance,
    BalanceDay,
    reasons,
    shown_days,
)
from scheduler.services.delivery.balance_faults import FAULTS, BalanceFinding, Fault
from scheduler.services.policy.checking import WORDS

DAYS, _LISTED = 30, 20


def report(
    here: CommandContext,
    *,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DATE",
            help=text("first day (default: by --days)"),
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="DATE", help=text("last day (default: today)")),
    ] = None,
    days: Annotated[
        int,
        typer.Option(
            min=1,
            metavar="N",
            help=text("number of days up to the last day (default: {days})", days=DAYS),
        ),
    ] = DAYS,
    format: Formatted = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help=text("say what each number and state means"),
        ),
    ] = False,
) -> int:
    """Reports whether everything that came due is accounted for, to the last row."""
    wanted = format_of(here, format)
    with here.open() as app:
        policy, now = app.policy, app.clock.now()
        today = local_day(now, ZoneInfo(policy.zone))
        found = balance(app.balancing, policy, now, tuple(app.channels))
    assert found is not None
    last = day_of(to) or today
    first = day_of(from_) or last - timedelta(days=days - 1)
    if last < first:
        raise UserMustActError("--to {last} is before --from {first}", last=last, first=first)
    shown = shown_days(found, first, last)
    if wants_files(here):
        write_files(here, text("Balance"), _fields(), [*shown, (None, found.total())])
    elif wanted is Format.JSON:
        as_json(_plain(found, shown, explain=explain))
    elif wanted is Format.CSV:
        _csv(found, shown)
    else:
        _show(found, shown, policy)
        if explain:
            _show_meanings()
    return 0 if found.balanced else 1


def _row(sums: BalanceDay) -> dict[str, int]:
    """One day as numbers by name."""
    events = {state.value: sums.events[state] for state in EVENTS}
    nudges = {f"nudges_{state.value}": sums.nudges[state] for state in NUDGES}
    return {
        "due": sums.due,
        **events,
        "not_swept_yet": sums.unswept,
        "missing": sums.missing,
        "nudges": sums.made,
        **nudges,
    }


def _plain(
    found: Balance, days: Sequence[tuple[date, BalanceDay]], *, explain: bool
) -> dict[str, Any]:
    """Everything, with ids and numbers."""
    definitions = {name: meaning.en for name, (_, meaning) in DEFINITIONS.items()}
    definitions |= {state.value: row.meaning.en for state, row in EVENTS.items()}
    definitions |= {f"nudges_{state.value}": row.meaning.en for state, row in NUDGES.items()}
    return {
        "balanced": found.balanced,
        "days": [{"day": day, "balanced": sums.balanced, **_row(sums)} for day, sums in days],
        "total": _row(found.total()),
        "findings": [
            asdict(f) | {"meaning": FAULTS[f.fault][0].en, "to_do": FAULTS[f.fault][1].en}
            for f in found.findings
        ],
        "cannot_be_scheduled": found.unschedulable,
        "reached_nobody": [asdict(u) for u in found.undelivered],
        "paused": {"pauses": found.pauses, "due": found.paused_days, "nudges": found.paused_nudges},
        "taken_as_told": found.taken_as_told,
        "hubspot": found.pushes or None,
    } | ({"definitions": definitions} if explain else {})


_Line = tuple[date | None, BalanceDay]


def _fields() -> list[Field[_Line]]:
    """The columns of a file for people: a day a line, and a last one for everything ever."""
    names = {
        **{
            name: label(DEFINITIONS[name][0])
            for name in ("due", "not_swept_yet", "missing", "nudges")
        },
        **{state.value: state.label.alone(language()) for state in EVENTS},
        **{f"nudges_{state.value}": text("Nudges: {state}", state=state.label) for state in NUDGES},
    }
    day: Field[_Line] = Field(text("Day"), value=lambda at: at[0] or text("everything ever"))
    return [
        day,
        *(
            Field(names[name], value=lambda at, name=name: _row(at[1])[name])  # type: ignore[misc]
            for name in _row(BalanceDay())
        ),
    ]


def _csv(found: Balance, days: Sequence[tuple[date, BalanceDay]]) -> None:
    """A line per day, and one for everything ever."""
    write = csv_writer()
    write(["day", *_row(BalanceDay())])
    for day, summed in (*days, ("total", found.total())):
        write([day, *_row(summed).values()])


def _show(found: Balance, days: Sequence[tuple[date, BalanceDay]], policy: Policy) -> None:
    """The report on a terminal."""
    ever, total, day = text("everything ever"), found.total(), text("Day")
    put(strong(text("Milestones that came due")))
    columns = [
        _number("due"),
        *map(_state, EVENTS),
        _number("not_swept_yet"),
        _number("missing"),
    ]
    table(
        [day, *columns, ""],
        [
            *(_event_row(_day(d), sums) for d, sums in days if _has_events(sums)),
            _event_row(ever, total),
        ],
    )
    heading("Nudges")
    columns = [_number("nudges"), *map(_state, NUDGES)]
    table(
        [day, *columns, ""],
        [
            *(_nudge_row(_day(d), sums) for d, sums in days if _has_nudges(sums)),
            _nudge_row(ever, total),
        ],
    )
    _show_pushes(found)
    _show_unschedulable(found)
    _show_undelivered(found, policy)
    _show_what_waits(found)
    _show_findings(found, policy)


def _number(name: str) -> Column:
    """The column of one sum."""
    return Column(label(DEFINITIONS[name][0]), right=True, stays=name in ("due", "nudges"))


def _state(state: Word) -> Column:
    """The column of one state."""
    return Column(state.label.alone(language()), right=True)


def _has_events(sums: BalanceDay) -> bool:
    return bool(sums.due or sums.events.total())


def _has_nudges(sums: BalanceDay) -> bool:
    return bool(sums.made or sums.nudges.total())


def _day(day: date) -> str:
    return long_day(day, language())


def _event_row(name: str, sums: BalanceDay) -> list[object]:
    """The row of one day of the table; zeros are left empty."""
    balanced = sums.due == sums.events.total() + sums.unswept and not sums.missing
    return [
        name,
        sums.due,
        *(sums.events[state] or "" for state in EVENTS),
        sums.unswept or "",
        sums.missing or "",
        _mark(balanced),
    ]


def _nudge_row(name: str, sums: BalanceDay) -> list[object]:
    """The row of one line of the table."""
    return [
        name,
        sums.made,
        *(sums.nudges[state] or "" for state in NUDGES),
        _mark(sums.made == sums.nudges.total()),
    ]


def _mark(balanced: bool) -> str:
    return "" if balanced else text("← does not add up")


def _show_pushes(found: Balance) -> None:
    """Shows the state of the deals that must be sent to HubSpot."""
    if found.pushes:
        heading(Label.verbatim("HubSpot"))
        say(
            "{all} to be written: {told} written, {waiting} waiting, {under_way} under way, "
            "{unknown} unknown, {parked} parked",
            **found.pushes,
        )


def _show_unschedulable(found: Balance) -> None:
    """Contracts that cannot be followed, by reason, with their money."""
    if not found.unschedulable:
        return
    heading("Contracts that cannot be scheduled, or whose owner cannot be reached")
    for why, listed in reasons(found):
        said, count = label(WORDS[why]) if why in WORDS else why, len(listed)
        amount = amounts_word(*sums(Money(u.amount_minor, u.currency) for u in listed))
        say(
            "{count:,} contract ({amount}): {words}",
            many="{count:,} contracts ({amount}): {words}",
            count=count,
            amount=amount,
            words=said,
        )
        rows = [
            (f"  {u.contract}", u.customer, amount_word(Money(u.amount_minor, u.currency)))
            for u in listed[:_LISTED]
        ]
        table(("", "", Column("", right=True)), rows, bare=True)
        _and_more(count)


def _show_undelivered(found: Balance, policy: Policy) -> None:
    """Reminders that reached nobody, with the money of their contracts."""
    if not found.undelivered:
        return
    heading("Reminders that reached nobody (undeliverable, or nobody can say)")
    rows = [
        (
            f"  {u.contract}",
            u.customer,
            milestone_word(u.milestone, policy),
            _day(u.on),
            amount_word(u.amount),
        )
        for u in found.undelivered[:_LISTED]
    ]
    table(("", "", "", "", Column("", right=True)), rows, bare=True)
    _and_more(len(found.undelivered))
    paragraph(
        "→ fix the addresses and send again, or tell the owners yourself (renewals messages "
        "--undeliverable, renewals retry)"
    )


def _show_what_waits(found: Balance) -> None:
    """Shows what is paused, and what counts as told after a restore."""
    if found.pauses:
        say()
        days, nudges = found.paused_days, found.paused_nudges
        say(
            "Paused ({what}): of the above, {days} due days and {nudges} nudges wait for "
            "`renewals resume`.",
            what=Joined((p.what for p in found.pauses), COMMA),
            days=days,
            nudges=nudges,
        )
    if found.taken_as_told:
        count = found.taken_as_told
        say()
        say(
            (
                "Of the nudges marked as sent, {count} only counts as sent because a copy was "
                "restored later (renewals release --since)."
            ),
            many=(
                "Of the nudges marked as sent, {count} only count as sent because a copy was "
                "restored later (renewals release --since)."
            ),
            count=count,
        )


def _and_more(count: int) -> None:
    """Says that the list goes on."""
    if count > _LISTED:
        say("  and {number} more (--json has all)", number=count - _LISTED)


def _show_findings(found: Balance, policy: Policy) -> None:
    """Shows what does not agree, or that everything does."""
    if found.balanced:
        say()
        _say_sum(Counter(u.state for u in found.undelivered))
        return
    for fault in Fault:
        rows = [f for f in found.findings if f.fault is fault]
        if not rows:
            continue
        meaning, todo = FAULTS[fault]
        heading("{meaning} ({rows})", meaning=meaning, rows=len(rows))
        table(("", "", "", ""), [_finding_row(f, policy) for f in rows[:_LISTED]], bare=True)
        _and_more(len(rows))
        paragraph("→ {todo}", todo=todo)
    count = len(found.findings)
    say()
    put(strong(text("{count} mismatch found.", many="{count} mismatches found.", count=count)))


def _say_sum(nudges: Counter[NudgeState]) -> None:
    """Says the result: that nothing was lost, only if everybody was told or will be."""
    dead, doubt = nudges[NudgeState.DEAD], nudges[NudgeState.IN_DOUBT]
    if not dead and not doubt:
        say("Everything is accounted for; nothing was lost.")
        return
    parts = []
    if dead:
        parts.append(
            Label(
                "{dead} reached nobody (renewals messages --undeliverable, renewals retry)",
                dead=dead,
            )
        )
    if doubt:
        parts.append(
            Label("{doubt} may or may not have arrived (renewals release --in-doubt)", doubt=doubt)
        )
    said = Joined(parts, Label(" and "))
    say("Everything is accounted for, except {said}.", said=said)


def _finding_row(finding: BalanceFinding, policy: Policy) -> tuple[str, str, str, str]:
    """A row of the table of what does not agree."""
    what = (
        finding.what
        if finding.fault is Fault.STUCK_MESSAGE
        else milestone_word(finding.what, policy)
        if finding.what
        else ""
    )
    return (finding.contract, finding.customer, what, _day(finding.on) if finding.on else "")


def _show_meanings() -> None:
    """Says what each number and each state means."""
    say()
    for name, definition in DEFINITIONS.values():
        paragraph("{name}: {definition}.", name=name, definition=definition)
    tables: tuple[tuple[Label, Mapping[Any, State]], ...] = (
        (Label("Due"), EVENTS),
        (Label("Nudges"), NUDGES),
    )
    for title, states in tables:
        heading(title)
        for state, row in states.items():
            name = state.label.alone(language())
            paragraph("{name}: {meaning}.", name=name, meaning=row.meaning)
    say()
    paragraph(
        "A day that still waits for its condition (open_until) is not due yet. Void terms are "
        "not counted."
    )

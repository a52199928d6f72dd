"""`renewals report balance`: the proof that nothing was lost, day by day, with every row that does not agree.

Always holds: exit code 1 if anything does not agree; standard output holds the report and nothing else.
"""

import csv
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.context import Here
from scheduler.cli.reading import day_of
from scheduler.cli.report import Format
from scheduler.cli.say import as_json, heading, label, language, paragraph, say, strong, table, text
from scheduler.cli.tables import Column
from scheduler.cli.words import amount_word, milestone_word
from scheduler.core.contracts import Money
from scheduler.core.dates import local_day
from scheduler.core.errors import UserMustActError
from scheduler.core.formats import long_day
from scheduler.core.policy import Policy
from scheduler.core.states import EVENTS, NUDGES
from scheduler.core.words import EventState, NudgeState
from scheduler.services.balance import FAULTS, Balance, Day, Fault, Finding, balance, shown_days
from scheduler.services.checking import WORDS

DAYS, _LISTED = 14, 20
_EVENT_HEADS = {
    EventState.FIRED: ("通知", "Fired"),
    EventState.SUPERSEDED: ("置換", "Superseded"),
    EventState.SKIPPED: ("対象外", "Skipped"),
    EventState.BASELINE: ("過去分", "Baseline"),
    EventState.CARRIED_OVER: ("通知済", "Carried over"),
    EventState.EXPIRED: ("期限切れ", "Expired"),
    EventState.WITHDRAWN: ("取消", "Withdrawn"),
}
_NUDGE_HEADS = {
    NudgeState.SENT: ("送信", "Sent"),
    NudgeState.WAITING: ("待機", "Waiting"),
    NudgeState.HELD: ("保留", "Held"),
    NudgeState.CANCELLED: ("取消", "Cancelled"),
    NudgeState.DEAD: ("不達", "Dead"),
    NudgeState.IN_DOUBT: ("不明", "In doubt"),
}


def report(
    here: Here,
    *,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help=text(f"最初の日(既定は{DAYS}日前)", f"first day (default: {DAYS} days ago)"))
    ] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="DATE", help=text("最後の日(既定は今日)", "last day (default: today)"))] = None,
    format: Annotated[Format | None, typer.Option(help=text("出力の形式(既定は table)", "how to write it (default: table)"))] = None,
    explain: Annotated[bool, typer.Option("--explain", help=text("各状態の意味も表示", "say what each state means"))] = False,
) -> int:
    """Whether everything that came due is accounted for, to the last row."""
    if here.json and format not in (None, Format.JSON):
        raise UserMustActError(f"--json と --format {format} は同時に使えません。", f"--json and --format {format} contradict each other; give one")
    with here.open() as app:
        policy, now = app.policy, app.clock.now()
        today = local_day(now, ZoneInfo(policy.zone))
        found = balance(app.balances, policy, now, tuple(app.channels))
    assert found is not None
    days = shown_days(found, day_of(from_) or today - timedelta(days=DAYS), day_of(to) or today)
    if here.json or format is Format.JSON:
        as_json(_plain(found, days))
    elif format is Format.CSV:
        _csv(days)
    else:
        _show(found, days, policy)
        if explain:
            _show_meanings()
    return 0 if found.balanced else 1


def _row(sums: Day) -> dict[str, int]:
    """One day as numbers by name."""
    events = {state.value: sums.events[state] for state in _EVENT_HEADS}
    nudges = {f"nudges_{state.value}": sums.nudges[state] for state in _NUDGE_HEADS}
    return {"due": sums.due, **events, "not_swept_yet": sums.unswept, "missing": sums.missing, "nudges": sums.made, **nudges}


def _plain(found: Balance, days: Sequence[tuple[date, Day]]) -> dict[str, Any]:
    """Everything, with ids and numbers."""
    return {
        "balanced": found.balanced,
        "days": [{"day": day, "balanced": sums.balanced, **_row(sums)} for day, sums in days],
        "total": _row(found.total()),
        "findings": [asdict(f) | {"meaning": FAULTS[f.fault][0].en, "to_do": FAULTS[f.fault][1].en} for f in found.findings],
        "cannot_be_scheduled": found.unschedulable,
    }


def _csv(days: Sequence[tuple[date, Day]]) -> None:
    """A line per day."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["day", *_row(Day())])
    for day, sums in days:
        writer.writerow([day, *_row(sums).values()])


def _show(found: Balance, days: Sequence[tuple[date, Day]], policy: Policy) -> None:
    """The report on a terminal."""
    total = found.total()
    heading_ = (text("日", "Day"), Column(text("期日", "Due"), right=True, stays=True))
    say(strong("期日の来た通知タイミング"), strong("Milestones that came due"))
    columns: list[Column | str] = [*heading_, *(Column(text(*head), right=True) for head in _EVENT_HEADS.values())]
    columns += [Column(text("巡回待ち", "Not swept yet"), right=True), Column(text("記録なし", "Missing"), right=True), ""]
    table(columns, [_event_row(_day(day), sums) for day, sums in days if sums.due] + [_event_row(text("これまでの全部", "everything ever"), total)])
    heading("リマインド", "Nudges")
    columns = [text("日", "Day"), Column(text("作成", "Made"), right=True, stays=True)]
    columns += [*(Column(text(*head), right=True) for head in _NUDGE_HEADS.values()), ""]
    table(columns, [_nudge_row(_day(day), sums) for day, sums in days if sums.made] + [_nudge_row(text("これまでの全部", "everything ever"), total)])
    _show_unschedulable(found)
    _show_findings(found, policy)


def _day(day: date) -> str:
    return long_day(day, language())


def _event_row(name: str, sums: Day) -> list[object]:
    """One line; nothing where there is nothing."""
    return [name, sums.due, *(sums.events[state] or "" for state in _EVENT_HEADS), sums.unswept or "", sums.missing or "", _mark(sums)]


def _nudge_row(name: str, sums: Day) -> list[object]:
    """One line."""
    return [name, sums.made, *(sums.nudges[state] or "" for state in _NUDGE_HEADS), _mark(sums)]


def _mark(sums: Day) -> str:
    return "" if sums.balanced else text("← 合いません", "← does not add up")


def _show_unschedulable(found: Balance) -> None:
    """Contracts that cannot be followed."""
    if not found.unschedulable:
        return
    heading("予定を立てられない、または担当者に届かない契約", "Contracts that cannot be scheduled, or whose owner cannot be reached")
    rows = [
        (u.contract, u.customer, amount_word(Money(u.amount_minor, u.currency)), label(WORDS[u.why]) if u.why in WORDS else u.why)
        for u in found.unschedulable[:_LISTED]
    ]
    table((text("契約", "Contract"), text("顧客", "Customer"), Column(text("金額", "Amount"), right=True), Column("", wraps=True)), rows)
    if len(found.unschedulable) > _LISTED:
        say(f"ほか{len(found.unschedulable) - _LISTED}件(--json に全件)", f"and {len(found.unschedulable) - _LISTED} more (--json has all)")


def _show_findings(found: Balance, policy: Policy) -> None:
    """What does not agree, or that everything does."""
    if found.balanced:
        say()
        say("すべて説明がつきます。失われたものはありません。", "Everything is accounted for; nothing was lost.")
        return
    for fault in Fault:
        rows = [f for f in found.findings if f.fault is fault]
        if not rows:
            continue
        meaning, todo = FAULTS[fault]
        heading(f"{meaning.ja}({len(rows)}件)", f"{meaning.en} ({len(rows)})")
        table(("", "", "", ""), [_finding_row(f, policy) for f in rows[:_LISTED]], bare=True)
        if len(rows) > _LISTED:
            say(f"ほか{len(rows) - _LISTED}件(--json に全件)", f"and {len(rows) - _LISTED} more (--json has all)")
        paragraph(f"→ {todo.ja}", f"→ {todo.en}")


def _finding_row(finding: Finding, policy: Policy) -> tuple[str, str, str, str]:
    """One row that does not agree."""
    what = finding.what if finding.fault is Fault.STUCK_MESSAGE else milestone_word(finding.what, policy) if finding.what else ""
    return (finding.contract, finding.customer, what, _day(finding.on) if finding.on else "")


def _show_meanings() -> None:
    """What each state means."""
    heading("期日", "Due")
    for event, row in EVENTS.items():
        paragraph(f"{_EVENT_HEADS[event][0]}：{row.meaning.ja}。", f"{_EVENT_HEADS[event][1]}: {row.meaning.en}.")
    heading("リマインド", "Nudges")
    for nudge, row in NUDGES.items():
        paragraph(f"{_NUDGE_HEADS[nudge][0]}：{row.meaning.ja}。", f"{_NUDGE_HEADS[nudge][1]}: {row.meaning.en}.")

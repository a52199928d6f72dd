"""A plan on a terminal, or for machines: what is edited, what that does, and whom it tells."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from scheduler.cli.terminal.say import (
    as_json,
    facts,
    heading,
    label,
    language,
    paragraph,
    put,
    say,
    strong,
    table,
    tell,
    text,
)
from scheduler.cli.terminal.tables import Column
from scheduler.cli.terminal.words import (
    amounts_word,
    health_word,
    milestone_word,
    recipient_word,
    reminder_word,
)
from scheduler.core.deal.formats import near_day
from scheduler.core.time.dates import local_day
from scheduler.core.words.labels import COMMA, Joined, Label
from scheduler.services.policy.coverage import named as named_contract
from scheduler.services.policy.effects import HEALTH, MOVE
from scheduler.services.policy.plan_report import CAME, DROPPED, PlanLine, PlanReport, plan_report

if TYPE_CHECKING:
    from datetime import date

    from scheduler.app.wiring import App
    from scheduler.core.deal.deal import Deal
    from scheduler.core.policy.policy import Policy
    from scheduler.services.policy.planning import Planned

_MOST, _MOST_TOLD = 10, 3


def tell_differences(
    came: Sequence[Sequence[Any]],
    went: Sequence[Sequence[Any]],
    policy: "Policy",
    names: Mapping[str, str],
) -> None:
    """The first of the effects that are new or gone since the plan was made."""
    for sign, rows in (("+", came), ("-", went)):
        for row in rows[:_MOST]:
            _, kind, _, contract, customer, what, step, recipient, on, *_ = row
            stage = next(
                (label(s.label) for p in policy.pipelines.values() if (s := p.find(what))), what
            )
            named = (
                f"→ {stage}"
                if kind == MOVE
                else health_word(what, policy)
                if kind == HEALTH
                else reminder_word(milestone_word(what, policy), step)
            )
            line = " ".join(
                part
                for part in (
                    f"  {sign}",
                    contract,
                    customer,
                    named,
                    _name(recipient, names) if recipient else "",
                    on or "",
                )
                if part
            )
            tell(Label.verbatim(line))
        if len(rows) > _MOST:
            tell("  {sign} and {rows} more", sign=sign, rows=len(rows) - _MOST)


def shown(app: "App", planned: "Planned", source: str, *, as_json_too: bool) -> None:
    """The plan, for machines or on a terminal."""
    from scheduler.app.policy_edits.planned import policy_of
    from scheduler.core.config.differences import differences

    today = local_day(app.clock.now(), ZoneInfo(app.policy.zone))
    new, current = policy_of(planned.plan), app.keeper.in_force()
    assert current is not None
    report = plan_report(planned.effects, today, [m.id for m in new.milestones])
    edited = differences(current.document, planned.plan.document)
    if as_json_too:
        as_json(_plain(planned, report, edited))
        return
    _show_head(planned, source, today)
    _show_edits(edited)
    _show_lines(planned, report, new, app.policy, today)
    _show_loads(planned, report)
    _show_notes(planned, report, new, app.policy)


def _plain(planned: "Planned", report: PlanReport, edited: Sequence[Any]) -> dict[str, Any]:
    """Everything with ids and numbers; week by week; each effect."""
    from scheduler.cli.policy.differences import plain_difference

    plan, effects = planned.plan, planned.effects
    loads = [
        {
            "recipient": load.recipient,
            "name": planned.names.get(load.recipient, load.recipient),
            "weeks_before": {week.isoformat(): counts for week, counts in load.before.items()},
            "weeks_after": {week.isoformat(): counts for week, counts in load.after.items()},
        }
        for load in report.loads
    ]
    return {
        "plan": plan.id,
        "base_version": plan.base_version,
        "until": plan.until_on,
        "backfill": plan.backfill,
        "edited": [plain_difference(d) for d in edited],
        "lines": report.lines,
        "silent": report.silent,
        "reach": report.reach,
        "too_short": [
            {
                "contract": d.contract.number,
                "customer": d.contract.customer.name,
                **asdict(d.contract.amount),
            }
            for d in effects.short
        ],
        "held": effects.flooded,
        "loads": loads,
        "contracts": report.contracts,
        "at_stake": report.at_stake,
        "came": effects.came,
        "went": effects.went,
        "failed": effects.failed,
    }


def _show_head(planned: "Planned", source: str, today: "date") -> None:
    """Which plan this is."""
    plan, until = planned.plan, near_day(planned.plan.until_on, today, language())
    put(
        strong(
            text(
                "Plan {plan_id}: version {base_version} → {source}",
                plan_id=plan.id,
                base_version=plan.base_version,
                source=source,
            )
        )
    )
    days, deals = (plan.until_on - today).days, planned.effects.deals
    say(
        (
            "the {days} days until {until}, {deals} deals, assuming that nobody answers and "
            "every message arrives"
        ),
        days=days,
        until=until,
        deals=deals,
    )


def _show_edits(edited: Sequence[Any]) -> None:
    """The settings that differ."""
    from scheduler.cli.policy.differences import difference_line

    heading("What the edit changes")
    for difference in edited[:_MOST]:
        paragraph(Label.verbatim(f"  {difference_line(difference)}"))
    if len(edited) > _MOST:
        say("  and {edited} more", edited=len(edited) - _MOST)


def _show_lines(
    planned: "Planned", report: PlanReport, new: "Policy", old: "Policy", today: "date"
) -> None:
    """Shows what is added and what is dropped."""
    heading("What it does")
    if not report.lines:
        say("  Nothing changes for any deal.")
        return
    by = near_day(planned.plan.until_on, today, language())
    columns: list[Column | str] = [
        "",
        *(Column(head, right=True, stays=True) for head in (text("Now"), text("7 days"))),
    ]
    columns += [
        Column(text("30 days"), right=True, stays=True),
        Column(text("By {by}", by=by), right=True),
    ]
    columns += [
        Column(text("Contracts"), right=True, spare=2),
        Column(text("Money"), right=True, spare=1),
    ]
    table(
        columns,
        [
            [
                _line_word(line, new, old),
                *(n or "" for n in line.counts),
                line.contracts,
                amounts_word(line.money, line.without),
            ]
            for line in report.lines
        ],
    )
    say(
        "{count} contract is affected, {amounts}",
        many="{count} contracts are affected, {amounts}",
        count=report.contracts,
        amounts=amounts_word(report.at_stake, report.without),
    )


def _line_word(line: PlanLine, new: "Policy", old: "Policy") -> str:
    """`+ 3 months before renewal` and the like."""
    if line.kind == MOVE:
        stage = next(
            (
                s
                for p in (*new.pipelines.values(), *old.pipelines.values())
                if (s := p.find(line.what))
            ),
            None,
        )
        named = label(stage.label) if stage else line.what
        return text(
            "{sign} moves to {named}",
            sign=Label("+") if line.change == CAME else "−",
            named=named,
        )
    if line.kind == HEALTH:
        return text(
            "{sign} health becomes {named}",
            sign=Label("+") if line.change == CAME else "−",
            named=health_word(line.what, new),
        )
    named = milestone_word(
        line.what, new if new.milestone(line.what) or not old.milestone(line.what) else old
    )
    if line.change == DROPPED:
        return text("− {named} (waiting, cancelled)", named=named)
    return f"{text('+') if line.change == CAME else '−'} {named}"


def _show_loads(planned: "Planned", report: PlanReport) -> None:
    """Shows who gets more and who gets less."""
    if not report.loads:
        return
    heading("Who hears more or less")
    arrow = " → "
    heads = (
        text("Nudges"),
        text("Messages"),
        text("Busiest week"),
    )
    columns: list[Column | str] = ["", *(Column(head, right=True) for head in heads)]
    rows = [
        (
            _name(load.recipient, planned.names),
            *(arrow.join(map(str, pair)) for pair in (load.nudges, load.messages, load.busiest)),
        )
        for load in report.loads[:_MOST]
    ]
    table(columns, rows)
    if len(report.loads) > _MOST:
        say("and {loads} more (--json has each week)", loads=len(report.loads) - _MOST)


def _show_notes(planned: "Planned", report: PlanReport, new: "Policy", old: "Policy") -> None:
    """Shows what is held, what stays silent and what cannot be decided."""
    held = sorted(planned.effects.flooded.items(), key=lambda item: -item[1])
    notes: list[tuple[str, str]] = []
    if held:
        first = text(", ").join(
            f"{_name(who, planned.names)} {count}" for who, count in held[:_MOST_TOLD]
        )
        notes.append(
            (
                text("Held"),
                text(
                    "{number} late nudges ({first}); afterwards `renewals release` sends them",
                    number=sum(n for _, n in held),
                    first=first,
                ),
            )
        )
    for silent in report.silent:
        named, amount = (
            milestone_word(silent.milestone, new),
            amounts_word(silent.money, silent.without),
        )
        tells = old.milestone(silent.milestone) is None and not planned.plan.backfill
        before = Label(
            " ({number} of them were past before the first load)", number=silent.before_load
        )
        said = text(
            "{named} is already past for {count} deal ({amount}): nobody is told about "
            "it{tells}{before}",
            many="{named} is already past for {count} deals ({amount}): nobody is told about "
            "it{tells}{before}",
            count=silent.contracts,
            named=named,
            amount=amount,
            tells=Label("; with --backfill people are") if tells else "",
            before=before if silent.before_load else "",
        )
        notes.append((text("Past"), said))
    notes += _reach_notes(report, new, planned.effects.short)
    for contract, why in planned.effects.failed[:_MOST_TOLD]:
        notes.append((text("Undecided"), f"{contract}: {why}"))
    if notes:
        heading("Good to know")
        facts(notes)


def _reach_notes(
    report: PlanReport, new: "Policy", short: Sequence["Deal"]
) -> list[tuple[str, str]]:
    """To how many contracts each milestone can ever come where that changes or is none at all, and
    contracts that hear nothing before their end."""
    notes = []
    for reach in report.reach:
        if reach.before != reach.after or not reach.after:
            named = f"{milestone_word(reach.milestone, new)} ({reach.milestone})"
            comes = (
                Label(
                    "{after} of {contracts} contracts (until now {before})",
                    after=reach.after,
                    contracts=reach.contracts,
                    before=reach.before,
                )
                if reach.after
                else Label(
                    "none of the {contracts} contracts, so it never comes",
                    contracts=reach.contracts,
                )
            )
            notes.append(
                (
                    text("Reach"),
                    text(
                        "{named} can come, in this term or the next, to {comes}",
                        named=named,
                        comes=comes,
                    ),
                )
            )
    if short:
        contracts = [d.contract for d in short]
        first, rest = contracts[:_MOST_TOLD], len(contracts) - _MOST_TOLD
        said = text(
            "terms too short for every milestone before the end, {number}: {first}{more}",
            number=len(contracts),
            first=Joined((named_contract(c, language()) for c in first), COMMA),
            more=Label(" and {rest} more", rest=rest) if rest > 0 else "",
        )
        notes.append((text("Short terms"), said))
    return notes


def _name(recipient: str, names: Mapping[str, str]) -> str:
    """A recipient as people know them."""
    return names.get(recipient) or recipient_word(recipient)

"""What the digests may say (DESIGN §5 "Attention"): a person's week, a team, what went elsewhere,
the deals of somebody who left.

Always holds: pure; days as ISO texts, money in minor units, names in one plain line; long lists are
cut to what a person reads, and the rest is counted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from scheduler.core.deal.deal import AUTO_RENEWAL, ENDED, EXPECTED, Deal, Event
from scheduler.core.deal.people import Absence, Person
from scheduler.core.facts.coming import ComingKind, Upcoming, upcoming
from scheduler.core.facts.digest_deals import DealSelection, DigestDeals, Most
from scheduler.core.facts.digest_health import HealthTurned, turned_lines
from scheduler.core.facts.digest_lines import (
    about,
    asked_of,
    counts,
    deadline_of,
    ended_lines,
    iso_of,
    label_of,
    line_of,
    listed,
    numbers,
    of_value,
    risk_of,
    sum_of,
    total_of,
    waits,
)
from scheduler.core.facts.field_words import reason_words
from scheduler.core.facts.nudge_facts import SYSTEM_LABELS, plain
from scheduler.core.facts.tally import AHEAD, Tally, comes_by, unanswered
from scheduler.core.policy.milestone_days import calendar_of
from scheduler.core.policy.policy import Policy
from scheduler.core.time.weeks import monday_of
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language

LISTED, SOON, FEW, NAMED = 40, 20, 10, 5
"""How many a list names; `SOON`: of what comes, where each deal has to be lived ahead; `NAMED`: in
a sentence."""
_ENDS = Label("End of term")
_OWN = {
    AUTO_RENEWAL: Label("Renews automatically"),
    EXPECTED: SYSTEM_LABELS[EXPECTED],
    "": Label("Closed as lost, as the customer gave notice"),
}
_NOTICE, _DECISION = (
    Label("Notice deadline"),
    Label("Decision deadline"),
)


@dataclass(frozen=True, slots=True)
class MovedDeal:
    """A deal that went from one stage to another since the last digest; of several moves the first
    and the last stage."""

    deal: Deal
    from_stage: str
    to_stage: str


@dataclass(frozen=True, slots=True)
class EndMoved:
    """A contract whose end an import moved."""

    deal: Deal
    old: date | None
    new: date | None


@dataclass(frozen=True, slots=True)
class DigestChanges:
    """What became of a person's deals since the last digest: the first few of each kind, and in
    `counts` how many there are of each."""

    moved: tuple[MovedDeal, ...] = ()
    ends: tuple[EndMoved, ...] = ()
    new: tuple[Deal, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    healths: tuple[HealthTurned, ...] = ()


@dataclass(frozen=True, slots=True)
class RedirectedNudge:
    """A nudge that somebody else got instead: its deal, its event as it stands now, and the name of
    whoever got it."""

    deal: Deal
    event: Event
    holder: str


WEEK_PICKS: Most = {
    DealSelection.WAITING: LISTED,
    DealSelection.TO_RECORD: FEW,
    DealSelection.COMING: SOON,
    DealSelection.HISTORY: NAMED,
}
TEAM_PICKS: Most = {
    DealSelection.ASKED: FEW,
    DealSelection.NOTICED: FEW,
    DealSelection.DOUBTFUL: FEW,
    DealSelection.ENDED: FEW,
    DealSelection.HISTORY: NAMED,
    DealSelection.DUE: FEW,
}
HANDOVER_PICKS: Most = {DealSelection.URGENT: LISTED}
"""What each digest names."""


def weekly_facts(
    own: DigestDeals,
    changes: DigestChanges,
    policy: Policy,
    today: date,
    since: date | None,
    language: Language,
    now: datetime,
) -> dict[str, Any]:
    """A person's week: what comes, what changed, what waits. `own` has the lists of WEEK_PICKS."""
    tally, to_record = own.tally, own.picked[DealSelection.TO_RECORD]
    return {
        "today": today.isoformat(),
        "since": since.isoformat() if since else None,
        "ahead": AHEAD,
        **counts(tally, policy),
        **_all_coming(own, policy, today, language, now),
        **listed(
            "waiting",
            waits(own.picked[DealSelection.WAITING], policy, today, language),
            tally.unanswered,
        ),
        **listed(
            "to_record", [line_of(d, policy, today, language) for d in to_record], tally.to_record
        ),
        **_settled_by_nobody(own, policy, today, language),
        **_changed(changes, policy, language),
    }


def _settled_by_nobody(
    of: DigestDeals, policy: Policy, today: date, language: Language
) -> dict[str, Any]:
    """The first of those that had ended before they were first loaded: nothing asks about them."""
    lines = ended_lines(of.picked[DealSelection.HISTORY], policy, today, language)
    return listed("history_lines", lines, of.tally.history)


def _all_coming(
    own: DigestDeals, policy: Policy, today: date, language: Language, now: datetime
) -> dict[str, Any]:
    """What comes, in weeks. Where something comes for more deals than were picked, the picked ones
    are lived ahead only until the day on which something may come for the last of them, and each
    deal that is not named counts as one thing more."""
    deals, more = (
        own.picked[DealSelection.COMING],
        own.tally.coming > len(own.picked[DealSelection.COMING]),
    )
    until = (comes_by(deals[-1], policy, today) if more else None) or today + timedelta(days=AHEAD)
    lines = sorted(
        (c for d in deals for c in _coming(d, policy, today, until, language, now)), key=_by_day
    )
    shown = lines[:LISTED]
    rest = (
        own.tally.coming - len({line["deal"] for line in shown})
        if more
        else len(lines) - len(shown)
    )
    return {
        "weeks": _by_week(shown, today),
        "coming": len(shown) + rest,
        "coming_contracts": own.tally.coming if more else len({line["deal"] for line in lines}),
        "coming_rest": rest,
    }


def team_facts(
    reports: Mapping[Person, Tally],
    team: DigestDeals,
    policy: Policy,
    today: date,
    language: Language,
    people: Mapping[int, Person],
    turned: Sequence[HealthTurned] = (),
) -> dict[str, Any]:
    """A manager's team: a line for each of those they manage, what is lost, in doubt, over or due,
    whose health `turned` since the last one, who is away, what waits longest. `team` has the lists
    of TEAM_PICKS."""
    tally, picked = team.tally, team.picked
    reps = sorted(
        (_rep(p, own, policy, today) for p, own in reports.items()),
        key=lambda r: (-r["unanswered"], -r["doubt_amount"], r["name"]),
    )
    return {
        "today": today.isoformat(),
        "ahead": AHEAD,
        **counts(tally, policy),
        **listed("reps", reps[:LISTED], len(reps)),
        **listed(
            "waiting", waits(picked[DealSelection.ASKED], policy, today, language), tally.asked
        ),
        **listed(
            "noticed",
            of_value(picked[DealSelection.NOTICED], policy, today, language),
            tally.notices,
        ),
        **listed(
            "doubtful",
            of_value(picked[DealSelection.DOUBTFUL], policy, today, language),
            tally.doubt,
        ),
        **listed(
            "ended_lines",
            ended_lines(picked[DealSelection.ENDED], policy, today, language),
            tally.ended,
        ),
        **_settled_by_nobody(team, policy, today, language),
        **listed(
            "due_lines", of_value(picked[DealSelection.DUE], policy, today, language), tally.due
        ),
        **listed("healths", turned_lines(turned[:FEW], policy, language), len(turned)),
        "away": _away(list(reports), today, people),
    }


def returned_facts(
    absences: Sequence[Absence],
    elsewhere: Sequence[RedirectedNudge],
    policy: Policy,
    today: date,
    language: Language,
) -> dict[str, Any]:
    """What went elsewhere while a person was away: the questions without an answer first."""
    told = [_told(e, policy, today, language) for e in elsewhere]
    told.sort(
        key=lambda t: (
            not t["asks"] or bool(t["answered"]),
            bool(t["answered"]),
            -t["risk"],
            t["number"],
        )
    )
    return {
        "today": today.isoformat(),
        "first_on": min(a.first_on for a in absences).isoformat(),
        "last_on": max(a.last_on for a in absences).isoformat(),
        "told": told[:LISTED],
        "told_count": len(told),
        "told_rest": max(0, len(told) - LISTED),
        "left_open": sum(1 for t in told if t["asks"] and not t["answered"]),
    }


def handover_facts(
    left: Person, own: DigestDeals, policy: Policy, today: date, language: Language
) -> dict[str, Any]:
    """The deals of somebody who has left, the most urgent first. `own` has the lists of
    HANDOVER_PICKS."""
    deals = own.picked[DealSelection.URGENT]
    lines = [
        about(d, language)
        | deadline_of(d, today, policy)
        | asked_of(d, policy, today, language)
        | risk_of(d, policy, today)
        for d in deals
    ]
    lines.sort(key=lambda line: (-line["risk"], line["customer"], line["number"]))
    return {
        "today": today.isoformat(),
        "left": plain(left.name),
        "deals": lines,
        "deals_rest": own.tally.all - len(lines),
        **counts(own.tally, policy),
        "counts": numbers(own.tally, policy) | {"total": total_of(own.tally.all_worth, policy)},
    }


def _coming(
    deal: Deal, policy: Policy, today: date, until: date, language: Language, now: datetime
) -> Iterator[dict[str, Any]]:
    """What comes if nobody answers, as `upcoming` and `why` foresee it: milestones, deadlines,
    ends, what is decided by itself; no reminders."""
    contract = deal.contract
    for comes in upcoming([deal], policy, now, (until - today).days):
        told = (
            comes.kind is not ComingKind.DEADLINE
            or contract.auto_renew
            or contract.decide_by != contract.ends_on
        )
        if today <= comes.on <= until and told and not comes.step and comes.milestone != ENDED:
            yield line_of(deal, policy, today, language) | _at(comes, deal, policy, today, language)


def _at(
    comes: Upcoming, deal: Deal, policy: Policy, today: date, language: Language
) -> dict[str, Any]:
    """A day that comes: of a deadline also the last working day."""
    on, deadline = comes.on, _NOTICE if deal.contract.auto_renew else _DECISION
    named = (
        _ENDS
        if comes.kind is ComingKind.END
        else deadline
        if comes.kind is ComingKind.DEADLINE
        else _OWN.get(comes.milestone or "", comes.what)
    )
    working = (
        calendar_of(deal, policy).on_or_before(on) if comes.kind is ComingKind.DEADLINE else on
    )
    return {
        "on": on.isoformat(),
        "days_left": (on - today).days,
        "kind": comes.kind.value,
        "label": plain(
            (
                comes.what
                if comes.milestone is None and comes.kind is ComingKind.MILESTONE
                else named
            ).of(language)
        ),
        "working": working.isoformat() if working >= today else on.isoformat(),
    }


def _by_day(line: Mapping[str, Any]) -> tuple[str, float, str, str]:
    """By day, then what is worth most."""
    return line["on"], -line["risk"], line["customer"], line["number"]


def _by_week(coming: Sequence[dict[str, Any]], today: date) -> list[dict[str, Any]]:
    """What comes, in weeks; each with its Monday and how many weeks ahead it is."""
    weeks: dict[date, list[dict[str, Any]]] = {}
    for line in coming:
        weeks.setdefault(monday_of(date.fromisoformat(line["on"])), []).append(line)
    return [
        {"monday": m.isoformat(), "ahead": (m - monday_of(today)).days // 7, "lines": lines}
        for m, lines in weeks.items()
    ]


def _changed(changes: DigestChanges, policy: Policy, language: Language) -> dict[str, Any]:
    """Won, lost, other moves, ends that moved, new contracts, what got better or worse; each list
    cut, its whole length beside it."""
    lists: dict[str, list[dict[str, Any]]] = {
        "won": [],
        "lost": [],
        "moved": [],
        "ends": [],
        "new": [],
        "healths": turned_lines(changes.healths, policy, language),
    }
    for moved in changes.moved:
        kind = "lost" if moved.deal.lost else "won" if moved.deal.won else "moved"
        lists[kind].append(about(moved.deal, language) | _passed(moved, policy, language))
    lists["ends"] = [
        about(e.deal, language) | {"old": iso_of(e.old), "new": iso_of(e.new)} for e in changes.ends
    ]
    lists["new"] = [about(deal, language) for deal in changes.new]
    counts = {name: changes.counts.get(name, len(lines)) for name, lines in lists.items()}
    shown = {name: lines[:FEW] for name, lines in lists.items()}
    return (
        shown
        | {f"{name}_count": count for name, count in counts.items()}
        | {"changes": sum(counts.values())}
    )


def _passed(moved: MovedDeal, policy: Policy, language: Language) -> dict[str, Any]:
    """From where to where; of a deal that was won the renewed amount and end, of one that was lost
    the reason, and whether that is churn."""
    deal = moved.deal
    pipeline = policy.pipelines.get(deal.pipeline)
    stages = [
        pipeline.find(stage) if pipeline else None for stage in (moved.from_stage, moved.to_stage)
    ]
    names = [
        plain(s.label.of(language)) if s else stage
        for s, stage in zip(stages, (moved.from_stage, moved.to_stage), strict=True)
    ]
    reasons = policy.lost_reasons.get(deal.pipeline, ())
    why = next(
        (plain(r.label.of(language)) for r in reasons if deal.lost and r.id == deal.lost.reason), ""
    )
    churn = deal.lost is not None and deal.lost.is_churn
    renewed = (
        {
            "amount": deal.won.amount.minor,
            "currency": deal.won.amount.currency,
            "ends_on": iso_of(deal.won.ends_on),
        }
        if deal.won
        else {}
    )
    return {"from": names[0], "to": names[1], "because": why, "churn": churn, **renewed}


def _rep(person: Person, own: Tally, policy: Policy, today: date) -> dict[str, Any]:
    """One of a team."""
    return {
        "name": plain(person.name),
        "active": person.active,
        **numbers(own, policy),
        "oldest": max(0, (today - own.since).days) if own.since else 0,
        "doubt_amount": sum_of(own.doubtful_worth, policy)["amount"],
        "doubt_total": total_of(own.doubtful_worth, policy),
    }


def _away(
    people: Sequence[Person], today: date, everybody: Mapping[int, Person]
) -> list[dict[str, Any]]:
    """Who is away this week or the next, and who stands in."""
    until = monday_of(today) + timedelta(days=13)
    found = [
        (a, p) for p in people for a in p.absences if a.first_on <= until and a.last_on >= today
    ]
    lines = []
    for absence, person in sorted(found, key=lambda f: (f[0].first_on, f[1].name)):
        delegate = everybody.get(absence.delegate_id) if absence.delegate_id is not None else None
        days = {"first_on": absence.first_on.isoformat(), "last_on": absence.last_on.isoformat()}
        lines.append(
            {
                "name": plain(person.name),
                **days,
                "delegate": plain(delegate.name) if delegate else "",
            }
        )
    return lines


def _told(
    elsewhere: RedirectedNudge, policy: Policy, today: date, language: Language
) -> dict[str, Any]:
    """One nudge that went elsewhere, and what came of it."""
    deal, event = elsewhere.deal, elsewhere.event
    waits = unanswered(deal, policy)
    still = waits is not None and (waits.event.milestone, waits.event.anchor_on) == (
        event.milestone,
        event.anchor_on,
    )
    stage = (
        policy.pipelines[deal.pipeline].find(deal.stage)
        if deal.pipeline in policy.pipelines
        else None
    )
    closed = plain(stage.label.of(language)) if stage is not None and not stage.is_open else ""
    return {
        **line_of(deal, policy, today, language),
        "label": label_of(event.milestone, policy, language),
        "holder": plain(elsewhere.holder),
        "on": event.day_on.isoformat(),
        "asks": still,
        "answered": plain(reason_words(event.answer, language, policy)) if event.answer else closed,
    }

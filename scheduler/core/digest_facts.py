"""What the digests may say (DESIGN §5 "Attention"): a person's week, a team, what went elsewhere, the deals of somebody who left.

Always holds: pure; days as ISO texts, money in minor units, names in one plain line; long lists are cut to what a person reads, and the rest is
counted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from scheduler.core.calendar import Calendar
from scheduler.core.contracts import minor_digits
from scheduler.core.deal import ENDED, Deal, Event
from scheduler.core.facts import SYSTEM_LABELS, money_at_risk, plain
from scheduler.core.formats import per_term
from scheduler.core.labels import Label
from scheduler.core.people import Absence, Person
from scheduler.core.policy import Policy
from scheduler.core.reasons import word
from scheduler.core.rules.followup import open_question
from scheduler.core.rules.milestones import live_events
from scheduler.core.schedule import calendar_of, due_days
from scheduler.core.weeks import monday_of
from scheduler.core.words import Call, EventState, Language

AHEAD = 90
"""How many days ahead a weekly digest looks."""
LISTED, FEW = 40, 10
_ENDS = Label("満了", "End of term")
_NOTICE, _DECISION = Label("解約通知期限", "Notice deadline"), Label("更新判断期限", "Decision deadline")


@dataclass(frozen=True, slots=True)
class Moved:
    """A deal that went from one stage to another since the last digest; of several moves the first and the last stage."""

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
class Changes:
    """What became of a person's deals since the last digest."""

    moved: tuple[Moved, ...] = ()
    ends: tuple[EndMoved, ...] = ()
    new: tuple[Deal, ...] = ()


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A nudge that somebody else got instead: by whom he is known, and the nudge's event as it stands."""

    deal: Deal
    event: Event
    holder: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question that waits for an answer, since when, and until when somebody wished to be left alone."""

    event: Event
    since: date
    quiet_until: date | None = None


def unanswered(deal: Deal, policy: Policy) -> Question | None:
    """What of a deal waits for an answer: the latest milestone that asks, else what was asked after the end."""
    question = open_question(deal, policy)
    if question is not None:
        return Question(question.last, question.steps[0].day_on, question.last.snoozed_until)
    ended = [e for e in deal.events if e.milestone == ENDED and e.state is EventState.FIRED and e.answered_at is None]
    return Question(ended[-1], min(e.day_on for e in ended), ended[-1].snoozed_until) if ended else None


def weekly_facts(deals: Sequence[Deal], changes: Changes, policy: Policy, today: date, since: date | None, language: Language) -> dict[str, Any]:
    """A person's week: what comes, what changed, what waits."""
    coming = sorted((c for d in deals for c in _coming(d, policy, today, language)), key=_by_day)
    waiting = sorted((w for d in deals if (w := _waiting(d, policy, today, language))), key=lambda w: (-w["days"], -w["risk"], w["number"]))
    return {
        "today": today.isoformat(),
        "since": since.isoformat() if since else None,
        "ahead": AHEAD,
        "open": len(deals),
        **_sum(deals, policy),
        "weeks": _by_week(coming[:LISTED], today),
        "coming": len(coming),
        "coming_rest": max(0, len(coming) - LISTED),
        "waiting": waiting[:LISTED],
        "waiting_count": len(waiting),
        "waiting_rest": max(0, len(waiting) - LISTED),
        **_changed(changes, policy, language),
    }


def team_facts(
    reports: Mapping[Person, Sequence[Deal]], policy: Policy, today: date, language: Language, people: Mapping[int, Person]
) -> dict[str, Any]:
    """A manager's team: a line for each of those he manages, who is away, and the questions that wait longest."""
    reps = sorted((_rep(p, deals, policy, today) for p, deals in reports.items()), key=lambda r: (-r["unanswered"], -r["doubt_amount"], r["name"]))
    every = [d for deals in reports.values() for d in deals]
    waiting = sorted((w for d in every if (w := _waiting(d, policy, today, language))), key=lambda w: (-w["days"], -w["risk"], w["number"]))
    return {
        "today": today.isoformat(),
        "open": len(every),
        **_sum(every, policy),
        "reps": reps,
        "waiting": waiting[:FEW],
        "waiting_count": len(waiting),
        "waiting_rest": max(0, len(waiting) - FEW),
        "notices": sum(r["notices"] for r in reps),
        "doubt": sum(r["doubt"] for r in reps),
        "away": _away(list(reports), today, people),
    }


def returned_facts(absences: Sequence[Absence], elsewhere: Sequence[Elsewhere], policy: Policy, today: date, language: Language) -> dict[str, Any]:
    """What went elsewhere while a person was away: the questions without an answer first."""
    told = [_told(e, policy, today, language) for e in elsewhere]
    told.sort(key=lambda t: (not t["asks"] or bool(t["answered"]), bool(t["answered"]), -t["risk"], t["number"]))
    return {
        "today": today.isoformat(),
        "first_on": min(a.first_on for a in absences).isoformat(),
        "last_on": max(a.last_on for a in absences).isoformat(),
        "told": told[:LISTED],
        "told_count": len(told),
        "told_rest": max(0, len(told) - LISTED),
        "left_open": sum(1 for t in told if t["asks"] and not t["answered"]),
    }


def handover_facts(left: Person, deals: Sequence[Deal], policy: Policy, today: date, language: Language) -> dict[str, Any]:
    """The deals of somebody who has left, the most urgent first."""
    lines = [_about(d, language) | _deadline(d, today, policy) | _asked(d, policy, today, language) | _risk(d, policy, today) for d in deals]
    lines.sort(key=lambda line: (-line["risk"], line["customer"], line["number"]))
    return {
        "today": today.isoformat(),
        "left": plain(left.name),
        "deals": lines[:LISTED],
        "open": len(lines),
        "deals_rest": max(0, len(lines) - LISTED),
        **_sum(deals, policy),
    }


def _coming(deal: Deal, policy: Policy, today: date, language: Language) -> Iterator[dict[str, Any]]:
    """Milestones, the notice deadline and the end, as far as they lie ahead."""
    last, contract = today + timedelta(days=AHEAD), deal.contract
    told = deal.contract.auto_renew or contract.decide_by != contract.ends_on
    days = [(contract.decide_by, "deadline", _NOTICE if contract.auto_renew else _DECISION)] if told else []
    for on, kind, label in (*days, (contract.ends_on, "end", _ENDS)):
        if on is not None and today <= on <= last:
            yield _line(deal, policy, today, language) | _at(on, kind, label, deal, policy, today, language)
    settled = live_events(deal, policy)
    for milestone in (m for m in policy.milestones if m.pipeline == deal.pipeline and (not m.in_stages or deal.stage in m.in_stages)):
        for due in due_days(milestone, deal, policy, today):
            if today <= due.day_on <= last and (milestone.id, due.anchor_on) not in settled:
                yield _line(deal, policy, today, language) | _at(due.day_on, "milestone", milestone.label, deal, policy, today, language)


def _at(on: date, kind: str, label: Label, deal: Deal, policy: Policy, today: date, language: Language) -> dict[str, Any]:
    """A day that comes: of a deadline also the last working day."""
    working = calendar_of(deal, policy).on_or_before(on) if kind == "deadline" else on
    return {
        "on": on.isoformat(),
        "days_left": (on - today).days,
        "kind": kind,
        "label": plain(label.of(language)),
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
    return [{"monday": m.isoformat(), "ahead": (m - monday_of(today)).days // 7, "lines": lines} for m, lines in weeks.items()]


def _waiting(deal: Deal, policy: Policy, today: date, language: Language) -> dict[str, Any] | None:
    """A deal whose question waits."""
    asked = _asked(deal, policy, today, language)
    return _line(deal, policy, today, language) | asked if asked["question"] else None


def _asked(deal: Deal, policy: Policy, today: date, language: Language) -> dict[str, Any]:
    """The open question, and for how many days it has waited."""
    question = unanswered(deal, policy)
    return {
        "question": _label(question.event.milestone, policy, language) if question else "",
        "days": max(0, (today - question.since).days) if question else 0,
        "quiet_until": question.quiet_until.isoformat() if question and question.quiet_until else None,
    }


def _label(milestone_id: str, policy: Policy, language: Language) -> str:
    """What a milestone is called."""
    milestone = policy.milestone(milestone_id)
    return plain((milestone.label if milestone else SYSTEM_LABELS.get(milestone_id, Label(milestone_id, milestone_id))).of(language))


def _line(deal: Deal, policy: Policy, today: date, language: Language) -> dict[str, Any]:
    """What every line about a deal says."""
    return _about(deal, language) | _deadline(deal, today, policy) | _risk(deal, policy, today)


def _about(deal: Deal, language: Language) -> dict[str, Any]:
    """Who, what, how much, whose."""
    contract = deal.contract
    return {
        "customer": plain(contract.customer.name) or plain(contract.title) or contract.number,
        "number": plain(contract.number),
        "product": plain(contract.product) or plain(contract.title),
        "amount": contract.amount.minor,
        "currency": contract.amount.currency,
        "per": per_term(contract.term, language),
        "owner": plain(deal.owner.name) if deal.owner else "",
        "ends_on": contract.ends_on.isoformat() if contract.ends_on else None,
    }


def _deadline(deal: Deal, today: date, policy: Policy) -> dict[str, Any]:
    """The last working day on which the customer can still decide; None once it is over."""
    calendar: Calendar = calendar_of(deal, policy)
    day = deal.contract.decide_by
    if day is None or day < today:
        return {"deadline_on": None}
    working = calendar.on_or_before(day)
    return {"deadline_on": (working if working >= today else day).isoformat()}


def _risk(deal: Deal, policy: Policy, today: date) -> dict[str, Any]:
    return {"risk": money_at_risk(deal, policy, today)}


def _sum(deals: Sequence[Deal], policy: Policy) -> dict[str, Any]:
    """What deals are worth together, in the base currency, and how many of them have no amount."""
    return {
        "amount": _minor(sum(policy.in_base_currency(d.contract.amount) for d in deals), policy),
        "currency": policy.base_currency,
        "without": sum(d.contract.amount.minor is None for d in deals),
    }


def _minor(whole: float, policy: Policy) -> int:
    return round(whole * float(10 ** minor_digits(policy.base_currency)))


def _changed(changes: Changes, policy: Policy, language: Language) -> dict[str, Any]:
    """Won, lost, other moves, ends that moved, new contracts; each list cut, its whole length beside it."""
    lists: dict[str, list[dict[str, Any]]] = {"won": [], "lost": [], "moved": [], "ends": [], "new": []}
    for moved in changes.moved:
        kind = "lost" if moved.deal.lost else "won" if moved.deal.won else "moved"
        lists[kind].append(_about(moved.deal, language) | _passed(moved, policy, language))
    lists["ends"] = [_about(e.deal, language) | {"old": _iso(e.old), "new": _iso(e.new)} for e in changes.ends]
    lists["new"] = [_about(deal, language) for deal in changes.new]
    cut = {name: lines[:FEW] for name, lines in lists.items()}
    counts = {f"{name}_count": len(lines) for name, lines in lists.items()}
    return cut | counts | {"changes": sum(len(lines) for lines in lists.values())}


def _passed(moved: Moved, policy: Policy, language: Language) -> dict[str, Any]:
    """From where to where; of a deal that was won the renewed amount and end, of one that was lost the reason."""
    deal = moved.deal
    pipeline = policy.pipelines.get(deal.pipeline)
    stages = [pipeline.find(stage) if pipeline else None for stage in (moved.from_stage, moved.to_stage)]
    names = [plain(s.label.of(language)) if s else stage for s, stage in zip(stages, (moved.from_stage, moved.to_stage), strict=True)]
    reasons = policy.lost_reasons.get(deal.pipeline, ())
    why = next((plain(r.label.of(language)) for r in reasons if deal.lost and r.id == deal.lost.reason), "")
    renewed = {"amount": deal.won.amount.minor, "currency": deal.won.amount.currency, "ends_on": _iso(deal.won.ends_on)} if deal.won else {}
    return {"from": names[0], "to": names[1], "because": why, **renewed}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _rep(person: Person, deals: Sequence[Deal], policy: Policy, today: date) -> dict[str, Any]:
    """One of a team."""
    questions = [q for d in deals if (q := unanswered(d, policy))]
    doubtful = [d for d in deals if d.call in (Call.AT_RISK, Call.UNSURE) or d.notice_on]
    ending = [d for d in deals if d.contract.ends_on and d.contract.ends_on <= today + timedelta(days=AHEAD)]
    return {
        "name": plain(person.name),
        "active": person.active,
        "open": len(deals),
        **{name: value for name, value in _sum(deals, policy).items() if name != "currency"},
        "ending": len(ending),
        "unanswered": len(questions),
        "oldest": max(((today - q.since).days for q in questions), default=0),
        "notices": sum(1 for d in deals if d.notice_on),
        "doubt": sum(1 for d in deals if d.call in (Call.AT_RISK, Call.UNSURE) and not d.notice_on),
        "doubt_amount": _sum(doubtful, policy)["amount"],
    }


def _away(people: Sequence[Person], today: date, everybody: Mapping[int, Person]) -> list[dict[str, Any]]:
    """Who is away this week or the next, and who stands in."""
    until = monday_of(today) + timedelta(days=13)
    found = [(a, p) for p in people for a in p.absences if a.first_on <= until and a.last_on >= today]
    lines = []
    for absence, person in sorted(found, key=lambda f: (f[0].first_on, f[1].name)):
        delegate = everybody.get(absence.delegate_id) if absence.delegate_id is not None else None
        days = {"first_on": absence.first_on.isoformat(), "last_on": absence.last_on.isoformat()}
        lines.append({"name": plain(person.name), **days, "delegate": plain(delegate.name) if delegate else ""})
    return lines


def _told(elsewhere: Elsewhere, policy: Policy, today: date, language: Language) -> dict[str, Any]:
    """One nudge that went elsewhere, and what came of it."""
    deal, event = elsewhere.deal, elsewhere.event
    waits = unanswered(deal, policy)
    still = waits is not None and (waits.event.milestone, waits.event.anchor_on) == (event.milestone, event.anchor_on)
    stage = policy.pipelines[deal.pipeline].find(deal.stage) if deal.pipeline in policy.pipelines else None
    closed = plain(stage.label.of(language)) if stage is not None and not stage.is_open else ""
    return {
        **_line(deal, policy, today, language),
        "label": _label(event.milestone, policy, language),
        "holder": plain(elsewhere.holder),
        "on": event.day_on.isoformat(),
        "asks": still,
        "answered": plain(word(event.answer, language)) if event.answer else closed,
    }

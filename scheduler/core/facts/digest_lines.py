"""The parts of digests: what a line about a deal says, and the numbers, each with the one meaning
of `core.facts.tally`.

Always holds: pure; days as ISO texts, money in minor units; a list is cut to what a person reads,
and the rest is counted.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.formats import per_term
from scheduler.core.facts.nudge_facts import SYSTEM_LABELS, money_at_risk, plain
from scheduler.core.facts.tally import Tally, TotalValue, due_on, total, unanswered
from scheduler.core.policy.milestone_days import calendar_of
from scheduler.core.policy.policy import Policy
from scheduler.core.time.calendar import Calendar
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language


def counts(tally: Tally, policy: Policy) -> dict[str, Any]:
    """The numbers, by name and together: `counts` is what the shipped templates hand to their
    parts."""
    counted = numbers(tally, policy)
    return counted | {"counts": counted}


def numbers(tally: Tally, policy: Policy) -> dict[str, Any]:
    """The numbers about deals, each with one meaning (core.facts.tally); `total` is of the
    renewals, `due_total` of those due."""
    return {
        "open": tally.open,
        "prospects": tally.all - tally.open,
        "all": tally.all,
        **sum_of(tally.worth, policy),
        "total": total_of(tally.worth, policy),
        "due": tally.due,
        "due_total": total_of(tally.due_worth, policy),
        "ended": tally.ended,
        "history": tally.history,
        "notices": tally.notices,
        "doubt": tally.doubt,
        "unanswered": tally.unanswered,
        "not_assessed": tally.not_assessed,
    }


def listed(name: str, lines: Sequence[dict[str, Any]], count: int) -> dict[str, Any]:
    """The lines of a list that are shown, how many there are in all, and how many are not shown."""
    return {name: list(lines), f"{name}_count": count, f"{name}_rest": max(0, count - len(lines))}


def waits(
    deals: Iterable[Deal], policy: Policy, today: date, language: Language
) -> list[dict[str, Any]]:
    """Lines about deals whose question waits for an answer."""
    return [
        line_of(d, policy, today, language) | asked_of(d, policy, today, language) for d in deals
    ]


def of_value(
    deals: Iterable[Deal], policy: Policy, today: date, language: Language
) -> list[dict[str, Any]]:
    """Deals with the day by which each is decided, the notice and the doubt."""
    return [line_of(d, policy, today, language) | said_of(d, today, language) for d in deals]


def said_of(deal: Deal, today: date, language: Language) -> dict[str, Any]:
    """What the customer or the owner has said, and by when it is decided."""
    return {
        "due_on": iso_of(due_on(deal, today)),
        "notice_on": iso_of(deal.notice_on),
        "call_label": deal.call.label.of(language) if deal.call else "",
        "called_on": iso_of(deal.called_on) if deal.call else None,
    }


def ended_lines(
    deals: Iterable[Deal], policy: Policy, today: date, language: Language
) -> list[dict[str, Any]]:
    """What has ended without an answer: for how many days."""
    return [
        line_of(d, policy, today, language) | {"days": (today - d.contract.ends_on).days}
        for d in deals
        if d.contract.ends_on
    ]


def asked_of(deal: Deal, policy: Policy, today: date, language: Language) -> dict[str, Any]:
    """The open question, and for how many days it has waited."""
    question = unanswered(deal, policy)
    return {
        "question": label_of(question.event.milestone, policy, language) if question else "",
        "days": max(0, (today - question.since).days) if question else 0,
        "quiet_until": question.quiet_until.isoformat()
        if question and question.quiet_until
        else None,
    }


def label_of(milestone_id: str, policy: Policy, language: Language) -> str:
    """What a milestone is called."""
    milestone = policy.milestone(milestone_id)
    return plain(
        (
            milestone.label
            if milestone
            else SYSTEM_LABELS.get(milestone_id, Label.verbatim(milestone_id))
        ).of(language)
    )


def line_of(deal: Deal, policy: Policy, today: date, language: Language) -> dict[str, Any]:
    """What every line about a deal says."""
    return about(deal, language) | deadline_of(deal, today, policy) | risk_of(deal, policy, today)


def about(deal: Deal, language: Language) -> dict[str, Any]:
    """Who, what, how much, whose."""
    contract = deal.contract
    return {
        "deal": deal.id,
        "customer": plain(contract.customer.name) or plain(contract.title) or contract.number,
        "number": plain(contract.number),
        "product": plain(contract.product) or plain(contract.title),
        "amount": contract.amount.minor,
        "currency": contract.amount.currency,
        "per": per_term(contract.term, language),
        "owner": plain(deal.owner.name) if deal.owner else "",
        "ends_on": contract.ends_on.isoformat() if contract.ends_on else None,
    }


def deadline_of(deal: Deal, today: date, policy: Policy) -> dict[str, Any]:
    """The last working day on which the customer can still decide; None once it is over."""
    calendar: Calendar = calendar_of(deal, policy)
    day = deal.contract.decide_by
    if day is None or day < today:
        return {"deadline_on": None}
    working = calendar.on_or_before(day)
    return {"deadline_on": (working if working >= today else day).isoformat()}


def risk_of(deal: Deal, policy: Policy, today: date) -> dict[str, Any]:
    """How much money is at stake how soon (`money_at_risk`); the greatest risk stands first."""
    return {"risk": money_at_risk(deal, policy, today)}


def sum_of(worth: TotalValue, policy: Policy) -> dict[str, Any]:
    """What deals are worth together, in the base currency, and how many of them have no amount."""
    found = total(worth, policy)
    return {"amount": found.base.minor, "currency": found.base.currency, "without": found.without}


def total_of(worth: TotalValue, policy: Policy) -> dict[str, Any]:
    """The same with the currencies that have no rate beside it."""
    found = total(worth, policy)
    return sum_of(worth, policy) | {
        "others": [{"amount": m.minor, "currency": m.currency} for m in found.others]
    }


def iso_of(day: date | None) -> str | None:
    """A day as text; None for none."""
    return day.isoformat() if day else None

"""What comes for a deal if nobody answers: `decide` plays the deal forward from alarm to alarm.

Always holds: it is the same function that will decide then, so an automatic renewal ends the list
of its term, a later milestone replaces an earlier one, and nothing is announced that the rules
would not do. The first reminder after the end is the last thing listed: from there on it depends on
people.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import AUTO_RENEWAL, ENDED, EXPECTED, Deal, Decision, Nudge
from scheduler.core.facts.nudge_facts import SYSTEM_LABELS, decide_by_label
from scheduler.core.policy.milestone_days import day_start, zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.delivery_window import Reached, person_of
from scheduler.core.rules.projection import live
from scheduler.core.time.dates import local_day
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import EventState

_END = Label("the end", context="coming")
_UNDECIDED = Label("cannot be decided (`renewals run --dry-run` says why)")
_SYSTEM = SYSTEM_LABELS | {
    ENDED: Label("asks how it ended, if nobody has said"),
    AUTO_RENEWAL: Label("renews automatically"),
    EXPECTED: Label("asks again, if nothing has come"),
}
_LEAVES = Label("closed as lost, as the customer gave notice")


class ComingKind(StrEnum):
    """What sort of day comes: one that asks or tells, the last one for a decision, the end, or one
    on which the term is decided by itself."""

    MILESTONE = "milestone"
    DEADLINE = "deadline"
    END = "end"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Upcoming:
    """Something that comes for a deal: a milestone, the notice deadline, the end. `asked` are the
    people who will be told. `step` 0 is the day itself, later steps remind of it."""

    on: date
    contract: str
    customer: str
    what: Label
    milestone: str | None
    amount: Money
    asked: tuple[str, ...] = field(default=())
    step: int = 0
    kind: ComingKind = ComingKind.MILESTONE


def upcoming(deals: Sequence[Deal], policy: Policy, now: datetime, days: int) -> list[Upcoming]:
    """What comes for `deals` from today on for `days` days, by day. A deal that cannot be decided
    is one line that says so, today."""
    found: list[Upcoming] = []
    for deal in deals:
        try:
            found += _of(deal, policy, now, days)
        except (
            Exception
        ):  # one deal's fault, whatever it is, must not hide what comes for the others
            today = local_day(now, ZoneInfo(policy.zone))
            found.append(
                Upcoming(
                    today,
                    deal.contract.number,
                    deal.contract.customer.name,
                    _UNDECIDED,
                    None,
                    deal.contract.amount,
                )
            )
    return sorted(found, key=lambda u: (u.on, u.customer, u.contract))


def _of(deal: Deal, policy: Policy, now: datetime, days: int) -> Iterator[Upcoming]:
    """What comes for one deal: its days, and what will be said and done."""
    zone, contract = zone_of(deal, policy), deal.contract
    today = now.astimezone(zone).date()
    last = today + timedelta(days=days)
    over = date.max
    for at, decision in _ahead(deal, policy, now, day_start(last + timedelta(days=1), zone)):
        on = at.astimezone(zone).date()
        for what, milestone, step, nudges in _said(decision, policy):
            asked = tuple(dict.fromkeys(_named(n, deal) for n in nudges))
            kind = ComingKind.OUTCOME if milestone in (AUTO_RENEWAL, "") else ComingKind.MILESTONE
            yield Upcoming(
                on,
                contract.number,
                contract.customer.name,
                what,
                milestone,
                contract.amount,
                asked,
                step,
                kind,
            )
        if decision.won or decision.lost:
            over = on
    own = (
        (contract.decide_by, decide_by_label(contract), ComingKind.DEADLINE),
        (contract.ends_on, _END, ComingKind.END),
    )
    for day, what, sort in own:
        if day is not None and today <= day <= min(last, over):
            yield Upcoming(
                day, contract.number, contract.customer.name, what, None, contract.amount, kind=sort
            )


def _ahead(
    deal: Deal, policy: Policy, now: datetime, until: datetime
) -> Iterator[tuple[datetime, Decision]]:
    """Every instant before `until` at which something will be decided, with the decision, if nobody
    does anything."""
    for look in live(deal, policy, now, until, at_once):
        decision = look.decision
        yield look.at, decision
        if decision.won or decision.lost or any(e.milestone == ENDED for e in decision.events):
            return


def at_once(nudge: Nudge, deal: Deal, at: datetime) -> Reached:
    """Treats every message as sent at once, because working hours do not change what comes."""
    return Reached(at, nudge.recipient.key, at.date())


def _said(decision: Decision, policy: Policy) -> Iterator[tuple[Label, str, int, list[Nudge]]]:
    """(what, milestone, step, whom it tells) for everything a decision does that people notice."""
    for event in decision.events:
        if event.state is EventState.FIRED:
            milestone = policy.milestone(event.milestone)
            what = (
                milestone.label
                if milestone
                else _SYSTEM.get(event.milestone, Label.verbatim(event.milestone))
            )
            yield (
                what,
                event.milestone,
                event.step,
                [n for n in decision.nudges if (n.milestone, n.anchor_on, n.step) == event.key],
            )
    if decision.lost:
        yield _LEAVES, "", 0, []


def _named(nudge: Nudge, deal: Deal) -> str:
    """Whom a nudge tells, by name where there is one."""
    person = person_of(nudge, deal)
    return person.name if person else nudge.recipient.address or nudge.recipient.key

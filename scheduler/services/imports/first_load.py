"""What a source's first load held back (DESIGN §5 "First load is silent"): how much it is, and one
digest per person if that was asked for.

Both need decided deals: sweep first. Always holds: a digest has a stable key, so that asking twice
sends it once; it lists a person's most urgent contracts and counts all.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from heapq import heappush, heapreplace
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import SYSTEM_MILESTONES, Deal
from scheduler.core.deal.people import Person, Recipient
from scheduler.core.facts.nudge_facts import message_facts, money_at_risk, nudge_facts
from scheduler.core.policy.milestone_days import zone_of
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.routing import Destination, destination_of_address, destinations_of, route
from scheduler.core.rules.windows import Hold, window
from scheduler.core.words.keys import stable_key
from scheduler.core.words.lexicon import ChannelName, EventState, Language
from scheduler.ports import Begin

LISTED = 20
"""How many contracts a digest names."""
NEAR_DAYS = 30
"""After a first load, contracts are named that end, or have their notice deadline, within so many
days."""


@dataclass(frozen=True, slots=True)
class Digest:
    """One message of kind `digest`, ready to be queued."""

    key: str
    recipient: Recipient
    destination: Destination
    language: Language
    facts: dict[str, Any]
    not_before_at: datetime


OWES_DIGEST = "owes_digest"
"""What an import's counts say until the requested digests are queued, so that the next start can
finish after a crash."""


@dataclass(frozen=True, slots=True)
class NearContract:
    """A contract that is named because a first load held something back about it although its end
    or notice deadline is close."""

    contract: str
    customer: str
    on: date
    is_deadline: bool
    amount: Money
    owner: str
    held: tuple[str, ...]


class HeldTransaction(Protocol):
    """One open transaction on what an import brought in."""

    def owing(self) -> Sequence[int]:
        """The completed imports whose digests are not queued yet."""

    def paid(self, import_id: int) -> None:
        """Marks the digests of an import as queued."""

    def held(self, import_id: int) -> int:
        """For how many of its open deals reminders were held back."""

    def deals(self, import_id: int) -> Iterable[Sequence[Deal]]:
        """The open deals about which something was held back, in batches."""

    def first_loads(self) -> Sequence[int]:
        """The imports that were their source's first load and still stand, oldest first."""

    def let_speak(self, import_id: int, today: date, now: datetime) -> int:
        """Has what was held back about its open deals that have not ended judged again, as if it
        had come later; returns for how many deals."""

    def person(self, person_id: int) -> Person | None:
        """Somebody."""

    def queue(self, digests: Sequence[Digest], now: datetime) -> int:
        """Queues those that are not there yet; how many."""


def held_back(holding: Begin[HeldTransaction], import_id: int) -> int:
    """For how many deals a first load held reminders back ("412 held back"): as many as would be
    told if the latest per deal were sent."""
    with holding() as transaction:
        return transaction.held(import_id)


def near_ends(
    holding: Begin[HeldTransaction], import_ids: Collection[int], policy: Policy, now: datetime
) -> list[NearContract]:
    """The contracts held back by these imports whose end or notice deadline lies within NEAR_DAYS,
    the nearest first, then the largest."""
    with holding() as transaction:
        held = [deal for id in import_ids for deals in transaction.deals(id) for deal in deals]
    found = [
        near
        for deal in held
        if (near := _near(deal, policy, _today(deal, policy, now))) is not None
    ]
    return sorted(found, key=lambda n: (n.on, -(n.amount.minor or 0), n.contract))


def _near(deal: Deal, policy: Policy, today: date) -> NearContract | None:
    """The nearest of the deal's days, if it is close."""
    contract = deal.contract
    days = [
        (day, is_deadline)
        for day, is_deadline in ((contract.decide_by, True), (contract.ends_on, False))
        if day and 0 <= (day - today).days <= NEAR_DAYS
    ]
    if not days:
        return None
    on, is_deadline = min(days, key=lambda d: d[0])
    names = [policy.milestone(e.milestone) for e in deal.events if e.state is EventState.BASELINE]
    labels = tuple(dict.fromkeys(m.label.of(policy.language) for m in names if m is not None))
    owner = deal.owner.name if deal.owner else ""
    return NearContract(
        contract.number,
        contract.customer.name,
        on,
        is_deadline and on != contract.ends_on,
        contract.amount,
        owner,
        labels,
    )


def first_loads(holding: Begin[HeldTransaction]) -> list[int]:
    """The imports that were a source's first load and still stand."""
    with holding() as transaction:
        return list(transaction.first_loads())


def let_speak(
    holding: Begin[HeldTransaction], import_ids: Collection[int], policy: Policy, now: datetime
) -> int:
    """Has the next sweep tell what was held back after all, the latest of each series per deal;
    returns for how many deals."""
    today = now.astimezone(ZoneInfo(policy.zone)).date()
    with holding() as transaction:
        return sum(transaction.let_speak(id, today, now) for id in import_ids)


def send_digests(
    holding: Begin[HeldTransaction],
    import_id: int,
    policy: Policy,
    configured: Collection[ChannelName],
    now: datetime,
) -> int:
    """Queues one digest per recipient with what was held back; returns how many. `configured` are
    the channels there are."""
    with holding() as transaction:
        piles: dict[str, _Pile] = {}
        for deals in transaction.deals(import_id):
            for deal in deals:
                _sort(deal, policy, now, piles)
        digests = [
            _digest(pile, import_id, transaction, policy, configured, now)
            for pile in piles.values()
        ]
        transaction.paid(import_id)
        return transaction.queue(digests, now)


def finish_interrupted(
    holding: Begin[HeldTransaction],
    decide_all: Callable[[], object],
    policy: Policy,
    configured: Collection[ChannelName],
    now: datetime,
) -> int:
    """Finishes what follows the commit of a first load that was interrupted: decides its deals in
    silence and queues its digests; returns how many digests."""
    with holding() as transaction:
        owing = transaction.owing()
    if not owing:
        return 0
    decide_all()
    return sum(send_digests(holding, import_id, policy, configured, now) for import_id in owing)


@dataclass
class _Pile:
    """What one recipient would have been told: the most urgent deals as a heap, and the total."""

    recipient: Recipient
    count: int = 0
    top: list[tuple[float, int, Deal, Milestone, int]] = field(default_factory=list)

    def add(self, risk: float, deal: Deal, milestone: Milestone, event: int) -> None:
        """Adds one more."""
        self.count += 1
        entry = (risk, -self.count, deal, milestone, event)
        if len(self.top) < LISTED:
            heappush(self.top, entry)
        elif entry[:2] > self.top[0][:2]:
            heapreplace(self.top, entry)


def _sort(deal: Deal, policy: Policy, now: datetime, piles: dict[str, _Pile]) -> None:
    """Puts a deal on the piles of the recipients it would have told something, with the latest
    thing."""
    today = _today(deal, policy, now)
    risk = money_at_risk(deal, policy, today)
    told: set[str] = set()
    for place in sorted(range(len(deal.events)), key=lambda n: deal.events[n].day_on, reverse=True):
        event = deal.events[place]
        milestone = policy.milestone(event.milestone)
        if (
            event.state is not EventState.BASELINE
            or milestone is None
            or event.milestone in SYSTEM_MILESTONES
        ):
            continue
        for routed in (r for tell in milestone.tell for r in route(tell, deal, policy, today)):
            if routed.recipient.key not in told:
                told.add(routed.recipient.key)
                piles.setdefault(routed.recipient.key, _Pile(routed.recipient)).add(
                    risk, deal, milestone, place
                )


def _digest(
    pile: _Pile,
    import_id: int,
    transaction: HeldTransaction,
    policy: Policy,
    configured: Collection[ChannelName],
    now: datetime,
) -> Digest:
    """One recipient's digest, to be sent when their window opens."""
    person = (
        transaction.person(pile.recipient.person_id)
        if pile.recipient.person_id is not None
        else None
    )
    language = policy.language_of(person)
    items = [
        nudge_facts(
            deal, milestone, deal.events[event], policy, _today(deal, policy, now), language
        )
        for _, _, deal, milestone, event in pile.top
    ]
    pipeline = policy.pipeline(pile.top[0][2].pipeline)
    destinations = (
        destinations_of(person, configured)
        if person
        else [destination_of_address(pile.recipient.key, configured)]
    )
    destination = next(iter(destinations), None) or destination_of_address(
        pipeline.fallback, configured
    )
    opens = window(
        now,
        policy.hours_of(person),
        policy.zone_of(person, pipeline),
        policy.calendar_of(person, pipeline),
    )
    facts = message_facts(person.name if person else "", items) | {"count": pile.count}
    key = stable_key("digest", import_id, pile.recipient.key)
    return Digest(
        key,
        pile.recipient,
        destination,
        language,
        facts,
        opens.until_at if isinstance(opens, Hold) else now,
    )


def _today(deal: Deal, policy: Policy, now: datetime) -> date:
    """The deal's day."""
    return now.astimezone(zone_of(deal, policy)).date()

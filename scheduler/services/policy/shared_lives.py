"""Shared lives: of deals that are the same in everything the rules read only one is lived, and the
others get its life under their own names.

Always holds: a shared life is what living the deal by itself would give, except for the words of
reasons and the keys of nudges, which nobody compares; owners may be different people if the same
rules reach them, they have been told the same today, and nobody else the deal leads to is ever
away; the number of lives kept has a limit.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from scheduler.core.deal.deal import Deal, Event, Nudge
from scheduler.core.deal.people import Person
from scheduler.core.deal.stored import is_there
from scheduler.core.deal.successor import SUCCESSORS, successor_id
from scheduler.core.policy.milestone_days import facts_of
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.delivery_window import DeliveryWindows
from scheduler.core.words.keys import deal_key
from scheduler.services.policy.lives import LivedNudge, SimulatedLife, lived

_MOST = 4_000
_THE_OWNER = -1
_FREE = ("segment", "country", "product", "currency", "amount")
"""Fields of a contract that only conditions read, and no other rule."""


@dataclass(frozen=True, slots=True)
class _First:
    """The deal that was lived for all deals like it, and its lives."""

    deal: Deal
    lives: Sequence[SimulatedLife]


class SharedLives:
    """The lives of many deals under one policy."""

    def __init__(self, policy: Policy, reaching: DeliveryWindows) -> None:
        self._policy, self._reaching = policy, reaching
        self._spreads = any(m.spread for m in policy.milestones)
        self._conditions = [c for m in policy.milestones for c in m.where if c.field in _FREE]
        self._known: dict[Hashable, _First] = {}
        self._owners: dict[int, Hashable] = {}

    def __len__(self) -> int:
        """The number of deals whose lives are kept."""
        return len(self._known)

    def of(
        self, deal: Deal, start: datetime, until: datetime, *, alone: bool = False
    ) -> Sequence[SimulatedLife]:
        """The deal's life and, unless `alone`, its successors', as `lived` gives them."""
        key = (start, until, alone, self._likeness(deal))
        first = self._known.get(key)
        if first is not None:
            try:
                return [*self._shared(first, deal, start)]
            except _DiffersError:
                return self._lived(deal, start, until, alone)
        lives = self._lived(deal, start, until, alone)
        if not any(life.failed for life in lives):
            if len(self._known) >= _MOST:
                del self._known[next(iter(self._known))]
            self._known[key] = _First(deal, lives)
        return lives

    def _lived(
        self, deal: Deal, start: datetime, until: datetime, alone: bool
    ) -> list[SimulatedLife]:
        """The lives of a deal by itself."""
        lives = lived(deal, self._policy, start, until, self._reaching)
        return list(islice(lives, 1 if alone else None))

    def _likeness(self, deal: Deal) -> Hashable:
        """Everything that rules and windows read about a deal, without its owner's number."""
        if self._spreads or deal.signals:
            return deal.key
        contract, owner = deal.contract, deal.owner.id if deal.owner else None
        facts = facts_of(deal)
        return (
            self._owner(deal),
            _number(deal.sales.id if deal.sales else None, owner),
            _number(deal.manager.id if deal.manager else None, owner),
            deal.pipeline,
            deal.stage,
            deal.stage_entered_at,
            deal.arrived_at,
            deal.baseline_at,
            deal.wake_at,
            deal.paused_until,
            deal.policy_version,
            (contract.starts_on, contract.ends_on, contract.decide_by, contract.series_starts_on),
            (contract.term, contract.notice, contract.renewal_term, contract.renewal_notice),
            (contract.auto_renew, contract.evergreen, contract.estimated, contract.term_number),
            self._policy.in_base_currency(contract.amount) >= self._policy.attention.urgent_amount,
            tuple([condition.holds(facts) for condition in self._conditions]),
            (deal.health_because, deal.said_health, deal.health_timeline),
            (deal.health, deal.paperwork, deal.expected_on, deal.expected_by_default),
            (deal.call, deal.called_on, deal.notice_on, deal.notice_lost, deal.won, deal.lost),
            tuple([_event(event, owner) for event in deal.events]),
            tuple([_nudge(nudge, owner) for nudge in deal.nudges]),
        )

    def _owner(self, deal: Deal) -> Hashable:
        """The facts owners must have in common for their deals to be lived alike; the owner alone,
        if somebody else the deal leads to may hand on what is for them."""
        owner = deal.owner
        if owner is None:
            return None
        if not all(map(is_there, _others(deal, owner))):
            return owner.id
        if owner.id not in self._owners:
            self._owners[owner.id] = (
                (owner.zone, owner.calendar, owner.hours, owner.active, owner.pace),
                _number(owner.manager_id, owner.id),
                owner.id if owner.absences else None,
                self._reaching.standing_of(owner),
            )
        return self._owners[owner.id]

    def _shared(self, first: _First, deal: Deal, start: datetime) -> Iterator[SimulatedLife]:
        """Turns the first one's lives into the deal's. Raises _DiffersError."""
        same = first.deal.owner == deal.owner
        mine = deal
        for number, life in enumerate(first.lives):
            mine = _succeeding(life.deal, mine) if number else deal
            told = (
                life.told
                if same
                else {k: self._told(t, first.deal, mine, start) for k, t in life.told.items()}
            )
            yield SimulatedLife(
                mine, life.moves, life.events, life.withdrawn, told, healths=life.healths
            )

    def _told(self, told: LivedNudge, first: Deal, mine: Deal, start: datetime) -> LivedNudge:
        """The nudge that the first one's owner was told, addressed to the deal's owner."""
        nudge, owner = told.nudge, mine.owner
        if first.owner is None or owner is None or nudge.recipient.person_id != first.owner.id:
            return told
        nudge = replace(nudge, recipient=replace(nudge.recipient, person_id=owner.id))
        reached = told.reached
        if reached is not None:
            reached = self._reaching(nudge, mine, told.made_at or start)
            if reached is None or (reached.at, reached.window_on) != (
                told.reached and (told.reached.at, told.reached.window_on)
            ):
                raise _DiffersError
        return LivedNudge(nudge, told.made_at, told.on, told.state, reached, told.reason)


class _DiffersError(Exception):
    """The deal's window differs from the first one's, so that it is lived by itself."""


def _succeeding(theirs: Deal, before: Deal) -> Deal:
    """Makes one deal's successor the successor of another deal that is like it."""
    source_id = successor_id(before.key, 1)
    contract = replace(
        theirs.contract,
        number=before.contract.number,
        customer=before.contract.customer,
        product=before.contract.product,
        amount=before.contract.amount,
        url=before.contract.url,
        title=before.contract.title,
        attributes=before.contract.attributes,
        source_id=source_id,
    )
    key = deal_key(SUCCESSORS, source_id)
    return replace(theirs, key=key, contract=contract, owner=before.owner, people=before.people)


def _number(number: int | None, owner: int | None) -> int | None:
    """A person's number; every owner has the same one."""
    return _THE_OWNER if number is not None and number == owner else number


def _event(event: Event, owner: int | None) -> Hashable:
    """Everything about an event except its row and the owner's number."""
    return (
        event.milestone,
        event.anchor_on,
        event.day_on,
        event.state,
        event.reason,
        event.at,
        event.step,
        event.was,
        event.answered_at,
        event.snoozed_until,
        _number(event.snoozed_by, owner),
        event.seen,
        event.answer,
    )


def _nudge(nudge: Nudge, owner: int | None) -> Hashable:
    """Everything about a nudge except its row, its key and the owner's number."""
    return (
        nudge.milestone,
        nudge.anchor_on,
        nudge.step,
        _number(nudge.recipient.person_id, owner),
        nudge.recipient.address,
        nudge.role,
        nudge.because,
        nudge.state,
        nudge.reason,
        nudge.urgency,
        nudge.late,
        _number(nudge.instead_of, owner),
        nudge.delayed_from,
    )


def _others(deal: Deal, owner: Person) -> Iterator[Person | None]:
    """Everybody else the deal leads to."""
    yield from (person for person in (deal.sales, deal.manager) if person is not None)
    numbers = {n.recipient.person_id for n in deal.nudges} | {e.snoozed_by for e in deal.events}
    yield from (deal.people.get(n) for n in numbers if n is not None and n != owner.id)

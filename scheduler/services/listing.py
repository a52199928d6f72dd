"""What the listings show: values for one line each, and the questions a store must answer. Nothing here changes anything."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from scheduler.core.contracts import Money
from scheduler.core.deal import Deal
from scheduler.core.labels import Label
from scheduler.core.people import Person
from scheduler.core.pipeline import Passage
from scheduler.core.policy import Policy
from scheduler.core.routing import route
from scheduler.core.rules.milestones import live_events
from scheduler.core.schedule import due_days, zone_of


@dataclass(frozen=True, slots=True)
class DealFilter:
    """Which deals are wanted; empty fields want all. `closed` adds won and lost ones; names match in part, whatever the case."""

    pipeline: str | None = None
    stage: str | None = None
    owner: str | None = None
    customer: str | None = None
    health: str | None = None
    ends_before: date | None = None
    needs_confirmation: bool = False
    closed: bool = False
    limit: int = 50


@dataclass(frozen=True, slots=True)
class DealLine:
    """One deal of the list."""

    deal: int
    contract: str
    customer: str
    product: str
    pipeline: str
    stage: str
    health: str
    starts_on: date | None
    ends_on: date | None
    decide_by: date | None
    auto_renew: bool
    amount: Money
    owner: str | None
    next_at: datetime | None
    estimated: bool


@dataclass(frozen=True, slots=True)
class StageSum:
    """What stands in a stage: deals, those of them without a health, and the money by currency."""

    pipeline: str
    stage: str
    deals: int
    not_assessed: int
    money: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class NudgeLine:
    """One nudge of the list."""

    nudge: int
    state: str
    contract: str
    customer: str
    milestone: str
    anchor_on: date
    step: int
    recipient: str
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    message: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message of the list; `text` only where one message was asked for."""

    message: int
    state: str
    kind: str
    channel: str
    address: str
    recipient: str
    subject: str | None
    created_at: datetime
    sent_at: datetime | None
    attempts: int
    reason: str
    nudges: int
    text: str | None = None


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One colleague of the list."""

    person: int
    name: str
    role: str
    email: str | None
    slack_id: str | None
    zone: str | None
    language: str | None
    manager: str | None
    active: bool
    open_deals: int


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One answer of a deal's story."""

    verb: str
    details: dict[str, Any]
    name: str
    at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Life:
    """A deal with everything that happened to it."""

    deal: Deal
    passages: tuple[Passage, ...] = ()
    answers: tuple[AnswerLine, ...] = ()
    nudges: tuple[NudgeLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Upcoming:
    """Something that comes for a deal: a milestone, the notice deadline, the end. `asked` are the people who will be told."""

    on: date
    contract: str
    customer: str
    what: Label
    milestone: str | None
    amount: Money
    asked: tuple[str, ...] = field(default=())


class ListingStore(Protocol):
    """What the listings ask."""

    def deals(self, wanted: DealFilter, closed_stages: Sequence[str], today: date) -> tuple[list[DealLine], int]:
        """The most urgent deals, and how many there are in all."""

    def board(self, wanted: DealFilter, closed_stages: Sequence[str]) -> list[StageSum]:
        """The sums by pipeline and stage."""

    def lives(self, contract: str) -> list[Life]:
        """The deals of a contract number or `#deal`, newest first, without voided ones."""

    def alike(self, contract: str) -> list[str]:
        """Contract numbers and customers that resemble what was asked for."""

    def waking(self, until: datetime, closed_stages: Sequence[str], limit: int) -> list[Deal]:
        """Open deals whose alarm rings by then, or that end or must be decided by then."""

    def nudges(self, state: str | None, person: str | None, since: datetime | None, limit: int) -> list[NudgeLine]:
        """The newest nudges."""

    def messages(self, state: str | None, kind: str | None, limit: int) -> list[MessageLine]:
        """The newest messages."""

    def message(self, number: int) -> MessageLine | None:
        """One message with its text."""

    def person(self, wanted: str) -> Person | None:
        """The colleague with this e-mail or name, whatever the case."""

    def people(self, closed_stages: Sequence[str]) -> list[PersonLine]:
        """Everybody."""


def closed_stages(policy: Policy) -> list[str]:
    """The ids of the stages in which a deal is over."""
    return sorted({s.id for p in policy.pipelines.values() for s in p.stages if not s.is_open})


_DEADLINE, _END = Label("解約通知期限", "notice deadline"), Label("満了", "end of term")


def upcoming(deals: Sequence[Deal], policy: Policy, now: datetime, days: int) -> list[Upcoming]:
    """What comes for `deals` from today on for `days` days, by day: milestones not yet settled, notice deadlines, ends."""
    found = [u for deal in deals for u in _of(deal, policy, now, days)]
    return sorted(found, key=lambda u: (u.on, u.customer, u.contract))


def _of(deal: Deal, policy: Policy, now: datetime, days: int) -> list[Upcoming]:
    """What comes for one deal."""
    today = now.astimezone(zone_of(deal, policy)).date()
    last = today + timedelta(days=days)
    contract, settled = deal.contract, live_events(deal, policy)
    found = [
        Upcoming(day, contract.number, contract.customer.name, what, None, contract.amount)
        for day, what in ((contract.decide_by, _DEADLINE), (contract.ends_on, _END))
        if day is not None and today <= day <= last
    ]
    for milestone in (m for m in policy.milestones if m.pipeline == deal.pipeline):
        if milestone.in_stages and deal.stage not in milestone.in_stages:
            continue
        for due in due_days(milestone, deal, policy, today):
            if today <= due.day_on <= last and (milestone.id, due.anchor_on) not in settled:
                asked = tuple(_named(r.recipient.key, deal) for t in milestone.tell for r in route(t, deal, policy, today))
                found.append(Upcoming(due.day_on, contract.number, contract.customer.name, milestone.label, milestone.id, contract.amount, asked))
    return found


def _named(recipient: str, deal: Deal) -> str:
    """A recipient as people know him."""
    names = {f"person:{p.id}": p.name for p in (deal.owner, deal.sales, deal.manager) if p}
    return names.get(recipient, recipient)

"""What the listings show: values for one line each, and the questions a store must answer. Nothing
here changes anything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.people import Person
from scheduler.core.deal.pipeline import Passage
from scheduler.core.policy.policy import Policy


@dataclass(frozen=True, slots=True)
class DealFilter:
    """Which deals are wanted; empty fields want all. `closed` adds won and lost ones; names match
    in part, whatever the case."""

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
class DealFacts:
    """One deal with everything a file can say of its contract. `customer_id` is empty where the
    customer has no id but the name; people who share their name have their address behind it."""

    deal: int
    contract: str
    customer: str
    customer_id: str
    product: str
    title: str
    starts_on: date | None
    ends_on: date | None
    estimated: bool
    term: str | None
    notice: str | None
    renewal_term: str | None
    renewal_notice: str | None
    decide_by: date | None
    auto_renew: bool
    evergreen: bool
    amount: Money
    owner: str
    sales: str
    segment: str | None
    country: str | None
    parent: str | None
    url: str | None
    pipeline: str
    stage: str
    health: str
    next_at: datetime | None
    source: str


@dataclass(frozen=True, slots=True)
class StageSum:
    """What stands in a stage: deals, those of them without a health, the money by currency, and how
    many have no amount."""

    pipeline: str
    stage: str
    deals: int
    not_assessed: int
    money: tuple[Money, ...]
    without: int


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
    calendar: str | None = None
    hours: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One answer of a deal's story."""

    verb: str
    details: dict[str, Any]
    name: str
    at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class EditLine:
    """What somebody changed by hand: the change's number, and each field with what it was and
    became, as texts."""

    number: int
    name: str
    at: datetime
    undone: bool
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Life:
    """A deal with everything that happened to it."""

    deal: Deal
    passages: tuple[Passage, ...] = ()
    answers: tuple[AnswerLine, ...] = ()
    nudges: tuple[NudgeLine, ...] = ()
    edits: tuple[EditLine, ...] = ()


@dataclass(frozen=True, slots=True)
class SimilarContract:
    """A contract that resembles what was asked for."""

    contract: str
    customer: str


class ListingStore(Protocol):
    """What the listings ask."""

    def deals(
        self, wanted: DealFilter, closed_stages: Sequence[str], today: date
    ) -> tuple[list[DealLine], int]:
        """The most urgent deals, and how many there are in all."""

    def board(self, wanted: DealFilter, closed_stages: Sequence[str]) -> list[StageSum]:
        """The sums by pipeline and stage."""

    def lives(self, contract: str) -> list[Life]:
        """The deals of a contract number or `#deal`, newest first, without voided ones."""

    def alike(self, wanted: str) -> list[SimilarContract]:
        """Contracts whose number or customer is, contains or resembles what was asked for; the same
        name first."""

    def waking(self, until: datetime, closed_stages: Sequence[str], limit: int) -> list[Deal]:
        """Open deals whose alarm rings by then, or that end or must be decided by then."""

    def nudges(
        self, state: str | None, person: str | None, since: datetime | None, limit: int
    ) -> list[NudgeLine]:
        """The newest nudges."""

    def messages(self, state: str | None, kind: str | None, limit: int) -> list[MessageLine]:
        """The newest messages."""

    def message(self, number: int) -> MessageLine | None:
        """One message with its text."""

    def persons(self, wanted: str) -> list[Person]:
        """The colleagues with this e-mail or, where nobody has it, with this name, whatever the
        case; those still active if there are any."""

    def due(self, now: datetime) -> int:
        """How many nudges wait whose time has come."""

    def next_at(self) -> datetime | None:
        """The next instant at which the program has something to do: a deal's alarm, a nudge or a
        message whose time comes."""

    def people(self, closed_stages: Sequence[str]) -> list[PersonLine]:
        """Everybody."""


class SheetStore(Protocol):
    """What files for spreadsheets ask: the same rows as the listings, streamed, all of them unless
    there is a limit."""

    def deals(
        self, wanted: DealFilter, closed_stages: Sequence[str], today: date
    ) -> Iterator[DealFacts]:
        """The deals, the most urgent first; `wanted.limit` of 0 for all."""

    def nudges(
        self, state: str | None, person: str | None, since: datetime | None, limit: int | None
    ) -> Iterator[NudgeLine]:
        """The newest nudges."""

    def messages(
        self, state: str | None, kind: str | None, limit: int | None, *, undeliverable: bool = False
    ) -> Iterator[MessageLine]:
        """The newest messages."""


def closed_stages(policy: Policy) -> list[str]:
    """The ids of the stages in which a deal is over."""
    return sorted({s.id for p in policy.pipelines.values() for s in p.stages if not s.is_open})

"""What the listings show: values for one line each, and the questions a store must answer. Nothing
here changes anything."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.pipeline import Passage
from scheduler.core.policy.policy import Policy


@dataclass(frozen=True, slots=True)
class DealFilter:
    """Which deals are wanted; empty fields want all. `closed` adds won and lost ones; names match
    in part and in any case."""

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
    customer has only a name; people who share a name are shown with their address."""

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
    """The deals in one stage: how many, how many of them without a health, the money by currency,
    and how many have no amount."""

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


NOTE = "note"
"""The verb under which notes are kept among the answers: they are part of the story and change
nothing."""


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
    """One change by hand: its number, and each field with its value before and after, as texts."""

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


def closed_stages(policy: Policy) -> list[str]:
    """The ids of the stages in which a deal is over."""
    return sorted({s.id for p in policy.pipelines.values() for s in p.stages if not s.is_open})

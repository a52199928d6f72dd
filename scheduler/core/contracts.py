"""A customer's contract: one term, its dates, its money. `ends_on` is the last day, inclusive; empty for an evergreen contract."""

from dataclasses import dataclass
from datetime import date

from scheduler.core.dates import Term


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in integer minor units of its currency (ISO 4217): ¥1,200,000 is `Money(1_200_000, "JPY")`, $10.50 is `Money(1050, "USD")`."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Customer:
    """Who buys."""

    id: int
    name: str
    country: str | None = None
    segment: str | None = None
    parent_id: int | None = None
    parent_name: str | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract term (契約). `decide_by` is stored, never shifted: the last day on which notice can be given."""

    id: int
    number: str
    customer: Customer
    product: str
    starts_on: date | None
    ends_on: date | None
    term: Term | None
    notice: Term | None
    decide_by: date | None
    auto_renew: bool
    amount: Money
    evergreen: bool = False
    estimated: bool = False
    url: str | None = None
    series_starts_on: date | None = None
    term_number: int = 0
    source: str = ""
    source_id: str = ""
    title: str = ""
    attributes: tuple[tuple[str, str], ...] = ()

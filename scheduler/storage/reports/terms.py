"""Terms and their deals as rows hold them, and as they held them at an earlier instant.

Always holds: a term of which nothing was recorded since is the same object for both, so that a
report that looks at two instants reads and makes it once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Text, select, true, type_coerce

from scheduler.storage.database.deals import CONTRACTS, DEALS
from scheduler.storage.reports.history import EarlierRows

_COLUMNS = (
    DEALS.c.id,
    DEALS.c.pipeline,
    DEALS.c.stage,
    DEALS.c.health,
    DEALS.c.call,
    type_coerce(DEALS.c.notice_on, Text).label("notice_on"),
    DEALS.c.closed_at,
    type_coerce(DEALS.c.won, Text).label("won"),
    type_coerce(DEALS.c.lost, Text).label("lost"),
    CONTRACTS.c.id.label("contract"),
    CONTRACTS.c.predecessor_id,
    CONTRACTS.c.number,
    CONTRACTS.c.customer_id,
    CONTRACTS.c.owner_id,
    type_coerce(CONTRACTS.c.starts_on, Text).label("starts_on"),
    type_coerce(CONTRACTS.c.ends_on, Text).label("ends_on"),
    CONTRACTS.c.term,
    CONTRACTS.c.renewal_term,
    CONTRACTS.c.amount,
    CONTRACTS.c.currency,
    DEALS.c.arrived_at,
    DEALS.c.voided_at,
)
"""Days and JSON are left as the driver gives them, and read where a renewal is made of them."""
_OF_DEAL = ("pipeline", "stage", "health", "call", "notice_on", "closed_at", "won", "lost")


class ReportedTerm(NamedTuple):
    """One term and its deal, as selected."""

    id: int
    pipeline: str
    stage: str
    health: str
    call: str | None
    notice_on: Any
    closed_at: datetime | None
    won: Any
    lost: Any
    contract: int
    predecessor: int | None
    number: str
    customer_id: int
    owner_id: int | None
    starts_on: Any
    ends_on: Any
    term: str | None
    renewal_term: str | None
    amount: int | None
    currency: str
    arrived_at: datetime
    voided_at: datetime | None


def read_terms(
    connection: Connection, owners: Collection[int] | None = None
) -> Sequence[ReportedTerm]:
    """Every term, voided ones too; `owners`: of these people."""
    query = (
        select(*_COLUMNS)
        .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
        .where(true() if owners is None else CONTRACTS.c.owner_id.in_(owners))
        .order_by(DEALS.c.id)
    )
    return list(map(ReportedTerm._make, connection.execute(query).all()))


def stood(term: ReportedTerm, before: datetime) -> bool:
    """Whether a term was there, and not voided yet."""
    return term.arrived_at < before and (term.voided_at is None or term.voided_at >= before)


def following_terms(terms: Iterable[ReportedTerm]) -> Mapping[int, ReportedTerm]:
    """The terms that follow others, by the contracts of those."""
    return {t.predecessor: t for t in terms if t.predecessor is not None}


class TermsOtherwise(NamedTuple):
    """Whose terms may have been otherwise at an instant; `followed` are contracts whose following
    term was."""

    deals: frozenset[int]
    contracts: frozenset[int]
    followed: frozenset[int]
    customers: frozenset[int]
    people: frozenset[int | None]

    @classmethod
    def since(
        cls, past: EarlierRows, rows: Iterable[ReportedTerm], before: datetime
    ) -> "TermsOtherwise":
        """The terms as they were, by what was recorded since."""
        tables = ("deals", "contracts", "customers", "people")
        deals, contracts, customers, people = (
            frozenset(number for number, _ in past.rows(table)) for table in tables
        )
        followed = frozenset(
            t.predecessor
            for t in rows
            if t.predecessor is not None
            and (t.contract in contracts or (t.voided_at is None) is not stood(t, before))
        )
        return cls(deals | past.moved.keys(), contracts, followed, customers, people)

    def has(self, term: ReportedTerm) -> bool:
        """Whether a term may have been."""
        return (
            term.id in self.deals
            or term.contract in self.contracts
            or term.contract in self.followed
            or term.customer_id in self.customers
            or term.owner_id in self.people
        )


def as_it_was(term: ReportedTerm, past: EarlierRows) -> ReportedTerm:
    """A term with what its rows said then."""
    if not past.differs(term.id, term.contract):
        return term
    deal = past.row("deals", term.id)
    was: dict[str, Any] = {name: deal[name] for name in _OF_DEAL if name in deal}
    contract = past.row("contracts", term.contract)
    was |= {name: value for name, value in contract.items() if name in _OF_CONTRACT}
    moved = past.moved.get(term.id)
    if moved is not None:
        was |= {"stage": moved.stage, "closed_at": moved.at or term.closed_at}
    elif isinstance(was.get("closed_at"), str):
        was["closed_at"] = datetime.fromisoformat(was["closed_at"])
    return term._replace(**was) if was else term


_OF_CONTRACT = frozenset(
    "number customer_id owner_id starts_on ends_on term renewal_term amount currency".split()
)

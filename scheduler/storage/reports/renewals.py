"""The terms that come, or came, to their end, as the money reports read them. Always holds: voided
deals are left out; what was recorded after the instant that is asked for does not count
(`storage.reports.history`)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, select
from typing_extensions import override

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Won
from scheduler.core.reports.renewals import StoredRenewal
from scheduler.core.words.lexicon import ActorKind, Call, Health
from scheduler.services.reports.reading import RenewalReading
from scheduler.storage.database.deals import CONTRACTS, CUSTOMERS, DEALS, PASSAGES, PEOPLE
from scheduler.storage.database.schema import require_current
from scheduler.storage.database.transactions import OnConnection
from scheduler.storage.database.values import lost_from, term_from, won_from
from scheduler.storage.reports.history import EarlierRows, day_from

_COLUMNS = (
    DEALS.c.id,
    DEALS.c.pipeline,
    DEALS.c.stage,
    DEALS.c.health,
    DEALS.c.call,
    DEALS.c.notice_on,
    DEALS.c.closed_at,
    DEALS.c.won,
    DEALS.c.lost,
    CONTRACTS.c.id.label("contract"),
    CONTRACTS.c.predecessor_id,
    CONTRACTS.c.number,
    CONTRACTS.c.customer_id,
    CONTRACTS.c.owner_id,
    CONTRACTS.c.starts_on,
    CONTRACTS.c.ends_on,
    CONTRACTS.c.term,
    CONTRACTS.c.renewal_term,
    CONTRACTS.c.amount,
    CONTRACTS.c.currency,
    DEALS.c.arrived_at,
    DEALS.c.voided_at,
)
_OF_DEAL = ("pipeline", "stage", "health", "call", "notice_on", "closed_at", "won", "lost")
_HEALTHS = {health.value: health for health in Health}
_CALLS: Mapping[str | None, Call | None] = {None: None} | {call.value: call for call in Call}


class _Term(NamedTuple):
    """One term and its deal, as selected."""

    id: int
    pipeline: str
    stage: str
    health: str
    call: str | None
    notice_on: Any
    closed_at: datetime | None
    won: Mapping[str, Any] | None
    lost: Mapping[str, Any] | None
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


class _Named(NamedTuple):
    """A customer's or a colleague's name, and the segment or the team."""

    names: tuple[str, ...]
    group: str | None


class RenewalRows(OnConnection, RenewalReading):
    """What the money reports read."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        require_current(connection)
        self._made: dict[int, _MadeOf] = {}

    @override
    def renewals(
        self, pipelines: Collection[str], before: datetime | None
    ) -> Sequence[StoredRenewal]:
        past = EarlierRows(self._connection, before) if before else None
        there = self._terms(pipelines, before)
        terms = there if past is None else [_as_it_was(term, past) for term in there]
        following = {t.predecessor: t for t in terms if t.predecessor is not None}
        customers = _as_they_were(self._customers, "customers", "segment", past)
        owners = _as_they_were(self._owners, "people", "team", past)
        made = _Made(past, customers, owners, self._closed_by_policy, self._made)
        return list(made.all(terms, following))

    @cached_property
    def _rows(self) -> Sequence[_Term]:
        """Every term, voided ones too: a report that
        looks at two instants reads them once."""
        query = (
            select(*_COLUMNS)
            .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
            .order_by(DEALS.c.id)
        )
        return list(map(_Term._make, self._connection.execute(query).all()))

    def _terms(self, pipelines: Collection[str], before: datetime | None) -> Sequence[_Term]:
        """The terms that were there."""
        among = frozenset(pipelines)
        if before is None:
            return [t for t in self._rows if t.voided_at is None and t.pipeline in among]
        return [
            t
            for t in self._rows
            if t.pipeline in among
            and t.arrived_at < before
            and (t.voided_at is None or t.voided_at >= before)
        ]

    @cached_property
    def _closed_by_policy(self) -> frozenset[int]:
        """The closed deals that the policy itself put where they are."""
        query = (
            select(PASSAGES.c.deal_id)
            .join(
                DEALS, and_(DEALS.c.id == PASSAGES.c.deal_id, DEALS.c.stage == PASSAGES.c.to_stage)
            )
            .where(
                DEALS.c.won.is_not(None),
                PASSAGES.c.actor_kind == ActorKind.POLICY.value,
                PASSAGES.c.voided_at.is_(None),
            )
        )
        return frozenset(self._connection.scalars(query))

    @cached_property
    def _customers(self) -> Mapping[int, _Named]:
        """Every customer with the segment."""
        query = select(CUSTOMERS.c.id, CUSTOMERS.c.name, CUSTOMERS.c.segment)
        rows = self._connection.execute(query).all()
        return {n: _Named((name,), segment) for n, name, segment in rows}

    @cached_property
    def _owners(self) -> Mapping[int, _Named]:
        """Everybody with the team."""
        query = select(PEOPLE.c.id, PEOPLE.c.name, PEOPLE.c.email, PEOPLE.c.team)
        return {
            number: _Named(tuple(n for n in (name, email) if n), team)
            for number, name, email, team in self._connection.execute(query)
        }


def _as_they_were(
    named: Mapping[int, _Named], table: str, column: str, past: EarlierRows | None
) -> Mapping[int, _Named]:
    """Customers or people, each in the group they were in."""
    if past is None:
        return named
    return dict(named) | {
        number: named[number]._replace(group=was[column])
        for number, was in past.rows(table)
        if column in was and number in named
    }


def _as_it_was(term: _Term, past: EarlierRows) -> _Term:
    """A term with what its rows said then."""
    if not past.differs(term.id, term.contract):
        return term
    deal = past.row("deals", term.id)
    was: dict[str, Any] = {name: deal[name] for name in _OF_DEAL if name in deal}
    contract = past.row("contracts", term.contract)
    was |= {name: value for name, value in contract.items() if name in _OF_CONTRACT}
    for name in ("starts_on", "ends_on"):
        if name in was:
            was[name] = day_from(was[name])
    moved = past.moved.get(term.id)
    if moved is not None:
        was |= {"stage": moved.stage, "closed_at": moved.at or term.closed_at}
    elif isinstance(was.get("closed_at"), str):
        was["closed_at"] = datetime.fromisoformat(was["closed_at"])
    return term._replace(**was) if was else term


_OF_CONTRACT = frozenset(
    "number customer_id owner_id starts_on ends_on term renewal_term amount currency".split()
)


class _MadeOf(NamedTuple):
    """What a renewal was made of, and the renewal."""

    term: _Term
    after: _Term | None
    customer: _Named
    owner: _Named
    automatic: bool
    renewal: StoredRenewal


class _Made(NamedTuple):
    """What makes a renewal of a term: the past, names, which deals closed by themselves, and what
    was made already."""

    past: EarlierRows | None
    customers: Mapping[int, _Named]
    owners: Mapping[int, _Named]
    automatic: frozenset[int]
    made: dict[int, _MadeOf]

    def all(
        self, terms: Sequence[_Term], following: Mapping[int, _Term]
    ) -> Iterator[StoredRenewal]:
        """The renewals of these terms; `following` are the terms after them. One that was made of
        the same before is that one."""
        moved = self.past.moved if self.past else {}
        for term in terms:
            number = term.id
            place = moved.get(number)
            automatic = place.automatic if place else number in self.automatic
            after = following.get(term.contract)
            customer = self.customers[term.customer_id]
            owner = self.owners.get(term.owner_id, _NOBODY) if term.owner_id else _NOBODY
            old = self.made.get(number)
            if (
                old is None
                or (old.term is not term or old.after is not after)
                or (old.customer is not customer or old.owner is not owner)
                or old.automatic != automatic
            ):
                renewal = _renewal(term, after, customer, owner, automatic=automatic)
                old = _MadeOf(term, after, customer, owner, automatic, renewal)
                self.made[number] = old
            yield old.renewal


_NOBODY = _Named((), None)


def _renewal(
    term: _Term, after: _Term | None, customer: _Named, owner: _Named, *, automatic: bool
) -> StoredRenewal:
    """One renewal."""
    return StoredRenewal(
        term.id,
        term.number,
        term.customer_id,
        customer.names[0],
        customer.group,
        term.pipeline,
        term.stage,
        owner.names,
        owner.group,
        term.starts_on,
        term.ends_on,
        term_from(term.term),
        term_from(term.renewal_term),
        Money(term.amount, term.currency),
        _HEALTHS[term.health],
        _CALLS[term.call],
        term.notice_on is not None,
        term.closed_at,
        won_from(term.won),
        lost_from(term.lost),
        automatic,
        _brought(after),
    )


def _brought(after: _Term | None) -> Won | None:
    """What the term after one brings."""
    if after is None:
        return None
    return Won(Money(after.amount, after.currency), term_from(after.term), after.ends_on)

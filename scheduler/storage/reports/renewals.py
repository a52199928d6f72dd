"""The terms that come, or came, to their end, as the money reports read them. Always holds: voided
deals are left out; what was recorded after the instant that is asked for does not count
(`storage.reports.history`)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from json import JSONDecoder
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, select
from typing_extensions import override

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Lost, Won
from scheduler.core.reports.renewals import StoredRenewal
from scheduler.core.words.lexicon import ActorKind, ForecastCall, Health
from scheduler.services.reports.reading import RenewalReading
from scheduler.storage.database.deals import CUSTOMERS, DEALS, PASSAGES, PEOPLE
from scheduler.storage.database.schema import require_current
from scheduler.storage.database.transactions import OnConnection
from scheduler.storage.database.values import lost_from, term_from, won_from
from scheduler.storage.reports.checkpoints import signs_at
from scheduler.storage.reports.history import EarlierRows, LastPassage, day_from
from scheduler.storage.reports.terms import (
    ReportedTerm,
    TermsOtherwise,
    as_it_was,
    following_terms,
    read_terms,
    stood,
)

_HEALTHS = {health.value: health for health in Health}
_CALLS: Mapping[str | None, ForecastCall | None] = {None: None} | {
    call.value: call for call in ForecastCall
}


class _Named(NamedTuple):
    """A customer's or a colleague's name, and the segment or the team."""

    names: tuple[str, ...]
    group: str | None


class RenewalRows(OnConnection, RenewalReading):
    """The rows of the money reports."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        require_current(connection)
        self._made: dict[_Asked, Mapping[int, StoredRenewal]] = {}
        self._read: dict[frozenset[int] | None, Sequence[ReportedTerm]] = {}
        self._past: dict[datetime, EarlierRows] = {}

    @override
    def renewals(
        self,
        pipelines: Collection[str],
        before: datetime | None,
        *,
        agreed: bool = True,
        owners: Collection[int] | None = None,
    ) -> Sequence[StoredRenewal]:
        whose = None if owners is None else frozenset(owners)
        return list(self._at(_Asked(frozenset(pipelines), agreed, whose), before).values())

    @override
    def otherwise(
        self, pipelines: Collection[str], before: datetime | None, earlier: datetime
    ) -> Mapping[int, StoredRenewal | None]:
        asked = _Asked(frozenset(pipelines), False)
        now, then = self._at(asked, before), self._at(asked, earlier)
        differ = {deal: one for deal, one in then.items() if now.get(deal) is not one}
        return {**differ, **dict.fromkeys(now.keys() - then.keys())}

    @override
    def signs_then(
        self, looks: Mapping[int, datetime], before: datetime | None
    ) -> Mapping[int, Mapping[str, Any]]:
        return signs_at(self._connection, looks, before)

    def _at(self, asked: "_Asked", before: datetime | None) -> Mapping[int, StoredRenewal]:
        """The renewals as they were before an instant, by deal; None: as they are."""
        now = self._now(asked)
        return now if before is None else self._then(asked, now, before)

    def _now(self, asked: "_Asked") -> Mapping[int, StoredRenewal]:
        """The renewals as they are, by deal; made once."""
        if asked not in self._made:
            rows, among = self._rows(asked.owners), asked.pipelines
            terms = [t for t in rows if t.voided_at is None and t.pipeline in among]
            made = _Made(
                asked.agreed,
                self._customers,
                self._owners,
                self._closed_by_policy,
                following_terms(terms),
            )
            self._made[asked] = {term.id: made.of(term) for term in terms}
        return self._made[asked]

    def _then(
        self, asked: "_Asked", now: Mapping[int, StoredRenewal], before: datetime
    ) -> Mapping[int, StoredRenewal]:
        """The renewals as they were. If nothing of a term was different, it is as it is now."""
        past, rows = self._earlier(before), self._rows(asked.owners)
        there = [t for t in rows if t.pipeline in asked.pipelines and stood(t, before)]
        otherwise = TermsOtherwise.since(past, rows, before)
        terms = [as_it_was(t, past) for t in there if t.id not in now or otherwise.has(t)]
        contracts = {term.contract for term in terms}
        after = (as_it_was(t, past) for t in there if t.predecessor in contracts)
        made = _Made(
            asked.agreed,
            _as_they_were(self._customers, "customers", "segment", past),
            _as_they_were(self._owners, "people", "team", past),
            self._closed_by_policy,
            following_terms(after),
            past.moved,
        )
        anew = {term.id: made.of(term) for term in terms}
        return {t.id: anew.get(t.id) or now[t.id] for t in there}

    def _rows(self, owners: frozenset[int] | None) -> Sequence[ReportedTerm]:
        """Every term, voided ones too: a report that looks at two instants reads them once."""
        if owners not in self._read:
            self._read[owners] = read_terms(self._connection, owners)
        return self._read[owners]

    def _earlier(self, before: datetime) -> EarlierRows:
        """The values that were different, read once."""
        if before not in self._past:
            self._past[before] = EarlierRows(self._connection, before)
        return self._past[before]

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
    named: Mapping[int, _Named], table: str, column: str, past: EarlierRows
) -> Mapping[int, _Named]:
    """Customers or people, each in the group they were in."""
    return dict(named) | {
        number: named[number]._replace(group=was[column])
        for number, was in past.rows(table)
        if column in was and number in named
    }


class _Asked(NamedTuple):
    """Which terms, whether what was agreed is asked for, and whose (None: everybody's)."""

    pipelines: frozenset[str]
    agreed: bool
    owners: frozenset[int] | None = None


class _Made(NamedTuple):
    """The parts that renewals are made of beside their terms: whether what was agreed is read,
    names, which deals closed by themselves, the terms that follow (by contract), and where deals
    were that have moved since."""

    agreed: bool
    customers: Mapping[int, _Named]
    owners: Mapping[int, _Named]
    automatic: Collection[int]
    following: Mapping[int, ReportedTerm]
    moved: Mapping[int, LastPassage] = {}

    def of(self, term: ReportedTerm) -> StoredRenewal:
        """Makes the renewal of one term."""
        number, owner = term.id, term.owner_id
        place = self.moved.get(number)
        return _renewal(
            term,
            won_from(_json(term.won)) if self.agreed and term.won else None,
            self.following.get(term.contract),
            self.customers[term.customer_id],
            _NOBODY if owner is None else self.owners.get(owner, _NOBODY),
            automatic=place.automatic if place else number in self.automatic,
        )


_NOBODY = _Named((), None)


def _renewal(
    term: ReportedTerm,
    won: Won | None,
    after: ReportedTerm | None,
    customer: _Named,
    owner: _Named,
    *,
    automatic: bool,
) -> StoredRenewal:
    """Makes one renewal."""
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
        day_from(term.starts_on),
        day_from(term.ends_on),
        term_from(term.term),
        term_from(term.renewal_term),
        Money(term.amount, term.currency),
        _HEALTHS[term.health],
        _CALLS[term.call],
        term.notice_on is not None,
        term.closed_at,
        won,
        _lost(term.lost) if term.lost else None,
        automatic,
        _brought(after),
        term.arrived_at,
    )


def _brought(after: ReportedTerm | None) -> Won | None:
    """The following term as an outcome: its amount, length and end."""
    if after is None:
        return None
    money = Money(after.amount, after.currency)
    return Won(money, term_from(after.term), day_from(after.ends_on))


_DECODED = JSONDecoder().raw_decode


def _json(kept: Any) -> Any:
    """The value of a column of JSON: SQLite gives it as text, history as it was read already."""
    return _DECODED(kept)[0] if isinstance(kept, str) else kept


def _lost(kept: Any) -> Lost | None:
    """A loss; most are lost for one of a few reasons, so that each text is read once."""
    return _lost_in(kept) if isinstance(kept, str) else lost_from(kept)


@lru_cache(maxsize=1024)
def _lost_in(text: str) -> Lost | None:
    return lost_from(_DECODED(text)[0])

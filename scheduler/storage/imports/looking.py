"""What an import reads of what is there: whom and what its rows may mean, what the file no longer
mentions, what stands twice."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, case, func, select, true
from typing_extensions import override

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.successor import SUCCESSORS
from scheduler.core.imports.edits import Edit
from scheduler.core.imports.names import number_key
from scheduler.core.words.reasons import reason
from scheduler.services.imports.people import PeopleTransaction
from scheduler.services.imports.store import (
    ENTERED,
    DuplicateNumbers,
    ImportTransaction,
    KnownContract,
    KnownPerson,
    OpenContract,
    StoredTerm,
)
from scheduler.storage.database.bulk import among
from scheduler.storage.database.deals import load_deals
from scheduler.storage.database.naming import Folded
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.transactions import OnConnection
from scheduler.storage.imports.edits import edits_of_customers, standing_edits
from scheduler.storage.imports.reading import (
    CONTRACTS,
    CUSTOMERS,
    DEALS,
    PEOPLE,
    counts,
    read_contracts,
    read_lines,
    read_stored,
)

IMPORTS, CHANGES, EDITS = (
    metadata.tables["imports"],
    metadata.tables["import_changes"],
    metadata.tables["edits"],
)
PASSAGES = metadata.tables["passages"]
_EVERY_PASSAGE = PASSAGES.alias()
_AT_A_TIME, _DOUBLES = 1000, 100


class ImportLooks(OnConnection, ImportTransaction, PeopleTransaction):
    """What an import of contracts or people reads, on one connection."""

    _import_id = 0

    @override
    def people(self) -> Sequence[KnownPerson]:
        query = select(
            PEOPLE.c.id, PEOPLE.c.key, PEOPLE.c.name, PEOPLE.c.email, PEOPLE.c.merged_into_id
        )
        return [KnownPerson(*row) for row in self._connection.execute(query)]

    @override
    def everybody(self) -> Sequence[dict[str, Any]]:
        return [
            dict(row)
            for row in self._connection.execute(select(PEOPLE).order_by(PEOPLE.c.id)).mappings()
        ]

    @override
    def known(self, source: str, source_ids: Collection[str]) -> Mapping[str, KnownContract]:
        """Which of these contracts are there."""
        found = among(self._connection, "contracts", "id, row_hash", source, source_ids)
        return {source_id: KnownContract(*row) for source_id, row in found.items()}

    @override
    def stored(self, contract_ids: Collection[int]) -> Mapping[int, StoredTerm]:
        """Contracts with their deals."""
        return read_contracts(self._connection, contract_ids, self._import_id)

    @override
    def lines(self, some: Collection[StoredTerm]) -> Mapping[int, Sequence[StoredTerm]]:
        """The lines of terms of these contracts, oldest first."""
        return read_lines(self._connection, some, self._import_id)

    @override
    def open_terms(self, source: str, customers: Collection[str]) -> Sequence[StoredTerm]:
        """Open terms of these customers."""
        where = (
            (CUSTOMERS.c.source == source)
            & CUSTOMERS.c.source_id.in_(customers)
            & DEALS.c.closed_at.is_(None)
        )
        return read_stored(self._connection, where, self._import_id)

    @override
    def entered(self) -> Sequence[StoredTerm]:
        where = (CONTRACTS.c.source == ENTERED) & DEALS.c.closed_at.is_(None)
        return read_stored(self._connection, where, self._import_id)

    @override
    def doubles(self) -> Sequence[DuplicateNumbers]:
        """Open contracts of this import that say the same as another under two numbers, whichever
        import brought the other."""
        same = [
            CONTRACTS.c[name]
            for name in ("customer_id", "product", "starts_on", "ends_on", "amount")
        ]
        mine = CONTRACTS.c.import_id == self._import_id
        alike = (
            CONTRACTS.c.customer_id.in_(select(CONTRACTS.c.customer_id).where(mine))
            & CONTRACTS.c.ends_on.is_not(None)
            & DEALS.c.closed_at.is_(None)
        )
        first, second = func.min(CONTRACTS.c.number), func.max(CONTRACTS.c.number)
        twice = (
            select(*same, first.label("first"), second.label("second"))
            .join(DEALS, DEALS.c.contract_id == CONTRACTS.c.id)
            .where(alike)
        )
        ours = func.max(case((mine, 1), else_=0)) == 1
        found = twice.group_by(*same).having((first != second) & ours).subquery()
        named = select(found.c.second, CUSTOMERS.c.name, found.c.first, found.c.ends_on).join(
            CUSTOMERS, CUSTOMERS.c.id == found.c.customer_id
        )
        return [
            DuplicateNumbers(*row)
            for row in self._connection.execute(named.order_by(found.c.first).limit(_DOUBLES))
        ]

    @override
    def has_others(self, source: str) -> bool:
        return (
            self._connection.scalar(
                select(CONTRACTS.c.id)
                .where(CONTRACTS.c.source.not_in((source, SUCCESSORS)))
                .limit(1)
            )
            is not None
        )

    @override
    def elsewhere(self, source: str, numbers: Collection[str]) -> Sequence[StoredTerm]:
        return read_stored(
            self._connection,
            CONTRACTS.c.number.in_(numbers) & CONTRACTS.c.source.not_in((source, SUCCESSORS)),
            self._import_id,
        )

    @override
    def unusual_numbers(self, source: str) -> Mapping[str, Sequence[str]]:
        number, found = CONTRACTS.c.number, defaultdict[str, list[str]](list)
        small = Folded(number)
        theirs = CONTRACTS.c.source.not_in((source, SUCCESSORS))
        query = select(number).distinct().where(theirs, small != number)
        for written in self._connection.scalars(query.where(func.upper(small) != number)):
            found[number_key(written)].append(written)
        return found

    @override
    def with_contract(
        self, source: str, customers: Collection[str], pipelines: Collection[str]
    ) -> frozenset[str]:
        """Which of these customers have a contract that was not lost."""
        query = (
            select(CUSTOMERS.c.source_id)
            .distinct()
            .join(CONTRACTS, CONTRACTS.c.customer_id == CUSTOMERS.c.id)
            .join(DEALS, DEALS.c.contract_id == CONTRACTS.c.id)
            .where(
                CUSTOMERS.c.source == source,
                CUSTOMERS.c.source_id.in_(customers),
                DEALS.c.pipeline.in_(pipelines),
            )
            .where(DEALS.c.lost.is_(None), counts(DEALS, self._import_id))
        )
        return frozenset(self._connection.execute(query).scalars())

    @override
    def touched(self, now: datetime) -> Iterator[Deal]:
        """The open deals whose alarm this import has set."""
        query = (
            select(DEALS.c.id)
            .where(DEALS.c.wake_at == now, DEALS.c.closed_at.is_(None), DEALS.c.voided_at.is_(None))
            .order_by(DEALS.c.id)
        )
        ids = list(self._connection.execute(query).scalars())
        for at in range(0, len(ids), _AT_A_TIME):
            yield from load_deals(self._connection, ids[at : at + _AT_A_TIME])

    @override
    def newest(self) -> int:
        return self._connection.execute(select(func.max(CONTRACTS.c.id))).scalar_one() or 0

    @override
    def edits(self, table: str, rows: Collection[int]) -> Mapping[int, Sequence[Edit]]:
        """The edits that people have made in these rows and that are in force."""
        return standing_edits(self._connection, table, rows) if self._is_edited else {}

    @override
    def edits_of_customers(self, source: str, customers: Collection[str]) -> Mapping[str, Edit]:
        """The edits that people have made of these customers and that are in force."""
        return edits_of_customers(self._connection, source, customers) if self._is_edited else {}

    @cached_property
    def _is_edited(self) -> bool:
        """Whether anybody has ever edited anything: most databases need no more questions."""
        return self._connection.scalar(select(EDITS.c.id).limit(1)) is not None

    @override
    def standing(self, source: str, before: int, today: date) -> Sequence[OpenContract]:
        """Open contracts of a source, with row numbers below `before`, that this import has not
        changed; also terms that the program opened after one of the source's that is over."""
        changed = select(CHANGES.c.row_id).where(
            CHANGES.c.import_id == self._import_id, CHANGES.c.table_name == "contracts"
        )
        of_source = _of_source(source, DEALS.c.closed_at.is_(None), CONTRACTS.c.ends_on < today)
        query = (
            _contracts_listed(of_source)
            .where(CONTRACTS.c.id < before, CONTRACTS.c.id.not_in(changed))
            .where(DEALS.c.closed_at.is_(None), DEALS.c.voided_at.is_(None))
            .order_by(CONTRACTS.c.id)
        )
        return [OpenContract(*row) for row in self._connection.execute(query)]

    @override
    def closed_as_gone(self, source: str, before: int) -> Sequence[OpenContract]:
        """The contracts of a source whose deal's last move was that its row was missing."""
        last = (
            select(func.max(_EVERY_PASSAGE.c.id))
            .where(_EVERY_PASSAGE.c.deal_id == DEALS.c.id, _EVERY_PASSAGE.c.voided_at.is_(None))
            .correlate(DEALS)
            .scalar_subquery()
        )
        query = (
            _contracts_listed(_of_source(source, DEALS.c.lost.is_not(None)))
            .join(PASSAGES, PASSAGES.c.id == last)
            .where(CONTRACTS.c.id < before)
            .where(DEALS.c.closed_at.is_not(None), DEALS.c.voided_at.is_(None))
            .where(PASSAGES.c.because == reason("import_gone"))
            .order_by(CONTRACTS.c.id)
        )
        return [OpenContract(*row) for row in self._connection.execute(query)]


def _of_source(
    source: str, wanted: ColumnElement[bool], after: ColumnElement[bool] | None = None
) -> Subquery:
    """The contracts of a source with the term before each (`follows_id`). For a term that the
    program opened, of those whose deal is `wanted`, that is the last one that came from the source,
    however many the program has opened since; it has to be as `after` says."""
    here, following = CONTRACTS.c, CONTRACTS.alias()
    line = (
        select(here.id, here.predecessor_id.label("follows_id"))
        .join(DEALS, DEALS.c.contract_id == here.id)
        .where(here.source == SUCCESSORS, DEALS.c.voided_at.is_(None), wanted)
        .cte("line", recursive=True)
    )
    line = line.union_all(
        select(line.c.id, following.c.predecessor_id)
        .join(following, following.c.id == line.c.follows_id)
        .where(following.c.source == SUCCESSORS)
    )
    opened = (
        select(line.c.id, line.c.follows_id)
        .join(CONTRACTS, here.id == line.c.follows_id)
        .where(here.source == source, true() if after is None else after)
    )
    own = select(here.id, here.predecessor_id).where(here.source == source)
    return own.union_all(opened).subquery()


def _contracts_listed(of_source: Subquery) -> Select[Any]:
    """What a report names of contracts, in the order of `OpenContract`."""
    own_id, follows_id = of_source.c
    return (
        select(
            CONTRACTS.c.id,
            CONTRACTS.c.number,
            CUSTOMERS.c.name,
            CONTRACTS.c.ends_on,
            follows_id,
            CONTRACTS.c.system_made,
        )
        .join(of_source, own_id == CONTRACTS.c.id)
        .join(DEALS, DEALS.c.contract_id == CONTRACTS.c.id)
        .join(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id)
    )

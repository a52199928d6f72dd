"""The database as `renewals check` reads it. Always holds: rows come in batches on the reading
engine; what is kept of them has a bound."""

from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from typing import Any

from sqlalchemy import Engine, select, type_coerce
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import NullType
from typing_extensions import override

from scheduler.core.deal.people import Person
from scheduler.services.policy.alike import AlikeDeals
from scheduler.services.policy.checking import CheckStore
from scheduler.storage.database.deals import CONTRACTS, CUSTOMERS, DEALS, PEOPLE, load_deals
from scheduler.storage.database.engine import looking
from scheduler.storage.database.values import person_from

READ = {
    "segment": CUSTOMERS.c.segment,
    "country": CUSTOMERS.c.country,
    "product": CONTRACTS.c.product,
    "currency": CONTRACTS.c.currency,
    "amount": CONTRACTS.c.amount,
    "term_months": CONTRACTS.c.term,
    "auto_renew": CONTRACTS.c.auto_renew,
    "evergreen": CONTRACTS.c.evergreen,
    "health": DEALS.c.health,
    "paperwork": DEALS.c.paperwork,
    "estimated": CONTRACTS.c.estimated,
    "notice": DEALS.c.notice_on,
    "call": DEALS.c.call,
}
"""The column behind each thing that a condition may read (core.policy.milestones.WHERE_FIELDS)."""
_DATES = (
    "starts_on ends_on decide_by series_starts_on term_number term notice renewal_term "
    "renewal_notice auto_renew evergreen currency"
).split()
_ALWAYS = [DEALS.c.pipeline, DEALS.c.stage, DEALS.c.health, *(CONTRACTS.c[name] for name in _DATES)]
_TOLD = [DEALS.c.id, CONTRACTS.c.number, CUSTOMERS.c.name, CONTRACTS.c.amount, CONTRACTS.c.owner_id]
_OPEN = (DEALS.c.closed_at.is_(None), DEALS.c.voided_at.is_(None))


class CheckRows(CheckStore):
    """The contracts and people that are checked. A deal that changes while they are read
    is seen before or after, never half."""

    def __init__(self, reading: Engine, batch: int = 10_000, kept: int = 5_000) -> None:
        self._reading, self._batch, self._kept = reading, batch, kept

    @override
    def alike(
        self, reads: Collection[str], owner: Callable[[Person], Hashable]
    ) -> Iterator[AlikeDeals]:
        """Every deal that is neither closed nor voided, together with those that have the same of
        all that is judged: dates and terms, what conditions read (`reads`), what there is to say of
        the `owner`. Each group has its first deal. Where there are very many groups they come some
        at a time, and one may come again."""
        owners: dict[int | None, Hashable] = {p.id: owner(p) for p in self.people()}
        deciding = [*_ALWAYS, *(READ[name] for name in sorted(reads))]
        query = (
            select(*_TOLD, *map(_as_it_is, deciding))
            .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
            .join(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id)
            .where(*_OPEN)
            .order_by(DEALS.c.id)
            .limit(self._batch)
        )
        last, found = 0, dict[Hashable, AlikeDeals]()
        while True:
            with looking(self._reading) as connection:
                rows = connection.execute(query.where(DEALS.c.id > last)).all()
                kinds = [_kind(row, owners) for row in rows]
                new = {
                    kind: row[0]
                    for kind, row in zip(reversed(kinds), reversed(rows), strict=True)
                    if kind not in found
                }
                deals = {d.id: d for d in load_deals(connection, sorted(new.values()), told=False)}
            for kind, row in zip(kinds, rows, strict=True):
                if kind not in found:
                    found[kind] = AlikeDeals(deals[row[0]])
                found[kind].add(row[0], row[1], row[2], row[3])
            if len(rows) < self._batch or len(found) > self._kept:
                yield from found.values()
                found.clear()
            if len(rows) < self._batch:
                return
            last = rows[-1][0]

    @override
    def people(self) -> list[Person]:
        """Everybody, by name."""
        with looking(self._reading) as connection:
            return [
                person_from(row)
                for row in connection.execute(select(PEOPLE).order_by(PEOPLE.c.name)).mappings()
            ]


def _as_it_is(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The value as the driver gives it: enough to see whether two are the same."""
    return type_coerce(column, NullType())


def _kind(row: Sequence[Any], owners: dict[int | None, Hashable]) -> Hashable:
    """The facts of a row that make deals alike; of its amount only whether it is known, and more
    than zero."""
    amount, owner = row[3], row[4]
    return (None if amount is None else amount > 0, owners.get(owner, owner), *row[len(_TOLD) :])

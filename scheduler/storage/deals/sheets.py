"""The rows of files for spreadsheets. Always holds: they stream from one snapshot, so that memory
does not grow with them."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, RowMapping, Select, func, select

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.pauses import PausedUntil, next_look
from scheduler.core.imports.records import customer_key
from scheduler.services.deals.listing import DealFacts, DealFilter, MessageLine, NudgeLine
from scheduler.storage.database.deals import CONTRACTS, CUSTOMERS, DEALS, PEOPLE
from scheduler.storage.database.engine import looking
from scheduler.storage.database.paused import paused_until
from scheduler.storage.database.schema import require_current
from scheduler.storage.deals.listing import by_urgency, deal_filter
from scheduler.storage.deals.message_lines import (
    message_filter,
    message_line,
    messages_query,
    nudge_filter,
    nudge_line,
    nudge_query,
)

_AT_A_TIME = 1000
_SALES, _PARENTS = PEOPLE.alias("sales"), CUSTOMERS.alias("parents")


class SheetRows:
    """The rows for spreadsheets: the same as in the listings, streamed, all of them unless there is
    a limit."""

    def __init__(self, reading: Engine) -> None:
        self._reading = reading

    def _each(self, *queries: Select[Any]) -> Iterator[RowMapping]:
        """The rows of queries, one after the other, from one snapshot."""
        with looking(self._reading) as connection:
            require_current(connection)
            for query in queries:
                with connection.execution_options(yield_per=_AT_A_TIME).execute(query) as found:
                    yield from found.mappings()

    def deals(
        self, wanted: DealFilter, closed_stages: Sequence[str], today: date
    ) -> Iterator[DealFacts]:
        """The deals, the most urgent first."""
        shared = frozenset(
            r["name"]
            for r in self._each(
                select(PEOPLE.c.name).group_by(PEOPLE.c.name).having(func.count() > 1)
            )
        )
        query = (
            _facts()
            .where(deal_filter(wanted, closed_stages))
            .order_by(*by_urgency(closed_stages, today))
            .limit(wanted.limit or None)
        )
        with looking(self._reading) as connection:
            paused = paused_until(connection)
        for row in self._each(query):
            yield _deal_facts(row, shared, paused)

    def nudges(
        self, state: str | None, person: str | None, since: datetime | None, limit: int | None
    ) -> Iterator[NudgeLine]:
        """The newest nudges."""
        return map(nudge_line, self._each(nudge_query(nudge_filter(state, person, since), limit)))

    def messages(
        self, state: str | None, kind: str | None, limit: int | None, *, undeliverable: bool = False
    ) -> Iterator[MessageLine]:
        """The newest messages."""
        query = messages_query(message_filter(state, kind, undeliverable=undeliverable)).limit(
            limit
        )
        return (message_line(row, with_text=False) for row in self._each(query))


def _facts() -> Select[Any]:
    """Deals with their contracts, customers and people."""
    return (
        select(
            CONTRACTS,
            DEALS.c.id.label("deal"),
            DEALS.c.pipeline,
            DEALS.c.stage,
            DEALS.c.health,
            DEALS.c.wake_at,
            CUSTOMERS.c.name.label("customer"),
            CUSTOMERS.c.source_id.label("customer_key"),
            CUSTOMERS.c.segment,
            CUSTOMERS.c.country,
            _PARENTS.c.name.label("parent"),
            PEOPLE.c.name.label("owner"),
            PEOPLE.c.email.label("owner_email"),
            _SALES.c.name.label("sales"),
            _SALES.c.email.label("sales_email"),
        )
        .select_from(DEALS)
        .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
        .join(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id)
        .outerjoin(_PARENTS, _PARENTS.c.id == CUSTOMERS.c.parent_id)
        .outerjoin(PEOPLE, PEOPLE.c.id == CONTRACTS.c.owner_id)
        .outerjoin(_SALES, _SALES.c.id == CONTRACTS.c.sales_id)
    )


def _deal_facts(r: RowMapping, shared: frozenset[str], paused: PausedUntil) -> DealFacts:
    """Makes one deal of a row."""
    return DealFacts(
        deal=r["deal"],
        contract=r["number"],
        customer=r["customer"],
        customer_id="" if r["customer_key"] == customer_key(r["customer"]) else r["customer_key"],
        product=r["product"],
        title=r["title"],
        starts_on=r["starts_on"],
        ends_on=r["ends_on"],
        estimated=bool(r["estimated"]),
        term=r["term"],
        notice=r["notice"],
        renewal_term=r["renewal_term"],
        renewal_notice=r["renewal_notice"],
        decide_by=r["decide_by"],
        auto_renew=bool(r["auto_renew"]),
        evergreen=bool(r["evergreen"]),
        amount=Money(r["amount"], r["currency"]),
        owner=_person(r["owner"], r["owner_email"], shared),
        sales=_person(r["sales"], r["sales_email"], shared),
        segment=r["segment"],
        country=r["country"],
        parent=r["parent"],
        url=r["url"],
        pipeline=r["pipeline"],
        stage=r["stage"],
        health=r["health"],
        next_at=next_look(r["wake_at"], paused.of(r["pipeline"], r["number"])),
        source=r["source"],
    )


def _person(name: str | None, email: str | None, shared: frozenset[str]) -> str:
    """A person as a file names them: with the address where several people share the name."""
    return f"{name} <{email}>" if name in shared and email else name or ""

"""Terms that were renewed in one record of HubSpot's: that of the open one, which the terms before
have left with their ids."""

from functools import cache

from sqlalchemy import ScalarSelect, String, cast, select

from scheduler.core.sync.terms import SOURCE
from scheduler.storage.database.deals import CONTRACTS, DEALS


@cache
def term_before() -> ScalarSelect[int]:
    """The deal of a contract's term before, where that was renewed in the same record, which it has
    left since (`#` and its number follow the record's id); NULL where none was. Put into words
    once: SQLAlchemy copies every column of a table that gets another name."""
    before, deal = CONTRACTS.alias("before"), DEALS.alias("deal_before")
    query = select(deal.c.id).where(
        before.c.id == CONTRACTS.c.predecessor_id,
        before.c.source == SOURCE,
        before.c.source_id.like("%#" + cast(before.c.id, String)),
        deal.c.contract_id == before.c.id,
        deal.c.voided_at.is_(None),
    )
    return query.limit(1).correlate(CONTRACTS).scalar_subquery()

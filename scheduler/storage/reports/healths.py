"""How a customer's health went by its signals, its age and notices, as every report of a past day
reads it. Always holds: what people said stands in `answers`, not here."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, select

from scheduler.core.words.lexicon import Health
from scheduler.storage.database.deals import DEALS
from scheduler.storage.database.rows import metadata

CHANGES = metadata.tables["health_changes"]


class HealthTurn(NamedTuple):
    """One change: its number, which deal's, when, to which health, and from which."""

    id: int
    deal: int
    at: datetime
    health: Health
    was: Health


def turns(connection: Connection, *where: ColumnElement[bool]) -> Sequence[HealthTurn]:
    """The changes of the deals that are meant (columns of `deals` and of CHANGES), in the order in
    which they came."""
    of = CHANGES.c
    query = (
        select(of.id, of.deal_id, of.at, of.health, of.was)
        .join(DEALS, DEALS.c.id == of.deal_id)
        .where(*where)
        .order_by(of.at, of.id)
    )
    return [
        HealthTurn(number, deal, at, Health(health), Health(was))
        for number, deal, at, health, was in connection.execute(query).all()
    ]

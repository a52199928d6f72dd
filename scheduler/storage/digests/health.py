"""Whose health changed since a day, by signals, age, a notice, or what people said."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from scheduler.core.facts.digest_health import HealthTurned, in_order, is_turn
from scheduler.core.words.lexicon import Health, Verb
from scheduler.storage.database.deals import CONTRACTS, DEALS, load_deals
from scheduler.storage.database.rows import metadata
from scheduler.storage.digests.standing import OPEN

_CHANGES, _ANSWERS = metadata.tables["health_changes"], metadata.tables["answers"]
_JOINED = DEALS.join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
_SAID = (Verb.HEALTH.value, Verb.ONBOARDED.value)


def turned(connection: Connection, owners: Collection[int], since: datetime) -> list[HealthTurned]:
    """The open deals of these owners that got better or worse since then, in the order in which
    they are told."""
    before = _before(connection, owners, since)
    deals = load_deals(connection, list(before)) if before else []
    return in_order(HealthTurned(d, before[d.id]) for d in deals if is_turn(before[d.id], d.health))


def _before(connection: Connection, owners: Collection[int], since: datetime) -> dict[int, Health]:
    """By deal: its health before the first change since then."""
    theirs = (CONTRACTS.c.owner_id.in_(owners), OPEN)
    measured = (
        select(_CHANGES.c.deal_id, _CHANGES.c.at, _CHANGES.c.was)
        .select_from(_CHANGES.join(_JOINED, DEALS.c.id == _CHANGES.c.deal_id))
        .where(_CHANGES.c.at > since, *theirs)
        .order_by(_CHANGES.c.id)
    )
    said = (
        select(_ANSWERS.c.deal_id, _ANSWERS.c.at, _ANSWERS.c.before)
        .select_from(_ANSWERS.join(_JOINED, DEALS.c.id == _ANSWERS.c.deal_id))
        .where(_ANSWERS.c.at > since, _ANSWERS.c.undone_at.is_(None), _ANSWERS.c.verb.in_(_SAID))
        .where(*theirs)
        .order_by(_ANSWERS.c.id)
    )
    changes = [(row.deal_id, row.at, row.was) for row in connection.execute(measured)]
    changes += [
        (row.deal_id, row.at, was)
        for row in connection.execute(said)
        if (was := row.before["fields"].get("health")) is not None
    ]
    found: dict[int, Health] = {}
    for deal, _, was in sorted(changes, key=lambda change: change[1]):
        found.setdefault(deal, Health(was))
    return found

"""Opens the deal of the term after another, and deals that come in, with their first passage."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from scheduler.core.deal.deal import Deal, NextTerm
from scheduler.core.deal.successor import SUCCESSORS, successor_id
from scheduler.core.health.timeline import HealthTimeline, SaidHealth
from scheduler.core.words.keys import deal_key
from scheduler.core.words.lexicon import ActorKind, Health, Paperwork
from scheduler.core.words.reasons import reason
from scheduler.storage.database.deal_rows import CONTRACTS, DEALS
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.values import health_timeline_to, said_health_to

PASSAGES = metadata.tables["passages"]
_KEPT = "number customer_id product title owner_id sales_id url attributes".split()
"""What a contract keeps of the one before it."""


def insert_successor(connection: Connection, deal: Deal, following: NextTerm, now: datetime) -> int:
    """Inserts the contract and the deal of the term that follows `deal`'s; returns the new deal's
    number.

    Its id at its source counts the successors its predecessor ever had, so that a renewal undone
    and won again makes a new one.
    """
    before = connection.execute(
        select(func.count()).where(CONTRACTS.c.predecessor_id == deal.contract.id)
    ).scalar_one()
    source_id = successor_id(deal.key, before + 1)
    contract_id = _new_id(
        connection, CONTRACTS, _next_contract(connection, deal, following, source_id)
    )
    deal_id = _new_id(
        connection,
        DEALS,
        new_deal(
            contract_id,
            SUCCESSORS,
            source_id,
            following.pipeline,
            following.stage,
            now,
            health=deal.health,
            said_health=deal.said_health,
            health_timeline=deal.health_timeline,
        ),
    )
    connection.execute(
        insert(PASSAGES),
        [
            first_passage(
                deal_id, following.stage, now, reason("renewal_opened"), ActorKind.POLICY, "system"
            )
        ],
    )
    return deal_id


def _next_contract(
    connection: Connection, deal: Deal, following: NextTerm, source_id: str
) -> dict[str, Any]:
    """The columns of the contract that follows `deal`'s: what it keeps of it, and its own term."""
    query = select(*(CONTRACTS.c[name] for name in _KEPT))
    old = connection.execute(query.where(CONTRACTS.c.id == deal.contract.id)).mappings().one()
    return {
        **old,
        "source": SUCCESSORS,
        "source_id": source_id,
        "starts_on": following.starts_on,
        "ends_on": following.ends_on,
        "term": str(following.term) if following.term else None,
        "notice": str(following.notice) if following.notice else None,
        "renewal_term": str(following.renewal_term) if following.renewal_term else None,
        "renewal_notice": str(following.renewal_notice) if following.renewal_notice else None,
        "decide_by": following.decide_by,
        "auto_renew": following.auto_renew,
        "amount": following.amount.minor,
        "currency": following.amount.currency,
        "estimated": False,
        "evergreen": False,
        "series_starts_on": following.series_starts_on,
        "term_number": following.term_number,
        "predecessor_id": deal.contract.id,
        "system_made": True,
    }


def new_deal(
    contract_id: int,
    source: str,
    source_id: str,
    pipeline: str,
    stage: str,
    now: datetime,
    *,
    health: Health = Health.UNKNOWN,
    said_health: SaidHealth | None = None,
    health_timeline: HealthTimeline | None = None,
    baseline: bool = False,
) -> dict[str, Any]:
    """The columns of a deal that has just arrived and whose alarm rings at once."""
    return {
        "key": deal_key(source, source_id),
        "version": 1,
        "contract_id": contract_id,
        "pipeline": pipeline,
        "stage": stage,
        "stage_entered_at": now,
        "arrived_at": now,
        "baseline_at": now if baseline else None,
        "health": health.value,
        "health_because": said_health.because if said_health else "",
        "health_said": said_health_to(said_health),
        "health_outlook": health_timeline_to(health_timeline),
        "paperwork": Paperwork.NONE.value,
        "wake_at": now,
        "policy_version": 0,
    }


def first_passage(
    deal_id: int, stage: str, at: datetime, because: str, kind: ActorKind, actor: str
) -> dict[str, Any]:
    """The columns of the passage into a deal's first stage."""
    return {
        "deal_id": deal_id,
        "from_stage": None,
        "to_stage": stage,
        "at": at,
        "because": because,
        "actor_kind": kind.value,
        "actor": actor,
        "observed": True,
    }


def _new_id(connection: Connection, table: Any, values: Mapping[str, Any]) -> int:
    """Inserts one row and returns its number."""
    number: int = connection.execute(
        insert(table).values(**values).returning(table.c.id)
    ).scalar_one()
    return number

"""Puts people, contracts and deals into a database, for tests of the storage and of whatever stands
on it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert

from scheduler.core.deal.deal import Deal
from scheduler.core.words.lexicon import ActorKind
from scheduler.storage.database.deals import DEALS, PASSAGES, load_deals
from scheduler.storage.database.new_deals import first_passage, new_deal
from scheduler.storage.database.rows import metadata
from tests.cast import ANN, BOB, at

T = metadata.tables


def add_row(connection: Connection, table: str, **values: Any) -> int:
    """Inserts one row and returns its number."""
    number: int = connection.execute(
        insert(T[table]).values(**values).returning(T[table].c.id)
    ).scalar_one()
    return number


def add_person(connection: Connection, name: str, **more: Any) -> int:
    """A colleague; the key is the e-mail, else the name."""
    return add_row(
        connection,
        "people",
        name=name,
        key=(more.get("email") or name).lower(),
        **{"role": "rep", "active": True, **more},
    )


def add_cast(connection: Connection) -> tuple[int, int]:
    """Bob and Ann, who reports to him; returns (ann, bob)."""
    bob = add_person(
        connection,
        BOB.name,
        email=BOB.email,
        slack_id=BOB.slack_id,
        zone=BOB.zone,
        calendar="weekdays",
        language="en",
        role="manager",
    )
    ann = add_person(
        connection,
        ANN.name,
        email=ANN.email,
        slack_id=ANN.slack_id,
        zone=ANN.zone,
        calendar="weekdays",
        language="en",
        manager_id=bob,
    )
    return ann, bob


def add_contract(
    connection: Connection,
    number: str = "C-1",
    ends_on: date | None = date(2027, 3, 31),
    **more: Any,
) -> tuple[int, int]:
    """A contract of a customer of the same name and its deal in `stage` (stable), which arrived on
    `arrived_at`; returns (contract, deal)."""
    arrived_at: datetime = more.pop("arrived_at", at("2026-04-01"))
    stage, wake_at = more.pop("stage", "stable"), more.pop("wake_at", arrived_at)
    deal_more = {
        k: more.pop(k) for k in ("policy_version", "baseline_at", "health", "pipeline") if k in more
    }
    customer = add_row(
        connection,
        "customers",
        source="test",
        source_id=f"customer {number}",
        name=more.pop("customer", "Aoba Trading"),
    )
    contract = add_row(
        connection,
        "contracts",
        **{
            "source": "test",
            "source_id": number,
            "number": number,
            "customer_id": customer,
            "product": "Pro",
            "title": "",
            "starts_on": date(2026, 4, 1),
            "ends_on": ends_on,
            "term": "12 months",
            "auto_renew": False,
            "evergreen": False,
            "amount": 3_600_000,
            "currency": "JPY",
            "estimated": False,
            "term_number": 0,
            "system_made": False,
            **more,
        },
    )
    columns = (
        new_deal(contract, "test", number, deal_more.pop("pipeline", "existing"), stage, arrived_at)
        | {"wake_at": wake_at, "health": "stable"}
        | deal_more
    )
    deal = add_row(connection, "deals", **columns)
    connection.execute(
        insert(PASSAGES),
        [first_passage(deal, stage, arrived_at, "imported", ActorKind.IMPORT, "test.csv")],
    )
    return contract, deal


def deal_numbered(connection: Connection, number: int) -> Deal:
    """The deal as `decide` would see it."""
    return load_deals(connection, [number])[0]


def count(connection: Connection, table: str) -> int:
    """How many rows a table has."""
    return len(connection.execute(T[table].select()).all())


__all__ = [
    "DEALS",
    "T",
    "add_cast",
    "add_contract",
    "add_person",
    "add_row",
    "count",
    "deal_numbered",
]

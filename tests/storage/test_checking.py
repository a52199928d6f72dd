"""The check reads every open deal, in batches, on both databases."""

from datetime import date

from sqlalchemy import update

from scheduler.storage.checking import CheckRows
from scheduler.storage.engine import open_engine
from scheduler.storage.schema import upgrade
from tests.cast import at
from tests.storage.builders import DEALS, add_cast, add_contract


def test_open_deals_come_in_batches_and_closed_or_voided_ones_do_not(database_url: str) -> None:
    engine = open_engine(database_url)
    upgrade(engine, at("2026-04-01"))
    with engine.begin() as connection:
        ann, bob = add_cast(connection)
        numbers = [add_contract(connection, f"C-{n}", owner_id=ann, notice="3 months", decide_by=date(2026, 12, 31))[1] for n in range(6)]
        connection.execute(update(DEALS).where(DEALS.c.id == numbers[0]).values(closed_at=at("2026-05-01")))
        connection.execute(update(DEALS).where(DEALS.c.id == numbers[3]).values(voided_at=at("2026-05-01")))
    reading = open_engine(database_url, reading=True)
    rows = CheckRows(reading, batch=2)
    deals = list(rows.open_deals())
    assert [d.contract.number for d in deals] == ["C-1", "C-2", "C-4", "C-5"]
    assert {d.owner.id for d in deals if d.owner} == {ann}
    assert [p.id for p in rows.people()] == [ann, bob]
    reading.dispose()
    engine.dispose()

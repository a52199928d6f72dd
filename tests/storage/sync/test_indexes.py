"""However many deals an account has, no step of a round reads them all."""

from typing import Any

from sqlalchemy import Engine

from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
from tests.cast import at
from tests.services.sync.in_step import STAGES, in_step
from tests.storage.deals.test_sweeping import statements

INDEXES = ("ix_hubspot_records_waits", "ix_hubspot_records_queue", "ix_hubspot_records_company")


def test_no_query_of_a_round_reads_all_records(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    upgrade(engine, at("2026-04-01"))
    with in_step(engine) as both:
        both.pull()  # reads anew what it knew by another mapping: all
        record = both.deal()
        both.here.time.passes(minutes=1)
        asked = statements(engine, both.pull)
        both.people["ann"].moves(record, STAGES["at_risk"])
        both.here.time.passes(minutes=1)
        asked += statements(engine, both.pull)
        plans = _plans(engine, asked)
    engine.dispose()
    assert [index for index in INDEXES if not any(index in plan for plan in plans)] == []
    assert [p for p in plans if p.startswith("SCAN hubspot_records") and "INDEX ix_" not in p] == []


def _plans(engine: Engine, asked: list[tuple[str, Any]]) -> list[str]:
    """How SQLite would carry each of these out."""
    with engine.begin() as connection:
        return [
            row.detail
            for query, values in asked
            if "hubspot_records" in query
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values)
        ]

"""The stored sweep: what is due is decided once, whoever looks and whatever happens in between."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event, insert, select, update
from sqlalchemy.exc import IntegrityError

from scheduler.core.deal.deal import Decision
from scheduler.core.deal.stored import alone
from scheduler.services.deals.sweep import StalePolicyError, sweep_all, sweep_once
from scheduler.storage.database.deals import load_deals
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
from scheduler.storage.database.transactions import begun, transactions
from scheduler.storage.deals.sweeping import LostUpdateError, SweepQueries
from scheduler.storage.policy.policies import (
    PolicyConflictError,
    PolicyVersion,
    apply_policy,
    current_version,
)
from tests.cast import at, policy
from tests.core.life import Life
from tests.storage.builders import T, add_cast, add_contract, count, deal_numbered

POLICY = policy()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An up-to-date database."""
    engine = open_engine(database_url)
    upgrade(engine, at("2026-04-01"))
    yield engine
    engine.dispose()


def one_deal(engine: Engine, **more: Any) -> int:
    """Ann's contract; the number of its deal."""
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        return add_contract(connection, owner_id=ann, **more)[1]


def test_a_deal_lives_the_same_life_in_the_database_as_in_memory(engine: Engine) -> None:
    number = one_deal(engine, notice="2 months", decide_by=date(2027, 1, 31), auto_renew=True)
    with engine.begin() as connection:
        memory = Life(deal_numbered(connection, number), POLICY).until(
            at("2026-06-01"), at("2027-04-30")
        )
    now: datetime | None = at("2026-06-01")
    while now is not None and now <= at("2027-04-30"):
        sweep_all(transactions(engine, SweepQueries), POLICY, now)
        with engine.begin() as connection:
            connection.execute(
                update(T["nudges"]).where(T["nudges"].c.state == "waiting").values(state="sent")
            )
            now = connection.execute(
                select(T["deals"].c.wake_at).where(T["deals"].c.id == number)
            ).scalar()
    with engine.begin() as connection:
        stored = deal_numbered(connection, number)
    assert [replace(e, id=None) for e in stored.events] == memory.events
    assert [n.key for n in stored.nudges] == [n.key for n in memory.nudges]
    assert (stored.stage, stored.stage_entered_at, stored.won) == (
        memory.deal.stage,
        memory.deal.stage_entered_at,
        memory.deal.won,
    )


def test_an_automatic_renewal_opens_the_next_term_with_its_own_deal(engine: Engine) -> None:
    one_deal(engine, notice="2 months", decide_by=date(2027, 1, 31), auto_renew=True)
    swept = sweep_all(transactions(engine, SweepQueries), POLICY, at("2027-02-10"))
    assert (swept.won, swept.deals) == (1, 2), "the new deal is decided in the same sweep"
    with engine.begin() as connection:
        successor = deal_numbered(connection, 2)
    assert (
        successor.contract.number,
        successor.contract.starts_on,
        successor.contract.ends_on,
    ) == ("C-1", date(2027, 4, 1), date(2028, 3, 31))
    assert successor.owner is not None
    assert successor.wake_at == at("2027-12-31 00:00")


def test_what_is_not_due_is_not_touched(engine: Engine) -> None:
    one_deal(engine, wake_at=at("2026-12-31"), policy_version=1)
    assert sweep_all(transactions(engine, SweepQueries), POLICY, at("2026-12-30")).deals == 0


def test_a_deal_of_an_older_policy_is_decided_anew(engine: Engine) -> None:
    one_deal(engine, wake_at=at("2026-12-31"), policy_version=0)
    assert sweep_all(transactions(engine, SweepQueries), POLICY, at("2026-06-01")).deals == 1
    assert sweep_all(transactions(engine, SweepQueries), POLICY, at("2026-06-01")).deals == 0


def test_a_sweep_under_a_policy_that_is_no_longer_current_is_refused(engine: Engine) -> None:
    one_deal(engine)
    for number in (1, 2):
        apply_policy(
            engine,
            number - 1,
            PolicyVersion(number, f"hash{number}", {}, {}, "Ann", "", at("2026-06-01")),
        )
    with pytest.raises(StalePolicyError, match="policy 1 is no longer current; 2 is"):
        sweep_once(transactions(engine, SweepQueries), POLICY, at("2027-01-05"))


def test_two_who_apply_a_policy_at_once_cannot_both_win(engine: Engine) -> None:
    apply_policy(engine, 0, PolicyVersion(1, "a", {}, {}, "Ann", "", at("2026-06-01")))
    with pytest.raises(PolicyConflictError):
        apply_policy(engine, 0, PolicyVersion(1, "b", {}, {}, "Bob", "", at("2026-06-01")))
    with engine.begin() as connection:
        assert current_version(connection) == (1, "a")


def test_an_error_in_the_middle_leaves_nothing_behind(engine: Engine) -> None:
    one_deal(engine)
    store = transactions(engine, SweepQueries)
    with pytest.raises(RuntimeError), store() as sweeping:  # noqa: PT012
        deals = sweeping.claim_due(at("2027-01-05"), policy(), 10)
        from scheduler.core.rules.decide import decide  # noqa: PLC0415

        sweeping.write(
            [(d, decide(d.made(), POLICY, at("2027-01-05"))) for d in deals], 1, at("2027-01-05")
        )
        raise RuntimeError("the power fails")
    with engine.begin() as connection:
        assert (
            count(connection, "events"),
            count(connection, "nudges"),
            count(connection, "passages"),
        ) == (0, 0, 1)
    assert sweep_all(store, POLICY, at("2027-01-05")).nudges == 1


def test_a_decision_about_an_older_version_of_the_deal_is_refused(engine: Engine) -> None:
    number = one_deal(engine)
    with engine.begin() as connection:
        stale = replace(deal_numbered(connection, number), version=0)
    with pytest.raises(LostUpdateError), begun(engine, SweepQueries) as sweeping:
        sweeping.write([(alone(stale), Decision())], 1, at("2027-01-05"))


def test_one_deal_that_cannot_be_decided_does_not_stop_the_others(engine: Engine) -> None:
    one_deal(engine)
    with engine.begin() as connection:
        add_contract(connection, "C-2", pipeline="gone")
    swept = sweep_all(transactions(engine, SweepQueries), POLICY, at("2027-01-05"))
    assert [f.contract for f in swept.failures] == ["C-2"]
    assert swept.nudges == 1


def test_the_same_milestone_and_day_cannot_stand_twice(engine: Engine) -> None:
    number = one_deal(engine)
    row = {
        "deal_id": number,
        "milestone": "m",
        "anchor_on": date(2027, 3, 31),
        "step": 0,
        "day_on": date(2026, 12, 31),
        "state": "fired",
        "reason": "",
        "at": at("2027-01-01"),
    }
    with engine.begin() as connection:
        connection.execute(insert(T["events"]), [row | {"state": "withdrawn"}, row])
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(T["events"]), [row])


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("deals", "health", "cheerful"), ("nudges", "state", "lost"), ("messages", "state", "gone")],
)
def test_a_word_that_does_not_exist_is_refused_by_the_database(
    engine: Engine, table: str, column: str, value: str
) -> None:
    number = one_deal(engine)
    sweep_all(transactions(engine, SweepQueries), POLICY, at("2027-01-05"))
    with engine.begin() as connection:
        if table == "messages":
            connection.execute(
                insert(T["messages"]).values(
                    key="k",
                    recipient="person:1",
                    channel="preview",
                    address="x",
                    created_at=at("2027-01-05"),
                    not_before_at=at("2027-01-05"),
                )
            )
    assert number
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(update(T[table]).values(**{column: value}))


def test_instants_come_back_as_they_went_in(engine: Engine) -> None:
    number = one_deal(engine)
    instant = datetime(2027, 3, 28, 1, 30, 0, 123456, tzinfo=ZoneInfo("Asia/Tokyo"))
    with engine.begin() as connection:
        connection.execute(update(T["deals"]).values(wake_at=instant))
        found = load_deals(connection, [number])[0].wake_at
    assert found == instant
    assert found is not None
    assert found.tzinfo is UTC
    with pytest.raises(Exception, match="naive"), engine.begin() as connection:
        connection.execute(update(T["deals"]).values(wake_at=datetime(2027, 1, 1)))  # noqa: DTZ001


def test_eight_sweepers_at_once_decide_every_deal_exactly_once(engine: Engine) -> None:
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        for n in range(120):
            add_contract(connection, f"C-{n}", owner_id=ann)
    errors: list[Exception] = []

    def sweep() -> None:
        try:
            sweep_all(transactions(engine, SweepQueries), POLICY, at("2027-01-05"), limit=7)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=sweep) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with engine.begin() as connection:
        assert (count(connection, "nudges"), count(connection, "events")) == (120, 120)


def test_no_query_of_a_sweep_reads_a_whole_table(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    upgrade(engine, at("2026-04-01"))
    one_deal(engine)
    asked = statements(
        engine, lambda: sweep_all(transactions(engine, SweepQueries), POLICY, at("2027-01-05"))
    )
    with engine.begin() as connection:
        plans = [
            row.detail
            for query, values in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values)
        ]
    engine.dispose()
    assert [
        any(index in plan for plan in plans)
        for index in ("ix_deals_wake_at", "ix_deals_policy_version", "ix_events_deal_id")
    ] == [True] * 3
    few = {"SCAN pauses"}  # as long as people have paused something, a row each time
    few.add("SCAN json_each VIRTUAL TABLE INDEX 1:")  # the numbers that a query is given
    assert [plan for plan in plans if plan.startswith("SCAN") and plan not in few] == []


def statements(engine: Engine, work: Callable[[], object]) -> list[tuple[str, Any]]:
    """The queries and updates that `work` makes, with their (first) values."""
    made: list[tuple[str, Any]] = []

    def note(
        connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool
    ) -> None:
        if statement.startswith(("SELECT", "UPDATE")):
            made.append((statement, values[0] if many else values))

    event.listen(engine, "before_cursor_execute", note)
    work()
    event.remove(engine, "before_cursor_execute", note)
    return made


def test_the_alarm_of_a_sleeping_deal_survives_many_sweeps(engine: Engine) -> None:
    number = one_deal(engine)
    for day in range(30):
        sweep_all(
            transactions(engine, SweepQueries), POLICY, at("2026-06-01") + timedelta(days=day)
        )
    with engine.begin() as connection:
        assert deal_numbered(connection, number).version == 2, "decided once, then asleep"


def test_many_nudges_are_cancelled_in_one_sweep(engine: Engine) -> None:
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        for number in ("C-1", "C-2", "C-3"):
            add_contract(connection, number, owner_id=ann)
    sweep_all(transactions(engine, SweepQueries), POLICY, at("2027-01-04"))
    with engine.begin() as connection:
        connection.execute(update(T["contracts"]).values(ends_on=date(2028, 3, 31)))
        connection.execute(update(T["deals"]).values(wake_at=at("2027-01-05")))
    assert sweep_all(transactions(engine, SweepQueries), POLICY, at("2027-01-05")).cancels == 3
    with engine.begin() as connection:
        assert list(connection.scalars(select(T["nudges"].c.state))) == ["cancelled"] * 3

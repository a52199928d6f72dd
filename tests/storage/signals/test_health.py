"""Health in the database: signals move deals as they do in memory, what people say is kept and
taken back, and the next term goes on with what is known."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.effects import apply_answer
from scheduler.core.health.policy import HealthPolicy
from scheduler.core.health.signals import Signal, series_of
from scheduler.core.health.timeline import HealthTimeline, SaidHealth, Step
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import Health, Verb
from scheduler.core.words.reasons import reason
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.policy.planning import compare
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
from scheduler.storage.database.transactions import begun, transactions
from scheduler.storage.database.values import (
    fingerprint_in,
    health_timeline_from,
    health_timeline_to,
    said_health_from,
    said_health_to,
)
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.policy.planning import PlanRows
from scheduler.storage.signals.attaching import deals_with_signals
from tests.cast import ANN, at, policy
from tests.core.life import Life
from tests.core.rules.test_health import MEASURED, SCORE
from tests.storage.builders import T, add_cast, add_contract, deal_numbered
from tests.storage.signals.keeping import keep, line

UNDER = policy(health=MEASURED)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An up-to-date database."""
    engine = open_engine(database_url)
    upgrade(engine, at("2026-04-01"))
    yield engine
    engine.dispose()


def deal(engine: Engine, **more: Any) -> int:
    """Ann's contract; the number of its deal."""
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        return add_contract(connection, owner_id=ann, **more)[1]


def measured(engine: Engine, on: str, value: float, **more: str) -> None:
    """A signal comes in at the instant it was measured."""
    now = at(f"{on} 09:00")
    keep(engine, now, [line(now, value, name="score", **more)])  # type: ignore[arg-type]


def sweep(engine: Engine, on: str, under: Policy = UNDER) -> None:
    sweep_all(transactions(engine, SweepQueries), under, at(on))


def health(engine: Engine, number: int) -> tuple[str, str]:
    """(health, stage)"""
    with engine.begin() as connection:
        row = connection.execute(select(T["deals"]).where(T["deals"].c.id == number)).one()
    return row.health, row.stage


def changes(engine: Engine) -> list[tuple[str, str, float | None]]:
    """(was, health, score) of every change that was kept."""
    table = T["health_changes"]
    with engine.begin() as connection:
        rows = connection.execute(select(table).order_by(table.c.id)).all()
    return [(row.was, row.health, row.score) for row in rows]


def test_a_signal_moves_its_deal_and_no_other(engine: Engine) -> None:
    number = deal(engine)
    with engine.begin() as connection:
        other = add_contract(connection, number="C-2", customer="Other Ltd")[1]
    sweep(engine, "2026-06-01")
    measured(engine, "2026-06-02", 20)
    with engine.begin() as connection:
        due = select(T["deals"].c.id).where(T["deals"].c.wake_at <= at("2026-06-02 09:00"))
        assert connection.scalars(due).all() == [number]
    sweep(engine, "2026-06-02 09:01")
    assert health(engine, number) == ("critical", "critical")
    assert health(engine, other)[0] != "critical"
    assert changes(engine)[-1][1:] == ("critical", 10)


def test_a_deal_lives_by_signals_in_the_database_as_in_memory(engine: Engine) -> None:
    number = deal(engine)
    days = [("2026-06-02", 20.0), ("2026-06-20", 80.0), ("2026-09-01", 50.0)]
    with engine.begin() as connection:
        first = replace(deal_numbered(connection, number), signals={})
    memory = Life(first, UNDER)
    known: tuple[Signal, ...] = ()
    states = []
    for n, (on, value) in enumerate(days):
        measured(engine, on, value)
        now = at(f"{on} 09:00")
        known = (*known, Signal("score", value, now, now, "crm"))
        memory.deal = replace(memory.deal, signals=series_of(known), health_timeline=None)
        end = at(f"{days[n + 1][0]} 08:59") if n + 1 < len(days) else at("2027-04-30")
        memory.until(now, end)
        alarm: datetime | None = now
        while alarm is not None and alarm <= end:
            sweep_all(transactions(engine, SweepQueries), UNDER, alarm)
            with engine.begin() as connection:
                waiting = T["nudges"].c.state == "waiting"
                connection.execute(update(T["nudges"]).where(waiting).values(state="sent"))
                alarm = connection.scalar(
                    select(T["deals"].c.wake_at).where(T["deals"].c.id == number)
                )
        with engine.begin() as connection:
            stored = deal_numbered(connection, number)
        assert (stored.health, stored.health_because, stored.health_timeline) == (
            memory.deal.health,
            memory.deal.health_because,
            memory.deal.health_timeline,
        )
        assert [replace(e, id=None) for e in stored.events] == memory.events
        states.append(stored.health.value)
    assert states == ["critical", "unknown", "unknown"]


def test_an_edited_policy_measures_every_deal_anew(engine: Engine) -> None:
    number = deal(engine)
    measured(engine, "2026-06-02", 20)
    sweep(engine, "2026-06-03")
    assert health(engine, number)[0] == "critical"
    lenient = replace(MEASURED, measures=(replace(SCORE, bands=SCORE.bands[-1:]),))
    sweep(engine, "2026-06-20", replace(policy(health=lenient), version=2))
    assert health(engine, number)[0] == "stable"


def test_a_plan_shows_the_health_that_the_sweep_then_makes_also_inside_the_renewal(
    engine: Engine,
) -> None:
    active = deal(engine)
    with engine.begin() as connection:
        renewing = add_contract(connection, number="C-2", customer="B", stage="renewal_3m")[1]
    for number in ("C-1", "C-2"):
        measured(engine, "2026-06-02", 20, subject=number)
    sweep(engine, "2026-06-03")
    assert [health(engine, n)[0] for n in (active, renewing)] == ["critical", "critical"]
    now, lenient = (
        at("2026-06-20"),
        replace(MEASURED, measures=(replace(SCORE, bands=SCORE.bands[-1:]),)),
    )
    edited = replace(policy(health=lenient), version=2)
    with PlanRows(engine, engine).snapshot() as snapshot:
        effects, _ = compare(snapshot, UNDER, edited, now, at("2026-06-21"), ())
    shown = {(e.contract, e.kind, e.what, e.at_once) for e in effects.came}
    assert shown == {("C-1", "move", "stable", True), ("C-2", "health", "stable", True)}
    sweep(engine, "2026-06-20", edited)
    assert health(engine, active) == ("stable", "stable")
    assert health(engine, renewing) == ("stable", "renewal_3m")


def test_what_a_person_says_is_kept_until_its_end_and_can_be_taken_back(engine: Engine) -> None:
    number = deal(engine)
    measured(engine, "2026-06-02", 80)
    sweep(engine, "2026-06-03")
    now = at("2026-06-04 10:00")
    said = Answer(Verb.HEALTH, ANN.name, health=Health.CRITICAL, until=date(2026, 6, 10))
    with begun(engine, AnswerQueries) as answering:
        [before] = answering.deals_of("C-1")
        answering.record(before, said, apply_answer(before, said, UNDER, now), now)
    assert health(engine, number) == ("critical", "critical")
    sweep(engine, "2026-06-05")
    assert health(engine, number) == ("critical", "critical")
    with engine.begin() as connection:
        stored = deal_numbered(connection, number)
    assert stored.said_health is not None
    assert stored.wake_at == stored.said_health.until == at("2026-06-11 00:00")
    sweep(engine, "2026-06-11 00:00")
    assert health(engine, number) == ("stable", "stable")

    again = at("2026-06-12 10:00")
    longer = replace(said, until=None)
    with begun(engine, AnswerQueries) as answering:
        [before] = answering.deals_of("C-1")
        answering.record(before, longer, apply_answer(before, longer, UNDER, again), again)
    with begun(engine, AnswerQueries) as answering:
        act = answering.last_act(answering.deals_of("C-1"))
        assert act is not None
        answering.undo(act, "Ann", again)
    sweep(engine, "2026-06-13")
    assert health(engine, number) == ("stable", "stable")


def test_the_next_term_goes_on_with_what_is_known(engine: Engine) -> None:
    deal(engine, notice="2 months", decide_by=date(2027, 1, 31), auto_renew=True)
    measured(engine, "2027-01-20", 20)
    sweep(engine, "2027-01-21")
    sweep(engine, "2027-02-10")
    with engine.begin() as connection:
        successor = deal_numbered(connection, 2)
        [with_them] = deals_with_signals(
            connection, [replace(successor, health_timeline=None)], (MEASURED,)
        )
    assert successor.health is Health.CRITICAL
    assert successor.health_timeline is not None
    assert with_them.signals is not None
    assert with_them.signals["score"].values == (20.0,)
    sweep(engine, "2027-02-11")
    with engine.begin() as connection:
        assert deal_numbered(connection, 2).health is Health.CRITICAL


def test_signals_of_a_customers_other_contracts_count_only_where_the_policy_says_so(
    engine: Engine,
) -> None:
    number = deal(engine)
    with engine.begin() as connection:
        other, _ = add_contract(connection, number="C-2")
        mine = select(T["contracts"].c.customer_id).where(T["contracts"].c.number == "C-1")
        connection.execute(
            update(T["contracts"])
            .where(T["contracts"].c.id == other)
            .values(customer_id=mine.scalar_subquery())
        )
    measured(engine, "2026-06-02", 20, subject="C-2")
    sweep(engine, "2026-06-03")
    assert health(engine, number)[0] == "stable"
    together = replace(MEASURED, by_customer=True)
    sweep(engine, "2026-06-04", replace(policy(health=together), version=2))
    assert health(engine, number)[0] == "critical"


def test_no_query_is_made_where_nothing_is_measured(engine: Engine) -> None:
    number = deal(engine)
    with engine.begin() as connection:
        some = [deal_numbered(connection, number)]
        for policies in ((None,), (HealthPolicy(),)):
            assert deals_with_signals(connection, some, policies) == some
            assert deals_with_signals(connection, some, policies)[0].signals is None


def test_what_is_kept_reads_back() -> None:
    now = at("2026-06-02 09:00")
    because = reason("measured_latest", measure="スコア", value="20", on="2026-06-02")
    step = Step(now, Health.CRITICAL, 12.5, because, now)
    later = Step(now + timedelta(days=45), Health.UNKNOWN)
    for health_timeline in (
        None,
        HealthTimeline("mark"),
        HealthTimeline("m a b", (step, later), now, -20.0),
    ):
        assert health_timeline_from(health_timeline_to(health_timeline)) == health_timeline
        assert fingerprint_in(health_timeline_to(health_timeline)) == (
            health_timeline.fingerprint if health_timeline else ""
        )
    for said in (None, SaidHealth(Health.STABLE, now, "千佳", now, 'said "so"')):
        assert said_health_from(said_health_to(said)) == said

"""The passages that the funnel and the losses read, on both databases."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine, delete, update

from scheduler.core.reports.asked import AsKnown, ReportScope
from scheduler.core.words.lexicon import Health
from scheduler.storage.reports.funnel_and_lost import FunnelRows
from scheduler.storage.reports.renewals import RenewalRows
from tests.cast import EXISTING, at
from tests.storage.builders import T, add_cast, add_contract, add_row

LONDON = ZoneInfo("Europe/London")
PERIOD = ReportScope(from_on=date(2026, 4, 1), until_on=date(2027, 3, 31))
NOW = AsKnown(date(2027, 3, 31))
THEN = AsKnown(date(2026, 9, 30), at("2026-10-01 00:00"))


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        yield connection


def add(connection: Connection, number: str, *ways: tuple[str, str | None], **more: Any) -> int:
    """A deal with these passages (stage, day)."""
    _, deal = add_contract(connection, number, **more)
    connection.execute(delete(T["passages"]).where(T["passages"].c.deal_id == deal))
    for stage, day in ways:
        values = {"because": "", "actor_kind": "policy", "actor": "x", "observed": True}
        add_row(connection, "passages", deal_id=deal, to_stage=stage, at=day and at(day), **values)
    return deal


def lose(connection: Connection, deal: int, day: str, **lost: object) -> None:
    values = {"stage": "lost", "closed_at": at(day), "lost": {"reason": "budget", **lost}}
    connection.execute(update(T["deals"]).where(T["deals"].c.id == deal).values(**values))


def stages(
    connection: Connection, scope: ReportScope = PERIOD, known: AsKnown = NOW
) -> list[list[str]]:
    found = FunnelRows(connection).histories(EXISTING, scope, known, LONDON)
    return [[entry.stage for entry in history] for history in found]


def test_histories_are_those_of_deals_first_seen_in_the_period(connection: Connection) -> None:
    add(connection, "A", ("onboarding", "2026-04-01"), ("stable", "2026-05-01"))
    add(connection, "old", ("stable", "2026-03-01"), arrived_at=at("2026-03-31"))
    add(connection, "other", ("stable", "2026-05-01"), pipeline="another")
    void = add(connection, "void", ("stable", "2026-05-01"))
    connection.execute(
        update(T["deals"]).where(T["deals"].c.id == void).values(voided_at=at("2026-06-01"))
    )
    assert stages(connection) == [["onboarding", "stable"]]


def test_filters_leave_deals_out(connection: Connection) -> None:
    ann, bob = add_cast(connection)
    add(connection, "A", ("stable", "2026-05-01"), owner_id=ann)
    add(connection, "B", ("at_risk", "2026-05-01"), owner_id=bob, currency="GBP")
    scope = ReportScope(owner="ann", from_on=PERIOD.from_on, until_on=PERIOD.until_on)
    assert stages(connection, scope) == [["stable"]]
    scope = ReportScope(currency="gbp", from_on=PERIOD.from_on, until_on=PERIOD.until_on)
    assert stages(connection, scope) == [["at_risk"]]


def test_a_past_day_knows_what_was_undone_later_and_nothing_that_came_later(
    connection: Connection,
) -> None:
    deal = add(
        connection,
        "A",
        ("stable", "2026-05-01"),
        ("at_risk", "2026-06-01"),
        ("critical", "2026-11-01"),
    )
    passages = T["passages"]
    connection.execute(
        update(passages)
        .where(passages.c.deal_id == deal, passages.c.to_stage == "at_risk")
        .values(voided_at=at("2026-12-01"))
    )
    add(connection, "new", ("stable", "2026-11-01"), arrived_at=at("2026-11-01"))
    assert stages(connection) == [["stable", "critical"], ["stable"]]
    assert stages(connection, known=THEN) == [["stable", "at_risk"]]


def test_lost_deals_have_their_stages_and_what_was_said_of_health(connection: Connection) -> None:
    deal = add(
        connection,
        "A",
        ("stable", "2026-05-01"),
        ("renewal_3m", "2026-12-31"),
        ("lost", "2027-03-01"),
    )
    lose(connection, deal, "2027-03-01", avoidable=True)
    for day, verb, details, undone in (
        ("2026-11-01", "health", {"health": "at_risk"}, None),
        ("2026-12-01", "health", {"health": "critical"}, "2026-12-02"),
        ("2026-12-03", "seen", {}, None),
    ):
        add_row(connection, "answers", deal_id=deal, verb=verb, details=details, before={}, at=at(day),
                undone_at=undone and at(undone))  # fmt: skip
    add(connection, "open", ("stable", "2026-05-01"))
    late = add(connection, "late", ("lost", "2027-04-02"))
    lose(connection, late, "2027-04-02")
    (one,) = FunnelRows(connection).lost_deals(EXISTING, PERIOD, NOW, LONDON)
    assert one.stages == ("stable", "renewal_3m", "lost")
    assert one.healths == ((at("2026-05-01"), Health.STABLE), (at("2026-11-01"), Health.AT_RISK))
    assert one.lost is not None
    assert (one.lost.reason, one.lost.avoidable) == ("budget", True)
    assert FunnelRows(connection).lost_deals(EXISTING, PERIOD, THEN, LONDON) == []


def test_health_of_a_past_day_is_also_what_signals_made_of_it(connection: Connection) -> None:
    deal = add(connection, "A", ("stable", "2026-05-01"), ("lost", "2027-03-01"))
    lose(connection, deal, "2027-03-01")
    for day, was, health in (
        ("2026-09-01", "stable", "at_risk"),
        ("2026-11-01", "at_risk", "critical"),
    ):
        add_row(connection, "health_changes", deal_id=deal, at=at(day), health=health, was=was, because="")  # fmt: skip
    values = {"health": "critical"}
    connection.execute(update(T["deals"]).where(T["deals"].c.id == deal).values(**values))
    (one,) = FunnelRows(connection).lost_deals(EXISTING, PERIOD, NOW, LONDON)
    assert [health for _, health in one.healths] == [
        Health.STABLE, Health.AT_RISK, Health.CRITICAL
    ]  # fmt: skip
    rows = RenewalRows(connection)
    known = [rows.renewals(["existing"], at(day) if day else None)[0].health
             for day in ("2026-08-01", "2026-10-01", None)]  # fmt: skip
    assert known == [Health.STABLE, Health.AT_RISK, Health.CRITICAL]

"""The open renewals that the page for the weekly meeting reads, on both databases."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, Engine, update

from scheduler.core.deal.contracts import Money
from scheduler.core.reports.asked import ReportScope
from scheduler.core.reports.meeting import MeetingFacts, MeetingGroup
from scheduler.core.words.lexicon import ForecastCall, Health
from scheduler.services.reports.meeting import meeting_page
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.transactions import transactions
from scheduler.storage.reports.meeting import MeetingRows
from tests.cast import at, policy
from tests.storage.builders import T, add_cast, add_contract, add_row

POLICY = policy()
TODAY = date(2027, 1, 11)
PERIOD = ReportScope(from_on=date(2027, 1, 1), until_on=date(2027, 3, 31))


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        yield connection


def found(connection: Connection, scope: ReportScope = PERIOD) -> Sequence[MeetingFacts]:
    return MeetingRows(connection).open_renewals(["existing"], POLICY, scope, TODAY)


def numbers(connection: Connection, scope: ReportScope = PERIOD) -> set[str]:
    return {one.contract for one in found(connection, scope)}


def change(connection: Connection, table: str, id_: int, **values: object) -> None:
    connection.execute(update(T[table]).where(T[table].c.id == id_).values(**values))


def event(connection: Connection, deal: int, milestone: str, **more: object) -> None:
    values = {
        "anchor_on": date(2027, 3, 31), "day_on": date(2026, 12, 31), "state": "fired",
        "reason": "", "at": at("2026-12-31"), "step": 0,
    }  # fmt: skip
    add_row(connection, "events", deal_id=deal, milestone=milestone, **{**values, **more})


def test_what_ends_in_the_period_is_read_with_all_that_the_page_shows(
    connection: Connection,
) -> None:
    ann, _ = add_cast(connection)
    change(connection, "people", ann, team="emea")
    _, deal = add_contract(
        connection, "C-1", owner_id=ann, amount=3_600_000, decide_by=date(2027, 1, 31),
        stage="renewal_3m",
    )  # fmt: skip
    change(connection, "deals", deal, health="at_risk", health_because="logins -38 %",
           call="unsure", called_on=date(2027, 1, 8), call_note="silent")  # fmt: skip
    event(connection, deal, "renewal_3m")
    for day, undone in (("2027-01-07", None), ("2027-01-08", None), ("2027-01-09", "2027-01-09")):
        add_row(connection, "answers", deal_id=deal, verb="call", details={"call": "unsure"},
                before={}, actor=f"on {day}", at=at(day), undone_at=undone and at(undone))  # fmt: skip
    (one,) = found(connection)
    assert (one.contract, one.customer, one.owners) == (
        "C-1",
        "Aoba Trading",
        ("Ann Ito", "ann@example.com"),
    )
    assert (one.team, one.amount, one.decide_by) == (
        "emea",
        Money(3_600_000, "JPY"),
        date(2027, 1, 31),
    )
    assert (one.health, one.health_because) == (Health.AT_RISK, "logins -38 %")
    assert (one.call, one.called_on, one.call_note) == (
        ForecastCall.UNSURE,
        date(2027, 1, 8),
        "silent",
    )
    assert (one.question, one.waiting_since) == ("renewal_3m", date(2026, 12, 31))
    assert one.groups == (MeetingGroup.DOUBT, MeetingGroup.UNANSWERED, MeetingGroup.RISK)
    assert one.last is not None
    assert (one.last.name, one.last.at, one.last.details) == (
        "on 2027-01-08",
        at("2027-01-08"),
        {"call": "unsure"},
    )


def test_the_period_has_its_first_and_last_day_and_what_is_overdue(connection: Connection) -> None:
    for name, day in (
        ("before", date(2026, 12, 31)),
        ("first", date(2027, 1, 1)),
        ("last", date(2027, 3, 31)),
        ("after", date(2027, 4, 1)),
    ):
        add_contract(connection, name, ends_on=day)
    add_contract(connection, "no end", ends_on=None)
    assert numbers(connection) == {"before", "first", "last"}
    ahead = ReportScope(from_on=TODAY + timedelta(days=1), until_on=date(2027, 3, 31))
    assert numbers(connection, ahead) == {"last"}


def test_closed_voided_and_prospective_deals_are_left_out_and_old_history_is_marked(
    connection: Connection,
) -> None:
    _, closed = add_contract(connection, "closed")
    change(connection, "deals", closed, closed_at=at("2027-01-01"))
    _, void = add_contract(connection, "void")
    change(connection, "deals", void, voided_at=at("2027-01-01"))
    add_contract(connection, "prospect", pipeline="another")
    _, history = add_contract(connection, "history", ends_on=date(2026, 4, 30))
    event(connection, history, "ended", state="baseline")
    add_contract(connection, "open")
    assert {one.contract: one.history for one in found(connection)} == {
        "history": True, "open": False,
    }  # fmt: skip


def test_filters_choose_by_owner_team_segment_and_currency(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.begin() as connection:
        ann, bob = add_cast(connection)
        change(connection, "people", ann, team="emea")
        for number, owner, currency in (("A", ann, "JPY"), ("B", bob, "GBP"), ("N", None, "JPY")):
            add_contract(connection, number, owner_id=owner, currency=currency)
    reading = transactions(engine, MeetingRows)

    def chosen(**words: str) -> set[str]:
        scope = ReportScope(from_on=PERIOD.from_on, until_on=PERIOD.until_on, **words)
        lines = meeting_page(reading, POLICY, scope, TODAY).lines
        return {line.of.contract for line in lines}

    assert chosen() == {"A", "B", "N"}
    assert chosen(owner="ann") == {"A"}
    assert chosen(team="EMEA") == {"A"}
    assert chosen(currency="gbp") == {"B"}
    assert chosen(segment="smb") == set()
    engine.dispose()

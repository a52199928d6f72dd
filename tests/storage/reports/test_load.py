"""What the reports of the load and of the answers read, on both databases."""

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine, update

from scheduler.core.reports.asked import AsKnown, ReportScope
from scheduler.core.reports.load import LoadKind
from scheduler.core.words.reasons import reason
from scheduler.storage.reports.answers import AnswersRows
from scheduler.storage.reports.load import LoadRows
from tests.cast import at
from tests.storage.builders import T, add_cast, add_contract, add_row

TODAY = date(2027, 1, 11)
PERIOD = ReportScope(from_on=date(2027, 1, 11), until_on=date(2027, 4, 11))
TOKYO = ZoneInfo("Asia/Tokyo")
ENDS = date(2027, 3, 31)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        yield connection


def change(connection: Connection, table: str, id_: int, **values: object) -> None:
    connection.execute(update(T[table]).where(T[table].c.id == id_).values(**values))


def test_ends_deadlines_and_alarms_of_open_contracts_are_counted_by_owner_and_day(
    connection: Connection,
) -> None:
    ann, bob = add_cast(connection)
    for number in ("A", "B"):
        add_contract(
            connection, number, owner_id=ann, decide_by=date(2027, 1, 31),
            wake_at=at("2027-01-20 16:00"),
        )  # fmt: skip
    add_contract(
        connection, "late", owner_id=bob, wake_at=at("2026-12-01"), ends_on=date(2027, 5, 1)
    )
    add_contract(connection, "prospect", pipeline="new", owner_id=bob, wake_at=None)
    _, over = add_contract(connection, "over", owner_id=bob)
    change(connection, "deals", over, closed_at=at("2027-01-01"))
    rows = LoadRows(connection)
    found = {
        (d.owner, d.kind, d.on, d.contracts)
        for d in rows.coming(["existing"], PERIOD, TOKYO, TODAY)
    }
    assert found == {
        (ann, LoadKind.RENEWAL, ENDS, 2),
        (ann, LoadKind.DEADLINE, date(2027, 1, 31), 2),
        (ann, LoadKind.NUDGE, date(2027, 1, 21), 2),
        (bob, LoadKind.NUDGE, TODAY, 1),
    }
    assert rows.colleagues()[ann] == ("Ann Ito", "ann@example.com", None)


def test_filters_leave_contracts_out(connection: Connection) -> None:
    add_contract(connection, "A", currency="GBP", wake_at=None)
    add_contract(connection, "B", wake_at=None)
    scope = ReportScope(from_on=TODAY, until_on=ENDS, currency="gbp")
    found = LoadRows(connection).coming(["existing"], scope, TOKYO, TODAY)
    assert [(d.kind, d.contracts) for d in found] == [(LoadKind.RENEWAL, 1)]


def ask(connection: Connection, deal: int, milestone: str, day: str, **more: object) -> None:
    values = {
        "anchor_on": ENDS, "day_on": date(2027, 1, 4), "state": "fired", "reason": "",
        "step": 0, "answer": "",
    }  # fmt: skip
    add_row(
        connection, "events", deal_id=deal, milestone=milestone, at=at(day), **{**values, **more}
    )


def test_a_question_counts_once_from_its_first_telling_to_its_answer(
    connection: Connection,
) -> None:
    ann, _ = add_cast(connection)
    _, deal = add_contract(connection, "A", owner_id=ann)
    said = reason("said_renew", by="Bob Hill", on=date(2027, 1, 20))
    ask(connection, deal, "renewal_3m", "2027-01-12")
    ask(
        connection,
        deal,
        "renewal_3m",
        "2027-01-19",
        step=1,
        answered_at=at("2027-01-20"),
        answer=said,
    )
    ask(connection, deal, "renewal_1m", "2027-03-01")
    ask(connection, deal, "skipped", "2027-01-12", state="skipped")
    ask(connection, deal, "business_review", "2027-01-12")
    ask(connection, deal, "renewal_3m", "2026-12-01", anchor_on=date(2026, 3, 31))
    rows = AnswersRows(connection)
    asking = ["renewal_3m", "renewal_1m", "skipped"]
    found = rows.questions(asking, PERIOD, AsKnown(TODAY), "Europe/London")
    first, last = sorted(found, key=lambda question: question.asked_at)
    assert (first.milestone, first.owner, first.asked_at) == (
        "renewal_3m",
        "Ann Ito",
        at("2027-01-12"),
    )
    assert (first.answered_at, first.answered_by) == (at("2027-01-20"), "Bob Hill")
    assert (last.milestone, last.answered_at) == ("renewal_1m", None)


def test_as_known_on_a_past_day_a_later_answer_and_a_later_question_do_not_count(
    connection: Connection,
) -> None:
    _, deal = add_contract(connection, "A")
    ask(connection, deal, "renewal_3m", "2027-01-12", answered_at=at("2027-01-20"))
    ask(connection, deal, "renewal_1m", "2027-01-18")
    known = AsKnown(date(2027, 1, 15), at("2027-01-16"))
    (one,) = AnswersRows(connection).questions(
        ["renewal_3m", "renewal_1m"], PERIOD, known, "Europe/London"
    )
    assert (one.milestone, one.answered_at) == ("renewal_3m", None)

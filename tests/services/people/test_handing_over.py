"""What changes hands: on return what went elsewhere, of somebody who left all deals; on SQLite and
PostgreSQL."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from scheduler.core.answers.answer import Answer
from scheduler.core.policy.attention import Attention
from scheduler.core.words.lexicon import ForecastCall, NudgeState, Verb
from scheduler.services.answers.answering import answer
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.imports.people import import_people
from scheduler.services.people.absences import add_absence, cancel_absence
from scheduler.sources.people import open_people
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.imports.importing import ImportQueries
from scheduler.storage.people.absences import Absences
from tests.cast import FALLBACK, LONDON, at, policy
from tests.services.digests.test_digests import Desk
from tests.storage.builders import T, add_cast, add_contract, add_person

POLICY = policy()
BEFORE = at("2026-12-28")
SUNDAY = Attention(repeat_every=0, last_call=False, digest_weekday=6)


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    """Ann (2) owns C-1 and C-2, which end on 31 March and 6 April; Bob (1) manages her; Dan (3) may
    stand in."""
    desk = Desk(open_engine(database_url), open_engine(database_url, reading=True))
    upgrade(desk.engine, at("2026-04-01"))
    with desk.engine.begin() as connection:
        ann, _ = add_cast(connection)
        add_person(connection, "Dan Fox", email="dan@example.com", zone=LONDON)
        add_contract(connection, owner_id=ann)
        add_contract(connection, "C-2", date(2027, 4, 6), owner_id=ann, customer="Beta")
    yield desk
    desk.engine.dispose()
    desk.reading.dispose()


def away(desk: Desk, first: date, last: date, delegate: str | None = "Dan") -> int:
    """Ann is away; the absence's number."""
    rows = transactions(desk.engine, Absences)
    return add_absence(
        rows,
        "Ann",
        first,
        last,
        delegate=delegate,
        note="",
        actor="test",
        policy=POLICY,
        now=BEFORE,
    ).line.number


def live(desk: Desk, *days: str) -> None:
    """What is due on these days is decided and goes out."""
    for day in days:
        sweep_all(transactions(desk.engine, SweepQueries), POLICY, at(day))
        with desk.engine.begin() as connection:
            waiting = T["nudges"].c.state == NudgeState.WAITING.value
            connection.execute(
                update(T["nudges"])
                .where(waiting)
                .values(state=NudgeState.SENT.value, sent_at=at(day))
            )


def told(desk: Desk) -> list[tuple[str, str, str]]:
    """What the return message says: contract, who had it, what came of it."""
    return [(t["number"], t["holder"], t["answered"]) for t in desk.facts("returned")["told"]]  # type: ignore[attr-defined]


def test_on_return_everything_that_went_elsewhere_is_told_once_in_the_first_window(
    desk: Desk,
) -> None:
    away(desk, date(2026, 12, 29), date(2027, 1, 8))
    live(desk, "2026-12-31", "2027-01-06")
    answer(
        transactions(desk.engine, AnswerQueries),
        "C-1",
        Answer(Verb.FORECAST, "Dan Fox", call=ForecastCall.RENEW),
        POLICY,
        at("2027-01-07"),
    )
    for early in ("2027-01-08 10:00", "2027-01-09 10:00", "2027-01-11 08:59"):
        desk.look(at(early), attention=SUNDAY)
    assert desk.messages("returned") == []
    desk.look(at("2027-01-11 09:00"), attention=SUNDAY)
    assert told(desk) == [("C-2", "Dan Fox", ""), ("C-1", "Dan Fox", "Dan Fox: will renew")]
    (message,) = desk.messages("returned")
    assert (message["person_id"], desk.facts("returned")["left_open"]) == (2, 1)
    assert (desk.facts("returned")["first_on"], desk.facts("returned")["last_on"]) == (
        "2026-12-29",
        "2027-01-08",
    )
    desk.look(at("2027-01-11 09:01"), attention=SUNDAY)
    assert len(desk.messages("returned")) == 1


def test_nothing_is_said_when_nothing_went_elsewhere(desk: Desk) -> None:
    away(desk, date(2027, 1, 11), date(2027, 1, 15))
    live(desk, "2026-12-31", "2027-01-06", "2027-01-12")
    assert desk.look(at("2027-01-18 09:00"), attention=SUNDAY).silent == 1
    assert desk.look(at("2027-01-18 09:01"), attention=SUNDAY).silent == 0
    assert desk.messages("returned") == []


def test_two_absences_without_a_day_between_are_one_return(desk: Desk) -> None:
    away(desk, date(2026, 12, 29), date(2027, 1, 3))
    away(desk, date(2027, 1, 4), date(2027, 1, 8))
    live(desk, "2026-12-31")
    desk.look(at("2027-01-04 09:30"), attention=SUNDAY)
    live(desk, "2027-01-06")
    assert desk.messages("returned") == []
    desk.look(at("2027-01-11 09:30"), attention=SUNDAY)
    assert sorted(told(desk)) == [("C-1", "Dan Fox", ""), ("C-2", "Dan Fox", "")]


def test_whoever_comes_back_early_hears_it_at_once(desk: Desk) -> None:
    number = away(desk, date(2026, 12, 29), date(2027, 1, 29))
    live(desk, "2026-12-31")
    cancel_absence(transactions(desk.engine, Absences), number, POLICY, at("2027-01-05 09:00"))
    desk.look(at("2027-01-05 09:30"), attention=SUNDAY)
    assert told(desk) == [("C-1", "Dan Fox", "")]


def test_the_second_absence_does_not_repeat_the_first(desk: Desk) -> None:
    away(desk, date(2026, 12, 29), date(2027, 1, 4))
    away(desk, date(2027, 1, 6), date(2027, 1, 8))
    live(desk, "2026-12-31")
    desk.look(at("2027-01-05 09:30"), attention=SUNDAY)
    live(desk, "2027-01-06")
    desk.look(at("2027-01-11 09:30"), attention=SUNDAY)
    assert told(desk) == [("C-2", "Dan Fox", "")]


def leaves(desk: Desk, person: int = 2) -> None:
    """Somebody is no longer active."""
    with desk.engine.begin() as connection:
        connection.execute(
            update(T["people"]).where(T["people"].c.id == person).values(active=False)
        )


def handed(desk: Desk) -> list[tuple[object, object]]:
    """Who got a handover, and how many deals it holds."""
    return [
        (m["person_id"] or m["recipient"], m["facts"]["open"])  # type: ignore[index]
        for m in desk.messages("handover")
    ]


def test_the_deals_of_somebody_who_left_are_listed_to_his_manager_at_once(desk: Desk) -> None:
    live(desk, "2026-12-31")
    leaves(desk)
    desk.look(at("2027-01-05 08:59"), attention=SUNDAY)
    assert handed(desk) == []
    desk.look(at("2027-01-05 09:00"), attention=SUNDAY)
    desk.look(at("2027-01-06 09:00"), attention=SUNDAY)
    assert handed(desk) == [(1, 2)]
    deals = desk.facts("handover")["deals"]
    assert [(d["number"], d["ends_on"], d["question"]) for d in deals] == [  # type: ignore[attr-defined]
        ("C-1", "2027-03-31", "renewal_3m"),
        ("C-2", "2027-04-06", ""),
    ]
    assert desk.facts("handover")["left"] == "Ann Ito"


@pytest.mark.parametrize(
    ("bob", "cleo", "reader"),
    [
        ({}, {}, 1),
        ({"active": False, "left_told_at": BEFORE}, {}, 4),
        ({"email": None, "slack_id": None}, {}, 4),
        ({"active": False, "left_told_at": BEFORE}, {"active": False}, FALLBACK),
        ({"manager_id": None, "active": False, "left_told_at": BEFORE}, {}, FALLBACK),
        ({"manager_id": 2, "active": False, "left_told_at": BEFORE}, {}, FALLBACK),
    ],
    ids=[
        "manager",
        "manager left",
        "manager without a way",
        "nobody left",
        "chain ends",
        "a circle",
    ],
)
def test_it_climbs_to_the_next_manager_and_ends_at_the_fallback(
    desk: Desk, bob: dict[str, object], cleo: dict[str, object], reader: object
) -> None:
    with desk.engine.begin() as connection:
        add_person(connection, "Cleo", email="cleo@example.com", zone=LONDON, **cleo)
        connection.execute(
            update(T["people"]).where(T["people"].c.id == 1).values({"manager_id": 4, **bob})
        )
    leaves(desk)
    desk.look(at("2027-01-05 10:00"), attention=SUNDAY)
    assert handed(desk) == [(reader, 2)]


@pytest.mark.parametrize(("delegate", "reader"), [("Dan", 3), (None, FALLBACK)])
def test_a_manager_who_is_away_is_stood_in_for(
    desk: Desk, delegate: str | None, reader: object
) -> None:
    rows = transactions(desk.engine, Absences)
    days = date(2027, 1, 4), date(2027, 1, 8)
    add_absence(rows, "Bob", *days, delegate=delegate, note="", actor="", policy=POLICY, now=BEFORE)
    leaves(desk)
    desk.look(at("2027-01-05 10:00"), attention=SUNDAY)
    assert handed(desk) == [(reader, 2)]


def test_somebody_without_an_open_deal_leaves_without_a_word(desk: Desk) -> None:
    leaves(desk, 3)
    assert desk.look(at("2027-01-05 10:00"), attention=SUNDAY).messages == 0


def load(desk: Desk, tmp_path: Path, active: str, now: datetime) -> None:
    """The list of people says whether Ann is with us."""
    file = tmp_path / "people.csv"
    file.write_text(f"name,email,active\nAnn Ito,ann@example.com,{active}\n")
    import_people(transactions(desk.engine, ImportQueries), open_people(file, POLICY), now)


def test_once_for_each_time_somebody_leaves(desk: Desk, tmp_path: Path) -> None:
    for n, active in enumerate(("no", "yes", "no", "no"), 5):
        load(desk, tmp_path, active, at(f"2027-01-0{n} 09:30"))
        desk.look(at(f"2027-01-0{n} 10:00"), attention=SUNDAY)
    assert handed(desk) == [(1, 2), (1, 2)]


def test_an_import_that_marks_somebody_as_gone_wakes_his_deals(desk: Desk, tmp_path: Path) -> None:
    live(desk, "2026-12-28")
    load(desk, tmp_path, "no", at("2027-01-05"))
    with desk.engine.begin() as connection:
        assert set(connection.scalars(select(T["deals"].c.wake_at))) == {at("2027-01-05")}

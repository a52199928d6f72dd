"""The listings' queries on both databases: which deals, in which order, the sums of the board,
names found whatever their case."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import Connection, Engine, insert, update

from scheduler.core.deal.contracts import Money
from scheduler.ports import StoreUnavailableError
from scheduler.services.deals.listing import DealFilter, SimilarContract, StageSum
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
from scheduler.storage.deals.listing import ListingRows
from tests.cast import ANN, BOB, at
from tests.storage.builders import T, add_cast, add_contract, add_person, add_row

CLOSED, TODAY = ("lost", "won"), date(2027, 1, 4)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Five contracts of four customers, one won, one voided."""
    engine = open_engine(database_url)
    upgrade(engine, at("2026-04-01"))
    with engine.begin() as connection:
        ann, bob = add_cast(connection)
        add_contract(
            connection,
            "A-1",
            date(2027, 3, 31),
            customer="Aoba Trading",
            owner_id=ann,
            decide_by=date(2027, 1, 31),
            stage="renewal_3m",
        )
        add_contract(
            connection,
            "A-2",
            date(2027, 2, 10),
            customer="Éclair 100%",
            owner_id=bob,
            health="unknown",
            amount=5,
            currency="KWD",
        )
        add_contract(
            connection,
            "B_1",
            None,
            customer="青葉商事",
            health="critical",
            stage="critical",
            estimated=True,
            amount=7,
        )
        add_contract(
            connection,
            "B-2",
            date(2026, 12, 31),
            customer="Aoba Trading",
            owner_id=ann,
            stage="won",
        )
        _, void = add_contract(connection, "B-3", date(2027, 1, 5), owner_id=ann)
        connection.execute(
            update(T["deals"]).where(T["deals"].c.id == void).values(voided_at=at("2027-01-01"))
        )
    yield engine
    engine.dispose()


@pytest.fixture
def listing(engine: Engine) -> ListingRows:
    return ListingRows(engine)


def numbers(listing: ListingRows, **wanted: object) -> list[str]:
    return [d.contract for d in listing.deals(replace(DealFilter(), **wanted), CLOSED, TODAY)[0]]  # type: ignore[arg-type]


def test_the_nearest_deadline_comes_first_and_a_contract_without_end_last(
    listing: ListingRows,
) -> None:
    assert numbers(listing) == ["A-1", "A-2", "B_1"]
    assert numbers(listing, closed=True) == ["A-1", "A-2", "B_1", "B-2"]


def test_a_deadline_that_has_passed_counts_no_more(listing: ListingRows, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            update(T["contracts"])
            .where(T["contracts"].c.number == "A-1")
            .values(decide_by=date(2027, 1, 3))
        )
    assert numbers(listing) == ["A-2", "A-1", "B_1"]


FILTERS: list[tuple[dict[str, object], list[str]]] = [
    ({"owner": "ito"}, ["A-1"]),
    ({"owner": "BOB@"}, ["A-2"]),
    ({"customer": "AOBA"}, ["A-1"]),
    ({"customer": "Éclair"}, ["A-2"]),
    ({"customer": "0%"}, ["A-2"]),
    ({"customer": "%"}, ["A-2"]),
    ({"customer": "_"}, []),
    ({"customer": "葉"}, ["B_1"]),
    ({"health": "critical"}, ["B_1"]),
    ({"needs_confirmation": True}, ["B_1"]),
    ({"ends_before": date(2027, 3, 31)}, ["A-2"]),
    ({"stage": "won"}, ["B-2"]),
    ({"pipeline": "new_business"}, []),
    ({"limit": 1}, ["A-1"]),
]


def test_filters(listing: ListingRows) -> None:
    assert [(wanted, numbers(listing, **wanted)) for wanted, _ in FILTERS] == FILTERS


def test_the_total_counts_what_the_limit_cuts_off(listing: ListingRows) -> None:
    lines, total = listing.deals(DealFilter(limit=1), CLOSED, TODAY)
    assert (len(lines), total) == (1, 3)


def test_the_board_adds_up_each_currency_of_each_stage(
    listing: ListingRows, engine: Engine
) -> None:
    with engine.begin() as connection:
        add_contract(connection, "A-3", date(2027, 9, 30), stage="renewal_3m", amount=400_000)
        add_contract(
            connection,
            "A-4",
            date(2027, 9, 30),
            stage="renewal_3m",
            amount=1_050,
            currency="GBP",
            health="unknown",
        )
    board = {s.stage: s for s in listing.board(DealFilter(), CLOSED)}
    assert set(board) == {"renewal_3m", "stable", "critical"}
    assert board["renewal_3m"] == StageSum(
        "existing", "renewal_3m", 3, 1, (Money(1_050, "GBP"), Money(4_000_000, "JPY")), 0
    )
    assert board["stable"] == StageSum("existing", "stable", 1, 1, (Money(5, "KWD"),), 0)
    assert {s.stage for s in listing.board(DealFilter(closed=True), CLOSED)} == {
        "renewal_3m",
        "stable",
        "critical",
        "won",
    }


LIVES = [
    ("a-1", [1]),
    ("A-1", [1]),
    ("#2", [2]),
    ("B-3", []),
    ("#5", []),
    ("#x", []),
    ("nothing", []),
]


def test_a_life_is_found_by_number_or_deal_and_never_a_voided_one(listing: ListingRows) -> None:
    assert [
        (wanted, [life.deal.id for life in listing.lives(wanted)]) for wanted, _ in LIVES
    ] == LIVES


def test_a_life_has_its_own_passages_answers_and_nudges(
    listing: ListingRows, engine: Engine
) -> None:
    with engine.begin() as connection:
        answer = {
            "verb": "seen",
            "details": {"note": "x"},
            "before": {},
            "actor": "Ann",
            "via": "command",
            "at": at("2027-01-02"),
        }
        add_row(connection, "answers", deal_id=1, **answer)
        nudge(connection, 1, "renewal_3m", at("2027-01-01"), person_id=1)
        nudge(connection, 2, "renewal_3m", at("2027-01-01"))
    [life] = listing.lives("A-1")
    assert [p.to_stage for p in life.passages] == ["renewal_3m"]
    assert [(a.verb, a.details, a.name) for a in life.answers] == [("seen", {"note": "x"}, "Ann")]
    assert [(n.contract, n.recipient) for n in life.nudges] == [("A-1", BOB.name)]


def nudge(
    connection: Connection, deal: int, milestone: str, due_at: datetime, **more: object
) -> int:
    """A nudge that waits until `due_at`."""
    values = {
        "key": f"{deal} {milestone} {more}",
        "deal_id": deal,
        "milestone": milestone,
        "anchor_on": date(2027, 3, 31),
        "step": 0,
        "recipient": "email:x@example.com",
        "role": "owner",
        "because": "",
        "state": "waiting",
        "reason": "",
        "created_at": at("2027-01-01"),
        "due_at": due_at,
    } | more
    return add_row(connection, "nudges", **values)


RESEMBLING = [
    ("aoba", [SimilarContract("A-1", "Aoba Trading"), SimilarContract("B-2", "Aoba Trading")]),
    ("青葉商事", [SimilarContract("B_1", "青葉商事")]),
    ("b_", [SimilarContract("B_1", "青葉商事")]),
    ("A-9", [SimilarContract("A-1", "Aoba Trading"), SimilarContract("A-2", "Éclair 100%")]),
    ("zzzz", []),
]


def test_what_resembles_a_contract(listing: ListingRows) -> None:
    assert [
        (wanted, sorted(listing.alike(wanted), key=lambda a: a.contract))
        for wanted, _ in RESEMBLING
    ] == RESEMBLING


def test_people_of_one_name_are_all_found_and_an_address_finds_its_owner(
    listing: ListingRows, engine: Engine
) -> None:
    with engine.begin() as connection:
        add_person(connection, ANN.name, email="other@example.com")
        add_person(connection, "Zoe", email="zoe@example.com", active=False)
    assert [p.email for p in listing.persons("ann ito")] == [ANN.email, "other@example.com"]
    assert [p.email for p in listing.persons("OTHER@example.com")] == ["other@example.com"]
    assert [p.name for p in listing.persons("zoe")] == ["Zoe"]
    assert listing.persons("nobody") == []


def test_somebody_active_is_meant_before_somebody_who_left(
    listing: ListingRows, engine: Engine
) -> None:
    with engine.begin() as connection:
        add_person(connection, ANN.name, email="left@example.com", active=False)
    assert [p.email for p in listing.persons(ANN.name)] == [ANN.email]


def test_the_next_instant_is_that_of_the_first_alarm_nudge_or_message(
    listing: ListingRows, engine: Engine
) -> None:
    with engine.begin() as connection:
        connection.execute(update(T["deals"]).values(wake_at=None))
    assert listing.next_at() is None
    with engine.begin() as connection:
        connection.execute(
            update(T["deals"]).where(T["deals"].c.id == 5).values(wake_at=at("2027-01-01"))
        )
    assert listing.next_at() is None, "a voided deal does nothing"
    with engine.begin() as connection:
        connection.execute(
            update(T["deals"]).where(T["deals"].c.id == 1).values(wake_at=at("2027-01-09"))
        )
    assert listing.next_at() == at("2027-01-09")
    with engine.begin() as connection:
        nudge(connection, 1, "renewal_3m", at("2027-01-08"))
        nudge(connection, 1, "renewal_1m", at("2027-01-01"), state="sent")
    assert (listing.next_at(), listing.due(at("2027-01-08"))) == (at("2027-01-08"), 1)
    with engine.begin() as connection:
        message: dict[str, object] = dict.fromkeys(("key", "recipient", "address", "reason"), "x")
        message |= dict.fromkeys(("fence", "attempts", "unknowns"), 0)
        message |= {
            "kind": "nudges",
            "state": "queued",
            "channel": "email",
            "language": "en",
            "window_on": TODAY,
        }
        message |= {"created_at": at("2027-01-01"), "not_before_at": at("2027-01-07")}
        connection.execute(insert(T["messages"]).values(**message))
    assert listing.next_at() == at("2027-01-07")


def test_open_deals_that_ring_end_or_must_be_decided_by_then(
    listing: ListingRows, engine: Engine
) -> None:
    with engine.begin() as connection:
        connection.execute(update(T["deals"]).values(wake_at=at("2028-01-01")))
    assert [d.contract.number for d in listing.waking(at("2027-02-01"), CLOSED, 10)] == ["A-1"]
    assert sorted(d.contract.number for d in listing.waking(at("2027-02-11"), CLOSED, 10)) == [
        "A-1",
        "A-2",
    ]
    assert len(listing.waking(at("2029-01-01"), CLOSED, 2)) == 2


def test_people_are_listed_with_their_manager_and_open_deals(listing: ListingRows) -> None:
    assert [(p.name, p.role, p.manager, p.open_deals) for p in listing.people(CLOSED)] == [
        (BOB.name, "manager", None, 1),
        (ANN.name, "rep", BOB.name, 1),
    ]


def test_a_database_that_was_never_made_is_refused(fresh_database_url: str) -> None:
    engine = open_engine(fresh_database_url)
    try:
        with pytest.raises(StoreUnavailableError):
            ListingRows(engine).people(CLOSED)
    finally:
        engine.dispose()

"""What `check` reads of a database: contracts that are alike are judged together, and what is found
is what is found of each by itself."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, update

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.people import Person
from scheduler.core.policy.milestones import WHERE_FIELDS
from scheduler.core.policy.policy import Policy
from scheduler.core.words.conditions import Condition, Operator
from scheduler.core.words.lexicon import Anchor, ChannelName
from scheduler.services.policy.alike import AlikeDeals, alone
from scheduler.services.policy.checking import FindingKind, PolicyFinding, check_database
from scheduler.storage.database.deals import CUSTOMERS, load_deals
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
from scheduler.storage.policy.checking import READ, CheckRows
from tests.cast import DEADLINE, T1M, T3M, at, milestone, policy
from tests.storage.builders import DEALS, add_cast, add_contract, add_person

TODAY, CONTRACTS = date(2026, 6, 1), 120
EMAIL = (ChannelName.EMAIL,)
_WHERE = (
    Condition("amount", Operator.ABOVE, (200,)),
    Condition("segment", Operator.IN, ("mid",)),
    Condition("call", Operator.NOT_IN, ("at_risk",)),
)
BIG = milestone("big", "-4 months", series="big", where=_WHERE)
NEVER = milestone(
    "never", "-7 months", series="never", where=(Condition("country", Operator.IN, ("XX",)),)
)
LONG = milestone("long", "-30 months", series="long")
REVIEW = milestone(
    "review",
    "+90 days",
    anchor=Anchor.STARTS_ON,
    series="review",
    where=(Condition("health", Operator.IN, ("critical",)),),
)
POLICY = policy(T3M, T1M, DEADLINE, BIG, NEVER, LONG, REVIEW)

TOLD = set(FindingKind) - {
    FindingKind.NO_ROUTE,
    FindingKind.PERSON_CALENDAR,
    FindingKind.NEVER_COMES,
}


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    upgrade(engine, at("2026-04-01"))
    yield engine
    engine.dispose()


@pytest.fixture
def reading(engine: Engine, database_url: str) -> Iterator[Engine]:
    reading = open_engine(database_url, reading=True)
    yield reading
    reading.dispose()


def fill(connection: Connection, chance: random.Random) -> None:
    """A random book in which many contracts are alike, among them some that are closed."""
    people = [
        *add_cast(connection),
        add_person(connection, "Gone", email="gone@example.com", active=False),
        add_person(connection, "Mute"),
        None,
    ]
    for n in range(CONTRACTS):
        ends_on = chance.choice(
            (date(2026, 6, 30), date(2026, 12, 31), date(2027, 3, 31), date(2072, 3, 31), None)
        )
        months = chance.choice((1, 12))
        starts_on = None if ends_on is None else ends_on - timedelta(days=30 * months)
        _, deal = add_contract(
            connection,
            f"C-{n}",
            ends_on,
            starts_on=starts_on,
            term=f"{months} months",
            notice=chance.choice((None, "3 months")),
            decide_by=chance.choice(
                (None, None if ends_on is None else ends_on - timedelta(days=90))
            ),
            owner_id=chance.choice(people),
            amount=chance.choice((None, 0, 100, chance.randrange(1000))),
            currency=chance.choice(("JPY", "EUR")),
            auto_renew=chance.random() < 0.5,
            evergreen=chance.random() < 0.3,
            pipeline=chance.choice((*("existing",) * 9, "gone")),
            health=chance.choice(("stable", "critical")),
            customer=f"Customer {n}",
        )
        facts: dict[str, Any] = {
            "call": chance.choice((None, "at_risk")),
            "closed_at": at("2026-05-01") if chance.random() < 0.1 else None,
        }
        connection.execute(update(DEALS).where(DEALS.c.id == deal).values(**facts))
    connection.execute(update(CUSTOMERS).where(CUSTOMERS.c.id % 2 == 0).values(segment="mid"))


class EachByItself:
    """The same store, whose contracts are judged one by one."""

    def __init__(self, reading: Engine) -> None:
        self._reading = reading

    def alike(self, _reads: object, _owner: object) -> list[AlikeDeals]:
        with self._reading.connect() as connection:
            numbers = connection.scalars(
                select(DEALS.c.id).where(DEALS.c.closed_at.is_(None)).order_by(DEALS.c.id)
            )
            return [alone(deal) for deal in load_deals(connection, list(numbers))]

    def people(self) -> list[Person]:
        return CheckRows(self._reading).people()


def found(store: Any, under: Policy = POLICY) -> list[PolicyFinding]:
    return check_database(store, under, EMAIL, TODAY)


@pytest.mark.parametrize("seed", range(2))
def test_what_is_found_of_contracts_that_are_alike_is_what_is_found_of_each(
    engine: Engine, reading: Engine, seed: int
) -> None:
    with engine.begin() as connection:
        fill(connection, random.Random(seed))
    expected = found(EachByItself(reading))
    assert found(CheckRows(reading)) == expected
    assert found(CheckRows(reading, batch=7, kept=3)) == expected
    assert {f.kind for f in expected} >= TOLD, "the book says nothing of some"
    bare = replace(POLICY, milestones=(T3M, T1M))
    assert found(CheckRows(reading), bare) == found(EachByItself(reading), bare)


def test_open_deals_come_in_batches_and_closed_or_voided_ones_do_not(
    engine: Engine, reading: Engine
) -> None:
    with engine.begin() as connection:
        ann, bob = add_cast(connection)
        deals = [
            add_contract(
                connection, f"C-{n}", owner_id=ann if n < 5 else bob, amount=n, customer=f"K{n}"
            )[1]
            for n in range(7)
        ]
        connection.execute(
            update(DEALS).where(DEALS.c.id == deals[1]).values(closed_at=at("2026-05-01"))
        )
        connection.execute(
            update(DEALS).where(DEALS.c.id == deals[3]).values(voided_at=at("2026-05-01"))
        )
    rows = CheckRows(reading, batch=2)
    alike = list(rows.alike((), lambda person: person.name))
    assert [[named.number for named in a.first] for a in alike] == [
        ["C-0"],
        ["C-2", "C-4"],
        ["C-5", "C-6"],
    ]
    assert [(a.deal.owner.id if a.deal.owner else None, a.contracts, a.money) for a in alike] == [
        (ann, 1, (Money(0, "JPY"),)),
        (ann, 2, (Money(6, "JPY"),)),
        (bob, 2, (Money(11, "JPY"),)),
    ]
    assert len(list(rows.alike(("amount",), lambda _: None))) == 5
    assert [p.id for p in rows.people()] == [ann, bob]


def test_everything_that_a_condition_may_read_has_a_column() -> None:
    assert sorted(READ) == sorted(WHERE_FIELDS)

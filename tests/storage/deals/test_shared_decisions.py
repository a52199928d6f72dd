"""Deals that are alike share a decision, each under its own name; whatever sets them apart keeps
them apart: every shared decision is to the letter what deciding the deal by itself gives."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, update

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.stored import StoredDeal
from scheduler.core.policy.attention import Attention
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.decide import decide
from scheduler.core.rules.shared import SharedDecisions
from scheduler.core.words.conditions import Condition, Operator
from scheduler.services.deals.sweep import sweep_all
from scheduler.storage.database.deals import load_deals, stored_deals
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from tests.cast import DEADLINE, T1M, T3M, WELCOME, at, policy
from tests.storage.builders import T, add_contract, add_person, add_row

DAYS = ("2026-12-31", "2027-01-08", "2027-02-26", "2027-04-05")
DEALS = 48
LARGE = replace(
    T1M, id="large", series="large", where=(Condition("amount", Operator.AT_LEAST, (1_000_000,)),)
)
POLICY = policy(
    replace(T3M, tell=("owner", "sales", "manager")),
    T1M,
    DEADLINE,
    WELCOME,
    attention=Attention(repeat_every=6, owner_repeats=2, manager_repeats=1),
)
EDITED = replace(POLICY, version=2, milestones=(*POLICY.milestones, LARGE))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An up-to-date database."""
    engine = open_engine(database_url)
    upgrade(engine, at("2026-04-01"))
    yield engine
    engine.dispose()


def team(connection: Connection) -> list[int | None]:
    """Three owners who differ by name alone; one each in another zone, under a manager who is away,
    without a manager, who has left, who is away; their manager; nobody."""
    bob, boss = add_person(connection, "Bob"), add_person(connection, "Boss")
    alike = [add_person(connection, name, manager_id=bob) for name in ("Ann", "Eve", "Fay")]
    away = add_person(connection, "Away", manager_id=bob)
    for person in (boss, away):
        days = {"first_on": date(2026, 12, 20), "last_on": date(2027, 2, 20), "delegate_id": bob}
        add_row(connection, "absences", person_id=person, created_at=at("2026-10-01"), **days)
    return [
        *alike,
        add_person(connection, "Chika", zone="Asia/Tokyo", manager_id=bob),
        add_person(connection, "Theirs", manager_id=boss),
        add_person(connection, "Alone"),
        add_person(connection, "Gone", active=False, manager_id=bob),
        away,
        bob,
        None,
    ]


def filled(engine: Engine, chance: random.Random) -> list[int]:
    """Deals of few kinds, so that many are alike; their numbers."""
    with engine.begin() as connection:
        owners = team(connection)
        return [
            add_contract(
                connection,
                f"C-{n}",
                chance.choice((date(2027, 3, 31), date(2027, 4, 30))),
                owner_id=chance.choice((*owners[:3] * 6, *owners)),
                sales_id=chance.choice((None, None, None, None, *owners[:2])),
                amount=chance.choice((100_000, 100_001, 3_000_000, 30_000_000, None)),
                **chance.choice(({}, {"auto_renew": True, "decide_by": date(2027, 2, 28)})),
            )[1]
            for n in range(DEALS)
        ]


def happens(engine: Engine, numbers: Sequence[int], place: int) -> None:
    """Some customers are in doubt, and some contracts go to the first of the owners."""
    deals, contracts = T["deals"], T["contracts"]
    with engine.begin() as connection:
        doubted = deals.c.id.in_(numbers[place :: len(DAYS)])
        connection.execute(update(deals).where(doubted).values(call="at_risk"))
        handed = contracts.c.number.in_([f"C-{n}" for n in range(place, DEALS, 11)])
        connection.execute(update(contracts).where(handed).values(owner_id=3))


def both(engine: Engine, numbers: Sequence[int]) -> Iterator[tuple[StoredDeal, Deal]]:
    """Each deal as it is stored, and as it is read."""
    with engine.begin() as connection:
        stored, deals = stored_deals(connection, numbers), load_deals(connection, numbers)
    return zip(stored, deals, strict=True)


def counted(stored: StoredDeal, made: list[str]) -> StoredDeal:
    """The same, which notes when it is made a deal."""

    def make() -> Deal:
        made.append(stored.key)
        return stored.made()

    return replace(stored, made=make)


def shared_by(decisions: SharedDecisions, engine: Engine, numbers: list[int], now: datetime) -> int:
    """How many decisions are another deal's; each is what the deal's own would be."""
    made: list[str] = []
    for stored, deal in both(engine, numbers):
        assert decisions.of(counted(stored, made), now) == decide(deal, decisions.policy, now)
    return len(numbers) - len(made)


@pytest.mark.parametrize("under", [POLICY, EDITED], ids=("in force", "edited"))
def test_a_shared_decision_is_the_deals_own(engine: Engine, under: Policy) -> None:
    numbers = filled(engine, random.Random(4))
    for place, day in enumerate(DAYS):
        now, decisions = at(day), SharedDecisions(under)
        assert shared_by(decisions, engine, numbers, now), "some are shared"
        shared_by(decisions, engine, numbers, now + timedelta(hours=2))
        sweep_all(transactions(engine, SweepQueries), POLICY, now, limit=50)
        assert shared_by(decisions, engine, numbers, now + timedelta(hours=3)), "silent ones too"
        happens(engine, numbers, place)


def test_what_is_silent_is_so_until_its_alarm_rings(engine: Engine) -> None:
    """An instant before the alarm the decision is still the first one's; when it rings each deal of
    those that are alike says its own."""
    with engine.begin() as connection:
        owner = add_person(connection, "Ann")
        numbers = [add_contract(connection, f"C-{n}", owner_id=owner)[1] for n in range(3)]
    decisions, morning = SharedDecisions(POLICY), at("2026-12-31 00:00")
    sweep_all(transactions(engine, SweepQueries), POLICY, at("2026-12-01"))
    assert shared_by(decisions, engine, numbers, at("2026-12-02")) == 2
    assert shared_by(decisions, engine, numbers, morning - timedelta(seconds=1)) == 3
    assert shared_by(decisions, engine, numbers, morning) == 2
    for stored, _ in both(engine, numbers):
        assert decisions.of(stored, morning).nudges

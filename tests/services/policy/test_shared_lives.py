"""Deals that are alike share a life, each under its own name; whatever sets them apart keeps them
apart: every shared life is what living the deal by itself gives."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, time

import pytest

from scheduler.core.deal.contracts import Customer, Money
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.people import Absence, Person, WorkingHours
from scheduler.core.policy.attention import Attention
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.decide import decided
from scheduler.core.rules.delivery_window import DeliveryWindows
from scheduler.core.time.dates import Term
from scheduler.core.words.conditions import Condition, Operator
from scheduler.core.words.keys import deal_key
from scheduler.core.words.lexicon import ChannelName, Pace
from scheduler.services.policy.lives import SimulatedLife, lived
from scheduler.services.policy.shared_lives import SharedLives
from tests.cast import ANN, BOB, CHIKA, DAN, DEADLINE, T1M, T3M, WELCOME, at, contract, policy, sent

START, END = at("2026-10-01 12:00"), at("2027-05-20")
LARGE = replace(
    T1M, id="large", series="large", where=(Condition("amount", Operator.AT_LEAST, (1_000_000,)),)
)
POLICY = policy(
    replace(T3M, tell=("owner", "sales", "manager")),
    T1M,
    DEADLINE,
    WELCOME,
    LARGE,
    attention=Attention(repeat_every=6, owner_repeats=2, manager_repeats=1),
)
EVE, FAY = replace(ANN, id=11, name="Eve"), replace(ANN, id=12, name="Fay", email="fay@example.com")
LATE = replace(ANN, id=13, hours=WorkingHours(time(13), time(15)))
WEEKLY = replace(ANN, id=14, pace=Pace.WEEKLY)
MUTE = replace(ANN, id=15, email=None, slack_id=None)
GONE = replace(ANN, id=16, active=False)
AWAY = replace(ANN, id=17, absences=(Absence(date(2026, 12, 20), date(2027, 1, 20), 12, 1),))
BOSS = replace(BOB, id=20, absences=(Absence(date(2026, 11, 1), date(2027, 5, 1), 11, 2),))
THEIRS = replace(ANN, id=18, manager_id=20)
PEOPLE = {
    p.id: p for p in (ANN, BOB, CHIKA, DAN, EVE, FAY, LATE, WEEKLY, MUTE, GONE, AWAY, BOSS, THEIRS)
}
OWNERS: tuple[Person | None, ...] = (
    EVE, FAY, EVE, FAY, EVE, FAY, EVE, FAY, ANN, ANN, CHIKA, LATE, WEEKLY, MUTE, GONE, AWAY,
    THEIRS, None,
)  # fmt: skip
CHANNELS = (ChannelName.EMAIL, ChannelName.SLACK)


def alike_or_not(number: int, chance: random.Random) -> Deal:
    """A deal of few kinds, so that many are alike; some have been lived for a while."""
    owner = chance.choice(OWNERS)
    renews = chance.choice((True, False))
    of = contract(
        chance.choice((date(2026, 12, 31), date(2027, 3, 31))),
        number=f"C-{number}",
        customer=Customer(number, f"Customer {number}", "JP", "enterprise"),
        amount=chance.choice((Money(100_000, "JPY"), Money(3_000_000, "JPY"), Money(None, "JPY"))),
        notice=Term(1) if renews else None,
        auto_renew=renews,
        term=Term(6),
    )
    deal = Deal(
        id=number,
        key=deal_key("test", of.number),
        version=1,
        pipeline="existing",
        stage="stable",
        stage_entered_at=at("2026-09-01"),
        contract=of,
        arrived_at=at("2026-09-01"),
        owner=owner,
        sales=chance.choice((None, None, None, None, DAN, FAY)),
        manager=PEOPLE.get(owner.manager_id or 0) if owner else None,
        people=PEOPLE,
    )
    for _ in range(chance.choice((0, 0, 0, 1))):
        deal = sent(decided(deal, POLICY, START)[1])
    return deal


def what_became(lives: Iterable[SimulatedLife]) -> list[object]:
    """All that anybody compares of lives."""
    return [
        (
            life.deal.key,
            life.deal.contract,
            life.deal.owner,
            life.failed,
            [(m.from_stage, m.to_stage, m.at) for m in life.moves],
            [(e.milestone, e.anchor_on, e.day_on, e.state, e.step) for e in life.events],
            [(e.milestone, e.anchor_on, e.step) for e in life.withdrawn],
            [
                (replace(t.nudge, key="", because=""), t.made_at, t.on, t.state, t.reached)
                for t in life.told.values()
            ],
        )
        for life in lives
    ]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("told", "flooded"),
    [((), ()), ([("person:12", date(2026, 10, 1))], ["person:11"])],
    ids=("nobody was told today", "some were"),
)
def test_a_shared_life_is_the_deals_own(
    seed: int, told: list[tuple[str, date]], flooded: list[str]
) -> None:
    chance = random.Random(seed)
    deals = [alike_or_not(number, chance) for number in range(1, 90)]
    one, other = (DeliveryWindows(POLICY, CHANNELS, told, flooded) for _ in range(2))
    shared = SharedLives(POLICY, one)
    for deal in deals:
        assert what_became(shared.of(deal, START, END)) == what_became(
            lived(deal, POLICY, START, END, other)
        )
    assert len(shared) < 80, "some are shared"


def twins(**more: object) -> list[Deal]:
    """Deals of two contracts that differ by name alone, and by `more`."""
    first = alike_or_not(1, random.Random(8))
    first = replace(first, owner=EVE, manager=BOB, sales=None, events=(), nudges=())
    named = replace(first.contract, number="C-2", customer=Customer(2, "Midori"), id=2)
    second = replace(first, id=2, key="other", owner=FAY, contract=named)
    return [first, replace(second, **more)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("more", "under", "lives"),
    [
        ({}, POLICY, 1),
        ({"owner": AWAY}, POLICY, 2),
        ({"manager": BOSS}, POLICY, 2),
        ({"sales": DAN}, POLICY, 2),
        ({"wake_at": START}, POLICY, 2),
        ({"paused_until": END}, POLICY, 2),
        ({}, policy(replace(T3M, spread=3)), 2),
    ],
    ids=(
        "by name alone",
        "an owner who goes away",
        "a manager who goes away",
        "another sales owner",
        "another alarm",
        "a pause",
        "days spread by the contract",
    ),
)
def test_what_keeps_lives_apart(more: dict[str, object], under: Policy, lives: int) -> None:
    shared = SharedLives(under, DeliveryWindows(under, CHANNELS))
    for deal in twins(**more):
        shared.of(deal, START, END)
    assert len(shared) == lives


def test_people_stay_apart_where_somebody_else_hands_on_to_one_of_them() -> None:
    deals = twins()
    led = [
        replace(deal, owner=replace(deal.owner, manager_id=BOSS.id), manager=boss)  # type: ignore[type-var]
        for boss in (BOB, BOSS)
        for deal in deals
    ]
    kept = []
    for some in (led[:2], led[2:]):
        shared = SharedLives(POLICY, DeliveryWindows(POLICY, CHANNELS))
        for deal in some:
            shared.of(deal, START, END)
        kept.append(len(shared))
    assert kept == [1, 2]


@pytest.mark.parametrize(
    ("told", "flooded"), [([("person:12", START.date())], []), ([], ["person:12"])]
)
def test_what_one_of_them_has_had_today_keeps_them_apart(
    told: list[tuple[str, date]], flooded: list[str]
) -> None:
    shared = SharedLives(POLICY, DeliveryWindows(POLICY, CHANNELS, told, flooded))
    for deal in twins():
        shared.of(deal, START, END)
    assert len(shared) == 2


def test_a_life_that_fails_is_nobody_elses() -> None:
    broken = [replace(deal, pipeline="nowhere") for deal in twins()]
    shared = SharedLives(POLICY, DeliveryWindows(POLICY, CHANNELS))
    failed = [life.failed for deal in broken for life in shared.of(deal, START, END)]
    assert len(failed) == 2
    assert all(failed)
    assert len(shared) == 0

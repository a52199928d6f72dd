"""The same lives through the stored sweep and through the simulator: no difference, to the last
row."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, func, insert, select

from scheduler.core.deal.deal import Deal
from scheduler.core.policy.attention import Attention
from scheduler.core.policy.policy import Policy
from scheduler.services.policy.simulate import SimulatedRow, Span, simulate
from scheduler.storage.database.deals import load_deals
from scheduler.storage.policy.planning import PlanRows
from tests.cast import ANN, BOB, CHIKA, DEADLINE, T1M, T3M, TOKYO, WELCOME, at, milestone, policy
from tests.services.stored_life import PREVIEW, difference, live_stored, lived_rows, stored_rows
from tests.services.stories import JAPAN
from tests.storage.builders import T, add_contract, add_person

START, END = at("2026-10-01 12:00"), at("2027-05-20")
NINETY = milestone(
    "renewal_90d",
    "-90 business days",
    series="early",
    tell=("owner", "manager", "slack:#renewals"),
    spread=3,
)
POLICY = policy(T3M, T1M, DEADLINE, WELCOME, NINETY, attention=Attention())
TERMS = ((12, "12 months"), (6, "6 months"), (1, "1 month"), (2, "2 months"))


def team(engine: Engine, chance: random.Random) -> list[int | None]:
    """Reps in London and Tokyo, some of them away at times, one who has left, one who hears once a
    week."""
    with engine.begin() as connection:
        bob = add_person(
            connection, BOB.name, email=BOB.email, zone=TOKYO, calendar="weekdays", role="manager"
        )
        ann = add_person(
            connection, ANN.name, email=ANN.email, zone=TOKYO, calendar="weekdays", manager_id=bob
        )
        chika = add_person(
            connection,
            CHIKA.name,
            email=CHIKA.email,
            zone=TOKYO,
            calendar="jp",
            manager_id=bob,
            pace="weekly",
        )
        gone = add_person(
            connection, "Gone", email="gone@example.com", manager_id=bob, active=False
        )
        mute = add_person(
            connection,
            "Eve",
            zone=TOKYO,
            hours="10:30-12:00",
            email="eve@example.com",
            pace="immediate",
        )
        for who in (ann, chika, mute):
            first = date(2026, 10, 5) + timedelta(days=chance.randrange(150))
            days = {
                "first_on": first,
                "last_on": first + timedelta(days=chance.choice((0, 1, 6, 20))),
            }
            absence = {
                "person_id": who,
                "note": "",
                "actor": "test",
                "created_at": START,
                "delegate_id": chance.choice((bob, None)),
            }
            connection.execute(insert(T["absences"]).values(**days, **absence))
    return [ann, chika, gone, mute, None]


def contracts(engine: Engine, owners: list[int | None], chance: random.Random, count: int) -> None:
    """Terms of all lengths, some renewing automatically, some in onboarding, some that arrived with
    a first load."""
    with engine.begin() as connection:
        for n in range(count):
            months, term = chance.choice(TERMS)
            ends_on = date(2026, 9, 20) + timedelta(days=chance.randrange(240))
            notice = chance.choice((None, "1 month", "30 days", "3 months"))
            more = {"notice": notice, "decide_by": ends_on - timedelta(days=30)} if notice else {}
            add_contract(
                connection,
                f"C-{n}",
                ends_on,
                starts_on=ends_on - timedelta(days=months * 30),
                term=term,
                owner_id=chance.choice(owners),
                auto_renew=chance.random() < 0.4,
                amount=chance.choice((0, 100_000, 30_000_000)),
                stage=chance.choice(("stable", "onboarding", "at_risk", "renewal_3m")),
                baseline_at=chance.choice((None, START)),
                arrived_at=at("2026-09-30"),
                customer=f"Customer {n % 7}",
                **more,
            )


def deals_of(engine: Engine) -> list[Deal]:
    """Every deal as it is now."""
    with engine.connect() as connection:
        return load_deals(
            connection, list(connection.scalars(select(T["deals"].c.id).order_by(T["deals"].c.id)))
        )


@pytest.mark.parametrize(
    ("database_url", "seed"),
    [("sqlite", 0), ("postgresql", 1)],
    indirect=["database_url"],
)
def test_stored_and_simulated_lives_are_the_same(engine: Engine, seed: int) -> None:
    chance = random.Random(seed)
    policy_: Policy = replace(POLICY, calendars={**POLICY.calendars, "jp": JAPAN})
    contracts(engine, team(engine, chance), chance, 12)
    before = deals_of(engine)
    live_stored(engine, policy_, START, END)
    stored, ahead = stored_rows(engine, START), lived_rows(before, policy_, START, END)
    assert difference(stored, ahead) == ""
    assert sum(stored.values()) > 150, "something happened"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_simulated_is_what_is_stored(engine: Engine) -> None:
    chance = random.Random(7)
    policy_: Policy = replace(POLICY, zone=TOKYO, calendars={**POLICY.calendars, "jp": JAPAN})
    contracts(engine, team(engine, chance), chance, 12)
    last_on = date(2027, 3, 31)
    span = Span(START.date(), last_on, START)
    rows: list[SimulatedRow] = []
    with PlanRows(engine, engine).snapshot() as snapshot:
        found = simulate(snapshot, policy_, span, PREVIEW, rows.append)
    live_stored(engine, policy_, START, span.bounds(ZoneInfo(TOKYO))[1])
    stored = stored_rows(engine, START)
    sent = Counter(
        {(row[6], row[2]): 0 for row in stored if row[0] == "nudge" and row[4] == "sent"}
    )
    for row, count in stored.items():
        if row[0] == "nudge" and row[4] == "sent":
            sent[row[6], row[2]] += count
    assert Counter((r.on, r.recipient) for r in rows if r.kind == "nudge") == sent
    assert (
        Counter(r.what for r in rows if r.kind == "move")
        == found.moves
        == Counter(row[3] for row in stored.elements() if row[0] == "move")
    )
    assert (
        sum(found.nudges.values())
        == sum(found.told.values()) + sum(found.reminders.values())
        == sum(sent.values())
    )
    assert sum(found.messages.values()) == _messages(engine)


def _messages(engine: Engine) -> int:
    """Bundles that went out."""
    with engine.connect() as connection:
        messages = T["messages"].c
        return (
            connection.scalar(
                select(func.count()).where(messages.kind == "nudges", messages.state == "sent")
            )
            or 0
        )

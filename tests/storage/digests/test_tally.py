"""The sums and lists that SQL makes are the core's own, on random books on both databases: every
number, every list, in its order."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, update

from scheduler.core.deal.deal import ENDED, EXPECTED, Deal
from scheduler.core.deal.pipeline import Pipeline, Stage, StageKind
from scheduler.core.facts.digest_deals import DealSelection, Most, digest_deals
from scheduler.core.facts.tally import AHEAD, Tally, total
from scheduler.core.policy.policy import Policy
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Anchor, ForecastCall, Health, Paperwork
from scheduler.storage.database.deals import load_deals
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
from scheduler.storage.digests.tally import DigestCounts
from tests.cast import DEADLINE, EXISTING, T1M, T3M, WELCOME, at, milestone, policy
from tests.storage.builders import T, add_contract, add_person

TODAY = date(2027, 1, 4)
DEALS, OWNERS = 160, 4
RENAMED = replace(T1M, was=("one_month",))
STAGED = milestone(
    "stage_week", "+7 days", anchor=Anchor.STAGE_ENTERED_ON, series="stage", asks=True
)
REVIEW = milestone("review", "+90 days", anchor=Anchor.STARTS_ON, series="review", asks=True)
_OPEN_STAGES = (
    Stage("qualified", StageKind.OPEN, Label.given({"ja": "見極め", "en": "Qualified"})),
    *EXISTING.stages[-2:],
)
NEW = Pipeline(
    "new_business",
    Label.given({"ja": "新規", "en": "New"}),
    _OPEN_STAGES,
    "email:renewals@example.com",
    opens_pipeline="existing",
)
POLICY = replace(
    policy(T3M, RENAMED, DEADLINE, WELCOME, STAGED, REVIEW),
    version=3,
    pipelines={"existing": EXISTING, "new_business": NEW},
    rates={"USD": 150.5},
)
MILESTONES = (
    T3M.id,
    RENAMED.id,
    "one_month",
    DEADLINE.id,
    WELCOME.id,
    STAGED.id,
    REVIEW.id,
    "gone",
    EXPECTED,
    ENDED,
    "auto_renewal",
)
FEW: Most = {pick: 7 for pick in DealSelection if pick is not DealSelection.URGENT}
"""Less than there are of most lists. What is urgent is ordered by rounded figures, and has a test
of its own."""


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    upgrade(engine, at("2026-04-01"))
    yield engine
    engine.dispose()


def fill(connection: Connection, chance: random.Random) -> list[int]:
    """A random book: whatever the tables allow, whether or not the rules would lead to it; the
    owners."""
    owners = [add_person(connection, f"Person {n}") for n in range(OWNERS)]
    for n in range(DEALS):
        day = TODAY + timedelta(
            days=chance.choice(
                (-400, -1, 0, 1, 30, AHEAD - 1, AHEAD, AHEAD + 1, chance.randrange(-60, 200))
            )
        )
        prospect = chance.random() < 0.15
        _, deal = add_contract(
            connection,
            f"C-{n}",
            day if chance.random() < 0.9 else None,
            starts_on=None,
            owner_id=chance.choice([*owners, None]),
            decide_by=chance.choice((None, day - timedelta(days=chance.randrange(100)))),
            auto_renew=chance.random() < 0.4,
            amount=chance.choice((None, 0, 5, 1050, chance.randrange(10**9), 250_000)),
            currency=chance.choice(("JPY", "JPY", "USD", "KWD", "EUR")),
            pipeline="new_business"
            if prospect
            else chance.choice(("existing", "existing", "existing", "gone")),
            stage="qualified"
            if prospect
            else chance.choice(("onboarding", "stable", "renewal_3m", "was_a_stage")),
            health=chance.choice(list(Health)).value,
            policy_version=chance.choice((3, 3, 3, 2)),
            wake_at=chance.choice(
                (
                    None,
                    at("2027-01-01 10:00"),
                    at("2027-01-04 00:30"),
                    at("2027-04-04 23:30"),
                    at("2027-04-05 00:10"),
                )
            ),
        )
        facts: dict[str, Any] = {
            "call": chance.choice((None, None, *(c.value for c in ForecastCall))),
            "notice_on": chance.choice((None, None, None, TODAY)),
            "paperwork": chance.choice(
                (Paperwork.NONE, Paperwork.NONE, Paperwork.QUOTED, Paperwork.ORDERED)
            ).value,
        }
        gone = chance.random()
        closed: dict[str, datetime] = (
            {"closed_at": at("2027-01-01")}
            if gone < 0.1
            else {"voided_at": at("2027-01-01")}
            if gone < 0.2
            else {}
        )
        connection.execute(
            update(T["deals"]).where(T["deals"].c.id == deal).values(**facts, **closed)
        )
        if rows := list(events(deal, chance)):
            connection.execute(insert(T["events"]), rows)
    return owners


def events(deal: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    """What became of some milestones of a deal, told at one of few instants, so that ties come
    up."""
    for name in chance.sample(MILESTONES, chance.randrange(5)):
        for anchor_on in chance.sample(
            (date(2027, 3, 31), date(2026, 3, 31)), chance.randrange(1, 3)
        ):
            for step in range(chance.randrange(1, 4)):
                yield {
                    "deal_id": deal,
                    "milestone": name,
                    "anchor_on": anchor_on,
                    "step": step,
                    "day_on": TODAY - timedelta(days=chance.choice((-2, 0, 1, 5, 40))),
                    "state": chance.choice(
                        (
                            *("fired",) * 5,
                            "carried_over",
                            "baseline",
                            "baseline",
                            "skipped",
                            "withdrawn",
                        )
                    ),
                    "reason": "",
                    "at": at(chance.choice(("2027-01-01 10:00", "2026-12-20 10:00"))),
                    "answered_at": chance.choice((None, None, at("2027-01-02 10:00"))),
                    "snoozed_until": chance.choice((None, None, None, date(2027, 1, 20))),
                }


def everything(connection: Connection) -> list[Deal]:
    """Every open deal."""
    deals = T["deals"].c
    numbers = connection.scalars(
        T["deals"]
        .select()
        .with_only_columns(deals.id)
        .where(deals.closed_at.is_(None), deals.voided_at.is_(None))
    )
    return load_deals(connection, list(numbers))


def names(picked: dict[DealSelection, list[Deal]] | Any) -> dict[DealSelection, list[int]]:
    return {pick: [d.id for d in deals] for pick, deals in picked.items()}


@pytest.mark.parametrize("seed", range(3))
def test_the_database_counts_and_picks_as_the_core_does(engine: Engine, seed: int) -> None:
    with engine.begin() as connection:
        owners = fill(connection, random.Random(seed))
        deals = everything(connection)
        for today in (TODAY, TODAY + timedelta(days=40)):
            counting = DigestCounts(connection, POLICY, today)
            own = {
                owner: digest_deals(
                    [d for d in deals if d.owner and d.owner.id == owner], FEW, POLICY, today
                )
                for owner in owners
            }
            found = counting.books(owners, FEW)
            assert {o: b.tally for o, b in found.items()} == {o: b.tally for o, b in own.items()}
            assert {o: names(b.picked) for o, b in found.items()} == {
                o: names(b.picked) for o, b in own.items()
            }
            together = digest_deals([d for d in deals if d.owner], FEW, POLICY, today)
            assert sum((b.tally for b in own.values()), Tally()) == together.tally
            tallies, picked = counting.team(owners, FEW)
            assert tallies == {owner: of.tally for owner, of in own.items()}
            assert names(picked) == names(together.picked)
            assert all(
                n > 0
                for n in (together.tally.history, together.tally.to_record, together.tally.asked)
            ), "the book says nothing of these"


def test_what_is_urgent_is_picked_by_what_is_at_stake_how_soon(engine: Engine) -> None:
    with engine.begin() as connection:
        owners = fill(connection, random.Random(7))
        deals = [d for d in everything(connection) if d.owner]
        _, found = DigestCounts(connection, POLICY, TODAY).team(owners, {DealSelection.URGENT: 5})
        assert [d.id for d in found[DealSelection.URGENT]] == [
            d.id
            for d in digest_deals(deals, {DealSelection.URGENT: 5}, POLICY, TODAY).picked[
                DealSelection.URGENT
            ]
        ]


def test_another_policy_has_statements_of_its_own(engine: Engine) -> None:
    quiet: Policy = replace(
        POLICY,
        milestones=tuple(replace(m, asks=False) for m in POLICY.milestones),
        rates={"USD": 1.0, "EUR": 2.0},
    )
    with engine.begin() as connection:
        owners = fill(connection, random.Random(1))
        deals = [d for d in everything(connection) if d.owner]
        for setting in (POLICY, quiet, POLICY):
            assert (
                sum(DigestCounts(connection, setting, TODAY).team(owners, {})[0].values(), Tally())
                == digest_deals(deals, {}, setting, TODAY).tally
            )
    both = [digest_deals(deals, {}, setting, TODAY).tally for setting in (POLICY, quiet)]
    assert both[0].unanswered > both[1].unanswered
    assert total(both[0].worth, POLICY) != total(both[0].worth, quiet)


def test_nobody_without_an_open_deal_is_counted(engine: Engine) -> None:
    with engine.begin() as connection:
        nobody = add_person(connection, "Nobody")
        counting = DigestCounts(connection, POLICY, TODAY)
        assert counting.books([nobody], FEW) == {}
        assert counting.books([], FEW) == {}
        assert counting.team([nobody], FEW) == ({}, {pick: [] for pick in FEW})

"""Random deals over years: an independent slow definition of "what is due" agrees.

Waking only at `wake_at` gives the same life as looking all the time.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.core.deal.deal import Deal
from scheduler.core.policy.milestones import Milestone
from scheduler.core.rules.decide import decide
from scheduler.core.time.dates import Offset, Term
from scheduler.core.words.conditions import Condition, Operator
from scheduler.core.words.lexicon import Anchor, Health
from tests.cast import (
    ANN,
    CHIKA,
    DEADLINE,
    T1M,
    T3M,
    WELCOME,
    at,
    contract,
    deal,
    milestone,
    policy,
)
from tests.core.life import Change, Life

DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))


@dataclass(frozen=True)
class Story:
    """A contract, the months before its end at which it is nudged, when it arrives, and when its
    end moves to where."""

    starts_on: date
    ends_on: date
    months: tuple[int, ...]
    arrives_on: date
    first_load: bool
    moves: tuple[tuple[date, date], ...]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """A random story; ends stay after the start."""
    starts_on = draw(DAYS)
    ends_on = starts_on + timedelta(days=draw(st.integers(20, 900)))
    moves = draw(st.lists(st.tuples(st.integers(0, 900), st.integers(1, 1000)), max_size=3))
    return Story(
        starts_on,
        ends_on,
        tuple(
            draw(
                st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True)
                .map(sorted)
                .map(reversed)
            )
        ),
        starts_on + timedelta(days=draw(st.integers(-30, 700))),
        draw(st.booleans()),
        tuple(
            sorted((starts_on + timedelta(days=a), starts_on + timedelta(days=b)) for a, b in moves)
        ),
    )


def slowly(story: Story, last_day: date) -> list[tuple[date, int, date]]:
    """The slow definition, one day after the other with dateutil alone: (day told, months before,
    end it was told for).

    Due means reached and not done. The latest reached milestone of the present end speaks, if it
    was not spoken for that end, is not history of the first load, and was not told for an end up to
    13 days earlier (nor for this very end before it moved away and back).
    """
    told: list[tuple[date, int, date]] = []
    done: set[tuple[int, date]] = set()
    end = story.ends_on
    today = story.arrives_on
    for when, to in story.moves:
        if when < today:
            end = to
    while today <= last_day:
        for when, to in story.moves:
            if when == today and to != end:
                done = {d for d in done if d[1] == to}
                end = to
        reached = [m for m in story.months if end - relativedelta(months=m) <= today]
        for m in reached:
            day = end - relativedelta(months=m)
            if (m, end) in done:
                continue
            done.add((m, end))
            last = next((t for t in reversed(told) if t[1] == m), None)
            history = story.first_load and day <= story.arrives_on
            carried = last is not None and 0 <= (end - last[2]).days < 14
            past = day < end < today
            if (
                m == min(reached)
                and day >= story.starts_on
                and not history
                and not carried
                and not past
            ):
                told.append((today, m, end))
        today += timedelta(days=1)
    return told


def as_deal(story: Story) -> tuple[Deal, list[Change]]:
    """The story for `decide`: the moves before the arrival have been made already."""
    end = story.ends_on
    for when, to in story.moves:
        if when < story.arrives_on:
            end = to
    arrived = at(story.arrives_on.isoformat() + " 00:00")
    of = contract(end, starts_on=story.starts_on, term=None)
    changes: list[Change] = [
        (at(when.isoformat() + " 00:00"), partial(_move_end, to))
        for when, to in story.moves
        if when >= story.arrives_on
    ]
    return deal(of, arrived_at=arrived, baseline_at=arrived if story.first_load else None), changes


def _move_end(to: date, d: Deal) -> Deal:
    return replace(d, contract=replace(d.contract, ends_on=to))


def monthly(months: int) -> Milestone:
    """A nudge that many months before the end."""
    return milestone(f"m{months}", f"-{months} months")


@settings(max_examples=50)
@given(stories())
def test_the_slow_definition_of_what_is_due_agrees(story: Story) -> None:
    d, changes = as_deal(story)
    last_day = story.starts_on + timedelta(days=1100)
    p = policy(*(monthly(m) for m in story.months))
    life = Life(d, p).until(d.arrived_at, at(last_day.isoformat() + " 23:00"), changes)
    fired = [
        (e.at.astimezone(at("2026-01-01").tzinfo), e.milestone, e.anchor_on)
        for e in life.events
        if e.state == "fired" and e.milestone != "ended"
    ]
    zone = p.zone_of(ANN)
    assert [
        (when.astimezone(zone).date(), int(name[1:]), anchor) for when, name, anchor in fired
    ] == slowly(story, last_day)


RICH = (
    T3M,
    replace(T1M, spread=3),
    DEADLINE,
    WELCOME,
    milestone(
        "risky",
        "-2 months",
        series="risk",
        where=(Condition("health", Operator.IN, ("at_risk", "critical")),),
        open_until=Offset(days=40),
    ),
    milestone("yearly", "-10 business days", anchor=Anchor.ANNIVERSARY, series="anniversary"),
    milestone(
        "entered",
        "+7 days",
        anchor=Anchor.STAGE_ENTERED_ON,
        series="entered",
        in_stages=("at_risk", "renewal_3m"),
    ),
)


@st.composite
def lives(draw: st.DrawFn) -> tuple[Deal, list[Change]]:
    """A deal with everything that can happen to it: notice, auto-renewal, health that comes and
    goes, ends that move."""
    starts_on = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 60)))
    end = starts_on + timedelta(days=draw(st.integers(40, 420)))
    of = contract(
        end,
        starts_on=starts_on,
        term=None,
        notice=draw(st.sampled_from([None, Term(1), Term(2), Term(0, 45)])),
        auto_renew=draw(st.booleans()),
    )
    arrived = at(starts_on.isoformat()) + timedelta(hours=draw(st.integers(0, 24 * 200)))
    d = deal(
        of,
        arrived_at=arrived,
        owner=draw(st.sampled_from([ANN, CHIKA])),
        stage=draw(st.sampled_from(["onboarding", "stable"])),
        baseline_at=draw(st.sampled_from([None, arrived])),
    )
    changes: list[Change] = []
    for _ in range(draw(st.integers(0, 4))):
        when = arrived + timedelta(hours=draw(st.integers(1, 24 * 300)))
        if draw(st.booleans()):
            changes.append(
                (when, partial(_move_end, starts_on + timedelta(days=draw(st.integers(20, 500)))))
            )
        else:
            changes.append((when, partial(_turn, draw(st.sampled_from(list(Health))))))
    return d, changes


def _turn(health: Health, d: Deal) -> Deal:
    return replace(d, health=health)


@settings(max_examples=4)
@given(lives())
def test_waking_only_at_the_alarm_gives_the_same_life_as_looking_every_hour(
    life: tuple[Deal, list[Change]],
) -> None:
    d, changes = life
    p = policy(*RICH)
    end = d.arrived_at + timedelta(days=330)
    slow = Life(d, p).hourly(d.arrived_at, end, changes)
    quick = Life(d, p).until(d.arrived_at, end, changes)
    assert quick.events == slow.events
    assert quick.moves == slow.moves
    assert quick.withdrawn == slow.withdrawn
    assert quick.nudges == slow.nudges
    assert quick.looks < 60


@settings(max_examples=50)
@given(lives(), st.integers(0, 24 * 300))
def test_a_decision_is_at_rest_and_its_alarm_lies_ahead(
    life: tuple[Deal, list[Change]], hours: int
) -> None:
    d, _ = life
    now = d.arrived_at + timedelta(hours=hours)
    p = policy(*RICH)
    lived = Life(d, p)
    lived.look(now)
    again = decide(lived.deal, p, now)
    assert not again.changes
    assert again.wake_at == lived.wake_at
    assert again.wake_at is None or again.wake_at > now

"""Random lives with answers, absences and new owners: the alarm misses nothing, nothing is said
twice, and every ladder ends."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.effects import apply_answer
from scheduler.core.answers.refusals import AnswerRefusedError
from scheduler.core.deal.deal import Deal, Lost
from scheduler.core.deal.people import Absence, Person
from scheduler.core.deal.pipeline import MoveRefusedError
from scheduler.core.policy.attention import Attention
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.decide import decide
from scheduler.core.time.dates import Term, decide_by
from scheduler.core.words.lexicon import ForecastCall, Health, NudgeState, Paperwork, Verb
from scheduler.core.words.reasons import code_of, fact
from tests.cast import ANN, BOB, CHIKA, DAN, DEADLINE, T1M, T3M, WELCOME, at, contract, deal, policy
from tests.core.life import Change, Life

PEOPLE = (ANN, BOB, CHIKA, DAN)
FIRST, LAST = at("2026-11-20"), at("2027-05-10")
HOURS = (LAST - FIRST) // timedelta(hours=1)
# the end and the last day for a notice: a last call before each, and a reminder before that where
# the ladder rests
DEADLINES = 2


def answered(said: Answer, under: Policy) -> Callable[[datetime], Callable[[Deal], Deal]]:
    """The change that an answer makes; one that is refused changes nothing."""

    def at_instant(now: datetime) -> Callable[[Deal], Deal]:
        def change(was: Deal) -> Deal:
            try:
                done = apply_answer(was, said, under, now)
            except (AnswerRefusedError, MoveRefusedError):
                return was
            touched = {e.key: e for e in done.events}
            cancelled = {c.key for c in done.cancels}
            return replace(
                done.deal,
                events=tuple(
                    e if e.state.value == "withdrawn" else touched.get(e.key, e) for e in was.events
                ),
                nudges=tuple(
                    replace(n, state=NudgeState.CANCELLED) if n.key in cancelled else n
                    for n in was.nudges
                ),
            )

        return change

    return at_instant


@st.composite
def answers(draw: st.DrawFn, now: datetime) -> Answer:
    """Something Ann may say."""
    verb = draw(st.sampled_from([v for v in Verb if v not in (Verb.UNDO, Verb.ONBOARDED)]))
    day = now.date() + timedelta(days=draw(st.integers(1, 40)))
    return Answer(
        verb,
        ANN.name,
        by=ANN,
        until=day,
        call=draw(st.sampled_from(ForecastCall)),
        health=draw(st.sampled_from(Health)),
        paperwork=draw(st.sampled_from(Paperwork)),
        expected_on=draw(st.sampled_from([None, day])),
        lost=Lost("budget"),
        note=draw(st.sampled_from(["", "their words"])),
    )


def owned_by(owner: Person | None) -> Callable[[Deal], Deal]:
    """A new owner."""
    return lambda was: replace(was, owner=owner)


def away(first_on: date, days: int, delegate: int | None) -> Callable[[Deal], Deal]:
    """The owner enters an absence."""

    def change(was: Deal) -> Deal:
        absence = Absence(first_on, first_on + timedelta(days=days), delegate)
        return (
            replace(was, owner=replace(was.owner, absences=(*was.owner.absences, absence)))
            if was.owner
            else was
        )

    return change


@st.composite
def lives(draw: st.DrawFn) -> tuple[Deal, Policy, list[Change]]:
    """A deal, a policy and what people do to it."""
    notice = draw(st.sampled_from([None, Term(1), Term(2), Term(3)]))
    ends_on = draw(st.dates(date(2027, 1, 5), date(2027, 4, 20)))
    of = contract(
        ends_on,
        notice=notice,
        decide_by=decide_by(ends_on, notice) if notice else None,
        auto_renew=draw(st.booleans()),
        starts_on=date(2026, 4, 1),
    )
    settings_ = Attention(
        repeat_every=draw(st.integers(0, 6)),
        owner_repeats=draw(st.integers(0, 3)),
        manager_repeats=draw(st.integers(0, 3)),
        admin_repeats=draw(st.integers(0, 2)),
    )
    under = policy(T3M, T1M, DEADLINE, WELCOME, attention=settings_)
    changes: list[Change] = []
    for _ in range(draw(st.integers(0, 5))):
        now = FIRST + timedelta(hours=draw(st.integers(1, HOURS - 1)))
        kind = draw(st.integers(0, 4))
        if kind == 0:
            changes.append((now, owned_by(draw(st.sampled_from([ANN, CHIKA, DAN, None])))))
        elif kind == 1:
            changes.append(
                (
                    now,
                    away(
                        now.date() + timedelta(days=draw(st.integers(0, 9))),
                        draw(st.integers(0, 20)),
                        draw(st.sampled_from([None, 2, 3])),
                    ),
                )
            )
        else:
            changes.append((now, answered(draw(answers(now)), under)(now)))
    owner = draw(st.sampled_from([ANN, CHIKA, None]))
    first = deal(
        of,
        owner=owner,
        people={p.id: p for p in PEOPLE},
        stage=draw(st.sampled_from(["onboarding", "stable"])),
    )
    return first, under, sorted(changes, key=lambda c: c[0])


@settings(max_examples=10)
@given(lives())
def test_looking_only_when_the_alarm_rings_misses_nothing(
    story: tuple[Deal, Policy, list[Change]],
) -> None:
    first, under, changes = story
    by_alarm = Life(first, under).until(FIRST, LAST, changes)
    hourly = Life(first, under).hourly(FIRST, LAST, changes)
    assert [(e.key, e.state, e.day_on) for e in by_alarm.events] == [
        (e.key, e.state, e.day_on) for e in hourly.events
    ]
    assert [(n.key, n.recipient.key, n.role) for n in by_alarm.nudges] == [
        (n.key, n.recipient.key, n.role) for n in hourly.nudges
    ]
    assert by_alarm.stages() == hourly.stages()
    assert by_alarm.looks <= len(by_alarm.events) * 3 + len(changes) + 30


@settings(max_examples=60)
@given(lives())
def test_nothing_is_said_twice_and_deciding_again_says_nothing(
    story: tuple[Deal, Policy, list[Change]],
) -> None:
    first, under, changes = story
    life = Life(first, under).until(FIRST, LAST, changes)
    assert max(Counter(n.key for n in life.nudges).values(), default=1) == 1
    assert (
        max(
            Counter(
                (n.milestone, n.anchor_on, n.step, n.recipient.key)
                for n in life.deal.nudges
                if n.state is NudgeState.SENT
            ).values(),
            default=1,
        )
        == 1
    )
    assert not decide(life.deal, under, LAST).changes
    before_last_calls = DEADLINES if under.attention.repeat_every else 0
    for milestone in ("renewal_3m", "renewal_1m", "decide_by_30d"):
        told = [
            e
            for e in life.deal.events
            if e.milestone == milestone
            and e.step
            and not e.reason.startswith(('{"code": "s', '{"code": "w'))
        ]
        calls = [e for e in told if (code_of(e.reason) or "").startswith("last_call")]
        assert (
            max(
                Counter(
                    (e.anchor_on, fact(e.reason, "deadline"), code_of(e.reason)) for e in calls
                ).values(),
                default=1,
            )
            == 1
        )
        reactions = sum(
            e.snoozed_until is not None or e.answered_at is not None for e in life.deal.events
        )
        again = 1 + reactions + sum(1 for e in life.events if e.state.value == "withdrawn")
        assert len(told) - len(calls) <= (under.attention.last_rung + before_last_calls) * again

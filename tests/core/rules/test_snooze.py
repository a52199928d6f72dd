"""How long an answer keeps quiet, what ends it, how often a question comes back, and which day may
be mistyped: tables of days, both sides of every limit."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from scheduler.core.deal.contracts import Contract
from scheduler.core.deal.deal import ENDED, EXPECTED, Deal, Event, Nudge
from scheduler.core.deal.people import Recipient
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.snooze import (
    MOST_MESSAGES,
    comes_back,
    doubtful_day,
    joined,
    quiet_until,
    rests_until,
    snooze_limit,
)
from scheduler.core.time.dates import Offset
from scheduler.core.words.lexicon import Anchor, EventState, NudgeState
from scheduler.core.words.reasons import reason
from tests.cast import DEADLINE, OFTEN, T1M, T3M, WELCOME, at, contract, deal, milestone, policy

UNDER = policy(T3M, T1M, DEADLINE, WELCOME, attention=replace(OFTEN, one_question_days=7))
PLAIN = contract()
NOTICED = contract(decide_by=date(2027, 2, 27))
RENEWS = contract(decide_by=date(2027, 2, 28), auto_renew=True)
ENDLESS = contract(None)
LAST = date(2027, 3, 31)


def day(text: str) -> date:
    return date.fromisoformat(text)


def said(
    milestone: str = T3M.id, on: str = "2026-12-31", because: str = "reached", **more: object
) -> Event:
    """An event that told somebody, and why."""
    fired = Event(milestone, LAST, day(on), EventState.FIRED, reason(because), at(on))
    return replace(fired, **more)  # type: ignore[arg-type]


def asked(of: Contract = PLAIN, *events: Event, **more: object) -> Deal:
    """A deal of `of` of which this was said; three months before its end if nothing else was."""
    return deal(of, events=events or (said(),), **more)


@pytest.mark.parametrize(
    ("of", "today", "limit"),
    [
        (PLAIN, "2027-01-05", ("2027-02-25", "2027-02-26", "renewal_1m")),
        (PLAIN, "2027-02-25", ("2027-02-25", "2027-02-26", "renewal_1m")),
        (PLAIN, "2027-02-26", ("2027-03-31", "2027-03-31", "the end")),
        (PLAIN, "2027-03-31", ("2027-04-01", "2027-03-31", "the end")),
        (PLAIN, "2027-04-01", None),
        (NOTICED, "2027-01-28", ("2027-02-25", "2027-02-26", "renewal_1m")),
        (NOTICED, "2027-02-24", ("2027-02-25", "2027-02-26", "renewal_1m")),
        (RENEWS, "2027-01-28", ("2027-01-28", "2027-01-29", "decide_by_30d")),
        (RENEWS, "2027-02-26", ("2027-04-01", "2027-03-31", "the end")),
        (ENDLESS, "2027-01-05", None),
    ],
)
def test_quiet_ends_before_the_next_thing_that_cannot_wait(
    of: Contract, today: str, limit: tuple[str, str, str] | None
) -> None:
    found = snooze_limit(asked(of), UNDER, day(today))
    told = (found.until_on, found.comes_on, found.what.en) if found else None
    assert told == ((day(limit[0]), day(limit[1]), limit[2]) if limit else None)


def test_a_last_working_day_ends_quiet_before_a_milestone_that_comes_later() -> None:
    of = contract(date(2027, 4, 30), decide_by=date(2027, 2, 28))
    found = snooze_limit(asked(of), policy(T1M), day("2027-02-01"))
    assert found is not None
    assert (found.until_on, found.comes_on, found.what.en) == (
        date(2027, 2, 26),
        date(2027, 2, 28),
        "the notice deadline",
    )


def test_of_two_things_on_one_day_the_earlier_is_named() -> None:
    month, week = milestone("a", "-20 days"), milestone("b", "-20 days")
    on_it = contract(date(2027, 3, 31), decide_by=date(2027, 3, 10))
    found = snooze_limit(asked(on_it), policy(month, week), day("2027-03-01"))
    assert found is not None
    assert (found.comes_on, found.what.en) == (date(2027, 3, 10), "the notice deadline")


@pytest.mark.parametrize(
    ("of", "under", "today", "rests"),
    [
        (PLAIN, UNDER, "2027-01-05", "2027-02-26"),
        (PLAIN, UNDER, "2027-02-26", "2027-03-31"),
        (PLAIN, UNDER, "2027-03-31", "2027-04-01"),
        (PLAIN, UNDER, "2027-04-01", "2027-07-02"),
        (RENEWS, UNDER, "2027-03-30", "2027-04-01"),
        (RENEWS, policy(replace(T1M, asks=False)), "2027-01-05", "2027-02-26"),
        (RENEWS, policy(replace(T3M, asks=False)), "2026-12-01", "2027-02-26"),
        (RENEWS, policy(replace(T3M, pipeline="other")), "2026-12-01", "2027-02-26"),
        (RENEWS, policy(replace(DEADLINE, offset=Offset())), "2027-02-27", "2027-02-28"),
        (ENDLESS, UNDER, "2027-01-05", "2027-04-07"),
        (ENDLESS, policy(milestone("in", "+1 year", anchor=Anchor.STARTS_ON, asks=True)),
         "2027-01-05", "2027-04-01"),
        (PLAIN, policy(replace(WELCOME, asks=True)), "2026-04-10", "2027-03-31"),
        (replace(PLAIN, starts_on=date(2027, 3, 1)), policy(milestone("over", "+30 days",
         anchor=Anchor.STARTS_ON, asks=True)), "2027-03-10", "2027-03-31"),
    ],
)  # fmt: skip
def test_a_question_rests_until_something_is_asked_anyway(
    of: Contract, under: Policy, today: str, rests: str
) -> None:
    assert rests_until(asked(of), under, day(today)) == day(rests)


@pytest.mark.parametrize(
    ("stage", "rests"), [("onboarding", "2026-05-01"), ("stable", "2027-03-31")]
)
def test_what_is_asked_in_another_stage_is_not_to_come(stage: str, rests: str) -> None:
    under = policy(replace(WELCOME, asks=True))
    assert rests_until(asked(stage=stage), under, day("2026-04-10")) == day(rests)


@pytest.mark.parametrize(
    ("of", "events", "today", "days", "until"),
    [
        (PLAIN, (said(),), "2027-01-05", 5, "2027-01-12"),
        (PLAIN, (said(),), "2027-01-05", 1, "2027-01-06"),
        (PLAIN, (said(),), "2027-01-05", 0, "2027-01-06"),
        (PLAIN, (said(),), "2027-02-11", 5, "2027-02-18"),
        (PLAIN, (said(),), "2027-02-12", 5, "2027-02-26"),
        (PLAIN, (said(T1M.id, "2027-02-26"),), "2027-03-22", 3, "2027-03-25"),
        (PLAIN, (said(T1M.id, "2027-02-26"),), "2027-03-23", 3, "2027-03-31"),
        (PLAIN, (said(), said(because="seen_over", step=1)), "2027-01-12", 5, "2027-02-26"),
        (PLAIN, (said(because="snooze_over"),), "2027-01-12", 5, "2027-02-26"),
        (PLAIN, (said("nothing"), said(answered_at=at("2027-01-04"))), "2027-01-05", 5,
         "2027-02-26"),
        (ENDLESS, (said("nothing"),), "2027-01-05", 5, "2027-01-12"),
        (ENDLESS, (said(because="asked_again", step=1),), "2027-01-05", 5, "2027-01-12"),
        (PLAIN, (said(ENDED, "2027-04-01"),), "2027-04-01", 5, "2027-07-02"),
        (RENEWS, (said(DEADLINE.id, "2027-01-29"),), "2027-02-26", 5, "2027-03-05"),
    ],
)  # fmt: skip
def test_a_reaction_keeps_quiet_for_its_days_or_until_something_is_asked_anyway(
    of: Contract, events: Sequence[Event], today: str, days: int, until: str
) -> None:
    assert quiet_until(asked(of, *events), UNDER, day(today), days) == day(until)


@pytest.mark.parametrize(
    ("wished", "until"),
    [
        ("2027-02-18", "2027-02-18"),
        ("2027-02-19", "2027-02-26"),
        ("2027-02-26", "2027-02-26"),
        ("2027-02-27", "2027-03-01"),
        ("2027-03-02", "2027-03-02"),
    ],
)
def test_a_day_joins_the_next_question_of_the_week_after_it(wished: str, until: str) -> None:
    soon = replace(T1M, id="soon", offset=replace(T1M.offset, months=0, days=-30))
    under = replace(UNDER, milestones=(*UNDER.milestones, soon))
    assert joined(day(wished), asked(), under, day("2027-01-05")) == day(until)


def test_what_is_asked_once_rests_however_short_the_quiet() -> None:
    once = policy(replace(T3M, repeat_every=0), T1M, attention=OFTEN)
    assert quiet_until(asked(), once, day("2027-01-05"), 5) == date(2027, 2, 26)


RETURN = said(because="seen_over", step=1)


@pytest.mark.parametrize(
    ("events", "back"),
    [
        ((said(),), (True, True)),
        *(
            ((said(), said(because=code, step=1)), (False, True))
            for code in ("seen_over", "snooze_over", "expected_day", "time_to_ask")
        ),
        ((said(), said(because="asked_again", step=1)), (True, True)),
        ((said(), replace(RETURN, state=EventState.WITHDRAWN)), (True, True)),
        ((said(), RETURN, said(because="snooze_over", step=2)), (False, False)),
    ],
)
def test_before_a_deadline_a_question_comes_back_once_and_once_more_if_a_day_was_chosen(
    events: Sequence[Event], back: tuple[bool, bool]
) -> None:
    assert both(asked(PLAIN, *events), "2027-03-31") == back


def both(of: Deal, today: str) -> tuple[bool, bool]:
    """Whether it comes back by itself, and on a day that somebody chose."""
    return tuple(comes_back(of, UNDER, day(today), promised=p) for p in (False, True))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("events", "back"),
    [
        ((RETURN,), (False, True)),
        ((RETURN, said(T1M.id)), (True, True)),
        ((RETURN, said(because="snooze_over"), said(T1M.id)), (False, True)),
        ((RETURN, said(T1M.id, state=EventState.CARRIED_OVER)), (True, True)),
        ((RETURN, said(T1M.id, state=EventState.SUPERSEDED)), (False, True)),
        ((RETURN, said()), (False, True)),
        ((RETURN, said(EXPECTED)), (False, True)),
        ((RETURN, said(ENDED)), (False, True)),
        ((RETURN, said(WELCOME.id)), (False, True)),
        ((said(EXPECTED),), (True, True)),
    ],
)
def test_without_a_deadline_it_comes_back_once_for_each_question(
    events: Sequence[Event], back: tuple[bool, bool]
) -> None:
    assert both(asked(ENDLESS, *events), "2027-01-05") == back


def nudges(asking: int, *others: NudgeState) -> tuple[Nudge, ...]:
    """So many nudges that asked, one that asks nothing, and some of other states."""
    states = [*[NudgeState.SENT] * asking, *others]
    ask = [
        Nudge(f"n{n}", T1M.id, LAST, 0, Recipient(1), "owner", "", s) for n, s in enumerate(states)
    ]
    return (*ask, replace(ask[0], key="welcome", milestone=WELCOME.id))


@pytest.mark.parametrize(
    ("events", "sent", "today", "back"),
    [
        ((said(),), nudges(9), "2027-04-01", (True, True)),
        ((said(), RETURN), nudges(MOST_MESSAGES - 1), "2027-04-01", (True, True)),
        (
            (said(), RETURN),
            nudges(MOST_MESSAGES - 1, NudgeState.CANCELLED),
            "2027-04-01",
            (True, True),
        ),
        ((said(), RETURN), nudges(MOST_MESSAGES), "2027-04-01", (False, True)),
        (
            (said(), RETURN),
            nudges(MOST_MESSAGES - 1, NudgeState.WAITING),
            "2027-04-01",
            (False, True),
        ),
        ((said(), RETURN), nudges(MOST_MESSAGES + 1), "2027-04-01", (False, False)),
        ((said(), RETURN), nudges(1), "2027-03-31", (False, True)),
    ],
)
def test_after_the_end_it_comes_back_while_little_was_said(
    events: Sequence[Event], sent: tuple[Nudge, ...], today: str, back: tuple[bool, bool]
) -> None:
    assert both(asked(PLAIN, *events, nudges=sent), today) == back


@pytest.mark.parametrize(
    ("of", "named", "doubt"),
    [
        (PLAIN, "2027-07-01", None),
        (
            PLAIN,
            "2027-07-02",
            "Fri 2 Jul 2027 is 178 days away, 93 days after the end on Wed 31 Mar 2027; is the year right?",
        ),
        (
            PLAIN,
            "2028-03-31",
            "Fri 31 Mar 2028 is 451 days away, 366 days after the end on Wed 31 Mar 2027; is the year right?",
        ),
        (
            PLAIN,
            "2028-04-01",
            (
                "Sat 1 Apr 2028 is 452 days away, 367 days after the end on Wed 31 Mar 2027; "
                "give a day until Fri 31 Mar 2028."
            ),
        ),
        (ENDLESS, "2027-04-07", None),
        (ENDLESS, "2027-04-08", "Thu 8 Apr 2027 is 93 days away; is the year right?"),
        (ENDLESS, "2028-01-06", "Thu 6 Jan 2028 is 366 days away; is the year right?"),
        (
            ENDLESS,
            "2028-01-07",
            "Fri 7 Jan 2028 is 367 days away; give a day until Thu 6 Jan 2028.",
        ),
        (
            contract(date(2026, 12, 31)),
            "2027-04-08",
            "Thu 8 Apr 2027 is 93 days away, 98 days after the end on Thu 31 Dec 2026; is the year right?",
        ),
    ],
)
def test_a_day_far_away_is_asked_about_and_one_beyond_a_year_refused(
    of: Contract, named: str, doubt: str | None
) -> None:
    found = doubtful_day(day(named), asked(of), day("2027-01-05"))
    assert (found.label.en if found else None) == doubt
    assert (found.too_far if found else None) == ("give" in doubt if doubt else None)

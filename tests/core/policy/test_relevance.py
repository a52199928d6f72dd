"""Whether a nudge still matters when its message is about to go out; every one that does not has a
reason."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from scheduler.core.deal.deal import AUTO_RENEWAL, ENDED, Deal, Event, Nudge
from scheduler.core.deal.people import Recipient
from scheduler.core.policy.relevance import dropped_because, event_of
from scheduler.core.words.lexicon import EventState, Language, NudgeState
from scheduler.core.words.reasons import word
from tests.cast import T1M, T3M, at, deal, milestone, policy

END = date(2027, 3, 31)
OFFBOARDING = milestone("offboarding", "+1 day", series="offboarding", in_stages=("lost",))
POLICY = policy(T3M, T1M, OFFBOARDING)
NUDGE = Nudge("n1", "renewal_3m", END, 0, Recipient(1), "owner", "")
EVENT = Event("renewal_3m", END, date(2026, 12, 31), EventState.FIRED, "", at("2026-12-31"))


def told(nudge: Nudge = NUDGE, event: Event | None = EVENT, **more: Any) -> str:
    """Why the nudge is dropped from a deal with this event, in English; empty if it goes out."""
    events = () if event is None else (event,)
    subject: Deal = deal(
        stage=more.pop("stage", "renewal_3m"), events=events, nudges=(nudge,), **more
    )
    return word(dropped_because(nudge, subject, POLICY), Language.EN)


@pytest.mark.parametrize("state", [NudgeState.WAITING, NudgeState.HELD])
def test_what_waits_for_a_day_that_stands_goes_out(state: NudgeState) -> None:
    assert told(replace(NUDGE, state=state)) == ""


@pytest.mark.parametrize(
    "state", [s for s in NudgeState if s not in (NudgeState.WAITING, NudgeState.HELD)]
)
def test_what_was_said_or_cancelled_is_not_said_again(state: NudgeState) -> None:
    assert told(replace(NUDGE, state=state)) == state.value
    assert told(replace(NUDGE, state=state, reason="why")) == "why"


@pytest.mark.parametrize(
    ("event", "because"),
    [
        (None, "the day it was about, 2027-03-31, has changed"),
        (
            replace(EVENT, state=EventState.WITHDRAWN),
            "the day it was about, 2027-03-31, has changed",
        ),
        (
            replace(EVENT, anchor_on=date(2027, 4, 30)),
            "the day it was about, 2027-03-31, has changed",
        ),
        (replace(EVENT, step=1), "the day it was about, 2027-03-31, has changed"),
        (replace(EVENT, answered_at=at("2027-01-04")), "already answered"),
        (replace(EVENT, snoozed_until=date(2027, 1, 11)), "snoozed until 2027-01-11"),
    ],
)
def test_what_its_day_makes_needless_is_dropped(event: Event | None, because: str) -> None:
    assert told(event=event) == because


@pytest.mark.parametrize("stage", ["won", "lost"])
def test_what_is_about_a_closed_deal_is_dropped(stage: str) -> None:
    assert told(stage=stage) == f"the deal was closed as {stage}"


@pytest.mark.parametrize(
    ("name", "stage", "because"),
    [
        (AUTO_RENEWAL, "won", ""),
        ("offboarding", "lost", ""),
        ("offboarding", "won", "the deal was closed as won"),
        (ENDED, "lost", "the deal was closed as lost"),
        ("renewal_3m", "stage_that_is_gone", ""),
        ("milestone_that_is_gone", "lost", "the deal was closed as lost"),
    ],
)
def test_what_is_about_the_closing_itself_is_said(name: str, stage: str, because: str) -> None:
    assert (
        told(replace(NUDGE, milestone=name), replace(EVENT, milestone=name), stage=stage) == because
    )


def test_the_standing_event_is_found_beside_withdrawn_ones() -> None:
    withdrawn = replace(EVENT, state=EventState.WITHDRAWN, answered_at=at("2027-01-02"))
    assert event_of(NUDGE, deal(events=(withdrawn, EVENT))) is EVENT

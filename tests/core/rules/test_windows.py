"""When people may be reached, and how a message's state may change."""

from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.core.deal.people import WorkingHours
from scheduler.core.messages.states import (
    GIVE_UP,
    STATES,
    Message,
    MessageMoveError,
    goes_another_way,
    move_message,
    next_retry_at,
    outcome_unknown,
    retried,
    sent,
    settled_unknown,
)
from scheduler.core.rules.windows import Hold, Open, window
from scheduler.core.time.calendar import WEEKDAYS
from scheduler.core.words.lexicon import ChannelName, Language, MessageState
from scheduler.core.words.reasons import word
from tests.cast import JP, LONDON, TOKYO, at

NINE_TO_SIX = WorkingHours(time(9), time(18))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2027-01-04 09:00", "open 2027-01-04"),
        ("2027-01-04 08:59", "2027-01-04 09:00"),
        ("2027-01-04 17:59", "open 2027-01-04"),
        ("2027-01-04 18:00", "2027-01-05 09:00"),
        ("2027-01-08 19:00", "2027-01-12 09:00"),  # Friday evening; Monday 11 January is 成人の日
        ("2026-12-28 20:00", "2027-01-04 09:00"),  # the year's end
    ],
)
def test_a_message_waits_for_its_recipients_working_hours_in_tokyo(now: str, expected: str) -> None:
    found = window(at(now, TOKYO), NINE_TO_SIX, ZoneInfo(TOKYO), JP)
    if isinstance(found, Open):
        assert f"open {found.window_on}" == expected
    else:
        assert found.until_at == at(expected, TOKYO)
        assert word(found.because, Language.JA)


def test_the_hours_follow_the_clock_on_the_wall_through_daylight_saving() -> None:
    before, after = at("2027-03-26 19:00"), at("2027-03-28 12:00")
    for now in (before, after):
        found = window(now, NINE_TO_SIX, ZoneInfo(LONDON), WEEKDAYS)
        assert isinstance(found, Hold)
        assert found.until_at == at("2027-03-29 09:00")
        assert found.until_at.hour == 8, "British Summer Time began the day before"


def test_a_held_message_says_why() -> None:
    found = window(at("2027-01-11 10:00", TOKYO), NINE_TO_SIX, ZoneInfo(TOKYO), JP)
    assert isinstance(found, Hold)
    assert word(found.because, Language.JA) == "2027-01-11は休業(成人の日)のため待機"


NOW = at("2027-01-04")
MORNING = NOW + timedelta(days=1)
QUEUED = Message(
    1, "k", "nudges", "person:1", ChannelName.SLACK, "U1", Language.EN, MessageState.QUEUED, NOW
)
FLYING = replace(QUEUED, state=MessageState.HANDED_OVER, handed_over_at=NOW, attempts=1, fence=1)


@pytest.mark.parametrize("start", list(MessageState))
@pytest.mark.parametrize("target", list(MessageState))
def test_a_state_changes_only_as_the_table_says(start: MessageState, target: MessageState) -> None:
    message = replace(QUEUED, state=start)
    if target in STATES[start]:
        assert move_message(message, target).state is target
    else:
        with pytest.raises(MessageMoveError, match=f"a {start} message cannot become {target}"):
            move_message(message, target)


def test_sent_cancelled_and_dead_are_final() -> None:
    assert [s for s in MessageState if not STATES[s]] == [
        MessageState.SENT,
        MessageState.CANCELLED,
        MessageState.DEAD,
    ]


def test_retries_come_later_and_later_but_at_least_hourly() -> None:
    waits = [next_retry_at(NOW, n, "k") - NOW for n in range(1, 30)]
    assert timedelta(seconds=24) <= waits[0] <= timedelta(seconds=36)
    assert max(waits) <= timedelta(hours=1, minutes=12)
    assert next_retry_at(NOW, 3, "k") == next_retry_at(NOW, 3, "k")
    assert next_retry_at(NOW, 3, "k") != next_retry_at(NOW, 3, "other")


def test_what_the_other_side_asks_for_is_heeded() -> None:
    assert retried(FLYING, "ratelimited", 77.0, NOW).not_before_at == NOW + timedelta(seconds=77)


def test_an_unknown_slack_message_is_not_looked_up_before_a_minute() -> None:
    lost = outcome_unknown(FLYING, "timeout", NOW)
    assert (lost.state, lost.not_before_at) == (MessageState.UNKNOWN, NOW + timedelta(seconds=60))


def test_an_unknown_mail_is_resent_after_a_quarter_of_an_hour_and_the_next_morning_and_then_in_doubt() -> (
    None
):
    mail = replace(FLYING, channel=ChannelName.EMAIL)
    lost = outcome_unknown(mail, "connection lost", NOW)
    assert lost.not_before_at == NOW + timedelta(minutes=15)
    again = settled_unknown(lost, "resend", NOW + timedelta(minutes=15), MORNING)
    assert (again.state, again.not_before_at) == (MessageState.QUEUED, NOW + timedelta(minutes=15))
    second = outcome_unknown(replace(again, state=MessageState.HANDED_OVER), "connection lost", NOW)
    last = settled_unknown(second, "resend", NOW, MORNING)
    assert (last.state, last.not_before_at, last.key) == (MessageState.QUEUED, MORNING, lost.key)
    third = outcome_unknown(replace(last, state=MessageState.HANDED_OVER), "connection lost", NOW)
    assert settled_unknown(third, "resend", NOW, MORNING).state is MessageState.IN_DOUBT
    assert settled_unknown(lost, "hold", NOW, MORNING).state is MessageState.IN_DOUBT


def test_only_a_mail_that_was_resent_once_goes_another_way() -> None:
    mail = replace(FLYING, channel=ChannelName.EMAIL)
    assert [goes_another_way(replace(mail, unknowns=n), "resend") for n in (1, 2, 3)] == [
        False,
        True,
        False,
    ]
    assert not goes_another_way(replace(mail, unknowns=2), "hold")
    assert not goes_another_way(replace(FLYING, unknowns=2), "resend")


def test_a_slack_message_that_cannot_be_looked_up_is_in_doubt_after_hours() -> None:
    lost = outcome_unknown(FLYING, "timeout", NOW)
    monday = NOW + timedelta(days=2)
    looked = replace(lost, looked_at=monday)
    for now, state in (
        (monday + GIVE_UP - timedelta(seconds=1), MessageState.UNKNOWN),
        (monday + GIVE_UP, MessageState.IN_DOUBT),
    ):
        assert settled_unknown(looked, "resend", now, MORNING).state is state, (
            "counted from the first look, not from the hand-over"
        )
    assert (
        settled_unknown(lost, "resend", NOW + timedelta(days=9), MORNING).state
        is MessageState.UNKNOWN
    )


def test_a_sent_message_has_its_receipt() -> None:
    done = sent(FLYING, "C1/123.4", NOW)
    assert (done.state, done.receipt, done.sent_at) == (MessageState.SENT, "C1/123.4", NOW)
    assert date(2027, 1, 4) == NOW.date()

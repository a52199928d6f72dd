"""Delivery states: every move there is and every one that is refused; what an outcome makes of a
message; when the next try comes."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from scheduler.core.messages.states import (
    GIVE_UP,
    Message,
    MessageMoveError,
    dead_lettered,
    move_message,
    next_retry_at,
    outcome_unknown,
    retried,
    sent,
    settled_unknown,
)
from scheduler.core.words.lexicon import ChannelName, Language, MessageState
from tests.cast import at

NOW = at("2027-01-05")
S = MessageState

ALLOWED = {
    "queued": "claimed held cancelled",
    "claimed": "handed_over queued held cancelled dead",
    "handed_over": "sent queued dead unknown",
    "unknown": "sent queued in_doubt unknown",
    "in_doubt": "sent queued cancelled",
    "held": "queued cancelled",
    "sent": "",
    "cancelled": "",
    "dead": "",
}


def message(
    state: MessageState = S.HANDED_OVER, channel: ChannelName = ChannelName.SLACK, **more: object
) -> Message:
    """Ann's message, handed over once."""
    values = {
        "attempts": 1,
        "handed_over_at": NOW,
        "lease_until": NOW + timedelta(seconds=120),
        **more,
    }
    return Message(
        1,
        "k1",
        "nudges",
        "person:1",
        channel,
        "U0ANN",
        Language.EN,
        state,
        NOW,
        **values,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(("before", "to"), list(product(S, S)))
def test_a_message_moves_along_the_table_and_nowhere_else(
    before: MessageState, to: MessageState
) -> None:
    if to.value in ALLOWED[before.value].split():
        assert move_message(message(before), to).state is to
        return
    with pytest.raises(MessageMoveError) as refused:
        move_message(message(before), to)
    allowed = ", ".join(sorted(ALLOWED[before.value].split())) or "none"
    assert str(refused.value) == f"a {before} message cannot become {to} (allowed: {allowed})"


@pytest.mark.parametrize(
    ("after", "state", "lease"),
    [
        (sent(message(), "C1/1.2", NOW), S.SENT, None),
        (retried(message(), "busy", None, NOW), S.QUEUED, None),
        (dead_lettered(message(), "gone"), S.DEAD, None),
        (outcome_unknown(message(), "the reply was lost", NOW), S.UNKNOWN, None),
    ],
)
def test_no_outcome_leaves_a_lease_behind(after: Message, state: MessageState, lease: None) -> None:
    assert (after.state, after.lease_until) == (state, lease)


def test_what_was_not_taken_is_no_longer_handed_over() -> None:
    assert retried(message(), "busy", None, NOW).handed_over_at is None


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [
        (1, 30),
        (2, 60),
        (3, 120),
        (4, 240),
        (5, 480),
        (6, 960),
        (7, 1920),
        (8, 3600),
        (9, 3600),
        (60, 3600),
        (5000, 3600),
    ],
)
def test_waits_double_up_to_an_hour_a_fifth_more_or_less(attempts: int, seconds: int) -> None:
    waits = [
        (next_retry_at(NOW, attempts, f"key {n}") - NOW).total_seconds() / seconds
        for n in range(200)
    ]
    assert 0.8 <= min(waits) < 0.85
    assert 1.15 < max(waits) <= 1.2
    assert next_retry_at(NOW, attempts, "key 1") == next_retry_at(NOW, attempts, "key 1"), (
        "the same key waits equally long on every machine"
    )


@pytest.mark.parametrize("seconds", [0.0, 1.0, 7200.0])
def test_the_other_sides_wish_is_heeded_to_the_second(seconds: float) -> None:
    assert retried(message(), "ratelimited", seconds, NOW).not_before_at == NOW + timedelta(
        seconds=seconds
    )


@pytest.mark.parametrize(("begun", "unknowns"), [(False, 0), (True, 1)])
def test_a_message_that_began_to_go_out_counts_as_one_that_may_have_arrived(
    begun: bool, unknowns: int
) -> None:
    assert retried(message(), "ratelimited", 1, NOW, begun=begun).unknowns == unknowns


@pytest.mark.parametrize(
    ("channel", "wait"),
    [
        (ChannelName.SLACK, timedelta(seconds=60)),
        (ChannelName.EMAIL, timedelta(minutes=15)),
        (ChannelName.PREVIEW, timedelta(0)),
    ],
)
def test_an_unknown_outcome_is_left_alone_for_a_while(
    channel: ChannelName, wait: timedelta
) -> None:
    after = outcome_unknown(message(channel=channel), "the reply was lost", NOW)
    assert (after.not_before_at, after.unknowns) == (NOW + wait, 1)


MAIL, SLACK, PREVIEW = ChannelName.EMAIL, ChannelName.SLACK, ChannelName.PREVIEW
LATER = NOW + GIVE_UP


@pytest.mark.parametrize(
    ("channel", "configured", "unknowns", "now", "state"),
    [
        (MAIL, "resend", 1, NOW, S.QUEUED),
        (MAIL, "resend", 2, NOW, S.QUEUED),
        (MAIL, "resend", 3, NOW, S.IN_DOUBT),
        (MAIL, "hold", 1, NOW, S.IN_DOUBT),
        (SLACK, "resend", 1, NOW, S.UNKNOWN),
        (SLACK, "resend", 9, LATER - timedelta(seconds=1), S.UNKNOWN),
        (SLACK, "resend", 1, LATER, S.IN_DOUBT),
        (PREVIEW, "resend", 1, NOW, S.IN_DOUBT),
    ],
)
def test_what_cannot_be_looked_up(
    channel: ChannelName, configured: str, unknowns: int, now: object, state: MessageState
) -> None:
    unknown = message(
        S.UNKNOWN, channel, unknowns=unknowns, lease_until=None, looked_at=LATER - GIVE_UP
    )
    assert settled_unknown(unknown, configured, now, LATER).state is state  # type: ignore[arg-type]


def test_a_resent_mail_goes_at_once_and_is_no_longer_handed_over() -> None:
    again = settled_unknown(message(S.UNKNOWN, MAIL, unknowns=1), "resend", LATER, LATER)
    assert (again.not_before_at, again.handed_over_at, again.key) == (LATER, None, "k1")


def test_slack_is_asked_again_after_minutes_not_at_once() -> None:
    again = settled_unknown(message(S.UNKNOWN, unknowns=1), "resend", NOW, LATER)
    assert timedelta(minutes=3) < again.not_before_at - NOW < timedelta(minutes=5)


def test_a_message_is_a_value() -> None:
    before = message()
    sent(before, "C1/1.2", NOW)
    assert before == replace(before, state=S.HANDED_OVER)


def test_the_documentation_shows_the_same_table() -> None:
    text = (
        (Path(__file__).parents[3] / "docs" / "delivery.md")
        .read_text("utf-8")
        .partition("\n## ")[0]
    )
    rows = [
        line.strip("| ").split(" | ")
        for line in text.splitlines()
        if line.startswith("| ") and line.split(" ")[1] in ALLOWED
    ]
    shown = {
        row[0].strip(" |"): " ".join(sorted(row[1].replace(",", "").split()))
        if len(row) > 1
        else ""
        for row in rows
    }
    assert shown == {state: " ".join(sorted(allowed.split())) for state, allowed in ALLOWED.items()}

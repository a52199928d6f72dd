"""How a channel does after failures, refusals and successes: probes, growing intervals, and who is
believed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.core.messages.circuit_breaker import (
    ASK_AGAIN,
    FIRST_PROBE,
    LATELY,
    LONGEST_PROBE,
    NOT_NOW,
    TELL_AFTER,
    ChannelBreaker,
    doubtful,
    failed,
    probing,
    refused,
    stands,
    worked,
)
from scheduler.core.messages.faults import FaultKind
from scheduler.core.words.lexicon import ChannelName
from tests.cast import at

NOW = at("2027-01-05 10:00")
MAIL = ChannelBreaker(ChannelName.EMAIL)
SECOND = timedelta(seconds=1)
RELAY, NOBODY, GREY = "550 5.7.1", "550 5.1.1", "451 4.7.1"


def test_what_nothing_is_known_of_works() -> None:
    assert MAIL.may_send(NOW)
    assert not MAIL.paused


@pytest.mark.parametrize("fault_kind", list(FaultKind))
def test_a_failure_pauses_until_the_first_probe_and_each_that_fails_doubles_the_wait(
    fault_kind: FaultKind,
) -> None:
    once = failed(MAIL, fault_kind, "why", NOW)
    assert (once.paused_at, once.because, once.probe_at) == (
        NOW,
        "why",
        NOW + FIRST_PROBE[fault_kind],
    )
    assert not once.may_send(NOW + FIRST_PROBE[fault_kind] - SECOND)
    assert once.may_send(NOW + FIRST_PROBE[fault_kind])
    then = NOW + FIRST_PROBE[fault_kind]
    twice = failed(once, fault_kind, "still", then)
    assert (twice.paused_at, twice.probe_at) == (
        NOW,
        then + min(2 * FIRST_PROBE[fault_kind], LONGEST_PROBE[fault_kind]),
    )
    often = once
    for _ in range(40):
        often = failed(often, fault_kind, "still", then)
    assert often.probe_at == then + LONGEST_PROBE[fault_kind]


def test_while_one_probes_nobody_else_does() -> None:
    once = failed(MAIL, FaultKind.BUSY, "421", NOW)
    then = NOW + FIRST_PROBE[FaultKind.BUSY]
    assert not probing(once, then).may_send(then)


def test_whatever_is_taken_ends_the_pause_and_forgives_the_refused() -> None:
    once, _ = refused(
        failed(MAIL, FaultKind.ACCESS, "535", NOW), "ann@example.com", RELAY, "no", 1, NOW
    )
    assert worked(once, NOW) == replace(MAIL, ok_at=NOW)


def test_one_refused_among_others_that_are_taken_is_believed() -> None:
    assert refused(worked(MAIL, NOW), "ann@example.com", NOBODY, "no", 1, NOW + LATELY)[1]
    assert not refused(
        worked(MAIL, NOW), "ann@example.com", NOBODY, "no", 1, NOW + LATELY + SECOND
    )[1]


@pytest.mark.parametrize("attempts", [3, 4])
def test_the_last_resort_alone_is_never_believed_and_the_channel_is_asked_about_instead(
    attempts: int,
) -> None:
    """Nobody is left to tell, and a relay that denies everybody looks the same while only one
    message goes out."""
    after, believed = refused(
        MAIL, "renewals@example.com", RELAY, "relaying denied", attempts, NOW, last_resort=True
    )
    assert (after.fault_kind, after.paused_at, believed) == (FaultKind.EVERYBODY, NOW, False)
    assert refused(
        worked(MAIL, NOW), "renewals@example.com", NOBODY, "no", 1, NOW, last_resort=True
    )[1]


def test_the_same_refusal_for_two_and_nobody_taken_is_the_channel_s() -> None:
    one, believed = refused(MAIL, "ann@example.com", RELAY, "relaying denied", 1, NOW)
    assert (one.paused, believed) == (False, False)
    both, believed = refused(one, "bob@example.com", RELAY, "relaying denied", 1, NOW)
    assert (both.fault_kind, both.paused_at, believed) == (FaultKind.EVERYBODY, NOW, False)


def test_two_different_refusals_are_two_people_s() -> None:
    one, _ = refused(MAIL, "ann@example.com", RELAY, "relaying denied", 1, NOW)
    assert not refused(one, "bob@example.com", NOBODY, "no such user", 1, NOW)[0].paused


@pytest.mark.parametrize(("attempts", "believed"), [(1, False), (2, False), (3, True), (4, True)])
def test_one_alone_is_believed_the_third_time(attempts: int, believed: bool) -> None:
    after, is_believed = refused(MAIL, "ann@example.com", NOBODY, "no such user", attempts, NOW)
    assert (is_believed, "ann@example.com" in after.refused) == (believed, not believed)
    assert timedelta(0) < ASK_AGAIN


@pytest.mark.parametrize(
    ("fault_kind", "after", "known"),
    [
        (FaultKind.ACCESS, timedelta(0), True),
        (FaultKind.SETUP, timedelta(0), True),
        (FaultKind.NETWORK, TELL_AFTER - SECOND, False),
        (FaultKind.NETWORK, TELL_AFTER, True),
        (FaultKind.BUSY, TELL_AFTER - SECOND, False),
        (FaultKind.BUSY, TELL_AFTER, True),
    ],
)
def test_people_hear_at_once_of_what_they_must_mend_and_later_of_what_mostly_passes(
    fault_kind: FaultKind, after: timedelta, known: bool
) -> None:
    assert stands(failed(MAIL, fault_kind, "why", NOW), NOW + after) is known


def test_a_refusal_of_everybody_is_told_once_a_probe_has_borne_it_out() -> None:
    once = failed(MAIL, FaultKind.EVERYBODY, "relaying denied", NOW)
    assert not stands(once, NOW + timedelta(hours=9))
    assert stands(failed(once, FaultKind.EVERYBODY, "relaying denied", NOW), NOW)
    assert not stands(MAIL, NOW)


def refused_for_now(to: ChannelBreaker, address: str, attempts: int) -> tuple[ChannelBreaker, bool]:
    """What a server that greylists says of one recipient."""
    return refused(to, address, GREY, "451 4.7.1 try again later", attempts, NOW)


def test_recipients_who_are_refused_for_now_are_asked_again_and_the_channel_goes_on() -> None:
    condition = MAIL
    for address in ("ann@example.com", "bob@example.com", "chika@example.com"):
        for attempts in range(1, NOT_NOW):
            condition, believed = refused_for_now(condition, address, attempts)
            assert (condition.paused, believed) == (False, True)


@pytest.mark.parametrize(("others", "paused"), [((), False), (("bob@example.com",), True)])
def test_a_refusal_for_now_that_lasts_is_the_channel_s_only_where_it_meets_others_too(
    others: tuple[str, ...], paused: bool
) -> None:
    condition = MAIL
    for address in others:
        condition, _ = refused_for_now(condition, address, NOT_NOW - 1)
    after, believed = refused_for_now(condition, "ann@example.com", NOT_NOW)
    assert (after.paused, believed) == (paused, not paused)


@pytest.mark.parametrize("mark", [GREY, NOBODY, "user_not_found"])
@pytest.mark.parametrize("fault_kind", list(FaultKind))
def test_a_refusal_of_one_recipient_ends_a_pause_that_had_another_cause(
    fault_kind: FaultKind, mark: str
) -> None:
    paused = failed(MAIL, fault_kind, "why", NOW)
    after, believed = refused(paused, "ann@example.com", mark, mark, 1, NOW)
    lasts = fault_kind is FaultKind.EVERYBODY
    assert (after.paused, after.told) == (lasts, False)
    assert believed == (mark == GREY and not lasts), "for good only when it is borne out"


def test_everybody_who_is_refused_in_a_pause_goes_on_with_it() -> None:
    paused = failed(MAIL, FaultKind.NETWORK, "why", NOW)
    once, _ = refused(paused, "ann@example.com", RELAY, "denied", 1, NOW)
    twice, believed = refused(once, "bob@example.com", RELAY, "denied", 1, NOW)
    assert (twice.fault_kind, believed) == (FaultKind.EVERYBODY, False)


def test_a_connection_that_breaks_at_a_recipient_is_no_answer_and_ends_no_pause() -> None:
    paused = failed(MAIL, FaultKind.NETWORK, "why", NOW)
    after, believed = refused(paused, "ann@example.com", "mail server 192.0.2.1", "broke", 1, NOW)
    assert (after, believed) == (failed(paused, FaultKind.NETWORK, "broke", NOW), False)


def test_doubts_about_several_and_nobody_taken_pause_and_one_taken_forgives_them() -> None:
    once = doubtful(MAIL, "ann@example.com", "no answer", NOW)
    again = doubtful(once, "ann@example.com", "no answer", NOW)
    assert (once.paused, again.paused) == (False, False), "one person's alone"
    twice = doubtful(once, "bob@example.com", "no answer", NOW)
    assert (twice.fault_kind, twice.because) == (FaultKind.BUSY, "no answer")
    assert not doubtful(worked(once, NOW), "bob@example.com", "no answer", NOW).paused


@pytest.mark.parametrize("fault_kind", list(FaultKind))
def test_a_probe_in_doubt_keeps_the_pause(fault_kind: FaultKind) -> None:
    paused = failed(MAIL, fault_kind, "why", NOW)
    after = doubtful(paused, "ann@example.com", "no answer", NOW)
    assert (after.paused_at, after.failures) == (NOW, 2)

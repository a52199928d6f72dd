"""The socket: kept before it is acknowledged, acted on once however often it comes, and picked up
after whatever breaks."""

import gc
import warnings
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from scheduler.inbound.slack.actions import INTERACTIVE
from scheduler.services.answers.inbox import ATTEMPTS, keep
from scheduler.storage.answers.inbox import InboxQueries
from scheduler.storage.database.housekeeping import Housekeeping
from scheduler.storage.database.transactions import transactions
from tests.inbound.slack.conftest import reception_on
from tests.inbound.slack.reception import ANN, RETRY_SECONDS, Reception, offered
from tests.servers.slack import Trouble, drop, error, foreign, http, rate_limited
from tests.servers.slack_socket import PATIENCE

CLICKS = 60


@pytest.fixture(autouse=True)
def _without_half_open_sockets() -> Iterator[None]:
    """slack_sdk leaves the socket of a handshake that did not end to the garbage collector, which
    would come during another test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def everywhere(database_url: str) -> Iterator[Reception]:
    """A reception on each database, everybody told, nobody listening yet."""
    for reception in reception_on(database_url):
        reception.tell_everybody()
        yield reception


def outcomes(reception: Reception) -> list[str]:
    """What became of each envelope."""
    return [outcome for (outcome,) in reception.rows("envelopes", "outcome")]


def test_an_envelope_that_comes_twice_is_acknowledged_twice_and_acted_on_once(
    everywhere: Reception,
) -> None:
    everywhere.open()
    click = everywhere.click(ANN, "seen")
    for _ in range(3):
        everywhere.act(INTERACTIVE, click, "E1")
    assert len(everywhere.answers()) == 1
    assert outcomes(everywhere) == ["recorded 1"]
    assert len(everywhere.socket.received) == 3
    assert len(everywhere.slack.whispers) == 1


def test_the_same_click_in_another_envelope_counts_once(everywhere: Reception) -> None:
    everywhere.open()
    click = everywhere.click(ANN, "seen")
    everywhere.act(INTERACTIVE, click, "E1")
    everywhere.act(INTERACTIVE, click, "E2")
    assert len(everywhere.answers()) == 1


def test_clicks_are_acknowledged_before_slack_answers_anything(reception: Reception) -> None:
    """`benchmarks.slack_clicks` has the seconds."""
    reception.slack.answering.clear()
    for n in range(CLICKS):
        click = reception.click(ANN, "seen")
        assert reception.socket.send(INTERACTIVE, click, f"E{n}").envelope_id == f"E{n}"
    assert (len(reception.socket.received), reception.slack.whispers) == (CLICKS, [])
    reception.slack.answering.set()
    reception.wait_until_acted(CLICKS)
    assert len(outcomes(reception)) == CLICKS
    assert all(outcomes(reception)), "each was acted on"


def test_a_connection_that_breaks_before_the_acknowledgement_is_replaced_and_the_answer_counts_once(
    reception: Reception,
) -> None:
    acknowledged = reception.act(INTERACTIVE, reception.click(ANN, "seen"), "E1", cut=True)
    assert acknowledged.envelope_id == "E1"
    reception.socket.wait_for_connection(2)
    assert len(reception.answers()) == 1


def test_slack_asks_for_a_new_connection_and_nothing_is_lost(reception: Reception) -> None:
    reception.socket.ask_to_reconnect()
    reception.socket.wait_for_connection(2)
    reception.press(ANN, "seen")
    assert len(reception.answers()) == 1


def test_a_connection_that_just_breaks_is_replaced(reception: Reception) -> None:
    reception.socket.drop()
    reception.socket.wait_for_connection(2)
    reception.press(ANN, "seen")
    assert len(reception.answers()) == 1
    assert [event for event, _ in reception.said].count("slack connected") == 2


def test_what_was_kept_and_not_acted_on_is_picked_up_after_a_restart(everywhere: Reception) -> None:
    click = everywhere.click(ANN, "seen")
    keep(
        transactions(everywhere.engine, InboxQueries),
        "E1",
        INTERACTIVE,
        click,
        everywhere.hands.now(),
    )
    restarted = everywhere.hire()
    assert restarted.pick_up() == 0
    assert everywhere.answers() == [], "whoever received it may still be at it"
    everywhere.later(seconds=11)
    restarted.pick_up()
    restarted.pick_up()
    restarted.stop()
    assert len(everywhere.answers()) == 1
    assert outcomes(everywhere) == ["recorded 1"]


def test_a_crash_after_recording_and_before_noting_it_records_nothing_twice(
    everywhere: Reception,
) -> None:
    everywhere.open()
    everywhere.press(ANN, "renew")
    everywhere.send_form(ANN, "E2")
    with everywhere.engine.begin() as connection:
        connection.execute(text("UPDATE envelopes SET handled_at = NULL, outcome = ''"))
    everywhere.later(minutes=5)
    restarted = everywhere.hire()
    restarted.pick_up()
    restarted.stop()
    assert len(everywhere.answers()) == 1
    assert "was recorded before" in outcomes(everywhere)


def test_a_late_envelope_cannot_open_a_form_and_says_so(everywhere: Reception) -> None:
    keep(
        transactions(everywhere.engine, InboxQueries),
        "E1",
        INTERACTIVE,
        everywhere.click(ANN, "renew", trigger_id="expired"),
        everywhere.hands.now(),
    )
    everywhere.later(hours=1)
    restarted = everywhere.hire()
    restarted.pick_up()
    restarted.stop()
    assert "Please press again" in everywhere.whisper()


def test_an_envelope_that_keeps_failing_is_given_up(reception: Reception) -> None:
    reception.press(ANN, "seen")
    broken = reception.click(ANN, "seen", {"type": "static_select", "action_id": "pace"}) | {
        "actions": [{"action_id": "pace", "value": "never"}]
    }
    reception.act(INTERACTIVE, broken)
    for _ in range(ATTEMPTS + 2):
        reception.later(minutes=10)
        reception.listener.pick_up()
    assert [f.given_up for f in reception.failed] == [False] * (ATTEMPTS - 1) + [True]
    assert outcomes(reception)[-1].startswith("given up: ValueError")


def test_envelopes_long_dealt_with_are_tidied_away_and_open_ones_stay(reception: Reception) -> None:
    reception.press(ANN, "seen")
    keep(transactions(reception.engine, InboxQueries), "E2", INTERACTIVE, {}, reception.hands.now())
    Housekeeping(reception.engine).tidy(reception.hands.now() + timedelta(days=29))
    assert len(outcomes(reception)) == 2
    Housekeeping(reception.engine).tidy(reception.hands.now() + timedelta(days=31))
    assert outcomes(reception) == [""]


def test_no_token_is_kept_or_said(reception: Reception) -> None:
    reception.press(ANN, "seen")
    kept = str(reception.rows("envelopes", "payload"))
    assert "secret" not in kept
    assert "the whole message" not in kept
    assert "xapp" not in kept + str(reception.said)


def unreached(reception: Reception) -> list[tuple[str, float]]:
    """Why there was no connection, and in how many seconds the next try was to come."""
    return [
        (facts["because"], facts["again_in_seconds"])
        for event, facts in reception.said
        if event == "slack cannot be reached"
    ]


def test_while_slack_cannot_be_reached_it_is_tried_again(quiet_reception: Reception) -> None:
    quiet_reception.slack.next(
        "apps.connections.open", error("internal_error"), error("internal_error")
    )
    quiet_reception.open()
    assert unreached(quiet_reception) == [
        ("internal_error", RETRY_SECONDS),
        ("internal_error", 2 * RETRY_SECONDS),
    ]


@pytest.mark.parametrize(
    ("answer", "because"),
    [
        (http(503), "something else than Slack answers"),
        (foreign("<html>Please log in</html>"), "something else than Slack answers"),
        (foreign("[1]"), "something else than Slack answers"),
        (foreign('{"ok": true}'), "something else than Slack answers"),
        (
            foreign('{"ok": true, "url": "https://example.com/"}'),
            "something else than Slack answers",
        ),
        (foreign('{"ok": true, "url": "ws://127.0.0.1:1/"}'), "the connection did not come about"),
        (drop(), "RemoteDisconnected"),
    ],
)
def test_whatever_is_answered_where_a_connection_is_asked_for_it_is_tried_again_and_told(
    quiet_reception: Reception, answer: Trouble, because: str
) -> None:
    """The first connection, and one after that has broken."""
    quiet_reception.slack.next("apps.connections.open", answer)
    quiet_reception.open()
    assert [said for said, _ in unreached(quiet_reception)] == [because]
    quiet_reception.slack.next("apps.connections.open", answer)
    quiet_reception.socket.drop()
    quiet_reception.socket.wait_for_connection(2)
    assert unreached(quiet_reception) == [(because, RETRY_SECONDS)] * 2


def test_whoever_stops_does_not_wait_for_a_limit_of_slacks(quiet_reception: Reception) -> None:
    quiet_reception.slack.next("apps.connections.open", rate_limited(900))
    quiet_reception.listener.start()
    assert quiet_reception.heard.acquire(timeout=PATIENCE)
    quiet_reception.listener.stop()
    assert unreached(quiet_reception) == [("ratelimited", 900.0)]


def test_two_machines_on_one_database_count_a_click_once(everywhere: Reception) -> None:
    everywhere.open()
    second = everywhere.hire()
    second.start()
    everywhere.socket.wait_for_connection(2)
    button = next(e for e in everywhere.elements() if "seen" in offered(e))
    for number in range(6):
        everywhere.socket.post(INTERACTIVE, everywhere.click(ANN, "seen", button), f"E{number}")
    everywhere.wait_until_acted(6)
    second.stop()
    assert len(everywhere.answers()) == 1

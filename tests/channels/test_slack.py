"""Slack: what is posted, what each trouble means, and how a post is found again; against a real
HTTP server."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from scheduler.channels.slack import SlackChannel
from scheduler.channels.slack.send import SCOPES
from scheduler.channels.slack.workspace import app_token_problems
from scheduler.core.messages.faults import FaultKind, FaultScope
from scheduler.ports import NotSent, Outcome, Sent, Unknown
from tests.channels.envelopes import SUBJECT, to_slack
from tests.servers.slack import (
    APP_TOKEN,
    TOKEN,
    SlackServer,
    Trouble,
    drop,
    error,
    foreign,
    http,
    lose_reply,
    rate_limited,
    slow,
    stuttering,
)

FINE = Trouble(done=True)


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


def channel(slack: SlackServer) -> SlackChannel:
    return SlackChannel(TOKEN, slack.url)


def since() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=2)


def test_a_nudge_reaches_the_person_with_metadata_that_finds_it_again(slack: SlackServer) -> None:
    outcome = channel(slack).send(to_slack(), 10)
    post = slack.posts[0]
    assert outcome == Sent(f"D0ANN/{post.ts}")
    assert post.text == SUBJECT
    assert post.blocks[0]["text"]["text"] == "満了 2027/3/31(水)"
    assert post.metadata == {
        "event_type": "renewal_nudge",
        "event_payload": {"key": "k1", "part": 0},
    }
    assert UUID(post.client_msg_id).version == 5


def test_the_same_message_has_the_same_client_msg_id_on_every_attempt(slack: SlackServer) -> None:
    channel(slack).send(to_slack(), 10)
    channel(slack).send(to_slack(), 10)
    assert slack.posts[0].client_msg_id == slack.posts[1].client_msg_id


def test_a_channel_is_found_by_its_name_and_asked_about_once(slack: SlackServer) -> None:
    ours = channel(slack)
    assert isinstance(ours.send(to_slack("#renewals"), 10), Sent)
    assert isinstance(ours.send(to_slack("#renewals", key="k2"), 10), Sent)
    assert [p.channel for p in slack.posts] == ["C0RENEWALS", "C0RENEWALS"]
    assert slack.calls.count("conversations.info") == 1


@pytest.mark.parametrize("address", ["#with-aoba", "C0SHARED"])
def test_a_channel_shared_with_another_company_is_refused_for_good(
    slack: SlackServer, address: str
) -> None:
    ours = channel(slack)
    first, again = ours.send(to_slack(address), 10), ours.send(to_slack(address), 10)
    assert isinstance(first, NotSent)
    assert first.permanent
    assert "shared with another company" in first.because
    assert first == again
    assert slack.posts == []
    assert slack.calls.count("conversations.info") == 1


def test_a_channel_nobody_can_see_is_refused_with_what_to_do(slack: SlackServer) -> None:
    outcome = channel(slack).send(to_slack("#nowhere"), 10)
    assert isinstance(outcome, NotSent)
    assert outcome.permanent
    assert "invite the app" in outcome.because


PROXY = NotSent(
    "something else than Slack answered chat.postMessage with HTTP",
    fault_scope=FaultScope.CHANNEL,
    fault_kind=FaultKind.SETUP,
)
"""Somebody before Slack has sent the call back."""


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (
            error("channel_not_found"),
            NotSent("channel_not_found", permanent=True, fault_scope=FaultScope.REFUSED),
        ),
        (
            error("account_inactive"),
            NotSent(
                "account_inactive", fault_scope=FaultScope.CHANNEL, fault_kind=FaultKind.ACCESS
            ),
        ),
        (
            error("invalid_auth"),
            NotSent("invalid_auth", fault_scope=FaultScope.CHANNEL, fault_kind=FaultKind.ACCESS),
        ),
        (
            error("is_archived"),
            NotSent("is_archived", permanent=True, fault_scope=FaultScope.REFUSED),
        ),
        (
            error("not_in_channel"),
            NotSent("not_in_channel", permanent=True, fault_scope=FaultScope.REFUSED),
        ),
        (
            error("missing_scope"),
            NotSent("missing_scope", fault_scope=FaultScope.CHANNEL, fault_kind=FaultKind.SETUP),
        ),
        (error("msg_too_long"), NotSent("msg_too_long", permanent=True)),
        (
            error("service_unavailable"),
            NotSent(
                "service_unavailable", fault_scope=FaultScope.CHANNEL, fault_kind=FaultKind.BUSY
            ),
        ),
        (
            error("ratelimited"),
            NotSent("wait 30 s", retry_after=30.0, scope="slack:T0TEST:chat.postMessage"),
        ),
        (
            rate_limited(7),
            NotSent("wait 7 s", retry_after=7.0, scope="slack:T0TEST:chat.postMessage"),
        ),
        (
            rate_limited(0),
            NotSent("wait 30 s", retry_after=30.0, scope="slack:T0TEST:chat.postMessage"),
        ),
        (
            rate_limited(10**30),
            NotSent("wait 3600 s", retry_after=3600.0, scope="slack:T0TEST:chat.postMessage"),
        ),
        (error("internal_error"), Unknown("internal_error")),
        (error("fatal_error"), Unknown("fatal_error")),
        (http(500), Unknown("HTTP 500")),
        (http(503), Unknown("HTTP 503")),
        (foreign("<html>Blocked</html>", 403), PROXY),
        (foreign('{"error": "forbidden"}', 403), PROXY),
        (foreign("", 407), PROXY),
        (foreign("", 302, ("Location", "https://login.example.com/")), PROXY),
        (foreign("<html>Please log in</html>"), Unknown("something else than Slack answered")),
        (foreign('"Please log in"'), Unknown("something else than Slack answered")),
        (foreign('{"ok": true}'), Unknown("did not say where the post stands")),
        (foreign("[1]"), Unknown("something else than Slack answered")),
        (lose_reply(), Unknown("broke")),
        (drop(), Unknown("broke")),
        (error("duplicate_client_msg_id"), Sent("U0ANN/duplicate_client_msg_id")),
    ],
    ids=lambda v: v.error or f"{v.status}" if isinstance(v, Trouble) else type(v).__name__,
)
def test_each_trouble_has_its_outcome(
    slack: SlackServer, trouble: Trouble, expected: Outcome
) -> None:
    slack.next("chat.postMessage", trouble)
    outcome = channel(slack).send(to_slack(), 10)
    assert type(outcome) is type(expected)
    if isinstance(outcome, NotSent) and isinstance(expected, NotSent):
        assert expected.because in outcome.because
        assert (outcome.permanent, outcome.retry_after, outcome.scope) == (
            expected.permanent,
            expected.retry_after,
            expected.scope,
        )
        assert (outcome.fault_scope, outcome.fault_kind) == (
            expected.fault_scope,
            expected.fault_kind,
        )
    elif isinstance(outcome, Unknown) and isinstance(expected, Unknown):
        assert expected.because in outcome.because
    else:
        assert outcome == expected


def test_a_late_answer_leaves_it_unknown_and_send_returns_in_time(slack: SlackServer) -> None:
    slack.next("chat.postMessage", slow(1.4))
    assert isinstance(channel(slack).send(to_slack(), 1.05), Unknown)


def test_an_answer_that_comes_letter_by_letter_is_left_at_the_deadline(slack: SlackServer) -> None:
    slack.next("chat.postMessage", stuttering(0.1))
    assert isinstance(channel(slack).send(to_slack(), 1.3), Unknown)


def test_nobody_is_followed_elsewhere_with_the_token(slack: SlackServer) -> None:
    with SlackServer() as elsewhere:
        to = ("Location", f"{elsewhere.url}chat.postMessage")
        slack.next("chat.postMessage", foreign("", 302, to), foreign("", 307, to))
        outcomes = [channel(slack).send(to_slack(), 10) for _ in range(2)]
        assert elsewhere.calls == []
    assert {type(outcome) for outcome in outcomes} == {NotSent}


def test_a_refused_connection_is_certainly_not_sent() -> None:
    outcome = SlackChannel(TOKEN, "http://127.0.0.1:1/api/").send(to_slack(), 5)
    assert isinstance(outcome, NotSent)
    assert (outcome.permanent, outcome.fault_scope, outcome.fault_kind) == (
        False,
        FaultScope.CHANNEL,
        FaultKind.NETWORK,
    )
    assert "SLACK_API_URL" in outcome.because


def test_no_time_left_means_not_sent(slack: SlackServer) -> None:
    assert isinstance(channel(slack).send(to_slack(), 0.2), NotSent)
    assert slack.calls == []


def test_a_customer_who_is_called_channel_pings_nobody(slack: SlackServer) -> None:
    channel(slack).send(to_slack(subject="<!channel> & Co"), 10)
    assert slack.posts[0].text == "&lt;!channel&gt; &amp; Co"


@pytest.mark.parametrize("address", ["U0ANN", "#renewals", "C0RENEWALS"])
def test_a_post_whose_reply_was_lost_is_found_in_the_history(
    slack: SlackServer, address: str
) -> None:
    ours = channel(slack)
    ours.send(to_slack(address, key="another"), 10)
    slack.next("chat.postMessage", lose_reply())
    assert isinstance(ours.send(to_slack(address), 10), Unknown)
    found = ours.look_up(to_slack(address), since())
    assert found == Sent(f"{slack.posts[1].channel}/{slack.posts[1].ts}")


def test_a_post_that_never_arrived_is_certainly_not_sent(slack: SlackServer) -> None:
    slack.next("chat.postMessage", drop())
    ours = channel(slack)
    assert isinstance(ours.send(to_slack(), 10), Unknown)
    assert isinstance(ours.look_up(to_slack(), since()), NotSent)


def test_the_history_is_read_page_by_page(slack: SlackServer) -> None:
    slack.page = 2
    ours = channel(slack)
    for n in range(5):
        ours.send(to_slack(key=f"k{n}"), 10)
    assert ours.look_up(to_slack(key="k0"), since()) == Sent(f"D0ANN/{slack.posts[0].ts}")
    assert slack.calls.count("conversations.history") == 3


def test_a_history_that_cannot_be_read_settles_nothing(slack: SlackServer) -> None:
    for trouble in (error("missing_scope"), rate_limited(3), http(500), drop()):
        slack.next("conversations.history", trouble)
        assert isinstance(channel(slack).look_up(to_slack(), since()), Unknown)


def test_what_a_rehearsal_sent_is_found_although_its_clock_runs_ahead(slack: SlackServer) -> None:
    ours = channel(slack)
    ours.send(to_slack(), 10)
    assert isinstance(ours.look_up(to_slack(), datetime.now(UTC) + timedelta(days=400)), Sent)


def test_what_one_post_cannot_hold_continues_in_its_thread(slack: SlackServer) -> None:
    outcome = channel(slack).send(to_slack("#renewals", "one", "two", "three"), 10)
    root = slack.posts[0].ts
    assert outcome == Sent(f"C0RENEWALS/{root}")
    assert [(p.thread_ts, p.blocks[0]["text"]["text"]) for p in slack.posts] == [
        ("", "one"),
        (root, "two"),
        (root, "three"),
    ]
    assert slack.posts[2].text == SUBJECT + " (3/3)"


@pytest.mark.parametrize("failing", [0, 1, 2])
@pytest.mark.parametrize("address", ["U0ANN", "#renewals"])
def test_a_thread_that_broke_off_is_completed_by_the_next_attempt_and_nothing_is_posted_twice(
    slack: SlackServer, address: str, failing: int
) -> None:
    message = to_slack(address, "one", "two", "three")
    slack.next("chat.postMessage", *[FINE] * failing, rate_limited(1))
    ours = channel(slack)
    assert isinstance(ours.send(message, 10), NotSent)
    assert isinstance(ours.look_up(message, since()), NotSent)
    assert isinstance(ours.send(message, 10), Sent)
    assert isinstance(ours.look_up(message, since()), Sent)
    assert [p.blocks[0]["text"]["text"] for p in slack.posts] == ["one", "two", "three"]
    assert {p.thread_ts for p in slack.posts[1:]} == {slack.posts[0].ts}


def test_a_thread_whose_last_reply_was_lost_is_complete(slack: SlackServer) -> None:
    message = to_slack("#renewals", "one", "two")
    slack.next("chat.postMessage", FINE, lose_reply())
    ours = channel(slack)
    assert isinstance(ours.send(message, 10), Unknown)
    assert isinstance(ours.look_up(message, since()), Sent)


def texts(slack: SlackServer) -> list[str]:
    return [
        p.blocks[0].get("text", {}).get("text") or p.blocks[0]["elements"][0]["text"]
        for p in slack.posts
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (("one",), ("ONE",), ["ONE"]),
        (("one", "two", "three"), ("ONE", "TWO", "THREE"), ["ONE", "TWO", "THREE"]),
        (("one", "two", "three"), ("ONE",), ["ONE", "↑", "↑"]),
        (("one",), ("ONE", "TWO"), ["ONE", "TWO"]),
    ],
    ids=["single", "thread", "shorter", "longer"],
)
@pytest.mark.parametrize("address", ["U0ANN", "#renewals"])
def test_an_update_changes_the_first_post_and_its_thread(
    slack: SlackServer,
    address: str,
    before: tuple[str, ...],
    after: tuple[str, ...],
    expected: list[str],
) -> None:
    ours = channel(slack)
    posted = ours.send(to_slack(address, *before), 10)
    assert isinstance(posted, Sent)
    for _ in range(2):
        assert ours.update(to_slack(address, *after), posted.receipt, 10).outcome == Sent(
            posted.receipt
        )
        assert texts(slack) == expected
    assert {p.thread_ts for p in slack.posts[1:]} <= {slack.posts[0].ts}


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (error("message_not_found"), NotSent("", permanent=True)),
        (error("cant_update_message"), NotSent("", permanent=True)),
        (rate_limited(9), NotSent("", retry_after=9.0)),
        (http(500), Unknown("")),
        (lose_reply(), Unknown("")),
    ],
    ids=lambda v: v.error or f"{v.status}" if isinstance(v, Trouble) else type(v).__name__,
)
def test_an_update_that_fails_says_whether_to_try_again(
    slack: SlackServer, trouble: Trouble, expected: Outcome
) -> None:
    ours = channel(slack)
    posted = ours.send(to_slack(), 10)
    assert isinstance(posted, Sent)
    slack.next("chat.update", trouble)
    outcome = ours.update(to_slack(), posted.receipt, 10).outcome
    assert type(outcome) is type(expected)
    if isinstance(outcome, NotSent) and isinstance(expected, NotSent):
        assert (outcome.permanent, outcome.retry_after) == (
            expected.permanent,
            expected.retry_after,
        )


def changes(slack: SlackServer) -> int:
    """How many posts were changed."""
    return slack.calls.count("chat.update")


def test_only_posts_that_say_something_else_are_changed_and_no_thread_is_read(
    slack: SlackServer,
) -> None:
    ours = channel(slack)
    posted = ours.send(to_slack("U0ANN", "one", "two", "three"), 10)
    assert isinstance(posted, Sent)
    asked = slack.calls.count("conversations.replies")
    after = ours.update(to_slack("U0ANN", "one", "TWO", "three"), posted.receipt, 10, posted.shown)
    assert (after.outcome, changes(slack), texts(slack)) == (
        Sent(posted.receipt),
        1,
        ["one", "TWO", "three"],
    )
    assert ours.update(
        to_slack("U0ANN", "one", "TWO", "three"), posted.receipt, 10, after.shown
    ).outcome == Sent(posted.receipt)
    assert (changes(slack), slack.calls.count("conversations.replies")) == (1, asked)


def test_a_headline_that_says_something_else_changes_the_first_post_alone(
    slack: SlackServer,
) -> None:
    ours, posts = channel(slack), ("one", "two", "three")
    posted = ours.send(to_slack("U0ANN", *posts), 10)
    assert isinstance(posted, Sent)
    after = ours.update(
        to_slack("U0ANN", *posts, subject="first deadline 30 Jan"), posted.receipt, 10, posted.shown
    )
    assert (after.outcome, changes(slack)) == (Sent(posted.receipt), 1)


def test_posts_that_could_not_be_looked_up_are_looked_up_again_and_not_posted_again(
    slack: SlackServer,
) -> None:
    ours, new = channel(slack), to_slack("U0ANN", "ONE", "TWO")
    posted = ours.send(to_slack("U0ANN", "one", "two"), 10)
    assert isinstance(posted, Sent)
    slack.next("conversations.replies", rate_limited(3))
    stopped = ours.update(new, posted.receipt, 10)
    assert isinstance(stopped.outcome, NotSent)
    assert ours.update(new, posted.receipt, 10, stopped.shown).outcome == Sent(posted.receipt)
    assert texts(slack) == ["ONE", "TWO"]


def test_it_is_known_how_a_message_is_laid_out(slack: SlackServer) -> None:
    posted = channel(slack).send(to_slack("U0ANN", "one", "two"), 10)
    assert isinstance(posted, Sent)
    assert posted.shown is not None
    assert [len(marks) for marks in posted.shown.pieces] == [1, 1]


def test_an_update_that_is_limited_goes_on_where_it_stopped(slack: SlackServer) -> None:
    ours, new = channel(slack), to_slack("U0ANN", "ONE", "TWO", "THREE")
    posted = ours.send(to_slack("U0ANN", "one", "two", "three"), 10)
    assert isinstance(posted, Sent)
    slack.next("chat.update", FINE, rate_limited(3))
    stopped = ours.update(new, posted.receipt, 10, posted.shown)
    assert isinstance(stopped.outcome, NotSent)
    assert (stopped.outcome.retry_after, texts(slack)) == (3.0, ["ONE", "two", "three"])
    assert ours.update(new, posted.receipt, 10, stopped.shown).outcome == Sent(posted.receipt)
    assert (texts(slack), changes(slack)) == (["ONE", "TWO", "THREE"], 4)


def test_a_message_of_one_post_is_changed_also_where_its_thread_may_not_be_read(
    slack: SlackServer,
) -> None:
    ours = channel(slack)
    posted = ours.send(to_slack(), 10)
    assert isinstance(posted, Sent)
    slack.next("conversations.replies", error("missing_scope"))
    assert ours.update(to_slack("U0ANN", "new"), posted.receipt, 10).outcome == Sent(posted.receipt)
    assert texts(slack) == ["new"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("#nowhere", "no channel #nowhere"),
        ("#outside", "another company"),
        ("#empty", "invite it there"),
        ("#renewals", ""),
        ("U0ANN", ""),
    ],
)
def test_what_keeps_posts_from_a_channel_is_known_before_the_first(
    slack: SlackServer, address: str, said: str
) -> None:
    slack.channels["C0OUTSIDE"] = {"id": "C0OUTSIDE", "name": "outside", "is_ext_shared": True}
    slack.channels["C0EMPTY"] = {"id": "C0EMPTY", "name": "empty", "is_member": False}
    because = channel(slack).address_problem(address)
    assert said in because
    assert bool(because) is bool(said)
    assert slack.posts == []


def test_a_post_of_which_only_the_address_is_known_cannot_be_updated(slack: SlackServer) -> None:
    outcome = channel(slack).update(to_slack(), "U0ANN/duplicate_client_msg_id", 10).outcome
    assert isinstance(outcome, NotSent)
    assert outcome.permanent
    assert slack.calls == []


def test_check_says_what_to_do(slack: SlackServer) -> None:
    assert channel(slack).check() == ()
    (wrong,) = SlackChannel("xoxb-wrong", slack.url).check()
    assert "SLACK_BOT_TOKEN" in wrong
    assert "chat:write" in wrong


def test_check_names_the_scopes_that_are_missing(slack: SlackServer) -> None:
    slack.scopes = "chat:write,im:write"
    (wrong,) = channel(slack).check()
    assert (
        "lacks the scopes im:history, channels:read, channels:history, groups:read, groups:history"
        in wrong
    )


def test_the_app_token_opens_connections_or_it_is_said_what_to_do(slack: SlackServer) -> None:
    assert app_token_problems(APP_TOKEN, slack.url) == ()
    (wrong,) = app_token_problems("xapp-wrong", slack.url)
    assert "connections:write" in wrong
    assert "xapp-wrong" not in wrong


def test_the_manifest_asks_for_every_scope_and_switches_on_what_is_used() -> None:
    manifest = (Path(__file__).parents[2] / "deploy" / "slack-manifest.yaml").read_text("utf-8")
    for word in (
        *(f"- {scope}" for scope in (*SCOPES, "commands", "app_home_opened")),
        "socket_mode_enabled: true",
        "home_tab_enabled: true",
    ):
        assert f"{word}\n" in manifest
    assert "interactivity:\n    is_enabled: true" in manifest
    assert "command: /renewals" in manifest

"""What a crash or a lost reply left behind: looked at before anything is resent, told to an admin
if nobody can say, never forgotten."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, update

from scheduler.channels.slack import SlackChannel
from scheduler.core.messages.circuit_breaker import failed
from scheduler.core.messages.faults import FaultKind, FaultScope
from scheduler.core.messages.states import GIVE_UP
from scheduler.core.words.lexicon import ChannelName
from scheduler.ports import Envelope, NotSent, Outcome, Sent, Unknown
from scheduler.services.delivery.delivery import Delivered
from scheduler.services.delivery.recover import LOOK_UPS, STRANDED, Recovered, recover_once
from tests.cast import ANN, at, policy
from tests.servers.slack import (
    TOKEN,
    SlackServer,
    Trouble,
    drop,
    error,
    http,
    lose_reply,
    rate_limited,
)
from tests.services.delivering import POLICY, Line, Post
from tests.storage.builders import T, add_contract, add_person

LOST = Unknown("the reply was lost")
NO_LOOK_UP = Unknown("mail cannot be looked up")


@pytest.fixture
def slack(post: Post) -> Iterator[SlackServer]:
    """A workspace to which the messages really go."""
    with SlackServer() as server:
        post.channels[ChannelName.SLACK] = SlackChannel(TOKEN, server.url)
        yield server


@pytest.fixture
def mail(post: Post) -> Post:
    """The post where everybody reads mail only, and where nobody can look a mail up."""
    with post.engine.begin() as connection:
        connection.execute(update(T["people"]).values(slack_id=None))
    post.email.found = NO_LOOK_UP
    return post


def handed_over(post: Post) -> None:
    """Somebody hands the message over, and nothing more is heard of him."""
    post.form()
    message = post.claim("dead")[0]
    with post.worker.delivering() as transaction:
        assert transaction.hand_over(message, post.hands.now())


def test_nothing_is_left_where_nothing_happened(post: Post) -> None:
    post.form()
    assert post.recover() == Recovered()


def test_a_worker_that_died_before_handing_over_leaves_the_message_to_others(post: Post) -> None:
    post.form()
    claimed = post.claim("dead")[0]
    assert (post.deliver(), post.recover()) == (Delivered(), Recovered())
    post.later(seconds=120)
    assert post.recover() == Recovered(queued=1)
    assert post.column("messages", "state", "fence", "lease_until") == [
        ("queued", claimed.fence + 1, None)
    ]
    assert post.deliver() == Delivered(sent=1)


def test_a_worker_that_died_after_handing_over_leaves_an_unknown_message(post: Post) -> None:
    handed_over(post)
    post.later(seconds=119)
    assert post.recover() == Recovered()
    post.later(seconds=1)
    post.slack.found = Sent("C1/1.2")
    assert post.recover() == Recovered(unknown=1, sent=1)
    assert post.slack.sent == []
    assert post.column("messages", "state", "receipt") == [("sent", "C1/1.2")]
    assert post.column("nudges", "state") == ["sent"] * 3


def test_slack_is_asked_a_minute_after_the_hand_over_and_not_before(post: Post) -> None:
    post.worker = replace(post.worker, lease=timedelta(seconds=40))
    handed_over(post)
    post.later(seconds=59)
    assert post.recover() == Recovered(unknown=1)
    assert post.slack.asked == []
    post.later(seconds=1)
    post.recover()
    assert len(post.slack.asked) == 1


def test_what_slack_took_is_found_and_not_posted_again(post: Post, slack: SlackServer) -> None:
    slack.next("chat.postMessage", lose_reply())
    post.form()
    assert post.deliver() == Delivered(unknown=1)
    post.later(seconds=61)
    assert post.recover() == Recovered(sent=1)
    assert len(slack.posts) == 1
    assert post.column("messages", "receipt") == [f"D0ANN/{slack.posts[0].ts}"]
    assert post.column("messages", "body") == [
        {"text": "renewal_3m C-0, renewal_3m C-1, renewal_3m C-2"}
    ], "what it said is known too"


def test_what_slack_did_not_take_is_posted_once(post: Post, slack: SlackServer) -> None:
    slack.next("chat.postMessage", drop())
    post.form()
    assert post.deliver() == Delivered(unknown=1)
    post.later(seconds=61)
    assert post.recover() == Recovered(queued=1)
    assert post.deliver() == Delivered(sent=1)
    assert len(slack.posts) == 1


@pytest.mark.parametrize(
    "trouble", [rate_limited(30), error("fatal_error"), http(503), drop(), error("missing_scope")]
)
@pytest.mark.parametrize("taken", [True, False])
def test_a_look_up_that_fails_is_made_again_and_nothing_is_sent_meanwhile(
    post: Post, slack: SlackServer, trouble: Trouble, taken: bool
) -> None:
    slack.next("chat.postMessage", lose_reply() if taken else drop())
    slack.next("conversations.history", trouble)
    post.form()
    post.deliver()
    post.later(seconds=61)
    assert (post.recover(), post.deliver()) == (Recovered(), Delivered())
    assert post.column("messages", "state") == ["unknown"]
    post.later(minutes=6)
    assert post.recover() == (Recovered(sent=1) if taken else Recovered(queued=1))
    post.deliver()
    assert len(slack.posts) == 1


def test_what_slack_cannot_say_for_hours_is_in_doubt_and_told_once(post: Post) -> None:
    post.slack.answers, post.slack.found = [LOST], Unknown("Slack could not be searched")
    post.form()
    post.deliver()
    settled = Recovered()
    end = post.hands.now() + GIVE_UP
    while not settled.in_doubt:
        post.later(minutes=5)
        settled = post.recover()
    assert end <= post.hands.now() < end + timedelta(minutes=10)
    assert len(post.slack.asked) > 50
    assert post.column("nudges", "state") == ["in_doubt"] * 3
    post.later(hours=12)
    assert post.recover() == Recovered()
    post.deliver()
    assert [e.rendered.text for e in post.email.sent] == [
        "nobody can say whether a message arrived (slack:U0ANN)"
    ]
    assert len(post.slack.sent) == 1


def test_a_mail_is_resent_after_a_quarter_of_an_hour_and_the_next_morning_with_the_same_id_and_then_in_doubt(
    mail: Post,
) -> None:
    mail.email.answers = [LOST]
    mail.form()
    assert mail.deliver() == Delivered(unknown=1)
    mail.later(minutes=15, seconds=-1)
    assert (mail.recover(), mail.deliver()) == (Recovered(), Delivered())
    mail.later(seconds=1)
    assert mail.recover() == Recovered(queued=1)
    assert mail.deliver() == Delivered(unknown=1)
    mail.later(minutes=16)
    assert mail.recover() == Recovered(queued=1)
    assert mail.column("messages", "not_before_at") == [at("2027-01-06 09:00")]
    mail.hands.at = at("2027-01-06 09:00")
    assert mail.deliver() == Delivered(unknown=1)
    mail.later(minutes=16)
    assert mail.recover() == Recovered(in_doubt=1)
    assert len(mail.email.sent) == 3
    assert len({e.key for e in mail.email.sent}) == 1
    assert mail.column("nudges", "state") == ["in_doubt"] * 3


def test_a_mail_that_is_unknown_twice_is_told_by_the_other_way(mail: Post) -> None:
    mail.email.answers = [LOST]
    mail.form()
    with mail.engine.begin() as connection:
        connection.execute(update(T["people"]).values(slack_id="U0LATER"))
    for _ in range(2):
        mail.deliver()
        mail.later(minutes=16)
        mail.recover()
    assert mail.deliver() == Delivered(sent=1)
    assert (len(mail.email.sent), [e.address for e in mail.slack.sent]) == (2, ["U0LATER"])
    assert mail.column("nudges", "state") == ["sent"] * 3
    assert mail.column("messages", "state") == ["in_doubt", "sent"]


def test_the_hours_of_asking_count_from_the_first_look_that_could_be_made(
    post: Post, slack: SlackServer
) -> None:
    slack.next("chat.postMessage", Trouble(status=500))
    post.form()
    post.deliver()
    post.later(days=2)
    slack.next("conversations.history", rate_limited(30))
    assert post.recover() == Recovered()
    post.later(minutes=10)
    assert post.recover() == Recovered(queued=1), (
        "nothing was given up for a weekend without a look"
    )


BROKEN = NotSent("connection refused", fault_scope=FaultScope.CHANNEL, fault_kind=FaultKind.NETWORK)


def test_a_probe_whose_sender_died_does_not_keep_its_channel_paused_for_ever(mail: Post) -> None:
    """It is the only message there is: nothing else would ever try the channel again."""
    mail.email.answers = [BROKEN, Sent("ok")]
    mail.form()
    mail.deliver()
    mail.later(minutes=2)
    message = mail.claim("dead")[0]
    with mail.worker.delivering() as transaction:
        assert transaction.hand_over(message, mail.hands.now())
    mail.later(minutes=5)
    assert mail.recover() == Recovered(unknown=1)
    mail.later(minutes=16)
    assert mail.recover() == Recovered(queued=1)
    assert mail.deliver().sent == 1


def test_a_look_on_a_paused_channel_does_not_count_as_one_that_could_be_made(post: Post) -> None:
    handed_over(post)
    post.later(minutes=3)
    with post.worker.delivering() as transaction:
        broken = failed(
            transaction.condition(ChannelName.SLACK),
            FaultKind.ACCESS,
            "token_revoked",
            post.hands.now(),
        )
        transaction.keep_condition(broken)
    post.slack.found = Unknown("token_revoked")
    for _ in range(30):
        post.later(minutes=61)
        post.recover()
    assert post.column("messages", "state", "looked_at") == [("unknown", None)]


def test_a_mail_may_be_held_instead_and_an_admin_asked(mail: Post) -> None:
    mail.policy = policy(email_unknown="hold")
    mail.email.answers = [LOST, Sent("ok")]
    mail.form()
    mail.deliver()
    mail.later(minutes=16)
    assert mail.recover() == Recovered(in_doubt=1)
    mail.deliver()
    assert [e.rendered.subject for e in mail.email.sent] == ["nudges", "alert"]


def test_a_mail_whose_sender_died_is_resent_once_too(mail: Post) -> None:
    handed_over(mail)
    mail.later(minutes=15)
    assert mail.recover() == Recovered(unknown=1, queued=1)
    assert mail.deliver() == Delivered(sent=1)


def test_a_preview_whose_process_died_is_kept_after_all(post: Post) -> None:
    for name in (ChannelName.SLACK, ChannelName.EMAIL):
        del post.channels[name]
    handed_over(post)
    post.later(seconds=121)
    assert post.recover() == Recovered(unknown=1, queued=1)
    assert post.deliver() == Delivered(sent=1)
    assert "renewal_3m C-0" in post.column("messages", "body")[0]["text"]


def without_slack(post: Post) -> None:
    """Slack's token was taken away."""
    del post.channels[ChannelName.SLACK]


def test_what_waits_on_a_channel_that_nobody_has_any_more_goes_another_way(post: Post) -> None:
    post.form()
    without_slack(post)
    assert post.deliver() == Delivered()
    post.later(seconds=STRANDED.total_seconds() - 1)
    assert post.recover() == Recovered(), "another machine may have the channel"
    post.later(seconds=1)
    assert post.recover() == Recovered(dead=1)
    post.deliver()
    assert sorted(e.address for e in post.email.sent) == ["admin@example.com", "ann@example.com"]
    assert post.column("nudges", "state") == ["sent"] * 3


def test_what_may_have_gone_out_on_a_channel_that_nobody_has_any_more_is_in_doubt(
    post: Post,
) -> None:
    handed_over(post)
    without_slack(post)
    post.later(hours=5)
    assert post.recover() == Recovered(unknown=1), "a machine with the channel may still look it up"
    post.later(hours=1)
    assert post.recover() == Recovered(in_doubt=1)
    assert post.email.sent == []


def unknown_messages(engine: Engine, count: int) -> Post:
    """So many people's messages, of which nobody knows anything."""
    with engine.begin() as connection:
        for n in range(count):
            person = add_person(
                connection,
                f"Person {n}",
                slack_id=f"U{n:03}",
                zone=ANN.zone,
                calendar="weekdays",
                language="en",
            )
            add_contract(connection, f"C-{n}", owner_id=person)
    post = Post(engine)
    post.sweep()
    post.form()
    begun = post.hands.now()
    with engine.begin() as connection:
        connection.execute(
            update(T["messages"]).values(
                state="unknown",
                attempts=1,
                unknowns=1,
                handed_over_at=begun,
                not_before_at=begun + timedelta(seconds=60),
            )
        )
    post.later(seconds=61)
    return post


def test_look_ups_are_made_a_few_at_a_time_so_that_no_others_machine_makes_them_too(
    engine: Engine,
) -> None:
    post = unknown_messages(engine, LOOK_UPS + 2)
    assert post.recover() == Recovered(queued=LOOK_UPS)
    assert post.recover() == Recovered(queued=2)


def test_a_daemon_that_stops_looks_nothing_more_up(engine: Engine) -> None:
    post = unknown_messages(engine, 3)
    stops = iter([False, True, True])
    assert recover_once(post.worker, POLICY, lambda: next(stops)) == Recovered(queued=1)
    assert len(post.slack.asked) == 1
    post.later(seconds=121)
    assert post.recover() == Recovered(queued=2)


def test_while_one_machine_looks_a_message_up_no_other_does(engine: Engine) -> None:
    post = unknown_messages(engine, 1)
    other: list[Recovered] = []

    class Asks(Line):
        """Slack, where another machine starts to recover during the look-up."""

        def look_up(self, envelope: Envelope, since: datetime) -> Outcome:
            other.append(
                recover_once(
                    replace(post.another_worker(), channels={ChannelName.SLACK: post.slack}), POLICY
                )
            )
            return Sent("C1/1.2")

    post.channels[ChannelName.SLACK] = Asks(ChannelName.SLACK)
    assert post.recover() == Recovered(sent=1)
    assert other == [Recovered()]
    assert post.slack.asked == []


def test_a_look_up_that_took_too_long_changes_nothing_any_more(engine: Engine) -> None:
    post = unknown_messages(engine, 1)

    class Slow(Line):
        """Slack, which answers after another machine has settled the matter."""

        def look_up(self, envelope: Envelope, since: datetime) -> Outcome:
            post.later(minutes=3)
            post.slack.found = Sent("C1/1.2")
            assert (
                recover_once(
                    replace(post.another_worker(), channels={ChannelName.SLACK: post.slack}), POLICY
                ).sent
                == 1
            )
            return NotSent("not there")

    post.channels[ChannelName.SLACK] = Slow(ChannelName.SLACK)
    post.recover()
    assert post.column("messages", "state", "receipt") == [("sent", "C1/1.2")]


def test_four_who_recover_at_once_settle_every_message_once(engine: Engine) -> None:
    post = unknown_messages(engine, 12)
    total: list[Recovered] = []
    errors: list[Exception] = []

    def recover() -> None:
        worker = post.another_worker()
        try:
            while (step := recover_once(worker, POLICY)).total:
                total.append(step)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=recover) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while (step := post.recover()).total:
        total.append(step)
    assert errors == []
    assert (sum(step.queued for step in total), len(post.slack.asked)) == (12, 12)


def test_a_message_says_when_its_sender_was_lost(post: Post) -> None:
    handed_over(post)
    post.later(seconds=121)
    post.slack.found = Unknown("Slack could not be searched")
    post.recover()
    assert '"code": "worker_gone"' in post.column("messages", "reason")[0]
    assert post.column("messages", "handed_over_at") == [at("2027-01-05")], (
        "the look-up begins at the hand-over"
    )

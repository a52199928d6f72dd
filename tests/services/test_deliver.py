"""From a nudge that waits to a message that is sent, on both databases: never lost, never sent twice by our own doing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, update

from scheduler.core.words import ChannelName
from scheduler.ports import Envelope, NotSent, Outcome, Sent, Unknown
from scheduler.services.deliver import Delivered, deliver_batch
from scheduler.services.recover import recover_once
from tests.cast import at
from tests.services.delivering import POLICY, Post
from tests.storage.builders import T, add_cast, add_contract


@pytest.fixture
def post(engine: Engine) -> Post:
    """Three contracts of Ann's that are due, on a Tuesday at ten."""
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        for n in range(3):
            add_contract(connection, f"C-{n}", owner_id=ann, customer=f"Customer {n}")
    post = Post(engine)
    post.sweep()
    return post


def test_all_nudges_of_a_person_become_one_message(post: Post) -> None:
    assert post.form().messages == 1
    assert post.deliver() == Delivered(sent=1)
    assert [e.rendered.text for e in post.slack.sent] == ["renewal_3m C-0, renewal_3m C-1, renewal_3m C-2"]
    assert post.column("nudges", "state") == ["sent"] * 3
    assert post.column("messages", "state", "receipt", "attempts") == [("sent", "ok", 1)]


def test_doing_it_again_sends_nothing(post: Post) -> None:
    post.form()
    post.deliver()
    assert post.form().total == 0
    assert post.deliver().total == 0
    assert len(post.slack.sent) == 1


def test_a_nudge_that_comes_on_a_sunday_goes_out_on_monday_morning(engine: Engine) -> None:
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        add_contract(connection, owner_id=ann)
    post = Post(engine)
    post.hands.at = at("2027-01-03 10:00")
    post.sweep()
    assert post.form().put_off == 1
    assert post.form().total == 0, "not looked at again before its time"
    post.hands.at = at("2027-01-04 08:59")
    assert post.form().total == 0
    post.hands.at = at("2027-01-04 09:00")
    assert post.form().messages == 1


def test_what_comes_after_the_days_message_waits_for_the_next_window(post: Post, engine: Engine) -> None:
    post.form()
    post.deliver()
    with engine.begin() as connection:
        add_contract(connection, "C-9", owner_id=2)
    post.later(hours=1)
    post.sweep()
    assert post.form().put_off == 1
    assert post.column("nudges", "due_at")[-1] == at("2027-01-06 09:00")
    post.hands.at = at("2027-01-06 09:00")
    assert post.form().messages == 1


def test_what_comes_while_the_message_is_still_queued_joins_it(post: Post, engine: Engine) -> None:
    post.form()
    with engine.begin() as connection:
        add_contract(connection, "C-9", owner_id=2)
    post.sweep()
    assert post.form().joined == 1
    post.deliver()
    assert "C-9" in post.slack.sent[0].rendered.text


def test_an_answer_between_forming_and_sending_drops_its_nudge(post: Post, engine: Engine) -> None:
    post.form()
    with engine.begin() as connection:
        connection.execute(update(T["events"]).where(T["events"].c.deal_id == 1).values(answered_at=post.hands.now()))
    post.deliver()
    assert post.slack.sent[0].rendered.text == "renewal_3m C-1, renewal_3m C-2"
    assert post.column("nudges", "state") == ["cancelled", "sent", "sent"]


def test_a_message_about_nothing_is_cancelled(post: Post, engine: Engine) -> None:
    post.form()
    with engine.begin() as connection:
        connection.execute(update(T["events"]).values(answered_at=post.hands.now()))
    assert post.deliver() == Delivered(cancelled=1)
    assert post.slack.sent == []


def test_an_answer_given_while_an_earlier_message_of_the_batch_flies_still_counts(post: Post, engine: Engine) -> None:
    with engine.begin() as connection:
        dan = add_contract(connection, "C-9")[1]
    post.sweep()
    post.form()

    def answers(envelope: Envelope) -> Outcome:
        with engine.begin() as connection:
            connection.execute(update(T["events"]).where(T["events"].c.deal_id != dan).values(answered_at=post.hands.now()))
            connection.execute(update(T["deals"]).where(T["deals"].c.id != dan).values(version=99))
        return Sent("ok")

    post.slack.answers = post.email.answers = [answers, Sent("ok")]
    assert post.deliver() == Delivered(sent=1, cancelled=1)


def test_a_passing_failure_is_tried_again_later(post: Post) -> None:
    post.slack.answers = [NotSent("internal_error"), Sent("ok")]
    post.form()
    assert post.deliver() == Delivered(retried=1)
    assert post.deliver().total == 0
    post.later(seconds=40)
    assert post.deliver() == Delivered(sent=1)


def test_a_rate_limit_holds_the_channel_for_everybody(post: Post, engine: Engine) -> None:
    with engine.begin() as connection:
        add_contract(connection, "C-9", owner_id=1)
    post.sweep()
    post.form()
    post.slack.answers = [NotSent("ratelimited", retry_after=60, scope="slack:T1:chat.postMessage"), Sent("ok")]
    deliver_batch(replace(post.delivery, batch=1), POLICY)
    assert post.deliver().total == 0
    post.later(seconds=61)
    assert post.deliver() == Delivered(sent=2)


def test_a_permanent_failure_takes_the_next_way_and_tells_the_admins(post: Post) -> None:
    post.slack.answers = [NotSent("account_inactive", permanent=True)]
    post.form()
    assert post.deliver() == Delivered(dead=1)
    assert post.deliver() == Delivered(sent=2)
    assert sorted((e.address, e.rendered.subject) for e in post.email.sent) == [("admin@example.com", "alert"), ("ann@example.com", "nudges")]
    assert post.column("nudges", "state") == ["sent"] * 3


def test_when_every_way_of_a_person_fails_the_fallback_gets_it(post: Post) -> None:
    post.slack.answers = [NotSent("account_inactive", permanent=True)]

    def only_admins(envelope: Envelope) -> Outcome:
        return NotSent("no such mailbox", permanent=True) if envelope.address == "ann@example.com" else Sent("ok")

    post.email.answers = [only_admins]
    post.form()
    for _ in range(4):
        post.deliver()
    assert ("renewals@example.com", "nudges") in [(e.address, e.rendered.subject) for e in post.email.sent]
    assert post.column("nudges", "state") == ["sent"] * 3


def test_when_even_the_fallback_fails_the_nudges_are_dead_and_counted(post: Post) -> None:
    post.slack.answers = post.email.answers = [NotSent("gone", permanent=True)]
    post.form()
    for _ in range(6):
        post.deliver()
    assert post.column("nudges", "state", "reason") == [("dead", "gone")] * 3


def test_a_message_that_cannot_be_rendered_does_not_stop_the_others(post: Post) -> None:
    post.renderer.broken = True
    post.form()
    assert post.deliver().dead == 1
    assert post.column("messages", "reason")[0] == "RuntimeError: the template is broken"


def test_an_unknown_slack_message_is_looked_up_and_not_sent_again(post: Post) -> None:
    post.slack.answers = [Unknown("the reply was lost")]
    post.form()
    assert post.deliver() == Delivered(unknown=1)
    assert recover_once(post.delivery, POLICY).total == 0, "not before a minute"
    post.later(seconds=61)
    post.slack.found = Sent("C1/1.2")
    assert recover_once(post.delivery, POLICY).sent == 1
    assert len(post.slack.sent) == 1
    assert post.column("nudges", "state") == ["sent"] * 3


def test_an_unknown_slack_message_that_is_not_there_is_sent_with_the_same_key(post: Post) -> None:
    post.slack.answers = [Unknown("the reply was lost"), Sent("ok")]
    post.form()
    post.deliver()
    post.later(seconds=61)
    assert recover_once(post.delivery, POLICY).queued == 1
    assert post.deliver() == Delivered(sent=1)
    assert len({e.key for e in post.slack.sent}) == 1


def test_an_unknown_mail_is_resent_once_and_then_in_doubt(post: Post, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(T["people"]).values(slack_id=None))
    post.email.answers = [Unknown("connection lost")]
    post.email.found = Unknown("mail cannot be looked up")
    post.form()
    post.deliver()
    post.later(minutes=16)
    assert recover_once(post.delivery, POLICY).queued == 1
    assert post.deliver() == Delivered(unknown=1)
    post.later(minutes=16)
    assert recover_once(post.delivery, POLICY).in_doubt == 1
    assert post.column("nudges", "state") == ["in_doubt"] * 3
    assert post.column("messages", "kind")[-1] == "alert"


def test_a_worker_that_died_before_handing_over_leaves_the_message_to_others(post: Post) -> None:
    post.form()
    with post.delivery.store.delivering() as transaction:
        transaction.claim(post.hands.now(), post.hands.now() + timedelta(seconds=120), "dead", 10, (ChannelName.SLACK,))
    assert post.deliver().total == 0
    post.later(seconds=121)
    assert recover_once(post.delivery, POLICY).queued == 1
    assert post.deliver() == Delivered(sent=1)


def test_a_worker_that_died_after_handing_over_leaves_an_unknown_message(post: Post) -> None:
    post.form()
    with post.delivery.store.delivering() as transaction:
        message = transaction.claim(post.hands.now(), post.hands.now() + timedelta(seconds=120), "dead", 10, (ChannelName.SLACK,))[0]
        assert transaction.hand_over(message, post.hands.now())
    post.later(seconds=121)
    post.slack.found = Sent("C1/1.2")
    settled = recover_once(post.delivery, POLICY)
    assert (settled.unknown, settled.sent) == (1, 1)
    assert post.slack.sent == []


def test_a_late_workers_record_is_refused(post: Post) -> None:
    post.form()

    def takes_too_long(envelope: Envelope) -> Outcome:
        post.later(seconds=200)
        recover_once(post.delivery, POLICY)
        with post.delivery.store.delivering() as transaction:
            transaction.claim(post.hands.now(), post.hands.now() + timedelta(seconds=120), "other", 10, (ChannelName.SLACK,))
        return Sent("late")

    post.slack.answers = [takes_too_long]
    assert post.deliver().sent == 0
    assert post.column("messages", "state", "claimed_by") == [("claimed", "other")]


def test_a_lease_that_ran_out_before_the_hand_over_sends_nothing(post: Post) -> None:
    post.form()
    with post.delivery.store.delivering() as transaction:
        message = transaction.claim(post.hands.now(), post.hands.now() + timedelta(seconds=120), "slow", 10, (ChannelName.SLACK,))[0]
        assert not transaction.hand_over(message, post.hands.now() + timedelta(seconds=121))


def test_stopping_releases_what_was_claimed(post: Post, engine: Engine) -> None:
    with engine.begin() as connection:
        add_contract(connection, "C-9", owner_id=1)
    post.sweep()
    post.form()
    stops = iter([False, True])
    assert post.deliver(lambda: next(stops)) == Delivered(sent=1, released=1)
    assert sorted(post.column("messages", "state")) == ["queued", "sent"]
    assert post.deliver() == Delivered(sent=1)


def test_someone_without_any_way_leaves_it_to_the_fallback(engine: Engine) -> None:
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        add_contract(connection, owner_id=ann)
        connection.execute(update(T["people"]).values(slack_id=None, email=None))
    post = Post(engine)
    post.sweep()
    assert post.form().redirected == 1
    assert post.form().messages == 1
    post.deliver()
    assert post.email.sent[0].address == "renewals@example.com"


def test_a_rehearsal_holds_what_would_leave_the_machine(post: Post) -> None:
    post.form()
    assert deliver_batch(replace(post.delivery, loopback_only=True), POLICY) == Delivered(held=1)
    assert post.slack.sent == []
    assert post.column("nudges", "state") == ["held"] * 3


def test_a_message_keeps_its_key_and_window(post: Post) -> None:
    post.form()
    assert post.column("messages", "window_on") == [date(2027, 1, 5)]

"""From a queued message to what became of it, on both databases: never lost, never sent twice by
our own doing."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, insert, select, update
from sqlalchemy.exc import OperationalError

from scheduler.channels.email import EmailChannel, Sender
from scheduler.channels.slack import SlackChannel
from scheduler.channels.smtp_url import Server
from scheduler.core.answers.answer import Answer
from scheduler.core.deal.deal import Lost
from scheduler.core.messages.channels import CHANNELS
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ChannelName, ForecastCall, Verb
from scheduler.ports import Envelope, NotSent, Outcome, Sent, StoreUnavailableError, Unknown
from scheduler.render.renderer import TemplateRenderer
from scheduler.services.answers.answering import answer
from scheduler.services.delivery.deliver import deliver_batch
from scheduler.services.delivery.delivery import Delivered
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.transactions import transactions
from tests.cast import ANN, T1M, T3M, at, policy
from tests.render.shipped import SHIPPED
from tests.servers.slack import TOKEN, SlackServer, lose_reply, rate_limited
from tests.servers.smtp import SmtpServer
from tests.services.delivering import POLICY, BrokenRenderer, Line, Post, PostsRenderer, refuses
from tests.storage.builders import T, add_contract, add_person

LIMITED = NotSent("ratelimited", retry_after=60, scope="slack:T1:chat.postMessage")


def another_message(post: Post) -> int:
    """Bob's, with a contract of his own; the deal's number."""
    with post.engine.begin() as connection:
        deal = add_contract(connection, "C-9", owner_id=1)[1]
    post.sweep()
    return deal


def without_slack(post: Post) -> None:
    """Everybody reads mail only."""
    with post.engine.begin() as connection:
        connection.execute(update(T["people"]).values(slack_id=None))


def say(post: Post, verb: Verb, contract: str, **more: Any) -> None:
    """Ann answers."""
    answer(
        transactions(post.engine, AnswerQueries),
        contract,
        Answer(verb, ANN.name, **more),
        POLICY,
        post.hands.now(),
    )


def test_all_nudges_of_a_person_go_out_in_one_message(post: Post) -> None:
    assert post.form().messages == 1
    assert post.deliver() == Delivered(sent=1)
    assert [e.rendered.text for e in post.slack.sent] == [
        "renewal_3m C-0, renewal_3m C-1, renewal_3m C-2"
    ]
    assert post.column("nudges", "state", "sent_at") == [("sent", post.hands.now())] * 3
    assert post.column("messages", "state", "receipt", "attempts", "lease_until") == [
        ("sent", "ok", 1, None)
    ]
    assert post.column("messages", "subject", "body") == [
        ("nudges", {"text": "renewal_3m C-0, renewal_3m C-1, renewal_3m C-2"})
    ]


def test_doing_it_again_sends_nothing(post: Post) -> None:
    post.form()
    post.deliver()
    assert (post.form().total, post.deliver().total, post.recover().total) == (0, 0, 0)
    assert len(post.slack.sent) == 1


Change = Callable[[Post], None]


def moved_end(post: Post) -> None:
    """The first contract's end is a year later, and the sweep has seen it."""
    with post.engine.begin() as connection:
        connection.execute(
            update(T["contracts"]).where(T["contracts"].c.id == 1).values(ends_on=date(2028, 3, 31))
        )
        connection.execute(
            update(T["deals"])
            .where(T["deals"].c.id == 1)
            .values(wake_at=post.hands.now(), version=T["deals"].c.version + 1)
        )
    post.sweep()


def closed(post: Post) -> None:
    """The first deal is closed, its nudge not yet cancelled."""
    with post.engine.begin() as connection:
        connection.execute(
            update(T["deals"])
            .where(T["deals"].c.id == 1)
            .values(stage="lost", version=T["deals"].c.version + 1)
        )


def withdrawn(post: Post) -> None:
    """The first deal's event no longer stands, its nudge not yet cancelled."""
    with post.engine.begin() as connection:
        connection.execute(
            update(T["events"])
            .where(T["events"].c.deal_id == 1)
            .values(state="withdrawn", was="fired")
        )
        connection.execute(
            update(T["deals"]).where(T["deals"].c.id == 1).values(version=T["deals"].c.version + 1)
        )


CHANGES: dict[str, tuple[Change, str]] = {
    "a call": (lambda post: say(post, Verb.FORECAST, "C-0", call=ForecastCall.RENEW), "said_renew"),
    "seen": (lambda post: say(post, Verb.SEEN, "C-0"), "said_seen"),
    "a snooze": (
        lambda post: say(post, Verb.SNOOZE, "C-0", until=date(2027, 1, 12)),
        "said_snooze",
    ),
    "lost": (lambda post: say(post, Verb.LOST, "C-0", lost=Lost("budget")), "said_lost"),
    "won": (lambda post: say(post, Verb.WON, "C-0"), "said_won"),
    "closed by an import": (closed, "deal_closed"),
    "withdrawn behind the scenes": (withdrawn, "day_gone"),
    "a new end": (moved_end, "anchor_moved"),
}


@pytest.mark.parametrize(("change", "code"), CHANGES.values(), ids=list(CHANGES))
def test_what_no_longer_matters_leaves_its_message(post: Post, change: Change, code: str) -> None:
    post.form()
    change(post)
    assert post.deliver() == Delivered(sent=1)
    assert post.slack.sent[0].rendered.text == "renewal_3m C-1, renewal_3m C-2"
    assert post.column("nudges", "state")[:3] == ["cancelled", "sent", "sent"]
    assert f'"code": "{code}"' in post.column("nudges", "reason")[0]


@pytest.mark.parametrize("change", [change for change, _ in CHANGES.values()], ids=list(CHANGES))
def test_what_changes_while_an_earlier_message_of_the_batch_flies_still_counts(
    post: Post, change: Change
) -> None:
    post.form()
    another_message(post)
    post.form()
    with post.engine.begin() as connection:
        connection.execute(
            update(T["messages"])
            .where(T["messages"].c.address == "U0BOB")
            .values(not_before_at=at("2027-01-04"))
        )

    def meanwhile(envelope: Envelope) -> Outcome:
        if envelope.address == "U0BOB":
            change(post)
        return Sent("ok")

    post.slack.answers = [meanwhile]
    assert post.deliver() == Delivered(sent=2)
    assert [e.rendered.text for e in post.slack.sent] == [
        "renewal_3m C-9",
        "renewal_3m C-1, renewal_3m C-2",
    ]


def test_a_message_about_nothing_is_cancelled(post: Post) -> None:
    post.form()
    for contract in ("C-0", "C-1", "C-2"):
        say(post, Verb.SEEN, contract)
    assert post.deliver() == Delivered(cancelled=1)
    assert post.slack.sent == []
    assert '"code": "nothing_left"' in post.column("messages", "reason")[0]


def test_a_passing_failure_is_tried_again_later(post: Post) -> None:
    post.slack.answers = [NotSent("internal_error"), Sent("ok")]
    post.form()
    assert post.deliver() == Delivered(retried=1)
    assert post.deliver().total == 0
    post.later(seconds=40)
    assert post.deliver() == Delivered(sent=1)


def test_admins_hear_once_of_a_message_that_does_not_get_through(post: Post) -> None:
    post.slack.answers = [NotSent("internal_error")]
    post.form()
    for _ in range(12):
        post.deliver()
        post.later(minutes=40)
    assert [e.rendered.text for e in post.email.sent] == [
        "a message cannot be delivered (slack:U0ANN)"
    ]
    assert post.column("messages", "attempts")[0] > 5


def test_a_limit_stops_the_rest_of_the_batch_too(post: Post) -> None:
    another_message(post)
    post.form()
    post.slack.answers = [LIMITED, Sent("ok")]
    assert post.deliver() == Delivered(retried=1, released=1)
    assert len(post.slack.sent) == 1
    assert sorted(post.column("messages", "state", "attempts")) == [("queued", 0), ("queued", 1)]
    assert post.deliver() == Delivered(), "nobody asks before the limit is over"
    post.later(seconds=61)
    assert post.deliver() == Delivered(sent=2)


def test_a_limit_that_another_machine_met_is_heeded_by_what_is_claimed_already(post: Post) -> None:
    post.form()
    message = post.claim("other")[0]
    with post.worker.delivering() as transaction:
        transaction.limit(
            "slack:T1:chat.postMessage", post.hands.now() + timedelta(seconds=30), "ratelimited"
        )
    with post.worker.delivering() as transaction:
        assert not transaction.hand_over(message, post.hands.now())
        assert transaction.hand_over(message, post.hands.now() + timedelta(seconds=30))


def test_a_limit_of_slack_does_not_hold_mail(post: Post) -> None:
    with post.engine.begin() as connection:
        connection.execute(
            insert(T["limits"]).values(
                scope="slack:T1:chat.postMessage",
                until_at=post.hands.now() + timedelta(hours=1),
                reason="",
            )
        )
        connection.execute(update(T["people"]).where(T["people"].c.id == 1).values(slack_id=None))
    another_message(post)
    post.form()
    assert post.deliver() == Delivered(sent=1)
    assert [e.address for e in post.email.sent] == ["bob@example.com"]


def test_a_permanent_failure_takes_the_next_way_and_tells_the_admins(post: Post) -> None:
    post.slack.answers = [NotSent("account_inactive", permanent=True)]
    post.form()
    assert post.deliver() == Delivered(dead=1)
    assert post.deliver() == Delivered(sent=2)
    assert sorted((e.address, e.rendered.subject) for e in post.email.sent) == [
        ("admin@example.com", "alert"),
        ("ann@example.com", "nudges"),
    ]
    assert post.column("nudges", "state") == ["sent"] * 3
    assert '"code": "instead"' in post.column("messages", "reason")[1]


def test_when_every_way_of_a_person_fails_the_manager_gets_it(post: Post) -> None:
    post.slack.answers = [refuses("U0ANN")]
    post.email.answers = [refuses("ann@example.com")]
    post.form()
    for _ in range(4):
        post.deliver()
    assert ("U0BOB", "nudges") in [(e.address, e.rendered.subject) for e in post.slack.sent]
    assert post.column("nudges", "state") == ["sent"] * 3
    assert [
        r for r in post.column("messages", "reason") if '"code": "went_on", "to": "person:1"' in r
    ]


def test_when_the_manager_cannot_be_reached_either_the_fallback_gets_it(post: Post) -> None:
    post.slack.answers = [NotSent("gone", permanent=True)]
    post.email.answers = [refuses("ann@example.com", "bob@example.com")]
    post.form()
    for _ in range(6):
        post.deliver()
    assert ("renewals@example.com", "nudges") in [
        (e.address, e.rendered.subject) for e in post.email.sent
    ]
    assert post.column("nudges", "state") == ["sent"] * 3


def test_one_persons_dead_fallback_message_does_not_close_the_fallback_to_another(
    post: Post,
) -> None:
    another_message(post)
    post.slack.answers = [NotSent("account_inactive", permanent=True)]
    bad = iter([NotSent("the mail has a smuggled header", permanent=True)])

    def mail(envelope: Envelope) -> Outcome:
        if envelope.address == "renewals@example.com":
            return next(bad, Sent("ok"))
        return (
            NotSent("no such mailbox", permanent=True)
            if envelope.rendered.subject == "nudges"
            else Sent("ok")
        )

    post.email.answers = [mail]
    post.form()
    for _ in range(8):
        post.deliver()
    assert Counter(post.column("nudges", "state")) in (
        Counter(dead=3, sent=1),
        Counter(dead=1, sent=3),
    )


def test_when_even_the_fallback_fails_the_nudges_are_dead_and_counted(post: Post) -> None:
    post.slack.answers = post.email.answers = [NotSent("gone", permanent=True)]
    post.form()
    total = sum((post.deliver() for _ in range(8)), Delivered())
    assert post.column("nudges", "state", "reason") == [("dead", "gone")] * 3
    assert total.undeliverable_alerts == ("email:admin@example.com: gone",) * 5, (
        "one for each way that failed; the log has what no admin could be told"
    )


def test_without_admins_the_log_is_told(post: Post) -> None:
    post.slack.answers = [NotSent("gone", permanent=True)]
    post.form()
    assert deliver_batch(post.worker, replace(policy(), admins=())).undeliverable_alerts == (
        "slack:U0ANN: gone",
    )


def test_a_digest_takes_the_next_way_too(post: Post) -> None:
    with post.engine.begin() as connection:
        row = {
            "key": "d1",
            "kind": "digest",
            "recipient": "person:2",
            "person_id": 2,
            "channel": "slack",
            "address": "U0ANN",
            "facts": {"title": "t"},
        }
        connection.execute(
            insert(T["messages"]).values(
                **row, created_at=post.hands.now(), not_before_at=post.hands.now()
            )
        )
    post.slack.answers = [NotSent("account_inactive", permanent=True)]
    for _ in range(3):
        post.deliver()
    assert ("ann@example.com", "digest", "t") in [
        (e.address, e.rendered.subject, e.rendered.text) for e in post.email.sent
    ]


def test_a_message_that_cannot_be_rendered_does_not_stop_the_others(post: Post) -> None:
    post.worker = replace(post.worker, renderer=BrokenRenderer())
    post.form()
    for _ in range(6):
        post.deliver()
    assert "RuntimeError: the template is broken" in post.column("messages", "reason")[0]
    assert Counter(post.column("messages", "kind", "state")) == Counter(
        {("nudges", "dead"): 5, ("alert", "sent"): 5}
    )
    assert post.column("nudges", "state") == ["dead"] * 3


def test_a_template_that_fails_falls_back_to_the_shipped_text_and_says_so(post: Post) -> None:
    post.worker = replace(
        post.worker,
        renderer=TemplateRenderer(SHIPPED, {"en/bundle/slack.txt": "hello\n{{ custommer }}"}),
    )
    post.form()
    assert post.deliver() == Delivered(sent=1)
    assert "Customer 1" in post.slack.sent[0].rendered.text
    because = "templates/messages/en/bundle/slack.txt:2: nothing is known as custommer"
    assert post.column("messages", "reason")[0].startswith(because)
    assert all(reason.startswith(because) for reason in post.column("nudges", "reason"))


def test_a_template_that_fails_with_a_real_contract_is_told_to_the_admins_once(post: Post) -> None:
    """The samples that are tried when it is saved have no such customer."""
    for name in ("custommer", "contrract"):
        broken = {"en/bundle/slack.txt": f"{{% if count == 3 %}}{{{{ {name} }}}}{{% endif %}}"}
        post.worker = replace(post.worker, renderer=TemplateRenderer(SHIPPED, broken))
        post.form()
        post.deliver()
        post.deliver()
        with post.engine.begin() as connection:
            connection.execute(update(T["nudges"]).values(state="waiting", message_id=None))
        post.later(hours=48)
    said = post.column("messages", "reason")
    assert [sum(name in (s or "") for s in said) for name in ("custommer", "contrract")] == [1, 1]
    [told] = [e.rendered for e in post.email.sent if "template" in e.rendered.subject]
    assert "nothing is known as custommer" in told.text
    assert "renewals messages 1" in told.text


OUTCOMES: dict[str, Outcome] = {
    "sent": Sent("late"),
    "unknown": Unknown("the reply was lost"),
    "passing": NotSent("busy"),
    "limited": LIMITED,
    "permanent": NotSent("gone", permanent=True),
}


@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=list(OUTCOMES))
def test_a_late_workers_record_is_refused(post: Post, outcome: Outcome) -> None:
    post.form()

    def takes_too_long(envelope: Envelope) -> Outcome:
        post.later(seconds=200)
        post.recover()
        post.claim("other")
        return outcome

    post.slack.answers = [takes_too_long]
    assert post.deliver() == Delivered()
    assert post.column("messages", "state", "claimed_by", "fence") == [("claimed", "other", 3)]
    assert post.column("nudges", "state") == ["waiting"] * 3


def test_a_late_worker_may_still_say_what_nobody_has_looked_at(post: Post) -> None:
    post.form()

    def slow(envelope: Envelope) -> Outcome:
        post.later(seconds=130)
        with post.worker.delivering() as transaction:
            assert transaction.expired(post.hands.now(), 10)
        return Sent("late but true")

    post.slack.answers = [slow]
    assert post.deliver() == Delivered(sent=1)


def test_a_lease_that_ran_out_before_the_hand_over_sends_nothing(post: Post) -> None:
    post.form()
    message = post.claim("slow")[0]
    with post.worker.delivering() as transaction:
        assert not transaction.hand_over(message, post.hands.now() + timedelta(seconds=121))


def test_a_batch_that_outlives_its_lease_gives_the_rest_back(post: Post) -> None:
    another_message(post)
    post.form()

    def slow(envelope: Envelope) -> Outcome:
        post.later(seconds=121)
        return Sent("ok")

    post.slack.answers = [slow, Sent("ok")]
    assert post.deliver() == Delivered(sent=1, released=1)
    assert post.deliver() == Delivered(sent=1)
    assert len({e.key for e in post.slack.sent}) == 2


def test_a_worker_too_late_does_not_cancel_what_joined_meanwhile(post: Post) -> None:
    post.form()
    for contract in ("C-0", "C-1", "C-2"):
        say(post, Verb.SEEN, contract)
    post.sweep()
    delivering = post.worker.delivering

    class Frozen:
        """A store whose owner stands still between claim and hand-over."""

        steps = 0

        @contextmanager
        def __call__(self, *, keep: bool = True) -> Iterator[Any]:
            if self.steps == 1:
                post.later(seconds=121)
                post.recover()
                with post.engine.begin() as connection:
                    add_contract(connection, "C-9", owner_id=2)
                post.sweep()
                assert post.form().joined == 1
            self.steps += 1
            with delivering() as transaction:
                yield transaction

    assert deliver_batch(replace(post.worker, delivering=Frozen()), POLICY).sent == 0
    post.deliver()
    assert [e.rendered.text for e in post.slack.sent] == ["renewal_3m C-9"]


@pytest.mark.parametrize(("configured", "seconds"), [(10.0, 10.0), (300.0, 45.0)])
def test_a_sending_ends_before_anybody_may_look_the_message_up(
    post: Post, configured: float, seconds: float
) -> None:
    post.worker = replace(post.worker, send_seconds=configured, lease=timedelta(seconds=600))
    post.form()
    post.deliver()
    assert post.slack.seconds == [seconds]
    assert timedelta(seconds=seconds) < CHANNELS[ChannelName.SLACK].settle


def test_stopping_releases_what_was_claimed(post: Post) -> None:
    another_message(post)
    post.form()
    stops = iter([False, True])
    assert post.deliver(lambda: next(stops)) == Delivered(sent=1, released=1)
    assert sorted(post.column("messages", "state", "lease_until")) == [
        ("queued", None),
        ("sent", None),
    ]
    assert post.deliver() == Delivered(sent=1)


def test_a_rehearsal_holds_what_would_leave_the_machine(post: Post) -> None:
    post.form()
    assert deliver_batch(replace(post.worker, loopback_only=True), POLICY) == Delivered(held=1)
    assert post.slack.sent == []
    assert post.column("nudges", "state") == ["held"] * 3


@contextmanager
def failing(engine: Engine, mark: str, error: BaseException) -> Iterator[None]:
    """The database fails at every statement that begins with `mark`."""

    def fail(connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(mark):
            raise error

    event.listen(engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", fail)


@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=list(OUTCOMES))
def test_what_became_of_a_message_outlives_a_database_that_fails(
    post: Post, outcome: Outcome
) -> None:
    without_slack(post)
    post.form()
    away = StoreUnavailableError(
        Label.given({"ja": "切れた", "en": "the connection was lost"}), passing=True
    )

    def send(envelope: Envelope) -> Outcome:
        with post.engine.begin() as connection:
            connection.execute(update(T["people"]).values(team="reached"))
        event.listen(post.engine, "begin", fails)
        return outcome

    def fails(connection: Connection) -> None:
        raise away

    post.email.answers = [send, refuses()]
    with pytest.raises(StoreUnavailableError):
        post.deliver()
    with pytest.raises(StoreUnavailableError):
        post.deliver()
    event.remove(post.engine, "begin", fails)
    assert post.column("messages", "state") == ["handed_over"]
    post.later(seconds=1)
    post.deliver()
    state = {
        "sent": "sent",
        "unknown": "unknown",
        "passing": "queued",
        "limited": "queued",
        "permanent": "dead",
    }
    expected = next(state[name] for name, value in OUTCOMES.items() if value is outcome)
    assert post.column("messages", "state")[0] == expected
    assert post.worker.unrecorded == []


@pytest.mark.parametrize("kept", [True, False], ids=["hand-over kept", "hand-over lost"])
def test_what_was_claimed_when_the_database_failed_goes_out_as_soon_as_it_is_back(
    post: Post, kept: bool
) -> None:
    another_message(post)
    post.form()
    delivering, steps = post.worker.delivering, iter([False, False, True])

    class Fails:
        """A store whose third commit fails: the record of one message, the hand-over of the
        next."""

        @contextmanager
        def __call__(self, *, keep: bool = True) -> Iterator[Any]:
            fails = next(steps, False)
            with delivering(keep=kept or not fails) as transaction:
                yield transaction
            if fails:
                raise StoreUnavailableError(
                    Label.given({"ja": "切れた", "en": "the connection was lost"}), passing=True
                )

    post.worker = replace(post.worker, delivering=Fails())
    with pytest.raises(StoreUnavailableError):
        post.deliver()
    assert len(post.slack.sent) == 1
    assert post.worker.open
    total = post.deliver()
    assert (total.sent, total.released) == (1 if kept else 2, 1)
    assert post.column("messages", "state") == ["sent", "sent"]
    assert len(post.slack.sent) == 2


@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=list(OUTCOMES))
def test_a_record_that_was_kept_although_the_process_heard_otherwise_is_not_made_twice(
    post: Post, outcome: Outcome
) -> None:
    post.form()
    post.slack.answers = [outcome]
    delivering = post.worker.delivering
    steps = iter([False, False, True])

    class Misheard:
        """A store whose third commit, the record, succeeds but is reported as failed."""

        @contextmanager
        def __call__(self, *, keep: bool = True) -> Iterator[Any]:
            with delivering() as transaction:
                yield transaction
            if next(steps, False):
                raise StoreUnavailableError(
                    Label.given({"ja": "切れた", "en": "the connection was lost"}), passing=True
                )

    post.worker = replace(post.worker, delivering=Misheard())
    with pytest.raises(StoreUnavailableError):
        post.deliver()
    before = post.column("messages", "state", "key", "unknowns", "attempts", "reason")
    post.slack.answers = []
    post.deliver(lambda: True)
    assert post.column("messages", "state", "key", "unknowns", "attempts", "reason") == before
    assert post.worker.unrecorded == []


def test_a_record_that_the_database_will_never_take_is_left_to_recovery(post: Post) -> None:
    post.form()
    with (
        failing(post.engine, "UPDATE messages SET subject", RuntimeError("a bug")),
        pytest.raises(RuntimeError),
    ):
        post.deliver()
    assert post.worker.unrecorded == [], "the next batch is not held up"
    assert post.deliver() == Delivered()
    post.later(seconds=300)
    post.slack.found = Sent("C1/1.2")
    assert post.recover().sent == 1
    assert len(post.slack.sent) == 1


def test_a_driver_error_while_rendering_does_not_bury_the_message(post: Post) -> None:
    post.form()
    broken = OperationalError("SELECT", {}, Exception("disk I/O error"))
    with (
        failing(post.engine, "SELECT people.id", broken),
        pytest.raises((OperationalError, StoreUnavailableError)),
    ):
        post.deliver()
    assert "dead" not in post.column("messages", "state")


def test_a_message_of_several_posts_is_finished_as_it_began(post: Post) -> None:
    with SlackServer() as slack:
        post.channels[ChannelName.SLACK] = SlackChannel(TOKEN, slack.url)
        post.worker = replace(post.another_worker(), renderer=PostsRenderer())
        post.form()
        slack.next("chat.postMessage", rate_limited(1))
        assert post.deliver() == Delivered(retried=1)
        post.later(seconds=2)
        slack.next("chat.postMessage", *[FINE], rate_limited(1))
        assert post.deliver() == Delivered(retried=1)
        say(post, Verb.SEEN, "C-0")
        with post.engine.begin() as connection:
            add_contract(connection, "C-9", owner_id=2)
        post.sweep()
        assert post.form().joined == 0, "nothing joins what began to go out"
        post.later(seconds=2)
        assert post.deliver() == Delivered(sent=1)
        assert [p.blocks[0]["text"]["text"] for p in slack.posts] == ["C-0", "C-1", "C-2"]
        assert len({p.thread_ts for p in slack.posts[1:]}) == 1


def test_a_thread_whose_process_died_in_the_middle_is_completed(post: Post) -> None:
    with SlackServer() as slack:
        post.channels[ChannelName.SLACK] = SlackChannel(TOKEN, slack.url)
        post.worker = replace(post.another_worker(), renderer=PostsRenderer())
        post.form()
        slack.next("chat.postMessage", FINE, lose_reply(), rate_limited(1))
        assert post.deliver() == Delivered(unknown=1)
        say(post, Verb.SEEN, "C-1")
        post.later(seconds=61)
        assert post.recover().queued == 1
        post.later(seconds=2)
        post.deliver()
        post.later(seconds=2)
        post.deliver()
        assert [p.blocks[0]["text"]["text"] for p in slack.posts] == ["C-0", "C-1", "C-2"]
        assert post.column("messages", "state") == ["sent"]


FINE = replace(lose_reply(), cut=False)


def test_a_mail_server_that_takes_so_many_mails_in_a_connection_gets_them_all_once(
    engine: Engine,
) -> None:
    with engine.begin() as connection:
        for n in range(110):
            person = add_person(
                connection,
                f"Person {n}",
                email=f"p{n}@example.com",
                zone=ANN.zone,
                calendar="weekdays",
                language="en",
            )
            add_contract(connection, f"C-{n}", owner_id=person)
    with SmtpServer(mails_per_session=50) as smtp:
        post = Post(engine)
        post.channels[ChannelName.EMAIL] = EmailChannel(
            Server.parse(smtp.url), Sender.parse("Renewals <r@example.com>")
        )
        post.sweep()
        while post.form().total:
            pass
        delivered = Delivered()
        while (step := post.deliver()).total:
            delivered += step
        post.channels[ChannelName.EMAIL].close()
    assert delivered == Delivered(sent=110)
    assert Counter(m.recipients for m in smtp.mails) == Counter(
        {(f"p{n}@example.com",): 1 for n in range(110)}
    )
    assert smtp.sessions == 3


def test_eight_workers_at_once_send_every_message_exactly_once(engine: Engine) -> None:
    with engine.begin() as connection:
        for n in range(60):
            person = add_person(
                connection,
                f"Person {n}",
                slack_id=f"U{n:03}",
                zone=ANN.zone,
                calendar="weekdays",
                language="en",
            )
            add_contract(connection, f"C-{n}", owner_id=person)
    lock, arrived, errors = threading.Lock(), Counter[str](), list[Exception]()

    def arrives(envelope: Envelope) -> Outcome:
        with lock:
            arrived[envelope.key] += 1
        return Sent("ok")

    post = Post(engine, slack=Line(ChannelName.SLACK, [arrives]))
    post.sweep()

    def work() -> None:
        worker = replace(post.another_worker(), batch=3)
        try:
            while post.form().total or deliver_batch(worker, POLICY).total:
                pass
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while post.form().total or post.deliver().total:
        pass
    assert errors == []
    assert (len(arrived), set(arrived.values())) == (60, {1})
    with engine.begin() as connection:
        assert set(connection.execute(select(T["nudges"].c.state)).scalars()) == {"sent"}


def test_later_milestones_leave_their_message_when_the_policy_forgets_them(post: Post) -> None:
    post.form()
    post.policy = policy(T1M, version=2)
    with post.engine.begin() as connection:
        connection.execute(update(T["deals"]).values(wake_at=post.hands.now()))
    post.sweep()
    assert deliver_batch(post.worker, post.policy) == Delivered(cancelled=1)
    assert T3M not in post.policy.milestones

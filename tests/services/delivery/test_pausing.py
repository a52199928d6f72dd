"""A broken channel is not a broken message, on SQLite and PostgreSQL: paused once, told once,
nothing lost, everything sent when it works again."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import update

from scheduler.core.messages.circuit_breaker import ASK_AGAIN, FIRST_PROBE, TELL_AFTER
from scheduler.core.messages.faults import FaultKind, FaultScope
from scheduler.core.words.lexicon import ChannelName
from scheduler.ports import Envelope, NotSent, Outcome, Sent, Unknown
from scheduler.services.delivery.channel_pauses import ChannelNews
from scheduler.services.delivery.deliver import deliver_batch
from scheduler.services.delivery.delivery import Delivered
from scheduler.storage.database.transactions import transactions
from scheduler.storage.delivery.delivering import DeliveryQueries
from tests.services.delivering import Post
from tests.storage.builders import T, add_contract, add_person

REVOKED = NotSent(
    "token_revoked: install the app again",
    fault_scope=FaultScope.CHANNEL,
    fault_kind=FaultKind.ACCESS,
)
GONE = NotSent(
    "Slack could not be reached", fault_scope=FaultScope.CHANNEL, fault_kind=FaultKind.NETWORK
)
DENIED = NotSent("550 5.7.1 relaying denied", permanent=True, fault_scope=FaultScope.REFUSED)
NOBODY = NotSent("550 5.1.1 no such user", permanent=True, fault_scope=FaultScope.REFUSED)
GREYLISTED = NotSent(
    "the mail server answered RCPT TO with 451 4.7.1 greylisted, try again in 5 minutes",
    fault_scope=FaultScope.REFUSED,
)
TEAM = 6


@pytest.fixture
def team(post: Post) -> Post:
    """Six more people with a contract each, who read Slack and mail."""
    with post.engine.begin() as connection:
        for n in range(TEAM):
            person = add_person(
                connection, f"Rep {n}", email=f"rep{n}@example.com", slack_id=f"UREP{n}"
            )
            add_contract(connection, f"R-{n}", owner_id=person, customer=f"Theirs {n}")
    post.sweep()
    post.form()
    return post


@pytest.fixture
def mailing(team: Post) -> Post:
    """The same, where nobody reads Slack."""
    with team.engine.begin() as connection:
        connection.execute(update(T["people"]).values(slack_id=None))
        connection.execute(
            update(T["messages"]).values(
                channel="email", address=T["messages"].c.recipient + "@example.com"
            )
        )
    return team


def until_quiet(post: Post) -> Delivered:
    """Batch after batch until nothing is done."""
    total = batch = post.deliver()
    while batch.total:
        total += (batch := post.deliver())
    return total


def states(post: Post) -> Counter[tuple[str, str]]:
    """How many messages stand where, by channel."""
    return Counter(
        (channel, state) for channel, state in post.column("messages", "channel", "state")
    )


def alerts(post: Post) -> list[str]:
    """To whom alerts went, or wait to go."""
    return [
        address for kind, address in post.column("messages", "kind", "address") if kind == "alert"
    ]


def test_a_revoked_token_is_tried_once_told_once_and_everybody_hears_by_mail(team: Post) -> None:
    team.slack.answers = [REVOKED]
    total = until_quiet(team)
    assert len(team.slack.sent) == 1
    assert [e.address for e in team.email.sent if "paused" in e.rendered.text] == [
        "admin@example.com"
    ]
    assert states(team) == {("email", "sent"): TEAM + 2}
    assert set(team.column("nudges", "state")) == {"sent"}
    assert total.news == (
        ChannelNews(
            ChannelName.SLACK,
            True,
            REVOKED.because,
            TEAM + 1,
            team.hands.now() + FIRST_PROBE[FaultKind.ACCESS],
            1,
        ),
    )


def test_who_comes_after_two_in_doubt_waits_and_hears_by_mail_if_it_lasts(team: Post) -> None:
    team.slack.answers = [Unknown("Slack failed during chat.postMessage (HTTP 503)")]
    begun = until_quiet(team)
    assert (begun.unknown, [n.heard for n in begun.news]) == (2, [None])
    assert states(team)["slack", "queued"] == TEAM - 1
    team.later(minutes=6)
    until_quiet(team)
    assert states(team)["slack", "queued"] == 0
    assert states(team)["slack", "unknown"] == len(team.slack.sent), "those and the probes"
    assert len(alerts(team)) == 1


def test_who_has_no_other_way_waits_in_the_queue_and_hears_when_it_works_again(
    mailing: Post,
) -> None:
    mailing.email.answers = [
        NotSent(
            "535 5.7.8 bad credentials", fault_scope=FaultScope.CHANNEL, fault_kind=FaultKind.ACCESS
        )
    ]
    total = until_quiet(mailing)
    assert [n.heard for n in total.news] == [0], (
        "the admins read mail only: the log is all there is"
    )
    assert (len(mailing.email.sent), states(mailing)) == (1, {("email", "queued"): TEAM + 1})
    assert set(mailing.column("messages", "attempts")) == {0}
    mailing.later(minutes=9, seconds=59)
    assert until_quiet(mailing) == Delivered()
    mailing.later(seconds=1)
    probe = until_quiet(mailing)
    assert (len(mailing.email.sent), probe.retried, probe.news) == (2, 1, ())
    mailing.email.answers = []
    mailing.later(minutes=20)
    total = until_quiet(mailing)
    assert total.sent == TEAM + 2
    assert [(n.paused, n.heard) for n in total.news] == [(False, 1)]
    assert alerts(mailing) == ["admin@example.com"], "said once"


def test_a_configuration_that_was_changed_is_tried_at_once(mailing: Post) -> None:
    mailing.email.answers = [
        NotSent(
            "535 5.7.8 bad credentials", fault_scope=FaultScope.CHANNEL, fault_kind=FaultKind.ACCESS
        )
    ]
    until_quiet(mailing)
    mailing.email.answers = []
    restarted = mailing.another_worker()
    assert deliver_batch(restarted, mailing.policy).total == 0, (
        "the same password is not tried before its time"
    )
    restarted = mailing.another_worker(
        transactions(
            mailing.engine,
            partial(DeliveryQueries, setups={ChannelName.EMAIL: "another password"}),
        )
    )
    assert deliver_batch(restarted, mailing.policy).sent == TEAM + 1


def test_a_moment_s_trouble_is_told_to_nobody_and_what_lasts_is(team: Post) -> None:
    team.slack.answers, team.slack.problems = [GONE], [GONE.because]
    total = until_quiet(team)
    assert ([n.heard for n in total.news], states(team)) == (
        [None],
        {("slack", "queued"): TEAM + 1},
    )
    news: tuple[ChannelNews, ...] = ()
    begun = team.hands.now()
    while team.hands.now() - begun < TELL_AFTER + timedelta(minutes=5):
        team.later(seconds=30)
        news += until_quiet(team).news
    assert [n.heard for n in news] == [1]
    assert states(team)["email", "sent"] == TEAM + 2, "what does not pass is gone around"


def test_a_relay_that_refuses_everybody_loses_nothing(mailing: Post) -> None:
    mailing.email.answers = [DENIED]
    total = until_quiet(mailing)
    assert len(mailing.email.sent) == 2, "two who are refused alike are everybody"
    assert states(mailing) == {("email", "queued"): TEAM + 1}
    assert [n.heard for n in total.news] == [None]
    mailing.later(minutes=2)
    assert [n.heard for n in until_quiet(mailing).news] == [0], "borne out by a probe"
    mailing.email.answers = []
    mailing.later(minutes=4)
    assert until_quiet(mailing).sent == TEAM + 2
    assert set(mailing.column("nudges", "state")) == {"sent"}


def greylists(post: Post, delay: timedelta) -> Callable[[Envelope], Outcome]:
    """A server that takes a recipient's mail only so long after the first try."""
    first: dict[str, datetime] = {}

    def answer(envelope: Envelope) -> Outcome:
        begun = first.setdefault(envelope.address, post.hands.now())
        return Sent("ok") if post.hands.now() - begun >= delay else GREYLISTED

    return answer


@pytest.mark.parametrize("begins_with", ["a working server", "a server that was down"])
def test_behind_a_server_that_greylists_everybody_hears_within_minutes(
    mailing: Post, begins_with: str
) -> None:
    news: tuple[ChannelNews, ...] = ()
    if begins_with == "a server that was down":
        mailing.email.answers = [GONE]
        news += until_quiet(mailing).news
        mailing.later(minutes=1)
    mailing.email.answers = [greylists(mailing, timedelta(minutes=5))]
    for _ in range(20):
        news += until_quiet(mailing).news
        mailing.later(seconds=30)
    assert states(mailing) == {("email", "sent"): TEAM + 1}
    assert alerts(mailing) == []
    assert [n.paused for n in news] == ([] if begins_with == "a working server" else [True, False])


def test_a_server_that_refuses_everybody_for_now_and_for_long_is_told_once(mailing: Post) -> None:
    mailing.email.answers = [GREYLISTED]
    news: tuple[ChannelNews, ...] = ()
    for _ in range(40):
        news += until_quiet(mailing).news
        mailing.later(seconds=30)
    assert [n.heard for n in news] == [None, 0], "paused; and borne out by a probe"
    assert states(mailing) == {("email", "queued"): TEAM + 1}
    assert alerts(mailing) == []


def test_a_probe_is_somebody_else_s_message_each_time(mailing: Post) -> None:
    mailing.email.answers = [DENIED]
    until_quiet(mailing)
    for _ in range(3):
        mailing.later(minutes=30)
        until_quiet(mailing)
    assert len({e.address for e in mailing.email.sent}) == len(mailing.email.sent) == 5


def test_one_who_is_refused_among_others_is_dead_and_his_nudges_go_on(mailing: Post) -> None:
    def no_such_user(envelope: Envelope) -> Outcome:
        return NOBODY if envelope.address.startswith("person:2@") else Sent("ok")

    mailing.email.answers = [no_such_user]
    total = until_quiet(mailing)
    assert (total.dead, total.news) == (1, ())
    assert Counter(mailing.column("nudges", "state")) == {"sent": TEAM + 3}, (
        "by the manager or the fallback"
    )


def test_a_probe_that_meets_one_whom_nobody_knows_ends_the_pause_of_all(mailing: Post) -> None:
    mailing.email.answers = [GONE]
    until_quiet(mailing)
    mailing.later(minutes=1)
    mailing.email.answers = [NOBODY, Sent("ok")]
    total = until_quiet(mailing)
    assert [n.paused for n in total.news] == [False]
    assert states(mailing) == {("email", "sent"): TEAM + 1}, "also who was refused, asked again"


def test_one_alone_is_asked_again_before_it_is_believed(post: Post) -> None:
    with post.engine.begin() as connection:
        connection.execute(update(T["people"]).values(slack_id=None))
    post.form()
    post.email.answers = [lambda e: NOBODY if e.address == "ann@example.com" else Sent("ok")]
    for _ in range(2):
        assert post.deliver().retried == 1
        assert post.deliver().total == 0
        post.hands.at += ASK_AGAIN
    assert post.deliver().dead == 1


def test_what_another_worker_claimed_before_the_pause_is_not_handed_over(team: Post) -> None:
    other = team.claim("other", 3)
    team.slack.answers = [REVOKED]
    until_quiet(team)
    with team.worker.delivering() as transaction:
        assert [transaction.hand_over(m, team.hands.now()) for m in other] == [False] * 3


def test_a_message_that_may_have_arrived_goes_no_other_way(team: Post) -> None:
    with team.engine.begin() as connection:
        connection.execute(update(T["messages"]).where(T["messages"].c.id == 1).values(unknowns=1))
    team.slack.answers = [REVOKED]
    until_quiet(team)
    assert states(team)["slack", "queued"] == 1


def emptied(post: Post, fault_kind: FaultKind) -> None:
    """Mail failed with the only message there was, which was answered since."""
    post.email.answers = [
        NotSent("535 5.7.8 bad credentials", fault_scope=FaultScope.CHANNEL, fault_kind=fault_kind)
    ]
    post.deliver()
    with post.engine.begin() as connection:
        connection.execute(update(T["messages"]).values(state="cancelled"))


@pytest.fixture
def one_mail(post: Post) -> Post:
    with post.engine.begin() as connection:
        connection.execute(update(T["people"]).values(slack_id=None))
    post.form()
    return post


def test_a_paused_channel_for_which_nothing_waits_is_looked_at_and_told_to_work_again(
    one_mail: Post,
) -> None:
    emptied(one_mail, FaultKind.ACCESS)
    one_mail.email.problems = ["still refused"]
    one_mail.later(minutes=9, seconds=59)
    assert (one_mail.deliver().news, one_mail.email.checks) == ((), 0)
    one_mail.later(seconds=1)
    assert (one_mail.deliver().news, one_mail.email.checks) == ((), 1)
    one_mail.email.problems = []
    one_mail.later(minutes=19)
    assert (one_mail.deliver().news, one_mail.email.checks) == ((), 1), (
        "its intervals grow as with messages"
    )
    one_mail.later(minutes=1)
    assert [(n.channel, n.paused) for n in one_mail.deliver().news] == [(ChannelName.EMAIL, False)]
    assert (len(one_mail.email.sent), one_mail.email.checks) == (1, 2)


@pytest.mark.parametrize("stops", [False, True])
def test_a_look_keeps_no_message_waiting_and_whoever_is_stopping_does_not_look(
    one_mail: Post, stops: bool
) -> None:
    emptied(one_mail, FaultKind.ACCESS)
    with one_mail.engine.begin() as connection:
        add_contract(
            connection,
            "R-1",
            owner_id=add_person(connection, "Rep", slack_id="UREP"),
            customer="Theirs",
        )
    one_mail.sweep()
    one_mail.form()
    one_mail.later(minutes=10)
    sent_before: list[int] = []
    one_mail.email.while_checking = lambda: sent_before.append(len(one_mail.slack.sent))
    assert one_mail.deliver(stop=lambda: stops and bool(one_mail.slack.sent)).sent == 1
    assert sent_before == ([] if stops else [1])


def test_what_no_look_can_show_waits_for_a_message(one_mail: Post) -> None:
    emptied(one_mail, FaultKind.SETUP)
    one_mail.later(hours=3)
    assert (one_mail.deliver().news, one_mail.email.checks) == ((), 0)


def test_while_a_message_waits_it_is_the_probe(one_mail: Post) -> None:
    one_mail.email.answers = [
        NotSent("421", fault_scope=FaultScope.CHANNEL, fault_kind=FaultKind.BUSY)
    ]
    one_mail.deliver()
    one_mail.later(minutes=5)
    one_mail.deliver()
    assert (len(one_mail.email.sent), one_mail.email.checks) == (2, 0)

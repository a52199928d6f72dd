"""Posted messages show what became of them: in every copy, whoever answered, and again until they
do; on both databases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, update

from scheduler.core.answers.answer import Answer
from scheduler.core.words.lexicon import ChannelName, ForecastCall, Verb
from scheduler.ports import Envelope, NotSent, Outcome, Sent, Unknown
from scheduler.services.answers.answering import answer, undo
from scheduler.services.delivery.refresh import Refreshed, refresh_once
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
from scheduler.storage.database.transactions import begun, transactions
from scheduler.storage.delivery.refreshing import RefreshQueries
from tests.cast import ANN, at
from tests.services.delivering import POLICY, BrokenRenderer, Post
from tests.storage.builders import T, add_cast, add_contract


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An up-to-date database."""
    engine = open_engine(database_url)
    upgrade(engine, at("2026-04-01"))
    yield engine
    engine.dispose()


@pytest.fixture
def post(engine: Engine) -> Post:
    """Ann was told of two contracts in one message on Slack, on a Tuesday at ten."""
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        for n in range(2):
            add_contract(connection, f"C-{n}", owner_id=ann, customer=f"Customer {n}")
    post = Post(engine)
    post.slack.answers = [Sent("D0ANN/1.5")]
    post.sweep()
    post.form()
    post.deliver()
    return post


def say(
    post: Post,
    verb: Verb = Verb.FORECAST,
    contract: str = "C-0",
    call: ForecastCall | None = ForecastCall.RENEW,
) -> None:
    """Ann answers from somewhere else."""
    answer(
        transactions(post.engine, AnswerQueries),
        contract,
        Answer(verb, ANN.name, call=call),
        POLICY,
        post.hands.now(),
    )


def refresh(post: Post) -> Refreshed:
    return refresh_once(transactions(post.engine, RefreshQueries), post.delivery, POLICY)


def test_nothing_is_updated_until_somebody_answers(post: Post) -> None:
    assert refresh(post) == Refreshed()
    say(post)
    assert refresh(post) == Refreshed(updated=1)
    assert refresh(post) == Refreshed()


def test_the_update_says_all_that_the_message_carried_also_what_is_settled(post: Post) -> None:
    say(post)
    refresh(post)
    ((receipt, envelope),) = post.slack.updated
    assert receipt == "D0ANN/1.5"
    assert envelope.rendered.text == "renewal_3m C-0, renewal_3m C-1"
    assert envelope.key == post.slack.sent[0].key


def test_an_undone_answer_is_shown_as_undone(post: Post) -> None:
    say(post)
    refresh(post)
    undo(transactions(post.engine, AnswerQueries), "C-0", ANN.name, post.hands.now())
    assert refresh(post) == Refreshed(updated=1)


@pytest.mark.parametrize(
    "outcome", [NotSent("busy"), Unknown("broke")], ids=lambda o: type(o).__name__
)
def test_what_may_not_have_arrived_is_tried_again_later(post: Post, outcome: Outcome) -> None:
    say(post)
    post.slack.changes = [outcome]
    assert refresh(post) == Refreshed(again=1)
    assert refresh(post) == Refreshed()
    post.later(seconds=61)
    assert refresh(post) == Refreshed(updated=1)


def test_slacks_limit_is_heeded_and_sending_goes_on(post: Post) -> None:
    say(post)
    post.slack.changes = [NotSent("wait", retry_after=300.0, scope="slack:T:chat.update")]
    assert refresh(post) == Refreshed(again=1)
    post.later(seconds=299)
    assert refresh(post) == Refreshed()
    post.later(seconds=2)
    assert refresh(post) == Refreshed(updated=1)


def test_what_can_never_be_updated_is_let_go_with_its_reason(post: Post) -> None:
    say(post)
    post.slack.changes = [NotSent("message_not_found", permanent=True)]
    assert refresh(post) == Refreshed(let_go=1)
    post.later(hours=1)
    assert refresh(post) == Refreshed()
    assert post.column("messages", "state", "reason") == [("sent", "message_not_found")]


def test_a_crash_while_updating_is_made_good_after_a_while(post: Post) -> None:
    say(post)
    with begun(post.engine, RefreshQueries) as transaction:
        assert (
            len(
                transaction.take(
                    post.hands.now(),
                    post.hands.now() + timedelta(minutes=2),
                    10,
                    (ChannelName.SLACK,),
                )
            )
            == 1
        )
    assert refresh(post) == Refreshed(), "another worker has it"
    post.later(minutes=3)
    assert refresh(post) == Refreshed(updated=1)


def test_an_answer_that_comes_while_a_post_is_being_updated_is_shown_too(post: Post) -> None:
    say(post)

    def meanwhile(envelope: Envelope) -> Outcome:
        say(post, contract="C-1")
        return Sent("D0ANN/1.5")

    post.slack.while_updating = meanwhile
    assert refresh(post) == Refreshed(updated=1)
    post.slack.while_updating = None
    assert refresh(post) == Refreshed(updated=1)


def test_what_was_on_its_way_when_the_answer_came_is_updated_once_it_has_arrived(
    engine: Engine,
) -> None:
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        add_contract(connection, "C-0", owner_id=ann)
    post = Post(engine)
    post.sweep()
    post.form()

    def meanwhile(envelope: Envelope) -> Outcome:
        say(post)
        return Sent("D0ANN/1.5")

    post.slack.answers = [meanwhile]
    post.deliver()
    assert refresh(post) == Refreshed(updated=1)


def test_what_the_system_itself_settles_is_shown_too(post: Post) -> None:
    with post.engine.begin() as connection:
        connection.execute(
            update(T["contracts"])
            .where(T["contracts"].c.number == "C-0")
            .values(ends_on=date(2028, 3, 31))
        )
        connection.execute(
            update(T["deals"]).values(wake_at=post.hands.now(), version=T["deals"].c.version + 1)
        )
    post.later(minutes=1)
    post.sweep()
    assert refresh(post) == Refreshed(updated=1)
    ((_, envelope),) = post.slack.updated
    assert sorted(envelope.rendered.text.split(", ")) == ["renewal_3m C-0", "renewal_3m C-1"], (
        "the day that is gone is still told of"
    )


def test_a_broken_template_lets_the_message_go(post: Post) -> None:
    say(post)
    post.worker = replace(post.worker, renderer=BrokenRenderer())
    assert refresh(post) == Refreshed(let_go=1)


def test_mails_are_never_updated(post: Post) -> None:
    with post.engine.begin() as connection:
        connection.execute(update(T["messages"]).values(channel="email"))
    say(post)
    assert refresh(post) == Refreshed()


def test_a_rehearsal_updates_nothing_outside(post: Post) -> None:
    say(post)
    assert (
        refresh_once(
            transactions(post.engine, RefreshQueries),
            replace(post.delivery, loopback_only=True),
            POLICY,
        )
        == Refreshed()
    )

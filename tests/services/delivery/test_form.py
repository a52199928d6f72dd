"""From waiting nudges to one message a person and window: nobody forgotten, nobody told twice,
whoever forms and however often."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, update

from scheduler.channels.preview import PreviewChannel
from scheduler.core.answers.answer import Answer
from scheduler.core.words.lexicon import ChannelName, Language, Verb
from scheduler.core.words.reasons import word
from scheduler.ports import Sent, Unknown
from scheduler.services.answers.answering import answer, undo
from scheduler.services.delivery.form import Formed
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.transactions import transactions
from tests.cast import ANN, CHIKA, FALLBACK, T3M, at, policy
from tests.services.delivering import POLICY, Post
from tests.storage.builders import T, add_cast, add_contract, add_person


def one_more(post: Post, owner: int | None = 2, number: str = "C-9") -> None:
    """Another contract that is due now."""
    with post.engine.begin() as connection:
        add_contract(connection, number, owner_id=owner)
    post.sweep()


def change_people(post: Post, **values: object) -> None:
    with post.engine.begin() as connection:
        connection.execute(update(T["people"]).values(**values))


def test_a_message_belongs_to_its_recipients_window(post: Post) -> None:
    assert post.form() == Formed(messages=1)
    assert post.column("messages", "recipient", "channel", "address", "window_on", "state") == [
        ("person:2", "slack", "U0ANN", date(2027, 1, 5), "queued")
    ]
    assert post.column("nudges", "message_id") == [1, 1, 1]
    assert post.form() == Formed()


@pytest.mark.parametrize(
    ("due", "looked_at", "because"),
    [
        ("2027-01-03 10:00", "2027-01-04 09:00", "waits: 2027-01-03 is not a working day (Sunday)"),
        ("2027-01-04 08:59", "2027-01-04 09:00", "waits for working hours (09:00–18:00)"),
        ("2027-01-04 18:00", "2027-01-05 09:00", "waits for the next window (2027-01-05)"),
    ],
)
def test_what_comes_outside_the_window_goes_out_when_it_opens(
    engine: Engine, due: str, looked_at: str, because: str
) -> None:
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        add_contract(connection, owner_id=ann)
    post = Post(engine)
    post.hands.at = at(due)
    post.sweep()
    assert post.form() == Formed(put_off=1)
    assert post.form() == Formed(), "not looked at again before its time"
    assert post.column("nudges", "due_at") == [at(looked_at)]
    assert word(post.column("nudges", "reason")[0], Language.EN) == because
    post.hands.at = at(looked_at) - timedelta(seconds=1)
    assert post.form() == Formed()
    post.hands.at = at(looked_at)
    assert post.form() == Formed(messages=1)


def test_everybody_has_a_window_of_his_own(engine: Engine) -> None:
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        chika = add_person(
            connection,
            CHIKA.name,
            slack_id="U0CHIKA",
            zone=CHIKA.zone,
            calendar="jp",
            language="ja",
        )
        add_contract(connection, "C-1", owner_id=ann)
        add_contract(connection, "C-2", owner_id=chika)
    post = Post(engine)
    post.hands.at = at("2027-01-05 10:00", "Asia/Tokyo")
    post.sweep()
    assert post.form() == Formed(messages=1, put_off=1)
    assert post.column("messages", "address", "language") == [("U0CHIKA", "ja")]


def test_what_comes_after_the_days_message_waits_for_the_next_window(post: Post) -> None:
    post.form()
    post.deliver()
    one_more(post)
    post.later(hours=1)
    assert post.form() == Formed(put_off=1)
    assert post.column("nudges", "due_at")[-1] == at("2027-01-06 09:00")
    assert (
        word(post.column("nudges", "reason")[-1], Language.EN)
        == "one message a day: it joins the next window's message"
    )
    post.hands.at = at("2027-01-06 09:00")
    assert post.form() == Formed(messages=1)


def test_what_comes_while_the_message_is_still_queued_joins_it(post: Post) -> None:
    post.form()
    one_more(post)
    assert post.form() == Formed(joined=1)
    post.deliver()
    assert "C-9" in post.slack.sent[0].rendered.text


@pytest.mark.parametrize(
    "state", ["claimed", "handed_over", "unknown", "held", "sent", "in_doubt", "dead"]
)
def test_nothing_joins_a_message_that_is_no_longer_queued(post: Post, state: str) -> None:
    post.form()
    with post.engine.begin() as connection:
        connection.execute(update(T["messages"]).values(state=state))
    one_more(post)
    assert post.form() == Formed(put_off=1)
    assert post.column("nudges", "message_id") == [1, 1, 1, None]


def test_nothing_joins_a_mail_that_may_have_arrived(post: Post) -> None:
    change_people(post, slack_id=None)
    post.email.answers = [Unknown("the connection was lost"), Sent("ok")]
    post.email.found = Unknown("mail cannot be looked up")
    post.form()
    post.deliver()
    one_more(post)
    post.later(minutes=16)
    assert post.recover().queued == 1
    assert post.form() == Formed(put_off=1), (
        "a mail program may throw the second mail with this Message-ID away"
    )
    post.deliver()
    assert len({e.rendered.text for e in post.email.sent}) == 1


def test_a_message_that_came_to_nothing_does_not_use_up_the_day(post: Post) -> None:
    for number in range(2):
        post.form()
        for contract in post.column("nudges", "id"):
            with post.engine.begin() as connection:
                connection.execute(
                    update(T["events"])
                    .where(T["events"].c.id == contract)
                    .values(answered_at=post.hands.now())
                )
                connection.execute(update(T["deals"]).values(version=T["deals"].c.version + 1))
        assert post.deliver().cancelled == 1
        one_more(post, number=f"C-{10 + number}")
    assert post.form() == Formed(messages=1)
    assert len(set(post.column("messages", "key"))) == 3


def test_an_answer_taken_back_after_its_message_was_cancelled_is_told_again(post: Post) -> None:
    store = transactions(post.engine, AnswerQueries)
    post.form()
    for contract in ("C-0", "C-1", "C-2"):
        answer(store, contract, Answer(Verb.SEEN, ANN.name), POLICY, post.hands.now())
    assert post.deliver().cancelled == 1
    undo(store, "C-1", ANN.name, post.hands.now())
    post.sweep()
    assert post.form() == Formed(messages=1)
    post.deliver()
    assert [e.rendered.text for e in post.slack.sent] == ["renewal_3m C-1"]


def test_an_answer_taken_back_after_its_message_went_out_without_it_is_told_in_the_next_window(
    post: Post,
) -> None:
    store = transactions(post.engine, AnswerQueries)
    post.form()
    answer(store, "C-1", Answer(Verb.SEEN, ANN.name), POLICY, post.hands.now())
    post.deliver()
    undo(store, "C-1", ANN.name, post.hands.now())
    post.sweep()
    assert post.form() == Formed(put_off=1)
    post.hands.at = at("2027-01-06 09:00")
    post.form()
    post.deliver()
    assert [e.rendered.text for e in post.slack.sent] == [
        "renewal_3m C-0, renewal_3m C-2",
        "renewal_3m C-1",
    ]


UNREACHABLE = {
    "without Slack or mail": {"slack_id": None, "email": None},
    "who has left": {"active": False},
}


@pytest.mark.parametrize("values", UNREACHABLE.values(), ids=list(UNREACHABLE))
def test_the_fallback_is_told_instead_of_somebody(post: Post, values: dict[str, object]) -> None:
    change_people(post, **values)
    assert post.form() == Formed(redirected=1)
    assert post.form() == Formed(messages=1)
    post.deliver()
    assert [e.address for e in post.email.sent] == ["renewals@example.com"]
    assert (
        post.column("nudges", "recipient", "person_id", "role")
        == [(FALLBACK, None, "fallback")] * 3
    )
    because = "no address is known for Ann Ito; sent to the fallback"
    assert {word(reason, Language.EN) for reason in post.column("nudges", "because")} == {because}


def test_somebody_unreachable_in_a_pipeline_that_is_gone_goes_to_the_first_fallback(
    post: Post,
) -> None:
    change_people(post, slack_id=None, email=None)
    with post.engine.begin() as connection:
        connection.execute(update(T["deals"]).values(pipeline="gone"))
    post.form()
    post.form()
    assert post.column("messages", "recipient") == [FALLBACK]


def test_an_address_gets_one_message_a_window_too(engine: Engine) -> None:
    with engine.begin() as connection:
        add_contract(connection, "C-1")
        add_contract(connection, "C-2")
    post = Post(engine)
    post.sweep()
    assert post.form() == Formed(messages=1)
    one_more(post, None)
    assert post.form() == Formed(joined=1)
    post.deliver()
    one_more(post, None, "C-10")
    assert post.form() == Formed(put_off=1)


def test_a_milestone_may_tell_an_address_beside_the_owner(engine: Engine) -> None:
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        add_contract(connection, owner_id=ann)
    post = Post(engine, policy=policy(replace(T3M, tell=("owner", "slack:#renewals"))))
    post.sweep()
    assert post.form() == Formed(messages=2)
    assert sorted(post.column("messages", "address")) == ["#renewals", "U0ANN"]


def test_where_nothing_is_configured_the_message_is_kept_for_reading(post: Post) -> None:
    post.channels.clear()
    post.channels[ChannelName.PREVIEW] = PreviewChannel()
    post.form()
    assert post.deliver().sent == 1
    assert post.column("messages", "channel", "state") == [("preview", "sent")]
    assert "renewal_3m C-2" in post.column("messages", "body")[0]["text"]


def test_more_recipients_than_one_step_takes_are_all_told(engine: Engine) -> None:
    with engine.begin() as connection:
        for n in range(130):
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
    assert [post.form().messages for _ in range(3)] == [100, 30, 0]


def test_eight_who_form_at_once_make_one_message_for_each_person(engine: Engine) -> None:
    with engine.begin() as connection:
        for n in range(40):
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
    errors: list[Exception] = []

    def form() -> None:
        try:
            post.form()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=form) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert (
        len(post.column("messages", "recipient"))
        == len(set(post.column("messages", "recipient")))
        == 40
    )

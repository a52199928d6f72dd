"""What could reach nobody: listed, and sent again once its cause is fixed, on SQLite and
PostgreSQL."""

import pytest
from sqlalchemy import Engine, update

from scheduler.ports import NotSent
from scheduler.services.delivery.resending import Retried, look_at_undeliverable, retry
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.listing import ListingRows
from scheduler.storage.delivery.resending import RetryQueries
from tests.services.delivering import Post
from tests.storage.builders import T


@pytest.fixture
def dead(post: Post) -> Post:
    """Ann's nudges, which neither she, nor her manager, nor the fallback would take."""
    post.form()
    post.slack.answers = post.email.answers = [NotSent("gone", permanent=True)]
    while post.deliver().total:
        pass
    assert set(post.column("nudges", "state")) == {"dead"}
    return post


def test_what_was_refused_everywhere_is_listed_once_with_its_reason(dead: Post) -> None:
    found = look_at_undeliverable(transactions(dead.engine, RetryQueries), None)
    (nudges,) = [u for u in found if u.kind == "nudges"]
    assert (nudges.nudges, nudges.because) == (3, "gone")
    assert {u.kind for u in found} == {"nudges", "alert"}
    listed = ListingRows(dead.engine).messages(None, "nudges", 50, undeliverable=True)
    assert [line.message for line in listed] == [nudges.number], (
        "those that went on another way are not"
    )


def test_what_is_tried_again_waits_for_its_reader_s_window_and_goes_to_the_address_of_today(
    dead: Post,
) -> None:
    with dead.engine.begin() as connection:
        connection.execute(
            update(T["people"]).where(T["people"].c.slack_id == "U0ANN").values(slack_id="U0ANNNEW")
        )
    dead.slack.answers = dead.email.answers = []
    dead.hands.at = dead.hands.now().replace(hour=20)
    (number,) = [
        u.number
        for u in look_at_undeliverable(transactions(dead.engine, RetryQueries), None)
        if u.kind == "nudges"
    ]
    assert retry(
        transactions(dead.engine, RetryQueries), None, [number], dead.hands.now()
    ) == Retried(3, 0)
    dead.form()
    assert (dead.deliver().sent, set(dead.column("nudges", "state"))) == (0, {"waiting"})
    dead.later(hours=14)
    dead.form()
    while dead.deliver().total:
        pass
    assert (set(dead.column("nudges", "state")), dead.slack.sent[-1].address) == (
        {"sent"},
        "U0ANNNEW",
    )


def test_only_what_is_named_is_tried_again_and_a_second_time_nothing(dead: Post) -> None:
    rows = transactions(dead.engine, RetryQueries)
    number = look_at_undeliverable(rows, None)[-1].number
    assert retry(rows, None, [number], dead.hands.now()) == Retried(0, 1)
    assert number not in [u.number for u in look_at_undeliverable(rows, None)]
    assert retry(rows, None, [number], dead.hands.now()) == Retried()


def test_nothing_is_undeliverable_where_all_went_out(engine: Engine) -> None:
    assert look_at_undeliverable(transactions(engine, RetryQueries), None) == []

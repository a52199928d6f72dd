"""What the flood breaker holds goes out after a look, on SQLite and PostgreSQL."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.lexicon import MessageState
from scheduler.core.words.reasons import code_of, reason
from scheduler.services.delivery.release import Released, look_at_held, release
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.meta import set_fact
from scheduler.storage.database.schema import upgrade
from scheduler.storage.database.timekeeping import TIME_TRAVEL
from scheduler.storage.database.transactions import transactions
from scheduler.storage.delivery.releasing import ReleaseQueries
from tests.cast import at
from tests.services.delivering import Post
from tests.storage.builders import T, add_cast, add_contract

NOW = at("2027-01-12 10:00")
LATE = 30


@pytest.fixture
def post(database_url: str) -> Iterator[Post]:
    """The daemon was off: Ann has 30 nudges that are late, one close to its end; Bob has one of his
    own."""
    post = Post(open_engine(database_url))
    post.hands.at = NOW
    upgrade(post.engine, at("2026-04-01"))
    with post.engine.begin() as connection:
        ann, bob = add_cast(connection)
        for n in range(LATE):
            add_contract(
                connection,
                f"C-{n}",
                date(2027, 4, 5) + timedelta(days=n % 3),
                owner_id=ann,
                customer=f"Customer {n}",
            )
        add_contract(
            connection,
            "C-soon",
            date(2027, 1, 18),
            owner_id=ann,
            customer="Soon",
            arrived_at=at("2026-12-20"),
        )
        add_contract(connection, "C-bob", date(2027, 4, 6), owner_id=bob, customer="Bob's")
    yield post
    post.engine.dispose()


def states(post: Post) -> Counter[str]:
    """How many nudges are in each state."""
    return Counter(post.column("nudges", "state"))


def trip(post: Post) -> None:
    """The sweep comes back and the breaker trips."""
    post.sweep()
    while post.form().total:
        pass


def test_what_is_close_goes_out_the_rest_is_held_with_its_reason(post: Post) -> None:
    trip(post)
    assert states(post) == {"held": LATE, "waiting": 2}
    (held,) = look_at_held(transactions(post.engine, ReleaseQueries), None, None).nudges
    assert (held.recipient, held.count, held.since, code_of(held.because)) == (
        "Ann Ito",
        LATE,
        NOW,
        "flood",
    )


def test_released_they_go_out_as_one_bundle_and_the_breaker_stays_quiet(post: Post) -> None:
    trip(post)
    post.deliver()
    assert release(transactions(post.engine, ReleaseQueries), None, None, NOW) == Released(LATE, 0)
    post.form()
    post.later(days=1)
    while post.form().total:
        pass
    post.deliver()
    assert states(post) == {"sent": LATE + 2}
    assert len(set(post.column("nudges", "message_id"))) == 3
    assert look_at_held(transactions(post.engine, ReleaseQueries), None, None).count == 0
    assert release(transactions(post.engine, ReleaseQueries), None, None, NOW) == Released()


def test_one_person_s_or_what_came_up_since_a_day_alone(post: Post) -> None:
    trip(post)
    rows = transactions(post.engine, ReleaseQueries)
    for wanted, since in (("Bob", None), (None, NOW + timedelta(days=1))):
        assert look_at_held(rows, wanted, since).count == 0
        assert release(rows, wanted, since, NOW) == Released()
    assert release(rows, "ann@", NOW, NOW) == Released(LATE, 0)
    with pytest.raises(UserMustActError, match="nobody matches Zoe"):
        release(rows, "Zoe", None, NOW)


def test_an_answer_releases_nothing_twice(post: Post) -> None:
    trip(post)
    with post.engine.begin() as connection:
        first = (
            select(func.min(T["nudges"].c.id))
            .where(T["nudges"].c.state == "held")
            .scalar_subquery()
        )
        connection.execute(
            update(T["nudges"]).where(T["nudges"].c.id == first).values(state="cancelled")
        )
    assert release(transactions(post.engine, ReleaseQueries), None, None, NOW) == Released(
        LATE - 1, 0
    )
    assert states(post)["cancelled"] == 1


def hold(post: Post, **values: object) -> None:
    """The messages are held or in doubt, with what they carry."""
    trip(post)
    with post.engine.begin() as connection:
        connection.execute(
            update(T["messages"]).where(T["messages"].c.kind == "nudges").values(**values)
        )
        carried = T["nudges"].c.message_id.is_not(None)
        connection.execute(
            update(T["nudges"])
            .where(carried)
            .values(state="held" if values["state"] == "held" else "in_doubt")
        )


def test_a_message_that_was_held_unsent_is_queued_again(post: Post) -> None:
    hold(post, state="held", reason=reason("rehearsal"))
    held = look_at_held(transactions(post.engine, ReleaseQueries), None, None)
    assert sorted((m.recipient, m.in_doubt) for m in held.safe) == [
        ("Ann Ito", False),
        ("Bob Hill", False),
    ]
    assert release(transactions(post.engine, ReleaseQueries), None, None, NOW) == Released(LATE, 2)
    post.deliver()
    assert [m.state for m in _messages(post)] == [MessageState.SENT] * 2


def test_in_a_rehearsal_s_database_held_messages_stay(post: Post) -> None:
    hold(post, state="held", reason=reason("rehearsal"))
    with post.engine.begin() as connection:
        set_fact(connection, TIME_TRAVEL, NOW.isoformat())
    held = look_at_held(transactions(post.engine, ReleaseQueries), None, None)
    assert (held.safe, held.rehearsal, len(held.messages)) == ((), True, 2)
    assert release(transactions(post.engine, ReleaseQueries), None, None, NOW) == Released(LATE, 0)
    assert {m.state for m in _messages(post)} == {"held"}


@pytest.mark.parametrize(
    "values", [{"state": "in_doubt"}, {"state": "held", "attempts": 1, "handed_over_at": NOW}]
)
def test_what_may_have_arrived_is_listed_and_never_sent_again(
    post: Post, values: dict[str, object]
) -> None:
    hold(post, reason=reason("worker_gone"), **values)
    held = look_at_held(transactions(post.engine, ReleaseQueries), None, None)
    assert (len(held.messages), held.safe) == (2, ())
    assert release(transactions(post.engine, ReleaseQueries), None, None, NOW) == Released(LATE, 0)
    assert {m.state for m in _messages(post)} == {values["state"]}


def _messages(post: Post) -> list[Any]:
    """The messages that carry nudges."""
    with post.engine.begin() as connection:
        return list(
            connection.execute(T["messages"].select().where(T["messages"].c.kind == "nudges")).all()
        )

"""Windows hold when a message leaves, not only when it is made, on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, update

from scheduler.core.messages import SETTLE
from scheduler.core.words import ChannelName
from scheduler.ports import NotSent, Sent, Unknown
from scheduler.render.renderer import TemplateRenderer
from scheduler.services.deliver import Delivered
from tests.cast import at
from tests.render.shipped import SHIPPED
from tests.services.delivering import Post
from tests.storage.builders import T, add_row

FRIDAY = at("2027-01-08 17:50")
NIGHT, SATURDAY, MONDAY = at("2027-01-08 18:00"), at("2027-01-09 10:00"), at("2027-01-11 09:00")


def formed_on_friday(post: Post) -> None:
    """Ann's message is made ten minutes before she stops working."""
    post.hands.at = FRIDAY
    assert post.form().messages == 1


def stopped(post: Post) -> None:
    """The daemon stops before anything is claimed."""


def failed_once(post: Post) -> None:
    """Slack did not take it."""
    post.slack.answers = [NotSent("later"), Sent("ok")]
    assert post.deliver().retried == 1


def claimed_and_died(post: Post) -> None:
    """Whoever had claimed it is gone."""
    post.claim("dead")


@pytest.mark.parametrize("happens", [stopped, failed_once, claimed_and_died])
@pytest.mark.parametrize("then", [NIGHT, SATURDAY], ids=["night", "Saturday"])
def test_what_missed_its_window_waits_for_the_next_and_is_one_message_there(post: Post, happens: Callable[[Post], None], then: object) -> None:
    formed_on_friday(post)
    happens(post)
    post.slack.sent.clear()
    post.hands.at = then  # type: ignore[assignment]
    post.recover()
    assert (post.deliver(), post.slack.sent) == (Delivered(put_off=1), [])
    assert post.column("nudges", "state", "message_id", "due_at", "delayed_from") == [("waiting", None, MONDAY, date(2027, 1, 8))] * 3
    post.hands.at = MONDAY - timedelta(seconds=1)
    assert (post.form().total, post.deliver().total) == (0, 0)
    post.hands.at = MONDAY
    assert post.form().messages == 1
    assert post.deliver().sent == 1
    assert post.column("messages", "state", "window_on") == [("cancelled", date(2027, 1, 8)), ("sent", date(2027, 1, 11))]


def test_in_its_window_a_message_leaves(post: Post) -> None:
    formed_on_friday(post)
    post.hands.at = NIGHT - timedelta(seconds=1)
    assert post.deliver() == Delivered(sent=1)


def test_what_is_late_says_so_once_it_is_told(post: Post) -> None:
    post.worker = post.another_worker()
    object.__setattr__(post.worker, "renderer", TemplateRenderer(SHIPPED, {}))
    formed_on_friday(post)
    post.hands.at = SATURDAY
    post.deliver()
    post.hands.at = MONDAY
    post.form()
    post.deliver()
    assert "late: meant for Fri 8 Jan" in post.slack.sent[0].rendered.text
    post.slack.sent.clear()


def test_somebody_who_is_away_by_now_is_decided_anew(post: Post) -> None:
    formed_on_friday(post)
    with post.engine.begin() as connection:
        absence = {"person_id": 2, "first_on": date(2027, 1, 8), "last_on": date(2027, 1, 20), "note": "", "actor": "", "created_at": FRIDAY}
        connection.execute(insert(T["absences"]).values(**absence))
    assert post.deliver() == Delivered(put_off=1)
    assert post.column("deals", "wake_at") == [FRIDAY] * 3


@pytest.mark.parametrize(("kind", "sent"), [("alert", 1), ("digest", 0)])
def test_an_alert_waits_for_nobody_s_hours_and_a_digest_does(post: Post, kind: str, sent: int) -> None:
    with post.engine.begin() as connection:
        row = {"key": "x", "kind": kind, "recipient": "person:2", "person_id": 2, "channel": "email", "address": "ann@example.com", "language": "en"}
        facts = {"facts": {"title": "t", "text": "", "todo": ""}, "state": "queued", "reason": "", "fence": 0, "attempts": 0, "unknowns": 0}
        add_row(connection, "messages", **row, **facts, created_at=SATURDAY, not_before_at=SATURDAY)
    post.hands.at = SATURDAY
    assert post.deliver() == Delivered(sent=sent, put_off=1 - sent)
    post.hands.at = MONDAY
    assert post.deliver() == Delivered(sent=1 - sent)


def test_what_may_have_arrived_keeps_its_key_and_waits_for_the_window_too(post: Post) -> None:
    with post.engine.begin() as connection:
        connection.execute(update(T["people"]).values(slack_id=None))
    post.email.found = Unknown("nobody can be asked")
    formed_on_friday(post)
    post.email.answers = [Unknown("the reply was lost"), Sent("ok")]
    post.deliver()
    post.hands.at = FRIDAY + SETTLE[ChannelName.EMAIL]
    post.recover()
    assert post.deliver() == Delivered(put_off=1)
    post.hands.at = MONDAY
    assert post.deliver() == Delivered(sent=1)
    assert len({e.key for e in post.email.sent}) == 1

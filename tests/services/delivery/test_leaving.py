"""Windows hold when a message leaves, not only when it is made, on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from scheduler.core.messages.channels import CHANNELS
from scheduler.core.words.lexicon import ChannelName
from scheduler.ports import NotSent, Sent, Unknown
from scheduler.render.renderer import TemplateRenderer
from scheduler.services.delivery.delivery import Delivered
from tests.cast import at
from tests.render.shipped import SHIPPED
from tests.services.delivering import Post, refuses
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
def test_what_missed_its_window_waits_for_the_next_and_is_one_message_there(
    post: Post, happens: Callable[[Post], None], then: object
) -> None:
    formed_on_friday(post)
    happens(post)
    post.slack.sent.clear()
    post.hands.at = then  # type: ignore[assignment]
    post.recover()
    assert (post.deliver(), post.slack.sent) == (Delivered(put_off=1), [])
    assert (
        post.column("nudges", "state", "message_id", "due_at", "delayed_from")
        == [("waiting", None, MONDAY, date(2027, 1, 8))] * 3
    )
    post.hands.at = MONDAY - timedelta(seconds=1)
    assert (post.form().total, post.deliver().total) == (0, 0)
    post.hands.at = MONDAY
    assert post.form().messages == 1
    assert post.deliver().sent == 1
    assert post.column("messages", "state", "window_on") == [
        ("cancelled", date(2027, 1, 8)),
        ("sent", date(2027, 1, 11)),
    ]


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
        absence = {
            "person_id": 2,
            "first_on": date(2027, 1, 8),
            "last_on": date(2027, 1, 20),
            "note": "",
            "actor": "",
            "created_at": FRIDAY,
        }
        connection.execute(insert(T["absences"]).values(**absence))
    assert post.deliver() == Delivered(put_off=1)
    assert post.column("deals", "wake_at") == [FRIDAY] * 3


@pytest.mark.parametrize(("kind", "sent"), [("alert", 1), ("digest", 0)])
def test_an_alert_waits_for_nobody_s_hours_and_a_digest_does(
    post: Post, kind: str, sent: int
) -> None:
    with post.engine.begin() as connection:
        row = {
            "key": "x",
            "kind": kind,
            "recipient": "person:2",
            "person_id": 2,
            "channel": "email",
            "address": "ann@example.com",
            "language": "en",
        }
        facts = {
            "facts": {"title": "t", "text": "", "todo": ""},
            "state": "queued",
            "reason": "",
            "fence": 0,
            "attempts": 0,
            "unknowns": 0,
        }
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
    post.hands.at = FRIDAY + CHANNELS[ChannelName.EMAIL].settle
    post.recover()
    assert post.deliver() == Delivered(put_off=1)
    post.hands.at = MONDAY
    assert post.deliver() == Delivered(sent=1)
    assert len({e.key for e in post.email.sent}) == 1


def refused_everywhere(post: Post, *, bob_zone: str) -> None:
    """Neither of Ann's ways takes her reminders, on a Friday at noon of hers; Bob, her manager,
    reads in his zone."""
    with post.engine.begin() as connection:
        connection.execute(
            update(T["people"]).where(T["people"].c.id == 1).values(zone=bob_zone, slack_id=None)
        )
    post.slack.answers, post.email.answers = [refuses("U0ANN")], [refuses("ann@example.com")]
    formed_on_friday(post)
    for _ in range(4):
        post.deliver()


def of_nudges(post: Post) -> list[str]:
    """Whom reminders were handed over for by mail, but for those that were refused."""
    return [
        e.address
        for e in post.email.sent
        if e.rendered.subject == "nudges" and e.address != "ann@example.com"
    ]


@pytest.mark.parametrize(
    ("zone", "opens_at"),
    [("Pacific/Honolulu", at("2027-01-08 19:00")), ("Asia/Tokyo", at("2027-01-11 00:00"))],
)
def test_what_goes_to_the_manager_instead_waits_for_the_managers_window_and_no_longer(
    post: Post, zone: str, opens_at: datetime
) -> None:
    refused_everywhere(post, bob_zone=zone)
    assert of_nudges(post) == []
    post.hands.at = opens_at - timedelta(seconds=1)
    assert (post.form().total, post.deliver().total) == (0, 0)
    post.hands.at = opens_at
    assert (post.form().total, post.deliver().sent) == (0, 1), (
        "formed anew it would begin with who cannot be reached"
    )
    assert of_nudges(post) == ["bob@example.com"]
    late = opens_at.date() > date(2027, 1, 8)
    assert (
        post.column("nudges", "state", "delayed_from")
        == [("sent", date(2027, 1, 8) if late else None)] * 3
    )


@pytest.mark.parametrize(
    ("first_on", "told"),
    [(date(2027, 1, 8), "renewals@example.com"), (date(2027, 1, 9), "bob@example.com")],
)
def test_a_manager_who_is_away_is_passed_over(post: Post, first_on: date, told: str) -> None:
    away(post, first_on)
    refused_everywhere(post, bob_zone="Europe/London")
    assert of_nudges(post) == [told]


def test_what_waits_for_a_manager_who_is_away_by_then_goes_on_to_the_fallback(post: Post) -> None:
    refused_everywhere(post, bob_zone="Pacific/Honolulu")
    away(post, date(2027, 1, 8))
    post.hands.at = at("2027-01-08 19:00")
    assert post.deliver().put_off == 1
    post.hands.at = MONDAY
    post.deliver()
    assert of_nudges(post) == ["renewals@example.com"]
    assert post.column("nudges", "state") == ["sent"] * 3


def away(post: Post, first_on: date) -> None:
    """Bob is away from that day on, for two weeks."""
    with post.engine.begin() as connection:
        absence = {
            "person_id": 1,
            "first_on": first_on,
            "last_on": date(2027, 1, 22),
            "note": "",
            "actor": "",
            "created_at": FRIDAY,
        }
        connection.execute(insert(T["absences"]).values(**absence))

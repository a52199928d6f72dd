"""Punctuality from the rows of both databases: what went out in time, what a channel or a stop made
late, what reached nobody."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import update

from scheduler.core.deal.pauses import Pause, Scope
from scheduler.core.facts.punctuality import Cause, MonthLine, Outage
from scheduler.core.messages.circuit_breaker import FIRST_PROBE
from scheduler.core.messages.faults import FaultKind, FaultScope
from scheduler.core.words.lexicon import ChannelName
from scheduler.ports import NotSent
from scheduler.services.deals.pauses import pause, resume
from scheduler.services.delivery.punctuality import keep, report
from scheduler.storage.database.transactions import transactions
from scheduler.storage.delivery.pauses import PauseQueries
from scheduler.storage.delivery.punctuality import PunctualityRows
from tests.cast import at
from tests.services.delivering import Post
from tests.storage.builders import T

JAN = date(2027, 1, 1)
REVOKED = NotSent(
    "535 bad credentials", fault_scope=FaultScope.CHANNEL, fault_kind=FaultKind.ACCESS
)


def rows_of(post: Post) -> PunctualityRows:
    return PunctualityRows(post.engine, post.engine, {ChannelName.SLACK: "", ChannelName.EMAIL: ""})


def lines_of(post: Post, months: int = 1) -> list[MonthLine]:
    return report(rows_of(post), post.policy, post.hands.now(), months)


def by_mail_only(post: Post) -> None:
    with post.engine.begin() as connection:
        connection.execute(update(T["people"]).values(slack_id=None))


@pytest.mark.parametrize(
    "second",
    [
        "1970-01-01T00:14:59.999999",
        "2027-03-31T23:45:00",
        "2027-04-01T23:59:59.999999",
        "2040-12-31T23:59:59",
    ],
)
def test_an_instant_is_summed_in_its_quarter_of_an_hour_by_either_database(
    post: Post, second: str
) -> None:
    sent_at = datetime.fromisoformat(f"{second}+00:00")
    post.form()
    post.deliver()
    with post.engine.begin() as connection:
        connection.execute(update(T["nudges"]).values(sent_at=sent_at))
    (group,) = {group.at for group in rows_of(post).groups(at("2026-01-01"))}
    assert group == sent_at.replace(minute=sent_at.minute // 15 * 15, second=0, microsecond=0)


def test_what_goes_out_on_its_day_is_in_time_and_what_waits_for_it_is_not_due(post: Post) -> None:
    assert lines_of(post) == [], "nothing has had its window"
    post.form()
    assert lines_of(post) == [], "its day is not over"
    post.deliver()
    assert lines_of(post) == [MonthLine(JAN, "slack", 3, 3)]
    post.later(days=40)
    assert (lines_of(post), lines_of(post, 2), lines_of(post, 15)) == (
        [],
        [MonthLine(JAN, "slack", 3, 3)],
        [MonthLine(JAN, "slack", 3, 3)],
    )


def test_a_channel_that_was_broken_over_night_is_blamed_while_it_is_and_afterwards(
    post: Post,
) -> None:
    by_mail_only(post)
    post.form()
    post.email.answers = [REVOKED]
    post.deliver()
    post.later(days=1)
    assert lines_of(post) == [MonthLine(JAN, "email", 3, 0, 0, 3, 1, {Cause.CHANNEL: 3})]
    post.email.answers = []
    post.deliver()
    post.later(seconds=FIRST_PROBE[FaultKind.ACCESS].total_seconds())
    post.deliver()
    assert lines_of(post) == [MonthLine(JAN, "email", 3, 0, 3, 0, 1, {Cause.CHANNEL: 3})]
    assert [
        (o.cause, o.channel) for o in rows_of(post).outages(post.hands.now(), post.hands.now())
    ] == [(Cause.CHANNEL, "email")]


def test_what_waited_over_night_in_the_queue_is_its_fault_or_that_of_a_stop(post: Post) -> None:
    post.form()
    began = post.hands.now()
    post.later(days=1)
    post.deliver()
    assert lines_of(post) == [MonthLine(JAN, "slack", 3, 0, 3, 0, 1, {Cause.QUEUE: 3})]
    rows_of(post).note(Outage(Cause.STOP, began, post.hands.now()))
    assert lines_of(post) == [MonthLine(JAN, "slack", 3, 0, 3, 0, 1, {Cause.STOP: 3})]


PAUSED = [
    Pause(Scope.EVERYTHING, "", at("2027-01-05")),
    Pause(Scope.PIPELINE, "existing", at("2027-01-05")),
    Pause(Scope.CONTRACT, "", at("2027-01-05")),
]


@pytest.mark.parametrize("wanted", PAUSED, ids=[p.scope for p in PAUSED])
def test_what_somebody_paused_is_late_because_of_that_whatever_else_did_not_work(
    post: Post, wanted: Pause
) -> None:
    number = post.column("contracts", "number")[0]
    one = replace(wanted, name=number) if wanted.scope is Scope.CONTRACT else wanted
    n = 1 if wanted.scope is Scope.CONTRACT else 3
    rows, pauses = rows_of(post), transactions(post.engine, PauseQueries)
    post.form()
    began = post.hands.now()
    assert pause(pauses, replace(one, since_at=began), post.policy).waiting == n
    rows.note(Outage(Cause.CHANNEL, began, at("2027-01-06"), "slack"))
    post.later(days=1)
    post.deliver()
    told = [MonthLine(JAN, "slack", 3 - n, 0, 3 - n, 0, 1, {Cause.CHANNEL: 3 - n})] if n < 3 else []
    assert lines_of(post) == [MonthLine(JAN, "", n, 0, 0, n, 1, {Cause.PAUSED: n}), *told], (
        "while it lasts"
    )
    assert resume(pauses, replace(one, since_at=post.hands.now()), post.policy)[1] == 1
    rows.note(Outage(Cause.STOP, began, post.hands.now()))
    post.form()
    post.deliver()
    (line,) = lines_of(post)
    assert (line.due, line.late, line.longest, line.because) == (
        3,
        3,
        1,
        {Cause.PAUSED: n} | ({Cause.STOP: 3 - n} if n < 3 else {}),
    )


def test_what_was_paused_for_some_hours_of_its_day_is_in_time_and_what_is_paused_on_its_day_is_not_due(
    post: Post,
) -> None:
    pauses = transactions(post.engine, PauseQueries)
    post.form()
    pause(
        pauses,
        Pause(Scope.EVERYTHING, "", post.hands.now(), post.hands.now() + timedelta(hours=1)),
        post.policy,
    )
    assert lines_of(post) == [], "its day is not over"
    post.later(hours=1)
    post.form()
    post.deliver()
    assert lines_of(post) == [MonthLine(JAN, "slack", 3, 3)]


def test_what_left_at_night_is_put_off_and_late(post: Post) -> None:
    post.form()
    post.later(hours=12)
    post.deliver()
    post.later(hours=12)
    post.form()
    post.deliver()
    assert lines_of(post) == [MonthLine(JAN, "slack", 3, 0, 3, 0, 1, {Cause.QUEUE: 3})]


def test_what_is_undeliverable_reached_nobody_and_what_is_cancelled_is_not_due(post: Post) -> None:
    post.form()
    with post.engine.begin() as connection:
        connection.execute(update(T["nudges"]).where(T["nudges"].c.id == 1).values(state="dead"))
        connection.execute(
            update(T["nudges"]).where(T["nudges"].c.id == 2).values(state="cancelled")
        )
        connection.execute(
            update(T["nudges"]).where(T["nudges"].c.id == 3).values(state="held", message_id=None)
        )
    assert lines_of(post) == [
        MonthLine(JAN, "", 1, 0, 0, 1, 0, {Cause.HELD: 1}),
        MonthLine(JAN, "slack", 1, 0, 0, 1, 0, {Cause.NOBODY: 1}),
    ]


def test_what_is_kept_for_those_who_watch_is_what_the_report_says(post: Post) -> None:
    rows = rows_of(post)
    assert rows.kept() == []
    post.form()
    post.deliver()
    keep(rows, post.policy, post.hands.now())
    assert rows.kept() == lines_of(post) == [MonthLine(JAN, "slack", 3, 3)]

"""What counts as due, in time, late and missing, and what is blamed: both sides of each rule."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from scheduler.core.deal.pauses import Pause, Scope
from scheduler.core.facts.punctuality import (
    CAUSES,
    Cause,
    Group,
    MonthLine,
    Outage,
    percent,
    punctuality,
    total,
)
from scheduler.core.words.lexicon import NudgeState as S
from tests.cast import policy

POLICY = policy()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


MON, TUE, WED = date(2027, 1, 18), date(2027, 1, 19), date(2027, 1, 20)
NOON = "2027-01-20T12:00:00Z"
NOW = at(NOON)
TEN, CLOSES = "T10:00:00Z", "T18:00:00Z"
"""Ann reads in London, where the policy's hours end at 18:00."""


def group(
    state: S = S.SENT,
    meant: date | None = MON,
    sent: str = f"2027-01-18{TEN}",
    came: date | None = MON,
    zone: str = "Europe/London",
) -> Group:
    return Group("email", state, came, meant, at(sent), zone, "weekdays", 3, "existing", "C-1")


def outage(cause: Cause, from_at: str, to_at: str) -> Outage:
    return Outage(cause, at(from_at), at(to_at), "email" if cause is Cause.CHANNEL else "")


def paused(from_at: str, to_at: str, contract: str = "C-1") -> Outage:
    return Outage(
        Cause.PAUSED, at(from_at), at(to_at), pause=Pause(Scope.CONTRACT, contract, at(from_at))
    )


def judged(found: Group, *outages: Outage) -> MonthLine | None:
    lines = punctuality([found], outages, POLICY, NOW)
    return lines[0] if lines else None


JAN = date(2027, 1, 1)
IN_TIME = MonthLine(JAN, "email", 3, 3)


def late(cause: Cause, days: int = 1) -> MonthLine:
    return MonthLine(JAN, "email", 3, 0, 3, 0, days, {cause: 3})


def missing(cause: Cause, days: int = 2) -> MonthLine:
    return MonthLine(JAN, "email", 3, 0, 0, 3, days, {cause: 3})


TUESDAY = f"2027-01-19{TEN}"
OVER_NIGHT = ("2027-01-18T17:00:00Z", "2027-01-19T09:30:00Z")
RULES = [
    ("on its day", group(), (), IN_TIME),
    (
        "on its day although a channel failed for a while",
        group(),
        (outage(Cause.CHANNEL, f"2027-01-18{TEN}", "2027-01-18T12:00:00Z"),),
        IN_TIME,
    ),
    (
        "late in the evening in London is the same day there",
        group(sent="2027-01-18T23:59:00Z"),
        (),
        IN_TIME,
    ),
    (
        "and the day after in Tokyo",
        group(sent="2027-01-18T23:59:00Z", zone="Asia/Tokyo"),
        (),
        late(Cause.QUEUE),
    ),
    ("the day after, nothing known", group(sent=TUESDAY), (), late(Cause.QUEUE)),
    (
        "a channel over the end of the hours",
        group(sent=TUESDAY),
        (outage(Cause.CHANNEL, *OVER_NIGHT),),
        late(Cause.CHANNEL),
    ),
    (
        "a channel that worked again before",
        group(sent=TUESDAY),
        (outage(Cause.CHANNEL, OVER_NIGHT[0], f"2027-01-18{CLOSES}"),),
        late(Cause.QUEUE),
    ),
    (
        "a stop beats a channel",
        group(sent=TUESDAY),
        (outage(Cause.CHANNEL, *OVER_NIGHT), outage(Cause.STOP, *OVER_NIGHT)),
        late(Cause.STOP),
    ),
    (
        "a clock beats a stop",
        group(sent=TUESDAY),
        (outage(Cause.STOP, *OVER_NIGHT), outage(Cause.CLOCK, *OVER_NIGHT)),
        late(Cause.CLOCK),
    ),
    (
        "what came up during a stop has a window after it only",
        group(meant=TUE, sent=TUESDAY),
        (outage(Cause.STOP, "2027-01-18T08:00:00Z", "2027-01-19T09:30:00Z"),),
        late(Cause.STOP),
    ),
    (
        "a pause beats a clock",
        group(sent=TUESDAY),
        (outage(Cause.CLOCK, *OVER_NIGHT), paused(*OVER_NIGHT)),
        late(Cause.PAUSED),
    ),
    (
        "a pause of another contract is nothing to it",
        group(sent=TUESDAY),
        (outage(Cause.CHANNEL, *OVER_NIGHT), paused(*OVER_NIGHT, "C-2")),
        late(Cause.CHANNEL),
    ),
    (
        "what came up during a pause has a window after it only",
        group(meant=TUE, sent=TUESDAY),
        (paused(*OVER_NIGHT),),
        late(Cause.PAUSED),
    ),
    (
        "during the pause of another contract too",
        group(meant=TUE, sent=TUESDAY),
        (paused(*OVER_NIGHT, "C-2"),),
        IN_TIME,
    ),
    (
        "what waits while it is paused",
        group(S.WAITING, meant=TUE),
        (paused(TUESDAY, "2027-01-20T12:00:00Z"),),
        missing(Cause.PAUSED, 1),
    ),
    (
        "what came up the day before for another reason is in time",
        group(meant=TUE, sent=TUESDAY),
        (),
        IN_TIME,
    ),
    (
        "what came up on a Sunday is told on Monday",
        group(came=date(2027, 1, 17)),
        (outage(Cause.STOP, "2027-01-17T08:00:00Z", "2027-01-18T09:00:00Z"),),
        IN_TIME,
    ),
    (
        "what was imported long after a stop has nothing to do with it",
        group(meant=WED, sent=f"2027-01-20{TEN}", came=date(2027, 1, 13)),
        (outage(Cause.STOP, "2027-01-13T08:00:00Z", "2027-01-14T09:00:00Z"),),
        IN_TIME,
    ),
    ("what waits on its day is not due", group(S.WAITING, meant=WED), (), None),
    (
        "what waits beyond it is missing",
        group(S.WAITING, meant=TUE),
        (outage(Cause.CHANNEL, TUESDAY, "2027-01-20T12:00:00Z"),),
        missing(Cause.CHANNEL, 1),
    ),
    ("undeliverable", group(S.DEAD), (outage(Cause.STOP, *OVER_NIGHT),), missing(Cause.NOBODY)),
    ("in doubt", group(S.IN_DOUBT), (), missing(Cause.NOBODY)),
    ("held", group(S.HELD, meant=None), (), missing(Cause.HELD)),
]


@pytest.mark.parametrize(("what", "found", "outages", "expected"), RULES, ids=[r[0] for r in RULES])
def test_every_nudge_is_judged_by_its_day(
    what: str, found: Group, outages: tuple[Outage, ...], expected: MonthLine | None
) -> None:
    assert judged(found, *outages) == expected, what


def test_lines_are_of_one_month_and_channel_and_add_up() -> None:
    groups = [
        group(),
        group(sent=TUESDAY),
        replace(group(), channel="slack"),
        group(S.DEAD, meant=date(2026, 12, 31)),
        group(),
    ]
    lines = punctuality(groups, (), POLICY, NOW)
    assert [(line.month_on, line.channel, line.due, line.in_time) for line in lines] == [
        (date(2026, 12, 1), "email", 3, 0),
        (JAN, "email", 9, 6),
        (JAN, "slack", 3, 3),
    ]
    assert total(lines) == MonthLine(None, "", 15, 9, 3, 3, 20, {Cause.QUEUE: 3, Cause.NOBODY: 3})
    assert all(line.due == line.in_time + line.late + line.missing for line in lines)
    assert all(sum(line.because.values()) == line.late + line.missing for line in lines)


def test_every_cause_has_a_name_and_a_meaning() -> None:
    assert set(CAUSES) == set(Cause)


@pytest.mark.parametrize(
    ("due", "in_time", "said"),
    [(0, 0, "—"), (1, 1, "100 %"), (100_000, 99_999, "99.9 %"), (3, 2, "66.7 %"), (3, 0, "0.0 %")],
)
def test_a_hundred_percent_is_all_of_them(due: int, in_time: int, said: str) -> None:
    assert percent(MonthLine(None, "", due, in_time)) == said


def test_a_stop_that_ended_on_a_weekend_is_blamed_for_mondays_and_tuesdays_words() -> None:
    stop = outage(Cause.STOP, "2027-01-14T08:00:00Z", "2027-01-16T09:00:00Z")
    came = date(2027, 1, 14)
    for meant, blamed in ((MON, True), (TUE, True), (WED, False)):
        line = judged(group(meant=meant, sent=f"{meant}{TEN}", came=came), stop)
        assert line is not None
        assert (line.late > 0, line.longest) == (blamed, (meant - came).days if blamed else 0), (
            meant
        )


def test_a_stop_is_a_time_with_an_end() -> None:
    stop = Outage(Cause.STOP, NOW, NOW + timedelta(hours=1))
    assert (
        stop.holds(NOW),
        stop.holds(NOW + timedelta(minutes=59)),
        stop.holds(NOW + timedelta(hours=1)),
    ) == (True, True, False)

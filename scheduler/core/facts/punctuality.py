"""Punctuality: of all nudges due, how many reached a person in their window, late by how much, and
why.

    due        a nudge whose window has come: it went out, or its day is over. What was answered or
               did not matter any more before it went out is not due; nor is what waits for its
               window, a weekly bundle or somebody's return
    its day    the day of the window it was meant for: that of its first message; where a stop or a
               doubted clock lasted beyond the end of the working hours of the day it came up (or
               the next working day), that one; so with a pause of it
    in time    it went out on its day, as its reader's calendar has it
    late       it went out on a later day; by so many days
    missing    it has reached nobody yet: its day is over and it still waits, or it is held,
               undeliverable or in doubt
    because    what lasted beyond the end of the working hours of its day: a pause of everything,
               its pipeline or its contract, else a doubted clock, else a stop of the program, else
               a channel that did not work; else the queue. What is undeliverable or in doubt:
               nobody; what a person must release: held

Always holds: pure; days are those of the reader's zone; the hours are the policy's.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from scheduler.core.deal.pauses import Pause
from scheduler.core.deal.people import Person
from scheduler.core.policy.policy import Policy
from scheduler.core.time.calendar import Calendar
from scheduler.core.time.dates import local_day, send_instant
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import NudgeState

SHORTEST_STOP = timedelta(minutes=30)
"""From how long without a sweep the program counts as stopped: a sweep is recorded once a
minute."""


class Cause(StrEnum):
    """Why a nudge was late, or reached nobody. The order is that in which they are believed: what
    somebody paused would have waited anyway."""

    PAUSED = "paused"
    CLOCK = "clock"
    STOP = "stop"
    CHANNEL = "channel"
    QUEUE = "queue"
    NOBODY = "nobody"
    HELD = "held"


_NOTHING_CAME_UP = (Cause.PAUSED, Cause.CLOCK, Cause.STOP)
"""While these last nothing is swept."""
CAUSES: Mapping[Cause, tuple[Label, Label]] = {
    Cause.CHANNEL: (
        Label("Channel"),
        Label("the channel did not work"),
    ),
    Cause.CLOCK: (
        Label("Clock"),
        Label("the machine's clock looked wrong, so nothing was sent"),
    ),
    Cause.STOP: (
        Label("Stop"),
        Label("the program or its database was not running"),
    ),
    Cause.PAUSED: (
        Label("Paused", context="punctuality"),
        Label("somebody had paused the contract, its pipeline or everything"),
    ),
    Cause.QUEUE: (
        Label("Queue"),
        Label("none of these: its turn did not come in time"),
    ),
    Cause.NOBODY: (
        Label("Nobody"),
        Label("undeliverable, or nobody knows whether it arrived"),
    ),
    Cause.HELD: (
        Label("Held"),
        Label("too many at once, so it waits until somebody releases it"),
    ),
}
DEFINITIONS: Mapping[str, tuple[Label, Label]] = {
    "due": (
        Label("Due"),
        Label(
            "reminders whose sending window has come; without those answered before they went "
            "out and those still waiting for their window, a weekly bundle or somebody's return"
        ),
    ),
    "in_time": (
        Label("In time"),
        Label("went out on the day they were meant for, in the reader's time zone"),
    ),
    "late": (Label("Late"), Label("went out on a later day")),
    "missing": (
        Label("Missing"),
        Label(
            "have reached nobody yet: past their day and waiting, held, undeliverable or in doubt"
        ),
    ),
    "longest": (
        Label("Longest"),
        Label("how many days late the latest one was; what is still missing counts until today"),
    ),
}
"""The name and the definition of each number, in the report's order."""


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which nothing could be sent: at all, or (`channel`) by one channel, or of what
    `pause` covers."""

    cause: Cause
    from_at: datetime
    to_at: datetime
    channel: str = ""
    pause: Pause | None = None

    def holds(self, instant: datetime) -> bool:
        """Whether nothing could be sent then."""
        return self.from_at <= instant < self.to_at

    def concerns(self, group: "Group") -> bool:
        """Whether it may have kept these nudges back. A channel's outage may have delayed any: a
        late nudge may have gone out by another channel than it was meant for."""
        return self.pause is None or self.pause.covers_term(group.pipeline, group.contract)


@dataclass(frozen=True, slots=True)
class Group:
    """So many nudges with one outcome. `came_on`: the day that came up; `meant_on`: the day of the
    window, None where no message had one; `at`: when they went out, of others when they were made;
    `zone`, `calendar`: the reader's, None for the policy's; `pipeline`, `contract`: whose they are,
    where one was paused."""

    channel: str
    state: NudgeState
    came_on: date | None
    meant_on: date | None
    at: datetime
    zone: str | None = None
    calendar: str | None = None
    count: int = 1
    pipeline: str = ""
    contract: str = ""


@dataclass(frozen=True, slots=True)
class MonthLine:
    """The numbers of one month (the first of it) and channel (empty: no message was made).
    `longest`: days."""

    month_on: date | None
    channel: str
    due: int = 0
    in_time: int = 0
    late: int = 0
    missing: int = 0
    longest: int = 0
    because: Mapping[Cause, int] = field(default_factory=dict)

    def __add__(self, other: "MonthLine") -> "MonthLine":
        sums = {
            name: getattr(self, name) + getattr(other, name)
            for name in ("due", "in_time", "late", "missing")
        }
        because = Counter(self.because) + Counter(other.because)
        return MonthLine(
            self.month_on,
            self.channel,
            longest=max(self.longest, other.longest),
            because=dict(because),
            **sums,
        )

    @property
    def share(self) -> float | None:
        """What part of those due was in time; None where nothing was due."""
        return self.in_time / self.due if self.due else None


def punctuality(
    groups: Iterable[Group], outages: Sequence[Outage], policy: Policy, now: datetime
) -> list[MonthLine]:
    """The numbers by month and channel, the latest month last."""
    lines: dict[tuple[date, str], MonthLine] = {}
    of_all, of_some = (
        [o for o in outages if o.pause is None],
        [o for o in outages if o.pause is not None],
    )
    for group in groups:
        of_these = [outage for outage in of_some if outage.concerns(group)]
        found = _line(group, [*of_all, *of_these] if of_these else of_all, policy, now)
        if found is not None and found.month_on is not None:
            key = (found.month_on, found.channel)
            lines[key] = lines[key] + found if key in lines else found
    return [lines[key] for key in sorted(lines)]


def total(lines: Iterable[MonthLine]) -> MonthLine:
    """All of them together."""
    return sum(lines, MonthLine(None, ""))


def percent(line: MonthLine) -> str:
    """The share in time; only where nothing is missing or late it reads 100 %.

    >>> (percent(MonthLine(None, "", due=3000, in_time=2999, late=1)),
    ...  percent(MonthLine(None, "", due=3, in_time=3)), percent(MonthLine(None, "")))
    ('99.9 %', '100 %', '—')
    """
    if line.share is None:
        return "—"
    return "100 %" if line.in_time == line.due else f"{min(99.9, line.share * 100):.1f} %"


def _line(
    group: Group, outages: Sequence[Outage], policy: Policy, now: datetime
) -> MonthLine | None:
    """What a group adds; None where it is not due yet."""
    zone = ZoneInfo(group.zone or policy.zone)
    own_on, sent = local_day(group.at, zone), group.state is NudgeState.SENT
    meant_on, cause = _day(group, outages, policy, zone, own_on)
    until_on = own_on if sent else local_day(now, zone)
    days = (until_on - meant_on).days
    if group.state is NudgeState.WAITING and days <= 0:
        return None
    n, month_on = group.count, meant_on.replace(day=1)
    if sent and days <= 0:
        return MonthLine(month_on, group.channel, due=n, in_time=n)
    why = {
        NudgeState.DEAD: Cause.NOBODY,
        NudgeState.IN_DOUBT: Cause.NOBODY,
        NudgeState.HELD: Cause.HELD,
    }.get(group.state)
    because = {why or cause or _cause(meant_on, outages, policy, zone) or Cause.QUEUE: n}
    return MonthLine(
        month_on, group.channel, n, 0, n if sent else 0, 0 if sent else n, max(days, 0), because
    )


def _day(
    group: Group, outages: Sequence[Outage], policy: Policy, zone: ZoneInfo, own_on: date
) -> tuple[date, Cause | None]:
    """The day a group was meant for, and what kept it from being told then, if that kept it from
    coming up at all."""
    meant_on = group.meant_on or own_on
    if group.came_on is None or group.came_on >= meant_on:
        return meant_on, None
    calendar = policy.calendar_of(_reader(group))
    first_on = calendar.on_or_after(group.came_on)
    if first_on >= meant_on:
        return meant_on, None
    stops = [
        o
        for o in outages
        if o.cause in _NOTHING_CAME_UP and meant_on <= _second(calendar, local_day(o.to_at, zone))
    ]
    cause = _cause(first_on, stops, policy, zone)
    return (first_on, cause) if cause is not None else (meant_on, None)


def _second(calendar: Calendar, day: date) -> date:
    """The working day after the first one from a day on: by then what a stop kept back has come up;
    what comes later came for another reason."""
    return calendar.on_or_after(calendar.on_or_after(day) + timedelta(days=1))


def _cause(day: date, outages: Sequence[Outage], policy: Policy, zone: ZoneInfo) -> Cause | None:
    """What lasted beyond the end of a day's working hours."""
    closes_at = send_instant(day, policy.hours.closes, zone)
    held = {o.cause for o in outages if o.holds(closes_at)}
    return next((cause for cause in Cause if cause in held), None)


def _reader(group: Group) -> Person | None:
    """Somebody with the reader's calendar."""
    return Person(0, "", calendar=group.calendar) if group.calendar else None

"""After a copy was put back (DESIGN §7 "Restore"): nothing is sent until somebody says from when
on. The database that was replaced told people things that the copy does not know of. `live_again`
relives that time, at the instants at which things came up then: every day that came becomes an
event, every ladder stands where it stood, and what would have gone out is taken as told, with that
reason. What comes up from `since` on is sent.

Always holds: nothing is sent from here; a replay that was interrupted goes on from where it stood;
without `since` the wait does not end.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from scheduler.core.deal.formats import clock_word
from scheduler.core.policy.policy import Policy
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.lexicon import ChannelName
from scheduler.core.words.reasons import reason
from scheduler.ports import Begin
from scheduler.services.deals.sweep import SweepTransaction, sweep_once
from scheduler.services.delivery.form import FormingTransaction, form_messages
from scheduler.services.digests.digests import DigestLook, DigestTransaction
from scheduler.services.digests.round import digest_once

_SWEPT, _FORMED, _DIGESTS = 500, 100, 50
_ON = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Restored:
    """A copy that was put back, or noticed, at `found_at`. `copy_at`: the last sweep it knows.
    `seen_at`: when the database it replaced was last known to work, where the folder remembers
    that. `noticed`: the program found out by itself."""

    found_at: datetime
    copy_at: datetime | None = None
    seen_at: datetime | None = None
    by: str = ""
    noticed: bool = False

    @property
    def until_at(self) -> datetime:
        """Until when things are taken as told by default: until the replaced database last worked,
        or else until the copy was put back; never before the copy was made. Rounded up to a
        minute."""
        last = self.seen_at or self.found_at
        return minute_over(max(last, self.copy_at) if self.copy_at is not None else last)


@dataclass(frozen=True, slots=True)
class TakenAsSent:
    """What one recipient would have been sent, and is taken to have got: messages of one kind, the
    nudges in them, from when to when."""

    recipient: str
    kind: str
    messages: int
    nudges: int
    first_at: datetime
    last_at: datetime


def minute_over(instant: datetime) -> datetime:
    """The instant, rounded up to a whole minute.

    >>> from datetime import UTC
    >>> (minute_over(datetime(2027, 1, 5, 10, 1, 2, tzinfo=UTC)).minute,
    ...  minute_over(datetime(2027, 1, 5, 10, 1, tzinfo=UTC)).minute)
    (2, 1)
    """
    whole = instant.replace(second=0, microsecond=0)
    return whole if whole == instant else whole + _ON


def as_since(instant: datetime, zone: ZoneInfo) -> str:
    """An instant as `release --since` reads it, rounded up to a minute; in an hour that comes
    twice, the second time carries its offset.

    >>> from datetime import UTC
    >>> as_since(datetime(2027, 1, 5, 1, 1, 2, tzinfo=UTC), ZoneInfo("Asia/Tokyo"))
    '2027-01-05T10:02'
    >>> as_since(datetime(2027, 10, 31, 1, 30, tzinfo=UTC), ZoneInfo("Europe/London"))
    '2027-10-31T01:30+00:00'
    """
    there = minute_over(instant).astimezone(zone)
    return (there if there.fold else there.replace(tzinfo=None)).isoformat(timespec="minutes")


class TakingStore(Protocol):
    """What was due to go out in the time that the copy does not know."""

    def next_at(self, now: datetime) -> datetime | None:
        """When there is something to do next."""

    def take(self, at: datetime, because: str) -> int:
        """Takes what would have gone out by then as told, for that reason; returns how many
        messages."""

    def taken(self, because: str) -> Sequence[TakenAsSent]:
        """What was taken as told for that reason, by recipient."""


@dataclass(frozen=True, slots=True)
class RestoredStores:
    """What reliving asks of the storage."""

    sweeping: Begin[SweepTransaction]
    forming: Begin[FormingTransaction]
    digest_looking: Begin[DigestLook]
    digest_writing: Begin[DigestTransaction]
    taking: TakingStore


def live_again(
    world: RestoredStores,
    policy: Policy,
    channels: Collection[ChannelName],
    restored: Restored,
    since: datetime,
) -> Sequence[TakenAsSent]:
    """Relives the time from the copy's last sweep to `since`; returns what was taken as told.
    Raises StalePolicyError."""
    because = reason("taken_as_told", since=clock_word(since, ZoneInfo(policy.zone)))
    at = restored.copy_at or since
    while (due := world.taking.next_at(at)) is not None and (at := _next(due, at)) < since:
        while sweep_once(world.sweeping, policy, at, _SWEPT).deals:
            pass
        while form_messages(world.forming, policy, channels, at, _FORMED).total:
            pass
        world.taking.take(at, because)
    while digest_once(
        world.digest_looking, world.digest_writing, policy, channels, since, _DIGESTS
    ).total:
        pass
    world.taking.take(since, because)
    return world.taking.taken(because)


def _next(due: datetime, at: datetime) -> datetime:
    """The next instant to live: when something is due, but always later than the last."""
    return due if due > at else at + _ON


def instant_since(since: datetime, restored: Restored, now: datetime) -> datetime:
    """From when on nudges are sent, as somebody typed it, but never before the copy was made.
    Raises UserMustActError for an instant in the future."""
    if since > now + _ON:
        raise UserMustActError(
            (
                "--since ({since:%Y-%m-%d %H:%M} UTC) is still to come (it is {now:%Y-%m-%d "
                "%H:%M} UTC)"
            ),
            since=since,
            now=now,
        )
    since = min(since, now)
    return (
        min(max(since, minute_over(restored.copy_at)), max(now, since))
        if restored.copy_at is not None
        else since
    )

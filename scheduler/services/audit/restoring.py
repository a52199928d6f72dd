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
from scheduler.core.words.lexicon import ChannelName
from scheduler.core.words.reasons import reason
from scheduler.ports import Begin
from scheduler.services.audit.restored import Restored
from scheduler.services.deals.sweep import SweepTransaction, sweep_once
from scheduler.services.delivery.form import FormingTransaction, form_messages
from scheduler.services.digests.digests import DigestLook, DigestTransaction
from scheduler.services.digests.round import digest_once

_SWEPT, _FORMED, _DIGESTS = 500, 100, 50
_ON = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class TakenAsSent:
    """The messages that one recipient would have been sent, and is assumed to have got: messages of
    one kind, the nudges in them, from when to when."""

    recipient: str
    kind: str
    messages: int
    nudges: int
    first_at: datetime
    last_at: datetime


class TakingStore(Protocol):
    """The storage of what was due to go out in the time that the copy does not know."""

    def next_at(self, now: datetime) -> datetime | None:
        """When there is something to do next."""

    def take(self, at: datetime, because: str) -> int:
        """Takes what would have gone out by then as told, for that reason; returns how many
        messages."""

    def taken(self, because: str) -> Sequence[TakenAsSent]:
        """The messages taken as sent for that reason, by recipient."""


@dataclass(frozen=True, slots=True)
class RestoredStores:
    """The storage as reliving needs it."""

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

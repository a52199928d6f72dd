"""The circuit breaker of each channel: its condition, and how failures and successes change it
(DESIGN §11 "Channels and messages").

    works --- a failure of the channel, or the same refusal or no answer for several and nobody
        taken -->
        paused: one probe at growing intervals (a refusal for now, as of servers that greylist, has
        to last first)
    paused -- a probe, or anybody else's message, is taken -->
        works: everything that waits goes out

Always holds: a refusal ends a message only if the channel is known to work for others, or keeps
refusing only this one; the instants of probes are computed; each change is reported once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from scheduler.core.messages.faults import PASSING, FaultKind, is_answer
from scheduler.core.words.lexicon import ChannelName

_MINUTE = timedelta(minutes=1)
FIRST_PROBE: Mapping[FaultKind, timedelta] = {
    FaultKind.ACCESS: 10 * _MINUTE,
    FaultKind.SETUP: 5 * _MINUTE,
    FaultKind.NETWORK: _MINUTE / 2,
    FaultKind.BUSY: _MINUTE,
    FaultKind.EVERYBODY: 2 * _MINUTE,
}
"""When a paused channel is tried again for the first time. A refused password comes last: servers
lock accounts after a handful of failures."""
LONGEST_PROBE: Mapping[FaultKind, timedelta] = {
    FaultKind.ACCESS: 60 * _MINUTE,
    FaultKind.SETUP: 60 * _MINUTE,
    FaultKind.NETWORK: 10 * _MINUTE,
    FaultKind.BUSY: 30 * _MINUTE,
    FaultKind.EVERYBODY: 30 * _MINUTE,
}
"""The intervals double up to this."""
LATELY = 15 * _MINUTE
"""For how long somebody's success shows that another one's refusal is about that recipient."""
REFUSED_ALONE = 3
"""How often one recipient alone is refused before it is believed, where nobody else's message
tells."""
NOT_NOW = 5
"""How often one recipient is refused for now (4xx) before the refusal is more than greylisting:
with the intervals of `states.next_retry_at` that is after about eight minutes."""
ASK_AGAIN = 2 * _MINUTE
"""When a refusal that nothing bears out yet is tried again."""
TELL_AFTER = 5 * _MINUTE
"""How long what mostly passes by itself may take before people are told."""
EVERYBODY = 2
"""How many recipients are everybody, where not one was taken."""
_IN_DOUBT = "in doubt"
"""The mark of a recipient of whose message nobody knows whether it was taken."""


@dataclass(frozen=True, slots=True)
class ChannelBreaker:
    """One channel with one configuration (`setup`, a mark of its secrets and settings). Paused if
    `paused_at`.

    `failed_at`, `failures`: the last failure, and how many there were since the pause began.
    `refused`: by address, the refusals since the last success (`faults.signature_of`) and the
    doubts. `told`: people know about the pause.
    """

    channel: ChannelName
    setup: str = ""
    ok_at: datetime | None = None
    paused_at: datetime | None = None
    failed_at: datetime | None = None
    probe_at: datetime | None = None
    fault_kind: FaultKind | None = None
    because: str = ""
    failures: int = 0
    refused: Mapping[str, str] = field(default_factory=dict)
    told: bool = False

    @property
    def paused(self) -> bool:
        """Whether only probes use this channel."""
        return self.paused_at is not None

    def may_send(self, now: datetime) -> bool:
        """Whether the channel works, or a probe is due."""
        return self.probe_at is None or self.probe_at <= now


def failed(
    condition: ChannelBreaker, fault_kind: FaultKind, because: str, now: datetime
) -> ChannelBreaker:
    """The channel itself failed: it is paused, or stays paused for longer."""
    failures = condition.failures + 1 if condition.paused else 1
    wait = min(LONGEST_PROBE[fault_kind], FIRST_PROBE[fault_kind] * 2 ** min(failures - 1, 16))
    return replace(
        condition,
        paused_at=condition.paused_at or now,
        failed_at=now,
        probe_at=now + wait,
        fault_kind=fault_kind,
        because=because,
        failures=failures,
    )


def refused(
    condition: ChannelBreaker,
    address: str,
    mark: str,
    because: str,
    attempts: int,
    now: datetime,
    *,
    last_resort: bool = False,
) -> tuple[ChannelBreaker, bool]:
    """One recipient was refused for the `attempts`-th time: the channel's new condition, and
    whether the recipient is to blame.

    A `last_resort`, after whom nobody is left to tell, is blamed only if the channel works for
    others; else the channel is paused. Who is refused for now, as of a server that greylists
    (RFC 6647), is asked again without the others having to wait. Whoever refuses a recipient has
    let us in, so that what else had paused the channel is over.
    """
    if not condition.paused and condition.ok_at is not None and now - condition.ok_at <= LATELY:
        return condition, True
    for_now = mark.startswith("4")
    if condition.paused and condition.fault_kind is not FaultKind.EVERYBODY:
        if not is_answer(mark):
            return failed(condition, condition.fault_kind or FaultKind.NETWORK, because, now), False
        condition = ChannelBreaker(condition.channel, condition.setup, refused=condition.refused)
    known = replace(condition, refused={**condition.refused, address: mark})
    if for_now and not known.paused and attempts < NOT_NOW:
        return known, True
    same = [a for a, other in known.refused.items() if other == mark]
    if known.paused or len(same) >= EVERYBODY:
        return failed(known, FaultKind.EVERYBODY, because, now), False
    if attempts < REFUSED_ALONE:
        return known, False
    if last_resort:
        return failed(known, FaultKind.EVERYBODY, because, now), False
    return replace(known, refused={a: m for a, m in known.refused.items() if a != address}), True


def doubtful(
    condition: ChannelBreaker, address: str, because: str, now: datetime
) -> ChannelBreaker:
    """Nobody knows whether a message to `address` was taken: no answer came, or one that says so.
    Where that meets several and nobody is taken, the others had better wait than be in doubt too.
    """
    known = replace(condition, refused={**condition.refused, address: _IN_DOUBT})
    doubts = sum(mark == _IN_DOUBT for mark in known.refused.values())
    several = known.paused or doubts >= EVERYBODY
    return failed(known, FaultKind.BUSY, because, now) if several else known


def probing(condition: ChannelBreaker, now: datetime) -> ChannelBreaker:
    """A paused channel is tried at `now`: there is no other try for a while, whatever the
    result."""
    fault_kind = condition.fault_kind or FaultKind.NETWORK
    return replace(condition, probe_at=now + FIRST_PROBE[fault_kind])


SHOWN_BY_A_CHECK = frozenset({FaultKind.ACCESS, FaultKind.NETWORK, FaultKind.BUSY})
"""Troubles whose end a check of the server can show without a message; only a message shows whether
the server accepts this sender and its recipients."""


def to_check(condition: ChannelBreaker, now: datetime) -> bool:
    """Whether a paused channel is due for a probe and can be probed without a message."""
    return condition.paused and condition.may_send(now) and condition.fault_kind in SHOWN_BY_A_CHECK


def worked(condition: ChannelBreaker, now: datetime) -> ChannelBreaker:
    """A message was accepted: the channel works."""
    return ChannelBreaker(condition.channel, condition.setup, ok_at=now)


def stands(condition: ChannelBreaker, now: datetime) -> bool:
    """Whether the pause is more than a brief one: a person must act, a probe confirmed it, or it
    has not passed by itself."""
    if condition.paused_at is None:
        return False
    if condition.fault_kind is FaultKind.EVERYBODY:
        return condition.failures > 1
    return condition.fault_kind not in PASSING or now - condition.paused_at >= TELL_AFTER

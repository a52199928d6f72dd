"""How an installation is doing, in a few facts that `renewals doctor`, the health pages and the
metrics all use.

Always holds: nothing is changed; the facts are of one moment; whether a fact is good or bad is
judged elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from scheduler.core.deal.pauses import Pause
from scheduler.core.words.lexicon import ChannelName
from scheduler.services.audit.restored import Restored


@dataclass(frozen=True, slots=True)
class Queue:
    """The messages that wait for one channel. `oldest_at`: since when the message that has waited
    longest could have gone. `paused_at`: since when the channel is paused, `because` of what, to be
    tried again at `again_at`."""

    channel: ChannelName
    waiting: int = 0
    oldest_at: datetime | None = None
    paused_at: datetime | None = None
    because: str = ""
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Balanced:
    """The last balance: when it was made, whether everything was accounted for, days that came,
    nudges, and what did not agree, by its kind."""

    at: datetime
    balanced: bool
    due: int = 0
    nudges: int = 0
    unschedulable: int = 0
    faults: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Installation:
    """The state of an installation at one moment.

    `alarms`: deals whose alarm has rung and that no sweep has looked at, the first at
    `oldest_alarm_at`. `nudges`: due nudges that no message carries yet, the first since
    `oldest_nudge_at`. Neither counts what is paused. `doubtful`, `held`: messages in these states;
    `held_nudges` wait for a person. `restored`: a copy that was put back and waits for `release
    --since`.
    """

    at: datetime
    instance: str = ""
    revision: str = ""
    last_sweep_at: datetime | None = None
    alarms: int = 0
    oldest_alarm_at: datetime | None = None
    nudges: int = 0
    oldest_nudge_at: datetime | None = None
    queues: Sequence[Queue] = ()
    held: int = 0
    held_nudges: int = 0
    doubtful: int = 0
    last_balance: Balanced | None = None
    pauses: Sequence[Pause] = ()
    restored: Restored | None = None

    def queue(self, channel: ChannelName) -> Queue:
        """The queue of a channel."""
        return next((q for q in self.queues if q.channel is channel), Queue(channel))

"""The queries behind /readyz and the outside watcher. Always holds: they only read, one row
each."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Engine
from typing_extensions import override

from scheduler.core.deal.pauses import everything
from scheduler.core.machine.liveness import Facts
from scheduler.core.messages.circuit_breaker import stands
from scheduler.core.words.lexicon import ChannelName
from scheduler.ports import Clock
from scheduler.services.audit.liveness import LivenessStore
from scheduler.storage.database.engine import looking
from scheduler.storage.database.meta import LAST_SWEEP, get_fact
from scheduler.storage.database.paused import active
from scheduler.storage.database.restored import read_restored
from scheduler.storage.delivery.channel_conditions import admins_past, read_condition


class LivenessRows(LivenessStore):
    """The time and the last sweep. `setups` are marks of this machine's
    configuration of each channel."""

    def __init__(self, reading: Engine, clock: Clock, setups: Mapping[ChannelName, str]) -> None:
        self._reading, self._clock, self._setups = reading, clock, setups

    @override
    def facts(self) -> Facts:
        """The time and the last sweep. Raises the error that keeps them from being read."""
        now = self._clock.now()
        with looking(self._reading) as connection:
            swept, held, paused = (
                get_fact(connection, LAST_SWEEP),
                read_restored(connection) is not None,
                everything(active(connection, now)),
            )
        return Facts(now, datetime.fromisoformat(swept) if swept else None, held, paused)

    def unreported_failures(
        self, admins: Collection[str], configured: Collection[ChannelName], now: datetime
    ) -> list[ChannelName]:
        """The channels that have been broken for more than a moment, with no way to tell the
        admins."""
        with looking(self._reading) as connection:
            conditions = [
                read_condition(connection, channel, self._setups.get(channel, ""), locked=False)
                for channel in configured
            ]
            standing = [c.channel for c in conditions if stands(c, now)]
            broken = {c.channel for c in conditions if c.paused}
            return (
                standing
                if standing and not admins_past(connection, admins, configured, broken)
                else []
            )

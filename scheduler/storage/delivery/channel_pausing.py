"""The conditions of channels within a transaction that sends."""

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection
from typing_extensions import override

from scheduler.core.messages.circuit_breaker import ChannelBreaker
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import ChannelName
from scheduler.services.delivery.channel_pauses import PausingTransaction
from scheduler.storage.database.outages import keep_pause
from scheduler.storage.delivery.channel_conditions import (
    admins_past,
    count_waiting,
    go_around,
    hasten,
    keep_condition,
    read_condition,
)
from scheduler.storage.delivery.forming import AlertQueries, queue_alert


class ChannelPauseQueries(AlertQueries, PausingTransaction):
    """Keeps what is known of channels. `setups` names how each is set up here: another setup is
    another channel."""

    def __init__(
        self, connection: Connection, setups: Mapping[ChannelName, str] = MappingProxyType({})
    ) -> None:
        super().__init__(connection)
        self._setups = setups

    @override
    def condition(self, channel: ChannelName, *, locked: bool = True) -> ChannelBreaker:
        return read_condition(
            self._connection, channel, self._setups.get(channel, ""), locked=locked
        )

    @override
    def keep_condition(self, condition: ChannelBreaker) -> None:
        keep_condition(self._connection, condition)

    @override
    def keep_pause(self, before: ChannelBreaker, now: datetime) -> None:
        keep_pause(self._connection, before, now)

    @override
    def hasten(self, channel: ChannelName, addresses: Collection[str], now: datetime) -> None:
        hasten(self._connection, channel, addresses, now)

    @override
    def waiting_for(self, channel: ChannelName) -> int:
        return count_waiting(self._connection, channel)

    @override
    def go_around(
        self,
        condition: ChannelBreaker,
        usable: Collection[ChannelName],
        now: datetime,
        limit: int,
    ) -> int:
        return go_around(self._connection, condition, usable, now, limit)

    @override
    def tell_past(
        self,
        key: str,
        facts: Mapping[str, Any],
        policy: Policy,
        configured: Collection[ChannelName],
        broken: Collection[ChannelName],
        now: datetime,
    ) -> int:
        ways = admins_past(self._connection, policy.admins, configured, broken)
        for way in ways:
            queue_alert(self._connection, key, f"{way[0]}:{way[1]}", way, facts, policy, now)
        return len(ways)

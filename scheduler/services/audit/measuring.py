"""Measuring: the figures for monitoring (/metrics), from what the database and this process know.

Always holds: a figure names channels, jobs and outcomes, never a customer, a person or an address.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from scheduler.core.facts.punctuality import MonthLine
from scheduler.core.machine.liveness import Vitals
from scheduler.core.words.lexicon import ChannelName
from scheduler.services.audit.installation import Installation
from scheduler.services.sync.push_status import PushStatus
from scheduler.services.sync.sync_status import SyncStatus


@dataclass(frozen=True, slots=True)
class SyncMeasures:
    """How closely HubSpot and the deals agree, and what was sent to HubSpot."""

    standing: SyncStatus
    pushes: PushStatus


@dataclass(frozen=True, slots=True)
class Measures:
    """All figures. `channels`: the configured ones; `outcomes`: how often each outcome occurred
    since this process began, by channel and word (`services.delivery.delivery.OUTCOMES`);
    `punctual`: this month and the last, as of the latest balance; `sync`: how far HubSpot and the
    deals are in step, None where nothing is kept in step."""

    installation: Installation
    vitals: Vitals
    channels: Collection[ChannelName]
    outcomes: Mapping[tuple[ChannelName, str], int]
    version: str
    punctual: Sequence[MonthLine] = ()
    sync: SyncMeasures | None = None

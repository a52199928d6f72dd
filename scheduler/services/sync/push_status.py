"""What has been sent to HubSpot of our deals, for people: how many are in step, which are parked
and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduler.ports import Begin

LISTED = 20


@dataclass(frozen=True, slots=True)
class ParkedPush:
    """A deal that HubSpot refuses. `because` is HubSpot's words or a stored reason, `asked_at` when
    it was refused last, `again_at` when it is tried again in any case."""

    record_id: str
    contract: str
    customer: str
    because: str
    asked_at: datetime | None
    again_at: datetime | None


@dataclass(frozen=True, slots=True)
class PushStatus:
    """How many deals are due to be sent to HubSpot (`due`, with those that wait for a pull first),
    have been sent, or are being sent (`under_way`); of how many nobody knows whether it arrived;
    how many written stages are still to be checked. `parked` are the first of `parked_count`."""

    due: int = 0
    in_step: int = 0
    under_way: int = 0
    unknown: int = 0
    unchecked: int = 0
    parked_count: int = 0
    parked: Sequence[ParkedPush] = ()
    last_at: datetime | None = None

    @property
    def all_told(self) -> bool:
        """Whether HubSpot has everything that must be sent to it, and nothing is parked."""
        return not (self.due or self.under_way or self.unknown or self.parked_count)


class PushLook(Protocol):
    """A look at what has been sent to HubSpot."""

    def pushed(self, now: datetime, policy_version: int, listed: int) -> PushStatus:
        """All of it, with the first so many that are parked."""


def push_status(
    looking: Begin[PushLook], now: datetime, policy_version: int, listed: int = LISTED
) -> PushStatus:
    """What has been sent to HubSpot by now."""
    with looking() as look:
        return look.pushed(now, policy_version, listed)

"""Listing signals: what is believed now, the latest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduler.ports import Begin

LISTED_SIGNALS = 200
"""How many are listed unless more are asked for."""


@dataclass(frozen=True, slots=True)
class SignalsAsked:
    """Which signals: of a contract (its number), of customers whose names hold a text, of one name,
    or those whose contract or customer is not here. Empty parts ask for all."""

    contract: str = ""
    customer: str = ""
    name: str = ""
    unmatched: bool = False
    most: int = LISTED_SIGNALS


@dataclass(frozen=True, slots=True)
class ListedSignal:
    """A signal with whom it is about: `subject` as files write it, whether that is `known` here,
    and the customer's name if so."""

    kind: str
    subject: str
    known: bool
    customer: str
    name: str
    value: float
    at: datetime
    source: str
    received_at: datetime


class SignalListing(Protocol):
    """One look at the signals."""

    def listed(self, asked: SignalsAsked) -> Sequence[ListedSignal]:
        """The signals that were asked for, the latest first."""

    def names(self) -> frozenset[str]:
        """The names of the signals that are believed now."""


def list_signals(listing: Begin[SignalListing], asked: SignalsAsked) -> Sequence[ListedSignal]:
    """The signals that were asked for."""
    with listing() as look:
        return look.listed(asked)

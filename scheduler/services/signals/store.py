"""What signals need of the storage, and the values that pass through it."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduler.core.imports.signals import SignalLine
from scheduler.services.imports.store import ImportFrame


def _quiet() -> None:
    """Says nothing."""


@dataclass(frozen=True, slots=True)
class KeptSignals:
    """What became of the signals of one file. `new`: measured for the first time; `corrected`:
    known with another value; `repeated`: known as they are, or twice in the file. `contradicted`:
    twice in the file with different values, of which the larger counts, as (line, other line) of
    the first ones. `unknown`: whose contract or customer is not here, as written, the first ones of
    `unknown_count`."""

    new: int = 0
    corrected: int = 0
    repeated: int = 0
    contradicted: tuple[tuple[int, int], ...] = ()
    unknown: tuple[str, ...] = ()
    unknown_count: int = 0


class SignalTransaction(ImportFrame, Protocol):
    """Signals that come in: one open transaction, or for many one after the other."""

    def keep_staged(self) -> KeptSignals:
        """Keeps what was put aside."""

    def concerned(self, *, by_customer: bool = False) -> Sequence[int]:
        """The contracts with an open deal of which this import has said something new, by id."""

    def wake_contracts(self, contracts: Sequence[int], now: datetime) -> None:
        """Sets the alarms of the open deals of these contracts to now."""


class SignalStage(Protocol):
    """Signals on their way in: put aside batch by batch while nobody waits, then kept."""

    def add(self, lines: Sequence[SignalLine]) -> None:
        """Puts a batch aside."""

    def importing(
        self, *, keep: bool, large: bool = False, taking_back: Callable[[], None] = _quiet
    ) -> AbstractContextManager[SignalTransaction]:
        """The transaction in which they are kept; rolled back unless `keep`, and on any error.
        `large`: in parts; `taking_back` is called before those that are there are taken back."""


class SignalStore(Protocol):
    """The storage that signals come into."""

    def staging(self, now: datetime) -> AbstractContextManager[SignalStage]:
        """A place for signals on their way in, gone at the end of the block. Signals without a
        known-at time count as known at `now`."""

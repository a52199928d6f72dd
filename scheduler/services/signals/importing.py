"""Importing signals: a file's rows are read and put aside in batches, then kept; those of a large
file in parts, so that nobody who answers waits for it (`storage.imports.parts` says how).

Always holds: all of a file is kept or nothing; the same file again changes nothing; only contracts
of which something new was said are decided anew; a dry run is the same work rolled back. What is
measured of contracts that are not here is kept until they are.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from scheduler.core.imports.signals import SignalBatch, SignalLine
from scheduler.core.imports.texts import Reject
from scheduler.services.imports.files import ReadFile
from scheduler.services.signals.store import KeptSignals, SignalStore, SignalTransaction

SIGNALS = "signals"
"""The kind of import that brings signals."""
ONE_PIECE = 5000
"""A file of so many rows is kept in one transaction."""
BY_HAND = "by hand"
"""What stands for the file of signals that somebody entered."""


class SignalSource(ReadFile, Protocol):
    """A file that was looked through (scheduler.sources.signals)."""

    @property
    def rows(self) -> int:
        """How many rows it has."""

    def batches(self) -> Iterator[SignalBatch]:
        """Its rows."""


@dataclass(frozen=True, slots=True)
class SignalReport:
    """The result of a file of signals. `contracts`: how many are decided anew; `rejected` cells or
    rows did not come in."""

    file: str
    source: str
    dry_run: bool
    import_id: int | None
    kept: KeptSignals
    contracts: int
    rejected: int = 0
    ignored: tuple[str, ...] = field(default=())


def import_signals(
    store: SignalStore,
    source: SignalSource,
    now: datetime,
    *,
    dry_run: bool = False,
    by_customer: bool = False,
    on_reject: Callable[[Reject], None] = lambda _: None,
    progress: Callable[[int, int | None], None] = lambda _done, _total: None,
    one_piece: int = ONE_PIECE,
    taking_back: Callable[[], None] = lambda: None,
) -> SignalReport:
    """Imports a file's signals, as received at `now` where it does not say when. `by_customer`:
    each counts for all contracts of its customer. `on_reject` gets everything that stays out;
    `progress` the rows done and their total. A file of more than `one_piece` rows is kept in parts;
    `taking_back` is called before they are taken back. Raises ImportRefusedError (a quotation mark
    that is never closed) and what the database raises; nothing is kept then."""
    rejected = done = 0
    with store.staging(now) as stage:
        for batch in source.batches():
            stage.add(batch.lines)
            for reject in batch.rejects:
                on_reject(reject)
            rejected += len(batch.rejects)
            done += batch.rows
            progress(done, source.rows)
        importing = stage.importing(
            keep=not dry_run, large=source.rows > one_piece, taking_back=taking_back
        )
        return _kept(importing, source, now, dry_run, by_customer, rejected)


def _kept(
    importing: AbstractContextManager[SignalTransaction],
    source: SignalSource,
    now: datetime,
    dry_run: bool,
    by_customer: bool,
    rejected: int,
) -> SignalReport:
    """Keeps the signals that were put aside, and reports on them."""
    with importing as transaction:
        begun = transaction.begin(source.source, SIGNALS, source.file, source.sha256, now)
        kept = transaction.keep_staged()
        contracts = transaction.concerned(by_customer=by_customer)
        transaction.wake_contracts(contracts, now)
        counts = {"new": kept.new, "updated": kept.corrected, "rejected": rejected}
        transaction.finish(begun.import_id, counts, now)
    return SignalReport(
        source.file,
        source.source,
        dry_run,
        None if dry_run else begun.import_id,
        kept,
        len(contracts),
        rejected,
        source.ignored,
    )


@dataclass(frozen=True, slots=True)
class EnteredSignals:
    """Signals that somebody entered, as a source."""

    lines: Sequence[SignalLine]
    source: str
    file: str = BY_HAND
    sha256: str = ""
    ignored: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(self.lines)

    def batches(self) -> Iterator[SignalBatch]:
        """All of them."""
        yield SignalBatch(list(self.lines), rows=len(self.lines))

"""Comparing all deals with HubSpot and, on demand, marking what differs, so that the next round
repairs it on its ordinary way.

Always holds: marks are kept page by page and change nothing themselves; a run that breaks off
leaves marks that the next round works off, and the next comparison begins anew; the figures of the
last comparison are kept.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from scheduler.core.sync.drift import NEVER_READ, PAUSED, Aspect, DriftFinding, Repair
from scheduler.ports import Begin
from scheduler.services.sync.drift import DriftCheck
from scheduler.services.sync.drift_store import DriftTransaction
from scheduler.services.sync.suspects import DriftPage
from scheduler.services.sync.sync_status import DRIFT, LAST, LastDrift, LastRound
from scheduler.services.sync.syncing import Syncing


@dataclass(slots=True)
class Drift:
    """The result of a comparison. `findings` are the first `most`, or all; `found` counts all of
    them; `records` are those that were marked."""

    read: int = 0
    found: int = 0
    findings: list[DriftFinding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    records: list[str] = field(default_factory=list)

    def add(self, page: DriftPage, most: int | None) -> None:
        """Adds one more page."""
        room = len(page.findings) if most is None else max(0, most - len(self.findings))
        self.read += page.read
        self.found += len(page.findings)
        self.findings += page.findings[:room]
        self.counts += page.counts


def seen_until(transaction: DriftTransaction, syncing: Syncing) -> datetime | None:
    """Up to when every change was to be seen by the last round that ended, by HubSpot's clock; None
    where none has."""
    last = transaction.kept(LAST)
    if last is None:
        return None
    ended_at = LastRound.from_text(last).at + syncing.deals.offset
    return ended_at - syncing.settings.overlap


def compared(check: DriftCheck, *, most: int | None, mark: bool = False) -> Drift:
    """Everything that differs, marked where wanted. Raises what the account and an import raise;
    the marks made by then stay."""
    drift = Drift()
    for page in check.pages():
        drift.add(page, most)
        if mark and page.findings:
            drift.records += marked(check.begin, page.findings, check.differences.now)
    return drift


def compared_again(check: DriftCheck, records: Sequence[str], *, most: int | None) -> Drift:
    """Compares these records again and returns what still differs."""
    drift = Drift()
    for page in check.again(records):
        drift.add(page, most)
    return drift


def marked(
    begin: Begin[DriftTransaction], findings: Sequence[DriftFinding], now: datetime
) -> list[str]:
    """Marks what differs, in one transaction; the records it is about. A stage is pushed only over
    one that was taken in, so its record is read again, too."""
    stages = [f for f in findings if f.mend is Repair.PUSH and f.aspect is Aspect.STAGE]
    read = _of(findings, Repair.TAKE_IN) | {f.record_id for f in stages}
    read |= {f.record_id for f in findings if f.ours == NEVER_READ}
    resumed = {f.record_id for f in findings if f.mend is Repair.LOOK_UP and f.ours == PAUSED}
    with begin() as transaction:
        transaction.take_again(read | {f.theirs for f in findings if f.mend is Repair.ADOPT}, now)
        transaction.look((_of(findings, Repair.LOOK_UP) - resumed) | _of(findings, Repair.ADOPT))
        transaction.resume(resumed)
        transaction.push_again({f.deal_id for f in findings if f.mend is Repair.PUSH})
    return list(dict.fromkeys(f.record_id for f in findings))


def _of(findings: Iterable[DriftFinding], mend: Repair) -> set[str]:
    """The records that are repaired in one way."""
    return {f.record_id for f in findings if f.mend is mend}


def keep_figures(begin: Begin[DriftTransaction], figures: LastDrift) -> None:
    """Keeps the result of a comparison."""
    with begin() as transaction:
        transaction.keep(DRIFT, figures.as_text(), figures.at)


def figures_of(drift: Drift, left: int, now: datetime) -> LastDrift:
    """The figures of a comparison."""
    return LastDrift(now, drift.read, drift.found, left)

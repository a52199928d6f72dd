"""Keeps signals in a database, as an import of a file does."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Engine

from scheduler.core.imports.signals import SignalLine
from scheduler.services.signals.store import KeptSignals
from scheduler.storage.imports.signals import SignalImports


def line(
    at: datetime,
    value: float,
    *,
    subject: str = "C-1",
    kind: str = "contract",
    name: str = "logins",
    source: str = "crm",
    received_at: datetime | None = None,
    number: int = 2,
) -> SignalLine:
    """One row of a file."""
    key = subject.casefold()
    return SignalLine(number, kind, key, subject, name, value, at, source, received_at)


def keep(engine: Engine, now: datetime, *batches: Iterable[SignalLine]) -> KeptSignals:
    """One file, in batches."""
    with SignalImports(engine).staging(now) as stage:
        for batch in batches:
            stage.add(list(batch))
        with stage.importing(keep=True) as transaction:
            begun = transaction.begin("crm", "signals", "crm.csv", "", now)
            kept = transaction.keep_staged()
            transaction.wake_contracts(transaction.concerned(by_customer=True), now)
            transaction.finish(begun.import_id, {}, now)
    return kept

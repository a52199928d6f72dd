"""Importing contracts: a file's rows become contracts and deals, or change known ones.

An import is one transaction, or of a large file many short ones, so that nobody who answers waits
for it (`storage.imports.parts` says how). A crash, a full disk or Ctrl-C leaves nothing behind
either way, and a dry run is the same work rolled back.

    1. Open the transaction and the import's row; is this the source's first load?
    2. Batch by batch: rows known by (source, id) and unchanged are passed over; new ones open a
       deal; changed ones are compared field by field.
    3. A second reading for rows whose place depends on the customer having a contract: by now all
       contracts are there.
    4. New numbers that may be known terms were kept back: now that all are seen, each term finds
       its row.
    5. Close the import's row with its counts; commit (or roll back).

Always holds: the same file again changes nothing; what an import changes in existing rows is kept,
so that it can be undone; every deal it opens or changes has its alarm set to now. Memory does not
grow with the file, except for the rows of step 4.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Protocol

from scheduler.core.deal.pipeline import Actor
from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.texts import LeftOut, Reject
from scheduler.core.imports.written_days import OrderElsewhere
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import ActorKind
from scheduler.services.imports.choices import (
    NOBODY_LISTENS,
    NOTHING_CHOSEN,
    ImportChoices,
    ImportListener,
    Send,
)
from scheduler.services.imports.erased import refuse_erased
from scheduler.services.imports.files import SourceFile
from scheduler.services.imports.first_load import OWES_DIGEST
from scheduler.services.imports.import_report import ImportReport
from scheduler.services.imports.missing_contracts import deal_with_missing
from scheduler.services.imports.one_import import Import
from scheduler.services.imports.people_in_rows import PeopleDirectory, PeopleInRows
from scheduler.services.imports.preview import preview
from scheduler.services.imports.rows import Rows
from scheduler.services.imports.store import ImportStore, ImportTransaction

BATCH = 250
ONE_PIECE = 1000
"""A file of up to so many rows comes in in one transaction."""


class ContractSource(SourceFile, Protocol):
    """A file that was looked through (scheduler.sources.contracts)."""

    @property
    def rows(self) -> int:
        """How many rows it has."""

    @property
    def unit(self) -> tuple[str, int] | None:
        """The column of amounts whose name says what they are multiplied by, and that number."""

    @property
    def taxes(self) -> tuple[str, str, str] | None:
        """A column and two of its amounts that do not say the same about tax."""

    @property
    def orders(self) -> tuple[OrderElsewhere, ...]:
        """Its columns of dates whose order another column says."""

    @property
    def has_deferred(self) -> bool:
        """Whether rows wait for the second reading."""

    def records(self, deferred: bool = False) -> Iterator[ContractRecord | Reject | LeftOut]:
        """Its rows."""


def import_contracts(
    store: ImportStore,
    source: ContractSource,
    policy: Policy,
    now: datetime,
    choices: ImportChoices = NOTHING_CHOSEN,
    *,
    dry_run: bool = False,
    listener: ImportListener = NOBODY_LISTENS,
    batch: int = BATCH,
    one_piece: int = ONE_PIECE,
) -> ImportReport:
    """Imports a file's contracts, by what a person has chosen. A file of more than `one_piece` rows
    comes in in parts.

    Raises ImportRefusedError (a quotation mark that is never closed, a column erased, most
    contracts gone) and what the database raises; nothing is written then.
    """
    report = ImportReport(
        file=source.file,
        source=source.source,
        dry_run=dry_run,
        ignored_columns=source.ignored,
        amounts_in=source.unit,
        mixed_taxes=source.taxes,
        orders=source.orders,
    )
    large = source.rows > one_piece
    with store.importing(
        keep=not dry_run, large=large, taking_back=listener.taking_back
    ) as transaction:
        begun = transaction.begin(source.source, "contracts", source.file, source.sha256, now)
        report.import_id, report.first_load = None if dry_run else begun.import_id, begun.first_load
        baseline_at = now if begun.first_load and choices.send is not Send.LATEST else None
        actor = Actor(ActorKind.IMPORT, source.file)
        shared = Import(
            transaction,
            source.source,
            source.file,
            source.present,
            policy,
            now,
            report,
            actor,
            choices,
            begun.import_id,
        )
        rows = Rows(
            shared,
            PeopleInRows(shared, PeopleDirectory.of(transaction.people())),
            baseline_at,
            begun.first_load,
            listener.rejected,
        )
        newest = transaction.newest()
        _take(rows, source, transaction, listener, batch)
        refuse_erased(report, rows.erased, source.empty, erase=choices.erase)
        if not begun.first_load:
            deal_with_missing(shared, rows.presence, choices.gone, newest + 1)
        if dry_run:
            report.preview = preview(transaction.touched(now), policy, now)
        owes = {OWES_DIGEST: 1} if choices.send is Send.DIGEST and begun.first_load else {}
        transaction.finish(begun.import_id, report.counts | owes, now)
    return report


def _take(
    rows: Rows,
    source: ContractSource,
    transaction: ImportTransaction,
    listener: ImportListener,
    batch: int,
) -> None:
    """Takes every row, `batch` at a time; then those that wait for the second reading."""
    done = 0
    for deferred in (False, True) if source.has_deferred else (False,):
        records = source.records(deferred)
        while some := list(islice(records, batch)):
            with transaction.part():
                rows.take(some)
            done += len(some)
            listener.progressed(done, source.rows)
    rows.finish()

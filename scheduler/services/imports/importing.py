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

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Protocol

from scheduler.core.deal.pipeline import Actor
from scheduler.core.imports.edits import EditRule
from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.texts import LeftOut, Reject
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import ActorKind
from scheduler.services.imports.erased import refuse_erased
from scheduler.services.imports.files import SourceFile
from scheduler.services.imports.first_load import OWES_DIGEST
from scheduler.services.imports.import_report import ImportReport
from scheduler.services.imports.one_import import Import
from scheduler.services.imports.presence import Gone, deal_with_missing
from scheduler.services.imports.preview import preview
from scheduler.services.imports.rows import PeopleDirectory, Rows
from scheduler.services.imports.store import ImportStore

BATCH = 250
ONE_PIECE = 1000
"""A file of up to so many rows comes in in one transaction."""


class Send(StrEnum):
    """What a source's first load sends: nothing, the latest milestone per deal, or one digest per
    person of what was held back."""

    NONE = "none"
    LATEST = "latest"
    DIGEST = "digest"


class ContractSource(SourceFile, Protocol):
    """A file that was looked through (scheduler.sources.contracts)."""

    @property
    def rows(self) -> int:
        """How many rows it has."""

    @property
    def unit(self) -> tuple[str, int] | None:
        """The column of amounts whose name says what they are multiplied by, and that number."""

    @property
    def has_deferred(self) -> bool:
        """Whether rows wait for the second reading."""

    def records(self, deferred: bool = False) -> Iterator[ContractRecord | Reject | LeftOut]:
        """Its rows."""


Progress = Callable[[int, int | None], None]


def _quiet(done: int, total: int | None) -> None:
    """No progress bar."""


def _silent() -> None:
    """Ignores the notice that what came in is taken back."""


def _nowhere(reject: Reject) -> None:
    """No rejects file."""


def import_contracts(
    store: ImportStore,
    source: ContractSource,
    policy: Policy,
    now: datetime,
    *,
    dry_run: bool = False,
    send: Send = Send.NONE,
    gone: Gone = Gone.ASK,
    erase: bool = False,
    on_reject: Callable[[Reject], None] = _nowhere,
    progress: Progress = _quiet,
    batch: int = BATCH,
    one_piece: int = ONE_PIECE,
    taking_back: Callable[[], None] = _silent,
    decided: Mapping[str, str] | None = None,
    renews: Mapping[str, str] | None = None,
    edits: Mapping[str, EditRule] | None = None,
) -> ImportReport:
    """Imports a file's contracts. `on_reject` gets every row that does not come in; `progress` gets
    the rows done and their total. A file of more than `one_piece` rows comes in in parts;
    `taking_back` is called before they are taken back.

    What an earlier import listed is decided by `decided` (what the new dates of a contract number
    mean: `renewed`, `moved`) and `renews` (which new number is the renewal of which old one);
    `edits` decides about fields edited here (for all contracts, "", or by number), else the policy
    does. `gone`: what becomes of open contracts that the file no longer mentions; `erase`: whether
    a column that had values may be empty now. Raises ImportRefusedError (a quotation mark that is
    never closed, a column erased, most contracts gone) and what the database raises; nothing is
    written then.
    """
    report = ImportReport(
        file=source.file,
        source=source.source,
        dry_run=dry_run,
        ignored_columns=source.ignored,
        amounts_in=source.unit,
    )
    large = source.rows > one_piece
    with store.importing(keep=not dry_run, large=large, taking_back=taking_back) as transaction:
        begun = transaction.begin(source.source, "contracts", source.file, source.sha256, now)
        report.import_id, report.first_load = None if dry_run else begun.import_id, begun.first_load
        baseline_at = now if begun.first_load and send is not Send.LATEST else None
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
            decided=dict(decided or {}),
            renews=dict(renews or {}),
            edits=dict(edits or {}),
            number=begun.import_id,
        )
        rows = Rows(
            shared,
            PeopleDirectory.of(transaction.people()),
            baseline_at,
            begun.first_load,
            on_reject,
        )
        done, newest = 0, transaction.newest()
        for deferred in (False, True) if source.has_deferred else (False,):
            records = source.records(deferred)
            while some := list(islice(records, batch)):
                with transaction.part():
                    rows.take(some)
                done += len(some)
                progress(done, source.rows)
        rows.finish()
        refuse_erased(report, rows.erased, source.empty, erase=erase)
        if not begun.first_load:
            deal_with_missing(shared, rows.presence, gone, newest + 1)
        if dry_run:
            report.preview = preview(transaction.touched(now), policy, now)
        owes = {OWES_DIGEST: 1} if send is Send.DIGEST and begun.first_load else {}
        transaction.finish(begun.import_id, report.counts | owes, now)
    return report

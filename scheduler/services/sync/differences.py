"""What differs in the fields and the stages of records that are there.

Fields are told by the import of contracts itself, looked at and rolled back: first of many records
as they were read, then of suspects read whole, halved until each difference has its record.
Always holds: a difference counts only after the record was read whole; what would be held is not
told as a difference of its fields.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.core.sync.account_schema import AccountSchema
from scheduler.core.sync.amounts import BATCH_WITH_HISTORY
from scheduler.core.sync.clocks import ClockOffsets
from scheduler.core.sync.conflicts import Side
from scheduler.core.sync.drift import (
    NO_DEAL,
    Aspect,
    DriftFinding,
    PushProgress,
    Repair,
    finding,
    stage_drift,
)
from scheduler.core.sync.echoes import LedgerLine, OwnSources
from scheduler.core.sync.identity import RecordState
from scheduler.core.sync.moves import NotFollowed, StageBefore, stage_news, stands_for
from scheduler.core.sync.terms import lacking
from scheduler.services.imports.choices import ImportChoices, ImportListener, MissingContracts
from scheduler.services.imports.import_report import LISTED, ImportReport
from scheduler.services.imports.importing import import_contracts
from scheduler.services.sync.record_rows import RecordRows
from scheduler.services.sync.suspects import COMING, EDITED, HELD, UNPUSHED, DriftPage, Suspect

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.core.imports.texts import Reject
    from scheduler.core.sync.terms import ValueProblem
    from scheduler.services.imports.store import ImportStore
    from scheduler.services.sync.syncing import Syncing


@dataclass(frozen=True, slots=True)
class _Foreseen:
    """The result that an import of some suspects would have."""

    report: ImportReport
    rejected: "Sequence[Reject]"
    unread: "Sequence[ValueProblem]"

    @property
    def quiet(self) -> bool:
        """Whether it would change nothing, and there is nothing for anybody to decide."""
        report = self.report
        told = report.moved_count, report.decisions.count, report.contradictions, report.adopted
        return not (any(told) or report.new or report.renewed or self.rejected or self.unread)

    @property
    def is_whole(self) -> bool:
        """Whether the lists of the report name everything."""
        report = self.report
        counts = report.moved_count, report.decisions.count, report.contradictions
        return max(counts) <= LISTED and not (report.renewed or report.adopted)

    def held(self, number: str, record: str) -> bool:
        """Whether one of them would be held."""
        return (
            any(each.contract in (number, record) for each in self.report.undecided)
            or any(each.source_id == record for each in self.rejected)
            or any(each.deal == record for each in self.unread)
        )


@dataclass(frozen=True, slots=True)
class Differences:
    """Finds them. `clocks`: how far they were apart when; `seen_until`: what was changed there by
    then, a round was to see."""

    comparing: "ImportStore"
    syncing: "Syncing"
    schema: AccountSchema
    own: OwnSources
    clocks: ClockOffsets
    seen_until: "datetime"
    now: "datetime"

    def suspects(self, some: Sequence[Suspect]) -> Iterator[Suspect]:
        """The records of which something may differ; those held or without a place here are left
        out."""
        placed = [each for each in some if not each.one.held and self._has_place(each)]
        known = [each for each in placed if each.one.contract]
        told = {each.one.record_id for each in self._fields(known)}
        for each in placed:
            new = not each.one.contract
            if new or each.one.record_id in told or self._stands_elsewhere(each):
                yield each

    def _has_place(self, each: Suspect) -> bool:
        """Whether its stage there is followed."""
        place = self.syncing.settings.stages.place(each.kept.theirs)
        return place is not None and not (place.skip and not each.one.contract)

    def _stands_elsewhere(self, each: Suspect) -> bool:
        """Whether its stage there means another than ours."""
        deal, syncing = each.one.deal, self.syncing
        if deal is None or each.one.told is PushProgress.ANOTHER:
            return False
        here = stands_for(each.kept.theirs, deal, syncing.settings.stages, syncing.policy)
        return isinstance(here, NotFollowed) or (here is not None and here.id != deal.stage)

    def _fields(self, some: Sequence[Suspect]) -> Iterator[Suspect]:
        """The records of which a field may differ, in whole batches."""
        if not some or self._foreseen(some).quiet:
            return
        if len(some) <= BATCH_WITH_HISTORY:
            yield from some
            return
        for at in range(0, len(some), BATCH_WITH_HISTORY):
            yield from self._fields(some[at : at + BATCH_WITH_HISTORY])

    def _foreseen(self, some: Sequence[Suspect]) -> _Foreseen:
        """Works out what an import of them would do, had it never seen them. What cannot be read
        counts as not mapped, as in a round."""
        rejected: list[Reject] = []
        settings = self.syncing.settings
        unread = {k for k in settings.linked if any(k not in each.linked for each in some)}
        rows = RecordRows(
            lambda: iter([[each.kept for each in some]]),
            settings.without(unread).without_fields(lacking(settings.fields, self.schema.types)),
            self.schema,
            len(some),
        )
        report = import_contracts(
            self.comparing,
            rows,
            self.syncing.policy,
            self.now,
            ImportChoices(gone=MissingContracts.KEEP),
            dry_run=True,
            listener=ImportListener(rejected.append),
        )
        return _Foreseen(report, rejected, rows.problems)

    def of(
        self,
        suspects: Sequence[Suspect],
        written: Callable[[Sequence[str]], Mapping[str, LedgerLine]],
    ) -> DriftPage:
        """What really differs, according to the records read whole. Raises what the account and an
        import raise."""
        page = DriftPage()
        for at in range(0, len(suspects), BATCH_WITH_HISTORY):
            some = suspects[at : at + BATCH_WITH_HISTORY]
            whole = self.syncing.deals.by_id([each.one.record_id for each in some])
            read = [
                replace(each, record=record)
                for each in some
                if (record := whole.get(each.one.record_id)) is not None
            ]
            lines = written([each.one.record_id for each in read])
            for each in read:
                self._stage(each, lines.get(each.one.record_id), page)
            self._explain(read, page)
        return page

    def _stage(self, each: Suspect, written: LedgerLine | None, page: DriftPage) -> None:
        """Whose stage is right."""
        one, syncing = each.one, self.syncing
        if one.deal is None or not self._stands_elsewhere(each):
            return
        before = StageBefore(one.taken_at, written, self.own, self.clocks)
        news = stage_news(each.record, one.deal, syncing.settings.stages, syncing.policy, before)
        push = syncing.settings.push
        wrong = stage_drift(one, "/".join(each.kept.theirs), news, push)
        if wrong is None:
            page.counts[UNPUSHED] += not push
        else:
            self._note(each, wrong, page)

    def _note(self, each: Suspect, wrong: DriftFinding, page: DriftPage) -> None:
        """A difference, unless the next round reads it anyway."""
        if each.one.is_coming(each.record, self.seen_until):
            page.counts[COMING] += 1
        else:
            page.findings.append(wrong)

    def _explain(self, some: Sequence[Suspect], page: DriftPage) -> None:
        """Which fields of which records differ."""
        if not some:
            return
        seen = self._foreseen(some)
        if seen.quiet:
            return
        numbers = {each.one.contract or each.one.record_id: each for each in some}
        numbers |= {each.one.record_id: each for each in some}
        fresh = [each for each in some if not each.one.contract]
        stray = any(moved.contract not in numbers for moved in seen.report.moved)
        coming_in = sum(not seen.held(e.one.record_id, e.one.record_id) for e in fresh)
        if len(some) > 1 and (not seen.is_whole or stray or seen.report.new != coming_in):
            middle = len(some) // 2
            self._explain(some[:middle], page)
            self._explain(some[middle:], page)
            return
        self._tell(some, seen, page)

    def _tell(self, some: Sequence[Suspect], seen: _Foreseen, page: DriftPage) -> None:
        """Notes what an import would change."""
        by_number = {each.one.contract: each for each in some}
        by_number |= {each.one.record_id: each for each in some}
        alone = some[0] if len(some) == 1 else None
        for moved in seen.report.moved:
            each = alone or by_number[moved.contract]
            wrong = finding(
                each.one, Aspect.FIELD, moved.after, moved.before, Side.THEIRS, Repair.TAKE_IN
            )
            self._note(each, replace(wrong, name=moved.field, pipeline=moved.pipeline), page)
        page.counts[EDITED] += len({each.contract for each in seen.report.contradicted})
        for each in some:
            number, record = each.one.contract, each.one.record_id
            if seen.held(number, record):
                page.counts[HELD] += 1
            elif not number:
                wrong = finding(
                    each.one, Aspect.RECORD, RecordState.HERE, NO_DEAL, Side.THEIRS, Repair.TAKE_IN
                )
                self._note(each, replace(wrong, customer=each.kept.customer[1]), page)

"""Terms that end and begin: a renewal, a sale that was won, a stage that a file moves a deal to."""

from dataclasses import replace
from datetime import date

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Won
from scheduler.core.deal.pipeline import MoveRefusedError, Passage, StageKind, move
from scheduler.core.imports.outcomes import loss_said
from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.terms import as_next_term, in_series
from scheduler.core.words.keys import deal_key
from scheduler.core.words.reasons import reason
from scheduler.services.imports.batch import Batch
from scheduler.services.imports.one_import import Row
from scheduler.services.imports.store import Closing, Opening, StoredTerm


class Succession(Batch):
    """Closes terms and opens those after them."""

    def _move(self, old: StoredTerm, record: ContractRecord, stage: str) -> None:
        """Moves the deal by the pipeline's rules; a refused move is listed."""
        pipeline = self.of.policy.pipeline(old.pipeline)
        why = reason("import_stage", stage=record.stage)
        try:
            passage = move(pipeline, old.stage, stage, self.of.actor, why, self.of.now)
        except MoveRefusedError as error:
            self._refused(record, old, stage, error.label)
            return
        self.touched.add(old.contract_id)
        self._tell(old, record, "stage", old.stage, stage)
        kind = pipeline.stage(stage).kind
        if kind is StageKind.WON and old.record.ends_on is not None:
            self._succeed(
                old,
                (
                    as_next_term(replace(record, ends_on=None), old.record),
                    old.owner_id,
                    old.sales_id,
                ),
                why,
            )
        elif kind is StageKind.LOST:
            lost = loss_said(record.note, self.of.policy.lost_reasons.get(pipeline.id, ()))
            self.closings.append(Closing(old, passage, lost=lost))
        else:
            self.moves.append((old, passage))

    def _renewed(self, old: StoredTerm, row: Row, *, own_dates: bool = False) -> None:
        """The deal is won, the next term opens, with the row's `own_dates` or as follows from the
        old end."""
        record = row[0] if own_dates else as_next_term(row[0], old.record)
        self._tell(old, record, "ends_on", old.record.ends_on, record.ends_on)
        self._succeed(
            old,
            (record, *row[1:]),
            reason("import_renewed", old=old.record.ends_on, new=record.ends_on),
        )

    def _succeed(self, old: StoredTerm, row: Row, why: str, *, retire: bool = True) -> None:
        """Closes a deal as won and opens the term after it, which gets the source's id (unless the
        old term is not to `retire`)."""
        record = row[0]
        pipeline = self.of.policy.pipeline(old.pipeline)
        self._close(old, record, why, retire=retire)
        stage = pipeline.active_stage(old.health, old.stage) or pipeline.first
        series, number = in_series(
            record, old.series_starts_on or old.record.starts_on, old.term_number + 1
        )
        self._open(old, row, pipeline.id, stage.id, series=series, number=number)

    def _bought(self, old: StoredTerm, row: Row, pipeline_id: str) -> None:
        """Turns won new business into a contract and a deal in the first stage of the existing
        customers' pipeline."""
        record = row[0]
        first = self.of.policy.pipeline(pipeline_id).first.id
        self._tell(old, record, "stage", old.stage, f"{pipeline_id}/{first}")
        self._close(old, record, reason("import_bought", stage=record.stage))
        self._open(old, row, pipeline_id, first, series=record.starts_on, number=0)

    def _close(
        self, old: StoredTerm, record: ContractRecord, why: str, *, retire: bool = True
    ) -> None:
        """Closes the old term's deal as won; its contract gives the source's id away."""
        pipeline = self.of.policy.pipeline(old.pipeline)
        passage = move(pipeline, old.stage, pipeline.won.id, self.of.actor, why, self.of.now)
        self.closings.append(
            Closing(
                old,
                passage,
                Won(Money(record.amount, record.currency), record.term, record.ends_on),
            )
        )
        if retire:
            self._retire(old)
        self.of.report.renewed += 1
        self.touched.add(old.contract_id)

    def _open(
        self,
        old: StoredTerm,
        row: Row,
        pipeline: str,
        stage: str,
        *,
        series: date | None,
        number: int,
    ) -> None:
        """The next term's contract and deal."""
        record, owner_id, sales_id = row
        self.openings.append(
            Opening(
                record,
                pipeline,
                stage,
                (Passage(None, stage, self.of.now, reason("renewal_opened"), self.of.actor),),
                self.of.now,
                deal_key(self.of.source, f"{record.source_id}#{old.contract_id}+1"),
                owner_id if "owner" in self.of.present else old.owner_id,
                sales_id if "sales" in self.of.present else old.sales_id,
                predecessor_id=old.contract_id,
                series_starts_on=series,
                term_number=number,
            )
        )

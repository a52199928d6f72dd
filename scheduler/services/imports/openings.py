"""Where contracts that come in for the first time start: the pipeline, the stage, and how the deal
came there.

Always holds: where rows with the same start begin is worked out only once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

from scheduler.core.deal.deal import Lost
from scheduler.core.deal.pipeline import Passage, Pipeline, Stage, StageKind
from scheduler.core.imports.outcomes import loss_said, signed
from scheduler.core.imports.placement import EXISTING, Placement
from scheduler.core.imports.records import (
    ContractRecord,
    KnownWay,
    first_passages,
    first_stage,
    has_an_end,
    instant_of,
    without_estimate,
)
from scheduler.core.words.keys import deal_key
from scheduler.core.words.lexicon import Health
from scheduler.services.imports.one_import import Import
from scheduler.services.imports.store import Opening

_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a deal starts."""

    pipeline: Pipeline
    stage: Stage
    passages: tuple[Passage, ...]
    entered_at: datetime
    closed_at: datetime | None


_Said = tuple[Placement, Health | None, str, date | None, bool, date | None]
"""What a start depends on: place, health, stage as written, close date, whether the end is an
estimate, start."""


@dataclass
class Openings:
    """Opens deals for new contracts. `baseline_at` is set in a source's first load."""

    of: Import
    baseline_at: datetime | None
    starts: dict[_Said, _Start] = field(default_factory=dict)

    @cached_property
    def existing(self) -> Pipeline:
        """The pipeline of existing customers: the one called so, else the first that renews
        anything."""
        pipelines = self.of.policy.pipelines
        renewing = (p for p in pipelines.values() if p.of_kind(StageKind.RENEWAL, StageKind.ACTIVE))
        return pipelines.get(EXISTING) or next(renewing, next(iter(pipelines.values())))

    @cached_property
    def _default(self) -> Placement:
        """A contract whose file has no stages belongs to the existing customers."""
        return Placement(self.existing.id)

    def of_batch(
        self, records: Sequence[ContractRecord], people: Mapping[int, tuple[int | None, int | None]]
    ) -> list[Opening]:
        """Makes the deals of one batch of new contracts; `people` are owner and sales by line."""
        with_contract = self._with_contract(records)
        return [self._opening(r, *people[r.line], with_contract) for r in records]

    def _with_contract(self, records: Sequence[ContractRecord]) -> frozenset[str]:
        """The customers that have a contract, as far as a row's place depends on it."""
        asking = {
            r.customer_id: r.place.pipeline for r in records if r.place and r.place.by_contract
        }
        return (
            self.of.transaction.with_contract(self.of.source, asking, set(asking.values()))
            if asking
            else frozenset()
        )

    def _opening(
        self,
        record: ContractRecord,
        owner_id: int | None,
        sales_id: int | None,
        with_contract: frozenset[str],
    ) -> Opening:
        """Makes one new contract's deal."""
        place = record.place or self._default
        has_contract = record.customer_id in with_contract or has_an_end(record)
        if place.otherwise is not None and not has_contract:
            place = place.otherwise
        start = self._start(record, place)
        if record.way is not None:
            start = _come(start, record.way, has_contract=has_contract)
        if start.pipeline is not self.existing:
            record = _as_new_business(record, start.stage)
        return Opening(
            record,
            start.pipeline.id,
            start.stage.id,
            start.passages,
            start.entered_at,
            deal_key(self.of.source, record.source_id),
            owner_id,
            sales_id,
            start.closed_at,
            signed(record) if start.stage.kind is StageKind.WON else None,
            self._loss(record, start) if start.stage.kind is StageKind.LOST else None,
            self.baseline_at,
        )

    def _loss(self, record: ContractRecord, start: _Start) -> Lost:
        """Why a deal that comes in closed was lost."""
        return loss_said(record.note, self.of.policy.lost_reasons.get(start.pipeline.id, ()))

    def _start(self, record: ContractRecord, place: Placement) -> _Start:
        """Where a record starts; worked out once for all records that say the same."""
        said = (
            place,
            record.health,
            record.stage,
            record.closed_on,
            record.estimated,
            record.starts_on,
        )
        start = self.starts.get(said)
        if start is None:
            if len(self.starts) >= _REMEMBERED:
                self.starts.clear()
            start = self.starts[said] = self._worked_out(record, place)
        return start

    def _worked_out(self, record: ContractRecord, place: Placement) -> _Start:
        """Where a record starts."""
        now = self.of.now
        pipeline = self.of.policy.pipeline(place.pipeline)
        stage = first_stage(
            record, pipeline, place, now.astimezone(self.of.policy.zone_of(None, pipeline)).date()
        )
        passages = first_passages(record, pipeline, place, stage, actor=self.of.actor, now=now)
        closed_at = None if stage.is_open else instant_of(record.closed_on) or now
        return _Start(pipeline, stage, passages, passages[-1].at or now, closed_at)


def _come(start: _Start, way: KnownWay, *, has_contract: bool) -> _Start:
    """The same start, reached as the source remembers it."""
    passages = way.passages(start.pipeline, start.stage, has_contract=has_contract)
    entered_at = passages[-1].at or start.entered_at
    closed_at = None if start.stage.is_open else entered_at
    return replace(start, passages=passages, entered_at=entered_at, closed_at=closed_at)


def _as_new_business(record: ContractRecord, stage: Stage) -> ContractRecord:
    """A deal that is no contract yet: an estimated end means nothing, and while the deal is open
    its close date is its expected day."""
    record = without_estimate(record)
    return replace(record, expected_on=record.closed_on) if stage.is_open else record

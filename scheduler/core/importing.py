"""Imported contracts as values, and the rules that need no database: what a row leaves to be computed, where it starts, what counts as a renewal.

Always holds: a record is complete after `completed`: its end is not before its start, its deadline not after its end; history that nobody
observed is marked so (`observed=False`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from functools import lru_cache

from scheduler.core.dates import decide_by, term_between, term_days, term_end
from scheduler.core.import_texts import FieldError
from scheduler.core.pipeline import Actor, Passage, Pipeline, Stage, StageKind
from scheduler.core.reasons import reason
from scheduler.core.units import Term
from scheduler.core.words import Health

EXISTING, NEW_BUSINESS = "existing", "new_business"
ONBOARDING_DAYS = 90
"""How long after its start a contract counts as being onboarded when it is first seen (a pipeline's own `onboarding_days` comes first)."""
UNKNOWN_PROGRESS = "?"
"""`Placement.passed` where nobody knows how far a lost deal had come."""
ADOPTION_DAYS = 31
DEFAULT_TERM = Term(months=12)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a stage of another system lands.

    An empty `stage` is chosen by the contract's dates (`first_stage`). `passed` is the furthest stage a lost deal is known to have been in
    (`UNKNOWN_PROGRESS`, or empty for none). `otherwise` stands instead while the customer has no contract. `skip`: such rows stay out.
    """

    pipeline: str
    stage: str = ""
    passed: str = ""
    otherwise: "Placement | None" = None
    skip: bool = False
    bought: bool = False

    @property
    def by_contract(self) -> bool:
        """Whether it depends on the customer having a contract."""
        return self.otherwise is not None


@dataclass(frozen=True, slots=True)
class ContractRecord:
    """One row of a file, parsed. Texts are as written; an empty text or None is an empty cell, or a column the file does not have.

    `line` is physical, from 1. `customer_id` is the source's own, else made of the name. `closed_on` is the day a deal was closed elsewhere.
    """

    line: int
    source_id: str
    number: str
    customer: str
    customer_id: str
    row_hash: str
    product: str = ""
    title: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    term: Term | None = None
    notice: Term | None = None
    decide_by: date | None = None
    auto_renew: bool = False
    evergreen: bool = False
    amount: int = 0
    currency: str = "JPY"
    owner: str = ""
    sales: str = ""
    url: str | None = None
    segment: str | None = None
    country: str | None = None
    parent: str | None = None
    health: Health | None = None
    stage: str = ""
    place: Placement | None = None
    closed_on: date | None = None
    expected_on: date | None = None
    estimated: bool = False
    note: str = ""
    attributes: tuple[tuple[str, str], ...] = ()


def completed(record: ContractRecord) -> ContractRecord:
    """The record with what it leaves to be computed: the end from start and term, the term from start and end, the deadline from the notice.

    An auto-renewing contract without a notice can be ended until its last day. Raises FieldError.
    """
    starts_on, term = record.starts_on, record.term
    ends_on = record.ends_on
    if ends_on is None and starts_on is not None and term is not None and not record.evergreen:
        ends_on = _end(starts_on, term)
    if ends_on is None:
        return record
    if starts_on is not None and ends_on < starts_on:
        raise FieldError("ends_first", "ends_on", starts_on=starts_on)
    if term is None and starts_on is not None:
        term = _between(starts_on, ends_on)
    notice = record.notice
    if notice is None and record.decide_by is None and record.auto_renew:
        notice = Term()
    deadline = record.decide_by or (decide_by(ends_on, notice) if notice is not None else None)
    if deadline is not None and deadline > ends_on:
        raise FieldError("decides_late", "decide_by", ends_on=ends_on)
    return replace(record, ends_on=ends_on, term=term, notice=notice, decide_by=deadline, evergreen=False)


@lru_cache(maxsize=4096)
def _between(starts_on: date, ends_on: date) -> Term:
    """`term_between`, remembered: files repeat the same periods."""
    return term_between(starts_on, ends_on)


@lru_cache(maxsize=4096)
def _end(starts_on: date, term: Term) -> date:
    """`term_end`, remembered."""
    return term_end(starts_on, term)


def first_stage(record: ContractRecord, pipeline: Pipeline, place: Placement, today: date) -> Stage:
    """Where a deal that is seen for the first time starts.

    The stage its source names; else onboarding while the contract started less than the onboarding time ago or has yet to start; else the
    active stage of its health (the pipeline's default where that is unknown); else the pipeline's first stage.
    """
    if place.stage:
        return pipeline.stage(place.stage)
    onboarding = pipeline.of_kind(StageKind.ONBOARDING)
    recent = timedelta(days=pipeline.onboarding_days or ONBOARDING_DAYS)
    if onboarding and record.starts_on is not None and record.starts_on > today - recent:
        return onboarding[0]
    return pipeline.active_stage(record.health or Health.UNKNOWN, "") or pipeline.first


def first_passages(record: ContractRecord, pipeline: Pipeline, place: Placement, stage: Stage, actor: Actor, now: datetime) -> tuple[Passage, ...]:
    """How a new deal came to its first stage: what the file says it is in is observed now, what must have come before is reconstructed.

    A lost deal passed every stage up to the one that stands for what its source says; the instants of those nobody knows. The day it closed
    counts as the instant of its last passage. Unknown progress is one passage with that reason.
    """
    why = reason("import_stage", stage=record.stage) if record.stage else reason("import_dates")
    closed_at = instant_of(record.closed_on)
    if place.bought:
        return (Passage(None, stage.id, closed_at or now, why, actor, observed=False),)
    if stage.is_open:
        before = [s.id for s in _way_to(pipeline, stage.id)][:-1] if stage.kind is StageKind.OPEN else []
        return (*_chain(before, None, why, actor), Passage(before[-1] if before else None, stage.id, now, why, actor))
    if place.passed == UNKNOWN_PROGRESS:
        return (Passage(None, stage.id, closed_at, reason("import_progress_unknown", stage=record.stage), actor, observed=False),)
    return _chain([*(s.id for s in _way_to(pipeline, place.passed)), stage.id], closed_at, why, actor)


def _chain(stages: Sequence[str], last_at: datetime | None, why: str, actor: Actor) -> tuple[Passage, ...]:
    """Reconstructed passages through `stages`; only the last may have an instant."""
    befores = (None, *stages)
    return tuple(
        Passage(befores[n], here, last_at if n == len(stages) - 1 else None, why, actor, observed=False) for n, here in enumerate(stages)
    )


def _way_to(pipeline: Pipeline, passed: str) -> Iterable[Stage]:
    """The open stages up to and with `passed`, in order; none for an empty one."""
    if not passed:
        return ()
    return (s for s in pipeline.stages[: pipeline.position(passed) + 1] if s.is_open)


def instant_of(day: date | None) -> datetime | None:
    """Noon in UTC of a day that a file gives without a time: the same day in every zone people work in."""
    return datetime.combine(day, clock_time(12), UTC) if day else None


def is_renewal(old_ends_on: date | None, new_ends_on: date | None, starts_on: date | None, term: Term | None) -> bool:
    """Whether an end that moved says that the contract was renewed: later by at least half a term (DESIGN §5 "Renewal").

    Without a term half of twelve months counts.

    >>> is_renewal(date(2027, 3, 31), date(2028, 3, 31), date(2026, 4, 1), Term(months=12))
    True
    >>> is_renewal(date(2027, 3, 31), date(2027, 6, 30), date(2026, 4, 1), Term(months=12))
    False
    """
    if old_ends_on is None or new_ends_on is None:
        return False
    length = term_days(term or DEFAULT_TERM, starts_on or old_ends_on)
    return (new_ends_on - old_ends_on).days * 2 >= length


def adopts(starts_on: date | None, successor_starts_on: date | None) -> bool:
    """Whether an imported contract is the term that the program itself opened after a renewal: they start within 31 days."""
    return starts_on is not None and successor_starts_on is not None and abs((starts_on - successor_starts_on).days) <= ADOPTION_DAYS

"""Imported contracts as values, and the rules that need no database: what a row leaves to be computed, where it starts, what counts as a renewal.

Always holds: after `completed` an end is not before its start and a deadline not after its end; history that nobody observed is marked so
(`observed=False`).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from functools import lru_cache
from typing import Any
from unicodedata import normalize

from scheduler.core.dates import Term, decide_by, term_between, term_days, term_end
from scheduler.core.import_texts import FieldError
from scheduler.core.pipeline import Actor, Passage, Pipeline, Stage, StageKind
from scheduler.core.reasons import reason
from scheduler.core.words import Health

EXISTING, NEW_BUSINESS = "existing", "new_business"
ONBOARDING_DAYS = 90
"""How long after its start a contract counts as being onboarded when it is first seen (a pipeline's own `onboarding_days` comes first)."""
UNKNOWN_PROGRESS = "?"
"""`Placement.passed` where nobody knows how far a lost deal had come."""
ADOPTION_DAYS = 31
DEFAULT_TERM = Term(months=12)
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@]+@[^\s<>()\[\],;:\"@]+")


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


def customer_key(name: str) -> str:
    """What a customer without an id of its own is found again by: the name, whatever its width, case and spaces.

    >>> customer_key("Ａｏｂａ  Trading") == customer_key("aoba trading")
    True
    """
    return " ".join((name if name.isascii() else normalize("NFKC", name)).casefold().split())


@dataclass(frozen=True, slots=True)
class Terms:
    """When a contract runs and until when it can be ended: everything about it that is computed from something else."""

    starts_on: date | None
    ends_on: date | None
    term: Term | None
    notice: Term | None
    decide_by: date | None
    auto_renew: bool = False
    evergreen: bool = False


@lru_cache(maxsize=8192)
def completed(given: Terms) -> Terms:
    """The terms with what they leave to be computed: the end from start and term, the term from start and end, the deadline from the notice.

    An auto-renewing contract without a notice can be ended until its last day; one with an end is not evergreen. Remembered, because files
    repeat the same periods. Raises FieldError for an end before the start and a deadline after the end.
    """
    starts_on, ends_on, term, notice = given.starts_on, given.ends_on, given.term, given.notice
    if term == Term():
        raise FieldError("term_zero", "term")
    if ends_on is None and starts_on is not None and term is not None and not given.evergreen:
        ends_on = term_end(starts_on, term)
    if ends_on is None:
        return given
    if starts_on is not None and ends_on < starts_on:
        raise FieldError("ends_first", "ends_on", starts_on=starts_on)
    if term is None and starts_on is not None:
        term = term_between(starts_on, ends_on)
    if notice is None and given.decide_by is None and given.auto_renew:
        notice = Term()
    deadline = given.decide_by or (decide_by(ends_on, notice) if notice is not None else None)
    if deadline is not None and deadline > ends_on:
        raise FieldError("decides_late", "decide_by", ends_on=ends_on)
    return Terms(starts_on, ends_on, term, notice, deadline, given.auto_renew, False)


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


def first_passages(record: ContractRecord, pipeline: Pipeline, place: Placement, stage: Stage, *, actor: Actor, now: datetime) -> tuple[Passage, ...]:
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
    return tuple(Passage(befores[n], here, last_at if n == len(stages) - 1 else None, why, actor, observed=False) for n, here in enumerate(stages))


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


def person_key(text: str) -> str:
    """What a person is found again by: the e-mail in the text, else the name, whatever its width, case and spaces.

    >>> person_key("Ann Ito <Ann@Example.com>"), person_key("ＡＮＮ　Ｉｔｏ")
    ('ann@example.com', 'ann ito')
    """
    address = _ADDRESS.search(text)
    return address[0].lower() if address else customer_key(text)


def contract_fields(record: ContractRecord) -> dict[str, Any]:
    """What a record says of the contract itself, by the names under which contracts are kept. What its source calls the stage and the health is kept
    among the attributes: only when that changes is it news.
    """
    attributes = dict(record.attributes)
    if record.stage:
        attributes["stage"] = record.stage
    if record.health:
        attributes["health"] = record.health.value
    return {
        "number": record.number,
        "product": record.product,
        "title": record.title,
        "starts_on": record.starts_on,
        "ends_on": record.ends_on,
        "term": _length(record.term),
        "notice": _length(record.notice),
        "decide_by": record.decide_by,
        "auto_renew": record.auto_renew,
        "evergreen": record.evergreen,
        "amount": record.amount,
        "currency": record.currency,
        "url": record.url,
        "estimated": record.estimated,
        "attributes": attributes or None,
    }


@lru_cache(maxsize=1024)
def _length(term: Term | None) -> str | None:
    """A length of time as it is kept."""
    return None if term is None else str(term)


def merged(record: ContractRecord, old: ContractRecord, present: frozenset[str]) -> ContractRecord:
    """The record with what its file has no column for taken from `old`; the terms are computed again from both. Raises FieldError.

    A term or a deadline that was given earlier stays while the dates it belongs to stay; when the end moves, the deadline follows the notice.
    """
    names = ("product", "title", "url", "stage", "health", "amount", "currency", "attributes", "estimated")
    kept = {n: getattr(old, n) for n in names if n not in present and not (n == "currency" and "amount" in present)}
    kept |= {"estimated": record.estimated if "ends_on" in present or record.estimated else old.estimated}
    kept |= {"attributes": record.attributes or old.attributes, "number": record.number if "contract" in present else old.number}
    terms = _merged_terms(record, old, present)
    return replace(record, **{f.name: getattr(terms, f.name) for f in fields(Terms)}, **kept)


def _merged_terms(record: ContractRecord, old: ContractRecord, present: frozenset[str]) -> Terms:
    """The terms of a record and of what was there before."""

    def pick(name: str) -> Any:
        return getattr(record, name) if name in present or getattr(record, name) not in (None, False) else getattr(old, name)

    starts_on, ends_on, notice = pick("starts_on"), pick("ends_on"), pick("notice")
    same = (starts_on, ends_on) == (old.starts_on, old.ends_on)
    term = record.term if "term" in present or not same else old.term
    deadline = record.decide_by if "decide_by" in present or "notice" in present or not same else old.decide_by
    if "decide_by" not in present and not same and notice is not None:
        deadline = None
    return completed(Terms(starts_on, ends_on, term, notice, deadline, pick("auto_renew"), pick("evergreen") and ends_on is None))


def as_next_term(record: ContractRecord, old: ContractRecord) -> ContractRecord:
    """A renewed contract's row as the term that follows `old`: it starts the day after the old end, unless the row has a later start of its own."""
    assert old.ends_on is not None
    moved = record.starts_on is not None and old.starts_on is not None and record.starts_on > old.starts_on
    starts_on = record.starts_on if moved else old.ends_on + timedelta(days=1)
    ends_on = record.ends_on
    if ends_on is None or ends_on <= old.ends_on:
        ends_on = None
    term = old.term if ends_on is None else None
    deadline = record.decide_by if ends_on is not None else None
    terms = completed(Terms(starts_on, ends_on, term or (None if ends_on else DEFAULT_TERM), record.notice, deadline, record.auto_renew))
    return replace(record, **{f.name: getattr(terms, f.name) for f in fields(Terms)})

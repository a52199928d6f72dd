"""When an imported contract runs: what has to be computed from its row, and what a row says about
an existing term.

Always holds: after `completed` an end is not before its start and a deadline not after its end; an
evergreen contract has no end.
"""

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from scheduler.core.deal.formats import day_shown
from scheduler.core.imports.placement import EXISTING, Placement
from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.texts import FieldError
from scheduler.core.time.dates import Term, decide_by, nth_term, term_between, term_end

ADOPTION_DAYS = 31
DEFAULT_TERM = Term(months=12)


@dataclass(frozen=True, slots=True)
class Terms:
    """When a contract runs and until when notice can be given: the dates that can be computed from
    each other."""

    starts_on: date | None
    ends_on: date | None
    term: Term | None
    notice: Term | None
    decide_by: date | None
    auto_renew: bool = False
    evergreen: bool = False


@lru_cache(maxsize=8192)
def completed(given: Terms) -> Terms:
    """Completes the terms: the end from start and term, the term from start and end, the deadline
    from the notice.

    An auto-renewing contract without a notice can be ended until its last day; one with an end is
    not evergreen. Remembered, because files repeat the same periods. Raises FieldError for an end
    before the start and a deadline after the end.
    """
    starts_on, ends_on, term, notice = given.starts_on, given.ends_on, given.term, given.notice
    if term == Term():
        raise FieldError("term_zero", "term")
    if ends_on is None and starts_on is not None and term is not None and not given.evergreen:
        ends_on = term_end(starts_on, term)
    if ends_on is None:
        return given
    if starts_on is not None and ends_on < starts_on:
        raise FieldError("ends_first", "ends_on", starts_on=day_shown(starts_on))
    if term is None and starts_on is not None:
        term = term_between(starts_on, ends_on)
    if notice is None and given.decide_by is None and given.auto_renew:
        notice = Term()
    deadline = given.decide_by or (decide_by(ends_on, notice) if notice is not None else None)
    if deadline is not None and deadline > ends_on:
        raise FieldError("decides_late", "decide_by", ends_on=day_shown(ends_on))
    return Terms(starts_on, ends_on, term, notice, deadline, given.auto_renew, False)


def estimated(given: Terms, closed_on: date | None, place: Placement | None) -> tuple[Terms, bool]:
    """The terms of a row without an end, and whether they are an estimate (推定).

    A start and a term give the end for certain. Otherwise the contract runs from its start or the
    close date for its term, 12 months unless the row says otherwise. A renewal under way (`due`) is
    closed when the term it renews runs out, so its close date is the end: a year later, it would
    pass unseen. Closed deals and new business have no end to estimate. Raises FieldError.
    """
    if given.starts_on is not None and given.term is not None:
        return completed(given), False
    if (
        closed_on is None
        or given.evergreen
        or place is None
        or place.pipeline != EXISTING
        or place.passed
    ):
        return completed(given), False
    if place.due and given.starts_on is None:
        return completed(replace(given, ends_on=closed_on)), True
    return completed(
        replace(given, starts_on=given.starts_on or closed_on, term=given.term or DEFAULT_TERM)
    ), True


def merged(record: ContractRecord, old: ContractRecord, present: frozenset[str]) -> ContractRecord:
    """The record, completed from `old` for columns its file does not have; the terms are computed
    again from both. Raises FieldError.

    A term or a deadline that was given earlier stays while the dates it belongs to stay; when the
    end moves, the deadline follows the notice.
    """
    names = (
        "product",
        "title",
        "url",
        "stage",
        "health",
        "amount",
        "currency",
        "attributes",
        "estimated",
        "renewal_term",
        "renewal_notice",
    )
    kept = {
        n: getattr(old, n)
        for n in names
        if n not in present and not (n == "currency" and "amount" in present)
    }
    known = old.ends_on is not None and not old.estimated
    kept |= {
        "estimated": not known and record.estimated
        if "ends_on" in present or record.estimated
        else old.estimated
    }
    kept |= {
        "attributes": record.attributes or old.attributes,
        "number": record.number if "contract" in present else old.number,
    }
    terms = _merged_terms(record, old, present)
    return replace(record, **{f.name: getattr(terms, f.name) for f in fields(Terms)}, **kept)


def _merged_terms(record: ContractRecord, old: ContractRecord, present: frozenset[str]) -> Terms:
    """The terms of a record merged with the earlier ones; an estimate never replaces a certain
    date.

    The end that a notice gave a contract without an end stays while the file goes on naming none.
    """

    noticed = old.evergreen and old.ends_on is not None and record.ends_on is None
    if noticed or (record.estimated and old.ends_on is not None and not old.estimated):
        return Terms(
            old.starts_on,
            old.ends_on,
            old.term,
            old.notice,
            old.decide_by,
            old.auto_renew,
            old.evergreen,
        )

    def pick(name: str) -> Any:
        return (
            getattr(record, name)
            if name in present or getattr(record, name) not in (None, False)
            else getattr(old, name)
        )

    starts_on, ends_on, notice = pick("starts_on"), pick("ends_on"), pick("notice")
    same = (starts_on, ends_on) == (old.starts_on, old.ends_on)
    term = record.term if "term" in present or not same else old.term
    deadline = (
        record.decide_by
        if "decide_by" in present or "notice" in present or not same
        else old.decide_by
    )
    if "decide_by" not in present and not same and notice is not None:
        deadline = None
    return completed(
        Terms(
            starts_on,
            ends_on,
            term,
            notice,
            deadline,
            pick("auto_renew"),
            pick("evergreen") and ends_on is None,
        )
    )


def as_next_term(record: ContractRecord, old: ContractRecord) -> ContractRecord:
    """A renewed contract's row as the term that follows `old`: it starts the day after the old end,
    unless the row has a later start of its own.

    Without an end of its own it has the renewal term, else the old term's length. A deadline that
    lies before its start was the old term's.
    """
    assert old.ends_on is not None
    own_start = (
        record.starts_on is not None
        and old.starts_on is not None
        and record.starts_on > old.starts_on
    )
    starts_on = record.starts_on if own_start else old.ends_on + timedelta(days=1)
    ends_on = record.ends_on if record.ends_on and record.ends_on > old.ends_on else None
    renewal_notice = record.renewal_notice or old.renewal_notice
    term = None if ends_on else record.renewal_term or old.renewal_term or old.term or DEFAULT_TERM
    own_deadline = (
        ends_on is not None
        and record.decide_by is not None
        and starts_on is not None
        and record.decide_by >= starts_on
    )
    own = record.decide_by if own_deadline and renewal_notice is None else None
    terms = completed(
        Terms(starts_on, ends_on, term, renewal_notice or record.notice, own, record.auto_renew)
    )
    return replace(
        record,
        estimated=record.estimated and ends_on is not None,
        **{f.name: getattr(terms, f.name) for f in fields(Terms)},
    )


def in_series(
    record: ContractRecord, series_starts_on: date | None, number: int
) -> tuple[date | None, int]:
    """(the series' first start, the term's number in it): the series continues if its n-th term
    begins there, else a new one begins."""
    if (
        series_starts_on
        and record.term
        and record.starts_on
        and nth_term(series_starts_on, record.term, number)[0] == record.starts_on
    ):
        return series_starts_on, number
    return record.starts_on, 0

"""Which term a fact of a file means: an id stays the same for years while one term follows another
(DESIGN §11 "Which term a fact means").

    field                                          the term it speaks to
    owner, sales, automatic renewal, notice,       the contract, hence the open term; a closed one
    renewal term and notice, product, customer …   keeps its facts
    start, end, term, deadline                     the term they fit: what repeats what the file
                                                   said last says nothing; an end after the last
                                                   closed one is the open term's, or renews it
                                                   (`extension`); any other is undecided
    amount                                         the term the dates fit; beside dates that only
                                                   repeat a closed term: the open one if it is news

Always holds: nothing is ever written into a closed term whose successor is open; a fact that fits
no term is reported, not guessed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.terms import ADOPTION_DAYS, DEFAULT_TERM
from scheduler.core.time.dates import Term, decide_by, term_between, term_days, term_end

_DAY = timedelta(days=1)
_NEAR = 3
"""Days by which an end may miss a whole term: month ends, and systems that count the last day in or
out."""
_TERMS_AT_ONCE = 10
_USUAL = (Term(6), Term(12))
"""Lengths for which contracts are renewed whatever their first term was; their multiples count as
well."""


class Extension(StrEnum):
    """What a different end of an open term means: its dates moved, the next term began, or it is
    unclear."""

    MOVED = "moved"
    RENEWED = "renewed"
    UNCLEAR = "unclear"


def extension(old: ContractRecord, said: ContractRecord) -> Extension:
    """What a row's dates mean for an open term: a renewal if they fit the next term, even one
    shorter or longer than `old`.

    The next term begins after the old end; or replaces the running one in its second half; or
    leaves the first start as it was and ends one or several whole plausible terms later: the
    contract's own, its renewal term, half years and years. Less than half a term is a corrected
    date.
    """
    if old.ends_on is None or said.ends_on is None or said.ends_on <= old.ends_on or old.estimated:
        return Extension.MOVED
    if said.starts_on is not None and old.starts_on is not None and said.starts_on > old.starts_on:
        return (
            Extension.RENEWED
            if said.starts_on > old.ends_on
            else _replaces(old, said, said.starts_on)
        )
    if fits(old, said, old.ends_on + _DAY):
        return Extension.RENEWED
    shortest = min(term_days(t, old.ends_on) for t in (old.term or DEFAULT_TERM, DEFAULT_TERM))
    return (
        Extension.UNCLEAR if (said.ends_on - old.ends_on).days * 2 >= shortest else Extension.MOVED
    )


def renewal_won(
    pipeline: str, old: ContractRecord, said: ContractRecord, last: ContractRecord
) -> bool:
    """Whether a row says of an open term of this pipeline that its renewal was won: since `last`
    its deal has come to a stage that stands for a contract that was bought (更新案件 → 成約), and
    its end is later. An estimated end is no promise, so that a later one alone says nothing."""
    if old.ends_on is None or said.ends_on is None or said.place is None or not last.stage:
        return False
    bought = said.place.bought and said.place.pipeline == pipeline
    return bought and said.stage != last.stage and said.ends_on > old.ends_on


def _replaces(old: ContractRecord, said: ContractRecord, starts_on: date) -> Extension:
    """What a start that moved, but not past the end, means: a correction if it moved by days; a
    replacement of the running term if it moved into its second half."""
    assert old.starts_on is not None
    assert old.ends_on is not None
    moved, whole = (starts_on - old.starts_on).days, (old.ends_on - old.starts_on).days + 1
    if fits(old, said, starts_on) and moved * 2 >= whole:
        return Extension.RENEWED
    return Extension.MOVED if moved <= ADOPTION_DAYS and moved * 2 < whole else Extension.UNCLEAR


def fits(old: ContractRecord, said: ContractRecord, starts_on: date) -> bool:
    """Whether one or more whole plausible terms lead from `starts_on` to the row's end.

    >>> days = {"starts_on": date(2024, 4, 1), "ends_on": date(2027, 3, 31)}
    >>> three_years = ContractRecord(0, "", "", "", "", "", term=Term(36), **days)
    >>> fits(three_years, replace(three_years, ends_on=date(2028, 3, 31)), date(2027, 4, 1))
    True
    >>> fits(three_years, replace(three_years, ends_on=date(2027, 6, 30)), date(2027, 4, 1))
    False
    """
    plausible = {
        t
        for t in (old.term, old.renewal_term, said.renewal_term, *_USUAL)
        if t is not None and t != Term()
    }
    return said.ends_on is not None and any(
        _reaches(starts_on, said.ends_on, term) for term in plausible
    )


def _reaches(starts_on: date, ends_on: date, term: Term) -> bool:
    """Whether a whole number of these terms ends there, give or take a few days."""
    near = _NEAR if term.months else 0
    ends = (
        term_end(starts_on, Term(term.months * n, term.days * n))
        for n in range(1, _TERMS_AT_ONCE + 1)
    )
    return any(abs((end - ends_on).days) <= near for end in ends)


@dataclass(frozen=True, slots=True)
class AttributedRow:
    """What a row says about the open term: the row as it applies to that term, and the fields that
    fit no term. `repeats`: its dates are the same as before and say nothing about the open term.
    """

    record: ContractRecord
    unclear: tuple[str, ...] = ()
    repeats: bool = False


def attributed(
    row: ContractRecord,
    last: ContractRecord,
    current: ContractRecord,
    earlier: Sequence[ContractRecord],
    present: frozenset[str],
) -> AttributedRow:
    """What `row` says about the open term `current`, which follows the `earlier` ones (oldest
    first, at least one).

    `last` is what its file said last: the contract that carries its id, with what it said beside it
    (`said_ends_on`, `said_amount`).
    """
    said_end = last.said_ends_on or last.ends_on
    repeats = row.ends_on is None or row.ends_on == said_end
    fits_open = (
        row.ends_on == current.ends_on
        if repeats
        else row.ends_on is not None and row.ends_on > _last_end(earlier)
    )
    if fits_open:
        return AttributedRow(
            _noticed(_dated(row, current), current, present, own="decide_by" in present)
        )
    unclear = tuple(_unclear(row, last, (*earlier, current), present, repeats=repeats))
    meant = replace(
        _noticed(_undated(row, current), current, present, own=False),
        said_ends_on=said_end,
        said_amount=_texted(_said_amount(last)),
    )
    if "amount" not in present:
        return AttributedRow(meant, unclear, repeats=True)
    if "ends_on" in unclear or (row.amount, row.currency) == (_said_amount(last), last.currency):
        return AttributedRow(
            replace(meant, amount=current.amount, currency=current.currency), unclear, repeats=True
        )
    return AttributedRow(replace(meant, said_amount=_texted(row.amount)), unclear, repeats=True)


def _last_end(earlier: Iterable[ContractRecord]) -> date:
    """The last day of the closed terms."""
    return max((t.ends_on for t in earlier if t.ends_on is not None), default=date.min)


def _unclear(
    row: ContractRecord,
    last: ContractRecord,
    terms: Sequence[ContractRecord],
    present: frozenset[str],
    *,
    repeats: bool,
) -> Iterator[str]:
    """The fields of a row with another term's dates that fit no term: they are neither news about
    the open one nor match a closed one."""
    emptied = row.ends_on is None and "ends_on" in present and last.ends_on is not None
    if not repeats or emptied:
        yield "ends_on"
        if "amount" in present and (row.amount, row.currency) not in {
            (t.amount, t.currency) for t in terms
        }:
            yield "amount"
    if row.starts_on not in {None, *(t.starts_on for t in terms)}:
        yield "starts_on"
    if "term" in present and row.term not in {None, *(t.term for t in terms)}:
        yield "term"
    if "decide_by" in present and row.decide_by not in {
        None,
        last.decide_by,
        *(t.decide_by for t in terms),
    }:
        yield "decide_by"


def _dated(row: ContractRecord, current: ContractRecord) -> ContractRecord:
    """The row with the open term's start, if its end is that term's: many systems keep the first
    start and only move the end."""
    if (
        row.starts_on is None
        or current.starts_on is None
        or row.ends_on is None
        or row.starts_on >= current.starts_on
    ):
        return row
    return replace(
        row,
        starts_on=current.starts_on,
        term=term_between(current.starts_on, row.ends_on)
        if row.ends_on >= current.starts_on
        else None,
    )


def _undated(row: ContractRecord, current: ContractRecord) -> ContractRecord:
    """The row without the dates of another term."""
    dates = {
        name: getattr(current, name)
        for name in ("starts_on", "ends_on", "term", "decide_by", "evergreen", "estimated")
    }
    return replace(row, **dates)


def _noticed(
    meant: ContractRecord, current: ContractRecord, present: frozenset[str], *, own: bool
) -> ContractRecord:
    """The notice of a renewed term: the contract's notice for renewals comes first. The deadline
    follows, unless it has its `own`."""
    renewal = meant.renewal_notice if "renewal_notice" in present else current.renewal_notice
    notice = renewal or (meant.notice if "notice" in present else current.notice)
    changed = notice != meant.notice or notice != current.notice
    meant = replace(meant, notice=notice)
    if own or not changed or meant.ends_on is None:
        return meant
    return replace(
        meant, decide_by=decide_by(meant.ends_on, notice) if notice is not None else None
    )


def _said_amount(last: ContractRecord) -> int | None:
    """The amount the file said last, even if the term has another by now."""
    return (
        last.amount
        if last.said_amount is None
        else int(last.said_amount)
        if last.said_amount
        else None
    )


def _texted(amount: int | None) -> str:
    """An amount as stored among the values a file said last."""
    return "" if amount is None else str(amount)


def settled(record: ContractRecord) -> ContractRecord:
    """The record without its file's differing values (`said_…`), where the term now has the
    same."""
    same_end = record.said_ends_on == record.ends_on
    same_amount = record.said_amount is not None and record.said_amount == _texted(record.amount)
    return replace(
        record,
        said_ends_on=None if same_end else record.said_ends_on,
        said_amount=None if same_amount else record.said_amount,
    )

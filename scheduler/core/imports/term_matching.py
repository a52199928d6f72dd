"""Which new rows of a file are terms that exist already: the one a renewal opened, or the next one
of a contract under a new number.

Always holds: one to one, across all rows and terms of a file: pairs whose amounts are alike first,
and among them the nearest start, then the product, the amount and the owner, whatever the order of
rows. A small add-on never takes over a large term;
a term that two rows could claim equally goes to neither, and both are named.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scheduler.core.imports.records import ContractRecord, customer_key
from scheduler.core.imports.term_attribution import fits
from scheduler.core.imports.terms import ADOPTION_DAYS

_DAY = timedelta(days=1)
_ESTIMATED_DAYS = 92
"""How far a start that was reckoned from a close date may lie from the day a term begins: renewals
are signed up to a quarter early."""
_ALIKE, _PERHAPS = 2.0, 5.0
"""Up to which ratio two amounts are those of one contract; beyond the second they are not."""
_UNKNOWN_RATIO = 1.5


@dataclass(frozen=True, slots=True)
class StandingTerm:
    """An open term that exists already. `opened`: the program opened it itself after a renewal, or
    somebody entered it here, so a new row may be this term; otherwise it can only be the next
    one."""

    id: int
    record: ContractRecord
    owner: int | None
    opened: bool


@dataclass(frozen=True, slots=True)
class NewRow:
    """A new row, by its line, with its owner."""

    record: ContractRecord
    owner: int | None


@dataclass(frozen=True, slots=True)
class MatchedTerms:
    """Lines of new rows with the ids of their terms, and the pairs that remain undecided."""

    certain: dict[int, int]
    doubtful: tuple[tuple[int, int], ...]


_Key = tuple[bool, int, int, float, bool]


@dataclass(frozen=True, slots=True)
class _Pair:
    """A row and a term that match: the smaller the key, the better."""

    key: _Key
    line: int
    term: int

    @property
    def is_sure(self) -> bool:
        return not self.key[0]


def may_be(record: ContractRecord, terms: Iterable[StandingTerm]) -> bool:
    """Whether a new row could be one of these terms, or the one after it, by customer, product,
    dates and amount."""
    return any(_pair(NewRow(record, None), term) is not None for term in terms)


def is_itself(record: ContractRecord, term: ContractRecord) -> bool:
    """Whether a row that matches a term is that term and not the one after it, by which is
    nearer."""
    itself, following = _apart_from_opened(record, term), _apart_from_next(record, term)
    return itself is not None and (following is None or itself <= following)


def match_terms(rows: Sequence[NewRow], terms: Sequence[StandingTerm]) -> MatchedTerms:
    """Which rows are which terms."""
    pairs = sorted(
        (p for row in rows for term in terms if (p := _pair(row, term)) is not None),
        key=lambda p: (p.key, p.line, p.term),
    )
    certain: dict[int, int] = {}
    doubtful: list[tuple[int, int]] = []
    lines, taken = set[int](), set[int]()
    for pair in pairs:
        if pair.line in lines or pair.term in taken:
            continue
        alike = [
            p
            for p in pairs
            if p.key == pair.key
            and p.line not in lines
            and p.term not in taken
            and (p.line == pair.line or p.term == pair.term)
        ]
        if len(alike) == 1 and pair.is_sure:
            certain[pair.line] = pair.term
            lines.add(pair.line)
            taken.add(pair.term)
            continue
        doubtful += [(p.line, p.term) for p in alike]
        lines |= {p.line for p in alike}
        taken |= {p.term for p in alike if len(alike) > 1}
    return MatchedTerms(certain, tuple(doubtful))


def _pair(row: NewRow, term: StandingTerm) -> _Pair | None:
    """The pair, or None if the row can be neither the term nor the one after it."""
    record, old = row.record, term.record
    products = customer_key(record.product), customer_key(old.product)
    if record.customer_id != old.customer_id or (all(products) and products[0] != products[1]):
        return None
    apart = _apart_from_opened(record, old) if term.opened else _apart_from_next(record, old)
    ratio = _ratio(record, old)
    if apart is None or ratio > _PERHAPS:
        return None
    return _Pair(
        (ratio > _ALIKE, apart, int(products[0] != products[1]), ratio, row.owner != term.owner),
        record.line,
        term.id,
    )


def _apart_from_opened(record: ContractRecord, old: ContractRecord) -> int | None:
    """How many days lie between the start of a row and that of the term the program opened; between
    their ends if the row has no start."""
    if record.starts_on is not None and not record.estimated:
        return _days(record.starts_on, old.starts_on, ADOPTION_DAYS)
    return _days(
        record.ends_on, old.ends_on, _ESTIMATED_DAYS if record.estimated else ADOPTION_DAYS
    )


def _apart_from_next(record: ContractRecord, old: ContractRecord) -> int | None:
    """How many days lie between the start of a row and the day after the old end; a row without a
    start must end a whole term later."""
    if old.ends_on is None or record.ends_on is None or record.ends_on <= old.ends_on:
        return None
    if record.starts_on is None:
        return 0 if fits(old, record, old.ends_on + _DAY) else None
    return _days(
        record.starts_on, old.ends_on + _DAY, _ESTIMATED_DAYS if record.estimated else ADOPTION_DAYS
    )


def _days(one: date | None, other: date | None, most: int) -> int | None:
    """How many days lie between two days, or None if there are more than `most`."""
    apart = abs((one - other).days) if one is not None and other is not None else None
    return apart if apart is not None and apart <= most else None


def _ratio(record: ContractRecord, old: ContractRecord) -> float:
    """The ratio of the larger amount to the smaller; a middle value if it is unknown."""
    if record.amount is None or old.amount is None or record.currency != old.currency:
        return _UNKNOWN_RATIO
    less, more = sorted((record.amount, old.amount))
    return 1.0 if less == more else more / less if less else float("inf")

"""Retention: what was kept of what was due, by the month in which it was due, segment and currency.

    base       due a year of the renewals that are decided, both amounts known
               = kept + downsell + churn
    gross      kept ÷ base
    net        (kept + upsell) ÷ base
    logos      customers kept ÷ customers decided
Always holds: months, segments and currencies add up to nothing but themselves; every sum is a whole
number of minor units; rates are fractions until they are shown; open renewals and customers that
closed or merged are in no rate. What the numbers mean to people: `retention_words`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from fractions import Fraction

from scheduler.core.reports.asked import ReportScope
from scheduler.core.reports.renewals import Outcome, Renewal, in_scope


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """Where a renewal is counted: the first day of a month, a segment (empty: none) and a
    currency."""

    currency: str
    month: date
    segment: str


@dataclass(slots=True)
class RetentionSums:
    """The sums of some renewals; money in minor units, all but `due` a year."""

    renewals: int = 0
    due: int = 0
    renewed: int = 0
    automatic: int = 0
    late: int = 0
    lost: int = 0
    merged: int = 0
    open: int = 0
    unknown: int = 0
    base: int = 0
    kept: int = 0
    upsell: int = 0
    downsell: int = 0
    churn: int = 0
    open_year: int = 0
    merged_year: int = 0
    logos: int = 0
    logos_kept: int = 0

    def plus(self, other: "RetentionSums") -> "RetentionSums":
        """Both together."""
        return RetentionSums(
            *(getattr(self, f.name) + getattr(other, f.name) for f in fields(RetentionSums))
        )

    @property
    def gross(self) -> Fraction | None:
        """Gross revenue retention; None where nothing is decided."""
        return Fraction(self.kept, self.base) if self.base else None

    @property
    def net(self) -> Fraction | None:
        """Net revenue retention; None where nothing is decided."""
        return Fraction(self.kept + self.upsell, self.base) if self.base else None

    @property
    def logo_rate(self) -> Fraction | None:
        """Logo retention; None where nothing is decided."""
        return Fraction(self.logos_kept, self.logos) if self.logos else None


@dataclass(frozen=True, slots=True)
class RetentionLine:
    """One line by the month in which renewals were due."""

    cell: Cell
    sums: RetentionSums


@dataclass(slots=True)
class SignedSums:
    """Renewals by the month in which they were signed: `amount` is the agreed terms' amounts as in
    the contracts, `year` what they bring a year; in minor units."""

    renewals: int = 0
    amount: int = 0
    year: int = 0
    automatic: int = 0
    late: int = 0
    late_year: int = 0
    unknown: int = 0

    def plus(self, other: "SignedSums") -> "SignedSums":
        """The sum of the two."""
        return SignedSums(
            *(getattr(self, f.name) + getattr(other, f.name) for f in fields(SignedSums))
        )


@dataclass(frozen=True, slots=True)
class SignedLine:
    """One line by the month in which renewals were signed."""

    cell: Cell
    sums: SignedSums


@dataclass(frozen=True, slots=True)
class Retention:
    """The report: by month due, and by month signed."""

    due: tuple[RetentionLine, ...]
    signed: tuple[SignedLine, ...]


@dataclass(slots=True)
class _Customer:
    """Whether a customer kept, lost or has yet to decide something in one cell."""

    kept: bool = False
    lost: bool = False
    open: bool = False


@dataclass(slots=True)
class _Counted:
    """One cell while it is counted."""

    sums: RetentionSums = field(default_factory=RetentionSums)
    customers: dict[int, _Customer] = field(default_factory=dict)

    def add(self, renewal: Renewal) -> None:
        """One renewal."""
        sums = self.sums
        sums.renewals += 1
        sums.due += renewal.of.due.minor or 0
        customer = self.customers.setdefault(renewal.of.customer_id, _Customer())
        if renewal.outcome is Outcome.RENEWED:
            sums.renewed += 1
            sums.automatic += renewal.of.automatic
            sums.late += renewal.late
            customer.kept = True
        elif renewal.outcome is Outcome.LOST:
            sums.lost += 1
            customer.lost = True
        elif renewal.outcome is Outcome.MERGED:
            sums.merged += 1
            sums.merged_year += renewal.due_year or 0
        else:
            sums.open += 1
            sums.open_year += renewal.due_year or 0
            customer.open = True
        self._measure(renewal)

    def _measure(self, renewal: Renewal) -> None:
        """Its money, where it is decided and known."""
        sums, due, got = self.sums, renewal.due_year, renewal.renewed_year
        if not renewal.measured or due is None:
            decided = renewal.outcome in (Outcome.RENEWED, Outcome.LOST)
            sums.unknown += decided or due is None
            return
        got = got or 0
        sums.base += due
        sums.kept += min(due, got)
        if renewal.outcome is Outcome.LOST:
            sums.churn += due
        else:
            sums.upsell += max(0, got - due)
            sums.downsell += max(0, due - got)

    def line(self, cell: Cell) -> RetentionLine:
        """The cell when all is counted; a customer counts as lost only once nothing of theirs is
        open."""
        decided = [c for c in self.customers.values() if c.kept or (c.lost and not c.open)]
        self.sums.logos = len(decided)
        self.sums.logos_kept = sum(c.kept for c in decided)
        return RetentionLine(cell, self.sums)


def retention(renewals: Iterable[Renewal], scope: ReportScope) -> Retention:
    """The retention of the renewals that a scope means: those due in its days, and those signed in
    its days."""
    due: dict[Cell, _Counted] = {}
    signed: dict[Cell, SignedSums] = {}
    for renewal in renewals:
        if not in_scope(renewal.of, scope):
            continue
        if renewal.of.ends_on is not None and scope.has_day(renewal.of.ends_on):
            due.setdefault(_cell(renewal, renewal.of.ends_on), _Counted()).add(renewal)
        day = renewal.signed_on
        if renewal.outcome is Outcome.RENEWED and day is not None and scope.has_day(day):
            _sign(signed.setdefault(_cell(renewal, day), SignedSums()), renewal)
    return Retention(
        tuple(due[cell].line(cell) for cell in sorted(due)),
        tuple(SignedLine(cell, signed[cell]) for cell in sorted(signed)),
    )


def _cell(renewal: Renewal, day: date) -> Cell:
    """Where a renewal counts by this day."""
    return Cell(renewal.of.due.currency, day.replace(day=1), renewal.of.segment or "")


def _sign(sums: SignedSums, renewal: Renewal) -> None:
    """Counts one renewal in the month in which it was signed."""
    sums.renewals += 1
    sums.automatic += renewal.of.automatic
    sums.late += renewal.late
    if renewal.renewed_year is None:
        sums.unknown += 1
        return
    sums.amount += renewal.renewed or 0
    sums.year += renewal.renewed_year
    sums.late_year += renewal.renewed_year if renewal.late else 0


def by_month(lines: Sequence[RetentionLine]) -> list[RetentionLine]:
    """The lines of all segments together, by currency and month."""
    return _together(lines, lambda cell: Cell(cell.currency, cell.month, ""))


def by_segment(lines: Sequence[RetentionLine]) -> list[RetentionLine]:
    """The lines of all months together, by currency and segment."""
    return _together(lines, lambda cell: Cell(cell.currency, date.min, cell.segment))


def _together(lines: Sequence[RetentionLine], where: Callable[[Cell], Cell]) -> list[RetentionLine]:
    """The lines that count in the same place, added up."""
    found: dict[Cell, RetentionSums] = {}
    for line in lines:
        cell = where(line.cell)
        found[cell] = found.get(cell, RetentionSums()).plus(line.sums)
    return [RetentionLine(cell, found[cell]) for cell in sorted(found)]


def total(lines: Sequence[RetentionLine]) -> RetentionSums:
    """All lines of one currency together."""
    sums = RetentionSums()
    for line in lines:
        sums = sums.plus(line.sums)
    return sums


def signed_by_month(lines: Sequence[SignedLine]) -> list[SignedLine]:
    """The lines of all segments together, by currency and month of signing."""
    found: dict[Cell, SignedSums] = {}
    for line in lines:
        cell = Cell(line.cell.currency, line.cell.month, "")
        found[cell] = found.get(cell, SignedSums()).plus(line.sums)
    return [SignedLine(cell, found[cell]) for cell in sorted(found)]

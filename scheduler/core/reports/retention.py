"""Retention: what was kept of what was due, by the month in which it was due, segment and currency.

    base       due a year of the renewals that are decided, both amounts known
               = kept + downsell + churn
    gross      kept ÷ base
    net        (kept + upsell) ÷ base
    logos      customers kept ÷ customers decided
Always holds: currencies are never added together; every sum is a whole
number of minor units; rates are fractions until they are shown; open renewals and customers that
closed or merged are in no rate. What the numbers mean to people: `retention_words`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from scheduler.core.reports.asked import ReportScope
from scheduler.core.reports.renewals import Outcome, Renewal, RenewalMoney, in_scope, months_in


class Cell(NamedTuple):
    """Where a renewal is counted: the first day of a month, a segment (empty: none) and a
    currency."""

    currency: str
    month: date
    segment: str


@dataclass(slots=True)
class RetentionSums:
    """The sums of some renewals; money in minor units, all per year except `due`."""

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
class _Counted:
    """One cell while it is counted: its sums, and the customers who kept, lost or have yet to
    decide something in it."""

    sums: RetentionSums = field(default_factory=RetentionSums)
    kept: set[int] = field(default_factory=set)
    lost: set[int] = field(default_factory=set)
    open: set[int] = field(default_factory=set)

    def add(self, renewal: Renewal, money: RenewalMoney) -> None:
        """One renewal."""
        sums, of, outcome = self.sums, renewal.of, renewal.outcome
        sums.renewals += 1
        sums.due += of.due.minor or 0
        if outcome is Outcome.RENEWED:
            sums.renewed += 1
            sums.automatic += of.automatic
            sums.late += renewal.late
            self.kept.add(of.customer_id)
            self._measure(money.due_year, money.agreed_year)
        elif outcome is Outcome.LOST:
            sums.lost += 1
            self.lost.add(of.customer_id)
            self._lose(money.due_year)
        else:
            sums.unknown += money.due_year is None
            self._leave_out(of.customer_id, money.due_year or 0, is_open=outcome is Outcome.OPEN)

    def _measure(self, due: int | None, got: int | None) -> None:
        """The money of one that is decided, where it is known: what was due a year, and what came
        of it."""
        sums = self.sums
        if due is None or got is None:
            sums.unknown += 1
            return
        sums.base += due
        if got >= due:
            sums.kept += due
            sums.upsell += got - due
        else:
            sums.kept += got
            sums.downsell += due - got

    def _lose(self, due: int | None) -> None:
        """The money of one that is lost, where it is known."""
        self.sums.unknown += due is None
        self.sums.base += due or 0
        self.sums.churn += due or 0

    def _leave_out(self, customer: int, year: int, *, is_open: bool) -> None:
        """One that is in no rate: not decided yet, or merged."""
        if is_open:
            self.sums.open += 1
            self.sums.open_year += year
            self.open.add(customer)
        else:
            self.sums.merged += 1
            self.sums.merged_year += year

    def line(self, cell: Cell) -> RetentionLine:
        """The cell when all is counted; a customer counts as lost only once nothing of theirs is
        open."""
        self.sums.logos = len(self.kept | (self.lost - self.open))
        self.sums.logos_kept = len(self.kept)
        return RetentionLine(cell, self.sums)


def retention(renewals: Iterable[Renewal], scope: ReportScope) -> Retention:
    """The retention of the renewals that a scope means: those due in its days, and those signed in
    its days."""
    due: defaultdict[Cell, _Counted] = defaultdict(_Counted)
    signed: defaultdict[Cell, SignedSums] = defaultdict(SignedSums)
    month_of = months_in(scope)
    for renewal in renewals if not scope.filters else _meant(renewals, scope):
        of, day, money = renewal.of, renewal.signed_on, None
        if of.ends_on is not None and (month := month_of(of.ends_on)) is not None:
            money = renewal.money
            due[Cell(of.due.currency, month, of.segment or "")].add(renewal, money)
        if renewal.outcome is not Outcome.RENEWED or day is None:
            continue
        if (month := month_of(day)) is not None:
            cell = Cell(of.due.currency, month, of.segment or "")
            _sign(signed[cell], renewal, money or renewal.money)
    return Retention(
        tuple(due[cell].line(cell) for cell in sorted(due)),
        tuple(SignedLine(cell, signed[cell]) for cell in sorted(signed)),
    )


def _meant(renewals: Iterable[Renewal], scope: ReportScope) -> Iterable[Renewal]:
    """The renewals that a scope's filters mean."""
    return (renewal for renewal in renewals if in_scope(renewal.of, scope))


def _sign(sums: SignedSums, renewal: Renewal, money: RenewalMoney) -> None:
    """Counts one renewal in the month in which it was signed."""
    sums.renewals += 1
    sums.automatic += renewal.of.automatic
    sums.late += renewal.late
    if money.agreed_year is None:
        sums.unknown += 1
        return
    sums.amount += money.agreed or 0
    sums.year += money.agreed_year
    sums.late_year += money.agreed_year if renewal.late else 0


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

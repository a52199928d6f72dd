"""A renewal as the money reports read it: a term that comes, or came, to its end, what was due and
what became of it.

Always holds: money is in minor units of one currency; terms of different length are compared by
what they bring a year (`per_year`), worked out for each contract and rounded there, half up, so
that sums of contracts are exact; a customer that closed or merged (`MERGED`) is no churn.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Lost, Won
from scheduler.core.deal.pipeline import Pipeline, StageKind
from scheduler.core.policy.policy import Policy
from scheduler.core.reports.asked import ReportScope
from scheduler.core.time.dates import Term, local_day, term_between
from scheduler.core.words.lexicon import ForecastCall, Health

_YEAR = Term(12)
_MONTHS, _DAYS = 12, 365


class Outcome(StrEnum):
    """What became of a renewal."""

    OPEN = "open"
    RENEWED = "renewed"
    LOST = "lost"
    MERGED = "merged"


class StoredRenewal(NamedTuple):
    """A term and its deal as they stand, or stood, in the database. `owner` are the names by which
    the owner is known; `successor` is what the term after it brings, where it has one; `arrived_at`
    is when the deal came in here."""

    deal: int
    contract: str
    customer_id: int
    customer: str
    segment: str | None
    pipeline: str
    stage: str
    owner: tuple[str, ...]
    team: str | None
    starts_on: date | None
    ends_on: date | None
    term: Term | None
    renewal_term: Term | None
    due: Money
    health: Health
    call: ForecastCall | None
    notice: bool
    closed_at: datetime | None
    won: Won | None
    lost: Lost | None
    automatic: bool
    successor: Won | None
    arrived_at: datetime


class RenewalMoney(NamedTuple):
    """What the term that ends (`due_year`) and the one that was agreed (`agreed_year`) bring a
    year, and what was agreed for its whole term; None where an amount is not known, nothing was
    agreed, or the two are in different currencies (`agreed` is known then all the same)."""

    due_year: int | None
    agreed_year: int | None = None
    agreed: int | None = None


class Renewal(NamedTuple):
    """One renewal. `signed_on`: the day of the outcome in the zone of the policy."""

    of: StoredRenewal
    outcome: Outcome
    signed_on: date | None

    @property
    def money(self) -> RenewalMoney:
        """What it brings, worked out for each call."""
        of = self.of
        due = per_year(of.due.minor, length_of(of))
        agreed = _agreed(of) if self.outcome is Outcome.RENEWED else None
        if agreed is None:
            return RenewalMoney(due)
        minor, currency = agreed.amount.minor, agreed.amount.currency
        if currency != of.due.currency:
            return RenewalMoney(due, None, minor)
        return RenewalMoney(due, per_year(minor, agreed.term or _following(of)), minor)

    @property
    def late(self) -> bool:
        """Whether it was renewed after its term had ended."""
        end, signed_on = self.of.ends_on, self.signed_on
        if end is None or signed_on is None:
            return False
        return signed_on > end and self.outcome is Outcome.RENEWED


def per_year(minor: int | None, term: Term) -> int | None:
    """What an amount for a whole term brings a year, in minor units, half up: × 12 ÷ its months, or
    × 365 ÷ its days. A term of no length counts as a year; an unknown amount stays unknown.

    >>> per_year(360_000, Term(36)), per_year(1_000, Term(days=90)), per_year(100, Term())
    (120000, 4056, 100)
    >>> per_year(125, Term(24)), per_year(None, Term(12))
    (63, None)
    """
    if minor is None:
        return None
    year, length = (_MONTHS, term.months) if term.months else (_DAYS, term.days)
    if length in (0, year):
        return minor
    return (2 * minor * year + length) // (2 * length)


@lru_cache(maxsize=8192)  # many contracts share their days
def _between(starts_on: date, ends_on: date) -> Term:
    """The length of a term by its days; a year where they are the wrong way round."""
    return term_between(starts_on, ends_on) if starts_on <= ends_on else _YEAR


def length_of(stored: StoredRenewal) -> Term:
    """How long the term that ends is: as written, else by its days, else a year."""
    if stored.term is not None:
        return stored.term
    if stored.starts_on is None or stored.ends_on is None:
        return _YEAR
    return _between(stored.starts_on, stored.ends_on)


class Renewals:
    """What stored renewals are under a policy: which pipelines renew, which stages are over, which
    days people's calendars show."""

    def __init__(self, policy: Policy) -> None:
        self._outcomes = {
            (pipeline.id, name): _CLOSED[stage.kind]
            for pipeline in renewing(policy).values()
            for stage in pipeline.stages
            if not stage.is_open
            for name in (stage.id, *stage.was)
        }
        self._zone = ZoneInfo(policy.zone)
        self._days: dict[datetime, date] = {}

    def of(self, stored: StoredRenewal) -> Renewal:
        """One renewal."""
        outcome = self._outcomes.get((stored.pipeline, stored.stage), Outcome.OPEN)
        if outcome is Outcome.LOST and stored.lost is not None and not stored.lost.is_churn:
            outcome = Outcome.MERGED
        return Renewal(stored, outcome, self.day_of(stored.closed_at))

    def day_of(self, at: datetime | None) -> date | None:
        """The day of an instant in the zone of the policy."""
        if at is None:
            return None
        day = self._days.get(at)
        if day is None:
            day = self._days[at] = local_day(at, self._zone)
        return day


_CLOSED: Mapping[StageKind, Outcome] = {
    StageKind.WON: Outcome.RENEWED,
    StageKind.LOST: Outcome.LOST,
}


def renewing(policy: Policy) -> Mapping[str, Pipeline]:
    """The pipelines in which contracts come to an end and are renewed; new business is none."""
    return {
        pipeline.id: pipeline
        for pipeline in policy.pipelines.values()
        if pipeline.of_kind(StageKind.ACTIVE, StageKind.RENEWAL)
    }


def _agreed(stored: StoredRenewal) -> Won | None:
    """What was agreed: as recorded; where nothing is, what the term after it brings, else for an
    automatic renewal the same again. None where nobody knows."""
    if stored.won is not None:
        return stored.won
    if stored.successor is not None:
        return stored.successor
    return Won(stored.due, _following(stored), None) if stored.automatic else None


def _following(stored: StoredRenewal) -> Term:
    """How long the next term is where nobody said: as agreed for later terms, else the same."""
    return stored.renewal_term or length_of(stored)


def months_in(scope: ReportScope) -> Callable[[date], date | None]:
    """What gives the first day of a day's month, None for a day outside of the scope's days. Many
    contracts share their days: each is looked at once."""

    @cache
    def month_of(day: date) -> date | None:
        return day.replace(day=1) if scope.has_day(day) else None

    return month_of


def in_scope(stored: StoredRenewal, scope: ReportScope) -> bool:
    """Whether a renewal is meant by a report's filters, its days aside."""
    return not scope.filters or scope.wants(
        owner=stored.owner,
        pipeline=stored.pipeline,
        team=stored.team,
        segment=stored.segment,
        currency=stored.due.currency,
    )

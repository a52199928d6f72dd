"""`renewals health backtest` as a use case: the terms that ended, each with all that was ever
measured of it, judged by a health policy."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from scheduler.core.deal.deal import Deal
from scheduler.core.health.backtest import (
    CURVE,
    LEADS,
    Backtest,
    DayLook,
    EndedTerm,
    ReceivedValue,
    backtest,
)
from scheduler.core.health.policy import HealthPolicy
from scheduler.core.health.timeline import SaidHealth
from scheduler.core.policy.policy import Policy
from scheduler.core.reports.asked import AsKnown, ReportScope
from scheduler.core.reports.renewals import Outcome, Renewal, Renewals, in_scope, renewing
from scheduler.core.rules.health import meant_for
from scheduler.core.time.dates import send_instant
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.lexicon import Health
from scheduler.ports import Begin
from scheduler.services.reports.reading import RenewalReading

_INSTANT = timedelta(microseconds=1)


class StageSeen(NamedTuple):
    """A stage that a deal was seen to enter, and when that was taken back."""

    at: datetime
    stage: str
    voided_at: datetime | None = None


class SaidThen(NamedTuple):
    """An answer about a customer's health: when it was given, what a person's word was from then on
    (None: it was given back to the signals), and when the answer was taken back."""

    at: datetime
    word: SaidHealth | None
    voided_at: datetime | None = None


def _stood(one: StageSeen | SaidThen, at: datetime) -> bool:
    """Whether it was known and not taken back at an instant."""
    return one.at <= at and (one.voided_at is None or one.voided_at > at)


@dataclass(frozen=True, slots=True)
class StagedDeal:
    """A deal with the stages it was seen to enter, and what people said of its health, each oldest
    first."""

    deal: Deal
    entered: tuple[StageSeen, ...] = ()
    said: tuple[SaidThen, ...] = ()

    def said_at(self, at: datetime, lasts: timedelta | None) -> Health | None:
        """What a person had said that stood above the signals at an instant; None for nothing.
        `lasts`: how long a word without an end stands."""
        standing = [one.word for one in self.said if _stood(one, at)]
        word = standing[-1] if standing else None
        return word.state if word is not None and word.holds(at, lasts) else None

    def stage_at(self, at: datetime) -> str | None:
        """The stage at an instant; None where nobody saw it by then."""
        seen = [one.stage for one in self.entered if _stood(one, at)]
        return seen[-1] if seen else None


class BacktestReading(RenewalReading, Protocol):
    """One look at the database."""

    def staged_deals(self, deals: Collection[int]) -> Mapping[int, StagedDeal]:
        """These deals by their numbers."""

    def heard(
        self, contracts: Collection[int], names: Collection[str], *, by_customer: bool
    ) -> Mapping[int, Sequence[ReceivedValue]]:
        """Everything that was ever said of these contracts under some names, corrections and what
        was taken back too; `by_customer`: also of the other contracts of their customers."""


@dataclass(frozen=True, slots=True)
class BacktestReport:
    """The result of the back-test, and how many terms that ended it cannot judge: `merged` closed
    with their customer, which is no churn; `endless` have no end."""

    found: Backtest
    merged: int
    endless: int


def backtest_report(
    reading: Begin[BacktestReading],
    policy: Policy,
    judged: Policy,
    scope: ReportScope,
    known: AsKnown,
) -> BacktestReport:
    """Judges the health policy of `judged` by the terms that ended under `policy`. Raises
    UserMustActError where nothing is measured."""
    settings = judged.health
    if settings is None or not settings.parts:
        raise UserMustActError(
            "this configuration measures nothing, so there is nothing to test: write measures "
            "under [health] in config.toml, or give another file with --config"
        )
    with reading() as look:
        stored = look.renewals(list(renewing(policy)), known.before)
        of = Renewals(policy).of
        ended = [
            renewal
            for renewal in (of(one) for one in stored if in_scope(one, scope))
            if renewal.outcome is not Outcome.OPEN and _is_in_period(renewal, scope)
        ]
        usable = [r for r in ended if r.outcome is not Outcome.MERGED and r.of.ends_on is not None]
        terms = list(_terms(look, usable, settings, ZoneInfo(policy.zone)))
    merged = sum(renewal.outcome is Outcome.MERGED for renewal in ended)
    return BacktestReport(backtest(settings, terms), merged, len(ended) - merged - len(usable))


def _is_in_period(renewal: Renewal, scope: ReportScope) -> bool:
    """Whether a term ended in the period; one without an end by the day of its outcome."""
    return scope.has_day(renewal.of.ends_on or renewal.signed_on)


def _terms(
    look: BacktestReading, ended: Sequence[Renewal], settings: HealthPolicy, zone: ZoneInfo
) -> Iterator[EndedTerm]:
    """The ended terms as the back-test reads them."""
    deals = look.staged_deals([renewal.of.deal for renewal in ended])
    contracts = [staged.deal.contract.id for staged in deals.values()]
    heard = look.heard(contracts, settings.signals, by_customer=settings.by_customer)
    for renewal in ended:
        staged = deals[renewal.of.deal]
        yield _term(renewal, staged, heard.get(staged.deal.contract.id, ()), settings, zone)


def _term(
    renewal: Renewal,
    staged: StagedDeal,
    heard: Sequence[ReceivedValue],
    settings: HealthPolicy,
    zone: ZoneInfo,
) -> EndedTerm:
    """Reads one ended term."""
    of, contract = renewal.of, staged.deal.contract
    assert of.ends_on is not None
    assert of.closed_at is not None
    begun_on = contract.series_starts_on or of.starts_on
    return EndedTerm(
        renewal.outcome is Outcome.LOST,
        of.due.minor,
        of.due.currency,
        send_instant(begun_on, time(0), zone) if begun_on else None,
        of.closed_at,
        heard,
        {days: _look(staged, of.ends_on, days, settings, zone) for days in {*LEADS, *CURVE}},
    )


def _look(
    staged: StagedDeal, ends_on: date, days: int, settings: HealthPolicy, zone: ZoneInfo
) -> DayLook:
    """The day so many days before the end, when it was over."""
    at = send_instant(ends_on - timedelta(days=days - 1), time(0), zone) - _INSTANT
    stage = staged.stage_at(at)
    if stage is None:
        measures, rules = meant_for(staged.deal, _in_any_stage(settings))
    else:
        measures, rules = meant_for(replace(staged.deal, stage=stage), settings)
    parts = frozenset([*(m.id for m in measures), *(r.id for r in rules)])
    return DayLook(at, parts, staged.said_at(at, settings.override_for))


def _in_any_stage(settings: HealthPolicy) -> HealthPolicy:
    """The same policy for when nobody knows the stage: what is for some stages only counts."""
    return replace(
        settings,
        measures=tuple(replace(m, in_stages=()) for m in settings.measures),
        rules=tuple(replace(r, in_stages=()) for r in settings.rules),
    )

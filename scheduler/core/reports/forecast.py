"""The forecast: what renews in the months ahead, how much of it is safe, and what changed within a
week.

    commit         the rep says it will renew, and the customer's health is stable
    likely         one of the two, and nothing against it
    at risk        a notice was received, the rep says it may leave, or the health is at risk or
                   critical, whatever the other says
    not assessed   nobody has said anything that counts
Always holds: every contract is in one place, so that due = renewed + lost + commit + likely + at
risk + not assessed; amounts are those of the contracts, in minor units; an open renewal is weighed
by its health and the rep's forecast (`own_history`). What the numbers mean to people:
`forecast_words`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from scheduler.core.reports.asked import AsKnown, ReportScope
from scheduler.core.reports.renewals import Outcome, Renewal, StoredRenewal, in_scope, months_in
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ForecastCall, Health

OVERDUE = date.min
"""Stands for the months before the period, in which terms ended that are still open."""


class Likelihood(StrEnum):
    """How an open renewal stands."""

    COMMIT = "commit"
    LIKELY = "likely"
    AT_RISK = "at_risk"
    NOT_ASSESSED = "not_assessed"


LIKELIHOODS: Mapping[Likelihood, Label] = {
    Likelihood.COMMIT: Label("Commit"),
    Likelihood.LIKELY: Label("Likely"),
    Likelihood.AT_RISK: Label("At risk", context="forecast"),
    Likelihood.NOT_ASSESSED: Label("Not assessed", context="forecast"),
}


class RenewalSigns(NamedTuple):
    """What is known of an open renewal: the health, the rep's forecast, whether notice was
    received."""

    health: Health
    call: ForecastCall | None
    notice: bool

    @property
    def likelihood(self) -> Likelihood:
        """How it stands."""
        in_danger = self.health in (Health.AT_RISK, Health.CRITICAL)
        if self.notice or self.call is ForecastCall.AT_RISK or in_danger:
            return Likelihood.AT_RISK
        signs = (self.call is ForecastCall.RENEW) + (self.health is Health.STABLE)
        return (Likelihood.NOT_ASSESSED, Likelihood.LIKELY, Likelihood.COMMIT)[signs]


def signs_of(stored: StoredRenewal) -> RenewalSigns:
    """What is known of a renewal; beside a notice nothing else counts."""
    return _signs(stored.health, stored.call, stored.notice)


@cache
def _signs(health: Health, call: ForecastCall | None, notice: bool) -> RenewalSigns:
    """The signs, made once for all that are alike."""
    return RenewalSigns(Health.UNKNOWN, None, True) if notice else RenewalSigns(health, call, False)


@dataclass(frozen=True, slots=True)
class Weight:
    """The share that is expected to be renewed; `renewed` of `decided` closed ones were, and
    `by_history` says whether that is what it is made of."""

    share: Fraction
    by_history: bool
    renewed: int
    decided: int


class ForecastPlace(NamedTuple):
    """Where open renewals are counted together: currency and month (its first day, or OVERDUE)."""

    currency: str
    month: date


@dataclass(frozen=True, slots=True)
class ForecastLine:
    """The open renewals of one place that are alike, and what of their amount is expected, half
    up."""

    place: ForecastPlace
    signs: RenewalSigns
    contracts: int
    due: int
    unknown: int
    weight: Weight

    @property
    def expected(self) -> int:
        """What is expected of it."""
        share = self.weight.share
        return (2 * self.due * share.numerator + share.denominator) // (2 * share.denominator)


@dataclass(slots=True)
class ForecastMonth:
    """One month of one currency: amounts due, by what became, or is expected to become, of them."""

    place: ForecastPlace
    contracts: int = 0
    unknown: int = 0
    due: int = 0
    renewed: int = 0
    lost: int = 0
    open: Counter[Likelihood] = field(default_factory=Counter)
    expected: int = 0


class RenewalStatus(NamedTuple):
    """Where a contract stands at one instant."""

    due: int | None
    ends_on: date | None
    outcome: Outcome
    likelihood: Likelihood | None


@dataclass(frozen=True, slots=True)
class ForecastChange:
    """A contract that stands otherwise than a week before; None where it was not there."""

    contract: str
    customer: str
    currency: str
    before: RenewalStatus | None
    after: RenewalStatus | None

    @property
    def size(self) -> int:
        """How much money it is about."""
        return max((s.due or 0) for s in (self.before, self.after) if s is not None)


@dataclass(frozen=True, slots=True)
class Forecast:
    """The report. `since` is the day at whose end the changes begin."""

    months: tuple[ForecastMonth, ...]
    lines: tuple[ForecastLine, ...]
    changes: tuple[ForecastChange, ...]
    since: date
    least: int


def forecast(
    renewals: Iterable[Renewal],
    week_before: Mapping[int, Renewal | None],
    scope: ReportScope,
    known: AsKnown,
    since: AsKnown,
    weigh: Callable[[RenewalSigns], Weight],
    least: int,
) -> Forecast:
    """The forecast of what a scope means. `week_before` are the renewals that may have stood
    otherwise, by deal; `weigh` gives the weight of open ones, `least` how many closed ones own
    history needs."""
    every = list(renewals)
    place_of = _Places(scope, known).of
    meant = [(r, p) for r in every if (p := place_of(r)) is not None]
    lines = _lines(meant, weigh)
    now = {r.of.deal: r for r in every if r.of.deal in week_before}
    pairs = [(was, now.get(deal)) for deal, was in week_before.items()]
    return Forecast(_months(meant, lines), lines, _changes(pairs, place_of), since.on, least)


class _Places:
    """Where renewals are counted."""

    def __init__(self, scope: ReportScope, known: AsKnown) -> None:
        self._scope, self._known, self._month_of = scope, known, months_in(scope)
        self._all = not scope.filters

    def of(self, renewal: Renewal) -> ForecastPlace | None:
        """Where a renewal is counted; None if it is not meant."""
        of, scope = renewal.of, self._scope
        end = of.ends_on
        if end is None or not (self._all or in_scope(of, scope)):
            return None
        month = self._month_of(end)
        if month is not None:
            return ForecastPlace(of.due.currency, month)
        first, is_open = scope.from_on, renewal.outcome is Outcome.OPEN
        is_overdue = is_open and first is not None and end < first <= self._known.on
        return ForecastPlace(of.due.currency, OVERDUE) if is_overdue else None


_Placed = tuple[Renewal, ForecastPlace]


def _lines(
    placed: Iterable[_Placed], weigh: Callable[[RenewalSigns], Weight]
) -> tuple[ForecastLine, ...]:
    """The open renewals, those that are alike together."""
    found: defaultdict[tuple[ForecastPlace, RenewalSigns], list[int | None]] = defaultdict(list)
    for renewal, place in placed:
        if renewal.outcome is Outcome.OPEN:
            found[place, signs_of(renewal.of)].append(renewal.of.due.minor)
    return tuple(
        ForecastLine(
            place,
            signs,
            len(amounts),
            sum(a or 0 for a in amounts),
            sum(a is None for a in amounts),
            weigh(signs),
        )
        for (place, signs), amounts in sorted(
            found.items(), key=lambda f: (f[0][0], best_first(f[0][1]))
        )
    )


def best_first(signs: RenewalSigns) -> tuple[int, int, str]:
    """Sorts signs, the best first: by likelihood (a notice makes it one step less), then by health,
    then by what was said."""
    return (
        list(Likelihood).index(signs.likelihood) + signs.notice,
        list(Health).index(signs.health),
        signs.call or "",
    )


def _months(placed: Iterable[_Placed], lines: Iterable[ForecastLine]) -> tuple[ForecastMonth, ...]:
    """The months; what is renewed already counts as expected with the amount that was due."""
    found: dict[ForecastPlace, ForecastMonth] = {}
    for renewal, place in placed:
        month = found.get(place) or found.setdefault(place, ForecastMonth(place))
        due = renewal.of.due.minor
        month.contracts += 1
        month.unknown += due is None
        month.due += due or 0
        if renewal.outcome is Outcome.RENEWED:
            month.renewed += due or 0
            month.expected += due or 0
        elif renewal.outcome is not Outcome.OPEN:
            month.lost += due or 0
    for line in lines:
        month = found[line.place]
        month.open[line.signs.likelihood] += line.due
        month.expected += line.expected
    return tuple(found[place] for place in sorted(found))


def _changes(
    pairs: Iterable[tuple[Renewal | None, Renewal | None]],
    place_of: Callable[[Renewal], ForecastPlace | None],
) -> tuple[ForecastChange, ...]:
    """The contracts that the period means now or meant a week before, and that stand otherwise."""
    found = [
        change
        for pair in pairs
        if any(r is not None and place_of(r) is not None for r in pair)
        and (change := _change(*pair)) is not None
    ]
    return tuple(sorted(found, key=lambda c: (c.currency, -c.size, c.contract)))


def _change(before: Renewal | None, after: Renewal | None) -> ForecastChange | None:
    """What changed of one contract; None where nothing did."""
    shown = after or before
    if shown is None:
        return None
    was, is_now = (_standing(r) if r is not None else None for r in (before, after))
    if was == is_now:
        return None
    of = shown.of
    return ForecastChange(of.contract, of.customer, of.due.currency, was, is_now)


def _standing(renewal: Renewal) -> RenewalStatus:
    """Where a contract stands."""
    is_open = renewal.outcome is Outcome.OPEN
    likelihood = signs_of(renewal.of).likelihood if is_open else None
    return RenewalStatus(renewal.of.due.minor, renewal.of.ends_on, renewal.outcome, likelihood)

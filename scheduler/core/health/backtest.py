"""The back-test: what a policy would have said of terms before they ended, and what became of them.

    flagged       at risk or critical (or critical only) when a day was over, so many days before
                  the end
    trials        the policy as it is; each measure or rule alone; the policy without each
    words         what a person had said by that day, and still stood, is what the policy says,
                  with and without each part; a part alone is judged by itself
    least sample  `LEAST` of the lost and of the kept must have been assessed, else it is too few to
                  tell

Always holds: only what was known at that instant counts, so that what becomes known later changes
nothing; who is not assessed is counted as that, and in no rate; what was decided by then, or had
not begun, is left out.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from scheduler.core.health.assessing import state_at
from scheduler.core.health.intervals import Z
from scheduler.core.health.policy import HardRule, HealthPolicy, Measure
from scheduler.core.health.signals import Signal, series_of
from scheduler.core.health.timeline import SEVERITY
from scheduler.core.health.transitions import gauge_lines
from scheduler.core.words.lexicon import Health

LEADS = (90, 30)
"""How many days before the end every trial is judged."""
CURVE = (180, 150, 120, 90, 60, 30)
"""How many days before the end the policy as it is is judged."""
LEAST = 20
"""Of the lost, and of the kept, so many must have been assessed before a share means anything."""
FLAGS = (Health.AT_RISK, Health.CRITICAL)
"""The states from which on a customer counts as flagged."""


@dataclass(frozen=True, slots=True)
class ReceivedValue:
    """A value that came in, whatever became of it. `subject` is whom it was said of, as a number;
    `voided_at` is when it was taken back."""

    subject: int
    signal: Signal
    voided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DayLook:
    """A day on which a term is judged: its last instant, the ids of the measures and rules that
    were meant for the term then, and what a person had said that stood above them (None:
    nothing)."""

    at: datetime
    parts: frozenset[str]
    said: Health | None = None


@dataclass(frozen=True, slots=True)
class EndedTerm:
    """A term that was lost or kept. `minor` is what it brought, in minor units (None: unknown);
    `begun_at` when its customer's first term began, `decided_at` when its outcome was known;
    `looks` by the days before its end."""

    lost: bool
    minor: int | None
    currency: str
    begun_at: datetime | None
    decided_at: datetime
    heard: Sequence[ReceivedValue]
    looks: Mapping[int, DayLook]


class TrialKind(StrEnum):
    """What of the policy is judged."""

    WHOLE = "policy"
    ALONE = "alone"
    WITHOUT = "without"


class PolicyTrial(NamedTuple):
    """One policy to be judged: `part` is the measure or rule that is alone or left out."""

    kind: TrialKind
    part: str = ""


@dataclass(frozen=True, slots=True)
class FlaggedGroup:
    """The lost, or the kept: how many, how many of them had been assessed and were flagged; what
    the assessed and the flagged brought (minor units; 0 over several currencies), and how many of
    the assessed have no amount."""

    count: int = 0
    assessed: int = 0
    flagged: int = 0
    minor: int = 0
    flagged_minor: int = 0
    without: int = 0

    @property
    def rate(self) -> Fraction | None:
        """The share of the assessed that were flagged."""
        return Fraction(self.flagged, self.assessed) if self.assessed else None


@dataclass(frozen=True, slots=True)
class BacktestLine:
    """One trial, so many days before the end, flagged from one state on. `currency` is empty for
    all terms together. `gain`: for a policy without a part, what that part adds, if it is enough to
    tell."""

    days: int
    trial: PolicyTrial
    flag: Health
    currency: str
    lost: FlaggedGroup
    kept: FlaggedGroup
    gain: "Gain | None" = None

    @property
    def enough(self) -> bool:
        """Whether there are as many as a share needs."""
        return min(self.lost.assessed, self.kept.assessed) >= LEAST

    @property
    def tells(self) -> bool | None:
        """Whether the lost were flagged more often than the kept, beyond chance (1.96 standard
        deviations of the difference); None: too few to tell."""
        if not self.enough:
            return None
        (lost, spread_lost), (kept, spread_kept) = map(_share, (self.lost, self.kept))
        return lost > kept and (lost - kept) ** 2 > Fraction(Z) ** 2 * (spread_lost + spread_kept)


class Gain(NamedTuple):
    """What a part adds to the policy: by how much it widens the distance between the shares of the
    lost and of the kept that are flagged (1: all of it), and whether that is beyond chance."""

    by: Fraction
    certain: bool


class UnjudgedTerms(NamedTuple):
    """Terms that a day does not judge: decided by then, or not begun yet."""

    decided: int = 0
    unbegun: int = 0


@dataclass(frozen=True, slots=True)
class Backtest:
    """What came of it. `curve` is the policy as it is at more days; `left_out` by the days before
    the end; `only_later`: terms of which something was measured, but nothing known in time at any
    of the days."""

    lines: tuple[BacktestLine, ...]
    curve: tuple[BacktestLine, ...]
    left_out: Mapping[int, UnjudgedTerms]
    only_later: int

    @property
    def added_nothing(self) -> tuple[str, ...]:
        """The measures and rules that added nothing beyond chance at any of the days, where there
        was enough to tell."""
        gains: dict[str, list[Gain]] = {}
        for line in self.lines:
            if line.gain is not None and line.flag is Health.AT_RISK:
                gains.setdefault(line.trial.part, []).append(line.gain)
        return tuple(part for part, some in gains.items() if not any(g.certain for g in some))

    def of(self, days: int, trial: PolicyTrial, flag: Health = Health.AT_RISK) -> BacktestLine:
        """The line of a trial over all currencies."""
        return next(
            line
            for line in self.lines
            if (line.days, line.trial, line.flag, line.currency) == (days, trial, flag, "")
        )


def known(heard: Iterable[ReceivedValue], at: datetime) -> list[Signal]:
    """What was believed at an instant: of the values of one measurement, the one received last by
    then (of those received at once, the largest) that had not been taken back."""
    latest: dict[tuple[int, str, datetime, str], Signal] = {}
    for subject, signal, voided_at in ((h.subject, h.signal, h.voided_at) for h in heard):
        if signal.received_at > at or (voided_at is not None and voided_at <= at):
            continue
        key = (subject, signal.name, signal.at, signal.source)
        other = latest.get(key)
        if other is None or _said(other) < _said(signal):
            latest[key] = signal
    return list(latest.values())


def _said(signal: Signal) -> tuple[datetime, float]:
    """What decides between two values of one measurement."""
    return signal.received_at, signal.value


def backtest(policy: HealthPolicy, terms: Sequence[EndedTerm]) -> Backtest:
    """Judges a policy by terms that ended."""
    left_out: dict[int, UnjudgedTerms] = {}
    lines: list[BacktestLine] = []
    curve: list[BacktestLine] = []
    whole = PolicyTrial(TrialKind.WHOLE)
    for days in sorted({*LEADS, *CURVE}, reverse=True):
        judged = [term for term in terms if _fate(term, days) is None]
        left_out[days] = _left_out(terms, days)
        wanted = _trials(policy) if days in LEADS else [whole]
        verdicts = [_Verdict(term, _states(policy, term, days, wanted)) for term in judged]
        found = [line for trial in wanted for line in _lines(days, trial, verdicts)]
        lines += found if days in LEADS else ()
        if days in CURVE:
            curve += [line for line in found if line.trial == whole and not line.currency]
    return Backtest(tuple(lines), tuple(curve), left_out, sum(map(_only_later, terms)))


class _Verdict(NamedTuple):
    """A term, and what each trial said of it."""

    term: EndedTerm
    states: Mapping[PolicyTrial, Health]


def _fate(term: EndedTerm, days: int) -> str | None:
    """Why a day does not judge a term; None where it does."""
    at = term.looks[days].at
    if term.decided_at <= at:
        return "decided"
    return "unbegun" if term.begun_at is not None and term.begun_at > at else None


def _left_out(terms: Iterable[EndedTerm], days: int) -> UnjudgedTerms:
    """How many terms a day does not judge."""
    fates = Counter(_fate(term, days) for term in terms)
    return UnjudgedTerms(fates["decided"], fates["unbegun"])


def _only_later(term: EndedTerm) -> bool:
    """Whether what was measured of a term became known too late for every day."""
    latest = max(look.at for look in term.looks.values())
    return bool(term.heard) and not known(term.heard, latest)


def _trials(policy: HealthPolicy) -> list[PolicyTrial]:
    """Everything that is judged: nothing is left of a policy without its only part."""
    parts = [part.id for part in policy.parts]
    without = [PolicyTrial(TrialKind.WITHOUT, part) for part in parts] if len(parts) > 1 else []
    return [
        PolicyTrial(TrialKind.WHOLE),
        *(PolicyTrial(TrialKind.ALONE, p) for p in parts),
        *without,
    ]


def _counts(trial: PolicyTrial, part: str) -> bool:
    """Whether a part counts in a trial."""
    return trial.kind is TrialKind.WHOLE or (trial.kind is TrialKind.ALONE) == (part == trial.part)


def _states(
    policy: HealthPolicy, term: EndedTerm, days: int, trials: Iterable[PolicyTrial]
) -> dict[PolicyTrial, Health]:
    """What each trial said of a term on that day."""
    look = term.looks[days]
    measures = [m for m in policy.measures if m.id in look.parts]
    rules = [r for r in policy.rules if r.id in look.parts]
    lines = gauge_lines((*measures, *rules), series_of(known(term.heard, look.at)))

    def said(trial: PolicyTrial) -> Health:
        if look.said is not None and trial.kind is not TrialKind.ALONE:
            return look.said
        counted = [m for m in measures if _counts(trial, m.id)]
        hard = [r for r in rules if _counts(trial, r.id)]
        state = state_at(policy, counted, hard, lines, look.at)
        return Health.STABLE if _is_silent(state, counted, hard) else state

    return {trial: said(trial) for trial in trials}


def _is_silent(state: Health, measures: Sequence[Measure], rules: Sequence[HardRule]) -> bool:
    """Whether rules stand alone and none holds: that is an all-clear, not a want of data."""
    return state is Health.UNKNOWN and bool(rules) and not measures


def _lines(days: int, trial: PolicyTrial, verdicts: Sequence[_Verdict]) -> Iterator[BacktestLine]:
    """The lines of one trial on one day: by the state, all terms together and by currency."""
    for flag in FLAGS:
        for currency in ("", *sorted({v.term.currency for v in verdicts})):
            some = [v for v in verdicts if currency in ("", v.term.currency)]
            lost, kept = ([v for v in some if v.term.lost is lost] for lost in (True, False))
            of_lost, of_kept = (
                _group(group, trial, flag, money=bool(currency)) for group in (lost, kept)
            )
            line = BacktestLine(days, trial, flag, currency, of_lost, of_kept)
            adds = trial.kind is TrialKind.WITHOUT and not currency
            yield replace(line, gain=_gain(lost, kept, trial, flag)) if adds else line


def _group(
    verdicts: Sequence[_Verdict], trial: PolicyTrial, flag: Health, *, money: bool
) -> FlaggedGroup:
    """The lost or the kept."""
    assessed = [v.term for v in verdicts if v.states[trial] is not Health.UNKNOWN]
    flagged = [v.term for v in verdicts if _is_flagged(v, trial, flag)]
    return FlaggedGroup(
        len(verdicts),
        len(assessed),
        len(flagged),
        sum(term.minor or 0 for term in assessed) if money else 0,
        sum(term.minor or 0 for term in flagged) if money else 0,
        sum(term.minor is None for term in assessed),
    )


def _is_flagged(verdict: _Verdict, trial: PolicyTrial, flag: Health) -> bool:
    """Whether a trial flagged a term."""
    return SEVERITY.index(verdict.states[trial]) >= SEVERITY.index(flag)


def _gain(
    lost: Sequence[_Verdict], kept: Sequence[_Verdict], without: PolicyTrial, flag: Health
) -> Gain | None:
    """What the part that `without` leaves out adds, over those that the whole policy assessed: the
    difference of two paired shares, certain where it is beyond 1.96 of its standard deviations."""
    whole, changes = PolicyTrial(TrialKind.WHOLE), list[tuple[Fraction, Fraction]]()
    for group in (lost, kept):
        assessed = [v for v in group if v.states[whole] is not Health.UNKNOWN]
        if len(assessed) < LEAST:
            return None
        pairs = Counter(
            (_is_flagged(v, whole, flag), _is_flagged(v, without, flag)) for v in assessed
        )
        changes.append(_change(pairs[True, False], pairs[False, True], len(assessed)))
    (more_lost, spread_lost), (more_kept, spread_kept) = changes
    by = more_lost - more_kept
    return Gain(by, by > 0 and by * by > Fraction(Z) ** 2 * (spread_lost + spread_kept))


def _share(group: FlaggedGroup) -> tuple[Fraction, Fraction]:
    """The share that was flagged, and its variance."""
    share = Fraction(group.flagged, group.assessed)
    return share, share * (1 - share) / group.assessed


def _change(more: int, fewer: int, of: int) -> tuple[Fraction, Fraction]:
    """How a paired share changes, and the variance of that."""
    by = Fraction(more - fewer, of)
    return by, (Fraction(more + fewer, of) - by * by) / of

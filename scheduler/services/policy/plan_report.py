"""A plan in numbers: what comes and what goes per milestone and move, now and in 7 and 30 days; to
whom; each week's load; and the money at stake.

Always holds: every number is a count of `Effects`; the columns add up from left to right (what
comes now comes within 7 days too).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scheduler.core.deal.contracts import Money, sums
from scheduler.core.words.lexicon import NudgeState
from scheduler.services.policy.effects import HEALTH, MOVE, NUDGE, Effect, Effects

HORIZONS = (7, 30)
"""The report's columns in days, besides now and the plan's own end."""

_RANK = {MOVE: 0, HEALTH: 1, NUDGE: 2}
CAME, WENT, DROPPED = "came", "went", "dropped"


@dataclass(frozen=True, slots=True)
class PlanLine:
    """What is added or dropped for one milestone, in moves to one stage, or in changes to one
    health.

    `counts`: now, within each of HORIZONS, until the end. `to`: nudges by recipient.
    """

    change: str
    kind: str
    what: str
    counts: tuple[int, ...]
    contracts: int
    money: tuple[Money, ...]
    to: Mapping[str, int]
    without: int = 0


@dataclass(frozen=True, slots=True)
class SilentMilestone:
    """A new milestone whose day is past for so many open deals, about which nobody is told;
    `before_load` of them because the day lies before their first load."""

    milestone: str
    contracts: int
    money: tuple[Money, ...]
    without: int = 0
    before_load: int = 0


@dataclass(frozen=True, slots=True)
class Reaches:
    """How many of `contracts` a milestone can ever reach, in the current term and the next, before
    the edit and after it."""

    milestone: str
    before: int
    after: int
    contracts: int


@dataclass(frozen=True, slots=True)
class Load:
    """The messages one recipient gets until the end, before and after, and by week (its Monday) as
    (nudges, messages)."""

    recipient: str
    nudges: tuple[int, int]
    messages: tuple[int, int]
    busiest: tuple[int, int]
    before: Mapping[date, tuple[int, int]]
    after: Mapping[date, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class PlanReport:
    """The whole report. `at_stake`: the money of the contracts for which anything differs, each
    counted once; `without` counts those whose amount nobody knows."""

    lines: tuple[PlanLine, ...]
    silent: tuple[SilentMilestone, ...]
    loads: tuple[Load, ...]
    contracts: int
    at_stake: tuple[Money, ...]
    without: int = 0
    reach: tuple[Reaches, ...] = ()


def plan_report(effects: Effects, today: date, milestones: Sequence[str]) -> PlanReport:
    """The numbers of effects that begin `today`; the lines are in the order of `milestones`, after
    the moves."""
    both = (*effects.came, *effects.went)
    return PlanReport(
        tuple(_lines(effects, today, milestones)),
        tuple(
            SilentMilestone(
                id, len(deals), *sums(d.contract.amount for d in deals), effects.before_load[id]
            )
            for id, deals in effects.silent.items()
        ),
        tuple(
            sorted(
                _loads(effects),
                key=lambda load: (-abs(load.nudges[1] - load.nudges[0]), load.recipient),
            )
        ),
        len({e.deal for e in both}),
        *_money(both),
        reach=tuple(
            Reaches(id, effects.reached_before[id], effects.reached_after[id], effects.asked[id])
            for id in milestones
            if effects.asked[id]
        ),
    )


def _lines(effects: Effects, today: date, milestones: Sequence[str]) -> Iterable[PlanLine]:
    """The lines of what comes, of what goes, and of what waited and is dropped."""
    groups: dict[tuple[str, str, str], list[Effect]] = defaultdict(list)
    for effect in effects.came:
        dropped = effect.queued and effect.state == NudgeState.CANCELLED.value
        groups[effect.kind, effect.what, DROPPED if dropped else CAME].append(effect)
    replaced = {
        (e.deal, e.what, e.step, e.recipient)
        for e in effects.came
        if e.queued and e.state == NudgeState.CANCELLED.value
    }
    for effect in effects.went:
        if not (
            effect.queued and (effect.deal, effect.what, effect.step, effect.recipient) in replaced
        ):
            groups[effect.kind, effect.what, WENT].append(effect)
    order = {id: n for n, id in enumerate(milestones)}
    for kind, what, change in sorted(
        groups, key=lambda key: (_RANK[key[0]], order.get(key[1], len(order)), key[1], key[2])
    ):
        found = groups[kind, what, change]
        counts = (
            *(sum(_within(e, today, days) for e in found) for days in (0, *HORIZONS)),
            len(found),
        )
        money, without = _money(found)
        yield PlanLine(
            change,
            kind,
            what,
            counts,
            len({e.deal for e in found}),
            money,
            Counter(e.recipient for e in found if e.recipient),
            without,
        )


def _within(effect: Effect, today: date, days: int) -> bool:
    """Whether it happens within so many days; what happens at once waits only for its reader's
    hours."""
    return effect.at_once or effect.on <= today + timedelta(days=days)


def _loads(effects: Effects) -> Iterable[Load]:
    """The load of everybody for whom anything differs."""
    recipients = {who for who, _ in (*effects.nudges_before, *effects.nudges_after)}
    for who in recipients:
        before = _weeks(who, effects.nudges_before, effects.messages_before)
        after = _weeks(who, effects.nudges_after, effects.messages_after)
        if before != after:
            nudges, messages = (_sum(before, 0), _sum(after, 0)), (_sum(before, 1), _sum(after, 1))
            busiest = (
                max((n for n, _ in before.values()), default=0),
                max((n for n, _ in after.values()), default=0),
            )
            yield Load(who, nudges, messages, busiest, before, after)


def _weeks(
    who: str, nudges: Counter[tuple[str, date]], messages: Counter[tuple[str, date]]
) -> dict[date, tuple[int, int]]:
    """(nudges, messages) by week."""
    return {
        week: (count, messages[who, week])
        for (name, week), count in sorted(nudges.items())
        if name == who
    }


def _sum(weeks: Mapping[date, tuple[int, int]], place: int) -> int:
    return sum(counts[place] for counts in weeks.values())


def _money(effects: Iterable[Effect]) -> tuple[tuple[Money, ...], int]:
    """The sums of their contracts' amounts by currency, each contract counted once, and how many
    amounts nobody knows."""
    return sums({e.deal: Money(e.amount, e.currency) for e in effects}.values())

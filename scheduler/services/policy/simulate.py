"""Simulate: what a policy does over any span, on a virtual clock (DESIGN §4).

    from today on   the deals as they are, lived from now; only what falls into the span is shown
    in the past     the contracts as they are known, with the stages they stood in and the outcomes
                    they had; what people answered is not repeated, and a closed deal opens no
                    successor: the real successors have lives of their own
Always holds: nothing is stored or sent; the daemon's own `decide` is used; nobody answers; deals
are lived a batch at a time, so that memory does not grow with their number. What came up while a
window was open comes last, because only then is it known whether its reader had already had their
message in that window.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from itertools import islice
from typing import Protocol
from zoneinfo import ZoneInfo

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.pipeline import Passage
from scheduler.core.health.policy import HealthPolicy
from scheduler.core.policy.milestone_days import day_start, zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.delivery_window import DeliveryWindows, Reached, Reader
from scheduler.core.words.lexicon import ChannelName, EventState, NudgeState
from scheduler.services.policy.lives import (
    LivedNudge,
    Load,
    Outgoing,
    SimulatedLife,
    reached_of,
    under,
)
from scheduler.services.policy.planning import Snapshot
from scheduler.services.policy.shared_lives import SharedLives


@dataclass(frozen=True, slots=True)
class DealHistory:
    """A deal with its passages, and when it was closed, as the database has them today."""

    deal: Deal
    passages: Sequence[Passage]
    closed_at: datetime | None


class SimulateSnapshot(Snapshot, Protocol):
    """The database at one instant."""

    def past(
        self, from_on: date, to_on: date, measuring: Collection[HealthPolicy | None] = ()
    ) -> Iterable[DealHistory]:
        """Deals, closed ones too, whose term had begun by `to_on` and that were not closed before
        `from_on`; in a stream. They have their signals where one of `measuring` measures."""


@dataclass(frozen=True, slots=True)
class SimulatedRow:
    """One passage or one nudge. `what`: the stage it leads to, or the milestone; `on`: the day it
    moves, or goes out; `amount` in whole units."""

    on: date
    kind: str
    contract: str
    customer: str
    what: str
    step: int
    from_stage: str
    recipient: str
    role: str
    amount: float | None
    currency: str


@dataclass(slots=True)
class Simulated:
    """The result. By milestone: fired events, first tellings, reminders, contracts; moves by stage;
    loads by recipient and week.

    `busiest`: nudges by day. `silent`: milestones' days that passed in silence, by state. `failed`:
    (contract, why) for deals that cannot be decided.
    """

    deals: int = 0
    told: Counter[str] = field(default_factory=Counter)
    reminders: Counter[str] = field(default_factory=Counter)
    contracts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    moves: Counter[str] = field(default_factory=Counter)
    silent: Counter[tuple[str, str]] = field(default_factory=Counter)
    nudges: Load = field(default_factory=Counter)
    messages: Load = field(default_factory=Counter)
    busiest: Counter[date] = field(default_factory=Counter)
    failed: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last day, and the instant at which it is now."""

    from_on: date
    to_on: date
    now: datetime

    def is_past(self, zone: ZoneInfo) -> bool:
        """Whether it begins before today."""
        return self.from_on < self.now.astimezone(zone).date()

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The instants at which its first day begins and its last day ends."""
        return day_start(self.from_on, zone), day_start(
            date.fromordinal(self.to_on.toordinal() + 1), zone
        )


@dataclass(frozen=True, slots=True)
class Task:
    """One deal to be lived from `start` until `end`; `alone`: without its successors."""

    deal: Deal
    start: datetime
    end: datetime
    alone: bool


@dataclass(slots=True)
class Part:
    """The result of some tasks. `mid`: rows of what came up while a window was open, whose day is
    known only at the end."""

    deals: int
    rows: list[SimulatedRow]
    mid: list[tuple[SimulatedRow, Reached]]
    out: Counter[Reached]
    readers: Mapping[Reached, Reader]
    silent: Counter[tuple[str, str]]
    failed: list[tuple[str, str]]


Spread = Callable[[Iterable[Sequence[Task]]], Iterable[Part]]
"""Lives batches of tasks, here or in other processes, and gives their parts in the same order."""

_BATCH, _TRIED = 250, 8


def simulate(
    snapshot: SimulateSnapshot,
    policy: Policy,
    span: Span,
    channels: Collection[ChannelName],
    on_row: Callable[[SimulatedRow], None] = lambda row: None,
    spread: Spread | None = None,
) -> Simulated:
    """Lives every deal through the span; `on_row` gets each passage and nudge. `spread`: what lives
    them in other processes where that is worth it (None: this process does)."""
    zone = ZoneInfo(policy.zone)
    reaching = DeliveryWindows(policy, channels, told_before(snapshot, span, zone))
    living = LifeSimulator(policy, span, reaching)
    found, out, mid = Simulated(), Outgoing(reaching), list[tuple[SimulatedRow, Reached]]()
    for part in _parts(_batches(_tasks(snapshot, policy, span)), living, spread):
        found.deals += part.deals
        found.silent += part.silent
        found.failed += part.failed
        mid += part.mid
        out.take(part.out, part.readers)
        for row in part.rows:
            _count(found, row, span, on_row)
    later = out.later()
    for row, reached in mid:
        _count(found, replace(row, on=later.get(reached, reached).window_on), span, on_row)
    found.nudges, found.messages = out.load(later, span.from_on)
    found.busiest = out.by_day(later, span.from_on)
    return found


def _parts(
    batches: Iterator[Sequence[Task]], living: "LifeSimulator", spread: Spread | None
) -> Iterator[Part]:
    """The parts of all batches. The first ones are lived here, and the others elsewhere only if
    most deals of those had a life of their own: sharing one takes less time than handing over a
    deal."""
    tried = 0
    for part in map(living.part, islice(batches, _TRIED)):
        tried += part.deals
        yield part
    elsewhere = spread if 2 * living.lives > tried else None
    yield from (elsewhere or partial(map, living.part))(batches)


def told_before(snapshot: Snapshot, span: Span, zone: ZoneInfo) -> Collection[tuple[str, date]]:
    """The people who have already had their message when the span begins; empty for a span in the
    past, where that is not known."""
    return () if span.is_past(zone) else snapshot.told(span.now)


def _tasks(snapshot: SimulateSnapshot, policy: Policy, span: Span) -> Iterator[Task]:
    """The deals to be lived."""
    zone = ZoneInfo(policy.zone)
    from_at, until = span.bounds(zone)
    if span.is_past(zone):
        tasks = (
            Task(*_as_of(past, policy, from_at, until), alone=past.closed_at is not None)
            for past in snapshot.past(span.from_on, span.to_on, (policy.health,))
        )
        yield from (task for task in tasks if task.start < task.end)
    else:
        yield from (
            Task(deal, span.now, until, alone=False)
            for deal in snapshot.deals(closed=False, measuring=(policy.health,))
        )


def _batches(tasks: Iterator[Task]) -> Iterator[Sequence[Task]]:
    """Some at a time."""
    while some := list(islice(tasks, _BATCH)):
        yield some


def _count(
    found: Simulated, row: SimulatedRow, span: Span, on_row: Callable[[SimulatedRow], None]
) -> None:
    """Counts what falls into the span and passes it on."""
    if not span.from_on <= row.on <= span.to_on:
        return
    if row.kind == "move":
        found.moves[row.what] += 1
    else:
        (found.reminders if row.step else found.told)[row.what] += 1
        found.contracts[row.what].add(row.contract)
    on_row(row)


def _as_of(
    past: DealHistory, policy: Policy, from_at: datetime, until: datetime
) -> tuple[Deal, datetime, datetime]:
    """The deal as a first load at `from_at`, or at its term's start, would have brought it, with
    the instants from which and until which it is lived."""
    deal, contract = past.deal, past.deal.contract
    zone = zone_of(deal, policy)
    begins = day_start(contract.starts_on, zone) if contract.starts_on else from_at
    start, pipeline = max(from_at, begins), policy.pipelines.get(deal.pipeline)
    home = (pipeline.active_stage(deal.health, deal.stage) if pipeline else None) or (
        pipeline.first if pipeline else None
    )
    usual = (
        deal.stage
        if home is None or pipeline is None
        else pipeline.first.id
        if start == begins
        else home.id
    )
    before = [p.to_stage for p in past.passages if p.at is not None and p.at <= start]
    reset = {
        "events": (),
        "nudges": (),
        "won": None,
        "lost": None,
        "call": None,
        "called_on": None,
        "expected_on": None,
        "notice_on": None,
        "said_health": None,
        "paused_until": None,
    }
    fresh = replace(under(deal, policy), expected_by_default=False, **reset)  # type: ignore[arg-type]
    stage, baseline_at = before[-1] if before else usual, from_at if start == from_at else None
    deal = replace(
        fresh,
        stage=stage,
        stage_entered_at=start,
        arrived_at=start,
        baseline_at=baseline_at,
        notice_lost=None,
    )
    return deal, start, min(until, past.closed_at or until)


class LifeSimulator:
    """Lives tasks."""

    def __init__(self, policy: Policy, span: Span, reaching: DeliveryWindows) -> None:
        self._policy, self._span, self._reaching = policy, span, reaching
        self._lives = SharedLives(policy, reaching)

    @property
    def lives(self) -> int:
        """How many lives that others may share are known."""
        return len(self._lives)

    def part(self, tasks: Sequence[Task]) -> Part:
        """What they come to."""
        part = Part(len(tasks), [], [], Counter(), {}, Counter(), [])
        for task in tasks:
            for life in self._lives.of(task.deal, task.start, task.end, alone=task.alone):
                self._add(part, life)
        part.readers = self._reaching.readers(part.out)
        return part

    def _add(self, part: Part, life: SimulatedLife) -> None:
        """Adds one life."""
        part.out.update(reached_of(life))
        if life.failed:
            part.failed.append((life.deal.contract.number, life.failed))
        for event in life.events:
            if (
                event.state is not EventState.FIRED
                and self._span.from_on <= event.day_on <= self._span.to_on
            ):
                part.silent[self._named(event.milestone), event.state.value] += 1
        for move in life.moves:
            on = (move.at or self._span.now).astimezone(zone_of(life.deal, self._policy)).date()
            part.rows.append(
                _row(life, "move", on, move.to_stage, 0, move.from_stage or "", "", "")
            )
        for told in life.told.values():
            if told.state is NudgeState.SENT and told.reached is not None:
                row = self._nudge(life, told, told.reached)
                if told.reached.mid:
                    part.mid.append((row, told.reached))
                else:
                    part.rows.append(row)

    def _nudge(self, life: SimulatedLife, told: LivedNudge, reached: Reached) -> SimulatedRow:
        """A nudge that goes out."""
        nudge = told.nudge
        return _row(
            life,
            "nudge",
            reached.window_on,
            self._named(nudge.milestone),
            nudge.step,
            "",
            reached.recipient,
            nudge.role,
        )

    def _named(self, milestone: str) -> str:
        """A milestone's present id."""
        found = self._policy.milestone(milestone)
        return found.id if found else milestone


def _row(
    life: SimulatedLife,
    kind: str,
    on: date,
    what: str,
    step: int,
    from_stage: str,
    recipient: str,
    role: str,
) -> SimulatedRow:
    """A row, with whose deal it is."""
    contract = life.deal.contract
    amount = contract.amount
    return SimulatedRow(
        on,
        kind,
        contract.number,
        contract.customer.name,
        what,
        step,
        from_stage,
        recipient,
        role,
        amount.major,
        amount.currency,
    )


def peaks(load: Mapping[tuple[str, date], int], recipient: str) -> tuple[date, int]:
    """A recipient's busiest week (the first, if several are equal) with its number."""
    weeks = {week: count for (who, week), count in load.items() if who == recipient}
    return min(weeks.items(), key=lambda item: (-item[1], item[0]))

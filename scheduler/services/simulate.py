"""Simulate: what a policy does over any span, on a virtual clock (DESIGN §4).

    from today on   the deals as they are, lived from now; only what falls into the span is shown
    in the past     the contracts as they are known, with the stages they stood in and the outcomes they had; what people answered is not repeated,
                    and a renewal opens no successor: those there were have lives of their own
Always holds: nothing is stored or sent; it is the daemon's own `decide`; nobody answers; deals are lived one after the other, so that memory does
not grow with them. What came up while a window was open comes last: only then it is known whether its reader had had his message of that window.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from typing import Protocol
from zoneinfo import ZoneInfo

from scheduler.core.deal import Deal
from scheduler.core.pipeline import Passage
from scheduler.core.policy import Policy
from scheduler.core.reaching import Reached, Reaching
from scheduler.core.schedule import day_start, zone_of
from scheduler.core.words import ChannelName, EventState, NudgeState
from scheduler.services.lives import Lived, Load, Outgoing, Told, lived, under
from scheduler.services.planning import Snapshot


@dataclass(frozen=True, slots=True)
class Past:
    """A deal with its passages, and when it was closed, as the database has them today."""

    deal: Deal
    passages: Sequence[Passage]
    closed_at: datetime | None


class SimulateSnapshot(Snapshot, Protocol):
    """The database at one instant."""

    def past(self, from_on: date, to_on: date) -> Iterable[Past]:
        """Deals, closed ones too, whose term had begun by `to_on` and that were not closed before `from_on`; in a stream."""


class SimulateStore(Protocol):
    """What a simulation needs of the storage."""

    def snapshot(self) -> AbstractContextManager[SimulateSnapshot]:
        """The database as it is now."""


@dataclass(frozen=True, slots=True)
class Row:
    """One passage or one nudge. `what`: the stage it leads to, or the milestone; `on`: the day it moves, or goes out; `amount` in whole units."""

    on: date
    kind: str
    contract: str
    customer: str
    what: str
    step: int
    from_stage: str
    recipient: str
    role: str
    amount: float
    currency: str


@dataclass(slots=True)
class Simulated:
    """What it came to. By milestone: events that fired, first tellings, reminders, contracts; moves by stage; loads by recipient and week.

    `busiest`: nudges by day. `silent`: milestones' days that came without a word, by state. `failed`: (contract, why) of what cannot be decided.
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
        return day_start(self.from_on, zone), day_start(date.fromordinal(self.to_on.toordinal() + 1), zone)


def simulate(
    snapshot: SimulateSnapshot, policy: Policy, span: Span, channels: Collection[ChannelName], on_row: Callable[[Row], None] = lambda row: None
) -> Simulated:
    """Lives every deal through the span; `on_row` gets each passage and nudge."""
    zone = ZoneInfo(policy.zone)
    from_at, until = span.bounds(zone)
    past = span.is_past(zone)
    reaching = Reaching(policy, channels, () if past else snapshot.told(span.now))
    run = _Run(policy, span, on_row, Outgoing(reaching))
    if past:
        for deal, start, end in (_as_of(p, policy, from_at, until) for p in snapshot.past(span.from_on, span.to_on)):
            if start < end:
                run.add(islice(lived(deal, policy, start, end, reaching), 1))
    else:
        for deal in snapshot.deals(closed=False):
            run.add(lived(deal, policy, span.now, until, reaching))
    return run.done()


def _as_of(past: Past, policy: Policy, from_at: datetime, until: datetime) -> tuple[Deal, datetime, datetime]:
    """The deal as a first load at `from_at`, or at its term's start, would have brought it; from when and until when it is lived."""
    deal, contract = past.deal, past.deal.contract
    zone = zone_of(deal, policy)
    begins = day_start(contract.starts_on, zone) if contract.starts_on else from_at
    start, pipeline = max(from_at, begins), policy.pipelines.get(deal.pipeline)
    home = (pipeline.active_stage(deal.health, deal.stage) if pipeline else None) or (pipeline.first if pipeline else None)
    usual = deal.stage if home is None or pipeline is None else pipeline.first.id if start == begins else home.id
    before = [p.to_stage for p in past.passages if p.at is not None and p.at <= start]
    reset = {"events": (), "nudges": (), "won": None, "lost": None, "call": None, "called_on": None, "expected_on": None, "notice_on": None}
    fresh = replace(under(deal, policy), **reset)  # type: ignore[arg-type]
    stage, baseline_at = before[-1] if before else usual, from_at if start == from_at else None
    deal = replace(fresh, stage=stage, stage_entered_at=start, arrived_at=start, baseline_at=baseline_at, notice_lost=None)
    return deal, start, min(until, past.closed_at or until)


class _Run:
    """One simulation: what was lived so far."""

    def __init__(self, policy: Policy, span: Span, on_row: Callable[[Row], None], out: Outgoing) -> None:
        self._policy, self._span, self._on_row, self._out = policy, span, on_row, out
        self._found = Simulated()
        self._mid: list[tuple[Lived, Told, Reached]] = []

    def add(self, lives: Iterable[Lived]) -> None:
        """One deal and its successors."""
        self._found.deals += 1
        for life in lives:
            self._out.add([life])
            if life.failed:
                self._found.failed.append((life.deal.contract.number, life.failed))
            self._count_events(life)
            for row in self._rows(life):
                self._emit(row)

    def done(self) -> Simulated:
        """The rows that were put off, and the sums."""
        later = self._out.later()
        for life, told, reached in self._mid:
            self._emit(self._nudge(life, told, later.get(reached, reached).window_on))
        self._found.nudges, self._found.messages = self._out.load(later, self._span.from_on)
        self._found.busiest = self._out.by_day(later, self._span.from_on)
        return self._found

    def _count_events(self, life: Lived) -> None:
        """Days that came without a word."""
        for event in life.events:
            if event.state is not EventState.FIRED and self._inside(event.day_on):
                self._found.silent[self._named(event.milestone), event.state.value] += 1

    def _rows(self, life: Lived) -> Iterator[Row]:
        """Passages, and nudges that go out; those that came up while a window was open are kept for the end."""
        for move in life.moves:
            at = move.at or self._span.now
            yield self._of(life, "move", at.astimezone(zone_of(life.deal, self._policy)).date(), move.to_stage, 0, move.from_stage or "", "", "")
        for told in life.told.values():
            if told.state is not NudgeState.SENT or told.reached is None:
                continue
            if told.reached.mid:
                self._mid.append((life, told, told.reached))
            else:
                yield self._nudge(life, told, told.reached.window_on)

    def _nudge(self, life: Lived, told: Told, on: date) -> Row:
        """A nudge that goes out on that day."""
        recipient = told.reached.recipient if told.reached else told.nudge.recipient.key
        return self._of(life, "nudge", on, self._named(told.nudge.milestone), told.nudge.step, "", recipient, told.nudge.role)

    def _of(self, life: Lived, kind: str, on: date, what: str, step: int, from_stage: str, recipient: str, role: str) -> Row:
        contract = life.deal.contract
        amount = contract.amount
        return Row(on, kind, contract.number, contract.customer.name, what, step, from_stage, recipient, role, amount.major, amount.currency)

    def _emit(self, row: Row) -> None:
        """Counts and hands on what falls into the span."""
        if not self._inside(row.on):
            return
        if row.kind == "move":
            self._found.moves[row.what] += 1
        else:
            (self._found.reminders if row.step else self._found.told)[row.what] += 1
            self._found.contracts[row.what].add(row.contract)
        self._on_row(row)

    def _inside(self, day: date) -> bool:
        return self._span.from_on <= day <= self._span.to_on

    def _named(self, milestone: str) -> str:
        """A milestone's present id."""
        found = self._policy.milestone(milestone)
        return found.id if found else milestone


def peaks(load: Mapping[tuple[str, date], int], recipient: str) -> tuple[date, int]:
    """Somebody's busiest week, the first of several, with its number."""
    weeks = {week: count for (who, week), count in load.items() if who == recipient}
    return min(weeks.items(), key=lambda item: (-item[1], item[0]))

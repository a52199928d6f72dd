"""Balance: every day it is proved that nothing was lost (DESIGN §5, §7).

    due      milestone-days that came: counted deal by deal, with what `decide` says is due now; each must be an event in one of its states
    nudges   counted one by one; each must be in one of its states, and agree with its event and with the message that carries it
Always holds: what merely waits for the next sweep is no fault; every fault names its row and what to do; nothing is changed.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from scheduler.core.deal import Deal
from scheduler.core.decide import decide
from scheduler.core.labels import Label
from scheduler.core.policy import Policy
from scheduler.core.words import ChannelName, EventState, NudgeState
from scheduler.services.checking import deal_kinds

LATE = timedelta(hours=1)
"""How long something may wait for a sweep or a delivery that goes on before it is stuck."""
_EVERY = 100


class Fault(StrEnum):
    """What does not agree."""

    MISSING = "missing"
    UNEQUAL = "unequal"
    UNTOLD = "untold"
    NO_EVENT = "no_event"
    NOT_CARRIED = "not_carried"
    LEFT_BEHIND = "left_behind"
    IN_DOUBT = "in_doubt"
    STUCK_DEAL = "stuck_deal"
    STUCK_NUDGE = "stuck_nudge"
    STUCK_MESSAGE = "stuck_message"


FAULTS: Mapping[Fault, tuple[Label, Label]] = {
    Fault.MISSING: (
        Label("日が来たのに記録がなく、次に見る予定もない", "its day came, but it has no event and its deal sleeps"),
        Label(
            "契約を取り込み直すか、renewals run を再起動してください",
            "import the contract again, or start `renewals run` anew, and report it as a bug",
        ),
    ),
    Fault.UNEQUAL: (
        Label("記録の数が合わない", "the events of this day do not add up"),
        Label("データベースを直接変更した場合は、元に戻してください", "if somebody changed the database by hand, put it back"),
    ),
    Fault.UNTOLD: (
        Label("知らせるはずの通知タイミングにリマインドがない", "it fired and tells somebody, but has no nudge"),
        Label("担当者に直接伝えてください", "tell the owner yourself"),
    ),
    Fault.NO_EVENT: (
        Label("リマインドの元になる記録がない", "a nudge about nothing: its event is gone"),
        Label("データベースを直接変更した場合は、元に戻してください", "if somebody changed the database by hand, put it back"),
    ),
    Fault.NOT_CARRIED: (
        Label("送信済みだが、送信済みのメッセージに入っていない", "it counts as sent, but no message that went out carries it"),
        Label("相手に届いたか確かめてください", "ask the recipient whether it arrived"),
    ),
    Fault.LEFT_BEHIND: (
        Label("終わったメッセージに残されたまま待っている", "it waits in a message that is over, so nobody will send it"),
        Label("担当者に直接伝えてください", "tell the recipient yourself"),
    ),
    Fault.IN_DOUBT: (
        Label("届いたか確認できないという記録が、メッセージと食い違う", "it is in doubt and its message is not, or the other way round"),
        Label("相手に届いたか確かめてください", "ask the recipient whether it arrived"),
    ),
    Fault.STUCK_DEAL: (
        Label("見る時刻を過ぎたまま、巡回されていない", "its alarm has rung long ago and no sweep has looked"),
        Label("renewals run のログを確かめてください", "look at the log of `renewals run`"),
    ),
    Fault.STUCK_NUDGE: (
        Label("送信できる時刻を過ぎたまま待っている", "it could have gone out long ago"),
        Label("renewals run のログを確かめてください", "look at the log of `renewals run`"),
    ),
    Fault.STUCK_MESSAGE: (
        Label("送信が途中で止まっている", "it stands still on its way out"),
        Label("送信先とログを確かめてください：renewals messages", "look at the log and at `renewals messages`"),
    ),
}
"""What each means, and what to do."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One row that does not agree. `what` is a milestone, or a message's number; `on` a day it belongs to."""

    fault: Fault
    contract: str
    customer: str
    what: str
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Unschedulable:
    """One open contract that cannot be followed, or whose reminders reach nobody it belongs to, and why: a `checking.FindingKind`, or an error."""

    contract: str
    customer: str
    why: str
    amount_minor: int
    currency: str


@dataclass(slots=True)
class Day:
    """One day's sums. `due` was counted deal by deal; `unswept` of it waits for the next sweep, `missing` for nobody."""

    due: int = 0
    events: Counter[EventState] = field(default_factory=Counter)
    unswept: int = 0
    missing: int = 0
    nudges: Counter[NudgeState] = field(default_factory=Counter)
    made: int = 0

    @property
    def balanced(self) -> bool:
        """Whether both equations hold."""
        return self.due == self.events.total() + self.unswept and not self.missing and self.made == self.nudges.total()

    def add(self, other: "Day") -> None:
        """Another day's sums."""
        self.due, self.unswept, self.missing, self.made = (
            self.due + other.due,
            self.unswept + other.unswept,
            self.missing + other.missing,
            self.made + other.made,
        )
        self.events += other.events
        self.nudges += other.nudges


@dataclass(slots=True)
class Balance:
    """All days, what does not agree, and what cannot be scheduled."""

    days: dict[date, Day] = field(default_factory=lambda: defaultdict(Day))
    findings: list[Finding] = field(default_factory=list)
    unschedulable: list[Unschedulable] = field(default_factory=list)

    @property
    def balanced(self) -> bool:
        """Whether nothing was lost."""
        return not self.findings

    def total(self) -> Day:
        """Everything ever."""
        total = Day()
        for day in self.days.values():
            total.add(day)
        return total


class BalanceSnapshot(Protocol):
    """The database at one instant; voided deals and what belongs to them are left out everywhere."""

    def deals(self, *, closed: bool) -> Iterable[Deal]:
        """Every deal, in a stream."""

    def events(self) -> Iterable[tuple[date, str, int]]:
        """(day_on, state, events)."""

    def nudges(self) -> Iterable[tuple[datetime, str, int]]:
        """(made at, state, nudges)."""

    def nudges_made(self) -> Iterable[tuple[datetime, int]]:
        """(made at, nudges), whatever their states."""

    def in_force_since(self) -> datetime | None:
        """When the policy came into force."""

    def last_sweep_at(self) -> datetime | None:
        """When the last sweep that had nothing left to do was recorded."""

    def disagreeing(self, looked_at: datetime) -> Iterable[Finding]:
        """Nudges and messages that do not agree with each other or with their events, or that stood still although deliveries went on until
        `looked_at`."""


class BalanceStore(Protocol):
    """What this needs of the storage."""

    def snapshot(self) -> AbstractContextManager[BalanceSnapshot]:
        """The database as it is now."""


def balance(
    store: BalanceStore, policy: Policy, now: datetime, channels: Collection[ChannelName], stop: Callable[[], bool] = lambda: False
) -> Balance | None:
    """Adds everything up; None if `stop` said so before the end."""
    found = Balance()
    zone = ZoneInfo(policy.zone)
    with store.snapshot() as snapshot:
        looked_at = min(now, snapshot.last_sweep_at() or now)
        audit = _Audit(policy, now, looked_at, snapshot.in_force_since(), channels, found)
        for number, deal in enumerate(snapshot.deals(closed=True)):
            if number % _EVERY == 0 and stop():
                return None
            audit.deal(deal)
        for day, state, count in snapshot.events():
            found.days[day].events[EventState(state)] += count
        for at, state, count in snapshot.nudges():
            found.days[at.astimezone(zone).date()].nudges[NudgeState(state)] += count
        for at, count in snapshot.nudges_made():
            found.days[at.astimezone(zone).date()].made += count
        found.findings += snapshot.disagreeing(looked_at - LATE)
    found.findings += [Finding(Fault.UNEQUAL, "", "", "", day) for day, sums in sorted(found.days.items()) if not sums.balanced and not sums.missing]
    return found


class _Audit:
    """Deal by deal: what is due, and whether it is known."""

    def __init__(
        self, policy: Policy, now: datetime, looked_at: datetime, since: datetime | None, channels: Collection[ChannelName], found: Balance
    ) -> None:
        self._policy, self._now, self._looked_at, self._since, self._channels, self._found = policy, now, looked_at, since, channels, found

    def deal(self, deal: Deal) -> None:
        """One deal."""
        contract, pipeline = deal.contract, self._policy.pipelines.get(deal.pipeline)
        for event in deal.events:
            self._found.days[event.day_on].due += 1
        for fault, what, on in self._faults(deal):
            self._found.findings.append(Finding(fault, contract.number, contract.customer.name, what, on))
        stage = pipeline.find(deal.stage) if pipeline else None
        if pipeline is None or stage is None or stage.is_open:
            for why in self._unschedulable(deal):
                amount = contract.amount
                self._found.unschedulable.append(Unschedulable(contract.number, contract.customer.name, why, amount.minor, amount.currency))

    def _faults(self, deal: Deal) -> Iterator[tuple[Fault, str, date | None]]:
        """What does not agree."""
        told = {(n.milestone, n.anchor_on, n.step) for n in deal.nudges}
        for event in deal.events:
            fired = EventState.FIRED in (event.state, event.was)
            if fired and event.key not in told and self._tells(event.milestone) and self._since is not None and event.at >= self._since:
                yield Fault.UNTOLD, event.milestone, event.day_on
        try:
            decision = decide(deal, self._policy, self._now)
        except Exception:
            return
        stale = deal.policy_version != self._policy.version
        rung = stale or (deal.wake_at is not None and deal.wake_at <= self._now)
        for event in decision.events:
            day = self._found.days[event.day_on]
            day.due += 1
            day.unswept += rung
            day.missing += not rung
            if not rung:
                yield Fault.MISSING, event.milestone, event.day_on
        if not rung and decision.changes and not decision.events:
            yield Fault.MISSING, deal.stage, None
        if not stale and deal.wake_at is not None and deal.wake_at < self._looked_at - LATE:
            yield Fault.STUCK_DEAL, deal.stage, deal.wake_at.date()

    def _tells(self, milestone: str) -> bool:
        """Whether whoever is told must have a nudge; the program's own events always tell somebody."""
        known = self._policy.milestone(milestone)
        return known is None or any(tell != "admin" for tell in known.tell)

    def _unschedulable(self, deal: Deal) -> Iterator[str]:
        """Why it cannot be followed."""
        pipeline = self._policy.pipelines.get(deal.pipeline)
        if pipeline is None:
            yield "no_pipeline"
            return
        try:
            decide(deal, self._policy, self._now)
        except Exception as error:
            yield str(error)
        yield from (kind.value for kind in deal_kinds(deal, pipeline, self._channels))


def shown_days(found: Balance, first: date, last: date) -> Sequence[tuple[date, Day]]:
    """The days of a span on which there was anything, and every day that does not balance, in order."""
    return [(day, sums) for day, sums in sorted(found.days.items()) if first <= day <= last or not sums.balanced]

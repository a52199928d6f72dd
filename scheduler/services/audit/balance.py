"""Balance: proves every day that nothing was lost (DESIGN §5, §7).

    due      milestone-days that came. Counted deal by deal: what is on record, once each, what the
             calendar gives and is not on record, and what `decide` says is due now. Each must be an
             event in one of its states, or wait for the next sweep.
    nudges   those about an event, and those that a fired event should have. Each must be in one of
             its states, and its message must bear that out.
Always holds: everything is read from one snapshot; what merely waits for the next sweep, or for
somebody's window, is no fault; every fault names its row and what to do; `balance` changes nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import SYSTEM_MILESTONES, Deal, Decision, Event, Nudge
from scheduler.core.deal.pauses import Pause, pause_of
from scheduler.core.health.policy import HealthPolicy
from scheduler.core.policy.hubspot import HubSpotSettings
from scheduler.core.policy.milestone_days import zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.decide import decide
from scheduler.core.rules.expected import expected, only_hands_over, stands_twice
from scheduler.core.rules.routing import route
from scheduler.core.words.keys import nudge_key
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ChannelName, EventState, NudgeState, Tell
from scheduler.core.words.reasons import code_of
from scheduler.ports import Begin
from scheduler.services.delivery.balance_faults import MENDED_BY_A_LOOK, BalanceFinding, Fault
from scheduler.services.policy.checking import deal_kinds

LATE = timedelta(hours=1)
"""How long something may wait for a running sweep or delivery before it counts as stuck."""
_EVERY = 100
_FRESH = timedelta(hours=26)
_ROLES = (Tell.OWNER, Tell.SALES, Tell.MANAGER)
_CLIMBED: Mapping[str, tuple[str, ...]] = {
    "reached": (),
    "asked_again": (),
    "climbed": (Tell.MANAGER,),
    "climbed_to_admins": (Tell.MANAGER,),
}
"""The roles that are told besides those of the milestone, by the reason of the telling."""
_AGAIN = 20
"""How many times at most somebody gets a new nudge about the same day."""
_NEVER = datetime.min.replace(tzinfo=UTC)
OwedDays = dict[tuple[str, date, int], date]
"""The days that come of a deal's milestones, by the key that their events have."""

DEFINITIONS: Mapping[str, tuple[Label, Label]] = {
    "due": (
        Label("Due"),
        Label(
            "days that came, counted again deal by deal from the contract's dates and the "
            "policy (closed deals and days that moved: from the record)"
        ),
    ),
    "not_swept_yet": (
        Label("Not swept yet"),
        Label("of those, the ones that the next sweep will record"),
    ),
    "missing": (
        Label("Missing", context="balance"),
        Label("of those, the ones that nobody has recorded and no sweep will look at"),
    ),
    "nudges": (
        Label("Made"),
        Label(
            "nudges with the event they are about, and those there should be; each column "
            "counts only those that their message bears out"
        ),
    ),
}
"""The name and the definition of each sum; those of the states are `core.messages.state_tables`."""


@dataclass(frozen=True, slots=True)
class Unschedulable:
    """One open contract that cannot be followed, or whose reminders reach nobody it belongs to, and
    why: a `checking.FindingKind`, or an error."""

    contract: str
    customer: str
    why: str
    amount_minor: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class UndeliveredReminder:
    """A reminder that reached nobody, or may have reached nobody, while its question is open: it is
    accounted for, but not settled."""

    contract: str
    customer: str
    milestone: str
    state: NudgeState
    recipient: str
    on: date
    amount: Money


@dataclass(slots=True)
class BalanceDay:
    """The sums of one day. Of `due`, `unswept` waits for the next sweep and `missing` is lost."""

    due: int = 0
    events: Counter[EventState] = field(default_factory=Counter)
    unswept: int = 0
    missing: int = 0
    nudges: Counter[NudgeState] = field(default_factory=Counter)
    made: int = 0

    @property
    def balanced(self) -> bool:
        """Whether both equations hold."""
        return (
            self.due == self.events.total() + self.unswept
            and not self.missing
            and self.made == self.nudges.total()
        )

    def add(self, other: "BalanceDay") -> None:
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
    """All days, what does not agree, what cannot be scheduled, and what reached nobody.
    `paused_days` and `paused_nudges`: the days and nudges that wait for a pause to end;
    `taken_as_told`: the sent nudges that are only taken as told since a copy was restored;
    `pushes`: the deals that HubSpot is to be told of (`all`), by what became of that; empty where
    nothing is written there."""

    days: dict[date, BalanceDay] = field(default_factory=lambda: defaultdict(BalanceDay))
    findings: list[BalanceFinding] = field(default_factory=list)
    unschedulable: list[Unschedulable] = field(default_factory=list)
    unheard: list[UndeliveredReminder] = field(default_factory=list)
    pauses: Sequence[Pause] = ()
    paused_days: int = 0
    paused_nudges: int = 0
    taken_as_told: int = 0
    pushes: Mapping[str, int] = field(default_factory=dict)

    @property
    def balanced(self) -> bool:
        """Whether every row is accounted for."""
        return not self.findings

    @property
    def sleepers(self) -> list[int]:
        """Deals that a sweep should look at now, by number."""
        return sorted(
            {f.deal for f in self.findings if f.fault in MENDED_BY_A_LOOK and f.deal is not None}
        )

    def total(self) -> BalanceDay:
        """Everything ever."""
        total = BalanceDay()
        for day in self.days.values():
            total.add(day)
        return total


@dataclass(frozen=True, slots=True)
class TellingVersion:
    """When a version of the policy came into force, and which of its milestones tell anybody."""

    since: datetime
    tells: Mapping[str, bool]


class BalanceSnapshot(Protocol):
    """The database at one instant; voided deals and what belongs to them are left out
    everywhere."""

    def deals(
        self, *, closed: bool, measuring: Collection[HealthPolicy | None] = ()
    ) -> Iterable[Deal]:
        """Every deal, in a stream; with signals as in `services.policy.planning`."""

    def events(self) -> Iterable[tuple[date, str, int]]:
        """(day_on, state, events)."""

    def nudges(self) -> Iterable[tuple[datetime, str, int]]:
        """The nudges whose message agrees with their state, as (made at, state, nudges)."""

    def nudges_made(self) -> Iterable[tuple[datetime, int]]:
        """The nudges about an existing event, whatever their states, as (made at, nudges)."""

    def versions(self) -> Sequence[TellingVersion]:
        """Every version of the policy, the oldest first."""

    def last_sweep_at(self) -> datetime | None:
        """When the last sweep that had nothing left to do was recorded."""

    def pauses(self, now: datetime) -> Sequence[Pause]:
        """The pauses in force; what is paused waits, and is not stuck."""

    def waiting_paused(self, now: datetime) -> int:
        """How many nudges wait because they are paused."""

    def taken_as_told(self) -> int:
        """How many nudges are taken as told since a copy was restored."""

    def disagreeing(
        self, now: datetime, stuck_before: datetime, zone: ZoneInfo
    ) -> Iterable[BalanceFinding]:
        """Nudges that do not agree with their event or message, and what should have moved on
        before that instant. Days are in `zone`."""

    def broken(self) -> Iterable[BalanceFinding]:
        """Rows that are not what was sealed: changed, or gone."""

    def stages(self) -> Iterable[tuple[str, str, str, str, str, int]]:
        """(contract, customer, pipeline, stage, stage to which the last passage led, deal) where
        the two stages are not written alike."""

    def pushes(self, policy_version: int, *, makes: bool) -> Mapping[str, int]:
        """The deals that HubSpot is to be told of (`all`; if it `makes` them, with those of next
        terms that are to be made there), counted without a look at pushes, and by state: `told`,
        `waiting`, `under_way`, `unknown`, `parked`."""

    def stuck_pushes(self, before: datetime) -> Iterable[BalanceFinding]:
        """The pushes whose worker died, or which were to be read back, before that instant."""

    def unheard(self, zone: ZoneInfo) -> Iterable[UndeliveredReminder]:
        """Reminders of open questions that reached nobody."""


def balance(
    balancing: Begin[BalanceSnapshot],
    policy: Policy,
    now: datetime,
    channels: Collection[ChannelName],
    stop: Callable[[], bool] = lambda: False,
) -> Balance | None:
    """Adds everything up; None if `stop`, asked every so many deals, ended it early."""
    found, zone = Balance(), ZoneInfo(policy.zone)
    with balancing() as snapshot:
        swept_at = snapshot.last_sweep_at()
        stuck_before = min(now, swept_at) - LATE if swept_at else _NEVER
        found.pauses, found.paused_nudges, found.taken_as_told = (
            snapshot.pauses(now),
            snapshot.waiting_paused(now),
            snapshot.taken_as_told(),
        )
        audit = _Audit(policy, now, stuck_before, snapshot.versions(), channels, found)
        for number, deal in enumerate(snapshot.deals(closed=True, measuring=(policy.health,))):
            if number % _EVERY == 0 and stop():
                return None
            audit.look(deal)
        _add_up(snapshot, found, zone)
        found.findings += snapshot.disagreeing(now, stuck_before, zone)
        found.findings += snapshot.broken()
        found.findings += _out_of_stage(snapshot, policy)
        found.unheard += snapshot.unheard(zone)
        if policy.hubspot is not None and policy.hubspot.push:
            _add_pushes(snapshot, policy.hubspot, policy.version, now, found)
    explained = {f.on for f in found.findings}
    found.findings += [
        BalanceFinding(Fault.UNEQUAL, "", "", "", d)
        for d, sums in sorted(found.days.items())
        if not sums.balanced and d not in explained
    ]
    return found


def _add_pushes(
    snapshot: BalanceSnapshot,
    settings: HubSpotSettings,
    policy_version: int,
    now: datetime,
    found: Balance,
) -> None:
    """Counts how each deal that must be sent to HubSpot ended up."""
    found.pushes = snapshot.pushes(policy_version, makes=settings.create_renewals)
    found.findings += snapshot.stuck_pushes(now - LATE)
    lost = 2 * found.pushes["all"] - sum(found.pushes.values())
    if lost:
        found.findings.append(BalanceFinding(Fault.LOST_PUSH, "", "", str(lost)))


def _out_of_stage(snapshot: BalanceSnapshot, policy: Policy) -> Iterator[BalanceFinding]:
    """Deals that are not in the stage their last passage led to, by today's names of the stages."""
    for contract, customer, pipeline_id, stage, last, deal in snapshot.stages():
        pipeline = policy.pipelines.get(pipeline_id)
        here, there = (pipeline.find(stage), pipeline.find(last)) if pipeline else (None, None)
        if here is None or here != there:
            yield BalanceFinding(
                Fault.OUT_OF_STAGE, contract, customer, f"{last} → {stage}", None, deal
            )


def _add_up(snapshot: BalanceSnapshot, found: Balance, zone: ZoneInfo) -> None:
    """The right sides of the equations."""
    for day, state, count in snapshot.events():
        found.days[day].events[EventState(state)] += count
    for at, state, count in snapshot.nudges():
        found.days[at.astimezone(zone).date()].nudges[NudgeState(state)] += count
    for at, count in snapshot.nudges_made():
        found.days[at.astimezone(zone).date()].made += count


class _Audit:
    """Deal by deal: what is due, and whether it is known."""

    def __init__(
        self,
        policy: Policy,
        now: datetime,
        stuck_before: datetime,
        versions: Sequence[TellingVersion],
        channels: Collection[ChannelName],
        found: Balance,
    ) -> None:
        self._policy, self._now, self._stuck_before, self._channels, self._found = (
            policy,
            now,
            stuck_before,
            channels,
            found,
        )
        self._versions = versions
        self._zone = ZoneInfo(policy.zone)
        self._in_force_at = versions[-1].since if versions else now

    def look(self, deal: Deal) -> None:
        """Checks one deal."""
        twice = stands_twice(deal, self._policy)
        for event in deal.events:
            self._found.days[event.day_on].due += event not in twice
        for event in twice:
            self._tell(Fault.TWICE, deal, event.milestone, event.day_on)
        self._untold(deal)
        self._forged(deal)
        pipeline = self._policy.pipelines.get(deal.pipeline)
        if pipeline is None:
            self._cannot(deal, "no_pipeline")
            return
        self._owed(deal)
        stage = pipeline.find(deal.stage)
        if stage is None or stage.is_open:
            for kind in deal_kinds(deal, pipeline, self._channels):
                self._cannot(deal, kind.value)

    def _tell(self, fault: Fault, deal: Deal, what: str, on: date | None) -> None:
        """Notes one thing that does not agree."""
        self._found.findings.append(
            BalanceFinding(
                fault, deal.contract.number, deal.contract.customer.name, what, on, deal.id
            )
        )

    def _cannot(self, deal: Deal, why: str) -> None:
        """Notes one reason why a contract cannot be followed."""
        amount = deal.contract.amount
        self._found.unschedulable.append(
            Unschedulable(
                deal.contract.number,
                deal.contract.customer.name,
                why,
                amount.minor,
                amount.currency,
            )
        )

    def _untold(self, deal: Deal) -> None:
        """Reports events that fired although somebody who should have been told has no nudge. Where
        nobody has one, the day's nudges do not add up either.

        An event without any nudge always counts. One of which only some people have a nudge counts
        if it fired in the last 26 hours, under the version in force: what is older is left to the
        seals, because people may have changed. Who should have been told are the roles that the
        milestone tells, and those it had climbed to.
        """
        told: dict[tuple[str, date, int], list[Nudge]] = defaultdict(list)
        for nudge in deal.nudges:
            told[nudge.milestone, nudge.anchor_on, nudge.step].append(nudge)
        for event in deal.events:
            if EventState.FIRED not in (event.state, event.was) or not self._tells(event):
                continue
            if event.key not in told or (
                event.state is EventState.FIRED and self._lacks(event, told[event.key], deal)
            ):
                on = event.at.astimezone(self._zone).date()
                self._found.days[on].made += event.key not in told
                self._tell(Fault.UNTOLD, deal, event.milestone, on)

    def _lacks(self, event: Event, nudges: Sequence[Nudge], deal: Deal) -> bool:
        """Whether neither a role that was due nor the person who fills it today has a nudge: two
        roles of one person share one nudge, and one that went to the fallback instead keeps the key
        it had."""
        milestone, added = (
            self._policy.milestone(event.milestone),
            _CLIMBED.get(code_of(event.reason) or ""),
        )
        told_by = [v for v in self._versions if v.since <= event.at]
        if (
            milestone is None
            or added is None
            or event.at < self._now - _FRESH
            or not told_by
            or told_by[-1] is not self._versions[-1]
        ):
            return False
        have, today = (
            {n.role for n in nudges},
            event.at.astimezone(zone_of(deal, self._policy)).date(),
        )
        keys = {n.key for n in nudges}
        missing = [
            role for role in (*milestone.tell, *added) if role in _ROLES and role not in have
        ]
        return any(
            keys.isdisjoint(_keys_of(deal, event.key, routed.recipient.key))
            for role in missing
            for routed in route(role, deal, self._policy, today)
        )

    def _forged(self, deal: Deal) -> None:
        """Reports nudges whose key does not match their recipient and what they are about. One that
        went to a fallback instead of its recipient keeps the key it had."""
        for nudge in deal.nudges:
            about = (nudge.milestone, nudge.anchor_on, nudge.step)
            if nudge.role != Tell.FALLBACK and nudge.key not in _keys_of(
                deal, about, nudge.recipient.key
            ):
                self._tell(Fault.CHANGED, deal, nudge.milestone, nudge.anchor_on)

    def _tells(self, event: Event) -> bool:
        """Whether the event had to tell somebody, by the policy of that time; the program's own
        events always do."""
        if event.milestone in SYSTEM_MILESTONES:
            return True
        then = [v for v in self._versions if v.since <= event.at] or self._versions[:1]
        return then[-1].tells.get(event.milestone, False) if then else False

    def _owed(self, deal: Deal) -> None:
        """Counts what is due and has no event: it waits for the next sweep, or is lost."""
        decision = self._decided(deal)
        if decision is None:
            self._waiting(deal, self._expected(deal))
            return
        days: OwedDays = {event.key: event.day_on for event in decision.events}
        if self._stale(deal) or (deal.wake_at is not None and deal.wake_at <= self._now):
            self._waiting(deal, days)
        else:
            days |= self._expected(deal)
            self._missing(deal, days)
            self._asleep(deal, decision, days)

    def _stale(self, deal: Deal) -> bool:
        """Whether the deal was decided by another version of the policy: a sweep looks at it."""
        return deal.policy_version != self._policy.version

    def _expected(self, deal: Deal) -> OwedDays:
        """What is due by the calendar."""
        due = expected(deal, self._policy, self._now)
        return {(d.milestone.id, d.anchor_on, 0): d.day_on for d in due}

    def _waiting(self, deal: Deal, days: OwedDays) -> None:
        """Counts what the next sweep will see to; a deal for which it comes too late is stuck."""
        for on in days.values():
            self._found.days[on].due += 1
            self._found.days[on].unswept += 1
        if pause_of(deal, self._found.pauses) is not None:
            self._found.paused_days += len(days)
            return
        begun = max(self._in_force_at, deal.arrived_at)
        rung_at = begun if self._stale(deal) else deal.wake_at
        if rung_at is not None and rung_at < self._stuck_before:
            self._tell(Fault.STUCK_DEAL, deal, "", rung_at.astimezone(self._zone).date())

    def _missing(self, deal: Deal, days: OwedDays) -> None:
        """Counts and reports what no sweep will see to."""
        for (milestone, _, _), on in days.items():
            self._found.days[on].due += 1
            self._found.days[on].missing += 1
            self._tell(Fault.MISSING, deal, milestone, on)

    def _asleep(self, deal: Deal, decision: Decision, days: OwedDays) -> None:
        """Reports a deal that has something to do and whose alarm does not ring, now or in time."""
        if not decision.changes:
            self._alarm(deal, decision.wake_at)
        elif not days and not only_hands_over(decision):
            self._tell(Fault.SLEEPS, deal, "", None)

    def _decided(self, deal: Deal) -> Decision | None:
        """The decision `decide` makes now; None, and listed, if it fails: whatever is wrong with
        one deal must not hide the others' findings."""
        try:
            return decide(deal, self._policy, self._now)
        except Exception as error:
            self._cannot(deal, str(error) or type(error).__name__)
            return None

    def _alarm(self, deal: Deal, due_at: datetime | None) -> None:
        """Checks whether the alarm rings in time for what `decide` says comes next: one that rings
        later is only wrong if something is to be done before."""
        if due_at is None or (deal.wake_at is not None and deal.wake_at <= due_at):
            return
        then = decide(deal, self._policy, due_at)
        if then.changes and not only_hands_over(then):
            what = then.events[0].milestone if then.events else ""
            self._tell(Fault.OVERSLEEPS, deal, what, due_at.astimezone(self._zone).date())


def _keys_of(deal: Deal, about: tuple[str, date, int], recipient: str) -> list[str]:
    """The keys that a recipient's nudges about one day of a milestone can have."""
    return [nudge_key(deal.key, *about, recipient, again) for again in range(_AGAIN)]


def shown_days(found: Balance, first: date, last: date) -> Sequence[tuple[date, BalanceDay]]:
    """The days of a span on which there was anything, and every day that does not balance, in
    order."""
    return [
        (day, sums)
        for day, sums in sorted(found.days.items())
        if first <= day <= last or not sums.balanced
    ]


def reasons(found: Balance) -> Iterator[tuple[str, Sequence[Unschedulable]]]:
    """The contracts that cannot be scheduled, by reason, in the order in which the reasons came
    up."""
    for why in dict.fromkeys(u.why for u in found.unschedulable):
        yield why, [u for u in found.unschedulable if u.why == why]

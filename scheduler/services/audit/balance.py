"""Balance: proves every day that nothing was lost (DESIGN §5, §7).

    due      milestone-days that came. Counted deal by deal: what is on record, once each, what the
             calendar gives and is not on record, and what `decide` says is due now. Each must be an
             event in one of its states, or wait for the next sweep.
    nudges   those about an event, and those that a fired event should have. Each must be in one of
             its states, and its message must bear that out.
Always holds: everything is read from one snapshot; what merely waits for the next sweep, or for
somebody's window, is no fault; every fault names its row and what to do; `balance` changes nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.core.deal.deal import SYSTEM_MILESTONES, Deal, Decision, Event, Nudge
from scheduler.core.deal.pauses import pause_of
from scheduler.core.policy.hubspot import HubSpotSettings
from scheduler.core.policy.milestone_days import zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.cross_check import duplicate_events, missing_events, only_hands_over
from scheduler.core.rules.decide import decide
from scheduler.core.rules.routing import route
from scheduler.core.words.keys import nudge_key
from scheduler.core.words.lexicon import ChannelName, EventState, NudgeState, Tell
from scheduler.core.words.reasons import code_of
from scheduler.ports import Begin
from scheduler.services.audit.balance_findings import (
    Balance,
    BalanceSnapshot,
    OwedDays,
    TellingVersion,
    Unschedulable,
)
from scheduler.services.delivery.balance_faults import BalanceFinding, Fault
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
        found.undelivered += snapshot.undelivered(zone)
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
        twice = duplicate_events(deal, self._policy)
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
        due = missing_events(deal, self._policy, self._now)
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

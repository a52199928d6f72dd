"""The effects of a policy edit: every deal is lived ahead under the policy in force and under the
edited one, and the differences are what the edit does.

Always holds: both lives come from `services.policy.lives`, so that an effect is what the daemon
will do; milestones and stages go by the edited policy's names, so that a renamed one makes no
difference; what both policies do is no effect. Nothing is kept of deals that live alike under both.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.core.deal.deal import Deal, Nudge
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.deal.stored import StoredDeal
from scheduler.core.policy.milestone_days import zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.coverage import Coverage
from scheduler.core.rules.delivery_window import DeliveryWindows, Reached
from scheduler.core.rules.shared import SharedDecisions
from scheduler.core.words.lexicon import ChannelName, EventState, NudgeState, Urgency
from scheduler.core.words.reasons import code_of
from scheduler.services.policy.lives import LivedNudge, Load, Outgoing, SimulatedLife, under
from scheduler.services.policy.shared_lives import SharedLives

HEALTH, MOVE, NUDGE = "health", "move", "nudge"


@dataclass(frozen=True, slots=True, order=True)
class Effect:
    """One move, one change of health that no move shows, or one nudge, under only one of the
    policies.

    `what`: the stage or health it leads to, or the milestone. `on`: the day it moves or goes out,
    or the day it came up if it does not go out. `state`: a nudge's state. `at_once`: it comes up
    when the edit comes into force. `queued`: it was already waiting before the edit. The same thing
    on the same day is the same effect, whenever it came up.
    """

    kind: str
    deal: str
    contract: str
    customer: str
    what: str
    step: int
    recipient: str
    on: date
    state: str
    at_once: bool = field(compare=False)
    queued: bool = field(compare=False)
    amount: int | None
    currency: str

    def row(self) -> list[Any]:
        """The effect as plans keep it. The day of what happens at once is left out: it is the first
        window after the edit, whenever that comes."""
        values: list[Any] = [getattr(self, name) for name in self.__dataclass_fields__]
        values[7] = None if self.at_once else self.on.isoformat()
        return values


@dataclass(slots=True)
class Effects:
    """What is added and dropped, and everybody's load before and after.

    `silent`: per new milestone, the deals whose day is past and about which nobody is told;
    `before_load` of them because the day lies before the first load. `reach`: per milestone, how
    many deals it can reach in this term and the next, before and after, and how many deals there
    are. `short`: contracts that no milestone announces before their end under the new policy.
    `flooded`: by recipient, the late nudges that the flood breaker will hold. `failed`: deals that
    cannot be decided, with why.
    """

    came: list[Effect] = field(default_factory=list)
    went: list[Effect] = field(default_factory=list)
    nudges_before: Load = field(default_factory=Counter)
    nudges_after: Load = field(default_factory=Counter)
    messages_before: Load = field(default_factory=Counter)
    messages_after: Load = field(default_factory=Counter)
    silent: dict[str, list[Deal]] = field(default_factory=lambda: defaultdict(list))
    before_load: Counter[str] = field(default_factory=Counter)
    reached_before: Counter[str] = field(default_factory=Counter)
    reached_after: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    short: list[Deal] = field(default_factory=list)
    flooded: Mapping[str, int] = field(default_factory=dict)
    failed: list[tuple[str, str]] = field(default_factory=list)
    deals: int = 0

    def rows(self) -> list[list[Any]]:
        """All effects as plans keep them, in a fixed order."""
        rows = [["came", *e.row()] for e in self.came] + [["went", *e.row()] for e in self.went]
        return sorted(rows, key=str)


def flood(deals: Iterable[StoredDeal], policy: Policy, now: datetime) -> dict[str, int]:
    """The late nudges by recipient that would wait at once if `policy` came into force now, if
    there are more than the flood breaker lets through.

    The breaker counts the person a nudge is for; whom it reaches in the end (a fallback) is up to
    the message.
    """
    return floods(deals, (policy,), now)[0]


def floods(
    deals: Iterable[StoredDeal], policies: Sequence[Policy], now: datetime
) -> list[dict[str, int]]:
    """`flood` for several policies, reading the deals once."""
    found = [ImmediateEffects(SharedDecisions(policy)) for policy in policies]
    for deal in deals:
        for said in found:
            said.add(deal, now)
    return [
        {who: len(keys) for who, keys in said.late.items() if len(keys) > most}
        for said, most in zip(found, (p.attention.flood_nudges for p in policies), strict=True)
    ]


@dataclass(slots=True)
class ImmediateEffects:
    """What a policy does at the instant it comes into force: the keys of late nudges that wait
    then, by recipient, and the contracts whose deals it cannot decide. Of a paused deal nothing
    waits."""

    decisions: SharedDecisions
    late: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    undecided: set[str] = field(default_factory=set)

    def add(self, deal: StoredDeal, now: datetime) -> None:
        """Adds what it does to one deal."""
        try:
            decision = self.decisions.of(deal, now)
        except Exception:  # whatever it is, it is this deal's; the others are looked at too
            self.undecided.add(deal.made().contract.number)
            return
        if deal.paused_until is not None and now < deal.paused_until:
            return
        gone = {c.key for c in decision.cancels}
        unsent = deal.made().ledger.unsent if deal.waits else ()
        for nudge in (*unsent, *decision.nudges):
            if nudge.state is NudgeState.WAITING and nudge.key not in gone and _is_late(nudge):
                self.late[nudge.recipient.key].add(nudge.key)


def _is_late(nudge: Nudge) -> bool:
    """Whether the flood breaker counts it."""
    return nudge.late and nudge.urgency is Urgency.NORMAL


def at_once(deals: Iterable[StoredDeal], policy: Policy, now: datetime) -> ImmediateEffects:
    """Finds what would happen at once if `policy` came into force now."""
    found = ImmediateEffects(SharedDecisions(policy))
    for deal in deals:
        found.add(deal, now)
    return found


_Row = tuple[Effect, Reached | None]


class PolicyComparison:
    """Two policies, compared deal by deal from `now` until `until`. `told`: who has already had
    their message of today, as (recipient, day)."""

    def __init__(
        self,
        old: Policy,
        new: Policy,
        now: datetime,
        until: datetime,
        channels: Collection[ChannelName],
        told: Collection[tuple[str, date]] = (),
    ) -> None:
        self._old, self._new, self._now, self._until = old, new, now, until
        self._channels, self._told = tuple(channels), tuple(told)
        today = now.astimezone(ZoneInfo(new.zone)).date()
        self._reaches = (Coverage(old, today), Coverage(new, today))

    def effects(
        self,
        deals: Iterable[Deal],
        flooded: Mapping[str, int],
        flooded_before: Collection[str] = (),
    ) -> Effects:
        """Finds what the new policy does differently. `flooded`: what `flood` says about the new
        policy; `flooded_before`: about the old one."""
        sides = (
            _Side(
                self._old,
                self._new,
                DeliveryWindows(self._old, self._channels, self._told, flooded_before),
                self._now,
                self._until,
            ),
            _Side(
                self._new,
                self._new,
                DeliveryWindows(self._new, self._channels, self._told, flooded),
                self._now,
                self._until,
            ),
        )
        found, pairs = Effects(flooded=flooded), []
        for deal in deals:
            found.deals += 1
            before, after = sides[0].live(deal), sides[1].live(under(deal, self._new))
            found.failed += [(deal.contract.number, life.failed) for life in after if life.failed]
            for id, why in _silent(after) - _silent(before):
                found.silent[id].append(deal)
                found.before_load[id] += why == "baseline"
            self._reach(deal, found)
            rows = (list(sides[0].rows(before)), list(sides[1].rows(after)))
            if any(
                reached is not None and reached.mid for side in rows for _, reached in side
            ) or _alike(rows[0]) != _alike(rows[1]):
                pairs.append(rows)
        later = tuple(side.out.later() for side in sides)
        for old_rows, new_rows in pairs:
            one, other = _final(old_rows, later[0]), _final(new_rows, later[1])
            found.went += (one - other).elements()
            found.came += (other - one).elements()
        found.nudges_before, found.messages_before = sides[0].out.load(later[0])
        found.nudges_after, found.messages_after = sides[1].out.load(later[1])
        found.came.sort()
        found.went.sort()
        return found

    def _reach(self, deal: Deal, found: Effects) -> None:
        """Counts the milestones that the deal's contract can ever reach, before and after."""
        pipeline = self._new.pipelines.get(deal.pipeline)
        stage = pipeline.find(deal.stage) if pipeline else None
        if stage is None or not stage.is_open:
            return
        for milestone, comes in self._reaches[0].reached(deal):
            present = self._new.milestone(milestone.id)
            found.reached_before[present.id if present else milestone.id] += comes
        for milestone, comes in self._reaches[1].reached(deal):
            found.asked[milestone.id] += 1
            found.reached_after[milestone.id] += comes
        if self._reaches[1].too_short(deal):
            found.short.append(deal)


class _Side:
    """The lives under one policy, and what goes out to whom."""

    def __init__(
        self,
        policy: Policy,
        named: Policy,
        reaching: DeliveryWindows,
        now: datetime,
        until: datetime,
    ) -> None:
        self._policy, self._named, self._now, self._until = policy, named, now, until
        self._lives = SharedLives(policy, reaching)
        self.out = Outgoing(reaching)

    def live(self, deal: Deal) -> Sequence[SimulatedLife]:
        """The deal's life and its successors'."""
        lives = self._lives.of(deal, self._now, self._until)
        self.out.add(lives)
        return lives

    def rows(self, lives: Iterable[SimulatedLife]) -> Iterator[_Row]:
        """The rows of lives that people would notice."""
        for life in lives:
            yield from self._moves(life)
            yield from self._healths(life)
            yield from (
                (self._effect(life.deal, t), t.reached) for t in life.told.values() if _noticed(t)
            )

    def _moves(self, life: SimulatedLife) -> Iterator[_Row]:
        """Moves to another stage; a renamed stage is the same stage."""
        for move in life.moves:
            here, there = (
                self._stage(life.deal, move.from_stage),
                self._stage(life.deal, move.to_stage),
            )
            at = move.at or self._now
            if here != there:
                on = at.astimezone(zone_of(life.deal, self._policy)).date()
                yield (
                    self._of(
                        life.deal, MOVE, there, 0, "", on, "", at_once=at == self._now, queued=False
                    ),
                    None,
                )

    def _healths(self, life: SimulatedLife) -> Iterator[_Row]:
        """Changes of health where the stage does not follow it."""
        pipeline = self._policy.pipelines.get(life.deal.pipeline)
        for turn in life.healths:
            stage = pipeline.find(turn.stage) if pipeline else None
            if turn.moved and stage is not None and stage.kind is StageKind.ACTIVE:
                continue
            on = turn.at.astimezone(zone_of(life.deal, self._policy)).date()
            at_once, what = turn.at == self._now, turn.health.value
            yield (
                self._of(life.deal, HEALTH, what, 0, "", on, "", at_once=at_once, queued=False),
                None,
            )

    def _effect(self, deal: Deal, told: LivedNudge) -> Effect:
        """A nudge."""
        milestone = self._named.milestone(told.nudge.milestone)
        what, recipient = (
            milestone.id if milestone else told.nudge.milestone,
            told.reached.recipient if told.reached else told.nudge.recipient.key,
        )
        at_once, queued = told.made_at == self._now, told.made_at is None
        return self._of(
            deal,
            NUDGE,
            what,
            told.nudge.step,
            recipient,
            told.on,
            told.state.value,
            at_once=at_once or queued,
            queued=queued,
        )

    def _stage(self, deal: Deal, stage: str | None) -> str:
        """A stage's present name."""
        pipeline = self._named.pipelines.get(deal.pipeline)
        found = pipeline.find(stage) if pipeline and stage else None
        return found.id if found else stage or ""

    def _of(
        self,
        deal: Deal,
        kind: str,
        what: str,
        step: int,
        recipient: str,
        on: date,
        state: str,
        *,
        at_once: bool,
        queued: bool,
    ) -> Effect:
        """An effect, with whose deal it is."""
        contract = deal.contract
        money = contract.amount
        whose = (deal.key, contract.number, contract.customer.name)
        return Effect(
            kind,
            *whose,
            what,
            step,
            recipient,
            on,
            state,
            at_once,
            queued,
            money.minor,
            money.currency,
        )


def _noticed(told: LivedNudge) -> bool:
    """Whether anybody could notice: it goes out, is held or still waits, or it was waiting before
    and is dropped."""
    return told.state is not NudgeState.CANCELLED or told.made_at is None


def _alike(rows: Iterable[_Row]) -> Counter[Effect]:
    """Rows as they compare before it is known what goes out a window later."""
    return Counter(effect for effect, _ in rows)


def _final(rows: Iterable[_Row], later: Mapping[Reached, Reached]) -> Counter[Effect]:
    """Rows with the day on which each goes out in the end."""
    moved = (
        (effect, later.get(reached) if reached is not None else None) for effect, reached in rows
    )
    return Counter(
        _moved(effect, final.window_on) if final is not None else effect for effect, final in moved
    )


def _moved(effect: Effect, on: date) -> Effect:
    """The effect on another day."""
    values = {name: getattr(effect, name) for name in effect.__dataclass_fields__}
    return Effect(**values | {"on": on})


def _silent(lives: Iterable[SimulatedLife]) -> set[tuple[str, str]]:
    """Milestones whose day passed for a deal in silence, and whether that is because of the first
    load or because they are newer than the day."""
    codes = ("new_rule", "baseline")
    return {
        (e.milestone, code)
        for life in lives
        for e in life.events
        if e.state is EventState.BASELINE and (code := code_of(e.reason)) in codes
    }

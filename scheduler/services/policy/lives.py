"""Lives: what becomes of deals on a virtual clock, collected for `plan` and `simulate` (DESIGN §4:
one function, four uses).

Always holds: nothing is stored and nothing is sent; every life comes from `core.rules.projection`,
and so from the same `decide` as the daemon's; deals are lived one after the other, so that memory
does not grow with their number.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from scheduler.core.deal.deal import UNSENT, Deal, Event, Nudge
from scheduler.core.deal.pipeline import Passage
from scheduler.core.policy.milestone_days import zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.delivery_window import DeliveryWindows, Reached, Reader
from scheduler.core.rules.projection import Look, live
from scheduler.core.time.weeks import monday_of
from scheduler.core.words.lexicon import Health, NudgeState


@dataclass(slots=True)
class LivedNudge:
    """One nudge and how it ended. `made_at` None: it waited before. `state`: sent, cancelled, or
    still waiting or held at the end; `on`: the day it goes out in its recipient's zone, or the day
    it came up if it does not."""

    nudge: Nudge
    made_at: datetime | None
    on: date
    state: NudgeState = NudgeState.WAITING
    reached: Reached | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LivedHealth:
    """From `at` on, in this stage, the health is another one; `moved`: the stage followed it."""

    at: datetime
    stage: str
    health: Health
    moved: bool


@dataclass(slots=True)
class SimulatedLife:
    """What became of one deal. `deal` is as it was at the start; `failed` says why it could no
    longer be decided."""

    deal: Deal
    moves: list[Passage] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    withdrawn: list[Event] = field(default_factory=list)
    told: dict[str, LivedNudge] = field(default_factory=dict)
    failed: str = ""
    healths: list[LivedHealth] = field(default_factory=list)


def lived(
    deal: Deal, policy: Policy, start: datetime, until: datetime, reaching: DeliveryWindows
) -> Iterator[SimulatedLife]:
    """The deal's life from `start` until before `until`, then its successors'."""
    life = _begun(deal, policy, start, reaching)
    try:
        for look in live(deal, policy, start, until, reaching):
            if look.deal.key != life.deal.key:
                yield life
                life = SimulatedLife(look.deal)
            decision = look.decision
            for sent in look.sent:
                told = life.told[sent.nudge.key]
                told.state, told.reached, told.on = (
                    NudgeState.SENT,
                    sent.reached,
                    sent.reached.window_on,
                )
            life.moves += decision.moves
            if (turn := _turn(look)) is not None:
                life.healths.append(turn)
            life.events += decision.events
            life.withdrawn += decision.withdrawn
            for nudge in decision.nudges:
                state = _held(nudge, reaching) or nudge.state
                life.told[nudge.key] = LivedNudge(
                    nudge, look.at, _day(look.at, look.deal, policy), state, reason=nudge.reason
                )
            for cancel in (*look.dropped, *decision.cancels):
                told = life.told[cancel.key]
                told.state, told.reason = NudgeState.CANCELLED, cancel.reason
    except (
        Exception
    ) as error:  # one deal's fault, whatever it is, must not hide what becomes of the others
        life.failed = str(error) or type(error).__name__
    yield life


def _turn(look: Look) -> LivedHealth | None:
    """The change of health found at this look, if any."""
    change, moves = look.decision.health, look.decision.moves
    if change is None or change.health is look.deal.health:
        return None
    stage = moves[-1].to_stage if moves else look.deal.stage
    return LivedHealth(look.at, stage, change.health, moved=bool(moves))


def _begun(deal: Deal, policy: Policy, start: datetime, reaching: DeliveryWindows) -> SimulatedLife:
    """A life with the nudges that wait when it begins."""
    on, waiting = _day(start, deal, policy), [n for n in deal.nudges if n.state in UNSENT]
    return SimulatedLife(
        deal, told={n.key: LivedNudge(n, None, on, _held(n, reaching) or n.state) for n in waiting}
    )


def _held(nudge: Nudge, reaching: DeliveryWindows) -> NudgeState | None:
    """The nudge, held if the flood breaker does not let it go."""
    return NudgeState.HELD if nudge.state is NudgeState.WAITING and reaching.holds(nudge) else None


def _day(at: datetime, deal: Deal, policy: Policy) -> date:
    """The day in the deal's zone."""
    return at.astimezone(zone_of(deal, policy)).date()


def under(deal: Deal, policy: Policy) -> Deal:
    """The deal as one that this policy has not decided yet."""
    return replace(deal, policy_version=policy.version - 1)


Load = Counter[tuple[str, date]]
"""By recipient and week (its Monday)."""


def reached_of(life: SimulatedLife) -> Iterator[Reached]:
    """The messages that go out in a life."""
    return (
        t.reached
        for t in life.told.values()
        if t.reached is not None and t.state is NudgeState.SENT
    )


class Outgoing:
    """The messages that go out in lives that share one `DeliveryWindows`."""

    def __init__(self, reaching: DeliveryWindows) -> None:
        self._reaching = reaching
        self._out: Counter[Reached] = Counter()

    def add(self, lives: Iterable[SimulatedLife]) -> None:
        """Adds the messages that go out in these lives."""
        self._out.update(reached for life in lives for reached in reached_of(life))

    def take(self, out: Counter[Reached], readers: Mapping[Reached, Reader]) -> None:
        """Adds what went out in lives that were lived in another process, and to whom."""
        self._out.update(out)
        self._reaching.learn(readers)

    def later(self) -> Mapping[Reached, Reached]:
        """The messages that go out a window later than they came up, because their reader had
        already had one."""
        return self._reaching.one_a_window(self._out)

    def load(self, later: Mapping[Reached, Reached], since: date = date.min) -> tuple[Load, Load]:
        """Nudges and messages from `since` on."""
        nudges: Load = Counter()
        bundles: set[tuple[str, datetime, date]] = set()
        for reached, count in self._out.items():
            final = later.get(reached, reached)
            if final.window_on >= since:
                nudges[final.recipient, monday_of(final.window_on)] += count
                bundles.add((final.recipient, final.at, final.window_on))
        return nudges, Counter((recipient, monday_of(day)) for recipient, _, day in bundles)

    def by_day(self, later: Mapping[Reached, Reached], since: date = date.min) -> Counter[date]:
        """Nudges by day from `since` on."""
        days: Counter[date] = Counter()
        for reached, count in self._out.items():
            days[later.get(reached, reached).window_on] += count
        return Counter({day: count for day, count in days.items() if day >= since})

"""A deal as `decide` sees it, and the parts of a decision. Frozen values; storage loads a `Deal`
and writes a `Decision`.

Always holds: a Deal knows everything a rule may read, so that `decide(deal, policy, now)` needs
nothing else. An `Event` is one milestone's day for one deal; at most one per (milestone, anchor_on,
step) is not withdrawn.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter

from scheduler.core.deal.contracts import Contract, Money
from scheduler.core.deal.people import Person, Recipient
from scheduler.core.deal.pipeline import Passage
from scheduler.core.health.signals import KnownSeries
from scheduler.core.health.timeline import HealthTimeline, SaidHealth
from scheduler.core.time.dates import Term
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import (
    EventState,
    ForecastCall,
    Health,
    NudgeState,
    Paperwork,
    Urgency,
)

AUTO_RENEWAL = "auto_renewal"
ENDED = "ended"
EXPECTED = "expected"
CALL_REVIEW = "call_review"
NOTICE = "notice"
HEALTH_WORSE = "health_worse"
PULSE = "pulse"
SYSTEM_MILESTONES = (AUTO_RENEWAL, ENDED, EXPECTED, CALL_REVIEW, NOTICE, HEALTH_WORSE, PULSE)
"""Ids of the events that rules make themselves; a configured milestone may not use them."""
SYSTEM_ASKS = (ENDED, EXPECTED)
"""Those of them that want an answer."""
TOLD_ONLY = (CALL_REVIEW, NOTICE, HEALTH_WORSE)
"""Those of them that are told for information, and that no answer settles."""
TOLD = (EventState.FIRED, EventState.CARRIED_OVER)
"""States of an event that somebody was told of."""
UNSENT = (NudgeState.WAITING, NudgeState.HELD)
"""States of a nudge that may still go out."""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a milestone's day. `step` 0 is the day itself, later steps are its
    follow-ups. `was` is the state before a withdrawal.

    `answer` says who answered what, as a stored reason. A `seen` event is quiet until
    `snoozed_until` like a snoozed one.
    """

    milestone: str
    anchor_on: date
    day_on: date
    state: EventState
    reason: str
    at: datetime
    step: int = 0
    was: EventState | None = None
    answered_at: datetime | None = None
    snoozed_until: date | None = None
    snoozed_by: int | None = None
    seen: bool = False
    answer: str = ""
    id: int | None = None

    @property
    def key(self) -> tuple[str, date, int]:
        """The key that is unique among a deal's events that are not withdrawn."""
        return (self.milestone, self.anchor_on, self.step)


@dataclass(frozen=True, slots=True)
class Nudge:
    """One thing to tell one recipient because of one event. `key` is stable: the same event and
    recipient give the same key.

    `role` is whom the milestone meant, even if somebody else gets the nudge; `instead_of` is the
    person who is away. A nudge is `late` if its day was past when it was decided (an import, an
    edited policy, a daemon that had stopped). `delayed_from`: the day of the window in which it
    should have gone out, if a channel, a stop or a queue delayed it.
    """

    key: str
    milestone: str
    anchor_on: date
    step: int
    recipient: Recipient
    role: str
    because: str
    state: NudgeState = NudgeState.WAITING
    reason: str = ""
    urgency: Urgency = Urgency.NORMAL
    late: bool = False
    instead_of: int | None = None
    id: int | None = None
    delayed_from: date | None = None


class Ledger:
    """An index of a deal's events and nudges: `standing`, the events that are not withdrawn;
    `told`, those that somebody was told about, by milestone and anchor's day, in the order of their
    steps; `unsent`, the nudges that wait."""

    __slots__ = ("_of", "standing", "told", "unsent")

    def __init__(self, events: Iterable[Event], nudges: Iterable[Nudge]) -> None:
        self.standing = [e for e in events if e.state is not EventState.WITHDRAWN]
        self.unsent = [n for n in nudges if n.state in UNSENT]
        self.told: dict[tuple[str, date], list[Event]] = {}
        self._of: dict[str, list[Event]] = {}
        for event in self.standing:
            self._of.setdefault(event.milestone, []).append(event)
            if event.state in TOLD:
                self.told.setdefault((event.milestone, event.anchor_on), []).append(event)
        for steps in self.told.values():
            steps.sort(key=attrgetter("step"))

    def of(self, milestone: str) -> Sequence[Event]:
        """The standing events of this milestone, in the order in which they came."""
        return self._of.get(milestone, ())


@dataclass(frozen=True, slots=True)
class Won:
    """How a renewal was won: the renewed term's amount, length and last day, where they differ from
    what was due."""

    amount: Money
    term: Term | None
    ends_on: date | None


CLOSED_MERGED = "closed_merged"
"""The reason of a loss that is no churn: the customer closed down or merged with another."""


@dataclass(frozen=True, slots=True)
class LostReason:
    """One reason a deal may be lost for, in one pipeline."""

    id: str
    label: Label


@dataclass(frozen=True, slots=True)
class Lost:
    """Why a renewal was lost: a main reason of the policy's list, perhaps a second, avoidable or
    not (None: not said)."""

    reason: str
    second: str | None = None
    avoidable: bool | None = None
    note: str = ""

    @property
    def is_churn(self) -> bool:
        """Whether the customer was lost to anything but the end of their own company."""
        return self.reason != CLOSED_MERGED


@dataclass(frozen=True, slots=True)
class Deal:
    """One contract term on its way through a pipeline (取引), with everything a rule may read.

    `baseline_at`: milestones reached by then are history that arrived with the first load.
    `arrived_at`: when this program first saw it. `expected_on` is when to ask again:
    `expected_by_default`: nobody named that day, the program did, so no message may call it
    expected (its column is `expected_chosen`). `version` counts writes; a write against an older
    version is refused. `called_on` is the day of the `call`. `people` holds everybody a nudge may
    be routed to (delegates, managers' managers), by number. `said_health` is what a person last
    said of the customer's health; `health_timeline` is what the signals say, made under the policy
    its mark names; `signals` are there (else None) where the health timeline has to be made anew.
    Until `paused_until` nothing is decided (it may be past).
    """

    id: int
    key: str
    version: int
    pipeline: str
    stage: str
    stage_entered_at: datetime
    contract: Contract
    arrived_at: datetime
    owner: Person | None = None
    sales: Person | None = None
    manager: Person | None = None
    health: Health = Health.UNKNOWN
    health_because: str = ""
    paperwork: Paperwork = Paperwork.NONE
    expected_on: date | None = None
    expected_by_default: bool = False
    call: ForecastCall | None = None
    called_on: date | None = None
    call_note: str = ""
    notice_on: date | None = None
    notice_lost: Lost | None = None
    baseline_at: datetime | None = None
    wake_at: datetime | None = None
    policy_version: int = 0
    events: tuple[Event, ...] = ()
    nudges: tuple[Nudge, ...] = ()
    won: Won | None = None
    lost: Lost | None = None
    people: Mapping[int, Person] = field(default_factory=dict, compare=False, repr=False)
    said_health: SaidHealth | None = None
    health_timeline: HealthTimeline | None = None
    paused_until: datetime | None = None
    signals: KnownSeries | None = field(default=None, compare=False, repr=False)
    _ledger: Ledger | None = field(default=None, init=False, compare=False, repr=False)

    @property
    def ledger(self) -> Ledger:
        """The index of its events and nudges, made on first use."""
        made = self._ledger
        if made is None:
            made = Ledger(self.events, self.nudges)
            object.__setattr__(self, "_ledger", made)
        return made


@dataclass(frozen=True, slots=True)
class NextTerm:
    """The contract and deal that a won renewal opens; number, product, customer and people are the
    predecessor's."""

    pipeline: str
    stage: str
    starts_on: date
    ends_on: date | None
    term: Term | None
    notice: Term | None
    decide_by: date | None
    amount: Money
    auto_renew: bool
    series_starts_on: date
    term_number: int
    renewal_term: Term | None = None
    renewal_notice: Term | None = None


@dataclass(frozen=True, slots=True)
class Cancel:
    """One nudge that no longer matters, and why."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class HealthChange:
    """The customer's health from now on, with its score (None: not known by one) and the reason."""

    health: Health
    score: float | None
    because: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now and when to look again. `withdrawn` are known events with their new state;
    `events` are new ones.

    `renamed` is the new id of the stage the deal is already in: nothing happened to the deal, and
    none of its clocks restart. `health_timeline` is one that had to be made anew. `wake_at` is the
    next instant at which `decide` could say something new (None: never, unless something changes).
    """

    moves: tuple[Passage, ...] = ()
    events: tuple[Event, ...] = ()
    withdrawn: tuple[Event, ...] = ()
    nudges: tuple[Nudge, ...] = ()
    cancels: tuple[Cancel, ...] = ()
    won: Won | None = None
    lost: Lost | None = None
    successor: NextTerm | None = None
    renamed: str | None = None
    health: HealthChange | None = None
    health_timeline: HealthTimeline | None = None
    wake_at: datetime | None = None

    @property
    def changes(self) -> bool:
        """Whether anything but the alarm is new."""
        return bool(
            self.moves
            or self.events
            or self.withdrawn
            or self.nudges
            or self.cancels
            or self.won
            or self.lost
            or self.renamed
            or self.health
            or self.health_timeline
        )


NOTHING = Decision()
"""What most rules say most of the time."""

"""The story of a deal, as values: what `why` tells and the commands put into words."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from scheduler.core.deal.deal import Event
from scheduler.core.facts.coming import Upcoming
from scheduler.core.facts.explain import Counting, DayStep
from scheduler.core.facts.health_facts import HealthFacts
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Anchor, EventState
from scheduler.services.deals.listing import NudgeLine


class DayState(StrEnum):
    """The state of a milestone's day: the first seven as its event says, the others without an
    event."""

    FIRED = "fired"
    SUPERSEDED = "superseded"
    SKIPPED = "skipped"
    BASELINE = "baseline"
    CARRIED_OVER = "carried_over"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    TO_COME = "to_come"
    DUE = "due"
    WAITING = "waiting"
    TOO_LONG = "too_long"
    NO_DAY = "no_day"
    PAUSED = "paused"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Notification:
    """One telling of a milestone's day: `step` 0 is the day itself, later ones are reminders.
    `answer` and `reason` are stored reasons."""

    step: int
    on: date
    reason: str
    nudges: tuple[NudgeLine, ...] = ()
    answer: str = ""
    answered_at: datetime | None = None
    quiet_until: date | None = None


@dataclass(frozen=True, slots=True)
class AskedPerson:
    """Somebody who will be told (a name or an address), and why it is them: a stored reason, empty
    where they are the recipient the policy names."""

    name: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One milestone's day in a deal's life.

    `on` is empty where there is no day to count from. `by_rule_on` is where today's policy would
    put a day that was already settled on another date. `expected` is what will become of a day
    still to come if nobody answers (None: not known), for the `reason` given. `moves_to` is the
    stage it led or will lead to. `asked` are those who will be told (and have to answer, if
    `asks`), `reminders` what will follow. `open_until` is the last day on which a condition may
    still become true.
    """

    milestone: str
    label: Label
    standing: DayState
    on: date | None = None
    anchor: Anchor | None = None
    steps: tuple[DayStep, ...] = ()
    by_rule_on: date | None = None
    was: EventState | None = None
    expected: EventState | None = None
    reason: str = ""
    moves_to: str | None = None
    asks: bool = False
    asked: tuple[AskedPerson, ...] = ()
    tellings: tuple[Notification, ...] = ()
    reminders: tuple[Upcoming, ...] = ()
    open_until: date | None = None
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Alarm:
    """When the program looks at a deal next, and under which version of the policy it last did (0:
    never). `due`: it waits for a sweep now. `paused`: it is not looked at before its pause is over,
    which `wake_at` reckons with."""

    wake_at: datetime | None
    policy_version: int
    current_version: int
    due: bool
    paused: bool = False


@dataclass(frozen=True, slots=True)
class DealStory:
    """A deal's life. `deadline` is what its `decide_by` is called; `decide_by_steps` is empty where
    the day was set for the contract itself. `undecided`: the rules fail on this deal. `upcoming`:
    what comes if nobody answers; `next`: the first of it that anybody will notice; `question`: what
    waits for an answer; `health`: what is known of how the customer does."""

    deal: int
    contract: str
    customer: str
    stage: str
    is_open: bool
    today: date
    starts_on: date | None
    ends_on: date | None
    decide_by: date | None
    deadline: Label
    decide_by_steps: tuple[DayStep, ...]
    counted: Counting
    alarm: Alarm
    health: HealthFacts
    undecided: bool = False
    next: tuple[Upcoming, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    upcoming: tuple[Upcoming, ...] = ()
    question: Event | None = None

"""The vocabulary every layer shares: closed sets of words, each with the value that is stored and
shown to machines, and with what people call it.

Always holds: a value here never changes its spelling, because databases hold it. What people call
it stands beside it, once, or in the table of its rules (`ANCHORS`, `VERBS`, `CHANNELS`): commands,
messages, pages and Slack all say that.
"""

from enum import StrEnum
from typing import Self

from scheduler.core.words.labels import Label
from scheduler.core.words.languages import Language as Language  # noqa: PLC0414 (a word like the others)

LANGUAGES = {Language.JA: Label("Japanese"), Language.EN: Label("English")}
"""What a language is called."""


class Word(StrEnum):
    """A closed set of words, each with what people call it within a sentence (`label.alone` where
    it stands by itself)."""

    label: Label

    def __new__(cls, value: str, label: Label = Label("")) -> Self:  # noqa: B008 (a frozen value)
        """A word that is stored as `value`; it is looked up by that alone."""
        word = str.__new__(cls, value)
        word._value_ = value
        word.label = label
        return word


class Role(Word):
    """What a person is to the deals they see."""

    REP = "rep", Label("rep")
    MANAGER = "manager", Label("manager")
    SALES = "sales", Label("sales")
    ADMIN = "admin", Label("admin")


class Tell(Word):
    """Whom of a deal something addresses, resolved by `scheduler.core.rules.routing`."""

    OWNER = "owner", Label("the owner", context="reasons")
    SALES = "sales", Label("the sales owner")
    MANAGER = "manager", Label("the manager")
    FALLBACK = "fallback", Label("the fallback address")
    ADMIN = "admin", Label("the admins")


class Health(Word):
    """How well the customer does (DESIGN §3); unknown keeps the current active stage."""

    STABLE = "stable", Label("stable")
    AT_RISK = "at_risk", Label("at risk")
    CRITICAL = "critical", Label("critical")
    UNKNOWN = "unknown", Label("not assessed")


class Paperwork(Word):
    """How far the customer's own purchase process has come."""

    NONE = "none", Label("nothing yet")
    QUOTED = "quoted", Label("quoted")
    IN_APPROVAL = "in_approval", Label("in the customer's approval")
    ORDERED = "ordered", Label("order received")


class ForecastCall(Word):
    """The rep's forecast of the renewal."""

    RENEW = "renew", Label("will renew")
    AT_RISK = "at_risk", Label("may leave")
    UNSURE = "unsure", Label("unsure")


NO_CALL = "none"
"""What a condition calls a deal without a call."""


class Anchor(StrEnum):
    """The day a milestone is counted from."""

    ENDS_ON = "ends_on"
    STARTS_ON = "starts_on"
    DECIDE_BY = "decide_by"
    STAGE_ENTERED_ON = "stage_entered_on"
    EXPECTED_ON = "expected_on"
    ANNIVERSARY = "anniversary"


class Verb(StrEnum):
    """What a person can answer (DESIGN §3)."""

    SEEN = "seen"
    SNOOZE = "snooze"
    FORECAST = "call"
    NOTICE = "notice"
    NOTICE_WITHDRAWN = "notice_withdrawn"
    PAPERWORK = "paperwork"
    HEALTH = "health"
    ONBOARDED = "onboarded"
    WON = "won"
    LOST = "lost"
    UNDO = "undo"


class Urgency(StrEnum):
    """How long a nudge may wait for its recipient's next bundle."""

    NORMAL = "normal"
    PRESSING = "pressing"
    URGENT = "urgent"


class Pace(Word):
    """How often a person wishes to hear: as it comes, one bundle a working day, or one a week. What
    presses never waits for a week."""

    IMMEDIATE = "immediate", Label("as it comes")
    DAILY = "daily", Label("once a day")
    WEEKLY = "weekly", Label("once a week")


class ActorKind(StrEnum):
    """Who moves a deal. The policy may skip and rewind; everybody else obeys the pipeline's
    rules."""

    POLICY = "policy"
    PERSON = "person"
    IMPORT = "import"
    API = "api"
    ADMIN = "admin"


class EventState(Word):
    """What became of a milestone's day for one deal."""

    FIRED = "fired", Label("fired")
    SUPERSEDED = "superseded", Label("superseded", context="state")
    SKIPPED = "skipped", Label("skipped", context="state")
    BASELINE = "baseline", Label("baseline")
    CARRIED_OVER = "carried_over", Label("carried over", context="state")
    EXPIRED = "expired", Label("expired", context="state")
    WITHDRAWN = "withdrawn", Label("withdrawn", context="state")


class NudgeState(Word):
    """What became of one thing to tell one person."""

    WAITING = "waiting", Label("waiting")
    SENT = "sent", Label("sent", context="state")
    HELD = "held", Label("held")
    CANCELLED = "cancelled", Label("cancelled")
    DEAD = "dead", Label("undeliverable")
    IN_DOUBT = "in_doubt", Label("in doubt")


class MessageState(Word):
    """Where a message stands on its way out (DESIGN §7)."""

    QUEUED = "queued", Label("queued")
    CLAIMED = "claimed", Label("being prepared")
    HANDED_OVER = "handed_over", Label("being sent")
    SENT = "sent", Label("sent", context="state")
    UNKNOWN = "unknown", Label("being looked up")
    IN_DOUBT = "in_doubt", Label("in doubt")
    HELD = "held", Label("held")
    CANCELLED = "cancelled", Label("cancelled")
    DEAD = "dead", Label("undeliverable")


class SignalSubject(Word):
    """Whom a signal is about."""

    CONTRACT = "contract", Label("contract", context="pauses")
    CUSTOMER = "customer", Label("customer")


class ChannelName(StrEnum):
    """How a message travels."""

    SLACK = "slack"
    EMAIL = "email"
    PREVIEW = "preview"

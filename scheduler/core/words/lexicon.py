"""The vocabulary every layer shares: closed sets of words, each with the value that is stored and
shown to machines.

Always holds: a value here never changes its spelling, because databases hold it. What people read
is a label in `scheduler.core.words.labels`.
"""

from enum import StrEnum


class Language(StrEnum):
    """A language a person reads."""

    JA = "ja"
    EN = "en"


class Role(StrEnum):
    """What a person is to the deals they see."""

    REP = "rep"
    MANAGER = "manager"
    SALES = "sales"
    ADMIN = "admin"


class Health(StrEnum):
    """How well the customer does (DESIGN §3); unknown keeps the current active stage."""

    STABLE = "stable"
    AT_RISK = "at_risk"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


class Paperwork(StrEnum):
    """How far the customer's own purchase process has come."""

    NONE = "none"
    QUOTED = "quoted"
    IN_APPROVAL = "in_approval"
    ORDERED = "ordered"


class Call(StrEnum):
    """The rep's forecast of the renewal."""

    RENEW = "renew"
    AT_RISK = "at_risk"
    UNSURE = "unsure"


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
    CALL = "call"
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


class Pace(StrEnum):
    """How often a person wishes to hear: as it comes, one bundle a working day, or one a week. What
    presses never waits for a week."""

    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"


class ActorKind(StrEnum):
    """Who moves a deal. The policy may skip and rewind; everybody else obeys the pipeline's
    rules."""

    POLICY = "policy"
    PERSON = "person"
    IMPORT = "import"
    API = "api"
    ADMIN = "admin"


class EventState(StrEnum):
    """What became of a milestone's day for one deal."""

    FIRED = "fired"
    SUPERSEDED = "superseded"
    SKIPPED = "skipped"
    BASELINE = "baseline"
    CARRIED_OVER = "carried_over"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class NudgeState(StrEnum):
    """What became of one thing to tell one person."""

    WAITING = "waiting"
    SENT = "sent"
    HELD = "held"
    CANCELLED = "cancelled"
    DEAD = "dead"
    IN_DOUBT = "in_doubt"


class MessageState(StrEnum):
    """Where a message stands on its way out (DESIGN §7)."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    HANDED_OVER = "handed_over"
    SENT = "sent"
    UNKNOWN = "unknown"
    IN_DOUBT = "in_doubt"
    HELD = "held"
    CANCELLED = "cancelled"
    DEAD = "dead"


class ChannelName(StrEnum):
    """How a message travels."""

    SLACK = "slack"
    EMAIL = "email"
    PREVIEW = "preview"

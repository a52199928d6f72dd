"""What can be wrong with a row of the balance: what each fault means and what to do. Always holds:
every fault has both, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import NudgeState


class Fault(StrEnum):
    """The kinds of disagreement."""

    MISSING = "missing"
    SLEEPS = "sleeps"
    OVERSLEEPS = "oversleeps"
    TWICE = "twice"
    UNEQUAL = "unequal"
    UNTOLD = "untold"
    NO_EVENT = "no_event"
    NOT_CARRIED = "not_carried"
    LEFT_BEHIND = "left_behind"
    IN_DOUBT = "in_doubt"
    NOT_DEAD = "not_dead"
    STUCK_DEAL = "stuck_deal"
    STUCK_NUDGE = "stuck_nudge"
    STUCK_MESSAGE = "stuck_message"
    CHANGED = "changed"
    GONE = "gone"
    OUT_OF_STAGE = "out_of_stage"
    STUCK_PUSH = "stuck_push"
    LOST_PUSH = "lost_push"


CLEARED_BY_A_LOOK = frozenset({Fault.MISSING, Fault.SLEEPS, Fault.OVERSLEEPS})
"""Faults by which nothing is lost yet: a sweep of the deal is enough to clear them."""

BY_STATE: Mapping[NudgeState, Fault] = {
    NudgeState.WAITING: Fault.LEFT_BEHIND,
    NudgeState.HELD: Fault.LEFT_BEHIND,
    NudgeState.SENT: Fault.NOT_CARRIED,
    NudgeState.IN_DOUBT: Fault.IN_DOUBT,
    NudgeState.DEAD: Fault.NOT_DEAD,
}
"""The fault for each nudge state whose message is in a state that `states.CARRIED_BY` does not
allow."""

_LOOK = Label(
    "the daemon (`renewals run`) checks again every day; if this is still listed tomorrow, "
    "please report it as a bug"
)
_BY_HAND = Label(
    "if somebody changed the database by hand, undo that change; if not, please report it as a bug"
)
_ASK = Label("ask the recipient whether it arrived")
_TELL = Label("tell the recipient yourself")
_LOG = Label("see whether `renewals run` is running, and look at its log")

FAULTS: Mapping[Fault, tuple[Label, Label]] = {
    Fault.MISSING: (
        Label("its day came, but no event was recorded and nothing will look at its deal"),
        _LOOK,
    ),
    Fault.SLEEPS: (
        Label("its deal is due now, but nothing will look at it"),
        _LOOK,
    ),
    Fault.OVERSLEEPS: (
        Label("its deal will be looked at only after its next day has passed"),
        _LOOK,
    ),
    Fault.TWICE: (Label("there are two events for the same day"), _BY_HAND),
    Fault.UNEQUAL: (
        Label("the numbers for this day do not add up"),
        _BY_HAND,
    ),
    Fault.UNTOLD: (
        Label("it fired and should tell somebody, but no nudge was made"),
        Label("tell the owner yourself"),
    ),
    Fault.NO_EVENT: (
        Label("the event that this nudge is about no longer exists"),
        _BY_HAND,
    ),
    Fault.NOT_CARRIED: (
        Label("it is marked as sent, but is in no message that went out"),
        _ASK,
    ),
    Fault.LEFT_BEHIND: (
        Label("it waits in a message that has ended or no longer exists, so it will not be sent"),
        _TELL,
    ),
    Fault.IN_DOUBT: (
        Label("it is marked as in doubt, but its message is not"),
        _ASK,
    ),
    Fault.NOT_DEAD: (
        Label("it is marked as undeliverable, but its message is not"),
        _ASK,
    ),
    Fault.STUCK_DEAL: (
        Label("it has been due for a long time, but no sweep has looked at it"),
        _LOG,
    ),
    Fault.STUCK_NUDGE: (
        Label("it should have gone out long ago"),
        _LOG,
    ),
    Fault.STUCK_MESSAGE: (
        Label("it has been on its way out for too long"),
        Label("look at the log and at `renewals messages`"),
    ),
    Fault.CHANGED: (
        Label("a row was changed after it was written"),
        _BY_HAND,
    ),
    Fault.GONE: (Label("a row that was written is missing"), _BY_HAND),
    Fault.OUT_OF_STAGE: (
        Label("the deal is not in the stage that its last move led to"),
        _BY_HAND,
    ),
    Fault.STUCK_PUSH: (
        Label(
            "this should have been written to HubSpot long ago, and nothing has checked whether "
            "it was"
        ),
        Label("run `renewals sync hubspot`, then look at `renewals sync hubspot status`"),
    ),
    Fault.LOST_PUSH: (
        Label("HubSpot deals that are not in any of the states told, waiting, parked or unknown"),
        _BY_HAND,
    ),
}
"""What each means, and what to do."""


@dataclass(frozen=True, slots=True)
class BalanceFinding:
    """One row that does not agree. `what` is a milestone, a message's number, or a table and a
    row's number; `on` its day; `deal` the deal's number, if it has one."""

    fault: Fault
    contract: str
    customer: str
    what: str
    on: date | None = None
    deal: int | None = None

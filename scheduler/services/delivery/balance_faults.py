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


MENDED_BY_A_LOOK = frozenset({Fault.MISSING, Fault.SLEEPS, Fault.OVERSLEEPS})
"""Faults by which nothing is lost yet: a sweep of the deal is enough to mend them."""

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
    "the daemon (`renewals run`) looks at it again in its daily balance; if it is still here "
    "tomorrow, report it as a bug"
)
_BY_HAND = Label(
    "if somebody changed the database by hand, put it back; if nobody did, please report it as "
    "a bug"
)
_ASK = Label("ask the recipient whether it arrived")
_TELL = Label("tell the recipient yourself")
_LOG = Label("see whether `renewals run` is running, and look at its log")

FAULTS: Mapping[Fault, tuple[Label, Label]] = {
    Fault.MISSING: (
        Label("its day came, but it has no event and its deal sleeps"),
        _LOOK,
    ),
    Fault.SLEEPS: (
        Label("something is to be done now, but its deal sleeps"),
        _LOOK,
    ),
    Fault.OVERSLEEPS: (
        Label("its alarm is set to after the next thing that comes"),
        _LOOK,
    ),
    Fault.TWICE: (Label("two events stand for the same day"), _BY_HAND),
    Fault.UNEQUAL: (
        Label("the sums of this day do not add up"),
        _BY_HAND,
    ),
    Fault.UNTOLD: (
        Label("it fired and tells somebody, but has no nudge"),
        Label("tell the owner yourself"),
    ),
    Fault.NO_EVENT: (
        Label("a nudge about nothing: its event is gone"),
        _BY_HAND,
    ),
    Fault.NOT_CARRIED: (
        Label("it counts as sent, but no message that went out carries it"),
        _ASK,
    ),
    Fault.LEFT_BEHIND: (
        Label("it waits in a message that is over or gone, so nobody will send it"),
        _TELL,
    ),
    Fault.IN_DOUBT: (
        Label("it is in doubt, and its message is not"),
        _ASK,
    ),
    Fault.NOT_DEAD: (
        Label("it counts as undeliverable, and its message does not"),
        _ASK,
    ),
    Fault.STUCK_DEAL: (
        Label("it was due long ago, and no sweep has looked at it"),
        _LOG,
    ),
    Fault.STUCK_NUDGE: (
        Label("it could have gone out long ago"),
        _LOG,
    ),
    Fault.STUCK_MESSAGE: (
        Label("it is stuck on its way out"),
        Label("look at the log and at `renewals messages`"),
    ),
    Fault.CHANGED: (
        Label("a row that was changed after it was written"),
        _BY_HAND,
    ),
    Fault.GONE: (Label("a row that was written and is gone"), _BY_HAND),
    Fault.OUT_OF_STAGE: (
        Label("the deal is not in the stage its last passage led to"),
        _BY_HAND,
    ),
    Fault.STUCK_PUSH: (
        Label("HubSpot was to be told of it long ago, and nobody has looked what became of that"),
        Label("do a round: renewals sync hubspot; then look at renewals sync hubspot status"),
    ),
    Fault.LOST_PUSH: (
        Label("deals in HubSpot that are neither told, waiting, parked nor unknown there"),
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

"""Succession: nudges for somebody who is away, has left or no longer owns the deal reach the person
in charge now (DESIGN §5 "Attention").

    unsent nudges       go to whom their role leads today
    the open question   also goes to the new owner, if it was told to the former one
An absence decides where a nudge goes when it is told; what somebody has already been told is not
told again because they went away. What stands in a message to a former owner asks nothing there any
more (`passed_on_to`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from scheduler.core.deal.deal import NOTHING, Cancel, Deal, Decision, Nudge
from scheduler.core.deal.people import Person
from scheduler.core.policy.milestone_days import today_of
from scheduler.core.policy.policy import Policy
from scheduler.core.policy.relevance import event_of
from scheduler.core.rules.followup import open_question
from scheduler.core.rules.nudges import nudge_to
from scheduler.core.rules.routing import ROLES, Routed, known_person, route, route_person
from scheduler.core.words.lexicon import NudgeState
from scheduler.core.words.reasons import reason


@dataclass(frozen=True, slots=True)
class _Handed:
    """A nudge that goes to another recipient."""

    old: Nudge
    new: Nudge | None


def succession(deal: Deal, policy: Policy, now: datetime) -> Decision:
    """The nudges that change hands now."""
    stage = policy.pipeline(deal.pipeline).find(deal.stage)
    if not deal.nudges or stage is None or not stage.is_open:
        return NOTHING
    today = today_of(deal, policy, now)
    handed = list(_handed(deal, policy, today))
    inherited = () if handed else _inherited(deal, policy, today)
    return Decision(
        nudges=(*(h.new for h in handed if h.new is not None), *inherited),
        cancels=tuple(
            Cancel(h.old.key, reason("passed_on", to=_name(h.new, deal))) for h in handed
        ),
    )


def passed_on_to(nudge: Nudge, deal: Deal, policy: Policy, today: date) -> Person | None:
    """The owner who has taken a deal over from whom this nudge told as its owner, or as whoever
    stood in for them; None where nobody has. An owner who is away has not passed anything on."""
    owner, told = deal.owner, nudge.recipient.person_id
    if nudge.role != "owner" or told is None or owner is None or not owner.active:
        return None
    if owner.id in (told, nudge.instead_of):
        return None
    routed = route("owner", deal, policy, today)[0]
    return None if routed.recipient == nudge.recipient else owner


def _handed(deal: Deal, policy: Policy, today: date) -> Iterator[_Handed]:
    """Unsent nudges whose recipient is no longer the right one; two of them may merge into one."""
    wrong = [
        (n, right)
        for n in deal.ledger.unsent
        if (right := _right_now(n, deal, policy, today)) is not None
        and right.recipient != n.recipient
    ]
    if not wrong:
        return
    known = {
        (n.milestone, n.anchor_on, n.step, n.recipient.key)
        for n in deal.nudges
        if n.state is not NudgeState.CANCELLED
    }
    for nudge, right in wrong:
        event = event_of(nudge, deal)
        if event is None:
            continue
        place = (nudge.milestone, nudge.anchor_on, nudge.step, right.recipient.key)
        yield _Handed(nudge, None if place in known else nudge_to(right, event, deal, policy))
        known.add(place)


def _right_now(nudge: Nudge, deal: Deal, policy: Policy, today: date) -> Routed | None:
    """Who has the nudge's role today; None for addresses, which never change hands."""
    if nudge.role in ROLES:
        return route(nudge.role, deal, policy, today)[0]
    person = known_person(nudge.recipient.person_id, deal)
    return (
        route_person(person, nudge.role, deal, policy, today)
        if nudge.role == "snoozed" and person is not None
        else None
    )


def _inherited(deal: Deal, policy: Policy, today: date) -> tuple[Nudge, ...]:
    """Nudges that put the open question to an owner who took the deal over after it was asked."""
    owner = deal.owner
    if (
        owner is None
        or not owner.active
        or all(n.recipient.person_id == owner.id for n in deal.nudges if n.role == "owner")
    ):
        return ()
    question = open_question(deal, policy)
    if question is None:
        return ()
    last = question.last
    told = [
        n
        for n in deal.nudges
        if (n.milestone, n.anchor_on, n.step) == (last.milestone, last.anchor_on, last.step)
    ]
    went_out = [
        n
        for n in told
        if n.role == "owner" and n.state in (NudgeState.SENT, NudgeState.IN_DOUBT, NudgeState.DEAD)
    ]
    reached = any(
        owner.id in (n.recipient.person_id, n.instead_of)
        for n in told
        if n.state is not NudgeState.CANCELLED
    )
    if not went_out or reached:
        return ()
    routed = route("owner", deal, policy, today)[0]
    if any(n.recipient == routed.recipient for n in told):
        return ()
    because = reason("inherited", since=last.day_on)
    return (
        nudge_to(
            Routed(routed.recipient, "owner", routed.because or because, routed.instead_of),
            last,
            deal,
            policy,
        ),
    )


def _name(nudge: Nudge | None, deal: Deal) -> str:
    """Who has it now."""
    if nudge is None:
        return "—"
    known = known_person(nudge.recipient.person_id, deal)
    return known.name if known else nudge.recipient.key

"""What one colleague has before them: their renewals by urgency, what waits for their answer, one
contract; and what a press is for.

Always holds: reading changes nothing; a person does not see what they may not answer for.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from scheduler.core.deal.deal import Deal, Event, Nudge
from scheduler.core.deal.people import Person
from scheduler.core.facts.nudge_facts import facts_told, money_at_risk, nudge_facts
from scheduler.core.policy.milestone_days import today_of
from scheduler.core.policy.policy import Policy
from scheduler.core.policy.received import Received, settling
from scheduler.core.policy.relevance import event_of
from scheduler.core.rules.followup import asks
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import EventState, Language, NudgeState, Pace

STATE = "state"
"""The milestone under which a contract is shown when there is nothing in particular to say about
it."""
_STATE_LABEL = Label("Where things stand")
_STATE_ASK = Label("If anything has changed, answer below.")


class PaceStore(Protocol):
    """How often people hear."""

    def set_pace(self, person_id: int, pace: Pace) -> None:
        """How often the person hears from now on."""


class WorklistStore(PaceStore, Protocol):
    """The storage as a colleague's worklist needs it."""

    def person_of_slack(self, slack_id: str) -> Person | None:
        """The colleague with this Slack id, an active one before one who has left."""

    def person(self, number: int) -> Person | None:
        """One colleague, as they are now."""

    def deals_meant(self, subject: str, *, for_all: bool) -> Mapping[str, Deal | None]:
        """What is answered for under a nudge's key or a deal's number `#12`: that, and if `for_all`
        the nudges about the same customer in the same message, one for each deal; each with its
        deal as it is now, None where there is none or it is void."""

    def deals_numbered(self, contract: str) -> Sequence[Deal]:
        """The deals of a contract number, whatever the case, the newest first."""

    def renewals_of(self, person_id: int, limit: int) -> Sequence[Deal]:
        """The open deals of an owner or sales owner whose end comes first."""

    def open_of(self, person_id: int) -> Mapping[str, int]:
        """How many open deals an owner or sales owner has, by pipeline."""

    def waiting_for(self, person_id: int, limit: int) -> Sequence[tuple[Nudge, Deal]]:
        """The nudges that the person was told of and nobody has answered, the newest first."""


def by_urgency(deals: Sequence[Deal], policy: Policy, now: datetime) -> list[Deal]:
    """The most urgent and valuable first (DESIGN §5: amount × risk ÷ days left)."""
    return sorted(deals, key=lambda deal: -money_at_risk(deal, policy, today_of(deal, policy, now)))


def facts_of_waiting(
    waiting: Sequence[tuple[Nudge, Deal]], policy: Policy, language: Language, now: datetime
) -> list[dict[str, Any]]:
    """The facts said about nudges that wait for an answer."""
    told = (facts_told(nudge, deal, policy, now, language) for nudge, deal in waiting)
    return [facts for facts in told if facts]


def facts_of_deal(deal: Deal, policy: Policy, language: Language, now: datetime) -> dict[str, Any]:
    """The facts said about a contract outside of any nudge; its buttons name the deal itself."""
    today = today_of(deal, policy, now)
    event = Event(STATE, today, today, EventState.FIRED, "", now)
    facts = nudge_facts(deal, STATE, event, policy, today, language)
    said = {
        "nudge": f"#{deal.id}",
        "label": _STATE_LABEL.of(language),
        "ask": _STATE_ASK.of(language),
        "why": facts["stage"],
        "asks": False,
    }
    return facts | said


def is_waiting(nudge: Nudge, deal: Deal, policy: Policy) -> bool:
    """Whether a nudge that was told still wants an answer: its milestone asks, nobody has answered,
    and the deal is open."""
    event = event_of(nudge, deal)
    if (
        nudge.state is not NudgeState.SENT
        or event is None
        or event.state is not EventState.FIRED
        or event.answered_at is not None
    ):
        return False
    stage = (
        policy.pipelines[deal.pipeline].find(deal.stage)
        if deal.pipeline in policy.pipelines
        else None
    )
    left = settling(policy.milestone(nudge.milestone), deal, policy) is Received.NOTICE
    return (stage is None or stage.is_open) and asks(nudge.milestone, policy) and not left

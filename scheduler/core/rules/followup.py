"""Follow-up: what was snoozed comes back on the day that was named, to the one who asked for it.

A later milestone of the same series that fired since then speaks instead.
"""

from collections.abc import Iterator
from datetime import datetime

from scheduler.core.deal import ENDED, Deal, Decision, Event, Nudge
from scheduler.core.keys import nudge_key
from scheduler.core.people import Recipient
from scheduler.core.policy import Policy
from scheduler.core.reasons import reason
from scheduler.core.rules.milestones import nudges_of
from scheduler.core.schedule import day_start, zone_of
from scheduler.core.words import EventState


def followup(deal: Deal, policy: Policy, now: datetime) -> Decision:
    """The snoozes that are over, and when the next one will be."""
    stage = policy.pipeline(deal.pipeline).find(deal.stage)
    if stage is None or not stage.is_open:
        return Decision()
    zone = zone_of(deal, policy)
    today = now.astimezone(zone).date()
    events: list[Event] = []
    nudges: list[Nudge] = []
    wakes: list[datetime] = []
    for event in _snoozed(deal, policy):
        assert event.snoozed_until is not None
        if today < event.snoozed_until:
            wakes.append(day_start(event.snoozed_until, zone))
            continue
        why = reason("snooze_over", until=event.snoozed_until)
        again = Event(event.milestone, event.anchor_on, event.snoozed_until, EventState.FIRED, why, now, step=event.step + 1)
        events.append(again)
        nudges += _nudges(again, event, deal, policy)
    return Decision(events=tuple(events), nudges=tuple(nudges), wake_at=min(wakes, default=None))


def _snoozed(deal: Deal, policy: Policy) -> Iterator[Event]:
    """The last step of each milestone's day that waits for a snooze to end and that nothing later has replaced."""
    latest: dict[tuple[str, object], Event] = {}
    for event in deal.events:
        if event.state is EventState.FIRED and event.milestone != ENDED:
            known = latest.get((event.milestone, event.anchor_on))
            if known is None or known.step < event.step:
                latest[(event.milestone, event.anchor_on)] = event
    for event in latest.values():
        if event.snoozed_until is not None and event.answered_at is None and not _replaced(event, deal, policy):
            yield event


def _replaced(event: Event, deal: Deal, policy: Policy) -> bool:
    """Whether a later milestone of the same series has fired since."""
    milestone = policy.milestone(event.milestone)
    if milestone is None:
        return True
    mates = {m.id for m in policy.milestones if m.series == milestone.series and m.pipeline == milestone.pipeline} - {milestone.id}
    return any(e.milestone in mates and e.state is EventState.FIRED and e.at > event.at for e in deal.events)


def _nudges(again: Event, snoozed: Event, deal: Deal, policy: Policy) -> tuple[Nudge, ...]:
    """To the person who snoozed it, else to those whom the milestone tells."""
    if snoozed.snoozed_by is None:
        milestone = policy.milestone(again.milestone)
        return nudges_of(again, milestone.tell if milestone else ("owner",), deal, policy)
    recipient = Recipient(person_id=snoozed.snoozed_by)
    rounds = sum(e.key == again.key and e.state is EventState.WITHDRAWN for e in deal.events)
    key = nudge_key(deal.key, again.milestone, again.anchor_on, again.step, recipient.key, rounds)
    return (Nudge(key, again.milestone, again.anchor_on, again.step, recipient, "snoozed", reason("snooze_over", until=again.day_on)),)

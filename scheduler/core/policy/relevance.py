"""Whether a waiting nudge still matters when its message is about to go out.

Always holds: a reason is given for every nudge that is dropped; one about a deal's own closing is
never dropped because the deal is closed.
"""

from scheduler.core.deal.deal import AUTO_RENEWAL, Deal, Event, Nudge
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import NudgeState
from scheduler.core.words.reasons import reason


def event_of(nudge: Nudge, deal: Deal) -> Event | None:
    """The standing event a nudge is about."""
    key = (nudge.milestone, nudge.anchor_on, nudge.step)
    return next((e for e in deal.ledger.of(nudge.milestone) if e.key == key), None)


def dropped_because(nudge: Nudge, deal: Deal, policy: Policy) -> str:
    """Why the nudge is dropped; empty if it still matters."""
    if nudge.state not in (NudgeState.WAITING, NudgeState.HELD):
        return nudge.reason or nudge.state.value
    event = event_of(nudge, deal)
    if event is None:
        return reason("day_gone", anchor_on=nudge.anchor_on)
    if event.answered_at is not None:
        return reason("already_answered")
    if event.snoozed_until is not None:
        return reason("snoozed", until=event.snoozed_until)
    return _closed_because(nudge, deal, policy)


def _closed_because(nudge: Nudge, deal: Deal, policy: Policy) -> str:
    """Why the closing of the deal makes the nudge unnecessary; empty if it does not."""
    pipeline = policy.pipelines.get(deal.pipeline)
    stage = pipeline.find(deal.stage) if pipeline else None
    milestone = policy.milestone(nudge.milestone)
    meant = nudge.milestone == AUTO_RENEWAL or (
        milestone is not None and deal.stage in milestone.in_stages
    )
    return (
        "" if stage is None or stage.is_open or meant else reason("deal_closed", stage=deal.stage)
    )

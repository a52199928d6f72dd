"""What was received from the customer: a notice or an order settles every question about the
renewal.

Always holds: a notice outweighs an order, because it came in spite of the order or takes it back;
milestones, messages, offers and counts all ask here.
"""

from enum import StrEnum

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.policy.anchors import ANCHORS, DaySource
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import Paperwork


class Received(StrEnum):
    """What the customer has sent."""

    NOTICE = "notice"
    ORDER = "order"


def received(deal: Deal) -> Received | None:
    """The notice that stands, else the order that has come in, else nothing."""
    if deal.notice_on is not None:
        return Received.NOTICE
    return Received.ORDER if deal.paperwork is Paperwork.ORDERED else None


def is_about_term(milestone: Milestone) -> bool:
    """Whether the milestone counts from the term's start, and so continues whatever happens to the
    renewal."""
    return ANCHORS[milestone.anchor].is_about_term


def is_about_renewal(milestone: Milestone | None, deal: Deal, policy: Policy) -> bool:
    """Whether a milestone is about the renewal: it counts towards the end, a deadline or an
    expected day, or from a stage after onboarding. Milestones that count from the start
    (onboarding, business reviews) still apply after a notice.
    """
    if milestone is None or is_about_term(milestone):
        return False
    pipeline = policy.pipelines.get(deal.pipeline)
    stage = pipeline.find(deal.stage) if pipeline else None
    return (
        ANCHORS[milestone.anchor].source is not DaySource.STAGE
        or stage is None
        or stage.kind is not StageKind.ONBOARDING
    )


def settling(milestone: Milestone | None, deal: Deal, policy: Policy) -> Received | None:
    """What has settled the question of this milestone, if anything has."""
    return received(deal) if is_about_renewal(milestone, deal, policy) else None

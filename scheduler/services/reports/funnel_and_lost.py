"""`renewals report funnel` and `lost` as use cases: how far deals come, and what was lost."""

from collections.abc import Sequence
from typing import Protocol
from zoneinfo import ZoneInfo

from scheduler.core.deal.pipeline import Pipeline
from scheduler.core.policy.policy import Policy
from scheduler.core.reports.asked import AsKnown, ReportScope
from scheduler.core.reports.funnel import Funnel, StageEntry, funnel
from scheduler.core.reports.losses import LossLine, LostDeal, losses
from scheduler.ports import Begin


class FunnelReading(Protocol):
    """One look at the database, as it was known then. Voided deals and passages that were undone by
    then are left out."""

    def histories(
        self, pipeline: Pipeline, scope: ReportScope, known: AsKnown, zone: ZoneInfo
    ) -> Sequence[Sequence[StageEntry]]:
        """The entries of each deal that is meant and was first seen in the period."""

    def lost_deals(
        self, pipeline: Pipeline, scope: ReportScope, known: AsKnown, zone: ZoneInfo
    ) -> Sequence[LostDeal]:
        """The deals that are meant and were lost in the period."""


def chosen(policy: Policy, scope: ReportScope) -> list[Pipeline]:
    """The pipelines that are meant."""
    wanted = scope.pipeline
    return [p for p in policy.pipelines.values() if wanted is None or p.id == wanted]


def funnels(
    reading: Begin[FunnelReading], policy: Policy, scope: ReportScope, known: AsKnown
) -> list[Funnel]:
    """The funnel of each pipeline that is meant."""
    zone = ZoneInfo(policy.zone)
    with reading() as look:
        return [funnel(p, look.histories(p, scope, known, zone)) for p in chosen(policy, scope)]


def lost_report(
    reading: Begin[FunnelReading], policy: Policy, scope: ReportScope, known: AsKnown
) -> list[tuple[Pipeline, tuple[LossLine, ...]]]:
    """Reports what was lost in each pipeline that is selected."""
    zone = ZoneInfo(policy.zone)
    with reading() as look:
        return [
            (p, losses(p, look.lost_deals(p, scope, known, zone), zone))
            for p in chosen(policy, scope)
        ]

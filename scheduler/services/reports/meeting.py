"""`renewals report renewals` as a use case: the page for the weekly meeting."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Protocol

from scheduler.core.facts.tally import renews
from scheduler.core.policy.policy import Policy
from scheduler.core.reports.asked import ReportScope
from scheduler.core.reports.meeting import Meeting, MeetingFacts, meeting
from scheduler.ports import Begin


class MeetingReading(Protocol):
    """One look at the database."""

    def open_renewals(
        self, pipelines: Collection[str], policy: Policy, scope: ReportScope, today: date
    ) -> Sequence[MeetingFacts]:
        """The open renewals of these pipelines that end in the scope's period and, where it has
        begun, those that ended before without anybody saying what became of them. Voided deals
        are left out."""


def meeting_page(
    reading: Begin[MeetingReading], policy: Policy, scope: ReportScope, today: date
) -> Meeting:
    """The page of the renewals that are meant."""
    pipelines = [p.id for p in policy.pipelines.values() if renews(p)]
    with reading() as look:
        found = look.open_renewals(pipelines, policy, scope, today)
    return meeting((one for one in found if _meant(one, scope)), today)


def _meant(one: MeetingFacts, scope: ReportScope) -> bool:
    """Whether a contract is selected by the filters, ignoring the period."""
    return scope.wants(
        owner=one.owners,
        pipeline=one.pipeline,
        team=one.team,
        segment=one.segment,
        currency=one.amount.currency,
    )

"""`renewals report answers` as a use case: how fast questions are answered, and by whom."""

from collections.abc import Collection, Iterable
from typing import Protocol

from scheduler.core.deal.deal import SYSTEM_ASKS
from scheduler.core.policy.policy import Policy
from scheduler.core.reports.answers import AnswersReport, AskedQuestion, answers_report
from scheduler.core.reports.asked import AsKnown, ReportScope
from scheduler.core.rules.followup import asks
from scheduler.ports import Begin


class AnswersReading(Protocol):
    """One look at the database."""

    def questions(
        self, asking: Collection[str], scope: ReportScope, known: AsKnown, zone: str
    ) -> Iterable[AskedQuestion]:
        """The questions of these milestones that are meant and were first asked on a day of the
        period in this zone, as they were known then. Those of voided deals, and withdrawn ones,
        are left out."""


def answers_of(
    reading: Begin[AnswersReading], policy: Policy, scope: ReportScope, known: AsKnown
) -> AnswersReport:
    """Reports how the questions of the period were answered; a milestone is counted under its
    present id."""
    present = {id_: m.id for m in policy.milestones for id_ in (m.id, *m.was)}
    asking = [id_ for id_ in (*present, *SYSTEM_ASKS) if asks(id_, policy)]
    with reading() as look:
        return answers_report(
            q
            if q.milestone == present.get(q.milestone, q.milestone)
            else q._replace(milestone=present[q.milestone])
            for q in look.questions(asking, scope, known, policy.zone)
        )

"""`renewals report retention` as a use case."""

from scheduler.core.policy.policy import Policy
from scheduler.core.reports.asked import AsKnown, ReportScope
from scheduler.core.reports.renewals import Renewals, renewing
from scheduler.core.reports.retention import Retention, retention
from scheduler.ports import Begin
from scheduler.services.reports.reading import RenewalReading


def retention_report(
    reading: Begin[RenewalReading], policy: Policy, scope: ReportScope, known: AsKnown
) -> Retention:
    """Reports what was kept of what was due, as it was known then."""
    with reading() as look:
        stored = look.renewals(list(renewing(policy)), known.before)
    of = Renewals(policy).of
    return retention((of(one) for one in stored), scope)

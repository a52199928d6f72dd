"""What digests tell, with the numbers that stand in reports."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cached_property

from typing_extensions import override

from scheduler.core.reports.renewals import StoredRenewal
from scheduler.storage.digests.digests import DigestLookQueries
from scheduler.storage.reports.renewals import RenewalRows


class WholeDigestQueries(DigestLookQueries):
    """Everything that digests tell."""

    @cached_property
    def _reports(self) -> RenewalRows:
        """The rows of the money reports; read once for all teams of a look."""
        return RenewalRows(self._connection)

    @override
    def renewals(
        self, pipelines: Collection[str], before: datetime | None, owners: Collection[int]
    ) -> Sequence[StoredRenewal]:
        return self._reports.renewals(pipelines, before, agreed=False, owners=owners)

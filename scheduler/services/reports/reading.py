"""What the money reports ask of the database."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from scheduler.core.reports.renewals import StoredRenewal


class RenewalReading(Protocol):
    """One look at the database."""

    def renewals(
        self, pipelines: Collection[str], before: datetime | None
    ) -> Sequence[StoredRenewal]:
        """The terms of these pipelines with their deals, as they stood before that instant; None
        for now. Voided deals are left out."""

"""What the money reports ask of the database."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from scheduler.core.reports.renewals import StoredRenewal


class RenewalReading(Protocol):
    """One look at the database."""

    def renewals(
        self,
        pipelines: Collection[str],
        before: datetime | None,
        *,
        agreed: bool = True,
        owners: Collection[int] | None = None,
    ) -> Sequence[StoredRenewal]:
        """The terms of these pipelines with their deals, as they stood before that instant; None
        for now. Voided deals are left out. Without `agreed`, what was agreed is not read: nobody
        may ask what they bring. `owners`: only what these people own now."""

    def otherwise(
        self, pipelines: Collection[str], before: datetime | None, earlier: datetime
    ) -> Mapping[int, StoredRenewal | None]:
        """The terms that may have stood otherwise before an earlier instant, by deal, as they stood
        then (what was agreed is not read); None for those that were not there."""

    def signs_then(
        self, looks: Mapping[int, datetime], before: datetime | None
    ) -> Mapping[int, Mapping[str, Any]]:
        """The health, call and notice_on of deals that were otherwise at an instant, by deal, as
        JSON holds them; `before` is the instant before which they were asked for."""

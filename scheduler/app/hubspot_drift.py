"""Comparing all deals with the account and repairing what differs, joined to one working folder.

Always holds: repair marks, and ordinary rounds do the rest; a comparison alone keeps nothing but
its figures.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from scheduler.app.hubspot import HubSpotRounds, hindered_by
from scheduler.core.policy.hubspot import Theirs
from scheduler.core.sync.echoes import OwnSources
from scheduler.core.sync.keyset import LoopError
from scheduler.core.words.errors import UserMustActError
from scheduler.hubspot.errors import HubspotError
from scheduler.services.sync.differences import Differences
from scheduler.services.sync.drift import DriftCheck
from scheduler.services.sync.repairing import (
    Drift,
    compared,
    compared_again,
    figures_of,
    keep_figures,
    seen_until,
)
from scheduler.services.sync.syncing import OWN_SOURCES, StepFailure
from scheduler.storage.imports.comparing import ComparedRows
from scheduler.storage.sync.drift import DriftQueries

if TYPE_CHECKING:
    from scheduler.app.sending import Sending

Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Repaired:
    """The result of a repair: what was found, and what was left of it."""

    found: Drift
    left: Drift


@dataclass
class HubSpotRepair:
    """Compares and repairs by the policy in force. `most`: how many findings are kept, None for
    all. Everything raises UserMustActError."""

    app: "Sending"
    rounds: HubSpotRounds
    most: int | None = None

    @property
    def pushes(self) -> bool:
        """Whether anything is written to HubSpot."""
        return self.rounds.parts.settings.push

    def looked(self, now: datetime) -> Drift | StepFailure:
        """Finds what differs; only its figures are kept."""
        try:
            check = self._check(now)
            drift = compared(check, most=self.most)
        except (HubspotError, LoopError) as error:
            return hindered_by(error)
        keep_figures(check.begin, figures_of(drift, drift.found, now))
        return drift

    def repaired(self, stop: Stop) -> Repaired | StepFailure:
        """Everything that differs after a round, repaired by another; a comparison of the same
        records says what is left."""
        if (hindered := self._round(stop)) is not None:
            return hindered
        now = self.app.clock.now()
        try:
            check = self._check(now)
            found = compared(check, most=self.most, mark=True)
            left = Drift()
            if found.records:
                if (hindered := self._round(stop)) is not None:
                    return hindered
                now = self.app.clock.now()
                left = compared_again(self._check(now), found.records, most=self.most)
        except (HubspotError, LoopError) as error:
            return hindered_by(error)
        keep_figures(check.begin, figures_of(found, left.found, now))
        return Repaired(found, left)

    def labels(self, now: datetime) -> Mapping[Theirs, str]:
        """The names of their stages, for a list of what differs."""
        return self.rounds.parts.schema(now).labels

    def _round(self, stop: Stop) -> StepFailure | None:
        """A whole round; what hindered it, if anything did."""
        while True:
            synced = self.rounds.step(self.app.clock.now(), stop)
            if isinstance(synced, StepFailure):
                return synced
            if not synced.more:
                return None

    def _check(self, now: datetime) -> DriftCheck:
        """A comparison. Raises UserMustActError where there is nothing to compare yet."""
        parts, begin = self.rounds.parts, self.app.transactions(DriftQueries)
        schema = parts.schema(now)
        with begin() as transaction:
            own, seen_to = transaction.kept(OWN_SOURCES), seen_until(transaction, parts)
        if seen_to is None:
            raise UserMustActError(
                "no round with HubSpot has been completed yet, so there is nothing to compare: "
                "renewals sync hubspot"
            )
        differences = Differences(
            ComparedRows(self.app.engine),
            parts,
            schema,
            OwnSources.from_text(own),
            parts.clocks(now),
            seen_to,
            now,
        )
        return DriftCheck(begin, differences, self.rounds.pusher(now).url_of)

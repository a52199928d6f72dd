"""What of the claimed next terms is to be made in HubSpot, from what it shows now (`renewing`).

Always holds: nothing is made while a record with the deal's key is there, or while nobody can tell
whether there is one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.core.deal.deal import Deal
from scheduler.core.policy.hubspot import HubSpotSettings
from scheduler.core.policy.policy import Policy
from scheduler.core.sync.account_schema import AccountSchema
from scheduler.core.sync.desired_values import KEY, own_values
from scheduler.core.sync.records import PIPELINE, STAGE, Record
from scheduler.core.sync.renewals import NextDeal, asked_of_before, renewal_values, unwritable_end
from scheduler.core.sync.states import PushState, Waits
from scheduler.core.sync.writes import CREATING, PendingWrite, RecordsRead, Writable
from scheduler.core.words.keys import stable_key
from scheduler.core.words.reasons import reason
from scheduler.services.sync.push_plan import ASKED_AGAIN, PlannedPush
from scheduler.services.sync.push_store import DealWriting, PushClaim, SettledPush
from scheduler.services.sync.recording import LOOK_AFTER
from scheduler.services.sync.renewal_store import RenewalClaim


@dataclass(frozen=True, slots=True)
class PlannedRenewal:
    """One next term: the push of it as planned, with the company it is to be linked with; `before`
    is the record that waits for what the push says; `found`: there is a deal with its key."""

    push: PlannedPush
    company_id: str = ""
    before: str = ""
    found: Record | None = None


@dataclass(frozen=True, slots=True)
class RenewalPlanner:
    """Plans a batch."""

    account: DealWriting
    settings: HubSpotSettings
    policy: Policy
    schema: AccountSchema
    url_of: Callable[[Deal], str]
    now: datetime

    def plan(self, claims: Sequence[RenewalClaim]) -> Sequence[PlannedRenewal]:
        """Plans what is to be done with each: three requests, however few they are. Raises what the
        account raises."""
        writable = self.account.writable()
        if why := self._hindrance(writable):
            return [PlannedRenewal(self._parked(each.claim, why)) for each in claims]
        keys = self.account.by_key([each.claim.deal.key for each in claims])
        names = [n for n in asked_of_before(self.settings) if n not in (PIPELINE, STAGE)]
        before = self.account.read({each.record_id for each in claims}, names)
        return [self._one(each, keys, before, writable) for each in claims]

    def _hindrance(self, writable: Writable) -> str:
        """Why none can be made, as a stored reason; empty where they can."""
        if KEY not in writable.unique:
            return reason("sync_no_key")
        place = unwritable_end(self.settings, writable)
        return reason("sync_renewal_end", place=place) if place else ""

    def _one(
        self, each: RenewalClaim, keys: RecordsRead, before: RecordsRead, writable: Writable
    ) -> PlannedRenewal:
        """Plans one next term."""
        claim = each.claim
        if claim.deal.key not in keys.records or each.record_id not in before.records:
            return PlannedRenewal(self._put_off(claim))
        if found := keys.records[claim.deal.key]:
            return PlannedRenewal(PlannedPush(claim), found=found)
        record = before.records[each.record_id]
        if record is None or record.id != each.record_id:
            return PlannedRenewal(self._put_off(claim, Waits.LOOK), before=each.record_id)
        if each.beside:
            why = reason("sync_renewal_beside", record=each.beside)
            return PlannedRenewal(self._parked(claim, why))
        return self._made(each, record, before.at, writable)

    def _made(
        self, each: RenewalClaim, record: Record, read_at: datetime, writable: Writable
    ) -> PlannedRenewal:
        """Plans one whose deal is to be created, if the mapping names a stage for it."""
        claim, deal = each.claim, each.claim.deal
        ours, theirs = (deal.pipeline, deal.stage), (record.value(PIPELINE), record.value(STAGE))
        target = self.settings.stages.target(ours, theirs)
        if target is None:
            return PlannedRenewal(
                self._parked(claim, reason("sync_no_stage", stage=f"{ours[0]}/{ours[1]}"))
            )
        own = own_values(deal, self.policy, self.now, self.settings.language, self.url_of(deal))
        values = renewal_values(
            NextDeal(deal, each.before, record),
            target,
            own,
            self.settings,
            writable,
            self.schema.owners,
            self.schema.account.zone,
        )
        trace = CREATING + stable_key("create", deal.key, claim.fence)
        handed = PendingWrite(values, trace, read_at, deal.version, self.policy.version)
        return PlannedRenewal(PlannedPush(claim, handed), each.company_id)

    def _parked(self, claim: PushClaim, because: str) -> PlannedPush:
        """Parks one whose deal cannot be created, until something changes or a day is over."""
        settled = parked(claim, because, self.policy.version, self.now)
        return PlannedPush(claim, settled=settled, outcome="parked")

    def _put_off(self, claim: PushClaim, waits: Waits | None = None) -> PlannedPush:
        """Puts off one of which HubSpot says nothing at present, or whose deal before is gone."""
        settled = later(claim, self.now)
        return PlannedPush(claim, settled=settled, waits=waits, outcome="put_off")


def parked(claim: PushClaim, because: str, policy_version: int, now: datetime) -> SettledPush:
    """A next term whose deal cannot be made at present."""
    return SettledPush(
        PushState.PARKED,
        claim.deal.version,
        policy_version,
        because,
        not_before_at=now + ASKED_AGAIN,
        tried=True,
        asked=True,
    )


def later(claim: PushClaim, now: datetime, seconds: float = 0.0) -> SettledPush:
    """The push as it was, put off for a while."""
    wait = max(LOOK_AFTER, timedelta(seconds=seconds))
    return replace(SettledPush.as_before(claim), not_before_at=now + wait)

"""What of a claimed deal is to be written, from what its record shows now (steps 2 and 3 of
`pushing`).

Always holds: a stage is written only over one that a pull has taken in, or that we wrote; where
somebody has moved since, the next pull decides. A record that was closed before our deal began
tells of the term before it, with how that ended; every other record, held or not, tells of the
deal's own term. While HubSpot refuses to restore somebody's move, restoring it is tried again, and
no move of ours is written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.core.deal.deal import Deal
from scheduler.core.policy.hubspot import HubSpotSettings
from scheduler.core.policy.policy import Policy
from scheduler.core.sync.clocks import ClockOffsets
from scheduler.core.sync.desired_values import OPEN, differing, outcome, own_values, stage_values
from scheduler.core.sync.echoes import OwnSources
from scheduler.core.sync.moves import closed_before, means_here
from scheduler.core.sync.records import PIPELINE, STAGE, Record, never_seen
from scheduler.core.sync.states import PushState, Waits
from scheduler.core.sync.writes import RESTORING, PendingWrite, RecordsRead
from scheduler.core.words.keys import stable_key
from scheduler.core.words.reasons import reason
from scheduler.services.sync.push_store import DealWriting, PushClaim, SettledPush

ASKED_AGAIN = timedelta(days=1)
"""How long after a refusal the same is tried again."""
Wanted = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlannedPush:
    """One claimed deal: what is handed over, or else how it is settled at once; what its record
    waits for. `outcome`: as which it counts, if it is settled."""

    claim: PushClaim
    handed: PendingWrite | None = None
    settled: SettledPush | None = None
    waits: Waits | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans a batch."""

    account: DealWriting
    settings: HubSpotSettings
    policy: Policy
    url_of: Callable[[Deal], str]
    now: datetime
    own: OwnSources = OwnSources()
    clocks: ClockOffsets = ClockOffsets()

    def plan(self, claims: Sequence[PushClaim]) -> tuple[Sequence[PlannedPush], frozenset[str]]:
        """Plans what is to be done with each, and finds our properties that the account lacks.
        Raises what the account raises."""
        wanted = {c.deal.id: self._own(c.deal) for c in claims}
        asked = {c.deal.id: self._digest(c.deal, wanted[c.deal.id]) for c in claims}
        again = [c for c in claims if self._unchanged(c, asked[c.deal.id])]
        planned = [self._still_parked(claim) for claim in again]
        fresh = [claim for claim in claims if claim not in again]
        if not fresh:
            return planned, frozenset()
        names = list(wanted[fresh[0].deal.id])
        looked = self.account.read([c.record_id for c in fresh], names)
        unmade = never_seen([r for r in looked.records.values() if r], names)
        moving = [c for c in fresh if self._moves(c, looked.records.get(c.record_id))]
        if moving:
            ids = {c.record_id for c in moving}
            anew = self.account.read(ids, names, histories=True)
            rest = {id: record for id, record in looked.records.items() if id not in ids}
            looked = RecordsRead({**rest, **anew.records}, anew.at)
        for claim in fresh:
            mine = {n: v for n, v in wanted[claim.deal.id].items() if n not in unmade}
            planned.append(self._one(claim, looked, mine, asked[claim.deal.id]))
        return planned, unmade

    def _own(self, deal: Deal) -> Wanted:
        """Our properties."""
        return own_values(deal, self.policy, self.now, self.settings.language, self.url_of(deal))

    def _digest(self, deal: Deal, own: Wanted) -> str:
        """A mark of all that is wanted, and of what it is wanted by."""
        rules = [repr(rule) for rule in self.settings.stages.rules]
        stage = (deal.pipeline, deal.stage)
        return stable_key(*sorted(own.items()), *stage, self.policy.version, *rules)

    def _unchanged(self, claim: PushClaim, digest: str) -> bool:
        """Whether the same was refused already, and nothing suggests another answer."""
        parked = claim.was is PushState.PARKED
        return parked and not claim.asked_anew and claim.digest == digest

    def _still_parked(self, claim: PushClaim) -> PlannedPush:
        """Refused as before: nobody is asked."""
        told = replace(
            SettledPush.as_before(claim),
            version=claim.deal.version,
            policy_version=self.policy.version,
        )
        return PlannedPush(claim, settled=told, outcome="parked")

    def _moves(self, claim: PushClaim, record: Record | None) -> bool:
        """Whether a stage is to be written, or would be if the mapping named one."""
        return record is not None and not claim.held and self._stage(claim, record) != {}

    def _stage(self, claim: PushClaim, record: Record) -> Wanted | None:
        """The stage as it is to be there; empty where it need not be written; None where the
        mapping names none."""
        if stage := self._to_restore(claim, record):
            return stage
        theirs = (record.value(PIPELINE), record.value(STAGE))
        if claim.held or means_here(theirs, claim.deal, self.settings.stages, self.policy):
            return {}
        return stage_values(claim.deal, self.settings.stages, theirs)

    def _to_restore(self, claim: PushClaim, record: Record) -> Wanted:
        """The stage of somebody's that HubSpot refused to restore; empty where there is none, or
        where either side has moved on since."""
        kept, theirs = claim.handed, (record.value(PIPELINE), record.value(STAGE))
        if claim.was is not PushState.PARKED or kept is None or not kept.restores:
            return {}
        still = theirs[1] == kept.was.get(STAGE)
        ours = means_here(theirs, claim.deal, self.settings.stages, self.policy)
        return kept.values if still and ours and not claim.held else {}

    def _term_before(self, claim: PushClaim, record: Record) -> Deal | None:
        """The deal of the term before that a record tells of, which was closed there for it; None
        where it tells of the claimed deal itself. What is held goes on, whatever it says."""
        open_here = outcome(claim.deal, self.policy) == OPEN
        known = (self.settings.stages, self.policy, self.clocks)
        over = open_here and not claim.held and closed_before(record, claim.deal, *known)
        return claim.before if over else None

    def _one(self, claim: PushClaim, looked: RecordsRead, own: Wanted, digest: str) -> PlannedPush:
        """Plans one deal."""
        before = SettledPush.as_before(claim)
        if claim.record_id not in looked.records:
            return PlannedPush(claim, settled=before, outcome="put_off")
        record = looked.records[claim.record_id]
        if record is None or record.id != claim.record_id:
            return PlannedPush(claim, settled=before, waits=Waits.LOOK, outcome="gone")
        return self._told(claim, record, looked.at, own, digest)

    def _told(
        self, claim: PushClaim, record: Record, read_at: datetime, own: Wanted, digest: str
    ) -> PlannedPush:
        """Plans one deal whose record is there."""
        stage = self._stage(claim, record)
        if (before := self._term_before(claim, record)) is not None:
            own, stage = {n: v for n, v in self._own(before).items() if n in own}, {}
        unseen = stage != {} and _unseen(record, claim, self.own)
        lacking = ""
        if stage is None and not unseen:
            lacking = reason("sync_no_stage", stage=f"{claim.deal.pipeline}/{claim.deal.stage}")
        values = differing({**own, **({} if unseen else stage or {})}, record.properties)
        handed = PendingWrite(
            values,
            (RESTORING if self._to_restore(claim, record) and not unseen else "")
            + stable_key("push", claim.deal.key, claim.fence),
            read_at,
            claim.version if unseen else claim.deal.version,
            claim.policy_version if unseen else self.policy.version,
            {name: record.value(name) for name in values},
            digest,
            lacking,
        )
        waits = Waits.HISTORY if unseen else None
        if values:
            return PlannedPush(claim, handed, waits=waits)
        told = SettledPush.of(handed, handed.lacking, self.now + ASKED_AGAIN)
        return PlannedPush(claim, settled=told, waits=waits, outcome=_counts(handed))


def _counts(handed: PendingWrite) -> str:
    """The count under which a deal goes if nothing of it is written."""
    return "parked" if handed.lacking else "in_step"


def _unseen(record: Record, claim: PushClaim, own: OwnSources) -> bool:
    """Whether the last move there is one that no pull has taken in, and none of ours."""
    history = record.histories.get(STAGE, ())
    if not history:
        return False
    last, written = history[-1], claim.written
    if own.wrote(last) or (claim.taken_at is not None and last.at <= claim.taken_at):
        return False
    return written is None or last.value != written.value or last.at > written.at

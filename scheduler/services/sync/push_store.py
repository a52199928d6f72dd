"""What a push asks of an account and of a transaction.

Always holds: every write about a push asks for the fence it was claimed with, so that a late worker
changes nothing.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from scheduler.core.deal.deal import Deal
from scheduler.core.sync.echoes import LedgerLine
from scheduler.core.sync.states import PushState, Waits
from scheduler.core.sync.writes import PendingWrite, RecordsRead, RecordWrite, Writable, WriteResult
from scheduler.services.sync.ingesting import Conflict


class DealWriting(Protocol):
    """Reads and writes deals by their ids and makes new ones; `scheduler.hubspot.deal_writer` does.
    All raise what the account raises."""

    def read(
        self, ids: Collection[str], names: Collection[str] = (), *, histories: bool = False
    ) -> RecordsRead:
        """Stage, pipeline and these properties as they are now, on demand with the histories of
        stage and pipeline."""

    def write(self, changes: Sequence[RecordWrite]) -> Iterator[WriteResult]:
        """Writes each change and says what happened to it; also says so of those that were put off,
        before it raises."""

    def writable(self) -> Writable:
        """Which properties of deals may be written."""

    def by_key(self, keys: Collection[str]) -> RecordsRead:
        """Stage and pipeline of the records that hold these values of our unique property."""

    def create(self, changes: Sequence[RecordWrite]) -> Iterator[WriteResult]:
        """Creates each record and says what happened to it, as `write` does."""


@dataclass(frozen=True, slots=True)
class PushClaim:
    """One deal that a worker has to itself until `lease_until`, with what HubSpot was told before.
    `handed` is what was on its way; of a parked one, a move made in HubSpot that it refused to take
    back.

    `held`: its stage there is not followed, so ours is not written either. `taken_at`: the last
    entry of its stage's history that was taken in. `asked_anew`: what was refused is to be tried
    again, whether or not something else is wanted now. `before`: the deal of the term before, where
    that was renewed in this record.
    """

    deal: Deal
    record_id: str
    fence: int
    lease_until: datetime
    was: PushState
    version: int
    policy_version: int
    digest: str = ""
    because: str = ""
    held: bool = False
    taken_at: datetime | None = None
    written: LedgerLine | None = None
    asked_anew: bool = False
    attempts: int = 0
    not_before_at: datetime | None = None
    handed: PendingWrite | None = None
    before: Deal | None = None


@dataclass(frozen=True, slots=True)
class SettledPush:
    """How a push ends: its state, the versions that HubSpot has by now, and why it is parked
    (HubSpot's words, or a stored reason). `tried`: a write may have been carried out or was
    refused; `pushed`: all has arrived; `asked`: HubSpot was asked, so that it is asked again only
    when something changes."""

    state: PushState
    version: int
    policy_version: int
    because: str = ""
    digest: str = ""
    not_before_at: datetime | None = None
    handed: PendingWrite | None = None
    tried: bool = False
    pushed: bool = False
    asked: bool = False

    @classmethod
    def of(cls, handed: PendingWrite, because: str = "", again_at: datetime | None = None) -> Self:
        """A settled push: up to date, or parked for a reason until `again_at`."""
        return cls(
            PushState.PARKED if because else PushState.IN_STEP,
            handed.version,
            handed.policy_version,
            because,
            handed.digest,
            again_at if because else None,
            asked=bool(because),
        )

    @classmethod
    def as_before(cls, claim: PushClaim) -> Self:
        """A claim as it was; what was refused before stays so until its day is over, what is still
        to be restored stays to be."""
        return cls(
            claim.was,
            claim.version,
            claim.policy_version,
            claim.because,
            claim.digest,
            claim.not_before_at,
            claim.handed,
        )

    @classmethod
    def unknown(cls, claim: PushClaim, handed: PendingWrite | None, look_at: datetime) -> Self:
        """Nobody knows what became of what was handed over; it is looked up then."""
        before = (claim.version, claim.policy_version, claim.because, claim.digest)
        return cls(PushState.UNKNOWN, *before, look_at, handed)


@dataclass(frozen=True, slots=True)
class UncheckedWrite:
    """A stage that we wrote; nobody has looked yet whom it covered."""

    id: int
    deal_id: int
    line: LedgerLine
    was: str
    read_at: datetime


class PushingTransaction(Protocol):
    """One open transaction on what is sent to HubSpot."""

    def kept(self, key: str) -> str | None:
        """The value that is remembered under a key."""

    def keep(self, key: str, value: str, now: datetime) -> None:
        """Remembers it from now on."""

    def wait(self, records: Sequence[str], waits: Waits) -> None:
        """Lets records wait for something of the next pull."""

    def expire(self, now: datetime, look_at: datetime) -> int:
        """Claims whose lease has run out: due again, or, once handed over, unknown and to be read
        back at `look_at`. How many there were."""

    def claim(
        self, now: datetime, lease_until: datetime, worker: str, limit: int, policy_version: int
    ) -> Sequence[PushClaim]:
        """Up to `limit` due deals, now claimed: those of records that are here and wait for no
        pull, whose version or policy is newer than what HubSpot was told; of parked ones also
        those whose day is over and whose record was read again since."""

    def doubtful(
        self, now: datetime, lease_until: datetime, worker: str, limit: int
    ) -> Sequence[PushClaim]:
        """Up to `limit` deals of which nobody knows what became, now to be read back by this
        worker."""

    def hand_over(
        self, handed: Sequence[tuple[PushClaim, PendingWrite]], now: datetime
    ) -> Collection[int]:
        """Keeps what is about to be written; the deals whose fence and lease still stand."""

    def settle(self, claim: PushClaim, settled: SettledPush, now: datetime) -> bool:
        """Ends a push, if its fence stands."""

    def enter(self, record_id: str, handed: PendingWrite, at: datetime) -> None:
        """Enters written values into the ledger, once; a stage is still to be checked."""

    def unchecked(self, limit: int) -> Sequence[UncheckedWrite]:
        """Written stages whose history nobody has looked at yet."""

    def checked(self, ids: Mapping[int, datetime], now: datetime) -> None:
        """Written stages were looked at; HubSpot's own instant of each."""

    def conflict(self, conflict: Conflict, now: datetime) -> None:
        """Keeps a conflict, once."""

    def last_conflict(self, record_id: str) -> Conflict | None:
        """The last conflict about the stage of a record."""

    def decide(self, conflict: Conflict) -> None:
        """Keeps who has won a known conflict now, and why."""

    def give_back(
        self, deal_id: int, handed: PendingWrite, lease_until: datetime, worker: str, now: datetime
    ) -> PushClaim | None:
        """Hands over what restores somebody's move; None where another worker has the deal."""

"""What is kept of what is read from HubSpot.

Always holds: a kind of linked record that could not be read is kept with why, and once it can be
read again everything is.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduler.core.policy.hubspot import HubSpotSettings, LinkedKind
from scheduler.core.sync.linked import Linked, LinkedFound
from scheduler.core.sync.records import Record
from scheduler.core.sync.states import Waits

RUN, WATERMARK, MAPPING, UNREAD, STAGES = "run", "mark", "mapping", "unread", "stages"
LACKING = "lacking"
"""Where it is kept, as stored reasons, what the mapping names that the account lacks."""
"""Where the run under way and the mark are kept, by which mapping deals were read, which linked
records could not be, and what stages are called in HubSpot, those that are
gone included."""
CLOCKS = "clocks"
"""Where it is kept how far HubSpot's clock and ours were apart when."""
COMPLETE = "complete"
"""Where the start of the last run is kept that has found and taken in everything."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One record as it was read. `record` None: only its id is known so far. `company_id`: None
    where nobody asked."""

    record_id: str
    waits: Waits
    record: Record | None = None
    modified_at: datetime | None = None
    company_id: str | None = None


class PullingTransaction(Protocol):
    """One open transaction on what is read."""

    def kept(self, key: str) -> str | None:
        """A fact that the sync remembers."""

    def keep(self, key: str, value: str, now: datetime) -> None:
        """Remembers a fact."""

    def forget(self, key: str) -> None:
        """Forgets one."""

    def store(self, readings: Sequence[Reading], now: datetime) -> None:
        """Keeps what was read; what waits already goes back to what this reading says."""

    def waiting(self, waits: Waits, limit: int) -> Sequence[str]:
        """The ids of records that wait for this, those first that were not asked for of late."""

    def put_off(self, records: Sequence[str], refused: Mapping[str, str], now: datetime) -> None:
        """HubSpot did not give all of these; they are held for what it says of those it refuses."""

    def put_off_nameless(self, companies: Sequence[str], now: datetime) -> None:
        """HubSpot said nothing of these companies; the records that wait for their names are put
        off."""

    def begin_put_off(self, refused_before: datetime) -> None:
        """Has what was put off read from its beginning again; what was refused, only if that was
        before then."""

    def companies_waiting(self, limit: int) -> Sequence[str]:
        """The ids of companies whose names are to be read."""

    def linked(self, companies: Mapping[str, str], then: Waits) -> None:
        """The company of each record, empty for none; they wait for its name, else for `then`."""

    def named(self, names: Mapping[str, str], then: Waits) -> None:
        """The names of companies; the records that waited for them wait for `then`."""

    def customers(self, companies: Sequence[str]) -> Mapping[str, str]:
        """What the customers are called here that are these companies."""

    def keep_linked(self, found: Mapping[str, Linked]) -> None:
        """Keeps what records are linked with; they wait to be taken in."""

    def linked_after(self, record_id: str, limit: int) -> Mapping[str, Linked]:
        """The links of the next records that are here and wait for nothing, by id."""

    def companies_after(self, record_id: str, limit: int) -> Mapping[str, str]:
        """The company of the next records that are here and wait for nothing, empty for none."""

    def wait(self, records: Sequence[str], waits: Waits) -> None:
        """Lets records wait for something else."""

    def again_of(self, people: Collection[int], waits: Waits) -> None:
        """Records of contracts that these people look after, that are here and wait for nothing,
        wait for this."""

    def elsewhere(self, records: Sequence[str]) -> None:
        """Marks the records that we know and believe to be in our care, to be looked up."""

    def read_anew(self) -> None:
        """Marks everything known as never read."""

    def try_held(self, then: Waits) -> None:
        """Makes what is held wait for `then`, so that it is taken in again."""

    def push_anew(self) -> None:
        """Has every deal sent to HubSpot again, as far as it differs there; also what HubSpot
        refused."""

    def count(self, *waits: Waits) -> int:
        """How many records wait for any of these."""


def after_company(settings: HubSpotSettings) -> Waits:
    """What records wait for once their company is known."""
    return Waits.TERMS if settings.linked else Waits.TAKING


def unread(transaction: PullingTransaction) -> Mapping[LinkedKind, str]:
    """The kinds of linked records that could not be read when they were asked for last, and why, as
    stored reasons."""
    kept: dict[str, str] = json.loads(transaction.kept(UNREAD) or "{}")
    return {LinkedKind(kind): why for kind, why in kept.items()}


def keep_unread(
    transaction: PullingTransaction, found: LinkedFound, settings: HubSpotSettings, now: datetime
) -> None:
    """Keeps which kinds could not be read. Where one can be read again, everything is read anew,
    since what changed meanwhile is not known."""
    before = unread(transaction)
    if before.keys() & settings.linked.keys() - found.why.keys():
        transaction.forget(MAPPING)
    transaction.keep(UNREAD, json.dumps(found.why), now)

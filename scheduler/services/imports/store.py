"""What an import needs from the storage: one transaction, and the values that pass through it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from scheduler.core.deal.deal import Deal, Lost, Won
from scheduler.core.deal.pipeline import Passage
from scheduler.core.imports.edits import Edit
from scheduler.core.imports.records import ContractRecord
from scheduler.core.words.lexicon import Health


@dataclass(frozen=True, slots=True)
class Begun:
    """An import under way. `first_load`: no import of this source was ever completed, or nothing of
    it is left."""

    import_id: int
    first_load: bool


@dataclass(frozen=True, slots=True)
class KnownContract:
    """A known contract, as far as most rows need it."""

    contract_id: int
    row_hash: str | None


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person as files name them; `merged_into`: who they turned out to be."""

    id: int
    key: str
    name: str
    email: str | None
    merged_into: int | None = None


ENTERED = "entered"
"""The source of contracts that somebody entered by hand."""


@dataclass(frozen=True, slots=True)
class DuplicateNumbers:
    """Two numbers in one file for what may be one contract."""

    number: str
    customer: str
    other: str
    ends_on: date


@dataclass(frozen=True, slots=True)
class StoredTerm:
    """A contract and its deal as they are now. `record` is what a file would have to say to change
    nothing, with the stage and health that the file said last. `predecessor_id` and `successor_id`
    are the terms before and after it."""

    contract_id: int
    deal_id: int
    deal_key: str
    source: str
    customer_row: int
    record: ContractRecord
    owner_id: int | None
    sales_id: int | None
    pipeline: str
    stage: str
    version: int
    closed: bool
    health: Health
    stage_entered_at: datetime
    wake_at: datetime | None
    series_starts_on: date | None
    term_number: int
    system_made: bool
    predecessor_id: int | None
    successor_id: int | None
    health_because: str
    expected_on: date | None
    expected_by_default: bool = False
    won: Won | None = None
    lost: Lost | None = None

    @property
    def follows(self) -> bool:
        """Whether another term came before it."""
        return self.predecessor_id is not None


@dataclass(frozen=True, slots=True)
class OpenContract:
    """A contract whose deal is open, as far as a list of missing ones needs it."""

    contract_id: int
    number: str
    customer: str
    ends_on: date | None
    predecessor_id: int | None
    system_made: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """A contract that comes in for the first time, with the deal it opens. `passages` say how the
    deal came to its stage; `customer_row` is the customer's row, if it is known and need not be
    found by its id."""

    record: ContractRecord
    pipeline: str
    stage: str
    passages: tuple[Passage, ...]
    stage_entered_at: datetime
    deal_key: str
    owner_id: int | None = None
    sales_id: int | None = None
    closed_at: datetime | None = None
    won: Won | None = None
    lost: Lost | None = None
    baseline_at: datetime | None = None
    predecessor_id: int | None = None
    series_starts_on: date | None = None
    term_number: int = 0
    customer_row: int | None = None


@dataclass(frozen=True, slots=True)
class RowChange:
    """Columns of one row that change. Both sides are kept, for `import undo`."""

    table: str
    row_id: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CustomerNews:
    """One field of a customer (by the source's id) that a file changed, as texts."""

    customer_id: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class SeenCustomers:
    """What is new in what rows say about customers, and the spellings (as written, as kept) in
    which a file names one customer."""

    news: Sequence[CustomerNews]
    joined: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Closing:
    """A deal that an import closes: its last passage, and how it was won or lost."""

    deal: StoredTerm
    passage: Passage
    won: Won | None = None
    lost: Lost | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """What a file now says of how a closed deal was won, or why it was lost."""

    deal: StoredTerm
    outcome: Won | Lost


class ImportFrame(Protocol):
    """The beginning and the end of every import."""

    def begin(self, source: str, kind: str, file: str, sha256: str, now: datetime) -> Begun:
        """Writes the import's row; waits for another import to end first, and is refused while a
        large one is coming in."""

    def finish(self, import_id: int, counts: Mapping[str, int], now: datetime) -> None:
        """Marks the import completed."""


class ImportBasics(ImportFrame, Protocol):
    """What an import of rows does that may be there already, whatever they are."""

    def change(self, changes: Sequence[RowChange]) -> None:
        """Writes changed columns and keeps both sides."""

    def edits(self, table: str, rows: Collection[int]) -> Mapping[int, Sequence[Edit]]:
        """The edits by hand of these rows that still stand, oldest first."""


class ImportTransaction(ImportBasics, Protocol):
    """Contracts, deals and people: one open transaction, or for a large import one after the other
    (`part`)."""

    def part(self) -> AbstractContextManager[None]:
        """A block of work that is kept together; a large import works in such blocks."""

    def looking(self) -> AbstractContextManager[None]:
        """A block that reads what is there now; during a large import nobody waits for it."""

    def people(self) -> Sequence[KnownPerson]:
        """Everybody."""

    def add_people(self, people: Sequence[tuple[str, str]]) -> Sequence[int]:
        """New people as (key, name), without an address; their ids, in the same order."""

    def known(self, source: str, source_ids: Collection[str]) -> Mapping[str, KnownContract]:
        """The known contracts among these, by source id."""

    def stored(self, contract_ids: Collection[int]) -> Mapping[int, StoredTerm]:
        """Contracts with their deals, by contract id."""

    def lines(self, some: Collection[StoredTerm]) -> Mapping[int, Sequence[StoredTerm]]:
        """The lines of terms that these contracts belong to, oldest first, by the contracts'
        ids."""

    def open_terms(self, source: str, customers: Collection[str]) -> Sequence[StoredTerm]:
        """Open terms of these customers (their ids at this source): those the program itself
        opened, and those that came from files."""

    def entered(self) -> Sequence[StoredTerm]:
        """Open terms of contracts that somebody entered by hand."""

    def doubles(self) -> Sequence[DuplicateNumbers]:
        """Open contracts of this import that say the same as another under two numbers: customer,
        product, dates and amount; the first hundred."""

    def has_others(self, source: str) -> bool:
        """Whether there are contracts from other sources."""

    def elsewhere(self, source: str, numbers: Collection[str]) -> Sequence[StoredTerm]:
        """Contracts with these numbers, written just so, that came from other sources."""

    def unusual_numbers(self, source: str) -> Mapping[str, Sequence[str]]:
        """The numbers of other sources that are neither all in small letters nor all in capitals,
        or in full width, by what numbers are compared by."""

    def customer_rows(self, records: Sequence[ContractRecord]) -> Mapping[str, int]:
        """The rows of these records' customers by their source ids; missing ones are made."""

    def with_contract(
        self, source: str, customers: Collection[str], pipelines: Collection[str]
    ) -> frozenset[str]:
        """Which of these customers (source ids) have a contract whose deal is in one of these
        pipelines and was not lost."""

    def standing(self, source: str, before: int, today: date) -> Sequence[OpenContract]:
        """The open contracts of a source with ids below `before` that this import has not changed;
        with them the terms that the program opened after the source's last one, once that is over;
        their `predecessor_id` is that one."""

    def closed_as_gone(self, source: str, before: int) -> Sequence[OpenContract]:
        """The contracts of a source with ids below `before` that are closed since an earlier
        import did not find them in the file."""

    def touched(self, now: datetime) -> Iterator[Deal]:
        """The open deals that this import has opened or changed at `now`."""

    def newest(self) -> int:
        """The largest contract id so far."""

    def edits_of_customers(self, source: str, customers: Collection[str]) -> Mapping[str, Edit]:
        """The edits by hand of these customers (their ids at a source) that still stand."""

    def open(self, openings: Sequence[Opening], now: datetime) -> None:
        """Writes new contracts with their customers, deals and passages."""

    def see_customers(
        self, records: Sequence[ContractRecord], present: frozenset[str], now: datetime
    ) -> SeenCustomers:
        """Brings the customers of these rows up to date and wakes the open deals of those that
        changed."""

    def wake(self, deals: Sequence[int], now: datetime) -> None:
        """Sets the alarms of these deals to now."""

    def close(self, closings: Sequence[Closing], now: datetime) -> None:
        """Closes deals: passage, outcome, unsent nudges cancelled."""

    def correct(self, corrections: Sequence[Correction]) -> Sequence[Correction]:
        """Writes other outcomes of deals that a file had closed; those that were: a deal that
        anybody else closed stays as they said."""

    def move(self, moves: Sequence[tuple[StoredTerm, Passage]], now: datetime) -> None:
        """Moves deals among open stages."""

    def remember(self, hashes: Sequence[tuple[int, str]]) -> None:
        """Keeps the row hashes of contracts that were compared and needed no change."""


class ImportStore(Protocol):
    """The storage as an import needs it."""

    def importing(
        self, *, keep: bool, large: bool = False, taking_back: Callable[[], None]
    ) -> AbstractContextManager[ImportTransaction]:
        """Rolled back at the end unless `keep`, and on any error: one transaction, or for a `large`
        one many short ones, all of which stay or none. `taking_back` is called before finished ones
        are taken back."""

"""What editing by hand needs from the storage: an import's transaction, and a few queries that a
file does not need."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.pipeline import Passage
from scheduler.services.imports.people import PeopleTransaction
from scheduler.services.imports.store import ImportTransaction, StoredTerm


@dataclass(frozen=True, slots=True)
class NewEdit:
    """One field of one row that somebody sets; the values are as `core.imports.edits.as_said` gives
    them."""

    table: str
    row: int
    field: str
    value: str
    was: str


@dataclass(frozen=True, slots=True)
class CalledCustomer:
    """A customer who is there."""

    id: int
    source: str
    source_id: str
    name: str


class EditTransaction(ImportTransaction, PeopleTransaction, Protocol):
    """One open transaction on contracts, deals and people."""

    def begin_edit(self, source: str, what: str, actor: str, now: datetime) -> int:
        """Writes the import's row and returns its number."""

    def set_by_hand(self, edits: Sequence[NewEdit]) -> None:
        """Keeps which fields were set."""

    def called(self, contract: str) -> Sequence[StoredTerm]:
        """The contracts with this number (or `#deal`), newest first."""

    def owned(self, person: int) -> Sequence[StoredTerm]:
        """The contracts with open deals that a person owns."""

    def of_person(self, person: int) -> Sequence[StoredTerm]:
        """Every contract that a person owns or has sold, closed ones too."""

    def of_customer(self, customer: int) -> Sequence[StoredTerm]:
        """The contracts with open deals of a customer."""

    def customers_called(self, name: str) -> Sequence[CalledCustomer]:
        """The customers of this name, of any source."""

    def deals(self, ids: Collection[int]) -> Sequence[Deal]:
        """Deals as the rules read them."""

    def way(self, deal: int) -> Sequence[Passage]:
        """The passages of a deal that count, oldest first."""

    def closing(self, deal: int) -> dict[str, Any]:
        """A deal's columns that say how it was closed."""

    def last_edit(self, contracts: Collection[int], *, undone: bool = False) -> int | None:
        """The newest edit of these contracts that still stands (or that was taken back)."""

    def managed(self, person: int) -> Sequence[int]:
        """Whom a person manages."""

    def absences_of(self, people: Collection[int]) -> Sequence[dict[str, Any]]:
        """The absences that stand, of these people or with one of them standing in."""

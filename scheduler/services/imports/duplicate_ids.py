"""Several contracts under one id (`duplicates = "suffix"`): which row is which known contract,
whatever the order of the rows.

The first contract of an id keeps it, the others are `id/2`, `id/3` …. Always holds: a row that says
what it said before is the contract it was; the others are matched by how much they agree in what
tells contracts apart; only a row that agrees with none is a new contract.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from scheduler.core.imports.records import ContractRecord
from scheduler.services.imports.store import ImportTransaction, StoredTerm

_TELLING = ("product", "title", "customer", "starts_on", "ends_on", "amount", "url")
_MOST = 50
"""How many contracts may share one id."""


@dataclass(slots=True)
class DuplicateIds:
    """Gives the rows of one import the ids of the contracts they mean."""

    transaction: ImportTransaction
    source: str
    taken: set[str] = field(default_factory=set)

    def settled(self, records: Sequence[ContractRecord]) -> list[ContractRecord]:
        """The records; those whose id may be doubled get one that is theirs alone."""
        groups: dict[str, list[ContractRecord]] = {}
        for record in records:
            if record.doubled:
                groups.setdefault(record.source_id, []).append(record)
        if not groups:
            return list(records)
        known = self._known(list(groups))
        given = {
            record.line: name
            for base, rows in groups.items()
            for record, name in self._matched(base, rows, known)
        }
        return [replace(r, source_id=given[r.line]) if r.doubled else r for r in records]

    def _known(self, bases: Sequence[str]) -> dict[str, StoredTerm]:
        """The known contracts under these ids, by id; numbered ids are looked for as long as there
        are any."""
        found: dict[str, StoredTerm] = {}
        asked, number = list(bases), 1
        while asked and number <= _MOST:
            names = {_name(base, number): base for base in asked}
            known = self.transaction.known(self.source, list(names))
            stored = self.transaction.stored([k.contract_id for k in known.values()])
            found |= {
                name: stored[k.contract_id] for name, k in known.items() if k.contract_id in stored
            }
            asked, number = [names[name] for name in known], number + 1
        return found

    def _matched(
        self, base: str, rows: Sequence[ContractRecord], known: Mapping[str, StoredTerm]
    ) -> list[tuple[ContractRecord, str]]:
        """Matches the rows of one id to contract ids: first those that say the same, then those
        that are most alike, then new ones."""
        free = {
            name: known[name]
            for n in range(1, _MOST)
            if (name := _name(base, n)) in known and name not in self.taken
        }
        given: dict[int, str] = {}
        for least in (len(_TELLING) + 1, *range(len(_TELLING), 1, -1)):
            for row in (r for r in rows if r.line not in given):
                alike = next(
                    (n for n, stored in free.items() if _likeness(row, stored.record) >= least),
                    None,
                )
                if alike is not None:
                    given[row.line] = alike
                    del free[alike]
        for row in (r for r in rows if r.line not in given):
            used = {*known, *self.taken, *given.values()}
            given[row.line] = next(n for k in range(1, 10**6) if (n := _name(base, k)) not in used)
        self.taken |= set(given.values())
        return [(row, given[row.line]) for row in rows]


def _name(base: str, number: int) -> str:
    """The id of the n-th contract of one id."""
    return base if number == 1 else f"{base}/{number}"


def _likeness(row: ContractRecord, old: ContractRecord) -> int:
    """In how many of the fields that tell contracts apart a row agrees with a contract; the same
    row as before scores higher than all of them."""
    if row.row_hash and row.row_hash == old.row_hash:
        return len(_TELLING) + 1
    return sum(getattr(row, name) == getattr(old, name) not in ("", None) for name in _TELLING)

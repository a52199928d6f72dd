"""Signals that come in, in the database: put aside and sorted while nobody waits, then kept piece
by piece, those of a large file in short transactions (`storage.imports.parts`).

Always holds: the same file again keeps nothing; a file's rows mean the same in any order, and in
any pieces: all that is said of one measurement is in one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine, text
from typing_extensions import override

from scheduler.core.imports.signals import SignalLine
from scheduler.services.imports.store import Begun
from scheduler.services.signals.store import (
    KeptSignals,
    SignalStage,
    SignalStore,
    SignalTransaction,
)
from scheduler.storage.database.engine import explained
from scheduler.storage.imports.importing import ImportQueries
from scheduler.storage.imports.parts import PART_SECONDS, coming_in
from scheduler.storage.signals.keeping import keep_piece
from scheduler.storage.signals.namesakes import ambiguous, give_back, set_aside
from scheduler.storage.signals.staging import StagingTables, staged
from scheduler.storage.signals.subjects import (
    concerned_by,
    keep_meanings,
    meanings,
    wake_contracts,
)

LISTED = 20
"""How many of a kind are named."""
PIECE = 5000
"""How many values, subjects or deals are written between two looks at the clock."""
_NAMED = text("""
INSERT INTO signal_subjects (kind, key, written)
SELECT kind, key, written FROM staged_subjects WHERE number > :after AND number <= :until
ON CONFLICT (kind, key) DO NOTHING
""")
_NUMBERED = text("""
UPDATE staged_subjects SET subject_id = (SELECT id FROM signal_subjects s
WHERE s.kind = staged_subjects.kind AND s.key = staged_subjects.key)
WHERE number > :after AND number <= :until
""")
_CONTRADICTED = text(
    f"SELECT first, last FROM staged_said WHERE least <> value ORDER BY first LIMIT {LISTED}"
)
_UNKNOWN = """
FROM staged_subjects w JOIN signal_subjects s ON s.id = w.subject_id
WHERE s.contract_id IS NULL AND s.customer_id IS NULL AND w.former_of IS NULL
"""


T = TypeVar("T")


class SignalImportQueries(SignalTransaction):
    """Keeps signals within an import, on the connection on which they were put aside."""

    def __init__(
        self, importing: ImportQueries, connection: Connection, staging: StagingTables, piece: int
    ) -> None:
        self._importing, self._connection, self._staging = importing, connection, staging
        self._piece, self._import_id = piece, 0

    @override
    def begin(self, source: str, kind: str, file: str, sha256: str, now: datetime) -> Begun:
        begun = self._importing.begin(source, kind, file, sha256, now)
        self._import_id = begun.import_id
        return begun

    @override
    def finish(self, import_id: int, counts: Mapping[str, int], now: datetime) -> None:
        self._importing.finish(import_id, counts, now)

    @override
    def keep_staged(self) -> KeptSignals:
        self._name_subjects()
        new = corrected = 0
        for after, until in self._staging.pieces(self._piece):
            with self._importing.part():
                kept = keep_piece(
                    self._connection,
                    self._import_id,
                    after,
                    until,
                    has_history=self._staging.has_history,
                )
            new, corrected = new + kept.new, corrected + kept.corrected
        repeated = self._staging.count - new - corrected
        with self._importing.looking():
            return KeptSignals(
                new, corrected, repeated, self._contradicted(repeated), *self._unknown()
            )

    def _name_subjects(self) -> None:
        """Gives everybody a number, and finds out whom they are."""
        self._number_subjects()
        self._part_namesakes()
        with self._importing.looking():
            meant = meanings(self._connection)
        for column, found in meant.items():
            for some_found in self._cut(found):
                with self._importing.part():
                    keep_meanings(self._connection, {column: some_found}, self._staging.now)

    def _number_subjects(self) -> None:
        """Gives everybody the number of their subject, a new one whoever has none."""
        for after in range(0, self._staging.subjects, self._piece):
            some = {"after": after, "until": after + self._piece}
            with self._importing.part():
                self._connection.execute(_NAMED, some)
                self._connection.execute(_NUMBERED, some)

    def _part_namesakes(self) -> None:
        """Leaves what is new of whoever two are called by now to nobody (`namesakes`)."""
        with self._importing.looking():
            found = ambiguous(self._connection)
        for some in self._cut(found):
            with self._importing.part():
                set_aside(self._connection, some)
        if found:
            self._number_subjects()
        with self._importing.part():
            give_back(self._connection)

    def _contradicted(self, repeated: int) -> tuple[tuple[int, int], ...]:
        """The lines that contradict each other: only what is there twice can."""
        if not repeated:
            return ()
        return tuple((row.first, row.last) for row in self._connection.execute(_CONTRADICTED))

    def _unknown(self) -> tuple[tuple[str, ...], int]:
        """The subjects nobody knows, and how many they are."""
        some = self._connection.exec_driver_sql(
            f"SELECT w.written {_UNKNOWN} ORDER BY w.number LIMIT {LISTED}"
        )
        count = self._connection.exec_driver_sql(f"SELECT count(*) {_UNKNOWN}").scalar_one()
        return tuple(some.scalars()), count

    @override
    def concerned(self, *, by_customer: bool = False) -> Sequence[int]:
        with self._importing.looking():
            return concerned_by(self._connection, self._import_id, by_customer=by_customer)

    @override
    def wake_contracts(self, contracts: Sequence[int], now: datetime) -> None:
        for some in self._cut(contracts):
            with self._importing.part():
                wake_contracts(self._connection, some, now)

    def _cut(self, many: Sequence[T]) -> Iterator[Sequence[T]]:
        """In pieces."""
        return (many[at : at + self._piece] for at in range(0, len(many), self._piece))


class StagedSignals(SignalStage):
    """Signals put aside on one connection."""

    def __init__(
        self, connection: Connection, staging: StagingTables, part_seconds: float, piece: int
    ) -> None:
        self._connection, self._staging = connection, staging
        self._seconds, self._piece = part_seconds, piece

    @override
    def add(self, lines: Sequence[SignalLine]) -> None:
        self._staging.add(lines)

    @contextmanager
    @override
    def importing(
        self, *, keep: bool, large: bool = False, taking_back: Callable[[], None] = lambda: None
    ) -> Iterator[SignalImportQueries]:
        self._staging.sort()
        seconds = self._seconds if keep and large else None
        with coming_in(self._connection, seconds, keep=keep, taking_back=taking_back) as importing:
            yield SignalImportQueries(importing, self._connection, self._staging, self._piece)


class SignalImports(SignalStore):
    """Imports of signals, large ones in parts. `part_seconds`: how long one part takes, to the end
    of a `piece`: so many values, subjects or deals."""

    def __init__(
        self, engine: Engine, part_seconds: float = PART_SECONDS, piece: int = PIECE
    ) -> None:
        self._engine, self._seconds, self._piece = engine, part_seconds, piece

    @contextmanager
    @override
    def staging(self, now: datetime) -> Iterator[StagedSignals]:
        with (
            explained(self._engine),
            self._engine.connect() as connection,
            staged(connection, now) as staging,
        ):
            yield StagedSignals(connection, staging, self._seconds, self._piece)

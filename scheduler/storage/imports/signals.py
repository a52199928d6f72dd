"""Signals that come in, in the database: put aside while nobody waits, then kept by a few
statements, however many they are.

Always holds: the same file again keeps nothing; a file's rows mean the same in any order.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, TextClause, text
from typing_extensions import override

from scheduler.core.imports.signals import SignalLine
from scheduler.services.signals.store import (
    KeptSignals,
    SignalStage,
    SignalStore,
    SignalTransaction,
)
from scheduler.storage.database.engine import explained
from scheduler.storage.imports.importing import Importing
from scheduler.storage.signals.chains import SAME, reckon
from scheduler.storage.signals.staging import Staging, staged
from scheduler.storage.signals.subjects import concerned_by, match_subjects, wake_contracts

LISTED = 20
"""How many of a kind are named."""
_NAMED = text("""
INSERT INTO signal_subjects (kind, key, written)
SELECT kind, key, written FROM staged_subjects WHERE true ON CONFLICT (kind, key) DO NOTHING
""")
_NUMBERED = text("""
UPDATE staged_subjects SET subject_id = (SELECT id FROM signal_subjects s
WHERE s.kind = staged_subjects.kind AND s.key = staged_subjects.key)
""")
_SAID = """
SELECT w.subject_id, s.name, s.at, s.source, max(s.value) AS value, {more}
FROM staged_signals s JOIN staged_subjects w ON w.number = s.whom
GROUP BY w.subject_id, s.name, s.at, s.source"""
_LIVE = f"EXISTS (SELECT 1 FROM signals g WHERE {SAME} AND g.superseded_at IS NULL)"
_FRESH = text(f"""
INSERT INTO signals (subject_id, name, at, source, value, received_at, import_id)
SELECT k.subject_id, k.name, k.at, k.source, k.value, k.received_at, :import_id
FROM ({_SAID.format(more="min(s.received_at) AS received_at")}
HAVING min(s.received_at) = max(s.received_at)
) AS k WHERE NOT {_LIVE}
""")
"""Measurements that nobody knew, said at one instant."""
_REST = text(f"""
CREATE TEMPORARY TABLE staged_rest AS SELECT k.* FROM (
{_SAID.format(more="s.received_at, max(s.told) AS told")}, s.received_at) AS k
LEFT JOIN signals g ON {SAME} AND g.superseded_at IS NULL
WHERE g.id IS NULL OR g.value <> k.value OR (k.told = 1 AND g.received_at <> k.received_at)
""")
"""What differs from what is known now."""
_CORRECTED = text(f"""
INSERT INTO signals (
    subject_id, name, at, source, value, received_at, superseded_at, import_id
) SELECT k.subject_id, k.name, k.at, k.source, k.value, k.received_at, k.received_at, :import_id
FROM staged_rest k WHERE k.told = 0 OR NOT EXISTS (
    SELECT 1 FROM signals g WHERE {SAME} AND g.superseded_at IS NOT NULL AND g.voided_at IS NULL
    AND g.received_at = k.received_at AND g.value = k.value
)
""")
_KNOWN_BEFORE = text(f"""
SELECT count(*) FROM (SELECT DISTINCT subject_id, name, at, source FROM staged_rest) AS k
WHERE {_LIVE}
""")
_KEYS = "SELECT DISTINCT subject_id, name, at, source FROM staged_rest"
_CONTRADICTED = text(f"""
SELECT first, last FROM ({
    _SAID.format(more="min(s.line) AS first, max(s.line) AS last, min(s.value) AS least")
}, s.received_at) AS said WHERE least <> value ORDER BY first LIMIT {LISTED}
""")
_UNKNOWN = """
FROM staged_subjects w JOIN signal_subjects s ON s.id = w.subject_id
WHERE s.contract_id IS NULL AND s.customer_id IS NULL
"""


class SignalImporting(Importing, SignalTransaction):
    """The transaction in which signals are kept."""

    def __init__(self, connection: Connection, staging: Staging) -> None:
        super().__init__(connection)
        self._staging = staging

    @override
    def keep_staged(self) -> KeptSignals:
        self._connection.execute(_NAMED)
        self._connection.execute(_NUMBERED)
        match_subjects(self._connection)
        fresh = self._run(_FRESH).rowcount
        new, corrected = self._rest(fresh) if fresh < self._staging.count else (fresh, 0)
        repeated = self._staging.count - new - corrected
        return KeptSignals(new, corrected, repeated, self._contradicted(repeated), *self._unknown())

    def _rest(self, fresh: int) -> tuple[int, int]:
        """Keeps what says something else than what is known; (new, corrected), with those that were
        `fresh`."""
        self._connection.execute(_REST)
        before = self._connection.execute(_KNOWN_BEFORE).scalar_one()
        kept = self._run(_CORRECTED).rowcount
        reckon(self._connection, _KEYS)
        measured = self._connection.exec_driver_sql(f"SELECT count(*) FROM ({_KEYS}) AS k")
        new = measured.scalar_one() - before
        self._connection.exec_driver_sql("DROP TABLE staged_rest")
        return fresh + new, kept - new

    def _contradicted(self, repeated: int) -> tuple[tuple[int, int], ...]:
        """The lines that contradict each other: only what is there twice can."""
        if not repeated:
            return ()
        return tuple((row.first, row.last) for row in self._connection.execute(_CONTRADICTED))

    def _unknown(self) -> tuple[tuple[str, ...], int]:
        """Whom nobody knows, and how many they are."""
        some = self._connection.exec_driver_sql(
            f"SELECT w.written {_UNKNOWN} ORDER BY w.number LIMIT {LISTED}"
        )
        count = self._connection.exec_driver_sql(f"SELECT count(*) {_UNKNOWN}").scalar_one()
        return tuple(some.scalars()), count

    @override
    def concerned(self, *, by_customer: bool = False) -> Sequence[int]:
        return concerned_by(self._connection, self._import_id, by_customer=by_customer)

    @override
    def wake_contracts(self, contracts: Sequence[int], now: datetime) -> None:
        wake_contracts(self._connection, contracts, now)

    def _run(self, statement: TextClause) -> Any:
        """A statement about this import."""
        return self._connection.execute(statement, {"import_id": self._import_id})


class StagedSignals(SignalStage):
    """Signals put aside on one connection."""

    def __init__(self, connection: Connection, staging: Staging) -> None:
        self._connection, self._staging = connection, staging

    @override
    def add(self, lines: Sequence[SignalLine]) -> None:
        self._staging.add(lines)

    @contextmanager
    @override
    def importing(self, *, keep: bool) -> Iterator[SignalImporting]:
        with self._connection.begin() as under_way:
            yield SignalImporting(self._connection, self._staging)
            if not keep:
                under_way.rollback()


class SignalImports(SignalStore):
    """Imports of signals."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    @override
    def staging(self, now: datetime) -> Iterator[StagedSignals]:
        with (
            explained(self._engine),
            self._engine.connect() as connection,
            staged(connection, now) as staging,
        ):
            yield StagedSignals(connection, staging)

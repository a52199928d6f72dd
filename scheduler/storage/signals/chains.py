"""Which of several values for one measurement counts, and until when each was believed.

The rules
    Of the values that were said, the one received last counts; of those received at the same
    instant, the largest. Each was believed until the next one was received. What was taken back
    (`voided_at`) was never said.
Always holds: that depends only on what was said and when it was received, not on the order in which
it was written here.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, text

from scheduler.storage.database.types import UtcDateTime
from scheduler.storage.signals.subjects import concerned_with, measured_by, wake_contracts

SAME = "g.subject_id = k.subject_id AND g.name = k.name AND g.at = k.at AND g.source = k.source"
"""That a signal `g` is of the measurement `k`."""
_CHAIN = f"""
CREATE TEMPORARY TABLE staged_chain AS SELECT id, lead(received_at) OVER (
    PARTITION BY subject_id, name, at, source ORDER BY received_at, value
) AS until FROM (
    SELECT g.* FROM ({{keys}}) AS k JOIN signals g ON {SAME} WHERE g.superseded_at IS NULL
    UNION ALL SELECT g.* FROM ({{keys}}) AS k JOIN signals g ON {SAME}
    WHERE g.superseded_at IS NOT NULL AND g.voided_at IS NULL
) AS said
"""
_PAST = text("""
UPDATE signals SET superseded_at = (SELECT until FROM staged_chain c WHERE c.id = signals.id)
WHERE id IN (SELECT id FROM staged_chain WHERE until IS NOT NULL)
""")
_PRESENT = text("""
UPDATE signals SET superseded_at = NULL
WHERE id IN (SELECT id FROM staged_chain WHERE until IS NULL)
""")
_VOID = """
UPDATE signals SET voided_at = :now, superseded_at = coalesce(superseded_at, :now)
WHERE import_id = :import_id AND voided_at IS NULL
"""
_NOW = bindparam("now", type_=UtcDateTime)
_VOID_ALL = text(_VOID).bindparams(_NOW)
_VOID_SOME = text(f"{_VOID} AND id > :after AND id <= :until").bindparams(_NOW)
_UNTIL = text("""
SELECT max(id) FROM (SELECT id FROM signals WHERE import_id = :import_id AND id > :after
ORDER BY id LIMIT :most) AS part
""")
_GOING = """
CREATE TEMPORARY TABLE staged_gone AS
SELECT id, subject_id, name, at, source FROM signals WHERE import_id = {import_id} LIMIT {most}
"""
_GO = "DELETE FROM signals WHERE id IN (SELECT id FROM staged_gone)"
_THEIRS = "SELECT DISTINCT subject_id, name, at, source FROM signals WHERE import_id = {import_id}"


def reckon(connection: Connection, keys: str) -> None:
    """Works out anew which values of some measurements count: `keys` is a query for subject_id,
    name, at and source, each once."""
    connection.exec_driver_sql(_CHAIN.format(keys=keys))
    connection.exec_driver_sql("CREATE INDEX staged_chain_id ON staged_chain (id)")
    connection.execute(_PAST)
    connection.execute(_PRESENT)
    connection.exec_driver_sql("DROP TABLE staged_chain")


def take_away(connection: Connection, import_id: int, most: int, now: datetime) -> int:
    """Takes away up to `most` values of an import that did not finish, as if nobody had said them;
    returns how many there were. Whose health was measured meanwhile is measured anew."""
    connection.exec_driver_sql(_GOING.format(import_id=int(import_id), most=int(most)))
    gone = connection.exec_driver_sql(_GO).rowcount
    if gone:
        reckon(connection, "SELECT DISTINCT subject_id, name, at, source FROM staged_gone")
        wake_contracts(connection, measured_by(connection, "staged_gone"), now)
    connection.exec_driver_sql("DROP TABLE staged_gone")
    return gone


def void(connection: Connection, import_id: int, now: datetime) -> int:
    """Takes back what an import said; returns how many values. What it had corrected counts
    again."""
    voided = connection.execute(_VOID_ALL, {"now": now, "import_id": import_id}).rowcount
    if voided:
        reckon(connection, _THEIRS.format(import_id=int(import_id)))
    return voided


class VoidedCount(NamedTuple):
    """The number of values taken back, and up to which id (None: there are no more)."""

    signals: int
    until: int | None


def void_some(
    connection: Connection, import_id: int, after: int, most: int, now: datetime, woken_at: datetime
) -> VoidedCount:
    """Takes back up to `most` values with ids beyond `after`, as taken back at `now`; the health
    that is measured by them is measured anew from `woken_at` on."""
    some = {"import_id": import_id, "after": after}
    until = connection.execute(_UNTIL, some | {"most": most}).scalar()
    if until is None:
        return VoidedCount(0, None)
    voided = connection.execute(_VOID_SOME, some | {"until": until, "now": now}).rowcount
    theirs = f"import_id = {int(import_id)} AND id > {int(after)} AND id <= {int(until)}"
    keys = f"SELECT DISTINCT subject_id, name, at, source FROM signals WHERE {theirs}"
    reckon(connection, keys)
    wake_contracts(connection, concerned_with(connection, f"signals WHERE {theirs}"), woken_at)
    return VoidedCount(voided, until)

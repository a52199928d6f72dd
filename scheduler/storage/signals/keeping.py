"""Keeping a piece of what was put aside (`storage.signals.staging`): what nobody knew, and what is
known otherwise.

Always holds: a piece has all that its file says of a measurement, so the order of pieces does not
matter.
"""

from typing import NamedTuple

from sqlalchemy import Connection

from scheduler.storage.signals.chains import SAME, reckon

_PIECE = """
staged_said s JOIN staged_subjects w ON w.number = s.whom JOIN staged_names n ON n.number = s.what
WHERE s.number > {after} AND s.number <= {until}"""
_LIVE = f"EXISTS (SELECT 1 FROM signals g WHERE {SAME} AND g.superseded_at IS NULL)"
_FRESH = f"""
INSERT INTO signals (subject_id, name, at, source, value, received_at, import_id)
SELECT k.subject_id, k.name, k.at, k.source, k.value, k.received_at, {{import_id}} FROM (
    SELECT w.subject_id, n.name, s.at, n.source, s.value, s.received_at FROM {_PIECE}{{alone}}
) AS k WHERE NOT {_LIVE}
"""
"""Measurements that nobody knew, said at one instant."""
_ALONE = """ AND NOT EXISTS (
    SELECT 1 FROM staged_said o WHERE o.number IN (s.number - 1, s.number + 1) AND o.whom = s.whom
    AND o.what = s.what AND o.at = s.at
)"""
"""That a file says nothing else of a measurement: that would stand beside it."""
_REST = f"""
CREATE TEMPORARY TABLE staged_rest AS SELECT k.* FROM (
    SELECT w.subject_id, n.name, s.at, n.source, s.value, s.received_at, s.told FROM {_PIECE}
) AS k LEFT JOIN signals g ON {SAME} AND g.superseded_at IS NULL
WHERE g.id IS NULL OR g.value <> k.value OR (k.told = 1 AND g.received_at <> k.received_at)
"""
"""What differs from what is known now."""
_CORRECTED = f"""
INSERT INTO signals (
    subject_id, name, at, source, value, received_at, superseded_at, import_id
) SELECT k.subject_id, k.name, k.at, k.source, k.value, k.received_at, k.received_at, {{import_id}}
FROM staged_rest k WHERE k.told = 0 OR NOT EXISTS (
    SELECT 1 FROM signals g WHERE {SAME} AND g.superseded_at IS NOT NULL AND g.voided_at IS NULL
    AND g.received_at = k.received_at AND g.value = k.value
)
"""
_KEYS = "SELECT DISTINCT subject_id, name, at, source FROM staged_rest"
_KNOWN_BEFORE = f"SELECT count(*) FROM ({_KEYS}) AS k WHERE {_LIVE}"


class KeptPiece(NamedTuple):
    """The number of values of a piece that were new, and of those that correct others."""

    new: int
    corrected: int


def keep_piece(
    connection: Connection, import_id: int, after: int, until: int, *, has_history: bool
) -> KeptPiece:
    """Keeps what has the numbers after one and until another. `has_history`: the file says when
    things became known, so that it may say several of one measurement."""
    where = {"import_id": int(import_id), "after": int(after), "until": int(until)}
    alone = _ALONE if has_history else ""
    fresh = connection.exec_driver_sql(_FRESH.format(alone=alone, **where)).rowcount
    return KeptPiece(fresh, 0) if fresh == until - after else _rest(connection, fresh, where)


def _rest(connection: Connection, fresh: int, where: dict[str, int]) -> KeptPiece:
    """Keeps what says something else than what is known, beside those that were `fresh`."""
    connection.exec_driver_sql(_REST.format(**where))
    before = connection.exec_driver_sql(_KNOWN_BEFORE).scalar_one()
    kept = connection.exec_driver_sql(_CORRECTED.format(**where)).rowcount
    reckon(connection, _KEYS)
    measured = connection.exec_driver_sql(f"SELECT count(*) FROM ({_KEYS}) AS k")
    new = int(measured.scalar_one()) - int(before)
    connection.exec_driver_sql("DROP TABLE staged_rest")
    return KeptPiece(fresh + new, kept - new)

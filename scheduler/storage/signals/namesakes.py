"""Subjects whose text has come to mean two: their signals stay whose they were, and new ones wait.

The rules
    A text that a file uses, that was once found to mean one contract or customer and now means
    several, is unmatched from then on; the subject that it was keeps its signals and whom it means,
    under a key of its own (`SET_ASIDE`). What a file says of a measurement that had come before
    repeats or corrects that one.
"""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, text

from scheduler.storage.database.bulk import Statement
from scheduler.storage.signals.staging import WHOM
from scheduler.storage.signals.subjects import SET_ASIDE, SUBJECTS, Asked, possible

_STAGED_MATCHED = """
SELECT s.kind, s.key, s.id FROM staged_subjects w JOIN signal_subjects s ON s.id = w.subject_id
WHERE s.contract_id IS NOT NULL OR s.customer_id IS NOT NULL
"""
_ASIDE = text(f"""
SELECT s.kind, s.key, s.id FROM signal_subjects s WHERE s.key LIKE '%{SET_ASIDE}%' ORDER BY s.id
""")
_RENAMED = Statement(
    "UPDATE signal_subjects SET key = ? WHERE id = ?", [SUBJECTS.c.key, SUBJECTS.c.id]
)
_STAGED = "SELECT kind, key, number FROM staged_subjects"
_NEW_FORMER = Statement(
    "INSERT INTO staged_subjects (number, kind, key, written, subject_id, former_of) "
    "VALUES (?, ?, ?, ?, ?, ?)",
    [WHOM.c[c] for c in ("number", "kind", "key", "written", "subject_id", "former_of")],
)
_FORMER = """
SELECT min(f.number) FROM staged_subjects f JOIN signals g ON g.subject_id = f.subject_id
JOIN staged_names n ON n.name = g.name AND n.source = g.source
WHERE f.former_of = staged_said.whom AND n.number = staged_said.what AND g.at = staged_said.at
AND g.superseded_at IS NULL
"""
_GIVE_BACK = f"""
UPDATE staged_said SET whom = coalesce(({_FORMER}), whom)
WHERE whom IN (SELECT former_of FROM staged_subjects)
"""


def ambiguous(connection: Connection) -> list[tuple[str, int]]:
    """The subjects of what was put aside that mean one and by now could mean several, as (key that
    they are set aside under, subject)."""
    asked: Asked = defaultdict(lambda: defaultdict(list))
    keys: dict[int, str] = {}
    for kind, key, subject in connection.exec_driver_sql(_STAGED_MATCHED):
        asked[kind][key].append(subject)
        keys[subject] = key
    return [
        (f"{keys[subject]}{SET_ASIDE}{subject}", subject)
        for found in possible(connection, asked).values()
        for subject, some in found.items()
        if len(some) > 1
    ]


def set_aside(connection: Connection, subjects: Sequence[tuple[str, int]]) -> None:
    """Puts subjects under keys of their own, so that their texts are free for new ones."""
    _RENAMED.run_many(connection, subjects)


def give_back(connection: Connection) -> None:
    """Gives measurements that had come before their text meant several to whom they were of."""
    aside = connection.execute(_ASIDE).all()
    if not aside:
        return
    staged = {(kind, key): n for kind, key, n in connection.exec_driver_sql(_STAGED)}
    number = len(staged)
    rows = [
        (number + at, kind, key, "", subject, former_of)
        for at, (kind, key, subject) in enumerate(aside, start=1)
        if (former_of := staged.get((kind, key.partition(SET_ASIDE)[0]))) is not None
    ]
    _NEW_FORMER.run_many(connection, rows)
    if rows:
        connection.exec_driver_sql(_GIVE_BACK)

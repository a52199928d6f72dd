"""Whom signals are about: the contract or customer that a text in a file means.

The rules
    A contract's number, whatever its case, means the line of terms that has it, and is kept as the
    line's first term, which never changes; a customer is meant by their id at a source or by their
    name. What two lines or two customers have in common means neither.
Always holds: whoever is unknown keeps their signals, and is looked for again when contracts have
come in (`match_subjects`).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, text

from scheduler.core.imports.records import customer_key
from scheduler.core.words.lexicon import SignalSubject
from scheduler.storage.database.bulk import Statement
from scheduler.storage.database.rows import metadata

SUBJECTS, CUSTOMERS = metadata.tables["signal_subjects"], metadata.tables["customers"]
DEALS = metadata.tables["deals"]

_CONTRACTS = text("""
WITH RECURSIVE found(subject, term) AS (
    SELECT s.id, c.id FROM contracts c JOIN signal_subjects s
        ON s.kind = 'contract' AND s.key = lower(c.number) AND s.contract_id IS NULL
    UNION SELECT s.id, c.id FROM contracts c JOIN signal_subjects s
        ON s.kind = 'contract' AND s.key = c.source_id AND s.contract_id IS NULL
    UNION SELECT f.subject, c.predecessor_id FROM found f JOIN contracts c ON c.id = f.term
        WHERE c.predecessor_id IS NOT NULL
), lines AS (
    SELECT f.subject, min(f.term) AS first FROM found f JOIN contracts c ON c.id = f.term
    WHERE c.predecessor_id IS NULL GROUP BY f.subject HAVING count(DISTINCT f.term) = 1
)
UPDATE signal_subjects SET contract_id = (SELECT first FROM lines WHERE subject = id)
WHERE id IN (SELECT subject FROM lines)
""")
_MEANS = Statement(
    "UPDATE signal_subjects SET customer_id = ? WHERE id = ?",
    [SUBJECTS.c.customer_id, SUBJECTS.c.id],
)
_CONCERNED = text("""
WITH RECURSIVE said(id) AS (
    SELECT DISTINCT subject_id FROM signals WHERE import_id = :import_id
), line(id) AS (
    SELECT s.contract_id FROM signal_subjects s JOIN said ON said.id = s.id
    WHERE s.contract_id IS NOT NULL
    UNION SELECT c.id FROM contracts c JOIN signal_subjects s ON s.customer_id = c.customer_id
    JOIN said ON said.id = s.id
    UNION SELECT c.id FROM contracts c JOIN line l ON c.predecessor_id = l.id
)
SELECT d.contract_id FROM deals d JOIN line l ON l.id = d.contract_id
WHERE d.closed_at IS NULL AND d.voided_at IS NULL ORDER BY d.contract_id
""")
_WAKE = Statement(
    "UPDATE deals SET wake_at = ?, version = version + 1 "
    "WHERE contract_id = ? AND closed_at IS NULL",
    [DEALS.c.wake_at, DEALS.c.contract_id],
)


def match_subjects(connection: Connection) -> None:
    """Finds out whom the subjects mean that nobody was known for."""
    unmatched = SUBJECTS.c.contract_id.is_(None) & SUBJECTS.c.customer_id.is_(None)
    kinds = set(connection.scalars(select(SUBJECTS.c.kind).distinct().where(unmatched)))
    if SignalSubject.CONTRACT in kinds:
        connection.execute(_CONTRACTS)
    if SignalSubject.CUSTOMER in kinds:
        _match_customers(connection)


def _match_customers(connection: Connection) -> None:
    """Finds customers by what their ids and names come to, which no database can work out."""
    asking = select(SUBJECTS.c.key, SUBJECTS.c.id).where(
        SUBJECTS.c.kind == SignalSubject.CUSTOMER, SUBJECTS.c.customer_id.is_(None)
    )
    asked: dict[str, int] = dict(map(tuple, connection.execute(asking)))
    found: dict[int, set[int]] = defaultdict(set)
    everybody = select(CUSTOMERS.c.id, CUSTOMERS.c.source_id, CUSTOMERS.c.name)
    for customer, *called in connection.execute(everybody):
        for key in map(customer_key, called):
            if key in asked:
                found[asked[key]].add(customer)
    meant = [
        (customers.pop(), subject) for subject, customers in found.items() if len(customers) == 1
    ]
    _MEANS.run_many(connection, meant)


def concerned_by(connection: Connection, import_id: int) -> list[int]:
    """The contracts with an open deal of which an import has said something new, by id."""
    return list(connection.execute(_CONCERNED, {"import_id": import_id}).scalars())


def wake_contracts(connection: Connection, contracts: Sequence[int], now: datetime) -> None:
    """Sets the alarms of the open deals of contracts to now."""
    _WAKE.run_many(connection, [(now, contract) for contract in contracts])

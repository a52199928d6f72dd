"""Whom signals are about: the contract or customer that a text in a file means.

The rules
    A contract's number, whatever its case, means the line of terms that has it, and is kept as the
    line's first term, which never changes; a customer is meant by their id at a source or by their
    name. What two lines or two customers have in common means neither; where it had meant one
    before, what was said until then stays theirs (`storage.signals.namesakes`).
Always holds: whoever is unknown keeps their signals, and is looked for again when contracts have
come in (`match_subjects`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, text

from scheduler.core.imports.names import number_key
from scheduler.core.imports.records import customer_key
from scheduler.core.words.lexicon import SignalSubject
from scheduler.storage.database.bulk import Statement
from scheduler.storage.database.rows import metadata

SUBJECTS, CUSTOMERS = metadata.tables["signal_subjects"], metadata.tables["customers"]
CONTRACTS, DEALS = metadata.tables["contracts"], metadata.tables["deals"]

_MEANS = {
    column: Statement(
        f"UPDATE signal_subjects SET {column} = ? WHERE id = ?", [SUBJECTS.c[column], SUBJECTS.c.id]
    )
    for column in ("contract_id", "customer_id")
}
_CONCERNED = """
WITH RECURSIVE said(id) AS (
    SELECT DISTINCT subject_id FROM {said}
), line(id) AS (
    SELECT s.contract_id FROM signal_subjects s JOIN said ON said.id = s.id
    WHERE s.contract_id IS NOT NULL
    UNION SELECT c.id FROM contracts c JOIN signal_subjects s ON s.customer_id = c.customer_id
    JOIN said ON said.id = s.id
    UNION SELECT c.id FROM contracts c JOIN line l ON c.predecessor_id = l.id
), everybody(id) AS (SELECT id FROM line{others})
SELECT d.contract_id FROM deals d JOIN everybody e ON e.id = d.contract_id
WHERE d.closed_at IS NULL AND d.voided_at IS NULL ORDER BY d.contract_id
"""
_OTHERS = """
    UNION SELECT c.id FROM contracts c JOIN contracts mine ON mine.customer_id = c.customer_id
    JOIN line l ON l.id = mine.id
"""
_THEIRS = "signals WHERE import_id = :import_id"
_CONCERNED_BY = {
    by_customer: text(_CONCERNED.format(said=_THEIRS, others=_OTHERS if by_customer else ""))
    for by_customer in (False, True)
}
_WAKE = Statement(
    "UPDATE deals SET wake_at = ?, health_outlook = NULL, version = version + 1 "
    "WHERE contract_id = ? AND closed_at IS NULL",
    [DEALS.c.wake_at, DEALS.c.contract_id],
)


_AT_A_TIME = 900
SET_ASIDE = "\x1f"
"""Stands in the key of a subject that was set aside, after the key that it had; in no file's."""
Asked = defaultdict[str, defaultdict[str, list[int]]]
"""Subjects by their kind and by the key that files use."""
Meanings = Mapping[str, Sequence[tuple[int, int]]]
"""Whom subjects turned out to mean, as (contract or customer, subject) by the column for it."""


def match_subjects(connection: Connection, now: datetime) -> None:
    """Finds out whom the subjects mean that nobody was known for, and keeps it."""
    keep_meanings(connection, meanings(connection), now)


def meanings(connection: Connection) -> Meanings:
    """Finds whom the subjects mean that nobody was known for. No database can work out what numbers
    and names are compared by, so contracts and customers are looked through, once for all of
    them."""
    unmatched = SUBJECTS.c.contract_id.is_(None) & SUBJECTS.c.customer_id.is_(None)
    asked: Asked = defaultdict(lambda: defaultdict(list))
    asking = select(SUBJECTS.c.kind, SUBJECTS.c.key, SUBJECTS.c.id).where(unmatched)
    for kind, key, subject in connection.execute(asking):
        asked[kind][key.partition(SET_ASIDE)[0]].append(subject)
    return {column: _single(found) for column, found in possible(connection, asked).items()}


def possible(connection: Connection, asked: Asked) -> Mapping[str, Mapping[int, set[int]]]:
    """All whom subjects may mean, by the subject, by the column for it."""
    found: dict[str, Mapping[int, set[int]]] = {}
    if contracts := asked.get(SignalSubject.CONTRACT):
        found["contract_id"] = _lines_of(connection, contracts)
    if customers := asked.get(SignalSubject.CUSTOMER):
        found["customer_id"] = _customers_of(connection, customers)
    return found


def keep_meanings(connection: Connection, meant: Meanings, now: datetime) -> None:
    """Keeps whom subjects mean. Whose health was measured without them is measured anew."""
    for column, found in meant.items():
        _MEANS[column].run_many(connection, found)
        for at in range(0, len(found), _AT_A_TIME):
            subjects = ", ".join(str(int(subject)) for _, subject in found[at : at + _AT_A_TIME])
            said = f"signals WHERE subject_id IN ({subjects})"
            wake_contracts(connection, measured_by(connection, said), now)


def _lines_of(connection: Connection, asked: Mapping[str, list[int]]) -> Mapping[int, set[int]]:
    """The first terms of the lines that subjects may mean, by the subject."""
    found: dict[int, set[int]] = defaultdict(set)
    before: dict[int, int] = {}
    query = select(
        CONTRACTS.c.id, CONTRACTS.c.predecessor_id, CONTRACTS.c.number, CONTRACTS.c.source_id
    )
    for contract, predecessor, number, source_id in connection.execute(query):
        if predecessor is not None:
            before[contract] = predecessor
        for key in (number_key(number), source_id):
            for subject in asked.get(key, ()):
                found[subject].add(contract)
    return {subject: {_first(c, before) for c in some} for subject, some in found.items()}


def _first(contract: int, before: Mapping[int, int]) -> int:
    """The first term of a contract's line."""
    while contract in before:
        contract = before[contract]
    return contract


def _customers_of(connection: Connection, asked: Mapping[str, list[int]]) -> Mapping[int, set[int]]:
    """The customers that subjects may mean, by the subject."""
    found: dict[int, set[int]] = defaultdict(set)
    everybody = select(CUSTOMERS.c.id, CUSTOMERS.c.source_id, CUSTOMERS.c.name)
    for customer, *called in connection.execute(everybody):
        for key in map(customer_key, called):
            for subject in asked.get(key, ()):
                found[subject].add(customer)
    return found


def _single(found: Mapping[int, set[int]]) -> list[tuple[int, int]]:
    """The subjects that mean exactly one, with whom they mean."""
    return [(some.pop(), subject) for subject, some in found.items() if len(some) == 1]


def concerned_by(connection: Connection, import_id: int, *, by_customer: bool = False) -> list[int]:
    """The contracts with an open deal of which an import has said something new, by id;
    `by_customer`: with all others of their customers."""
    query = _CONCERNED_BY[by_customer]
    return list(connection.execute(query, {"import_id": import_id}).scalars())


def concerned_with(connection: Connection, said: str) -> list[int]:
    """The contracts with an open deal, by id, that the subjects in a table are or may be counted
    for."""
    return list(connection.execute(text(_CONCERNED.format(said=said, others=_OTHERS))).scalars())


def measured_by(connection: Connection, said: str) -> list[int]:
    """The contracts with an open deal whose health was measured by signals of the subjects in a
    table, or without them, those of the same customers too."""
    query = _CONCERNED.format(said=said, others=_OTHERS).replace(
        "WHERE d.closed", "WHERE d.health_outlook IS NOT NULL AND d.closed"
    )
    return list(connection.execute(text(query)).scalars())


def wake_contracts(connection: Connection, contracts: Sequence[int], now: datetime) -> None:
    """Sets the alarms of the open deals of contracts to now, and has their health measured
    anew."""
    _WAKE.run_many(connection, [(now, contract) for contract in contracts])

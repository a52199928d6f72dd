"""What is known of contracts: the signals of their line of terms and of their customer.

Always holds: a batch of contracts is one query. What was known at an instant is for
`core.health.backtest` to say, from all that was ever heard.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Integer, String, bindparam, text

from scheduler.core.health.backtest import ReceivedValue
from scheduler.core.health.signals import KnownSeries, MeasuredSeries, Signal, series
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.types import UtcDateTime

_SIGNALS = metadata.tables["signals"]

_WHOSE = """
WITH RECURSIVE line(contract, term) AS (
    SELECT id, id FROM contracts WHERE id IN :contracts
    UNION SELECT l.contract, c.predecessor_id FROM line l JOIN contracts c ON c.id = l.term
        WHERE c.predecessor_id IS NOT NULL
), whose(contract, subject) AS (
    SELECT l.contract, s.id FROM line l JOIN signal_subjects s ON s.contract_id = l.term
    UNION SELECT c.id, s.id FROM contracts c JOIN signal_subjects s
        ON s.customer_id = c.customer_id WHERE c.id IN :contracts
)
"""
"""The subjects of contracts, by the contract."""
_TOGETHER = (
    _WHOSE.rstrip().removesuffix(")")
    + """
    UNION SELECT c.id, s.id FROM contracts c JOIN contracts other
        ON other.customer_id = c.customer_id JOIN signal_subjects s ON s.contract_id = other.id
        WHERE c.id IN :contracts
)
"""
)
"""The same with all other contracts of their customers."""
_TYPED = [_SIGNALS.c[name] for name in ("name", "value", "at", "received_at", "source")]
_NAMES = bindparam("names", expanding=True, type_=String)
_LIVE = {
    by_customer: text(
        whose
        + """
SELECT w.contract, g.name, g.at, g.value
FROM whose w JOIN signals g ON g.subject_id = w.subject
WHERE g.superseded_at IS NULL AND g.name IN :names
"""
    ).bindparams(bindparam("contracts", expanding=True, type_=Integer), _NAMES)
    for by_customer, whose in ((False, _WHOSE), (True, _TOGETHER))
}
"""What is believed now under some names."""
_HEARD = {
    by_customer: text(
        whose
        + """
SELECT w.contract, g.subject_id, g.name, g.value, g.at, g.received_at, g.source, g.voided_at
FROM whose w JOIN signals g ON g.subject_id = w.subject WHERE g.name IN :names
"""
    )
    .bindparams(bindparam("contracts", expanding=True, type_=Integer), _NAMES)
    .columns(
        _SIGNALS.c.id.label("contract"),
        _SIGNALS.c.subject_id,
        *_TYPED,
        _SIGNALS.c.voided_at,
    )
    for by_customer, whose in ((False, _WHOSE), (True, _TOGETHER))
}
"""Everything that was ever said under some names, what was corrected or taken back too."""


def named_signals(
    connection: Connection,
    contracts: Collection[int],
    names: Collection[str],
    *,
    by_customer: bool = False,
) -> Mapping[int, KnownSeries]:
    """What is believed of these contracts now under some names: the signals of all terms of their
    lines and of their customers; `by_customer`: also of the other contracts of their customers."""
    facts = {"contracts": list(contracts), "names": list(names)}
    with connection.execute(_LIVE[by_customer], facts) as found:
        return _series(connection, found.cursor.fetchall() if found.cursor else ())


def heard_signals(
    connection: Connection,
    contracts: Collection[int],
    names: Collection[str],
    *,
    by_customer: bool = False,
) -> Mapping[int, list[ReceivedValue]]:
    """Everything that was ever said of these contracts under some names, whatever became of it;
    `by_customer` as above."""
    facts = {"contracts": list(contracts), "names": list(names)}
    found: dict[int, list[ReceivedValue]] = defaultdict(list)
    for contract, subject, *said, voided_at in connection.execute(_HEARD[by_customer], facts):
        name, value, at, received_at, source = said
        signal = Signal(name, value, at, received_at, source)
        found[contract].append(ReceivedValue(subject, signal, voided_at))
    return found


def _series(connection: Connection, rows: Iterable[Any]) -> Mapping[int, KnownSeries]:
    """Series by contract and name; from rows as the driver gives them, for they are many."""
    instant: Callable[[Any], Any] = UtcDateTime().result_processor(connection.dialect, None)
    measured: dict[tuple[int, str], list[tuple[Any, float]]] = defaultdict(list)
    for contract, name, at, value in rows:
        measured[contract, name].append((instant(at), value))
    found: dict[int, dict[str, MeasuredSeries]] = defaultdict(dict)
    for (contract, name), some in measured.items():
        found[contract][name] = series(some)
    return found

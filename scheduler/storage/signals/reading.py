"""What is known of contracts: the signals of their line of terms and of their customer.

Always holds: a batch of contracts is one query; what was known at an instant is answered from what
had been received then, whatever was corrected or taken back since.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, text
from typing_extensions import override

from scheduler.core.health.signals import Signal
from scheduler.services.signals.store import EVER, SignalReading
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.transactions import OnConnection
from scheduler.storage.database.types import UtcDateTime

_SIGNALS = metadata.tables["signals"]
_PLACE = attrgetter("at", "name", "source")

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
_TYPED = [_SIGNALS.c[name] for name in ("name", "value", "at", "received_at", "source")]
_LIVE = (
    text(
        _WHOSE
        + """
SELECT w.contract, g.name, g.value, g.at, g.received_at, g.source
FROM whose w JOIN signals g ON g.subject_id = w.subject
WHERE g.superseded_at IS NULL AND g.at >= :since
"""
    )
    .bindparams(
        bindparam("contracts", expanding=True, type_=Integer), bindparam("since", type_=UtcDateTime)
    )
    .columns(_SIGNALS.c.id.label("contract"), *_TYPED)
)
_KNOWN = (
    text(
        _WHOSE
        + """
SELECT contract, name, value, at, received_at, source FROM (
    SELECT w.contract, g.name, g.value, g.at, g.received_at, g.source, row_number() OVER (
        PARTITION BY w.contract, g.subject_id, g.name, g.at, g.source
        ORDER BY g.received_at DESC, g.value DESC
    ) AS place
    FROM whose w JOIN signals g ON g.subject_id = w.subject
    WHERE g.received_at <= :instant AND (g.voided_at IS NULL OR g.voided_at > :instant)
        AND g.at >= :since
) AS known WHERE place = 1
"""
    )
    .bindparams(
        bindparam("contracts", expanding=True, type_=Integer),
        bindparam("since", type_=UtcDateTime),
        bindparam("instant", type_=UtcDateTime),
    )
    .columns(_SIGNALS.c.id.label("contract"), *_TYPED)
)


class SignalRows(OnConnection, SignalReading):
    """Signals as health and reports read them, on one connection."""

    @override
    def signals_of(
        self, contracts: Collection[int], since: datetime = EVER
    ) -> Mapping[int, tuple[Signal, ...]]:
        return live_signals(self._connection, contracts, since)

    @override
    def signals_known_at(
        self, contracts: Collection[int], instant: datetime, since: datetime = EVER
    ) -> Mapping[int, tuple[Signal, ...]]:
        facts = {"contracts": list(contracts), "instant": instant, "since": since}
        return _sorted(self._connection.execute(_KNOWN, facts))


def live_signals(
    connection: Connection, contracts: Collection[int], since: datetime = EVER
) -> Mapping[int, tuple[Signal, ...]]:
    """What is believed of these contracts now, of measurements from `since` on
    (`SignalReading.signals_of`)."""
    facts = {"contracts": list(contracts), "since": since}
    return _sorted(connection.execute(_LIVE, facts))


def _sorted(rows: Iterable[Any]) -> Mapping[int, tuple[Signal, ...]]:
    """Signals by contract, by instant, name and source."""
    found: dict[int, list[Signal]] = defaultdict(list)
    for contract, name, value, at, received_at, source in rows:
        found[contract].append(Signal(name, value, at, received_at, source))
    return {contract: tuple(sorted(some, key=_PLACE)) for contract, some in found.items()}

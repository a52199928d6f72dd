"""What is known of contracts: the signals of their line of terms and of their customer.

Always holds: a batch of contracts is one query; what was known at an instant is answered from what
had been received then, whatever was corrected or taken back since.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Integer, String, bindparam, text
from typing_extensions import override

from scheduler.core.health.backtest import Heard
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
_BELIEVED = """
SELECT w.contract, g.name, g.value, g.at, g.received_at, g.source
FROM whose w JOIN signals g ON g.subject_id = w.subject
WHERE g.superseded_at IS NULL AND g.at >= :since
"""


def _live(whose: str, more: str = "", *bound: Any) -> Any:
    """What is believed of the subjects in `whose`."""
    return (
        text(whose + _BELIEVED + more)
        .bindparams(
            bindparam("contracts", expanding=True, type_=Integer),
            bindparam("since", type_=UtcDateTime),
            *bound,
        )
        .columns(_SIGNALS.c.id.label("contract"), *_TYPED)
    )


_NAMED = "AND g.name IN :names"
_NAMES = bindparam("names", expanding=True, type_=String)
_LIVE = _live(_WHOSE)
_LIVE_NAMED = {False: _live(_WHOSE, _NAMED, _NAMES), True: _live(_TOGETHER, _NAMED, _NAMES)}
"""Those with some names, of the contract and its customer, or of all contracts of the customer."""
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


def named_signals(
    connection: Connection,
    contracts: Collection[int],
    names: Collection[str],
    *,
    by_customer: bool = False,
) -> Mapping[int, tuple[Signal, ...]]:
    """What is believed of these contracts now under some names; `by_customer`: also of the other
    contracts of their customers."""
    facts = {"contracts": list(contracts), "since": EVER, "names": list(names)}
    return _sorted(connection.execute(_LIVE_NAMED[by_customer], facts))


def heard_signals(
    connection: Connection,
    contracts: Collection[int],
    names: Collection[str],
    *,
    by_customer: bool = False,
) -> Mapping[int, list[Heard]]:
    """Everything that was ever said of these contracts under some names, whatever became of it;
    `by_customer` as above."""
    facts = {"contracts": list(contracts), "names": list(names)}
    found: dict[int, list[Heard]] = defaultdict(list)
    for contract, subject, *said, voided_at in connection.execute(_HEARD[by_customer], facts):
        name, value, at, received_at, source = said
        signal = Signal(name, value, at, received_at, source)
        found[contract].append(Heard(subject, signal, voided_at))
    return found


def _sorted(rows: Iterable[Any]) -> Mapping[int, tuple[Signal, ...]]:
    """Signals by contract, by instant, name and source."""
    found: dict[int, list[Signal]] = defaultdict(list)
    for contract, name, value, at, received_at, source in rows:
        found[contract].append(Signal(name, value, at, received_at, source))
    return {contract: tuple(sorted(some, key=_PLACE)) for contract, some in found.items()}

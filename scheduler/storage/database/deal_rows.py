"""The rows that deals are made of, as the database gives them.

Always holds: some deals are read in a constant number of queries; columns that may differ between
deals that live alike (names, people) come first in every row, so that the rest of two rows can be
compared at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Dialect, Table

from scheduler.storage.database.bulk import Selection
from scheduler.storage.database.rows import metadata

T = metadata.tables
DEALS, CONTRACTS, CUSTOMERS = T["deals"], T["contracts"], T["customers"]
EVENTS, NUDGES = T["events"], T["nudges"]
Columns = tuple[Any, ...]


def _columns(table: Table, own: str, facts: str) -> tuple[int, list[Column[Any]]]:
    """The columns of a table, the deal's own ones first, and the number of those."""
    names = own.split()
    return len(names), [table.c[name] for name in (*names, *facts.split())]


OWN_OF_DEAL, _DEAL = _columns(
    DEALS,
    "id key version contract_id wake_at policy_version notice_lost won lost",
    "pipeline stage stage_entered_at arrived_at baseline_at health health_because paperwork "
    "expected_on expected_chosen call called_on call_note notice_on health_said health_outlook",
)
OWN_OF_CONTRACT, _CONTRACT = _columns(
    CONTRACTS,
    "id customer_id owner_id sales_id amount source source_id number title url attributes",
    "currency product starts_on ends_on term notice renewal_term renewal_notice decide_by "
    "auto_renew evergreen estimated series_starts_on term_number",
)
OWN_OF_CUSTOMER, _CUSTOMER = _columns(CUSTOMERS, "id name parent_id", "country segment")
OWN_OF_EVENT, _EVENT = _columns(
    EVENTS,
    "deal_id id snoozed_by",
    "milestone anchor_on step day_on state was reason at answered_at snoozed_until seen answer",
)
OWN_OF_NUDGE, _NUDGE = _columns(
    NUDGES,
    "deal_id id key recipient person_id instead_of",
    "milestone anchor_on step role because state reason urgency late delayed_from",
)
_PARENT = CUSTOMERS.alias("parent")


def selection(columns: Sequence[Column[Any]], rest: str) -> Selection:
    """Selects these columns; `rest` says from where."""
    return Selection(f"SELECT {', '.join(map(str, columns))} FROM {rest}", columns)


_DEALS = selection(_DEAL, "deals WHERE id {among}")
_CONTRACTS = selection(_CONTRACT, "contracts WHERE id {among}")
_CUSTOMERS = selection(
    [*_CUSTOMER, _PARENT.c.name],
    "customers LEFT JOIN customers AS parent ON parent.id = customers.parent_id "
    "WHERE customers.id {among}",
)
"""Three queries instead of one that joins them: without statistics SQLite begins such a join at the
customers, and reads all of them for a few deals."""
_EVENTS = selection(_EVENT, "events WHERE deal_id {among} ORDER BY deal_id, id")
_NUDGES = selection(_NUDGE, "nudges WHERE deal_id {among} ORDER BY deal_id, id")


class DealRows(NamedTuple):
    """The rows of one deal, as the driver gives them."""

    deal: Columns
    contract: Columns
    customer: Columns
    events: Sequence[Columns]
    nudges: Sequence[Columns]

    def typed(self, dialect: Dialect) -> "DealRows":
        """The same in our own types."""
        return DealRows(
            _DEALS.typed(self.deal, dialect),
            _CONTRACTS.typed(self.contract, dialect),
            _CUSTOMERS.typed(self.customer, dialect),
            [_EVENTS.typed(event, dialect) for event in self.events],
            [_NUDGES.typed(nudge, dialect) for nudge in self.nudges],
        )


def read_rows(connection: Connection, ids: Sequence[int], *, told: bool = True) -> list[DealRows]:
    """The rows of some deals, no more than one statement may name; if not `told`, without events
    and nudges."""
    deals = _DEALS.rows(connection, ids)
    contracts = _by_id(_CONTRACTS.rows(connection, {deal[3] for deal in deals}))
    numbers = {contract[1] for contract in contracts.values()}
    customers = _by_id(_CUSTOMERS.rows(connection, numbers))
    events = _by_deal(_EVENTS.rows(connection, ids) if told else ())
    nudges = _by_deal(_NUDGES.rows(connection, ids) if told else ())
    return [
        DealRows(
            deal,
            contract := contracts[deal[3]],
            customers[contract[1]],
            events.get(deal[0], ()),
            nudges.get(deal[0], ()),
        )
        for deal in deals
    ]


def _by_id(rows: Iterable[Columns]) -> Mapping[int, Columns]:
    """Rows by their number."""
    return {row[0]: row for row in rows}


def _by_deal(rows: Iterable[Columns]) -> Mapping[int, Sequence[Columns]]:
    """Rows grouped by the deal they are about."""
    found: dict[int, list[Columns]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row)
    return found

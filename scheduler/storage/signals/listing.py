"""Signals for people: the latest first, with whom they are about and what they turned out to
mean."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, select
from typing_extensions import override

from scheduler.services.signals.listing import ListedSignal, SignalListing, SignalsAsked
from scheduler.storage.database.naming import holds, same
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.transactions import OnConnection

SIGNALS, SUBJECTS = metadata.tables["signals"], metadata.tables["signal_subjects"]
CONTRACTS, CUSTOMERS = metadata.tables["contracts"], metadata.tables["customers"]
_OF_CONTRACT = CUSTOMERS.alias("of_contract")


class SignalListingRows(OnConnection, SignalListing):
    """Signals as they are listed, on one connection."""

    @override
    def listed(self, asked: SignalsAsked) -> Sequence[ListedSignal]:
        customer = func.coalesce(CUSTOMERS.c.name, _OF_CONTRACT.c.name, "")
        query = (
            select(
                SUBJECTS.c.kind,
                SUBJECTS.c.written,
                or_(SUBJECTS.c.contract_id.is_not(None), SUBJECTS.c.customer_id.is_not(None)),
                customer,
                SIGNALS.c.name,
                SIGNALS.c.value,
                SIGNALS.c.at,
                SIGNALS.c.source,
                SIGNALS.c.received_at,
            )
            .join(SUBJECTS, SUBJECTS.c.id == SIGNALS.c.subject_id)
            .outerjoin(CONTRACTS, CONTRACTS.c.id == SUBJECTS.c.contract_id)
            .outerjoin(_OF_CONTRACT, _OF_CONTRACT.c.id == CONTRACTS.c.customer_id)
            .outerjoin(CUSTOMERS, CUSTOMERS.c.id == SUBJECTS.c.customer_id)
            .where(SIGNALS.c.superseded_at.is_(None), *_asked(asked))
            .order_by(SIGNALS.c.at.desc(), SUBJECTS.c.key, SIGNALS.c.name, SIGNALS.c.source)
            .limit(asked.most)
        )
        return [ListedSignal(*row) for row in self._connection.execute(query)]

    @override
    def names(self) -> frozenset[str]:
        query = select(SIGNALS.c.name).where(SIGNALS.c.superseded_at.is_(None)).distinct()
        return frozenset(self._connection.scalars(query))


def _asked(asked: SignalsAsked) -> list[ColumnElement[bool]]:
    """The conditions."""
    found: list[ColumnElement[bool]] = []
    if asked.contract:
        found.append(or_(same(CONTRACTS.c.number, asked.contract), _written(asked.contract)))
    if asked.customer:
        named = holds(CUSTOMERS.c.name, asked.customer), holds(_OF_CONTRACT.c.name, asked.customer)
        found.append(or_(*named, _written(asked.customer)))
    if asked.name:
        found.append(SIGNALS.c.name == asked.name)
    if asked.unmatched:
        found.append(SUBJECTS.c.contract_id.is_(None) & SUBJECTS.c.customer_id.is_(None))
    return found


def _written(text: str) -> ColumnElement[bool]:
    """The condition for the subjects that files call by this name."""
    return same(SUBJECTS.c.written, text)

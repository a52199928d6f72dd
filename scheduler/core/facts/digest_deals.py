"""What a digest knows of a book of deals: their tally, and of each list the few deals that a person
reads.

Always holds: a list has its own order and is cut from its end; the tally says how many there are.
`digest_deals` picks from deals that are at hand; `storage.digests.tally` picks the same from a
database without loading the rest.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from scheduler.core.deal.deal import Deal
from scheduler.core.facts.nudge_facts import money_at_risk
from scheduler.core.facts.tally import (
    Tally,
    comes_by,
    due_on,
    has_ended,
    is_asked,
    is_due,
    is_history,
    is_in_doubt,
    is_renewal,
    is_to_record,
    tally,
    unanswered,
)
from scheduler.core.policy.policy import Policy


class DealSelection(StrEnum):
    """A list of deals: which, and which of them first (`_ORDERS`)."""

    WAITING = "waiting"
    ASKED = "asked"
    TO_RECORD = "to_record"
    COMING = "coming"
    NOTICED = "noticed"
    DOUBTFUL = "doubtful"
    ENDED = "ended"
    HISTORY = "history"
    DUE = "due"
    URGENT = "urgent"


Most = Mapping[DealSelection, int]
"""The lists that are wanted, and how many deals of each."""


@dataclass(frozen=True, slots=True)
class DigestDeals:
    """What is known of some deals."""

    tally: Tally = Tally()
    picked: Mapping[DealSelection, Sequence[Deal]] = field(default_factory=dict)


def digest_deals(deals: Sequence[Deal], most: Most, policy: Policy, today: date) -> DigestDeals:
    """The book of deals that are at hand."""
    return DigestDeals(tally(deals, policy, today), picks(deals, most, policy, today))


def picks(
    deals: Sequence[Deal], most: Most, policy: Policy, today: date
) -> dict[DealSelection, list[Deal]]:
    """Of each list the first deals."""
    return {pick: _first(deals, pick, number, policy, today) for pick, number in most.items()}


def _first(
    deals: Iterable[Deal], pick: DealSelection, number: int, policy: Policy, today: date
) -> list[Deal]:
    """The first deals of one list."""
    order = _ORDERS[pick]
    ordered = sorted(
        (key, deal.id, deal) for deal in deals if (key := order(deal, policy, today)) is not None
    )
    return [deal for *_, deal in ordered[:number]]


def _value(deal: Deal, policy: Policy) -> float:
    """Sort key: what is worth most first."""
    return -policy.in_base_currency(deal.contract.amount)


def _waiting(deal: Deal, policy: Policy, today: date) -> tuple[Any, ...] | None:
    """Sort key of unanswered deals: the longest unanswered first, then what is worth most. None for
    other deals."""
    question = unanswered(deal, policy)
    return (min(question.since, today), _value(deal, policy)) if question is not None else None


def _asked(deal: Deal, policy: Policy, today: date) -> tuple[Any, ...] | None:
    """Like `_waiting`, without renewals whose term is over."""
    return _waiting(deal, policy, today) if is_asked(deal, policy, today) else None


def _to_record(deal: Deal, policy: Policy, today: date) -> tuple[Any, ...] | None:
    """Sort key of deals whose order is to be recorded: in the order of their numbers."""
    return () if is_to_record(deal, policy) else None


def _coming(deal: Deal, policy: Policy, today: date) -> tuple[Any, ...] | None:
    """By the first day on which something may come, then what is worth most."""
    day = comes_by(deal, policy, today)
    return (day, _value(deal, policy)) if day is not None else None


def _by_value(deal: Deal, policy: Policy, today: date) -> tuple[Any, ...]:
    """What is worth most first, then what is decided first."""
    return _value(deal, policy), due_on(deal, today) or date.max


def _noticed(deal: Deal, policy: Policy, today: date) -> tuple[Any, ...] | None:
    """Like `_by_value`, for deals with a notice."""
    return _by_value(deal, policy, today) if deal.notice_on is not None else None


def _doubtful(deal: Deal, policy: Policy, today: date) -> tuple[Any, ...] | None:
    """Like `_by_value`, for deals in doubt."""
    return _by_value(deal, policy, today) if is_in_doubt(deal) else None


def _due(deal: Deal, policy: Policy, today: date) -> tuple[Any, ...] | None:
    """Like `_by_value`, for deals that are due."""
    return _by_value(deal, policy, today) if is_due(deal, policy, today) else None


def _ended(deal: Deal, policy: Policy, today: date) -> tuple[Any, ...] | None:
    """Sort key of renewals that have ended: what ended first, then what is worth most. None for
    other deals, and for those that had ended before they were first loaded."""
    return None if is_history(deal) else _over(deal, policy, today)


def _history(deal: Deal, policy: Policy, today: date) -> tuple[Any, ...] | None:
    """Like `_ended`, for those that had ended before they were first loaded."""
    return _over(deal, policy, today) if is_history(deal) else None


def _over(deal: Deal, policy: Policy, today: date) -> tuple[Any, ...] | None:
    """Sort key of renewals whose term is over; None for other deals."""
    over = is_renewal(deal, policy) and has_ended(deal, today)
    return (deal.contract.ends_on, _value(deal, policy)) if over else None


def _urgent(deal: Deal, policy: Policy, today: date) -> tuple[Any, ...]:
    """Every deal, by how much is at stake how soon."""
    return (-money_at_risk(deal, policy, today),)


_ORDERS: Mapping[DealSelection, Callable[[Deal, Policy, date], tuple[Any, ...] | None]] = {
    DealSelection.WAITING: _waiting,
    DealSelection.ASKED: _asked,
    DealSelection.TO_RECORD: _to_record,
    DealSelection.COMING: _coming,
    DealSelection.NOTICED: _noticed,
    DealSelection.DOUBTFUL: _doubtful,
    DealSelection.ENDED: _ended,
    DealSelection.HISTORY: _history,
    DealSelection.DUE: _due,
    DealSelection.URGENT: _urgent,
}
"""What stands first in each list, after that the deal's number; None for a deal that is not in
it."""

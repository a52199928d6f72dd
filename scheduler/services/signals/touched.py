"""What follows when something new is known of contracts."""

from collections.abc import Sequence
from datetime import datetime

from scheduler.services.signals.store import SignalTransaction


def signalled(transaction: SignalTransaction, contracts: Sequence[int], now: datetime) -> None:
    """Of these contracts (ids, with open deals) something new is known: their deals are decided
    anew at once."""
    transaction.wake_contracts(contracts, now)

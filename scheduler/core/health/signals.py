"""One measured fact about a customer: logins, an open ticket, a score, an overdue invoice."""

from datetime import datetime
from typing import NamedTuple


class Signal(NamedTuple):
    """What was measured: `name` (lower case, as measures call it) had `value` at the instant `at`.
    `received_at` is when it was known here. Both are aware. `value` is finite; a yes or no is 1 or
    0. Two signals with the same name, instant and source are the same measurement."""

    name: str
    value: float
    at: datetime
    received_at: datetime
    source: str = ""

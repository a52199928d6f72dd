"""What people write on the command line read as days, amounts and lengths of time: `scheduler.core.typed`, for options that may be left out."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scheduler.core.dates import Term


def day_of(written: str | None) -> date | None:
    """A day with its year first, or one that can only be read in one way. Raises NotReadError.

    >>> str(day_of("2027/3/31")), str(day_of("2027年3月31日")), day_of(None)
    ('2027-03-31', '2027-03-31', None)
    """
    from scheduler.core.typed import day

    return None if written is None else day(written)


def amount_of(written: str | None, currency: str) -> Decimal | None:
    """An amount in whole units of the contract's currency: `3600000`, `¥3,600,000`, `360万円`. Raises NotReadError."""
    from scheduler.core.contracts import whole_units
    from scheduler.core.typed import amount

    return None if written is None else whole_units(amount(written, currency))


def term_of(written: str | None) -> "Term | None":
    """A length of time: `12 months`, `1年`; a bare number is months. Raises NotReadError."""
    from scheduler.core.typed import term

    return term(written) if written else None

"""What people write on the command line read as days, amounts and lengths of time:
`scheduler.core.imports.typed`, for options that may be left out."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from scheduler.core.time.dates import Term


def day_of(written: str | None) -> date | None:
    """A day with its year first, or one that can only be read in one way. Raises NotReadError.

    >>> str(day_of("2027/3/31")), str(day_of("2027年3月31日")), day_of(None)
    ('2027-03-31', '2027-03-31', None)
    """
    if written is None:
        return None
    from scheduler.core.imports.typed import day

    return day(written)


_MONTH = re.compile(r"(\d{4})(?:[-/]|\s*\u5e74\s*)(\d{1,2})(?:\s*\u6708)?")


def edge_of(written: str | None, *, last: bool) -> date | None:
    """A day, as `day_of` reads it; of a month its first day, or its last. Raises NotReadError.

    >>> [str(edge_of("2026-11", last=last)) for last in (False, True)]
    ['2026-11-01', '2026-11-30']
    >>> str(edge_of("２０２８年２月", last=True)), str(edge_of("2026-11-05", last=True))
    ('2028-02-29', '2026-11-05')
    """
    from scheduler.core.imports.written_days import narrow

    month = _MONTH.fullmatch(narrow(written).strip()) if written else None
    if month is None:
        return day_of(written)
    first = day_of(f"{month[1]}-{month[2]}-01")
    assert first is not None
    return first.replace(day=monthrange(first.year, first.month)[1]) if last else first


def instant_of(written: str, zone: ZoneInfo) -> datetime:
    """A day, from its beginning on, or a day with a time, in `zone` unless it has an offset of its
    own. Raises NotReadError.

    >>> (instant_of("2027-01-05T10:02", ZoneInfo("Asia/Tokyo")).isoformat(),
    ...  instant_of("2027/1/5", ZoneInfo("UTC")).isoformat())
    ('2027-01-05T01:02:00+00:00', '2027-01-05T00:00:00+00:00')
    """
    try:
        instant = datetime.fromisoformat(written.strip())
    except ValueError:
        instant = datetime.fromisoformat(f"{day_of(written)}")
    return (
        instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=zone).astimezone(UTC)
    )


def amount_of(written: str | None, currency: str) -> Decimal | None:
    """An amount in whole units of the contract's currency: `3600000`, `¥3,600,000`, `360万円`.
    Raises NotReadError."""
    from scheduler.core.deal.contracts import whole_units
    from scheduler.core.imports.typed import amount

    return None if written is None else whole_units(amount(written, currency))


def term_of(written: str | None) -> "Term | None":
    """A length of time: `12 months`, `1年`; a bare number is months. Raises NotReadError."""
    from scheduler.core.imports.typed import term

    return term(written) if written else None

"""What people write on the command line read as days, amounts and lengths of time, in the forms that Japanese and English writers use."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from scheduler.core.errors import UserMustActError

if TYPE_CHECKING:
    from scheduler.core.dates import Term


def day_of(written: str | None) -> date | None:
    """A day with its year first, or one that can only be read in one way. Raises UserMustActError.

    >>> str(day_of("2027/3/31")), str(day_of("2027年3月31日")), day_of(None)
    ('2027-03-31', '2027-03-31', None)
    """
    if written is None:
        return None
    from scheduler.sources.fields import readings

    found = set(readings(written).values())
    if len(found) != 1:
        raise UserMustActError(
            f"「{written}」を日付として読めません。2027-03-31 のように書いてください。", f'"{written}" is not a day; write it like 2027-03-31'
        )
    return found.pop()


def amount_of(written: str | None, currency: str) -> Decimal | None:
    """An amount in whole units of the contract's currency: `3600000`, `¥3,600,000`, `360万円`. Raises UserMustActError."""
    if written is None:
        return None
    from scheduler.core.contracts import minor_digits
    from scheduler.core.import_texts import FieldError
    from scheduler.sources.fields import read_money

    try:
        minor, _ = read_money(written, currency)
    except FieldError as error:
        raise UserMustActError(
            f"金額「{written}」を読めません({currency})。3600000 のように書いてください。",
            f'"{written}" is not an amount in {currency}; write it like 3600000',
        ) from error
    return Decimal(minor).scaleb(-minor_digits(currency))


def term_of(written: str | None) -> "Term | None":
    """A length of time: `12 months`, `1年`; a bare number is months. Raises UserMustActError."""
    from scheduler.core.dates import Term

    try:
        term = Term.parse(written) if written else None
    except ValueError as error:
        raise _no_term(written or "") from error
    if term == Term():
        raise _no_term(written or "")
    return term


def _no_term(written: str) -> UserMustActError:
    """What was written is no length of time."""
    return UserMustActError(
        f"期間「{written}」を読めません。12か月 のように書いてください。", f"\"{written}\" is not a length of time; write it like '12 months'"
    )

"""Values of HubSpot's properties: all of them travel as texts.

Always holds: what was written reads as the same value; an empty text or null is None; a `datetime`
becomes a day only in the account's zone (the close date of 31 March in Tokyo is stored as 30
March, 15:00 UTC). Sources: HubSpot's FAQ on timestamps; its pages on property values.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from scheduler.core.deal.contracts import Money, minor_digits, whole_units
from scheduler.core.time.dates import local_day
from scheduler.core.words.errors import LabelledError

_NUMBER = re.compile(r"[-+]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][-+]?\d{1,3})?")
_MILLISECONDS = re.compile(r"-?\d{11,15}|0")
_ISO_LENGTH = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LONGEST = 65_536
"""HubSpot's limit for a text, in characters."""


class PropertyType(StrEnum):
    """The types a property can have; one that is not listed is read as a text."""

    STRING = "string"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"
    ENUMERATION = "enumeration"
    BOOL = "bool"


class ValueNotReadError(LabelledError, ValueError):
    """A value that is not of its property's type."""

    def __init__(self, text: str, kind: PropertyType) -> None:
        super().__init__(
            "HubSpot sent {text}, which is not a valid {kind}; compare the property's type with "
            "the mapping",
            text=repr(text[:80]),
            kind=kind.value,
        )


def instant(text: str | None) -> datetime | None:
    """An instant from milliseconds since 1970 or from ISO 8601.

    >>> str(instant("1798740000000")), str(instant("2026-12-31T18:00:00.5Z"))
    ('2026-12-31 18:00:00+00:00', '2026-12-31 18:00:00.500000+00:00')
    """
    if not text:
        return None
    try:
        if _MILLISECONDS.fullmatch(text):
            return _EPOCH + int(text) * _MILLISECOND
        read = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ValueNotReadError(text, PropertyType.DATETIME) from None
    if read.tzinfo is None or not 1 < read.year < 9999:
        raise ValueNotReadError(text, PropertyType.DATETIME)
    return read.astimezone(UTC)


def milliseconds(at: datetime) -> int:
    """Whole milliseconds since 1970, as filters of a search want them.

    >>> milliseconds(datetime(2026, 12, 31, 18, tzinfo=UTC))
    1798740000000
    """
    return (at - _EPOCH) // _MILLISECOND


def day(text: str | None, kind: PropertyType, zone: ZoneInfo) -> date | None:
    """The day of a `date`, which is the same everywhere, or of a `datetime` in the account's zone.

    >>> str(day("2027-03-30T15:00:00Z", PropertyType.DATETIME, ZoneInfo("Asia/Tokyo")))
    '2027-03-31'
    """
    if not text:
        return None
    if kind is PropertyType.DATETIME:
        at = instant(text)
        return None if at is None else local_day(at, zone)
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    if _MILLISECONDS.fullmatch(text):
        at = instant(text)
        if at is not None and at.time() == time(0):
            return at.date()
    raise ValueNotReadError(text, PropertyType.DATE)


def day_type(text: str) -> PropertyType:
    """The type of a day whose property's type is not known.

    >>> day_type("2027-03-31").value, day_type("2027-03-30T15:00:00Z").value
    ('date', 'datetime')
    """
    return PropertyType.DATETIME if "T" in text else PropertyType.DATE


def length_text(text: str) -> str:
    """A length of time as people write it, also from ISO 8601 as HubSpot keeps a line item's.

    >>> length_text("P1Y6M"), length_text("P90D"), length_text("12 months")
    ('1 years 6 months', '90 days', '12 months')
    """
    found = _ISO_LENGTH.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        return text
    units = zip(found.groups(), ("years", "months", "weeks", "days"), strict=True)
    return " ".join(f"{count} {unit}" for count, unit in units if count)


def number(text: str | None) -> Decimal | None:
    """A number; also `3.6E6`.

    >>> number("3.6E6") == number("3600000.0") == 3600000
    True
    """
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise ValueNotReadError(text, PropertyType.NUMBER)
    return Decimal(text)


def money(text: str | None, currency: str) -> Money:
    """An amount in `currency`, rounded to its minor unit; one that is empty is not zero.

    >>> money("3.6E6", "JPY"), money("10.5", "USD"), money("", "JPY")
    (Money(minor=3600000, currency='JPY'), Money(minor=1050, currency='USD'), \
Money(minor=None, currency='JPY'))
    """
    amount = number(text)
    if amount is None:
        return Money(None, currency)
    if amount and amount.adjusted() > 18:
        raise ValueNotReadError(str(text), PropertyType.NUMBER)
    minor = amount.scaleb(minor_digits(currency)).quantize(Decimal(1), ROUND_HALF_UP)
    return Money(int(minor), currency)


def yes_no(text: str | None) -> bool | None:
    """A yes or no.

    >>> yes_no("true"), yes_no("False"), yes_no(None)
    (True, False, None)
    """
    if not text:
        return None
    word = text.lower()
    if word not in ("true", "false"):
        raise ValueNotReadError(text, PropertyType.BOOL)
    return word == "true"


def choices(text: str | None) -> tuple[str, ...]:
    """The internal values of a choice of several.

    >>> choices("a;b; c"), choices(None)
    (('a', 'b', 'c'), ())
    """
    return tuple(part for each in (text or "").split(";") if (part := each.strip()))


def written_day(on: date | None) -> str:
    """A day for a `date`; the empty text clears the property."""
    return on.isoformat() if on else ""


def written_instant(at: datetime | None) -> str:
    """An instant for a `datetime`, to the millisecond.

    >>> written_instant(datetime(2027, 1, 5, 9, 30, tzinfo=UTC))
    '2027-01-05T09:30:00.000Z'
    """
    if at is None:
        return ""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def written_money(amount: Money) -> str:
    """An amount in whole units, without an exponent.

    >>> written_money(Money(1050, "USD")), written_money(Money(3_600_000, "JPY"))
    ('10.50', '3600000')
    """
    return "" if amount.minor is None else format(whole_units(amount), "f")


def written_text(text: str) -> str:
    """A text as it is kept there: without white space around it, nothing that steers, not too long.

    >>> written_text(" logins\\x00 fell ")
    'logins fell'
    """
    shown = "".join(c for c in text if c in "\n\t" or c.isprintable())
    return shown.strip()[:_LONGEST].rstrip()


def means_same(one: str | None, other: str | None, kind: PropertyType) -> bool:
    """Whether two texts are the same value: HubSpot gives numbers and instants back in other forms
    than they were written in. Texts that cannot be read are compared as they are.

    >>> number = PropertyType.NUMBER
    >>> means_same("3600000", "3.6E6", number), means_same("", "0", number)
    (True, False)
    """
    if (one or "") == (other or ""):
        return True
    try:
        return _meaning(one, kind) == _meaning(other, kind)
    except ValueNotReadError:
        return False


def _meaning(text: str | None, kind: PropertyType) -> object:
    """The value that stands for all its spellings."""
    match kind:
        case PropertyType.NUMBER:
            return number(text)
        case PropertyType.DATETIME:
            at = instant(text)
            return None if at is None else milliseconds(at)
        case PropertyType.DATE:
            return day(text, kind, ZoneInfo("UTC"))
        case PropertyType.BOOL:
            return yes_no(text)
        case PropertyType.ENUMERATION:
            return frozenset(choices(text))
    return (text or "").strip()

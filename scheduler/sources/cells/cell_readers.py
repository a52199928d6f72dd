"""What one cell says: dates, money, booleans, lengths of time, health. Plain functions, because a
hundred thousand rows pass through them.

Always holds: nothing is guessed. A text that can be read in two ways is refused (`FieldError`), and
which order a column's dates are in is decided for the whole column
(`date_order`). Full-width digits count as digits; names are left as written.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from scheduler.core.imports.texts import FieldError
from scheduler.core.imports.typed import (
    EARLIEST_YEAR,
    FALSE,
    LATEST_YEAR,
    TRUE,
    NotReadError,
    length,
    yes_no,
)
from scheduler.core.imports.words import W, word
from scheduler.core.imports.written_amounts import read_currency as currency_of
from scheduler.core.imports.written_days import (
    UNSEEN,
    DateOrder,
    is_no_such_day,
    is_without_day,
    narrow,
    readings,
    without_time,
)
from scheduler.core.time.dates import Term
from scheduler.sources.files.workbook_errors import NO_RESULT

_EPOCH = date(1899, 12, 30)
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z| UTC| ?[+-]\d\d:?\d\d)"
)
_TIMED = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?")
_MONTH_END = re.compile(
    r"(?:月末|末日)(?:まで)?$|^end of (?:the )?month|month[- ]end$", re.IGNORECASE
)
_SERIAL = re.compile(r"[2-6]\d{4}(?:\.\d+)?")
_ERRORS = frozenset(
    (*"#N/A #REF! #VALUE! #DIV/0! #NAME? #NULL! #NUM! #SPILL! #CALC!".split(), NO_RESULT)
)


@dataclass(frozen=True, slots=True)
class DaysOf:
    """How the dates of one column are read. `order` None: every one of them is unambiguous.
    `serial`: numbers are Excel's days since 1899-12-30. `exclusive`: it names the first day after.
    `zone`: where a time with an offset (or, if `utc`, without one) is turned into a day; None where
    the times say nothing."""

    order: DateOrder | None = None
    serial: bool = False
    exclusive: bool = False
    zone: ZoneInfo | None = None
    utc: bool = False


def date_reader(how: DaysOf) -> Callable[[str], date]:
    """A function that reads the dates of one column. Raises FieldError."""
    order = how.order

    def likely(day: date) -> date:
        if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
            raise FieldError("date_far", first=EARLIEST_YEAR, last=LATEST_YEAR)
        return day

    @lru_cache(maxsize=20_000)
    def read(text: str) -> date:
        if how.zone is not None and (instant := as_instant(text, utc=how.utc)) is not None:
            likely(instant.date())
            last = instant - timedelta(seconds=1) if how.exclusive else instant
            return last.astimezone(how.zone).date()
        day = likely(_read(text))
        return day - timedelta(days=1) if how.exclusive else day

    def _read(text: str) -> date:
        found = readings(text)
        if order is None and found:
            return next(iter(found.values()))
        if order is not None and order in found:
            return found[order]
        if found:
            raise FieldError("date_order", order=order)
        if how.serial and _SERIAL.fullmatch(text):
            return _EPOCH + timedelta(days=int(float(text)))
        raise FieldError(_why_no_date(text))

    def read_fast(text: str) -> date:
        if len(text) == 10 and text[4] == "-":
            try:
                return likely(date.fromisoformat(text))
            except ValueError:
                pass
        return read(text)

    return read if how.exclusive else read_fast


def as_instant(text: str, *, utc: bool = False) -> datetime | None:
    """A time with its offset from UTC (`utc`: also one without); None for anything else.

    >>> as_instant("2026-03-31T15:00:00Z").isoformat(), as_instant("2026-03-31 15:00")
    ('2026-03-31T15:00:00+00:00', None)
    """
    if utc and _TIMED.fullmatch(text):
        text += "Z"
    if not _INSTANT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.replace(" UTC", "Z").replace(" +", "+"))
    except ValueError:
        return None


def _why_no_date(text: str) -> str:
    """The code of what is wrong with a text that is no date."""
    if _SERIAL.fullmatch(without_time(text)):
        return "excel_date"
    if text in _ERRORS:
        return "error_value"
    if is_without_day(text):
        return "date_month"
    return "date_range" if is_no_such_day(text) else "date"


@lru_cache(maxsize=1024)
def read_currency(text: str) -> str:
    """An ISO 4217 code, from itself or a sign. Raises FieldError.

    >>> read_currency("￥"), read_currency("usd"), read_currency("円")
    ('JPY', 'USD', 'JPY')
    """
    code = currency_of(text)
    if not code:
        raise FieldError("currency")
    return code


def read_boolean(text: str, true: frozenset[str] = TRUE, false: frozenset[str] = FALSE) -> bool:
    """Yes or no. Raises FieldError.

    >>> read_boolean("あり"), read_boolean("FALSE")
    (True, False)
    """
    try:
        return yes_no(text, true, false)
    except NotReadError:
        raise FieldError("boolean") from None


def read_term(text: str, field: str = "term", unit: str = "") -> Term:
    """A length of time (契約期間、解約予告); a number alone counts the column's unit. Raises
    FieldError."""
    try:
        return length(text, field, unit)
    except NotReadError as error:
        is_day = field.endswith("notice") and _MONTH_END.search(narrow(text))
        code = "term_month_end" if is_day else error.code
        raise FieldError(code, number=error.facts.get("number")) from None


def read_word(kind: type[W], text: str) -> W:
    """A closed word by its id or what it is called. Raises FieldError.

    >>> from scheduler.core.words.lexicon import Health, Language
    >>> read_word(Health, "良好"), read_word(Language, "日本語")
    (<Health.STABLE: 'stable'>, <Language.JA: 'ja'>)
    """
    try:
        return word(kind, text)
    except NotReadError:
        raise FieldError(kind.__name__.lower()) from None


NOTHING = frozenset(
    "- – — ― − ー － -- --- n/a N/A n.a. N.A. Ｎ／Ａ null NULL Null nan NaN none None NONE".split()
)
"""What stands in a cell that is left empty on purpose, or that a program had nothing for."""
_NOBODY = frozenset(
    (
        "tbd tba tbc ? なし 無し 未定 未割当 未割り当て 未設定 未登録 空席 unassigned unknown "
        "vacant nobody"
    ).split()
)
_NO_NUMBER = _NOBODY | {"未採番", "採番中", "採番前", "未発行", "未発番", "pending"}


def is_empty(text: str) -> bool:
    """Whether a cell says nothing.

    >>> is_empty(" "), is_empty("—"), is_empty("n/a"), is_empty("#N/A")
    (True, True, True, False)
    """
    text = text.strip()
    return not text or text in NOTHING


def read_person(text: str) -> str:
    """The name of an owner; empty where the cell says that there is none yet. Raises FieldError.

    >>> read_person("佐藤  健"), read_person("未定"), read_person("TBD")
    ('佐藤  健', '', '')
    """
    return "" if narrow(text).casefold() in _NOBODY else read_name(text)


_MOST_CHARACTERS, _MOST_BYTES = 500, 1500


def findable(text: str, field: str = "") -> str:
    """A number or a name by which something is found again, if it is not longer than any is: an
    index of PostgreSQL takes 2,700 bytes. Raises FieldError."""
    if 3 * len(text) > _MOST_BYTES and len(text.encode()) > _MOST_BYTES:
        raise FieldError("too_long", field, most=_MOST_CHARACTERS)
    return text


def read_name(text: str) -> str:
    """A name by which somebody is found again. Raises FieldError."""
    return findable(one_line(text))


def one_line(text: str) -> str:
    """A name as written, its line breaks made spaces. Raises FieldError for the errors that a sheet
    shows instead of a value."""
    if text.startswith("#") and (text in _ERRORS or not text.strip("#")):
        raise FieldError("error_value")
    if not text.isascii():
        text = text.translate(UNSEEN)
    return " ".join(text.split()) if "\n" in text or "\r" in text or "\t" in text else text.strip()


_MANGLED = re.compile(r"-?\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
_SALESFORCE = re.compile(r"(?:00[0-9A-Za-z]|800|a[0-9A-Za-z]{2})[0-9A-Za-z]{12}")
_USUAL = re.compile(r"[A-Za-z]{0,4}[-_/.]?[0-9]{1,9}")
"""Ids of which nothing need be taken away but their case: shorter than what Salesforce gives,
without signs that a spreadsheet adds."""
_CASES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def read_id(text: str, field: str = "") -> str:
    """An id as it is compared: width, case and spaces do not count; empty where the cell only says
    that there is none yet (TBD, 未採番). Raises FieldError, which names the field, for one that a
    spreadsheet has mangled.

    Two ids of Salesforce may differ in case alone; in their long form (18 characters) they do not,
    so that is what a short one becomes.

    >>> (read_id(" ｃ-001 "), read_id("C-001"), read_id("0065g00000AbCdE"),
    ...  read_id("0065g00000AbCdEAAV"))
    ('c-001', 'c-001', '0065g00000abcdeaav', '0065g00000abcdeaav')
    """
    if _USUAL.fullmatch(text):
        return text.lower()
    plain = " ".join(narrow(text).split())
    if plain in NOTHING or plain.casefold() in _NO_NUMBER:
        return ""
    if "+" in plain and _MANGLED.fullmatch(plain):
        raise FieldError("mangled_id", field)
    if plain.startswith("#") and (plain in _ERRORS or not plain.strip("#")):
        raise FieldError("error_value", field)
    if len(plain) == 15 and _SALESFORCE.fullmatch(plain):
        plain += "".join(
            _CASES[sum(1 << n for n, c in enumerate(plain[k : k + 5]) if c.isupper())]
            for k in (0, 5, 10)
        )
    return findable(plain.casefold(), field)

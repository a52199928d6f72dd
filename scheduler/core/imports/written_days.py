"""Days as people and programs write them: in which orders of day, month and year a text is a date.

Always holds: nothing is guessed. A text whose order is not certain has several readings, and the
caller, who knows more (a whole column, the person who typed it), decides. Full-width digits count
as digits; a text whose weekday does not fit the date is not a date.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from scheduler.core.imports.month_names import MONTHS

_LONGEST = 60
_TIME = re.compile(r"(?:T|\s+)\d{1,2}[:時].*$", re.DOTALL)
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年년]\s*(\d{1,2})\s*[-/.月월]\s*(\d{1,2})\s*[日일.]?")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_THREE = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{1,2})")
_ERA = re.compile(
    r"(令和?|平成?|昭和?|R|H|S)\s*(\d{1,2}|元)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?",
    re.IGNORECASE,
)
_MONTH_END = re.compile(
    r"(?:(\d{4})|(令和?|平成?|昭和?|R|H|S)\s*(\d{1,2}|元))\s*[-/.年]\s*(\d{1,2})\s*月?\s*(?:末日?|月末)",
    re.IGNORECASE,
)
_KANJI = "〇一二三四五六七八九"
_IN_KANJI = re.compile(rf"[{_KANJI}十]+(?=[年月日])")
_NO_DAY = re.compile(
    r"(?:\d{4}|(?:令和?|平成?|昭和?|R|H|S)\s*(?:\d{1,2}|元))\s*[-/.年]\s*(?:0?[1-9]|1[0-2])\s*月?",
    re.IGNORECASE,
)
_ERAS = {"令": 2018, "r": 2018, "平": 1988, "h": 1988, "昭": 1925, "s": 1925}
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY_MONTH = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th)?[-\s]\s*{_MONTH}[-\s,]\s*(\d{{4}}|\d{{2}})", re.IGNORECASE
)
_LOCAL_DAY = re.compile(
    r"(\d{1,2})(?:\.|er)?[-\s/]*(?:de\s+)?([^\W\d_]+)\.?[-\s/,]*(?:del?\s+)?(\d{4}|\d{2})"
)
_MONTH_DAY = re.compile(
    rf"{_MONTH}[-\s]*(\d{{1,2}})(?:st|nd|rd|th)?,?[-\s]*(\d{{4}})", re.IGNORECASE
)
_YEAR_MONTH_DAY = re.compile(rf"(\d{{4}})[-\s]*{_MONTH}[-\s]*(\d{{1,2}})", re.IGNORECASE)
_NAMED_NO_DAY = re.compile(rf"{_MONTH}[-\s,]*\d{{4}}", re.IGNORECASE)
_END_OF_MONTH = re.compile(rf"end\s+(?:of\s+)?{_MONTH},?\s*(\d{{4}})", re.IGNORECASE)
_DASHES = re.compile(r"(?<=\d)\s*[\u2010-\u2015\u2212ー]\s*(?=\d)")
_UNTIL = re.compile(r"\s*(?:まで|迄)$")
_WEEKDAYS = "mon tue wed thu fri sat sun".split()
_EN_DAY = "(mon|tue|wed|thu|fri|sat|sun)"
_WEEKDAY = re.compile(
    rf"^{_EN_DAY}(?:s|nes|rs|ur)?(?:day)?\.?,?\s+|\s*\((?:([月火水木金土日])(?:曜日?)?|{_EN_DAY})\)$|\s*([月火水木金土日])曜日?$",
    re.IGNORECASE,
)


UNSEEN = dict.fromkeys((0xFEFF, 0x200B, 0x2060, 0x00AD, 0x200E, 0x200F))
"""Signs that nobody sees: a byte order mark where two files were joined, spaces of no width."""


class DateOrder(StrEnum):
    """The order of a date's numbers, unless the year comes first with four digits."""

    DMY = "DD/MM/YYYY"
    MDY = "MM/DD/YYYY"
    YMD = "YYYY-MM-DD"


class OrderElsewhere(NamedTuple):
    """A column of dates that can be read in two ways, the field it fills, the order in which it is
    read, and the column `by` which that is settled."""

    column: str
    field: str
    order: DateOrder
    by: str


def narrow(text: str) -> str:
    """The text with full-width letters, digits and signs made narrow, and invisible characters
    removed.

    >>> narrow("Ｃ-１\\ufeff"), narrow("C\\u200b-1")
    ('C-1', 'C-1')
    """
    return text if text.isascii() else unicodedata.normalize("NFKC", text).translate(UNSEEN)


def without_time(text: str) -> str:
    """The text, narrow, without a time of day or a まで after the date."""
    plain = narrow(text.strip()[: 2 * _LONGEST])
    if not plain.isascii():
        plain = _UNTIL.sub("", _DASHES.sub("-", plain))
        plain = _IN_KANJI.sub(lambda number: from_kanji(number[0]), plain)
    return _TIME.sub("", plain)


def readings(text: str) -> Mapping[DateOrder, date]:
    """The dates that `text` can be, by order; empty if it is not a date in any. A time after the
    date is left out.

    >>> ([str(order) for order in readings("11/23/2026")], len(readings("23-11-26")),
    ...  len(readings("2026年11月23日")))
    (['MM/DD/YYYY'], 2, 3)
    >>> [str(order) for order in readings("26/4/1")], readings("1/4/6")
    (['YYYY-MM-DD'], {})
    >>> same = "2027/3/31(水)", "Wed 31 Mar 2027", "March 31, 2027", "令和9年3月31日", "R9.3.31"
    >>> {str(readings(text)[DateOrder.DMY]) for text in same}
    {'2027-03-31'}
    >>> same = "2027年3月末", "31 mars 2027", "31. März 27", "2027년 3월 31일", "2027. 3. 31."
    >>> {str(readings(text)[DateOrder.DMY]) for text in same}
    {'2027-03-31'}
    >>> same = "2027年3月31日(水)まで", "2027–03–31", "end of March 2027", "2027-Mar-31"
    >>> {str(readings(text)[DateOrder.DMY]) for text in same}
    {'2027-03-31'}
    >>> same = "令9.3.31", "令和九年三月三十一日", "二〇二七年三月三十一日(水)", "令和九年三月末"
    >>> {str(readings(text)[DateOrder.DMY]) for text in same}
    {'2027-03-31'}
    >>> [str(readings(t)[DateOrder.DMY]) for t in ("令和元年五月一日", "S63.4.1", "昭和63年4月1日")]
    ['2019-05-01', '1988-04-01', '1988-04-01']
    >>> readings("Tue 31 Mar 2027")
    {}
    """
    plain = without_time(text)
    if len(plain) > _LONGEST:
        return {}
    weekday = _WEEKDAY.search(plain)
    if weekday is None:
        return _dates(plain)
    fits = _weekday_number(weekday)
    return {
        order: day
        for order, day in _dates(_WEEKDAY.sub("", plain, count=1).strip()).items()
        if day.weekday() == fits
    }


def from_kanji(number: str) -> str:
    """Digits for a number written with kanji.

    >>> [from_kanji(n) for n in ("八", "十", "二十三", "三十", "二〇二七")]
    ['8', '10', '23', '30', '2027']
    """
    tens, ten, ones = number.partition("十")
    digits = (tens or "1") + (ones or "0") if ten else number
    return "".join(str(_KANJI.find(sign)) if sign in _KANJI else sign for sign in digits)


def is_without_day(text: str) -> bool:
    """Whether a text names a month of a year, and no day of it.

    >>> [is_without_day(t) for t in ("2027年3月", "2027-03", "令和9年3月", "March 2027", "2027年")]
    [True, True, True, True, False]
    """
    plain = without_time(text)[:_LONGEST]
    return any(pattern.fullmatch(plain) for pattern in (_NO_DAY, _NAMED_NO_DAY))


def is_no_such_day(text: str) -> bool:
    """Whether a text has the form of a date but names a day that does not exist."""
    plain = _WEEKDAY.sub("", without_time(text)[:_LONGEST], count=1).strip()
    return any(
        pattern.fullmatch(plain) for pattern in (_YEAR_FIRST, _THREE, _ERA, _DAY_MONTH, _MONTH_DAY)
    )


def _weekday_number(found: re.Match[str]) -> int:
    """The weekday that is written (Monday is 0)."""
    japanese = found[2] or found[4]
    return (
        "月火水木金土日".index(japanese)
        if japanese
        else _WEEKDAYS.index((found[1] or found[3]).lower())
    )


def _dates(plain: str) -> dict[DateOrder, date]:
    """The readings of a narrow text without time and weekday."""
    certain = _certain(plain)
    if certain is not None:
        day = _day(*certain)
        return dict.fromkeys(DateOrder, day) if day else {}
    three = _THREE.fullmatch(plain)
    if three is None:
        return {}
    a, b, c = three.groups()
    # a year has two digits at least: 26/4/1 begins with it
    found: dict[DateOrder, date | None] = {}
    if len(c) > 1:
        found = {DateOrder.DMY: _day(_century(c), b, a), DateOrder.MDY: _day(_century(c), a, b)}
    if len(a) == 2 and len(c) <= 2:
        found[DateOrder.YMD] = _day(_century(a), b, c)
    return {order: day for order, day in found.items() if day}


def _certain(plain: str) -> tuple[str, str, str] | None:
    """(year, month, day) where the writing leaves no doubt about the order."""
    if year_first := _YEAR_FIRST.fullmatch(plain) or _COMPACT.fullmatch(plain):
        return year_first[1], year_first[2], year_first[3]
    if era := _ERA.fullmatch(plain):
        return (
            str(_ERAS[era[1][0].lower()] + (1 if era[2] == "元" else int(era[2]))),
            era[3],
            era[4],
        )
    if end := _MONTH_END.fullmatch(plain):
        year = (
            int(end[1])
            if end[1]
            else _ERAS[end[2][0].lower()] + (1 if end[3] == "元" else int(end[3]))
        )
        month = int(end[4])
        return (
            (str(year), str(month), str(monthrange(year, month)[1]))
            if 1 <= month <= 12 and 1 <= year <= 9999
            else ("0", "0", "0")
        )
    if named := _DAY_MONTH.fullmatch(plain):
        return _century(named[3]), _month(named[2]), named[1]
    if (named := _LOCAL_DAY.fullmatch(plain)) and (number := MONTHS.get(named[2].casefold())):
        return _century(named[3]), str(number), named[1]
    if named := _MONTH_DAY.fullmatch(plain):
        return named[3], _month(named[1]), named[2]
    if named := _YEAR_MONTH_DAY.fullmatch(plain):
        return named[1], _month(named[2]), named[3]
    if named := _END_OF_MONTH.fullmatch(plain):
        in_year, in_month = named[2], _month(named[1])
        return in_year, in_month, str(monthrange(max(1, int(in_year)), int(in_month))[1])
    return None


def _month(name: str) -> str:
    return str(_MONTHS.index(name.lower()[:3]) + 1)


def _century(year: str) -> str:
    """A two-digit year falls in 2000 to 2099: contracts do not go further back."""
    return f"20{year}" if len(year) == 2 else year


def _day(year: str, month: str, day: str) -> date | None:
    """The date, or None if it does not exist."""
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None

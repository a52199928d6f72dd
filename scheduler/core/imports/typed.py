"""Reads what a person types: days, amounts, lengths of time, yes or no. The same reader serves
commands, web pages, forms on Slack and files.

Always holds: the same text means the same wherever it is typed, whatever the language of the page
or the machine. An ambiguous text is refused with both meanings, never guessed; a refusal says
what to write instead.
"""

import re
from collections.abc import Mapping
from datetime import date, time
from functools import lru_cache

from scheduler.core.deal.contracts import Money, minor_digits
from scheduler.core.imports.written_amounts import AmountError, DecimalMark
from scheduler.core.imports.written_amounts import readings as amounts
from scheduler.core.imports.written_days import (
    from_kanji,
    is_no_such_day,
    is_without_day,
    narrow,
)
from scheduler.core.imports.written_days import readings as days
from scheduler.core.time.dates import Term
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label

EARLIEST_YEAR, LATEST_YEAR, LONGEST_MONTHS, _SHOWN, _GROUP = 1901, 2200, 1200, 40, 3
TEXTS = {
    "money": Label("“{text}” is not an amount; write e.g. 3,600,000."),
    "money_negative": Label("An amount cannot be negative (“{text}”)."),
    "money_decimals": Label("{currency} has {digits} decimal places (“{text}”)."),
    "money_about": Label(
        "“{text}” is not an exact amount; write the amount alone, e.g. 3,600,000."
    ),
    "money_monthly": Label(
        "“{text}” is an amount per month; write that of the whole term, e.g. 3,600,000 for 300,000 "
        "a month over 12 months."
    ),
    "money_whole": Label("{currency} has no decimal places (“{text}”)."),
    "money_either": Label(
        "“{text}” can mean {first} or {second}; write it without separators for thousands, "
        "e.g. {first}."
    ),
    "money_separators": Label(
        "“{text}”: cannot tell the decimal mark from the thousands separator; write e.g. 1234.50."
    ),
    "money_currency": Label("“{symbol}” is not this contract's currency, {currency}."),
    "money_size": Label("The amount is too large."),
    "day": Label("“{text}” is not a day; write e.g. 2027-03-31."),
    "day_range": Label("“{text}” is not a date that exists; write e.g. 2027-03-31."),
    "day_missing": Label("“{text}” has no day; write e.g. 2027-03-31."),
    "day_either": Label("“{text}” can mean {first} or {second}; write e.g. {first}."),
    "day_far": Label("“{text}” is too far in the future; check the year."),
    "day_past": Label("“{text}” is too long ago; check the year."),
    "term": Label("“{text}” is not a length of time; write e.g. 12 months or 90 days."),
    "term_either": Label(
        "“{text}” can mean {number} days or {number} months; write e.g. {number} days."
    ),
    "boolean": Label("“{text}” is neither yes nor no; write yes or no."),
    "word": Label("“{text}” is not known; write one of: {listed}"),
    "note_long": Label("A note has at most {most} characters; shorten it (“{text}”)."),
    "hours": Label("“{text}” is not valid as working hours; write e.g. 09:00-18:00."),
}
TRUE = frozenset(
    [
        "true",
        "t",
        "yes",
        "y",
        "1",
        "on",
        "はい",
        "有",
        "あり",
        "有り",
        "○",
        "〇",
        "◯",
        "する",
        "自動更新",
        "自動更新あり",
        "自動",
        "✓",
        "✔",
        "☑",
        "✅",
        "レ",
        "●",
        "auto",
        "automatic",
        "自動更新有",
        "自動更新有り",
        "自動更新する",
        "自動延長",
        "可",
    ]
)
FALSE = frozenset(
    [
        "false",
        "f",
        "no",
        "n",
        "0",
        "off",
        "いいえ",
        "無",
        "なし",
        "無し",
        "×",
        "✕",
        "x",
        "しない",
        "自動更新なし",
        "自動更新無",
        "自動更新無し",
        "自動更新しない",
        "更新しない",
        "手動",
        "手動更新",
        "manual",
        "☐",
        "❌",
        "不可",
    ]
)


class NotReadError(UserMustActError):
    """The text cannot be read, or is ambiguous: `label` says so and what to write, `code` and
    `facts` are for other wordings."""

    def __init__(self, code: str, text: str, **facts: object) -> None:
        shown = " ".join(text.split())
        self.code = code
        self.facts: Mapping[str, object] = {
            "text": shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…",
            **facts,
        }
        super().__init__(TEXTS[code].filled(**self.facts))


def amount(text: str, currency: str, default: str = "JPY") -> Money:
    """An amount typed alone. A comma before three digits groups thousands unless the currency has
    three decimals, because amounts are shown that way throughout; a single point before three
    digits is ambiguous unless the currency has three decimals. Raises NotReadError.

    >>> (amount("12,50", "EUR").minor, amount("1,250", "EUR").minor,
    ...  amount("３６０万円", "JPY").minor)
    (1250, 125000, 3600000)
    >>> amount("12.500", "EUR")
    Traceback (most recent call last):
    scheduler.core.imports.typed.NotReadError: “12.500” can mean 12500 or 12.50; write it without separators for thousands, e.g. 12500.
    """  # noqa: E501
    try:
        found = amounts(text, currency, default)
    except AmountError as error:
        code = "money_whole" if error.facts.get("digits") == 0 else error.code
        raise NotReadError(code, text, **error.facts) from None
    grouped, decimal = found.get(DecimalMark.COMMA), found.get(DecimalMark.POINT)
    if decimal is not None and (
        grouped in (None, decimal) or _settled(text, minor_digits(decimal.currency))
    ):
        return decimal
    if decimal is None and grouped is not None and not _is_one_point(text):
        if _LONG_FRACTION.search(narrow(text)):
            raise NotReadError("money_separators", text)
        return grouped
    larger, *smaller = sorted(found.values(), key=lambda money: -(money.minor or 0))
    raise NotReadError(
        "money_either",
        text,
        first=_plain(larger),
        second=_plain(smaller[0]) if smaller else narrow(text).strip(),
    )


_LONG_FRACTION = re.compile(r",\d{4,}")
"""Decimals behind a comma that are too many: 1,2000 is rather a slip than 1.20."""


def _settled(text: str, digits: int) -> bool:
    """Whether the text is in the program's own notation, so that its separators are clear: commas
    group, a point begins the currency's decimals."""
    return _groups_by_comma(text) if digits < _GROUP else _is_one_point(text)


def _groups_by_comma(text: str) -> bool:
    """Whether commas are the text's only separators."""
    plain = narrow(text)
    return "," in plain and "." not in plain


def _is_one_point(text: str) -> bool:
    """Whether a single point is the text's only separator."""
    plain = narrow(text)
    return plain.count(".") == 1 and "," not in plain


def _plain(money: Money) -> str:
    """An amount with nothing but its decimals: `12500`, `12.50`."""
    digits = minor_digits(money.currency)
    whole, fraction = divmod(money.minor or 0, 10**digits)
    return f"{whole}.{fraction:0{digits}d}" if fraction else str(whole)


def day(text: str) -> date:
    """A day typed alone: year first, with its month's name, or in any other unambiguous form.
    Raises NotReadError.

    >>> str(day("2027/3/31")), str(day("Wed 31 Mar 2027")), str(day("２０２７年３月３１日"))
    ('2027-03-31', '2027-03-31', '2027-03-31')
    >>> day("3/4/2027")
    Traceback (most recent call last):
    scheduler.core.imports.typed.NotReadError: “3/4/2027” can mean 2027-03-04 or 2027-04-03; write e.g. 2027-03-04.
    """  # noqa: E501
    found = sorted(set(days(text).values()))
    if not found:
        missing = "day_missing" if is_without_day(text) else "day"
        raise NotReadError("day_range" if is_no_such_day(text) else missing, text)
    if len(found) > 1:
        raise NotReadError("day_either", text, first=found[0], second=found[1])
    if found[0].year > LATEST_YEAR:
        raise NotReadError("day_far", text)
    if found[0].year < EARLIEST_YEAR:
        raise NotReadError("day_past", text)
    return found[0]


UNITS = ("days", "weeks", "months", "years")
MOST_MONTHS = {"term": 120, "renewal_term": 120, "notice": 12, "renewal_notice": 12}
"""The fields that are lengths of time, and how large a number without a unit may be to be taken for
months: nobody gives notice 60 months ahead."""
_BARE = re.compile(r"(\d{1,6})(?:\.0+)?\s*(?:前|before)?", re.IGNORECASE)


def bare_number(text: str) -> int | None:
    """The number of a length of time that does not say its unit; None for any other text.

    >>> bare_number("９０"), bare_number("90 days"), bare_number("12.0")
    (90, None, 12)
    """
    found = _BARE.fullmatch(narrow(text).strip())
    return int(found[1]) if found else None


_FROM_THE_END = re.compile(r"^(?:契約)?(?:期間)?(?:満了|終了|更新)日?の\s*")
_AHEAD = re.compile(
    r"\s*(?:prior|in advance|before)(?:\s+(?:to|of)?\s*(?:the\s+)?(?:contract\s+)?"
    r"(?:end|expiry|expiration|renewal)(?:\s+date)?)?$",
    re.IGNORECASE,
)
_KANJI_NUMBER = re.compile(
    r"(?<![一二三四五六七八九十])[一二三四五六七八九十]+(?=\s*(?:日|週|年|[かカヵヶケ箇個ヶ]月))"
)
_SPELT = {
    word: str(number)
    for number, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve".split(), 1
    )
} | {"thirty": "30", "sixty": "60", "ninety": "90"}
_SPELT_NUMBER = re.compile(rf"^(?:{'|'.join(_SPELT)})\b", re.IGNORECASE)
_NO_NOTICE = frozenset(["なし", "無し", "無", "不要", "none required", "no notice"])


def _as_units(text: str) -> str:
    """A length of time as contracts write it, in digits: without what it counts back from, and with
    single spaces, for thousands in a row (files have such cells) would cost seconds.

    >>> [_as_units(t) for t in ("満了の二ヶ月前まで", "三十日前", "Sixty days prior to expiry")]
    ['2ヶ月前', '30日前', '60 days before']
    """
    plain = _FROM_THE_END.sub("", " ".join(narrow(text).split()))
    plain = _AHEAD.sub(" before", plain.removesuffix("に").removesuffix("まで").removesuffix("迄"))
    plain = _KANJI_NUMBER.sub(lambda number: from_kanji(number[0]), plain)
    return _SPELT_NUMBER.sub(lambda word: _SPELT[word[0].lower()], plain)


@lru_cache(maxsize=4096)
def length(text: str, field: str = "term", unit: str = "") -> Term:
    """A length of time of at most a hundred years, also none at all: `12 months`, `1年6か月`. A
    number alone counts what `unit` says (one of `UNITS`), else months, unless that would be longer
    than the field ever is; no notice (なし) is one until the last day. Raises NotReadError.

    >>> str(length("60", "notice", "days")), str(length("3", "notice")), str(length("1", "term"))
    ('60 days', '3 months', '1 month')
    >>> length("60", "notice")
    Traceback (most recent call last):
    scheduler.core.imports.typed.NotReadError: “60” can mean 60 days or 60 months; write e.g. 60 days.
    """  # noqa: E501
    plain, number = _as_units(text), bare_number(text)
    if field.endswith("notice") and plain.lower() in _NO_NOTICE:
        return Term()
    if number is not None:
        if not unit and number > MOST_MONTHS[field]:
            raise NotReadError("term_either", text, number=number)
        plain = f"{number} {unit or 'months'}"
    try:
        found = Term.parse(plain)
    except ValueError:
        raise NotReadError("term", text) from None
    if found.months > LONGEST_MONTHS or found.days > LONGEST_MONTHS * 30:
        raise NotReadError("term", text)
    return found


def term(text: str) -> Term:
    """How long a contract runs: at least a day; a bare number is months. Raises NotReadError.

    >>> str(term("１年６か月")), str(term("90日")), str(term("12"))
    ('18 months', '90 days', '12 months')
    """
    found = length(text)
    if found == Term():
        raise NotReadError("term", text)
    return found


def notice(text: str) -> Term:
    """How long before its end a contract can still be ended; zero means until its last day. Raises
    NotReadError, also for a bare 60, which would be months."""
    return length(text, "notice")


LONGEST_NOTE = 2000
"""How many characters a note may have: it stands in messages, on pages and in lists."""


def note(text: str) -> str:
    """What somebody writes in their own words, without spaces around it. Raises NotReadError for
    more than `LONGEST_NOTE` characters.

    >>> note(" asked for a discount ")
    'asked for a discount'
    """
    plain = text.strip()
    if len(plain) > LONGEST_NOTE:
        raise NotReadError("note_long", text[:LONGEST_NOTE], most=LONGEST_NOTE)
    return plain


_HOURS = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*[-~〜～–]\s*(\d{1,2})(?::(\d{2}))?")


def hours(text: str) -> tuple[time, time]:
    """Working hours, the first time the earlier. Raises NotReadError.

    >>> [f"{at:%H:%M}" for at in hours("９：００〜18")]
    ['09:00', '18:00']
    """
    found = _HOURS.fullmatch(narrow(text).strip())
    try:
        opens, closes = (
            (time(int(found[1]), int(found[2] or 0)), time(int(found[3]), int(found[4] or 0)))
            if found is not None
            else (time(), time())
        )
    except ValueError:
        raise NotReadError("hours", text) from None
    if opens >= closes:
        raise NotReadError("hours", text)
    return opens, closes


def yes_no(text: str, true: frozenset[str] = TRUE, false: frozenset[str] = FALSE) -> bool:
    """Yes or no, as these words say it. Raises NotReadError.

    >>> yes_no("あり"), yes_no("ＦＡＬＳＥ")
    (True, False)
    """
    plain = narrow(text.strip()).lower()
    if plain in true or plain in false:
        return plain in true
    raise NotReadError("boolean", text)

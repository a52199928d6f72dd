"""What a column's name says about its unit and currency: 金額(千円), "ARR (k€)", "Notice
(days)"."""

import re
from functools import lru_cache

from scheduler.core.imports.written_amounts import SIGNS, TAX
from scheduler.core.imports.written_days import narrow

_JAPANESE = {
    "千": 10**3,
    "万": 10**4,
    "十万": 10**5,
    "百万": 10**6,
    "千万": 10**7,
    "億": 10**8,
    "十億": 10**9,
}
_LONGEST = 500
_MONEY, _CODE = r"[€$£¥₩₹]", r"(?:eur|usd|gbp|chf|jpy|cad|aud|inr|krw|cny)"
_PATTERNS = (
    r"(?P<ja>十億|億|千万|百万|十万|万|千)\s*(?:円|ドル|ユーロ|元|ウォン)",
    r"単位\s*:?\s*(?P<unit>十億|億|千万|百万|十万|万|千)",
    r"\b(?P<k1>thousands?|tsd)\b",
    r"(?<![\d.,])['’]?(?P<k2>000)(?:['’]?s)?\b",
    rf"\b(?P<k3>[kt])\s?(?:{_MONEY}|{_CODE}\b)",
    rf"(?:{_MONEY}|\b{_CODE}\s?)(?P<k4>k)\b",
    r"\(\s*(?P<k5>k)\s*\)",
    r"\b(?P<m1>millions?|mio|mn)\b",
    rf"\b(?P<m2>mm?)\s?(?:{_MONEY}|{_CODE}\b)",
    rf"(?:{_MONEY}|\b{_CODE}\s?)(?P<m3>mm?)\b",
)
_UNIT = re.compile("|".join(_PATTERNS))
_IN_WORDS = re.compile(r"[(\[{][^()\[\]{}]*[)\]}]|\bin\b.*|['’]?000(?:['’]?s)?\b|単位.*")


def _legible(column: str) -> str:
    """The name of a column as the patterns here read it: narrow, with single spaces, for they try a
    run of thousands from each of its places. Empty where it is longer than any name is.

    >>> _legible("金額　　（千円）"), _legible("x" * 501)
    ('金額 (千円)', '')
    """
    plain = " ".join(narrow(column).split())
    return plain if len(plain) <= _LONGEST else ""


def header_unit(column: str) -> int:
    """The factor for each amount of the column; 1 if its name has no unit.

    >>> [header_unit(c) for c in ("金額(千円)", "売上（百万円）", "契約金額 単位：万", "金額(円)")]
    [1000, 1000000, 10000, 1]
    >>> [header_unit(c) for c in ("Amount (k€)", "ARR in thousands", "Value ($000s)", "TEUR")]
    [1000, 1000, 1000, 1000]
    >>> [header_unit(c) for c in ("Value (M€)", "USD mn", "Amount (USD)", "Amount", "A 1000")]
    [1000000, 1000000, 1, 1, 1]
    """
    found = _UNIT.search(_legible(column).lower())
    if found is None:
        return 1
    name, text = next((n, t) for n, t in found.groupdict().items() if t is not None)
    return _JAPANESE[text] if name in ("ja", "unit") else 10**3 if name[0] == "k" else 10**6


_CODES = "EUR USD GBP JPY CHF CAD AUD NZD SEK NOK DKK PLN CZK INR KRW CNY SGD HKD TWD BRL MXN ZAR"
"""Those that stand in names of columns; of all there are, some are English words (ALL, TOP)."""
_SAID = {sign: meant[0] for sign, meant in SIGNS.items() if meant[0] and not sign.isascii()}
_SAID |= {sign: meant[0] for sign, meant in SIGNS.items() if sign.endswith("$")}
_SAID |= {"ユーロ": "EUR", "$": "", "ドル": ""}
"""What a sign or a word stands for; empty: a dollar, nobody says whose."""
_CURRENCY = re.compile(
    rf"\b[KMT]?(?P<code>{'|'.join(_CODES.split())})\b"
    rf"|(?P<sign>{'|'.join(map(re.escape, sorted(_SAID, key=len, reverse=True)))})"
)
_DOLLARS = frozenset(["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD"])


@lru_cache(maxsize=256)
def header_currency(column: str, base: str) -> str:
    """The currency in the column's name; empty if there is none. A dollar is `base`, the reader's
    currency, if that is a dollar.

    >>> [header_currency(c, "JPY") for c in ("ARR (k€)", "TEUR", "Value in USD", "金額(千円)")]
    ['EUR', 'EUR', 'USD', 'JPY']
    >>> [header_currency(c, "CAD") for c in ("Value ($)", "Value (A$)", "金額（元）", "千ドル")]
    ['CAD', 'AUD', 'CNY', 'CAD']
    >>> header_currency("Value ($)", "JPY")
    'USD'
    >>> header_currency("Amount", "JPY"), header_currency("Allocated", "JPY")
    ('', '')
    """
    found = _CURRENCY.search(_legible(column).upper())
    if found is None:
        return ""
    code: str = found["code"] or _SAID[found["sign"]]
    return code or (base if base in _DOLLARS else "USD")


@lru_cache(maxsize=256)
def agrees(column: str, currency: str) -> bool:
    """Whether the currency in a column's name, if it has one, can be that of a row.

    >>> agrees("Value ($)", "CAD"), agrees("金額(¥)", "CNY"), agrees("Amount", "EUR")
    (True, True, True)
    >>> agrees("Amount (USD)", "CAD"), agrees("金額（円）", "USD")
    (False, False)
    """
    said = header_currency(column, currency)
    found = _CURRENCY.search(_legible(column).upper())
    meant = SIGNS.get(found["sign"] or "", ()) if found else ()
    return said in ("", currency) or currency in meant


_LENGTHS = {
    "days": ("days?", "d|日前?", "日数"),
    "weeks": ("weeks?", "wks?|週間?前?", "週数"),
    "months": ("months?", "mos?|m|[かカヶヵケ箇]?月間?前?", "[かカヶヵケ箇]?月数"),
    "years": ("years?", "yrs?|y|年間?", "年数"),
}
_LENGTH = re.compile(
    "|".join(
        rf"(?P<{unit}>\s*\((?:in\s+|単位:?\s*)?(?:{word}|{short}|{number})\)$"
        rf"|[\s_]+(?:in[\s_]+)?{word}$|(?<=\w){number}$)"
        for unit, (word, short, number) in _LENGTHS.items()
    ),
    re.IGNORECASE,
)


def header_length(column: str) -> str:
    """The unit of numbers in a column of lengths of time, from its name: days, weeks, months or
    years; empty if it has none.

    >>> [header_length(c) for c in ("解約予告(日)", "期間（年）", "期間 (ヶ月)", "予告日数")]
    ['days', 'years', 'months', 'days']
    >>> [header_length(c) for c in ("Notice (days)", "notice_days", "Term in months", "Term")]
    ['days', 'days', 'months', '']
    >>> header_length("Term (yrs)"), header_length("解約予告日"), header_length("Days")
    ('years', '', '')
    """
    found = _LENGTH.search(_legible(column))
    return (found.lastgroup or "") if found else ""


def without_unit(column: str) -> str:
    """The name without its unit and currency.

    >>> [without_unit(c) for c in ("金額(千円)", "Amount in thousands", "Amount (USD)", "Days (x)")]
    ['金額', 'Amount', 'Amount', 'Days (x)']
    >>> without_unit("Notice period (days)"), without_unit("解約予告日数")
    ('Notice period', '解約予告')
    """
    if header_length(column):
        return _LENGTH.sub("", _legible(column)).strip()
    says = header_unit(column) != 1 or header_currency(column, "")
    return _IN_WORDS.sub("", _legible(column)).strip() if says else column


_DAY_FORM = r"(?:[YMD]{1,4}[-/.]?){3}"
_NOTE = re.compile(
    rf"\s*[(\[{{]\s*(?:{TAX}|NET|GROSS|(?:入力)?必須|任意|REQUIRED|OPTIONAL|西暦|和暦|{_DAY_FORM})"
    r"\s*[)\]}]\s*$",
    re.IGNORECASE,
)
"""Notes that leave what a column means as it is: whether tax is in an amount, whether it has to be
filled, how days are written. Any other (月額, 予定, 営業) may say that it is another thing."""


def without_note(column: str) -> str:
    """The name without a note in brackets behind it that leaves its meaning as it is.

    >>> [without_note(c) for c in ("契約金額（税抜）", "Amount (excl. VAT)", "満了日（YYYYMMDD）")]
    ['契約金額', 'Amount', '満了日']
    >>> [without_note(c) for c in ("金額（月額）", "担当（営業）", "Amount (monthly)")]
    ['金額(月額)', '担当(営業)', 'Amount (monthly)']
    """
    plain = _legible(column)
    return _NOTE.sub("", plain) if plain else column

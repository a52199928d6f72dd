"""Amounts as people and programs write them: what a text means under each decimal mark, in minor
units.

Always holds: nothing is guessed and nothing is rounded; no floating point. `12.500` means twelve
and a half under a point, twelve thousand five hundred under a comma: both are returned, and the
caller, who knows more (a whole column, the person who typed it), decides.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from scheduler.core.deal.contracts import Money, minor_digits
from scheduler.core.imports.currencies import CODES
from scheduler.core.imports.written_days import narrow

MAX_MINOR = 2**63 - 1
_LONGEST = 60
_NO_CURRENCY = "XTS"
SIGNS = {
    "¥": ("JPY", "CNY"),
    "\\": ("JPY",),
    "円": ("JPY",),
    "元": ("CNY", "TWD"),
    "€": ("EUR",),
    "£": ("GBP",),
    "₩": ("KRW",),
    "₹": ("INR",),
    "US$": ("USD",),
    "A$": ("AUD",),
    "AU$": ("AUD",),
    "C$": ("CAD",),
    "CA$": ("CAD",),
    "NZ$": ("NZD",),
    "HK$": ("HKD",),
    "S$": ("SGD",),
    "SG$": ("SGD",),
    "NT$": ("TWD",),
    "R$": ("BRL",),
    "MX$": ("MXN",),
    "KR": ("", "SEK", "NOK", "DKK", "ISK"),
    "ZŁ": ("PLN",),
    "FR": ("CHF",),
}
_WORDS = {
    "JPY": "YEN|YENS|日本円|JP¥",
    "USD": "US DOLLAR|US DOLLARS|U.S. DOLLAR|U.S. DOLLARS|米ドル|米国ドル|USドル",
    "EUR": "EURO|EUROS|ユーロ",
    "GBP": "POUND|POUNDS|POUND STERLING|ポンド|英ポンド",
    "CNY": "YUAN|RENMINBI|RMB|人民元|中国元",
    "KRW": "WON|ウォン",
    "CHF": "SWISS FRANC|SWISS FRANCS|スイスフラン",
    "INR": "RUPEE|RUPEES|ルピー",
    "AUD": "AUSTRALIAN DOLLAR|AUSTRALIAN DOLLARS|豪ドル|オーストラリアドル",
    "CAD": "CANADIAN DOLLAR|CANADIAN DOLLARS|カナダドル",
    "SGD": "SINGAPORE DOLLAR|SINGAPORE DOLLARS|シンガポールドル",
    "HKD": "HONG KONG DOLLAR|HONG KONG DOLLARS|香港ドル",
    "TWD": "NEW TAIWAN DOLLAR|台湾ドル|台湾元",
}
SIGNS |= {word: (code,) for code, words in _WORDS.items() for word in words.split("|")}
"""The currencies a sign can stand for; the first is meant where nothing else says which (empty: it
cannot be told)."""
_TIMES = {"百": 100, "千": 1000, "万": 10**4, "億": 10**8, "兆": 10**12, "K": 10**3, "M": 10**6} | {
    f"{few}{many}": factor * 10**power
    for few, factor in (("十", 10), ("百", 100), ("千", 1000))
    for many, power in (("万", 4), ("億", 8), ("兆", 12))
}
_TIMES |= dict.fromkeys(("MILLION", "MILLIONS", "MIO", "MN"), 10**6)
_TIMES |= {"THOUSAND": 10**3, "TSD": 10**3, "BILLION": 10**9, "BN": 10**9}
_NUMBER = r"(?:\d(?:[.,' ]?\d)*\.?|\.\d+)"
_TIME = "|".join(sorted(_TIMES, key=len, reverse=True))
_SPELT = "|".join(re.escape(word) for word in sorted(SIGNS, key=len, reverse=True))
_SIGN = rf"[A-Z]{{1,2}}\$|KR\.?|FR\.?|{_SPELT}|DOLLARS?|ドル|\$|[A-Z]{{3}}"
_DOLLARS = frozenset(["$", "DOLLAR", "DOLLARS", "ドル"])
_TAX_KINDS = {
    "税込": r"税込み?|(?:INCL?\.?|INCLUDING|WITH)\s*(?:VAT|TAX|GST)",
    "税抜": r"税抜き?|税別|(?:EXCL?\.?|EXCLUDING|WITHOUT|PLUS|\+)\s*(?:VAT|TAX|GST)",
}
TAX = f"(?:{'|'.join(_TAX_KINDS.values())})"
_TAX = re.compile(rf"\s*[(\[]?\s*{TAX}\s*[)\]]?\s*$|^\s*[(\[]?\s*税(?:抜き?|別|込み?)\s*[)\]]?")
_TAX_SAID = {
    kind: re.compile(rf"{said}|[(\[]\s*{word}\s*[)\]]")
    for (kind, said), word in zip(_TAX_KINDS.items(), ("GROSS", "NET"), strict=True)
}
_FREE = frozenset(["FREE", "FREE OF CHARGE", "NO CHARGE", "無料", "無償"])
_NO_CENTS = re.compile(r"(?<=\d)([.,])[-−–—]{1,2}(?!\d)")
_AMOUNT = re.compile(
    rf"(?P<open>\()?\s*(?P<minus>[-−–△▲])?\s*(?P<sign>{_SIGN})?\s*(?P<minus2>[-−–])?"
    rf"(?P<body>(?:{_NUMBER}\s*(?:{_TIME})\s*)*(?:{_NUMBER})?)\s*(?P<unit>{_SIGN})?(?P<tail>[-−–])?\s*(?P<close>\))?"
)
_PART = re.compile(rf"({_NUMBER})\s*({_TIME})?")
_INDIAN = frozenset(["INR", "PKR", "BDT", "NPR", "LKR"])


class DecimalMark(StrEnum):
    """Which sign begins the decimals."""

    POINT = "."
    COMMA = ","


class AmountError(ValueError):
    """Why a text is no amount: a code, and the facts its sentence names."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def readings(
    text: str, currency: str = "", default: str = "JPY", multiple: int = 1
) -> Mapping[DecimalMark, Money]:
    """What `text` means under each decimal mark that its separators allow. Its currency is the one
    it names, which must agree with `currency`; else `currency`, else `default`. It is multiplied by
    `multiple`, unless it names its own unit (5千万円). Raises AmountError if it is an amount under
    neither sign.

    >>> readings("¥1,200,000")
    {<DecimalMark.POINT: '.'>: Money(minor=1200000, currency='JPY')}
    >>> readings("12,50", "EUR")
    {<DecimalMark.COMMA: ','>: Money(minor=1250, currency='EUR')}
    >>> {str(mark): money.minor for mark, money in readings("12.500", "EUR").items()}
    {'.': 1250, ',': 1250000}
    >>> point, comma = DecimalMark.POINT, DecimalMark.COMMA
    >>> readings("１億2,000万円")[point].minor, readings("1.2M", "USD")[point].minor
    (120000000, 120000000)
    >>> [readings(t)[point].minor for t in ("¥1,200,000(税抜)", "12,000 Yen", "1.2 million")]
    [1200000, 12000, 1200000]
    >>> [readings(t)[point].minor for t in ("120万円(税込)", "無料", "free")]
    [1200000, 0, 0]
    >>> readings("1.200,-", "EUR")[comma].minor, readings("$12 USD")[point].currency
    (120000, 'USD')
    >>> [readings(t, multiple=1000)[point].minor for t in ("1,200", "120万円")]
    [1200000, 1200000]
    """
    if narrow(text).strip().upper() in _FREE:
        return dict.fromkeys(DecimalMark, Money(0, currency or default))
    parts, code = _taken_apart(text, currency, default)
    multiple = multiple if all(factor == 1 for _, factor in parts) else 1
    values = {mark: value for mark in DecimalMark if (value := _sum(parts, mark, code)) is not None}
    if not values:
        raise AmountError("money_separators")
    digits = minor_digits(code)
    exact = {
        mark: scaled
        for mark, value in values.items()
        if (scaled := (value * multiple).scaleb(digits)) == scaled.to_integral_value()
    }
    if not exact:
        raise AmountError("money_decimals", currency=code, digits=digits)
    fitting = {mark: Money(int(value), code) for mark, value in exact.items() if value <= MAX_MINOR}
    if not fitting:
        raise AmountError("money_size")
    return fitting


def tax_said(text: str) -> str:
    """What an amount, or the name of a column of amounts, says about tax: one of two marks that
    stand for "with" and "without", empty where it says nothing.

    >>> tax_said("120万円(税込)") == tax_said("Amount (incl. VAT)") == tax_said("Price (gross)")
    True
    >>> tax_said("税別 120万円") == tax_said("$90 excl. tax") == tax_said("ACV [net]")
    True
    >>> tax_said("120万円(税込)") == tax_said("120万円(税抜)"), tax_said("Net amount")
    (False, '')
    """
    plain = " ".join(narrow(text).split()).upper()
    return next((kind for kind, said in _TAX_SAID.items() if said.search(plain)), "")


def names_currency(text: str) -> bool:
    """Whether a text is an amount that says its currency.

    >>> names_currency("$99"), names_currency("99円"), names_currency("99"), names_currency("99席")
    (True, True, False, False)
    """
    try:
        found = readings(text, default=_NO_CURRENCY)
    except AmountError:
        return False
    return all(money.currency != _NO_CURRENCY for money in found.values())


def read_currency(sign: str) -> str:
    """The currency of a sign or code; empty if it is none or ambiguous.

    >>> read_currency("￥"), read_currency("usd"), read_currency("円"), read_currency("kr")
    ('JPY', 'USD', 'JPY', '')
    >>> read_currency("Yen"), read_currency("米ドル"), read_currency("Euros"), read_currency("ABC")
    ('JPY', 'USD', 'EUR', '')
    """
    plain = " ".join(narrow(sign).split()).upper().rstrip(".")
    if plain in SIGNS:
        return SIGNS[plain][0]
    return plain if plain in CODES else ""


def _taken_apart(text: str, currency: str, default: str) -> tuple[list[tuple[str, int]], str]:
    """The numbers of a text, each with what it is multiplied by, and the currency."""
    plain = " ".join(narrow(text).split()).upper().translate(_APOSTROPHES)
    plain = _NO_CENTS.sub(r"\g<1>0", _TAX.sub("", plain))
    if len(plain) > _LONGEST:
        raise AmountError("money_size" if plain.isdecimal() else "money")
    match = _AMOUNT.fullmatch(plain)
    if match is None:
        raise AmountError(_why_no_amount(plain))
    if (
        not match["body"]
        or (match["sign"] and match["sign"] == match["unit"])
        or bool(match["open"]) != bool(match["close"])
    ):
        raise AmountError("money")
    if match["minus"] or match["minus2"] or match["tail"] or match["open"]:
        raise AmountError("money_negative")
    parts = [(number, _TIMES.get(times, 1)) for number, times in _PART.findall(match["body"])]
    factors = [factor for _, factor in parts]
    if factors != sorted(set(factors), reverse=True):
        raise AmountError("money")
    for sign in (match["unit"], match["sign"]):
        currency = _currency((sign or "").rstrip("."), currency)
    return parts, currency or default


_MONTHLY = re.compile(
    r"月額|毎月|月々|/\s*(?:1?[かカヶヵケ箇]?月|MO\b|MONTH)|MONTHLY|PER MONTH|A MONTH|\bMRR\b"
)
_ABOUT = re.compile(
    r"^(?:約|およそ|概算|~|ABOUT\b|APPROX|CA\.?\s|CIRCA\b)|(?:程度|前後|くらい|ぐらい|弱|強|概算)[)]?$"
)


def _why_no_amount(plain: str) -> str:
    """The code of what is wrong with a text that is no amount."""
    if any(map(str.isdigit, plain)):
        if _MONTHLY.search(plain):
            return "money_monthly"
        if _ABOUT.search(plain):
            return "money_about"
    return "money"


_APOSTROPHES = str.maketrans("\u2019\u2018\u02bc\u00b4", "''''")


def _currency(sign: str, currency: str) -> str:
    """The currency that a sign or code in the text stands for; one that contradicts the row's
    currency is refused. A bare $ is the row's dollar."""
    if not sign:
        return currency
    if sign in _DOLLARS:
        possible: tuple[str, ...] = ("USD", *([currency] if currency.endswith("D") else []), "MXN")
    elif sign not in SIGNS and sign not in CODES:
        raise AmountError("money")
    else:
        possible = SIGNS.get(sign, (sign,))
    if currency and currency not in possible:
        raise AmountError("money_currency", symbol=sign, currency=currency)
    if not currency and not possible[0]:
        raise AmountError("money")
    return currency or possible[0]


def _sum(parts: list[tuple[str, int]], mark: DecimalMark, currency: str) -> Decimal | None:
    """The sum of the parts under one decimal mark; None if a separator is in the wrong place for
    it."""
    values = [number_under(number, mark, currency) for number, _ in parts]
    return (
        None
        if None in values
        else sum(
            (
                value * factor
                for value, (_, factor) in zip(values, parts, strict=True)
                if value is not None
            ),
            Decimal(),
        )
    )


def number_under(number: str, mark: DecimalMark, currency: str) -> Decimal | None:
    """What digits with separators mean under one decimal mark; None if a separator is in the wrong
    place for it. `currency`: some group otherwise."""
    whole, sign, fraction = number.partition(mark)
    grouper = "[,' ]" if mark is DecimalMark.POINT else "[.' ]"
    few = r"\d{1,2}(?:,\d{2})*,\d{3}|" if currency in _INDIAN and mark is DecimalMark.POINT else ""
    grouped = rf"(?:{few}(?!0)\d{{1,3}}({grouper})\d{{3}}(?:\1\d{{3}})*|\d*)"
    if (
        not re.fullmatch(grouped, whole)
        or not re.fullmatch(r"\d*", fraction)
        or (sign and not fraction and mark is DecimalMark.COMMA)
    ):
        return None
    return Decimal(re.sub(grouper, "", whole) + "." + fraction) if whole + fraction else None

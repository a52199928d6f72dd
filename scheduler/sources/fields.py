"""What one cell says: dates, money, booleans, lengths of time, health. Plain functions, because a hundred thousand rows pass through them.

Always holds: nothing is guessed. A text that can be read in two ways is refused (`FieldError`), and which order a column's dates are in is
decided for the whole column (`scheduler.sources.date_columns`). Full-width digits count as digits; names are left as written.
"""

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache

from scheduler.core.contracts import minor_digits
from scheduler.core.dates import Term
from scheduler.core.import_texts import FieldError
from scheduler.core.typed import FALSE, TRUE
from scheduler.core.words import Health
from scheduler.core.written_days import DateOrder, is_no_such_day, narrow, readings, without_time

_SERIAL = re.compile(r"[2-6]\d{4}(?:\.\d+)?")
_MAX_MINOR = 2**63 - 1
_LONGEST = 40


def date_reader(order: DateOrder | None) -> Callable[[str], date]:
    """A function that reads the dates of one column; `order` None means that every one of them is unambiguous. Raises FieldError."""

    @lru_cache(maxsize=20_000)
    def read(text: str) -> date:
        found = readings(text)
        if order is None and found:
            return next(iter(found.values()))
        if order is not None and order in found:
            return found[order]
        if found:
            raise FieldError("date_order", order=order)
        raise FieldError(_why_no_date(text))

    def read_fast(text: str) -> date:
        if len(text) == 10 and text[4] == "-":
            try:
                return date.fromisoformat(text)
            except ValueError:
                pass
        return read(text)

    return read_fast


def _why_no_date(text: str) -> str:
    """The code of what is wrong with a text that is no date."""
    if _SERIAL.fullmatch(without_time(text)):
        return "excel_date"
    return "date_range" if is_no_such_day(text) else "date"


_SIGNS = {"¥": "JPY", "\\": "JPY", "円": "JPY", "€": "EUR", "£": "GBP", "$": ""}
_DOLLARS = {"US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "SG$": "SGD"}
_MULTIPLES = {"千": 1_000, "万": 10_000, "百万": 1_000_000, "億": 100_000_000}
_AMOUNT = re.compile(
    r"(?P<open>\()?(?P<minus>[-−△▲])?\s*(?P<sign>[A-Z]{1,2}\$|[¥\\€£$]|[A-Z]{3})?\s*(?P<minus2>[-−])?(?P<number>\d[\d.,' ]*|\.\d+)\s*"
    r"(?P<times>百万|[千万億])?(?P<unit>円|[A-Z]{3}|€)?(?P<tail>[-−])?(?P<close>\))?"
)
_GROUPED = {
    ".": re.compile(r"\d{1,3}(?:[,' ]\d{3})*(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+"),
    ",": re.compile(r"\d{1,3}(?:[.' ]\d{3})*(?:,\d*)?|\d+(?:,\d*)?"),
}


def read_money(text: str, currency: str, decimal: str | None = None, multiple: int = 1, default: str = "JPY") -> tuple[int, str]:
    """The amount in minor units and its currency: what the cell itself says (¥, 円, USD …), which must agree with `currency`, else `default`.

    `decimal` is the declared decimal sign; without one it is the point, and a comma only groups thousands. Raises FieldError.

    >>> read_money("1,200,000円", ""), read_money("$1,234.50", "USD"), read_money("１２０万円", "JPY")
    ((1200000, 'JPY'), (123450, 'USD'), (1200000, 'JPY'))
    """
    if text.isdecimal() and text.isascii() and len(text) < 13:
        code = currency or default
        return int(text) * multiple * 10 ** minor_digits(code), code
    match = _AMOUNT.fullmatch(narrow(text.strip()).upper())
    if match is None:
        raise FieldError("money")
    if match["minus"] or match["minus2"] or match["tail"] or match["open"]:
        raise FieldError("money_negative")
    code = _currency(match["sign"] or match["unit"] or "", currency) or default
    return _minor(match["number"].strip(), code, decimal, multiple * _MULTIPLES.get(match["times"] or "", 1)), code


def _currency(sign: str, currency: str) -> str:
    """The currency of a sign or code in the cell, which must agree with the row's. A bare $ is whatever dollar the row says, else USD."""
    said = _SIGNS.get(sign) or _DOLLARS.get(sign, sign)
    if "$" in said and said != "$":
        raise FieldError("money")
    if sign == "$":
        said = currency if currency.endswith("D") else "USD"
    if said and currency and said != currency:
        raise FieldError("money_currency", symbol=sign, currency=currency)
    return said or currency


def _minor(number: str, currency: str, decimal: str | None, multiple: int) -> int:
    """A number's text in minor units, without floating point."""
    sign = decimal or "."
    if len(number) > _LONGEST:
        raise FieldError("money_size")
    if not _GROUPED[sign].fullmatch(number):
        raise FieldError("money_separators" if decimal is None and "," in number else "money")
    whole, _, fraction = re.sub(r"[' ]|\." if sign == "," else r"[' ,]", "", number).partition(sign)
    digits = minor_digits(currency)
    value, rest = divmod(int((whole or "0") + fraction) * multiple * int(10**digits), int(10 ** len(fraction)))
    if rest:
        raise FieldError("money_decimals", currency=currency, digits=digits)
    if value > _MAX_MINOR:
        raise FieldError("money_size")
    return value


def read_currency(text: str) -> str:
    """An ISO 4217 code, from itself or a sign. Raises FieldError.

    >>> read_currency("￥"), read_currency("usd"), read_currency("円")
    ('JPY', 'USD', 'JPY')
    """
    plain = narrow(text.strip()).upper()
    code = _SIGNS.get(plain) or plain
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise FieldError("currency")
    return code


def read_boolean(text: str, true: frozenset[str] = TRUE, false: frozenset[str] = FALSE) -> bool:
    """Yes or no. Raises FieldError.

    >>> read_boolean("あり"), read_boolean("FALSE")
    (True, False)
    """
    plain = narrow(text.strip()).lower()
    if plain in true:
        return True
    if plain in false:
        return False
    raise FieldError("boolean")


@lru_cache(maxsize=4096)
def read_term(text: str) -> Term:
    """A length of time (契約期間、解約予告). Raises FieldError."""
    try:
        return Term.parse(text)
    except ValueError:
        raise FieldError("term") from None


_HEALTHS = {
    Health.STABLE: "stable 安定稼働 安定 良好 green healthy 健全",
    Health.AT_RISK: "at_risk 要注意 注意 yellow atrisk at-risk",
    Health.CRITICAL: "critical 解約危機 危険 red",
    Health.UNKNOWN: "unknown 未評価 不明",
}
_HEALTH = {word: health for health, words in _HEALTHS.items() for word in words.split()} | {"at risk": Health.AT_RISK}


def read_health(text: str) -> Health:
    """A health by its id or its label. Raises FieldError."""
    found = _HEALTH.get(narrow(text.strip()).lower())
    if found is None:
        raise FieldError("health")
    return found


def one_line(text: str) -> str:
    """A name as written, its line breaks made spaces."""
    return " ".join(text.split()) if "\n" in text or "\r" in text or "\t" in text else text.strip()

"""How days, money and spans are written for people, in Japanese and English.

Always holds: pure; no locale of the machine is read, so that a message is the same wherever it is
made.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from scheduler.core.deal.contracts import Money, minor_digits
from scheduler.core.time.dates import Offset, Term
from scheduler.core.words.lexicon import Language
from scheduler.core.words.units import counted

_JA_DAYS = "月火水木金土日"
_EN_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_EN_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_SYMBOLS = {
    "JPY": "¥",
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "KRW": "₩",
    "INR": "₹",
    "AUD": "A$",
    "CAD": "CA$",
    "NZD": "NZ$",
    "SGD": "S$",
}
_NEAR_DAYS = 300


def long_day(day: date, language: Language) -> str:
    """A day with its year and weekday.

    >>> long_day(date(2027, 3, 31), Language.JA), long_day(date(2027, 3, 31), Language.EN)
    ('2027/3/31(水)', 'Wed 31 Mar 2027')
    """
    if language is Language.JA:
        return f"{day.year}/{day.month}/{day.day}({_JA_DAYS[day.weekday()]})"
    return f"{_EN_DAYS[day.weekday()]} {day.day} {_EN_MONTHS[day.month - 1]} {day.year}"


def near_day(day: date, today: date, language: Language) -> str:
    """A day with its weekday; with its year only where that could be mistaken.

    >>> (near_day(date(2027, 1, 31), date(2026, 12, 28), Language.JA),
    ...  near_day(date(2028, 1, 31), date(2026, 12, 28), Language.EN))
    ('1/31(日)', 'Mon 31 Jan 2028')
    """
    short = short_day(day, today, language)
    return (
        f"{short}({_JA_DAYS[day.weekday()]})"
        if language is Language.JA
        else f"{_EN_DAYS[day.weekday()]} {short}"
    )


def short_day(day: date, today: date, language: Language) -> str:
    """A day in a few characters, for subjects.

    >>> (short_day(date(2027, 1, 29), date(2026, 12, 28), Language.JA),
    ...  short_day(date(2027, 1, 29), date(2026, 12, 28), Language.EN))
    ('1/29', '29 Jan')
    """
    near = abs((day - today).days) <= _NEAR_DAYS
    if language is Language.JA:
        return f"{day.month}/{day.day}" if near else f"{day.year}/{day.month}/{day.day}"
    return f"{day.day} {_EN_MONTHS[day.month - 1]}" + ("" if near else f" {day.year}")


def clock_word(at: datetime | None, zone: ZoneInfo, unknown: str = "") -> str:
    """An instant on the clock of `zone`; `unknown` where there is none.

    >>> (clock_word(datetime.fromisoformat("2027-01-05T01:02:03+00:00"), ZoneInfo("Asia/Tokyo")),
    ...  clock_word(None, ZoneInfo("UTC"), "—"))
    ('2027-01-05 10:02', '—')
    """
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at is not None else unknown


def money(amount: Money) -> str:
    """An amount with its currency's sign and as many decimals as the currency has.

    Empty where nobody knows the amount.

    >>> (money(Money(3_600_000, "JPY")), money(Money(123_450, "USD")), money(Money(-5, "CHF")),
    ...  money(Money(None, "EUR")))
    ('¥3,600,000', '$1,234.50', '-CHF 0.05', '')
    """
    if amount.minor is None:
        return ""
    digits = minor_digits(amount.currency)
    whole, fraction = divmod(abs(amount.minor), 10**digits)
    number = f"{whole:,}" + (f".{fraction:0{digits}d}" if digits else "")
    sign = "-" if amount.minor < 0 else ""
    written = f"{amount.currency} " if amount.currency else ""
    return f"{sign}{_SYMBOLS.get(amount.currency, written)}{number}"


def sums_words(
    amounts: Iterable[Money],
    without: int,
    language: Language,
    worded: Callable[[Money], str] = money,
) -> str:
    """Sums in several currencies, and how many amounts are missing in them.

    >>> (sums_words([Money(100, "JPY"), Money(500, "USD")], 3, Language.EN),
    ...  sums_words([], 1, Language.JA))
    ('¥100 + $5.00, 3 without an amount', '金額不明1件')
    """
    known = " + ".join(worded(amount) for amount in amounts)
    ja = language is Language.JA
    missing = (f"金額不明{without}件" if ja else f"{without} without an amount") if without else ""
    return ("・" if ja else ", ").join(part for part in (known, missing) if part)


def per_term(term: Term | None, language: Language) -> str:
    """What an amount is for: `/年`, `/24 months`; empty where the term is not known.

    >>> (per_term(Term(months=12), Language.JA), per_term(Term(months=24), Language.EN),
    ...  per_term(Term(days=90), Language.JA))
    ('/年', '/2 years', '/90日')
    """
    if term is None or term == Term():
        return ""
    years, months = divmod(term.months, 12)
    number, unit = (
        (term.days, "day")
        if term.days
        else (years, "year")
        if not months
        else (term.months, "month")
    )
    if language is Language.JA:
        return "/" + (
            {"year": "年", "month": "月"}[unit]
            if number == 1 and unit != "day"
            else f"{number}{_JA_UNITS[unit]}"
        )
    return f"/{unit}" if number == 1 else f"/{number} {unit}s"


_JA_UNITS = {"year": "年", "month": "か月", "day": "日", "working day": "営業日"}


def length_words(term: Term, language: Language) -> str:
    """A length of time.

    >>> length_words(Term(12), Language.JA), length_words(Term(days=90), Language.EN)
    ('12か月', '90 days')
    """
    if language is Language.JA:
        return f"{term.months}か月" if term.months else f"{term.days}日"
    return str(term)


def rhythm_words(every: Term, anchor: str, language: Language) -> str:
    """How often a milestone comes again.

    >>> (rhythm_words(Term(months=3), "契約開始", Language.JA),
    ...  rhythm_words(Term(days=14), "the start", Language.EN))
    ('3か月ごと(契約開始から数えて)', 'every 14 days, counted from the start')
    """
    number, unit = (every.months, "month") if every.months else (every.days, "day")
    if language is Language.JA:
        return f"{number}{_JA_UNITS[unit]}ごと({anchor}から数えて)"
    return f"every {unit if number == 1 else f'{number} {unit}s'}, counted from {anchor}"


def offset_words(offset: Offset, anchor: str, language: Language) -> str:
    """How a milestone lies to its anchor.

    >>> (offset_words(Offset(months=-3), "満了", Language.JA),
    ...  offset_words(Offset(months=-3), "the end", Language.EN))
    ('満了3か月前', '3 months before the end')
    >>> (offset_words(Offset(), "満了", Language.JA),
    ...  offset_words(Offset(business_days=1), "the end", Language.EN))
    ('満了当日', '1 working day after the end')
    """
    parts = [
        (n, u)
        for n, u in (
            (offset.months, "month"),
            (offset.days, "day"),
            (offset.business_days, "working day"),
        )
        if n
    ]
    if not parts:
        return f"{anchor}当日" if language is Language.JA else f"on the day of {anchor}"
    before = parts[0][0] < 0
    if language is Language.JA:
        return (
            anchor
            + "".join(f"{abs(n)}{_JA_UNITS[u]}" for n, u in parts)
            + ("前" if before else "後")
        )
    length = " ".join(counted(abs(n), u) for n, u in parts)
    return f"{length} {'before' if before else 'after'} {anchor}"

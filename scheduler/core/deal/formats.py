"""How days, money and spans are written for people, in each language.

Always holds: pure; the machine's locale is not read, so a message is the same wherever it is made.
"""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache, reduce
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.core.deal.contracts import Money, minor_digits
from scheduler.core.time.dates import Offset, Term
from scheduler.core.words.labels import ByLanguage, Joined, Label
from scheduler.core.words.lexicon import Language

_WEEKDAYS = (
    Label("Mon"),
    Label("Tue"),
    Label("Wed"),
    Label("Thu"),
    Label("Fri"),
    Label("Sat"),
    Label("Sun"),
)
_MONTHS = (
    Label("Jan"),
    Label("Feb"),
    Label("Mar"),
    Label("Apr"),
    Label("May"),
    Label("Jun"),
    Label("Jul"),
    Label("Aug"),
    Label("Sep"),
    Label("Oct"),
    Label("Nov"),
    Label("Dec"),
)
_REMEMBERED = 8192
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


@lru_cache(maxsize=_REMEMBERED)
def long_day(day: date, language: Language) -> str:
    """A day with its year and weekday.

    >>> long_day(date(2027, 3, 31), Language.JA), long_day(date(2027, 3, 31), Language.EN)
    ('2027/3/31(水)', 'Wed 31 Mar 2027')
    """
    return Label("{weekday} {day} {month} {year}", **_parts(day)).of(language)


def day_shown(day: date | None) -> Label:
    """A day within a sentence, as its reader writes days; a dash where there is none.

    >>> until = Label("until {day}", day=day_shown(date(2027, 3, 31)))
    >>> until.of(Language.EN), day_shown(None).of(Language.JA)
    ('until Wed 31 Mar 2027', '—')
    """
    return Label.verbatim(ByLanguage(long_day, day) if day is not None else "—")


def which_deal(number: int, customer: str, ends_on: date | None) -> Joined:
    """A deal as it is typed, with what tells it apart from others of one contract number.

    >>> which_deal(12, "Aoba", date(2027, 3, 31)).of(Language.EN)
    "'#12' (Aoba, Wed 31 Mar 2027)"
    """
    return Joined((f"'#{number}' ({customer}, ", day_shown(ends_on), ")"), "")


def _parts(day: date) -> dict[str, Any]:
    """The parts a day is written with: `month` is the month's name, `number` its number."""
    return {
        "weekday": _WEEKDAYS[day.weekday()],
        "day": day.day,
        "month": _MONTHS[day.month - 1],
        "number": day.month,
        "year": day.year,
    }


def near_day(day: date, today: date, language: Language) -> str:
    """A day with its weekday, and with its year only if that could be mistaken.

    >>> (near_day(date(2027, 1, 31), date(2026, 12, 28), Language.JA),
    ...  near_day(date(2028, 1, 31), date(2026, 12, 28), Language.EN))
    ('1/31(日)', 'Mon 31 Jan 2028')
    """
    return _dated(day, abs((day - today).days) <= _NEAR_DAYS, True, language)


def short_day(day: date, today: date, language: Language) -> str:
    """A day in a few characters, for subjects.

    >>> (short_day(date(2027, 1, 29), date(2026, 12, 28), Language.JA),
    ...  short_day(date(2027, 1, 29), date(2026, 12, 28), Language.EN))
    ('1/29', '29 Jan')
    """
    return _dated(day, abs((day - today).days) <= _NEAR_DAYS, False, language)


@lru_cache(maxsize=_REMEMBERED)
def _dated(day: date, near: bool, weekday: bool, language: Language) -> str:
    """A day, without its year if it is `near` today."""
    if not near and weekday:
        return long_day(day, language)
    parts = _parts(day)
    if not near:
        return Label("{day} {month} {year}", **parts).of(language)
    if weekday:
        return Label("{weekday} {day} {month}", **parts).of(language)
    return Label("{day} {month}", **parts).of(language)


def month_words(month: date, language: Language) -> str:
    """A month with its year.

    >>> month_words(date(2027, 3, 1), Language.JA), month_words(date(2027, 3, 1), Language.EN)
    ('2027年3月', 'Mar 2027')
    """
    return Label("{month} {year}", **_parts(month)).of(language)


def clock_word(at: datetime | None, zone: ZoneInfo, unknown: str = "") -> str:
    """An instant as a clock in `zone` shows it; `unknown` if there is none.

    >>> (clock_word(datetime.fromisoformat("2027-01-05T01:02:03+00:00"), ZoneInfo("Asia/Tokyo")),
    ...  clock_word(None, ZoneInfo("UTC"), "—"))
    ('2027-01-05 10:02', '—')
    """
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at is not None else unknown


def money(amount: Money) -> str:
    """An amount with its currency's sign and as many decimals as the currency has.

    Empty if the amount is unknown.

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


def short_money(amount: Money) -> str:
    """An amount with decimals only where there are any; empty where nobody knows it.

    >>> short_money(Money(10_560_000, "GBP")), short_money(Money(10_560_050, "GBP"))
    ('£105,600', '£105,600.50')
    """
    digits = minor_digits(amount.currency)
    return (
        money(amount).rpartition(".")[0]
        if digits and amount.minor is not None and amount.minor % 10**digits == 0
        else money(amount)
    )


def sums_words(amounts: Iterable[Money], without: int, language: Language) -> str:
    """Sums in several currencies, and how many amounts are missing from them.

    >>> (sums_words([Money(100, "JPY"), Money(500, "USD")], 3, Language.EN),
    ...  sums_words([], 1, Language.JA))
    ('¥100 + $5, 3 without an amount', '金額不明1件')
    """
    known = " + ".join(map(short_money, amounts))
    if not without:
        return known
    missing = Label("{number} without an amount", number=without)
    if not known:
        return missing.of(language)
    return Label("{known}, {missing}", known=known, missing=missing).of(language)


def per_term(term: Term | None, language: Language) -> str:
    """The term an amount is for: `/年`, `/24 months`; empty if the term is not known.

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
    one, many = _PER[unit]
    return (one if number == 1 else many.filled(number=number)).of(language)


_PER = {
    "year": (Label("/year"), Label("/{number} years")),
    "month": (Label("/month"), Label("/{number} months")),
    "day": (Label("/day"), Label("/{number} days")),
}
_UNITS = {
    "month": Label("{count} month", many="{count} months"),
    "day": Label("{count} day", many="{count} days"),
    "working day": Label("{count} working day", many="{count} working days"),
}


def length_words(term: Term, language: Language) -> str:
    """A length of time.

    >>> length_words(Term(12), Language.JA), length_words(Term(days=90), Language.EN)
    ('12か月', '90 days')
    """
    number, unit = (term.months, "month") if term.months else (term.days, "day")
    return _UNITS[unit].filled(count=number).of(language)


def rhythm_words(every: Term, anchor: str, language: Language) -> str:
    """How often a milestone comes again.

    >>> (rhythm_words(Term(months=3), "契約開始", Language.JA),
    ...  rhythm_words(Term(days=14), "the start", Language.EN))
    ('3か月ごと(契約開始から数えて)', 'every 14 days, counted from the start')
    """
    number, unit = (every.months, "month") if every.months else (every.days, "day")
    if number == 1:
        every_one = (
            Label("every month, counted from {anchor}", anchor=anchor)
            if every.months
            else Label("every day, counted from {anchor}", anchor=anchor)
        )
        return every_one.of(language)
    length = _UNITS[unit].filled(count=number)
    return Label("every {length}, counted from {anchor}", length=length, anchor=anchor).of(language)


def offset_words(offset: Offset, anchor: str, language: Language) -> str:
    """Where a milestone lies relative to its anchor.

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
        return Label("on the day of {anchor}", anchor=anchor).of(language)
    length = reduce(
        lambda first, second: Label("{first} {second}", first=first, second=second),
        (_UNITS[unit].filled(count=abs(n)) for n, unit in parts),
    )
    if parts[0][0] < 0:
        return Label("{length} before {anchor}", length=length, anchor=anchor).of(language)
    return Label("{length} after {anchor}", length=length, anchor=anchor).of(language)

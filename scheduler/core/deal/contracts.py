"""A customer's contract: one term, its dates, its money. `ends_on` is the last day, inclusive;
empty for an evergreen contract."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from scheduler.core.time.dates import Term

_MINOR_DIGITS = dict.fromkeys(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0
) | dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)
ODD_CURRENCIES = tuple(_MINOR_DIGITS)
"""Those without two decimal places."""


def minor_digits(currency: str) -> int:
    """How many decimal places a currency has (ISO 4217).

    >>> minor_digits("JPY"), minor_digits("USD"), minor_digits("KWD")
    (0, 2, 3)
    """
    return _MINOR_DIGITS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in integer minor units of its currency (ISO 4217): ¥1,200,000 is `Money(1_200_000,
    "JPY")`, $10.50 is `Money(1050, "USD")`.

    An unknown amount is not zero: its `minor` is None (its currency is still known).
    """

    minor: int | None
    currency: str

    @property
    def major(self) -> int | None:
        """Whole units of the currency, without the fraction; None if the amount is unknown."""
        return None if self.minor is None else int(self.minor // 10 ** minor_digits(self.currency))


def sums(amounts: Iterable[Money]) -> tuple[tuple[Money, ...], int]:
    """The sum in each currency, and how many amounts are unknown, to be shown beside the sums.

    >>> sums([Money(100, "EUR"), Money(5, "JPY"), Money(None, "EUR"), Money(0, "EUR")])
    ((Money(minor=100, currency='EUR'), Money(minor=5, currency='JPY')), 1)
    """
    minor: Counter[str] = Counter()
    without = 0
    for amount in amounts:
        if amount.minor is None:
            without += 1
        else:
            minor[amount.currency] += amount.minor
    return tuple(Money(total, currency) for currency, total in sorted(minor.items())), without


def whole_units(money: Money) -> Decimal:
    """A known amount in whole units of its currency, exactly.

    >>> whole_units(Money(1050, "USD"))
    Decimal('10.50')
    """
    return Decimal(money.minor or 0).scaleb(-minor_digits(money.currency))


@dataclass(frozen=True, slots=True)
class Customer:
    """Who buys."""

    id: int
    name: str
    country: str | None = None
    segment: str | None = None
    parent_id: int | None = None
    parent_name: str | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract term (契約). `decide_by` is stored, never shifted: the last day on which notice
    can be given.

    `renewal_term` and `renewal_notice` apply to the terms after this one, if they differ ("three
    years, then one year at a time"). An `evergreen` contract has an end only once notice was given.
    """

    id: int
    number: str
    customer: Customer
    product: str
    starts_on: date | None
    ends_on: date | None
    term: Term | None
    notice: Term | None
    decide_by: date | None
    auto_renew: bool
    amount: Money
    evergreen: bool = False
    estimated: bool = False
    url: str | None = None
    series_starts_on: date | None = None
    term_number: int = 0
    source: str = ""
    source_id: str = ""
    title: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    renewal_term: Term | None = None
    renewal_notice: Term | None = None

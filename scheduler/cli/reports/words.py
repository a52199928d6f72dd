"""Months, segments and money as the reports show them."""

from datetime import date
from decimal import Decimal

from scheduler.cli.terminal.say import language, text
from scheduler.cli.terminal.words import amount_word
from scheduler.core.deal.contracts import Money, minor_digits
from scheduler.core.deal.formats import month_words


def month_word(month: date) -> str:
    """A month with its year, in the language in use."""
    return month_words(month, language())


def segment_word(segment: str) -> str:
    """A segment as it is written; customers without one have a name for it too."""
    return segment or text("(no segment)")


def minor_word(minor: int, currency: str) -> str:
    """A sum in minor units, with its currency; decimals only where there are any."""
    return amount_word(Money(minor, currency))


def major_of(minor: int, currency: str) -> Decimal:
    """A sum in whole units, with all the decimals of its currency.

    >>> major_of(90050, "GBP"), major_of(3_600_000, "JPY")
    (Decimal('900.50'), Decimal('3600000'))
    """
    return Decimal(minor).scaleb(-minor_digits(currency))

"""Adapts the shipped configuration: another language, a time zone with its country's holidays, a
currency with its rates and amounts.

Always holds: comments stay; what is not asked for stays as shipped; the result has no mistakes that
the shipped file does not have.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scheduler.core.config.did_you_mean import currency_meant, zone_meant, zone_within
from scheduler.core.config.fields import zone_mistake
from scheduler.core.imports.currencies import CODES
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label

RATES: Mapping[str, float] = {"JPY": 1.0, "USD": 150.0, "GBP": 190.0, "EUR": 160.0, "AUD": 100.0}
"""What one unit is worth in yen in the shipped file."""
_FIGURES = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; empty means as shipped. `country` is the zone's (ISO 3166), if its
    holidays are known."""

    language: str = ""
    zone: str = ""
    country: str = ""
    currency: str = ""


def read_zone(text: str) -> str:
    """A time zone as written. Raises UserMustActError with the nearest one."""
    if not zone_mistake(text):
        return text
    meant, within = zone_meant(text), zone_within(text)
    raise UserMustActError(
        "there is no time zone {text}; {meant}",
        meant=(
            Label("did you mean {meant}?", meant=meant)
            if meant
            else Label('it is a region; write a city in it too, e.g. "{zone}"', zone=within)
            if within
            else Label("write region and city, e.g. Europe/London")
        ),
        text=text,
    )


def read_currency(text: str) -> str:
    """A currency's code as written. Raises UserMustActError with the nearest one."""
    plain = text.strip().upper()
    if plain in CODES:
        return plain
    meant = currency_meant(text)
    meant = meant if meant in CODES else _near(plain)
    raise UserMustActError(
        "there is no currency {text}; {meant}",
        meant=(
            Label("did you mean {meant}?", meant=meant)
            if meant
            else Label("write its ISO code, e.g. GBP, USD, JPY")
        ),
        text=text,
    )


def _near(code: str) -> str | None:
    """A code that shares two of the three letters, preferably one in the shipped file."""
    alike = [
        k
        for k in (*RATES, *sorted(CODES))
        if len(code) == len(k) and sum(a == b for a, b in zip(code, k, strict=True)) == len(k) - 1
    ]
    return alike[0] if alike else None


def fitted(shipped: str, wanted: Wanted) -> str:
    """The file that fits."""
    text = shipped
    if wanted.language:
        text = _set(text, "language", f'"{wanted.language}"')
    if wanted.zone:
        text = _with_zone(text, wanted)
    if wanted.currency and wanted.currency != "JPY":
        text = _with_currency(text, wanted.currency)
    return text


def _set(text: str, name: str, value: str) -> str:
    """Changes the value in the first line that sets `name`."""
    return re.sub(
        rf"^{name} = .*$", lambda _: f"{name} = {value}", text, count=1, flags=re.MULTILINE
    )


def _with_zone(text: str, wanted: Wanted) -> str:
    """Sets the zone and the calendar of its country: the shipped one or an added one; Monday to
    Friday if no holidays are known."""
    name = next(
        (
            n
            for n, country in re.findall(
                r'^\[calendars\.(\w+)\]\ncountry = "(\w+)"', text, re.MULTILINE
            )
            if country == wanted.country
        ),
        "",
    )
    if not name and wanted.country:
        name = wanted.country.lower()
        text = text.replace(
            "[calendars.weekdays]",
            f'[calendars.{name}]\ncountry = "{wanted.country}"\n\n[calendars.weekdays]',
            1,
        )
    return _set(_set(text, "zone", f'"{wanted.zone}"'), "calendar", f'"{name or "weekdays"}"')


def _with_currency(text: str, currency: str) -> str:
    """Sets the currency, the rates of the others, and the amount above which managers hear at once;
    unknown rates are left out."""
    text = _set(text, "base_currency", f'"{currency}"')
    worth = RATES.get(currency)
    if worth is None:
        return _set(text, "rates", "{}")
    others = ", ".join(
        f"{code} = {_round(rate / worth)}" for code, rate in RATES.items() if code != currency
    )
    urgent = re.search(r"^urgent_amount = ([\d_]+)$", text, re.MULTILINE)
    text = _set(text, "rates", f"{{ {others} }}")
    return (
        _set(text, "urgent_amount", f"{int(_round(int(urgent[1].replace('_', '')) / worth, 1)):_}")
        if urgent
        else text
    )


def _round(number: float, figures: int = _FIGURES) -> float:
    """Rounds to this many significant figures.

    >>> _round(0.0052631), _round(52631.5, 1)
    (0.00526, 50000.0)
    """
    return float(f"{number:.{figures}g}")

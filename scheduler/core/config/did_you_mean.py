"""What the writer of an unusable value in `config.toml` probably meant, and the forms of usable
values.

Always holds: a suggestion would be accepted in the same place; None if nothing is close.
"""

import re
import unicodedata
from difflib import get_close_matches
from zoneinfo import available_timezones

from scheduler.core.messages.channels import ADDRESS
from scheduler.core.time.calendar import Closure
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Tell
from scheduler.core.words.problems import near

ID = r"[a-z][a-z0-9_]*"
"""A permanent name."""
CURRENCY = "[A-Z]{3}"
"""A code of ISO 4217."""
NO_CURRENCIES = ("YEN", "RMB", "NTD", "UKP")
"""What looks like a code and is none."""
ROLES = tuple(t.value for t in Tell)
"""Whom a milestone may tell by role."""

_ROLES_MEANT = {
    "rep": "owner",
    "cs": "owner",
    "担当": "owner",
    "担当者": "owner",
    "boss": "manager",
    "上司": "manager",
    "営業": "sales",
}
_CURRENCIES_MEANT = {
    "JPY": ("YEN", "円", "¥", "JPN"),
    "USD": ("$", "US$", "DOLLAR", "ドル"),
    "EUR": ("€", "EURO", "ユーロ"),
    "GBP": ("£", "UKP", "POUND", "ポンド"),
    "CNY": ("RMB", "元"),
    "TWD": ("NTD", "NT$"),
}
_ZONES_MEANT = {
    "Asia/Tokyo": (
        "jst",
        "tokyo",
        "osaka",
        "asia/osaka",
        "japan",
        "日本",
        "東京",
        "日本時間",
        "utc+9",
        "gmt+9",
        "utc+09:00",
        "+09:00",
        "+9",
    ),
    "Europe/London": ("bst", "london", "uk", "england"),
    "America/New_York": ("edt", "et", "eastern", "new york"),
    "America/Los_Angeles": ("pst", "pdt", "pt", "pacific"),
}
_WELL_KNOWN = (
    "Asia/Tokyo",
    "Europe/London",
    "America/New_York",
    "Australia/Sydney",
    "Pacific/Auckland",
)
"""The example for its region; of another region it is the first."""
_NOT_CITIES = ("Etc/", "posix/", "right/", "SystemV/", "US/", "Canada/")


def id_meant(text: str) -> str | None:
    """The same text in the characters an id may have.

    >>> id_meant("Renewal-3m"), id_meant("更新")
    ('renewal_3m', None)
    """
    plain = re.sub("[^a-z0-9]+", "_", unicodedata.normalize("NFKC", text).lower()).strip("_")
    return plain if re.fullmatch(ID, plain) else None


def address_meant(text: str) -> str | None:
    """The address with its kind in front.

    >>> (address_meant("cs@example.com"), address_meant("#renewals"),
    ...  address_meant("mailto: cs@example.com"), address_meant("Ann"))
    ('email:cs@example.com', 'slack:#renewals', 'email:cs@example.com', None)
    """
    kind, colon, rest = unicodedata.normalize("NFKC", text).strip().partition(":")
    bare = (rest if colon else kind).strip()
    if "@" in bare[1:]:
        meant = f"email:{bare}"
    elif bare[:1] in ("#", "@") or (colon and kind.strip().lower() == "slack"):
        meant = f"slack:{bare}"
    else:
        return None
    return meant if re.fullmatch(ADDRESS, meant) else None


def told_meant(text: str) -> str | None:
    """The role or address that was meant.

    >>> told_meant("manger"), told_meant("rep"), told_meant("#cs"), told_meant("customer")
    ('manager', 'owner', 'slack:#cs', None)
    """
    return (
        _ROLES_MEANT.get(text.strip().lower())
        or near(text.strip().lower(), ROLES)
        or address_meant(text)
    )


def currency_meant(text: str) -> str | None:
    """The code of a currency that people write in other ways.

    >>> currency_meant("usd"), currency_meant("円"), currency_meant("gold")
    ('USD', 'JPY', None)
    """
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    if re.fullmatch(CURRENCY, plain) and plain not in (*NO_CURRENCIES, "JPN"):
        return plain
    return next((code for code, names in _CURRENCIES_MEANT.items() if plain in names), None)


_PLAIN_ZONES = ("utc", "gmt")
"""Zones without a place that every machine has, as they are typed in small letters."""


def zone_meant(text: str) -> str | None:
    """The zone of a city, a country or an abbreviation that names only one.

    >>> zone_meant("JST"), zone_meant("asia/tokyo"), zone_meant("Tokio"), zone_meant("UTC+3")
    ('Asia/Tokyo', 'Asia/Tokyo', 'Asia/Tokyo', None)
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    named = next((zone for zone, names in _ZONES_MEANT.items() if plain in names), None)
    if plain in _PLAIN_ZONES:
        return plain.upper()
    if named or not plain or re.search(r"[+-]\d|^\d", plain) or zone_within(text):
        return named
    zones = _zones()
    by_name = {zone.rpartition("/")[2].lower(): zone for zone in zones} | {
        zone.lower(): zone for zone in zones
    }
    close = get_close_matches(plain.replace(" ", "_"), by_name, 1, 0.75)
    return by_name[close[0]] if close else None


def zone_within(text: str) -> str | None:
    """A zone of the region that was written in the place of a zone; None where it is no region.

    >>> zone_within("Asia"), zone_within("america/argentina/"), zone_within("Tokyo")
    ('Asia/Tokyo', 'America/Argentina/Buenos_Aires', None)
    """
    region = unicodedata.normalize("NFKC", text).strip().strip("/").lower()
    within = [zone for zone in _zones() if zone.lower().startswith(f"{region}/")]
    return next((zone for zone in _WELL_KNOWN if zone in within), next(iter(within), None))


def _zones() -> list[str]:
    """Every zone that is a city's."""
    return [
        zone
        for zone in sorted(available_timezones())
        if "/" in zone and not zone.startswith(_NOT_CITIES)
    ]


def closure_wrong(text: str) -> Label:
    """What is wrong with a closure that cannot be read."""
    days = re.split(r"\.\.|~|〜", text)
    if len(days) == 2 and all(_is_day(day) for day in days):
        years = [bool(re.match(r"\s*\d{4}", day)) for day in days]
        if years[0] != years[1]:
            return Label("has a year on one side only; write it on both or on none")
        return Label("ends before it begins; write the earlier day first")
    return Label('is not a closure; write e.g. "12-29..01-03" or "2026-08-13"')


def _is_day(text: str) -> bool:
    """Whether a text can be read as a closure of one day."""
    try:
        Closure.parse(text, "")
    except ValueError:
        return False
    return True

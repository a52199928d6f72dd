"""Public holidays of a country as a value for `scheduler.core.time.calendar`, from the library
`holidays`.

Always holds: only days off for the public, never a bank's or a school's; a year the library knows
nothing about has no holidays (Japan is known from 1949 to 2099); the library is imported on first
use, to keep start-up cheap.
"""

import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache
from importlib.util import find_spec, module_from_spec
from types import MappingProxyType, ModuleType
from typing import Any

from scheduler.core.time.calendar import NoHolidaysError
from scheduler.core.words.labels import Joined, Label


class UnknownHolidaysError(NoHolidaysError):
    """A country or a part of one that the library does not know; the text names the nearest it
    does, if any."""


@dataclass(frozen=True, slots=True)
class PublicHolidays:
    """The public holidays of a country (ISO 3166-1 alpha-2) or a part of it, named in one language.
    Call it with a year."""

    country: str
    subdivision: str | None
    language: str

    def __call__(self, year: int) -> Mapping[date, str]:
        """The holidays of a year and their names."""
        return _holidays_in(self, year)


def holidays_of(
    country: str, subdivision: str | None = None, language: str = "en"
) -> Callable[[int], Mapping[date, str]]:
    """The holidays of `country` ("JP"), of its part `subdivision` ("BY" of "DE"), by year, named in
    `language` ("ja", "en").

    A language that the library lacks for a country becomes English. Raises UnknownHolidaysError
    with a suggestion.
    """
    code = country.strip().upper()
    if code not in known_countries():
        near = _nearest_country(country)
        label = Label(
            'there are no holidays for the country "{country}"; {near}', country=country, near=near
        )
        raise UnknownHolidaysError("country", label)
    return PublicHolidays(code, _known_subdivision(code, subdivision), language)


@cache
def country_of(zone: str) -> str:
    """The country of a time zone (ISO 3166) whose holidays are known; empty where there is none, or
    several have it."""
    from importlib.resources import files

    lines = (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8").splitlines()
    places = (line.split("\t") for line in lines if not line.startswith("#"))
    found = {cells[0] for cells in places if cells[2] == zone}
    return next(iter(found)) if len(found) == 1 and found <= set(known_countries()) else ""


@cache
def known_countries() -> Mapping[str, str]:
    """The English names of all countries whose holidays are known, by their code (ISO 3166-1
    alpha-2)."""
    from holidays.registry import COUNTRIES

    return MappingProxyType(
        {names[1]: module.replace("_", " ").title() for module, names in COUNTRIES.items()}
    )


@cache
def _codes_by_name() -> Mapping[str, str]:
    """The codes by what people also write: names, alpha-3 codes, "UK"; in lower case."""
    from holidays.registry import COUNTRIES

    names = {name.lower(): code for code, name in known_countries().items()}
    return names | {other.lower(): known[1] for known in COUNTRIES.values() for other in known[2:]}


def _nearest_country(text: str) -> Label:
    """What an admin who wrote `text` probably meant."""
    countries = known_countries()
    by_name = _codes_by_name()
    wanted = text.strip().lower()
    begins = sorted(
        (name for name in by_name if len(wanted) > 1 and name.startswith(wanted)), key=len
    )
    names = (
        [wanted]
        if wanted in by_name
        else begins or get_close_matches(wanted, by_name, n=1, cutoff=0.7)
    )
    codes = list(dict.fromkeys(by_name[name] for name in names))[:3]
    if not codes:
        return Label('write an ISO 3166 code, e.g. "JP" or "US"')
    meant = [f'"{code}" ({countries[code]})' for code in codes]
    return Label("did you mean {meant}?", context="holidays", meant=Joined(meant, Label(" or ")))


def _known_subdivision(country: str, subdivision: str | None) -> str | None:
    """The code of a part of `country`, which may be given by its code or its name."""
    if not subdivision:
        return None
    entity = _library_of(country)
    known: dict[str, str] = {code.lower(): code for code in entity.subdivisions}
    known |= {name.lower(): code for name, code in entity.subdivisions_aliases.items()}
    if subdivision.lower() in known:
        return known[subdivision.lower()]
    near = get_close_matches(subdivision.lower(), known, n=1)
    listed = ", ".join(entity.subdivisions)
    if near:
        hint = Label('did you mean "{known}"?', known=known[near[0]])
    elif listed:
        hint = Label("it has {listed}", listed=listed)
    else:
        hint = Label("leave it out, this country has none")
    label = Label(
        'there are no holidays for "{subdivision}" in {country}; {hint}',
        subdivision=subdivision,
        country=country,
        hint=hint,
    )
    raise UnknownHolidaysError("subdivision", label)


def _library_of(country: str) -> Any:
    """The library's class of one country. (Its own `country_holidays` loads all 250 countries to
    find one.)"""
    import holidays

    _defer_all_countries(holidays)
    return getattr(holidays, country)


@cache
def _defer_all_countries(library: ModuleType) -> None:
    """Lets a module of `holidays.countries` be loaded without the package itself, which loads all
    250 of them. Whoever asks the package for something gets it as ever."""
    name = "holidays.countries"
    if name in sys.modules or (spec := find_spec(name)) is None or spec.loader is None:
        return
    package, loader = module_from_spec(spec), spec.loader

    def complete(wanted: str) -> Any:
        if wanted.startswith("__"):
            raise AttributeError(wanted)
        package.__dict__.pop("__getattr__", None)
        loader.exec_module(package)
        return getattr(package, wanted)

    package.__dict__["__getattr__"] = complete
    sys.modules[name] = package
    vars(library)["countries"] = package


@cache
def _holidays_in(which: PublicHolidays, year: int) -> Mapping[date, str]:
    """One year's holidays, computed once. Where moving ones are not computed yet (India: after
    2035) the fixed ones are left."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore",
            UserWarning,
            # the library warns of such years: that is for programmers, not for whoever runs a
            # command
        )
        found = _library_of(which.country)(
            subdiv=which.subdivision, years=year, expand=False, language=_language_for(which)
        )
    return MappingProxyType(dict(found))


@cache
def _language_for(which: PublicHolidays) -> str | None:
    """The library's code for the language asked for, else for English; None where it knows one
    language only (English)."""
    known: tuple[str, ...] = _library_of(which.country).supported_languages
    return next(
        (
            code
            for wanted in (which.language, "en")
            for code in known
            if code.partition("_")[0] == wanted
        ),
        None,
    )

"""Makes a Policy of a version kept in the database, and brings public holidays to the core.

Always holds: the library of holidays, slow to load, is imported only when a holiday is asked for or
a new configuration is checked.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache

from scheduler.core.config.reading import policy_from_document
from scheduler.core.policy.policy import Policy
from scheduler.services.policy.in_force import InForce
from scheduler.sources.holidays import holidays_of as public_holidays_of

HolidaysByYear = Callable[[int], Mapping[date, str]]


def holidays_of(country: str, subdivision: str | None, language: str) -> HolidaysByYear:
    """Public holidays for a configuration that is being checked: ValueError for a country there is
    not."""
    return public_holidays_of(country, subdivision, language)


def build_policy(version: InForce) -> Policy:
    """A version of the policy as the core knows it; its countries were checked when it was
    applied."""
    return policy_from_document(
        version.document, version.version, version.since, _holidays_when_asked, version.names
    )


def _holidays_when_asked(country: str, subdivision: str | None, language: str) -> HolidaysByYear:
    """The same holidays, looked up when a year is asked for."""

    def in_year(year: int) -> Mapping[date, str]:
        return _kept(country, subdivision, language)(year)

    return in_year


@cache
def _kept(country: str, subdivision: str | None, language: str) -> HolidaysByYear:
    """`holidays_of`, once for each calendar."""
    return holidays_of(country, subdivision, language)

"""The kinds of files of contracts that are known by their columns."""

from collections.abc import Mapping

from scheduler.sources.kinds.crm import CRMS
from scheduler.sources.kinds.hubspot import HUBSPOT
from scheduler.sources.kinds.profiles import CSV, Profile

PROFILES: Mapping[str, Profile] = {p.id: p for p in (CSV, HUBSPOT, *CRMS)}


def recognise(header: tuple[str, ...]) -> Profile:
    """The profile whose required columns the header has, else the one of our own CSV."""
    return next((p for p in PROFILES.values() if p is not CSV and p.fits(header)), CSV)

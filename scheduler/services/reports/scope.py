"""Whether a report's filters name anything that there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from scheduler.core.reports.asked import ReportScope
from scheduler.ports import Begin

FIELDS = ("team", "segment", "currency")
"""The filters that match a whole word."""


class ScopeReading(Protocol):
    """One look at the database."""

    def words(self, field: str) -> Sequence[str]:
        """Every word of one of FIELDS that there is, in order."""

    def owners(self) -> Sequence[tuple[str, str]]:
        """Name and address (empty: none) of everybody who owns a contract, in order."""


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A filter (of FIELDS, or `owner`) that matches nothing there is, and what there is."""

    field: str
    written: str
    known: Sequence[str]


def unknown_word(reading: Begin[ScopeReading], scope: ReportScope) -> UnknownWord | None:
    """The first filter that matches nothing, whatever the days; None where each matches something,
    and where there is nothing to choose from yet."""
    with reading() as look:
        for field in FIELDS:
            wanted = getattr(scope, field)
            if wanted and (known := look.words(field)) and not _has(known, wanted):
                return UnknownWord(field, wanted, known)
        owners = look.owners() if scope.owner else ()
    if owners and not any(scope.wants_owner(one, scope.team) for one in owners):
        return UnknownWord("owner", scope.owner or "", [name for name, _ in owners])
    return None


def _has(known: Sequence[str], wanted: str) -> bool:
    """Whether a word is among those there are, in any case."""
    return wanted.casefold() in (word.casefold() for word in known)

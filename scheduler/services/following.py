"""Policy following (DESIGN §10): what an edited file means beside the versions the database knows.

Always holds: content that was in force before never comes back by itself (an old copy of the file on one machine must not undo a colleague's
edit); new content becomes the next version by compare-and-set; a milestone that is new counts from now on, so it does not shout about days long past.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum


class Standing(StrEnum):
    """How the file stands to the database."""

    CURRENT = "current"
    FIRST = "first"
    EDITED = "edited"
    STALE = "stale"


def standing(file_hash: str, current_hash: str | None, was_applied: bool) -> Standing:
    """`was_applied`: whether any version, the current or an earlier one, had this content.

    >>> standing("b", "a", False).value, standing("a", "b", True).value
    ('edited', 'stale')
    """
    if current_hash is None:
        return Standing.FIRST
    if file_hash == current_hash:
        return Standing.CURRENT
    return Standing.STALE if was_applied else Standing.EDITED


def since_of(now: datetime, milestones: Mapping[str, Collection[str]], known: Collection[str], since: Mapping[str, datetime]) -> dict[str, datetime]:
    """From when each milestone counts: now for a new one; what it was for one that is kept, also under its old id.

    `milestones`: id → the ids it replaces; `known`: the ids of the version before; `since`: that version's.
    """
    result: dict[str, datetime] = {}
    for id, was in milestones.items():
        earlier = next((old for old in (id, *was) if old in known), None)
        if earlier is None:
            result[id] = now
        elif earlier in since:
            result[id] = since[earlier]
    return result

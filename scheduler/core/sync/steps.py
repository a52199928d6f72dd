"""What we make in an account, thing by thing, and where each stands there: while it is made
(`scheduler.hubspot.schema`) and while it is taken away (`scheduler.hubspot.removing`)."""

from dataclasses import dataclass
from enum import StrEnum

from scheduler.core.words.labels import Label


class SetupStatus(StrEnum):
    """Where one thing of ours stands in the account."""

    THERE = "there"
    MISSING = "missing"
    MADE = "made"
    CONFLICT = "conflict"


class SetupPart(StrEnum):
    """What is made."""

    GROUP = "group"
    PROPERTY = "property"
    PIPELINE = "pipeline"
    STAGE = "stage"


@dataclass(frozen=True, slots=True)
class SchemaStep:
    """One thing of ours: a dry run says MISSING where `make` would make it. `id` is what HubSpot
    calls it; `said` names a conflict."""

    thing: SetupPart
    name: str
    made: SetupStatus
    id: str = ""
    said: Label | None = None


class Removal(StrEnum):
    """Where one thing stands while what is ours is taken away. `OURS`: it would be removed. `KEPT`:
    it is ours and stays for now, for a reason. `THEIRS`: it is called as ours is, but nothing says
    that we made it; it is left."""

    OURS = "ours"
    REMOVED = "removed"
    KEPT = "kept"
    THEIRS = "theirs"


@dataclass(frozen=True, slots=True)
class RemovalStep:
    """One thing in the account that is ours or is called so; `said` is why it stays."""

    thing: SetupPart
    name: str
    removal: Removal
    id: str = ""
    said: Label | None = None

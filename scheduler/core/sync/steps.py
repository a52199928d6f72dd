"""What we make in an account, thing by thing, and where each stands there. (It is made by
`scheduler.hubspot.schema`.)"""

from dataclasses import dataclass
from enum import StrEnum

from scheduler.core.words.labels import Label


class Made(StrEnum):
    """Where one thing of ours stands in the account."""

    THERE = "there"
    MISSING = "missing"
    MADE = "made"
    CONFLICT = "conflict"


class Thing(StrEnum):
    """What is made."""

    GROUP = "group"
    PROPERTY = "property"
    PIPELINE = "pipeline"
    STAGE = "stage"


@dataclass(frozen=True, slots=True)
class SchemaStep:
    """One thing of ours: a dry run says MISSING where `make` would make it. `id` is what HubSpot
    calls it; `said` names a conflict."""

    thing: Thing
    name: str
    made: Made
    id: str = ""
    said: Label | None = None

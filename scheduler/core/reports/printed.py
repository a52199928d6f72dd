"""A report that is to be printed, before it is laid out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class PrintedPart:
    """One part of a document: its template in `templates/reports`, its facts (plain words and
    numbers), and the parts that stand in it where the template says `<!-- parts -->`."""

    template: str
    facts: Mapping[str, Any]
    parts: Sequence["PrintedPart"] = field(default=())

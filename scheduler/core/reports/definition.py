"""What the numbers of reports mean: one text a number, which the table's heading, `--explain`, JSON
and the documentation share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scheduler.core.words.labels import Label


@dataclass(frozen=True, slots=True)
class Definition:
    """A number (or a column) of a report: `id` for machines, its name for people, and what exactly
    it counts, as the rest of a sentence without its full stop."""

    id: str
    name: Label
    meaning: Label


def by_id(definitions: Sequence[Definition]) -> Mapping[str, Definition]:
    """The definitions of one report by their ids. Raises ValueError where one stands twice."""
    found = {definition.id: definition for definition in definitions}
    if len(found) < len(definitions):
        raise ValueError("two numbers of a report have the same id")
    return found

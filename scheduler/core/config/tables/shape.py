"""The base of every table of a file that people write, and what a kind of file may contain.

Always holds: unknown keys are refused; a value is either read exactly or not at all. The docstrings
of tables become the descriptions that editors show (`json_schema`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.fields import FieldInfo

from scheduler.core.config.fields import LABEL_SCHEMA, label_table
from scheduler.core.words.labels import Label

WORD = Field(strict=False)
"""A word of a closed list: read from its text."""


class Table(BaseModel):
    """The base of every table: nothing unknown, nothing guessed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


def fields_of(table: type[Table]) -> dict[str, FieldInfo]:
    """A table's settings by the names they have in the file."""
    return {field.alias or name: field for name, field in table.model_fields.items()}


Root = TypeVar("Root", bound=Table)


@dataclass(frozen=True, slots=True)
class Shape(Generic[Root]):
    """What a kind of file may contain: its table `root`, and all `tables` by their place (without a
    list's numbers, `*` for a name of the user's own); `headings` as they are written."""

    root: type[Root]
    tables: Mapping[tuple[str, ...], type[Table]]
    headings: Mapping[str, str]

    def keys_at(self, place: tuple[str | int, ...]) -> list[str]:
        """The keys of the table at `place`."""
        names = tuple(p for p in place if isinstance(p, str))
        table = self.tables.get(names) or next(
            table for path, table in self.tables.items() if _fits(path, names)
        )
        return list(fields_of(table))


def _fits(path: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Whether a place is one of those that `*` stands for."""
    return len(path) == len(names) and all(p in ("*", n) for p, n in zip(path, names, strict=True))


class LabelTable(Table):
    """A name in each language; in one for which nothing is written it is the English one."""

    model_config = ConfigDict(extra="allow")

    ja: str
    en: str

    def label(self) -> Label:
        """As the core knows it."""
        return Label.given(self.model_dump())


Named = Annotated[LabelTable, BeforeValidator(label_table), LABEL_SCHEMA]

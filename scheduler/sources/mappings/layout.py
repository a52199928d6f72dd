"""How one file's columns become fields: the profile, the mapping file and the file's own header
brought together.

Always holds: a layout names columns that the file has; every column that nothing reads is listed in
`ignored`, so that a misspelt one is seen (not those that our own lists have for people).
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scheduler.core.config.fields import shown
from scheduler.core.config.mistakes import Place
from scheduler.core.config.places import in_order
from scheduler.core.imports.header_units import header_length, header_unit
from scheduler.core.imports.names import plain
from scheduler.core.imports.texts import FieldError, ImportRefusedError, RecordProblem
from scheduler.core.imports.typed import MOST_MONTHS
from scheduler.core.words.labels import Label
from scheduler.core.words.problems import Problem, near
from scheduler.sources.cells.cell_readers import read_name
from scheduler.sources.files.table import SourceTable
from scheduler.sources.kinds.profiles import CSV, Profile
from scheduler.sources.mappings.contracts import FileMapping


def source_of(mapping: FileMapping, given: str | None, *, otherwise: str) -> str:
    """What the rows of a file are kept under: as `given`, else as the mapping file says, else by
    its name, else what the kind of file is called. Raises ImportRefusedError."""
    named = given or mapping.source or Path(mapping.file).stem or otherwise
    try:
        return read_name(named)
    except FieldError as error:
        raise ImportRefusedError(
            Problem("", 0, "--source" if given else f"{mapping.file}: source", error.problem.said)
        ) from None


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column (by its place in a row) fills which field; `key` and `keep` are places too.
    `multiple`: by how much amounts are multiplied, `signed_multiple` the signed ones, `units`: what
    numbers count in the columns of lengths of time, as the mapping file or the column's name says.
    """

    columns: Mapping[str, int]
    key: tuple[int, ...]
    keep: tuple[int, ...]
    header: tuple[str, ...]
    ignored: tuple[str, ...]
    multiple: int = 1
    signed_multiple: int = 1
    units: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def name(self, field: str) -> str:
        """The file's name of the column that fills `field`; the field itself where none does."""
        place = self.columns.get(field)
        return field if place is None else self.header[place]


def lay_out(
    file: SourceTable, profile: Profile, mapping: FileMapping, also: Sequence[Problem] = ()
) -> Layout:
    """The layout, or an ImportRefusedError with every column that is missing or named twice, and
    what is `also` wrong."""
    wrong = [*also, *_not_there(file, mapping)]
    columns, doubted = _columns(file, profile, mapping)
    key, keep = _places(file, mapping.key), _places(file, mapping.keep)
    read = (*columns.values(), *key, *keep)
    problems = [*doubted, *_repeated(file, read)]
    if not key and "contract" in columns:
        key = (columns["contract"],)
    if not problems and not wrong:
        problems = _missing(file, profile, mapping, columns, bool(key))
    if problems or wrong:
        raise ImportRefusedError(*in_order(wrong), *problems)
    return Layout(
        columns,
        key,
        keep,
        file.header,
        _ignored(file, profile, read),
        _multiple(file, mapping, columns.get("amount")),
        _multiple(file, mapping, columns.get("signed_amount")),
        _units(file, mapping, columns),
    )


def _columns(
    file: SourceTable, profile: Profile, mapping: FileMapping
) -> tuple[dict[str, int], list[RecordProblem]]:
    """The place of the column that fills each field: as the mapping file says, the others by their
    names; and the fields for which our own kind of list has two columns."""
    columns = {
        field: place
        for field, column in mapping.columns.items()
        if (place := _place(file, column)) is not None
    }
    taken = {plain(column) for column in mapping.columns.values()}
    by_name = profile.find(file.header) if _by_profile(profile, mapping) else {}
    doubted: list[RecordProblem] = []
    for field, names in by_name.items():
        free = [name for name in names if plain(name) not in taken]
        if not free or field in mapping.columns or field in mapping.constants:
            continue
        if len(free) > 1 and profile is CSV:
            doubted.append(_two_columns(file, field, free))
        columns[field] = _places(file, free)[0]
    return columns, doubted


def _two_columns(file: SourceTable, field: str, names: Sequence[str]) -> RecordProblem:
    """Two columns of the file would fill one field."""
    return RecordProblem.of(
        "two_columns", file=file.path.name, first=names[0], second=names[1], field=field
    )


def _ignored(file: SourceTable, profile: Profile, read: Sequence[int]) -> tuple[str, ...]:
    """The named columns that nothing reads, but for those that our lists have for people."""
    ours = profile.beside(file.header)
    return tuple(
        name
        for place, name in enumerate(file.header)
        if name and place not in read and name not in ours
    )


def _multiple(file: SourceTable, mapping: FileMapping, place: int | None) -> int:
    """By how much the amounts of a column are multiplied: as the mapping file says, else the
    column's name."""
    if mapping.multiple or place is None:
        return mapping.multiple or 1
    return header_unit(file.header[place])


def _units(file: SourceTable, mapping: FileMapping, places: Mapping[str, int]) -> dict[str, str]:
    """What numbers count in the columns of lengths of time, where anything says it."""
    said = {
        name: mapping.units.get(name) or header_length(file.header[place])
        for name, place in places.items()
        if name in MOST_MONTHS
    }
    return {name: unit for name, unit in said.items() if unit}


def _repeated(file: SourceTable, used: Sequence[int]) -> list[RecordProblem]:
    """Names of columns we read that occur twice in the header: nobody can say which is meant."""
    plains = [plain(name) for name in file.header]
    twice = dict.fromkeys(file.header[n] for n in used if plains.count(plains[n]) > 1)
    return [RecordProblem.of("repeated_column", file=file.path.name, column=name) for name in twice]


def _by_profile(profile: Profile, mapping: FileMapping) -> bool:
    """Whether columns are also found by their names: not where a mapping file names the columns of
    a kind of file that we do not know."""
    return not mapping.columns or bool(mapping.profile) or profile is not CSV


def _named(mapping: FileMapping) -> list[tuple[Place, str]]:
    """Every column a mapping file names, with the place that names it."""
    return [
        *((("columns", field), column) for field, column in mapping.columns.items()),
        *((("key", number), column) for number, column in enumerate(mapping.key)),
        *((("keep", number), column) for number, column in enumerate(mapping.keep)),
    ]


def _place(file: SourceTable, column: str) -> int | None:
    """The place of a column, found by its normalised name."""
    wanted = plain(column)
    return next((n for n, name in enumerate(file.header) if plain(name) == wanted), None)


def _places(file: SourceTable, columns: Sequence[str]) -> tuple[int, ...]:
    """The places of those of the columns that the file has."""
    return tuple(p for column in columns if (p := _place(file, column)) is not None)


def _not_there(file: SourceTable, mapping: FileMapping) -> list[Problem]:
    """The columns that a mapping file names and the file does not have."""
    return [
        _no_column(mapping, place, column, file)
        for place, column in _named(mapping)
        if _place(file, column) is None
    ]


def _no_column(mapping: FileMapping, place: Place, column: str, file: SourceTable) -> Problem:
    """A mapping file names a column that the file does not have."""
    close, found = near(column, file.header), ", ".join(file.header)
    hint = (
        Label('did you mean "{close}"?', close=close)
        if close
        else Label("there are: {listed}", listed=found)
    )
    return mapping.problem(
        place,
        Label(
            "{file} has no column {column}; {hint}",
            file=file.path.name,
            column=shown(column),
            hint=hint,
        ),
    )


def _missing(
    file: SourceTable,
    profile: Profile,
    mapping: FileMapping,
    places: Mapping[str, int],
    has_key: bool,
) -> list[RecordProblem]:
    """Fields nothing fills although a contract needs them."""
    needed = profile.required if _by_profile(profile, mapping) else ("contract", "customer")
    missing = [
        f
        for f in needed
        if f not in places and f not in mapping.constants and not (f == "contract" and has_key)
    ]
    if not missing:
        return []
    found = ", ".join(name for name in file.header if name)[:500]
    if len(missing) == len(needed):
        return [
            RecordProblem.of(
                "no_header",
                file=file.path.name,
                found=found,
                expected=", ".join(_spelt(profile, f) for f in needed),
            )
        ]
    return [
        RecordProblem.of(
            "missing_columns",
            file=file.path.name,
            missing=", ".join(_spelt(profile, f) for f in missing),
            found=found,
        )
    ]


def _spelt(profile: Profile, field: str) -> str:
    """A field with a Japanese name for it, as a header would write it."""
    japanese = next((name for name in profile.headers.get(field, ()) if not name.isascii()), "")
    return f"{field} ({japanese})" if japanese else field

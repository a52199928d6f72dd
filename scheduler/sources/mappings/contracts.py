"""The mapping file: a small TOML that says how any CSV becomes contracts (docs/importing.md).

Always holds: everything wrong with a mapping file is told at once, as for `config.toml`: each with
its line, its key and what to write instead; a `FileMapping` that comes out is sound, except for
what only the file and the policy can say: columns, constants and stages are checked when the file
is opened.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from scheduler.core.config.consequences import mended, not_following
from scheduler.core.config.mappings.tables import (
    MAPPING,
    SERIAL,
    MappingTable,
    date_order,
    given,
)
from scheduler.core.config.mistakes import Found, Place, structural, unknown
from scheduler.core.config.places import located, problem_at
from scheduler.core.config.tables.shape import Shape, Table
from scheduler.core.config.tables.stage_lines import StageLine
from scheduler.core.config.toml.lines import key_lines
from scheduler.core.config.toml.syntax import NotToml, not_utf8, read_toml
from scheduler.core.imports.fields import DATE_FIELDS
from scheduler.core.imports.names import plain
from scheduler.core.imports.texts import ImportRefusedError
from scheduler.core.imports.written_amounts import DecimalMark
from scheduler.core.imports.written_days import DateOrder, narrow
from scheduler.core.words.labels import Label
from scheduler.core.words.problems import Problem
from scheduler.sources.files.byte_scan import first_bytes
from scheduler.sources.files.encodings import readable
from scheduler.sources.files.opening import FileLayout
from scheduler.sources.kinds.known import PROFILES

S = TypeVar("S", bound=Table)


@dataclass(frozen=True, slots=True)
class FileMapping:
    """How the columns of a file become fields. Empty parts leave it to the profile.

    `dates` holds the declared order by field; `default` is for all others. `multiple` is what
    amounts are multiplied by (1000 for 千円), `units` what numbers count in a column of lengths.
    `key` are the columns that tell contracts apart; `no_end` says what an empty end means; `lines`
    say where in the file its keys stand.
    """

    file: str = ""
    lines: Mapping[Place, int] = field(default_factory=dict, compare=False, repr=False)
    profile: str = ""
    source: str = ""
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    skip: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    duplicates: str = "refuse"
    no_end: str = ""
    keep: tuple[str, ...] = ()
    dates: Mapping[str, DateOrder] = field(default_factory=dict)
    serials: frozenset[str] = frozenset()
    exclusive: bool = False
    decimal: str | None = None
    multiple: int | None = None
    true: frozenset[str] = frozenset()
    false: frozenset[str] = frozenset()
    terms: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, StageLine] = field(default_factory=dict)

    @property
    def mark(self) -> DecimalMark | None:
        """The declared decimal sign."""
        return DecimalMark(self.decimal) if self.decimal else None

    def order(self, field: str) -> DateOrder | None:
        """The declared order of a field's dates."""
        return self.dates.get(field) or self.dates.get("format")

    def problem(self, place: Place, wrong: Label) -> Problem:
        """Something that is wrong with one of its lines."""
        return problem_at(place, wrong, self.file, self.lines)

    def written(self, asked: FileLayout | None) -> FileLayout:
        """How a file is written: what the command says, else what the mapping file declares."""
        asked = asked or FileLayout()
        return FileLayout(
            asked.encoding or self.encoding,
            asked.delimiter or self.delimiter,
            asked.sheet or self.sheet,
            self.skip,
            self.decimal,
        )


def read_mapping(path: Path) -> FileMapping:
    """The mapping in a TOML file. Raises ImportRefusedError with every problem at once, each with
    its line."""
    return parse_mapping(*read_document(path))


def read_document(path: Path) -> tuple[Mapping[str, Any], str, str]:
    """A TOML file as a document, its name and its text. Raises ImportRefusedError."""
    if path.is_dir():
        said = Label("this is a folder; name a mapping file")
        raise ImportRefusedError(Problem(str(path), 0, "", said))
    first_bytes(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        wrong = not_utf8(error)
        raise ImportRefusedError(Problem(str(path), wrong.line, "", wrong.text)) from None
    document = read_toml(text)
    if isinstance(document, NotToml):
        raise ImportRefusedError(Problem(str(path), document.line, "", document.text))
    return document, str(path), text


def parse_mapping(
    document: Mapping[str, Any], file: str = "mapping", text: str = ""
) -> FileMapping:
    """The mapping in a parsed TOML document, whose lines stand in `text`. Raises ImportRefusedError
    with every problem."""
    table = sound_table(document, MAPPING, _meant, file, text)
    return _mapping(table, file, key_lines(text))


def sound_table(
    document: Mapping[str, Any],
    shape: Shape[S],
    meant: Callable[[S], Iterable[Found]],
    file: str,
    text: str,
) -> S:
    """The tables of a document in which nothing is wrong, neither by their shape nor by what is
    `meant`. Raises ImportRefusedError with every problem."""
    table, broken = structural(document, shape)
    readable_part = table or mended(document, [(place[:2], said) for place, said in broken], shape)
    also = list(meant(readable_part)) if readable_part is not None else []
    found = [*broken, *not_following(broken, also)]
    if table is None or found:
        raise ImportRefusedError(*located(found, text, file))
    return table


def _mapping(table: MappingTable, file: str, lines: Mapping[Place, int]) -> FileMapping:
    """What the tables say."""
    dates = {name: value for name, value in given(table.dates).items() if name != "exclusive"}
    orders = {name: date_order(text) for name, text in dates.items()}
    return FileMapping(
        file=file,
        lines=lines,
        **table.how_written(),
        columns=given(table.columns),
        constants=given(table.constants),
        key=tuple(table.key),
        duplicates=table.duplicates,
        no_end=table.no_end,
        keep=tuple(table.keep),
        dates={name: order for name, order in orders.items() if order is not None},
        serials=_serials(dates),
        exclusive=given(table.dates).get("exclusive", False),
        decimal=table.amount.decimal,
        multiple=table.amount.multiply,
        true=_words(table.booleans.true),
        false=_words(table.booleans.false),
        terms=table.terms,
        units=given(table.units),
        stages=table.stages,
    )


def _meant(table: MappingTable) -> Iterator[Found]:
    """What is wrong although each value could be read."""
    if table.profile and table.profile not in PROFILES:
        yield ("profile",), unknown(table.profile, PROFILES, Label("profile"))
    yield from unreadable(table.encoding)
    for name, listed in (("key", table.key), ("keep", table.keep)):
        named = [plain(column) for column in listed]
        for number, column in enumerate(named):
            if column in named[:number]:
                yield (name, number), Label("this column is named twice")
    columns = given(table.columns)
    for name in given(table.constants):
        if name in columns:
            yield ("constants", name), Label("[columns] has it too; keep only one of the two")
        elif name == "contract":
            yield (
                ("constants", name),
                Label("every row would have the same number; name its column under [columns]"),
            )
    both = _words(table.booleans.true) & _words(table.booleans.false)
    for number, word in enumerate(table.booleans.false):
        if _word(word) in both:
            yield (
                ("booleans", "false", number),
                Label("{word} is listed under true as well", word=word),
            )


def unreadable(encoding: str | None) -> Iterator[Found]:
    """What is wrong with the encoding that a mapping file names."""
    if encoding is not None and not readable(encoding):
        yield (
            ("encoding",),
            Label("no encoding is called {encoding}; write e.g. utf-8 or cp932", encoding=encoding),
        )


def _word(word: str) -> str:
    """A word as it is compared."""
    return narrow(word).strip().lower()


def _words(words: Sequence[str]) -> frozenset[str]:
    """Words as they are compared."""
    return frozenset(map(_word, words))


def _serials(dates: Mapping[str, str]) -> frozenset[str]:
    """The fields whose dates may be Excel's numbers."""
    said = frozenset(name for name, value in dates.items() if value == SERIAL)
    return frozenset(DATE_FIELDS) - set(dates) | (said - {"format"}) if "format" in said else said

"""The mapping file of signals: a small TOML that says how any file becomes signals
(docs/signals.md), checked as that of contracts is."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from scheduler.core.config.mappings.signals import (
    SIGNAL_FIELDS,
    SIGNAL_MAPPING,
    SignalMappingTable,
)
from scheduler.core.config.mappings.tables import SERIAL, date_order, given
from scheduler.core.config.mistakes import Found, Place, unknown
from scheduler.core.config.toml.lines import key_lines
from scheduler.core.imports.names import plain
from scheduler.core.imports.texts import FieldError
from scheduler.core.words.labels import Label
from scheduler.sources.kinds.signals import SIGNAL_KINDS
from scheduler.sources.mappings.contracts import FileMapping, read_document, sound_table, unreadable
from scheduler.sources.signal_rows import name_of


def read_signal_mapping(path: Path) -> FileMapping:
    """The mapping in a TOML file; measures stand among its columns. Raises ImportRefusedError with
    every problem at once, each with its line."""
    document, file, text = read_document(path)
    table = sound_table(document, SIGNAL_MAPPING, _meant, file, text)
    return _mapping(table, file, key_lines(text))


def _mapping(table: SignalMappingTable, file: str, lines: Mapping[Place, int]) -> FileMapping:
    """What the tables say."""
    dates = given(table.dates)
    orders = {name: date_order(text) for name, text in dates.items()}
    serials = {name for name, text in dates.items() if text == SERIAL}
    every = {"at", "received"} - set(dates) if "format" in serials else set()
    return FileMapping(
        file=file,
        lines=lines,
        **table.how_written(),
        columns={**given(table.columns), **table.signals},
        constants=given(table.constants),
        dates={name: order for name, order in orders.items() if order is not None},
        serials=frozenset(serials | every),
        decimal=table.amount.decimal,
    )


def _meant(table: SignalMappingTable) -> Iterator[Found]:
    """What the tables mean that cannot be."""
    if table.profile and table.profile not in SIGNAL_KINDS:
        yield ("profile",), unknown(table.profile, SIGNAL_KINDS, Label("profile"))
    yield from unreadable(table.encoding)
    for name in given(table.constants):
        if name in given(table.columns):
            yield ("constants", name), Label("[columns] has it too; keep only one of the two")
    said: set[str] = set()
    for name, column in table.signals.items():
        if name in SIGNAL_FIELDS or not _is_name(name):
            yield (
                ("signals", name),
                Label("{name} cannot be the name of a measure; write e.g. logins", name=name),
            )
        elif plain(column) in said:
            yield ("signals", name), Label("this column is named twice")
        said.add(plain(column))


def _is_name(name: str) -> bool:
    """Whether a name is spelt as measures are."""
    try:
        return name_of(name) == name
    except FieldError:
        return False

"""Signals out of a file: looked through once for what only the whole of it can tell, then read in
batches.

Always holds: memory does not grow with the file; a cell that cannot be read is a reject with its
line, and the other measures of its row come in.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.core.config.mappings.signals import SIGNAL_FIELDS
from scheduler.core.config.mistakes import unknown
from scheduler.core.imports.names import plain
from scheduler.core.imports.signals import SignalBatch
from scheduler.core.imports.texts import ImportRefusedError, RecordProblem, Reject
from scheduler.core.imports.written_amounts import DecimalMark
from scheduler.core.imports.written_days import DateOrder
from scheduler.core.policy.policy import Policy
from scheduler.core.words.labels import Label
from scheduler.core.words.problems import Problem
from scheduler.sources.cells.cell_readers import DaysOf
from scheduler.sources.cells.date_order import DateColumn
from scheduler.sources.cells.instants import instant_reader
from scheduler.sources.cells.number_column import NumberColumn, number_reader
from scheduler.sources.files.opening import FileLayout, open_table
from scheduler.sources.files.table import SourceTable
from scheduler.sources.kinds.signals import (
    NAMES,
    SIGNAL_KINDS,
    SUBJECTS,
    SignalKind,
    recognise_signals,
)
from scheduler.sources.mappings.contracts import FileMapping
from scheduler.sources.mappings.layout import Layout, lay_out, source_of
from scheduler.sources.signal_rows import SignalReader

BATCH = 4000
"""Rows that are read, and put aside, together."""
_INSTANTS = ("at", "received")


@dataclass(frozen=True, slots=True)
class SignalFile:
    """A file of signals, looked through and ready to be read. `rows` counts its records."""

    file: str
    source: str
    sha256: str
    rows: int
    ignored: tuple[str, ...]
    table: SourceTable
    reader: SignalReader

    def batches(self) -> Iterator[SignalBatch]:
        """Every row: its signals, and what could not be read."""
        batch = SignalBatch()
        for row in self.table.records():
            batch.rows += 1
            if isinstance(row, Reject):
                batch.rejects.append(row)
            else:
                self.reader.read(row[0], row[1], batch)
            if batch.rows >= BATCH:
                yield batch
                batch = SignalBatch()
        yield batch


def open_signals(
    path: Path,
    policy: Policy,
    now: datetime,
    *,
    profile: str | None = None,
    mapping: FileMapping | None = None,
    source: str | None = None,
    written: FileLayout | None = None,
) -> SignalFile:
    """Looks a file through. Raises ImportRefusedError with everything that keeps it from being
    read."""
    mapping = mapping or FileMapping()
    asked = profile or mapping.profile
    if asked and asked not in SIGNAL_KINDS:
        raise ImportRefusedError(
            Problem(path.name, 0, "--profile", unknown(asked, SIGNAL_KINDS, Label("profile")))
        )
    table = open_table(
        path, NAMES | set(map(plain, mapping.columns.values())), mapping.written(written)
    )
    kind = _kind(asked, mapping, table)
    mapping = replace(mapping, constants={**kind.constants, **mapping.constants})
    layout = lay_out(table, replace(kind.profile, required=("at",)), mapping)
    _refuse_incomplete(table, layout, mapping)
    named = source_of(mapping, source, otherwise=kind.profile.id)
    rows, orders, marks = _look_through(table, layout, mapping)
    readers = {
        name: instant_reader(
            DaysOf(orders.get(name), name in mapping.serials),
            ZoneInfo(policy.zone),
            now,
            utc="(utc)" in layout.name(name).lower(),
        )
        for name in _INSTANTS
    }
    numbers = {place: number_reader(mark) for place, mark in marks.items()}
    reader = SignalReader(layout, mapping.constants, readers, numbers, named)
    return SignalFile(path.name, named, table.sha256, rows, layout.ignored, table, reader)


def _kind(asked: str, mapping: FileMapping, table: SourceTable) -> SignalKind:
    """Which kind of file it is: as asked, else by its header; with columns in a mapping file, our
    own."""
    if asked or mapping.columns:
        return SIGNAL_KINDS[asked or "signals"]
    return recognise_signals(table.header)


def _refuse_incomplete(table: SourceTable, layout: Layout, mapping: FileMapping) -> None:
    """Raises ImportRefusedError where nothing says whom the rows are about, or what was
    measured."""
    filled = layout.columns.keys() | mapping.constants.keys()
    missing = [] if filled & set(SUBJECTS) else ["contract / customer"]
    if not filled - set(SIGNAL_FIELDS):
        missing += [name for name in ("name", "value") if name not in filled]
    if missing:
        found = ", ".join(name for name in table.header if name)[:500]
        listed = ", ".join(missing)
        raise ImportRefusedError(
            RecordProblem.of("missing_columns", file=table.path.name, missing=listed, found=found)
        )


def measured_in(layout: Layout) -> Mapping[str, int]:
    """The columns that are a measure each, by its name."""
    return {name: place for name, place in layout.columns.items() if name not in SIGNAL_FIELDS}


def _look_through(
    table: SourceTable, layout: Layout, mapping: FileMapping
) -> tuple[int, dict[str, DateOrder | None], dict[int, DecimalMark]]:
    """The first pass: how many rows, the order of each column's days, the decimal sign of each
    column's numbers. Raises ImportRefusedError with all that it found wrong."""
    declared = {n: mapping.dates.get(n) or mapping.dates.get("format") for n in _INSTANTS}
    days = {
        name: DateColumn(layout.name(name), name)
        for name in _INSTANTS
        if name in layout.columns and declared[name] is None
    }
    places = set(measured_in(layout).values()) | {layout.columns.get("value", -1)} - {-1}
    numbers = {place: NumberColumn(layout.header[place]) for place in places}
    rows = _read_columns(
        table,
        [(layout.columns[name], column) for name, column in days.items()]
        + ([] if mapping.decimal else list(numbers.items())),
    )
    file = table.path.name
    orders = {name: column.order(file) for name, column in days.items()}
    marks = {p: mapping.mark or column.mark(file) for p, column in numbers.items()}
    problems = [p for p in (*orders.values(), *marks.values()) if isinstance(p, RecordProblem)]
    if not rows:
        problems.append(RecordProblem.of("header_only", file=file))
    if problems:
        raise ImportRefusedError(*problems)
    found = {n: o for n, o in orders.items() if not isinstance(o, RecordProblem)}
    return rows, declared | found, {p: m for p, m in marks.items() if isinstance(m, DecimalMark)}


def _read_columns(table: SourceTable, columns: Sequence[tuple[int, Any]]) -> int:
    """Shows every cell of some columns to what settles how they are written; how many rows there
    are. What was seen just before is not shown again."""
    rows, last = 0, [""] * len(columns)
    shown = [(n, place, column.read) for n, (place, column) in enumerate(columns)]
    for row in table.records():
        rows += 1
        if isinstance(row, Reject):
            continue
        cells = row[1]
        for n, place, read in shown:
            text = cells[place]
            if text != last[n]:
                last[n] = text
                if text:
                    read(text.strip())
    return rows

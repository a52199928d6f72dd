"""Contracts out of a CSV file: the file is looked through once for what only the whole of it can
tell, then streamed as records.

The first pass counts the rows, finds the order of each column's dates, the stages that have no
place and the contract keys that may occur twice. Always holds: memory does not grow with the file;
after `open_contracts` nothing about the file as a whole is wrong any more.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, time
from pathlib import Path
from zoneinfo import ZoneInfo

from scheduler.core.config.mistakes import unknown
from scheduler.core.imports.fields import DATE_FIELDS
from scheduler.core.imports.header_units import header_currency
from scheduler.core.imports.names import plain
from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.texts import (
    FieldError,
    ImportRefusedError,
    LeftOut,
    RecordProblem,
    Reject,
)
from scheduler.core.imports.typed import MOST_MONTHS
from scheduler.core.imports.written_amounts import Mark
from scheduler.core.imports.written_amounts import read_currency as currency_of
from scheduler.core.policy.policy import Policy
from scheduler.core.words.labels import Label
from scheduler.core.words.problems import Problem
from scheduler.sources.cells.amount_column import AmountColumn
from scheduler.sources.cells.date_columns import DateColumn
from scheduler.sources.cells.fields import DaysOf, as_instant, is_empty
from scheduler.sources.cells.length_columns import LengthColumn
from scheduler.sources.files.opening import FileLayout, open_table
from scheduler.sources.files.table import SourceTable
from scheduler.sources.kinds.known import PROFILES, recognise
from scheduler.sources.kinds.profiles import CSV
from scheduler.sources.mappings.contracts import FileMapping
from scheduler.sources.mappings.layout import Layout, lay_out
from scheduler.sources.repeats import Repeats
from scheduler.sources.row_reader import ColumnReadings, RowReader, row_key, wrong_constants
from scheduler.sources.stages import Places, find_place, our_pipelines, placements, unmapped
from scheduler.sources.statuses import with_status


@dataclass(frozen=True, slots=True)
class ContractFile:
    """A file of contracts, looked through and ready to be streamed. `rows` counts its records,
    `present` the fields it fills, `empty` those of them whose column is empty throughout. `unit`:
    the column of amounts whose name says what they are to be multiplied by."""

    file: str
    source: str
    sha256: str
    rows: int
    present: frozenset[str]
    empty: frozenset[str]
    ignored: tuple[str, ...]
    unit: tuple[str, int] | None
    has_deferred: bool
    table: SourceTable
    reader: RowReader
    repeats: Repeats = field(repr=False)

    def records(self, deferred: bool = False) -> Iterator[ContractRecord | Reject | LeftOut]:
        """Every row as a record, a reject or one left out; rows of one id that all come in
        (`suffix`) stand together at the end.

        Rows whose place depends on the customer having a contract come only when `deferred`, all
        others only when not: the second time over the file, every contract of the first is there.
        """
        seen = self.repeats.fresh()
        for row in self.table.records():
            if isinstance(row, Reject):
                if not deferred:
                    yield row
                continue
            found = self._row(*row, deferred)
            found = found if found is None or isinstance(found, LeftOut) else seen.judge(found)
            if found is not None:
                yield found
        yield from seen.held()

    def _row(
        self, line: int, cells: list[str], deferred: bool
    ) -> ContractRecord | Reject | LeftOut | None:
        """One row; None if it belongs to the other reading of the file."""
        try:
            place = self.reader.place(cells)
        except FieldError as error:
            return None if deferred else self.reader.reject(line, cells, error)
        if (place is not None and place.by_contract) is not deferred:
            return None
        return (
            LeftOut(line, self.reader.key(cells))
            if place is not None and place.skip
            else self.reader.read(line, cells, place)
        )


def open_contracts(
    path: Path,
    policy: Policy,
    *,
    profile: str | None = None,
    mapping: FileMapping | None = None,
    source: str | None = None,
    written: FileLayout | None = None,
) -> ContractFile:
    """Looks a file through. `profile` names a kind of file (else it is recognised by its header),
    `mapping` how to read any other.

    Raises ImportRefusedError with everything that keeps the file as a whole from being read.
    """
    mapping = mapping or FileMapping()
    wanted = profile or mapping.profile
    if wanted and wanted not in PROFILES:
        said = unknown(wanted, PROFILES, Label("profile"))
        raise ImportRefusedError(Problem("", 0, "", said))
    table = open_table(path, names_known(mapping), mapping.written(written))
    chosen = PROFILES[wanted] if wanted else recognise(table.header)
    known, wrong = placements(chosen, mapping, policy)
    if chosen is CSV:
        mapping = with_status(table, mapping, known)
    places = Places(
        known,
        our_pipelines(policy),
        frozenset(map(plain, mapping.stages)),
        foreign=chosen.estimates,
    )
    wrong += wrong_constants(chosen, mapping, places, policy.base_currency)
    layout = lay_out(table, chosen, mapping, wrong)
    mapping = _with_currency(mapping, layout, policy)
    looked = _look_through(
        table, layout, mapping, places, policy, exclusive=mapping.exclusive or chosen.exclusive
    )
    reader = RowReader.of(
        chosen, mapping, layout, looked.read, places, currency=policy.base_currency
    )
    return ContractFile(
        path.name,
        source or mapping.source or (Path(mapping.file).stem if mapping.file else chosen.source),
        table.sha256,
        looked.rows,
        reader.present,
        looked.empty,
        layout.ignored,
        None
        if mapping.multiple or layout.multiple == 1
        else (layout.name("amount"), layout.multiple),
        looked.has_deferred,
        table,
        reader,
        looked.repeats,
    )


def names_known(mapping: FileMapping) -> frozenset[str]:
    """Every column name that says something, normalised."""
    return frozenset().union(*(p.names for p in PROFILES.values())) | {
        plain(c) for c in (*mapping.columns.values(), *mapping.key, *mapping.keep)
    }


@dataclass(frozen=True, slots=True)
class _Looked:
    """What the first pass found."""

    rows: int
    empty: frozenset[str]
    read: ColumnReadings
    has_deferred: bool
    repeats: Repeats


def _look_through(
    table: SourceTable,
    layout: Layout,
    mapping: FileMapping,
    places: Places,
    policy: Policy,
    *,
    exclusive: bool,
) -> _Looked:
    """The first pass. Raises ImportRefusedError with all that it found wrong."""
    undeclared = [
        f
        for f in DATE_FIELDS
        if f in layout.columns and not (mapping.dates.get(f) or mapping.dates.get("format"))
    ]
    columns = [(layout.columns[f], DateColumn(layout.name(f), f)) for f in undeclared]
    dated = [f for f in DATE_FIELDS if f in layout.columns]
    instants = Instants(
        {layout.columns[f]: f for f in dated},
        frozenset(f for f in dated if "(utc)" in layout.name(f).lower()),
    )
    amounts = _Amounts.of(layout, mapping, policy)
    lengths = _lengths(layout)
    known = set(map(plain, mapping.terms))
    stage, pipeline = layout.columns.get("stage"), layout.columns.get("pipeline")
    stages, repeats, rows = Counter[tuple[str, str]](), Repeats(mapping.duplicates), 0
    unfilled = list(layout.columns.items())
    for row in table.records():
        rows += 1
        if isinstance(row, Reject):
            continue
        line, cells = row
        if unfilled:
            unfilled = [(name, place) for name, place in unfilled if is_empty(cells[place])]
        repeats.look(line, row_key(layout.key, cells))
        for place, column in columns:
            if cells[place]:
                column.read(cells[place].strip())
        for place, length in lengths:
            if cells[place] and plain(cells[place]) not in known:
                length.read(cells[place])
        instants.read(cells)
        if amounts is not None:
            amounts.read(cells)
        if stage is not None:
            stages[cells[stage].strip(), "" if pipeline is None else cells[pipeline].strip()] += 1
    file = table.path.name
    found = {column.fills: column.order(file) for _, column in columns}
    mark = amounts.column.mark(file) if amounts is not None else mapping.mark
    asked = (*found.values(), mark, *(length.question(file) for _, length in lengths))
    problems = [p for p in asked if isinstance(p, RecordProblem)] + unmapped(
        file, stages, places.by_stage, policy
    )
    if not rows:
        problems.append(RecordProblem.of("header_only", file=file))
    if problems:
        raise ImportRefusedError(*problems)
    declared = {f: mapping.dates.get(f) or mapping.dates.get("format") for f in DATE_FIELDS}
    orders = declared | {
        f: order for f, order in found.items() if not isinstance(order, RecordProblem)
    }
    days = {
        f: DaysOf(
            order,
            f in mapping.serials,
            exclusive and f == "ends_on",
            instants.zone(f, policy),
            instants.utc(f),
        )
        for f, order in orders.items()
    }
    has_deferred = any(
        p is not None and p.by_contract for p in (find_place(places.by_stage, *s) for s in stages)
    )
    if has_deferred and repeats.last_line:
        repeats.count(
            row_key(layout.key, row[1]) for row in table.records() if not isinstance(row, Reject)
        )
    return _Looked(
        rows,
        frozenset(name for name, _ in unfilled),
        ColumnReadings(days, mark if isinstance(mark, Mark) else None),
        has_deferred,
        repeats,
    )


def _lengths(layout: Layout) -> list[tuple[int, LengthColumn]]:
    """The columns of lengths of time whose unit nothing says."""
    return [
        (layout.columns[name], LengthColumn(layout.name(name), name))
        for name in MOST_MONTHS
        if name in layout.columns and name not in layout.units
    ]


@dataclass(slots=True)
class Instants:
    """The columns that write times with an offset. Where every one of them is midnight in UTC, a
    day was meant and written as a time."""

    columns: dict[int, str]
    named_utc: frozenset[str] = frozenset()
    real: set[str] = field(default_factory=set)

    def read(self, cells: list[str]) -> None:
        """Takes one row."""
        for place, name in list(self.columns.items()):
            text = cells[place].strip()
            if len(text) > 10:
                instant = as_instant(text, utc=self.utc(name))
                if instant is not None and instant.astimezone(UTC).time() != time():
                    self.real.add(name)
                    del self.columns[place]

    def utc(self, name: str) -> bool:
        """Whether a column's header says that its times are in UTC."""
        return name in self.named_utc

    def zone(self, name: str, policy: Policy) -> ZoneInfo | None:
        """The folder's zone where a column's times are times."""
        return ZoneInfo(policy.zone) if name in self.real else None


def _with_currency(mapping: FileMapping, layout: Layout, policy: Policy) -> FileMapping:
    """The mapping, with the currency that the name of the amounts' column says, where nothing else
    says one."""
    said = "currency" in layout.columns or "currency" in mapping.constants
    if said or "amount" not in layout.columns:
        return mapping
    currency = header_currency(layout.name("amount"), policy.base_currency)
    if currency in ("", policy.base_currency):
        return mapping
    return replace(mapping, constants={**mapping.constants, "currency": currency})


@dataclass(frozen=True, slots=True)
class _Amounts:
    """The column of amounts, whose decimal sign is not declared, with what says each row's
    currency."""

    column: AmountColumn
    place: int
    currency_place: int | None
    currency: str

    @classmethod
    def of(cls, layout: Layout, mapping: FileMapping, policy: Policy) -> "_Amounts | None":
        """None where there is no such column, or where its sign is declared."""
        place = layout.columns.get("amount")
        if place is None or mapping.decimal:
            return None
        column = AmountColumn(layout.name("amount"), policy.base_currency, layout.multiple)
        return cls(
            column, place, layout.columns.get("currency"), mapping.constants.get("currency", "")
        )

    def read(self, cells: list[str]) -> None:
        """Takes one row."""
        text = cells[self.place].strip()
        if text and not text.isdecimal():
            written = cells[self.currency_place] if self.currency_place is not None else ""
            self.column.read(text, currency_of(written or self.currency))

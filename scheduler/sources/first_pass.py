"""The first pass over a file of contracts: what only the whole of it can tell.

It counts the rows, finds the order of each column's dates, what numbers of amounts and lengths
mean, the stages that have no place and the contract keys that may occur twice. Always holds: memory
does not grow with the file.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, time
from zoneinfo import ZoneInfo

from scheduler.core.imports.fields import DATE_FIELDS, DATED_FIELDS, MONEY_FIELDS
from scheduler.core.imports.names import plain
from scheduler.core.imports.texts import ImportRefusedError, RecordProblem, Reject
from scheduler.core.imports.typed import MOST_MONTHS
from scheduler.core.imports.written_amounts import DecimalMark
from scheduler.core.imports.written_amounts import read_currency as currency_of
from scheduler.core.imports.written_days import DateOrder, OrderElsewhere
from scheduler.core.policy.policy import Policy
from scheduler.sources.cells.amount_column import AmountColumn, TaxMarks
from scheduler.sources.cells.cell_readers import DaysOf, as_instant, is_empty
from scheduler.sources.cells.date_order import DateColumn, orders
from scheduler.sources.cells.length_columns import LengthColumn
from scheduler.sources.cells.periods import PeriodColumn
from scheduler.sources.files.table import SourceTable
from scheduler.sources.mappings.contracts import FileMapping
from scheduler.sources.mappings.layout import Layout
from scheduler.sources.repeats import RepeatedRows
from scheduler.sources.row_reader import ColumnReadings, row_key
from scheduler.sources.stages import Places, find_place, unmapped


@dataclass(frozen=True, slots=True)
class FirstPass:
    """What the first pass found: how many rows, which columns are `empty` throughout, how columns
    are to be read, whether some rows are to be read only after all others (`has_deferred`), the
    keys that occur twice, two amounts that do not say the same about tax (`taxes`), and the columns
    of dates whose order another one says (`orders`)."""

    rows: int
    empty: frozenset[str]
    read: ColumnReadings
    has_deferred: bool
    repeats: RepeatedRows
    taxes: tuple[str, str, str] | None
    orders: tuple[OrderElsewhere, ...]


def look_through(
    table: SourceTable,
    layout: Layout,
    mapping: FileMapping,
    places: Places,
    policy: Policy,
    *,
    exclusive: bool,
) -> FirstPass:
    """Looks all rows of `table` through. `exclusive`: its ends are the day after the last one.
    Raises ImportRefusedError with all that it found wrong."""
    found = _Pass(layout, mapping, policy)
    for row in table.records():
        found.take(row)
    file = table.path.name
    problems = found.problems(file) + unmapped(file, found.stages, places.by_stage, policy)
    if not found.rows:
        problems.append(RecordProblem.of("header_only", file=file))
    if problems:
        raise ImportRefusedError(*problems)
    deferred = any(
        place is not None and place.by_contract
        for place in (find_place(places.by_stage, *stage) for stage in found.stages)
    )
    if deferred and found.repeats.last_line:
        found.repeats.count(
            row_key(layout.key, row[1]) for row in table.records() if not isinstance(row, Reject)
        )
    return FirstPass(
        found.rows,
        found.empty(),
        found.readings(file, exclusive=exclusive),
        deferred,
        found.repeats,
        found.taxes.mixed,
        found.settled_elsewhere(file),
    )


class _Pass:
    """What is gathered row by row."""

    def __init__(self, layout: Layout, mapping: FileMapping, policy: Policy) -> None:
        self.rows = 0
        self.stages: Counter[tuple[str, str]] = Counter()
        self.repeats = RepeatedRows(mapping.duplicates)
        self._layout, self._mapping, self._policy = layout, mapping, policy
        dated = [f for f in DATE_FIELDS if f in layout.columns]
        asked = [f for f in dated if not mapping.order(f)]
        self._dates = [(layout.columns[f], DateColumn(layout.name(f), f)) for f in asked]
        self._periods = PeriodColumn(DateColumn(layout.name("term"), "term"))
        self._period_place = layout.columns.get("term")
        self._instants = Instants(
            {layout.columns[f]: f for f in dated},
            frozenset(f for f in dated if "(utc)" in layout.name(f).lower()),
        )
        self._amounts = _Amounts.of(layout, mapping, policy)
        self._money = [
            (layout.columns[f], layout.name(f)) for f in MONEY_FIELDS if f in layout.columns
        ]
        self.taxes = TaxMarks()
        self._lengths = _lengths(layout)
        self._terms = set(map(plain, mapping.terms))
        self._unfilled = list(layout.columns.items())

    def take(self, row: tuple[int, list[str]] | Reject) -> None:
        """One row of the file."""
        self.rows += 1
        if isinstance(row, Reject):
            return
        line, cells = row
        if self._unfilled:
            self._unfilled = [(f, place) for f, place in self._unfilled if is_empty(cells[place])]
        self.repeats.look(line, row_key(self._layout.key, cells))
        for place, column in self._dates:
            if cells[place]:
                column.read(cells[place].strip())
        if self._period_place is not None and (term := cells[self._period_place]):
            self._periods.read(term)
        for place, length in self._lengths:
            if cells[place] and plain(cells[place]) not in self._terms:
                length.read(cells[place])
        self._instants.read(cells)
        if self._amounts is not None:
            self._amounts.read(cells)
        for place, name in self._money:
            self.taxes.read(name, cells[place])
        stage, pipeline = map(self._layout.columns.get, ("stage", "pipeline"))
        if stage is not None:
            of = "" if pipeline is None else cells[pipeline].strip()
            self.stages[cells[stage].strip(), of] += 1

    def empty(self) -> frozenset[str]:
        """The fields whose column is empty throughout."""
        return frozenset(name for name, _ in self._unfilled)

    def problems(self, file: str) -> list[RecordProblem]:
        """What can be read in two ways, or in none."""
        told = (
            *self._orders(file)[0].values(),
            self._mark(file),
            *(length.question(file) for _, length in self._lengths),
        )
        return [problem for problem in told if isinstance(problem, RecordProblem)]

    def readings(self, file: str, *, exclusive: bool) -> ColumnReadings:
        """How days and amounts are to be read."""
        asked, _ = self._orders(file)
        found = {f: o for f, o in asked.items() if not isinstance(o, RecordProblem)}
        dated = DATED_FIELDS if self._periods.found else DATE_FIELDS
        by_field = {f: self._mapping.order(f) for f in dated} | found
        days = {
            f: DaysOf(
                order,
                f in self._mapping.serials,
                exclusive and f in ("ends_on", "term"),
                self._instants.zone(f, self._policy),
                self._instants.utc(f),
            )
            for f, order in by_field.items()
        }
        mark = self._mark(file)
        sign = mark if isinstance(mark, DecimalMark) else None
        return ColumnReadings(days, sign, self._periods.found)

    def settled_elsewhere(self, file: str) -> tuple[OrderElsewhere, ...]:
        """The columns of dates whose order another one says."""
        return tuple(self._orders(file)[1])

    def _orders(
        self, file: str
    ) -> tuple[dict[str, DateOrder | RecordProblem | None], list[OrderElsewhere]]:
        """The order of each column's dates that the mapping does not say, and those that another
        column says."""
        columns = [column for _, column in self._dates]
        if self._periods.found and not self._mapping.order("term"):
            columns.append(self._periods.days)
        return orders(columns, file)

    def _mark(self, file: str) -> DecimalMark | RecordProblem | None:
        """The decimal sign of the amounts."""
        return self._mapping.mark if self._amounts is None else self._amounts.column.mark(file)


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


@dataclass(frozen=True, slots=True)
class _Amounts:
    """The columns of amounts, whose decimal sign is not declared and is one for both, with what
    says each row's currency."""

    column: AmountColumn
    places: tuple[int, ...]
    currency_place: int | None
    currency: str

    @classmethod
    def of(cls, layout: Layout, mapping: FileMapping, policy: Policy) -> "_Amounts | None":
        """None where there is no such column, or where its sign is declared."""
        found = [name for name in MONEY_FIELDS if name in layout.columns]
        if not found or mapping.decimal:
            return None
        column = AmountColumn(layout.name(found[0]), policy.base_currency, layout.multiple)
        places = tuple(layout.columns[name] for name in found)
        return cls(
            column, places, layout.columns.get("currency"), mapping.constants.get("currency", "")
        )

    def read(self, cells: list[str]) -> None:
        """Takes one row."""
        for place in self.places:
            text = cells[place].strip()
            if text and not text.isdecimal():
                written = cells[self.currency_place] if self.currency_place is not None else ""
                self.column.read(text, currency_of(written or self.currency))

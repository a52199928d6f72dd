"""Contracts out of a CSV file: the file is looked through once for what only the whole of it can tell, then streamed as records.

The first pass counts the rows, finds the order of each column's dates, the stages that have no place and the contract keys that may occur twice.
Always holds: memory does not grow with the file; after `open_contracts` nothing about the file as a whole is wrong any more.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scheduler.core.import_texts import ImportRefusedError, Problem, Reject
from scheduler.core.importing import ContractRecord, Placement
from scheduler.core.policy import Policy
from scheduler.core.written_days import DateOrder
from scheduler.sources.date_columns import DateColumn
from scheduler.sources.files import Written, open_table
from scheduler.sources.hubspot import HUBSPOT
from scheduler.sources.layout import Layout, lay_out
from scheduler.sources.mapping import FileMapping
from scheduler.sources.profiles import CSV, DATE_FIELDS, Profile
from scheduler.sources.repeats import Repeats
from scheduler.sources.row_reader import RowReader
from scheduler.sources.stages import find_place, placements, unmapped
from scheduler.sources.table import Table, plain

PROFILES: Mapping[str, Profile] = {"csv": CSV, "hubspot": HUBSPOT}


@dataclass(frozen=True, slots=True)
class ContractFile:
    """A file of contracts, looked through and ready to be streamed. `rows` counts its records, `present` the fields it fills."""

    file: str
    source: str
    sha256: str
    rows: int
    present: frozenset[str]
    ignored: tuple[str, ...]
    has_deferred: bool
    csv: Table
    reader: RowReader
    repeats: Repeats = field(repr=False)

    def records(self, deferred: bool = False) -> Iterator[ContractRecord | Reject | None]:
        """Every row as a record or a reject; None for one that is left out (`skip`, a repeated contract).

        Rows whose place depends on the customer having a contract come only when `deferred`, all others only when not: the second time over
        the file, every contract of the first is there.
        """
        seen = self.repeats.fresh()
        for row in self.csv.records():
            if isinstance(row, Reject):
                if not deferred:
                    yield row
                continue
            line, cells = row
            place = self.reader.place(cells)
            if (place is not None and place.by_contract) is not deferred:
                continue
            yield None if place is not None and place.skip else seen.judge(self.reader.read(line, cells, place))


def open_contracts(
    path: Path,
    policy: Policy,
    *,
    profile: str | None = None,
    mapping: FileMapping | None = None,
    source: str | None = None,
    written: Written | None = None,
) -> ContractFile:
    """Looks a file through. `profile` names a kind of file (else it is recognised by its header), `mapping` how to read any other.

    Raises ImportRefusedError with everything that keeps the file as a whole from being read.
    """
    mapping = mapping or FileMapping()
    wanted = profile or mapping.profile
    if wanted and wanted not in PROFILES:
        raise ImportRefusedError(Problem.of("unknown_profile", profile=wanted, allowed=", ".join(PROFILES)))
    csv = open_table(path, names_known(mapping), mapping.written(written))
    chosen = PROFILES[wanted] if wanted else recognise(csv.header)
    layout = lay_out(csv, chosen, mapping)
    places = placements(chosen, mapping, policy)
    looked = _look_through(csv, layout, mapping, places, policy)
    reader = RowReader.of(chosen, mapping, layout, looked.orders, places, currency=policy.base_currency)
    return ContractFile(
        path.name,
        source or mapping.source or chosen.source,
        csv.sha256,
        looked.rows,
        reader.present,
        layout.ignored,
        looked.has_deferred,
        csv,
        reader,
        looked.repeats,
    )


def names_known(mapping: FileMapping) -> frozenset[str]:
    """Every column name that says something, normalised."""
    return frozenset().union(*(p.names for p in PROFILES.values())) | {plain(c) for c in (*mapping.columns.values(), *mapping.key, *mapping.keep)}


def recognise(header: tuple[str, ...]) -> Profile:
    """The profile whose required columns the header has, else the one of our own CSV."""
    return next((p for p in PROFILES.values() if p is not CSV and set(p.required) <= set(p.find(header))), CSV)


@dataclass(frozen=True, slots=True)
class _Looked:
    """What the first pass found."""

    rows: int
    orders: Mapping[str, DateOrder | None]
    has_deferred: bool
    repeats: Repeats


def _look_through(csv: Table, layout: Layout, mapping: FileMapping, places: Mapping[str, Placement], policy: Policy) -> _Looked:
    """The first pass. Raises ImportRefusedError with all that it found wrong."""
    undeclared = [f for f in DATE_FIELDS if f in layout.columns and not (mapping.dates.get(f) or mapping.dates.get("format"))]
    columns = [(layout.columns[f], DateColumn(layout.name(f), f)) for f in undeclared]
    stage, pipeline = layout.columns.get("stage"), layout.columns.get("pipeline")
    stages, repeats, rows = Counter[tuple[str, str]](), Repeats(mapping.duplicates), 0
    for row in csv.records():
        rows += 1
        if isinstance(row, Reject):
            continue
        line, cells = row
        repeats.look(line, "/".join([cells[k].strip() for k in layout.key]))
        for place, column in columns:
            if cells[place]:
                column.read(cells[place].strip())
        if stage is not None:
            stages[cells[stage].strip(), "" if pipeline is None else cells[pipeline].strip()] += 1
    found = {column.fills: column.order(csv.path.name) for _, column in columns}
    problems = [p for p in found.values() if isinstance(p, Problem)] + unmapped(csv.path.name, stages, places, policy)
    if not rows:
        problems.append(Problem.of("header_only", file=csv.path.name))
    if problems:
        raise ImportRefusedError(*problems)
    declared = {f: mapping.dates.get(f) or mapping.dates.get("format") for f in DATE_FIELDS}
    orders = declared | {f: order for f, order in found.items() if not isinstance(order, Problem)}
    return _Looked(rows, orders, any(p is not None and p.by_contract for p in (find_place(places, *s) for s in stages)), repeats)

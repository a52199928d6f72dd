"""Contracts out of a CSV file: the file is looked through once for what only the whole of it can
tell, then streamed as records.

The first pass is `first_pass`. Always holds: memory does not grow with the file; after
`open_contracts` nothing about the file as a whole is wrong any more.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from scheduler.core.config.mistakes import unknown
from scheduler.core.imports.fields import MONEY_FIELDS
from scheduler.core.imports.header_units import header_currency
from scheduler.core.imports.names import plain
from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.texts import FieldError, ImportRefusedError, LeftOut, Reject
from scheduler.core.imports.written_days import OrderElsewhere
from scheduler.core.policy.policy import Policy
from scheduler.core.words.labels import Label
from scheduler.core.words.problems import Problem
from scheduler.sources.files.opening import FileLayout, open_table
from scheduler.sources.files.table import SourceTable
from scheduler.sources.first_pass import look_through
from scheduler.sources.kinds.known import PROFILES, recognise
from scheduler.sources.kinds.profiles import CSV
from scheduler.sources.mappings.contracts import FileMapping
from scheduler.sources.mappings.layout import Layout, lay_out, source_of
from scheduler.sources.repeats import RepeatedRows
from scheduler.sources.row_reader import RowReader, wrong_constants
from scheduler.sources.stages import Places, our_pipelines, placements
from scheduler.sources.statuses import with_status


@dataclass(frozen=True, slots=True)
class ContractFile:
    """A file of contracts, looked through and ready to be streamed. `rows` counts its records,
    `present` the fields it fills, `empty` those of them whose column is empty throughout. `unit`:
    the column of amounts whose name says what they are to be multiplied by, `taxes`: one with two
    of its amounts that do not say the same about tax, `orders`: columns of dates whose order
    another one says."""

    file: str
    source: str
    sha256: str
    rows: int
    present: frozenset[str]
    empty: frozenset[str]
    ignored: tuple[str, ...]
    unit: tuple[str, int] | None
    taxes: tuple[str, str, str] | None
    orders: tuple[OrderElsewhere, ...]
    has_deferred: bool
    table: SourceTable
    reader: RowReader
    repeats: RepeatedRows = field(repr=False)

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
    table = table.with_signs([layout.columns[f] for f in MONEY_FIELDS if f in layout.columns])
    looked = look_through(
        table, layout, mapping, places, policy, exclusive=mapping.exclusive or chosen.exclusive
    )
    reader = RowReader.of(
        chosen, mapping, layout, looked.read, places, currency=policy.base_currency
    )
    return ContractFile(
        path.name,
        source_of(mapping, source, otherwise=chosen.source),
        table.sha256,
        looked.rows,
        reader.present,
        looked.empty,
        layout.ignored,
        None
        if mapping.multiple or layout.multiple == 1
        else (layout.name("amount"), layout.multiple),
        looked.taxes,
        looked.orders,
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

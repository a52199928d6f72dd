"""An Excel workbook (.xlsx, .xlsm) or an OpenDocument sheet (.ods) as a table: one sheet, its typed
cells as the texts a CSV would hold.

Read with python-calamine, twenty times faster than openpyxl. Always holds: a date is a date (ISO),
a whole number has no point, a cell that holds an error (#N/A) is that text and never empty; a value
in cells merged downwards stands in each of their rows. Merged headings are refused, with the cell.
"""

import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from hashlib import file_digest
from itertools import islice
from pathlib import Path
from typing import Any, Self
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from scheduler.core.imports.names import plain
from scheduler.core.imports.texts import ImportRefusedError, RecordProblem, Reject
from scheduler.sources.files.opendocument import SheetNotes, sheet_notes
from scheduler.sources.files.table import SEARCHED, Range, Record, find_header, one_line
from scheduler.sources.files.workbook_currencies import Signs, currency_signs
from scheduler.sources.files.workbook_errors import error_cells
from scheduler.sources.files.workbook_limits import is_too_large, is_too_sparse

_MOST_KEPT = 1e15
_DAMAGED = (CalamineError, zipfile.BadZipFile, zlib.error, ExpatError, ParseError, ValueError)
"""What the libraries raise at a part that is damaged."""


@dataclass(frozen=True, slots=True)
class SheetTable:
    """One sheet. `first`: its header's row, from 0; `left`: the column its cells begin at;
    `decimal`: the sign for typed numbers; `notes`: what an OpenDocument sheet says beside."""

    path: Path
    sha256: str
    name: str
    header: tuple[str, ...]
    first: int
    left: int
    decimal: str
    sheet: CalamineSheet = field(repr=False)
    notes: SheetNotes = field(repr=False)
    errors: Mapping[tuple[int, int], str] = field(default_factory=dict, repr=False)
    signs: Mapping[tuple[int, int], Signs] = field(default_factory=dict, repr=False)

    def records(self) -> Iterator[Record | Reject]:
        """Every row below the header that is not blank, with its number in the sheet."""
        width, down, broken = (
            len(self.header),
            _downwards(self.sheet, _ranges(self.sheet, self.notes), self.left, self.first),
            {row for row, _ in self.errors},
        )
        above: list[str] = []
        typed, decimal = lru_cache(maxsize=20_000, typed=True)(_text), self.decimal
        for n, row in enumerate(self.sheet.iter_rows()):
            if n <= self.first:
                continue
            cells = [
                value.strip() if type(value) is str else typed(value, decimal)
                for value in row[:width]
            ]
            if len(cells) < width:
                cells += [""] * (width - len(cells))
            if self.signs:
                self._sign(n, row, cells)
            if n in broken:
                self._mark(n, cells)
            for column in down.get(n, ()):
                if column < width:
                    cells[column] = above[column]
            above = cells
            if any(cells):
                yield n + 1, cells

    def with_signs(self, columns: Collection[int]) -> Self:
        """The same, with the currencies that the formats of numbers show in these columns."""
        if not columns:
            return self
        with _undamaged(self.path):
            found = self.notes.signs or currency_signs(self.path, self.name)
        wanted = {self.left + column for column in columns}
        return replace(self, signs={at: each for at, each in found.items() if at[1] in wanted})

    def _sign(self, n: int, row: Sequence[Any], cells: list[str]) -> None:
        """Puts the currency that a number's format shows beside it, as it would stand in a CSV."""
        for column, value in enumerate(row[: len(cells)]):
            if type(value) in (int, float) and abs(value) < _MOST_KEPT:
                before, behind = self.signs.get((n, column + self.left), ("", ""))
                cells[column] = f"{before}{cells[column]}{behind}"

    def _mark(self, n: int, cells: list[str]) -> None:
        """Puts the texts of errors where the library leaves cells empty."""
        for (row, column), code in self.errors.items():
            if row == n and 0 <= column - self.left < len(cells):
                cells[column - self.left] = code


def open_workbook(
    path: Path,
    known: frozenset[str],
    *,
    sheet: str | None = None,
    skip: int | None = None,
    decimal: str | None = None,
) -> SheetTable:
    """Opens the sheet that is named, or the one that has known column names. Raises
    ImportRefusedError."""
    book = _book(path)
    with _undamaged(path):
        chosen, loaded = _chosen(path, book, known, sheet)
    rows = [
        [_text(value, ".") for value in row]
        for row in islice(loaded.iter_rows(), skip or 0, (skip or 0) + SEARCHED)
    ]
    at = (0 if rows else None) if skip is not None else find_header(rows, known)
    if at is None or not any(rows[at]):
        raise ImportRefusedError(RecordProblem.of("empty_file", file=f"{path.name} [{chosen}]"))
    first, left = (skip or 0) + at, (loaded.start or (0, 0))[1]
    with _undamaged(path):
        notes = sheet_notes(path, chosen, loaded.end or (0, 0))
        errors = error_cells(path, chosen)
    merged = [r for r in _ranges(loaded, notes) if r[0][0] <= first <= r[1][0] and r[0] != r[1]]
    if merged:
        cell = "; ".join(f"{_cell(*a)}:{_cell(*b)}" for a, b in merged)
        raise ImportRefusedError(
            RecordProblem.of("merged_heading", file=path.name, sheet=chosen, cell=cell)
        )
    header = _trimmed(one_line(rows[at]))
    with path.open("rb") as stream:
        digest = file_digest(stream, "sha256").hexdigest()
    return SheetTable(
        path, digest, chosen, header, first, left, decimal or ".", loaded, notes, errors
    )


@contextmanager
def _undamaged(path: Path) -> Iterator[None]:
    """Raises ImportRefusedError where a part of the workbook turns out to be damaged."""
    try:
        yield
    except _DAMAGED as error:
        raise ImportRefusedError(RecordProblem.of("damaged", file=path.name, why=error)) from error


def _book(path: Path) -> CalamineWorkbook:
    """The workbook. Raises ImportRefusedError for one that is damaged, locked, of an old kind or
    far too large."""
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
            if is_too_large(packed):
                raise ImportRefusedError(RecordProblem.of("workbook_size", file=path.name))
            if is_too_sparse(packed):
                raise ImportRefusedError(RecordProblem.of("workbook_sparse", file=path.name))
        if "xl/workbook.xml" not in names and "content.xml" not in names:
            raise ImportRefusedError(RecordProblem.of("no_workbook", file=path.name))
        return load_workbook(path)
    except PasswordError:
        raise ImportRefusedError(RecordProblem.of("workbook_locked", file=path.name)) from None
    except (*_DAMAGED, OSError) as error:
        code = "old_workbook" if _is_old(path) else "damaged"
        raise ImportRefusedError(RecordProblem.of(code, file=path.name, why=error)) from error


def _is_old(path: Path) -> bool:
    """Whether it is a workbook of Excel before 2007, or one locked with a password, which comes in
    the same wrapping."""
    with path.open("rb") as stream:
        return stream.read(4) == b"\xd0\xcf\x11\xe0"


def _chosen(
    path: Path, book: CalamineWorkbook, known: frozenset[str], wanted: str | None
) -> tuple[str, CalamineSheet]:
    """The sheet to read: the one named, the only one that is seen and holds something, the only one
    with known names. Raises ImportRefusedError."""
    if wanted is not None:
        name = next(
            (n for n in book.sheet_names if n.strip().lower() == wanted.strip().lower()), None
        )
        if name is None:
            raise ImportRefusedError(
                RecordProblem.of(
                    "no_sheet", file=path.name, sheet=wanted, found=", ".join(book.sheet_names)
                )
            )
        return name, book.get_sheet_by_name(name)
    seen = [
        s.name
        for s in book.sheets_metadata
        if s.visible == SheetVisibleEnum.Visible and s.typ == SheetTypeEnum.WorkSheet
    ]
    filled = {name: loaded for name in seen if (loaded := book.get_sheet_by_name(name)).height}
    fitting = [name for name, loaded in filled.items() if _names(loaded, known) >= 2]
    candidates = fitting or list(filled)
    if not candidates:
        raise ImportRefusedError(RecordProblem.of("empty_file", file=path.name))
    if len(candidates) > 1:
        raise ImportRefusedError(
            RecordProblem.of(
                "which_sheet", file=path.name, found=", ".join(candidates), example=candidates[0]
            )
        )
    return candidates[0], filled[candidates[0]]


def _names(sheet: CalamineSheet, known: frozenset[str]) -> int:
    """How many known names the header of a sheet would have."""
    rows = [[_text(value, ".") for value in row] for row in islice(sheet.iter_rows(), SEARCHED)]
    return max((sum(plain(cell) in known for cell in row if cell) for row in rows), default=0)


def _text(value: Any, decimal: str) -> str:
    """A typed cell as a text. A number keeps all its digits, and never exactly three behind the
    point, which would look like thousands.

    >>> (_text(123.0, "."), _text(1234.5, ","), _text(12.125, "."), _text(True, "."),
    ...  _text(datetime(2027, 3, 31), "."))
    ('123', '1234,5', '12.1250', 'true', '2027-03-31')
    """
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _number(value, decimal)
    if isinstance(value, datetime):
        return (
            value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
        )
    return value.isoformat() if isinstance(value, date) else str(value)


def _number(value: float, decimal: str) -> str:
    """A number without an exponent."""
    if abs(value) >= _MOST_KEPT:
        # Excel keeps fifteen digits: the rest of an id this long is lost, and its reader must see
        # that
        return f"{value:.14E}"
    if value == int(value):
        return str(int(value))
    whole, _, fraction = format(Decimal(repr(value)), "f").partition(".")
    return f"{whole}{decimal}{fraction}{'0' if len(fraction) == 3 else ''}"


def _trimmed(header: Sequence[str]) -> tuple[str, ...]:
    """The header without the empty cells at its end."""
    width = max(n for n, name in enumerate(header, 1) if name)
    return tuple(header[:width])


def _ranges(sheet: CalamineSheet, notes: SheetNotes) -> list[Range]:
    """The merged ranges of a sheet."""
    return notes.merged or [((a[0], a[1]), (b[0], b[1])) for a, b in sheet.merged_cell_ranges or ()]


def _cell(row: int, column: int) -> str:
    """A cell as Excel calls it.

    >>> _cell(0, 0), _cell(9, 27)
    ('A1', 'AB10')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def _downwards(
    sheet: CalamineSheet, ranges: Sequence[Range], left: int, first: int
) -> dict[int, list[int]]:
    """The columns that repeat what stands above them, by row: those below the first row of a range
    that is merged downwards."""
    down: dict[int, list[int]] = {}
    for (top, column), (bottom, _) in ranges:
        for row in range(max(top, first + 1) + 1, min(bottom, sheet.total_height + first) + 1):
            down.setdefault(row, []).append(column - left)
    return down

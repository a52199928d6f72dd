"""Files for spreadsheets: rows with typed cells as CSV or as an Excel workbook.

Always holds: rows stream, memory does not grow with them; no cell is a formula; a file is its
owner's only and stands there whole or not at all (written beside its place, then renamed); what is
no file of this kind is not replaced.
"""

import csv
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any, Protocol

from scheduler.cli.terminal.tables import cells
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.escaping import escape_formula
from scheduler.system.private_files import OWNER_ONLY, give_to_owner

Value = str | int | Decimal | date | datetime | None
"""What a cell holds: instants without an offset, on the clock that is meant; amounts with as many
decimals as they have."""
MOST_ROWS = 1_048_575
"""Rows of one sheet beside its heading; the others go on in the next sheet."""
_LONGEST_TEXT, _DIGITS, _FIRST_YEAR = 32_767, 15, 1900
_SAMPLE, _WIDEST = 200, 50
STANDARD_OUTPUT = "-"


class Sheet(Protocol):
    """A place that rows are written to."""

    def row(self, values: Sequence[Value]) -> None:
        """Writes one row."""


@contextmanager
def csv_sheet(where: str, heads: Sequence[str]) -> Iterator[Sheet]:
    """A CSV file, in UTF-8 with the mark by which Excel knows it; on standard output (`-`) without.
    Raises UserMustActError."""
    if where == STANDARD_OUTPUT:
        yield _Csv(sys.stdout, heads)
        return
    with replaced(where, (".csv", ".txt", ".tsv")) as stream:
        text = TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        yield _Csv(text, heads)
        text.flush()


class _Csv:
    """Rows as CSV."""

    def __init__(self, stream: IO[str], heads: Sequence[str]) -> None:
        self._writer = csv.writer(
            stream, lineterminator="\r\n" if stream is not sys.stdout else "\n"
        )
        self.row(heads)

    def row(self, values: Sequence[Value]) -> None:
        """Writes one row."""
        self._writer.writerow([_csv_cell(value) for value in values])


def _csv_cell(value: Value) -> str:
    """One cell: days and instants in ISO 8601, numbers without separators, never exactly three
    decimals, which could be read as thousands.

    >>> (_csv_cell(Decimal("12.500")), _csv_cell(Decimal("900.50")),
    ...  _csv_cell(datetime(2027, 3, 31, 9, 0)), _csv_cell("=1+1"))
    ('12.5000', '900.50', '2027-03-31 09:00', "'=1+1")
    """
    if isinstance(value, str):
        return escape_formula(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    if isinstance(value, Decimal):
        return f"{value:f}0" if value.as_tuple().exponent == -3 else f"{value:f}"
    return "" if value is None else str(value)


@contextmanager
def workbook_sheet(where: str, title: str, heads: Sequence[str]) -> Iterator[Sheet]:
    """An Excel workbook with a sheet of this title. Raises UserMustActError."""
    if where == STANDARD_OUTPUT:
        raise UserMustActError("--xlsx takes a file's name; only --csv takes - for standard output")
    with replaced(where, (".xlsx",)) as stream, workbook_on(stream, title, heads) as sheet:
        yield sheet


@contextmanager
def workbook_on(stream: IO[bytes], title: str, heads: Sequence[str]) -> Iterator[Sheet]:
    """An Excel workbook with a sheet of this title, written to `stream` at the end."""
    import xlsxwriter  # type: ignore[import-untyped]

    book = xlsxwriter.Workbook(
        stream,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    sheet = _Workbook(book, title, tuple(heads))
    yield sheet
    sheet.finish()
    book.close()


@dataclass
class _Workbook:
    """Rows in the sheets of a workbook. The first rows wait until the columns' widths are known."""

    book: Any
    title: str
    heads: tuple[str, ...]
    sheet: Any = None
    at: int = 0
    sheets: int = 0
    waiting: list[Sequence[Value]] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    formats: dict[str, Any] = field(default_factory=dict)

    def row(self, values: Sequence[Value]) -> None:
        """Writes one row."""
        if self.sheet is None:
            self.waiting.append(values)
            if len(self.waiting) == _SAMPLE:
                self._begin()
            return
        self._write(values)

    def finish(self) -> None:
        """Writes the rows that waited, and sets a filter on the headings."""
        if self.sheet is None:
            self._begin()
        self._filter()

    def _begin(self) -> None:
        """The widths are known, as far as the first rows tell."""
        shown = [self.heads, *([_csv_cell(value) for value in row] for row in self.waiting)]
        self.widths = [
            min(_WIDEST, 2 + max(cells(row[n]) for row in shown)) for n in range(len(self.heads))
        ]
        self._next_sheet()
        for values in self.waiting:
            self._write(values)
        self.waiting.clear()

    def _next_sheet(self) -> None:
        """A sheet with its heading."""
        if self.sheet is not None:
            self._filter()
        self.sheets += 1
        self.sheet = self.book.add_worksheet(
            self.title if self.sheets == 1 else f"{self.title} {self.sheets}"
        )
        for n, width in enumerate(self.widths):
            self.sheet.set_column(n, n, width)
        self.sheet.freeze_panes(1, 0)
        for n, head in enumerate(self.heads):
            self.sheet.write_string(0, n, head, self._format(bold=True))
        self.at = 1

    def _filter(self) -> None:
        """The headings filter their columns."""
        self.sheet.autofilter(0, 0, max(1, self.at - 1), len(self.heads) - 1)

    def _write(self, values: Sequence[Value]) -> None:
        """Writes one row of typed cells, on the next sheet if this one is full."""
        if self.at > MOST_ROWS:
            self._next_sheet()
        for n, value in enumerate(values):
            if value is None or value == "":
                continue
            if isinstance(value, date) and value.year >= _FIRST_YEAR:
                timed = isinstance(value, datetime)
                self.sheet.write_datetime(
                    self.at,
                    n,
                    value,
                    self._format(num_format="yyyy-mm-dd hh:mm" if timed else "yyyy-mm-dd"),
                )
            elif isinstance(value, int | Decimal) and abs(value) < 10**_DIGITS:
                self.sheet.write_number(
                    self.at, n, value, self._format(num_format=_number_format(value))
                )
            else:
                self.sheet.write_string(
                    self.at,
                    n,
                    (value if isinstance(value, str) else _csv_cell(value))[:_LONGEST_TEXT],
                )
        self.at += 1

    def _format(self, **how: Any) -> Any:
        """A format, made once."""
        key = repr(how)
        if key not in self.formats:
            self.formats[key] = self.book.add_format(how)
        return self.formats[key]


def _number_format(value: int | Decimal) -> str:
    """How a spreadsheet shows a number: a plain one as it is, an amount with its decimals.

    >>> _number_format(3), _number_format(Decimal("900.50")), _number_format(Decimal(3600000))
    ('0', '#,##0.00', '#,##0')
    """
    if isinstance(value, int):
        return "0"
    exponent = value.as_tuple().exponent
    return "#,##0" + (f".{'0' * -exponent}" if isinstance(exponent, int) and exponent < 0 else "")


@contextmanager
def replaced(where: str, kinds: Sequence[str]) -> Iterator[IO[bytes]]:
    """A stream to write a file with, which takes its place at the end; on any error the place stays
    as it was. Raises UserMustActError."""
    path = Path(where)
    _refuse(path, kinds)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNER_ONLY)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        give_to_owner(descriptor, path.parent)
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
        part.replace(path)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def _refuse(path: Path, kinds: Sequence[str]) -> None:
    """Refuses to replace what must not be replaced. Raises UserMustActError."""
    if not path.name or path.is_dir():
        raise UserMustActError("{path} is a folder; give a file's name", path=path)
    if path.exists() and not path.is_file():
        raise UserMustActError("{path} is not a regular file", path=path)
    if path.exists() and path.suffix.lower() not in kinds:
        raise UserMustActError(
            (
                "{path} exists and is not {kinds}, so it is not replaced; give a name that "
                "ends with {kinds}"
            ),
            path=path,
            kinds=kinds[0],
        )


def _unwritable(path: Path, error: OSError) -> UserMustActError:
    """Why a file cannot be made there."""
    why = error.strerror or error
    return UserMustActError("{path} cannot be written: {why}", path=path, why=why)

"""A CSV file as it comes out of Excel, a CRM or a mail: its encoding and delimiter found out, its
records streamed with their physical lines.

Always holds: the file is read in pieces and never held whole, packed (gzip) or not. What cannot be
read at all is an `ImportRefusedError` before anything is written; a record whose quotation marks
are wrong is a `Reject`, and the next record goes on.

The encoding is found in one pass over the bytes, which also gives the file's SHA-256
(`encodings`). Lines before the header, a first line `sep=;` and missing cells at
the end of a row are read past; a row that a stray line break has cut in two is not.
"""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Protocol, Self, TextIO, cast

from scheduler.core.imports.names import plain
from scheduler.core.imports.texts import ImportRefusedError, RecordProblem, Reject
from scheduler.core.words.escaping import unescape_formula
from scheduler.sources.files.byte_scan import UNMARKED, Scan, scan
from scheduler.sources.files.encodings import broken_utf8, sample, shown_readings
from scheduler.sources.files.table import SEARCHED, Record, find_header, one_line

LONGEST_CELL = 16_000_000
"""Letters in one cell. What is longer is taken for a quotation mark that is never closed, so that
it does not fill the memory."""
_DELIMITERS = (",", "\t", ";", "|")
_SEP = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_HEAD = 4 * SEARCHED
_NAMED = 100
"""How many lines that a wrong quotation mark has joined are named one by one."""
_ENDS_EARLY = (EOFError, zlib.error, gzip.BadGzipFile)


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file that can be read: where it is, how it is written, what its header says. `skip` lines
    stand before the header. `apostrophes`: some of its cells may begin with one that keeps them
    from being formulas, and is no part of them."""

    path: Path
    encoding: str
    sha256: str
    delimiter: str
    header: tuple[str, ...]
    skip: int = 0
    packed: bool = False
    apostrophes: bool = False

    def records(self) -> Iterator[Record | Reject]:
        """Every record after the header that is not blank, with the line it begins on. Raises
        ImportRefusedError for an unclosed quotation mark."""
        csv.field_size_limit(LONGEST_CELL)
        with _text(self.path, self.encoding, self.packed) as stream:
            for _ in range(self.skip):
                stream.readline()
            reader = csv.reader(stream, delimiter=self.delimiter, strict=True)
            try:
                next(reader)
                yield from (
                    map(_plain, _records(self, reader))
                    if self.apostrophes
                    else _records(self, reader)
                )
            except csv.Error as error:
                raise _unclosed(self.path, self.skip + 1, error) from error

    def with_signs(self, columns: Collection[int]) -> Self:
        """The same: a CSV has the currency in its cells."""
        return self


def open_csv(
    path: Path,
    known: Iterable[str] = (),
    encoding: str | None = None,
    delimiter: str | None = None,
    skip: int | None = None,
) -> CsvFile:
    """Finds out how a file is written. `known` are header names (normalised by `plain`) that help
    to tell the delimiter and the header.

    `encoding`, `delimiter` and `skip` (lines before the header) where they are declared. Raises
    ImportRefusedError: missing, a folder, unreadable, empty, a workbook, NUL bytes, an unknown
    encoding.
    """
    try:
        scanned = scan(path, encoding)
        if scanned.encoding is None:
            raise ImportRefusedError(_unknown_encoding(path, scanned, encoding))
        with _text(path, scanned.encoding, scanned.packed) as stream:
            found, before, header = _dialect(path, stream, frozenset(known), delimiter, skip)
    except _ENDS_EARLY as error:
        raise ImportRefusedError(RecordProblem.of("damaged", file=path.name, why=error)) from error
    return CsvFile(
        path,
        scanned.encoding,
        scanned.sha256,
        found,
        header,
        before,
        scanned.packed,
        scanned.apostrophes,
    )


def _text(path: Path, encoding: str, packed: bool) -> TextIO:
    """The file as text."""
    if packed:
        return io.TextIOWrapper(cast(BinaryIO, gzip.open(path)), encoding=encoding, newline="")
    return path.open(encoding=encoding, newline="")


def _unknown_encoding(path: Path, found: Scan, declared: str | None) -> RecordProblem:
    """The question, with a few cells under each reading."""
    certain = declared or next((name for name in found.failed if name not in UNMARKED), None)
    if certain:
        return RecordProblem.of(
            "declared_encoding" if declared else "marked_encoding",
            file=path.name,
            line=found.failed.get(certain, 1),
            encoding=certain,
        )
    with gzip.open(path) if found.packed else path.open("rb") as stream:
        broken = broken_utf8(cast(Iterable[bytes], stream))
    with gzip.open(path) if found.packed else path.open("rb") as stream:
        shown = shown_readings(sample(cast(Iterable[bytes], stream)))
    code = "broken_utf8" if broken else "encoding"
    return RecordProblem.of(code, file=path.name, utf8=found.failed.get("utf-8", "?"), shown=shown)


def _plain(row: Record | Reject) -> Record | Reject:
    """A row without what keeps cells from being formulas (`'=x`) or numbers (`="007"`), which is no
    part of them."""
    if isinstance(row, Reject) or not any(cell.startswith(("'", '="')) for cell in row[1]):
        return row
    return row[0], [
        cell[2:-1] if cell.startswith('="') and cell.endswith('"') else unescape_formula(cell)
        for cell in row[1]
    ]


class _Reader(Protocol):
    """What `csv.reader` returns."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...


def _records(file: CsvFile, reader: "_Reader") -> Iterator[Record | Reject]:
    """The records of a reader that stands behind the header."""
    width, skip = len(file.header), file.skip
    line = skip + reader.line_num + 1
    short: Record | None = None
    while True:
        try:
            for cells in reader:
                if short is not None:
                    cut = _cut(short[1], cells, width)
                    yield from _ended(short, cells, file)
                    short = None
                    if cut:
                        yield _misfit(file, line, cells)
                        line = skip + reader.line_num + 1
                        continue
                if len(cells) == width:
                    yield line, cells
                elif any(map(str.strip, cells)):
                    if len(cells) < width:
                        short = line, cells
                    elif any(map(str.strip, cells[width:])):
                        yield _misfit(file, line, cells)
                    else:
                        yield line, cells[:width]
                line = skip + reader.line_num + 1
            if short is not None:
                yield from _ended(short, [], file)
            return
        except csv.Error as error:
            if "unexpected end" in str(error) or "field larger" in str(error):
                raise _unclosed(file.path, line, error) from error
            following = skip + reader.line_num + 1
            yield from _misquoted(line, following)
            line = following


def _misquoted(line: int, following: int) -> Iterator[Reject]:
    """Every line that a wrong quotation mark has joined."""
    for each in range(line, min(following, line + _NAMED)):
        yield Reject(each, "", "", RecordProblem.of("quotes"))


def _ended(short: Record, following: list[str], file: CsvFile) -> Iterator[Record | Reject]:
    """A row that ends early: its missing cells are empty, unless it and the next make one row
    together (a line break has cut it in two)."""
    line, cells = short
    if _cut(cells, following, len(file.header)):
        yield _misfit(file, line, cells)
    else:
        yield line, cells + [""] * (len(file.header) - len(cells))


def _cut(cells: list[str], following: list[str], width: int) -> bool:
    """Whether two rows that are both too short make one row together."""
    return len(following) < width and len(cells) + len(following) == width + 1


def _misfit(file: CsvFile, line: int, cells: list[str]) -> Reject:
    """A row of another width than the header's."""
    return Reject(
        line,
        "",
        file.delimiter.join(cells)[:200],
        RecordProblem.of("columns", got=len(cells), expected=len(file.header)),
    )


def _unclosed(path: Path, line: int, error: csv.Error) -> ImportRefusedError:
    """A quotation mark that swallows the rest of the file, or a cell so long that it must be
    one."""
    code = "long_cell" if "field larger" in str(error) else "unclosed_quote"
    return ImportRefusedError(
        RecordProblem.of(code, file=path.name, line=line, letters=f"{LONGEST_CELL:,}")
    )


def _dialect(
    path: Path, stream: TextIO, known: frozenset[str], delimiter: str | None, skip: int | None
) -> tuple[str, int, tuple[str, ...]]:
    """The delimiter that makes most known names of the header, else most columns; the lines before
    the header; its columns."""
    lines = list(islice(stream, _HEAD))
    declared = _SEP.fullmatch(lines[0]) if lines else None
    if declared:
        delimiter = delimiter or declared[1]
    first = skip if skip is not None else 1 if declared else 0
    found = {
        d: _header(lines, d, known, first, fixed=skip is not None)
        for d in ((delimiter,) if delimiter else _DELIMITERS)
    }
    best = max(
        found, key=lambda d: (sum(plain(name) in known for name in found[d][1]), len(found[d][1]))
    )
    if not any(found[best][1]):
        raise ImportRefusedError(RecordProblem.of("empty_file", file=path.name))
    return best, *found[best]


def _header(
    lines: list[str], delimiter: str, known: frozenset[str], first: int, *, fixed: bool
) -> tuple[int, tuple[str, ...]]:
    """(lines before the header, its columns) as a delimiter makes them of a file's first lines; no
    columns where none can be read."""
    starts, rows = _first_rows(lines[first:], delimiter)
    at = (0 if rows else None) if fixed else find_header(rows, known)
    return (first, ()) if at is None else (first + starts[at], one_line(rows[at]))


def _first_rows(lines: list[str], delimiter: str) -> tuple[list[int], list[list[str]]]:
    """The first records and the number of lines before each, up to where they cannot be read."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    starts, rows, start = [], [], 0
    try:
        for row in reader:
            starts.append(start)
            rows.append(row)
            start = reader.line_num
            if len(rows) == SEARCHED:
                break
    except csv.Error:
        pass
    return starts, rows

"""A CSV file as it comes out of Excel, a CRM or a mail: its encoding and delimiter found out, its records streamed with their physical lines.

Always holds: the file is read in pieces and never held whole. What cannot be read at all is an `ImportRefusedError` before anything is written; a
record whose quotation marks are wrong is a `Reject`, and the next record goes on.

The encoding is found in one pass over the bytes, which also gives the file's SHA-256: a byte order mark, else UTF-8, else CP932 (what Excel
writes in Japan). Bytes that would become characters of no standard in CP932 are taken for another encoding, and asked about.
"""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol, TextIO

from scheduler.core.import_texts import ImportRefusedError, Problem, Reject
from scheduler.core.written_days import narrow

_PIECE = 1 << 20
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_DELIMITERS = (",", "\t", ";", "|")
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file that can be read: where it is, how it is written, what its header says."""

    path: Path
    encoding: str
    sha256: str
    delimiter: str
    header: tuple[str, ...]

    def records(self) -> "Iterator[Record | Reject]":
        """Every record after the header that is not blank, with the line it begins on. Raises ImportRefusedError for an unclosed quotation mark."""
        with self.path.open(encoding=self.encoding, newline="") as stream:
            reader = csv.reader(stream, delimiter=self.delimiter, strict=True)
            try:
                next(reader)
                yield from _records(self, reader)
            except csv.Error as error:
                raise _unclosed(self.path, 1) from error


Record = tuple[int, list[str]]
"""The physical line a record begins on, and its cells."""


class _Reader(Protocol):
    """What `csv.reader` returns."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...


def _records(file: CsvFile, reader: "_Reader") -> Iterator[Record | Reject]:
    """The records of a reader that stands behind the header."""
    width = len(file.header)
    line = reader.line_num + 1
    while True:
        try:
            for cells in reader:
                if len(cells) == width:
                    yield line, cells
                elif any(map(str.strip, cells)):
                    yield Reject(line, "", file.delimiter.join(cells)[:200], Problem.of("columns", got=len(cells), expected=width))
                line = reader.line_num + 1
            return
        except csv.Error as error:
            if "unexpected end" in str(error) or "field larger" in str(error):
                raise _unclosed(file.path, line) from error
            yield Reject(line, "", "", Problem.of("quotes"))
            line = reader.line_num + 1


def _unclosed(path: Path, line: int) -> ImportRefusedError:
    """A quotation mark that swallows the rest of the file."""
    return ImportRefusedError(Problem.of("unclosed_quote", file=path.name, line=line))


def open_csv(path: Path, known: Iterable[str] = (), encoding: str | None = None, delimiter: str | None = None) -> CsvFile:
    """Finds out how a file is written. `known` are header names (normalised by `plain`) that help to tell the delimiter.

    `encoding` and `delimiter` where a mapping file declares them. Raises ImportRefusedError: missing, a folder, unreadable, empty, an Excel workbook,
    NUL bytes, an unknown encoding.
    """
    found, digest = _scan(path, encoding)
    with path.open(encoding=found, newline="") as stream:
        delimiter, header = _dialect(path, stream, frozenset(known), delimiter)
    return CsvFile(path, found, digest, delimiter, header)


def plain(name: str) -> str:
    """A header name for comparison: width, case, spaces, underscores and what stands in brackets at its end do not count.

    >>> plain("Ｒｅｃｏｒｄ ID"), plain("starts_on"), plain("契約 番号")
    ('recordid', 'startson', '契約番号')
    """
    return re.sub(r"[\s_\-]+", "", narrow(name).strip().lower())


def _scan(path: Path, declared: str | None) -> tuple[str, str]:
    """(encoding, SHA-256) of a file, in one pass."""
    digest, tries = sha256(), _Tries(path, declared)
    try:
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                digest.update(piece)
                tries.read(piece)
    except FileNotFoundError:
        raise ImportRefusedError(Problem.of("missing_file", file=path)) from None
    except IsADirectoryError:
        raise ImportRefusedError(Problem.of("directory", file=path)) from None
    except OSError as error:
        raise ImportRefusedError(Problem.of("unreadable", file=path, why=error.strerror or error)) from error
    return tries.result(), digest.hexdigest()


class _Tries:
    """Decoders that run side by side over the pieces of a file until at most one is left."""

    def __init__(self, path: Path, declared: str | None) -> None:
        self.path, self.declared = path, declared
        self.decoders: dict[str, codecs.IncrementalDecoder] = {}
        self.failed: dict[str, int] = {}
        self.lines = 1
        self.begun = False

    def read(self, piece: bytes) -> None:
        """Takes the next piece. Raises ImportRefusedError for NUL bytes and workbooks."""
        if not self.begun:
            self._begin(piece)
        if b"\0" in piece and "utf-16" not in self.decoders:
            line = self.lines + piece[: piece.index(b"\0")].count(b"\n")
            raise ImportRefusedError(Problem.of("nul", file=self.path.name, line=line))
        for name, decoder in list(self.decoders.items()):
            self._try(name, decoder, piece)
        self.lines += piece.count(b"\n")

    def _begin(self, piece: bytes) -> None:
        """Chooses the decoders by the file's first bytes."""
        if piece.startswith(_WORKBOOKS):
            raise ImportRefusedError(Problem.of("workbook", file=self.path.name))
        bom = next((name for mark, name in _BOMS if piece.startswith(mark)), None)
        names = [self.declared] if self.declared else [bom] if bom else ["utf-8", "cp932"]
        self.decoders = {name: codecs.getincrementaldecoder(name)() for name in names}
        self.begun = True

    def _try(self, name: str, decoder: codecs.IncrementalDecoder, piece: bytes) -> None:
        """One decoder reads on, or is out."""
        try:
            text = decoder.decode(piece)
        except UnicodeDecodeError as error:
            self._fail(name, error.object[: error.start])
        else:
            if name == "utf-16" and "\0" in text:
                raise ImportRefusedError(Problem.of("nul", file=self.path.name, line=self.lines))
            private = _PRIVATE.search(text) if name == "cp932" and not self.declared and not text.isascii() else None
            if private:
                self._fail(name, text[: private.start()].encode("cp932", "replace"))

    def _fail(self, name: str, before: bytes) -> None:
        """Remembers the line on which an encoding failed."""
        self.failed[name] = self.lines + before.count(b"\n")
        del self.decoders[name]

    def result(self) -> str:
        """The encoding. Raises ImportRefusedError."""
        if not self.begun:
            raise ImportRefusedError(Problem.of("empty_file", file=self.path.name))
        for name, decoder in list(self.decoders.items()):
            try:
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                self._fail(name, b"")
        if self.decoders:
            return next(iter(self.decoders))
        if self.declared:
            line = self.failed[self.declared]
            raise ImportRefusedError(Problem.of("declared_encoding", file=self.path.name, line=line, encoding=self.declared))
        raise ImportRefusedError(
            Problem.of("encoding", file=self.path.name, utf8=next(iter(self.failed.values())), cp932=self.failed.get("cp932", "?"))
        )


def _dialect(path: Path, stream: TextIO, known: frozenset[str], delimiter: str | None) -> tuple[str, tuple[str, ...]]:
    """The delimiter that makes most known names of the first line, else most columns; and those columns."""
    headers = {}
    for candidate in (delimiter,) if delimiter else _DELIMITERS:
        stream.seek(0)
        headers[candidate] = _first(stream, candidate)
    best = max(headers, key=lambda d: (sum(plain(name) in known for name in headers[d]), len(headers[d])))
    header = headers[best]
    if not any(header):
        raise ImportRefusedError(Problem.of("empty_file", file=path.name))
    repeated = next((name for n, name in enumerate(header) if name and name in header[:n]), None)
    if repeated:
        raise ImportRefusedError(Problem.of("repeated_column", file=path.name, column=repeated))
    return best, header


def _first(stream: TextIO, delimiter: str) -> tuple[str, ...]:
    """The first record, stripped; nothing where it cannot be read with this delimiter."""
    try:
        cells: Sequence[str] = next(csv.reader(stream, delimiter=delimiter, strict=True), [])
    except csv.Error:
        return ()
    return tuple(" ".join(cell.split()) for cell in cells)

"""One pass over a file's bytes: its digest, whether it is packed, and in which encodings all of it
can be read.

Always holds: what is no readable text file (missing, a folder, a device, a workbook, NUL bytes) is
an `ImportRefusedError` with the reason.
"""

import codecs
import gzip
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

from scheduler.core.imports.texts import ImportRefusedError, RecordProblem
from scheduler.sources.files.encodings import Japanese, broken_utf8

_PIECE = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_JIS = (b"\x1b$@", b"\x1b$B")
"""What turns to kanji in ISO-2022-JP, as mail programs and old systems write it."""
UNMARKED = ("utf-8", "cp932")
"""What is tried where the bytes do not say it themselves."""
_GZIP = b"\x1f\x8b"
_WIDE = ("utf-16", "utf-32", "utf_16", "utf_32", "utf16", "utf32", "u16", "u32")
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True)
class Scan:
    """What the bytes say. `encoding` is None where the text must be asked about; `failed` has the
    line on which each encoding failed; `apostrophes`: there may be cells that were kept from being
    formulas or numbers (`'=x`, `="007"`)."""

    encoding: str | None
    sha256: str
    packed: bool
    failed: dict[str, int] = field(default_factory=dict)
    apostrophes: bool = False


def first_bytes(path: Path) -> bytes:
    """The first eight bytes of a file. Raises ImportRefusedError for what is no file that can be
    read."""
    try:
        if path.is_dir():
            raise ImportRefusedError(RecordProblem.of("directory", file=path))
        if path.exists() and not path.is_file():
            raise ImportRefusedError(RecordProblem.of("no_regular_file", file=path))
        with path.open("rb") as stream:
            return stream.read(8)
    except FileNotFoundError:
        raise ImportRefusedError(RecordProblem.of("missing_file", file=path)) from None
    except ValueError:
        raise ImportRefusedError(RecordProblem.of("missing_file", file=repr(str(path)))) from None
    except OSError as error:
        raise ImportRefusedError(
            RecordProblem.of("unreadable", file=path, why=error.strerror or error)
        ) from error


def scan(path: Path, declared: str | None) -> Scan:
    """The whole file looked through once. Raises ImportRefusedError."""
    packed = first_bytes(path).startswith(_GZIP)
    digest, tries, apostrophes = sha256(), _Tries(path, declared), False
    with cast(BinaryIO, gzip.open(path)) if packed else path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
            apostrophes = apostrophes or b"'" in piece or b'="' in piece or b'=\0"' in piece
            tries.read(piece)
    return Scan(tries.result(), digest.hexdigest(), packed, tries.failed, apostrophes)


class _Tries:
    """Decoders that run side by side over the pieces of a file until at most one is left."""

    def __init__(self, path: Path, declared: str | None) -> None:
        self.path, self.declared = path, declared
        self.decoders: dict[str, codecs.IncrementalDecoder] = {}
        self.failed: dict[str, int] = {}
        self.japanese = Japanese()
        self.lines = 1
        self.begun = self.broken = False

    def read(self, piece: bytes) -> None:
        """Takes the next piece. Raises ImportRefusedError for NUL bytes and workbooks."""
        if not self.begun:
            self._begin(piece)
        if b"\0" in piece and not any(name.lower().startswith(_WIDE) for name in self.decoders):
            raise ImportRefusedError(self._about_nul(piece))
        for name, decoder in list(self.decoders.items()):
            self._try(name, decoder, piece)
        self.lines += piece.count(b"\n")

    def _about_nul(self, piece: bytes) -> RecordProblem:
        """What a piece with NUL bytes is: UTF-16 that does not say so, or no text."""
        wide = _unmarked_utf16(piece) if self.lines == 1 and not self.declared else None
        if wide is not None:
            return RecordProblem.of("unmarked_utf16", file=self.path.name, encoding=wide)
        line = self.lines + piece[: piece.index(b"\0")].count(b"\n")
        return RecordProblem.of("nul", file=self.path.name, line=line)

    def _begin(self, piece: bytes) -> None:
        """Chooses the decoders by the file's first bytes."""
        if piece.startswith(WORKBOOKS):
            raise ImportRefusedError(RecordProblem.of("workbook", file=self.path.name))
        certain = self.declared or _marked(piece)
        names = [certain] if certain else UNMARKED
        self.decoders = {name: codecs.getincrementaldecoder(name)() for name in names}
        self.begun = True

    def _try(self, name: str, decoder: codecs.IncrementalDecoder, piece: bytes) -> None:
        """One decoder reads on, or is out."""
        try:
            text = decoder.decode(piece)
        except UnicodeError as error:
            self._fail(
                name,
                error.object[: error.start] if isinstance(error, UnicodeDecodeError) else b"",
                piece,
            )
            return
        if "\0" in text:
            raise ImportRefusedError(RecordProblem.of("nul", file=self.path.name, line=self.lines))
        if name == "cp932" and not self.declared:
            self.japanese.read(text)

    def _fail(self, name: str, before: bytes, piece: bytes = b"") -> None:
        """Remembers the line on which an encoding failed."""
        self.failed[name] = self.lines + before.count(b"\n")
        self.broken = self.broken or (name == "utf-8" and broken_utf8(piece.split(b"\n")))
        del self.decoders[name]

    def result(self) -> str | None:
        """The encoding; None where none is certain. Raises ImportRefusedError for an empty file."""
        if not self.begun:
            raise ImportRefusedError(RecordProblem.of("empty_file", file=self.path.name))
        for name, decoder in list(self.decoders.items()):
            try:
                decoder.decode(b"", final=True)
            except UnicodeError:
                self._fail(name, b"")
        found = next(iter(self.decoders), None)
        doubtful = (
            found == "cp932" and not self.declared and (self.broken or not self.japanese.likely)
        )
        return None if doubtful else found


def _marked(piece: bytes) -> str | None:
    """The encoding that a file's first bytes say themselves.

    >>> _marked("会社名".encode("iso2022_jp")), _marked("会社名".encode())
    ('iso2022_jp_ext', None)
    """
    if piece.isascii() and any(escape in piece for escape in _JIS):
        return "iso2022_jp_ext"
    return next((name for mark, name in _BOMS if piece.startswith(mark)), None)


def _unmarked_utf16(piece: bytes) -> str | None:
    """The UTF-16 in which the beginning of a file reads as lines with separators."""
    for encoding in ("utf-16-le", "utf-16-be"):
        text = piece[: len(piece) // 2 * 2].decode(encoding, "ignore")
        if "\0" not in text and "\n" in text and any(mark in text for mark in ",;\t|"):
            return encoding
    return None

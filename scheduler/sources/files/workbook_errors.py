"""The cells of an .xlsx sheet that hold an error (#N/A, #REF!), or a formula whose result nobody
has stored, as programs write it: the library that reads sheets leaves them empty, which would erase
values in silence.

Always holds: the sheet's XML is streamed, never held whole. An OpenDocument sheet keeps the error's
text in the cell, so nothing is looked for there.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree

_PIECE = 1 << 20
_OVERLAP = 4096
_ERROR = re.compile(
    rb'<(?:\w+:)?c\b(?=[^<>]*\bt="e")[^<>]*\br="([A-Z]{1,3})(\d+)"[^<>]*>\s*'
    rb"(?:<(?:\w+:)?f\b(?:[^<>]*/>|[^<>]*>[^<]*</(?:\w+:)?f>))?\s*<(?:\w+:)?v>([^<]*)<"
)
_FORMULA = re.compile(
    rb'<(?:\w+:)?c\b(?![^<>]*\bt="str")[^<>]*\br="([A-Z]{1,3})(\d+)"[^<>]*>\s*'
    rb"<(?:\w+:)?f\b(?:[^<>]*/>|[^<>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
"""A formula without its result; one whose result is an empty text says `t="str"`."""
NO_RESULT = "#NO_RESULT!"
"""What such a cell reads as."""
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def error_cells(path: Path, sheet: str) -> Mapping[tuple[int, int], str]:
    """The errors of one sheet by (row, column) from 0, with NO_RESULT among them."""
    with zipfile.ZipFile(path) as packed:
        part = sheet_part(packed, sheet)
        return dict(_errors(packed, part)) if part else {}


def sheet_part(packed: zipfile.ZipFile, sheet: str) -> str | None:
    """The file inside the package that holds a sheet."""
    names = set(packed.namelist())
    if "xl/workbook.xml" not in names or "xl/_rels/workbook.xml.rels" not in names:
        return None
    book = ElementTree.fromstring(packed.read("xl/workbook.xml"))
    links = ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels"))
    link = next((e.get(_LINK) for e in book.iter(f"{MAIN}sheet") if e.get("name") == sheet), None)
    target = next((e.get("Target", "") for e in links if e.get("Id") == link), "")
    part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return part if part in names else None


def _errors(packed: zipfile.ZipFile, part: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Every cell of a part that holds an error or no result."""
    for text in pieces(packed, part):
        if b't="e"' in text:
            for found in _ERROR.finditer(text):
                yield (int(found[2]) - 1, column_number(found[1].decode())), found[3].decode()
        if b"<f" in text or b":f" in text:
            for found in _FORMULA.finditer(text):
                yield (int(found[2]) - 1, column_number(found[1].decode())), NO_RESULT


def pieces(packed: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part in pieces that overlap, because a cell may lie across an edge."""
    with packed.open(part) as stream:
        kept = b""
        while piece := stream.read(_PIECE):
            text = kept + piece
            yield text
            kept = text[-_OVERLAP:]


def column_number(letters: str) -> int:
    """A column's number from its letters.

    >>> column_number("A"), column_number("AB")
    (0, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1

"""What an OpenDocument sheet says beside its values, and the library that reads sheets does not:
cells that are merged, and the currency in which a number is shown.

Always holds: the sheet's XML is streamed, never held whole. A number's style is put into the words
of an Excel format, so that one reader (`workbook_currencies.signs_of`) finds currencies in both.
Source: OpenDocument 1.3, part 3, 9.1 (cells), 16.29 (styles of numbers).
"""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from xml.parsers import expat

from scheduler.core.imports.currencies import CODES
from scheduler.sources.files.table import Range
from scheduler.sources.files.workbook_currencies import Signs, signs_of

_PIECE = 1 << 20
_NUMBERS = ("float", "currency")
_FORMATS = frozenset(
    f"number:{kind}-style" for kind in ("number", "currency", "percentage", "date", "time", "text")
)
_SYMBOL = re.compile(r"\[\$[^\]]*\]")


@dataclass(frozen=True, slots=True)
class SheetNotes:
    """The merged ranges of a sheet, and what is shown beside its numbers that have a currency; rows
    and columns count from 0."""

    merged: list[Range] = field(default_factory=list)
    signs: dict[tuple[int, int], Signs] = field(default_factory=dict)


def sheet_notes(path: Path, sheet: str, end: tuple[int, int]) -> SheetNotes:
    """What one sheet says beside its values, up to its last cell, `end`: a cell may say that it
    stands for millions beside it. Nothing where the file is no OpenDocument sheet. Raises
    ExpatError, BadZipFile, ValueError for a file that is damaged."""
    found = SheetNotes()
    with zipfile.ZipFile(path) as packed:
        names = packed.namelist()
        if "content.xml" in names:
            shared = _Styles()
            if "styles.xml" in names:
                _read(packed, "styles.xml", shared)
            own = _Styles(shared)
            _read(packed, "content.xml", own, _Cells(own, sheet, end, found))
    return found


def _read(
    packed: zipfile.ZipFile, part: str, styles: "_Styles", cells: "_Cells | None" = None
) -> None:
    """Hands the elements of a part to what reads styles, and from the body on to what reads cells,
    which needs to know only where they begin. Names have their usual prefixes, as every program
    writes them."""
    parser = expat.ParserCreate()

    def begin(name: str, said: dict[str, str]) -> None:
        if name == "office:body" and cells is not None:
            parser.StartElementHandler = cells.begin
            parser.EndElementHandler = parser.CharacterDataHandler = None
        else:
            styles.begin(name, said)

    parser.StartElementHandler = begin
    parser.EndElementHandler = styles.end
    parser.CharacterDataHandler = styles.text
    with packed.open(part) as stream:
        while piece := stream.read(_PIECE):
            parser.Parse(piece, False)
        parser.Parse(b"", True)


class _Styles:
    """The styles of one part: what each style of cells shows beside a number. What a part does not
    have is asked of those that it shares."""

    def __init__(self, shared: "_Styles | None" = None) -> None:
        self._shared = shared
        self._formats: dict[str, str] = {}
        self._positive: dict[str, str] = {}
        self._cells: dict[str, tuple[str, str]] = {}
        self._format = self._spoken = self._shown = self._country = ""

    def begin(self, name: str, said: Mapping[str, str]) -> None:
        """An element begins."""
        if name in _FORMATS:
            self._format = said.get("style:name", "")
            self._formats[self._format] = ""
        elif name == "style:style" and said.get("style:family") == "table-cell":
            self._cells[said.get("style:name", "")] = (
                said.get("style:data-style-name", ""),
                said.get("style:parent-style-name", ""),
            )
        elif self._format:
            self._begin_part(name, said)

    def _begin_part(self, name: str, said: Mapping[str, str]) -> None:
        """A part of a format begins."""
        if name in ("number:text", "number:currency-symbol"):
            self._spoken, self._country = name, said.get("number:country", "")
            self._shown = ""
        elif name == "number:number":
            thousands = (len(said.get("number:display-factor", "1")) - 1) // 3
            self._formats[self._format] += "0" + "," * thousands
        elif name == "style:map" and said.get("style:condition", "").startswith("value()>"):
            self._positive.setdefault(self._format, said.get("style:apply-style-name", ""))

    def text(self, text: str) -> None:
        """Letters within an element that shows something."""
        if self._spoken:
            self._shown += text

    def end(self, name: str) -> None:
        """An element ends."""
        if name in _FORMATS:
            self._format = ""
        elif self._spoken and name == self._spoken:
            self._formats[self._format] += (
                '"{}"'.format(self._shown.replace('"', ""))
                if name == "number:text"
                else f"[${self._shown}-{self._country}]"
            )
            self._spoken = ""

    def number_format(self, name: str) -> str:
        """The format of a style of numbers, for one that is not negative."""
        own = self._positive.get(name, name)
        if own in self._formats:
            return self._formats[own]
        return self._shared.number_format(name) if self._shared else ""

    def shown(self, style: str, depth: int = 8) -> str:
        """The format in which cells of a style show numbers, its own or that of its parents."""
        if style not in self._cells:
            return self._shared.shown(style, depth) if self._shared else ""
        of_numbers, parent = self._cells[style]
        if of_numbers or not depth:
            return self.number_format(of_numbers)
        return self.shown(parent, depth - 1)


class _Cells:
    """The cells of one sheet, of which is noted what is merged and what shows a currency."""

    def __init__(
        self, styles: _Styles, sheet: str, end: tuple[int, int], found: SheetNotes
    ) -> None:
        self._styles, self._sheet, self._end, self._found = styles, sheet, end, found
        self._here = False
        self._row = self._column = self._rows = 0
        self._defaults: list[tuple[int, str]] = []
        self._row_style = ""
        self._signs = lru_cache(maxsize=1024)(self._signs_of)

    def begin(self, name: str, said: Mapping[str, str]) -> None:
        """An element begins."""
        if name == "table:table":
            self._here = said.get("table:name") == self._sheet
        elif not self._here:
            return
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._cell(said)
        elif name == "table:table-row":
            self._row, self._column = self._row + self._rows, 0
            self._rows = _times(said, "rows-repeated")
            self._row_style = said.get("table:default-cell-style-name", "")
        elif name == "table:table-column":
            upto = self._defaults[-1][0] if self._defaults else 0
            style = said.get("table:default-cell-style-name", "")
            self._defaults.append((upto + _times(said, "columns-repeated"), style))

    def _cell(self, said: Mapping[str, str]) -> None:
        """One cell, which may stand for several beside each other, and its row for several."""
        at, times = self._column, _times(said, "columns-repeated")
        self._column += times
        down, right = _times(said, "rows-spanned"), _times(said, "columns-spanned")
        if down > 1 or right > 1:
            self._found.merged.append(((self._row, at), (self._row + down - 1, at + right - 1)))
        if said.get("office:value-type") not in _NUMBERS:
            return
        style = said.get("table:style-name") or self._row_style or self._default(at)
        signs = self._signs(style, said.get("office:currency", ""))
        if any(signs):
            below = min(self._row + self._rows, self._end[0] + 1)
            beyond = min(at + times, self._end[1] + 1)
            for row in range(self._row, below):
                self._found.signs.update({(row, column): signs for column in range(at, beyond)})

    def _default(self, column: int) -> str:
        """The style of cells that name none, by their column."""
        return next((style for upto, style in self._defaults if column < upto), "")

    def _signs_of(self, style: str, code: str) -> Signs:
        """What a style shows beside a number; the cell's own code says whose sign it is."""
        shown = self._styles.shown(style)
        if code not in CODES:
            return signs_of(shown)
        return signs_of(_SYMBOL.sub(f"[${code}]", shown)) if shown else (code, "")


def _times(said: Mapping[str, str], what: str) -> int:
    """How often something stands there, or over how many it goes; at least once."""
    return max(1, int(said.get(f"table:number-{what}", "1")))

"""What every readable file comes to, whatever it is kept in: a header and records of cells as
texts, each with the line or row it begins on.

Always holds: a record has exactly as many cells as the header; cells are texts as a CSV would hold
them (typed dates as ISO, whole numbers without a point), so that one set of readers reads every
kind of file.
"""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Protocol, Self

from scheduler.core.imports.names import plain
from scheduler.core.imports.texts import Reject

Record = tuple[int, list[str]]
"""The physical line (or row of a sheet) a record begins on, and its cells."""
Range = tuple[tuple[int, int], tuple[int, int]]
"""First and last cell of a merged range of a sheet, as (row, column) from 0."""
SEARCHED = 40
"""How many records are looked through for the header."""


class SourceTable(Protocol):
    """A file that can be read: where it is, its digest, what its header says."""

    @property
    def path(self) -> Path:
        """Where it is."""

    @property
    def sha256(self) -> str:
        """The digest of its bytes."""

    @property
    def header(self) -> tuple[str, ...]:
        """Its column names."""

    def records(self) -> Iterator[Record | Reject]:
        """Every record after the header that is not blank."""

    def with_signs(self, columns: Collection[int]) -> Self:
        """The same, with the currencies that a sheet shows beside the numbers of these columns."""


def one_line(cells: Sequence[str]) -> tuple[str, ...]:
    """A header's cells with line breaks and doubled spaces made one space."""
    return tuple(" ".join(cell.split()) for cell in cells)


def find_header(rows: Sequence[Sequence[str]], known: Collection[str]) -> int | None:
    """Which of a file's first rows is the header: the first, unless a later one has more of the
    names that are known (at least two).

    Where no row has two known names, the first that fills at least half as many cells as the
    fullest. None where every row is blank.
    """
    named = [sum(plain(cell) in known for cell in row if cell) for row in rows]
    if rows and named[0] >= 2:
        return 0
    most = max(named, default=0)
    if most >= 2:
        return named.index(most)
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    return next((n for n, count in enumerate(filled) if count and count * 2 >= max(filled)), None)

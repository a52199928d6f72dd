"""Any file people keep their lists in, opened as a table by its first bytes: text (CSV) or a
workbook.

Always holds: what is declared (a mapping file, the command's options) is taken as it is; everything
else is found out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scheduler.sources.files.byte_scan import WORKBOOKS, first_bytes
from scheduler.sources.files.csv_file import open_csv
from scheduler.sources.files.table import SourceTable


@dataclass(frozen=True, slots=True)
class FileLayout:
    """How a file is written, as far as it is declared. `sheet` names one of a workbook; `skip`
    lines stand before the header."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    skip: int | None = None
    decimal: str | None = None


def open_table(
    path: Path, known: Iterable[str] = (), written: FileLayout | None = None
) -> SourceTable:
    """The file as a table. `known` are normalised column names that help to find the header, the
    delimiter, the sheet. Raises ImportRefusedError."""
    how = written or FileLayout()
    if first_bytes(path).startswith(WORKBOOKS):
        from scheduler.sources.files.workbook import open_workbook

        return open_workbook(
            path, frozenset(known), sheet=how.sheet, skip=how.skip, decimal=how.decimal
        )
    return open_csv(path, known, how.encoding, how.delimiter, how.skip)

"""Real registers in every kind of file: equal, to the row.

`pytest --soak tests/sources/test_real_registers.py --register MAP=FILE` (any number of them, each a
CSV file with its mapping file) writes each out as a workbook, in CP932, with semicolons, in UTF-16
and packed, and reads all of them. Not for CI, which has no such files.
"""

import csv
import gzip
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.texts import LeftOut, Reject
from scheduler.sources.contracts import open_contracts
from scheduler.sources.files.opening import FileLayout
from scheduler.sources.mappings.contracts import read_mapping
from tests.import_cast import POLICY

pytestmark = pytest.mark.soak
Rows = Sequence[Sequence[str]]


def text(rows: Rows, delimiter: str = ",") -> str:
    """A CSV text."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def as_workbook(rows: Rows, path: Path) -> None:
    """A workbook in which days and numbers are typed."""
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_urls": False}) as book:
        sheet, days = book.add_worksheet("register"), book.add_format({"num_format": "yyyy-mm-dd"})
        for n, row in enumerate(rows):
            for column, cell in enumerate(row):
                write_cell(sheet, n, column, cell, days)


def write_cell(sheet: object, n: int, column: int, cell: str, days: object) -> None:
    """One cell as what it looks like."""
    try:
        on = date.fromisoformat(cell) if len(cell) == 10 else None
    except ValueError:
        on = None
    if on is not None:
        sheet.write_datetime(n, column, datetime(on.year, on.month, on.day), days)  # type: ignore[attr-defined]  # noqa: DTZ001
    elif (
        cell
        and cell.replace(".", "", 1).isdecimal()
        and cell.isascii()
        and not (cell[0] == "0" and cell[1:2].isdecimal())
        and len(cell) < 15
    ):
        sheet.write_number(n, column, float(cell))  # type: ignore[attr-defined]
    else:
        sheet.write_string(n, column, cell)  # type: ignore[attr-defined]


WAYS: Mapping[str, tuple[Callable[[Rows, Path], object], str | None]] = {
    "workbook": (as_workbook, None),
    "CP932": (lambda rows, path: path.write_bytes(text(rows).encode("cp932")), "cp932"),
    "semicolons": (lambda rows, path: path.write_text(text(rows, ";"), "utf-8"), None),
    "UTF-16": (lambda rows, path: path.write_bytes(text(rows).encode("utf-16")), None),
    "byte order mark": (lambda rows, path: path.write_text(text(rows), "utf-8-sig"), None),
    "gzip": (lambda rows, path: path.write_bytes(gzip.compress(text(rows).encode())), None),
}


def said(
    path: Path, mapping: Path, encoding: str | None = None
) -> list[ContractRecord | Reject | LeftOut]:
    """What a file says, without what depends on how it is written."""
    found = open_contracts(
        path, POLICY, mapping=read_mapping(mapping), written=FileLayout(encoding)
    ).records()
    return [
        replace(row, line=0, row_hash="")
        if isinstance(row, ContractRecord)
        else replace(row, line=0)
        for row in found
    ]


@pytest.mark.parametrize("way", WAYS)
def test_a_register_is_the_same_in_every_kind_of_file(
    request: pytest.FixtureRequest, tmp_path: Path, way: str
) -> None:
    given: list[str] = request.config.getoption("--register") or []
    if not given:
        pytest.skip("no --register MAP=FILE")
    write, encoding = WAYS[way]
    for pair in given:
        mapping, _, file = pair.partition("=")
        with Path(file).open(encoding="utf-8-sig", newline="") as stream:
            rows = [
                [cell.encode("cp932", "replace").decode("cp932") for cell in row]
                for row in csv.reader(stream)
            ]
        (tmp_path / "plain.csv").write_text(text(rows), "utf-8")
        write(rows, tmp_path / "file")
        expected, found = (
            said(tmp_path / "plain.csv", Path(mapping)),
            said(tmp_path / "file", Path(mapping), encoding),
        )
        assert len(found) == len(expected) > 0
        assert [pair for pair in zip(found, expected, strict=True) if pair[0] != pair[1]] == []
        print(f"{way}: {Path(file).name}, {len(found):,} rows equal")

"""A workbook of a few kilobytes that claims to be huge, or is damaged, costs next to nothing and is
told in a sentence."""

import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from scheduler.core.imports.texts import ImportRefusedError
from scheduler.sources.files.opening import open_table
from scheduler.sources.files.table import Record
from tests.import_cast import codes

KNOWN = ("contract", "customer", "amount")
SHEET, STYLES = "xl/worksheets/sheet1.xml", "xl/styles.xml"


def made(folder: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """A workbook with one contract, of which one part is changed."""
    plain, path = BytesIO(), folder / "list.xlsx"
    book = xlsxwriter.Workbook(plain)
    sheet = book.add_worksheet("S")
    sheet.write_row(0, 0, KNOWN)
    sheet.write_row(1, 0, ("C-1", "Aoba", 1200), book.add_format({"num_format": "[$€-407]0"}))
    book.close()
    with zipfile.ZipFile(plain) as packed, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name in packed.namelist():
            whole = packed.read(name)
            out.writestr(name, change(whole) if name == part else whole)
    return path


def with_rows(rows: bytes) -> Callable[[bytes], bytes]:
    """More rows at the sheet's end."""
    return lambda sheet: sheet.replace(b"</sheetData>", rows + b"</sheetData>")


def with_format(code: bytes) -> Callable[[bytes], bytes]:
    """Another format of numbers."""
    return lambda styles: re.sub(rb'formatCode="[^"]*"', b'formatCode="%s"' % code, styles)


def read(path: Path) -> list[Record]:
    """Its rows, with the currencies that formats show. Raises ImportRefusedError."""
    records = open_table(path, KNOWN).with_signs([2]).records()
    return [record for record in records if isinstance(record, tuple)]


def cell(at: str) -> bytes:
    """A row with one cell."""
    row = re.sub("[A-Z]", "", at)
    return f'<row r="{row}"><c r="{at}" t="inlineStr"><is><t>x</t></is></c></row>'.encode()


@pytest.mark.parametrize("at", ["XFD1048576", "ZZ900000", "A4000000000"])
def test_a_cell_far_beyond_the_others_is_named_before_room_is_made_for_it(
    tmp_path: Path, at: str
) -> None:
    with pytest.raises(ImportRefusedError) as caught:
        read(made(tmp_path, SHEET, with_rows(cell(at))))
    assert codes(caught.value) == ["workbook_sparse"]


@pytest.mark.parametrize("at", ["XFD3", "C90000"])
def test_a_stray_cell_that_needs_little_room_does_no_harm(tmp_path: Path, at: str) -> None:
    (first, *_) = read(made(tmp_path, SHEET, with_rows(cell(at))))
    assert first == (2, ["C-1", "Aoba", "€1200"])


def test_a_part_that_is_only_repetitions_is_not_unpacked(tmp_path: Path) -> None:
    path = made(tmp_path, STYLES, lambda styles: styles + b" " * 60_000_000)
    with pytest.raises(ImportRefusedError) as caught:
        read(path)
    assert codes(caught.value) == ["workbook_size"]


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (STYLES, lambda whole: whole.replace(b"<fonts", b"&secret;<fonts")),
        (STYLES, lambda whole: whole[:200]),
        (SHEET, lambda whole: whole[:-40]),
        (SHEET, with_rows(b'<row r="9"><c r="A9" t="e"><f </row>')),
    ],
)
def test_a_damaged_part_is_told_in_a_sentence(
    tmp_path: Path, part: str, change: Callable[[bytes], bytes]
) -> None:
    with pytest.raises(ImportRefusedError) as caught:
        read(made(tmp_path, part, change))
    assert codes(caught.value) == ["damaged"]


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (STYLES, with_format(b"[" * 500_000)),
        (SHEET, with_rows(b'<row r="9">' + b'<c r="A9" t="e"><f>1</f></c>' * 30_000 + b"</row>")),
    ],
    ids=["format", "errors"],
)
def test_a_part_with_thousands_of_beginnings_is_read_at_once(
    tmp_path: Path, part: str, change: Callable[[bytes], bytes]
) -> None:
    (first, *_) = read(made(tmp_path, part, change))
    assert first[1][:2] == ["C-1", "Aoba"]

"""Files as they come out of Excel and CRMs."""

from pathlib import Path

import pytest

from scheduler.core.import_texts import ImportRefusedError, Reject
from scheduler.sources.csv_file import Record, open_csv

KNOWN = ("contract", "customer", "契約番号", "顧客名")


def written(folder: Path, content: bytes) -> Path:
    """A file with these bytes."""
    path = folder / "x.csv"
    path.write_bytes(content)
    return path


def records(path: Path) -> list[Record | Reject]:
    """Every record of a file."""
    return list(open_csv(path, KNOWN).records())


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("cp932", "cp932"), ("utf-16", "utf-16")],
)
def test_the_encoding_is_found_out(tmp_path: Path, encoding: str, found: str) -> None:
    path = written(tmp_path, "契約番号,顧客名\r\nC-1,㈱青葉\r\n".encode(encoding))
    file = open_csv(path, KNOWN)
    assert (file.encoding, file.header, list(file.records())) == (found, ("契約番号", "顧客名"), [(2, ["C-1", "㈱青葉"])])


def test_a_multibyte_character_on_the_edge_of_a_piece_is_no_error(tmp_path: Path) -> None:
    rows = "契約番号,顧客名\n" + "あ" * 349_525 + ",b\n"
    for encoding in ("utf-8", "cp932"):
        assert open_csv(written(tmp_path, ("," * 0 + rows).encode(encoding)), KNOWN).encoding == encoding


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_makes_known_columns(tmp_path: Path, delimiter: str) -> None:
    path = written(tmp_path, delimiter.join(("contract", "customer", "a")).encode() + b"\n" + delimiter.join("123").encode())
    assert records(path) == [(2, ["1", "2", "3"])]


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    path = written(tmp_path, b'contract,customer\n1,"two\nlines"\n\n,\n3,c\n')
    assert records(path) == [(2, ["1", "two\nlines"]), (5, ["", ""]), (6, ["3", "c"])]


def test_a_row_of_another_width_is_rejected_and_the_next_goes_on(tmp_path: Path) -> None:
    rows = records(written(tmp_path, b"contract,customer\n1\n2,b,c\n3,c\n"))
    assert [(r.line, r.problem.code) if isinstance(r, Reject) else r for r in rows] == [(2, "columns"), (3, "columns"), (4, ["3", "c"])]


def test_a_row_with_stray_quotation_marks_is_rejected_and_the_next_goes_on(tmp_path: Path) -> None:
    rows = records(written(tmp_path, b'contract,customer\n1,"a"b\n2,c\n'))
    assert [(r.line, r.problem.code) if isinstance(r, Reject) else r for r in rows] == [(2, "quotes"), (3, ["2", "c"])]


def test_a_quotation_mark_that_is_never_closed_refuses_the_file(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="line 3 is never closed"):
        records(written(tmp_path, b'contract,customer\n1,a\n2,"b\n3,c\n'))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\n", "empty_file"),
        (b"contract,customer\n1,\0\n", "nul"),
        (b"PK\x03\x04rest", "workbook"),
        (b"contract,contract\n1,2\n", "repeated_column"),
        ("contract,customer\n1,Bj\u00f6rn\n".encode("latin-1"), "encoding"),
        ("contract,customer\n1,caf\u00e9\n".encode("latin-1"), "encoding"),
    ],
)
def test_what_cannot_be_read_at_all_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(ImportRefusedError) as caught:
        open_csv(written(tmp_path, content), KNOWN)
    assert [p.code for p in caught.value.problems] == [code]


def test_nul_bytes_are_told_with_their_line(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="line 2"):
        open_csv(written(tmp_path, b"contract,customer\n1,\0\n"))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "none.csv", "missing_file"), (tmp_path, "directory")):
        with pytest.raises(ImportRefusedError) as caught:
            open_csv(path)
        assert [p.code for p in caught.value.problems] == [code]


def test_a_declared_encoding_counts(tmp_path: Path) -> None:
    path = written(tmp_path, "contract,customer\n1,Bj\u00f6rn\n".encode("latin-1"))
    assert list(open_csv(path, KNOWN, encoding="latin-1").records()) == [(2, ["1", "Bj\u00f6rn"])]
    with pytest.raises(ImportRefusedError, match="line 2 is not ascii"):
        open_csv(path, KNOWN, encoding="ascii")

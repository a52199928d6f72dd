"""Files as they come out of Excel and CRMs."""

import gzip
from pathlib import Path

import pytest

from scheduler.core.imports.texts import ImportRefusedError, Reject
from scheduler.core.words.lexicon import Language
from scheduler.sources.files.csv_file import open_csv
from scheduler.sources.files.table import Record
from tests.import_cast import codes

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
    assert (file.encoding, file.header, list(file.records())) == (
        found,
        ("契約番号", "顧客名"),
        [(2, ["C-1", "㈱青葉"])],
    )


@pytest.mark.parametrize("encoding", ["iso2022_jp", "iso2022_jp_ext"])
def test_what_a_mail_program_wrote_in_japanese_is_read(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, '契約番号,顧客名\r\nC-1,青葉、"株式会社\r\n'.encode(encoding))
    file = open_csv(path, KNOWN)
    assert (file.header, list(file.records())) == (
        ("契約番号", "顧客名"),
        [(2, ["C-1", '青葉、"株式会社'])],
    )


@pytest.mark.parametrize(
    ("content", "encoding", "line"),
    [
        (b"\x1b$B7@LsHV9f\x1b(B\r\nC-1,\x1b$B-j\x1b(B\r\n", "iso2022_jp_ext", "2"),
        ("a,b\n".encode("utf-16") + b"\x00", "utf-16", "2"),
    ],
)
def test_a_file_that_is_not_in_the_encoding_it_names_itself_says_so(
    tmp_path: Path, content: bytes, encoding: str, line: str
) -> None:
    said = rf"is declared as {encoding}, but line {line} is not"
    with pytest.raises(ImportRefusedError, match=said):
        open_csv(written(tmp_path, content), KNOWN)


def test_a_multibyte_character_on_the_edge_of_a_piece_is_no_error(tmp_path: Path) -> None:
    rows = "契約番号,顧客名\n" + "あ" * 349_525 + ",b\n"
    for encoding in ("utf-8", "cp932"):
        assert (
            open_csv(written(tmp_path, ("," * 0 + rows).encode(encoding)), KNOWN).encoding
            == encoding
        )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_makes_known_columns(tmp_path: Path, delimiter: str) -> None:
    path = written(
        tmp_path,
        delimiter.join(("contract", "customer", "a")).encode()
        + b"\n"
        + delimiter.join("123").encode(),
    )
    assert records(path) == [(2, ["1", "2", "3"])]


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    path = written(tmp_path, b'contract,customer\n1,"two\nlines"\n\n,\n3,c\n')
    assert records(path) == [(2, ["1", "two\nlines"]), (5, ["", ""]), (6, ["3", "c"])]


def test_a_row_of_another_width_is_rejected_and_the_next_goes_on(tmp_path: Path) -> None:
    rows = records(written(tmp_path, b"contract,customer\n2,b,c\n3,c\n"))
    assert [(r.line, r.problem.code) if isinstance(r, Reject) else r for r in rows] == [
        (2, "columns"),
        (3, ["3", "c"]),
    ]


def test_missing_cells_at_the_end_of_a_row_are_empty_and_empty_ones_too_many_are_nothing(
    tmp_path: Path,
) -> None:
    rows = records(written(tmp_path, b"contract,customer,until\n1,a\n2\n3,c,x,,\n4,d"))
    assert rows == [
        (2, ["1", "a", ""]),
        (3, ["2", "", ""]),
        (4, ["3", "c", "x"]),
        (5, ["4", "d", ""]),
    ]


def test_a_row_that_a_line_break_has_cut_in_two_is_no_row_with_missing_cells(
    tmp_path: Path,
) -> None:
    rows = records(written(tmp_path, b"contract,customer,until\n1,Acme\nCorp,2027-03-31\n2,b,x\n"))
    assert [(r.line, r.problem.code) if isinstance(r, Reject) else r for r in rows] == [
        (2, "columns"),
        (3, "columns"),
        (4, ["2", "b", "x"]),
    ]


def test_a_cell_may_be_long_but_not_endless(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, b'contract,customer\n1,"' + b"word " * 28_000 + b'"\n2,b\n')
    assert [len(r[1][1]) for r in records(path) if not isinstance(r, Reject)] == [140_000, 1]
    monkeypatch.setattr("scheduler.sources.files.csv_file.LONGEST_CELL", 100_000)
    with pytest.raises(ImportRefusedError, match="on line 2 is longer than 100,000 characters"):
        records(path)


@pytest.mark.parametrize(
    ("before", "skip", "line"),
    [
        ("", None, 2),
        ("契約一覧\n作成日,2026-10-01,,\n\n", None, 5),
        ("sep=;\n", None, 3),
        ('"sep=;"\n', None, 3),
        ("contract;customer\n", 1, 3),
        ("a;b;c\n1;2;3\n", None, 4),
    ],
)
def test_lines_before_the_header_are_read_past(
    tmp_path: Path, before: str, skip: int | None, line: int
) -> None:
    path = written(tmp_path, f"{before}契約番号;顧客名;x\r\n1;b;c\r\n".encode())
    file = open_csv(path, KNOWN, skip=skip)
    assert (file.header, list(file.records())) == (
        ("契約番号", "顧客名", "x"),
        [(line, ["1", "b", "c"])],
    )


def test_a_packed_file_is_read_like_any_other(tmp_path: Path) -> None:
    text = "契約番号,顧客名\n1,㈱青葉\n".encode("cp932")
    path = written(tmp_path, gzip.compress(text))
    assert records(path) == [(2, ["1", "㈱青葉"])]
    path.write_bytes(gzip.compress(text * 5000)[:-20])
    with pytest.raises(ImportRefusedError, match="x.csv is damaged"):
        records(path)


JAPANESE = [
    "契約番号,顧客名\n1,㈱青葉",
    "contract,customer\n1,青葉商事\n2,林\n3,ｱｵﾊﾞ\n4,A社",
    "a,b\n1,ﾐﾄﾞﾘ工業(株)",
    "a,b\n1,ＡＢＣ",
]
OTHERS = [
    ("1;Bär GmbH;x\n2;Großhandel Preußen AG\n3;ÖBB Österreich", "cp1252"),
    ("São Paulo;Ação;Informação Ltda", "cp1252"),
    ("it’s a test;l’été;Café Müller", "cp1252"),
    ("1;北京公司\n2;上海贸易有限公司", "gbk"),
    ("1;ООО Москва", "cp1251"),
    ("1;台灣公司股份有限公司", "big5"),
    ("1;株式会社青葉", "euc_jp"),
    ("1;한국 회사", "cp949"),
    ("1;Łódź;Żabka", "cp1250"),
]


@pytest.mark.parametrize("text", JAPANESE)
def test_cp932_is_read_where_the_text_is_japanese_under_it(tmp_path: Path, text: str) -> None:
    assert open_csv(written(tmp_path, text.encode("cp932"))).encoding == "cp932"


@pytest.mark.parametrize(("text", "encoding"), OTHERS)
def test_any_other_encoding_is_asked_about_with_cells_under_each_reading(
    tmp_path: Path, text: str, encoding: str
) -> None:
    path = written(tmp_path, b"contract;customer;x;y\n" + text.encode(encoding))
    with pytest.raises(ImportRefusedError) as caught:
        open_csv(path)
    (problem,) = caught.value.problems
    assert codes(caught.value) == ["encoding"]
    cells = [cell for row in text.splitlines() for cell in row.split(";") if not cell.isascii()]
    assert any(
        cells[0] in line for line in problem.shown(Language.EN).splitlines()[1:]
    ) or encoding in {"cp949", "cp1250"}
    assert [
        r[1]
        for r in open_csv(path, KNOWN, encoding=encoding).records()
        if not isinstance(r, Reject)
    ]


@pytest.mark.parametrize("text", ["1,Café Müller\n2,X\xb1\n", "1,株式会社青葉,みどり\n2,X\xb1Y\n"])
def test_utf8_that_one_byte_has_broken_is_asked_about(tmp_path: Path, text: str) -> None:
    data = b"".join(c.encode("latin-1") if c == "\xb1" else c.encode() for c in text)
    with pytest.raises(ImportRefusedError, match="line 3 has a broken character"):
        open_csv(written(tmp_path, b"contract,customer\n" + data))


def test_a_row_with_stray_quotation_marks_is_rejected_and_the_next_goes_on(tmp_path: Path) -> None:
    rows = records(written(tmp_path, b'contract,customer\n1,"a"b\n2,c\n'))
    assert [(r.line, r.problem.code) if isinstance(r, Reject) else r for r in rows] == [
        (2, "quotes"),
        (3, ["2", "c"]),
    ]


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
        ("contract,customer\n1,Bj\u00f6rn\n".encode("latin-1"), "encoding"),
        ("contract,customer\n1,caf\u00e9\n".encode("latin-1"), "encoding"),
    ],
)
def test_what_cannot_be_read_at_all_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(ImportRefusedError) as caught:
        open_csv(written(tmp_path, content), KNOWN)
    assert codes(caught.value) == [code]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["contract,customer\n1,Bär\n", "契約番号;顧客名\r\n1;青葉\r\n"])
def test_utf16_without_its_mark_is_told_with_the_way_to_read_it(
    tmp_path: Path, text: str, encoding: str
) -> None:
    path = written(tmp_path, text.encode(encoding))
    with pytest.raises(ImportRefusedError, match=f"--encoding {encoding}") as caught:
        open_csv(path, KNOWN)
    assert codes(caught.value) == ["unmarked_utf16"]
    assert len(list(open_csv(path, KNOWN, encoding=encoding).records())) == 1


def test_nul_bytes_are_told_with_their_line(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="line 2"):
        open_csv(written(tmp_path, b"contract,customer\n1,\0\n"))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "none.csv", "missing_file"), (tmp_path, "directory")):
        with pytest.raises(ImportRefusedError) as caught:
            open_csv(path)
        assert codes(caught.value) == [code]


def test_a_declared_encoding_counts(tmp_path: Path) -> None:
    path = written(tmp_path, "contract,customer\n1,Bj\u00f6rn\n".encode("latin-1"))
    assert list(open_csv(path, KNOWN, encoding="latin-1").records()) == [(2, ["1", "Bj\u00f6rn"])]
    with pytest.raises(ImportRefusedError, match="line 2 is not ascii"):
        open_csv(path, KNOWN, encoding="ascii")

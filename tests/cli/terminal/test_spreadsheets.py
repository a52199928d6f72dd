"""Listings as files for spreadsheets: typed, safe, private, whole or not at all; and deals that go
out and come back unchanged."""

import csv
import stat
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import repeat
from pathlib import Path
from tracemalloc import get_traced_memory, start, stop
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import load_workbook
from sqlalchemy import Engine

from scheduler.cli.context import CommandContext
from scheduler.cli.deals.listing_fields import deal_fields
from scheduler.cli.terminal import spreadsheets
from scheduler.cli.terminal.listed import Field, write_files
from scheduler.services.deals.listing import DealFilter, closed_stages
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import empty, upgrade
from scheduler.storage.deals.sheets import SheetRows
from tests.cli.office import Office
from tests.import_cast import NOW
from tests.import_cast import Office as Imports

TODAY = NOW.date()
NAMED = (
    "contract",
    "customer",
    "ends on",
    "auto renew",
    "amount",
    "currency",
    "owner",
    "current stage",
    "days left",
)


def cells(path: Path) -> list[dict[str, str]]:
    """A CSV file's rows by their headings."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def sheet(path: Path) -> Sequence[Sequence[object]]:
    """A workbook's cells."""
    return load_workbook(path).get_sheet_by_index(0).to_python()


def test_deals_as_csv_have_a_mark_for_excel_days_numbers_and_a_column_for_the_currency(
    office: Office,
) -> None:
    path = office.folder / "deals.csv"
    code, out, err = office.run("deals", "--csv", str(path))
    assert (code, out, err) == (0, "", f"wrote 3 rows to {path}\n")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert [tuple(row[name] for name in NAMED) for row in cells(path)] == [
        (
            "C-1",
            "青葉商事",
            "2027-03-31",
            "yes",
            "3600000",
            "JPY",
            "千佳 田中",
            "Renewal (3 months)",
            "27",
        ),
        (
            "C-2",
            "Beta Ltd",
            "2027-03-31",
            "no",
            "12000.00",
            "GBP",
            "Ann Ito",
            "Renewal (3 months)",
            "56",
        ),
        ("C-3", "Gamma 100% Ltd", "2027-06-30", "no", "900.50", "GBP", "", "Stable", "177"),
    ]


def test_deals_as_a_workbook_have_real_days_and_numbers(office: Office) -> None:
    office.said("deals", "--xlsx", str(office.folder / "deals.xlsx"), lang="ja")
    head, *rows = sheet(office.folder / "deals.xlsx")
    wanted = [
        head.index(name)
        for name in ("契約番号", "満了日", "自動更新", "金額", "通貨", "期限までの日数")
    ]
    assert [tuple(row[n] for n in wanted) for row in rows][:2] == [
        ("C-1", date(2027, 3, 31), "はい", 3600000.0, "JPY", 27.0),
        ("C-2", date(2027, 3, 31), "いいえ", 12000.0, "GBP", 56.0),
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("upcoming",),
        ("nudges",),
        ("people",),
        ("messages",),
        ("report", "passage"),
        ("report", "balance"),
    ],
)
def test_every_list_and_report_is_written_to_both_kinds_of_file(
    office: Office, words: Sequence[str]
) -> None:
    paths = office.folder / "list.csv", office.folder / "list.xlsx"
    office.said(*words, "--csv", str(paths[0]), "--xlsx", str(paths[1]), lang="ja")
    with paths[0].open(encoding="utf-8-sig", newline="") as stream:
        head, *rows = list(csv.reader(stream))
    assert rows
    assert all(head)
    assert len(set(head)) == len(head)
    typed = sheet(paths[1])
    assert (typed[0], len(typed)) == (head, len(rows) + 1)


def test_files_hold_all_rows_unless_somebody_says_how_many(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.cli.deals.listing.SHOWN", 1)
    assert office.said("deals").count("C-") == 1
    assert office.said("deals", "--csv", "-").count("C-") == 3
    assert office.said("deals", "--csv", "-", "--limit", "2").count("C-") == 2
    assert office.said("nudges", "--csv", "-").count("C-") == 3


def test_a_file_is_its_owners_only_and_what_it_replaces_is_said(office: Office) -> None:
    path = office.folder / "people.csv"
    assert office.run("people", "--csv", str(path))[
        2
    ] == f"wrote 3 rows to {path}; it replaced the one that was there.\n".replace(
        "there.\n", "there\n"
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (
        "(前のファイルを置き換えました)" in office.run("people", "--csv", str(path), lang="ja")[2]
    )
    assert [p.name for p in office.folder.iterdir() if p.name.endswith(".part")] == []


def test_a_link_is_replaced_and_not_written_through(office: Office) -> None:
    target = office.folder / "elsewhere.csv"
    target.write_text("mine")
    (office.folder / "out.csv").symlink_to(target)
    office.said("people", "--csv", str(office.folder / "out.csv"))
    assert target.read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "en", "ja"),
    [
        (
            ["--csv", "config.toml"],
            "exists and is not .csv, so it is not replaced",
            "すでにあり、.csv ではないので置き換えません",
        ),
        (
            ["--xlsx", "people.csv"],
            "exists and is not .xlsx, so it is not replaced",
            "すでにあり、.xlsx ではないので置き換えません",
        ),
        (["--csv", "data"], "is a folder; give a file's name", "はフォルダーです"),
        (
            ["--csv", "no/such/out.csv"],
            "cannot be written: No such file or directory",
            "に書き込めません",
        ),
        (["--xlsx", "-"], "--xlsx takes a file's name", "--xlsx にはファイル名を指定してください"),
        (
            ["--csv", "out.csv", "--json"],
            "give either --json or --csv, not both",
            "--json と --csv は同時に使えません",
        ),
    ],
)
def test_what_cannot_or_must_not_be_written_is_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch, words: list[str], en: str, ja: str
) -> None:
    monkeypatch.chdir(office.folder)
    before = {p.name: p.read_bytes() for p in office.folder.iterdir() if p.is_file()}
    assert en in office.refused("people", *words)
    assert ja in office.refused("people", *words, lang="ja")
    assert {p.name: p.read_bytes() for p in office.folder.iterdir() if p.is_file()} == before


def test_an_error_on_the_way_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("before")

    def rows() -> "list[int]":
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_files(
            CommandContext(tmp_path, csv=str(path)),
            "x",
            [Field("n", value=lambda n: int(str(n)))],
            (rows() for _ in range(3)),
        )
    assert (path.read_text(), [p.name for p in tmp_path.iterdir()]) == ("before", ["out.csv"])


def one_row(tmp_path: Path, *values: spreadsheets.Value) -> tuple[Sequence[str], Sequence[object]]:
    """Some values as cells of both kinds of file."""
    here = CommandContext(tmp_path, csv=str(tmp_path / "one.csv"), xlsx=str(tmp_path / "one.xlsx"))
    fields = [Field(f"column {n}", value=lambda row, n=n: row[n]) for n in range(len(values))]  # type: ignore[misc]
    write_files(here, "one", fields, [values])
    return list(cells(tmp_path / "one.csv")[0].values()), sheet(tmp_path / "one.xlsx")[1]


@pytest.mark.parametrize(
    "text", ["=1+1", "+81 3-1234", "-x", "@cmd", "＝1", "\t=1", "'=1", 'a,"b"\nc']
)
def test_no_cell_is_a_formula_and_every_text_can_be_read(tmp_path: Path, text: str) -> None:
    (cell,), (typed,) = one_row(tmp_path, text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "＝"))
    assert typed == text
    assert b"<f>" not in (tmp_path / "one.xlsx").read_bytes()


def test_what_a_sheet_cannot_hold_is_written_as_a_text(tmp_path: Path) -> None:
    values = date(1899, 12, 31), Decimal("12345678901234567.89"), "x" * 40_000, None
    csv_cells, typed = one_row(tmp_path, *values, 7)
    assert csv_cells == ["1899-12-31", "12345678901234567.89", "x" * 40_000, "", "7"]
    assert typed == ["1899-12-31", "12345678901234567.89", "x" * 32_767, "", 7.0]


def test_more_rows_than_a_sheet_has_go_on_in_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 3)
    path = tmp_path / "out.xlsx"
    write_files(
        CommandContext(tmp_path, xlsx=str(path)),
        "Deals",
        [Field("n", value=lambda n: n)],
        list(range(7)),
    )
    book = load_workbook(path)
    assert {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names} == {
        "Deals": [["n"], [0.0], [1.0], [2.0]],
        "Deals 2": [["n"], [3.0], [4.0], [5.0]],
        "Deals 3": [["n"], [6.0]],
    }


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        here = CommandContext(
            tmp_path, csv=str(tmp_path / "out.csv"), xlsx=str(tmp_path / "out.xlsx")
        )
        start()
        write_files(
            here,
            "x",
            [Field("n", value=lambda n: f"{n} a text"), Field("d", value=lambda _: TODAY)],
            repeat(1, count),
        )
        most = get_traced_memory()[1]
        stop()
        return most

    peak(10)
    assert peak(6000) < peak(600) + 400_000


# Deals go out and come back.

contracts = st.lists(
    st.fixed_dictionaries(
        {
            "customer": st.sampled_from(
                ("青葉商事", "株式会社みどり", "Beta, Ltd", "=Gamma", "'+Delta", "-5", "㈱若葉")
            ),
            "product": st.sampled_from(("", "Pro", "=ライト", "1.5")),
            "starts_on": st.one_of(
                st.just(""), st.dates(date(2020, 1, 1), date(2026, 12, 31)).map(str)
            ),
            "length": st.integers(1, 2000),
            "ends": st.booleans(),
            "notice": st.sampled_from(("", "2 months", "30日", "0 days")),
            "auto_renew": st.sampled_from(("yes", "no", "")),
            "renewal_term": st.sampled_from(("", "24 months")),
            "amount": st.sampled_from(
                (
                    ("", "JPY"),
                    ("0", "JPY"),
                    ("3600000", "JPY"),
                    ("1234.50", "EUR"),
                    ("12.5000", "KWD"),
                    ("7", "CHF"),
                )
            ),
            "owner": st.sampled_from(("", "Ann Ito", "佐藤 健", "cy@example.com")),
            "parent": st.sampled_from(("", "青葉HD")),
            "segment": st.sampled_from(("", "large")),
            "estimated": st.sampled_from(("", "yes")),
        }
    ),
    max_size=6,
)


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Engine]]:
    """Two databases."""
    folder = tmp_path_factory.mktemp("databases")
    made = [open_engine(f"sqlite:///{folder / name}") for name in ("here.db", "elsewhere.db")]
    for engine in made:
        upgrade(engine, NOW)
    yield made
    for engine in made:
        engine.dispose()


def written(folder: Path, office: Imports, kind: str) -> Path:
    """The deals of a database as a file."""
    path = folder / f"deals.{kind}"
    closed = closed_stages(office.policy)
    rows = SheetRows(office.engine).deals(DealFilter(limit=0), closed, TODAY)
    here = (
        CommandContext(folder, csv=str(path))
        if kind == "csv"
        else CommandContext(folder, xlsx=str(path))
    )
    write_files(here, "deals", deal_fields(office.policy, TODAY), rows)
    return path


def kept(office: Imports) -> list[dict[str, object]]:
    """Every contract with its customer and owner, without what only says from which row it came."""
    names = {
        table: {r["id"]: r["name"] for r in office.rows(table)} for table in ("customers", "people")
    }
    rows = [
        {
            n: v
            for n, v in r.items()
            if n not in ("id", "row_hash", "import_id", "owner_id", "sales_id", "customer_id")
        }
        for r in office.rows("contracts")
    ]
    return [
        row
        | {
            "customer": names["customers"][r["customer_id"]],
            "owner": names["people"].get(r["owner_id"]),
        }
        for row, r in zip(rows, office.rows("contracts"), strict=True)
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=contracts)
def test_exported_deals_come_back_and_change_nothing_here_and_nothing_elsewhere(
    tmp_path_factory: pytest.TempPathFactory,
    engines: Sequence[Engine],
    kind: str,
    drawn: list[dict[str, object]],
) -> None:
    folder = tmp_path_factory.mktemp("deals")
    here, elsewhere = (Imports(engine, folder) for engine in engines)
    for engine in engines:
        empty(engine)
    names = [
        "contract",
        "customer",
        "product",
        "starts_on",
        "ends_on",
        "notice",
        "auto_renew",
        "renewal_term",
        "amount",
        "currency",
        "owner",
        "parent",
    ]
    with (folder / "first.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [*names, "segment", "estimated"])
        writer.writeheader()
        writer.writerow(
            {
                "contract": "C-0",
                "customer": "Zeta",
                "amount": "0.50",
                "currency": "EUR",
                "ends_on": "2027-12-31",
            }
        )
        for n, row in enumerate(drawn, 1):
            begins = (
                date.fromisoformat(str(row["starts_on"])) if row["starts_on"] else date(2026, 1, 1)
            )
            ends = str(begins + timedelta(days=int(str(row["length"])))) if row["ends"] else ""
            money: Any = row["amount"]
            plain = {k: v for k, v in row.items() if k not in ("length", "ends")}
            writer.writerow(
                plain
                | {"contract": f"C-{n}", "ends_on": ends, "amount": money[0], "currency": money[1]}
            )
    assert here.load(folder / "first.csv").rejected == 0, here.rejects
    before = kept(here)
    path = written(folder, here, kind)
    again = here.load(path, NOW + timedelta(days=1))
    assert (again.new, again.updated, again.unchanged, again.rejected) == (
        0,
        0,
        len(drawn) + 1,
        0,
    ), (again.moved, here.rejects)
    assert kept(here) == before
    elsewhere.load(path)
    assert sorted(kept(elsewhere), key=str) == sorted(before, key=str)

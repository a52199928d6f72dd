"""People come in from a file, on SQLite and PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.core.imports.texts import Reject
from scheduler.services.imports.import_report import ImportReport
from scheduler.services.imports.people import import_people
from scheduler.sources.files.opening import open_table
from scheduler.sources.kinds.profiles import CSV
from scheduler.sources.people import PEOPLE, kind_of, open_people
from scheduler.storage.database.transactions import transactions
from scheduler.storage.imports.importing import ImportQueries
from tests.import_cast import DATA, NOW, POLICY, Office
from tests.services.imports.test_importing import LONG

FILE = """氏名,メール,SlackID,役割,上長,タイムゾーン,カレンダー,言語,勤務時間,在籍,チーム
Ann Ito,Ann@Example.com,U0ANN1,担当,Bob Hill,Europe/London,weekdays,英語,9:00〜17:30,在籍,CS
Bob Hill,bob@example.com,,上長,,,,,,,CS
千佳 田中,chika@example.jp,,rep,bob@example.com,Asia/Tokyo,jp,ja,,,CS
"""


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office with an empty database."""
    office = Office.at(database_url, tmp_path)
    yield office
    office.engine.dispose()


def load(office: Office, text: str, *, dry_run: bool = False) -> tuple[ImportReport, list[Reject]]:
    """One import of people."""
    rejects: list[Reject] = []
    source = open_people(office.write(text, "people.csv"), POLICY)
    return import_people(
        transactions(office.engine, ImportQueries),
        source,
        NOW,
        dry_run=dry_run,
        on_reject=rejects.append,
    ), rejects


def test_people_come_in_with_managers_who_stand_further_down(office: Office) -> None:
    report, rejects = load(office, FILE)
    ann, bob, chika = office.rows("people")
    assert (report.new, report.moved, rejects) == (3, [], [])
    assert (ann["key"], ann["slack_id"], ann["hours"], ann["language"], ann["zone"]) == (
        "ann@example.com",
        "U0ANN1",
        "09:00-17:30",
        "en",
        "Europe/London",
    )
    assert (ann["manager_id"], bob["role"], chika["manager_id"]) == (
        bob["id"],
        "manager",
        bob["id"],
    )


def test_the_same_people_again_change_nothing(office: Office) -> None:
    load(office, FILE)
    before = office.rows("people")
    report, _ = load(office, FILE)
    assert (report.unchanged, office.rows("people")) == (3, before)


def test_an_owner_whom_a_contract_named_is_the_same_person(office: Office) -> None:
    office.load(DATA / "contracts_cp932.csv")
    load(office, FILE)
    assert sorted(p["name"] for p in office.rows("people")) == [
        "Ann Ito",
        "Bob Hill",
        "Dan Fox",
        "千佳 田中",
    ]
    assert office.column("deals", "version") == [2, 2, 2]


def test_whoever_left_is_marked_and_empty_columns_fall_back(office: Office) -> None:
    load(office, FILE)
    report, _ = load(office, "name,email,active,zone\nAnn Ito,ann@example.com,退職,\n")
    ann = office.rows("people")[0]
    assert (ann["active"], ann["zone"], ann["hours"]) == (False, None, "09:00-17:30")
    assert [(m.field, m.after) for m in report.moved] == [("zone", ""), ("active", "False")]


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("Eve,nomail,,,,,,,", "email", "email"),
        ("Eve,,x,,,,,,", "slack_id", "slack_id"),
        ("Eve,,,boss,,,,,", "role", "role"),
        ("Eve,,,,Nobody,,,,", "manager", "no_manager"),
        ("Eve,,,,Eve,,,,", "manager", "own_manager"),
        (f"Eve,,,,,Europe{'/1' * 3000},,,", "zone", "zone"),
        ("Eve,,,,,posix/Europe/London,,,", "zone", "zone"),
        ("Eve,,,,,Mars/Base,,,", "zone", "zone"),
        ("Eve,,,,,,moon,,", "calendar", "calendar"),
        ("Eve,,,,,,,fr,", "language", "language"),
        ("Eve,,,,,,,,18:00-09:00", "hours", "hours"),
        ("Dan,,,,,,,,", "name", "person_twice"),
    ],
)
def test_what_cannot_be_read_is_rejected_with_its_column(
    office: Office, row: str, column: str, code: str
) -> None:
    _, rejects = load(
        office,
        f"name,email,slack_id,role,manager,zone,calendar,language,hours\nDan,,,,,,,,\n{row}\n",
    )
    assert [(r.line, r.column, r.problem.code) for r in rejects] == [(3, column, code)]


def test_managers_in_a_circle_are_refused(office: Office) -> None:
    _, rejects = load(office, "name,manager\nAnn,Bob\nBob,Ann\n")
    assert [(r.line, r.problem.code) for r in rejects] == [(3, "manager_circle")]


def test_a_dry_run_of_people_writes_nothing_and_undo_takes_them_back(office: Office) -> None:
    load(office, FILE, dry_run=True)
    assert office.rows("people") == []
    first, _ = load(office, FILE)
    before = office.rows("people")
    second, _ = load(office, FILE.replace("U0ANN1", "U0ANN2"))
    office.undo(second.import_id or 0)
    assert office.rows("people") == before
    assert office.undo(first.import_id or 0).people == 3
    assert office.rows("people") == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("氏名,メール\nAnn,ann@example.com\n", "people"),
        ("name,role,manager\nAnn,rep,Bob\n", "people"),
        ("name,email\nA,a@one.example\nB,b@one.example\nC,c@two.example\n", "people"),
        ("name,email\nA,a@one.example\nB,b@two.example\nC,c@three.example\n", ""),
        ("name,email,会社名\nA,a@one.example,Aoba\n", ""),
        ("contract,customer,owner\n1,A,Ann\n", "contracts"),
        (
            (
                "契約番号,顧客名,満了日,担当者名,メールアドレス\nC-1,青葉商事,2027-03-31,山田 太郎,"
                "yamada@aoba.example\n"
            ),
            "contracts",
        ),
        (
            "会社名,満了日,氏名,メール\n青葉商事,2027-03-31,山田 太郎,yamada@aoba.example\n",
            "contracts",
        ),
        ("Deal Name,Amount,name,email\nx,1,Ann,ann@one.example\n", "contracts"),
    ],
)
def test_people_are_told_from_contracts_by_the_columns_and_by_what_they_hold(
    tmp_path: Path, text: str, kind: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text, "utf-8")
    assert kind_of(open_table(path, PEOPLE.names | CSV.names)) == kind


@pytest.mark.parametrize("row", [f"{LONG},a@example.com", f"Ann Ito,{LONG}@example.com"])
def test_a_name_or_an_address_that_no_index_takes_is_a_row_that_stays_out(
    office: Office, row: str
) -> None:
    report, rejects = load(office, f"name,email,role\n{row},rep\nBob Hill,b@example.com,rep\n")
    assert (report.new, [r.problem.code for r in rejects]) == (1, ["too_long"])


HEAD = "contract,customer,ends on,owner,sales\nC-1,Aoba,2027-03-31,"


@pytest.mark.parametrize(
    ("owner", "sales", "told"),
    [
        (
            "BOB@example.com",
            "chika@example.jp",
            [("Ann Ito", "Bob Hill"), ("Bob Hill", "千佳 田中")],
        ),
        ("new@example.com", "", [("Ann Ito", "new@example.com"), ("Bob Hill", "")]),
        ("ann@example.com", "bob@example.com", []),
    ],
)
def test_a_change_of_people_is_told_by_their_names_whatever_the_file_calls_them(
    office: Office, owner: str, sales: str, told: list[tuple[str, str]]
) -> None:
    load(office, FILE)
    office.load_text(f"{HEAD}Ann Ito,Bob Hill\n")
    moved = office.load_text(f"{HEAD}{owner},{sales}\n").moved
    assert [(m.field, m.before, m.after) for m in moved] == [
        (field, *each) for field, each in zip(("owner", "sales"), told, strict=False)
    ]

"""An import in a process of its own, killed at chosen moments: nothing of it is there, or
everything with its number; what follows the commit is finished at the next start.

A trigger holds the process where it is to die: it writes more than a connection's cache keeps, so
that the write-ahead log grows on disk, which is seen from outside, and then counts for ever.
"""

import json
from pathlib import Path

import pytest

from scheduler.cli.main import main
from tests.cli.office import Office, of_no_machine
from tests.e2e.process import Folder, wait_until

ROWS, NEW, LOADED, NEXT_DAY = 40, 10, "2027-01-05", "2027-01-06"
ANN, CHIKA = "ann@example.com", "chika@example.jp"
PEOPLE = f"name,email,role\nAnn Ito,{ANN},rep\n千佳 田中,{CHIKA},rep\n"
STOP = """
CREATE TRIGGER stop BEFORE {moment} BEGIN
    INSERT INTO filler SELECT zeroblob(1000) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 16000) SELECT i FROM n);
    SELECT count(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000000) SELECT i FROM n);
END
"""
GROWN = 5_000_000
ALL_BUT_COMMITTED = "UPDATE OF state ON imports WHEN NEW.state = 'completed'"
FIRST_SWEEP = "INSERT ON events"
SECOND_DIGEST = (
    "INSERT ON messages WHEN NEW.kind = 'digest' AND EXISTS (SELECT 1 FROM messages WHERE kind = "
    "'digest')"
)


def contracts(amount: int, count: int = ROWS) -> str:
    """A register in which every contract is within three months of its end."""
    rows = (
        f"C-{n},Customer {n},2026-04-01,2027-03-31,{amount},EUR,{(ANN, CHIKA)[n % 2]}"
        for n in range(count)
    )
    return "\n".join(["contract,customer,starts on,ends on,amount,currency,owner", *rows]) + "\n"


@pytest.fixture
def office(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Office:
    """A folder with people, into which no contract was loaded."""
    of_no_machine(monkeypatch)
    made = Office(tmp_path / "work", capsys)
    assert main(["init", str(made.folder)]) == 0
    for name, content in {
        "people": PEOPLE,
        "contracts": contracts(100),
        "next": contracts(200, ROWS + NEW),
    }.items():
        (made.folder / f"{name}.csv").write_text(content, "utf-8")
    made.said("import", str(made.folder / "people.csv"), as_of=LOADED)
    made.change("CREATE TABLE filler (some)")
    return made


def killed(office: Office, moment: str, *words: str, as_of: str = LOADED) -> None:
    """A command in a process of its own, which is killed once it has come to the moment."""
    office.change(STOP.format(moment=moment))
    log, folder = office.folder / "data" / "renewals.db-wal", Folder(office.folder)
    assert not log.exists()
    with folder.started(*words, "--as-of", as_of) as process:
        wait_until(
            lambda: process.poll() is not None or (log.exists() and log.stat().st_size > GROWN),
            moment,
        )
        assert process.poll() is None, folder.log()
    office.change("DROP TRIGGER stop")


def contents(office: Office) -> list[tuple[object, ...]]:
    """What is there: contracts by what they are worth, customers, deals, passages, and the
    imports."""
    tables = ("customers", "deals", "passages", "import_changes", "events", "nudges", "messages")
    return [
        *office.rows("SELECT amount, count(*) FROM contracts GROUP BY amount"),
        *(
            row
            for table in tables
            for row in office.rows(f"SELECT '{table}', count(*) FROM {table}")
        ),
        *office.rows("SELECT id, kind, state FROM imports"),
    ]


def test_of_an_import_that_is_killed_before_its_commit_nothing_is_there(office: Office) -> None:
    office.said("import", str(office.folder / "contracts.csv"), as_of=LOADED)
    before = contents(office)
    killed(office, ALL_BUT_COMMITTED, "import", str(office.folder / "next.csv"))
    assert contents(office) == before
    said = office.said("import", str(office.folder / "next.csv"), as_of=LOADED)
    ((number,),) = office.rows("SELECT id FROM imports WHERE file = 'next.csv'")
    assert said.startswith(f"import {number}: next.csv\nnew {NEW}, updated {ROWS}, ")


def test_what_follows_the_commit_is_finished_at_the_next_start(office: Office) -> None:
    killed(office, FIRST_SWEEP, "import", str(office.folder / "contracts.csv"), "--send", "digest")
    ((number,),) = office.rows(
        "SELECT id FROM imports WHERE kind = 'contracts' AND state = 'completed'"
    )
    killed(office, SECOND_DIGEST, "run", "--once", as_of=NEXT_DAY)
    assert office.rows("SELECT count(*) FROM messages WHERE kind = 'digest'") == [(0,)]
    for _ in range(2):
        office.said("import", str(office.folder / "people.csv"), as_of=NEXT_DAY)
        digests = office.rows("SELECT facts FROM messages WHERE kind = 'digest' ORDER BY id")
        assert [json.loads(str(facts))["count"] for (facts,) in digests] == [ROWS // 2] * 2
        assert office.rows(
            "SELECT count(DISTINCT deal_id) FROM events WHERE state = 'baseline'"
        ) == [(ROWS,)]
        assert office.rows("SELECT count(*) FROM nudges") == [(0,)]
    assert f": {ROWS} contracts" in office.said("import", "undo", str(number), as_of=NEXT_DAY)

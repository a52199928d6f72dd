"""`renewals import catch-up`: what a first load held back is named, and can be had after all.
Chika's and Ann's contracts of the office."""

import json
from pathlib import Path

import pytest

from scheduler.cli.main import main
from tests.cli.office import CONTRACTS, PEOPLE, Office, of_no_machine

NOON = "2027-03-15T12:00+00:00"


@pytest.fixture
def late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Office:
    """The office's contracts come in only two weeks before two of them end."""
    of_no_machine(monkeypatch)
    folder = tmp_path / "work"
    assert main(["init", str(folder), "--lang", "en"]) == 0
    for name, text in (("people.csv", PEOPLE), ("contracts.csv", CONTRACTS)):
        (folder / name).write_text(text, "utf-8")
    assert main(["import", str(folder / "people.csv"), "--dir", str(folder), "--as-of", NOON]) == 0
    capsys.readouterr()
    return Office(folder, capsys)


def test_what_ends_soon_is_named_with_its_money_and_told_later_when_wished(late: Office) -> None:
    said = late.said("import", str(late.folder / "contracts.csv"), as_of=NOON)
    assert "notice deadline within 30 days" in said
    assert "C-2  Beta Ltd  ends Wed 31 Mar 2027  £12,000  Ann Ito" in said
    assert "C-1" not in said, "it has renewed"
    assert late.rows("SELECT count(*) FROM nudges") == [(0,)]
    held = json.loads(late.said("import", "catch-up", "--json", as_of=NOON))
    assert [n["contract"] for n in held["near"]] == ["C-2"]
    assert "the latest reminder of" in late.said(
        "import", "catch-up", "--send", "latest", as_of=NOON
    )
    assert len(late.rows("SELECT id FROM nudges")) == 1, "the latest question about the renewal"
    assert (
        late.said("import", "catch-up", as_of=NOON).strip()
        == "nothing is held back by a first load"
    )
    assert (
        late.said("report", "balance", as_of=NOON).splitlines()[-1]
        == "Everything is accounted for; nothing was lost."
    )


def test_a_digest_may_be_had_later_and_only_once(late: Office) -> None:
    late.said("import", str(late.folder / "contracts.csv"), as_of=NOON)
    assert "one digest each" in late.said("import", "catch-up", "--send", "digest", as_of=NOON)
    assert "nobody gets a second one" in late.said(
        "import", "catch-up", "--send", "digest", as_of=NOON
    )


def test_another_import_is_no_first_load(late: Office) -> None:
    late.said("import", str(late.folder / "contracts.csv"), as_of=NOON)
    assert "import 7 was not a first load (first loads: 2)" in late.refused(
        "import", "catch-up", "7", as_of=NOON
    )

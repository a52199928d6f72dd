"""Names from outside, through every exit of the command line: nothing steers the terminal, no cell
of a spreadsheet begins a formula."""

import csv
import io
from pathlib import Path

import pytest

from scheduler.cli.main import main
from tests.cli.office import LONDON_NOON, of_no_machine

EVIL = "Grey\x1b[2J\x1b]0;owned\x07\u202e Ltd"
CONTRACTS = f"""\
contract,customer,product,starts on,ends on,notice,auto renew,amount,currency,owner
E-1,{EVIL},Pro\x1b[8m,2026-04-01,2027-03-31,30 days,no,12000,GBP,ann@example.com
E-2,=1+1,@SUM(A1),2026-04-01,2027-03-31,30 days,no,12000,GBP,ann@example.com
"""
SHOWN = [
    "deals",
    "show E-1",
    "why E-1",
    "nudges",
    "messages",
    "messages 1",
    "upcoming",
    "people",
    "report passage",
    "report balance",
    "check --offline",
]
SHOWN += [
    "answer E-1 seen",
    "answer E-1 undo",
    "answer NONE\x1b[2J seen",
    "deals --json",
    "messages 1 --json",
    "plan",
]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with such a customer, told."""
    folder = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        of_no_machine(patch)
        assert main(["init", str(folder)]) == 0
        (folder / "people.csv").write_text(
            (
                f"name,email,role,zone,language,calendar\nAnn {EVIL},ann@example.com,rep,"
                "Europe/London,en,gb\n"
            ),
            "utf-8",
        )
        (folder / "contracts.csv").write_text(CONTRACTS, "utf-8")
        for name in ("people.csv", "contracts.csv"):
            main(["import", str(folder / name), "--dir", str(folder), "--as-of", "2026-10-01"])
        assert main(["run", "--once", "--dir", str(folder), "--as-of", LONDON_NOON]) == 0
    return folder


@pytest.mark.parametrize("words", SHOWN)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_no_command_writes_a_name_raw(
    hostile: Path,
    words: str,
    lang: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    of_no_machine(monkeypatch)
    main([*words.split(" "), "--dir", str(hostile), "--lang", lang, "--as-of", LONDON_NOON])
    said = capsys.readouterr()
    assert [c for c in said.out + said.err if c in "\x1b\x07\u202e\x9b"] == []


def test_what_was_refused_is_listed_without_formulas_and_not_through_a_link(
    hostile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_no_machine(monkeypatch)
    rows = (
        'contract,customer,starts on,ends on\nX-1,X,2026-01-01,"=HYPERLINK(""http://x"")"\nX-2,X,'
        "2026-01-01,@SUM(1)\n"
    )
    (hostile / "bad.csv").write_text(rows, "utf-8")
    precious, rejects = hostile / "precious.txt", hostile / "bad.csv.rejects.csv"
    precious.write_text("keep me", "utf-8")
    rejects.symlink_to(precious)
    main(["import", str(hostile / "bad.csv"), "--dir", str(hostile), "--as-of", LONDON_NOON])
    listed = list(csv.reader(io.StringIO(rejects.read_text("utf-8-sig"))))
    assert [row[2] for row in listed[1:]] == ['\'=HYPERLINK("http://x")', "'@SUM(1)"]
    assert (precious.read_text("utf-8"), rejects.is_symlink(), rejects.stat().st_mode & 0o777) == (
        "keep me",
        False,
        0o600,
    )

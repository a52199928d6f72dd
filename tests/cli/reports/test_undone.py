"""A report of a past day after an import was undone: what it had changed still counts on the days
between; what it had brought in is gone."""

from collections.abc import Callable

import pytest

from tests.cli.office import Office
from tests.cli.reports.register import LOADED, PEOPLE, report

HEAD = "contract,customer,starts on,ends on,term,notice,auto renew,amount,currency,owner,segment\n"
FIRST = HEAD + (
    "C-1,Aster,2026-04-01,2027-03-31,12 months,,no,1000.00,GBP,ann@example.com,smb\n"
    "C-2,Birch,2026-04-01,2027-03-31,12 months,,no,500.00,GBP,ann@example.com,smb\n"
)
WRONG = HEAD + (
    "C-1,Aster,2026-04-01,2027-03-31,12 months,,no,9000.00,GBP,ann@example.com,enterprise\n"
    "C-3,Cedar,2026-04-01,2027-03-31,12 months,,no,700.00,GBP,ann@example.com,smb\n"
)
BEFORE, BETWEEN, AFTER = "2026-11-05", "2026-11-15", "2026-11-25"
END = "2026-12-10T12:00+00:00"
PERIOD = ("--from", "2027-01-01", "--until", "2027-04-30")


@pytest.fixture
def mistaken(nowhere: Office) -> Office:
    """A register to which a wrong file came on 10 November."""
    for name, text in {"people.csv": PEOPLE, "first.csv": FIRST, "wrong.csv": WRONG}.items():
        (nowhere.folder / name).write_text(text, "utf-8")
    for name in ("people.csv", "first.csv"):
        nowhere.said("import", str(nowhere.folder / name), as_of=LOADED)
    nowhere.said("import", str(nowhere.folder / "wrong.csv"), as_of="2026-11-10T10:00+00:00")
    return nowhere


def test_what_an_undone_import_had_changed_counts_until_it_was_undone(mistaken: Office) -> None:
    known = _known(mistaken)
    assert known(BEFORE) == {"smb": 150000}
    assert known(BETWEEN) == {"enterprise": 900000, "smb": 120000}
    _undo(mistaken)
    assert known(BEFORE) == {"smb": 150000}
    assert known(BETWEEN) == {"enterprise": 900000, "smb": 50000}, "what it brought in is gone"
    assert known(AFTER) == {"smb": 150000}


def test_what_was_changed_since_was_not_put_back_and_stays(mistaken: Office) -> None:
    edit = ("contract", "edit", "C-1", "--amount", "2000", "--yes")
    mistaken.said(*edit, as_of="2026-11-18T10:00+00:00")
    _undo(mistaken, "4")
    _undo(mistaken)
    known = _known(mistaken)
    assert known(BETWEEN) == {"enterprise": 900000, "smb": 50000}
    assert known("2026-11-19") == {"enterprise": 200000, "smb": 50000}
    assert known(AFTER) == {"smb": 150000}


def test_an_undo_that_nobody_dated_counts_as_if_the_import_had_never_been(
    mistaken: Office,
) -> None:
    _undo(mistaken)
    mistaken.change("UPDATE imports SET undone_at = NULL")
    mistaken.change("UPDATE import_changes SET put_back_at = NULL")
    assert _known(mistaken)(BETWEEN) == {"smb": 150000}


def _undo(office: Office, number: str = "3") -> None:
    """Undoes an import or edit on 20 November."""
    office.said("undo", number, "--yes", as_of="2026-11-20T10:00+00:00")


def _known(office: Office) -> Callable[[str], dict[str, int]]:
    """What was due, by segment, as known on a day."""

    def known(day: str) -> dict[str, int]:
        found = report(office, "retention", *PERIOD, "--as-known-on", day, as_of=END)
        return {line["segment"]: line["due"] for line in found["due"]}

    return known

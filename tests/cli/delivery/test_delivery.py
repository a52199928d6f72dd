"""`renewals report delivery`: in both languages, for machines and for spreadsheets."""

import csv
import io
import json

import pytest

from tests.cli.office import Office


@pytest.fixture(autouse=True)
def steady(office: Office) -> None:
    """An office whose program never stood still."""
    office.change("DELETE FROM meta WHERE key = 'outages'")


def test_how_many_were_in_time_is_said_in_both_languages(office: Office) -> None:
    said = office.said("report", "delivery")
    assert said.splitlines()[0].split()[:6] == ["Month", "Channel", "Due", "In", "time", "%"]
    assert "nudges due reached a person in their window (100 %)." in said
    ja = office.said("report", "delivery", "--explain", lang="ja")
    assert "時間内に届きました(100 %)" in ja
    assert "チャネル：チャネルが止まっていた。" in ja


def test_what_reached_nobody_is_missing_with_its_cause(office: Office) -> None:
    office.change(
        "UPDATE nudges SET state = 'dead' WHERE id = (SELECT min(id) FROM nudges WHERE state = "
        "'sent')"
    )
    found = json.loads(office.said("report", "delivery", "--json", "--explain"))
    total = found["total"]
    assert (total["missing"], total["because"]["nobody"], total["due"] - total["in_time"]) == (
        1,
        1,
        1,
    )
    assert found["share_in_time"] == total["in_time"] / total["due"]
    assert set(found["definitions"]["because"]) == set(total["because"])
    rows = list(csv.DictReader(io.StringIO(office.said("report", "delivery", "--format", "csv"))))
    assert [(row["month"], row["channel"]) for row in rows] == [
        (line["month"], line["channel"]) for line in found["lines"]
    ]
    assert sum(int(row["because_nobody"]) for row in rows) == 1


def test_months_before_those_wanted_are_left_out_and_none_is_said(office: Office) -> None:
    assert (
        office.run("report", "delivery", "--months", "1", as_of="2027-05-10T12:00:00Z")[1]
        == "No nudge came due in this time.\n"
    )
    assert office.run("report", "delivery", "--months", "0")[0] == 2


def test_two_forms_at_once_are_refused(office: Office) -> None:
    code, _, err = office.run("report", "delivery", "--json", "--format", "csv")
    assert (code, "give either" in err) == (2, True)

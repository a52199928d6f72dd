"""`renewals report load` and `renewals report answers`."""

import csv
import io
import json

from tests.cli.office import Office


def test_the_load_is_a_heat_map_of_people_and_weeks(office: Office) -> None:
    said = office.said("report", "load", "--until", "2027-04-04")
    head, *lines = said.splitlines()[1:]
    assert head.split()[:3] == ["Person", "4", "Jan"]
    assert {line.split("  ")[0] for line in lines} >= {"Ann Ito", "千佳 田中", "Total"}
    assert "█" in said


def test_the_load_counts_renewals_and_deadlines_of_each_week(office: Office) -> None:
    found = json.loads(
        office.said("report", "load", "--owner", "ann", "--until", "2027-04-04", "--json")
    )
    weeks = {line["week"]: line for line in found["weeks"]}
    assert len(weeks) == 13
    assert weeks["2027-03-29"]["renewals"] == 1
    assert weeks["2027-03-01"]["deadlines"] == 1
    rows = list(csv.DictReader(io.StringIO(office.said("report", "load", "--format", "csv"))))
    assert {row["person"] for row in rows} == {"Ann Ito", "千佳 田中", ""}


def test_the_load_is_drawn_and_is_of_no_past_day(office: Office) -> None:
    file = office.folder / "load.svg"
    assert office.run("report", "load", "--chart", str(file))[0] == 0
    assert file.read_text("utf-8").startswith("<?xml")
    assert "from now on" in office.refused("report", "load", "--as-known-on", "2026-12-01")
    nobody = office.said("report", "load", "--team", "none")
    assert nobody == "Nobody has anything due in these weeks.\n"


def test_answers_are_counted_by_milestone_and_by_person(office: Office) -> None:
    office.said("answer", "C-2", "call", "renew", "--by", "ann@example.com")
    said = office.said("report", "answers")
    milestone, person = said.split("By person")
    assert "3 months before renewal" in milestone
    ann = next(line for line in person.splitlines() if line.startswith("Ann Ito"))
    assert ann.split()[2:5] == ["1", "1", "1"]
    found = json.loads(office.said("report", "answers", "--json"))
    assert found["total"]["answered"] == 1
    assert found["total"]["asked"] >= 2
    assert office.said("report", "answers", lang="ja").startswith("通知タイミング別")


def test_answers_as_known_before_anybody_answered(office: Office) -> None:
    office.said("answer", "C-2", "call", "renew", "--by", "ann@example.com")
    found = json.loads(office.said("report", "answers", "--as-known-on", "2027-01-03", "--json"))
    assert found["total"]["answered"] == 0
    assert "renewal_3m" in found["never_answered"]


def test_reports_of_nothing_say_so(office: Office) -> None:
    said = office.said("report", "answers", "--from", "2020-01-01", "--until", "2020-02-01")
    assert said == "Nobody was asked anything in this period.\n"


def test_answers_are_drawn(office: Office) -> None:
    file = office.folder / "answers.svg"
    assert office.run("report", "answers", "--chart", str(file))[0] == 0
    assert b"<svg" in file.read_bytes()

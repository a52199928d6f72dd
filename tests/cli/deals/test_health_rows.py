"""What `show` says of how a customer does."""

from tests.cli.office import Office, rewrite

HEALTH = """
[health]

[[health.measures]]
id = "use"
label = { ja = "利用", en = "weekly use" }
signal = "logins"
expires = "45 days"
bands = [{ below = 20, points = 0 }, { below = 40, points = 50 }, { points = 100 }]

[machine]"""
LATER = "2027-01-07"


def measured(office: Office) -> None:
    """C-3 had few logins on 5 January."""
    rewrite(office.folder / "config.toml", {"\n[machine]": HEALTH})
    office.said("signals", "add", "C-3", "logins=30", "--at", "2027-01-05", as_of="2027-01-06")
    office.said("run", "--once", as_of="2027-01-06T03:00Z")


def test_a_measure_is_called_by_its_name_and_what_ageing_will_change_is_said(
    office: Office,
) -> None:
    measured(office)
    said = office.said("show", "C-3", as_of="2027-01-07")
    assert "At risk (weekly use 30 on Tue 5 Jan 2027), since Tue 5 Jan 2027" in said
    assert "50 of 100" in said
    assert "measured_" not in said
    assert "Fri 19 Feb 2027, in 43d: Not assessed" in said
    assert "利用 30(2027/1/5(火))" in office.said("show", "C-3", lang="ja", as_of="2027-01-07")


def test_what_a_person_says_stands_beside_the_signals_until_its_last_day(office: Office) -> None:
    measured(office)
    office.said("answer", "C-3", "health", "critical", "--until", "2027-01-20", as_of="2027-01-07")
    said = office.said("show", "C-3", as_of="2027-01-08")
    assert "counts until Wed 20 Jan 2027" in said
    assert "Signals say" in said
    assert "Thu 21 Jan 2027, in 13d: At risk (weekly use 30 on Tue 5 Jan 2027)" in said


def test_health_show_counts_who_is_not_assessed_apart(office: Office) -> None:
    rows = office.said("health", "show", "--format", "csv").splitlines()
    assert rows[0] == "health,deals,said,old,never_asked,reasons"
    assert rows[1].startswith("stable,2,")
    assert rows[4] == "unknown,1,0,0,1,"
    said = office.said("health", "show")
    assert "Deals whose health was never asked about, by owner: (nobody) 1" in said
    assert "nobody is asked. To have people asked, add [health]" in said


def test_health_show_tells_one_contract(office: Office) -> None:
    measured(office)
    said = office.said("health", "show", "C-3", as_of="2027-01-07")
    assert "At risk (weekly use 30 on Tue 5 Jan 2027), since Tue 5 Jan 2027" in said
    row = office.said("health", "show", "C-3", "--format", "csv", as_of="2027-01-07")
    assert "C-3,Gamma 100% Ltd,at_risk,50," in row


def test_a_reason_from_the_list_is_told_with_the_health_and_counted(office: Office) -> None:
    measured(office)
    words = ("C-3", "health", "critical", "--reason", "champion_left", "--note", "since May")
    assert "health (Critical, Champion left, since May)" in office.said(
        "answer", *words, as_of=LATER
    )
    assert "Critical (Champion left: since May)" in office.said("show", "C-3", as_of=LATER)
    assert "解約危機(推進担当者の異動・退職：since May)" in office.said(
        "show", "C-3", lang="ja", as_of=LATER
    )
    assert "Champion left" in office.said("why", "C-3", as_of=LATER)
    assert "Critical, because: Champion left 1" in office.said("health", "show", as_of=LATER)
    (critical,) = [r for r in _counts(office) if r.startswith("critical,")]
    assert critical.endswith(",champion_left=1")
    office.said("answer", "C-3", "undo", as_of=LATER)
    assert "Champion left" not in office.said("health", "show", as_of=LATER)


def _counts(office: Office) -> list[str]:
    return office.said("health", "show", "--format", "csv", as_of=LATER).splitlines()


def test_a_reason_that_is_not_listed_is_refused_with_the_list(office: Office) -> None:
    words = ("answer", "C-3", "health", "critical", "--reason")
    assert "[health] in config.toml lists none" in office.refused(*words, "use")
    measured(office)
    said = office.refused(*words, "use", as_of=LATER)
    assert (
        "there is no reason 'use'; choose one of: low_usage (Use is falling), champion_left" in said
    )


def test_of_a_renewed_contract_the_open_term_is_told(office: Office) -> None:
    office.said("answer", "C-2", "won", "--yes", as_of="2027-01-07")
    rows = office.said("health", "show", "C-2", "--format", "csv", as_of="2027-01-08").splitlines()
    assert len(rows) == 2
    assert office.said("health", "show", "C-2", as_of="2027-01-08").count("C-2") == 1


def test_a_question_that_comes_again_and_again_is_one_line_of_what_comes(office: Office) -> None:
    measured(office)
    office.said("contract", "edit", "C-3", "--ends", "2029-12-31", "--moved", "--yes", as_of=LATER)
    said = office.said("show", "C-3", as_of=LATER)
    comes = said.partition("What comes next")[2]
    asked = [line for line in comes.splitlines() if "How is the customer doing?" in line]
    assert len(asked) == 1
    assert "more times, the last on" in asked[0]
    assert "the end" in comes
    assert "回(最後は" in office.said("show", "C-3", lang="ja", as_of=LATER)

"""`renewals report funnel` and `renewals report lost`."""

import csv
import io
import json

from tests.cli.office import Office


def test_the_funnel_of_each_pipeline_with_its_definitions(office: Office) -> None:
    said = office.said("report", "funnel", "--explain")
    assert said.startswith("Existing customers (3 deals)\n")
    stage = next(line for line in said.splitlines() if line.startswith("Renewal (3 months)"))
    assert stage.split()[3] == "2"
    assert "In order: of those, the deals that entered every earlier step first" in said
    assert "順に到達：" in office.said("report", "funnel", "--explain", lang="ja")


def test_machines_get_spans_in_hours(office: Office) -> None:
    rows = list(csv.DictReader(io.StringIO(office.said("report", "funnel", "--format", "csv"))))
    of = {(row["pipeline"], row["stage"]): row for row in rows}
    assert of["existing", "renewal_3m"]["reached"] == "2"
    assert int(of["existing", "stable"]["median"]) > 24 * 30
    found = json.loads(office.said("report", "funnel", "--pipeline", "existing", "--json"))
    assert {line["pipeline"] for line in found["stages"]} == {"existing"}


def test_the_funnel_is_drawn_and_may_be_empty(office: Office) -> None:
    file = office.folder / "funnel.png"
    assert office.run("report", "funnel", "--chart", str(file))[0] == 0
    assert file.read_bytes().startswith(b"\x89PNG")
    assert office.said("report", "funnel", "--team", "none") == "No deal of this period matches.\n"


def test_what_was_lost_is_said_with_why_and_how_the_customer_did(office: Office) -> None:
    assert office.said("report", "lost") == "Nothing was lost in this period.\n"
    office.said("answer", "C-2", "lost", "--reason", "budget", "--avoidable")
    said = office.said("report", "lost")
    line = next(line for line in said.splitlines() if line.startswith("Renewal (3 months)"))
    assert "Budget cut or not approved" in line
    assert line.split()[-3:] == ["yes", "1", "£12,000"]
    assert "By reason: Budget cut or not approved 1" in said
    (row,) = csv.DictReader(io.StringIO(office.said("report", "lost", "--format", "csv")))
    assert (row["reason"], row["amount"], row["avoidable"]) == ("budget", "12000.00", "yes")
    assert "理由別：" in office.said("report", "lost", lang="ja")
    file = office.folder / "lost.png"
    assert office.run("report", "lost", "--chart", str(file))[0] == 0
    assert file.read_bytes().startswith(b"\x89PNG")


def test_a_loss_is_not_known_before_it_was_recorded(office: Office) -> None:
    office.said("answer", "C-2", "lost", "--reason", "budget")
    found = json.loads(office.said("report", "lost", "--as-known-on", "2027-01-03", "--json"))
    assert found["lost"] == []


def test_past_losses_of_ones_own_file_keep_their_reason(nowhere: Office) -> None:
    (nowhere.folder / "past.csv").write_text(
        "number,client,from,to,value,state,closed,why\n"
        "A-1,Acme,2025-10-01,2026-09-30,12000,Lost,2026-09-15,Budget\n"
        "A-2,Beta,2025-10-01,2026-09-30,9000,Lost,2026-09-15,予算削減・稟議否決\n"
        "A-3,Core,2025-10-01,2026-09-30,5000,Lost,2026-09-15,moved to the moon\n",
        "utf-8",
    )
    (nowhere.folder / "past.toml").write_text(
        """source = "past"
[columns]
contract = "number"
customer = "client"
starts_on = "from"
ends_on = "to"
amount = "value"
stage = "state"
closed_on = "closed"
note = "why"
[constants]
currency = "GBP"
[stages]
"Lost" = { to = "existing/lost", after = "unknown" }
""",
        "utf-8",
    )
    map_ = str(nowhere.folder / "past.toml")
    nowhere.said("import", str(nowhere.folder / "past.csv"), "--map", map_)
    rows = csv.DictReader(io.StringIO(nowhere.said("report", "lost", "--format", "csv")))
    assert {(row["reason"], row["deals"]) for row in rows} == {("budget", "2"), ("other", "1")}

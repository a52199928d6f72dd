"""`renewals plan`, `apply` and `config rollback`, in both languages: what an edit does is seen
first, and only that comes into force."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.office import LONDON_NOON, Office

EARLIER = ('offset = "-1 month"', 'offset = "-2 months"')
NEXT_DAY = "2027-01-05T12:00+00:00"
SIXTY = """[[milestones]]
id = "renewal_120d"
pipeline = "existing"
label = { ja = "契約更新120日前", en = "120 days before renewal" }
anchor = "ends_on"
offset = "-120 days"
series = "early"
tell = ["owner"]

[machine]
"""


def draft(office: Office, *edits: tuple[str, str]) -> Path:
    """A copy of config.toml with edits."""
    text = (office.folder / "config.toml").read_text("utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    (office.folder / "draft.toml").write_text(text, "utf-8")
    return office.folder / "draft.toml"


def planned(office: Office, *edits: tuple[str, str], more: tuple[str, ...] = ()) -> str:
    """The id of a plan."""
    shown = office.said("plan", "--config", str(draft(office, *edits)), *more)
    return str(re.findall(r"renewals apply (\w+)", shown)[0])


def versions(office: Office) -> list[tuple[object, ...]]:
    return office.rows("SELECT version, note FROM policy_versions ORDER BY version")


def test_a_plan_shows_what_comes_and_what_goes_and_changes_nothing(office: Office) -> None:
    deals = office.rows("SELECT * FROM deals")
    lines = office.said("plan", "--config", str(draft(office, EARLIER))).splitlines()
    assert lines[0].endswith(f"version 1 → {office.folder / 'draft.toml'}")
    assert (
        lines[1]
        == "the 90 days until Sun 4 Apr, 3 deals, assuming that nobody answers and every message "
        "arrives"
    )
    assert 'milestones[renewal_1m].offset: "-1 month" → "-2 months"' in "\n".join(lines)
    table = [re.split(r"\s{2,}", line) for line in lines]
    assert ["+ moves to Renewal (1 month)", "0", "0", "2", "2", "2", "£12,000 + ¥3,600,000"] in [
        [c or "0" for c in row] for row in _padded(lines)
    ]
    assert any(row[0] == "+ 1 month before renewal" for row in table)
    assert any(row[0] == "− 1 month before renewal" for row in table)
    assert office.rows("SELECT * FROM deals") == deals
    assert versions(office) == [(1, "")]


def _padded(lines: list[str]) -> list[list[str]]:
    """The rows of the first table, an empty cell where a column is empty."""
    head = next(line for line in lines if "7 days" in line)
    ends = [m.end() for m in re.finditer(r"Now|7 days|30 days|By \w+ \d+ \w+|Contracts", head)]
    rows = [line for line in lines if line.startswith(("+ ", "− "))]
    return [
        [
            row[: ends[0] - 3].strip(),
            *(row[a:b].strip() for a, b in zip([ends[0] - 3, *ends[:-1]], ends, strict=True)),
            row[ends[-1] :].strip(),
        ]
        for row in rows
    ]


def test_in_japanese(office: Office) -> None:
    shown = office.said("plan", "--config", str(draft(office, EARLIER)), lang="ja")
    assert "第1版 → " in shown
    assert "＋ 契約更新1か月前" in shown
    assert "適用するには：renewals apply " in shown


def test_for_machines_everything_is_there(office: Office) -> None:
    found = json.loads(
        office.said(
            "plan", "--config", str(draft(office, EARLIER)), "--until", "2027-02-28", "--json"
        )
    )
    assert (found["base_version"], found["until"], found["contracts"]) == (1, "2027-02-28", 2)
    assert [d["path"] for d in found["edited"]] == ["milestones[renewal_1m].offset"]
    assert {e["what"] for e in found["came"] if e["kind"] == "move"} == {"renewal_1m"}
    assert {e["on"] for e in found["came"] if e["kind"] == "move"} == {"2027-01-29"}
    assert {load["name"] for load in found["loads"]} >= {"Ann Ito", "千佳 田中"}


def test_the_same_edit_gives_the_same_plan(office: Office) -> None:
    assert planned(office, EARLIER) == planned(office, EARLIER)
    assert office.rows("SELECT count(*) FROM plans") == [(1,)]


def test_what_was_planned_comes_into_force(office: Office) -> None:
    id = planned(office, EARLIER)
    code, out, err = office.run("apply", id)
    assert (code, out) == (0, "version 2 is in force now; every machine that runs follows it\n")
    assert "differs from it" in err
    assert versions(office) == [(1, ""), (2, f"plan {id}")]
    assert (
        json.loads(str(office.rows("SELECT effects FROM policy_versions WHERE version = 2")[0][0]))[
            "contracts"
        ]
        == 2
    )
    office.said("run", "--once", as_of="2027-01-29T12:00+00:00")
    assert office.rows("SELECT DISTINCT stage FROM deals WHERE id < 3") == [("renewal_1m",)]


def test_a_plan_is_applied_once(office: Office) -> None:
    id = planned(office, EARLIER)
    office.said("apply", id)
    assert (
        office.refused("apply", id).splitlines()[-1]
        == f"plan {id} was applied before, as version 2"
    )
    assert len(versions(office)) == 2


def test_of_two_plans_for_one_version_only_the_first_is_applied(office: Office) -> None:
    one, other = (
        planned(office, EARLIER),
        planned(office, ("resend_after_move = 14", "resend_after_move = 21")),
    )
    office.said("apply", one)
    assert f"plan {other} was made for version 1, but version 2 is in force now" in office.refused(
        "apply", other
    )


def test_a_beginning_that_several_plans_share_is_not_enough(office: Office) -> None:
    planned(office, EARLIER)
    office.change(
        "INSERT INTO plans SELECT '0000000a', base_version, hash, document, backfill, until_on,"
        " rows, summary, author, made_at, NULL, NULL FROM plans"
    )
    office.change("UPDATE plans SET id = '0000000b' WHERE id <> '0000000a'")
    assert (
        office.refused("apply", "0000").splitlines()[-1]
        == "several plans begin with 0000: 0000000a, 0000000b"
    )


def test_a_plan_whose_effects_have_changed_is_refused_with_what_differs(office: Office) -> None:
    id = planned(office, EARLIER)
    office.change("UPDATE contracts SET ends_on = '2027-04-30' WHERE number = 'C-2'")
    said = office.refused("apply", id)
    assert f"things have changed since plan {id} was made" in said
    assert "C-2 Beta Ltd" in said
    assert versions(office) == [(1, "")]


def test_a_plan_holds_while_days_pass_if_it_still_does_the_same(office: Office) -> None:
    id = planned(office, EARLIER)
    office.said("apply", id, as_of=NEXT_DAY)
    assert len(versions(office)) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("apply", "nosuch"), "there is no plan 'nosuch'; run `renewals plan` first"),
        (("plan", "--until", "2020-01-01"), "is past"),
        (("plan", "--until", "2127-01-01"), "is too far away"),
        (("plan", "--config", "nowhere.toml"), "there is no file nowhere.toml"),
        (("plan",), "nothing has changed: the file is the same as version 1, which is in force"),
        (
            ("plan", "--backfill"),
            "nothing has changed: the file is the same as version 1, which is in force",
        ),
        (("config", "rollback", "1"), "nothing has changed"),
        (("config", "rollback", "9"), "there is no version 9"),
    ],
)
def test_what_cannot_be_planned_says_why(office: Office, words: tuple[str, ...], said: str) -> None:
    assert said in office.refused(*words)


def test_a_file_with_mistakes_is_refused_with_its_lines(office: Office) -> None:
    said = office.refused(
        "plan", "--config", str(draft(office, ('offset = "-1 month"', 'offset = "-1 moth"')))
    )
    assert re.search(r"draft\.toml:\d+  milestones\[1\]\.offset", said)


def test_an_edit_that_leaves_deals_without_a_stage_is_refused(office: Office) -> None:
    gone = re.findall(
        r'  \{ id = "renewal_3m", kind.*\n', (office.folder / "config.toml").read_text("utf-8")
    )[0]
    said = office.refused(
        "plan", "--config", str(draft(office, (gone, ""), ('moves_to = "renewal_3m"\n', "")))
    )
    assert said.startswith("this cannot come into force: the edit removes stage renewal_3m, ")
    assert 'write was = ["renewal_3m"] in the stage that replaces it' in said


def test_a_new_milestone_is_silent_about_the_past_unless_it_is_filled_in(office: Office) -> None:
    edit = ("[machine]\n", SIXTY)
    silent = office.said("plan", "--config", str(draft(office, edit)))
    assert (
        "120 days before renewal is already past for 2 deals (£12,000 + ¥3,600,000): nobody is "
        "told about it; with --backfill people are"
    ) in silent
    assert "+ 120 days before renewal                                   1" in silent, (
        "only C-3, whose day is to come"
    )
    loud = office.said("plan", "--config", str(draft(office, edit)), "--backfill")
    assert re.search(r"\+ 120 days before renewal +2 +2 +2 +3 ", loud)


def test_back_to_an_earlier_version_and_forward_again(office: Office) -> None:
    office.said("apply", planned(office, EARLIER))
    said = office.said("config", "rollback", "1", "--yes")
    assert 'milestones[renewal_1m].offset: "-2 months" → "-1 month"' in said
    assert said.splitlines()[-1].startswith("version 3 is in force now")
    hashes = [r[0] for r in office.rows("SELECT hash FROM policy_versions ORDER BY version")]
    assert hashes[0] == hashes[2] != hashes[1]


def test_without_a_yes_nothing_goes_back(office: Office) -> None:
    office.said("apply", planned(office, EARLIER))
    assert (
        office.said("config", "rollback", "1")
        .splitlines()[-1]
        .startswith("nothing changed. To put it in force: renewals apply ")
    )
    assert len(versions(office)) == 2


def test_back_to_a_version_before_a_renaming_takes_the_deals_along(office: Office) -> None:
    first = (office.folder / "config.toml").read_text("utf-8")
    renamed = (
        ('{ id = "renewal_3m",', '{ id = "renewal_early", was = ["renewal_3m"],'),
        ('moves_to = "renewal_3m"', 'moves_to = "renewal_early"'),
    )
    office.said("apply", planned(office, *renamed))
    (office.folder / "config.toml").write_text(
        (office.folder / "draft.toml").read_text("utf-8"), "utf-8"
    )
    office.said("run", "--once", as_of=NEXT_DAY)
    assert {stage for (stage,) in office.rows("SELECT DISTINCT stage FROM deals")} >= {
        "renewal_early"
    }
    before = (
        office.rows("SELECT count(*) FROM passages"),
        office.rows("SELECT count(*) FROM nudges"),
    )
    office.said("config", "rollback", "1", "--yes", as_of=NEXT_DAY)
    (office.folder / "config.toml").write_text(first, "utf-8")
    office.said("run", "--once", as_of=NEXT_DAY)
    assert "renewal_early" not in {
        stage for (stage,) in office.rows("SELECT DISTINCT stage FROM deals")
    }
    assert (
        office.rows("SELECT count(*) FROM passages"),
        office.rows("SELECT count(*) FROM nudges"),
    ) == before, "nothing happened to them"


def test_an_old_copy_of_the_file_is_no_edit(office: Office) -> None:
    office.said("apply", planned(office, EARLIER))
    assert (
        "the file is the same as the earlier version 1; to go back to it: renewals config rollback "
        "1" in office.refused("plan")
    )


def test_with_no_contracts_an_edit_changes_nothing(nowhere: Office) -> None:
    (nowhere.folder / "people.csv").write_text("name,email\nAnn,ann@example.com\n", "utf-8")
    nowhere.said("import", str(nowhere.folder / "people.csv"), as_of=LONDON_NOON)
    shown = nowhere.said("plan", "--config", str(draft(nowhere, EARLIER)))
    assert "Nothing changes for any deal." in shown
    nowhere.said("apply", re.findall(r"renewals apply (\w+)", shown)[0])


def test_without_a_database_there_is_nothing_to_plan(nowhere: Office) -> None:
    assert "there is no database yet" in nowhere.refused("plan", as_of=None)

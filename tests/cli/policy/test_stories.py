"""`renewals test`, and what `plan` and `apply` do with stories: each says whether it holds, and an
edit that breaks one needs a reason."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.office import Office

HOLDS = """title = "Asked three months before the end"
begins = 2027-03-01
complete = false

[contract]
ends_on = 2027-06-30

[2027-03-30]
told = "Ann renewal_3m"
stage = "renewal_3m"
"""
LATER = ('offset = "-3 months"', 'offset = "-70 days"')


@pytest.fixture
def told(office: Office) -> Office:
    """An office with one story that holds."""
    (office.folder / "stories").mkdir()
    (office.folder / "stories" / "asked.toml").write_text(HOLDS, "utf-8")
    return office


def draft(office: Office, *edits: tuple[str, str]) -> Path:
    text = (office.folder / "config.toml").read_text("utf-8")
    for old, new in edits:
        assert text.count(old) == 1
        text = text.replace(old, new)
    (office.folder / "draft.toml").write_text(text, "utf-8")
    return office.folder / "draft.toml"


def test_a_story_that_holds_is_a_line_and_exit_code_0(told: Office) -> None:
    code, out, _ = told.run("test", as_of=None)
    assert code == 0
    assert out.splitlines() == [
        f"✓ {told.folder}/stories/asked.toml  Asked three months before the end",
        "1 story passes",
    ]
    assert (
        told.run("test", as_of=None, lang="ja")[1].splitlines()[-1]
        == "ストーリー1件はすべて成り立ちます。"
    )


def test_a_story_that_does_not_hold_says_the_day_what_came_what_should_have_and_the_line_that_decided(
    told: Office,
) -> None:
    code, out, _ = told.run("test", "--config", str(draft(told, LATER)), as_of=None)
    lines = out.splitlines()
    assert code == 1
    assert lines[0].startswith("✗ ")
    assert lines[1:4] == [
        "  Tue 30 Mar 2027  line 9  told",
        "    came    nobody is told anything",
        "    should  Ann renewal_3m",
    ]
    assert lines[4:7] == [
        "  Tue 30 Mar 2027  line 10  stage",
        "    came    stable",
        "    should  renewal_3m",
    ]
    assert lines[-1] == "1 of 1 story fails"


def test_what_came_too_much_names_the_rule_in_the_configuration(told: Office) -> None:
    file = told.folder / "stories" / "asked.toml"
    file.write_text(HOLDS.replace('told = "Ann renewal_3m"', 'told = ""'), "utf-8")
    out = told.run("test", as_of=None, lang="ja")[1]
    number = 1 + (told.folder / "config.toml").read_text("utf-8").split(
        '[[milestones]]\nid = "renewal_3m"'
    )[0].count("\n")
    assert re.search(
        rf"実際  Ann renewal_3m   ← \S*config.toml:{number} milestones\[renewal_3m\]: .*到達", out
    ), out


def test_the_same_for_machines(told: Office) -> None:
    said = json.loads(
        told.run("test", "--json", "--config", str(draft(told, LATER)), as_of=None)[1]
    )
    assert (said["held"], said["failed"]) == (0, 1)
    fault = said["stories"][0]["faults"][0]
    assert (fault["on"], fault["line"], fault["should"]) == ("2027-03-30", 9, ["Ann renewal_3m"])


def test_a_mistake_in_a_story_is_the_user_s_to_mend(told: Office) -> None:
    (told.folder / "stories" / "asked.toml").write_text(HOLDS.replace("ends_on", "end_on"), "utf-8")
    code, _, err = told.run("test", as_of=None)
    assert code == 2
    assert err == (
        f'{told.folder}/stories/asked.toml:6  contract.end_on: there is no "end_on" here; did '
        'you mean "ends_on"?\n'
    )


def test_a_folder_without_stories_says_where_they_belong(office: Office) -> None:
    code, _, err = office.run("test", as_of=None)
    assert code == 2
    assert err.startswith(f"there are no stories in {office.folder}/stories; name some")
    assert office.run("test", "nowhere.toml", as_of=None)[::2] == (
        2,
        "there is no file nowhere.toml\n",
    )


def test_trying_stories_touches_nothing(told: Office) -> None:
    before = {file: file.read_bytes() for file in told.folder.rglob("*") if file.is_file()}
    told.run("test", as_of=None)
    assert {file: file.read_bytes() for file in told.folder.rglob("*") if file.is_file()} == before


def test_an_edit_that_breaks_a_story_is_not_planned(told: Office) -> None:
    code, _, err = told.run("plan", "--config", str(draft(told, LATER)))
    assert code == 2
    assert "should  Ann renewal_3m" in err
    assert err.endswith(
        "1 story that passed until now would fail: asked.toml; fix the edit or the story, or say "
        'why: --anyway "…"\n'
    )
    assert told.rows("SELECT * FROM plans") == []
    assert (
        "成り立たなくなるストーリーがあります(1件)：asked.toml"
        in told.run("plan", "--config", str(draft(told, LATER)), lang="ja")[2]
    )


def test_with_a_reason_it_is_and_the_version_keeps_the_reason(told: Office) -> None:
    shown = told.said(
        "plan", "--config", str(draft(told, LATER)), "--anyway", "ten weeks, Bob says"
    )
    plan = re.findall(r"renewals apply (\w+)", shown)[0]
    told.said("apply", plan)
    assert told.rows("SELECT note FROM policy_versions WHERE version = 2") == [
        (f"plan {plan}: ten weeks, Bob says",)
    ]
    assert "ten weeks, Bob says" in told.said("config", "history", as_of=None)


def test_a_story_written_since_the_plan_keeps_it_from_coming_into_force(told: Office) -> None:
    (told.folder / "stories" / "asked.toml").rename(told.folder / "asked.toml")
    plan = re.findall(
        r"renewals apply (\w+)", told.said("plan", "--config", str(draft(told, LATER)))
    )[0]
    (told.folder / "asked.toml").rename(told.folder / "stories" / "asked.toml")
    assert told.run("apply", plan)[0] == 2
    assert told.rows("SELECT count(*) FROM policy_versions") == [(1,)]
    told.said("apply", plan, "--anyway", "we know")
    assert told.rows("SELECT note FROM policy_versions WHERE version = 2") == [
        (f"plan {plan}: we know",)
    ]


def test_a_story_that_did_not_hold_before_is_no_reason_against_an_edit(told: Office) -> None:
    (told.folder / "stories" / "asked.toml").write_text(
        HOLDS.replace("2027-03-30", "2027-03-31"), "utf-8"
    )
    code, _, err = told.run(
        "plan", "--config", str(draft(told, ('offset = "+30 days"', 'offset = "+31 days"')))
    )
    assert (code, err) == (0, "note: stories that failed before, too: asked.toml\n")


def test_a_renamed_stage_and_milestone_break_no_story(told: Office) -> None:
    edits = (
        ('{ id = "renewal_3m", kind', '{ id = "early", was = ["renewal_3m"], kind'),
        ('id = "renewal_3m"\npipeline', 'id = "first_word"\nwas = ["renewal_3m"]\npipeline'),
        ('moves_to = "renewal_3m"', 'moves_to = "early"'),
    )
    assert told.run("test", "--config", str(draft(told, *edits)), as_of=None)[0] == 0
    assert told.run("plan", "--config", str(draft(told, *edits)))[0] == 0

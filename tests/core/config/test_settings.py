"""The tree of a document's settings: each by the path people read, those left out with what that
means."""

from typing import Any

import pytest

from scheduler.core.config.settings import Leaf, listed, machine_settings, policy_settings
from scheduler.core.config.tables.machine import MachineTable
from scheduler.core.config.toml.syntax import NotToml, read_toml

SMALL = """\
zone = "Europe/London"
admins = ["email:a@b.example"]
[calendars.jp]
closures = [{ days = "12-29..01-03", label = "年末" }, { days = "12-29..01-03", label = "again" }]
[[pipelines]]
id = "existing"
label = "Existing"
fallback = "email:a@b.example"
stages = [{ id = "stable", kind = "active", health = "stable", label = "Stable" }, { id = "won", kind = "won", label = "Won" }]
[attention]
repeat_every = 4
[[milestones]]
id = "t3m"
pipeline = "existing"
label = { ja = "3か月前", en = "3 months" }
anchor = "ends_on"
offset = "-3 months"
[milestones.where]
amount = ">= 1"
health = { not = ["stable"] }
"""


def raw(text: str) -> dict[str, Any]:
    """A text's tables."""
    found = read_toml(text)
    assert not isinstance(found, NotToml)
    return found


def settings(text: str = SMALL) -> dict[str, Leaf]:
    """The policy's settings by path."""
    return {setting.path: setting.leaf for setting in listed(policy_settings(raw(text)))}


@pytest.mark.parametrize(
    ("path", "value", "written"),
    [
        ("zone", "Europe/London", True),
        ("language", "ja", False),
        ("resend_after_move", 14, False),
        ("calendars.jp.weekend", ["sat", "sun"], False),
        ("calendars.jp.closures[12-29..01-03].label", "年末", True),
        ("calendars.jp.closures[12-29..01-03~2].label", "again", True),
        ("pipelines[existing].label", "Existing", True),
        ("pipelines[existing].auto_renewal", "at_decide_by", False),
        ("pipelines[existing].stages[stable].health", "stable", True),
        ("attention.repeat_every", 4, True),
        ("attention.owner_repeats", 1, False),
        ("milestones[t3m].label", {"ja": "3か月前", "en": "3 months"}, True),
        ("milestones[t3m].tell", ["owner"], False),
        ("milestones[t3m].where.amount", ">= 1", True),
        ("milestones[t3m].where.health", {"not": ["stable"]}, True),
    ],
)
def test_a_setting_has_its_value_or_its_default(path: str, value: object, written: bool) -> None:
    leaf = settings()[path]
    assert (leaf.value, leaf.written) == (value, written)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("pipelines[existing].zone", "Europe/London"),
        ("pipelines[existing].calendar", "jp"),
        ("pipelines[existing].default_active", "stable"),
        ("milestones[t3m].series", "t3m"),
        ("milestones[t3m].template", "t3m"),
        ("milestones[t3m].repeat_every", 4),
    ],
)
def test_what_follows_another_setting_has_that_ones_value(path: str, value: object) -> None:
    leaf = settings()[path]
    assert (leaf.value, leaf.written) == (value, False)


def test_what_says_nothing_is_no_line_and_an_id_is_in_the_path_only() -> None:
    paths = settings()
    assert not [
        path
        for path in paths
        if path.endswith((".id", ".days", "moves_to", "open_until", ".machine"))
    ]


def test_the_order_is_the_documents_with_values_before_tables() -> None:
    paths = list(settings())
    assert paths[:3] == ["zone", "admins", "language"]
    tops = list(dict.fromkeys(path.partition(".")[0].partition("[")[0] for path in paths))
    assert tops[-5:] == ["calendars", "pipelines", "attention", "milestones", "import"]


def test_the_machines_settings_are_all_there() -> None:
    found = {s.path: s.leaf for s in listed(machine_settings(raw('[machine]\nlog = "json"')))}
    assert set(found) == {f"machine.{name}" for name in MachineTable.model_fields}
    assert (found["machine.log"].value, found["machine.log"].written) == ("json", True)
    assert (found["machine.sweep_seconds"].value, found["machine.sweep_seconds"].written) == (
        30,
        False,
    )
    assert len(list(listed(machine_settings({})))) == len(MachineTable.model_fields)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"pipelines": "x", "milestones": 1, "calendars": [], "attention": "no", "rates": 3},
        {
            "pipelines": [1, {"stages": None}],
            "milestones": [{"where": 1, "stages": 2}],
            "gone_since": {"a": 1},
        },
    ],
)
def test_any_document_has_a_tree(document: dict[str, Any]) -> None:
    assert list(listed(policy_settings(document)))


def test_a_setting_that_this_program_no_longer_knows_is_shown_as_it_stands() -> None:
    assert settings('old_one = { a = [1] }\n[attention]\nshout = "loud"')["old_one"].value == {
        "a": [1]
    }
    assert settings('[attention]\nshout = "loud"')["attention.shout"].value == "loud"

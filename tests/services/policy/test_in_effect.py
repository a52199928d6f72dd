"""Every setting in effect with where it comes from: the file's line, its default, or the version in
the database."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from scheduler.app.shipped import shipped_config
from scheduler.services.policy.effective_settings import EffectiveSetting, Files, effective_settings
from scheduler.services.policy.versions import AppliedVersion

FILE = """\
# settings
language = "en"
zone = "Asia/Tokyo"
admins = ["email:a@b.example"]
rates = { USD = 150.0 }

[[milestones]]
id = "t3m"
offset = "-3 months"

[[milestones]]
id = "t1m"
offset = "-1 month"

[machine]
log = "json"
"""
NOTHING: Mapping[str, str] = {}


def shown(
    text: str, version: AppliedVersion | None, templates: Mapping[str, str] = NOTHING
) -> dict[str, EffectiveSetting]:
    found = effective_settings(Files("config.toml", text, templates, "templates/messages"), version)
    assert len({s.path for s in found}) == len(found)
    return {setting.path: setting for setting in found}


def version(text: str, templates: Mapping[str, str] = NOTHING) -> AppliedVersion:
    policy = {name: value for name, value in tomllib.loads(text).items() if name != "machine"}
    return AppliedVersion(
        7,
        "…",
        {"policy": policy, "templates": dict(templates)},
        "Ann",
        "",
        datetime(2027, 1, 4, tzinfo=UTC),
    )


def origins(text: str, in_force: AppliedVersion | None) -> dict[str, tuple[object, str]]:
    return {path: (s.value, s.origin.en) for path, s in shown(text, in_force).items()}


@pytest.mark.parametrize(
    "in_force", [None, version(FILE)], ids=["without a database", "in force as it stands"]
)
def test_a_setting_comes_from_its_line_or_is_the_default(in_force: AppliedVersion | None) -> None:
    found = origins(FILE, in_force)
    assert found["language"] == ("en", "config.toml:2")
    assert found["rates.USD"] == (150.0, "config.toml:5")
    assert found["milestones[t1m].offset"] == ("-1 month", "config.toml:13")
    assert found["milestones[t1m].spread"] == (0, "default")
    assert found["resend_after_move"] == (14, "default")
    assert found["machine.log"] == ("json", "config.toml:16")
    assert found["machine.sweep_seconds"] == (30, "default")


@pytest.mark.parametrize(
    ("in_file", "in_version", "path", "expected"),
    [
        ('"-1 month"', '"-2 months"', "milestones[t1m].offset", ("-2 months", "version 7")),
        ('language = "en"', "", "language", ("ja", "version 7")),
        ('zone = "Asia/Tokyo"', "", "zone", ("Asia/Tokyo", "config.toml:3")),
        ("USD = 150.0", "EUR = 160.0", "rates.EUR", (160.0, "version 7")),
        ('id = "t1m"', 'id = "t30d"', "milestones[t30d].offset", ("-1 month", "version 7")),
    ],
)
def test_what_the_version_says_otherwise_is_the_versions(
    in_file: str, in_version: str, path: str, expected: tuple[object, str]
) -> None:
    assert FILE.count(in_file) == 1
    found = origins(FILE, version(FILE.replace(in_file, in_version)))
    assert found[path] == expected
    assert found["milestones[t3m].offset"] == ("-3 months", "config.toml:9")


def test_what_only_the_version_writes_is_the_versions_also_where_it_is_the_default() -> None:
    assert origins(FILE.replace('zone = "Asia/Tokyo"\n', ""), version(FILE))["zone"] == (
        "Asia/Tokyo",
        "version 7",
    )


def test_what_only_the_file_has_is_not_in_effect() -> None:
    found = origins(
        FILE, version(FILE.replace("USD = 150.0", "").replace('id = "t1m"', 'id = "t30d"'))
    )
    assert "rates.USD" not in found
    assert "milestones[t1m].offset" not in found


def test_items_that_moved_in_the_file_keep_their_lines() -> None:
    turned = (
        FILE.replace("t3m", "x")
        .replace("t1m", "t3m")
        .replace('"x"', '"t1m"')
        .replace("-1 month", "y")
        .replace("-3 months", "-1 month")
    )
    found = origins(turned.replace('"y"', '"-3 months"'), version(FILE))
    assert found["milestones[t3m].offset"] == ("-3 months", "config.toml:13")
    assert found["milestones[t1m].offset"] == ("-1 month", "config.toml:9")


def test_templates_are_told_with_their_files() -> None:
    found = shown(
        FILE,
        version(FILE, {"ja/x/ask.txt": "old", "en/x/ask.txt": "same"}),
        {"ja/x/ask.txt": "new", "en/x/ask.txt": "same"},
    )
    assert (found["templates ja/x/ask.txt"].value, found["templates ja/x/ask.txt"].origin.en) == (
        "old",
        "version 7",
    )
    assert found["templates en/x/ask.txt"].origin.en == "templates/messages"
    assert found["templates en/x/ask.txt"].is_template
    assert not found["language"].is_template
    alone = shown(FILE, None, {"ja/x/ask.txt": "new"})["templates ja/x/ask.txt"]
    assert (alone.value, alone.origin.ja) == ("new", "templates/messages")


def test_no_secret_is_shown_whatever_an_older_program_let_pass() -> None:
    secret = "xoxb-1-hunter2"
    held = (
        FILE.replace("a@b.example", f"{secret}@b.example") + f'base_url = "https://u:{secret}@h/"\n'
    )
    found = shown(held, version(held, {"ja/x/ask.txt": f"https://hooks.slack.com/{secret}"}), {})
    assert found["admins"].value == ["email:…@b.example"] or "hunter2" not in str(
        found["admins"].value
    )
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    "text", [shipped_config(), shipped_config().replace("\n", "\r\n")], ids=["LF", "CRLF"]
)
def test_every_written_setting_of_the_shipped_file_names_the_line_it_stands_on(text: str) -> None:
    lines = text.splitlines()
    for path, setting in shown(text, None).items():
        if setting.origin.en != "default":
            key = path.rpartition(".")[2]
            assert key in lines[int(setting.origin.en.partition(":")[2]) - 1], path


def test_what_is_no_toml_is_refused() -> None:
    with pytest.raises(ValueError, match=r"config\.toml"):
        shown("language = ", None)

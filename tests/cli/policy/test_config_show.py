"""`renewals config show`: what is in effect, where it comes from, and never a secret."""

import json
import tomllib
from pathlib import Path

import pytest

from scheduler.core.config.tables.machine import MachineTable
from tests.cli.office import Office
from tests.cli.policy.test_config_versions import OFFSET, applied, edit, said

NO_DATABASE = "there is no policy in a database yet; this is what config.toml says\n"


def line_of(office: Office, text: str) -> int:
    """The line of config.toml that holds a text."""
    [number] = [
        n
        for n, line in enumerate((office.folder / "config.toml").read_text("utf-8").splitlines(), 1)
        if text in line
    ]
    return number


def by_path(office: Office, *, lang: str = "en") -> dict[str, str]:
    """Where each setting comes from."""
    split = [line.partition("  ") for line in said(office, "show", "--origin", lang=lang)]
    return {rest.strip().partition(" = ")[0]: origin for origin, _, rest in split}


def test_every_setting_is_a_line_in_the_files_order(office: Office) -> None:
    lines = said(office, "show")
    assert lines[:3] == ['language = "ja"', 'zone = "Asia/Tokyo"', 'calendar = "jp"']
    assert 'milestones[renewal_3m].offset = "-3 months"' in lines
    assert "milestones[renewal_3m].spread = 0" in lines
    assert {f"machine.{name}" for name in MachineTable.model_fields} <= {
        line.partition(" = ")[0] for line in lines
    }
    assert lines[-8:] == [
        f"{name} = not set"
        for name in (
            "DATABASE_URL",
            "SLACK_BOT_TOKEN",
            "SLACK_APP_TOKEN",
            "SMTP_URL",
            "LINK_SECRET",
            "HUBSPOT_TOKEN",
            "SLACK_API_URL",
            "HUBSPOT_API_URL",
        )
    ]
    assert said(office, "show", lang="ja")[-1] == "HUBSPOT_API_URL = 未設定"


def test_the_values_are_toml(office: Office) -> None:
    for line in said(office, "show"):
        if "not set" not in line:
            assert tomllib.loads(f"value = {line.partition(' = ')[2]}"), line


def test_with_origin_each_line_says_where_it_comes_from(office: Office) -> None:
    origins = by_path(office)
    assert (
        origins["resend_after_move"] == f"config.toml:{line_of(office, 'resend_after_move = 14')}"
    )
    assert origins["milestones[renewal_3m].spread"] == "default"
    assert origins["machine.send_batch"] == f"config.toml:{line_of(office, 'send_batch = 20')}"
    assert origins["SMTP_URL"] == "environment"
    japanese = by_path(office, lang="ja")
    assert (japanese["milestones[renewal_3m].spread"], japanese["SMTP_URL"]) == ("既定", "環境変数")


def test_an_edit_that_is_not_in_force_is_not_in_effect(office: Office) -> None:
    edit(office, OFFSET, ("send_batch = 20", "send_batch = 21"))
    code, out, err = office.run("config", "show", "--origin", as_of=None)
    assert code == 0
    assert err.startswith("note: the edit of config.toml is not in force yet (version 1 is)")
    lines = {
        line.partition(" = ")[0]: line
        for line in (" ".join(line.split()) for line in out.splitlines())
    }
    assert lines["version 1 milestones[renewal_3m].offset"].endswith('"-3 months"')
    at = line_of(office, "send_batch = 21")
    assert lines[f"config.toml:{at} machine.send_batch"].endswith("= 21")
    assert by_path(office, lang="ja")["milestones[renewal_3m].offset"] == "第1版"


def test_without_a_database_it_is_the_files_policy_and_that_is_said(nowhere: Office) -> None:
    code, out, err = nowhere.run("config", "show", "--origin", as_of=None)
    assert (code, err) == (0, NO_DATABASE)
    offset = next(line for line in out.splitlines() if "milestones[renewal_3m].offset" in line)
    assert offset.split(maxsplit=1) == [
        f"config.toml:{line_of(nowhere, OFFSET[0])}",
        'milestones[renewal_3m].offset = "-3 months"',
    ]
    assert "version" not in {line.split()[0] for line in out.splitlines()}
    assert (
        nowhere.run("config", "show", lang="ja", as_of=None)[2]
        == "データベースに設定がまだありません。config.toml の内容を表示します。\n"
    )
    assert not (nowhere.folder / "data").exists()


@pytest.mark.parametrize("kind", ["office", "nowhere"])
def test_mistakes_are_said_as_check_says_them(kind: str, request: pytest.FixtureRequest) -> None:
    folder: Office = request.getfixturevalue(kind)
    edit(folder, ('offset = "-3 months"', 'offset = "-3 moths"'))
    at = f"{folder.folder}/config.toml:{line_of(folder, '-3 moths')}"
    refused = folder.refused("config", "show", as_of=None).splitlines()
    assert (
        refused[-1]
        == f'{at}  milestones[0].offset: "-3 moths" is not an offset; write e.g. "-3 months"'
    )


def test_templates_of_ones_own_are_told_with_their_length(office: Office) -> None:
    file = office.folder / "templates" / "messages" / "ja" / "renewal_3m" / "ask.txt"
    file.parent.mkdir(parents=True)
    file.write_text("一行目\n二行目\n", "utf-8")
    applied(office)
    file.write_text("別\n", "utf-8")
    assert "templates ja/renewal_3m/ask.txt = 2 lines" in said(office, "show")
    assert by_path(office)["templates ja/renewal_3m/ask.txt"] == "version 2"
    assert "templates ja/renewal_3m/ask.txt = 2行" in said(office, "show", lang="ja")


SECRET = "hunter2"


@pytest.fixture
def secretive(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office with a secret in every place that a secret may come from."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", f"xoxb-{SECRET}")
    (office.folder / "link").write_text(SECRET)
    monkeypatch.setenv("LINK_SECRET_FILE", str(office.folder / "link"))
    (office.folder / ".env").write_text(
        f"SMTP_URL=smtp://u:{SECRET}@127.0.0.1:25\nSLACK_API_URL=http://127.0.0.1/{SECRET}\n"
    )
    (office.folder / "credentials").mkdir()
    (office.folder / "credentials" / "SLACK_APP_TOKEN").write_text(f"xapp-{SECRET}")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(office.folder / "credentials"))
    return office


def test_secrets_are_told_by_name_and_place_only(secretive: Office) -> None:
    for words in (
        ("show",),
        ("show", "--origin"),
        ("show", "--json"),
        ("show", "--origin", "--json"),
    ):
        for lang in ("en", "ja"):
            _, out, err = secretive.run("config", *words, lang=lang, as_of=None)
            assert SECRET not in out + err
    origins = by_path(secretive)
    assert [
        (name, origins[name])
        for name in (
            "SLACK_BOT_TOKEN",
            "SMTP_URL",
            "LINK_SECRET",
            "SLACK_APP_TOKEN",
            "DATABASE_URL",
        )
    ] == [
        ("SLACK_BOT_TOKEN", "environment"),
        ("SMTP_URL", ".env"),
        ("LINK_SECRET", "LINK_SECRET_FILE"),
        ("SLACK_APP_TOKEN", "credential"),
        ("DATABASE_URL", "environment"),
    ]
    assert {"SMTP_URL = set", "DATABASE_URL = not set"} <= set(said(secretive, "show"))


def test_machines_get_path_value_and_origin(secretive: Office) -> None:
    listed = json.loads(secretive.said("config", "show", "--json", as_of=None))
    told = {setting["path"]: setting for setting in listed}
    assert len(told) == len(listed)
    assert all(set(setting) == {"path", "value", "origin"} for setting in told.values())
    assert told["attention.owner_repeats"]["value"] == 1
    offset = {
        "path": "milestones[renewal_3m].offset",
        "value": "-3 months",
        "origin": f"config.toml:{line_of(secretive, OFFSET[0])}",
    }
    assert told["milestones[renewal_3m].offset"] == offset
    assert told["milestones[renewal_3m].was"] == {
        "path": "milestones[renewal_3m].was",
        "value": [],
        "origin": "default",
    }
    assert told["SMTP_URL"] == {"path": "SMTP_URL", "value": "set", "origin": ".env"}
    assert told["DATABASE_URL"] == {
        "path": "DATABASE_URL",
        "value": "not set",
        "origin": "environment",
    }


def test_a_folder_without_a_file_is_said_to_be_one(tmp_path: Path, office: Office) -> None:
    empty = Office(tmp_path / "empty", office.capsys)
    empty.folder.mkdir()
    assert empty.refused("config", "show", as_of=None).startswith(
        f"there is no {empty.folder}/config.toml"
    )

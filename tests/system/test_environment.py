"""Where settings and secrets come from, and which wins."""

from pathlib import Path

import pytest

from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.lexicon import Language
from scheduler.system.environment import (
    OUTSIDE,
    environment,
    found_in,
    mistyped_names,
    own_key,
    secret_now,
)


def test_the_folders_env_file_is_read_and_the_real_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "# secrets\nSMTP_URL='smtp://from-file'\nexport SLACK_BOT_TOKEN=xoxb-1\n\nEMPTY=\n"
    )
    assert environment(tmp_path, {"SMTP_URL": "smtp://real"}) == {
        "SMTP_URL": "smtp://real",
        "SLACK_BOT_TOKEN": "xoxb-1",
    }


def test_a_secret_comes_from_the_file_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("xoxb-2\n")
    assert (
        environment(tmp_path, {"SLACK_BOT_TOKEN_FILE": str(tmp_path / "token")})["SLACK_BOT_TOKEN"]
        == "xoxb-2"
    )


def test_a_secret_that_is_replaced_in_its_file_counts_at_once(tmp_path: Path) -> None:
    file, env = tmp_path / "key", {"HUBSPOT_TOKEN_FILE": str(tmp_path / "key")}
    for token in ("pat-eu1-0a", "pat-eu1-0b"):
        file.write_text(f"{token}\n")
        assert secret_now("HUBSPOT_TOKEN", tmp_path, env) == token
    assert secret_now("HUBSPOT_TOKEN", tmp_path, {}) == ""


def test_a_secret_comes_from_systemds_credentials(tmp_path: Path) -> None:
    (tmp_path / "SMTP_URL").write_text("smtp://credential")
    assert (
        environment(tmp_path, {"CREDENTIALS_DIRECTORY": str(tmp_path)})["SMTP_URL"]
        == "smtp://credential"
    )


def test_what_is_set_itself_wins_over_its_file(tmp_path: Path) -> None:
    assert (
        environment(tmp_path, {"SMTP_URL": "smtp://real", "SMTP_URL_FILE": "/nowhere"})["SMTP_URL"]
        == "smtp://real"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("A=1\nno equals sign with xoxb-secret", ".env:2  write NAME=value"),
        ("two words=1", ".env:1  write NAME=value"),
    ],
)
def test_a_bad_line_is_named_without_its_content(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / ".env").write_text(content)
    with pytest.raises(UserMustActError) as raised:
        environment(tmp_path, {})
    assert said in str(raised.value)
    assert "xoxb" not in raised.value.label.ja + raised.value.label.en


def test_a_folder_called_env_is_refused_as_its_settings_are_missing(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    with pytest.raises(UserMustActError, match=r"\.env: it is a folder"):
        environment(tmp_path, {})


def test_a_missing_secret_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserMustActError, match=r"cannot read .*nothing"):
        environment(tmp_path, {"SMTP_URL_FILE": str(tmp_path / "nothing")})


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("A=青葉".encode("cp932"))
    with pytest.raises(UserMustActError, match="as UTF-8"):
        environment(tmp_path, {})


def test_an_own_key_is_made_once_for_its_owner_only_and_never_through_a_link(
    tmp_path: Path,
) -> None:
    file = tmp_path / "data" / "link.key"
    made = [own_key(file, lambda number=number: f"key-{number}") for number in (1, 2)]  # type: ignore[misc]
    assert (made, file.stat().st_mode & 0o777) == (["key-1", "key-1"], 0o600)
    (tmp_path / "blocked").write_text("")
    assert own_key(tmp_path / "blocked" / "link.key", lambda: "x") is None


def test_where_each_setting_comes_from_is_told_without_its_value(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "SMTP_URL=smtp://u:hunter2@h\nSLACK_API_URL=\nSLACK_BOT_TOKEN=xoxb-hunter2\n"
    )
    for name in ("SLACK_APP_TOKEN", "link"):
        (tmp_path / name).write_text("hunter2\n")
    env = {
        "SLACK_BOT_TOKEN": "xoxb-real-hunter2",
        "LINK_SECRET_FILE": str(tmp_path / "link"),
        "CREDENTIALS_DIRECTORY": str(tmp_path),
    }
    assert found_in(tmp_path, env) == {
        "DATABASE_URL": None,
        "SLACK_BOT_TOKEN": "environment",
        "SLACK_APP_TOKEN": "credential",
        "SMTP_URL": ".env",
        "LINK_SECRET": "LINK_SECRET_FILE",
        "SLACK_API_URL": None,
        "HUBSPOT_TOKEN": None,
        "HUBSPOT_API_URL": None,
    }
    assert dict.fromkeys(OUTSIDE) == found_in(tmp_path / "nowhere", {})


def test_an_empty_value_in_the_environment_is_none_and_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SMTP_URL=smtp://h\n")
    (tmp_path / "empty").write_text("\n")
    found = found_in(
        tmp_path, {"SMTP_URL": "", "LINK_SECRET_FILE": str(tmp_path / "empty"), "DATABASE_URL": ""}
    )
    assert (found["SMTP_URL"], found["LINK_SECRET"], found["DATABASE_URL"]) == (".env", None, None)


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("SMPT_URL=smtp://ann:hunter2@h", "SMTP_URL"),
        ("smtp_url=hunter2", "SMTP_URL"),
        ("export DATABASE_URI='hunter2'", "DATABASE_URL"),
        ("HUBSPOT_TOKENFILE=/hunter2", "HUBSPOT_TOKEN_FILE"),
        ("SMTP_USER=hunter2", ""),
        ("POSTGRES_PASSWORD=hunter2", ""),
        ("SMTP_URL=smtp://hunter2", ""),
        ("SMPT_URL=", ""),
    ],
)
def test_a_mistyped_name_is_told_without_its_value(tmp_path: Path, line: str, meant: str) -> None:
    (tmp_path / ".env").write_text(f"# secrets\n{line}\n")
    name = line.removeprefix("export ").partition("=")[0]
    said = [p.shown(Language.EN) for p in mistyped_names(tmp_path, {"SMPT_URL": "elsewhere"})]
    expected = f"{tmp_path / '.env'}:2  nothing reads {name}; did you mean {meant}?"
    assert said == ([expected] if meant else [])


def test_a_name_beside_the_one_it_is_like_is_somebody_elses(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABASE_URI=x\n")
    assert mistyped_names(tmp_path, {"DATABASE_URL": "sqlite:///x"}) == []

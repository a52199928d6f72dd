"""Where settings and secrets come from, and which wins."""

from pathlib import Path

import pytest

from scheduler.core.errors import UserMustActError
from scheduler.environment import environment


def test_the_folders_env_file_is_read_and_the_real_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# secrets\nSMTP_URL='smtp://from-file'\nexport SLACK_BOT_TOKEN=xoxb-1\n\nEMPTY=\n")
    assert environment(tmp_path, {"SMTP_URL": "smtp://real"}) == {"SMTP_URL": "smtp://real", "SLACK_BOT_TOKEN": "xoxb-1"}


def test_a_secret_comes_from_the_file_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("xoxb-2\n")
    assert environment(tmp_path, {"SLACK_BOT_TOKEN_FILE": str(tmp_path / "token")})["SLACK_BOT_TOKEN"] == "xoxb-2"


def test_a_secret_comes_from_systemds_credentials(tmp_path: Path) -> None:
    (tmp_path / "SMTP_URL").write_text("smtp://credential")
    assert environment(tmp_path, {"CREDENTIALS_DIRECTORY": str(tmp_path)})["SMTP_URL"] == "smtp://credential"


def test_what_is_set_itself_wins_over_its_file(tmp_path: Path) -> None:
    assert environment(tmp_path, {"SMTP_URL": "smtp://real", "SMTP_URL_FILE": "/nowhere"})["SMTP_URL"] == "smtp://real"


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


def test_a_missing_secret_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserMustActError, match=r"cannot read .*nothing"):
        environment(tmp_path, {"SMTP_URL_FILE": str(tmp_path / "nothing")})


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("A=青葉".encode("cp932"))
    with pytest.raises(UserMustActError, match="as UTF-8"):
        environment(tmp_path, {})

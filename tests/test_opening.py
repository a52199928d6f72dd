"""What a command that only reads says of the file beside the policy in force."""

from pathlib import Path

import pytest

from scheduler.core.words import Language
from scheduler.opening import open_app
from scheduler.shipped import shipped_config


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose policy is in force."""
    (tmp_path / "config.toml").write_text(shipped_config(), "utf-8")
    with open_app(tmp_path, language=Language.EN, as_of=None, env={}, edits=True):
        return tmp_path


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (shipped_config(), []),
        ("# a remark\n" + shipped_config(), []),
        (
            shipped_config().replace("resend_after_move = 14", "resend_after_move = 21"),
            ["note: the edit of config.toml is not in force yet (version 1 is); `renewals plan` shows what it would do"],
        ),
        ("language = ja", ["note: config.toml cannot be read (version 1 stays in force); `renewals check` says why"]),
        ("day = 2027-01-04", ["note: config.toml cannot be read (version 1 stays in force); `renewals check` says why"]),
    ],
    ids=["the same", "a remark", "an edit", "no TOML", "no policy"],
)
def test_how_the_file_stands_is_said(folder: Path, content: str, said: list[str]) -> None:
    (folder / "config.toml").write_text(content, "utf-8")
    with open_app(folder, language=Language.EN, as_of=None, env={}) as app:
        assert [notice.en for notice in app.notices] == said
        assert app.policy.version == 1

"""What a command that only reads says of the file beside the policy in force."""

import shutil
import stat
from pathlib import Path

import pytest

from scheduler.app.ready import open_app
from scheduler.app.shipped import shipped_config
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.lexicon import Language


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
            [
                (
                    "note: the edit of config.toml is not in force yet (version 1 is); `renewals "
                    "plan` shows what it would do"
                )
            ],
        ),
        (
            "language = ja",
            [
                (
                    "note: config.toml cannot be read (version 1 stays in force); `renewals check` "
                    "says why"
                )
            ],
        ),
        (
            "day = 2027-01-04",
            [
                (
                    "note: config.toml cannot be read (version 1 stays in force); `renewals check` "
                    "says why"
                )
            ],
        ),
    ],
    ids=["the same", "a remark", "an edit", "no TOML", "no policy"],
)
def test_how_the_file_stands_is_said(folder: Path, content: str, said: list[str]) -> None:
    (folder / "config.toml").write_text(content, "utf-8")
    with open_app(folder, language=Language.EN, as_of=None, env={}) as app:
        assert [notice.en for notice in app.notices] == said
        assert app.policy.version == 1


def test_an_empty_database_never_takes_the_place_of_one_that_the_folder_knows(folder: Path) -> None:
    shutil.rmtree(folder / "data")
    for edits in (True, False):
        with (
            pytest.raises(UserMustActError, match="is not there .*renewals.db.*--new"),
            open_app(folder, language=Language.EN, env={}, edits=edits),
        ):
            pass
    assert not (folder / "data" / "renewals.db").exists()
    with open_app(folder, language=Language.EN, env={}, edits=True, new=True) as app:
        assert [notice.en for notice in app.notices] == []
    with open_app(folder, language=Language.EN, env={}, edits=True):
        pass


def test_an_empty_server_does_not_take_its_place_either(
    folder: Path, fresh_postgres_url: str
) -> None:
    env = {"DATABASE_URL": fresh_postgres_url}
    with (
        pytest.raises(UserMustActError, match="--new"),
        open_app(folder, language=Language.EN, env=env, edits=True),
    ):
        pass
    with open_app(folder, language=Language.EN, env=env, edits=True, new=True):
        pass
    with open_app(folder, language=Language.EN, env={}, edits=True) as app:
        assert "not the database used before" in app.notices[0].en


def test_a_file_that_an_earlier_version_left_open_to_everybody_is_shut(folder: Path) -> None:
    (folder / "data" / "renewals.db").chmod(0o644)
    with open_app(folder, language=Language.EN, env={}, edits=True):
        pass
    assert stat.S_IMODE((folder / "data" / "renewals.db").stat().st_mode) == 0o640

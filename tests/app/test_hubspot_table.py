"""`[hubspot]` is put into config.toml whole or not at all."""

import stat
from pathlib import Path

import pytest

from scheduler.app.hubspot_table import put_table
from scheduler.app.policy_building import holidays_of
from scheduler.app.shipped import shipped_config, shipped_templates
from scheduler.app.working_folder import ConfigRefusedError, WorkingFolder
from scheduler.core.words.errors import UserMustActError

TABLE = '[hubspot]\npush = false\n\n[hubspot.stages]\n"default/1" = "existing/stable"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The shipped configuration."""
    made = tmp_path / "config.toml"
    made.write_text(shipped_config(), "utf-8")
    return made


def folder(at: Path) -> WorkingFolder:
    return WorkingFolder(at, holidays_of, shipped_templates)


def test_everything_else_stays_and_nothing_else_is_left(file: Path) -> None:
    file.chmod(0o640)
    before = file.read_bytes()
    assert put_table(folder(file.parent), TABLE) == file
    assert file.read_bytes().replace(f"{TABLE}\n".encode(), b"", 1) == before
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [each.name for each in file.parent.iterdir()] == ["config.toml"]
    assert folder(file.parent).read().policy.hubspot is not None


def test_a_mark_at_the_beginning_stays(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    put_table(folder(file.parent), TABLE)
    assert file.read_bytes().startswith(b"\xef\xbb\xbf#")
    assert file.read_bytes().count(b"\xef\xbb\xbf") == 1


def test_a_file_behind_a_link_is_written_where_it_is(file: Path, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "config.toml").symlink_to(file)
    assert put_table(folder(tmp_path / "work"), TABLE) == file
    assert (tmp_path / "work" / "config.toml").is_symlink()


def test_a_table_that_is_there_is_never_replaced(file: Path) -> None:
    put_table(folder(file.parent), TABLE)
    before = file.read_bytes()
    with pytest.raises(UserMustActError, match="left as it is"):
        put_table(folder(file.parent), TABLE)
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "table",
    [TABLE.replace("existing/stable", "existing/nowhere"), TABLE + "[machine]\n"],
    ids=["a mistake", "twice"],
)
def test_a_file_with_a_mistake_is_not_written(file: Path, table: str) -> None:
    before = file.read_bytes()
    with pytest.raises(ConfigRefusedError):
        put_table(folder(file.parent), table)
    assert file.read_bytes() == before
    assert [each.name for each in file.parent.iterdir()] == ["config.toml"]


def test_a_file_that_would_say_something_else_is_not_written(file: Path) -> None:
    before = file.read_bytes().replace(b"[import]\n", b"", 1)
    before = b"\n".join(line for line in before.split(b"\n") if not line.startswith(b"edits ="))
    file.write_bytes(before)
    with pytest.raises(UserMustActError, match="without changing something else"):
        put_table(folder(file.parent), f'{TABLE}\n[import]\nedits = "file"\n')
    assert file.read_bytes() == before

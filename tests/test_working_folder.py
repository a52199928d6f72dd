"""A working folder as it is read: the files' content, all problems, and what happens when something is missing."""

from pathlib import Path

import pytest

from scheduler.core.errors import UserMustActError
from scheduler.shipped import shipped_config, shipped_templates
from scheduler.working_folder import ConfigRefusedError, WorkingFolder


@pytest.fixture
def folder(tmp_path: Path) -> WorkingFolder:
    (tmp_path / "config.toml").write_text(shipped_config())
    return WorkingFolder(tmp_path, lambda country, subdivision, language: lambda year: {}, shipped_templates)


def test_the_hash_of_the_files_is_that_of_the_policy_they_hold(folder: WorkingFolder) -> None:
    own = folder.path / "templates" / "messages" / "ja" / "renewal_3m" / "ask.txt"
    own.parent.mkdir(parents=True)
    own.write_text("継続のご意向をお聞かせください。")
    assert folder.content_hash() == folder.read().hash


def test_comments_and_the_machines_settings_are_no_policy(folder: WorkingFolder) -> None:
    before = folder.content_hash()
    text = folder.config_file.read_text()
    folder.config_file.write_text("# a remark\n" + text.replace("sweep_seconds = 30", "sweep_seconds = 60"))
    assert folder.content_hash() == before
    assert folder.read().machine.sweep_seconds == 60


def test_own_templates_are_texts_only(folder: WorkingFolder) -> None:
    root = folder.path / "templates" / "messages"
    (root / "en" / "default").mkdir(parents=True)
    (root / "en" / "default" / "ask.txt").write_text("Please answer.")
    (root / "README.md").write_text("how to")
    assert folder.templates() == {"en/default/ask.txt": "Please answer."}


def test_saving_changes_the_stamp(folder: WorkingFolder) -> None:
    before = folder.stamp()
    assert folder.stamp() == before
    folder.config_file.write_text(shipped_config() + "\n# more\n")
    assert folder.stamp() != before


def test_every_mistake_is_reported_at_once(folder: WorkingFolder) -> None:
    text = folder.config_file.read_text()
    folder.config_file.write_text(text.replace("resend_after_move = 14", "resend_after_move = -1").replace('offset = "-1 month"', 'offset = "soon"'))
    with pytest.raises(ConfigRefusedError) as raised:
        folder.read()
    assert [p.path for p in raised.value.problems] == ["resend_after_move", "milestones[1].offset"]


def test_what_is_no_toml_has_no_hash(folder: WorkingFolder) -> None:
    folder.config_file.write_text("= oops")
    assert folder.content_hash() == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "there is no .*config.toml"), ("言語".encode("cp932"), "config.toml:1  not UTF-8; save the file as UTF-8")],
)
def test_a_file_that_cannot_be_read_says_what_to_do(folder: WorkingFolder, content: bytes | None, said: str) -> None:
    folder.config_file.unlink()
    if content is not None:
        folder.config_file.write_bytes(content)
    with pytest.raises(UserMustActError, match=said):
        folder.read()

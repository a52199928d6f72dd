"""A working folder as it is read: the files' content, all problems, and what happens when something
is missing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scheduler.app.shipped import shipped_config, shipped_templates
from scheduler.app.working_folder import ConfigRefusedError, WorkingFolder
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.lexicon import Language


@pytest.fixture
def folder(tmp_path: Path) -> WorkingFolder:
    (tmp_path / "config.toml").write_text(shipped_config())
    return WorkingFolder(
        tmp_path, lambda country, subdivision, language: lambda year: {}, shipped_templates
    )


def test_the_hash_of_the_files_is_that_of_the_policy_they_hold(folder: WorkingFolder) -> None:
    own = folder.path / "templates" / "messages" / "ja" / "renewal_3m" / "ask.txt"
    own.parent.mkdir(parents=True)
    own.write_text("継続のご意向をお聞かせください。")
    assert folder.content_hash() == folder.read().hash


def test_comments_and_the_machines_settings_are_no_policy(folder: WorkingFolder) -> None:
    before = folder.content_hash()
    text = folder.config_file.read_text()
    folder.config_file.write_text(
        "# a remark\n" + text.replace("sweep_seconds = 30", "sweep_seconds = 60")
    )
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
    folder.config_file.write_text(
        text.replace("resend_after_move = 14", "resend_after_move = -1").replace(
            'offset = "-1 month"', 'offset = "soon"'
        )
    )
    with pytest.raises(ConfigRefusedError) as raised:
        folder.read()
    assert [p.path for p in raised.value.problems] == ["resend_after_move", "milestones[1].offset"]


@pytest.mark.parametrize(
    "content",
    ["= oops", "day = 2026-08-13", "rates = { USD = 0x" + "F" * 5000 + " }"],
    ids=["no TOML", "a day", "a huge number"],
)
def test_what_can_be_no_policy_has_no_hash(folder: WorkingFolder, content: str) -> None:
    folder.config_file.write_text(content)
    assert folder.content_hash() == ""


Spoil = Callable[[Path], object]
UNREADABLE = Path("/proc/self/mem")
"""A file whose first byte cannot be read, whoever asks."""


@pytest.mark.parametrize(
    ("spoil", "en", "ja"),
    [
        (
            lambda file: None,
            "there is no .*config.toml; name the working folder",
            "config.toml がありません。--dir で",
        ),
        (
            lambda file: file.symlink_to(file),
            "there is no .*config.toml; name the working folder",
            "config.toml がありません。--dir で",
        ),
        (
            lambda file: file.mkdir(),
            "config.toml: it is a folder, not a file; rename or remove it",
            "config.toml を読めません：ファイルではなくフォルダーです",
        ),
        (
            lambda file: file.write_bytes("言語".encode("cp932")),
            "config.toml:1  not UTF-8; save the file as UTF-8",
            "config.toml:1  UTF-8ではありません",
        ),
        (
            lambda file: file.write_bytes(b"a = 1\n\n# \xff"),
            "config.toml:3  not UTF-8; save the file as UTF-8",
            "config.toml:3  UTF-8ではありません",
        ),
    ],
    ids=["missing", "a link in a circle", "a folder", "another encoding", "one wrong byte"],
)
def test_a_file_that_cannot_be_read_says_what_to_do(
    folder: WorkingFolder, spoil: Spoil, en: str, ja: str
) -> None:
    folder.config_file.rename(folder.config_file.with_name("away"))
    spoil(folder.config_file)
    for look in (folder.read, folder.content_hash):
        with pytest.raises(UserMustActError, match=en) as refused:
            look()
        assert ja in refused.value.label.ja


@pytest.mark.skipif(not UNREADABLE.exists(), reason="needs Linux")
def test_a_disk_that_fails_is_named(folder: WorkingFolder) -> None:
    folder.config_file.unlink()
    folder.config_file.symlink_to(UNREADABLE)
    with pytest.raises(
        UserMustActError, match=r"config\.toml: an error while reading; look at the disk"
    ) as refused:
        folder.read()
    assert "config.toml を読めません：読み取り中にエラーが起きました" in refused.value.label.ja


def test_a_folder_that_is_none_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path, said in (
        ("file", "is not a folder"),
        ("nowhere", "there is no folder"),
        ("file/deeper", "there is no folder"),
    ):
        with pytest.raises(UserMustActError, match=said):
            WorkingFolder(
                tmp_path / path,
                lambda country, subdivision, language: lambda year: {},
                shipped_templates,
            ).read()


def test_a_template_that_cannot_be_read_is_named(folder: WorkingFolder) -> None:
    own = folder.path / "templates" / "messages" / "ja" / "default"
    own.mkdir(parents=True)
    (own / "ask.txt").write_bytes("\nお願い".encode("cp932"))
    with pytest.raises(UserMustActError, match=r"ja/default/ask\.txt:2  not UTF-8"):
        folder.read()


def test_a_byte_order_mark_is_no_part_of_the_text(folder: WorkingFolder) -> None:
    before = folder.read().hash
    folder.config_file.write_bytes(b"\xef\xbb\xbf" + shipped_config().encode())
    assert (folder.read().hash, folder.content_hash()) == (before, before)


def test_what_is_said_of_the_file_names_it_as_it_was_named(folder: WorkingFolder) -> None:
    folder.config_file.write_text("language = ja")
    [problem] = folder.problems_or_config()  # type: ignore[misc]
    assert problem.shown(Language.EN).startswith(f"{folder.config_file}:1  not valid TOML")

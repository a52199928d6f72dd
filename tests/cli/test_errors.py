"""One place turns errors into sentences and exit codes."""

import errno

import pytest

from scheduler.app.working_folder import ConfigRefusedError
from scheduler.cli.errors import explain
from scheduler.core.answers.refusals import AnswerRefusedError
from scheduler.core.imports.texts import ImportRefusedError
from scheduler.core.imports.texts import RecordProblem as FileProblem
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language
from scheduler.core.words.problems import Problem
from scheduler.ports import StoreUnavailableError


@pytest.mark.parametrize(
    ("error", "ja", "en", "code"),
    [
        (UserMustActError(Label.given({"ja": "直す", "en": "fix it"})), "直す", "fix it", 2),
        (StoreUnavailableError(Label.given({"ja": "満杯", "en": "full"})), "満杯", "full", 2),
        (
            StoreUnavailableError(Label.given({"ja": "使用中", "en": "in use"}), passing=True),
            "使用中",
            "in use",
            1,
        ),
        (AnswerRefusedError(Label.given({"ja": "不可", "en": "no"})), "不可", "no", 2),
        (
            ImportRefusedError(FileProblem.of("missing_file", file="a.csv")),
            "a.csv：ファイルがありません",
            "a.csv: there is no such file",
            2,
        ),
        (
            ConfigRefusedError(
                [Problem("config.toml", 3, "x", Label.given({"ja": "誤り", "en": "wrong"}))]
            ),
            "config.toml:3  x: 誤り",
            "config.toml:3  x: wrong",
            2,
        ),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            "空きがありません",
            "the disk is full",
            2,
        ),
        (
            PermissionError(errno.EACCES, "Permission denied", "/x/a.csv"),
            "/x/a.csv: アクセス権",
            "/x/a.csv: permission denied",
            2,
        ),
        (
            FileNotFoundError(errno.ENOENT, "No such file", "/x/a.csv"),
            "/x/a.csv: 見つかりません",
            "/x/a.csv: not found",
            2,
        ),
    ],
)
def test_expected_errors_have_a_sentence_in_both_languages(
    error: Exception, ja: str, en: str, code: int
) -> None:
    in_japanese, in_english = explain(error, Language.JA), explain(error, Language.EN)
    assert in_japanese is not None
    assert in_english is not None
    assert ja in in_japanese.text
    assert en in in_english.text
    assert in_japanese.exit_code == in_english.exit_code == code


def test_all_problems_come_at_once() -> None:
    error = ConfigRefusedError(
        [
            Problem("config.toml", n, "", Label.given({"ja": "誤り", "en": f"wrong {n}"}))
            for n in (1, 2)
        ]
    )
    explained = explain(error, Language.EN)
    assert explained is not None
    assert explained.text.splitlines() == ["config.toml:1  wrong 1", "config.toml:2  wrong 2"]


def test_a_fault_of_the_program_keeps_its_traceback() -> None:
    assert explain(ZeroDivisionError("division by zero"), Language.EN) is None

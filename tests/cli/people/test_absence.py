"""`renewals absence add | list | cancel`, in both languages."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scheduler.cli.main import main
from tests.e2e.process import CONTRACTS, PEOPLE

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Commands on 4 January 2027, in a folder with three people and two contracts; exit code,
    output, errors."""
    for name in (
        "DATABASE_URL",
        "SLACK_BOT_TOKEN",
        "SMTP_URL",
        "RENEWALS_DIR",
        "RENEWALS_LANG",
        "LC_ALL",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("RENEWALS_ALLOW_TIME_TRAVEL", "1")
    assert main(["init", str(tmp_path)]) == 0
    (tmp_path / "people.csv").write_text(PEOPLE)
    (tmp_path / "contracts.csv").write_text(CONTRACTS)

    def renewals(*words: str, day: str = "2027-01-04") -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([*words, "--dir", str(tmp_path), "--as-of", day])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    for file in ("people.csv", "contracts.csv"):
        assert renewals("import", str(tmp_path / file))[0] == 0
    return renewals


def test_an_absence_is_entered_listed_and_cancelled(run: Run) -> None:
    code, out, err = run(
        "absence",
        "add",
        "ann",
        "2027-01-11",
        "2027-01-15",
        "--delegate",
        "chika@example.jp",
        "--note",
        "skiing",
    )
    assert (code, out) == (0, "absence 1: Ann Ito, Mon 11 Jan – Fri 15 Jan (千佳 田中 stands in)\n")
    assert "1 deal is decided again" in err
    assert (
        run("absence", "list")[1].splitlines()[1].split()
        == "1 Ann Ito Mon 11 Jan – Fri 15 Jan 千佳 田中 skiing".split()
    )
    assert (
        run("absence", "cancel", "1")[1]
        == "absence 1 is cancelled: Ann Ito, Mon 11 Jan – Fri 15 Jan\n"
    )
    assert run("absence", "list")[1] == "Nobody is away.\n"


def test_the_same_in_japanese(run: Run) -> None:
    said = run(
        "absence",
        "add",
        "千佳",
        "2027/01/12",
        "2027年1月12日",
        "--delegate",
        "ann",
        "--note",
        "通院",
        "--lang",
        "ja",
    )
    assert said[1] == "不在1を登録しました：千佳 田中、1/12(火)(代理：Ann Ito)\n"
    assert "取引1件の宛先を見直します。" in said[2]
    assert run("absence", "list", "--lang", "ja")[1].splitlines()[0].split() == [
        "番号",
        "名前",
        "期間",
        "代理",
        "メモ",
    ]
    assert (
        run("absence", "cancel", "1", "--lang", "ja")[1]
        == "不在1を取り消しました：千佳 田中、1/12(火)\n"
    )
    assert run("absence", "list", "--lang", "ja")[1] == "不在の予定はありません。\n"


@pytest.mark.parametrize(
    ("words", "en", "ja"),
    [
        (
            ("add", "bob", "2027-01-15", "2027-01-11"),
            "is before the first",
            "初日(2027/1/15(金))より前です",
        ),
        (("add", "bob", "2026-12-01", "2026-12-02"), "is in the past", "もう過ぎています"),
        (
            ("add", "bob", "soon", "2027-01-11"),
            "“soon” is not a day",
            "「soon」は日付として読めません",
        ),
        (
            ("add", "example", "2027-01-11", "2027-01-15"),
            "example matches several people: Ann Ito <ann@example.com>",
            "複数います",
        ),
        (
            ("add", "zoe", "2027-01-11", "2027-01-15"),
            "`renewals people` lists everybody",
            "一覧：renewals people",
        ),
        (
            ("add", "bob", "2027-01-11", "2027-01-15", "--delegate", "Bob Hill"),
            "must be somebody else",
            "本人以外",
        ),
        (("cancel", "9"), "there is no absence 9", "不在9はありません"),
        (("list", "zoe"), "nobody matches zoe", "「zoe」に当てはまる人がいません"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(
    run: Run, words: tuple[str, ...], en: str, ja: str
) -> None:
    for language, text in (("en", en), ("ja", ja)):
        code, out, err = run("absence", *words, "--lang", language)
        assert (code, out) == (2, "")
        assert text in err


def test_a_delegate_who_is_away_too_is_said(run: Run) -> None:
    run("absence", "add", "bob", "2027-01-11", "2027-01-12")
    _, out, err = run("absence", "add", "ann", "2027-01-11", "2027-01-15", "--delegate", "bob")
    assert "(Bob Hill stands in)" in out
    assert "Bob Hill is away too (Mon 11 Jan 2027 – Tue 12 Jan 2027)" in err


def test_machines_read_json_and_one_person_s_past(run: Run) -> None:
    added = json.loads(run("absence", "add", "ann", "2027-01-04", "2027-01-05", "--json")[1])
    assert (added["id"], added["email"], added["first_on"], added["delegate"], added["deals"]) == (
        1,
        "ann@example.com",
        "2027-01-04",
        None,
        1,
    )
    assert json.loads(run("absence", "list", "--json", day="2027-01-08")[1]) == []
    assert [
        line["id"]
        for line in json.loads(run("absence", "list", "ann", "--json", day="2027-01-08")[1])
    ] == [1]

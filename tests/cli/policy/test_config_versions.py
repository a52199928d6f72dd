"""`renewals config history` and `config diff` in a small office whose settings are edited: what Bob
reads of it, in both languages."""

import json
import re
from datetime import datetime

import pytest

from scheduler.cli.policy.differences import difference_line, plain_difference
from scheduler.cli.terminal.say import speak
from scheduler.core.config.differences import Difference, SettingChange
from scheduler.core.words.lexicon import Language
from tests.cli.office import Office

OFFSET = ('offset = "-3 months"', 'offset = "-2 months"')
LATER = "2027-01-05T12:00+00:00"
SHOWN = 'milestones[renewal_3m].offset: "-3 months" → "-2 months"'


def edit(office: Office, *replacements: tuple[str, str]) -> None:
    """An edit of config.toml."""
    file = office.folder / "config.toml"
    text = file.read_text("utf-8")
    for old, new in replacements:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.write_text(text, "utf-8")


def applied(office: Office, *replacements: tuple[str, str], at: str = LATER) -> None:
    """An edit that the daemon has put in force."""
    edit(office, *replacements)
    office.said("run", "--once", as_of=at)


def said(office: Office, *words: str, lang: str = "en") -> list[str]:
    """What `renewals config …` prints, line by line."""
    return office.said("config", *words, lang=lang, as_of=None).splitlines()


def cells(line: str) -> list[str]:
    """A table's line in its columns."""
    return [cell for cell in re.split(r"\s{2,}", line.strip()) if cell]


def test_one_version_is_a_history_too(office: Office) -> None:
    head, row, _, stands = said(office, "history")
    assert cells(head) == ["Version", "In force since", "By", "Changed", "Hash", "State"]
    version, since, _, changed, hash, state = cells(row)
    assert (version, since, changed, state) == (
        "1",
        "2026-10-01 10:00",
        "(first)",
        "in force, as config.toml says",
    )
    assert re.fullmatch("[0-9a-f]{8}", hash)
    assert stands == "config.toml is the same as version 1, which is in force"
    japanese = said(office, "history", lang="ja")
    assert cells(japanese[0]) == ["版", "適用日時", "適用者", "変更した設定", "ハッシュ", "状態"]
    assert cells(japanese[1])[-1] == "有効・config.toml と同じ"
    assert japanese[-1] == "config.toml は有効な第1版と同じです。"


def test_versions_come_newest_first_in_the_policys_zone_with_what_they_changed(
    office: Office,
) -> None:
    applied(office, OFFSET, ("owner_repeats = 1", "owner_repeats = 3"))
    applied(office, ('zone = "Asia/Tokyo"', 'zone = "Europe/London"'), at="2027-01-06T12:00+00:00")
    rows = [cells(line) for line in said(office, "history")[1:4]]
    assert [(row[0], row[1], row[3]) for row in rows] == [
        ("3", "2027-01-06 12:00", "1"),
        ("2", "2027-01-05 12:00", "2"),
        ("1", "2026-10-01 02:00", "(first)"),
    ]
    assert [row[5:] for row in rows] == [["in force, as config.toml says"], [], []]


def test_an_edit_that_is_not_in_force_yet_is_said_with_how_much_it_changes(office: Office) -> None:
    edit(office, OFFSET)
    assert said(office, "history")[-1] == (
        "config.toml has 1 difference that is not in force yet; version 1 is in force (renewals "
        "config diff)"
    )
    edit(office, ("owner_repeats = 1", "owner_repeats = 3"))
    assert "2 differences" in said(office, "history")[-1]
    assert said(office, "history", lang="ja")[-1] == (
        "config.toml の変更(2件)はまだ有効ではありません。第1版が有効です。違い：renewals "
        "config diff"
    )


def test_an_old_copy_is_said_to_be_one(office: Office) -> None:
    applied(office, OFFSET)
    edit(office, OFFSET[::-1])
    lines = said(office, "history")
    assert lines[-1] == (
        "config.toml is an old copy: it is the same as version 1, but version 2 is in force "
        "(renewals config diff)"
    )
    assert [cells(line)[-1] for line in lines[1:3]] == ["in force", "as config.toml says"]
    assert (
        said(office, "history", lang="ja")[-1]
        == "config.toml は古い内容(第1版)です。第2版が有効です。違い：renewals config diff"
    )


@pytest.mark.parametrize(
    "wrong", [('offset = "-3 months"', 'offset = "-3 moths"'), ('language = "ja"', "language = ja")]
)
def test_a_file_with_mistakes_leaves_the_history_to_be_read(
    office: Office, wrong: tuple[str, str]
) -> None:
    edit(office, wrong)
    assert (
        said(office, "history")[-1]
        == "config.toml has mistakes (renewals check); version 1 is in force"
    )
    assert (
        said(office, "history", lang="ja")[-1]
        == "config.toml に誤りがあります。第1版が有効です。確認：renewals check"
    )
    assert json.loads(office.said("config", "history", "--json", as_of=None))["file"] == {
        "standing": "edited",
        "version": None,
        "differences": None,
        "mistakes": True,
    }


def test_the_history_says_how_the_file_stands_once(office: Office) -> None:
    edit(office, OFFSET)
    assert office.run("config", "history", as_of=None)[2] == ""


def test_machines_get_instants_and_whole_hashes(office: Office) -> None:
    applied(office, OFFSET)
    told = json.loads(office.said("config", "history", "--json", as_of=None))
    assert told["file"] == {
        "standing": "current",
        "version": 2,
        "differences": None,
        "mistakes": False,
    }
    newest, first = told["versions"]
    assert datetime.fromisoformat(newest["applied_at"]) == datetime.fromisoformat(LATER)
    assert len(newest["hash"]) == 64
    assert [
        (v["version"], v["changed"], v["in_force"], v["is_file"], v["note"])
        for v in (newest, first)
    ] == [
        (2, 1, True, True, ""),
        (1, None, False, False, ""),
    ]


def test_the_file_is_compared_with_what_is_in_force(office: Office) -> None:
    assert said(office, "diff") == ["nothing differs between version 1 (in force) and config.toml"]
    assert said(office, "diff", lang="ja") == [
        "第1版(有効)と config.toml の設定に違いはありません。"
    ]
    edit(office, OFFSET)
    code, out, err = office.run("config", "diff", as_of=None)
    assert (code, out.splitlines()) == (0, ["version 1 (in force) → config.toml", f"  {SHOWN}"])
    assert err.startswith("note: the edit of config.toml is not in force yet (version 1 is)")


def test_another_way_to_write_the_same_is_no_difference(office: Office) -> None:
    edit(office, ('offset = "-3 months"', 'offset = "3か月前"\nspread = 0'))
    assert said(office, "diff") == ["nothing differs between version 1 (in force) and config.toml"]


def test_versions_are_compared_with_each_other(office: Office) -> None:
    applied(office, OFFSET)
    applied(office, ("owner_repeats = 1", "owner_repeats = 3"), at="2027-01-06T12:00+00:00")
    repeats = "  attention.owner_repeats: 1 → 3"
    assert said(office, "diff", "1", "2") == ["version 1 → version 2", f"  {SHOWN}"]
    assert said(office, "diff", "1") == ["version 1 → version 3 (in force)", repeats, f"  {SHOWN}"]
    assert said(office, "diff", "3", "1")[1] == "  attention.owner_repeats: 3 → 1"
    assert said(office, "diff", "2", "2") == ["nothing differs between version 2 and version 2"]
    assert said(office, "diff", "2", lang="ja") == [
        "第2版 → 第3版(有効)",
        "  attention.owner_repeats：1 → 3",
    ]


def test_versions_are_compared_whatever_stands_in_the_file(office: Office) -> None:
    applied(office, OFFSET)
    edit(office, ('language = "ja"', "language = ja"))
    code, out, err = office.run("config", "diff", "1", as_of=None)
    assert (code, err) == (0, "")
    assert SHOWN in out


def test_a_template_of_ones_own_is_part_of_the_policy(office: Office) -> None:
    file = office.folder / "templates" / "messages" / "ja" / "renewal_3m" / "ask.txt"
    file.parent.mkdir(parents=True)
    file.write_text("一行目\n二行目\n", "utf-8")
    assert said(office, "diff")[1:] == ["  templates ja/renewal_3m/ask.txt: added (2 lines)"]
    assert json.loads(office.said("config", "diff", "--json", as_of=None))["differences"] == [
        {"path": "templates ja/renewal_3m/ask.txt", "kind": "added", "lines": 2}
    ]


def test_mistakes_are_said_as_check_says_them(office: Office) -> None:
    edit(
        office,
        ('offset = "-3 months"', 'offset = "-3 moths"'),
        ("owner_repeats = 1", "owner_repets = 2"),
    )
    for lang in ("en", "ja"):
        code, out, err = office.run("config", "diff", lang=lang, as_of=None)
        assert (code, out) == (2, "")
        checked = office.run("check", "--offline", lang=lang, as_of=None)[1].splitlines()
        mistakes = [line for line in err.splitlines() if "config.toml:" in line]
        assert len(mistakes) == 2
        assert mistakes == checked[:2]


def test_a_version_that_there_is_not_is_answered_with_those_there_are(office: Office) -> None:
    for words in (("5",), ("1", "5"), ("5", "1")):
        assert (
            office.refused("config", "diff", *words, as_of=None)
            == "there is no version 5; there is only version 1 (renewals config history)"
        )
    applied(office, OFFSET)
    assert (
        office.refused("config", "diff", "0", lang="ja", as_of=None)
        == "第0版はありません。第1版から第2版まであります(renewals config history)。"
    )
    assert "whole number" in office.refused("config", "diff", "one", as_of=None)


def test_machines_get_values(office: Office) -> None:
    applied(office, OFFSET)
    assert json.loads(office.said("config", "diff", "1", "--json", as_of=None)) == {
        "old": 1,
        "new": 2,
        "in_force": 2,
        "differences": [
            {
                "path": "milestones[renewal_3m].offset",
                "kind": "changed",
                "old": "-3 months",
                "new": "-2 months",
            }
        ],
    }
    assert json.loads(office.said("config", "diff", "--json", as_of=None)) == {
        "old": 2,
        "new": "config.toml",
        "in_force": 2,
        "differences": [],
    }


LINES = [
    (
        Difference("a.b", SettingChange.CHANGED, "x", ["y", 1]),
        'a.b: "x" → ["y", 1]',
        'a.b："x" → ["y", 1]',
    ),
    (
        Difference("a.b", SettingChange.CHANGED, None, True),
        "a.b: (none) → true",
        "a.b：(なし) → true",
    ),
    (Difference("a.b", SettingChange.CHANGED), "a.b: changed", "a.b：変更"),
    (
        Difference("rates.CHF", SettingChange.ADDED, None, 170.0),
        "rates.CHF: added (170.0)",
        "rates.CHF：追加(170.0)",
    ),
    (
        Difference("rates.CHF", SettingChange.REMOVED, 170.0),
        "rates.CHF: removed (170.0)",
        "rates.CHF：削除(170.0)",
    ),
    (
        Difference("milestones[m]", SettingChange.ADDED),
        "milestones[m]: added",
        "milestones[m]：追加",
    ),
    (
        Difference("milestones[m]", SettingChange.REMOVED),
        "milestones[m]: removed",
        "milestones[m]：削除",
    ),
    (
        Difference("milestones[m]", SettingChange.RENAMED, "k", "m"),
        'milestones[m]: renamed, was "k"',
        'milestones[m]：名前を変更("k" → "m")',
    ),
    (
        Difference("p.stages[m]", SettingChange.MERGED, "k", "m"),
        'p.stages[m]: takes over "k"',
        'p.stages[m]："k" を統合',
    ),
    (
        Difference("milestones[m]", SettingChange.MOVED, "k", "n"),
        "milestones[m]: moved, now after n",
        "milestones[m]：順序を変更(n の次)",
    ),
    (
        Difference("milestones[m]", SettingChange.MOVED, "k", None),
        "milestones[m]: moved, now first",
        "milestones[m]：順序を変更(先頭)",
    ),
    (
        Difference("templates t", SettingChange.CHANGED, "a", "b", 1),
        "templates t: changed (1 line)",
        "templates t：変更(1行)",
    ),
    (
        Difference("templates t", SettingChange.REMOVED, "a\nb", None, 2),
        "templates t: removed (2 lines)",
        "templates t：削除(2行)",
    ),
    (
        Difference("templates \x1b[2J", SettingChange.ADDED, None, "", 0),
        "templates \\u001B[2J: added (0 lines)",
        "templates \\u001B[2J：追加(0行)",
    ),
    (
        Difference("admins", SettingChange.CHANGED, "xoxb-1-hunter2", "b"),
        'admins: "…" → "b"',
        'admins："…" → "b"',
    ),
]


@pytest.mark.parametrize(
    ("difference", "english", "japanese"), LINES, ids=[d.path + d.kind for d, _, _ in LINES]
)
def test_each_kind_is_one_line_in_both_languages(
    difference: Difference, english: str, japanese: str
) -> None:
    try:
        for language, expected in ((Language.EN, english), (Language.JA, japanese)):
            speak(language)
            assert difference_line(difference) == expected
    finally:
        speak(Language.EN)


def test_machines_get_no_secret_either() -> None:
    assert "hunter2" not in str(
        plain_difference(
            Difference(
                "a",
                SettingChange.CHANGED,
                "xoxb-1-hunter2",
                ["xoxb-1-hunter2", {"k": "xoxb-1-hunter2"}],
            )
        )
    )

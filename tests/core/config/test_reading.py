"""What an admin sees of every mistake in `config.toml`: the files of tests/data/config hold the
exact lines in their first comments.

A file without such lines is accepted. To add a mistake, add a file.
"""

import json
import re
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.app.policy_building import holidays_of
from scheduler.app.shipped import shipped_config, shipped_templates
from scheduler.core.config.places import dotted
from scheduler.core.config.reading import (
    Config,
    UnreadableVersionError,
    content_hash,
    document_hash,
    policy_from_document,
    read_config,
)
from scheduler.core.config.tables.config import CONFIG
from scheduler.core.config.tables.shape import fields_of
from scheduler.core.words.lexicon import Language
from scheduler.core.words.problems import Problem

DATA = Path(__file__).parents[2] / "data" / "config"
FILES = sorted(DATA.glob("*.toml"))
MINIMAL = (DATA / "minimal.toml").read_text("utf-8")
NAMES = {path.split("/")[1] for path in shipped_templates() if path.count("/") >= 2}


def read(text: str, **templates: str) -> Config | list[Problem]:
    """What comes of a text."""
    return read_config(text, "config.toml", holidays_of, templates=templates, template_names=NAMES)


@lru_cache(512)
def problems(text: str) -> list[Problem]:
    """What is wrong with a text; nothing where it is accepted. A text is read once for both
    languages."""
    found = read(text)
    return [] if isinstance(found, Config) else found


def config(text: str, **templates: str) -> Config:
    """A text that is accepted."""
    found = read(text, **templates)
    assert isinstance(found, Config), [p.shown(Language.EN) for p in found]
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
@pytest.mark.parametrize("language", Language)
def test_each_file_is_answered_with_the_lines_at_its_top(file: Path, language: Language) -> None:
    text = file.read_text("utf-8")
    expected = [
        line.removeprefix(f"#{language} ")
        for line in text.splitlines()
        if line.startswith(f"#{language} ")
    ]
    assert [p.shown(language) for p in problems(text)] == expected


def test_the_files_are_named_for_what_they_are() -> None:
    fine = {file.stem for file in FILES if not file.read_text("utf-8").startswith("#")}
    assert fine == {file.stem for file in FILES if file.stem.startswith("fine_")} | {"minimal"}


@pytest.mark.parametrize(
    "file",
    [f for f in FILES if f.stem.startswith("secret_") or "token" in f.stem],
    ids=lambda f: f.stem,
)
def test_a_secret_is_never_said_back(file: Path) -> None:
    said = json.dumps([[p.path, p.text.ja, p.text.en] for p in problems(file.read_text("utf-8"))])
    assert said != "[]"
    assert not re.search("hunter2|1234567|abcdef|20071123|90ab", said)


def test_the_shipped_file_has_no_mistake() -> None:
    assert problems(shipped_config()) == []


def test_what_the_shipped_file_says_is_what_comes_of_it() -> None:
    policy = config(shipped_config()).policy
    assert {p.id: [s.id for s in p.stages] for p in policy.pipelines.values()} == {
        "existing": [
            "onboarding",
            "stable",
            "at_risk",
            "critical",
            "renewal_3m",
            "renewal_1m",
            "won",
            "lost",
        ],
        "new_business": [
            "qualified",
            "problem_agreed",
            "value_agreed",
            "terms_agreed",
            "approved",
            "won",
            "lost",
        ],
    }
    assert [(m.id, m.anchor.value, str(m.offset), m.moves_to) for m in policy.milestones] == [
        ("renewal_3m", "ends_on", "-3 months", "renewal_3m"),
        ("renewal_1m", "ends_on", "-1 month", "renewal_1m"),
        ("decide_by_30d", "decide_by", "-30 days", None),
        ("onboarding_30d", "starts_on", "+30 days", None),
        ("onboarding_90d", "starts_on", "+90 days", None),
    ]
    assert all(
        label.ja != label.en
        for p in policy.pipelines.values()
        for s in p.stages
        for label in (s.label, s.definition)
    )


COMMENTED = """
[[milestones]]
id = "{id}"
pipeline = "existing"
label = {{ ja = "例", en = "An example" }}
anchor = "{anchor}"
offset = "{offset}"
shift = "later"
{more}
"""


def examples(setting: str, pattern: str) -> list[str]:
    """What the shipped file's comments give as examples of a setting of milestones."""
    [line] = [
        line for line in shipped_config().splitlines() if re.match(rf"# {setting} +[^ =]", line)
    ]
    found = list(dict.fromkeys(re.findall(pattern, line)))
    assert found, setting
    return found


def with_example(setting: str, value: str) -> str:
    """The shipped file with one more milestone that uses an example."""
    usual = {"anchor": "ends_on", "offset": "0 days"}
    if setting in usual:
        usual[setting] = value.strip('"')
    stages = 'stages = ["onboarding"]' if usual["anchor"] == "stage_entered_on" else ""
    more = stages if setting in usual else f"{setting} = {value}"
    text = COMMENTED.format(id="example", **usual, more=more)
    return shipped_config() + (
        text.replace('shift = "later"\n', "") if setting == "shift" else text
    )


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        *(("anchor", word) for word in examples("anchor", "[a-z_]+_(?:on|by)|anniversary")),
        *(("offset", text) for text in examples("offset", '"([^"]+)"')),
        *(("shift", text) for text in examples("shift", '"[a-z]+"')),
        *(("month_end", text) for text in examples("month_end", '"[a-z]+"')),
        *(("where", text) for text in examples("where", r"\{.*\}")),
        *(("tell", f"[{text}]") for text in examples("tell", '"[^"]+"')),
        *(("tell", f'["{text}"]') for text in examples("tell", "owner|manager|sales")),
        *(("open_until", text) for text in examples("open_until", '"[^"]+"')),
    ],
)
def test_the_examples_in_the_shipped_comments_are_accepted(setting: str, value: str) -> None:
    assert problems(with_example(setting, value)) == []


@pytest.mark.parametrize(
    "line",
    [
        line
        for line in shipped_config().splitlines()
        if line.startswith("#") and re.search(r'"\d[\d-]+', line)
    ],
)
def test_the_days_in_the_shipped_comments_are_closures(line: str) -> None:
    for days in re.findall(r'"([\d.-]{5,})"', line):
        closure = f'[calendars.example]\nclosures = [{{ days = "{days}", label = "x" }}]\n'
        assert problems(f"{shipped_config()}\n{closure}") == [], days


def test_every_setting_is_explained_in_the_shipped_file() -> None:
    comments = "\n".join(line.partition("#")[2] for line in shipped_config().splitlines())
    keys = {key for table in CONFIG.tables.values() for key in fields_of(table)} - {
        "ja",
        "en",
        "not",
        "label",
        "id",
        "days",
    }
    plain = {
        "machine",
        "calendars",
        "pipelines",
        "milestones",
        "pipeline",
        "lost_reasons",
        "definition",
        "language",
        "hours",
        "admins",
        "rates",
    }
    unexplained = {key for key in keys - plain if not re.search(rf"\b{key}\b", shipped_config())}
    assert unexplained == set()
    assert {"weekend", "month_end", "was", "template", "open_until", "spread", "subdivision"} <= {
        k for k in keys if re.search(rf"\b{k}\b", comments)
    }


def test_a_milestone_named_by_the_ids_stages_had_before_follows_the_present_ones() -> None:
    text = (DATA / "fine_replaced_ids.toml").read_text("utf-8")
    [milestone] = config(text).policy.milestones
    assert milestone.in_stages == ("onboarding", "stable", "at_risk")


def test_an_empty_file_says_how_to_get_one() -> None:
    assert [p.shown(Language.EN) for p in problems("")] == [
        (
            "config.toml  the file is empty; put your copy of it back (in a new folder: delete it "
            "and run `renewals init`)"
        )
    ]
    assert problems("# only remarks\n") == problems("")
    assert problems("")[0].text.ja == (
        "ファイルが空です。控えから戻してください(新しいフォルダーなら、"
        "このファイルを消してから renewals init)"
    )


def test_line_ends_of_windows_count_as_one_line() -> None:
    file = DATA / "several_in_order.toml"
    assert problems(file.read_text("utf-8").replace("\n", "\r\n")) == problems(
        file.read_text("utf-8")
    )


def test_the_hash_is_of_what_the_policy_says() -> None:
    plain = config(MINIMAL).hash
    assert config(f"# a remark\n\n{MINIMAL}\n[machine]\nlog = 'json'\n").hash == plain
    assert config(MINIMAL.replace("Onboarding", "Kick-off")).hash != plain
    assert config(MINIMAL, **{"ja/default/ask.txt": "お願いします"}).hash != plain


def test_the_hash_before_looking_for_mistakes_is_the_same() -> None:
    assert (
        content_hash(MINIMAL, {"ja/x/ask.txt": "?"})
        == config(MINIMAL, **{"ja/x/ask.txt": "?"}).hash
    )


@pytest.mark.parametrize("text", ["= oops", "day = 2026-08-13", "a = " + "[" * 5000])
def test_what_cannot_be_a_policy_has_no_hash(text: str) -> None:
    assert content_hash(text, {}) == ""


def test_a_policy_kept_in_the_database_is_read_like_the_file() -> None:
    found = config(shipped_config())
    again = json.loads(json.dumps(found.document))
    assert policy_from_document(again, 1, {}, holidays_of) == found.policy
    assert document_hash(again) == found.hash


def test_a_kept_policy_that_this_program_cannot_read_names_the_places() -> None:
    document = config(MINIMAL).document
    document["policy"] |= {"hours": "always", "colour": "blue"}
    with pytest.raises(
        UnreadableVersionError,
        match='^this program cannot read version 7 of the .*: hours: "always" is not a time range within a day.*; '
        'colour: there is no setting "colour"',
    ) as refused:
        policy_from_document(document, 7, {}, holidays_of)
    assert refused.value.label.of(Language.JA).startswith("設定の第7版")


def test_a_users_template_may_be_named_by_a_milestone() -> None:
    text = MINIMAL + COMMENTED.format(
        id="example", anchor="ends_on", offset="-1 month", more='template = "farewell"'
    )
    assert [p.path for p in problems(text)] == ["milestones[0].template"]
    assert (
        config(text, **{"en/farewell/ask.txt": "Please call."}).policy.milestones[0].template
        == "farewell"
    )


def test_a_place_is_written_as_in_toml() -> None:
    assert dotted(("calendars", "日本", "closures", 0)) == 'calendars."日本".closures[0]'
    assert dotted(()) == ""


WORDS = [
    "x",
    "true",
    "-1",
    "0",
    "1e400",
    "nan",
    "2026-02-29",
    "09:00",
    '"x"',
    "''",
    "[]",
    "{}",
    "[[]]",
    "{ a = 1 }",
    '"ends_on"',
    "=",
    "\n",
    "　",
    "“",
    "\\",
    "'''",
]
LINES = shipped_config().splitlines()


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """The shipped file after a few accidents: lines lost, doubled, exchanged, values replaced."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.integers(0, 4)):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[at])
            case 2:
                lines[at] = re.sub(
                    "=.*", lambda _: f"= {draw(st.sampled_from(WORDS))}", lines[at], count=1
                )
            case 3:
                place = draw(st.integers(0, len(lines[at])))
                lines[at] = (
                    lines[at][:place] + draw(st.sampled_from(WORDS)) + lines[at][place + 1 :]
                )
            case _:
                lines.insert(draw(st.integers(0, len(lines))), lines.pop(at))
    return "\n".join(lines)


@settings(max_examples=60)
@given(damaged())
def test_whatever_happened_to_the_file_each_problem_is_one_line_in_both_languages(
    text: str,
) -> None:
    found = problems(text)
    assert [p.line for p in found] == sorted(p.line for p in found)
    for problem in found:
        assert 0 <= problem.line <= text.count("\n") + 1
        assert re.search("[ぁ-んァ-ヶ一-龠]", problem.text.ja)
        assert not re.search("[ぁ-んァ-ヶ]", re.sub('"[^"]*"|\\{[^}]*\\}|「', "", problem.text.en))
        assert problem.shown(Language.EN).isprintable()
    assert isinstance(content_hash(text, {}), str)

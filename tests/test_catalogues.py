"""The catalogues say what the code says: everything, nothing else, with the same facts."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from tests.catalogues import (
    ANY,
    ROOT,
    Sentence,
    brought_up_to_date,
    compiled,
    errors,
    languages,
    path_of,
    placeholders,
    read,
    said_in,
    sentences,
    written,
)
from tests.parsed import nodes

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
HOLD_JAPANESE = {
    "cli/answers/answer_many.py": "headings of a list",
    "cli/terminal/confirming.py": "yes and no as they are typed",
    "cli/demo/demo_story.py": "the demo's customers",
    "cli/imports/import_guess.py": "yes as it is typed",
    "cli/init.py": "a file for readers of both languages",
    "cli/delivery/pause.py": "a word that can be typed",
    "cli/terminal/tables.py": "where a line of Japanese may break",
    "core/config/conditions.py": "a word that can be typed",
    "core/config/did_you_mean.py": "what was probably meant",
    "core/config/fields.py": "what editors show of a schema",
    "core/config/rules/pipelines.py": "an example of a label",
    "core/config/toml/syntax.py": "signs that are typed for others",
    "core/answers/verbs.py": "words that can be typed",
    "core/health/measured.py": "names of columns",
    "core/imports/edit_fields.py": "words that can be typed",
    "core/imports/hubspot_stages.py": "stages of another program",
    "core/sync/guesses.py": "properties of another program",
    "core/imports/header_units.py": "units in columns' names",
    "core/imports/words.py": "words that can be typed",
    "core/imports/typed.py": "words that can be typed",
    "core/imports/written_amounts.py": "units of amounts",
    "core/imports/written_days.py": "eras and days as they are written",
    "core/imports/written_periods.py": "periods as they are written",
    "core/messages/state_tables.py": "a table of docs/states.md",
    "core/stories/story.py": "names of people in stories",
    "core/facts/calendar_feed.py": "how a customer is addressed",
    "core/time/dates.py": "a length as it is written",
    "core/words/units.py": "lengths as they are written",
    "inbound/slack/command.py": "a word that can be typed",
    "inbound/web/page_words.py": "how a customer is addressed",
    "render/digest_samples.py": "samples of messages",
    "render/filters.py": "how a customer is addressed",
    "render/samples.py": "samples of messages",
    "sources/cells/amount_column.py": "amounts as they are written",
    "sources/kinds/crm.py": "columns of other programs",
    "sources/files/encodings.py": "letters of an encoding",
    "sources/cells/cell_readers.py": "words of a file",
    "sources/mappings/guessing.py": "columns of files",
    "sources/kinds/hubspot.py": "columns of another program",
    "sources/people.py": "columns of a file",
    "sources/kinds/profiles.py": "columns of files",
    "sources/totals.py": "what sums are called",
    "sources/statuses.py": "words of a file",
    "storage/database/driver_errors.py": "what a Japanese server answers",
    "sources/kinds/signals.py": "names of columns",
    "sources/signal_rows.py": "words of a column",
    "sources/files/workbook_currencies.py": "units of amounts",
}
"""Modules that hold Japanese because they read it, or because it is somebody's data; nothing in
them is a sentence of ours."""


def _messages(language: str) -> dict[tuple[str, str], Message]:
    return {_key(m): m for m in read(language) if m.id}


def _key(message: Message) -> tuple[str, str]:
    first = message.id if isinstance(message.id, str) else message.id[0]
    return (str(message.context or ""), str(first))


def _strings(message: Message) -> list[str]:
    return (
        [message.string]
        if isinstance(message.string, str)
        else [str(one) for one in message.string or ()]
    )


@pytest.mark.parametrize("language", languages())
def test_a_catalogue_has_every_sentence_and_none_that_is_gone(language: str) -> None:
    assert {_key(m) for m in read(language) if m.id} == {
        (s.context, s.english) for s in sentences()
    }
    assert [m.id for m in read(language) if m.id and not all(_strings(m))] == []


@pytest.mark.parametrize("language", languages())
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    catalogue = brought_up_to_date(language)
    again = "python -m tests.catalogues brings it up to date"
    assert path_of(language).read_bytes() == written(catalogue), again
    assert path_of(language).with_suffix(".mo").read_bytes() == compiled(catalogue), again


@pytest.mark.parametrize("language", languages())
def test_a_translation_has_no_fact_that_the_code_does_not_give(language: str) -> None:
    translated = _messages(language)
    wrong = [
        (one.file, one.english, text)
        for one in sentences()
        for text in _strings(translated[(one.context, one.english)])
        if ANY not in one.facts and not placeholders(text) <= _known(one)
    ]
    assert wrong == []


ENDS_A_SENTENCE = re.compile(r"(ません|です|ます|でした|ました|ください)$")


def test_a_refusal_in_japanese_ends_with_its_full_stop() -> None:
    """What is raised stands alone and is a sentence; a mistake in a file is a line of a list, and
    has none."""
    translated = _messages("ja")
    left = [
        (one.file, text)
        for one in sentences()
        if one.refuses
        for text in _strings(translated[(one.context, one.english)])
        if ENDS_A_SENTENCE.search(text.rstrip())
    ]
    assert left == []


NOT_PROSE = re.compile(r"`[^`]*`|\{[^}]*\}|(renewals|pip install) [a-z -]+")
"""What stands in English in every language: commands and facts."""
ENGLISH_WORDS = re.compile(r"([a-z']+[ ,;]+){4}[a-z]")


def test_no_japanese_sentence_goes_on_in_english() -> None:
    left = [
        text
        for message in _messages("ja").values()
        for text in _strings(message)
        if ENGLISH_WORDS.search(NOT_PROSE.sub("", text))
    ]
    assert left == []


def _known(one: Sentence) -> frozenset[str]:
    """The facts of a sentence: those that are given with it, or that its English names where it is
    filled in later."""
    return one.facts or placeholders(one.english) | placeholders(one.many)


def test_every_fact_of_an_english_sentence_is_given() -> None:
    wrong = [
        (one.file, one.english)
        for one in sentences()
        if one.facts
        and ANY not in one.facts
        and not placeholders(one.english) | placeholders(one.many) <= one.facts
    ]
    assert wrong == []
    assert [
        (o.file, o.english) for o in sentences() if o.many and o.facts and "count" not in o.facts
    ] == []


def test_what_is_wrong_is_seen() -> None:
    (one,) = said_in('Label("{a} of {b}", a=1)', "core/x.py")
    assert not placeholders(one.english) <= one.facts
    (other,) = said_in('say("{count} day", many="{count} days", count=n)', "scheduler/cli/x.py")
    assert (other.id, other.facts) == (("{count} day", "{count} days"), frozenset(["count"]))
    assert list(said_in('text("SELECT 1")', "scheduler/storage/x.py")) == []
    assert errors()["UserMustActError"]
    assert errors()["SmtpUrlError"]
    assert not errors()["NotReadError"]
    assert "ValueError" not in errors()
    assert placeholders("{{not}} {day:%Y} {n:,} {name!r}") == {"day", "n", "name"}


def _held(file: Path) -> Iterator[int]:
    """The lines of a module that hold Japanese, but for what is told in docstrings and comments."""
    everything = nodes(file.read_text("utf-8"))
    told = {id(node.value) for node in everything if isinstance(node, ast.Expr)}
    for node in everything:
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in told
            and JAPANESE.search(node.value)
        ):
            yield node.lineno


def test_no_module_says_anything_in_two_languages() -> None:
    scheduler = ROOT / "scheduler"
    holds = {
        file.relative_to(scheduler).as_posix(): lines
        for file in sorted(scheduler.rglob("*.py"))
        if (lines := list(_held(file)))
    }
    assert {name: lines for name, lines in holds.items() if name not in HOLD_JAPANESE} == {}
    assert [name for name in HOLD_JAPANESE if name not in holds] == [], "they no longer hold any"

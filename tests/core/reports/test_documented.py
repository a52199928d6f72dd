"""docs/retention_and_forecast.md says of every number what `--explain` says, in both languages."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from scheduler.core.reports import forecast_words, retention_words
from scheduler.core.reports.definition import Definition
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language

PAGE = Path(__file__).parents[3] / "docs" / "retention_and_forecast.md"
DEFINITIONS: Sequence[Definition] = (
    *retention_words.DUE,
    *retention_words.SIGNED,
    *forecast_words.MONTHS,
    *forecast_words.LINES,
    *forecast_words.CHANGES,
)
NOTES: Sequence[Label] = (*retention_words.NOTES, *forecast_words.NOTES)


def row(definition: Definition) -> str:
    """A number's line in the page."""
    said = [
        label.of(language)
        for language in (Language.EN, Language.JA)
        for label in (definition.name, definition.meaning)
    ]
    return f"| {' | '.join((f'`{definition.id}`', *said))} |"


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda d: d.id)
def test_the_page_says_what_explain_says(definition: Definition) -> None:
    assert row(definition) in PAGE.read_text("utf-8").splitlines()


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("note", NOTES, ids=lambda note: note.of(Language.EN)[:20])
def test_the_page_has_the_notes(note: Label, language: Language) -> None:
    assert f"- {note.of(language)}" in PAGE.read_text("utf-8").splitlines()

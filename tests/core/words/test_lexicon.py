"""Every closed word has one name, in every language, and it stands in the lexicon alone."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import scheduler
from scheduler.core.words.lexicon import LANGUAGES, ForecastCall, Language, NudgeState, Word
from tests.parsed import nodes

PACKAGE = Path(scheduler.__file__).parent
KINDS = Word.__subclasses__()
MEANINGS = {"core/messages/state_tables.py", "inbound/web/texts.py"}
"""Tables that say what words mean, at length, not what they are called."""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("language", Language)
def test_every_word_has_a_name_of_its_own(kind: type[Word], language: Language) -> None:
    names = [word.label.of(language) for word in kind]
    assert all(names)
    assert len(set(names)) == len(names)


def test_every_language_has_a_name() -> None:
    assert set(LANGUAGES) == set(Language)


def test_a_doubtful_message_and_a_doubtful_customer_are_not_called_the_same() -> None:
    for language in Language:
        states = {state.label.of(language) for state in NudgeState}
        assert not states & {call.label.of(language) for call in ForecastCall}


def test_a_word_is_found_by_what_is_stored() -> None:
    assert ForecastCall("at_risk") is ForecastCall.AT_RISK
    assert str(ForecastCall.AT_RISK) == "at_risk"


def test_no_other_module_names_the_words() -> None:
    found = [
        f"{file}:{line}"
        for path in PACKAGE.rglob("*.py")
        if (file := path.relative_to(PACKAGE).as_posix()) not in MEANINGS
        for line in label_tables(path.read_text("utf-8"))
    ]
    assert not found, f"tables of labels that belong into the lexicon: {found}"


def label_tables(source: str) -> Iterator[int]:
    """The lines of tables from words to labels."""
    kinds = {kind.__name__ for kind in KINDS}
    for node in nodes(source):
        for key, value in (
            zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ()
        ):
            is_word = (
                isinstance(key, ast.Attribute)
                and isinstance(key.value, ast.Name)
                and key.value.id in kinds
            )
            if is_word and isinstance(value, ast.Call) and ast.unparse(value.func) == "Label":
                yield value.lineno


def test_the_walk_sees_a_table() -> None:
    assert list(label_tables('X = {ForecastCall.RENEW: Label("will renew")}')) == [1]

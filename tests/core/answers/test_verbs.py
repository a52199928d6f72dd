"""Verbs: every one has its entry, its sentence of who said it and a way to be applied; what its
form needs it also asks for."""

from datetime import date

import pytest

from scheduler.core.answers.answer import Answer, said_words
from scheduler.core.answers.offers import OFFERS
from scheduler.core.answers.verbs import VERBS
from scheduler.core.words.lexicon import Language, Verb
from scheduler.core.words.reasons import word
from tests.cast import ANN

MONDAY = date(2027, 1, 4)


def test_every_verb_has_an_entry() -> None:
    assert set(VERBS) == set(Verb)


@pytest.mark.parametrize("verb", Verb)
def test_every_verb_can_be_offered_and_asks_for_what_it_needs(verb: Verb) -> None:
    assert any(offer.verb is verb for offer in OFFERS.values())
    assert set(VERBS[verb].required) <= set(VERBS[verb].asks)


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb is not Verb.UNDO])
@pytest.mark.parametrize("language", Language)
def test_who_said_it_is_a_sentence(verb: Verb, language: Language) -> None:
    stored = said_words(Answer(verb, ANN.name, ANN), MONDAY)
    assert ANN.name in word(stored, language)
    assert word(stored, language) != stored

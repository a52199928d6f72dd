"""Labels: a sentence once, in English, and its words in whichever language is read."""

import pickle
from datetime import date

import pytest

from scheduler.core.deal.formats import long_day
from scheduler.core.words.errors import LabelledError
from scheduler.core.words.labels import COMMA, ByLanguage, Joined, Label, in_all_languages
from scheduler.core.words.lexicon import Language

DAY = Label("{count} day", many="{count} days")


@pytest.mark.parametrize(
    ("label", "en", "ja"),
    [
        (Label(""), "", ""),
        (Label("Cancel"), "Cancel", "やめる"),
        (Label("nobody has translated this"), *["nobody has translated this"] * 2),
        (DAY.filled(count=0), "0 days", "0日"),
        (DAY.filled(count=1), "1 day", "1日"),
        (DAY.filled(count=2), "2 days", "2日"),
        (Label("none"), "none", "ありません。"),
        (Label("none", context="words"), "none", "なし"),
        (Label("set: {said}", said=Label("none", context="words")), "set: none", "設定済み：なし"),
        (
            Label("set: {said}", said=Joined([Label("Cancel"), "x"], COMMA)),
            "set: Cancel, x",
            "設定済み：やめる、x",
        ),
        (
            Label("set: {said}", said=ByLanguage(long_day, date(2027, 3, 31))),
            "set: Wed 31 Mar 2027",
            "設定済み：2027/3/31(水)",
        ),
        (Label("set: {said}", said="{said} {}"), "set: {said} {}", "設定済み：{said} {}"),
        (Label("Answer all {count}"), "Answer all {count}", "{count}件まとめて回答"),
        (Label.verbatim("Cancel {x}"), "Cancel {x}", "Cancel {x}"),
        (Label.given({"en": "Stable {x}", "ja": "安定"}), "Stable {x}", "安定"),
        (Label.given({"en": "Stable", "ja": ""}), "Stable", "Stable"),
    ],
)
def test_a_label_says_the_same_in_each_language(label: Label, en: str, ja: str) -> None:
    assert (label.of(Language.EN), label.of(Language.JA)) == (en, ja)
    assert str(label) == en


def test_labels_are_equal_by_what_they_say_and_travel_between_processes() -> None:
    said = Label("set: {said}", said=Joined([ByLanguage(long_day, date(2027, 3, 31))], COMMA))
    assert pickle.loads(pickle.dumps(said)) == said  # noqa: S301
    assert said != Label("set: {said}", said="x")
    assert DAY.filled(count=1) != DAY.filled(count=2)


def test_of_an_error_its_words_are_kept() -> None:
    assert Label("{it}", it=ValueError("x")) == Label("{it}", it="x")
    assert LabelledError("set: {said}", said="x").label == Label("set: {said}", said="x")
    assert str(LabelledError(Label.verbatim("{x}"))) == "{x}"


def test_a_word_can_be_typed_as_it_is_called_anywhere() -> None:
    assert Label("Cancel").spellings() == ("やめる", "Cancel")
    assert Label.verbatim("x").spellings() == ("x",)
    assert in_all_languages(Label("Cancel"), " / ") == "やめる / Cancel"

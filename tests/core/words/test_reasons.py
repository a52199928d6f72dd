"""Reasons are sentences in the reader's language, also those that hold another reason."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language
from scheduler.core.words.reasons import as_said, code_of, reason, word

NESTED = reason(
    "open_until_over", until="2027-01-20", read=reason("stage_not_meant", stage="stable")
)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            Language.EN,
            (
                "not met by 2027-01-20: the deal was in stage <stage stable>, which "
                "this milestone does not cover"
            ),
        ),
        (Language.JA, "待機期限(2027-01-20)までに条件が成立せず：対象外のステージ(<stage stable>)"),
    ],
)
def test_a_reason_within_a_reason_is_worded_too(language: Language, said: str) -> None:
    assert (
        word(
            NESTED, language, lambda fact, value: f"<{fact} {value}>" if fact == "stage" else value
        )
        == said
    )


def test_a_sentence_without_a_code_is_kept_in_every_language() -> None:
    kept = as_said(Label("{file} is empty", file="a.csv"))
    nested = reason("sync_refused", why=kept)
    assert word(kept, Language.EN) == "a.csv is empty"
    assert word(kept, Language.JA) == Label("{file} is empty", file="a.csv").ja
    assert word(nested, Language.EN) == "its move in HubSpot is not allowed here: a.csv is empty"
    assert word(kept, Language.JA) in word(nested, Language.JA)
    assert code_of(kept) == "as_said"


@given(st.text(), st.integers())
def test_a_stored_reason_is_json_whatever_its_facts_say(note: str, days: int) -> None:
    stored = reason("health_reason_note", health_reason=days, note=note)
    told = {"code": "health_reason_note", "health_reason": str(days), "note": note}
    assert stored == json.dumps(told, ensure_ascii=False)

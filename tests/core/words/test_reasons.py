"""Reasons are sentences in the reader's language, also those that hold another reason."""

import pytest

from scheduler.core.words.lexicon import Language
from scheduler.core.words.reasons import reason, word

NESTED = reason(
    "open_until_over", until="2027-01-20", read=reason("stage_not_meant", stage="stable")
)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            Language.EN,
            (
                "condition not met until 2027-01-20: the deal was in stage <stage stable>, which "
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

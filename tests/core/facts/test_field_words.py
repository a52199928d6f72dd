"""`scheduler.core.facts.field_words`: what stands in a field, in the reader's words."""

import pytest

from scheduler.core.facts.field_words import field_value
from scheduler.core.words.lexicon import Language
from tests.import_cast import POLICY

CASES = [
    ("term", "12 months", "", "12か月", "12 months"),
    ("renewal_notice", "90 days", "", "90日", "90 days"),
    ("notice", "about a year", "", "about a year", "about a year"),
    ("ends_on", "2027-03-31", "", "2027-03-31", "2027-03-31"),
    ("amount", "", "", "—", "—"),
    ("evergreen", "True", "", "はい", "yes"),
    ("product", "True", "", "True", "True"),
    ("stage", "onboarding", "existing", "Onboarding", "Onboarding"),
    ("stage", "gone_since", "existing", "gone_since", "gone_since"),
    ("stage", "existing/lost", "", "Existing customers：Lost", "Existing customers: Lost"),
    ("stage", "new_business/", "", "新規", "New business"),
    ("stage", "elsewhere/won", "", "elsewhere：Won", "elsewhere: Won"),
    ("health", "at_risk", "", "At risk", "At risk"),
    ("health", "splendid", "", "splendid", "splendid"),
    ("role", "manager", "", "上長", "manager"),
    ("language", "ja", "", "日本語", "Japanese"),
]


@pytest.mark.parametrize(("field", "value", "pipeline", "ja", "en"), CASES)
def test_a_value_is_said_in_the_readers_words(
    field: str, value: str, pipeline: str, ja: str, en: str
) -> None:
    assert (
        field_value(field, value, Language.JA, POLICY, pipeline),
        field_value(field, value, Language.EN, POLICY, pipeline),
    ) == (ja, en)

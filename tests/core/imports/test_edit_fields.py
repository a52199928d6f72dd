"""Fields of a contract as somebody types them."""

import pytest

from scheduler.core.deal.contracts import Money
from scheduler.core.imports.edit_fields import read_fields
from scheduler.core.words.errors import UserMustActError


def test_an_amount_is_read_in_the_contracts_currency_or_in_the_one_that_is_named() -> None:
    assert read_fields({"amount": "12.50"}, "EUR") == {"amount": Money(1250, "EUR")}
    assert read_fields({"amount": "12.50", "currency": "gbp"}, "EUR") == {
        "amount": Money(1250, "GBP")
    }
    assert read_fields({"amount": "none"}, "EUR") == {"amount": Money(None, "EUR")}


@pytest.mark.parametrize(
    ("texts", "because"),
    [
        ({"amount": "100", "currency": "XYZ"}, "XYZ is not a currency"),
        ({"currency": "GBP"}, "another currency needs its amount"),
        ({"customer": "none"}, "cannot be empty"),
        ({"term": ""}, "cannot be empty"),
        ({"product": " "}, "to take the value away write none"),
    ],
)
def test_what_cannot_be_is_refused(texts: dict[str, str], because: str) -> None:
    with pytest.raises(UserMustActError) as refused:
        read_fields(texts, "EUR")
    assert because in refused.value.label.en


@pytest.mark.parametrize(("text", "value"), [("none", None), ("なし", None), ("Suite", "Suite")])
def test_what_may_be_missing_is_taken_away(text: str, value: str | None) -> None:
    assert read_fields({"product": text}, "EUR") == {"product": value}


@pytest.mark.parametrize("text", ["none", "無期限", "open-ended"])
def test_an_end_is_taken_away_by_words_that_say_there_is_none(text: str) -> None:
    assert read_fields({"ends_on": text}, "EUR") == {"ends_on": None}

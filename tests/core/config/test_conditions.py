"""One line of `where`: what it becomes. What is refused is in tests/data/config."""

from datetime import date

import pytest

from scheduler.core.config.conditions import condition_mistake, conditions
from scheduler.core.config.tables.milestones import NotTable, WhereValue
from scheduler.core.policy.milestone_days import facts_of
from scheduler.core.policy.milestones import WHERE_FIELDS
from scheduler.core.words.conditions import Condition, Operator
from tests.cast import contract, deal

NOT_SMB = NotTable.model_validate({"not": ["smb", "mid"]})


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("amount", ">= 1000000", [Condition("amount", Operator.AT_LEAST, (1_000_000,))]),
        (
            "amount",
            ">= 1,000,000 and < 5_000_000",
            [
                Condition("amount", Operator.AT_LEAST, (1_000_000,)),
                Condition("amount", Operator.BELOW, (5_000_000,)),
            ],
        ),
        ("amount", "≧１００", [Condition("amount", Operator.AT_LEAST, (100,))]),
        (
            "amount",
            "> -5 AND <= 0",
            [
                Condition("amount", Operator.ABOVE, (-5,)),
                Condition("amount", Operator.AT_MOST, (0,)),
            ],
        ),
        (
            "amount",
            ">=1かつ<3",
            [
                Condition("amount", Operator.AT_LEAST, (1,)),
                Condition("amount", Operator.BELOW, (3,)),
            ],
        ),
        ("term_months", 12, [Condition("term_months", Operator.IN, (12,))]),
        ("term_months", [12, 24], [Condition("term_months", Operator.IN, (12, 24))]),
        (
            "term_months",
            NotTable.model_validate({"not": [1]}),
            [Condition("term_months", Operator.NOT_IN, (1,))],
        ),
        ("segment", "enterprise", [Condition("segment", Operator.IN, ("enterprise",))]),
        ("segment", NOT_SMB, [Condition("segment", Operator.NOT_IN, ("smb", "mid"))]),
        ("auto_renew", False, [Condition("auto_renew", Operator.IN, (False,))]),
        (
            "health",
            ["at_risk", "critical"],
            [Condition("health", Operator.IN, ("at_risk", "critical"))],
        ),
        ("country", "JP", [Condition("country", Operator.IN, ("JP",))]),
        ("currency", ["JPY"], [Condition("currency", Operator.IN, ("JPY",))]),
        ("product", "Pro >= 5 seats", [Condition("product", Operator.IN, ("Pro >= 5 seats",))]),
    ],
)
def test_what_a_line_becomes(field: str, value: WhereValue, expected: list[Condition]) -> None:
    assert condition_mistake(field, value) is None
    assert list(conditions(field, value)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "1000000",
        "= 5",
        ">= 5 or < 3",
        "between 1 and 3",
        ">= 1.5",
        ">= 1e6",
        ">= ",
        ">= 5 and",
        ">= 5 and soon",
        "soon and >= 5",
        "",
        ">= " + "9" * 30,
    ],
)
def test_what_does_not_compare_is_refused(text: str) -> None:
    assert condition_mistake("amount", text) is not None
    with pytest.raises(ValueError, match=".*"):
        conditions("amount", text)


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        (">= 5 and <= 5", True),
        ("> 5 and < 6", False),
        ("> 5 and < 7", True),
        (">= 6 and <= 5", False),
        ("> 5 and > 7", True),
        ("<= 0 and > 3 and < 9", False),
    ],
)
def test_bounds_that_leave_no_whole_number_are_a_mistake(text: str, possible: bool) -> None:
    assert (condition_mistake("term_months", text) is None) is possible


def test_every_field_that_may_be_asked_for_is_known_of_a_deal() -> None:
    assert set(facts_of(deal(contract(date(2027, 3, 31))))) == set(WHERE_FIELDS)

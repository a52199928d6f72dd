"""Which deals `--where` means, and what it refuses."""

from datetime import date

import pytest

from scheduler.core.policy.choosing import chosen, read_conditions
from scheduler.core.words.errors import UserMustActError
from tests.cast import contract, deal

ONE = deal(contract(date(2027, 3, 31)))


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("ends_on=2027-03-31", True),
        ("ends_on!=2027-03-31", False),
        ("ends_on>=2027-03-31", True),
        ("ends_on>2027-03-31", False),
        ("ends_on<=2027-03-30", False),
        ("ends_on<2027-04-01", True),
        ("ends_on=2027-01-31,2027-03-31", True),
        (f"stage={ONE.stage}", True),
        (f"stage={ONE.stage.upper()},lost", True),
        (f"stage!={ONE.stage},lost", False),
        (f"health={ONE.health.label.ja}", True),
        (f"health!={ONE.health.value.upper()}、critical", False),
        ("call=none", True),
        ("call=更新予定", False),
        ("paperwork=None", True),
    ],
)
def test_a_condition_holds_or_not(written: str, found: bool) -> None:
    assert chosen([ONE], read_conditions([written])) == ([ONE] if found else [])


@pytest.mark.parametrize(
    ("written", "because"),
    [
        ("segment", "a condition is FIELD=VALUE"),
        ("segment=", "a condition is FIELD=VALUE"),
        ("segment=,", "segment has no value"),
        ("segment!=,", "segment has no value"),
        ("segmant=smb", "did you mean segment?"),
        ("segment>smb", "segment has no order"),
        ("health=fine", "“fine” is not known; write one of: stable"),
    ],
)
def test_what_is_no_condition_is_refused_before_anybody_is_chosen(
    written: str, because: str
) -> None:
    with pytest.raises(UserMustActError) as refused:
        read_conditions([written])
    assert because in refused.value.label.en

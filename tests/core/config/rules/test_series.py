"""Milestones of one series beside each other: what looks alike but makes sense is accepted, what
leads back or is never heard is not."""

import pytest

from tests.core.config.test_reading import MINIMAL, problems

MILESTONE = """
[[milestones]]
id = "{id}"
pipeline = "existing"
label = "M"
series = "renewal"
{rest}
"""


def two(first: str, second: str) -> list[tuple[str, str]]:
    """What is said of two milestones in one series, the first and then the second in the file."""
    return [
        (p.path, p.text.en)
        for p in problems(
            MINIMAL + MILESTONE.format(id="a", rest=first) + MILESTONE.format(id="b", rest=second)
        )
    ]


def at(offset: str, more: str = "", anchor: str = "ends_on") -> str:
    return f'anchor = "{anchor}"\noffset = "{offset}"\n{more}'


TO_3M, TO_1M = 'moves_to = "renewal_3m"', 'moves_to = "renewal_1m"'


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (at("-3 months", TO_3M), at("-1 month", TO_1M)),
        (at("-1 month", TO_1M), at("-3 months", TO_3M)),
        (at("-3 months", TO_3M), at("-1 month", TO_3M)),
        (at("-3 months", TO_3M), at("-1 month")),
        (at("-3 months", TO_1M), at("-90 days", TO_3M)),
        (at("-3 months", TO_1M), at("-1 month", TO_3M, anchor="decide_by")),
        (at("-3 months"), at("-3 months", 'where = { segment = "smb" }')),
        (at("-3 months", 'stages = ["stable"]'), at("-3 months", 'stages = ["at_risk"]')),
        (at("-3 months"), at("-3 months", 'shift = "earlier"')),
        (at("-3 months"), at("-3 months", "spread = 5")),
    ],
)
def test_what_makes_sense_is_accepted(first: str, second: str) -> None:
    assert two(first, second) == []


def test_the_later_of_two_may_not_lead_back_wherever_it_stands_in_the_file() -> None:
    back = "leads back: {} comes earlier and has already moved the deal to renewal_1m; swap the two"
    assert two(at("-3 months", TO_1M), at("-1 month", TO_3M)) == [
        ("milestones[1].moves_to", back.format("a"))
    ]
    assert two(at("-1 month", TO_3M), at("-3 months", TO_1M)) == [
        ("milestones[0].moves_to", back.format("b"))
    ]


@pytest.mark.parametrize(
    ("later", "told"), [("-6 days", False), ("-5 days", True), ("0 days", True)]
)
def test_only_what_clearly_comes_later_leads_back(later: str, told: bool) -> None:
    assert [path for path, _ in two(at("-10 days", TO_1M), at(later, TO_3M))] == (
        ["milestones[1].moves_to"] if told else []
    )


def test_a_sign_that_was_forgotten_is_told_as_such_only() -> None:
    assert [path for path, _ in two(at("-1 month", TO_1M), at("1 month", TO_3M))] == [
        "milestones[1].offset"
    ]
    assert [
        path
        for path, _ in two(
            at("-1 month", TO_1M, anchor="decide_by"), at("1 month", TO_3M, anchor="decide_by")
        )
    ] == ["milestones[1].moves_to"]


def test_the_same_day_twice_is_told_at_the_second() -> None:
    [(path, said)] = two(at("-3 months"), at("3か月前"))
    assert path == "milestones[1].offset"
    assert said == (
        "falls on the same day as a of the same series, so nobody would ever be told about a; "
        "choose another day or another series"
    )


def test_milestones_without_a_series_are_each_their_own() -> None:
    text = MINIMAL + "".join(MILESTONE.format(id=id, rest=at("-3 months")) for id in "ab")
    assert problems(text.replace('series = "renewal"\n', "")) == []

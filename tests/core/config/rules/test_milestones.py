"""Milestones that make sense are accepted; those that do not are in tests/data/config."""

import pytest

from scheduler.app.shipped import shipped_templates
from scheduler.core.config.rules.milestones import RESERVED_TEMPLATES, rough_days
from scheduler.core.deal.deal import SYSTEM_MILESTONES
from scheduler.core.time.dates import Offset
from tests.core.config.test_reading import MINIMAL, problems

MILESTONE = """
[[milestones]]
id = "{id}"
pipeline = "existing"
label = "M"
anchor = "{anchor}"
offset = "{offset}"
{more}
"""


def said(anchor: str, offset: str, more: str = "", id: str = "m") -> list[tuple[str, str]]:
    """What is said of the minimal file with one milestone."""
    return [
        (p.path, p.text.en)
        for p in problems(
            MINIMAL + MILESTONE.format(id=id, anchor=anchor, offset=offset, more=more)
        )
    ]


@pytest.mark.parametrize(
    ("anchor", "offset", "more"),
    [
        ("ends_on", "-3 months", 'moves_to = "renewal_3m"'),
        (
            "ends_on",
            "-3 months",
            'moves_to = "renewal_1m"\nstages = ["onboarding", "stable", "at_risk", "renewal_3m"]',
        ),
        (
            "ends_on",
            "-3 months",
            (
                'moves_to = "renewal_1m"\nstages = ["onboarding", "stable", "at_risk", '
                '"renewal_3m", "renewal_1m"]'
            ),
        ),
        ("ends_on", "0 days", 'moves_to = "renewal_1m"'),
        ("decide_by", "+3 business days", 'moves_to = "renewal_1m"'),
        ("ends_on", "+30 days", 'stages = ["lost"]'),
        ("ends_on", "-30 years", ""),
        ("starts_on", "-2 weeks", 'stages = ["onboarding"]'),
        ("starts_on", "+90 days", 'moves_to = "stable"\nstages = ["onboarding"]'),
        ("starts_on", "+90 days", 'moves_to = "stable"'),
        ("stage_entered_on", "0 days", 'stages = ["at_risk"]'),
        ("stage_entered_on", "+1 month -5 days", 'stages = ["at_risk", "stable"]'),
        ("anniversary", "-1 month", "where = { evergreen = true }"),
        ("ends_on", "-1 month", "where = { evergreen = false }"),
        (
            "ends_on",
            "-1 month",
            'stages = ["stable", "at_risk"]\nwhere = { health = { not = ["stable"] } }',
        ),
        (
            "ends_on",
            "-1 month",
            'stages = ["stable", "renewal_3m"]\nwhere = { health = "at_risk" }',
        ),
        ("expected_on", "-1 day", "tell = []"),
        ("expected_on", "+1 day", 'asks = true\ntell = ["fallback"]'),
    ],
)
def test_what_makes_sense_is_accepted(anchor: str, offset: str, more: str) -> None:
    assert said(anchor, offset, more) == []


@pytest.mark.parametrize("id", [*SYSTEM_MILESTONES, *RESERVED_TEMPLATES])
def test_the_programs_own_ids_are_refused(id: str) -> None:
    assert said("ends_on", "-1 month", id=id) == [
        ("milestones[0].id", f'the id "{id}" is reserved by the program; choose another')
    ]


def test_every_template_of_the_program_itself_is_reserved() -> None:
    names = {path.split("/")[1] for path in shipped_templates() if path.endswith("/body.txt")}
    assert names - {"default"} | {"climbed", "after_notice", "after_order"} == set(
        RESERVED_TEMPLATES
    )


def test_a_renewal_that_begins_after_the_end_is_refused_whatever_else_is_wrong() -> None:
    assert [
        path
        for path, _ in said("ends_on", "+1 day", 'moves_to = "renewal_3m"\nstages = ["onbording"]')
    ] == [
        "milestones[0].offset",
        "milestones[0].stages[0]",
    ]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("-3 months", "-80 days"),
        ("-10 business days", "-13 days"),
        ("-1 month -5 days", "-1 month"),
        ("1 day", "1 business day"),
    ],
)
def test_offsets_are_compared_roughly(earlier: str, later: str) -> None:
    assert rough_days(Offset.parse(earlier)) < rough_days(Offset.parse(later))

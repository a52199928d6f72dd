"""Several mistakes at once: each is told, and nothing that only follows from another."""

import pytest

from tests.core.config.test_mistakes import FULL
from tests.core.config.test_reading import problems


def paths(*edits: tuple[str, str]) -> list[str]:
    """Where the full file has mistakes after these edits."""
    text = FULL
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return [p.path for p in problems(text)]


TELLS_NOBODY = ('tell = ["owner", "email:cs@example.com"]', "tell = []")


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        (
            [
                ('admins = ["email:admin@example.com"]', "admins = []"),
                ('offset = "-3 months"', 'offset = "-90 years"'),
            ],
            ["admins", "milestones[0].offset"],
        ),
        (
            [('tell = ["owner"', 'tell = ["ownr"'), ('moves_to = "renewal"', 'moves_to = "lost"')],
            ["milestones[0].moves_to", "milestones[0].tell[0]"],
        ),
        (
            [('"kick_off"', '"Kick off"'), TELLS_NOBODY],
            ["pipelines[0].stages[0].was[0]", "milestones[0].tell"],
        ),
        (
            [('"old"', '"Old"'), ('was = ["kick_off"]', 'was = ["stable"]')],
            ["pipelines[0].stages[0].was[0]", "milestones[0].was[0]"],
        ),
        (
            [('weekend = ["sat"', 'weekend = ["saturday"'), TELLS_NOBODY],
            ["calendars.jp.weekend[0]", "milestones[0].tell"],
        ),
        (
            [('[{ id = "other", label = "Other" }]', '["other"]'), TELLS_NOBODY],
            ["pipelines[0].lost_reasons[0]", "milestones[0].tell"],
        ),
        (
            [('id = "existing"', 'id = "Existing"'), TELLS_NOBODY],
            ["pipelines[0].id", "milestones[0].tell"],
        ),
        ([('id = "second"', 'id = "2nd"')], ["pipelines[1].id"]),
        (
            [('id = "stable"', 'id = "Stable"'), TELLS_NOBODY],
            ["pipelines[0].stages[1].id", "milestones[0].tell"],
        ),
        ([('kind = "active"', 'kind = "live"')], ["pipelines[0].stages[1].kind"]),
        ([('kind = "won"', 'kind = "win"')], ["pipelines[0].stages[3].kind"]),
        (
            [
                ('health = "stable"', 'health = "good"'),
                ('health = { not = ["critical"] }', 'health = "critical"'),
            ],
            ["pipelines[0].stages[1].health"],
        ),
        (
            [
                ('definition = "New"', "definition = 1"),
                ('stages = ["onboarding"', 'stages = ["onbording"'),
            ],
            ["pipelines[0].stages[0].definition", "milestones[0].stages[0]"],
        ),
        ([('country = "GB"', "country = 44")], ["calendars.jp.country"]),
        (
            [
                ("lease_seconds = 120", 'lease_seconds = "120"'),
                ("send_seconds = 30", "send_seconds = 200"),
            ],
            ["machine.lease_seconds"],
        ),
        (
            [
                ('base_currency = "JPY"', 'base_currency = "usd"'),
                ("rates = { USD", "rates = { JPY = 2.0, USD"),
            ],
            ["base_currency"],
        ),
        (
            [('id = "first"', 'id = "First"'), ('template = "default"', 'template = "First"')],
            ["milestones[0].id"],
        ),
        (
            [
                ('anchor = "ends_on"', 'anchor = "end"'),
                ("segment = ", "evergreen = true, segment = "),
            ],
            ["milestones[0].anchor"],
        ),
        (
            [('zone = "Asia/Tokyo"', 'zone = "xoxb-1-secret-of-mine"'), TELLS_NOBODY],
            ["zone", "milestones[0].tell"],
        ),
        (
            [('segment = ["smb"]', 'segment = ["xoxb-1-secret-of-mine", 1]')],
            ["milestones[0].where.segment[0]"],
        ),
    ],
    ids=lambda value: (
        value[0][1] if isinstance(value, list) and isinstance(value[0], tuple) else ""
    ),
)
def test_what_follows_from_a_mistake_is_not_told(
    edits: list[tuple[str, str]], expected: list[str]
) -> None:
    assert paths(*edits) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (
            ('offset = "-3 months"', 'offset = "3 moths"'),
            ('template = "default"', 'template = "defalt"'),
            ["milestones[0].offset", "milestones[0].template"],
        ),
        (
            ('country = "GB"', "country = 44"),
            ('calendar = "jp"', 'calendar = "jq"'),
            ["calendar", "calendars.jp.country"],
        ),
        (
            ('"email:admin@example.com"', "1"),
            ('calendar = "jp"', 'calendar = "jq"'),
            ["calendar", "admins[0]"],
        ),
        (
            ('fallback = "email:cs@example.com"', "fallback = 1"),
            ('pipeline = "existing"', 'pipeline = "gone"'),
            ["pipelines[0].fallback", "milestones[0].pipeline"],
        ),
        (
            ('label = "Stable"', "label = 1"),
            ('default_active = "stable"', 'default_active = "renewal"'),
            ["pipelines[0].default_active", "pipelines[0].stages[1].label"],
        ),
    ],
    ids=["template", "country", "admins", "fallback", "label"],
)
def test_what_does_not_follow_is_told_too(
    one: tuple[str, str], other: tuple[str, str], expected: list[str]
) -> None:
    assert paths(one, other) == expected


def test_milestones_whose_days_cannot_be_read_are_not_compared() -> None:
    second = (
        FULL[FULL.index("[[milestones]]") : FULL.index('[[milestones]]\nid = "review"')]
        .replace('"first"', '"second"')
        .replace('["old"]', "[]")
    )
    text = FULL.replace("[machine]", f"{second}[machine]")
    assert [p.path for p in problems(text)] == ["milestones[2].offset"]
    for unreadable in ('"3 moths"', "0"):
        unlike = text.replace('"-3 months"', unreadable, 1).replace('"-3 months"', '"0 days"')
        assert [p.path for p in problems(unlike)] == ["milestones[0].offset"]


def test_a_table_that_is_gone_with_the_one_around_it_is_mended_once() -> None:
    text = FULL.replace(
        'closures = [{ days = "12-29..01-03", label = "Year end" }]',
        'closures = [{ days = 1, label = 2 }, "x"]',
    ).replace("onboarding_days = 30", 'onboarding_days = "x"')
    assert [p.path for p in problems(text)] == [
        "calendars.jp.closures[0].days",
        "calendars.jp.closures[0].label",
        "calendars.jp.closures[1]",
        "pipelines[0].onboarding_days",
    ]

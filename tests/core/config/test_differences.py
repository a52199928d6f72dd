"""What differs between two policies: tables of one edit beside the lines a person reads of it."""

import tomllib
from collections.abc import Mapping
from itertools import pairwise, permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.app.shipped import shipped_config
from scheduler.core.config.differences import Difference, SettingChange, differences

POLICY = """\
language = "ja"
admins = ["email:a@b.example"]
rates = { USD = 150.0, GBP = 190.0 }
[calendars.jp]
country = "JP"
closures = [{ days = "12-29..01-03", label = "年末年始" }]
[calendars.gb]
country = "GB"
[attention]
repeat_every = 12
[[pipelines]]
id = "existing"
label = { ja = "既存", en = "Existing" }
fallback = "email:a@b.example"
default_active = "stable"
stages = [
  { id = "stable", kind = "active", health = "stable", label = "Stable" },
  { id = "critical", kind = "active", health = "critical", label = "Critical", definition = { ja = "危機", en = "Leaving" } },
  { id = "renewal", kind = "renewal", label = "Renewal" },
  { id = "won", kind = "won", label = "Won" },
  { id = "lost", kind = "lost", label = "Lost" },
]
[[milestones]]
id = "t3m"
pipeline = "existing"
label = { ja = "3か月前", en = "3 months" }
anchor = "ends_on"
offset = "-3 months"
moves_to = "renewal"
stages = ["stable", "critical"]
where = { amount = ">= 1000000", health = { not = ["critical"] } }
[[milestones]]
id = "t1m"
pipeline = "existing"
label = "1 month"
anchor = "ends_on"
offset = "-1 month"
"""
CHANGED, ADDED, REMOVED, RENAMED, MERGED, MOVED = SettingChange


def document(text: str = POLICY, templates: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {"policy": tomllib.loads(text), "templates": dict(templates or {})}


def edited(*replacements: tuple[str, str], text: str = POLICY) -> str:
    for old, new in replacements:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def after(*replacements: tuple[str, str]) -> list[Difference]:
    """What differs after an edit."""
    return differences(document(), document(edited(*replacements)))


STAGES, T1M = "pipelines[existing].stages", "milestones[t1m]"
T1M_TEXT = POLICY[POLICY.rindex("[[milestones]]") :]

EDITS: list[tuple[str, str, list[Difference]]] = [
    ('language = "ja"', 'language = "en"', [Difference("language", CHANGED, "ja", "en")]),
    (
        'language = "ja"',
        'zone = "Europe/London"\nlanguage = "ja"',
        [Difference("zone", CHANGED, "Asia/Tokyo", "Europe/London")],
    ),
    (
        '"-3 months"',
        '"-2 months"',
        [Difference("milestones[t3m].offset", CHANGED, "-3 months", "-2 months")],
    ),
    ("USD = 150.0", "USD = 155.5", [Difference("rates.USD", CHANGED, 150.0, 155.5)]),
    (
        "USD = 150.0",
        "EUR = 160.0",
        [Difference("rates.EUR", ADDED, None, 160.0), Difference("rates.USD", REMOVED, 150.0)],
    ),
    (
        '[calendars.gb]\ncountry = "GB"',
        '[calendars.us]\ncountry = "US"',
        [Difference("calendars.us", ADDED), Difference("calendars.gb", REMOVED)],
    ),
    (
        "年末年始",
        "冬休み",
        [Difference("calendars.jp.closures[12-29..01-03].label", CHANGED, "年末年始", "冬休み")],
    ),
    (
        "12-29..01-03",
        "12-30..01-03",
        [
            Difference("calendars.jp.closures[12-29..01-03]", REMOVED),
            Difference("calendars.jp.closures[12-30..01-03]", ADDED),
        ],
    ),
    (
        "repeat_every = 12",
        "repeat_every = 4",
        [Difference("attention.repeat_every", CHANGED, 12, 4)],
    ),
    ("repeat_every = 12", "", []),
    ("repeat_every = 12", "repeat_every = 12\nseen_for = 10", []),
    (
        "repeat_every = 12",
        "repeat_every = 12\nseen_for = 6",
        [Difference("attention.seen_for", CHANGED, 10, 6)],
    ),
    ('default_active = "stable"', "", []),
    ('default_active = "stable"', 'zone = "Asia/Tokyo"', []),
    (
        'default_active = "stable"',
        'zone = "Asia/Seoul"',
        [Difference("pipelines[existing].zone", CHANGED, "Asia/Tokyo", "Asia/Seoul")],
    ),
    (
        'en = "Existing"',
        'en = "Customers"',
        [Difference("pipelines[existing].label.en", CHANGED, "Existing", "Customers")],
    ),
    ('label = "Won"', 'label = { ja = "Won", en = "Won" }', []),
    (
        'label = "Won"',
        'label = "Closed"',
        [Difference(f"{STAGES}[won].label", CHANGED, "Won", "Closed")],
    ),
    (
        'label = "Won"',
        'label = { ja = "受注", en = "Won" }',
        [Difference(f"{STAGES}[won].label.ja", CHANGED, "Won", "受注")],
    ),
    (
        ', definition = { ja = "危機", en = "Leaving" }',
        "",
        [
            Difference(
                f"{STAGES}[critical].definition", CHANGED, {"ja": "危機", "en": "Leaving"}, None
            )
        ],
    ),
    (
        (
            '  { id = "critical", kind = "active", health = "critical", label = "Critical", '
            'definition = { ja = "危機", en = "Leaving" } },\n'
        ),
        "",
        [Difference(f"{STAGES}[critical]", REMOVED)],
    ),
    (T1M_TEXT, "", [Difference(T1M, REMOVED)]),
    (T1M_TEXT, T1M_TEXT + T1M_TEXT.replace("t1m", "t2w"), [Difference("milestones[t2w]", ADDED)]),
    (
        'moves_to = "renewal"',
        "",
        [Difference("milestones[t3m].moves_to", CHANGED, "renewal", None)],
    ),
    (
        'offset = "-1 month"',
        (
            'offset = "-1 month"\ntell = ["owner"]\nasks = false\nseries = "t1m"\ntemplate = '
            '"t1m"\nrepeat_every = 12'
        ),
        [],
    ),
    (
        'offset = "-1 month"',
        'offset = "-1 month"\nrepeat_every = 0',
        [Difference(f"{T1M}.repeat_every", CHANGED, 12, 0)],
    ),
    (
        'offset = "-1 month"',
        'offset = "-1 month"\nseries = "end"',
        [Difference(f"{T1M}.series", CHANGED, "t1m", "end")],
    ),
    ('offset = "-1 month"', 'offset = "1か月前"', []),
    ('">= 1000000"', '">= 1,000,000"', []),
    (
        '">= 1000000"',
        '"> 1000000"',
        [Difference("milestones[t3m].where.amount", CHANGED, ">= 1000000", "> 1000000")],
    ),
    (
        '["critical"] }',
        '["stable"] }, country = "JP"',
        [
            Difference(
                "milestones[t3m].where.health", CHANGED, {"not": ["critical"]}, {"not": ["stable"]}
            ),
            Difference("milestones[t3m].where.country", ADDED, None, "JP"),
        ],
    ),
    (
        'amount = ">= 1000000", ',
        "",
        [Difference("milestones[t3m].where.amount", REMOVED, ">= 1000000")],
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), EDITS, ids=[f"{n}" for n in range(len(EDITS))])
def test_each_edit_is_said_as_a_person_would(
    old: str, new: str, expected: list[Difference]
) -> None:
    assert after((old, new)) == expected


def test_the_same_document_differs_in_nothing_also_after_a_way_through_the_database() -> None:
    for text in (POLICY, shipped_config()):
        assert differences(document(text), document(f"# a remark\n{text}")) == []


def test_the_machines_settings_are_no_part_of_the_policy() -> None:
    assert differences(document(), document(f'{POLICY}\n[machine]\nlog = "json"')) == []


RENEWAL = '{ id = "renewal", kind = "renewal", label = "Renewal" }'
RENAMED_STAGE = (
    RENEWAL,
    '{ id = "talks", was = ["renewal"], kind = "renewal", label = "Renewal" }',
)


@pytest.mark.parametrize("refers", ["renewal", "talks"])
def test_a_stage_under_another_id_is_renamed_and_what_refers_to_it_stays_the_same(
    refers: str,
) -> None:
    found = after(RENAMED_STAGE, ('moves_to = "renewal"', f'moves_to = "{refers}"'))
    assert found == [Difference(f"{STAGES}[talks]", RENAMED, "renewal", "talks")]


def test_what_else_differs_in_a_renamed_item_is_said_of_it() -> None:
    found = after(('id = "t1m"', 'id = "t30d"\nwas = ["t1m"]'), ('"-1 month"', '"-30 days"'))
    assert found == [
        Difference("milestones[t30d]", RENAMED, "t1m", "t30d"),
        Difference("milestones[t30d].offset", CHANGED, "-1 month", "-30 days"),
    ]


def test_without_was_it_is_removed_and_added() -> None:
    assert after(('id = "t1m"', 'id = "t30d"')) == [
        Difference(T1M, REMOVED),
        Difference("milestones[t30d]", ADDED),
    ]


def test_the_way_back_is_no_renaming_because_the_program_takes_it_for_none() -> None:
    found = differences(document(edited(RENAMED_STAGE)), document())
    assert found == [
        Difference(f"{STAGES}[talks]", REMOVED),
        Difference(f"{STAGES}[renewal]", ADDED),
    ]


def test_a_stage_that_takes_over_another_is_said_with_it() -> None:
    removed = edited(
        (
            (
                '  { id = "critical", kind = "active", health = "critical", label = "Critical", '
                'definition = { ja = "危機", en = "Leaving" } },\n'
            ),
            "",
        ),
        ('{ id = "stable", ', '{ id = "stable", was = ["critical"], '),
        ('["stable", "critical"]', '["stable", "stable"]'),
    )
    assert differences(document(), document(removed)) == [
        Difference(f"{STAGES}[stable]", MERGED, "critical", "stable")
    ]


def test_one_stage_for_two_is_the_first_renamed_and_the_second_taken_over() -> None:
    both = edited(
        ('{ id = "stable", ', '{ id = "live", was = ["stable", "critical"], '),
        (
            (
                '  { id = "critical", kind = "active", health = "critical", label = "Critical", '
                'definition = { ja = "危機", en = "Leaving" } },\n'
            ),
            "",
        ),
    )
    assert differences(document(), document(both)) == [
        Difference(f"{STAGES}[live]", RENAMED, "stable", "live"),
        Difference(f"{STAGES}[live]", MERGED, "critical", "live"),
    ]


def test_a_was_that_is_taken_out_later_is_a_difference() -> None:
    renamed, forgotten = (
        edited(RENAMED_STAGE),
        edited((RENEWAL, RENEWAL.replace('"renewal",', '"talks",'))),
    )
    without = forgotten.replace('moves_to = "renewal"', 'moves_to = "talks"')
    [found] = [
        d for d in differences(document(renamed), document(without)) if d.path.endswith(".was")
    ]
    assert found == Difference(f"{STAGES}[talks].was", CHANGED, ["renewal"], [])


def test_a_stage_of_the_same_id_in_another_pipeline_is_not_renamed_with_it() -> None:
    other = POLICY[POLICY.index("[[pipelines]]") : POLICY.index("[[milestones]]")].replace(
        '"existing"', '"other"'
    )
    base = POLICY.replace("[[milestones]]", f"{other}[[milestones]]", 1).replace(
        T1M_TEXT, T1M_TEXT.replace('"existing"', '"other"') + 'moves_to = "renewal"\n'
    )
    renamed = base.replace(*RENAMED_STAGE, 1).replace(
        'offset = "-1 month"\nmoves_to = "renewal"', 'offset = "-1 month"\nmoves_to = "talks"'
    )
    assert differences(document(base), document(renamed)) == [
        Difference(f"{STAGES}[talks]", RENAMED, "renewal", "talks"),
        Difference("milestones[t1m].moves_to", CHANGED, "renewal", "talks"),
    ]


def test_another_order_names_what_was_moved_and_no_more() -> None:
    first, second = POLICY.index("[[milestones]]"), POLICY.rindex("[[milestones]]")
    turned = POLICY[:first] + POLICY[second:] + POLICY[first:second]
    [found] = differences(document(), document(turned))
    assert (found.path, found.kind) in [("milestones[t3m]", MOVED), (T1M, MOVED)]
    lost = '  { id = "lost", kind = "lost", label = "Lost" },\n'
    moved = edited((lost, ""), ("stages = [\n", f"stages = [\n{lost}"))
    assert differences(document(), document(moved)) == [
        Difference(f"{STAGES}[lost]", MOVED, "won", None)
    ]


def test_what_comes_or_goes_in_between_moves_nothing() -> None:
    new = '  { id = "at_risk", kind = "active", health = "at_risk", label = "At risk" },\n'
    found = after(
        ('  { id = "stable"', f'{new}  {{ id = "stable"'),
        ('  { id = "lost", kind = "lost", label = "Lost" },\n', ""),
    )
    assert [d for d in found if d.kind is MOVED] == []


def stages_in(ids: list[str]) -> dict[str, Any]:
    return {
        "policy": {
            "pipelines": [
                {"id": "p", "stages": [{"id": id, "kind": "open", "label": id} for id in ids]}
            ]
        }
    }


def test_every_order_of_four_is_made_of_the_moves_that_are_named() -> None:
    """Taking out what moved, and putting each where it is said to stand, makes the other order; one
    fewer would not do."""
    old = list("abcd")
    for new in permutations(old):
        found = differences(stages_in(old), stages_in(list(new)))
        moved = {d.path[-2]: d for d in found}
        assert [id for id in old if id not in moved] == [id for id in new if id not in moved]
        stand_after = dict(zip(new, (None, *new), strict=False))
        stood_after = dict(zip(old, (None, *old), strict=False))
        assert {id: (d.old, d.new) for id, d in moved.items()} == {
            id: (stood_after[id], stand_after[id]) for id in moved
        }
        fewest = min(4 - len(kept) for kept in subsequences(old) if rising_in(kept, list(new)))
        assert len(moved) == fewest


def subsequences(items: list[str]) -> list[list[str]]:
    return [[x for n, x in enumerate(items) if mask >> n & 1] for mask in range(2 ** len(items))]


def rising_in(kept: list[str], order: list[str]) -> bool:
    return all(order.index(a) < order.index(b) for a, b in pairwise(kept))


TEMPLATE_EDITS = [
    (
        {"ja/x/ask.txt": "a\nb\n"},
        {},
        [Difference("templates ja/x/ask.txt", REMOVED, "a\nb\n", None, 2)],
    ),
    (
        {},
        {"ja/x/ask.txt": "a\nb\nc"},
        [Difference("templates ja/x/ask.txt", ADDED, None, "a\nb\nc", 3)],
    ),
    (
        {"t": "a\nb\nc\n"},
        {"t": "a\nX\nc\nd\n"},
        [Difference("templates t", CHANGED, "a\nb\nc\n", "a\nX\nc\nd\n", 2)],
    ),
    ({"t": "a"}, {"t": "a\n"}, [Difference("templates t", CHANGED, "a", "a\n", 1)]),
    ({"t": "a"}, {"t": "a"}, []),
]


@pytest.mark.parametrize(("old", "new", "expected"), TEMPLATE_EDITS)
def test_a_template_is_said_with_how_many_of_its_lines_differ(
    old: dict[str, str], new: dict[str, str], expected: list[Difference]
) -> None:
    found = differences(document(templates=old), document(templates=new))
    assert found == expected
    assert all(d.is_template for d in found)


def test_a_document_of_another_version_of_the_program_is_compared_all_the_same() -> None:
    old = {"policy": {"milestones": "none", "shout": True, "attention": {"loud": 3}}}
    new = {"policy": {"milestones": [], "attention": {"loud": 4}}}
    assert differences(old, new) == [
        Difference("milestones", CHANGED),
        Difference("attention.loud", CHANGED, 3, 4),
        Difference("shout", CHANGED, True, None),
    ]


LINES = [
    line
    for line in POLICY.splitlines()
    if " = " in line and "id =" not in line and "stages" not in line
]


@given(st.sets(st.sampled_from(LINES), max_size=4), st.sets(st.sampled_from(LINES), max_size=4))
def test_a_document_differs_from_itself_in_nothing_and_from_others_both_ways(
    left_out: set[str], others: set[str]
) -> None:
    one, other = (
        "\n".join(line for line in POLICY.splitlines() if line not in gone)
        for gone in (left_out, others)
    )
    assert differences(document(one), document(one)) == []
    there, back = (
        differences(document(one), document(other)),
        differences(document(other), document(one)),
    )
    assert {d.path for d in there} == {d.path for d in back}

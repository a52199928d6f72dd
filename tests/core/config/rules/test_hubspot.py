"""`[hubspot]`: stages of theirs lead to places of ours, read as a mapping file's are; each mistake is
told with its line."""

from datetime import timedelta

import pytest

from scheduler.core.config.advice import advice
from scheduler.core.config.export import exported
from scheduler.core.config.hubspot_text import line_text
from scheduler.core.config.reading import Config, content_hash
from scheduler.core.imports.placement import UNKNOWN_PROGRESS, Placement
from scheduler.core.policy.hubspot import HubSpotSettings, LinkedKind, StageRule
from scheduler.core.words.lexicon import Language
from tests.core.config.test_mistakes import FULL, RAW
from tests.core.config.test_reading import problems, read

BEFORE = FULL[: FULL.index("[hubspot]")]
MACHINE = FULL[FULL.index("[machine]") :]


def settings(table: str) -> HubSpotSettings | None:
    """What comes of a table in a file that is right otherwise."""
    config = read(BEFORE + table + MACHINE)
    assert isinstance(config, Config), config
    return config.policy.hubspot


def stages(*lines: str) -> str:
    return "\n".join(("[hubspot.stages]", *lines, ""))


def test_without_the_table_nothing_is_kept_in_step() -> None:
    assert settings("") is None


def test_a_table_of_stages_alone_has_the_rest_by_itself() -> None:
    found = settings(stages('"default/x" = "existing/stable"'))
    assert found is not None
    assert (found.every_seconds, found.overlap, found.push) == (60, timedelta(minutes=15), False)
    assert found.language is Language.JA, "the policy's"
    assert found.fields["title"] == "dealname"


def test_what_is_written_is_what_comes_out() -> None:
    config = read(FULL)
    assert isinstance(config, Config)
    found = config.policy.hubspot
    assert found is not None
    assert (found.language, found.push) == (Language.EN, True)
    assert found.fields["ends_on"] == "contract_end"
    assert found.fields["closed_on"] == "closedate"
    assert found.stages.rules == (
        StageRule(("default", "closedwon"), Placement("existing", bought=True)),
        StageRule(("default", "closedlost"), Placement("existing", "lost", "renewal")),
        StageRule(
            ("default", "8012"),
            Placement("existing", otherwise=Placement("second", "a"), due=True),
        ),
        StageRule(("default", "8013"), Placement("existing", "stable"), target=True),
    )


def fields(line: str) -> str:
    return f"[hubspot.fields]\n{line}\n" + stages('"default/x" = "existing/stable"')


def test_a_field_of_the_term_can_come_from_what_the_deal_is_linked_with() -> None:
    found = settings(
        fields('ends_on = "line_items/hs_end"\nterm = "line_items/hs_term"\nstarts_on = "start"')
    )
    assert found is not None
    assert found.linked == {LinkedKind.LINE_ITEMS: ("hs_end", "hs_term")}
    assert "start" in found.own_properties
    assert "line_items/hs_end" not in found.own_properties
    assert found.fields_from(LinkedKind.LINE_ITEMS) == ("ends_on", "term")
    left = found.without([LinkedKind.LINE_ITEMS])
    assert (left.linked, left.fields.get("ends_on")) == ({}, None)
    assert left.fields["starts_on"] == "start"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('ends_on = "line_item/hs_end"', "line_items"),
        ('amount = "line_items/amount"', "amount is read from the deal itself"),
        ('ends_on = "line_items/HS End"', "contracts/hs_end_date"),
        ('ends_on = "line_items/"', "contracts/hs_end_date"),
    ],
)
def test_what_is_wrong_with_a_linked_field_is_told_with_its_line(line: str, said: str) -> None:
    text = BEFORE + fields(line) + MACHINE
    (problem,) = problems(text)
    assert problem.path == f"hubspot.fields.{line.split(' =', maxsplit=1)[0]}"
    assert problem.line == 1 + text.splitlines().index(line)
    assert said in problem.text.en


@pytest.mark.parametrize(
    "theirs",
    [
        ("default", "Closed Won"),
        ("Sales / EU", "won/signed"),
        ("100%", "%2F"),
        (" led", "trailed "),
        ("受注 パイプライン", "成約／更新"),
    ],
)
def test_whatever_hubspot_calls_a_stage_can_be_written(theirs: tuple[str, str]) -> None:
    rule = StageRule(theirs, Placement("existing", "stable"))
    found = settings(stages(line_text(rule)))
    assert found is not None
    assert found.stages.rules == (rule,)


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ('"a/b" = "skip"', Placement("", skip=True)),
        ('"a/b" = "existing"', Placement("existing")),
        ('"a/b" = "existing/kick_off"', Placement("existing", "onboarding")),
        (
            '"a/b" = { to = "second/lost", after = "unknown" }',
            Placement("second", "lost", UNKNOWN_PROGRESS),
        ),
        (
            '"a/b" = { to = "existing/lost", after = "kick_off" }',
            Placement("existing", "lost", "onboarding"),
        ),
    ],
)
def test_a_line_says_a_place_as_in_a_mapping_file(line: str, place: Placement) -> None:
    found = settings(stages(line))
    assert found is not None
    assert found.stages.place(("a", "b")) == place


def test_an_empty_property_takes_a_field_out() -> None:
    found = settings('[hubspot]\nfields = { note = "" }\n' + stages('"a/b" = "existing"'))
    assert found is not None
    assert "note" not in found.fields


MISTAKES = [
    ('"a/b" = "existing/stabel"', 'hubspot.stages."a/b".to', 'did you mean "stable"?'),
    ('"a/b" = "exsting/stable"', 'hubspot.stages."a/b".to', "there is no stage"),
    ('"a/b" = ""', 'hubspot.stages."a/b"', "write e.g."),
    ('"a/b" = 7', 'hubspot.stages."a/b"', "write e.g."),
    ('"closedwon" = "existing"', "hubspot.stages.closedwon", "a slash"),
    ('"a/b/c" = "existing"', 'hubspot.stages."a/b/c"', "a slash"),
    (
        '"a/b" = { to = "existing/lost", after = "renewl" }',
        'hubspot.stages."a/b".after',
        'did you mean "renewal"?',
    ),
    (
        '"a/b" = { to = "existing", without_contract = "secnd/a" }',
        'hubspot.stages."a/b".without_contract',
        "there is no stage",
    ),
    (
        '"a/b" = { to = "existing", close_date = "ende" }',
        'hubspot.stages."a/b".close_date',
        'did you mean "end"?',
    ),
    (
        '"a/b" = { to = "existing", traget = true }',
        'hubspot.stages."a/b".traget',
        'did you mean "target"?',
    ),
    (
        '"a/b" = { to = "existing", target = true }',
        'hubspot.stages."a/b".target',
        "needs one of our stages",
    ),
    (
        '"a/b" = { to = "skip", target = true }',
        'hubspot.stages."a/b".target',
        "needs one of our stages",
    ),
]


@pytest.mark.parametrize(("line", "path", "says"), MISTAKES, ids=[m[1] for m in MISTAKES])
def test_a_mistake_in_a_line_is_told_with_its_line(line: str, path: str, says: str) -> None:
    text = BEFORE + stages(line) + MACHINE
    (problem,) = problems(text)
    assert problem.path == path
    assert problem.line == 1 + text.splitlines().index(line)
    assert says in problem.text.en


def test_two_lines_for_one_stage_are_told() -> None:
    lines = ('"a/won" = "existing/stable"', '"a/%77on" = "existing/lost"')
    (problem,) = problems(BEFORE + stages(*lines) + MACHINE)
    assert problem.path == 'hubspot.stages."a/%77on"'
    assert 'names the same stage as "a/won"' in problem.text.en
    assert "a/won" in problem.text.ja


def test_lines_that_differ_only_by_case_or_spaces_are_advised_against() -> None:
    lines = ('"A/Won deal" = "existing/stable"', '"a/wondeal" = "existing/stable"')
    config = read(BEFORE + stages(*lines, '"a/lost" = "existing/lost"') + MACHINE)
    assert isinstance(config, Config)
    said = [each for each in advice(config.policy) if "hubspot.stages" in each.en]
    assert ['"A/Won deal" and "a/wondeal" differ only' in each.en for each in said] == [True]
    assert "A/Won deal" in said[0].ja


def test_one_stage_of_theirs_in_each_pipeline_takes_our_move() -> None:
    marked = [
        f'"{theirs}" = {{ to = "existing/stable", target = true }}' for theirs in ("a/x", "b/y")
    ]
    assert settings(stages(*marked)) is not None
    (problem,) = problems(BEFORE + stages(*marked, marked[0].replace("a/x", "a/z")) + MACHINE)
    assert problem.path == 'hubspot.stages."a/z".target'
    assert "a/x is the target for existing/stable already" in problem.text.en


@pytest.mark.parametrize(
    ("head", "path"),
    [
        ("every_second = 60", "hubspot.every_second"),
        ("every_seconds = -1", "hubspot.every_seconds"),
        ("overlap_minutes = 0", "hubspot.overlap_minutes"),
        ('fields = { end_on = "x" }', "hubspot.fields.end_on"),
        ('fields = { ends_on = "Contract end" }', "hubspot.fields.ends_on"),
        ("push = 1", "hubspot.push"),
    ],
)
def test_a_mistake_in_a_setting_is_told(head: str, path: str) -> None:
    table = f"[hubspot]\n{head}\n" + stages('"a/b" = "existing"')
    found = problems(BEFORE + table + MACHINE)
    assert [p.path for p in found] == [path]


@pytest.mark.parametrize(
    ("head", "path", "words"),
    [
        ("create_renewals = true", "hubspot.create_renewals", "push = true"),
        (
            'push = true\ncreate_renewals = true\nfields = { ends_on = "closedate" }',
            "hubspot.fields.ends_on",
            "closedate is never written",
        ),
        (
            'push = true\ncreate_renewals = true\nfields = { notice = "contracts/notice" }',
            "hubspot.fields.notice",
            "contracts/notice is never written",
        ),
    ],
)
def test_next_terms_deals_are_made_only_where_all_of_a_term_can_be_written(
    head: str, path: str, words: str
) -> None:
    table = f"[hubspot]\n{head}\n" + stages('"a/b" = "existing"')
    (problem,) = problems(BEFORE + table + MACHINE)
    assert problem.path == path
    assert words in problem.text.en


def test_next_terms_deals_are_made_only_if_it_says_so() -> None:
    plain, made = "[hubspot]\npush = true\n", 'fields = { ends_on = "contract_end" }\n'
    without = settings(plain + stages('"a/b" = "existing"'))
    with_it = settings(f"{plain}create_renewals = true\n{made}" + stages('"a/b" = "existing"'))
    assert without is not None
    assert with_it is not None
    assert (without.create_renewals, with_it.create_renewals) == (False, True)


def test_a_broken_pipeline_is_not_told_twice() -> None:
    text = FULL.replace('{ id = "stable", kind', '{ id = "Stable", kind', 1)
    assert not [p for p in problems(text) if p.path.startswith("hubspot")]


def test_it_is_part_of_the_version_and_comes_back_from_it() -> None:
    assert content_hash(FULL, {}) != content_hash(BEFORE + MACHINE, {})
    policy = {name: value for name, value in RAW.items() if name != "machine"}
    again = read(exported(policy, "", MACHINE))
    config = read(FULL)
    assert isinstance(again, Config)
    assert isinstance(config, Config)
    assert again.policy == config.policy

"""The proposed table: read again it means the same, and the file around it stays as it is."""

import tomllib
from dataclasses import replace

import pytest

from scheduler.app.policy_building import holidays_of
from scheduler.app.shipped import shipped_config
from scheduler.core.config.hubspot_text import line_text, proposed_table, stage_text, with_table
from scheduler.core.config.reading import Config, read_config
from scheduler.core.imports.hubspot_stages import DEFAULTS, OLD_PIPELINE
from scheduler.core.imports.placement import UNKNOWN_PROGRESS, Placement
from scheduler.core.policy.hubspot import StageRule
from scheduler.core.sync.guesses import FieldGuess, Offered
from scheduler.core.sync.proposal import proposal
from scheduler.core.sync.stages import TheirPipeline, TheirStage
from scheduler.core.sync.values import PropertyType
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language

FILE = shipped_config()
KNOWN = TheirPipeline(
    "old",
    "旧パイプライン",
    tuple(TheirStage(f"s{n}", name) for n, name in enumerate((*OLD_PIPELINE, *DEFAULTS))),
)
ABOUT = Label("proposed")


def read(text: str) -> Config:
    found = read_config(text, "config.toml", holidays_of)
    assert isinstance(found, Config), found
    return found


@pytest.mark.parametrize("language", list(Language))
def test_read_again_it_means_what_was_proposed(language: Language) -> None:
    end = Offered("contract_end", ("満了日", "x"), PropertyType.DATE)
    found = proposal([KNOWN], read(FILE).policy, [end])
    assert len(found.stages.rules) == len(KNOWN.stages)
    table = proposed_table(found, [KNOWN], language, ABOUT)
    settings = read(with_table(FILE, table)).policy.hubspot
    assert settings is not None
    assert settings.stages == found.stages
    assert settings.fields["ends_on"] == "contract_end"
    assert (settings.push, settings.every_seconds) == (False, 0)


def test_a_property_that_nobody_calls_anything_else_has_no_comment() -> None:
    end = Offered("line_items/hs_end", ("",), PropertyType.DATE)
    found = replace(proposal([KNOWN], read(FILE).policy, []), fields=(FieldGuess("ends_on", end),))
    table = proposed_table(found, [KNOWN], Language.EN, ABOUT)
    assert 'ends_on = "line_items/hs_end"\n' in table


@pytest.mark.parametrize(
    ("place", "target", "text"),
    [
        (Placement("existing", "stable"), False, '"existing/stable"'),
        (Placement("existing", "stable"), True, '{ to = "existing/stable", target = true }'),
        (Placement("existing", bought=True), False, '{ to = "existing", bought = true }'),
        (Placement("existing", due=True), False, '{ to = "existing", close_date = "end" }'),
        (Placement("", skip=True), False, '"skip"'),
        (
            Placement("new_business", "lost", UNKNOWN_PROGRESS),
            False,
            '{ to = "new_business/lost", after = "unknown" }',
        ),
        (
            Placement("existing", otherwise=Placement("new_business", "qualified")),
            False,
            '{ to = "existing", without_contract = "new_business/qualified" }',
        ),
    ],
)
def test_each_kind_of_place_has_its_line(place: Placement, target: bool, text: str) -> None:
    rule = StageRule(("default", "1"), place, target)
    assert stage_text(rule) == text
    assert line_text(rule) == f'"default/1" = {text}'


def test_what_has_no_place_stands_as_a_comment_with_its_name() -> None:
    pipeline = TheirPipeline("p", "Sales", (TheirStage("1", "成約"), TheirStage("2", "Foo")))
    other = TheirPipeline("q", "Projects", (TheirStage("3", "Bar"),))
    found = proposal([pipeline, other], read(FILE).policy, ())
    lines = proposed_table(found, [pipeline, other], Language.EN, ABOUT).splitlines()
    assert any(line.startswith('# "p/2" = ""') and "Foo" in line for line in lines)
    assert any(
        line.startswith("# Projects: none of its stages has a name known here") for line in lines
    )


def test_candidates_stand_in_a_comment_with_their_labels() -> None:
    two = [Offered(n, (f"End {n}",), PropertyType.DATE) for n in ("end_a", "end_b")]
    found = proposal([KNOWN], read(FILE).policy, two)
    table = proposed_table(found, [KNOWN], Language.EN, ABOUT)
    assert '# ends_on = ""' in table
    assert "could be end_a (End end_a), end_b (End end_b)" in table
    assert "ends_on" not in tomllib.loads(table)["hubspot"]["fields"]


def test_a_name_cannot_leave_its_comment() -> None:
    evil = 'x\n[machine]\nlisten = "0.0.0.0:1"\r\x1b[2J\u2028'
    stages = (TheirStage("1", "成約"), TheirStage("2", evil))
    pipelines = [TheirPipeline("p", evil, stages), TheirPipeline("q", evil, (stages[1],))]
    found = proposal(pipelines, read(FILE).policy, ())
    table = proposed_table(found, pipelines, Language.EN, ABOUT)
    assert set(tomllib.loads(table)) == {"hubspot"}
    assert read(with_table(FILE, table)).machine == read(FILE).machine
    assert "\x1b" not in table


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_rest_of_the_file_stays_as_it_is(newline: str) -> None:
    file = FILE.replace("\n", newline)
    table = proposed_table(proposal([KNOWN], read(FILE).policy, ()), [KNOWN], Language.EN, ABOUT)
    new = with_table(file, table)
    inserted = table.replace("\n", newline) + newline
    assert new.replace(inserted, "", 1) == file
    assert new.count("\n") == new.count(newline)
    assert new.index("[hubspot]\n".replace("\n", newline)) < new.index("\n[machine]")
    assert "[machine]" in new[new.index(inserted) + len(inserted) :].split(newline)[2]


@pytest.mark.parametrize(
    ("file", "new"),
    [
        ("", "T\n"),
        ("a = 1", "a = 1\n\nT\n"),
        ("a = 1\n", "a = 1\n\nT\n"),
        ("a = 1\n\n", "a = 1\n\nT\n"),
        ("a = 1\n[machine]\n", "a = 1\n\nT\n\n[machine]\n"),
        ("[machine]\nb = 1\n", "T\n\n[machine]\nb = 1\n"),
        ("# c\n[machine]\n", "T\n\n# c\n[machine]\n"),
        ("a = 1\n\n# c\n  [ machine ]\n", "a = 1\n\nT\n\n# c\n  [ machine ]\n"),
        ("# [machine]\na = 1\n", "# [machine]\na = 1\n\nT\n"),
    ],
)
def test_the_table_stands_above_what_belongs_to_the_machine(file: str, new: str) -> None:
    assert with_table(file, "T\n") == new

"""Every story of tests/stories is lived by the stored sweep on SQLite and on PostgreSQL, and
foreseen by the projection: all must be as it says."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from scheduler.app.policy_building import holidays_of
from scheduler.app.shipped import shipped_config, shipped_stories, shipped_templates
from scheduler.app.story_world import StoryWorld, faults, story_world
from scheduler.core.config.reading import Config, read_config
from scheduler.core.stories.fault_words import origins, told_of
from scheduler.core.stories.reading import read_story
from scheduler.core.words.lexicon import Language

FOLDER = Path(__file__).parent / "stories"
STORIES = sorted(FOLDER.glob("*.toml"))


@pytest.fixture(scope="session")
def shipped() -> Config:
    """The configuration as shipped."""
    names = {path.split("/")[1] for path in shipped_templates() if path.count("/") >= 2}
    config = read_config(shipped_config(), "config.toml", holidays_of, template_names=names)
    assert isinstance(config, Config), config
    return config


@pytest.fixture(scope="session")
def sqlite_world(shipped: Config) -> Iterator[StoryWorld]:
    """One file for all stories."""
    with story_world(shipped.document) as world:
        yield world


@pytest.fixture(scope="session")
def postgresql_world(shipped: Config, postgres_url: str) -> Iterator[StoryWorld]:
    """One database for all stories."""
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE DATABASE stories TEMPLATE template0")
    with story_world(
        shipped.document,
        make_url(postgres_url).set(database="stories").render_as_string(hide_password=False),
    ) as world:
        yield world


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
@pytest.mark.parametrize("file", STORIES, ids=lambda file: file.stem)
def test_the_story_is_lived_as_it_is_told(
    file: Path, engine: str, request: pytest.FixtureRequest
) -> None:
    story = read_story(file.read_text("utf-8"), f"tests/stories/{file.name}")
    assert not isinstance(story, list), "\n".join(problem.shown(Language.EN) for problem in story)
    found = faults(request.getfixturevalue(f"{engine}_world"), story)
    assert not found, "\n".join(
        [
            f"{story.file}  {story.title}",
            *told_of(found, Language.EN, origins(shipped_config(), "config.toml")),
        ]
    )


SHIPPED = [(language, name) for language in Language for name in shipped_stories(language.value)]


@pytest.mark.parametrize(
    ("language", "name"), SHIPPED, ids=[f"{language.value}-{name}" for language, name in SHIPPED]
)
def test_the_shipped_policy_keeps_the_stories_that_init_writes(
    language: Language, name: str, sqlite_world: StoryWorld
) -> None:
    story = read_story(shipped_stories(language.value)[name], name)
    assert not isinstance(story, list), "\n".join(problem.shown(Language.EN) for problem in story)
    assert not (found := faults(sqlite_world, story)), "\n".join(told_of(found, Language.EN, {}))


MEASURED = """
[health]

[[health.measures]]
id = "logins"
label = { ja = "ログイン数", en = "logins" }
signal = "logins"
reads = "latest"
bands = [{ below = 20, points = 0 }, { points = 100 }]

[machine]"""


@pytest.fixture(scope="session")
def measured_world() -> Iterator[StoryWorld]:
    """The configuration as shipped, with health from signals."""
    text = shipped_config().replace("\n[machine]", MEASURED, 1)
    names = {path.split("/")[1] for path in shipped_templates() if path.count("/") >= 2}
    config = read_config(text, "config.toml", holidays_of, template_names=names)
    assert isinstance(config, Config), config
    with story_world(config.document) as world:
        yield world


@pytest.mark.parametrize("name", shipped_stories("en"))
def test_who_turns_health_on_breaks_no_story_that_init_has_written(
    name: str, measured_world: StoryWorld
) -> None:
    story = read_story(shipped_stories("en")[name], name)
    assert not isinstance(story, list)
    found = faults(measured_world, story)
    assert not found, "\n".join(told_of(found, Language.EN, {}))


def test_init_writes_the_same_twenty_in_both_languages() -> None:
    assert len(shipped_stories("en")) == 20
    assert shipped_stories("en").keys() == shipped_stories("ja").keys()


def test_the_examples_of_the_document_hold(sqlite_world: StoryWorld) -> None:
    examples = re.findall(
        r"```toml\n(.*?)```",
        (FOLDER.parents[1] / "docs" / "stories.md").read_text("utf-8"),
        re.DOTALL,
    )
    assert len(examples) == 2
    for text in examples:
        story = read_story(text, "docs/stories.md")
        assert not isinstance(story, list), story
        assert not (found := faults(sqlite_world, story)), "\n".join(
            told_of(found, Language.EN, {})
        )

"""Every story of tests/stories is lived by the stored sweep, and foreseen by the projection: both
must be as it says. All are lived on SQLite; on PostgreSQL those that say to the database what no
other has said, and with `--soak` all."""

import fcntl
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event, make_url

from scheduler.app.policy_building import holidays_of
from scheduler.app.shipped import shipped_config, shipped_stories, shipped_templates
from scheduler.app.story_world import StoryWorld, faults, story_world
from scheduler.core.config.reading import Config, read_config
from scheduler.core.stories.fault_words import origins, told_of
from scheduler.core.stories.reading import read_story
from scheduler.core.stories.story import Story
from scheduler.core.words.lexicon import Language
from tests.once import made_once

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


class Said:
    """What stories have said to the database in this run, in all of its processes: each statement
    with the kinds of its values, which is all that two databases may take differently."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._last: set[str] = set()

    @contextmanager
    def heard(self, engine: Engine) -> Iterator[None]:
        """Listens to one story."""
        self._last = set()
        event.listen(engine, "before_cursor_execute", self._hear)
        try:
            yield
        finally:
            event.remove(engine, "before_cursor_execute", self._hear)

    def _hear(self, _c: object, _cursor: object, statement: str, given: Any, *more: Any) -> None:
        words = " ".join(statement.split())
        self._last.update(f"{words} {_kinds(row)}" for row in (given if more[-1] else [given]))

    def anew(self) -> bool:
        """Whether the story said anything that none before it had said; it has from now on."""
        with self._file.open("r+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            new = self._last - set(file.read().splitlines())
            file.writelines(f"{line}\n" for line in sorted(new))
        return bool(new)


def _kinds(row: Mapping[str, Any] | Sequence[Any]) -> str:
    """The kinds of values given to a statement."""
    values = row.values() if isinstance(row, Mapping) else row
    return " ".join(type(value).__name__ for value in values)


@pytest.fixture(scope="session")
def said(tmp_path_factory: pytest.TempPathFactory) -> Said:
    """Nothing at first."""
    folder = made_once(tmp_path_factory, "said", lambda place: (place / "said").touch())
    return Said(folder / "said")


@pytest.mark.parametrize("file", STORIES, ids=lambda file: file.stem)
def test_the_story_is_lived_as_it_is_told(
    file: Path, sqlite_world: StoryWorld, request: pytest.FixtureRequest, said: Said
) -> None:
    story = read_story(file.read_text("utf-8"), f"tests/stories/{file.name}")
    assert not isinstance(story, list), "\n".join(problem.shown(Language.EN) for problem in story)
    with said.heard(sqlite_world.engine):
        _is_lived(sqlite_world, story)
    if said.anew() or request.config.getoption("--soak"):
        _is_lived(request.getfixturevalue("postgresql_world"), story)


def _is_lived(world: StoryWorld, story: Story) -> None:
    """The story is lived in this world as it is told."""
    found = faults(world, story)
    assert not found, "\n".join(
        [
            f"{story.file}  {story.title}, {world.engine.dialect.name}",
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

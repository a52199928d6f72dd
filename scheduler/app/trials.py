"""Stories tried on a working folder: under its configuration, a draft, or a planned edit; what an
edit breaks.

Always holds: nothing of the folder is touched; the folder's own stories are the `*.toml` of its
`stories/`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scheduler.app.story_world import faults, story_world
from scheduler.core.config.toml.syntax import not_utf8
from scheduler.core.stories.judging import StoryFault
from scheduler.core.stories.reading import read_story
from scheduler.core.stories.story import Story
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.problems import Problem

FOLDER = "stories"


class StoriesRefusedError(Exception):
    """Stories have mistakes; `problems` are all of them."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems in the stories")
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class StoryResult:
    """A story, and everything in which its life is not as it says."""

    story: Story
    faults: tuple[StoryFault, ...]


def files_of(folder: Path) -> list[Path]:
    """The folder's own stories."""
    return sorted((folder / FOLDER).glob("*.toml"))


def read_stories(files: Sequence[Path]) -> list[Story]:
    """The stories of files and folders. Raises StoriesRefusedError with every mistake of all of
    them, UserMustActError."""
    found: list[Story] = []
    problems: list[Problem] = []
    for file in (
        f for given in files for f in (sorted(given.glob("*.toml")) if given.is_dir() else [given])
    ):
        read = read_story(_text(file), str(file))
        if isinstance(read, list):
            problems += read
        else:
            found.append(read)
    if problems:
        raise StoriesRefusedError(problems)
    return found


def _text(file: Path) -> str:
    """What a file says. Raises UserMustActError."""
    try:
        return file.read_text("utf-8-sig")
    except FileNotFoundError:
        raise UserMustActError("there is no file {file}", file=file) from None
    except UnicodeDecodeError as error:
        wrong = not_utf8(error)
        raise UserMustActError(
            "{file}:{line}  {wrong}", file=file, line=wrong.line, wrong=wrong.text
        ) from None


def try_stories(stories: Sequence[Story], document: Mapping[str, Any]) -> Iterator[StoryResult]:
    """Each story lived under a policy's document, one after the other."""
    if stories:
        with story_world(document) as world:
            yield from (StoryResult(story, tuple(faults(world, story))) for story in stories)


@dataclass(frozen=True, slots=True)
class Trial:
    """What an edit does to the folder's stories: those that held until now and break, and those
    that did not hold before either."""

    tried: int
    broken: tuple[StoryResult, ...]
    failing_before: tuple[StoryResult, ...]


def try_edit(folder: Path, before: Mapping[str, Any], after: Mapping[str, Any]) -> Trial:
    """The folder's stories under an edit, and those that fail there under what is in force. Raises
    StoriesRefusedError."""
    stories = read_stories(files_of(folder))
    failing = [tried for tried in try_stories(stories, after) if tried.faults]
    old = {
        tried.story.file
        for tried in try_stories([t.story for t in failing], before)
        if tried.faults
    }
    broken = tuple(t for t in failing if t.story.file not in old)
    return Trial(len(stories), broken, tuple(t for t in failing if t.story.file in old))


class StoriesBrokenError(UserMustActError):
    """An edit breaks stories that held until now."""

    def __init__(self, broken: Sequence[StoryResult]) -> None:
        names = ", ".join(Path(t.story.file).name for t in broken)
        super().__init__(
            "{count} story that passed until now would fail: {names}; fix the edit or the story, "
            'or say why: --anyway "…"',
            many="{count} stories that passed until now would fail: {names}; fix the edit or the "
            'stories, or say why: --anyway "…"',
            count=len(broken),
            names=names,
        )
        self.broken = tuple(broken)


def _number(stories: int) -> str:
    return "1 story" if stories == 1 else f"{stories} stories"

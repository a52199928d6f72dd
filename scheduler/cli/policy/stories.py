"""`renewals test`: stories are lived under a configuration, and each says whether it holds; `plan`
and `apply` show what breaks in the same words.

Always holds: nothing of the folder, its database or anybody's inbox is touched.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.say import as_json, label, language, put, say, strong, tell, text
from scheduler.core.stories.fault_words import NOBODY, origins, told_of
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.core.words.reasons import word

if TYPE_CHECKING:
    from scheduler.app.trials import StoryResult
    from scheduler.core.stories.judging import StoryFault

Anyway = Annotated[
    str | None,
    typer.Option(
        "--anyway",
        metavar="NOTE",
        help=text("why the edit may break a story; kept with the version"),
    ),
]


def stories(
    here: CommandContext,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILES]…",
            help=text("stories, or folders of them (default: stories/)"),
        ),
    ] = None,
    *,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help=text("use this configuration (default: config.toml)"),
        ),
    ] = None,
) -> int:
    """Lives each story under the configuration, and says what came where it should not have, on
    which day, and which rule decided."""
    from scheduler.app.policy_building import holidays_of
    from scheduler.app.shipped import shipped_templates
    from scheduler.app.trials import FOLDER, files_of, read_stories, try_stories
    from scheduler.app.working_folder import WorkingFolder

    folder = WorkingFolder(here.folder, holidays_of, shipped_templates, config)
    read = folder.read()
    given = read_stories(files or files_of(here.folder))
    if not given:
        raise UserMustActError(
            (
                "there are no stories in {folder}; name some, or run `renewals init` for twenty "
                "to start with"
            ),
            folder=here.folder / FOLDER,
        )
    where = origins(folder.text(), str(folder.config_file))
    tried = []
    for story in _with_progress(given, try_stories(given, read.document), quiet=here.json):
        tried.append(story)
        if not here.json:
            _show(story, where)
    failed = sum(bool(t.faults) for t in tried)
    if here.json:
        as_json(
            {
                "stories": [_plain(t, where) for t in tried],
                "held": len(tried) - failed,
                "failed": failed,
            }
        )
    else:
        say(_summary(len(tried), failed))
    return 1 if failed else 0


def _with_progress(stories: Sequence[Any], trials: Any, *, quiet: bool) -> Any:
    """Counts on a terminal's standard error while the stories are lived."""
    shown = sys.stderr.isatty() and not quiet
    for n, tried in enumerate(trials, 1):
        if shown:
            print(f"\r{n}/{len(stories)} ", end="\r", file=sys.stderr, flush=True)
        yield tried


def _summary(number: int, failed: int) -> Label:
    """The words for how many stories hold."""
    if failed:
        stories = Label("{count} story", many="{count} stories", count=number)
        return Label(
            "{count} of {stories} fails",
            many="{count} of {stories} fail",
            count=failed,
            stories=stories,
        )
    return Label("{count} story passes", many="{count} stories pass", count=number)


def _show(tried: "StoryResult", where: Mapping[str, str]) -> None:
    """Shows one story: a line if it holds, else each fault."""
    sign = "✗" if tried.faults else "✓"
    put(f"{sign} {tried.story.file}  {tried.story.title}")
    for line in told_of(tried.faults, language(), where):
        put(line)


def _plain(tried: "StoryResult", where: Mapping[str, str]) -> dict[str, Any]:
    """For machines."""
    return {
        "file": tried.story.file,
        "title": tried.story.title,
        "holds": not tried.faults,
        "faults": [_fault(f, where) for f in tried.faults],
    }


def _fault(fault: "StoryFault", where: Mapping[str, str]) -> dict[str, Any]:
    """One fault, for machines."""
    came = [
        {
            "told": told,
            "decided_by": where.get(rule.partition("+")[0]),
            "because": word(because, language()) if because else None,
        }
        for told, rule, because in fault.came
    ]
    return {
        "on": fault.on,
        "line": fault.line or None,
        "what": label(fault.what),
        "came": came or [label(NOBODY)] if fault.came or fault.should else [],
        "should": [told for told, _ in fault.should] or ([label(NOBODY)] if fault.came else []),
    }


def show_trial(
    broken: Sequence["StoryResult"], before: Sequence["StoryResult"], where: Mapping[str, str]
) -> None:
    """Shows on standard error what an edit breaks, and what did not hold before it either."""
    for tried in broken:
        tell(Label.verbatim(strong(f"✗ {tried.story.file}  {tried.story.title}")))
        for line in told_of(tried.faults, language(), where):
            tell(Label.verbatim(line))
    if before:
        names = ", ".join(Path(t.story.file).name for t in before)
        tell("note: stories that failed before, too: {names}", names=names)

"""`renewals plan`, `renewals apply`, `renewals config rollback`: an edit is seen before it acts.

Always holds: `plan` changes nothing but that it is remembered; what `apply` and `rollback` put in
force is what was shown.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.policy.plan_shown import shown, tell_differences
from scheduler.cli.policy.stories import Anyway, show_trial
from scheduler.cli.terminal.reading import day_of
from scheduler.cli.terminal.say import as_json, say, tell, text
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.services.policy.in_force import FilePolicy
    from scheduler.services.policy.planning import Plan

Yes = Annotated[bool, typer.Option("--yes", "-y", help=text("do not ask", context="plan"))]
Until = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help=text("how far to look ahead (default: 90 days)"),
    ),
]


VersionNote = Annotated[
    str,
    typer.Option(
        "--note", metavar="TEXT", help=text("a note that the history keeps with the version")
    ),
]


def plan(
    here: CommandContext,
    *,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help=text("edited file (default: config.toml)"),
        ),
    ] = None,
    until: Until = None,
    backfill: Annotated[
        bool,
        typer.Option(
            "--backfill",
            help=text("let new milestones also tell people about days already past"),
        ),
    ] = False,
    anyway: Anyway = None,
) -> None:
    """Shows what an edit would do, compared with the policy in force; nothing is changed."""
    from scheduler.app.policy_edits.judged import refuse_broken_templates
    from scheduler.app.policy_edits.keeper import file_policy
    from scheduler.app.policy_edits.planned import last_day, plan_edit, read_edit
    from scheduler.app.ready import user

    with here.open() as app:
        edited, until_on = read_edit(app, config), last_day(app, day_of(until))
        refuse_broken_templates(edited.document)
        broken = _tried(app, edited.document, config or app.working_folder.config_file, anyway)
        more = {"anyway": anyway, "broken": broken} if broken else {}
        planned = plan_edit(
            app, file_policy(edited), until_on, user(), backfill=backfill, more=more
        )
        shown(app, planned, str(config or "config.toml"), as_json_too=here.json)
        if not here.json:
            say()
            say("To put it in force: renewals apply {id}", id=planned.plan.id)


def apply(
    here: CommandContext,
    plan: Annotated[
        str,
        typer.Argument(
            metavar="PLAN",
            help=text("the id that `renewals plan` showed"),
        ),
    ],
    *,
    anyway: Anyway = None,
    note: VersionNote = "",
) -> int:
    """Puts a plan in force, if it still does what it said and breaks no story."""
    with here.open() as app:
        found = _found(app, plan)
        agreed = anyway or found.summary.get("anyway")
        broken = _tried(
            app,
            found.document,
            None,
            agreed,
            found.summary.get("broken", ()) if anyway is None else None,
        )
        if broken:
            found = replace(found, summary={**found.summary, "anyway": agreed, "broken": broken})
        return _put_in_force(here, app, found, note)


def _tried(
    app: "App",
    document: Mapping[str, Any],
    file: Path | None,
    anyway: str | None,
    agreed: Sequence[str] | None = None,
) -> list[str]:
    """The stories of the folder that an edit breaks, by name. Raises StoriesBrokenError, unless
    somebody says why it may (`agreed`: break these)."""
    from scheduler.app.trials import StoriesBrokenError, try_edit
    from scheduler.core.stories.fault_words import origins

    app.keeper.refresh()
    current = app.keeper.in_force()
    assert current is not None
    if current.document == document:
        return []
    trial = try_edit(app.folder, current.document, document)
    where = origins(file.read_text("utf-8-sig"), str(file)) if file is not None else {}
    show_trial(trial.broken, trial.failing_before, where)
    names = [Path(tried.story.file).name for tried in trial.broken]
    if names and (not anyway or (agreed is not None and not set(names) <= set(agreed))):
        raise StoriesBrokenError(trial.broken)
    return names


def rollback(
    here: CommandContext,
    version: Annotated[
        int,
        typer.Argument(metavar="VERSION", help=text("the version to go back to")),
    ],
    *,
    until: Until = None,
    yes: Yes = False,
    note: VersionNote = "",
) -> int:
    """Puts what an earlier version said in force again, as a new version, after showing what that
    does."""
    from scheduler.app.policy_edits.planned import last_day, of_version, plan_edit
    from scheduler.app.ready import user

    with here.open() as app:
        file: FilePolicy = of_version(app, version)
        planned = plan_edit(app, file, last_day(app, day_of(until)), user(), goes_back=True)
        if not here.json:
            shown(app, planned, text("version {version}", version=version), as_json_too=False)
            say()
        if here.json and not yes:
            as_json({"plan": planned.plan.id, "version": None})
            return 2
        if not yes and not _agreed(version):
            say("nothing changed. To put it in force: renewals apply {id}", id=planned.plan.id)
            return 0
        return _put_in_force(here, app, planned.plan, note)


def _agreed(version: int) -> bool:
    """Whether whoever gave the command agrees; without a terminal nobody is asked, and nothing is
    done."""
    return sys.stdin.isatty() and typer.confirm(
        text("Go back to version {version}?", version=version)
    )


def _put_in_force(here: CommandContext, app: "App", plan: "Plan", note: str) -> int:
    """Applies, or says what has changed since it was planned."""
    from scheduler.app.policy_edits.planned import apply_edit
    from scheduler.app.ready import user
    from scheduler.services.policy.planning import PlanDiffersError

    try:
        number = apply_edit(app, plan, user(), note.strip())
    except PlanDiffersError as error:
        with app.plans.snapshot() as snapshot:
            tell_differences(error.came, error.went, app.policy, snapshot.names())
        raise
    if here.json:
        as_json({"plan": plan.id, "version": number})
        return 0
    say("version {number} is in force now; every machine that runs follows it", number=number)
    if app.working_folder.content_hash() != plan.hash:
        tell(
            (
                "note: {config_file} differs from it; to update the file: `renewals config "
                "export > new.toml`, then replace it with new.toml (see `renewals config diff`)"
            ),
            config_file=app.working_folder.config_file,
        )
    return 0


def _found(app: "App", id: str) -> "Plan":
    """The plan that is meant. Raises UserMustActError."""
    found = app.plans.plan(id) if id else None
    if found is None:
        open_plans = [
            p.id
            for p in app.plans.recent()
            if p.applied_version is None and p.base_version == app.policy.version
        ]
        alike = sorted(plan for plan in open_plans if id and plan.startswith(id))
        if len(alike) > 1:
            listed = ", ".join(alike)
            raise UserMustActError("several plans begin with {id}: {listed}", id=id, listed=listed)
        recent = ", ".join(open_plans)
        raise UserMustActError(
            "there is no plan {id!r}; {recent}",
            recent=(
                Label("the last ones: {recent}", recent=recent)
                if recent
                else Label("run `renewals plan` first")
            ),
            id=id,
        )
    return found

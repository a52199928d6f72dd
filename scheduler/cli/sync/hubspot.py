"""`renewals sync hubspot`: connects a HubSpot account and keeps the two in step.

Always holds: nothing is written to HubSpot or to `config.toml` before it was shown and agreed to.
"""

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.confirming import DryRun, Yes
from scheduler.cli.terminal.say import language, text
from scheduler.core.words.errors import UserMustActError

if TYPE_CHECKING:
    from scheduler.app.wiring import App


def hubspot(
    here: CommandContext,
    *,
    init: Annotated[
        bool,
        typer.Option(
            "--init",
            help=text("read the account and propose [hubspot] for config.toml"),
        ),
    ] = False,
    create: Annotated[
        bool,
        typer.Option("--create", help=text("create our properties in HubSpot")),
    ] = False,
    pipelines: Annotated[
        bool,
        typer.Option("--pipelines", help=text("with --create: our pipelines and stages, too")),
    ] = False,
    remove: Annotated[
        bool,
        typer.Option("--remove", help=text("remove what we created in HubSpot")),
    ] = False,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair", help=text("compare all deals with HubSpot and repair what differs")
        ),
    ] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> int:
    """Reads an account, proposes how its deals stand here, makes what we need there."""
    if remove and (init or create):
        raise UserMustActError("--remove removes what --create creates; use it on its own")
    if pipelines and not create:
        raise UserMustActError("--pipelines only works together with --create; give both")
    if here.json and init and create:
        raise UserMustActError(
            "--json gives one result; run --create and --init one after the other"
        )
    if repair and (init or create or remove):
        raise UserMustActError(
            "--repair compares deals that are already synchronised; use it on its own"
        )
    if remove:
        with closing(_open(here)) as app:
            return _taken_back(here, app, dry_run, yes)
    if repair:
        return _repaired(here, dry_run, yes)
    if not (init or create):
        return _round(here, dry_run)
    with closing(_open(here)) as app:
        return _connected(here, app, init, create, pipelines, dry_run, yes)


def _round(here: CommandContext, dry_run: bool) -> int:
    """Runs one round, now."""
    from scheduler.cli.sync.rounds import foreseen, one_round

    return foreseen(here) if dry_run else one_round(here)


def _repaired(here: CommandContext, dry_run: bool, yes: bool) -> int:
    """Compares all deals and repairs what differs."""
    from scheduler.cli.sync.repairing import repair

    return repair(here, dry_run=dry_run, yes=yes)


def _open(here: CommandContext) -> "App":
    """The folder, without its database."""
    from scheduler.app.wiring import App

    return App(here.folder, language(), here.as_of, here.env)


def _taken_back(here: CommandContext, app: "App", dry_run: bool, yes: bool) -> int:
    """Takes away what is ours there."""
    from scheduler.app.hubspot_account import account_setup
    from scheduler.cli.sync.removing import remove_there

    with account_setup(app) as setup:
        return remove_there(here, setup, dry_run=dry_run, yes=yes)


def _connected(
    here: CommandContext,
    app: "App",
    init: bool,
    create: bool,
    pipelines: bool,
    dry_run: bool,
    yes: bool,
) -> int:
    """Makes first, so that what was made is proposed."""
    from scheduler.app.hubspot_account import account_setup
    from scheduler.cli.sync.creating import create_there
    from scheduler.cli.sync.proposing import propose

    with account_setup(app) as setup:
        code = 0
        if create:
            code = create_there(here, setup, pipelines=pipelines, dry_run=dry_run, yes=yes)
        if init and (code == 0 or dry_run):
            code = max(code, propose(here, app, setup, dry_run=dry_run, yes=yes))
        return code

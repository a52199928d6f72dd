"""`renewals run`: the daemon; `--once` does everything that can be done now and ends; `--dry-run`
shows what that would be and changes nothing."""

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.context import CommandContext, New
from scheduler.cli.imports.bringing_in import finish_interrupted_loads
from scheduler.cli.terminal.say import forgive_output, tell, text
from scheduler.core.words.errors import UserMustActError

if TYPE_CHECKING:
    from scheduler.app.wiring import App


def run(
    here: CommandContext,
    *,
    once: Annotated[
        bool,
        typer.Option(
            "--once",
            help=text("do everything that can be done now, then stop"),
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help=text("change and send nothing; show what would be done"),
        ),
    ] = False,
    new: New = False,
) -> int:
    """Runs until SIGTERM or Ctrl-C; a second one ends at once. SIGHUP reads config.toml again."""
    if here.as_of is not None and not (once or dry_run):
        raise UserMustActError(
            "use --as-of only with --once or --dry-run; for a daemon time moves on"
        )
    if dry_run:
        from scheduler.cli.delivery.run_dry import dry_run as shown

        return shown(here)
    forgive_output()
    if once:
        from scheduler.cli.delivery.run_once import once as done

        return _attempt(here, new, done)
    from scheduler.daemon.liveness_endpoint import LivenessEndpoint
    from scheduler.daemon.serving import serve
    from scheduler.daemon.startup_retry import with_retries
    from scheduler.system import logs
    from scheduler.system.signals import Signals
    from scheduler.system.systemd import Notifier

    logs.set_up()
    with Signals().kept() as signals, LivenessEndpoint() as endpoint:
        daemon = partial(serve, signals=signals, endpoint=endpoint, leave=_leave_as_it_is)
        return with_retries(
            lambda: _attempt(here, new, daemon, endpoint.open),
            signals,
            Notifier(here.env),
            endpoint.waits,
        )


def _attempt(
    here: CommandContext,
    new: bool,
    work: "Callable[[App], int]",
    configured: "Callable[[App], None] | None" = None,
) -> int:
    """Opens the folder and works. A closed pipe among the channels is no closed output: only that
    of a reader ends a command with 0."""
    from scheduler.system import logs

    try:
        with Turn(configured) as turn, here.open(edits=True, new=new, configured=turn.begin) as app:
            logs.set_up(app.config.machine.log)
            _say_ways(app)
            turn.take(app)
            finish_interrupted_loads(app)
            return work(app)
    except BrokenPipeError as error:
        raise RuntimeError("a connection broke") from error


class Turn(ExitStack):
    """The turn of one daemon, taken before anything is opened that two could quarrel over, as the
    port that `configured` opens; a database that is yet to be made is there to be taken later."""

    def __init__(self, configured: "Callable[[App], None] | None") -> None:
        super().__init__()
        self._configured, self._taken = configured, False

    def begin(self, app: "App") -> None:
        """When config.toml is read. Raises StoreUnavailableError where another daemon runs."""
        from scheduler.app.ready import file_is_there

        if file_is_there(app.database_url):
            self.take(app)
        if self._configured is not None:
            self._configured(app)

    def take(self, app: "App") -> None:
        """Takes the turn, if it is not taken. Raises StoreUnavailableError likewise."""
        if not self._taken:
            self.enter_context(app.sole_daemon())
            self._taken = True


def _say_ways(app: "App") -> None:
    """Says loudly when nothing leaves this program."""
    from scheduler.core.messages.channels import first_variables
    from scheduler.core.words.lexicon import ChannelName

    if app.loopback_only:
        tell("this is a rehearsal database: messages go only to the preview and to this machine")
    if set(app.channels) == {ChannelName.PREVIEW}:
        tell(
            "note: no channel is configured ({variables}): messages stay in the database, see "
            "`renewals messages`",
            variables=first_variables(),
        )


def _leave_as_it_is(code: int) -> None:
    """Ends at once: closed in good order, SQLite would fold the journal of the database that is
    gone into whatever lies there now."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)

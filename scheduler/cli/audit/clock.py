"""`renewals clock accept`: a person confirms the time after the clock jumped, and the daemon goes
on."""

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.say import say
from scheduler.core.words.errors import UserMustActError


def accept(here: CommandContext) -> None:
    """Takes the present time for right, also if a later sweep is on record."""
    with here.open() as app:
        now = app.clock.now()
        last = app.keeping.last_sweep_at()
        if app.keeping.rehearsed() and last is not None and last > now:
            raise UserMustActError(
                "a rehearsal has moved this database into the future; for real work import into "
                "another folder"
            )
        app.keeping.accept(now)
    say("{now:%Y-%m-%d %H:%M} UTC is accepted as the right time; the daemon goes on", now=now)

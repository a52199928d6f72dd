"""The program on a folder that a round with HubSpot has yet to fill."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scheduler.cli.context import CommandContext

if TYPE_CHECKING:
    from scheduler.app.wiring import App


@contextmanager
def with_database(here: CommandContext, *, edits: bool = False) -> Iterator["App"]:
    """The program where there is a database; else says which command makes one. Raises
    UserMustActError."""
    from scheduler.app.ready import NotSetUpError

    try:
        with here.open(edits=edits) as app:
            yield app
    except NotSetUpError as error:
        raise NotSetUpError(
            "there is no database yet; the first round creates it: renewals sync hubspot"
        ) from error

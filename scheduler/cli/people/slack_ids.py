"""`renewals people slack-ids`: looks everybody without a Slack id up by e-mail and enters the
ids."""

from time import sleep
from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.say import as_json, label, say, table, tell, text
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.ports import DirectoryError

if TYPE_CHECKING:
    from scheduler.services.people.slack_ids import Directory, Match

SCOPE = "users:read.email"
_WHY = {
    "no_email": Label("no e-mail is known"),
    "not_found": Label("nobody on Slack has this e-mail"),
    "taken": Label("that id belongs to somebody else here"),
}


def slack_ids(
    here: CommandContext,
    *,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help=text("only look, save nothing")),
    ] = False,
) -> None:
    """Ids that were entered by hand stay as they are; the app needs the scope users:read.email for
    this."""
    from scheduler.services.people.slack_ids import enter, match

    with here.open(makes=False) as app:
        directory = app.slack_directory()
        found = match(app.worklist.everybody(), lambda email: _look_up(directory, email))
        entered = 0 if dry_run else enter(app.worklist, found)
    if here.json:
        as_json({"people": found, "entered": entered})
        return
    if not found:
        say("Everybody who is active has a Slack id.")
        return
    table(
        (text("Person"), text("E-mail"), "Slack", ""),
        [_row(one) for one in found],
    )
    if dry_run:
        say("Nothing was saved (--dry-run).")
    else:
        say("{count} Slack id was entered.", many="{count} Slack ids were entered.", count=entered)


def _row(one: "Match") -> tuple[str, str, str, str]:
    """The row of one person."""
    return one.name, one.email, one.slack_id or "—", label(_WHY[one.why_not]) if one.why_not else ""


def _look_up(directory: "Directory", email: str) -> str:
    """Asks Slack, waiting where it limits us. Raises UserMustActError with what to do."""
    while True:
        try:
            return directory.id_of(email)
        except DirectoryError as error:
            if error.wait is not None:
                tell("Slack limits our requests; waiting {wait:.0f} s", wait=error.wait)
                sleep(error.wait)
                continue
            if error.code == "missing_scope":
                raise UserMustActError(
                    (
                        "the app lacks the scope {scope}; add it under OAuth & Permissions and "
                        "install the app again (docs/slack.md)"
                    ),
                    scope=SCOPE,
                ) from None
            raise UserMustActError("Slack cannot be asked: {error}", error=error) from None

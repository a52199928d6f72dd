"""Preview, then yes or no: what every command that edits asks before it changes anything.

Always holds: on a terminal it is asked, and only a yes changes anything; elsewhere nothing is
changed without `--yes`, and the command says so. Only `release` and `retry`, which do nothing but
what their name says and are kept in scripts, go on where nobody can be asked.
"""

import sys
from dataclasses import dataclass
from typing import Annotated

import typer

from scheduler.cli.terminal.asking import asked
from scheduler.cli.terminal.say import tell, text
from scheduler.cli.terminal.who import By
from scheduler.core.words.errors import UserMustActError

Yes = Annotated[bool, typer.Option("--yes", "-y", help=text("do it without asking"))]
AtOnce = Annotated[bool, typer.Option("--yes", "-y", help=text("do not ask"))]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help=text("change nothing, show what would happen"),
    ),
]


@dataclass(frozen=True, slots=True)
class Consent:
    """Whether a change is made, only shown, or asked about, and who makes it: options of each
    command that edits."""

    yes: Yes = False
    dry_run: DryRun = False
    by: By = None

    def agreed(self, *, asks: bool) -> bool:
        """Whether to go on after the preview (`agreed`)."""
        return agreed(yes=self.yes, dry_run=self.dry_run, asks=asks)


_YES, _NO = frozenset(["y", "yes", "はい"]), frozenset(["n", "no", "いいえ"])


def agreed(*, yes: bool, dry_run: bool, asks: bool = True, unattended: bool = False) -> bool:
    """Whether to go on after the preview.

    `asks`: somebody may be asked (not beside JSON). `unattended`: where nobody can be, the command
    itself is the yes; otherwise that raises UserMustActError.
    """
    if dry_run:
        tell("a dry run: nothing was changed")
        return False
    if yes:
        return True
    if not (asks and sys.stdin.isatty()):
        if unattended:
            return True
        raise UserMustActError("nothing was changed yet; to do it add --yes")
    if asked(text("Do it (y/N)"), "N", _yes_or_no):
        return True
    tell("nothing was changed")
    return False


def _yes_or_no(written: str) -> bool:
    """The reply. Raises UserMustActError."""
    plain = written.strip().lower()
    if plain in _YES or plain in _NO:
        return plain in _YES
    raise UserMustActError("answer y or n")

"""`renewals import undo`, also for what was edited by hand: what an import made goes, what it
changed comes back.

Always holds: an edit is looked at and asked about before it is taken back, like every other edit;
the import of a file is undone when that is said.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.confirming import DryRun, Yes, agreed
from scheduler.cli.terminal.say import as_json, put, say, tell, text
from scheduler.cli.terminal.words import change_word

if TYPE_CHECKING:
    from scheduler.core.policy.policy import Policy
    from scheduler.services.imports.undo import Undone

_SHOWN = 20


def take_back(
    here: CommandContext,
    number: Annotated[
        int,
        typer.Argument(metavar="ID", help=text("the number of the import or change")),
    ],
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Undoes an import: what it made goes, what it changed comes back. An edit by hand is asked
    about first."""
    from scheduler.services.imports.undo import undo_import, was_by_hand

    with here.open(edits=True, makes=False) as app:
        if dry_run or was_by_hand(app.undoing, number):
            seen = undo_import(app.undoing, number, app.clock.now(), keep=False)
            if not here.json:
                _show(seen, app.policy)
            elif dry_run or not yes:
                as_json(seen)
            if not agreed(yes=yes, dry_run=dry_run, asks=not here.json):
                return
        undone = undo_import(app.undoing, number, app.clock.now(), parts=app.undoing_parts)
    if here.json:
        as_json(undone)
    else:
        _say(undone)


def _show(seen: "Undone", policy: "Policy") -> None:
    """Shows what would come back, on which contracts and people."""
    from scheduler.services.imports.undo import called

    name, file = called(seen.made), seen.made.file
    say("undoing {name} ({file}):", name=name, file=file)
    for contract in seen.gone[:_SHOWN]:
        say("  contract {contract}: removed", contract=contract)
    if seen.moved and seen.contracts > len(seen.gone):
        say("  the term that followed: removed")
    for moved in seen.moved[:_SHOWN]:
        about = " ".join(filter(None, (moved.contract, moved.customer)))
        line = f"  {about}  {change_word(moved, policy)}"
        put(line)
    more = sum(max(0, len(those) - _SHOWN) for those in (seen.gone, seen.moved))
    if more:
        say("  and {more} more", more=more)
    _contracts(seen)
    _left(seen)


def _contracts(seen: "Undone") -> None:
    """Says how much is undone."""
    if seen.signals:
        say("  signals taken back: {signals}", signals=seen.signals)
        return
    among = len({*seen.gone, *(moved.contract for moved in seen.moved if moved.contract)})
    if not seen.moved and not seen.gone:
        say(
            (
                "  removed: contracts {contracts}, customers {customers}, people {people}; "
                "rows put back: {restored}"
            ),
            contracts=seen.contracts,
            customers=seen.customers,
            people=seen.people,
            restored=seen.restored,
        )
    elif among > 1:
        say("contracts affected: {among}", among=among)


def _say(undone: "Undone") -> None:
    """Says what was done."""
    from scheduler.services.imports.undo import called

    name, file = called(undone.made), undone.made.file
    if undone.signals:
        say(
            "{name} ({file}) is undone: {signals} signals taken back; the values they had "
            "corrected count again",
            name=name,
            file=file,
            signals=undone.signals,
        )
    elif undone.moved or undone.gone:
        say("{name} ({file}) is undone", name=name, file=file)
    else:
        say(
            (
                "{name} ({file}) is undone: {contracts} contracts, {customers} customers, "
                "{people} people removed, {restored} rows put back, {cancelled_messages} "
                "unsent messages cancelled"
            ),
            name=name,
            file=file,
            contracts=undone.contracts,
            customers=undone.customers,
            people=undone.people,
            restored=undone.restored,
            cancelled_messages=undone.cancelled_messages,
        )
    _left(undone)


def _left(undone: "Undone") -> None:
    """Says that what was changed since stays."""
    if undone.left_count:
        names = ", ".join(filter(None, dict.fromkeys(undone.left)))
        tell(
            "{left_count} have been changed since then and stay as they are: {names}",
            left_count=undone.left_count,
            names=names,
        )

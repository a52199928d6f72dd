"""`renewals note CONTRACT "…"`: a note in a contract's story; it answers nothing and changes
nothing else."""

from typing import Annotated

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.deals.contract import Contract
from scheduler.cli.deals.life import not_found
from scheduler.cli.terminal.say import as_json, say, tell, text
from scheduler.cli.terminal.who import By, who
from scheduler.core.words.errors import UserMustActError


def note(
    here: CommandContext,
    contract: Contract,
    words: Annotated[str | None, typer.Argument(metavar="TEXT", help=text("the note"))] = None,
    *,
    undo: Annotated[bool, typer.Option("--undo", help=text("take the last note back"))] = False,
    by: By = None,
) -> None:
    """Keeps a note with a contract, or takes the last one back."""
    from scheduler.services.answers.answering_many import add_note, undo_note

    if (words is None) is not undo:
        raise UserMustActError("give the note, or --undo")
    with here.open(edits=True, makes=False) as app:
        person, name = who(app, by, here.env)
        if not app.listings.lives(contract):
            raise not_found(app, contract)
        now = app.clock.now()
        if words is None:
            deal, taken = undo_note(app.answering, contract, app.policy, now)
            number = None
        else:
            deal, number = add_note(app.answering, contract, words, app.policy, now, person, name)
            taken = " ".join(words.split())
    about = f"{deal.contract.customer.name} {deal.contract.number}"
    if here.json:
        as_json(
            {
                "contract": deal.contract.number,
                "deal": deal.id,
                "note": number,
                "text": taken,
                "by": name,
            }
        )
    elif number is None:
        say("{about}: the note is taken back: {taken}", about=about, taken=taken)
    else:
        say("{about}: noted: {taken}", about=about, taken=taken)
        tell("to take it back: renewals note {number} --undo", number=deal.contract.number)

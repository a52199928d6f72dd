"""`renewals show CONTRACT`: a contract in short. Who and what it is, where it stands, what happened
last, what comes next; the whole of the story is `renewals why`."""

from typing import Annotated

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.deals.life import head, lives_of, say_history, say_next, say_paused, title
from scheduler.cli.terminal.say import as_json, facts, language, put, say, text
from scheduler.core.deal.pauses import pause_of
from scheduler.services.deals.why import story

_LAST = 10
"""How many lines of what happened are told."""


def show(
    here: CommandContext,
    contract: Annotated[
        str,
        typer.Argument(
            metavar="CONTRACT",
            help=text("contract number, the customer's name, or '#deal'"),
        ),
    ],
) -> None:
    """Shows one contract with its dates, its deal and what happened last."""
    with here.open() as app:
        lives = lives_of(app, contract)
        policy, now = app.policy, app.clock.now()
        with app.paused() as look:
            pauses = look.standing(now)
    told = [(life, story(life, policy, now), pause_of(life.deal, pauses)) for life in lives]
    if here.json:
        as_json(
            [
                {
                    "life": life,
                    "health": of.health,
                    "upcoming": of.upcoming,
                    "question": of.question,
                    "paused": paused and paused.told(language()),
                }
                for life, of, paused in told
            ]
        )
        return
    for number, (life, of, paused) in enumerate(told):
        if number:
            say()
        put(title(of, life.deal.contract))
        facts(list(head(life, of, policy)))
        say_history(life, of, policy, _LAST)
        say_next(of, policy)
        say_paused(paused, policy)

"""Who gives a command: the colleague of that address or name, else the name as it is."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.terminal.say import text
from scheduler.core.words.errors import UserMustActError

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.core.deal.people import Person

By = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="EMAIL",
        help=text("who is doing this (default: RENEWALS_USER, else the OS user)"),
    ),
]

PersonArgument = Annotated[
    str, typer.Argument(metavar="PERSON", help=text("name or e-mail, or a part of it"))
]


def who(app: "App", given: str | None, env: Mapping[str, str]) -> "tuple[Person | None, str]":
    """(the person, the name to record). Raises UserMustActError where whoever is named (`given`,
    else RENEWALS_USER) is nobody or several."""
    from scheduler.app.ready import named_user, user

    by = given or named_user(env)
    wanted = by or user()
    found = app.listings.persons(wanted)
    if by and len(found) > 1:
        emails = ", ".join(p.email or "—" for p in found)
        raise UserMustActError(
            "several people are called {by}; name one by e-mail: {emails}", by=by, emails=emails
        )
    if by and not found:
        raise UserMustActError(
            "there is nobody called {by}; `renewals people` lists everybody", by=by
        )
    person = found[0] if len(found) == 1 else None
    return person, person.name if person else wanted

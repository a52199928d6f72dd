"""`renewals people feed NAME`: gives somebody the secret address of their calendar, a new one, or
none."""

from secrets import token_urlsafe
from shlex import quote
from typing import Annotated

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.say import as_json, put, say, tell, text
from scheduler.core.words.errors import UserMustActError


def feed(
    here: CommandContext,
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help=text("the person's name or e-mail")),
    ],
    *,
    renew: Annotated[
        bool,
        typer.Option(
            "--renew",
            help=text("a new address; the old one stops working"),
        ),
    ] = False,
    off: Annotated[bool, typer.Option("--off", help=text("switch the feed off"))] = False,
) -> None:
    """Prints the address once: only a hash of its secret is kept."""
    from scheduler.services.answers.calendar_feed import hash_of

    if renew and off:
        raise UserMustActError("use either --renew or --off")
    with here.open() as app:
        found = app.listings.persons(name)
        if len(found) > 1:
            emails = ", ".join(p.email or p.name for p in found)
            raise UserMustActError(
                "several people are called {name}; say which: {emails}", name=name, emails=emails
            )
        person = next(iter(found), None)
        if person is None:
            raise UserMustActError(
                "there is nobody called {name}; `renewals people` lists everybody", name=name
            )
        if off:
            app.feeds.keep_secret(person.id, None)
            if here.json:
                as_json({"person": person.id, "name": person.name, "address": None})
            else:
                say("{person_name} has no calendar feed any more.", person_name=person.name)
            return
        base_url = app.config.machine.base_url
        if not base_url:
            raise UserMustActError(
                "set base_url and listen under [machine] in config.toml, so that the feed can "
                "be reached"
            )
        if app.feeds.has_feed(person.id) and not renew:
            raise UserMustActError(
                (
                    "{person_name} has an address already, but it cannot be shown again (only "
                    "its hash is stored); for a new one: renewals people feed {quote} --renew"
                ),
                person_name=person.name,
                quote=quote(name),
            )
        secret = token_urlsafe(32)
        app.feeds.keep_secret(person.id, hash_of(secret))
    address = f"{base_url.rstrip('/')}/calendar/{secret}.ics"
    if here.json:
        as_json({"person": person.id, "name": person.name, "address": address})
        return
    put(address)
    tell(
        ("Only for {person_name}; keep it secret. Managers can add ?team=1 to see the whole team."),
        person_name=person.name,
    )

"""`renewals people feed NAME`: gives somebody the secret address of his calendar, a new one, or
none."""

from secrets import token_urlsafe
from shlex import quote
from typing import Annotated

import typer

from scheduler.cli.context import Here
from scheduler.cli.say import as_json, say, tell, text
from scheduler.core.words.errors import UserMustActError


def feed(
    here: Here,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help=text("担当者の名前またはメール", "the person's name or e-mail")
        ),
    ],
    *,
    renew: Annotated[
        bool,
        typer.Option(
            "--renew",
            help=text(
                "新しいアドレスにする(古いものは無効)", "a new address; the old one stops working"
            ),
        ),
    ] = False,
    off: Annotated[
        bool, typer.Option("--off", help=text("配信をやめる", "switch the feed off"))
    ] = False,
) -> None:
    """Prints the address once: only a hash of its secret is kept."""
    from scheduler.services.answers.feed import hash_of

    if renew and off:
        raise UserMustActError(
            "--renew と --off は一緒に使えません。", "use either --renew or --off"
        )
    with here.open() as app:
        found = app.listings.persons(name)
        if len(found) > 1:
            emails = ", ".join(p.email or p.name for p in found)
            raise UserMustActError(
                f"「{name}」は複数います。メールで指定してください：{emails}",
                f"several people are called {name}; say which: {emails}",
            )
        person = next(iter(found), None)
        if person is None:
            raise UserMustActError(
                f"「{name}」という担当者はいません。一覧：renewals people",
                f"there is nobody called {name}; `renewals people` lists everybody",
            )
        if off:
            app.feeds.keep_secret(person.id, None)
            if here.json:
                as_json({"person": person.id, "name": person.name, "address": None})
            else:
                say(
                    f"{person.name}さんのカレンダー配信をやめました。",
                    f"{person.name} has no calendar feed any more.",
                )
            return
        base_url = app.config.machine.base_url
        if not base_url:
            raise UserMustActError(
                (
                    "カレンダーを配信するには、config.toml の [machine] に base_url と listen "
                    "を設定してください。"
                ),
                (
                    "set base_url and listen under [machine] in config.toml, so that the feed can "
                    "be reached"
                ),
            )
        if app.feeds.has_feed(person.id) and not renew:
            raise UserMustActError(
                (
                    f"{person.name}さんのアドレスは発行済みで、控えはありません。再発行：renewals "
                    f"people feed {quote(name)} --renew"
                ),
                (
                    f"{person.name} has an address already, of which only a hash is kept; for a "
                    f"new one: renewals people feed {quote(name)} --renew"
                ),
            )
        secret = token_urlsafe(32)
        app.feeds.keep_secret(person.id, hash_of(secret))
    address = f"{base_url.rstrip('/')}/calendar/{secret}.ics"
    if here.json:
        as_json({"person": person.id, "name": person.name, "address": address})
        return
    say(address, address)
    tell(
        (
            f"{person.name}さん専用のアドレスです。ほかの人に見せないでください(上長は末尾に "
            "?team=1 を付けるとチーム全体)。"
        ),
        f"For {person.name} alone; keep it secret. A manager adds ?team=1 for the whole team.",
    )

"""`renewals ready`: whether this folder's daemon does its work, for a container's or a cluster's
health check.

Always holds: exit code 0 if nudges go out, 1 with the reasons if not, the first what waits for a
person (a restored copy, a pause of everything); nothing is changed.
"""

from http.client import HTTPConnection, HTTPException
from json import loads
from typing import Any

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.say import as_json, language, say, tell
from scheduler.core.machine.liveness import DaemonTrouble, Facts, Trouble, decided, late
from scheduler.core.words.lexicon import Language

_SECONDS = 8.0
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def ready(here: CommandContext) -> int:
    """Asks the daemon at `[machine] health_listen`; where it does not listen, goes by the last
    sweep that the database knows of."""
    with here.open() as app:
        address = app.config.machine.health_listen
        facts = app.liveness_rows.facts()
        because = _first(
            [
                *map(_told, decided(facts)),
                *(_asked(address) if address else _swept(facts, app.config.machine.sweep_seconds)),
            ]
        )
        with app.paused() as look:
            paused = look.standing(facts.now)
    if here.json:
        as_json({"ready": not because, "because": because, "paused": paused})
        return 1 if because else 0
    for pause in paused if not facts.paused else ():
        tell("paused: {what}", what=pause.what)
    if not because:
        say("Ready: nudges go out.")
    for reason in because:
        tell("not ready: {words}", words=_said(reason))
    return 1 if because else 0


def _asked(address: str) -> list[dict[str, Any]]:
    """Asks the daemon what is wrong."""
    from scheduler.core.config.addresses import host_and_port

    host, port = host_and_port(address)
    connection = HTTPConnection(_ANY.get(host, host), port, timeout=_SECONDS)
    try:
        connection.request("GET", "/readyz")
        found: list[dict[str, Any]] = loads(connection.getresponse().read(65_536))["because"]
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return [_told(DaemonTrouble(Trouble.STOPPED))]
    finally:
        connection.close()
    return found


def _swept(facts: Facts, sweep_seconds: float) -> list[dict[str, Any]]:
    """Finds out whether a sweep is late, as far as the database knows."""
    return [_told(trouble) for trouble in late(facts, sweep_seconds)]


def _told(trouble: DaemonTrouble) -> dict[str, Any]:
    """A problem in the form in which the daemon reports it."""
    return {"what": trouble.kind.value, **{x.value: trouble.says.of(x) for x in Language}}


def _first(because: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each reason once, also where the daemon names it again."""
    return [reason for number, reason in enumerate(because) if reason not in because[:number]]


def _said(reason: dict[str, Any]) -> str:
    """The words for one reason, with the job it is about."""
    job = f" ({reason['job']})" if reason.get("job") else ""
    return str(reason.get(language().value) or reason.get("en")) + job

"""`renewals ready`: whether this folder's daemon does its work, for a container's or a cluster's health check.

Always holds: exit code 0 if nudges go out, 1 with the reasons if not; nothing is changed.
"""

from http.client import HTTPConnection, HTTPException
from json import loads
from typing import TYPE_CHECKING, Any

from scheduler.cli.context import Here
from scheduler.cli.say import as_json, say, tell, text

if TYPE_CHECKING:
    from scheduler.wiring import App

_SECONDS = 8.0
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def ready(here: Here) -> int:
    """Asks the daemon at `[machine] health_listen`; where it does not listen, goes by the last sweep that the database knows of."""
    with here.open() as app:
        address = app.config.machine.health_listen
        because = _asked(address) if address else _swept(app)
    if here.json:
        as_json({"ready": not because, "because": because})
    elif not because:
        say("準備完了：リマインドは出ています。", "Ready: nudges go out.")
    for reason in because if not here.json else ():
        tell(f"準備未完了：{_said(reason)}", f"not ready: {_said(reason)}")
    return 1 if because else 0


def _asked(address: str) -> list[dict[str, Any]]:
    """What the daemon says is wrong."""
    from scheduler.core.config.addresses import host_and_port
    from scheduler.core.health import SAYS, Trouble

    host, port = host_and_port(address)
    connection = HTTPConnection(_ANY.get(host, host), port, timeout=_SECONDS)
    try:
        connection.request("GET", "/readyz")
        found: list[dict[str, Any]] = loads(connection.getresponse().read(65_536))["because"]
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        stopped = SAYS[Trouble.STOPPED]
        return [{"what": Trouble.STOPPED.value, "ja": stopped.ja, "en": stopped.en}]
    finally:
        connection.close()
    return found


def _swept(app: "App") -> list[dict[str, Any]]:
    """Whether a sweep is late, as far as the database knows."""
    from scheduler.core.health import SAYS, Trouble, sweep_is_late

    late, says = sweep_is_late(app.health_rows.facts(), app.config.machine.sweep_seconds), SAYS[Trouble.SWEEP]
    return [{"what": Trouble.SWEEP.value, "ja": says.ja, "en": says.en}] if late else []


def _said(reason: dict[str, Any]) -> str:
    """One reason, with the job it is about."""
    job = f" ({reason['job']})" if reason.get("job") else ""
    return text(str(reason.get("ja")), str(reason.get("en"))) + job

"""A copy that was restored and waits: nothing is done, and how to go on is said."""

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scheduler.cli.terminal.say import say

if TYPE_CHECKING:
    from scheduler.app.wiring import App


def waits(app: "App") -> bool:
    """Whether this is a restored backup; then nothing is done, and how to go on is said."""
    from scheduler.services.audit.restored import as_since

    restored = app.restored.restored()
    if restored is not None:
        since = as_since(restored.until_at, ZoneInfo(app.policy.zone))
        say(
            (
                "Nothing was done, because the database was restored from a copy and nobody has "
                "said yet from when to send. See `renewals release`; to go on: renewals release "
                "--since {since}"
            ),
            since=since,
        )
    return restored is not None

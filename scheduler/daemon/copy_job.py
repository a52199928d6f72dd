"""The copy of the night, once it is time."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scheduler.core.config.fields import clock_time
from scheduler.core.time.dates import local_day, send_instant
from scheduler.core.words.labels import Label
from scheduler.daemon.admins import Admins
from scheduler.daemon.shared_delivery import Stop
from scheduler.ports import StoreUnavailableError
from scheduler.system.logs import log

if TYPE_CHECKING:
    from scheduler.app.wiring import App

_COPY_AGAIN = timedelta(hours=1)


class CopyJob:
    """Makes the copies of one App's database."""

    def __init__(self, app: "App", admins: Admins) -> None:
        self._app, self._admins = app, admins
        self._not_before = app.clock.now()

    def step(self, stop: Stop) -> bool:
        """The copy of the night, once it is time; where it cannot be made, the log says so, the
        admins once a day, and it is tried again hourly."""
        nightly, now, zone = (
            self._app.nightly,
            self._app.clock.now(),
            ZoneInfo(self._app.policy.zone),
        )
        today = local_day(now, zone)
        if nightly is None or now < max(
            send_instant(today, clock_time(self._app.config.machine.backup_at), zone),
            self._not_before,
        ):
            return False
        if nightly.has(today):
            return False
        try:
            copy = nightly.make(today)
        except (StoreUnavailableError, OSError) as error:
            self._not_before = now + _COPY_AGAIN
            self._no_copy(error, today, now)
        else:
            log().info("backup made", file=str(copy), bytes=copy.stat().st_size)
        return False

    def _no_copy(self, error: Exception, today: date, now: datetime) -> None:
        """Tonight's copy could not be made."""
        why = (
            error.label if isinstance(error, StoreUnavailableError) else Label.verbatim(str(error))
        )
        log().error("no backup could be made", because=why.en)
        title = Label("the nightly copy of the database could not be made")
        todo = Label(
            "Check the free space on the disk and [machine] backups. The copy is tried again "
            "every hour; nothing else is affected."
        )
        self._admins.tell(f"backup:{today}", title, why, todo, now)

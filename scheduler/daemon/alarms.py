"""What the admins are told beside the queue, because the queue stands still: the clock is doubted,
the database is an older copy, gone, or a newer program's.

Always holds: whom an alarm did not reach is tried again, less and less often.
"""

from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from scheduler.core.rules.routing import destination_of_address
from scheduler.core.words.keys import stable_key
from scheduler.core.words.labels import Label
from scheduler.daemon.shared_delivery import SharedDelivery, Stop
from scheduler.ports import Envelope, NotSent
from scheduler.services.delivery.alerts import alert
from scheduler.system.logs import log

if TYPE_CHECKING:
    from scheduler.app.wiring import App

PAUSE_TICKS = 31
_DOUBTED = Label("this machine's clock looks wrong, so sweeping and sending have stopped")
_RESTORED = Label("the database is an older copy, so nothing is sent")
_GONE = Label("the daemon has stopped: it cannot go on with its database")


@dataclass(frozen=True, slots=True)
class _Alarm:
    """A doubt of the clock or of the database, and the admins who have not heard of it (None: all).
    After a try that did not reach everybody it rests for `pause` ticks, of which `rest` are
    left."""

    doubt: Label
    admins: tuple[str, ...] | None = None
    pause: int = 0
    rest: int = 0
    title: Label = _DOUBTED


class Alarms:
    """The alarms that not every admin has heard of yet."""

    def __init__(self, app: "App", shared: SharedDelivery) -> None:
        self._app, self._shared = app, shared
        self._alarms: SimpleQueue[_Alarm] = SimpleQueue()

    def doubted(self, doubt: Label) -> None:
        """The clock is doubted."""
        self._alarms.put(_Alarm(doubt))

    def restored(self, notice: Label) -> None:
        """The database is a copy that was put back."""
        self._alarms.put(_Alarm(notice, title=_RESTORED))

    def step(self, stop: Stop) -> bool:
        """Tells the admins at once what must not wait for the queue, and tries again with those it
        did not reach; returns whether there may be more."""
        try:
            alarm = self._alarms.get_nowait()
        except Empty:
            return False
        if alarm.rest:
            self._alarms.put(replace(alarm, rest=alarm.rest - 1))
            return False
        unreached = [
            a
            for a in (self._app.policy.admins if alarm.admins is None else alarm.admins)
            if not self._told(alarm.title, alarm.doubt, a)
        ]
        if unreached:
            pause = min(2 * alarm.pause + 1, PAUSE_TICKS)
            self._alarms.put(replace(alarm, admins=tuple(unreached), pause=pause, rest=pause))
        return not unreached

    def database_gone(self, what: Label) -> None:
        """The database is gone, or a newer program's, and the daemon about to end: every admin is
        tried once, beside the queue, which is gone too."""
        for address in self._app.policy.admins:
            try:
                self._told(_GONE, what, address)
            except Exception as error:
                log().error("admin not told", address=address, because=str(error))

    def _told(self, title: Label, text: Label, address: str) -> bool:
        """Tells one admin; False if it certainly did not reach them and may the next time."""
        delivery, policy = self._shared.now(), self._app.policy
        key, facts = alert(f"at_once:{text.en}", policy.language, title, text, Label(""))
        destination = destination_of_address(address, tuple(delivery.channels))
        channel = delivery.channels[destination[0]]
        if delivery.loopback_only and not channel.is_loopback():
            return True
        rendered = delivery.renderer.render(
            "alert", {"recipient": "", **facts}, policy.language, destination[0]
        )
        outcome = channel.send(
            Envelope(stable_key(key, address), *destination, policy.language, rendered),
            delivery.send_seconds,
        )
        log().warning(
            "admin told at once", what=title.en, address=address, outcome=type(outcome).__name__
        )
        return not isinstance(outcome, NotSent) or outcome.permanent

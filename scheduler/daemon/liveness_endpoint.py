"""What watches a daemon is answered from its first moment: before it is at work it is alive and not
ready, and says what it waits for.

Always holds: where `[machine] health_listen` is not set nothing is opened, nor imported; one
listener answers until the end, whoever judges.
"""

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self

from scheduler.core.machine.liveness import DaemonTrouble, Trouble
from scheduler.ports import StoreUnavailableError

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.inbound.web.listener import Listener
    from scheduler.services.audit.liveness import DaemonHealth
    from scheduler.services.audit.measuring import Measures


class LivenessEndpoint:
    """One daemon's, within a `with` block. `listener`: who answers, None where nobody does."""

    def __init__(self) -> None:
        self.listener: Listener | None = None
        self._address = ""
        self._open = ExitStack()
        self._waits_for = Trouble.STARTING
        self._health: DaemonHealth | None = None
        self._measures: Callable[[], Measures] | None = None
        self._begun = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def open(self, app: "App") -> None:
        """Answers at the address that config.toml names, if it names one; an attempt later it may
        be another. Raises UserMustActError."""
        address = app.config.machine.health_listen
        if address == self._address:
            return
        self._open.close()
        self._address, self.listener = "", None
        if address:
            self.listener = self._open.enter_context(app.health_listener(self, self.measures))
        self._address = address

    def waits(self) -> None:
        """Notes that the database cannot be reached and is waited for."""
        self._waits_for = Trouble.WAITING

    def hand_over(self, health: "DaemonHealth", measures: "Callable[[], Measures]") -> None:
        """From its first look on, the daemon itself says how it is doing."""
        self._health, self._measures = health, measures

    def dead(self) -> list[DaemonTrouble]:
        """What a restart would fix: nothing before the daemon is at work, or it would be killed in
        the middle of an upgrade."""
        health = self._at_work()
        return health.dead() if health is not None else []

    def unready(self) -> list[DaemonTrouble]:
        """Why nudges do not go out as they should."""
        health = self._at_work()
        return health.unready() if health is not None else [DaemonTrouble(self._waits_for)]

    def measures(self) -> "Measures":
        """The figures. Raises StoreUnavailableError before there are any."""
        if self._measures is None:
            raise StoreUnavailableError("the daemon is not working yet")
        return self._measures()

    def _at_work(self) -> "DaemonHealth | None":
        """The daemon's own judgement, once it has looked after everything for the first time."""
        health = self._health
        if health is not None and not self._begun:
            self._begun = health.vitals().idle_seconds is not None
        return health if self._begun else None

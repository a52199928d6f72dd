"""Whether the daemon may sweep, form and send at all.

Always holds: a restored backup and an unfinished import are logged once, when they begin to hold it
and when they end; a newer program ends the daemon, which says so.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from scheduler.app.ready import held_notice, without_note
from scheduler.core.words.labels import Label
from scheduler.daemon.alarms import Alarms
from scheduler.services.audit.restored import Restored
from scheduler.services.imports.unfinished import UnfinishedImport
from scheduler.system.logs import log

if TYPE_CHECKING:
    from scheduler.app.wiring import App


class DaemonHold:
    """The reasons that hold the daemon, as last looked at."""

    def __init__(self, app: "App", alarms: Alarms) -> None:
        self._app, self._alarms = app, alarms
        self._restored: Restored | None = None
        self._importing: UnfinishedImport | None = None
        self._outgrown: Label | None = None

    def cannot_go_on(self, gone: Callable[[], Label | None]) -> Label | None:
        """Why the daemon must end: its file is `gone`, or, at the last look, a newer program had
        brought the database up to date."""
        return gone() or self._outgrown

    @property
    def held(self) -> bool:
        """Whether, at the last look, a person had to decide before work goes on."""
        return self.restored or self._outgrown is not None

    @property
    def restored(self) -> bool:
        """Whether, at the last look, a restored backup was waiting for a person."""
        return self._restored is not None

    @property
    def settles(self) -> bool:
        """Whether, at the last look, an import left unfinished by a dead process was being
        settled."""
        return self._importing is not None and not self._importing.alive

    def look(self) -> bool:
        """Whether nothing may be swept, formed or sent, because the database has become a newer
        program's, is a restored backup that waits for a person, or a large import is coming in.
        Logged once."""
        self._outgrown = self._app.outgrown()
        return self._outgrown is not None or self._is_restored() or self._is_importing()

    def _is_importing(self) -> bool:
        """Whether a large import is coming in. One left unfinished by a dead process is settled, a
        step at a time."""
        left = self._app.unfinished.left()
        before, self._importing = self._importing, left
        if left is not None and (before is None or before.import_id != left.import_id):
            log().info(
                "an import is coming in: nothing is swept or sent",
                id=left.import_id,
                file=left.file,
                alive=left.alive,
            )
        elif left is None and before is not None:
            log().info("sweeping and sending go on", id=before.import_id)
        if left is None:
            return False
        if not left.alive:
            settled = self._app.unfinished.settle_some(self._app.clock.now())
            if settled is not None and settled.done:
                log().warning("import settled", said=settled.label.en)
        return True

    def _is_restored(self) -> bool:
        """Whether the database is a copy that was put back and waits for a person. Said once."""
        held = self._app.restored.restored()
        for notice in held_notice(held, self._app.policy) if held != self._restored else []:
            log().error("restored: nothing is swept or sent", said=notice.en)
            if held is not None and held.noticed:
                self._alarms.restored(without_note(notice))
        if held is None and self._restored is not None:
            log().warning("released: sweeping and sending go on")
        self._restored = held
        return held is not None

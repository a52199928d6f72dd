"""How long the pages wait for a connection that says nothing (RFC 9112 §9.5: a server ought to
close what stays idle).

Always holds: a connection without a whole request is closed `HEAD_SECONDS` after it could have
begun one; when more than `MOST_OPEN` are open, the one that has been silent longest makes room, so
that silent ones cannot shut others out.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 8.0
MOST_OPEN = 80


class IdleTimeoutProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol with an end to its patience."""

    silent_since = 0.0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Takes a connection; where there are too many, the most silent one goes."""
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > MOST_OPEN:
            silent = [
                c
                for c in self.connections
                if isinstance(c, IdleTimeoutProtocol) and c is not self and c.is_silent
            ]
            if silent:
                min(silent, key=lambda c: c.silent_since).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops the clock."""
        self._stop()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Reads what came; a whole request stops the clock."""
        super().handle_events()
        if not self.is_silent:
            self._stop()

    def on_response_complete(self) -> None:
        """After an answer the next request has as long as the first."""
        super().on_response_complete()
        if self.is_silent and not self.transport.is_closing():
            self._wait()

    @property
    def is_silent(self) -> bool:
        """Whether no request is under way."""
        cycle: Any = self.cycle
        return cycle is None or cycle.response_complete

    def _wait(self) -> None:
        """Starts the clock."""
        self._stop()
        self.silent_since = self.loop.time()
        self._timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop(self) -> None:
        """No clock runs."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        """Closes a connection that has said nothing whole."""
        self._timer = None
        if self.is_silent:
            self.transport.abort()

"""The HTTP server of the pages, or of what watches this machine: one thread beside the daemon's
jobs.

Always holds: a port that cannot be had is one clear message before anything starts; stopping lets
requests under way finish; signals stay with the daemon's main thread.
"""

import os
import socket
from threading import Thread
from types import TracebackType
from typing import Self

from starlette.types import ASGIApp
from uvicorn import Config, Server

from scheduler.core.config.addresses import host_and_port
from scheduler.core.words.errors import UserMustActError
from scheduler.inbound.web.idle_timeout import IdleTimeoutProtocol

GRACE_SECONDS = 5
MOST_AT_ONCE = 100
_LOOK_SECONDS = 0.02
_MOST_HEAD_BYTES = 16_384


class Listener:
    """Serves `app` at `address` (`127.0.0.1:8787`, `[::1]:8787`; port 0: any free one) within a
    `with` block."""

    def __init__(self, app: ASGIApp, address: str, setting: str = "listen") -> None:
        """`setting`: where the address stands in `[machine]`."""
        self._app = app
        self._address = address
        self._setting = setting

    def __enter__(self) -> Self:
        """Takes the port and answers. Raises UserMustActError."""
        self._socket = _listening(self._address, self._setting)
        self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Lets requests under way finish, and gives the port back."""
        self._server.should_exit = True
        self._thread.join(GRACE_SECONDS * 2)
        self._socket.close()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._socket.getsockname()[1])

    def look_after(self) -> bool:
        """Starts the thread again if it has ended; whether it had."""
        if self._thread.is_alive():
            return False
        self._socket = _listening(self._address, self._setting)
        self._start()
        return True

    def _start(self) -> None:
        """A server in a thread of its own, which answers when this returns."""
        config = Config(
            self._app,
            http=IdleTimeoutProtocol,
            h11_max_incomplete_event_size=_MOST_HEAD_BYTES,
            log_config=None,
            access_log=False,
            log_level="critical",
            proxy_headers=False,
            server_header=False,
            lifespan="off",
            limit_concurrency=MOST_AT_ONCE,
            timeout_graceful_shutdown=GRACE_SECONDS,
            ws="none",
        )
        self._server = Server(config)
        self._thread = Thread(
            target=self._server.run,
            kwargs={"sockets": [self._socket]},
            name="listener",
            daemon=True,
        )
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            self._thread.join(_LOOK_SECONDS)


def _listening(address: str, setting: str) -> socket.socket:
    """A socket that listens at the address. Raises UserMustActError."""
    host, port = host_and_port(address)
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=128
        )
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise UserMustActError(
            (
                "cannot listen on {address}: {why}; see what else uses it (another daemon?), or "
                "change [machine] {setting} in config.toml"
            ),
            address=address,
            why=why,
            setting=setting,
        ) from error

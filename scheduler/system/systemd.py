"""Tells systemd how the daemon is: READY=1, WATCHDOG=1, STOPPING=1 (sd_notify(3)), a few lines of
socket code.

Always holds: without NOTIFY_SOCKET nothing happens; a lost notification never disturbs the daemon.
"""

import socket
from collections.abc import Mapping
from contextlib import suppress


class Notifier:
    """Sends states to the socket that systemd named, if any."""

    def __init__(self, env: Mapping[str, str]) -> None:
        path = env.get("NOTIFY_SOCKET", "")
        self._address = "\0" + path[1:] if path.startswith("@") else path

    def ready(self, status: str) -> None:
        """The daemon is up."""
        self._send(f"READY=1\nSTATUS={status}")

    def waiting(self, status: str, seconds: float) -> None:
        """Not up, or not down, yet, for a reason that passes by itself; asks for time until after
        the next attempt."""
        self._send(f"STATUS={status}\nEXTEND_TIMEOUT_USEC={round((seconds + 60) * 1_000_000)}")

    def watchdog(self) -> None:
        """The daemon has just done something useful."""
        self._send("WATCHDOG=1")

    def status(self, status: str) -> None:
        """One line for `systemctl status`."""
        self._send(f"STATUS={status}")

    def stopping(self) -> None:
        """The daemon is on its way down."""
        self._send("STOPPING=1")

    def _send(self, state: str) -> None:
        """One datagram."""
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.connect(self._address)
            sender.sendall(state.encode())

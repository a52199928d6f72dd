"""Slack's end of Socket Mode on loopback: a real WebSocket server (RFC 6455) that greets, sends
envelopes, waits for acknowledgements, sends again what nobody acknowledged, asks to reconnect, and
breaks connections.

with SlackServer() as slack, SlackSocket() as socket:
    slack.socket_url = socket.url
    ... a client connects ...
    socket.send("interactive", {...}).payload     the acknowledgement's payload
"""

import json
import struct
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha1
from socket import SHUT_RDWR, socket
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Condition, Lock, Thread
from time import monotonic
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

PATIENCE = 20.0
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One acknowledgement. `payload` is what the app answered with."""

    envelope_id: str
    payload: Mapping[str, Any] | None


class _Server(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stays silent about clients that leave."""


class SlackSocket:
    """The server. `received` holds the acknowledgements in order, `greeted` counts connections that
    ever were."""

    def __init__(self) -> None:
        self.received: list[Acknowledged] = []
        self.greeted = 0
        self._pending: dict[str, str] = {}
        self._open: list[_Connection] = []
        self._changed = Condition()
        self._tcp = _Server(("127.0.0.1", 0), _handler(self))

    @property
    def url(self) -> str:
        """Where a client connects."""
        return f"ws://127.0.0.1:{self._tcp.server_address[1]}/link/?ticket=t"

    def __enter__(self) -> Self:
        Thread(target=self._tcp.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.drop()
        self._tcp.shutdown()
        self._tcp.server_close()

    def wait_for(self, happened: Callable[[], bool], what: str) -> None:
        """Waits for what a client does."""
        end = monotonic() + PATIENCE
        with self._changed:
            while not happened():
                assert self._changed.wait(max(0.0, end - monotonic())) or happened(), (
                    f"waited in vain: {what}"
                )

    def wait_for_connection(self, number: int = 1) -> None:
        """Until the n-th connection was greeted and is open."""
        self.wait_for(lambda: self.greeted >= number and bool(self._open), f"connection {number}")

    def post(
        self, kind: str, payload: Mapping[str, Any], envelope_id: str = "", *, cut: bool = False
    ) -> str:
        """Sends an envelope and returns its id; `cut`: the connection breaks before it can be
        acknowledged."""
        number = envelope_id or str(uuid4())
        envelope = {
            "type": kind,
            "envelope_id": number,
            "payload": dict(payload),
            "accepts_response_payload": True,
        }
        text = json.dumps(envelope, ensure_ascii=False)
        with self._changed:
            self._pending[number] = text
            connection = self._open[-1]
        connection.say(text)
        if cut:
            connection.cut()
        return number

    def send(
        self, kind: str, payload: Mapping[str, Any], envelope_id: str = "", *, cut: bool = False
    ) -> Acknowledged:
        """Sends an envelope and waits for its acknowledgement; after a cut it is sent again over
        the next connection."""
        before = len(self.received)
        number = self.post(kind, payload, envelope_id, cut=cut)
        self.wait_for(
            lambda: any(a.envelope_id == number for a in self.received[before:]),
            f"an acknowledgement of {number}",
        )
        return next(a for a in self.received[before:] if a.envelope_id == number)

    def ask_to_reconnect(self) -> None:
        """What Slack says when it is about to close a connection."""
        with self._changed:
            connection = self._open[-1]
        connection.say(
            json.dumps({"type": "disconnect", "reason": "refresh_requested", "debug_info": {}})
        )

    def drop(self) -> None:
        """Breaks every connection."""
        with self._changed:
            connections = list(self._open)
        for connection in connections:
            connection.cut()

    def greet(self, connection: "_Connection") -> None:
        """A new connection is greeted, and gets what nobody has acknowledged yet."""
        connection.say(
            json.dumps(
                {
                    "type": "hello",
                    "num_connections": 1,
                    "connection_info": {"app_id": "A0TEST"},
                    "debug_info": {},
                }
            )
        )
        with self._changed:
            self._open.append(connection)
            self.greeted += 1
            again = list(self._pending.values())
            self._changed.notify_all()
        for text in again:
            connection.say(text)

    def acknowledge(self, text: str) -> None:
        """A client acknowledged an envelope."""
        said = json.loads(text)
        with self._changed:
            self._pending.pop(said["envelope_id"], None)
            self.received.append(Acknowledged(said["envelope_id"], said.get("payload")))
            self._changed.notify_all()

    def gone(self, connection: "_Connection") -> None:
        """A connection is closed."""
        with self._changed:
            if connection in self._open:
                self._open.remove(connection)
            self._changed.notify_all()


class _Connection:
    """One WebSocket."""

    def __init__(self, sock: socket) -> None:
        self._socket = sock
        self._writing = Lock()

    def say(self, text: str, opcode: int = _TEXT) -> None:
        """Sends one frame."""
        self.frame(opcode, text.encode())

    def frame(self, opcode: int, data: bytes) -> None:
        """Sends one unmasked frame, as servers do."""
        size = len(data)
        length = (
            struct.pack("!B", size)
            if size < 126
            else struct.pack("!BH", 126, size)
            if size < 65536
            else struct.pack("!BQ", 127, size)
        )
        with self._writing, suppress(OSError):
            self._socket.sendall(bytes([0x80 | opcode]) + length + data)

    def cut(self) -> None:
        """Breaks it."""
        with suppress(OSError):
            self._socket.shutdown(SHUT_RDWR)


def _handler(server: SlackSocket) -> type[StreamRequestHandler]:
    """A request handler bound to one server."""

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            key = self._handshake()
            accept = b64encode(
                sha1((key + _GUID).encode(), usedforsecurity=False).digest()
            ).decode()
            lines = (
                "HTTP/1.1 101 Switching Protocols",
                "Upgrade: websocket",
                "Connection: Upgrade",
                f"Sec-WebSocket-Accept: {accept}",
                "",
                "",
            )
            self.wfile.write("\r\n".join(lines).encode())
            connection = _Connection(self.connection)
            server.greet(connection)
            try:
                while self._frame(connection):
                    pass
            finally:
                server.gone(connection)

        def _handshake(self) -> str:
            """The client's key."""
            key = ""
            while line := self.rfile.readline().strip():
                name, _, value = line.decode().partition(":")
                key = value.strip() if name.lower() == "sec-websocket-key" else key
            return key

        def _frame(self, connection: _Connection) -> bool:
            """One frame from the client; whether there may be more."""
            head = self.rfile.read(2)
            if len(head) < 2:
                return False
            opcode, size = head[0] & 0x0F, head[1] & 0x7F
            if size >= 126:
                size = int.from_bytes(self.rfile.read(2 if size == 126 else 8))
            mask = self.rfile.read(4) if head[1] & 0x80 else b"\0\0\0\0"
            data = bytes(b ^ mask[i % 4] for i, b in enumerate(self.rfile.read(size)))
            if opcode == _PING:
                connection.frame(_PONG, data)
            elif opcode == _TEXT:
                server.acknowledge(data.decode())
            return opcode != _CLOSE

    return Handler

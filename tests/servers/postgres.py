"""A stand-in for a PostgreSQL server that refuses every connection with a reason of the test's
choice."""

import socketserver
import struct
from threading import Thread
from typing import Self

_SSL_REQUEST, _GSS_REQUEST = 80877103, 80877104


class RefusingPostgres(socketserver.ThreadingTCPServer):
    """Answers the startup message with FATAL, the SQLSTATE and these words."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, code: str, words: str) -> None:
        super().__init__(("127.0.0.1", 0), _Refusal)
        self.code, self.words = code, words
        self.port: int = self.server_address[1]

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Refusal(socketserver.StreamRequestHandler):
    """One connection: declines encryption, reads the startup message, refuses."""

    server: RefusingPostgres

    def handle(self) -> None:
        while True:
            length, kind = struct.unpack("!II", self.rfile.read(8))
            self.rfile.read(length - 8)
            if kind not in (_SSL_REQUEST, _GSS_REQUEST):
                break
            self.wfile.write(b"N")
        fields = (
            b"SFATAL\0VFATAL\0C"
            + self.server.code.encode()
            + b"\0M"
            + self.server.words.encode()
            + b"\0\0"
        )
        self.wfile.write(b"E" + struct.pack("!I", len(fields) + 4) + fields)

"""An outside watcher on loopback: keeps the paths it was asked for, and answers as told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@dataclass
class WatcherServer:
    """`status` is what it answers, `moved` where it sends people to; while `hang` is set it says
    nothing."""

    port: int = 0
    status: int = 200
    moved: str = ""
    hang: bool = False
    pinged: list[str] = field(default_factory=list)
    free: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        """Where it is pinged; the path is its secret."""
        return f"http://127.0.0.1:{self.port}/s3cr3t"


@contextmanager
def watcher_server() -> Iterator[WatcherServer]:
    """One that runs until the end of the block."""
    state = WatcherServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.pinged.append(self.path)
            if state.hang:
                state.free.wait(30)
            self.send_response(302 if state.moved else state.status)
            if state.moved:
                self.send_header("Location", state.moved)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.port = server.server_port
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.free.set()
        server.shutdown()
        server.server_close()
        thread.join()

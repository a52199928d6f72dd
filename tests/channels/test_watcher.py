"""Pings to an outside watcher, over real HTTP: what arrives, what does not, and that nobody is told
the address."""

import socket
from collections.abc import Iterator

import pytest

from scheduler.channels.watcher import OutsideWatcher
from tests.servers.watcher import WatcherServer, watcher_server


@pytest.fixture
def server() -> Iterator[WatcherServer]:
    with watcher_server() as server:
        yield server


def test_a_ping_says_that_all_is_well_and_fail_that_something_is_not(server: WatcherServer) -> None:
    watcher = OutsideWatcher(f"{server.url}?create=1")
    assert (watcher.ping(fail=False), watcher.ping(fail=True)) == ("", "")
    assert server.pinged == ["/s3cr3t?create=1", "/s3cr3t/fail?create=1"]


@pytest.mark.parametrize(
    ("status", "said"), [(204, ""), (404, "127.0.0.1 answers 404"), (503, "127.0.0.1 answers 503")]
)
def test_whatever_is_no_yes_did_not_arrive(server: WatcherServer, status: int, said: str) -> None:
    server.status = status
    assert OutsideWatcher(server.url).ping(fail=False) == said


def test_nobody_is_followed_elsewhere_with_the_secret(server: WatcherServer) -> None:
    server.moved = f"{server.url}/elsewhere"
    assert OutsideWatcher(server.url).ping(fail=False) == "127.0.0.1 answers 302"
    assert server.pinged == ["/s3cr3t"]


def test_a_watcher_that_hangs_takes_its_time_and_no_more(server: WatcherServer) -> None:
    server.hang = True
    watcher = OutsideWatcher(server.url, seconds=0.05)
    assert watcher.ping(fail=False).startswith("127.0.0.1 ")
    assert "s3cr3t" not in watcher.ping(fail=False)


def test_a_closed_port_is_said_without_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    said = OutsideWatcher(f"http://127.0.0.1:{port}/s3cr3t").ping(fail=False)
    assert said == "127.0.0.1 cannot be reached: Connection refused"

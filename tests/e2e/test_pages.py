"""The daemon serves the pages: from a mail to an answer, the feed, clean stop, a port that is
taken, and no secret in any log."""

import signal
import socket
from collections.abc import Callable
from http.client import HTTPConnection

from tests.e2e.process import PATIENCE, Folder, wait_until

MakeFolder = Callable[..., Folder]


def free_port() -> int:
    """A port that nobody uses just now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def serving(folder: MakeFolder, port: int) -> Folder:
    """A folder whose daemon serves pages."""
    work = folder()
    work.edit('base_url = ""', 'base_url = "https://renewals.example.com/r"')
    work.edit('\nlisten = ""', f'\nlisten = "127.0.0.1:{port}"')
    return work


def get(port: int, path: str) -> tuple[int, str]:
    """One page."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_the_daemon_serves_pages_and_feeds_and_stops_cleanly(folder: MakeFolder) -> None:
    port = free_port()
    work = serving(folder, port)
    address = work.done("people", "feed", "ann@example.com").strip()
    secret = address.removeprefix("https://renewals.example.com/r/calendar/").removesuffix(".ics")
    with work.started("run") as daemon:
        wait_until(lambda: '"ready"' in work.log(), "the daemon to be ready")
        assert f"pages on port {port}" in work.log()
        wait_until(lambda: get(port, "/healthz") == (200, "ok\n"), "the first sweep")
        status, calendar = get(port, f"/calendar/{secret}.ics")
        assert (status, "Contract ends: Beta Ltd" in calendar) == (200, True)
        assert get(port, "/a/forged")[0] == 400
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(PATIENCE) == 0
    assert secret not in work.log()
    assert "forged" not in work.log()
    assert work.rows("SELECT count(*) FROM people WHERE feed_secret IS NOT NULL") == [(1,)]


def test_a_feed_is_renewed_and_switched_off(folder: MakeFolder) -> None:
    work = serving(folder, free_port())
    first = work.done("people", "feed", "Ann Ito")
    again = work.renewals("people", "feed", "Ann Ito")
    assert (again.returncode, "only its hash is stored" in again.stderr) == (2, True)
    assert work.done("people", "feed", "Ann Ito", "--renew") != first
    assert "no calendar feed any more" in work.done("people", "feed", "Ann Ito", "--off")
    assert work.rows("SELECT count(*) FROM people WHERE feed_secret IS NOT NULL") == [(0,)]
    nobody = work.renewals("people", "feed", "nobody")
    assert (nobody.returncode, "there is nobody called nobody" in nobody.stderr) == (2, True)


def test_a_port_that_is_taken_is_one_line(folder: MakeFolder) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        work = serving(folder, int(taken.getsockname()[1]))
        refused = work.renewals("run")
    assert refused.returncode == 2
    assert "Address already in use; see what else uses it" in refused.stderr
    assert "or change [machine] listen" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_address_that_cannot_be_is_refused_with_its_line(folder: MakeFolder) -> None:
    work = folder()
    work.edit('base_url = ""', 'base_url = "renewals.example.com"')
    work.edit('\nlisten = ""', '\nlisten = "8787"')
    refused = work.renewals("check")
    said = refused.stdout + refused.stderr
    assert refused.returncode == 2
    assert (
        'machine.base_url: "renewals.example.com" cannot be used as the address for links' in said
    )
    assert 'machine.listen: "8787" is not an address to listen on' in said


def test_mails_carry_links_only_where_pages_are_served(folder: MakeFolder) -> None:
    work = folder()
    work.done("run", "--once", "--as-of", "2027-01-04")
    plain = [str(body) for (body,) in work.rows("SELECT body FROM messages WHERE kind = 'nudges'")]
    linked = serving(lambda **_: work, free_port())
    linked.done("run", "--once", "--as-of", "2027-03-01")
    with_links = [
        str(body)
        for (body,) in linked.rows(
            "SELECT body FROM messages WHERE kind = 'nudges' AND sent_at > '2027-02'"
        )
    ]
    assert plain
    assert with_links
    assert not any("https://renewals.example.com/r/a/" in body for body in plain)
    assert all("https://renewals.example.com/r/a/" in body for body in with_links)

"""A running daemon, watched: it says that it is ready when it is, its figures are there, and the
outside watcher hears of completed rounds."""

import json
import signal
from collections.abc import Callable

from tests.e2e.process import PATIENCE, Folder, wait_until
from tests.e2e.test_pages import free_port, get
from tests.servers.watcher import watcher_server

MakeFolder = Callable[..., Folder]


def test_the_daemon_is_watched_from_inside_and_outside(folder: MakeFolder) -> None:
    port, work = free_port(), folder()
    work.edit('health_listen = ""', f'health_listen = "127.0.0.1:{port}"')
    with watcher_server() as watcher:
        work.edit('heartbeat_url = ""', f'heartbeat_url = "{watcher.url}"')
        with work.started("run") as daemon:
            wait_until(lambda: '"ready"' in work.log(), "the daemon to be ready")
            wait_until(
                lambda: json.loads(get(port, "/readyz")[1]) == {"ready": True, "because": []},
                "the first sweep",
            )
            assert get(port, "/livez")[0] == 200
            status, figures = get(port, "/metrics")
            assert (
                status,
                "renewals_clock_doubted 0.0" in figures,
                "renewals_job_failures" in figures,
            ) == (200, True, True)
            daemon.send_signal(signal.SIGTERM)
            assert daemon.wait(PATIENCE) == 0
    assert "s3cr3t" not in work.log() + work.done("config", "show")
    assert f"health on port {port}" in work.log()


def test_a_second_daemon_is_told_that_one_runs_not_that_its_port_is_taken(
    folder: MakeFolder,
) -> None:
    port, work = free_port(), folder()
    work.edit('health_listen = ""', f'health_listen = "127.0.0.1:{port}"')
    with work.started("run") as daemon:
        wait_until(lambda: '"ready"' in work.log(), "the daemon to be ready")
        second = work.renewals("run")
        assert second.returncode != 0
        assert f"another daemon runs on this database (process {daemon.pid}" in second.stderr
        assert "cannot listen" not in second.stderr
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(PATIENCE) == 0


def test_a_daemon_that_waits_for_its_database_is_alive_and_says_that_it_waits(
    folder: MakeFolder,
) -> None:
    port, nobody = free_port(), free_port()
    work = folder(DATABASE_URL=f"postgresql://renewals:s3cr3t@127.0.0.1:{nobody}/renewals")
    work.edit('health_listen = ""', f'health_listen = "127.0.0.1:{port}"')
    with work.started("run") as daemon:
        wait_until(lambda: "waiting for the database" in work.log(), "the first attempt")
        assert get(port, "/livez")[0] == 200
        status, said = get(port, "/readyz")
        assert (status, json.loads(said)["because"][0]["what"], "s3cr3t" in said) == (
            503,
            "waiting_for_database",
            False,
        )
        assert get(port, "/metrics")[0] == 503
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(PATIENCE) == 0

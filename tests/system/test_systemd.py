"""systemd's notifications on a real socket."""

import socket
from pathlib import Path

from scheduler.system.systemd import Notifier


def test_states_arrive_on_the_socket_that_systemd_named(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(path)
        notifier = Notifier({"NOTIFY_SOCKET": path})
        notifier.ready("12 contracts")
        notifier.watchdog()
        notifier.stopping()
        received = [systemd.recv(200).decode() for _ in range(3)]
    assert received == ["READY=1\nSTATUS=12 contracts", "WATCHDOG=1", "STOPPING=1"]


def test_an_abstract_socket_works_too() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("\0renewals-test-notify")
        Notifier({"NOTIFY_SOCKET": "@renewals-test-notify"}).watchdog()
        assert systemd.recv(200) == b"WATCHDOG=1"


def test_without_systemd_nothing_happens() -> None:
    Notifier({}).ready("up")


def test_a_socket_that_is_gone_disturbs_nobody(tmp_path: Path) -> None:
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).watchdog()

"""A daemon's watchers are answered from its first moment, by the daemon itself as soon as it has
looked after everything once."""

from pathlib import Path
from typing import Any

import pytest

from scheduler.app.wiring import App
from scheduler.core.machine.liveness import DaemonTrouble, Facts, Trouble, Vitals
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.lexicon import Language
from scheduler.daemon.liveness_endpoint import LivenessEndpoint
from scheduler.ports import StoreUnavailableError
from scheduler.services.audit.liveness import DaemonHealth
from tests.cast import at
from tests.e2e.process import REPOSITORY

NOW = at("2027-01-05")


def watched(folder: Path, address: str) -> App:
    """A folder whose daemon is watched there; nothing of it is open."""
    config = (
        (REPOSITORY / "config.toml")
        .read_text("utf-8")
        .replace('health_listen = ""', f'health_listen = "{address}"')
    )
    (folder / "config.toml").write_text(config, "utf-8")
    return App(folder, Language.EN, None, {})


def test_it_is_alive_and_not_ready_until_the_daemon_has_looked_once(tmp_path: Path) -> None:
    looks: list[float | None] = [None, 0.5, None]
    store: Any = type("Store", (), {"facts": staticmethod(lambda: Facts(NOW, NOW))})
    health = DaemonHealth(
        lambda: Vitals(looks[0]), store, 30.0, float, lambda error: pytest.fail(str(error))
    )
    with LivenessEndpoint() as endpoint:
        assert endpoint.listener is None
        endpoint.open(watched(tmp_path, "127.0.0.1:0"))
        assert (endpoint.dead(), endpoint.unready()) == ([], [DaemonTrouble(Trouble.STARTING)])
        endpoint.waits()
        assert (endpoint.dead(), endpoint.unready()) == ([], [DaemonTrouble(Trouble.WAITING)])
        with pytest.raises(StoreUnavailableError):
            endpoint.measures()
        endpoint.hand_over(health, lambda: pytest.fail("nobody asks"))
        assert endpoint.dead() == [], "it has not looked yet"
        del looks[0]
        assert (endpoint.dead(), endpoint.unready()) == ([], [])
        del looks[0]
        assert (endpoint.dead(), endpoint.unready()) == ([DaemonTrouble(Trouble.STOPPED)],) * 2


def test_one_listener_answers_until_the_end_and_an_address_changed_meanwhile_is_followed(
    tmp_path: Path,
) -> None:
    with LivenessEndpoint() as endpoint:
        endpoint.open(watched(tmp_path, "127.0.0.1:0"))
        first = endpoint.listener
        endpoint.open(watched(tmp_path, "127.0.0.1:0"))
        assert first is not None
        assert endpoint.listener is first
        taken = f"127.0.0.1:{first.port}"
        with LivenessEndpoint() as other, pytest.raises(UserMustActError, match="cannot listen on"):
            other.open(watched(tmp_path, taken))
        endpoint.open(watched(tmp_path, ""))
        assert endpoint.listener is None
        with LivenessEndpoint() as other:
            other.open(watched(tmp_path, taken))
            assert other.listener is not None

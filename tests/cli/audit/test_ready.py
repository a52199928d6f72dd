"""`renewals ready`: what the daemon says where it listens, what the database knows where it does
not."""

import json
import re
from collections.abc import Iterator

import pytest

from scheduler.core.machine.liveness import Facts, JobVitals, Vitals
from scheduler.inbound.web.listener import Listener
from scheduler.inbound.web.liveness import make_health_app
from scheduler.services.audit.liveness import DaemonHealth
from tests.cast import at
from tests.cli.office import LONDON_NOON, Office

NOW = at("2027-01-05")


class Store:
    """A database whose last sweep a test chooses."""

    def __init__(self) -> None:
        self.last = NOW

    def facts(self) -> Facts:
        return Facts(NOW, self.last)


@pytest.fixture
def store(office: Office) -> Iterator[Store]:
    """A daemon that listens where the office's configuration says."""
    store = Store()
    later = iter(range(0, 10_000, 10)).__next__
    health = DaemonHealth(
        lambda: Vitals(0.1, (JobVitals("sweep", 30.0, 1.0),)),
        store,
        30.0,
        later,
        lambda error: pytest.fail(str(error)),
    )
    app = make_health_app(
        health, lambda: pytest.fail("nobody asks"), lambda page, error: pytest.fail(page)
    )
    with Listener(app, "127.0.0.1:0") as listener:
        config = office.folder / "config.toml"
        config.write_text(
            re.sub(
                r"(?m)^health_listen = .*$",
                f'health_listen = "0.0.0.0:{listener.port}"',
                config.read_text("utf-8"),
            ),
            "utf-8",
        )
        yield store


def test_a_daemon_that_listens_is_asked(office: Office, store: Store) -> None:
    assert office.run("ready", as_of=None) == (0, "Ready: nudges go out.\n", "")
    store.last = at("2027-01-04")
    assert office.run("ready", as_of=None) == (
        1,
        "",
        "not ready: the last completed sweep was too long ago\n",
    )
    code, out, _ = office.run("ready", "--json", as_of=None)
    assert (code, json.loads(out)["because"][0]["what"]) == (1, "sweep_late")


def test_a_daemon_that_should_listen_and_does_not_is_not_ready(office: Office) -> None:
    config = office.folder / "config.toml"
    config.write_text(
        re.sub(
            r"(?m)^health_listen = .*$", 'health_listen = "127.0.0.1:1"', config.read_text("utf-8")
        ),
        "utf-8",
    )
    code, _, err = office.run("ready", as_of=None, lang="ja")
    assert (code, err) == (1, "準備未完了：デーモンが動いていません(開始前・停止中・応答なし)\n")


@pytest.mark.parametrize("listens", [True, False], ids=["asked", "by_the_database"])
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_what_waits_for_a_person_is_said_first(
    office: Office, request: pytest.FixtureRequest, listens: bool, lang: str
) -> None:
    if listens:
        request.getfixturevalue("store")
    office.said("pause", "contract", "C-2")
    code, _, err = office.run("ready", lang=lang)
    assert (code, "C-2" in err.splitlines()[0]) == (0, True), (
        "a part of it is no reason to call it unready"
    )
    office.said("pause", "everything")
    code, _, err = office.run("ready", lang=lang)
    assert (code, "renewals resume everything" in err.splitlines()[0]) == (1, True)
    office.change("INSERT INTO meta VALUES ('restored', '{\"found_at\": \"2027-01-04T12:00:00+00:00\", \"copy_at\": null, \"seen_at\": null, '"
                  "|| '\"by\": \"\", \"noticed\": false}')")  # fmt: skip
    code, out, _ = office.run("ready", "--json", lang=lang)
    assert (code, [reason["what"] for reason in json.loads(out)["because"]]) == (
        1,
        ["held_after_restore", "everything_paused"],
    )


@pytest.mark.parametrize(("minutes", "code"), [(5, 0), (6, 1)])
def test_without_an_address_it_goes_by_the_last_sweep(
    office: Office, minutes: int, code: int
) -> None:
    office.change(
        f"UPDATE meta SET value = '2027-01-04T11:{60 - minutes}:00+00:00' WHERE key = "
        "'last_sweep_at'"
    )
    assert office.run("ready", as_of=LONDON_NOON)[0] == code

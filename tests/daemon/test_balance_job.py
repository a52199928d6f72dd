"""The daemon's daily proof: not before it has caught up, once a day, told once, and what slept is
woken."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from scheduler.app.ready import open_app
from scheduler.app.shipped import shipped_config
from scheduler.app.wiring import App
from scheduler.core.words.lexicon import Language
from scheduler.daemon.balance_job import SETTLES
from scheduler.daemon.jobs import Jobs
from tests.services.delivering import Hands
from tests.storage.builders import add_cast, add_contract

NOON = datetime(2027, 1, 5, 3, 0, tzinfo=UTC)
"""In Tokyo, where the policy's days begin."""


@pytest.fixture
def hands() -> Hands:
    return Hands(NOON)


@pytest.fixture
def app(tmp_path: Path, hands: Hands) -> Iterator[App]:
    """Ann's contract, followed since its start."""
    (tmp_path / "config.toml").write_text(shipped_config(), "utf-8")
    env = {"DATABASE_URL": f"sqlite:///{tmp_path / 'renewals.db'}"}
    with open_app(
        tmp_path, language=Language.EN, as_of=None, env=env, edits=True, clock=hands
    ) as opened:
        with opened.engine.begin() as connection:
            ann, _ = add_cast(connection)
            add_contract(connection, owner_id=ann)
        yield opened


@pytest.fixture
def rounds(app: App, hands: Hands) -> Jobs:
    """A daemon that has caught up."""
    found = Jobs(app)
    while found.sweeps.step(never) or found.deliveries.step(never):
        pass
    hands.at += SETTLES
    return found


def never() -> bool:
    return False


def rows(app: App, query: str) -> list[tuple[Any, ...]]:
    with app.reading.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def change(app: App, statement: str) -> None:
    with app.engine.begin() as connection:
        connection.execute(text(statement))


def told(app: App) -> list[str]:
    """What the admins are told."""
    facts = [
        json.loads(found)
        for (found,) in rows(app, "SELECT facts FROM messages WHERE kind = 'alert' ORDER BY id")
    ]
    return [f"{f['title']}\n{f['text']}\n{f['todo']}" for f in facts]


def test_what_balances_is_logged_and_nobody_is_told(app: App, rounds: Jobs) -> None:
    with capture_logs() as logged:
        for _ in range(5):
            rounds.digesting.step(never)
    assert told(app) == []
    assert [line["balanced"] for line in logged if line["event"] == "balance"] == [True], (
        "once a day"
    )


def test_what_does_not_is_told_once_and_again_the_next_day(
    app: App, rounds: Jobs, hands: Hands
) -> None:
    change(app, "DELETE FROM nudges")
    for _ in range(3):
        rounds.balances.step(never)
    [alert] = told(app)
    told_of = (
        "・C-1 renewal_3m 2027-01-05：知らせるはずの通知タイミングにリマインドがない\n・nudges "
        "1：記録のあとに消えた行\n"
    )
    assert alert.startswith(f"リマインドの照合が合いません(2件)\n{told_of}")
    assert alert.endswith("renewals report balance")
    hands.at += timedelta(hours=13)
    rounds.balances.step(never)
    assert len(told(app)) == 2, "it is the next day in Tokyo"


def test_another_machine_or_a_restart_tells_nothing_twice(
    app: App, rounds: Jobs, hands: Hands
) -> None:
    change(app, "DELETE FROM nudges")
    rounds.balances.step(never)
    again = Jobs(app)
    again.balances.step(never)
    assert len(told(app)) == 1
    hands.at += SETTLES
    again.balances.step(never)
    assert len(told(app)) == 1
    change(app, "UPDATE deals SET wake_at = NULL")
    third = Jobs(app)
    hands.at += SETTLES
    third.balances.step(never)
    assert len(told(app)) == 2, "something else came to it"


def test_a_daemon_that_has_just_started_is_not_asked_whether_anything_stands_still(
    app: App, hands: Hands
) -> None:
    fresh = Jobs(app)
    change(app, "UPDATE deals SET policy_version = 1, wake_at = NULL")
    fresh.balances.step(never)
    hands.at += SETTLES - timedelta(seconds=1)
    fresh.balances.step(never)
    assert told(app) == []
    hands.at += timedelta(seconds=1)
    fresh.balances.step(never)
    assert len(told(app)) == 1


def test_a_clock_that_was_set_back_does_not_put_the_proof_off_for_ever(
    app: App, hands: Hands
) -> None:
    hands.at += timedelta(days=400)
    fresh = Jobs(app)
    hands.at = NOON
    change(app, "UPDATE deals SET policy_version = 1, wake_at = NULL")
    fresh.balances.step(never)
    hands.at += SETTLES
    fresh.balances.step(never)
    assert len(told(app)) == 1


def test_what_slept_is_woken(app: App, rounds: Jobs) -> None:
    change(app, "DELETE FROM nudges")
    change(app, "DELETE FROM events")
    rounds.balances.step(never)
    [alert] = told(app)
    assert "見落としていた取引は、次の巡回で判定し直します。" in alert
    assert rounds.sweeps.step(never) is True
    assert [milestone for (milestone,) in rows(app, "SELECT milestone FROM nudges")] == [
        "renewal_3m"
    ]


def test_a_daemon_that_is_to_stop_proves_nothing(app: App, rounds: Jobs) -> None:
    change(app, "DELETE FROM nudges")
    rounds.balances.step(lambda: True)
    assert told(app) == []
    rounds.balances.step(never)
    assert len(told(app)) == 1

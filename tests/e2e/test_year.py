"""Every day of a year, each run by a process of its own: moves, nudges and messages equal an
independent computation, also when processes are killed.

`pytest --soak tests/e2e/test_year.py --contracts FILE` runs a whole year on a file of your own in
the columns of the mapping docs/mappings/act_contracts.toml.
"""

import random
import signal
import subprocess
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from tests.e2e.process import Folder
from tests.e2e.year import (
    days,
    digests_of,
    expected,
    made_up,
    messages_of,
    moves_of,
    nudges_of,
    prepare,
)
from tests.servers.slack import SlackServer
from tests.servers.smtp import SmtpServer

SHORT, YEAR = date(2026, 1, 11), date(2026, 12, 31)
KILLS = 200


def outside(slack: SlackServer, smtp: SmtpServer) -> Counter[str]:
    """How often each message arrived, by its key."""
    posts = [
        str(p.metadata["event_payload"]["key"])
        for p in slack.posts
        if p.metadata and not p.thread_ts
    ]
    return Counter(posts) + Counter(m.key for m in smtp.mails)


def check(folder: Folder, contracts: Path, last_day: date) -> None:
    """Everything equals the independent computation."""
    told = expected(contracts, last_day)
    assert moves_of(folder) == told.moves
    assert nudges_of(folder) == told.nudges
    assert messages_of(folder) == told.messages
    assert told.nudges, "the days were not empty"
    assert set(digests_of(folder).values()) == {1}, "one of a kind for each person and week"


def live(folder: Folder, last_day: date) -> None:
    """Each day at ten."""
    for day in days(last_day):
        folder.done("run", "--once", "--as-of", day.isoformat())


def contracts_file(pytestconfig: pytest.Config, tmp_path: Path, count: int) -> Path:
    """The file named on the command line, else one that is made up."""
    named = pytestconfig.getoption("--contracts")
    return Path(named) if named else made_up(tmp_path / "contracts.csv", count)


def test_every_day_of_some_weeks_equals_an_independent_computation(tmp_path: Path) -> None:
    contracts = made_up(tmp_path / "contracts.csv", 40)
    with SlackServer() as slack, SmtpServer() as smtp:
        folder = prepare(tmp_path / "work", contracts, slack, smtp)
        live(folder, SHORT)
        check(folder, contracts, SHORT)
        arrived = outside(slack, smtp)
        assert set(arrived.values()) == {1}
        assert (
            sum(arrived.values())
            == folder.rows("SELECT count(*) FROM messages WHERE state = 'sent'")[0][0]
        )
        assert {week for kind, _, week in digests_of(folder) if kind == "team"} == {
            f"2026-W{n:02}" for n in range(1, 3)
        }


@pytest.mark.soak
def test_every_day_of_a_year_equals_an_independent_computation(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    contracts = contracts_file(pytestconfig, tmp_path, 300)
    with SlackServer() as slack, SmtpServer(mails_per_session=100) as smtp:
        folder = prepare(tmp_path / "work", contracts, slack, smtp)
        live(folder, YEAR)
        check(folder, contracts, YEAR)
        arrived = outside(slack, smtp)
        assert set(arrived.values()) == {1}
        report("the year", folder, arrived)


@pytest.mark.soak
def test_a_year_with_processes_killed_at_random_moments_loses_nothing(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    contracts = contracts_file(pytestconfig, tmp_path, 300)
    with SlackServer() as slack, SmtpServer(mails_per_session=100) as smtp:
        folder = prepare(tmp_path / "work", contracts, slack, smtp)
        killed = live_dangerously(folder, YEAR, KILLS)
        assert killed == KILLS
        check(folder, contracts, YEAR)
        arrived = outside(slack, smtp)
        report(f"the year with {killed} kills", folder, arrived)
        doubtful = {str(r[0]) for r in folder.rows("SELECT key FROM messages WHERE unknowns > 0")}
        assert {key for key, times in arrived.items() if times > 1} <= doubtful, (
            "every duplicate is a message of which nobody knew"
        )
        assert {
            str(r[0]) for r in folder.rows("SELECT key FROM messages WHERE state = 'sent'")
        } <= set(arrived), "nothing counts as sent that never arrived"


def test_days_on_which_processes_are_killed_lose_nothing(tmp_path: Path) -> None:
    contracts = made_up(tmp_path / "contracts.csv", 40)
    with SlackServer() as slack, SmtpServer() as smtp:
        folder = prepare(tmp_path / "work", contracts, slack, smtp)
        live_dangerously(folder, date(2026, 1, 8), 5)
        check(folder, contracts, date(2026, 1, 8))
        assert {
            str(r[0]) for r in folder.rows("SELECT key FROM messages WHERE state = 'sent'")
        } <= set(outside(slack, smtp))


def live_dangerously(folder: Folder, last_day: date, kills: int) -> int:
    """Each day at ten; `kills` of those runs, spread over the days, are killed at a random moment;
    runs at 10:20 and 10:40 pick up what they left."""
    chance = random.Random(11)
    all_days = list(days(last_day))
    killed = 0
    for number, day in enumerate(all_days):
        if chance.random() >= 1.3 * (kills - killed) / (len(all_days) - number):
            folder.done("run", "--once", "--as-of", day.isoformat())
            continue
        with folder.started("run", "--once", "--as-of", day.isoformat()) as process:
            try:
                process.wait(timeout=chance.uniform(0.35, 1.1))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                killed += 1
        offset = "+11:00" if day < date(2026, 4, 5) or day >= date(2026, 10, 4) else "+10:00"
        for minute in ("20", "40"):
            folder.done("run", "--once", "--as-of", f"{day}T10:{minute}{offset}")
    return killed


def report(what: str, folder: Folder, arrived: Counter[str]) -> None:
    """The figures of a long run, for whoever runs it with `-s`."""
    doubles = sum(times - 1 for times in arrived.values())
    channels = folder.rows(
        "SELECT channel, count(*) FROM messages WHERE state = 'sent' GROUP BY channel"
    )
    print(
        f"\n{what}: moves {dict(moves_of(folder))}, nudges {_by_milestone(folder)}, messages "
        f"{channels}, arrived twice {doubles}"
    )


def _by_milestone(folder: Folder) -> dict[str, int]:
    """Nudges by milestone."""
    return {
        str(r[0]): int(str(r[1]))
        for r in folder.rows("SELECT milestone, count(*) FROM nudges GROUP BY milestone")
    }

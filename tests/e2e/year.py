"""A year of contracts in real processes against a Slack and a mail server on loopback, and what
must have come of it, computed independently.

`expected` uses nothing of the product: dates from dateutil, weekends from the calendar, the rules
as the README tells them.
"""

import csv
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from dateutil.relativedelta import relativedelta

from tests.e2e.process import REPOSITORY, Folder
from tests.servers.slack import TOKEN, SlackServer
from tests.servers.smtp import SmtpServer

FIRST_DAY = date(2026, 1, 1)
BOSS, ADMIN = "boss@example.com", "renewals-admin@example.com"
COLUMNS = (
    "contract_number",
    "title",
    "directorate",
    "execution_date",
    "expiry_date",
    "amount",
    "suppliers",
    "details_url",
)


def made_up(path: Path, count: int) -> Path:
    """Contracts in the register's columns, from a fixed seed: ends from January to May, line breaks
    and equal numbers among them."""
    chance = random.Random(7)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for n in range(count):
            end = FIRST_DAY + timedelta(days=chance.randrange(5, 150))
            start = end - timedelta(days=chance.choice((40, 100, 365, 730)))
            title = "Supply of\nthings" if n % 7 == 0 else f"Contract {n}"
            writer.writerow(
                (
                    f"N{n // 2 if n % 9 == 0 else n}",
                    title,
                    f"Team {n % 5}",
                    start,
                    end,
                    f"{n * 1000}.50",
                    f"Supplier {n % 11}",
                    f"https://example.com/{n}",
                )
            )
    return path


@dataclass
class Expected:
    """What must have happened by the end of the last day."""

    moves: Counter[str] = field(default_factory=Counter)
    nudges: Counter[tuple[str, int]] = field(default_factory=Counter)
    messages: Counter[tuple[str, str]] = field(default_factory=Counter)


def expected(contracts: Path, last_day: date) -> Expected:
    """The independent computation. Moves by stage, nudges by (milestone, step), messages by (day,
    address)."""
    found = Expected()
    waiting: dict[date, set[str]] = {}
    with contracts.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    owners = owners_of(rows)
    for row in rows:
        start, end = (
            date.fromisoformat(row["execution_date"]),
            date.fromisoformat(row["expiry_date"]),
        )
        address = owners[row["directorate"]][1]
        three, one = (_weekday(end - relativedelta(months=m), -1) for m in (3, 1))
        fits = [
            (d, name)
            for d, name, m in ((three, "renewal_3m", 3), (one, "renewal_1m", 1))
            if end - relativedelta(months=m) >= start
        ]
        questions = [(day, name, [address]) for day, name in fits if day > FIRST_DAY]
        found.moves.update(name for day, name in fits if FIRST_DAY < day <= last_day)
        history = [name for day, name in fits if day <= FIRST_DAY]
        if history:
            found.moves[history[-1]] += 1
        if start > FIRST_DAY - timedelta(days=90):
            renews_on = min((day for day, _ in fits), default=date.max)
            welcomes = [(_weekday(start + timedelta(days=n), +1), n) for n in (30, 90)]
            questions += [
                (d, f"onboarding_{n}d", [address, *[BOSS] * (n == 90)])
                for d, n in welcomes
                if FIRST_DAY < d <= renews_on
            ]
        told = [*_asked(sorted(questions), end), ("ended", 0, end + timedelta(days=1), [address])]
        for name, step, day, addresses in told:
            if FIRST_DAY < day <= last_day:
                found.nudges[name, step] += len(addresses)
                _tell(waiting, day, *addresses)
    for day, told_then in waiting.items():
        if day <= last_day:
            found.messages.update((day.isoformat(), address) for address in told_then)
    return found


def owners_of(rows: Sequence[dict[str, str]]) -> dict[str, tuple[str, str]]:
    """(column of the people file, address) by team: every second team is on Slack."""
    teams = sorted({row["directorate"] for row in rows})
    return {
        t: ("slack_id", f"U{n:04}") if n % 2 == 0 else ("email", f"team{n}@example.com")
        for n, t in enumerate(teams)
    }


def _asked(
    questions: Sequence[tuple[date, str, list[str]]], end: date
) -> Iterator[tuple[str, int, date, list[str]]]:
    """Nobody answers: each question, one reminder twelve business days later, and a last call with
    the boss on the last weekday before the end.

    The next question takes over. Three months before the end is not repeated by itself; whatever is
    still asked more than twelve business days before the last call is asked once more that long
    before it, or half-way where that is later.
    """
    last_call = _weekday(end, -1)
    for number, (asked_on, name, addresses) in enumerate(questions):
        taken_over = questions[number + 1][0] if number + 1 < len(questions) else date.max
        told = [(asked_on, addresses)]
        if name != "renewal_3m" and _weekdays_after(asked_on, 12) < min(last_call, taken_over):
            told.append((_weekdays_after(asked_on, 12), addresses))
        silence = sum(
            (told[-1][0] + timedelta(days=n)).weekday() < 5
            for n in range(1, (last_call - told[-1][0]).days + 1)
        )
        if silence > 12:
            again = max(
                _weekdays_before(last_call, 12), _weekdays_after(told[-1][0], (silence + 1) // 2)
            )
            if again < min(last_call, taken_over):
                told.append((again, addresses))
        if told[-1][0] < last_call < taken_over:
            told.append((last_call, [*addresses, *([BOSS] if BOSS not in addresses else [])]))
        for step, (day, to) in enumerate(told):
            yield name, step, day, to


def _weekdays_after(day: date, number: int) -> date:
    for _ in range(number):
        day = _weekday(day + timedelta(days=1), +1)
    return day


def _weekdays_before(day: date, number: int) -> date:
    for _ in range(number):
        day = _weekday(day - timedelta(days=1), -1)
    return day


def _weekday(day: date, step: int) -> date:
    while day.weekday() > 4:
        day += timedelta(days=step)
    return day


def _tell(waiting: dict[date, set[str]], day: date, *addresses: str) -> None:
    """It goes out on the next business day."""
    waiting.setdefault(_weekday(day, +1), set()).update(addresses)


def prepare(path: Path, contracts: Path, slack: SlackServer, smtp: SmtpServer) -> Folder:
    """A working folder in Canberra with these contracts, first loaded on the first day; every
    business day counts, no holidays."""
    folder = Folder(
        path, {"SLACK_BOT_TOKEN": TOKEN, "SLACK_API_URL": slack.url, "SMTP_URL": smtp.url}
    )
    path.mkdir()
    folder.done("init")
    folder.edit('zone = "Asia/Tokyo"', 'zone = "Australia/Sydney"')
    folder.edit('calendar = "jp"', 'calendar = "weekdays"')
    folder.edit('language = "ja"', 'language = "en"')
    with contracts.open(encoding="utf-8-sig", newline="") as file:
        owners = owners_of(list(csv.DictReader(file)))
    with (path / "people.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ("name", "email", "slack_id", "role", "manager"))
        writer.writeheader()
        writer.writerow({"name": "Boss", "email": BOSS, "role": "manager"})
        for team, (column, address) in owners.items():
            writer.writerow({"name": team, column: address, "manager": "Boss"})
    (path / "map.toml").write_text(
        (REPOSITORY / "docs/mappings/act_contracts.toml").read_text("utf-8"), "utf-8"
    )
    folder.done("import", str(path / "people.csv"), "--as-of", FIRST_DAY.isoformat())
    folder.done(
        "import", str(contracts), "--map", str(path / "map.toml"), "--as-of", FIRST_DAY.isoformat()
    )
    return folder


def days(last_day: date) -> Iterator[date]:
    """Every day from the first to the last."""
    for n in range((last_day - FIRST_DAY).days + 1):
        yield FIRST_DAY + timedelta(days=n)


def moves_of(folder: Folder) -> Counter[str]:
    """Observed moves by the policy, by stage."""
    return Counter(
        str(r[0]) for r in folder.rows("SELECT to_stage FROM passages WHERE actor_kind = 'policy'")
    )


def nudges_of(folder: Folder) -> Counter[tuple[str, int]]:
    """Nudges by milestone and step."""
    return Counter(
        (str(r[0]), int(str(r[1]))) for r in folder.rows("SELECT milestone, step FROM nudges")
    )


def messages_of(folder: Folder) -> Counter[tuple[str, str]]:
    """Bundles sent, by the day of their window and their address."""
    sent = "SELECT window_on, address FROM messages WHERE state = 'sent' AND kind = 'nudges'"
    return Counter((str(r[0]), str(r[1])) for r in folder.rows(sent))


def digests_of(folder: Folder) -> Counter[tuple[str, str, str]]:
    """Digests sent, by kind, address and ISO week."""
    sent = folder.rows(
        "SELECT kind, address, window_on FROM messages WHERE state = 'sent' AND kind NOT IN "
        "('nudges', 'alert')"
    )
    return Counter(
        (str(kind), str(address), "{}-W{:02}".format(*date.fromisoformat(str(day)).isocalendar()))
        for kind, address, day in sent
    )

"""Databases full of believable deals, written straight into the tables: the same rows for the same
numbers on SQLite and PostgreSQL.

Every deal is a year's contract in stage `stable`, past three milestones that move nothing: 30 days
of onboarding fired and was answered, 90 days was skipped, 30 days before the notice deadline fired
and was answered; each with its event and, where it fired, the nudge that was sent. The alarm is set
to the next, three months before the end. In each of a book's rounds some deals, evenly spread over
the table, reach it on `day_of(round)`; the others sleep.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import Engine

from scheduler.app.policy_building import holidays_of
from scheduler.app.shipped import shipped_config
from scheduler.core.config.reading import Config, read_config
from scheduler.core.policy.policy import Policy
from scheduler.core.time.calendar import Calendar
from scheduler.core.time.dates import (
    Offset,
    Shift,
    Term,
    add_months,
    decide_by,
    offset_day,
    send_instant,
)
from scheduler.core.words.keys import deal_key, nudge_key
from scheduler.core.words.reasons import reason
from scheduler.storage.database.schema import upgrade

DUE = 1000
_FIRST_DAY = date(2026, 12, 1)
_LONG_AGO = "2026-05-01 00:00:00.000000"
_TOKYO = ZoneInfo("Asia/Tokyo")
_ASKED_ONCE = ("repeat_every = 12", "repeat_every = 60")
_REACHED = reason("reached", label="導入30日", anchor="starts_on", anchor_on="2026-04-01")
_SKIPPED = reason("stage_not_meant", stage="stable")
_COLUMNS = {
    "people": "id key name role email slack_id manager_id active",
    "customers": "id source source_id name country segment",
    "contracts": "id source source_id number customer_id product title starts_on ends_on term "
    "notice decide_by auto_renew evergreen amount currency owner_id estimated term_number "
    "system_made",
    "deals": (
        "id key version contract_id pipeline stage stage_entered_at arrived_at health "
        "health_because paperwork wake_at policy_version"
    ),
    "passages": "id deal_id to_stage at because actor_kind actor observed",
    "events": "id deal_id milestone anchor_on step day_on state reason at answered_at",
    "nudges": (
        "id key deal_id milestone anchor_on step recipient person_id role because state reason "
        "created_at due_at sent_at"
    ),
}

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """How many deals there are, in how many rounds how many of them are due, and how many reps
    share them."""

    deals: int
    rounds: int = 0
    due: int = DUE
    reps: int = 50

    def round_of(self, n: int) -> int | None:
        """The round in which the deal with the number `n`, counted from 0, is due; None for one
        that sleeps.

        >>> [Book(6000, 2).round_of(n) for n in range(8)], Book(6000, 2).round_of(5999)
        ([0, None, None, 1, None, None, 0, None], None)
        """
        if not self.rounds:
            return None
        place, rest = divmod(n, self.deals // (self.due * self.rounds))
        return place % self.rounds if rest == 0 and place < self.due * self.rounds else None

    def ends_on(self, n: int) -> date:
        """Its contract's last day: three months after the day of its round, or in the spring
        after."""
        due_in = self.round_of(n)
        return (
            date(2027, 4, 15) + timedelta(days=n * 37 % 70)
            if due_in is None
            else add_months(day_of(due_in), 3)
        )

    def owner_of(self, n: int) -> int:
        """The number of the rep who owns it."""
        return 2 + n % self.reps


def day_of(round_number: int) -> date:
    """The day on which the deals of a round are due: working days in Japan, one after the other."""
    return _jp().add(_FIRST_DAY, round_number)


def instant_of(round_number: int) -> datetime:
    """Ten o'clock on that day in Tokyo."""
    return send_instant(day_of(round_number), time(10), _TOKYO)


def shipped_policy(version: int = 1, *edits: tuple[str, str]) -> Policy:
    """The policy of the shipped `config.toml`, perhaps with texts replaced; what is asked is not
    asked again while a benchmark runs."""
    text = shipped_config()
    for old, new in (_ASKED_ONCE, *edits):
        assert old in text, f"config.toml no longer says {old}"
        text = text.replace(old, new, 1)
    config = read_config(text, "config.toml", holidays_of)
    assert isinstance(config, Config), config
    return replace(config.policy, version=version)


def fill(engine: Engine, book: Book) -> None:
    """The tables, made if there are none, and the book in them."""
    upgrade(engine, datetime(2026, 4, 1, tzinfo=UTC))
    writer = _copied if engine.dialect.name == "postgresql" else _inserted
    writer(
        engine,
        {
            "people": _people(book.reps),
            "customers": map(_customer, range(book.deals // 4 + 1)),
            **_about_deals(book),
        },
    )


def _about_deals(book: Book) -> dict[str, Iterator[Row]]:
    """The rows of everything that belongs to a deal, by table."""
    makers = {
        "contracts": _contract,
        "deals": _deal,
        "passages": _passage,
        "events": _events,
        "nudges": _nudges,
    }
    return {table: _all(make, book) for table, make in makers.items()}


def _all(make: Callable[[int, date, int], Iterator[Row]], book: Book) -> Iterator[Row]:
    """The rows that `make` has for each deal."""
    return (row for n in range(book.deals) for row in make(n, book.ends_on(n), book.owner_of(n)))


def _people(reps: int) -> Iterator[Row]:
    """A manager and the reps."""
    yield (1, "bob@example.com", "Bob Hill", "manager", "bob@example.com", "U0BOB", None, True)
    for rep in range(2, reps + 2):
        yield (
            rep,
            f"rep{rep}@example.com",
            f"Rep {rep}",
            "rep",
            f"rep{rep}@example.com",
            f"U0REP{rep}",
            1,
            True,
        )


def _customer(n: int) -> Row:
    """One customer, of four contracts."""
    return (n + 1, "seed", f"k{n}", f"顧客{n}", "JP", "mid")


def _contract(n: int, ends_on: date, owner: int) -> Iterator[Row]:
    """Its contract."""
    starts_on = add_months(ends_on + timedelta(days=1), -12)
    dates = (starts_on, ends_on, "12 months", "6 months", _decide_by(ends_on), False, False)
    yield (
        n + 1,
        "seed",
        f"c{n}",
        f"C-{n}",
        n // 4 + 1,
        "Pro",
        f"Contract {n}",
        *dates,
        100_000 + n,
        "JPY",
        owner,
        False,
        0,
        False,
    )


def _deal(n: int, ends_on: date, owner: int) -> Iterator[Row]:
    """The deal, asleep until three months before the end."""
    yield (
        n + 1,
        deal_key("seed", f"c{n}"),
        7,
        n + 1,
        "existing",
        "stable",
        _LONG_AGO,
        _LONG_AGO,
        "stable",
        "",
        "none",
        _wake_at(ends_on),
        1,
    )


def _passage(n: int, ends_on: date, owner: int) -> Iterator[Row]:
    """How it came into its stage."""
    yield (n + 1, n + 1, "stable", _LONG_AGO, "imported", "import", "seed.csv", True)


def _events(n: int, ends_on: date, owner: int) -> Iterator[Row]:
    """What became of the milestones it is past."""
    starts_on, decide_by = add_months(ends_on + timedelta(days=1), -12), _decide_by(ends_on)
    rows = (
        ("onboarding_30d", starts_on, starts_on + timedelta(days=30), "fired", _REACHED, _LONG_AGO),
        ("onboarding_90d", starts_on, starts_on + timedelta(days=90), "skipped", _SKIPPED, None),
        ("decide_by_30d", decide_by, decide_by - timedelta(days=30), "fired", _REACHED, _LONG_AGO),
    )
    for place, (milestone, anchor_on, day_on, state, because, answered_at) in enumerate(rows, 1):
        yield (
            3 * n + place,
            n + 1,
            milestone,
            anchor_on,
            0,
            day_on,
            state,
            because,
            _LONG_AGO,
            answered_at,
        )


def _nudges(n: int, ends_on: date, owner: int) -> Iterator[Row]:
    """What its owner was told."""
    told = (
        ("onboarding_30d", add_months(ends_on + timedelta(days=1), -12)),
        ("decide_by_30d", _decide_by(ends_on)),
    )
    for place, (milestone, anchor_on) in enumerate(told, 1):
        key = nudge_key(f"c{n}", milestone, anchor_on, 0, f"person:{owner}")
        states = (
            f"person:{owner}",
            owner,
            "owner",
            _REACHED,
            "sent",
            "",
            _LONG_AGO,
            _LONG_AGO,
            _LONG_AGO,
        )
        yield (2 * n + place, key, n + 1, milestone, anchor_on, 0, *states)


@cache
def _decide_by(ends_on: date) -> date:
    """The last day for a notice of six months."""
    return decide_by(ends_on, Term(months=6))


@cache
def _wake_at(ends_on: date) -> str:
    """When the day three months before the end begins in Tokyo, as SQLite keeps it."""
    day = offset_day(ends_on, Offset(months=-3), _jp(), Shift.EARLIER)
    return send_instant(day, time(0), _TOKYO).strftime("%Y-%m-%d %H:%M:%S.%f")


@cache
def _jp() -> Calendar:
    """The shipped Japanese calendar."""
    return shipped_policy().calendars["jp"]


def _inserted(engine: Engine, tables: Mapping[str, Iterable[Row]]) -> None:
    """Into SQLite, without waiting for the disk until all is there."""
    assert engine.url.database is not None
    sqlite3.register_adapter(date, date.isoformat)
    connection = sqlite3.connect(engine.url.database)
    connection.execute("PRAGMA synchronous=OFF")
    for table, rows in tables.items():
        columns = _COLUMNS[table].split()
        connection.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
            rows,
        )
    connection.commit()
    for statement in ("ANALYZE", "PRAGMA synchronous=FULL", "PRAGMA wal_checkpoint(TRUNCATE)"):
        connection.execute(statement)
    connection.close()


def _copied(engine: Engine, tables: Mapping[str, Iterable[Row]]) -> None:
    """Into PostgreSQL by COPY; afterwards its statistics are as they would be in service."""
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET timezone TO 'UTC'")
        for table, rows in tables.items():
            with (
                connection.cursor() as cursor,
                cursor.copy(
                    f"COPY {table} ({', '.join(_COLUMNS[table].split())}) FROM STDIN"
                ) as copy,
            ):
                for row in rows:
                    copy.write_row(row)
            connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )
        connection.execute("VACUUM ANALYZE")

"""A season in which channels break for hours: every nudge reaches somebody, in their hours, at most
once; each broken channel is told of once.

`pytest --soak -s tests/services/test_season.py` lives many seasons, with crashes, lost replies and
clocks that are set among the outages, and prints the figures.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from scheduler.core.messages.faults import FaultKind
from scheduler.core.words.lexicon import ChannelName
from tests.cast import ANN, CHIKA
from tests.services.simulation import (
    NONE,
    SOME,
    START,
    Faults,
    Life,
    Outage,
    Tally,
    balance,
    outcomes,
)
from tests.storage.builders import T

SEASON, SEASONS, FIRST = 6, 12, 7000
KINDS = (
    (ChannelName.SLACK, "token_revoked: install the app again", FaultKind.ACCESS),
    (ChannelName.SLACK, "user_not_found: no such person in this workspace", None),
    (ChannelName.SLACK, "Slack could not be reached", FaultKind.NETWORK),
    (ChannelName.EMAIL, "535 5.7.8 credentials invalid", FaultKind.ACCESS),
    (ChannelName.EMAIL, "550 5.7.1 relaying denied", None),
    (ChannelName.EMAIL, "connection refused", FaultKind.NETWORK),
)
ZONES = {"U0CHIKA": CHIKA.zone}


def outages_of(seed: int) -> list[Outage]:
    """An outage a week, of some hours to two days, one after the other, from the season's beginning
    on."""
    chance = random.Random(seed)
    made = []
    for week in range(SEASON):
        channel, said, fault_kind = KINDS[(seed + week) % len(KINDS)]
        begins_at = START + timedelta(weeks=week, hours=chance.randrange(2, 60))
        made.append(
            Outage(
                channel,
                begins_at,
                begins_at + timedelta(hours=chance.randrange(2, 48)),
                said,
                fault_kind,
            )
        )
    return made


def outside_hours(life: Life) -> list[str]:
    """Nudges that were handed over at an hour, or on a day, on which their reader is not to be
    reached."""
    wrong = []
    for side in (life.world.slack, life.world.mail):
        for at, envelope in side.handed:
            local = at.astimezone(ZoneInfo(ZONES.get(envelope.address) or ANN.zone or "UTC"))
            if envelope.rendered.subject == "nudges" and (
                local.weekday() > 4 or not 9 <= local.hour < 18
            ):
                wrong.append(f"{envelope.address} {local:%a %H:%M}")
    return wrong


def pauses_told(life: Life) -> Counter[str]:
    """How often the admins were told that a channel does not work, by what they were told."""
    with life.engine.connect() as connection:
        facts = connection.execute(
            select(T["messages"].c.facts).where(T["messages"].c.kind == "alert")
        ).scalars()
        return Counter(
            f["text"].split("Since ")[1].split(".")[0]
            for f in facts
            if f and "sending by it is paused" in f["title"]
        )


@dataclass(frozen=True)
class Punctual:
    """Nudges that were sent: in their window; later, because a channel did not work at that time;
    later for any other reason."""

    in_window: int = 0
    by_channel: int = 0
    late: int = 0

    def __add__(self, other: "Punctual") -> "Punctual":
        return Punctual(
            self.in_window + other.in_window,
            self.by_channel + other.by_channel,
            self.late + other.late,
        )

    @property
    def share(self) -> float:
        """How much of what no channel held up went out in its window."""
        return self.in_window / max(1, self.in_window + self.late)


def punctual(life: Life) -> Punctual:
    """How many nudges went out in the window they were due in."""
    nudges = T["nudges"].c
    found = Punctual()
    with life.engine.connect() as connection:
        for row in connection.execute(
            select(nudges.delayed_from, nudges.sent_at).where(nudges.state == "sent")
        ):
            if row.delayed_from is None:
                found += Punctual(in_window=1)
                continue
            day = datetime.combine(row.delayed_from, time.min, UTC) - timedelta(hours=12)
            held_up = any(
                o.begins_at <= row.sent_at and o.ends_at >= day for o in life.world.outages
            )
            found += Punctual(by_channel=1) if held_up else Punctual(late=1)
    return found


def live(
    seed: int,
    faults: Faults,
    tables: Path,
    folder: Path,
    outages: Sequence[Outage],
    weeks: int = SEASON,
) -> Life:
    """One season with outages; whatever must hold of every season is asserted."""
    life = Life(seed, faults, tables, folder, weeks, outages).live()
    found = balance(life)
    assert (found.lost, found.twice, found.open, found.untold) == ([], [], [], []), f"seed {seed}"
    assert found.states["dead"] == 0, f"seed {seed}: given up although everything works again"
    assert outside_hours(life) == [], f"seed {seed}"
    told = pauses_told(life)
    assert set(told.values()) <= {1}, f"seed {seed}: told more than once of one pause: {told}"
    assert len(told) <= sum(o.channel is ChannelName.SLACK for o in outages), (
        f"seed {seed}: more alerts than broken channels"
    )
    return life


def test_two_weeks_of_everything_at_once_lose_nothing(tables_sqlite: Path, tmp_path: Path) -> None:
    """The season below in small: both channels break, processes die, the disk is full, clocks are
    set."""
    outages = [
        Outage(
            ChannelName.SLACK,
            START + timedelta(hours=20),
            START + timedelta(hours=30),
            *KINDS[0][1:],
        ),
        Outage(
            ChannelName.EMAIL,
            START + timedelta(days=7),
            START + timedelta(days=7, hours=8),
            *KINDS[4][1:],
        ),
    ]
    life = live(FIRST, SOME, tables_sqlite, tmp_path, outages, weeks=2)
    tally = life.world.tally
    assert all(
        n > 0
        for n in (
            tally.deaths,
            tally.outages,
            tally.full,
            sum(tally.sendings[o.said] for o in outages),
        )
    )
    assert punctual(life).late == 0
    life.engine.dispose()


@pytest.mark.soak
def test_a_season_of_broken_channels_comes_to_what_a_calm_one_comes_to(
    tables_sqlite: Path, tmp_path: Path
) -> None:
    season = live(3, NONE, tables_sqlite, tmp_path, outages_of(3))
    calm_folder = tmp_path / "calm"
    calm_folder.mkdir()
    calm = Life(3, NONE, tables_sqlite, calm_folder, SEASON).live()
    assert outcomes(season) == outcomes(calm)
    assert sum(n for said, n in season.world.tally.sendings.items() if said != "none") > 0, (
        "nothing met an outage"
    )
    for life in (season, calm):
        life.engine.dispose()


@pytest.mark.soak
def test_seasons_of_everything_at_once(tables_sqlite: Path, tmp_path: Path) -> None:
    total, alerts, copies, kept = Tally(), 0, 0, Punctual()
    states = Counter[str]()
    for seed in range(FIRST, FIRST + SEASONS):
        life = live(seed, SOME, tables_sqlite, tmp_path, outages_of(seed))
        found, total = balance(life), added(total, life.world.tally)
        alerts, copies, kept, states = (
            alerts + len(pauses_told(life)),
            copies + found.accounted,
            kept + punctual(life),
            states + found.states,
        )
        life.engine.dispose()
        life.file.unlink()
    print(
        f"\n{SEASONS} seasons of {SEASON} weeks: {SEASONS * SEASON} outages of channels, "
        f"{total.deaths} processes killed, {total.outages} times no "
        f"database, {total.full} times a full disk, {total.jumps} clocks set\n{alerts} alerts, "
        "never two of one pause; 0 lost, 0 twice but for "
        f"{copies} mails of unknown outcome, 0 outside hours\n{kept.in_window} nudges in their window,"
        f" {kept.by_channel} held up by a channel, "
        f"{kept.late} late otherwise: {kept.share:.2%}\nnudges {dict(states)}\nsendings "
        f"{dict(total.sendings)}"
    )
    assert kept.share >= 0.999


def added(one: Tally, other: Tally) -> Tally:
    """Two tallies together."""
    return Tally(
        **{name: getattr(one, name) + getattr(other, name) for name in one.__dataclass_fields__}
    )

"""A season in which channels break for hours: every nudge reaches somebody, in their hours, at most once; each broken channel is told of once.

`pytest --soak -s tests/services/test_season.py` lives many seasons, with crashes, lost replies and clocks that are set among the outages, and prints
the figures.
"""

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from scheduler.core.faults import Nature
from scheduler.core.words import ChannelName
from tests.cast import ANN, CHIKA
from tests.services.simulation import NONE, SOME, START, Faults, Life, Outage, balance, outcomes
from tests.storage.builders import T

SEASON, SEASONS, FIRST = 6, 40, 7000
KINDS = (
    (ChannelName.SLACK, "token_revoked: install the app again", Nature.ACCESS),
    (ChannelName.SLACK, "user_not_found: no such person in this workspace", None),
    (ChannelName.SLACK, "Slack could not be reached", Nature.NETWORK),
    (ChannelName.EMAIL, "535 5.7.8 credentials invalid", Nature.ACCESS),
    (ChannelName.EMAIL, "550 5.7.1 relaying denied", None),
    (ChannelName.EMAIL, "connection refused", Nature.NETWORK),
)
ZONES = {"U0CHIKA": CHIKA.zone}


def outages_of(seed: int) -> list[Outage]:
    """An outage a week, of some hours to two days, one after the other, from the season's beginning on."""
    chance = random.Random(seed)
    made = []
    for week in range(SEASON):
        channel, said, nature = KINDS[(seed + week) % len(KINDS)]
        begins_at = START + timedelta(weeks=week, hours=chance.randrange(2, 60))
        made.append(Outage(channel, begins_at, begins_at + timedelta(hours=chance.randrange(2, 48)), said, nature))
    return made


def outside_hours(life: Life) -> list[str]:
    """Nudges that were handed over at an hour, or on a day, on which their reader is not to be reached."""
    wrong = []
    for side in (life.world.slack, life.world.mail):
        for at, envelope in side.handed:
            local = at.astimezone(ZoneInfo(ZONES.get(envelope.address) or ANN.zone or "UTC"))
            if envelope.rendered.subject == "nudges" and (local.weekday() > 4 or not 9 <= local.hour < 18):
                wrong.append(f"{envelope.address} {local:%a %H:%M}")
    return wrong


def pauses_told(life: Life) -> Counter[str]:
    """How often the admins were told that a channel does not work, by what they were told."""
    with life.engine.connect() as connection:
        facts = connection.execute(select(T["messages"].c.facts).where(T["messages"].c.kind == "alert")).scalars()
        return Counter(f["text"].split("Since ")[1].split(".")[0] for f in facts if f and "sending by it is paused" in f["title"])


def live(seed: int, faults: Faults, tables: Path, folder: Path) -> Life:
    """One season with outages; whatever must hold of every season is asserted."""
    outages = outages_of(seed)
    life = Life(seed, faults, tables, folder, SEASON, outages).live()
    found = balance(life)
    assert (found.lost, found.twice, found.open, found.untold) == ([], [], [], []), f"seed {seed}"
    assert found.states["dead"] == 0, f"seed {seed}: given up although everything works again"
    assert outside_hours(life) == [], f"seed {seed}"
    told = pauses_told(life)
    assert set(told.values()) <= {1}, f"seed {seed}: told more than once of one pause: {told}"
    assert len(told) <= sum(o.channel is ChannelName.SLACK for o in outages), f"seed {seed}: more alerts than broken channels"
    return life


@pytest.mark.soak
def test_a_season_of_broken_channels_comes_to_what_a_calm_one_comes_to(tables_sqlite: Path, tmp_path: Path) -> None:
    season = live(3, NONE, tables_sqlite, tmp_path)
    calm_folder = tmp_path / "calm"
    calm_folder.mkdir()
    calm = Life(3, NONE, tables_sqlite, calm_folder, SEASON).live()
    assert outcomes(season) == outcomes(calm)
    assert sum(n for said, n in season.world.tally.sendings.items() if said != "none") > 0, "nothing met an outage"
    for life in (season, calm):
        life.engine.dispose()


@pytest.mark.soak
def test_seasons_of_everything_at_once(tables_sqlite: Path, tmp_path: Path) -> None:
    deaths = alerts = jumps = outages = 0
    sendings, states = Counter[str](), Counter[str]()
    for seed in range(FIRST, FIRST + SEASONS):
        life = live(seed, SOME, tables_sqlite, tmp_path)
        deaths, jumps, outages = deaths + life.world.tally.deaths, jumps + life.world.tally.jumps, outages + SEASON
        alerts, sendings, states = alerts + len(pauses_told(life)), sendings + life.world.tally.sendings, states + balance(life).states
        life.engine.dispose()
        life.file.unlink()
    print(
        f"\n{SEASONS} seasons of {SEASON} weeks: {outages} outages of channels, {deaths} crashes, {jumps} clocks set; {alerts} alerts, never two of "
        f"one pause; 0 lost, 0 twice, 0 outside hours\nnudges {dict(states)}\nsendings {dict(sendings)}"
    )

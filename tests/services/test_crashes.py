"""Weeks in which processes die at every kind of moment, replies are lost and clocks are set:
nothing is lost, nothing said twice, every move is made.

`pytest --soak -s tests/services/test_crashes.py` lives years and prints what happened.
"""

from collections import Counter
from pathlib import Path

import pytest

from tests.services.simulation import NONE, SOME, Balance, Life, balance, outcomes

WEEKS, LIVES, FIRST = 4, 150, 1000


def compare(seed: int, tables: Path, folder: Path) -> tuple[Life, Balance]:
    """A life full of faults against the same life without them."""
    calm, storm = (Life(seed, faults, tables, folder, WEEKS).live() for faults in (NONE, SOME))
    quiet, found = balance(calm), balance(storm)
    assert (quiet.lost, quiet.twice, quiet.open, quiet.accounted) == ([], [], [], 0)
    assert found.lost == [], f"seed {seed}: counts as said, but never arrived"
    assert found.twice == [], f"seed {seed}: said twice without an account of it"
    assert found.open == [], f"seed {seed}: due and not said"
    assert found.untold == [], f"seed {seed}: in doubt, and no admin knows"
    assert found.states["dead"] == 0, (
        f"seed {seed}: given up although the fallback could be reached"
    )
    assert outcomes(storm) == outcomes(calm), f"seed {seed}"
    for life in (calm, storm):
        life.engine.dispose()
        life.file.unlink()
    return storm, found


@pytest.mark.parametrize("seed", [0])
def test_weeks_full_of_faults_come_to_what_calm_weeks_come_to(
    seed: int, tables_sqlite: Path, tmp_path: Path
) -> None:
    storm, _ = compare(seed, tables_sqlite, tmp_path)
    assert storm.world.tally.deaths > 10
    assert storm.world.tally.outages > 10


@pytest.mark.soak
def test_years_full_of_faults_come_to_what_calm_years_come_to(
    tables_sqlite: Path, tmp_path: Path
) -> None:
    deaths = outages = jumps = ticks = mails = 0
    states, sendings = Counter[str](), Counter[str]()
    for seed in range(FIRST, FIRST + LIVES):
        storm, found = compare(seed, tables_sqlite, tmp_path)
        tally = storm.world.tally
        deaths, outages, jumps, ticks = (
            deaths + tally.deaths,
            outages + tally.outages,
            jumps + tally.jumps,
            ticks + tally.ticks,
        )
        states, sendings, mails = (
            states + found.states,
            sendings + tally.sendings,
            mails + found.accounted,
        )
    print(
        f"\n{LIVES * (WEEKS * 7 + 9) / 365:.1f} years, {deaths} crashes, {outages} failures of the "
        f"database, {jumps} clocks set, {ticks} ticks: "
        f"0 lost, 0 twice, 0 wrong moves; {mails} mails resent in the gap\nnudges {dict(states)}\n"
        f"sendings {dict(sendings)}"
    )

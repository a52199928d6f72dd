"""Plans on a real database: made, applied by several at once, while the daemon writes; and what an
edit never does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, text, update

from scheduler.app.policy_building import build_policy, holidays_of
from scheduler.app.policy_edits.keeper import file_policy
from scheduler.app.shipped import shipped_config
from scheduler.core.config.reading import Config, read_config
from scheduler.core.deal.pauses import Pause, Scope
from scheduler.core.deal.stored import alone
from scheduler.core.policy.policy import Policy
from scheduler.core.time.calendar import Calendar
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.lexicon import ChannelName
from scheduler.services.deals.pauses import pause
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.policy.effects import flood
from scheduler.services.policy.in_force import FilePolicy, InForce, follow, version_after
from scheduler.services.policy.planning import (
    Plan,
    PlanDiffersError,
    Planned,
    Snapshot,
    StrandedError,
    apply_plan,
    harms,
    make_plan,
)
from scheduler.storage.database.deals import DEALS
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.delivery.pauses import PauseQueries
from scheduler.storage.policy.planning import PlanRows
from scheduler.storage.policy.versions import PolicyVersions
from tests.storage.builders import add_cast, add_contract

NOW = datetime(2026, 12, 7, 3, tzinfo=UTC)
END = (date(2027, 3, 31), datetime(2027, 3, 31, 15, tzinfo=UTC))
CHANNELS = (ChannelName.PREVIEW,)
EARLIER, LATER = (
    ('offset = "-3 months"', 'offset = "-4 months"'),
    ('offset = "-1 month"', 'offset = "-2 months"'),
)


def file(*edits: tuple[str, str]) -> FilePolicy:
    """The shipped configuration with edits."""
    content = shipped_config()
    for old, new in edits:
        assert old in content
        content = content.replace(old, new, 1)
    found = read_config(content, "config.toml", holidays_of)
    assert isinstance(found, Config), found
    return file_policy(found)


@dataclass
class Team:
    """A database with contracts that has been swept under the shipped policy."""

    engine: Engine
    reading: Engine
    current: InForce = field(init=False)

    def __post_init__(self) -> None:
        self.current = follow(
            PolicyVersions(self.engine, self.engine), file(), "test", NOW, edits=True
        ).in_force
        with self.engine.begin() as connection:
            ann, _ = add_cast(connection)
            for n in range(6):
                add_contract(
                    connection,
                    f"C-{n}",
                    date(2027, 3, 31 - 3 * n),
                    owner_id=ann,
                    customer=f"Customer {n}",
                )
        sweep_all(transactions(self.engine, SweepQueries), self.policy, NOW)

    @property
    def policy(self) -> Policy:
        return build_policy(self.current)

    def store(self) -> PlanRows:
        return PlanRows(self.engine, self.reading)

    def planned(self, *edits: tuple[str, str], backfill: bool = False) -> Planned:
        edited = file(*edits)
        new = build_policy(version_after(self.current, edited, NOW, backfill=backfill))
        return make_plan(
            self.store(), self.policy, new, edited, NOW, END, CHANNELS, "test", backfill=backfill
        )

    def apply(self, plan: Plan, store: PlanRows | None = None, now: datetime = NOW) -> None:
        version = version_after(
            self.current, replace(file(), hash=plan.hash, document=plan.document), now
        )
        apply_plan(
            store or self.store(),
            plan,
            self.policy,
            build_policy(version),
            version,
            now,
            END[1],
            CHANNELS,
            "test",
        )

    def version(self) -> int:
        with self.engine.connect() as connection:
            return int(
                connection.execute(text("SELECT max(version) FROM policy_versions")).scalar_one()
            )


@pytest.fixture
def team(engine: Engine) -> Iterator[Team]:
    reading = open_engine(engine.url.render_as_string(hide_password=False), reading=True)
    yield Team(engine, reading)
    reading.dispose()


def test_a_plan_is_kept_and_found_by_the_beginning_of_its_id(team: Team) -> None:
    plan = team.planned(EARLIER).plan
    assert plan.rows
    assert team.store().plan(plan.id[:4]) == plan
    assert team.store().plan("") is None or len(team.store().recent()) == 1
    assert [p.id for p in team.store().recent()] == [plan.id]


def test_of_admins_who_apply_at_once_one_wins(team: Team) -> None:
    plans = [team.planned(EARLIER).plan, team.planned(LATER).plan]
    start, refused = Barrier(2), []

    def apply(plan: Plan) -> None:
        start.wait()
        try:
            team.apply(plan)
        except UserMustActError as error:
            refused.append(error.label.en)

    threads = [Thread(target=apply, args=(plan,)) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert team.version() == 2
    assert len(refused) == 1


class Interrupted(PlanRows):
    """Something is written between the snapshot and the application, so many times."""

    def __init__(self, team: Team, statement: str, times: int) -> None:
        super().__init__(team.engine, team.reading)
        self._writer, self._statement, self._times = team.engine, statement, times

    def put_in_force(
        self,
        plan: Plan,
        version: InForce,
        fingerprint: str,
        author: str,
        now: datetime,
        note: str = "",
    ) -> bool:
        if self._times:
            self._times -= 1
            with self._writer.begin() as connection:
                connection.execute(text(self._statement))
        return super().put_in_force(plan, version, fingerprint, author, now, note)


TOUCH = "UPDATE deals SET version = version + 1 WHERE id = 1"
MOVE = "UPDATE contracts SET ends_on = '2027-06-30' WHERE id = 1"
LOSE = (
    "UPDATE deals SET stage = 'lost', closed_at = '2026-12-07 03:00:00.000000', wake_at = NULL, "
    "version = version + 1 WHERE id = 1"
)


def test_what_the_daemon_writes_meanwhile_is_looked_at_again(team: Team) -> None:
    team.apply(team.planned(EARLIER).plan, Interrupted(team, TOUCH, 2))
    assert team.version() == 2


def test_a_change_that_comes_between_is_seen_before_anything_is_in_force(team: Team) -> None:
    plan = team.planned(EARLIER).plan
    with pytest.raises(PlanDiffersError) as differs:
        team.apply(plan, Interrupted(team, LOSE, 1))
    assert differs.value.came or differs.value.went
    assert team.version() == 1


def test_a_database_that_never_stands_still_is_an_answer_and_not_a_loop(team: Team) -> None:
    with pytest.raises(UserMustActError, match="kept changing"):
        team.apply(team.planned(EARLIER).plan, Interrupted(team, TOUCH, 100))
    assert team.version() == 1


def test_a_snapshot_stays_as_it_was_while_others_write(team: Team) -> None:
    with team.store().snapshot() as snapshot:
        before = _ends(snapshot)
        with team.engine.begin() as connection:
            connection.execute(text(MOVE))
        assert _ends(snapshot) == before


def _ends(snapshot: Snapshot) -> list[date | None]:
    return [deal.contract.ends_on for deal in snapshot.deals(closed=True)]


@contextmanager
def swept(team: Team, now: datetime, *edits: tuple[str, str]) -> Iterator[list[tuple[str, str]]]:
    """The moves that an edit makes at once."""
    current = follow(
        PolicyVersions(team.engine, team.engine), file(*edits), "test", now, edits=True
    ).in_force
    with team.engine.begin() as connection:
        last = connection.execute(text("SELECT max(id) FROM passages")).scalar_one()
    sweep_all(transactions(team.engine, SweepQueries), build_policy(current), now)
    with team.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT from_stage, to_stage FROM passages WHERE id > :last"), {"last": last}
        ).all()
        yield [(row.from_stage, row.to_stage) for row in rows]


def test_a_milestone_that_counts_from_another_date_takes_nothing_back(team: Team) -> None:
    with team.engine.begin() as connection:
        connection.execute(
            text("UPDATE contracts SET decide_by = '2027-02-28', notice = '1 month'")
        )
        connection.execute(text("UPDATE deals SET wake_at = '2026-01-01 00:00:00.000000'"))
    later = datetime(2027, 1, 5, 3, tzinfo=UTC)
    sweep_all(transactions(team.engine, SweepQueries), team.policy, later)
    with team.engine.connect() as connection:
        assert (
            connection.execute(
                text("SELECT count(*) FROM deals WHERE stage = 'renewal_3m'")
            ).scalar_one()
            == 6
        )
    with swept(
        team,
        later,
        ('anchor = "ends_on"\noffset = "-3 months"', 'anchor = "decide_by"\noffset = "-10 days"'),
    ) as moves:
        assert moves == []
    with team.engine.connect() as connection:
        assert (
            connection.execute(
                text("SELECT count(*) FROM events WHERE state = 'withdrawn'")
            ).scalar_one()
            == 0
        )


def test_a_stage_under_open_deals_is_not_taken_away(team: Team) -> None:
    gone = next(
        line
        for line in shipped_config().splitlines(keepends=True)
        if line.startswith('  { id = "stable"')
    )
    with pytest.raises(StrandedError, match="the edit removes stage stable"):
        team.planned((gone, ""), ('default_active = "stable"', 'default_active = "at_risk"'))


def test_an_edit_under_which_deals_cannot_be_decided_waits(team: Team) -> None:
    never_open = replace(
        team.policy,
        version=2,
        calendars={"weekdays": Calendar("weekdays", weekend=frozenset(range(7)))},
    )
    with team.store().snapshot() as snapshot:
        assert harms(snapshot, team.policy, replace(team.policy, version=2), NOW) == []
        [why] = harms(snapshot, team.policy, never_open, NOW)
    assert why.en == "it leaves 6 deals that the program cannot decide: C-0, C-1, C-2, C-3, C-4, …"


def test_reminders_that_are_late_already_are_no_objection_to_an_edit(team: Team) -> None:
    patient = replace(team.policy.attention, flood_nudges=2)
    old = replace(team.policy, attention=patient)
    months_later = datetime(2027, 3, 1, 3, tzinfo=UTC)
    with team.store().snapshot() as snapshot:
        edited, each = replace(old, version=2), map(alone, snapshot.deals(closed=False))
        assert flood(snapshot.stored(closed=False), edited, months_later) == {"person:2": 6}
        assert flood(each, edited, months_later) == {"person:2": 6}, "each decided by itself"
        assert harms(snapshot, old, replace(old, version=2), months_later) == []


def test_what_is_paused_is_late_for_nobody_and_a_pause_outdates_a_plan(team: Team) -> None:
    planned, late_at = team.planned(EARLIER), datetime(2027, 3, 1, 3, tzinfo=UTC)
    of_one = Pause(Scope.CONTRACT, "C-1", NOW, None, "a dispute", "Bob")
    pause(transactions(team.engine, PauseQueries), of_one, team.policy)
    few = replace(team.policy, version=2, attention=replace(team.policy.attention, flood_nudges=2))
    with team.store().snapshot() as snapshot:
        assert flood(snapshot.stored(closed=False), few, late_at) == {"person:2": 5}
        assert flood(map(alone, snapshot.deals(closed=False)), few, late_at) == {"person:2": 5}
    with pytest.raises(PlanDiffersError):
        team.apply(planned.plan)


HALF_YEAR = (
    'id = "renewal_6m"\npipeline = "existing"\nlabel = "6 months"\nanchor = "ends_on"\noffset = '
    '"-6 months"\nseries = "half"'
)
SIX_MONTHS = (
    '[[milestones]]\nid = "renewal_3m"',
    f'[[milestones]]\n{HALF_YEAR}\n\n[[milestones]]\nid = "renewal_3m"',
)


def loaded_first(engine: Engine) -> Team:
    """Two contracts that came with a source's first load on 7 December, six months before whose end
    lies on 30 September; and one that came later."""
    reading = open_engine(engine.url.render_as_string(hide_password=False), reading=True)
    team = Team(engine, reading)
    with engine.begin() as connection:
        connection.execute(update(DEALS).values(arrived_at=NOW))
        connection.execute(update(DEALS).where(DEALS.c.id < 3).values(baseline_at=NOW))
    return team


def test_a_plan_counts_what_the_first_load_keeps_silent_and_backfill_reaches_it(
    engine: Engine,
) -> None:
    team = loaded_first(engine)
    silent = team.planned(SIX_MONTHS).effects
    assert {id: len(deals) for id, deals in silent.silent.items()} == {"renewal_6m": 6}
    assert silent.before_load == {"renewal_6m": 2}
    told = team.planned(SIX_MONTHS, backfill=True).effects
    assert not told.silent
    assert len([e for e in told.came if e.what == "renewal_6m" and e.step == 0]) == 6
    team.reading.dispose()


def test_backfill_speaks_of_what_was_there_then_and_not_of_a_load_that_comes_later(
    engine: Engine,
) -> None:
    team = loaded_first(engine)
    plan = team.planned(SIX_MONTHS, backfill=True).plan
    version = version_after(
        team.current,
        replace(file(SIX_MONTHS), hash=plan.hash, document=plan.document),
        NOW,
        backfill=True,
    )
    assert version.since == {"backfill renewal_6m": NOW}
    by = build_policy(version)
    assert by.speaks_of_the_past("renewal_6m", NOW)
    assert not by.speaks_of_the_past("renewal_6m", NOW.replace(hour=4))
    assert not by.speaks_of_the_past("renewal_3m", NOW)
    renamed = version_after(
        version,
        file(
            (
                SIX_MONTHS[0],
                SIX_MONTHS[1].replace('"renewal_6m"', '"half_year"\nwas = ["renewal_6m"]'),
            )
        ),
        NOW.replace(day=9),
    )
    assert renamed.since == {"backfill half_year": NOW}
    team.reading.dispose()


def test_a_plan_counts_to_how_many_contracts_each_milestone_can_come(team: Team) -> None:
    never = (
        'id = "onboarding_30d"\npipeline = "existing"',
        'id = "onboarding_30d"\npipeline = "existing"\nwhere = { segment = ["nobody"] }',
    )
    effects = team.planned(EARLIER, never).effects
    assert (effects.reached_after["renewal_3m"], effects.asked["renewal_3m"]) == (6, 6)
    assert effects.reached_after["onboarding_30d"] == 0
    assert not effects.short

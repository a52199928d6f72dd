"""Stages and milestones renamed, again and again, and taken back: no clock starts anew, and nobody
hears twice. On real databases."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

from scheduler.app.policy_building import build_policy, holidays_of
from scheduler.app.policy_edits.keeper import file_policy
from scheduler.app.shipped import shipped_config
from scheduler.core.config.reading import Config, read_config
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.policy.in_force import FilePolicy, follow
from scheduler.services.reports.passage import passage_report
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.policy.versions import PolicyVersions
from scheduler.storage.reports.passage import PassageSums
from tests.storage.builders import add_cast, add_contract

NOW = datetime(2027, 1, 4, 3, tzinfo=UTC)
STUCK = """
[[milestones]]
id = "stuck"
pipeline = "existing"
label = "Stuck"
anchor = "stage_entered_on"
offset = "+5 days"
stages = ["renewal_3m"]
"""
STAGE, MOVES, MEANT = (
    '{ id = "renewal_3m", kind',
    'moves_to = "renewal_3m"',
    'stages = ["renewal_3m"]',
)


def file(*edits: tuple[str, str]) -> FilePolicy:
    """The shipped configuration with a milestone that counts from entering a stage, and with
    edits."""
    at = shipped_config().index("[machine]")
    content = shipped_config()[:at] + STUCK + shipped_config()[at:]
    for old, new in edits:
        assert old in content
        content = content.replace(old, new, 1)
    found = read_config(content, "config.toml", holidays_of, template_names=("renewal_3m",))
    assert isinstance(found, Config), found
    return file_policy(found)


def called(stage: str, was: str, milestone: str, milestone_was: str) -> FilePolicy:
    """The stage renewal_3m and the milestone of its name under other names."""
    return file(
        (STAGE, f'{{ id = "{stage}", was = ["{was}"], kind'),
        (MOVES, f'moves_to = "{stage}"'),
        (MEANT, f'stages = ["{stage}"]'),
        ('id = "renewal_3m"\npipeline', f'id = "{milestone}"\nwas = ["{milestone_was}"]\npipeline'),
    )


def rows(engine: Engine, query: str) -> list[Any]:
    """What a query finds."""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def heard(engine: Engine) -> list[Any]:
    """Everything that was told and every stage that was entered."""
    return rows(engine, "SELECT key, milestone, state FROM nudges ORDER BY key") + rows(
        engine, "SELECT from_stage, to_stage, at FROM passages ORDER BY id"
    )


def test_renamed_twice_and_taken_back_nothing_starts_anew(engine: Engine) -> None:
    store = PolicyVersions(engine, engine)
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        for n in range(4):
            add_contract(
                connection, f"C-{n}", date(2027, 3, 31 - n), owner_id=ann, customer=f"Customer {n}"
            )
    first, told = file(), NOW + timedelta(days=6)
    edits = (
        first,
        called("early", "renewal_3m", "quarter", "renewal_3m"),
        called("soon", "early", "asked", "quarter"),
        first,
    )
    sweep_all(
        transactions(engine, SweepQueries),
        build_policy(follow(store, first, "test", NOW, edits=True).in_force),
        NOW,
    )
    for hour, edit in enumerate(edits):
        before, now = heard(engine), told + timedelta(hours=hour)
        version = follow(store, edit, "test", now, edits=True).in_force
        if edit is first and hour:
            version = store.apply(version.version, first, version.since, "test", now)
        sweep_all(transactions(engine, SweepQueries), build_policy(version), now)
        assert not hour or heard(engine) == before, version.version
    sweep_all(transactions(engine, SweepQueries), build_policy(version), told + timedelta(days=7))
    assert rows(engine, "SELECT count(*) FROM nudges WHERE milestone = 'stuck'") == [(4,)]
    assert {m for _, m, _ in rows(engine, "SELECT key, milestone, state FROM nudges")} == {
        "renewal_3m",
        "stuck",
    }
    assert rows(engine, "SELECT DISTINCT stage FROM deals") == [("renewal_3m",)]
    assert rows(engine, "SELECT count(*) FROM policy_versions") == [(4,)]


def test_the_passage_report_says_the_same_after_a_renaming_of_a_renaming(engine: Engine) -> None:
    store = PolicyVersions(engine, engine)
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        add_contract(connection, "C-1", date(2027, 3, 31), owner_id=ann)
    counts = []
    for edit in (
        file(),
        called("early", "renewal_3m", "quarter", "renewal_3m"),
        called("soon", "early", "asked", "quarter"),
    ):
        policy = build_policy(follow(store, edit, "test", NOW, edits=True).in_force)
        sweep_all(transactions(engine, SweepQueries), policy, NOW)
        report = passage_report(PassageSums(engine), policy.pipeline("existing"))
        counts.append(
            [(line.now, line.ever_passed, line.furthest_reached) for line in report.lines]
        )
    assert counts[0] == counts[1] == counts[2]
    assert any(now for now, _, _ in counts[0])

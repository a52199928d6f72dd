"""The policy at hand: the database's as of the last look, built once for each version."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from scheduler.app.policy_building import build_policy, holidays_of
from scheduler.app.policy_edits.keeper import PolicyKeeper
from scheduler.app.shipped import shipped_config
from scheduler.core.config.reading import Config, read_config
from scheduler.core.policy.policy import Policy
from scheduler.services.policy.in_force import FileStatus, InForce, NoPolicyError
from scheduler.storage.policy.versions import PolicyVersions

NOW = datetime(2027, 1, 4, tzinfo=UTC)


@dataclass
class Building:
    """Builds policies and remembers of which versions."""

    built: list[int] = field(default_factory=list)

    def __call__(self, version: InForce) -> Policy:
        self.built.append(version.version)
        return build_policy(version)


def config(*edit: str) -> Config:
    """The shipped configuration, perhaps with one text replaced."""
    found = read_config(
        shipped_config().replace(*edit) if edit else shipped_config(),  # type: ignore[arg-type]
        "config.toml",
        holidays_of,
    )
    assert isinstance(found, Config)
    return found


EDIT = ("resend_after_move = 14", "resend_after_move = 21")


@pytest.fixture
def keepers(engine: Engine) -> tuple[PolicyKeeper, PolicyKeeper]:
    """Two machines on one database."""
    return PolicyKeeper(PolicyVersions(engine, engine), build_policy), PolicyKeeper(
        PolicyVersions(engine, engine), build_policy
    )


def test_a_file_is_put_in_force_and_at_hand(keepers: tuple[PolicyKeeper, PolicyKeeper]) -> None:
    keeper, _ = keepers
    keeper.follow(config(), "Ann", NOW)
    assert (keeper.policy().version, keeper.policy().resend_after_move) == (1, 14)
    keeper.follow(config(*EDIT), "Ann", NOW)
    assert (keeper.policy().version, keeper.policy().resend_after_move) == (2, 21)


def test_what_is_at_hand_is_what_was_looked_at_last(
    keepers: tuple[PolicyKeeper, PolicyKeeper],
) -> None:
    here, there = keepers
    here.follow(config(), "Ann", NOW)
    there.follow(config(*EDIT), "Bob", NOW)
    assert here.policy().version == 1
    here.refresh()
    assert (here.policy().version, here.policy().resend_after_move) == (2, 21)


def test_an_old_copy_takes_over_what_the_colleague_put_in_force(
    keepers: tuple[PolicyKeeper, PolicyKeeper],
) -> None:
    here, there = keepers
    here.follow(config(), "Ann", NOW)
    there.follow(config(*EDIT), "Bob", NOW)
    assert here.follow(config(), "Ann", NOW).standing is FileStatus.STALE
    assert here.policy().resend_after_move == 21


def test_comparing_applies_nothing(keepers: tuple[PolicyKeeper, PolicyKeeper]) -> None:
    keeper, _ = keepers
    with pytest.raises(NoPolicyError):
        keeper.compare(config().hash, NOW)
    keeper.follow(config(), "Ann", NOW)
    assert keeper.compare(config(*EDIT).hash, NOW).standing is FileStatus.EDITED
    assert keeper.compare("", NOW).standing is FileStatus.EDITED
    assert keeper.policy().version == 1


def test_a_version_is_built_once(engine: Engine) -> None:
    building = Building()
    keeper = PolicyKeeper(PolicyVersions(engine, engine), building)
    keeper.follow(config(), "Ann", NOW)
    for _ in range(3):
        keeper.refresh()
        keeper.compare(config().hash, NOW)
        assert keeper.policy().version == 1
    keeper.follow(config(*EDIT), "Ann", NOW)
    assert building.built == [1, 2]


def test_what_was_built_of_the_database_is_what_the_file_says(
    keepers: tuple[PolicyKeeper, PolicyKeeper],
) -> None:
    here, there = keepers
    here.follow(config(), "Ann", NOW)
    from_database, from_file = there.policy(), config().policy
    day = NOW.date()
    assert from_database.milestones == from_file.milestones
    assert from_database.pipelines == from_file.pipelines
    assert {name: c.is_business_day(day) for name, c in from_database.calendars.items()} == {
        name: c.is_business_day(day) for name, c in from_file.calendars.items()
    }

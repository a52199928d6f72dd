"""Owners who leave, come back, or have another address in HubSpot."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import Engine, select, update

from scheduler.core.deal.people import Person as Colleague
from scheduler.core.imports.by_hand import EditRule
from scheduler.core.words.lexicon import Language
from scheduler.services.imports.editing_people import PeopleEdit, deactivate_person, edit_person
from scheduler.services.sync.sync_status import who_left
from scheduler.storage.database.deals import PEOPLE
from scheduler.storage.database.transactions import transactions
from scheduler.storage.imports.editing import EditQueries
from scheduler.storage.sync.owners import FollowingOwners
from scheduler.storage.sync.sync_status import SyncRows
from tests.core.sync.sync_cast import both as policy_of_both
from tests.servers.hubspot.people import Person
from tests.services.sync.databases import ON_BOTH
from tests.services.sync.in_step import InStep, in_step
from tests.services.sync.pushing_world import KilledError
from tests.storage.builders import add_person


@pytest.fixture
def both(engine: Engine) -> Iterator[InStep]:
    """Two sides."""
    with in_step(engine) as made:
        yield made


def _owned(both: InStep, name: str = "Bob Hill") -> tuple[Person, int]:
    """Somebody there with a deal that was taken in."""
    email = f"{name.split(maxsplit=1)[0].lower()}@example.com"
    owner = both.here.server.person(email, name)
    record = both.deal(hubspot_owner_id=owner.owner_id)
    _later(both)
    return owner, record


def _later(both: InStep) -> None:
    """Two hours on, another round."""
    both.here.time.passes(hours=2)
    both.pull()


def _owner(both: InStep, record: int) -> Colleague:
    owner = both.ours(record).owner
    assert owner is not None
    return owner


def _left(both: InStep) -> Mapping[str, bool]:
    with transactions(both.engine, SyncRows)() as look:
        return look.standing().left


def test_who_is_deactivated_there_is_inactive_here_until_they_return(both: InStep) -> None:
    bob, record = _owned(both)
    assert _owner(both, record).active
    bob.leaves()
    _later(both)
    assert not _owner(both, record).active
    assert _left(both) == {"bob@example.com": False}
    bob.returns()
    _later(both)
    assert _owner(both, record).active
    assert _left(both) == {}


def test_who_had_left_before_the_first_load_is_inactive_from_it_on(both: InStep) -> None:
    bob = both.here.server.person("bob@example.com", "Bob Hill")
    bob.leaves()
    record = both.deal(hubspot_owner_id=bob.owner_id)
    both.pull()
    assert not _owner(both, record).active


class Dying(FollowingOwners):
    """Dies when it is to remember."""

    def keep(self, key: str, value: str, now: datetime) -> None:
        """Does not."""
        raise KilledError


def test_a_crash_before_it_is_remembered_leaves_nobody_inactive_for_good(both: InStep) -> None:
    bob, record = _owned(both)
    bob.leaves()
    both.here.time.passes(hours=2)
    dying = both.syncing
    dying.people = transactions(both.engine, Dying)
    with pytest.raises(KilledError):
        dying.step(both.here.time.now())
    _later(both)
    assert not _owner(both, record).active
    bob.returns()
    _later(both)
    assert _owner(both, record).active


def test_their_open_deals_are_looked_at_at_once(both: InStep) -> None:
    bob, record = _owned(both)
    both.sweep()
    bob.leaves()
    _later(both)
    wake_at = both.ours(record).wake_at
    assert wake_at is not None
    assert wake_at <= both.here.time.now()


def _by_hand(both: InStep) -> PeopleEdit:
    """An edit by the admin, now."""
    begin = transactions(both.engine, EditQueries)
    return PeopleEdit(begin, both.policy, both.here.time.now(), "admin", keep=True)


@ON_BOTH
def test_who_is_active_again_by_a_word_here_stays_so(both: InStep) -> None:
    bob, record = _owned(both)
    bob.leaves()
    _later(both)
    edit_person(
        _by_hand(both),
        "bob@example.com",
        {"active": True},
    )
    for _ in range(3):
        _later(both)
    assert _owner(both, record).active
    assert _left(both) == {"bob@example.com": True}
    bob.returns()
    _later(both)
    bob.leaves()
    _later(both)
    assert _owner(both, record).active


@ON_BOTH
def test_with_the_rule_that_files_win_hubspots_later_word_does(engine: Engine) -> None:
    with in_step(engine, policy=replace(policy_of_both(), edits=EditRule.FILE)) as both:
        bob, record = _owned(both)
        bob.leaves()
        _later(both)
        edit_person(
            _by_hand(both),
            "bob@example.com",
            {"active": True},
        )
        _later(both)
        assert _owner(both, record).active
        bob.returns()
        _later(both)
        bob.leaves()
        _later(both)
        assert not _owner(both, record).active


@ON_BOTH
def test_whom_somebody_here_made_inactive_hubspot_does_not_bring_back(both: InStep) -> None:
    bob, record = _owned(both)
    deactivate_person(
        _by_hand(both),
        "bob@example.com",
        leave=True,
    )
    bob.leaves()
    _later(both)
    bob.returns()
    _later(both)
    assert not _owner(both, record).active


@ON_BOTH
def test_a_new_address_there_is_the_same_persons_here(both: InStep) -> None:
    bob, record = _owned(both)
    before = _owner(both, record)
    with both.engine.begin() as connection:
        connection.execute(update(PEOPLE).where(PEOPLE.c.id == before.id).values(name="Bob H."))
    bob.changes_email("robert@example.com")
    _later(both)
    both.people["ann"].edits(record, {"amount": "10"})
    _later(both)
    after = _owner(both, record)
    assert (after.id, after.name) == (before.id, "Bob H.")
    with both.engine.connect() as connection:
        assert list(connection.scalars(select(PEOPLE.c.key))) == ["robert@example.com"]


@ON_BOTH
def test_a_new_address_that_is_somebody_elses_here_gives_them_the_deals(both: InStep) -> None:
    bob, record = _owned(both)
    with both.engine.begin() as connection:
        robert = add_person(connection, "Robert Hill", email="robert@example.com")
    bob.changes_email("robert@example.com")
    _later(both)
    both.pull()
    assert _owner(both, record).id == robert


@ON_BOTH
def test_an_address_followed_after_they_left_brings_them_back(both: InStep) -> None:
    bob, record = _owned(both)
    bob.leaves()
    _later(both)
    bob.changes_email("robert@example.com")
    _later(both)
    bob.returns()
    _later(both)
    assert _owner(both, record).active


def test_status_and_doctor_count_who_left_and_name_who_is_active_all_the_same() -> None:
    lines = [line.of(Language.EN) for line in who_left({"Ann": True, "Bob": False, "Cid": False})]
    assert [line.split(";")[0] for line in lines] == [
        "2 people who were deactivated in HubSpot are inactive here",
        "Ann was deactivated in HubSpot and is active here, as somebody said here",
    ]
    assert who_left({}) == []

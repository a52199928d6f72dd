"""The history of the policy as both databases keep it, and whether there is one to speak of."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from scheduler.ports import StoreUnavailableError
from scheduler.services.policy.versions import AppliedVersion
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.revisions import newest
from scheduler.storage.policy.history import PolicyHistory
from scheduler.storage.policy.policies import PolicyVersion, apply_policy

NOW = datetime(2027, 1, 4, 9, 30, tzinfo=UTC)
DOCUMENT = {
    "policy": {"zone": "Asia/Tokyo", "admins": ["email:a@b.example"], "calendar": "jp"},
    "templates": {"ja/x/ask.txt": "ご確認ください"},
}


def test_every_version_is_told_newest_first_with_its_document_in_its_order(engine: Engine) -> None:
    for number in (1, 2):
        apply_policy(
            engine,
            number - 1,
            PolicyVersion(
                number, f"h{number}", DOCUMENT, {}, "Ann", "説明", NOW + timedelta(days=number)
            ),
        )
    found = PolicyHistory(engine).history()
    assert found == [
        AppliedVersion(n, f"h{n}", DOCUMENT, "Ann", "説明", NOW + timedelta(days=n)) for n in (2, 1)
    ]
    assert list(found[0].document["policy"]) == ["zone", "admins", "calendar"]


def test_there_is_one_as_soon_as_one_was_applied(engine: Engine) -> None:
    store = PolicyHistory(engine)
    assert (store.there_is_one(), store.history()) == (False, [])
    apply_policy(engine, 0, PolicyVersion(1, "h", DOCUMENT, {}, "Ann", "", NOW))
    assert store.there_is_one()


def test_a_database_of_another_version_of_the_program_holds_one_that_it_cannot_tell(
    engine: Engine,
) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        assert PolicyHistory(engine).there_is_one()
    finally:
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": newest()})


def test_an_empty_database_has_none(fresh_database_url: str) -> None:
    store = open_engine(fresh_database_url)
    assert not PolicyHistory(store).there_is_one()
    store.dispose()


def test_asking_makes_no_file(tmp_path: Path) -> None:
    reading = open_engine(f"sqlite:///{tmp_path}/data/renewals.db", reading=True)
    assert not PolicyHistory(reading).there_is_one()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "renewals.db").write_text("not a database, but long enough to be looked at" * 30)
    reading = open_engine(f"sqlite:///{tmp_path}/renewals.db", reading=True)
    with pytest.raises(StoreUnavailableError):
        PolicyHistory(reading).there_is_one()

"""What is tried of a life is seen by nobody else and kept nowhere, and nobody waits for it."""

import stat
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update

from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.ports import StoreUnavailableError
from scheduler.services.deals.sweep import sweep_once
from scheduler.storage.audit.restoring import tried_world
from scheduler.storage.database.engine import open_engine, transaction
from tests.cast import at
from tests.services.delivering import POLICY
from tests.storage.builders import T, add_cast, add_contract

NOW = at("2027-03-25")


def test_an_answer_does_not_wait_for_what_is_tried(database_url: str) -> None:
    impatient = (
        f"{database_url}?timeout=0.05" if database_url.startswith("sqlite") else database_url
    )
    engine = open_engine(impatient)
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        add_contract(connection, "C-1", date(2027, 3, 29), owner_id=ann)
    nudges = select(func.count()).select_from(T["nudges"])
    with tried_world(engine) as world:
        assert sweep_once(world.sweeping, POLICY, NOW, 100).nudges == 1
        with transaction(engine) as answering:
            assert answering.scalar(nudges) == 0, "it is seen by nobody else"
            answering.execute(update(T["people"]).values(hours="09:00-12:00"))
    with engine.connect() as connection:
        assert connection.scalar(nudges) == 0
        assert set(connection.scalars(select(T["people"].c.hours))) == {"09:00-12:00"}
    engine.dispose()


def _refused_while_trying(engine: Engine, folder: Path) -> None:
    with tried_world(engine):
        private = [f for f in folder.iterdir() if f.is_dir()]
        assert [stat.S_IMODE(f.stat().st_mode) for f in private] == [0o700], "for its owner only"
        raise UserMustActError(Label.given({"ja": "never again", "en": "never again"}))


def test_a_copy_that_was_tried_on_is_taken_away_also_after_an_error(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'renewals.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (n)")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(UserMustActError, match="never again"):
        _refused_while_trying(engine, tmp_path)
    assert sorted(tmp_path.iterdir()) == before
    engine.dispose()


def test_where_there_is_no_room_for_a_copy_that_is_said(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'gone' / 'renewals.db'}", reading=True)
    with pytest.raises(StoreUnavailableError, match="gone"), tried_world(engine):
        pass
    engine.dispose()

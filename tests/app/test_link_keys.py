"""The key that signs links stands in a file, never in the database; machines on one database sign
alike, or it is said."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from scheduler.app.link_keys import LINK_KEY, MOVING, can_be_kept, own_secrets
from scheduler.app.wiring import App
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.lexicon import Language
from scheduler.storage.answers.linked import LinkedRows
from tests.cast import at
from tests.e2e.process import REPOSITORY

NOW = at("2027-01-05 12:00")


@pytest.fixture
def store(engine: Engine) -> LinkedRows:
    return LinkedRows(engine, engine)


def machine(tmp_path: Path, name: str) -> Path:
    """Where a machine keeps its key."""
    return tmp_path / name / LINK_KEY


@pytest.mark.parametrize("shared", [True, False])
def test_a_key_is_made_once_and_the_database_holds_none(
    store: LinkedRows, tmp_path: Path, shared: bool
) -> None:
    file = machine(tmp_path, "a")
    assert own_secrets(store, file, NOW, shared=shared, make=False) == ()
    (key,) = own_secrets(store, file, NOW, shared=shared, make=True)
    assert (file.read_text().strip(), store.kept_secret()) == (key, None)
    assert own_secrets(store, file, NOW, shared=shared, make=True) == (key,)
    assert own_secrets(store, file, NOW, shared=shared, make=False) == (key,), (
        "LINK_SECRET is set: what was signed before still opens"
    )


def test_a_second_machine_says_that_it_would_sign_otherwise(
    store: LinkedRows, tmp_path: Path
) -> None:
    (key,) = own_secrets(store, machine(tmp_path, "a"), NOW, shared=True, make=True)
    with pytest.raises(UserMustActError, match="set LINK_SECRET to the same value"):
        own_secrets(store, machine(tmp_path, "b"), NOW, shared=True, make=True)
    assert not machine(tmp_path, "b").exists()
    assert own_secrets(store, machine(tmp_path, "b"), NOW, shared=True, make=False) == (), (
        "with LINK_SECRET nothing is wrong"
    )
    machine(tmp_path, "b").parent.mkdir()
    machine(tmp_path, "b").write_text("another")
    with pytest.raises(UserMustActError, match="LINK_SECRET"):
        own_secrets(store, machine(tmp_path, "b"), NOW, shared=True, make=True)
    machine(tmp_path, "b").write_text(key)
    assert own_secrets(store, machine(tmp_path, "b"), NOW, shared=True, make=True) == (key,)


def test_every_machine_takes_over_what_an_earlier_version_kept(
    store: LinkedRows, tmp_path: Path
) -> None:
    kept = store.secret()
    for name, days in (("a", 0), ("b", 20)):
        assert own_secrets(
            store, machine(tmp_path, name), NOW + timedelta(days=days), shared=True, make=True
        ) == (kept,)
        assert machine(tmp_path, name).read_text().strip() == kept
    assert store.kept_secret() == kept
    assert own_secrets(
        store, machine(tmp_path, "a"), NOW + MOVING + timedelta(days=1), shared=True, make=True
    ) == (kept,)
    assert store.kept_secret() is None
    assert own_secrets(store, machine(tmp_path, "a"), NOW + 2 * MOVING, shared=True, make=True) == (
        kept,
    )


def test_where_no_key_can_be_kept_machines_need_a_secret(store: LinkedRows, tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("a file")
    with pytest.raises(UserMustActError, match="set LINK_SECRET"):
        own_secrets(store, machine(tmp_path, "blocked"), NOW, shared=True, make=True)


def test_whether_a_key_can_be_kept_is_known_before_one_is_made(tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("a file")
    assert [can_be_kept(machine(tmp_path, name)) for name in ("blocked", "to come", ".")] == [
        False,
        True,
        True,
    ]
    assert not machine(tmp_path, "to come").parent.exists()


SERVER, FILE = "postgresql://db/renewals", "sqlite:////srv/renewals.db"
RANDOM = "f3Qz0mXbT7rKc9LwV2hYp8sN"
KEPT_NOWHERE = [
    (SERVER, {}, True, 1),
    (SERVER, {}, False, 0),
    (SERVER, {"LINK_SECRET": RANDOM}, True, 0),
    (SERVER, {"LINK_SECRET": "short"}, False, 1),
    (FILE, {}, True, 0),
]


@pytest.mark.parametrize(("url", "env", "links", "problems"), KEPT_NOWHERE)
def test_a_folder_that_cannot_be_written_to_needs_a_secret_where_links_are_made_on_postgresql(
    tmp_path: Path, url: str, env: dict[str, str], links: bool, problems: int
) -> None:
    config = (REPOSITORY / "config.toml").read_text("utf-8")
    (tmp_path / "config.toml").write_text(
        config.replace('\nlisten = ""', '\nlisten = "127.0.0.1:8787"') if links else config, "utf-8"
    )
    app = App(tmp_path, Language.EN, None, {"DATABASE_URL": url, **env})
    assert bool(app.config.machine.listen) == links
    app.folder = tmp_path / "config.toml"
    assert len(app.link_problems()) == problems

"""The way to a HubSpot account: which token, which address, and that the token stands nowhere."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scheduler.app.hubspot import hubspot_client
from scheduler.app.shipped import shipped_config
from scheduler.app.wiring import App
from scheduler.cli.errors import explain
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.lexicon import Language
from scheduler.hubspot.account import account
from scheduler.hubspot.client import AddressError
from scheduler.hubspot.errors import HubspotError, UnauthorisedError
from scheduler.system.logs import without_secrets
from tests.hubspot.world import Time, World, world
from tests.servers.hubspot import Fault, Token, cut_before, half_body, html, migrating, status


@pytest.fixture
def here() -> Iterator[World]:
    """An account."""
    with world() as made:
        yield made


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., App]:
    """Opens a folder in an environment."""
    (tmp_path / "config.toml").write_text(shipped_config(), "utf-8")
    return lambda **env: App(tmp_path, Language.EN, None, env)


def test_a_token_that_is_replaced_in_its_file_counts_at_the_next_call(
    here: World, opened: Callable[..., App], tmp_path: Path
) -> None:
    file = tmp_path / "key"
    file.write_text("pat-eu1-0a0a0a0a\n")
    app = opened(HUBSPOT_TOKEN_FILE=str(file), HUBSPOT_API_URL=here.server.url)
    here.server.tokens = {"pat-eu1-0a0a0a0a": Token()}
    with hubspot_client(app, Time()) as client:
        assert account(client).portal_id == "24680135"
        here.server.tokens = {"pat-eu1-0b0b0b0b": Token()}
        with pytest.raises(UnauthorisedError, match="INVALID_AUTHENTICATION"):
            account(client)
        file.write_text("pat-eu1-0b0b0b0b\n")
        assert account(client).portal_id == "24680135"


def test_so_does_one_in_the_folders_env_file(
    here: World, opened: Callable[..., App], tmp_path: Path
) -> None:
    app = opened(HUBSPOT_API_URL=here.server.url)
    with hubspot_client(app, Time()) as client:
        with pytest.raises(UnauthorisedError, match="HUBSPOT_TOKEN is not set"):
            account(client)
        (tmp_path / ".env").write_text(f"HUBSPOT_TOKEN={here.token}\n")
        assert account(client).portal_id == "24680135"


def test_a_token_file_that_is_gone_is_named(opened: Callable[..., App], tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("pat-eu1-0a0a0a0a")
    app = opened(HUBSPOT_TOKEN_FILE=str(file))
    file.unlink()
    with hubspot_client(app, Time()) as client, pytest.raises(UserMustActError, match="key"):
        account(client)


@pytest.mark.parametrize("url", ["http://hubspot.example", "https://me:pw@api.hubapi.com", "x"])
def test_an_address_that_others_could_read_is_refused(opened: Callable[..., App], url: str) -> None:
    with pytest.raises(AddressError, match="HUBSPOT_API_URL"):
        hubspot_client(opened(HUBSPOT_API_URL=url), Time())


def test_a_rehearsal_speaks_to_this_machine_only(here: World, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(shipped_config(), "utf-8")
    env = {"RENEWALS_ALLOW_TIME_TRAVEL": "1", "HUBSPOT_TOKEN": here.token}
    app = App(tmp_path, Language.EN, "2027-01-04", env)
    with pytest.raises(UserMustActError, match="a rehearsal"):
        hubspot_client(app, Time())
    there = App(tmp_path, Language.EN, "2027-01-04", env | {"HUBSPOT_API_URL": here.server.url})
    with hubspot_client(there, Time()) as client:
        assert account(client).portal_id == "24680135"


QUOTED = "pat-eu1-00000000-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    "fault",
    [
        status(400, f"the token {QUOTED} is not right"),
        status(403, f"{QUOTED} does not have proper permissions"),
        migrating(7200),
        html(504),
        half_body(),
        cut_before(),
    ],
)
def test_no_error_and_no_log_leaks_the_token(
    here: World, opened: Callable[..., App], fault: Fault
) -> None:
    here.server.faults.next("*", *[fault] * 9)
    app = opened(HUBSPOT_TOKEN=QUOTED, HUBSPOT_API_URL=here.server.url)
    with hubspot_client(app, Time()) as client, pytest.raises(HubspotError) as raised:
        account(client)
    for language in Language:
        explained = explain(raised.value, language)
        assert explained is not None
        assert "pat-" not in explained.text
    assert "pat-" not in f"{raised.value!s} {raised.value!r} {raised.value.__cause__!r}"
    assert without_secrets(f"refused {QUOTED}") == "refused ***"

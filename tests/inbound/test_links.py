"""Links: each names one person, nudge and answer; none that was changed is accepted; secrets can be
changed; every machine has the same."""

import string
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scheduler.app.wiring import App
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.lexicon import Language
from scheduler.inbound.links import (
    ANSWER,
    LESS,
    UNDO,
    ExpiredLinkError,
    ForgedLinkError,
    Link,
    SignedLinks,
    refuse_weak_secrets,
)
from scheduler.storage.answers.linked import LinkedRows
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
from tests.cast import at

NUDGE = "5c9b1f0e-6d55-5f1c-9d0a-2f6b8f0f7a11"
RENEW = Link(1, NUDGE, "renew")
NOW = at("2027-01-05")
CHOSEN = "mV1x9QeT7uZk2Rb8WcY4hNpL"
IN_A_TOKEN = string.ascii_letters + string.digits + "-_.!=~% "


@dataclass
class Day:
    """A clock that a test sets."""

    at: datetime = NOW

    def now(self) -> datetime:
        """The time the test says it is."""
        return self.at


def links(*secrets: str, day: Day | None = None) -> SignedLinks:
    return SignedLinks("https://renewals.example.com/r/", secrets or ("secret",), day or Day())


def test_a_link_names_the_person_the_nudge_and_the_answer() -> None:
    urls = links().answers(1, NUDGE, ["renew", "lost"])
    assert list(urls) == ["renew", "lost"]
    address, _, token = urls["lost"].rpartition("/")
    assert address == "https://renewals.example.com/r/a"
    assert links().read(ANSWER, token) == Link(1, NUDGE, "lost")


def test_the_link_to_hear_less_names_the_person_alone() -> None:
    address, _, token = links().less(7).rpartition("/")
    assert address == "https://renewals.example.com/r/less"
    assert links().read(LESS, token) == Link(7)


TOKEN = links().token(ANSWER, RENEW)


@given(st.integers(0, len(TOKEN)), st.integers(0, 3), st.text(IN_A_TOKEN, max_size=3))
def test_no_altered_token_is_accepted(place: int, removed: int, added: str) -> None:
    altered = TOKEN[:place] + added + TOKEN[place + removed :]
    assume(altered != TOKEN)
    with pytest.raises(ForgedLinkError):
        links().read(ANSWER, altered)


def test_no_token_with_one_character_changed_is_accepted() -> None:
    """All of them: base64 has unused bits at its end, where another spelling would say the same."""
    accepted = []
    for place, character in enumerate(TOKEN):
        for other in set(IN_A_TOKEN) - {character}:
            altered = TOKEN[:place] + other + TOKEN[place + 1 :]
            try:
                accepted.append((altered, links().read(ANSWER, altered)))
            except ForgedLinkError:
                continue
    assert accepted == []


@given(st.text())
def test_whatever_is_no_token_is_forged(text: str) -> None:
    with pytest.raises(ForgedLinkError):
        links().read(ANSWER, text)


@pytest.mark.parametrize("use", [UNDO, LESS])
def test_a_token_made_for_one_use_is_not_accepted_for_another(use: str) -> None:
    with pytest.raises(ForgedLinkError):
        links().read(use, TOKEN)


def test_a_token_of_another_secret_is_forged() -> None:
    with pytest.raises(ForgedLinkError):
        links("another").read(ANSWER, TOKEN)


def test_the_first_secret_signs_and_all_are_accepted() -> None:
    both = links("new", "secret")
    assert both.read(ANSWER, TOKEN) == RENEW
    assert links("new").read(ANSWER, both.token(ANSWER, RENEW)) == RENEW


def test_an_answer_works_for_thirty_days_and_then_still_says_what_it_named() -> None:
    day = Day()
    signed = links(day=day)
    token = signed.token(ANSWER, RENEW)
    day.at = NOW + timedelta(days=30)
    assert signed.read(ANSWER, token) == RENEW
    day.at += timedelta(seconds=1)
    with pytest.raises(ExpiredLinkError) as expired:
        signed.read(ANSWER, token)
    assert expired.value.link == RENEW


def test_the_link_to_hear_less_works_for_more_than_a_year() -> None:
    day = Day()
    token = links(day=day).token(LESS, Link(1))
    day.at = NOW + timedelta(days=399)
    assert links(day=day).read(LESS, token) == Link(1)


def test_an_expired_link_that_was_changed_is_forged_all_the_same() -> None:
    day = Day(NOW + timedelta(days=60))
    with pytest.raises(ForgedLinkError):
        links(day=day).read(ANSWER, f"x{TOKEN}")


def test_links_without_a_secret_are_refused() -> None:
    with pytest.raises(ValueError, match="secret"):
        SignedLinks("https://renewals.example.com", (), Day())


def test_the_secret_is_made_once_whichever_machine_comes_first(database_url: str) -> None:
    engines = [open_engine(database_url) for _ in range(4)]
    upgrade(engines[0], NOW)
    with ThreadPoolExecutor(4) as machines:
        secrets = list(machines.map(lambda engine: LinkedRows(engine, engine).secret(), engines))
    assert len(set(secrets)) == 1
    assert len(secrets[0]) > 40
    for engine in engines:
        engine.dispose()


@pytest.mark.parametrize(
    "secret",
    [
        "secret",
        "changeme",
        "12345678",
        "a" * 40,
        "abcabcabcabcabcabcabcabcabc",
        "mV1x9QeT7uZk2Rb8WcY4hNpL,short",
    ],
)
def test_a_secret_that_can_be_guessed_is_refused(secret: str) -> None:
    with pytest.raises(UserMustActError, match="LINK_SECRET is so short or simple"):
        refuse_weak_secrets(secret)


@pytest.mark.parametrize(
    "secret",
    ["", "mV1x9QeT7uZk2Rb8WcY4hNpL", "mV1x9QeT7uZk2Rb8WcY4hNpL,6sJd3fGa0oXi5tBqmV1x9QeT7uZk2Rb8"],
)
def test_random_secrets_are_taken(secret: str) -> None:
    refuse_weak_secrets(secret)


def test_the_key_moves_from_the_database_to_a_file_and_its_links_go_on_working(
    tmp_path: Path,
) -> None:
    app = App(tmp_path, Language.EN, None, {})
    upgrade(app.engine, NOW)
    kept = app.linked.secret()
    old = SignedLinks("https://x", (kept,), app.clock).token(ANSWER, RENEW)
    assert app._signer("https://x").read(ANSWER, old) == RENEW
    assert ((tmp_path / "data" / "link.key").read_text().strip(), app.linked.kept_secret()) == (
        kept,
        None,
    )
    app.close()
    app = App(tmp_path, Language.EN, None, {"LINK_SECRET": CHOSEN})
    assert app._signer("https://x").read(ANSWER, old) == RENEW
    new = app._signer("https://x").token(ANSWER, RENEW)
    assert SignedLinks("https://x", (CHOSEN,), app.clock).read(ANSWER, new) == RENEW
    app.close()

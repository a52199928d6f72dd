"""The question how a customer does, answered on the page behind a mail's link: a worse word has a
reason from the list, and a stable customer is one press."""

from collections.abc import Iterator

import pytest

from scheduler.core.health.policy import HealthPolicy
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.values import said_health_from
from tests.cast import ANN, T1M, policy
from tests.inbound.office import ANN_ID, CHIKA_ID, Site, office, stage

WORSE = ("health_at_risk", "health_critical")
ASKING = policy(T1M, health=HealthPolicy())


@pytest.fixture
def asked(database_url: str) -> Iterator[Site]:
    """The pages on each database, after everybody was asked how their customers do."""
    engine, reading = open_engine(database_url), open_engine(database_url, reading=True)
    stage(engine, policy=ASKING)
    with office(engine, reading, ASKING) as site:
        assert {nudge["milestone"] for nudge in site.rows("nudges")} == {"pulse"}
        yield site
    engine.dispose()
    reading.dispose()


def kept(site: Site) -> list[tuple[object, ...]]:
    """(verb, person, from where, health, reason) of each answer."""
    found: list[tuple[object, ...]] = []
    for row in site.rows("answers"):
        details = row["details"]
        assert isinstance(details, dict)
        said = details.get("health"), details.get("health_reason")
        found.append((row["verb"], row["person_id"], row["via"], *said))
    return found


@pytest.mark.parametrize("offer", WORSE)
def test_a_worse_word_asks_why_and_is_kept_with_its_reason(asked: Site, offer: str) -> None:
    before = asked.everything()
    page = asked.get(asked.link(offer, ANN_ID))
    assert (page.status, set(page.fields)) == (
        200,
        {"request", "read_at", "owner", "reason", "note"},
    )
    for reason in HealthPolicy().reasons:
        assert (f'value="{reason.id}"' in page.text) == (reason.id != "doing_well")
    assert asked.everything() == before
    done = asked.post(page.path, page.fields | {"reason": "champion_left"})
    assert (done.status, "Champion left" in done.says) == (200, True), done.says
    state = offer.removeprefix("health_")
    assert kept(asked) == [("health", ANN_ID, "mail", state, "champion_left")]
    written = asked.the_deal()["health_said"]
    assert isinstance(written, str)
    word = said_health_from(written)
    assert word is not None
    assert (word.state.value, word.reason, word.by) == (state, "champion_left", ANN.name)
    assert asked.undo(done).status == 200
    assert asked.the_deal()["health_said"] is None


@pytest.mark.parametrize("offer", WORSE)
@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("", "This field is required."),
        ("weather", "Choose one from the list."),
        ("doing_well", "Choose one from the list."),
    ],
)
def test_without_a_reason_the_page_says_what_is_missing(
    asked: Site, offer: str, reason: str, said: str
) -> None:
    before = asked.everything()
    page = asked.answer(offer, ANN_ID, reason=reason, note="since May")
    assert (page.status, said in page.says) == (422, True), page.says
    assert 'aria-describedby="reason-error"' in page.text
    assert page.fields["note"] == "since May", "nothing typed is lost"
    assert asked.everything() == before
    assert asked.post(page.path, page.fields | {"reason": "other"}).status == 200
    assert [answer[-1] for answer in kept(asked)] == ["other"]


def test_stable_is_one_press(asked: Site) -> None:
    page = asked.get(asked.link("health_stable", ANN_ID))
    assert (page.status, set(page.fields)) == (200, {"request", "read_at", "owner"})
    assert asked.post(page.path, page.fields).status == 200
    assert kept(asked) == [("health", ANN_ID, "mail", "stable", None)]


def test_the_page_is_in_the_persons_language(asked: Site) -> None:
    page = asked.get(asked.link("health_critical", CHIKA_ID, "C-2"))
    assert "推進担当者の異動・退職" in page.says
    refused = asked.post(page.path, page.fields)
    assert (refused.status, "選択・入力してください。" in refused.says) == (422, True)

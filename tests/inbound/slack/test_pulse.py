"""The question how a customer does, pressed on Slack: a worse word has a reason from the list, and a
stable customer is one press."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from scheduler.core.health.policy import HealthPolicy
from scheduler.storage.database.values import said_health_from
from tests.cast import T1M, T3M, policy
from tests.inbound.slack.conftest import reception_on
from tests.inbound.slack.reception import ANN, CHIKA, Reception, offered, pressable, shown
from tests.servers.slack import Post

WORSE = ("health_at_risk", "health_critical")
OF_WORSE = [
    *("low_usage", "champion_left", "value", "budget", "competitor", "product_gap", "service"),
    *("no_contact", "their_change"),
]
ASKING = policy(T1M, health=HealthPolicy())


@pytest.fixture
def asked(database_url: str) -> Iterator[Reception]:
    """Everybody was asked how their customers do, three months before the end, on each
    database."""
    for reception in reception_on(database_url):
        reception.policy = ASKING
        reception.tell_everybody()
        reception.open()
        yield reception


def fields(reception: Reception) -> dict[str, Mapping[str, Any]]:
    """The fields of the form that was opened last, by name."""
    form = reception.slack.modals[-1]["blocks"]
    return {block["block_id"]: block for block in form if block["type"] == "input"}


def kept(reception: Reception) -> list[tuple[Any, ...]]:
    """(health, reason, note) of each answer."""
    answers = [details for (details,) in reception.rows("answers", "details")]
    return [(a.get("health"), a.get("health_reason"), a.get("note", "")) for a in answers]


def told(reception: Reception, channel: str) -> Post:
    """The one message in a conversation."""
    (post,) = (post for post in reception.slack.posts if post.channel == channel)
    return post


def test_the_question_offers_each_word_and_nothing_of_a_renewal(asked: Reception) -> None:
    assert {milestone for (milestone,) in asked.rows("nudges", "milestone")} == {"pulse"}
    words = ["health_stable", *WORSE, "seen"]
    alone = list(pressable(told(asked, "D0CHIKA").blocks))
    assert [e["type"] for e in alone] == ["button"] * 4
    assert [name for e in alone for name in offered(e)] == words
    of_two = list(pressable(told(asked, "D0ANN").blocks))
    assert [offered(e) for e in of_two] == [words, words, ["seen"]]


@pytest.mark.parametrize("offer", WORSE)
def test_a_worse_word_asks_why_and_is_kept_with_its_reason(asked: Reception, offer: str) -> None:
    state = offer.removeprefix("health_")
    asked.press(ANN, offer)
    assert asked.answers() == [], "a form that was only opened changes nothing"
    form = fields(asked)
    assert list(form) == ["reason", "note"], "the word was pressed already"
    assert offered(form["reason"]["element"]) == [*OF_WORSE, "other"], "only what fits the word"
    assert not form["reason"]["optional"]
    assert asked.send_form(ANN, reason="champion_left", note="since May").payload is None
    assert asked.answers() == [("health", "Ann Ito", "slack", False)]
    assert kept(asked) == [(state, "champion_left", "since May")]
    said = [said_health_from(word) for (word,) in asked.rows("deals", "health_said")]
    assert [(word.state.value, word.reason) for word in said if word] == [(state, "champion_left")]


def test_the_message_then_shows_the_word_its_reason_and_who_said_it(asked: Reception) -> None:
    asked.press(ANN, "health_critical")
    asked.send_form(ANN, reason="champion_left")
    assert "✅ Recorded: Aoba Trading C-1, Critical (Champion left)." in asked.whisper()
    assert asked.refresh() == 1
    post = told(asked, "D0ANN")
    text = shown(post.blocks)
    assert "Health: Critical (Champion left)" in text
    assert "✅ Ann Ito: health critical (Tue 5 Jan)" in text
    assert len(list(pressable(post.blocks))) == 1, "only the other contract is still asked about"


@pytest.mark.parametrize("offer", WORSE)
def test_without_a_reason_the_form_says_so_and_stays_to_be_mended(
    asked: Reception, offer: str
) -> None:
    asked.press(ANN, offer)
    payload = asked.send_form(ANN, note="no idea").payload
    assert payload == {"response_action": "errors", "errors": {"reason": "This field is required."}}
    for unfit in ("weather", "doing_well"):
        payload = asked.send_form(ANN, reason=unfit).payload
        assert payload is not None
        assert payload["errors"] == {"reason": "Choose one from the list."}
    assert asked.answers() == []
    assert asked.send_form(ANN, reason="other").payload is None
    assert [reason for _, reason, _ in kept(asked)] == ["other"]


def test_stable_is_one_press_without_a_form(asked: Reception) -> None:
    asked.press(ANN, "health_stable")
    assert list(asked.slack.modals) == []
    assert asked.answers() == [("health", "Ann Ito", "slack", False)]
    assert kept(asked) == [("stable", None, "")]
    assert "✅ Recorded" in asked.whisper()
    assert asked.refresh() == 1
    assert "✅ Ann Ito: health stable (Tue 5 Jan)" in shown(told(asked, "D0ANN").blocks)


def test_where_no_reasons_are_listed_none_is_asked_for(asked: Reception) -> None:
    asked.policy = policy(T1M, health=HealthPolicy(reasons=()))
    asked.press(ANN, "health_critical")
    assert list(fields(asked)) == ["note"]
    assert asked.send_form(ANN).payload is None
    assert kept(asked) == [("critical", None, "")]


def test_the_reasons_are_in_the_persons_language(asked: Reception) -> None:
    buttons = pressable(told(asked, "D0CHIKA").blocks)
    button = next(e for e in buttons if "health_critical" in offered(e))
    asked.press(CHIKA, "health_critical", button)
    reasons = fields(asked)["reason"]["element"]["options"]
    assert "推進担当者の異動・退職" in [option["text"]["text"] for option in reasons]
    payload = asked.send_form(CHIKA).payload
    assert payload is not None
    assert payload["errors"] == {"reason": "選択・入力してください。"}


@pytest.mark.parametrize(
    ("offer", "typed"), [("renew", {}), ("paperwork", {"paperwork": "quoted"})]
)
def test_a_word_on_the_renewal_leaves_how_the_customer_does_to_be_asked(
    quiet_reception: Reception, offer: str, typed: dict[str, str]
) -> None:
    asked = quiet_reception
    asked.policy = policy(T3M, T1M, health=HealthPolicy())
    asked.tell_everybody()
    asked.open()
    asked.press(ANN, offer)
    asked.send_form(ANN, "", None, **typed)
    assert "✅ Recorded" in asked.whisper()
    asked.press(ANN, "health_stable")
    assert "✅ Recorded: Aoba Trading C-" in asked.whisper(), "both stood in one message"
    answers = asked.rows("events", "deal_id", "milestone", "answer")
    of_deal = {milestone: answer for deal, milestone, answer in answers if deal == answers[0][0]}
    assert "said_health" in of_deal["pulse"]
    assert "said_health" not in of_deal["renewal_3m"]


def test_what_ends_the_term_settles_how_the_customer_does_as_well(
    quiet_reception: Reception,
) -> None:
    quiet_reception.policy = policy(T3M, T1M, health=HealthPolicy())
    quiet_reception.tell_everybody()
    quiet_reception.open()
    quiet_reception.press(ANN, "lost")
    quiet_reception.send_form(ANN, reason="budget")
    rows = quiet_reception.rows("events", "deal_id", "milestone", "answer")
    settled = {m for deal, m, answer in rows if "said_lost" in (answer or "")}
    assert settled == {"renewal_3m", "pulse"}

"""Who may press: the clicking person decides, and whoever may not learns what to do and nothing
about any customer."""

from typing import Any

import pytest

from tests.inbound.slack.reception import ANN, CHIKA, DAN, EVE, STRANGER, Reception, offered
from tests.servers.slack import TEAM

FOREIGN = "T0OTHER"


@pytest.mark.parametrize(
    ("user", "more", "said"),
    [
        (STRANGER, {}, "U0WHO) is not registered"),
        (EVE, {}, "no longer active"),
        (DAN, {}, "Only its owner"),
        (ANN, {"user_team": FOREIGN}, "from another workspace"),
        (ANN, {"team": {"id": FOREIGN}}, "from another workspace"),
        (ANN, {"channel": {"id": "C0SHARED"}}, "shared with another company"),
    ],
    ids=[
        "unknown",
        "deactivated",
        "other team",
        "other company",
        "other workspace",
        "shared channel",
    ],
)
@pytest.mark.parametrize("offer", ["seen", "renew"])
def test_whoever_may_not_answer_is_told_what_to_do(
    reception: Reception, user: str, more: dict[str, Any], said: str, offer: str
) -> None:
    reception.press(user, offer, **more)
    assert reception.answers() == []
    assert reception.slack.modals == []
    assert said in reception.whisper()
    assert "Aoba" not in reception.whisper()
    assert reception.slack.whispers[-1].user == user


@pytest.mark.parametrize(
    ("user", "said"),
    [(STRANGER, "not registered"), (EVE, "no longer active"), (DAN, "Only its owner")],
)
def test_somebody_elses_form_is_not_taken_from_whoever_may_not_answer(
    reception: Reception, user: str, said: str
) -> None:
    reception.press(ANN, "renew")
    assert reception.send_form(user).payload is None
    assert reception.answers() == []
    assert said in reception.whisper()


def test_the_person_is_the_one_who_clicks_not_the_one_the_message_was_for(
    reception: Reception,
) -> None:
    anns = next(e for e in reception.elements() if "seen" in offered(e))
    reception.press("U0BOB", "seen", anns)
    assert reception.answers()[0][1] == "Bob Hill"


def test_a_refusal_is_in_the_persons_language(reception: Reception) -> None:
    anns = next(e for e in reception.elements() if "seen" in offered(e))
    reception.press(CHIKA, "seen", anns)
    assert "この契約に回答できるのは" in reception.whisper()


@pytest.mark.parametrize("text", ["", "C-1", "help"])
@pytest.mark.parametrize("user", [STRANGER, EVE])
def test_the_command_says_nothing_to_strangers(reception: Reception, user: str, text: str) -> None:
    said = reception.command(user, text)
    assert "Aoba" not in str(said.blocks)
    assert "slack id" in said.text or "no longer active" in said.text


def test_the_command_in_a_shared_channel_or_from_another_workspace_is_refused(
    reception: Reception,
) -> None:
    assert (
        "shared with another company" in reception.command(ANN, "C-1", channel_id="C0SHARED").text
    )
    assert "another workspace" in reception.command(ANN, "C-1", team_id=FOREIGN).text
    assert TEAM != FOREIGN


def test_the_home_of_a_stranger_says_how_to_be_registered(reception: Reception) -> None:
    assert "not registered" in str(reception.open_home(STRANGER))


def test_a_channel_the_app_is_not_in_is_answered_under_the_response_address(
    reception: Reception,
) -> None:
    said = reception.command(ANN, "help", channel_id="C0ELSEWHERE")
    assert (said.user, said.channel) == (ANN, "")
    assert "/renewals" in said.text


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"type": "block_actions"},
        {
            "type": "block_actions",
            "user": {"id": ANN},
            "actions": [{"action_id": "answer:fly", "value": "x"}],
        },
        {
            "type": "block_actions",
            "user": {"id": ANN},
            "actions": [{"action_id": "answer:seen", "value": "#99999999999999999999"}],
        },
        {
            "type": "block_actions",
            "user": {"id": ANN},
            "actions": [{"action_id": "undo:99", "value": "x' OR 1=1"}],
        },
        {
            "type": "block_actions",
            "user": {"id": ANN},
            "actions": [{"action_id": "dance", "value": 7}],
        },
        {
            "type": "view_submission",
            "user": {"id": ANN},
            "view": {"callback_id": "answer", "private_metadata": "{]"},
        },
        {
            "type": "view_submission",
            "user": {"id": ANN},
            "view": {"callback_id": "answer", "private_metadata": '{"subject": "x"}'},
        },
        {"type": "view_submission", "user": "nobody", "view": {"callback_id": "other"}},
        {"type": "message_action", "user": {"id": ANN}},
    ],
    ids=range(10),
)
def test_what_nobody_of_ours_sent_changes_nothing_and_breaks_nothing(
    reception: Reception, payload: dict[str, Any]
) -> None:
    reception.act("interactive", payload)
    assert reception.failed == []
    assert reception.answers() == []

"""Every button and every form, pressed through a real socket: what reaches the database, and what the person is told."""

import pytest

from tests.inbound.slack.reception import ANN, BOB, Reception


def test_one_click_is_recorded_once_and_confirmed_with_a_way_back(reception: Reception) -> None:
    assert reception.press(ANN, "seen").payload is None
    assert reception.answers() == [("seen", "Ann Ito", "slack", False)]
    assert "Recorded" in reception.whisper()
    assert "undo:1" in reception.whisper()

"""The tables of states: whole, and the same in the documentation."""

from pathlib import Path

from scheduler.core.messages import STATES
from scheduler.core.states import EVENTS, MESSAGES, NUDGES, as_markdown
from scheduler.core.words import EventState, MessageState, NudgeState


def test_every_state_has_its_meaning() -> None:
    assert (set(EVENTS), set(NUDGES), set(MESSAGES)) == (set(EventState), set(NudgeState), set(MessageState))
    assert all(row.meaning.ja and row.meaning.en for table in (EVENTS, NUDGES, MESSAGES) for row in table.values())


def test_messages_move_as_the_table_of_delivery_says() -> None:
    assert {state: row.then for state, row in MESSAGES.items()} == STATES


def test_the_documentation_has_the_same_tables() -> None:
    assert (Path(__file__).parents[2] / "docs" / "states.md").read_text("utf-8") == as_markdown()

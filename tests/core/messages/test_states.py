"""The tables of states: whole, and the same in the documentation."""

from pathlib import Path

from scheduler.core.messages.state_tables import (
    CARRIED_BY,
    EVENTS,
    KINDS,
    MESSAGES,
    NUDGES,
    ON_ITS_WAY,
    as_markdown,
)
from scheduler.core.messages.states import STATES
from scheduler.core.rules.delivery_window import AT_ANY_HOUR
from scheduler.core.words.lexicon import EventState, MessageState, NudgeState
from scheduler.render.checking import DIGESTS


def test_every_state_has_its_meaning() -> None:
    assert (set(EVENTS), set(NUDGES), set(MESSAGES)) == (
        set(EventState),
        set(NudgeState),
        set(MessageState),
    )
    assert all(
        row.meaning.ja and row.meaning.en
        for table in (EVENTS, NUDGES, MESSAGES)
        for row in table.values()
    )


def test_messages_move_as_the_table_of_delivery_says() -> None:
    assert {state: row.then for state, row in MESSAGES.items()} == STATES


def test_a_message_on_its_way_is_one_that_can_still_be_sent_without_a_person() -> None:
    assert {state for state, row in MESSAGES.items() if row.then} == ON_ITS_WAY | {
        MessageState.HELD,
        MessageState.IN_DOUBT,
    }


def test_a_nudge_that_may_still_go_out_has_no_message_that_is_over() -> None:
    over = {state for state, row in MESSAGES.items() if not row.then}
    assert set(CARRIED_BY) == set(NudgeState)
    for state in (NudgeState.WAITING, NudgeState.HELD):
        assert not CARRIED_BY[state] & over
    for state in (NudgeState.SENT, NudgeState.DEAD):
        assert CARRIED_BY[state] == {MessageState(state.value)}
    assert not NUDGES[NudgeState.SENT].then, "final, as its message is"
    assert NUDGES[NudgeState.DEAD].then == {NudgeState.WAITING}, (
        "in a message of its own, where somebody says so"
    )


def test_the_documentation_has_the_same_tables() -> None:
    assert (Path(__file__).parents[3] / "docs" / "states.md").read_text("utf-8") == as_markdown()


def test_every_kind_of_message_that_is_made_has_a_name() -> None:
    assert set(KINDS) == {"nudges", "digest", *DIGESTS, *AT_ANY_HOUR}
    assert all(name.ja and name.en for name in KINDS.values())

"""The statements that run for every message on its way out, in the driver's words: building them
anew was half of what a message cost."""

from collections.abc import Sequence
from enum import StrEnum
from functools import cache

from scheduler.core.messages.states import STATES
from scheduler.core.words.lexicon import MessageState, NudgeState
from scheduler.storage.database.bulk import Statement
from scheduler.storage.database.rows import metadata

_MESSAGES, _NUDGES, _DEALS, _PEOPLE, _LIMITS = (
    metadata.tables[name].c for name in ("messages", "nudges", "deals", "people", "limits")
)
_CONDITIONS = metadata.tables["channel_conditions"].c
UNSETTLED = (NudgeState.WAITING, NudgeState.HELD, NudgeState.IN_DOUBT)


def _among(states: Sequence[StrEnum]) -> str:
    """The condition that a row is in one of these states."""
    return f"state IN ({', '.join(repr(state.value) for state in states)})" if states else "1 = 0"


SAVED = (
    "state",
    "reason",
    "not_before_at",
    "lease_until",
    "handed_over_at",
    "attempts",
    "unknowns",
    "receipt",
    "sent_at",
)
SAVE = {
    state: Statement(
        f"UPDATE messages SET {', '.join(f'{name} = ?' for name in SAVED)} "
        "WHERE id = ? AND fence = ? AND "
        f"{_among([before for before, allowed in STATES.items() if state in allowed])}",
        [_MESSAGES[name] for name in (*SAVED, "id", "fence")],
    )
    for state in MessageState
}
"""By the state that is saved, and only over those it may follow: what was recorded, though the
process heard otherwise, is not recorded again."""

HAND_OVER = Statement(
    "UPDATE messages SET state = 'handed_over', handed_over_at = ?, looked_at = NULL, attempts = "
    "attempts + 1 "
    "WHERE id = ? AND fence = ? AND lease_until > ? "
    "AND NOT EXISTS (SELECT 1 FROM limits WHERE until_at > ? AND scope LIKE ?) "
    "AND NOT EXISTS (SELECT 1 FROM channel_conditions WHERE channel = ? AND setup = ? AND "
    "paused_at IS NOT NULL AND failed_at >= ?)",
    [
        *(
            _MESSAGES.handed_over_at,
            _MESSAGES.id,
            _MESSAGES.fence,
            _MESSAGES.lease_until,
            _LIMITS.until_at,
            _LIMITS.scope,
        ),
        *(_CONDITIONS.channel, _CONDITIONS.setup, _CONDITIONS.failed_at),
    ],
)
FOLLOW = Statement(
    (
        "UPDATE nudges SET state = ?, sent_at = ?, reason = CASE WHEN reason = '' THEN ? ELSE "
        f"reason END WHERE message_id = ? AND {_among(UNSETTLED)}"
    ),
    [_NUDGES.state, _NUDGES.sent_at, _NUDGES.reason, _NUDGES.message_id],
)
KEEP_TEXT = Statement(
    "UPDATE messages SET subject = ?, body = ?, shown = ? WHERE id = ?",
    [_MESSAGES.subject, _MESSAGES.body, _MESSAGES.shown, _MESSAGES.id],
)
NAME = Statement("SELECT name FROM people WHERE id = ?", [_PEOPLE.id])


@cache
def versions(deals: int) -> Statement:
    """The numbers and versions of so many deals."""
    return Statement(
        f"SELECT id, version FROM deals WHERE id IN ({', '.join('?' * deals)})", [_DEALS.id] * deals
    )

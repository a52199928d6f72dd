"""The condition by which messages are found that reached nobody."""

from sqlalchemy import ColumnElement, and_, exists, or_

from scheduler.core.words.lexicon import MessageState, NudgeState
from scheduler.storage.database.deals import NUDGES
from scheduler.storage.database.rows import metadata

MESSAGES = metadata.tables["messages"]
CARRIED = and_(NUDGES.c.message_id == MESSAGES.c.id, NUDGES.c.state == NudgeState.DEAD.value)
_WENT_ON = '{"code": "went_on"%'


def reached_nobody() -> ColumnElement[bool]:
    """Messages that were refused for good and that nothing replaced."""
    dead = MESSAGES.c.state == MessageState.DEAD.value
    alone = and_(MESSAGES.c.kind != "nudges", ~MESSAGES.c.reason.like(_WENT_ON))
    return and_(dead, or_(alone, exists().where(CARRIED)))

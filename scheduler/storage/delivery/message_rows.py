"""A message as its row in `messages`, and the other way round."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

from scheduler.core.messages.states import Message, Shown
from scheduler.core.words.lexicon import ChannelName, Language, MessageState


def shown_as_json(shown: Shown | None) -> dict[str, Any] | None:
    """The form the row holds: JSON's keys are texts."""
    if shown is None:
        return None
    laid_out = {"pieces": [list(post) for post in shown.pieces], "order": list(shown.order)}
    return {
        "places": {str(n): p for n, p in shown.places.items()},
        "marks": {str(n): m for n, m in shown.marks.items()},
        **laid_out,
    }


def shown_from(kept: Mapping[str, Any] | None) -> Shown | None:
    """Reads it as it was kept; earlier versions did not keep how it was laid out."""
    if not kept:
        return None
    places, marks = (
        {int(n): said for n, said in kept[name].items()} for name in ("places", "marks")
    )
    return Shown(
        places, marks, tuple(map(tuple, kept.get("pieces", ()))), tuple(kept.get("order", ()))
    )


def message_from(row: RowMapping, **changes: Any) -> Message:
    """Makes a message of one row of `messages`."""
    values = {
        "id": row["id"],
        "key": row["key"],
        "kind": row["kind"],
        "recipient": row["recipient"],
        "channel": ChannelName(row["channel"]),
        "address": row["address"],
        "language": Language(row["language"]),
        "state": MessageState(row["state"]),
        "not_before_at": row["not_before_at"],
        "fence": row["fence"],
        "attempts": row["attempts"],
        "unknowns": row["unknowns"],
        "lease_until": row["lease_until"],
        "handed_over_at": row["handed_over_at"],
        "person_id": row["person_id"],
        "window_on": row["window_on"],
        "facts": row["facts"],
        "reason": row["reason"],
        "receipt": row["receipt"],
        "sent_at": row["sent_at"],
        "looked_at": row["looked_at"],
        "shown": shown_from(row["shown"]),
        "posts": row["body"]
        if row["unknowns"] and row["body"] and "posts" in row["body"]
        else None,
    }
    return Message(**(values | changes))

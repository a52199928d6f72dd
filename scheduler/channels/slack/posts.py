"""A message on the wire: one post, or a post and its thread, each marked with metadata by which it
is found again.

Always holds: every post carries the message's key, its number among the message's posts and how
many there are, so that whoever finds one knows what is missing; the same message gives the same
`client_msg_id`s.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from uuid import UUID, uuid5

from scheduler.channels.slack.api import Deadline, SlackApi, SlackError
from scheduler.core.messages.posts import fingerprint_of, fingerprints_of
from scheduler.core.messages.states import Shown
from scheduler.core.words.mrkdwn import escaped
from scheduler.ports import Envelope, Unknown

EVENT_TYPE = "renewal_nudge"
_NAMESPACE = UUID("8c1f0c2e-2f57-5a0b-9a51-4a6b0f5f7d10")
TOO_LONG = "history_too_long"
_TEXT_LIMIT = 3000
_PAGE = "200"


@dataclass(frozen=True, slots=True)
class FoundPosts:
    """Which posts of a message a conversation already holds, by number, of how many, and the `ts`
    of the first."""

    channel: str
    parts: frozenset[int] = frozenset()
    ts: str = ""
    of: int = 1

    @property
    def whole(self) -> bool:
        """Whether every post is there."""
        return len(self.parts) == self.of


def post_of(envelope: Envelope, part: int) -> dict[str, Any]:
    """The arguments of chat.postMessage for one of the envelope's posts, without its channel.
    `text` is what notifications show."""
    rendered = envelope.rendered
    parts = count(envelope)
    said = rendered.subject if rendered.blocks else rendered.text
    number = f" ({part + 1}/{parts})" if parts > 1 else ""
    mark = {"key": envelope.key, "part": part} | ({"of": parts} if parts > 1 else {})
    post: dict[str, Any] = {
        "text": escaped(said)[: _TEXT_LIMIT - len(number)] + number,
        "metadata": {"event_type": EVENT_TYPE, "event_payload": mark},
        "client_msg_id": str(uuid5(_NAMESPACE, f"{envelope.key}/{part}")),
        "unfurl_links": False,
        "unfurl_media": False,
    }
    if rendered.blocks:
        post["blocks"] = [dict(block) for block in rendered.blocks[part]]
    return post


def post_hash(post: Mapping[str, Any], part: int) -> str:
    """A mark of what a post shows. The text of the notification counts in the first post only: the
    others repeat it, and changing a post notifies nobody."""
    seen = json.dumps(
        [None if part and "blocks" in post else post.get("text"), post.get("blocks")],
        ensure_ascii=False,
        sort_keys=True,
    )
    return blake2b(seen.encode(), digest_size=8).hexdigest()


def shown_of(
    envelope: Envelope, stamps: Mapping[int, str], marks: Mapping[int, str] | None = None
) -> Shown:
    """What the envelope's posts show (`marks`: those made so far; left out: all of them), the `ts`
    of those that are known, and how the message is laid out."""
    if marks is None:
        marks = {part: post_hash(post_of(envelope, part), part) for part in range(count(envelope))}
    return Shown(
        dict(stamps),
        dict(marks),
        fingerprints_of(envelope.rendered.blocks),
        tuple(map(fingerprint_of, envelope.rendered.order)),
    )


def count(envelope: Envelope) -> int:
    """How many posts the envelope is."""
    return max(1, len(envelope.rendered.blocks))


def find(
    api: SlackApi,
    channel: str,
    envelope: Envelope,
    deadline: Deadline,
    *,
    oldest: float | None = None,
    pages: int,
) -> FoundPosts:
    """The posts of `envelope` that `channel` holds, newest first until its first post is found.
    Raises SlackError, `TOO_LONG` after `pages` pages."""
    arguments = {"channel": channel, "limit": _PAGE, "include_all_metadata": "true"} | (
        {"oldest": f"{oldest:.6f}"} if oldest is not None else {}
    )
    first = next(
        (
            p
            for p in _pages(api, "conversations.history", arguments, pages, deadline)
            if _part(p, envelope.key) == 0
        ),
        None,
    )
    if first is None:
        return FoundPosts(channel)
    ts, of = str(first["ts"]), _of(first, envelope)
    if of == 1:
        return FoundPosts(channel, frozenset({0}), ts)
    replies = _pages(api, "conversations.replies", arguments | {"ts": ts}, pages, deadline)
    parts = {part for reply in replies if (part := _part(reply, envelope.key)) is not None}
    return FoundPosts(channel, frozenset(parts | {0}), ts, of)


def stamps(
    api: SlackApi, channel: str, ts: str, key: str, deadline: Deadline, *, pages: int
) -> dict[int, str]:
    """The `ts` of each of a message's posts that are there, by number, the first one's being `ts`.
    Raises SlackError."""
    arguments = {"channel": channel, "ts": ts, "limit": _PAGE, "include_all_metadata": "true"}
    found = {
        part: str(reply["ts"])
        for reply in _pages(api, "conversations.replies", arguments, pages, deadline)
        if (part := _part(reply, key))
    }
    return found | {0: ts}


def _pages(
    api: SlackApi, method: str, arguments: Mapping[str, str], pages: int, deadline: Deadline
) -> Iterator[Mapping[str, Any]]:
    """The messages of a paged answer, page by page as they are asked for."""
    cursor = ""
    for _ in range(pages):
        page = api.call(method, {**arguments, "cursor": cursor} if cursor else arguments, deadline)
        yield from page.get("messages", ())
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return
    raise SlackError(Unknown(f"{method} went on after {pages} pages"), TOO_LONG)


def _part(post: Mapping[str, Any], key: str) -> int | None:
    """The number of this post in the message called `key`, None if it is not one of its posts."""
    metadata = post.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    if metadata.get("event_type") != EVENT_TYPE or payload.get("key") != key:
        return None
    return int(payload.get("part", 0))


def _of(first: Mapping[str, Any], envelope: Envelope) -> int:
    """How many posts the message was when its first post was made; the envelope of a look-up does
    not know."""
    return int(first["metadata"]["event_payload"].get("of") or count(envelope))

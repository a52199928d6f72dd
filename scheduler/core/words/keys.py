"""Stable keys: the same thing always gets the same key, so that doing the work twice changes
nothing.

Always holds: keys are uuid5 of readable text in one namespace of ours; they never depend on row
ids, the clock or the machine.
"""

from datetime import date
from hashlib import sha1
from uuid import UUID

NAMESPACE = UUID("5c9b1f0e-6d55-5f1c-9d0a-2f6b8f0f7a11")
_OURS = sha1(NAMESPACE.bytes, usedforsecurity=False)
_VARIANT = {digit: f"{8 | int(digit, 16) & 3:x}" for digit in "0123456789abcdef"}


def stable_key(*parts: object) -> str:
    r"""A uuid5 of the parts, in their order (RFC 9562 §5.5; without the objects of `uuid`, for
    files have a million rows).

    >>> stable_key("a", 1) == stable_key("a", 1), stable_key("a", 1) == stable_key("a1")
    (True, False)
    >>> from uuid import uuid5
    >>> names = ["\x1f".join(("顧客", str(n))) for n in range(99)]
    >>> all(stable_key("顧客", n) == str(uuid5(NAMESPACE, name)) for n, name in enumerate(names))
    True
    """
    digest = _OURS.copy()
    digest.update("\x1f".join(map(str, parts)).encode())
    key = digest.hexdigest()
    return f"{key[:8]}-{key[8:12]}-5{key[13:16]}-{_VARIANT[key[16]]}{key[17:20]}-{key[20:32]}"


def deal_key(source: str, source_id: str) -> str:
    """The key of the deal of one contract of one source."""
    return stable_key("deal", source, source_id)


def nudge_key(
    deal: str, milestone: str, anchor_on: date, step: int, recipient: str, again: int = 0
) -> str:
    """The key of one nudge. It holds the anchor's day (without it the key of the first year
    would silence the second); `again` counts the nudges that this recipient had about it before
    (withdrawn with its day, or passed on and back).

    It also begins with that day: nudges that are made together then lie together in the index that
    keeps keys unique, not on a page each.
    """
    return f"{anchor_on.isoformat()}/{stable_key('nudge', deal, milestone, step, recipient, again)}"


def window_key(recipient: str, window_on: date, channel: str) -> str:
    """The key of the one message a recipient gets in a window on a channel."""
    return stable_key("window", recipient, window_on.isoformat(), channel)

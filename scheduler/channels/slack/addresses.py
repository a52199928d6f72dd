"""Which conversation an address means, and whether anything about customers may be posted there.

Always holds: a conversation shared with another company is refused, for good, before a word is
posted; an answer is remembered for `_REMEMBER` seconds, so that a flood of messages asks once.
"""

import re
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from scheduler.channels.slack.api import Deadline, SlackApi, SlackError
from scheduler.core.messages.faults import FaultScope
from scheduler.ports import NotSent

_REMEMBER = 3600.0
_PAGES = 20
_PERSON = re.compile(r"[UW][A-Z0-9]{2,}")
_CONVERSATION = re.compile(r"[CDG][A-Z0-9]{2,}")


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a channel. `refused` is empty where it may be posted to; `absent` says so
    where the app is not in it."""

    id: str
    refused: str
    at: float
    absent: str = ""


class Addresses:
    """Finds conversations; shared by all threads that send."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api
        self._known: dict[str, _Known] = {}
        self._direct: dict[str, str] = {}
        self._lock = Lock()

    def to_post(self, address: str, deadline: Deadline) -> str:
        """What `chat.postMessage` takes as its channel. Raises SlackError, permanent where the
        address is no use or shared outside."""
        wanted = address.strip()
        if _PERSON.fullmatch(wanted):
            return wanted
        with self._lock:
            known = self._known.get(wanted)
        if known is None or monotonic() - known.at > _REMEMBER:
            known = self._ask(wanted, deadline)
            with self._lock:
                self._known[wanted] = known
        if known.refused:
            raise SlackError(NotSent(known.refused, permanent=True), "shared")
        return known.id

    def to_read(self, address: str, deadline: Deadline) -> str:
        """The id whose history holds what was posted to `address`: for a person the conversation
        between them and the app."""
        wanted = self.to_post(address, deadline)
        if not _PERSON.fullmatch(wanted):
            return wanted
        with self._lock:
            direct = self._direct.get(wanted)
        if direct is None:
            opened = self._api.call("conversations.open", {"users": wanted}, deadline)
            direct = str(opened["channel"]["id"])
            with self._lock:
                self._direct[wanted] = direct
        return direct

    def problem(self, address: str, deadline: Deadline) -> str:
        """What keeps posts from a channel; empty where nothing does, or for a person. Raises
        SlackError where Slack refuses."""
        wanted = address.strip()
        if _PERSON.fullmatch(wanted):
            return ""
        known = self._ask(wanted, deadline)
        return known.refused or known.absent

    def _ask(self, wanted: str, deadline: Deadline) -> _Known:
        """Asks Slack about a channel."""
        channel_id = (
            wanted
            if _CONVERSATION.fullmatch(wanted)
            else self._by_name(wanted.removeprefix("#"), deadline)
        )
        channel = self._api.call("conversations.info", {"channel": channel_id}, deadline)["channel"]
        outside = channel.get("is_ext_shared") or channel.get("is_pending_ext_shared")
        name = channel.get("name") or channel_id
        refused = (
            (
                f"#{name} is shared with another company; nothing about customers is posted there, "
                "choose an internal channel"
            )
            if outside
            else ""
        )
        out = not (channel.get("is_member", True) or channel.get("is_im") or channel.get("is_mpim"))
        absent = f"the app is not in #{name}; invite it there (/invite)" if out else ""
        absent = (
            f"#{name} is archived; choose another channel" if channel.get("is_archived") else absent
        )
        return _Known(channel_id, refused, monotonic(), absent)

    def _by_name(self, name: str, deadline: Deadline) -> str:
        """The id of the channel called `name`, among those the app can see."""
        cursor = ""
        for _ in range(_PAGES):
            arguments = {
                "types": "public_channel,private_channel",
                "exclude_archived": "true",
                "limit": "1000",
                "cursor": cursor,
            }
            page = self._api.call("conversations.list", arguments, deadline)
            found = next(
                (str(c["id"]) for c in page.get("channels", ()) if c.get("name") == name), None
            )
            if found is not None:
                return found
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                break
        because = (
            f"no channel #{name} that the app can see; correct the name, invite the app, or write "
            "the channel's id (C…)"
        )
        raise SlackError(
            NotSent(
                f"channel_not_found: {because}", permanent=True, fault_scope=FaultScope.REFUSED
            ),
            "channel_not_found",
        )

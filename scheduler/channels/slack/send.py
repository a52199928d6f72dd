"""The Slack channel. What an answer of Slack's means, or none at all, is in `api`; what follows
from it in `core.messages.states` and `services.delivery.recover`.

A message of several posts is sent so that trying again adds only what is missing:
    1. before the first post of such a message its conversation is searched for posts of the same
       key (a single post needs no search: an attempt that may have arrived is `Unknown` and is
       looked up first);
    2. the posts are made in order, the continuation in the first one's thread;
    3. a post that certainly failed makes the whole `NotSent`: the next attempt finds the earlier
       posts and goes on after them; one that perhaps arrived makes it `Unknown`, and the look-up
       says `Sent` only if every post is there.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from time import time
from typing import Self

from typing_extensions import override

from scheduler.channels.configured import ChannelConfigError, ChannelSettings, is_private
from scheduler.channels.slack.addresses import Addresses
from scheduler.channels.slack.api import Deadline, SlackApi, SlackError
from scheduler.channels.slack.posts import (
    TOO_LONG,
    FoundPosts,
    count,
    find,
    post_hash,
    post_of,
    shown_of,
    stamps,
)
from scheduler.core.messages.states import Shown
from scheduler.core.words.lexicon import ChannelName
from scheduler.ports import Changed, Channel, Envelope, NotSent, Outcome, Sent, Unknown

_BOT_TOKEN = "SLACK_BOT_TOKEN"
_LOOK_UP_SECONDS = 30.0
_LOOK_UP_PAGES = 50
_BEFORE_SEND_PAGES = 5
_STAMP = re.compile(r"\d+\.\d+")
_EMPTIED = {
    "text": "↑",
    "blocks": [{"type": "context", "elements": [{"type": "mrkdwn", "text": "↑"}]}],
}
_DAY = timedelta(days=1).total_seconds()
SCOPES = (
    "chat:write",
    "im:write",
    "im:history",
    "channels:read",
    "channels:history",
    "groups:read",
    "groups:history",
)


class SlackChannel(Channel):
    """Posts as one bot in one workspace. Addresses: a person (`U…`), a channel's id (`C…`) or name
    (`#renewals`)."""

    name = ChannelName.SLACK

    def __init__(self, token: str, api_url: str | None = None) -> None:
        self._api = SlackApi(token, api_url)
        self._addresses = Addresses(self._api)

    @classmethod
    def configured(cls, settings: ChannelSettings, secrets: Mapping[str, str]) -> Self | None:
        """By the bot's token."""
        token = secrets.get(_BOT_TOKEN, "").strip()
        if not token:
            return None
        if not token.startswith("xox") or not token.isascii() or any(c.isspace() for c in token):
            raise ChannelConfigError(
                "{slack_bot_token} is not a Slack token; copy the app's bot token, which begins "
                "with xoxb-",
                slack_bot_token=_BOT_TOKEN,
            )
        if settings.slack_api_url and not is_private(settings.slack_api_url):
            raise ChannelConfigError(
                "the Slack API address must begin with https:// (or http:// for a server on this "
                "machine)"
            )
        return cls(token, settings.slack_api_url)

    @staticmethod
    def setup(settings: ChannelSettings, secrets: Mapping[str, str]) -> tuple[str, ...]:
        """The token, and where Slack is."""
        return secrets.get(_BOT_TOKEN, "").strip(), settings.slack_api_url or ""

    @override
    def send(self, envelope: Envelope, deadline_seconds: float) -> Outcome:
        """Posts the message, or what of it is not there yet."""
        deadline = Deadline.after(deadline_seconds)
        try:
            channel = self._addresses.to_post(envelope.address, deadline)
            found = FoundPosts(channel)
            if count(envelope) > 1:
                found = self._already_there(envelope, deadline)
        except SlackError as error:
            return (
                NotSent(error.outcome.because)
                if isinstance(error.outcome, Unknown)
                else error.outcome
            )
        return self._post(envelope, found, deadline)

    def _already_there(self, envelope: Envelope, deadline: Deadline) -> FoundPosts:
        """Which posts earlier attempts made, as far as the recent history tells."""
        channel = self._addresses.to_read(envelope.address, deadline)
        try:
            return find(self._api, channel, envelope, deadline, pages=_BEFORE_SEND_PAGES)
        except SlackError as error:
            if error.code == TOO_LONG:
                return FoundPosts(channel)
            raise

    def _post(self, envelope: Envelope, found: FoundPosts, deadline: Deadline) -> Outcome:
        """Makes the posts that are missing, in order."""
        channel, ts = found.channel, found.ts
        places = {0: ts} if ts else {}
        for part in range(count(envelope)):
            if part in found.parts:
                continue
            post = (
                post_of(envelope, part) | {"channel": channel} | ({"thread_ts": ts} if part else {})
            )
            try:
                answer = self._api.call("chat.postMessage", post, deadline, as_json=True)
            except SlackError as error:
                if not error.code.startswith("duplicate"):
                    return _begun(error.outcome) if ts else error.outcome
                if count(envelope) > 1:
                    return Unknown(
                        f"Slack says post {part + 1} is there already; the look-up will tell"
                    )
                return Sent(f"{channel}/{error.code}")
            if not answer.get("ts"):
                return Unknown("Slack did not say where the post stands; the look-up will tell")
            channel, ts = str(answer.get("channel") or channel), ts or str(answer["ts"])
            places[part] = str(answer["ts"])
        return Sent(f"{channel}/{ts}", shown_of(envelope, places))

    @override
    def look_up(self, envelope: Envelope, since: datetime) -> Outcome:
        """Searches the conversation's history from a day before `since` on, so that clocks that
        differ hide nothing.

        `since` may lie in the future (a rehearsal).
        """
        deadline = Deadline.after(_LOOK_UP_SECONDS)
        oldest = min(since.timestamp(), time()) - _DAY
        try:
            channel = self._addresses.to_read(envelope.address, deadline)
            found = find(
                self._api, channel, envelope, deadline, oldest=oldest, pages=_LOOK_UP_PAGES
            )
        except SlackError as error:
            return Unknown(f"Slack could not be searched: {error}")
        if found.whole:
            return Sent(f"{channel}/{found.ts}")
        if found.parts:
            return NotSent(
                (
                    f"only {len(found.parts)} of {found.of} posts are there; the next attempt adds "
                    "the rest"
                ),
                begun=True,
            )
        return NotSent("not in the conversation's history")

    @override
    def update(
        self, envelope: Envelope, receipt: str, deadline_seconds: float, shown: Shown | None = None
    ) -> Changed:
        """Changes the posts that now say something else: a post that is no longer needed is
        emptied, a missing one is added. The answer says what was done, so that the next attempt
        goes on from there. A message of one post is changed even where Slack does not let us read
        its thread."""
        channel, _, ts = receipt.partition("/")
        if not _STAMP.fullmatch(ts):
            return Changed(NotSent("it is not known which post it was", permanent=True))
        deadline = Deadline.after(deadline_seconds)
        places, marks = (
            {**(shown.places if shown else {}), 0: ts},
            dict(shown.marks if shown else {}),
        )
        try:
            if shown is None or len(places) < len(marks):
                places |= self._places(envelope, channel, ts, deadline)
        except SlackError as error:
            return Changed(error.outcome, shown)
        try:
            for part in range(max(count(envelope), max(places) + 1)):
                self._change(envelope, part, channel, places, marks, deadline)
        except SlackError as error:
            return Changed(error.outcome, shown_of(envelope, places, marks))
        return Changed(Sent(receipt), shown_of(envelope, places, marks))

    def _places(
        self, envelope: Envelope, channel: str, ts: str, deadline: Deadline
    ) -> dict[int, str]:
        """Where the message's posts are. A message of one post is at `ts` where Slack does not let
        us read the thread. Raises SlackError."""
        try:
            return stamps(self._api, channel, ts, envelope.key, deadline, pages=_BEFORE_SEND_PAGES)
        except SlackError as error:
            if (
                count(envelope) == 1
                and isinstance(error.outcome, NotSent)
                and error.outcome.retry_after is None
            ):
                return {0: ts}
            raise

    def _change(
        self,
        envelope: Envelope,
        part: int,
        channel: str,
        places: dict[int, str],
        marks: dict[int, str],
        deadline: Deadline,
    ) -> None:
        """Changes one post of a message, or adds it to the thread, and notes what it shows then; a
        post that is no longer needed is emptied. Raises SlackError."""
        post = post_of(envelope, part) if part < count(envelope) else dict(_EMPTIED)
        mark = post_hash(post, part)
        if marks.get(part) == mark and part in places:
            return
        if part in places:
            changed = {k: v for k, v in post.items() if k in ("text", "blocks", "metadata")} | {
                "channel": channel,
                "ts": places[part],
            }
            self._api.call("chat.update", changed, deadline, as_json=True)
        elif part < count(envelope):
            answer = self._api.call(
                "chat.postMessage",
                post | {"channel": channel, "thread_ts": places[0]},
                deadline,
                as_json=True,
            )
            places[part] = str(answer["ts"])
        marks[part] = mark

    @override
    def address_problem(self, address: str) -> str:
        """Whether a channel exists, the app is in it, and nobody outside reads it."""
        try:
            return self._addresses.problem(address, Deadline.after(_LOOK_UP_SECONDS))
        except SlackError as error:
            return str(error)

    @override
    def check(self) -> Sequence[str]:
        """Whether the token works and the app may do what it is asked to."""
        try:
            granted = self._api.scopes(Deadline.after(_LOOK_UP_SECONDS))
        except SlackError as error:
            needs = f" (the app needs the bot scopes {', '.join(SCOPES)})" if error.code else ""
            return (f"Slack: {error}{needs}",)
        missing = [scope for scope in SCOPES if granted is not None and scope not in granted]
        if missing:
            return (
                (
                    f"Slack: the app lacks the scopes {', '.join(missing)}; add them under OAuth & "
                    "Permissions and reinstall it (docs/slack.md)"
                ),
            )
        return ()

    @override
    def is_loopback(self) -> bool:
        """Whether the server that stands for Slack is on this machine."""
        return self._api.is_loopback

    @override
    def close(self) -> None:
        """Nothing stays open: every call is a connection of its own."""


def _begun(outcome: NotSent | Unknown) -> NotSent | Unknown:
    """A failure after the first post."""
    return replace(outcome, begun=True) if isinstance(outcome, NotSent) else outcome

"""What listening in Slack needs besides posting: calls that are answered at once or not at all, and
whether a conversation is ours alone.

Always holds: nothing here raises for what Slack refuses or cannot do just now; it says Slack's word
for it.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from slack_sdk.errors import SlackClientError
from slack_sdk.webhook import WebhookClient

from scheduler.channels.slack.addresses import Addresses
from scheduler.channels.slack.api import Deadline, SlackApi, SlackError
from scheduler.channels.slack.web import QUIET

UNAVAILABLE = "unavailable"
_SECONDS = 10.0


class SlackWorkspace:
    """scheduler.inbound.slack.showing.Workspace on the Web API, with the app's bot token."""

    def __init__(self, token: str, api_url: str | None = None) -> None:
        self._api = SlackApi(token, api_url)
        self._addresses = Addresses(self._api)

    def call(self, method: str, arguments: Mapping[str, Any]) -> str:
        """Calls a method; empty if it was carried out, else Slack's word for why not (`unavailable`
        where it said none)."""
        try:
            self._api.call(method, arguments, Deadline.after(_SECONDS), as_json=True)
        except SlackError as error:
            return error.code or UNAVAILABLE
        return ""

    def respond(self, url: str, body: Mapping[str, Any]) -> str:
        """Says something under a response address of Slack's; empty if it was taken."""
        host = urlsplit(url).hostname or ""
        if not (host == "slack.com" or host.endswith(".slack.com") or self._api.is_loopback):
            return "foreign_address"
        try:
            answer = WebhookClient(
                url, timeout=int(_SECONDS), retry_handlers=[], logger=QUIET
            ).send_dict(dict(body))
        except (SlackClientError, HTTPException, OSError, ValueError):
            return UNAVAILABLE
        return "" if answer.status_code == HTTPStatus.OK else f"http_{answer.status_code}"

    def is_outside(self, channel: str) -> bool:
        """Whether another company reads this conversation. False where Slack does not tell, as for
        a conversation that the app is not in."""
        if not re.match("[CG]", channel):
            return False
        try:
            self._addresses.to_post(channel, Deadline.after(_SECONDS))
        except SlackError as error:
            return error.code == "shared"
        return False

    def team(self) -> str:
        """The workspace's id, asked for once; empty while Slack does not say."""
        found = self._api.team(Deadline.after(_SECONDS))
        return "" if found == "?" else found


def app_token_problems(app_token: str, api_url: str | None = None) -> tuple[str, ...]:
    """Whether the app-level token opens connections for Socket Mode; a sentence that says what to
    do if not."""
    try:
        SlackApi(app_token, api_url).call("apps.connections.open", {}, Deadline.after(_SECONDS))
    except SlackError as error:
        must = (
            "it must be this app's app-level token with the scope connections:write (docs/slack.md)"
        )
        return (
            f"Slack: SLACK_APP_TOKEN does not open a connection ({error.code or error}); {must}",
        )
    return ()

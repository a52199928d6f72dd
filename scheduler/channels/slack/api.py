"""One call to Slack's Web API: made once, within a deadline, and judged.

Always holds: an answer is not waited for after the deadline, however slowly it comes; no text that
leaves here holds the token.
"""

import errno
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from time import monotonic
from typing import Any
from urllib.error import URLError

from slack_sdk.errors import SlackApiError, SlackClientError

from scheduler.channels.slack.web import StayingClient
from scheduler.core.messages.faults import FaultKind, FaultScope, slack_fault
from scheduler.core.time.retry_after import retry_after
from scheduler.ports import NotSent, Unknown
from scheduler.system.bounded import OneAtATime

DEFAULT_RETRY_SECONDS = 30.0
LONGEST_WAIT = 3600.0
"""The longest limit that is believed, in seconds; Slack's own are over within a minute."""
_NEVER_LEFT = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)
_NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)
_STRANGER = "something else than Slack answered {method}{with_} (a proxy?); look at SLACK_API_URL"

_PERHAPS_DONE = {"internal_error", "fatal_error", "request_timeout"}
"""Slack's documentation of chat.postMessage: "It's possible some aspect of the operation succeeded
before the error was raised"."""

_ADVICE = {
    "invalid_auth": "the token is not valid; set SLACK_BOT_TOKEN to the app's bot token (xoxb-…)",
    "not_authed": "no token; set SLACK_BOT_TOKEN",
    "token_revoked": "the token was revoked; install the app again and set SLACK_BOT_TOKEN",
    "token_expired": "the token has expired; install the app again and set SLACK_BOT_TOKEN",
    "account_inactive": "the token's account or workspace was deactivated; install the app again",
    "channel_not_found": (
        "no such channel or person, or a private channel the app was not invited to"
    ),
    "user_not_found": "no such person in this workspace; correct the Slack id",
    "not_in_channel": "the app is not in the channel; invite it there (/invite)",
    "is_archived": "the channel is archived; choose another one",
    "missing_scope": (
        "the app lacks a permission; add the scopes of the app manifest and install it again"
    ),
    "cannot_dm_bot": "the address is a bot, not a person",
    "not_allowed_token_type": (
        "the wrong kind of token; xoxb- is the bot's (SLACK_BOT_TOKEN), xapp- the app's "
        "(SLACK_APP_TOKEN)"
    ),
    "messages_tab_disabled": "the app's Messages tab is off; switch it on under App Home",
}


class SlackError(Exception):
    """A call that did not succeed, with the outcome it means for a message. `code` is Slack's own
    word for it, empty if none came."""

    def __init__(self, outcome: NotSent | Unknown, code: str = "") -> None:
        super().__init__(outcome.because)
        self.outcome = outcome
        self.code = code


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock after which nothing may be waited for."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """`seconds` from now."""
        return cls(monotonic() + seconds)

    @property
    def left(self) -> float:
        """Seconds that remain, never negative."""
        return max(0.0, self.at - monotonic())


class SlackApi:
    """Calls methods of one workspace with one bot token."""

    def __init__(self, token: str, api_url: str | None = None) -> None:
        self._token = token
        self._client = StayingClient(token, api_url)
        self.is_loopback = self._client.is_loopback
        self._team = ""

    def call(
        self,
        method: str,
        arguments: Mapping[str, Any],
        deadline: Deadline,
        *,
        as_json: bool = False,
    ) -> Mapping[str, Any]:
        """The answer of `method`. Raises SlackError with the outcome that a failure means."""
        return dict(self._response(method, arguments, deadline, as_json=as_json).data)

    def scopes(self, deadline: Deadline) -> frozenset[str] | None:
        """The scopes that the token's app was granted; None where Slack does not say. Raises
        SlackError."""
        headers = {
            k.lower(): v for k, v in self._response("auth.test", {}, deadline).headers.items()
        }
        granted = headers.get("x-oauth-scopes")
        return None if granted is None else frozenset(s.strip() for s in str(granted).split(","))

    def _response(
        self,
        method: str,
        arguments: Mapping[str, Any],
        deadline: Deadline,
        *,
        as_json: bool = False,
    ) -> Any:
        """Slack's answer with its headers. Raises SlackError."""
        seconds = int(deadline.left)
        if seconds < 1:
            raise SlackError(NotSent(f"no time was left to call {method}"))
        client, given = self._client.within(seconds), dict(arguments)
        json_, params = (given, None) if as_json else (None, given)
        try:
            return OneAtATime[Any]("slack call").ask(
                lambda: client.api_call(method, json=json_, params=params), deadline.left
            )
        except SlackApiError as error:
            raise self._refused(method, error, deadline) from None
        except (SlackClientError, HTTPException, OSError, ValueError) as error:
            raise SlackError(self._broken(method, error)) from None
        except AttributeError:  # slack_sdk asks JSON that is no object for its "ok"
            raise SlackError(Unknown(_STRANGER.format(method=method, with_=""))) from None

    def team(self, deadline: Deadline) -> str:
        """The workspace's id, asked once; `?` while it cannot be learned."""
        if not self._team:
            try:
                self._team = str(self.call("auth.test", {}, deadline).get("team_id", ""))
            except SlackError:
                return "?"
        return self._team

    def _refused(self, method: str, error: SlackApiError, deadline: Deadline) -> SlackError:
        """The error that an answer which is not ok means."""
        response: Any = error.response
        code = _code(response)
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS or code in (
            "ratelimited",
            "rate_limited",
        ):
            team = self.team(deadline) if method != "auth.test" else "?"
            wait = retry_after(response.headers, LONGEST_WAIT) or DEFAULT_RETRY_SECONDS
            because = f"Slack limits {method}: wait {wait:.0f} s"
            return SlackError(
                NotSent(because, retry_after=wait, scope=f"slack:{team}:{method}"),
                code or "ratelimited",
            )
        if not code and _not_passed_on(response.status_code):
            because = _STRANGER.format(method=method, with_=f" with HTTP {response.status_code}")
            return SlackError(
                NotSent(because, fault_scope=FaultScope.CHANNEL, fault_kind=FaultKind.SETUP)
            )
        if (
            response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
            or code in _PERHAPS_DONE
            or not code
        ):
            if not code and response.status_code < HTTPStatus.BAD_REQUEST:
                return SlackError(Unknown(_STRANGER.format(method=method, with_="")))
            said = code or f"HTTP {response.status_code}"
            because = f"Slack failed during {method} ({said}); it may have been carried out"
            return SlackError(Unknown(because), code)
        advice = _ADVICE.get(code, f"Slack refused {method}")
        scope, kind = slack_fault(code, method)
        final = scope is not FaultScope.CHANNEL
        return SlackError(
            NotSent(
                self._clean(f"{code}: {advice}"),
                permanent=final,
                fault_scope=scope,
                fault_kind=kind,
            ),
            code,
        )

    def _broken(self, method: str, error: Exception) -> NotSent | Unknown:
        """What a broken connection means: certainly not sent only where no connection came
        about."""
        cause = error.reason if isinstance(error, URLError) else error
        never_left = isinstance(error, URLError) and (
            isinstance(cause, _NEVER_LEFT) or getattr(cause, "errno", None) in _NO_WAY
        )
        said = self._clean(
            f"{type(cause).__name__}: {cause}" if isinstance(cause, Exception) else str(cause)
        )
        if never_left:
            kind = (
                FaultKind.SETUP
                if isinstance(cause, ssl.SSLCertVerificationError)
                else FaultKind.NETWORK
            )
            because = f"Slack could not be reached ({said}); check the network and SLACK_API_URL"
            return NotSent(because, fault_scope=FaultScope.CHANNEL, fault_kind=kind)
        return Unknown(f"the connection to Slack broke during {method} ({said})")

    def _clean(self, text: str) -> str:
        """`text` without the token."""
        return text.replace(self._token, "***") if self._token else text


def _code(response: Any) -> str:
    """Slack's error word, empty where the answer was no answer of Slack's; the body may be JSON
    text beside an error status."""
    data = response.data
    if isinstance(data, (bytes, str)):
        try:
            data = json.loads(data)
        except ValueError:
            return ""
    if not isinstance(data, Mapping) or data.get("ok") is not False:
        return ""
    code = str(data.get("error") or "")
    return code if " " not in code else ""


def _not_passed_on(status: int) -> bool:
    """Whether somebody before Slack has sent the call back: a redirection, or a refusal (RFC 9110
    §15.4 and §15.5) without a word of Slack's, which always gives one."""
    return HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.INTERNAL_SERVER_ERROR

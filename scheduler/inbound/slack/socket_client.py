"""The client of Socket Mode: slack_sdk's, which asks Slack for the address of each new connection.

Always holds: Slack is asked for an address once, then after longer and longer waits until a
connection has been greeted, and not before a limit of Slack's is over; a thread that asks does not
sleep, so that stopping waits for nobody; why there is no connection is told each time, without a
token.
"""

from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException
from time import monotonic
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.builtin import SocketModeClient
from typing_extensions import override

from scheduler.core.time.retry_after import retry_after

LONGEST_WAIT, LONGEST_LIMIT = 60.0, 3600.0
"""Seconds."""
_STRANGER = "something else than Slack answers"
_NO_CONNECTION = "the connection did not come about"

Tell = Callable[[str, float], object]
"""Hears why there is no connection, and in how many seconds Slack is asked again."""


class NotOpenedError(Exception):
    """There is no connection yet; `seconds` until Slack may be asked for one."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds:g} s")
        self.seconds = seconds


class PatientClient(SocketModeClient):
    """slack_sdk's client; `tell` hears of every connection that does not come about, after which
    the first wait is `retry_seconds`."""

    def __init__(
        self, app_token: str, web_client: WebClient, tell: Tell, retry_seconds: float, **how: Any
    ) -> None:
        self._on_failure, self._first_wait = tell, retry_seconds
        self._wait, self._not_before = retry_seconds, 0.0
        self._awaits_greeting = False
        super().__init__(app_token, web_client=web_client, **how)

    def greeted(self) -> None:
        """Slack has said hello: the connection works."""
        self._wait, self._not_before, self._awaits_greeting = self._first_wait, 0.0, False

    @override
    def issue_new_wss_url(self) -> str:
        """The address of a new connection. Raises NotOpenedError."""
        left = self._not_before - monotonic()
        if left > 0:
            raise NotOpenedError(left)
        if self._awaits_greeting:
            self._awaits_greeting = False
            raise self._failed(_NO_CONNECTION)
        try:
            url = self.web_client.apps_connections_open(app_token=self.app_token).get("url")
        except SlackApiError as error:
            raise self._refused(error.response) from None
        except AttributeError:  # slack_sdk asks JSON that is no object for its "ok"
            raise self._failed(_STRANGER) from None
        except (SlackClientError, HTTPException, OSError, ValueError) as error:
            raise self._failed(type(error).__name__) from None
        if not isinstance(url, str) or not url.startswith(("ws://", "wss://")):
            raise self._failed(_STRANGER)
        self._awaits_greeting = True
        return url

    def _refused(self, response: Any) -> NotOpenedError:
        """What an answer of Slack's, or of somebody before it, means."""
        code = response.data.get("error") if isinstance(response.data, dict) else None
        limited = response.status_code == HTTPStatus.TOO_MANY_REQUESTS or code == "ratelimited"
        limit = retry_after(response.headers, LONGEST_LIMIT) if limited else None
        said = code if isinstance(code, str) and " " not in code else _STRANGER
        return self._failed("ratelimited" if limited else said, limit or 0.0)

    def _failed(self, because: str, limit: float = 0.0) -> NotOpenedError:
        """Tells of it; the next try comes after twice the wait, and after the limit."""
        seconds = max(self._wait, limit)
        self._wait = min(LONGEST_WAIT, self._wait * 2)
        self._not_before = monotonic() + seconds
        self._on_failure(because, seconds)
        return NotOpenedError(seconds)

"""Socket Mode: Slack's envelopes over a socket that we open, so that no public address is needed.

One envelope
    1  kept in the database under its unique id
    2  acknowledged (a form also with what is wrong with it), within Slack's three seconds
    3  acted on once; what fails, or what a crash left, is picked up by `pick_up`
If 1 fails it is not acknowledged and Slack sends it again. If 2 fails because the socket broke, Slack sends it again too: it is known by then.

Always holds: a socket that breaks, or that Slack asks to be renewed, is replaced; while Slack cannot be reached it is tried again and again, with
longer and longer waits; no text that leaves here holds a token.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from socket import SHUT_RDWR
from threading import Event, Thread
from typing import Any, Protocol

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from scheduler.inbound.slack.desk import Desk
from scheduler.ports import Clock, StoreUnavailableError
from scheduler.services.inbox import Failed, InboxStore, act_on, keep, pick_up, settle

GRACE = timedelta(seconds=10)
"""An envelope that is younger is still in the hands of whoever received it."""
LONGEST_WAIT = 60.0
_QUIET = logging.Logger("scheduler.slack.socket", logging.CRITICAL + 1)  # noqa: LOG001  (of its own: no handler set elsewhere makes it print a token)
_NOT_KEPT = ("token", "authorizations", "message", "state")
"""What Slack sends along and nobody needs to keep: secrets, and the whole message that holds the button."""


class Told(Protocol):
    """Whoever logs what happens on the socket."""

    def __call__(self, event: str, **facts: Any) -> None:
        """Something happened."""


class SlackListener:
    """Listens from `start` until `stop`. `on_failed` hears of envelopes that could not be acted on, `on_acted` that something may have changed."""

    def __init__(
        self,
        app_token: str,
        api_url: str | None,
        inbox: InboxStore,
        desk: Desk,
        clock: Clock,
        *,
        tell: Told,
        on_failed: Callable[[Failed], None],
        on_acted: Callable[[], object],
        ping_seconds: float = 5.0,
    ) -> None:
        self._inbox, self._desk, self._clock = inbox, desk, clock
        self._tell, self._on_failed, self._on_acted = tell, on_failed, on_acted
        self._stopping = Event()
        web = (
            WebClient(base_url=_base(api_url), retry_handlers=[], logger=_QUIET, timeout=10)
            if api_url
            else WebClient(retry_handlers=[], logger=_QUIET, timeout=10)
        )
        self._client = SocketModeClient(app_token, logger=_QUIET, web_client=web, ping_interval=ping_seconds)
        if (api_url or "").startswith("http://"):
            web.proxy = self._client.proxy = None
        self._client.message_listeners.append(self._on_message)
        self._client.on_close_listeners.append(lambda code, reason: self._tell("slack disconnected", code=code))
        self._client.socket_mode_request_listeners.append(self._on_request)
        self._thread = Thread(target=self._connect, name="slack-listener", daemon=True)

    def start(self) -> None:
        """Begins to listen, in threads of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Stops listening; what is being acted on is finished first, what comes meanwhile Slack sends again."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        client = self._client
        client.auto_reconnect_enabled = client.default_auto_reconnect_enabled = False
        client.message_workers.shutdown()
        session = client.current_session
        if session is not None and session.sock is not None:
            with suppress(OSError):
                session.sock.shutdown(SHUT_RDWR)
        client.close()

    @property
    def is_connected(self) -> bool:
        """Whether the socket is open."""
        return self._client.is_connected()

    def pick_up(self) -> int:
        """Acts on what a crash or a failure left behind; how many failed."""
        now = self._clock.now()
        failed = pick_up(self._inbox, lambda kept: self._desk.act(kept, self._clock.now()), now, now - GRACE)
        for failure in failed:
            self._on_failed(failure)
        return len(failed)

    def _connect(self) -> None:
        """Opens the first connection, however long it takes; from then on the client keeps it."""
        wait = 1.0
        while not self._stopping.is_set():
            try:
                self._client.connect()
            except (SlackClientError, OSError, ValueError) as error:
                code = str(error.response.get("error")) if isinstance(error, SlackApiError) else type(error).__name__
                self._tell("slack cannot be reached", because=code, again_in_seconds=wait)
                self._stopping.wait(wait)
                wait = min(LONGEST_WAIT, wait * 2)
            else:
                return

    def _on_message(self, client: BaseSocketModeClient, message: Mapping[str, Any], raw: str | None) -> None:
        """Slack's greeting says that the connection works."""
        if message.get("type") == "hello":
            self._tell("slack connected", connections=message.get("num_connections"))

    def _on_request(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        """One envelope."""
        payload = {name: value for name, value in request.payload.items() if name not in _NOT_KEPT}
        now = self._clock.now()
        try:
            number = keep(self._inbox, request.envelope_id, request.type, payload, now)
        except StoreUnavailableError as error:
            self._tell("envelope not kept", because=str(error))
            return
        try:
            response = self._desk.response(request.type, payload, now)
        except Exception as error:  # what is wrong with it shows again, and is told, when it is acted on
            self._tell("form not judged", because=f"{type(error).__name__}: {error}")
            response = None
        if response is not None:
            settle(self._inbox, number, "refused in the form", now)
        try:
            client.send_socket_mode_response(SocketModeResponse(request.envelope_id, response))
        except (SlackClientError, OSError) as error:
            self._tell("not acknowledged", because=type(error).__name__)
        failure = act_on(self._inbox, number, lambda kept: self._desk.act(kept, self._clock.now()), self._clock.now())
        if failure is not None:
            self._on_failed(failure)
        self._on_acted()


def _base(api_url: str) -> str:
    """The API's address with its closing slash."""
    return api_url.rstrip("/") + "/"

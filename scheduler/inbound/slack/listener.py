"""Socket Mode: Slack's envelopes over a socket that we open, so that no public address is needed.

One envelope
    1  kept in the database under its unique id
    2  acknowledged (a form also with what is wrong with it), within Slack's three seconds: in a
       thread that never waits for work or for Slack
    3  acted on once, in a thread of those that work; what fails, or what a crash left, is picked up
       by `pick_up`
If 1 fails for an event it is not acknowledged and Slack sends it again; of what Slack does not send
again (a button, a form, a command) the person is told that nothing was recorded. If 2 fails because
the socket broke, a repetition is known by then.

Always holds: nothing is asked of Slack before the acknowledgement; a socket that breaks, or that
Slack asks to be renewed, is replaced; while Slack cannot be reached it is tried again and again,
with longer and longer waits; no text that leaves here holds a token.
"""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from socket import SHUT_RDWR
from threading import Event, Thread
from typing import Any, Protocol

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from scheduler.inbound.slack.actions import EVENTS, Actions, not_kept
from scheduler.inbound.slack.socket_client import NotOpenedError, PatientClient
from scheduler.ports import Begin, Clock, StoreUnavailableError
from scheduler.services.answers.inbox import (
    Failed,
    InboxTransaction,
    Kept,
    act_on,
    keep,
    pick_up,
    settle,
)

ACTING = 12
"""How many envelopes are acted on at once; the threads mostly wait for Slack."""
GRACE = timedelta(seconds=10)
"""An envelope that is younger is still in the hands of whoever received it."""
HANGING_UP = 10.0
"""Seconds."""
_QUIET = logging.Logger("scheduler.slack.socket", logging.CRITICAL + 1)  # noqa: LOG001  (of its own: no handler set elsewhere makes it print a token)
_NOT_KEPT = ("token", "authorizations", "message", "state")
"""What Slack sends along and nobody needs to keep: secrets, and the whole message that holds the
button."""


class EventLog(Protocol):
    """Whoever logs what happens on the socket."""

    def __call__(self, event: str, **facts: Any) -> None:
        """Something happened."""


class SlackListener:
    """Listens from `start` until `stop`. `on_failed` hears of envelopes that could not be acted on,
    `on_acted` that something may have changed."""

    def __init__(
        self,
        app_token: str,
        web: WebClient,
        inbox: Begin[InboxTransaction],
        actions: Actions,
        clock: Clock,
        *,
        tell: EventLog,
        on_failed: Callable[[Failed], None],
        on_acted: Callable[[], object],
        ping_seconds: float = 5.0,
        retry_seconds: float = 1.0,
    ) -> None:
        self._inbox, self._actions, self._clock = inbox, actions, clock
        self._tell, self._on_failed, self._on_acted = tell, on_failed, on_acted
        self._stopping = Event()
        self._client = PatientClient(
            app_token,
            web,
            lambda because, seconds: self._tell(
                "slack cannot be reached", because=because, again_in_seconds=seconds
            ),
            retry_seconds,
            logger=_QUIET,
            ping_interval=ping_seconds,
        )
        if web.proxy is None:
            self._client.proxy = None
        self._client.message_listeners.append(self._on_message)
        self._client.on_close_listeners.append(
            lambda code, reason: self._tell("slack disconnected", code=code)
        )
        self._client.socket_mode_request_listeners.append(self._on_request)
        self._thread = Thread(target=self._connect, name="slack-listener", daemon=True)
        self._acting = ThreadPoolExecutor(ACTING, thread_name_prefix="slack-acting")
        self._acted = Event()
        self._afterwards = Thread(target=self._tell_acted, name="slack-acted", daemon=True)

    def start(self) -> None:
        """Begins to listen, in threads of its own."""
        self._thread.start()
        self._afterwards.start()

    def stop(self) -> None:
        """Stops listening; what is being acted on is finished first, what was only kept is picked
        up after the next start."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        client = self._client
        client.auto_reconnect_enabled = client.default_auto_reconnect_enabled = False
        client.message_workers.shutdown()
        self._acting.shutdown(cancel_futures=True)
        self._acted.set()
        if self._afterwards.is_alive():
            self._afterwards.join()
        _hang_up(client)

    @property
    def is_connected(self) -> bool:
        """Whether the socket is open."""
        return self._client.is_connected()

    def pick_up(self) -> int:
        """Acts on what a crash or a failure left behind; how many failed."""
        now = self._clock.now()
        failed = pick_up(self._inbox, self._act_now, now, now - GRACE)
        for failure in failed:
            self._on_failed(failure)
        return len(failed)

    def _connect(self) -> None:
        """Opens the first connection, however long it takes; from then on the client keeps it."""
        while not self._stopping.is_set():
            try:
                self._client.connect()
            except NotOpenedError as error:
                self._stopping.wait(error.seconds)
            else:
                return

    def _on_message(
        self, client: BaseSocketModeClient, message: Mapping[str, Any], raw: str | None
    ) -> None:
        """Slack's greeting says that the connection works."""
        if message.get("type") == "hello":
            self._client.greeted()
            self._tell("slack connected", connections=message.get("num_connections"))

    def _on_request(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        """One envelope: kept, acknowledged, and given to those who act. Nothing here asks Slack or
        waits for it."""
        payload = {name: value for name, value in request.payload.items() if name not in _NOT_KEPT}
        now = self._clock.now()
        try:
            number = keep(self._inbox, request.envelope_id, request.type, payload, now)
        except StoreUnavailableError as error:
            self._tell("envelope not kept", because=str(error))
            self._not_kept(client, request, payload)
            return
        try:
            response = self._actions.response(request.type, payload, now)
        except (
            Exception
        ) as error:  # what is wrong with it shows again, and is told, when it is acted on
            self._tell("form not judged", because=f"{type(error).__name__}: {error}")
            response = None
        if response is not None:
            settle(self._inbox, number, "refused in the form", now)
        self._acknowledge(client, request, response)
        self._later(self._act, number)

    def _acknowledge(
        self,
        client: BaseSocketModeClient,
        request: SocketModeRequest,
        response: dict[str, Any] | None,
    ) -> None:
        """Tells Slack that it arrived."""
        try:
            client.send_socket_mode_response(SocketModeResponse(request.envelope_id, response))
        except (SlackClientError, OSError) as error:
            self._tell("not acknowledged", because=type(error).__name__)

    def _not_kept(
        self, client: BaseSocketModeClient, request: SocketModeRequest, payload: Mapping[str, Any]
    ) -> None:
        """The database cannot be written: Slack sends an event again; whoever pressed, sent or
        typed something is told."""
        if request.type == EVENTS:
            return
        self._acknowledge(client, request, not_kept(request.type, payload))
        self._later(self._actions.tell_not_kept, request.type, payload)

    def _later(self, act: Callable[..., object], *about: Any) -> None:
        """Gives work to the threads that act; once we stop it is left to whoever starts next."""
        with suppress(RuntimeError):
            self._acting.submit(act, *about)

    def _act(self, number: int) -> None:
        """Acts on one envelope."""
        try:
            failure = act_on(self._inbox, number, self._act_now, self._clock.now())
        except Exception as error:  # a database that is gone: `pick_up` takes it
            self._tell("envelope not acted on yet", because=f"{type(error).__name__}: {error}")
            return
        if failure is not None:
            self._on_failed(failure)
        self._acted.set()

    def _act_now(self, kept: Kept) -> str:
        """What became of one envelope."""
        return self._actions.act(kept, self._clock.now())

    def _tell_acted(self) -> None:
        """Says that something may have changed, once for all that happened meanwhile."""
        while not self._stopping.is_set():
            self._acted.wait()
            self._acted.clear()
            if self._stopping.is_set():
                return
            try:
                self._on_acted()
            except Exception as error:  # the daemon's own rounds do it too
                self._tell("posts not updated yet", because=f"{type(error).__name__}: {error}")


def _hang_up(client: PatientClient) -> None:
    """Closes the connection and waits for the client's threads, at most `HANGING_UP` seconds: they
    are daemons and end with the process.

    The client's own `close` is no match for its other threads: one may put the socket away between
    its look and its use (AttributeError), and one that has just begun to receive takes the word to
    stop back and waits for ever. So it is told again until it listens; an empty message ends the
    wait for the next one.
    """
    closing = Thread(target=_close, args=(client,), name="slack-closing", daemon=True)
    closing.start()
    for _ in range(round(HANGING_UP / 0.05)):
        client.current_session_state.terminated = True
        client.message_queue.put(None)
        _cut(client)
        closing.join(0.05)
        if not closing.is_alive():
            return


def _cut(client: PatientClient) -> None:
    """Ends a connection at once, so that nobody goes on waiting for its next word."""
    session = client.current_session
    socket = session.sock if session is not None else None
    if socket is not None:
        with suppress(OSError):
            socket.shutdown(SHUT_RDWR)


def _close(client: PatientClient) -> None:
    """Closes the client, also when another of its threads has just put the socket away."""
    try:
        client.close()
    except (AttributeError, OSError):
        client.close()

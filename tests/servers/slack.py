"""A Slack workspace on loopback: a real HTTP server that speaks the Web API methods the product
uses, and misbehaves on request.

with SlackServer() as slack:
    slack.next("chat.postMessage", error("internal_error"), lose_reply())
    SlackChannel("xoxb-test", slack.url).send(...)
    slack.posts[0].text
"""

import json
import socket
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

TOKEN, APP_TOKEN = "xoxb-test-token", "xapp-test-token"
TEAM = "T0TEST"
BLOCKS_LIMIT, TEXT_LIMIT, JSON_LIMIT = 50, 3000, 13_200
LONGEST = 30.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong with one call. `done`: the call was carried out all the same; `cut`: the
    connection is closed without an answer; `body`: this is answered instead; `letter_seconds`: how
    long each letter of the answer takes."""

    status: int = 200
    error: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    done: bool = False
    cut: bool = False
    seconds: float = 0.0
    body: str = ""
    letter_seconds: float = 0.0


def error(code: str) -> Trouble:
    """An answer that is not ok."""
    return Trouble(error=code)


def http(status: int) -> Trouble:
    """A bare HTTP error."""
    return Trouble(status=status)


def foreign(body: str, status: int = 200, *headers: tuple[str, str]) -> Trouble:
    """An answer that somebody else gives in Slack's place."""
    return Trouble(status, "", headers, body=body)


def rate_limited(seconds: int) -> Trouble:
    """429 with Retry-After."""
    return Trouble(429, "ratelimited", (("Retry-After", str(seconds)),))


def lose_reply() -> Trouble:
    """Carried out, but the answer never arrives."""
    return Trouble(done=True, cut=True)


def drop() -> Trouble:
    """The connection is closed after the request, nothing is carried out."""
    return Trouble(cut=True)


def stuttering(letter_seconds: float) -> Trouble:
    """Carried out, and answered letter by letter."""
    return Trouble(done=True, letter_seconds=letter_seconds)


def slow(seconds: float) -> Trouble:
    """Carried out, but late."""
    return Trouble(done=True, seconds=seconds)


@dataclass(frozen=True, slots=True)
class Whisper:
    """What only one person sees: in a conversation, or under a response address."""

    user: str
    channel: str
    text: str
    blocks: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """One message of a conversation."""

    channel: str
    ts: str
    text: str
    blocks: tuple[dict[str, Any], ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)
    thread_ts: str = ""
    client_msg_id: str = ""


class _Quiet(ThreadingHTTPServer):
    """Says nothing of clients that leave early."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stays silent."""


class SlackServer:
    """The workspace. `posts` holds what was posted, `calls` the methods called; `latency` in
    seconds delays every answer.

    `whispers` are messages for one person's eyes, `modals` the forms that were opened, `homes` each
    person's App Home. `socket_url` is where Socket Mode connects to
    (tests/servers/slack_socket.py); `scopes` are what the app was granted. while `answering` is not
    set nothing is answered. `a_minute` limits how often a method may be called in any minute of
    `clock`, as Slack documents it (https://docs.slack.dev/apis/web-api/rate-limits); beyond it is
    429 with Retry-After.
    """

    def __init__(self, latency: float = 0.0, page: int = 200, *, dedupe: bool = False) -> None:
        self.posts: list[Post] = []
        self.whispers: list[Whisper] = []
        self.modals: list[dict[str, Any]] = []
        self.homes: dict[str, dict[str, Any]] = {}
        self.socket_url = ""
        self.scopes = (
            "chat:write,im:write,im:history,channels:read,channels:history,groups:read,"
            "groups:history,commands"
        )
        self.calls: list[str] = []
        self.a_minute: dict[str, int] = {}
        self.clock: Callable[[], float] = time.monotonic
        self.limited = 0
        self.answering = Event()
        self.answering.set()
        self._called: defaultdict[str, deque[float]] = defaultdict(deque)
        self.latency = latency
        self.page = page
        self.dedupe = dedupe
        self.channels: dict[str, dict[str, Any]] = {
            "C0RENEWALS": {"id": "C0RENEWALS", "name": "renewals"},
            "C0SHARED": {"id": "C0SHARED", "name": "with-aoba", "is_ext_shared": True},
        }
        self.members: dict[str, dict[str, Any]] = {}
        self._script: defaultdict[str, deque[Trouble]] = defaultdict(deque)
        self._lock = Lock()
        self._last_ts = 0.0
        self._http = _Quiet(("127.0.0.1", 0), _handler(self))

    def response_url(self, user: str) -> str:
        """An address under which the app may say something to one person."""
        return self.url.replace("/api/", f"/respond/{user}")

    @property
    def url(self) -> str:
        """What SLACK_API_URL is set to."""
        return f"http://127.0.0.1:{self._http.server_port}/api/"

    def next(self, method: str, *troubles: Trouble) -> None:
        """What goes wrong with the next calls of `method`, one each."""
        self._script[method].extend(troubles)

    def __enter__(self) -> Self:
        Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    def in_thread(self, ts: str) -> list[Post]:
        """The posts of a thread with its first one."""
        return [p for p in self.posts if ts in (p.ts, p.thread_ts)]

    def answer(
        self, method: str, arguments: dict[str, Any], token: str
    ) -> tuple[dict[str, Any] | None, Trouble]:
        """The answer to one call (None: none is given) and what goes wrong with it."""
        with self._lock:
            self.calls.append(method)
            script = self._script[method]
            trouble = script.popleft() if script else self._limit(method)
        time.sleep(self.latency + trouble.seconds)
        self.answering.wait(LONGEST)
        if not trouble.done:
            return (None if trouble.cut else {"ok": False, "error": trouble.error}), trouble
        with self._lock:
            done = self._carry_out(method, arguments, token)
        return (None if trouble.cut else done), trouble

    def _limit(self, method: str) -> Trouble:
        """Whether a call is one too many in its minute."""
        now, called = self.clock(), self._called[method]
        while called and now - called[0] >= 60:
            called.popleft()
        if method in self.a_minute and len(called) >= self.a_minute[method]:
            self.limited += 1
            return rate_limited(int(60 - (now - called[0])) + 1)
        called.append(now)
        return Trouble(done=True)

    def _carry_out(self, method: str, arguments: dict[str, Any], token: str) -> dict[str, Any]:
        if method.startswith("respond/"):
            return self._whisper(arguments | {"user": method.partition("/")[2], "channel": ""})
        if method == "apps.connections.open":
            known_app = token == APP_TOKEN
            return (
                {"ok": True, "url": self.socket_url}
                if known_app
                else {"ok": False, "error": "invalid_auth"}
            )
        if token != TOKEN:
            return {"ok": False, "error": "invalid_auth"}
        known: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "auth.test": lambda _: {"ok": True, "team_id": TEAM, "user_id": "U0BOT"},
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.postEphemeral": self._whisper,
            "views.open": self._open,
            "views.publish": self._publish,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "conversations.info": self._info,
            "conversations.list": lambda _: {"ok": True, "channels": list(self.channels.values())},
            "conversations.open": lambda a: {"ok": True, "channel": {"id": direct(a["users"])}},
            "users.lookupByEmail": lambda a: (
                {"ok": True, "user": self.members[a["email"]]}
                if a["email"] in self.members
                else {"ok": False, "error": "users_not_found"}
            ),
            "users.info": lambda a: {
                "ok": True,
                "user": {"id": a["user"], "tz": "Asia/Tokyo", "profile": {}},
            },
        }
        return (
            known[method](arguments)
            if method in known
            else {"ok": False, "error": "unknown_method"}
        )

    def _post(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = direct(arguments["channel"])
        blocks = tuple(arguments.get("blocks", ()))
        if not (channel in self.channels or channel.startswith("D")):
            return {"ok": False, "error": "channel_not_found"}
        if self.channels.get(channel, {}).get("is_archived"):
            return {"ok": False, "error": "is_archived"}
        if (
            len(arguments.get("text", "")) > TEXT_LIMIT
            or len(json.dumps(blocks, ensure_ascii=False)) > JSON_LIMIT
        ):
            return {"ok": False, "error": "msg_too_long"}
        if len(blocks) > BLOCKS_LIMIT or any(_too_long(b) for b in blocks):
            return {"ok": False, "error": "invalid_blocks"}
        sent = arguments.get("client_msg_id", "")
        if self.dedupe and any(p.client_msg_id == sent for p in self.posts):
            return {"ok": False, "error": "duplicate_client_msg_id"}
        self._last_ts = max(time.time(), self._last_ts + 0.000_002)
        post = Post(
            channel,
            f"{self._last_ts:.6f}",
            arguments.get("text", ""),
            blocks,
            arguments.get("metadata") or {},
            arguments.get("thread_ts", ""),
            sent,
        )
        self.posts.append(post)
        return {
            "ok": True,
            "channel": channel,
            "ts": post.ts,
            "message": {"text": post.text, "ts": post.ts},
        }

    def _whisper(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel, blocks = arguments["channel"], tuple(arguments.get("blocks", ()))
        if channel and channel not in self.channels and not channel.startswith("D"):
            return {"ok": False, "error": "channel_not_found"}
        if len(blocks) > BLOCKS_LIMIT or any(_too_long(b) for b in blocks):
            return {"ok": False, "error": "invalid_blocks"}
        self.whispers.append(Whisper(arguments["user"], channel, arguments.get("text", ""), blocks))
        return {"ok": True, "message_ts": f"{time.time():.6f}"}

    def _open(self, arguments: dict[str, Any]) -> dict[str, Any]:
        view = arguments["view"]
        if arguments["trigger_id"] == "expired":
            return {"ok": False, "error": "expired_trigger_id"}
        if (
            len(view["title"]["text"]) > 24
            or len(view["private_metadata"]) > 3000
            or not view.get("submit")
        ):
            return {"ok": False, "error": "invalid_arguments"}
        self.modals.append(view | {"id": f"V{len(self.modals)}"})
        return {"ok": True, "view": self.modals[-1]}

    def _publish(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if len(arguments["view"]["blocks"]) > 100 or any(
            _too_long(b) for b in arguments["view"]["blocks"]
        ):
            return {"ok": False, "error": "invalid_arguments"}
        self.homes[arguments["user_id"]] = arguments["view"]
        return {"ok": True}

    def _update(self, arguments: dict[str, Any]) -> dict[str, Any]:
        number = next(
            (
                n
                for n, p in enumerate(self.posts)
                if (p.channel, p.ts) == (arguments["channel"], arguments["ts"])
            ),
            None,
        )
        if number is None:
            return {"ok": False, "error": "message_not_found"}
        blocks = tuple(arguments.get("blocks", ()))
        if (
            len(blocks) > BLOCKS_LIMIT
            or len(json.dumps(blocks, ensure_ascii=False)) > JSON_LIMIT
            or any(_too_long(b) for b in blocks)
        ):
            return {"ok": False, "error": "invalid_blocks"}
        old = self.posts[number]
        self.posts[number] = replace(
            old,
            text=arguments.get("text", ""),
            blocks=blocks,
            metadata=arguments.get("metadata", old.metadata),
        )
        return {"ok": True, "channel": old.channel, "ts": old.ts}

    def _history(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Newest first, without the replies in threads, as Slack does."""
        oldest = float(arguments.get("oldest", 0))
        found = [
            p
            for p in reversed(self.posts)
            if p.channel == arguments["channel"] and not p.thread_ts and float(p.ts) > oldest
        ]
        return self._paged(found, arguments)

    def _replies(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return self._paged(
            [p for p in self.in_thread(arguments["ts"]) if p.channel == arguments["channel"]],
            arguments,
        )

    def _paged(self, found: list[Post], arguments: dict[str, Any]) -> dict[str, Any]:
        start, size = (
            int(arguments.get("cursor") or 0),
            min(int(arguments.get("limit", 100)), self.page),
        )
        whole = str(arguments.get("include_all_metadata", "")).lower() in ("true", "1")
        messages = [
            {"ts": p.ts, "text": p.text}
            | ({"metadata": p.metadata} if whole and p.metadata else {})
            for p in found[start : start + size]
        ]
        more = str(start + size) if start + size < len(found) else ""
        return {
            "ok": True,
            "messages": messages,
            "has_more": bool(more),
            "response_metadata": {"next_cursor": more},
        }

    def _info(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self.channels.get(arguments["channel"])
        return (
            {"ok": True, "channel": channel}
            if channel
            else {"ok": False, "error": "channel_not_found"}
        )


def direct(address: str) -> str:
    """The conversation between the app and a person; other addresses as they are."""
    return "D" + address[1:] if address.startswith("U") else address


def _too_long(block: dict[str, Any]) -> bool:
    texts = [block.get("text") or {}, *block.get("elements", ())]
    return any(len(t.get("text", "")) > TEXT_LIMIT for t in texts if isinstance(t.get("text"), str))


def _handler(workspace: SlackServer) -> type[BaseHTTPRequestHandler]:
    """A request handler bound to one workspace."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            is_json = "json" in self.headers.get("Content-Type", "")
            arguments = json.loads(body or "{}") if is_json else dict(parse_qsl(body))
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            method = (
                self.path.removeprefix("/")
                if self.path.startswith("/respond/")
                else self.path.rsplit("/", 1)[-1]
            )
            answer, trouble = workspace.answer(method, arguments, token)
            if answer is None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            reply = (
                (trouble.body or json.dumps(answer)).encode()
                if trouble.status < 500
                else b"<html>upstream error</html>"
            )
            self.send_response(trouble.status)
            for name, value in (
                *trouble.headers,
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(reply))),
                ("X-OAuth-Scopes", workspace.scopes),
            ):
                self.send_header(name, value)
            self.end_headers()
            for letter in reply if trouble.letter_seconds else ():
                self.wfile.write(bytes([letter]))
                time.sleep(trouble.letter_seconds)
            self.wfile.write(b"" if trouble.letter_seconds else reply)

        def log_message(self, format: str, *args: Any) -> None:
            """Stays silent."""

    return Handler

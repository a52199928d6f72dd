"""The server: HTTP on loopback in front of the account, and what tests steer it with."""

import json
import re
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import RLock, Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.servers.hubspot import lives
from tests.servers.hubspot.answers import Answer, Json, RefusedError, invalid
from tests.servers.hubspot.faults import HTML_URL_TOO_LONG, Fault, Faults
from tests.servers.hubspot.filling import Seed, fill
from tests.servers.hubspot.limits import Limits
from tests.servers.hubspot.people import Agenda, Person
from tests.servers.hubspot.portal import Portal, Written
from tests.servers.hubspot.records import Source
from tests.servers.hubspot.requests import Call, Log, Request
from tests.servers.hubspot.routes import ROUTES, Route, usage_route
from tests.servers.hubspot.rules import Rules
from tests.servers.hubspot.state import state_of
from tests.servers.hubspot.switches import Switches
from tests.servers.hubspot.tokens import TOKEN, Token, expired_token, missing_scope, unknown_token

LONGEST_URL = 8_192
"""Somewhere from 8 to 16 kB. [I] PostHog/posthog#31617"""
PAGES = ("list", "search", "owners")


def real_time() -> datetime:
    """The clock of the machine."""
    return datetime.now(UTC)


class _Quiet(ThreadingHTTPServer):
    """Says nothing of clients that leave early."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stays silent."""


class HubSpotServer:
    """One account behind one address.

    `clock` gives the account's time, `skew` what it is off by; `tokens` are those that may call;
    `limits`, `switches`, `rules` may be replaced at any time; `faults`, `agenda`, `log` see there.
    `sleep` is how a slow answer waits.
    """

    def __init__(
        self,
        clock: Callable[[], datetime] = real_time,
        *,
        limits: Limits | None = None,
        switches: Switches | None = None,
        port: int = 0,
    ) -> None:
        self.clock = clock
        self.skew = timedelta()
        self.portal = Portal(lambda: self.clock() + self.skew)
        self.portal.switches = switches or Switches()
        self.limits = limits or Limits()
        self.tokens: dict[str, Token] = {TOKEN: Token()}
        self.token = TOKEN
        self.faults = Faults()
        self.agenda = Agenda()
        self.log = Log()
        self.sleep: Callable[[float], None] = time.sleep
        self.lock = RLock()
        self._routes = (*ROUTES, usage_route(lambda: self.limits))
        self._pages: dict[str, Answer] = {}
        self._correlations = 0
        self._users = 100
        self._http = _Quiet(("127.0.0.1", port), _handler(self))
        self._thread = Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def url(self) -> str:
        """What HUBSPOT_API_URL is set to."""
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def switches(self) -> Switches:
        """The unknown behaviours."""
        return self.portal.switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        self.portal.switches = switches

    @property
    def rules(self) -> Rules:
        """What an admin ordered."""
        return self.portal.rules

    @property
    def journal(self) -> list[Written]:
        """Every write since the start, by whomever, in order; what was filled in is not there."""
        return self.portal.journal

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._thread.join()
        self.close()

    def close(self) -> None:
        """Gives the address back; of one that never ran, too."""
        self._http.server_close()

    def person(self, email: str, name: str = "") -> Person:
        """A new user of the account, who may own deals."""
        with self.lock:
            self._users += 1
            owner = self.portal.owners.add(self._users, email, name, self.portal.now())
            return Person(self.portal, owner, self.lock)

    def add(self, kind: str, values: Mapping[str, Any], *, company: int | None = None) -> int:
        """A record that was there before, as by an import; its id. Values are checked."""
        with self.lock:
            found = self.portal.kinds[kind]
            source = Source("IMPORT", "1")
            record = self.portal.create(
                found,
                {"closedate": None, **values} if kind == "deals" else values,
                source,
                api=False,
            )
            if company is not None:
                self.portal.links.add(kind, record.id, "companies", company, primary=True)
            return record.id

    def pipeline(self, label: str, *stages: tuple[str, str, float], id_: str = "") -> str:
        """One more pipeline of the account's own, its stages as (id, label, probability); its
        id."""
        given: Json = {"label": label, "displayOrder": 9, "stages": []}
        if id_:
            given["pipelineId"] = id_
        for order, (stage, name, probability) in enumerate(stages):
            metadata = {"probability": str(float(probability))}
            entry = {"label": name, "displayOrder": order, "metadata": metadata}
            given["stages"].append(entry | ({"stageId": stage} if stage else {}))
        with self.lock:
            return self.portal.pipelines.make(given, self.portal.now()).id

    def property(
        self,
        name: str,
        type_: str = "string",
        field_type: str = "text",
        kind: str = "deals",
        **more: Any,
    ) -> None:
        """One more property of the account's own, in the first group there is."""
        with self.lock:
            schema = self.portal.kinds[kind].schema
            given = {"groupName": next(iter(schema.groups)), "label": name, **more}
            schema.make({"name": name, "type": type_, "fieldType": field_type, **given})

    def fill(self, kind: str, seeds: Iterable[Seed]) -> range:
        """Many records at once; their ids."""
        with self.lock:
            return fill(self.portal, kind, seeds)

    def search_loses(self, id_: int, kind: str = "deals") -> None:
        """The index drops a record until it changes again."""
        with self.lock:
            self.portal.index[kind].lost.add(id_)
            self.portal.index[kind].touched()

    def spoils(self, id_: int, call: str = "batch read") -> None:
        """From now on every batch of this call that names the record is refused, for ever."""
        with self.lock:
            self.portal.spoiled[call].add(id_)

    def mends(self, id_: int, call: str = "batch read") -> None:
        """It can be read again."""
        with self.lock:
            self.portal.spoiled[call].discard(id_)

    def automation_creates(self, kind: str, values: Mapping[str, Any]) -> int:
        """A workflow, or the contracts' own settings, make a record, as a renewal deal.
        [H] knowledge.hubspot.com/quotes/set-up-contracts"""
        with self.lock:
            source = Source("AUTOMATION_PLATFORM", "enrollmentId:1;actionExecutionIndex:0")
            return self.portal.create(self.portal.kinds[kind], values, source, api=False).id

    def automation(self, id_: int, values: Mapping[str, Any], kind: str = "deals") -> None:
        """A workflow of the account writes."""
        with self.lock:
            found = self.portal.kinds[kind]
            record = found.records[found.survivor(id_)]
            source = Source("AUTOMATION_PLATFORM", "enrollmentId:1;actionExecutionIndex:0")
            self.portal.update(found, record, values, source, api=False)

    def state(self) -> dict[str, dict[int, Json]]:
        """Every record as plain values, by type and id, to compare with."""
        with self.lock:
            for kind in self.portal.kinds.values():
                lives.forget_old(self.portal, kind)
            return state_of(self.portal)

    def answer(
        self, method: str, target: str, body: bytes, authorization: str
    ) -> tuple[Answer, Fault | None]:
        """The answer to one request, and what is to go wrong on its way back."""
        url = urlsplit(target)
        parts = tuple(p for p in url.path.split("/") if p)
        route, named = self._route(method, parts)
        name = route.kind if route else "unknown"
        with self.lock:
            self.agenda.due(self.portal.now())
            fault = self.faults.draw(
                name, url.path, writes=bool(route and route.writes), pages=name in PAGES
            )
        if fault is not None and fault.seconds:
            self.sleep(fault.seconds)
        with self.lock:
            found = self._faulty(fault) or self._answer(
                route, named, method, target, body, authorization
            )
            found = self._spoiled(fault, found, url.path, further=_further(url.query, body))
            self._note(name, named, method, url.path, found, body, fault)
        return found, fault

    def _route(self, method: str, parts: tuple[str, ...]) -> tuple[Route | None, Mapping[str, str]]:
        for route in self._routes:
            named = route.fits(method, parts)
            if named is not None:
                return route, named
        return None, {}

    def _faulty(self, fault: Fault | None) -> Answer | None:
        """What is answered instead."""
        if fault is None or (fault.instead is None and fault.cut != "before"):
            return None
        if isinstance(fault.instead, RefusedError):
            return self._refused(fault.instead)
        return fault.instead or Answer()

    def _spoiled(self, fault: Fault | None, found: Answer, path: str, *, further: bool) -> Answer:
        """What a fault makes of an answer; keeps a page that came without one for the next."""
        if fault is not None:
            again = fault.twice and further
            return self._pages.get(path, found) if again else fault.spoils(found)
        if found.status == 200:
            self._pages[path] = found
        return found

    def _answer(
        self,
        route: Route | None,
        named: Mapping[str, str],
        method: str,
        target: str,
        body: bytes,
        authorization: str,
    ) -> Answer:
        if len(target) > LONGEST_URL:
            return Answer(414, HTML_URL_TOO_LONG)
        search = route is not None and route.kind == "search"
        now = self.portal.now()
        try:
            token = self._token(authorization, now)
            self.limits.take(now, self.portal.zone, search=search)
            if route is None:
                raise RefusedError(404, "OBJECT_NOT_FOUND", "resource not found")
            self._allowed(route, named, token)
            url = urlsplit(target)
            request = Request(
                method, url.path, parse_qs(url.query), _json(body), self._source(token), named
            )
            self.agenda.around(route.kind, done=False)
            found = route.endpoint(self.portal, request)
            self.agenda.around(route.kind, done=True)
        except RefusedError as refusal:
            found = self._refused(refusal)
        headers = self.limits.as_headers(now, self.portal.zone, search=search)
        return Answer(found.status, found.body, {**headers, **found.headers})

    def _token(self, authorization: str, now: int) -> Token:
        token = self.tokens.get(authorization.removeprefix("Bearer "))
        if token is None or not authorization.startswith("Bearer "):
            raise unknown_token()
        if token.expires_at is not None and token.expires_at <= now:
            raise expired_token((now - token.expires_at) // 60_000)
        return token

    def _allowed(self, route: Route, named: Mapping[str, str], token: Token) -> None:
        ends = [named[n] for n in ("objectType", "fromType", "toType") if n in named]
        names = [self.portal.kind(n).name for n in ends] or [""]
        for scope in dict.fromkeys(route.scope.format(n) for n in names):
            if scope not in token.scopes:
                raise missing_scope(scope, self.switches.refuses_scopes)

    def _source(self, token: Token) -> Source:
        type_, id_ = token.source or self.switches.key_source
        return Source(type_, id_)

    def _refused(self, refusal: RefusedError) -> Answer:
        self._correlations += 1
        correlation = f"00000000-0000-4000-8000-{self._correlations:012x}"
        headers = {"X-HubSpot-Correlation-Id": correlation}
        return Answer(refusal.status, refusal.body(correlation), headers)

    def _note(
        self,
        name: str,
        named: Mapping[str, str],
        method: str,
        path: str,
        found: Answer,
        body: bytes,
        fault: Fault | None,
    ) -> None:
        ids = body.count(b'"id"') if name.startswith(("batch", "assoc")) else 0
        what = fault.name if fault else ""
        kind = named.get("objectType") or named.get("fromType") or ""
        self.log.add(Call(self.portal.now(), name, kind, method, path, found.status, ids, what))


def _further(query: str, body: bytes) -> bool:
    """Whether a request asks for a page after the first."""
    return "after=" in query or bool(re.search(rb'"after": *"?[1-9]', body))


def _json(body: bytes) -> Json:
    if not body:
        return {}
    try:
        found = json.loads(body)
    except ValueError:
        raise invalid("Invalid input JSON") from None
    if not isinstance(found, dict):
        raise invalid("Invalid input JSON")
    return found


def _handler(server: HubSpotServer) -> type[BaseHTTPRequestHandler]:
    """A request handler bound to one account."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._carry_out()

        def do_POST(self) -> None:
            self._carry_out()

        def do_PATCH(self) -> None:
            self._carry_out()

        def do_PUT(self) -> None:
            self._carry_out()

        def do_DELETE(self) -> None:
            self._carry_out()

        def _carry_out(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            given = self.headers.get("Authorization") or ""
            answer, fault = server.answer(self.command, self.path, body, given)
            if fault is not None and fault.cut:
                self._cut()
                return
            page = isinstance(answer.body, str)
            reply = b"" if answer.body is None else _text(answer.body).encode()
            self.send_response_only(answer.status)
            self.send_header("Date", format_datetime(server.portal.clock(), usegmt=True))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.body is not None:
                type_ = "text/html" if page else "application/json;charset=utf-8"
                self.send_header("Content-Type", type_)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            if fault is not None and fault.half:
                self.wfile.write(reply[: len(reply) // 2])
                self._cut()
                return
            self.wfile.write(reply)

        def _cut(self) -> None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, format: str, *args: Any) -> None:
            """Stays silent."""

    return Handler


def _text(body: Json | str) -> str:
    return body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)

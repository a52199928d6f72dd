"""One call to HubSpot: at the pace it allows, repeated where that is safe, and judged.

Always holds: the token is read anew for each call and appears in nothing that leaves here; a write
is repeated only where it was certainly not carried out; nothing waits longer than `patience`
seconds in all, then it is a LaterError that says when.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from scheduler.core.config.addresses import is_this_machine
from scheduler.core.sync.amounts import clock_offset
from scheduler.core.words.errors import LabelledError
from scheduler.core.words.labels import Label
from scheduler.hubspot.errors import (
    CallWait,
    HubspotError,
    LaterError,
    UnauthorisedError,
)
from scheduler.hubspot.judging import failed, judged, without_tokens
from scheduler.hubspot.pace import UNKNOWN_RESET, CallPace
from scheduler.ports import Clock, Stopwatch

DATE = "2026-09"
"""The version of HubSpot's API; supported until about March 2028."""
HUBSPOT_API_URL = "https://api.hubapi.com"
TIMEOUT_SECONDS = 30.0
PATIENCE_SECONDS = 60.0
TRIES = 5
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class CallKind(StrEnum):
    """The kind of a call. Searches have a limit of their own and, like reads, change nothing."""

    READ = "read"
    SEARCH = "search"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """A success. `at` is HubSpot's clock, to the second, where it was told."""

    status: int
    body: Mapping[str, Any]
    at: datetime | None = None

    @property
    def results(self) -> list[Mapping[str, Any]]:
        """The records or definitions it holds."""
        return [each for each in self.body.get("results") or () if isinstance(each, dict)]

    @property
    def after(self) -> str:
        """Where the next page begins, empty after the last."""
        following = (self.body.get("paging") or {}).get("next") or {}
        return str(following.get("after") or "")


class AddressError(LabelledError, ValueError):
    """HUBSPOT_API_URL cannot be used."""


def api_address(url: str | None) -> str:
    """The API's address without its closing slash. Raises AddressError for one that others on the
    way could read.

    >>> api_address(None), api_address("http://127.0.0.1:8080/")
    ('https://api.hubapi.com', 'http://127.0.0.1:8080')
    """
    address = (url or HUBSPOT_API_URL).strip().rstrip("/")
    parts = urlsplit(address)
    here = is_this_machine(parts.hostname or "")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and here)):
        raise AddressError(
            "HUBSPOT_API_URL must begin with https:// (or http:// for a server on this machine)"
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise AddressError("HUBSPOT_API_URL must be just an address, without user, ? or #")
    return address


def dated(area: str, *parts: str) -> str:
    """A path with the API's date.

    >>> dated("crm/objects", "deals", "search")
    '/crm/objects/2026-09/deals/search'
    """
    return "/".join(("", area, DATE, *parts))


class HubspotClient:
    """Calls one account. `token` gives the token as it is now, empty where there is none; `jitter`
    a number from 0 to 1, so that machines do not come back all at once."""

    def __init__(
        self,
        token: Callable[[], str],
        clock: Clock,
        stopwatch: Stopwatch,
        jitter: Callable[[], float],
        *,
        api_url: str | None = None,
        patience: float = PATIENCE_SECONDS,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        address = api_address(api_url)
        self.is_loopback = is_this_machine(urlsplit(address).hostname or "")
        self.pace = CallPace(clock, stopwatch)
        self._token, self._clock, self._stopwatch = token, clock, stopwatch
        self._jitter, self._patience = jitter, patience
        self.offset = timedelta(0)
        """How far HubSpot's clock is ahead of ours, as the last answer told it; whole seconds."""
        self._http = httpx.Client(
            base_url=address,
            timeout=timeout,
            follow_redirects=False,
            trust_env=not self.is_loopback,
            headers={"User-Agent": "renewal-scheduler", "Accept": "application/json"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of connections."""
        self._http.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        kind: CallKind = CallKind.READ,
        background: bool = True,
    ) -> ApiResponse:
        """The answer to one request; waits and repeats where that helps.

        `background`: work that may wait until tomorrow, so that a fifth of the day's quota is left
        to others. Raises the errors of `scheduler.hubspot.errors`.
        """
        waited = 0.0
        for attempt in range(1, TRIES + 1):
            waited = self._wait(
                self.pace.turn(search=kind is CallKind.SEARCH, background=background), waited
            )
            try:
                return self._once(method, path, params, body, kind)
            except LaterError as error:
                pause = error.seconds * (2 ** (attempt - 1) if error.why is CallWait.FAILED else 1)
                pause *= 1 + self._jitter() / 4
                if attempt == TRIES or waited + pause > self._patience:
                    raise
                waited = self._wait(pause, waited)
        raise AssertionError("the last attempt returns or raises")

    def _wait(self, seconds: float, waited: float) -> float:
        """Waits, if the patience allows it; how long was waited in all."""
        if seconds <= 0:
            return waited
        if waited + seconds > self._patience:
            raise LaterError(CallWait.BURST, seconds)
        self._stopwatch.wait(seconds)
        return waited + seconds

    def _once(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
        kind: CallKind,
    ) -> ApiResponse:
        """Makes one request. Raises HubspotError."""
        token, writes = self._checked_token(), kind is CallKind.WRITE
        try:
            response = self._http.request(
                method,
                path,
                params=params,
                json=body,
                headers={"Authorization": f"Bearer {token}"},
            )
        except _NEVER_LEFT as error:
            because = _clean(f"{type(error).__name__}: {error}", token)
            raise LaterError(CallWait.UNREACHABLE, 5.0, because=because) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            because = _clean(f"{type(error).__name__}: {error}", token)
            raise failed(because, writes=writes) from None
        self.pace.told(response.headers)
        if not response.is_success:
            raise self._judged(response, method, kind)
        return self._answer(response, writes=writes)

    def _judged(self, response: httpx.Response, method: str, kind: CallKind) -> HubspotError:
        """The error of an answer; a limit is told to everybody."""
        error = judged(
            response,
            method,
            writes=kind is CallKind.WRITE,
            search=kind is CallKind.SEARCH,
            now=self._clock.now(),
        )
        if isinstance(error, LaterError) and error.why is CallWait.DAILY and error.seconds <= 0:
            seconds = self.pace.until_midnight() if self.pace.zone else UNKNOWN_RESET
            error = LaterError(CallWait.DAILY, seconds)
        if isinstance(error, LaterError) and error.why in (
            CallWait.BURST,
            CallWait.SEARCH,
            CallWait.DAILY,
        ):
            self.pace.limit_met(error.why, error.seconds)
        return error

    def now(self) -> datetime:
        """HubSpot's clock, as far as its answers have told it."""
        return self._clock.now() + self.offset

    def _answer(self, response: httpx.Response, *, writes: bool) -> ApiResponse:
        """A success, read. Raises HubspotError for one that is no JSON."""
        said_at = _date(response)
        if said_at is not None:
            self.offset = clock_offset(said_at, self._clock.now())
        if not response.content:
            return ApiResponse(response.status_code, {}, _date(response))
        try:
            body = response.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise failed(Label("an answer that is not JSON"), writes=writes).at(
                response.status_code
            )
        return ApiResponse(response.status_code, body, _date(response))

    def _checked_token(self) -> str:
        """The token. Raises UnauthorisedError where there is none or it is none."""
        token = self._token().strip()
        if not token:
            raise UnauthorisedError(
                "HUBSPOT_TOKEN is not set; put a service key or an app's token into it, or name a "
                "file in HUBSPOT_TOKEN_FILE"
            )
        if not token.isascii() or not token.isprintable() or " " in token:
            raise UnauthorisedError(
                "the value of HUBSPOT_TOKEN is not a token; copy the service key or the app's "
                "token again"
            )
        return token


def _date(response: httpx.Response) -> datetime | None:
    """HubSpot's clock, as the answer's Date header says."""
    try:
        at = parsedate_to_datetime(response.headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else None


def _clean(text: str, token: str) -> str:
    """`text` without the token or what looks like one."""
    return without_tokens(text.replace(token, "***") if token else text)

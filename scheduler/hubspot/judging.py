"""What an answer that is no success means.

Always holds: every field of HubSpot's error bodies may be missing, and the body may be no JSON at
all; a write that may have been carried out is never called refused.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

import httpx

from scheduler.core.sync.values import ValueNotReadError, instant
from scheduler.core.time.retry_after import retry_after
from scheduler.core.words.labels import Label
from scheduler.hubspot.errors import (
    CallWait,
    HubspotError,
    LaterError,
    MissingScopeError,
    RefusedError,
    UnauthorisedError,
    UnknownOutcomeError,
)
from scheduler.hubspot.scopes import needed

LOCKED_SECONDS, SEARCH_SECONDS, BURST_SECONDS, FAILED_SECONDS = 2.0, 1.0, 10.0, 1.0
MIGRATING, MIGRATING_SECONDS = 477, 600.0
LONGEST_WAIT = 86_400.0
"""The longest wait that is believed: the longest limit is a day's, in seconds."""
URL_TOO_LONG = 414
_TOKEN = re.compile(r"\bpat-[a-z0-9]+-[0-9a-zA-Z-]+")


def without_tokens(text: str) -> str:
    """`text` without anything that looks like a token.

    >>> without_tokens("pat-eu1-0a0b refused")
    '*** refused'
    """
    return _TOKEN.sub("***", text)


def judged(
    response: httpx.Response, method: str, *, writes: bool, search: bool, now: datetime
) -> HubspotError:
    """The error that an answer stands for."""
    body = json_of(response)
    status = response.status_code
    correlation = str(
        body.get("correlationId") or response.headers.get("x-hubspot-correlation-id") or ""
    )
    return _of(response, body, method, writes, search, now).at(status, correlation)


def _of(
    response: httpx.Response,
    body: Mapping[str, Any],
    method: str,
    writes: bool,
    search: bool,
    now: datetime,
) -> HubspotError:
    """By status."""
    status = response.status_code
    match status:
        case HTTPStatus.TOO_MANY_REQUESTS:
            return _limited(response, body, search=search, now=now)
        case HTTPStatus.LOCKED:
            return LaterError(CallWait.LOCKED, _retry_after(response) or LOCKED_SECONDS)
        case _ if status == MIGRATING:
            return LaterError(CallWait.MIGRATING, _retry_after(response) or MIGRATING_SECONDS)
        case HTTPStatus.UNAUTHORIZED:
            return UnauthorisedError(
                "HubSpot does not accept the token ({category}); set HUBSPOT_TOKEN (or the file "
                "that HUBSPOT_TOKEN_FILE names) to one that is valid; what waits is kept",
                category=body.get("category") or status,
            )
        case HTTPStatus.FORBIDDEN if body:
            return _forbidden(response, body, method, writes=writes)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return failed(f"HTTP {status}", writes=writes, seconds=_retry_after(response))
    return RefusedError(words_of(body) or _without_words(status), _category(body), ids_of(body))


def failed(because: str | Label, *, writes: bool, seconds: float | None = None) -> HubspotError:
    """An answer that broke or was none."""
    if writes:
        return UnknownOutcomeError(because)
    return LaterError(CallWait.FAILED, seconds or FAILED_SECONDS, because=because)


def _limited(
    response: httpx.Response, body: Mapping[str, Any], *, search: bool, now: datetime
) -> LaterError:
    """A 429, by its policy or, where it names none, by its words."""
    policy = str(body.get("policyName") or body.get("message") or "").lower()
    after = _retry_after(response)
    if "daily" in policy:
        return LaterError(CallWait.DAILY, after or _until(body.get("resetsAt"), now))
    if "ten_secondly" in policy or "ten secondly" in policy or not search:
        return LaterError(CallWait.BURST, after or BURST_SECONDS)
    return LaterError(CallWait.SEARCH, after or SEARCH_SECONDS)


def _until(resets_at: object, now: datetime) -> float:
    """Seconds until a quota is whole again; 0 where nobody says."""
    try:
        at = instant(None if resets_at is None else str(resets_at))
    except ValueNotReadError:
        return 0.0
    return 0.0 if at is None else max(1.0, (at - now).total_seconds())


def _forbidden(
    response: httpx.Response, body: Mapping[str, Any], method: str, *, writes: bool
) -> HubspotError:
    """A 403: the scopes it names, else those of our own table."""
    if _category(body) == "BANNED":
        return UnauthorisedError("HubSpot has blocked this app: {words}", words=words_of(body))
    named = [
        str(scope)
        for error in body.get("errors") or ()
        for scope in (error.get("context") or {}).get("requiredGranularScopes") or ()
    ]
    ours, purpose = needed(method, response.url.path, writes=writes)
    return MissingScopeError(tuple(dict.fromkeys(named)) or ours, purpose)


def json_of(response: httpx.Response) -> Mapping[str, Any]:
    """The body, empty where it is no JSON object."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _category(body: Mapping[str, Any]) -> str:
    return str(body.get("category") or body.get("subCategory") or "")


def words_of(error: Mapping[str, Any]) -> str:
    """HubSpot's words for an error: the message, and what its parts add; a token that it quotes is
    left out."""
    said = [str(error.get("message") or ""), *_details(error)]
    words = " / ".join(dict.fromkeys(text.strip() for text in said if text.strip()))
    return without_tokens(words)[:1_000]


def _details(error: Mapping[str, Any]) -> Iterator[str]:
    for part in error.get("errors") or ():
        text = str(part.get("message") or "") if isinstance(part, Mapping) else str(part)
        if text and text not in str(error.get("message") or ""):
            yield text


def ids_of(error: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids an error names in its context."""
    context = error.get("context")
    ids = context.get("ids") if isinstance(context, Mapping) else None
    return tuple(map(str, ids)) if isinstance(ids, list) else ()


def _without_words(status: int) -> str | Label:
    """The words for an answer that has none."""
    if status == URL_TOO_LONG:
        return Label("HTTP 414, the address is too long; name fewer properties in [hubspot.fields]")
    return f"HTTP {status}"


def _retry_after(response: httpx.Response) -> float | None:
    """Retry-After in seconds, None where it says nothing."""
    return retry_after(response.headers, LONGEST_WAIT)

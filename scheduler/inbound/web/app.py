"""The pages over HTTP: routes, limits and headers around `pages.AnswerPages`.

Always holds: GET and HEAD change nothing; no page runs a script, is kept by a cache, names its
address to another site or stands in a frame; what is posted has a limit; no address of a request
appears in a log, because it holds a secret; what a proxy claims about a request (X-Forwarded-…) is
not believed, addresses come from `base_url` alone.
"""

import asyncio
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import lru_cache, partial
from hashlib import sha256
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from scheduler.core.words.labels import Label, in_all_languages
from scheduler.core.words.lexicon import Language
from scheduler.inbound.web.headers import PLAIN_HEADERS, plain
from scheduler.inbound.web.ics import ics, tag_of
from scheduler.inbound.web.pages import ONE_CLICK, AnswerPages, Page
from scheduler.ports import StoreUnavailableError
from scheduler.services.answers.calendar_feed import feed_of

MOST_BYTES = 32_768
BODY_SECONDS = 10.0
MOST_FIELDS = 30
_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
NO_CALENDAR = Label("There is no such calendar")
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
Report = Callable[[str, Exception], None]
"""Told of what nobody expected: the page's name and the error."""
Handler = Callable[[Request], Awaitable[Response]]


class _NoFormError(Exception):
    """What was posted cannot be read; `page` says why, with its status."""

    def __init__(self, status: int, page: str) -> None:
        super().__init__(page)
        self.status = status
        self.page = page


def make_app(
    pages: AnswerPages,
    report: Report,
    ready: Callable[[], bool] = lambda: True,
    watching: Sequence[Route] = (),
) -> Starlette:
    """The ASGI application. `ready`: whether nudges go out, for load balancers; `watching`: what is
    answered to those who watch this machine."""

    async def feed(request: Request) -> Response:
        return await run_in_threadpool(_feed, pages, request)

    async def deal(request: Request) -> Response:
        token, language = request.path_params["token"], _language_of(request, pages)
        return _html(await run_in_threadpool(pages.show_deal, token, language))

    async def healthy(request: Request) -> Response:
        well = await run_in_threadpool(ready)
        return plain("ok\n" if well else "not ready\n", 200 if well else 503)

    async def nothing(request: Request) -> Response:
        return _html(pages.explain(404, "not_found", _language_of(request, pages)))

    def take_undo(token: str, _: Mapping[str, str], language: Language) -> Page:
        return pages.take_undo(token, language)

    form = partial(_form_route, pages, report)
    routes = [
        form("/a/{token}", "answer", pages.show_answer, pages.take_answer),
        form("/u/{token}", "undo", pages.show_undo, take_undo),
        form("/less/{token}", "less", pages.show_less, pages.take_less),
        Route("/d/{token}", _guarded(deal, "deal", pages, report), methods=["GET"], name="deal"),
        Route(
            "/calendar/{secret}.ics",
            _guarded(feed, "calendar", pages, report),
            methods=["GET"],
            name="calendar",
        ),
        Route("/healthz", healthy, methods=["GET"], name="healthz"),
        *watching,
        Route("/robots.txt", _robots, methods=["GET"], name="robots"),
        Route("/{rest:path}", nothing, name="nothing"),
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _refused_by(pages)})


def _form_route(
    pages: AnswerPages,
    report: Report,
    path: str,
    name: str,
    show: Callable[[str, Language], Page],
    take: Callable[[str, Mapping[str, str], Language], Page],
) -> Route:
    """The route of a page with a form: shown, and taken when it is posted."""

    async def endpoint(request: Request) -> Response:
        token, language = request.path_params["token"], _language_of(request, pages)
        if request.method != "POST":
            return _html(await run_in_threadpool(show, token, language))
        typed = await _form(request)
        return _html(await run_in_threadpool(take, token, typed, language))

    return Route(path, _guarded(endpoint, name, pages, report), methods=["GET", "POST"], name=name)


def _refused_by(pages: AnswerPages) -> Callable[[Request, Exception], Awaitable[Response]]:
    """What answers a request that no page can take."""

    async def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 400
        page = _html(
            pages.explain(
                status, "not_found" if status == 404 else "not_a_form", _language_of(request, pages)
            )
        )
        page.headers.update(dict(error.headers or {}) if isinstance(error, HTTPException) else {})
        return page

    return refused


_UNAVAILABLE = Label("Not available just now. Open the link again in a moment.")
_UNKNOWN = Label(
    "Not available just now. Open the link again to see whether your answer was recorded."
)


def _guarded(endpoint: Handler, name: str, pages: AnswerPages, report: Report) -> Handler:
    """The one catch-all: whatever fails, the reader is told, and no log holds the request's
    address. What was posted may have been recorded before something failed: it counts once, so it
    can be sent again."""

    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except _NoFormError as error:
            return _html(pages.explain(error.status, error.page, _language_of(request, pages)))
        except StoreUnavailableError as error:
            report(name, error)
        except Exception as error:
            report(name, error)
        return plain(
            in_all_languages(_UNKNOWN if request.method == "POST" else _UNAVAILABLE, " / ") + "\n",
            503,
        )

    return guarded


async def _form(request: Request) -> dict[str, str]:
    """The fields that were posted. Raises _NoFormError."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (_FORM, _MULTIPART):
        raise _NoFormError(415, "not_a_form")
    try:
        body = await asyncio.wait_for(_body(request), BODY_SECONDS)
    except (TimeoutError, ClientDisconnect):
        raise _NoFormError(408, "not_a_form") from None
    if kind == _MULTIPART:
        return (
            {ONE_CLICK: "One-Click"}
            if b'name="List-Unsubscribe"' in body and b"One-Click" in body
            else {}
        )
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise _NoFormError(400, "not_a_form") from None


async def _body(request: Request) -> bytes:
    """What was posted, up to the limit."""
    announced = request.headers.get("content-length") or "0"
    if not announced.isdecimal():
        raise _NoFormError(400, "not_a_form")
    if len(announced) > 9 or int(announced) > MOST_BYTES:
        raise _NoFormError(413, "too_large")
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise _NoFormError(413, "too_large")
    return body


def _feed(pages: AnswerPages, request: Request) -> Response:
    """A person's calendar; 304 where the calendar program has it already."""
    now, headers = pages.clock.now(), {**PLAIN_HEADERS, "Cache-Control": "private, no-cache"}
    feed = feed_of(
        pages.feeds,
        request.path_params["secret"],
        pages.policy(),
        now,
        team=request.query_params.get("team") == "1",
    )
    if feed is None:
        return plain(f"{NO_CALENDAR.of(_language_of(request, pages))}\n", 404, headers)
    content = ics(feed.entries, feed.person.name, feed.language, now)
    headers["ETag"] = tag_of(content)
    known = [
        tag.strip().removeprefix("W/")
        for tag in request.headers.get("if-none-match", "").split(",")
    ]
    if headers["ETag"].removeprefix("W/") in known or known == ["*"]:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)


async def _robots(request: Request) -> Response:
    """Nothing here is for search engines."""
    return plain("User-agent: *\nDisallow: /\n")


def _html(page: Page) -> Response:
    """A page with the headers that keep it to its reader."""
    headers = {
        **PLAIN_HEADERS,
        "Content-Security-Policy": _content_policy("".join(_STYLE.findall(page.html))),
    }
    return Response(page.html, page.status, headers, "text/html; charset=utf-8")


@lru_cache(maxsize=8)
def _content_policy(style: str) -> str:
    """No script, nothing from elsewhere, no frame; only this very style sheet."""
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def _language_of(request: Request, pages: AnswerPages) -> Language:
    """The language of somebody we cannot tell apart yet: their browser's, else the policy's."""
    wished = request.headers.get("accept-language", "").lower()
    found = (language for language in Language if wished.startswith(language))
    return next(found, pages.policy().language)

"""/livez, /readyz and /metrics over HTTP: for probes and Prometheus, on an address of their own or,
for this machine only, beside the pages.

Always holds: GET and HEAD only, nothing is changed; what is answered holds no customer, person or
address; whatever fails is a 503, never a page.
"""

from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scheduler.core.config.addresses import is_this_machine
from scheduler.core.machine.liveness import DaemonTrouble
from scheduler.core.words.lexicon import Language
from scheduler.inbound.web.headers import as_json, plain
from scheduler.inbound.web.metrics import CONTENT_TYPE, NoMetricsError, exposition
from scheduler.ports import StoreUnavailableError
from scheduler.services.audit.liveness import LivenessAnswers
from scheduler.services.audit.measuring import Measures

Endpoint = Callable[[Request], Awaitable[Response]]
_NO_FIGURES = (
    "no figures: the database cannot be read, or the daemon is not at work yet; see /readyz\n"
)
_PROXIES = (
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "cf-connecting-ip",
)


def make_health_app(
    health: LivenessAnswers,
    measures: Callable[[], Measures],
    failed: Callable[[str, Exception], None],
) -> Starlette:
    """The ASGI application of the address of its own."""

    async def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 400
        allow = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        return plain("no such address\n" if status == 404 else "not allowed\n", status, allow)

    return Starlette(
        routes=health_routes(health, measures, failed), exception_handlers={HTTPException: refused}
    )


def health_routes(
    health: LivenessAnswers,
    measures: Callable[[], Measures],
    failed: Callable[[str, Exception], None],
) -> list[Route]:
    """What is answered to those who watch; `failed` hears of what nobody expected."""

    async def alive(request: Request) -> Response:
        return _judged("alive", await run_in_threadpool(health.dead))

    async def ready(request: Request) -> Response:
        return _judged("ready", await run_in_threadpool(health.unready))

    async def metrics(request: Request) -> Response:
        return await run_in_threadpool(_measured, measures, failed)

    answers: dict[str, Endpoint] = {
        "/livez": alive,
        "/readyz": ready,
        "/healthz": ready,
        "/metrics": metrics,
    }
    return [
        Route(path, endpoint, methods=["GET"], name=path[1:]) for path, endpoint in answers.items()
    ]


def for_this_machine(routes: Sequence[Route]) -> list[Route]:
    """The same routes, answered to nobody but this machine: beside the pages, which a proxy may
    show to the world."""
    return [
        Route(route.path, _local(route.endpoint), methods=["GET"], name=route.name)
        for route in routes
    ]


def _local(endpoint: Endpoint) -> Endpoint:
    """404 for everybody else, as if there were nothing."""

    async def guarded(request: Request) -> Response:
        if not _from_here(request):
            raise HTTPException(404)
        return await endpoint(request)

    return guarded


def _from_here(request: Request) -> bool:
    """Whether the request comes from this machine, and through no proxy as far as can be seen."""
    host = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
    if (
        request.client is None
        or any(name in request.headers for name in _PROXIES)
        or not is_this_machine(host.strip("[]"))
    ):
        return False
    return ip_address(request.client.host).is_loopback


def _judged(word: str, troubles: Sequence[DaemonTrouble]) -> Response:
    """200 where nothing is wrong, else 503 with what is."""
    told = [
        {
            "what": a.kind.value,
            **({"job": a.job} if a.job else {}),
            **{language.value: a.says.of(language) for language in Language},
        }
        for a in troubles
    ]
    return as_json({word: not told, "because": told}, 503 if told else 200)


def _measured(
    measures: Callable[[], Measures], failed: Callable[[str, Exception], None]
) -> Response:
    """The figures as Prometheus reads them."""
    try:
        text = exposition(measures())
    except NoMetricsError as error:
        return plain(f"{error}\n", 501)
    except StoreUnavailableError:  # half the figures would mislead
        return plain(_NO_FIGURES, 503)
    except Exception as error:
        failed("metrics", error)
        return plain(_NO_FIGURES, 503)
    return Response(
        text,
        headers={
            **dict(plain("").headers),
            "content-type": CONTENT_TYPE,
            "content-length": str(len(text)),
        },
    )

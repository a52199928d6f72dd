"""Which endpoint answers a path, what kind of call it counts as, and which scopes it needs.

Paths carry a date [H] developers.hubspot.com/spotlight; another date is 404 here.
Scopes: [S], per endpoint; contracts [H] docs/api-reference/latest/crm/objects/contracts/guide.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.servers.hubspot import batches, catalogue, objects, search
from tests.servers.hubspot.answers import Answer
from tests.servers.hubspot.limits import Limits, usage
from tests.servers.hubspot.portal import Portal
from tests.servers.hubspot.requests import Request

DATE = "2026-09"

Endpoint = Callable[[Portal, Request], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint. `scope` may hold {} for the type of object; `writes` whether it changes
    anything."""

    method: str
    pattern: tuple[str, ...]
    kind: str
    scope: str
    endpoint: Endpoint
    writes: bool

    def fits(self, method: str, parts: tuple[str, ...]) -> dict[str, str] | None:
        """The named parts of a path that fits."""
        if method != self.method or len(parts) != len(self.pattern):
            return None
        named = {}
        for part, wanted in zip(parts, self.pattern, strict=True):
            if wanted.startswith("{"):
                named[wanted[1:-1]] = part
            elif part != wanted:
                return None
        return named


def _table() -> Iterator[Route]:
    records = f"crm/objects/{DATE}/{{objectType}}"
    reading, writing = "crm.objects.{}.read", "crm.objects.{}.write"
    yield _route("GET", records, "list", reading, objects.list_records)
    yield _route("POST", records, "create", writing, objects.create_one, writes=True)
    yield _route("POST", f"{records}/search", "search", reading, search.search_records)
    yield _route("POST", f"{records}/merge", "merge", writing, objects.merge_two, writes=True)
    yield _route("POST", f"{records}/batch/read", "batch read", reading, batches.batch_read)
    for name, endpoint in (
        ("update", batches.batch_update),
        ("create", batches.batch_create),
        ("upsert", batches.batch_upsert),
        ("archive", batches.batch_archive),
    ):
        path = f"{records}/batch/{name}"
        yield _route("POST", path, f"batch {name}", writing, endpoint, writes=True)
    one = f"{records}/{{id}}"
    yield _route("GET", one, "one", reading, objects.read_one)
    yield _route("PATCH", one, "update", writing, objects.update_one, writes=True)
    yield _route("DELETE", one, "archive", writing, objects.archive_one, writes=True)
    links = f"crm/associations/{DATE}/{{fromType}}/{{toType}}/batch/read"
    yield _route("POST", links, "associations", "crm.objects.{}.read", catalogue.read_links)
    owners = f"crm/owners/{DATE}"
    yield _route("GET", owners, "owners", "crm.objects.owners.read", catalogue.list_owners)
    yield _route(
        "GET", f"{owners}/{{id}}", "owners", "crm.objects.owners.read", catalogue.one_owner
    )
    yield from _pipelines(f"crm/pipelines/{DATE}/deals")
    yield from _properties(f"crm/properties/{DATE}/{{objectType}}")
    for name, endpoint in (
        ("pipelines", catalogue.pipeline_limits),
        ("custom-properties", catalogue.property_limits),
        ("records", catalogue.record_limits),
    ):
        yield _route("GET", f"crm/limits/{DATE}/{name}", "limits", "oauth", endpoint)
    account = f"account-info/{DATE}"
    yield _route("GET", f"{account}/details", "account", "oauth", catalogue.account_details)
    rates = f"settings/currencies/{DATE}/exchange-rates/current"
    yield _route("GET", rates, "currencies", "multi_currency.read", catalogue.exchange_rates)
    rules = f"crm/property-validations/{DATE}/{{objectType}}"
    yield _route("GET", rules, "validations", "crm.schemas.{}.read", catalogue.list_validations)


def _pipelines(path: str) -> Iterator[Route]:
    reading, writing = "crm.objects.deals.read", "crm.schemas.deals.write"
    stages, stage = f"{path}/{{id}}/stages", f"{path}/{{id}}/stages/{{stage}}"
    for pattern, endpoint in (
        (path, catalogue.list_pipelines),
        (f"{path}/{{id}}", catalogue.one_pipeline),
        (f"{path}/{{id}}/audit", catalogue.audit_pipeline),
        (stages, catalogue.list_stages),
        (stage, catalogue.one_stage),
    ):
        yield _route("GET", pattern, "pipelines", reading, endpoint)
    for method, pattern, endpoint in (
        ("POST", path, catalogue.make_pipeline),
        ("PATCH", f"{path}/{{id}}", catalogue.change_pipeline),
        ("PUT", f"{path}/{{id}}", catalogue.replace_pipeline),
        ("DELETE", f"{path}/{{id}}", catalogue.delete_pipeline),
        ("POST", stages, catalogue.make_stage),
        ("PATCH", stage, catalogue.change_stage),
        ("DELETE", stage, catalogue.delete_stage),
    ):
        yield _route(method, pattern, "edit pipelines", writing, endpoint, writes=True)


def _properties(path: str) -> Iterator[Route]:
    reading, writing = "crm.schemas.{}.read", "crm.schemas.{}.write"
    groups, one = f"{path}/groups", f"{path}/{{name}}"
    for method, pattern, endpoint in (
        ("GET", path, catalogue.list_properties),
        ("GET", groups, catalogue.list_groups),
        ("POST", f"{path}/batch/read", catalogue.read_properties),
        ("GET", one, catalogue.one_property),
    ):
        yield _route(method, pattern, "properties", reading, endpoint)
    for method, pattern, endpoint in (
        ("POST", path, catalogue.make_property),
        ("POST", groups, catalogue.make_group),
        ("DELETE", f"{groups}/{{name}}", catalogue.archive_group),
        ("POST", f"{path}/batch/create", catalogue.make_properties),
        ("POST", f"{path}/batch/archive", catalogue.archive_properties),
        ("PATCH", one, catalogue.change_property),
        ("DELETE", one, catalogue.archive_property),
    ):
        yield _route(method, pattern, "edit properties", writing, endpoint, writes=True)


def _route(
    method: str, path: str, kind: str, scope: str, endpoint: Endpoint, *, writes: bool = False
) -> Route:
    return Route(method, tuple(path.split("/")), kind, scope, endpoint, writes)


def usage_route(limits: Callable[[], Limits]) -> Route:
    """Daily usage, which only the limits know."""

    def told(portal: Portal, _: Request) -> Answer:
        return Answer(body=usage(limits(), portal.now(), portal.zone))

    path = f"account-info/{DATE}/api-usage/daily/private-apps"
    return _route("GET", path, "usage", "oauth", told)


ROUTES = tuple(_table())

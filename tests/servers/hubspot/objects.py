"""The endpoints of records: list, one, create, change, archive, merge.

[S] CRM/Deals (Companies, Line Items, Quotes, Contracts) 2026-09.
"""

from collections.abc import Sequence

from tests.servers.hubspot import lives
from tests.servers.hubspot.answers import Answer, Json, RefusedError, invalid, not_found
from tests.servers.hubspot.links import TYPES, listed
from tests.servers.hubspot.moments import iso
from tests.servers.hubspot.portal import Portal
from tests.servers.hubspot.records import Kind, Record, Values
from tests.servers.hubspot.requests import LARGEST, LARGEST_WITH_HISTORY, Request

ALWAYS = ("createdate", "hs_lastmodifieddate", "hs_object_id")


def shown(
    portal: Portal,
    kind: Kind,
    record: Record,
    properties: Sequence[str],
    with_history: Sequence[str] = (),
    state: tuple[int, Values] | None = None,
) -> Json:
    """A record as answers show it; `state` is an older one, as (modified, values). All values are
    texts or null; properties that do not exist are left out without a word."""
    modified, values = state or (record.modified, record.values)
    names = dict.fromkeys((*ALWAYS, *(properties or (() if with_history else kind.plain))))
    found: Json = {
        "id": str(record.id),
        "properties": {
            n: portal.read(kind, record, n, values, modified)
            for n in names
            if portal.known(kind, n)
        },
        "createdAt": iso(record.created),
        "updatedAt": iso(modified),
        "archived": record.archived_at is not None,
    }
    if record.archived_at is not None:
        found["archivedAt"] = iso(record.archived_at)
    if with_history:
        found["propertiesWithHistory"] = {
            n: [c.as_json() for c in record.history(n)[: portal.switches.history_kept]]
            for n in with_history
            if portal.known(kind, n)
        }
        for n in found["propertiesWithHistory"]:
            found["properties"][n] = portal.read(kind, record, n, values, modified)
    return found


def list_records(portal: Portal, request: Request) -> Answer:
    """A page by id: 100 at most, 50 with history ([I] HubSpot/hubspot-api-python#143). There is no
    filter; archived ones only when asked for."""
    kind = portal.kind(request.parts["objectType"])
    lives.forget_old(portal, kind)
    history = request.names("propertiesWithHistory")
    limit = request.number("limit", 10, LARGEST_WITH_HISTORY if history else LARGEST)
    archived = request.flag("archived")
    page: list[Record] = []
    for record in kind.after(request.after()):
        if (record.archived_at is not None) is archived:
            if len(page) == limit:
                break
            page.append(record)
    else:
        return Answer(body={"results": _with_links(portal, kind, page, request)})
    results = _with_links(portal, kind, page, request)
    after = str(page[-1].id)
    link = f"https://api.hubapi.com{request.path}?after={after}"
    return Answer(body={"results": results, "paging": {"next": {"after": after, "link": link}}})


def read_one(portal: Portal, request: Request) -> Answer:
    """One record by its id, an old id from before a merge, or a unique property."""
    kind = portal.kind(request.parts["objectType"])
    lives.forget_old(portal, kind)
    record = found_by(portal, kind, request.parts["id"], request.one("idProperty"))
    if record is None or (record.archived_at is not None) is not request.flag("archived"):
        raise not_found([request.parts["id"]], "resource not found")
    return Answer(body=_with_links(portal, kind, [record], request)[0])


def _with_links(
    portal: Portal, kind: Kind, records: Sequence[Record], request: Request
) -> list[Json]:
    properties, history = request.names("properties"), request.names("propertiesWithHistory")
    ends = [portal.kind(n).name for n in request.names("associations")]
    for end in ends:
        if (kind.name, end) not in TYPES:
            raise invalid(f"No association type from {kind.name} to {end}")
    found = []
    for record in records:
        body = shown(portal, kind, record, properties, history)
        links = {
            end.replace("_", " "): listed(kind.name, end, to)
            for end in ends
            if (to := portal.links.of(kind.name, record.id, end))
        }
        found.append(body | {"associations": links} if links else body)
    return found


def found_by(portal: Portal, kind: Kind, id_: str, property_: str = "") -> Record | None:
    """The record an id names, after any merges; `property_` must be a unique one."""
    if property_ and property_ != "hs_object_id":
        definition = kind.schema.get(property_)
        if definition is None or not definition.unique:
            raise invalid(
                f"{property_} is not a unique property of {kind.name} and cannot identify records"
            )
        return portal.holder(kind, property_, id_)
    if not id_.isdecimal():
        return None
    return kind.records.get(kind.survivor(int(id_)))


def live(portal: Portal, kind: Kind, id_: str, property_: str = "") -> Record:
    """The record to be written to; an archived one is 404."""
    record = found_by(portal, kind, id_, property_)
    if record is None or record.archived_at is not None:
        raise not_found([id_], "resource not found")
    return record


def create_one(portal: Portal, request: Request) -> Answer:
    """201. Associations may be given with it."""
    kind = portal.kind(request.parts["objectType"])
    record = portal.create(kind, request.body.get("properties") or {}, request.source)
    link_new(portal, kind, record, request.body.get("associations") or ())
    return Answer(201, shown(portal, kind, record, list(record.values)))


def update_one(portal: Portal, request: Request) -> Answer:
    """200 with the record."""
    kind = portal.kind(request.parts["objectType"])
    record = live(portal, kind, request.parts["id"], request.one("idProperty"))
    given = request.body.get("properties") or {}
    portal.update(kind, record, given, request.source)
    return Answer(body=shown(portal, kind, record, list(given)))


def archive_one(portal: Portal, request: Request) -> Answer:
    """204, also when there is nothing to archive."""
    kind = portal.kind(request.parts["objectType"])
    record = found_by(portal, kind, request.parts["id"])
    if record is not None:
        lives.archive(portal, kind, record, request.source)
    return Answer(204)


def merge_two(portal: Portal, request: Request) -> Answer:
    """Two records become a new one. The spec has no merge of contracts."""
    kind = portal.kind(request.parts["objectType"])
    if kind.name == "contracts":
        raise RefusedError(404, "OBJECT_NOT_FOUND", "No endpoint")
    primary, other = (
        live(portal, kind, str(request.body.get(name)))
        for name in ("primaryObjectId", "objectIdToMerge")
    )
    if primary is other:
        raise invalid("A record cannot be merged with itself.")
    made = lives.merge(portal, kind, primary, other, request.source)
    return Answer(body=shown(portal, kind, made, ()))


def link_new(portal: Portal, kind: Kind, record: Record, given: Sequence[Json]) -> None:
    """The associations a new record is made with."""
    for one in given:
        for spec in one.get("types", ()):
            for (start, end), (plain, primary) in TYPES.items():
                if start == kind.name and spec.get("associationTypeId") in (plain, primary):
                    portal.links.add(
                        start,
                        record.id,
                        end,
                        int(one["to"]["id"]),
                        primary=spec["associationTypeId"] == primary,
                    )

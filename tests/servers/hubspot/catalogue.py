"""The endpoints beside records: associations, owners, pipelines, properties, limits, account,
currencies.

[S] CRM/Associations, Crm Owners, Pipelines, Properties, Limits Tracking, Property Validations;
Account/Account Info; Settings/Multicurrency, all 2026-09.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.servers.hubspot import owners
from tests.servers.hubspot.answers import Answer, Json, RefusedError, not_found
from tests.servers.hubspot.links import PAGE, typed
from tests.servers.hubspot.moments import instant_of, iso
from tests.servers.hubspot.pipelines import in_use
from tests.servers.hubspot.portal import Portal
from tests.servers.hubspot.requests import Request

LINKED_IDS = 1_000
"""Ids in a batch read of associations. [H]
changelog/bug-fix-batch-read-limit-for-hubspot-associations-api"""


def read_links(portal: Portal, request: Request) -> Answer:
    """Of up to 1,000 records; each one without any is an error of the 207."""
    start = portal.kind(request.parts["fromType"])
    end = portal.kind(request.parts["toType"])
    results, none = [], []
    inputs = request.inputs(LINKED_IDS)
    portal.need_readable("associations", (given.get("id", "") for given in inputs))
    for given in inputs:
        id_, after = str(given.get("id", "")), int(given.get("after") or 0)
        number = start.survivor(int(id_)) if id_.isdecimal() else 0
        links = portal.links.of(start.name, number, end.name) if number in start.records else ()
        if not links:
            none.append(id_)
            continue
        page = links[after : after + PAGE]
        found: Json = {
            "from": {"id": id_},
            "to": [typed(start.name, end.name, link) for link in page],
        }
        if after + PAGE < len(links):
            found["paging"] = {"next": {"after": str(after + PAGE)}}
        results.append(found)
    now = iso(portal.now())
    body: Json = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    if none:
        errors = [_unlinked(start.name, end.name, id_) for id_ in none]
        body |= {"numErrors": len(errors), "errors": errors}
    return Answer(207 if none else 200, body)


def _unlinked(start: str, end: str, id_: str) -> Json:
    """The error of a record without links: one each [?]."""
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {end} is associated with {start} {id_}.",
        "context": {"fromObjectId": [id_], "fromObjectType": [start], "toObjectType": [end]},
        "errors": [],
        "links": {},
    }


def list_owners(portal: Portal, request: Request) -> Answer:
    """100 a page, 500 at most [?]."""
    limit = request.number("limit", owners.USUAL, owners.LARGEST)
    found = portal.owners.listed(
        archived=request.flag("archived"),
        email=request.one("email") or None,
        after=request.after(),
        limit=limit,
    )
    body: Json = {"results": [o.as_json() for o in found[:limit]]}
    if len(found) > limit:
        body["paging"] = {"next": {"after": str(found[limit - 1].id)}}
    return Answer(body=body)


def one_owner(portal: Portal, request: Request) -> Answer:
    """By the owner's id, or the user's with idProperty=userId."""
    by_user = request.one("idProperty") == "userId"
    for owner in portal.owners.owners.values():
        same = str(owner.user if by_user else owner.id) == request.parts["id"]
        if same and owner.archived is request.flag("archived"):
            return Answer(body=owner.as_json())
    raise not_found([request.parts["id"]], "resource not found")


def list_pipelines(portal: Portal, request: Request) -> Answer:
    """All, with their stages."""
    return _results([p.as_json() for p in portal.pipelines.pipelines.values()])


def make_pipeline(portal: Portal, request: Request) -> Answer:
    """201."""
    given = _named(portal, request.body)
    given["stages"] = [_named(portal, stage) for stage in given.get("stages", ())]
    return Answer(201, portal.pipelines.make(given, portal.now()).as_json())


def _named(portal: Portal, given: Json) -> Json:
    """What was given, without the ids where HubSpot gives its own."""
    own = () if portal.switches.chosen_ids else ("pipelineId", "stageId")
    return {name: value for name, value in given.items() if name not in own}


def one_pipeline(portal: Portal, request: Request) -> Answer:
    """One with its stages."""
    return Answer(body=portal.pipelines.need(request.parts["id"]).as_json())


def change_pipeline(portal: Portal, request: Request) -> Answer:
    """PATCH: label and order only."""
    found = portal.pipelines.change(request.parts["id"], request.body, portal.now())
    _edited(portal, found.id)
    return Answer(body=found.as_json())


def replace_pipeline(portal: Portal, request: Request) -> Answer:
    """PUT: stages that are left out are gone."""
    id_ = request.parts["id"]
    kept = {str(s.get("id") or s.get("stageId")) for s in request.body.get("stages", ())}
    _unused(portal, request, set(portal.pipelines.need(id_).stages) - kept)
    found, _ = portal.pipelines.replace(id_, request.body, portal.now())
    _edited(portal, id_)
    return Answer(body=found.as_json())


def delete_pipeline(portal: Portal, request: Request) -> Answer:
    """204; refused while deals are in it."""
    found = portal.pipelines.need(request.parts["id"])
    _unused(portal, request, found.stages)
    del portal.pipelines.pipelines[found.id]
    portal.pipelines.noted("DELETE", found.id, found.as_json(), portal.now())
    return Answer(204)


def audit_pipeline(portal: Portal, request: Request) -> Answer:
    """Who changed it. [S] PublicAuditInfo"""
    found = portal.pipelines.audits
    return _results([audit for id_, audit in found if id_ == request.parts["id"]])


def list_stages(portal: Portal, request: Request) -> Answer:
    """In their order."""
    return _results(portal.pipelines.need(request.parts["id"]).as_json()["stages"])


def make_stage(portal: Portal, request: Request) -> Answer:
    """201, one more."""
    given = _named(portal, request.body)
    found = portal.pipelines.add_stage(request.parts["id"], given, portal.now())
    _edited(portal, request.parts["id"])
    return Answer(201, found.as_json())


def one_stage(portal: Portal, request: Request) -> Answer:
    """One stage."""
    return Answer(
        body=portal.pipelines.need_stage(request.parts["id"], request.parts["stage"]).as_json()
    )


def change_stage(portal: Portal, request: Request) -> Answer:
    """PATCH."""
    found = portal.pipelines.change_stage(
        request.parts["id"], request.parts["stage"], request.body, portal.now()
    )
    _edited(portal, request.parts["id"])
    return Answer(body=found.as_json())


def delete_stage(portal: Portal, request: Request) -> Answer:
    """204; refused while deals are in it. By force the deals keep an id that no pipeline knows
    ([I] fivetran/dbt_hubspot_source#93)."""
    pipeline, stage = request.parts["id"], request.parts["stage"]
    portal.pipelines.need_stage(pipeline, stage)
    _unused(portal, request, [stage])
    del portal.pipelines.pipelines[pipeline].stages[stage]
    _edited(portal, pipeline)
    return Answer(204)


def _unused(portal: Portal, request: Request, stages: Any) -> None:
    """Refuses unless it was said not to look. [H] changelog/pipeline-stage-validation-true"""
    names = ("validateDealStageUsagesBeforeDelete", "validateReferencesBeforeDelete")
    if not all(request.flag(name, default=True) for name in names):
        return
    deals = portal.kinds["deals"].records.values()
    used = Counter(r.values.get("dealstage") or "" for r in deals if r.archived_at is None)
    refusal = in_use(list(stages), used)
    if refusal is not None:
        raise refusal


def _edited(portal: Portal, pipeline: str) -> None:
    """What a pipeline's edit does to its deals, see `Switches.edited_pipeline_touches`."""
    kind, now = portal.kinds["deals"], portal.now()
    if not portal.switches.edited_pipeline_touches:
        portal.index["deals"].touched()
        return
    for record in kind.records.values():
        if record.values.get("pipeline") == pipeline:
            portal.index["deals"].before(record, now)
            record.modified = now


def list_properties(portal: Portal, request: Request) -> Answer:
    """All that are not archived, or those that are; labels in the asked language."""
    kind = portal.kind(request.parts["objectType"])
    locale = request.one("locale") or None
    found = kind.schema.listed(archived=request.flag("archived"), locale=locale)
    return _results([_with_options(portal, p) for p in found])


def one_property(portal: Portal, request: Request) -> Answer:
    """One, also one the list does not show."""
    kind = portal.kind(request.parts["objectType"])
    name = request.parts["name"]
    found = kind.schema.properties.get(name)
    if found is None or (found.archived_at is not None) is not request.flag("archived"):
        raise RefusedError(404, "OBJECT_NOT_FOUND", f"Property named '{name}' does not exist")
    return Answer(body=_with_options(portal, found.as_json(request.one("locale") or None)))


def make_property(portal: Portal, request: Request) -> Answer:
    """201; one that exists is 409."""
    schema = portal.kind(request.parts["objectType"]).schema
    blocks = portal.switches.archived_property_blocks
    return Answer(201, schema.make(request.body, archived_blocks=blocks).as_json())


def change_property(portal: Portal, request: Request) -> Answer:
    """PATCH."""
    schema = portal.kind(request.parts["objectType"]).schema
    return Answer(body=schema.change(request.parts["name"], request.body).as_json())


def archive_property(portal: Portal, request: Request) -> Answer:
    """204."""
    kind = portal.kind(request.parts["objectType"])
    kind.schema.archive(request.parts["name"], portal.now())
    kind.without(request.parts["name"])
    return Answer(204)


def make_properties(portal: Portal, request: Request) -> Answer:
    """Each is made or is an error of the 207."""
    schema = portal.kind(request.parts["objectType"]).schema
    blocks = portal.switches.archived_property_blocks
    results, errors = [], []
    for given in request.inputs():
        try:
            results.append(schema.make(given, archived_blocks=blocks).as_json())
        except RefusedError as refusal:
            error = refusal.as_input_error([], None)
            error["context"] = {"name": [str(given.get("name"))]}
            errors.append(error)
    return _batch(portal, results, errors, 201)


def read_properties(portal: Portal, request: Request) -> Answer:
    """Each is found or is an error of the 207."""
    schema = portal.kind(request.parts["objectType"]).schema
    archived = bool(request.body.get("archived"))
    results, errors = [], []
    for given in request.inputs():
        name = str(given.get("name"))
        found = schema.properties.get(name)
        if found is None or (found.archived_at is not None) is not archived:
            message = f"Property named '{name}' does not exist"
            errors.append(not_found([], message).as_input_error([name], None))
        else:
            results.append(_with_options(portal, found.as_json(request.one("locale") or None)))
    return _batch(portal, results, errors, 200)


def archive_properties(portal: Portal, request: Request) -> Answer:
    """204."""
    kind = portal.kind(request.parts["objectType"])
    for given in request.inputs():
        kind.schema.archive(str(given.get("name")), portal.now())
        kind.without(str(given.get("name")))
    return Answer(204)


def list_groups(portal: Portal, request: Request) -> Answer:
    """The groups of properties."""
    return _results(list(portal.kind(request.parts["objectType"]).schema.groups.values()))


def make_group(portal: Portal, request: Request) -> Answer:
    """201; one that exists is 409."""
    return Answer(201, portal.kind(request.parts["objectType"]).schema.make_group(request.body))


def archive_group(portal: Portal, request: Request) -> Answer:
    """204; refused while it holds properties."""
    portal.kind(request.parts["objectType"]).schema.archive_group(request.parts["name"])
    return Answer(204)


def list_validations(portal: Portal, request: Request) -> Answer:
    """The rules for formats; the conditional required ones are not among them."""
    kind = portal.kind(request.parts["objectType"])
    return _results(
        [
            {
                "propertyName": name,
                "propertyValidationRules": [
                    {"ruleType": r.kind, "ruleArguments": [r.argument]} for r in rules
                ],
            }
            for (of, name), rules in portal.rules.formats.items()
            if of == kind.name
        ]
    )


def _with_options(portal: Portal, found: Json) -> Json:
    """Pipelines and stages are the options of their properties. Stages of several pipelines may
    have one label."""
    pipelines = portal.pipelines.pipelines.values()
    if found["name"] == "pipeline":
        found["options"] = [_option(n, p.label, p.id) for n, p in enumerate(pipelines)]
    if found["name"] == "dealstage":
        stages = [s for p in pipelines for s in p.stages.values()]
        found["options"] = [_option(n, s.label, s.id) for n, s in enumerate(stages)]
    if found["name"] == "deal_currency_code":
        found["options"] = [_option(n, code, code) for n, code in enumerate(portal.rates)]
    return found


def _option(order: int, label: str, value: str) -> Json:
    return {"label": label, "value": value, "displayOrder": order, "hidden": False}


def pipeline_limits(portal: Portal, request: Request) -> Answer:
    """[S] PipelineLimitResponse"""
    deals = _usage("0-3", "Deal", portal.pipelines.limit, len(portal.pipelines.pipelines))
    custom = {"byObjectType": [], "overallLimit": 100, "overallUsage": 0, "overallPercentage": 0.0}
    return Answer(body={"hubspotDefinedObjectTypes": [deals], "customObjectTypes": custom})


def property_limits(portal: Portal, request: Request) -> Answer:
    """[S] CustomPropertyLimitResponse"""
    rows = []
    for kind, label in (("deals", "Deal"), ("companies", "Company")):
        schema = portal.kinds[kind].schema
        made = sum(d.ours and d.archived_at is None for d in schema.properties.values())
        rows.append(_usage(portal.kinds[kind].type_id, label, portal.property_limit, made))
    total = sum(r["usage"] for r in rows)
    return Answer(
        body={
            "byObjectType": rows,
            "overallLimit": portal.property_limit * 10,
            "overallUsage": total,
            "overallPercentage": total * 10 / portal.property_limit,
        }
    )


def record_limits(portal: Portal, request: Request) -> Answer:
    """[S] RecordLimitResponse"""
    rows = [
        _usage(k.type_id, k.name[:-1].title(), 15_000_000, len(k.records))
        for k in portal.kinds.values()
    ]
    custom = {"byObjectType": [], "overallLimit": 0, "overallUsage": 0, "overallPercentage": 0.0}
    return Answer(body={"hubspotDefinedObjectTypes": rows, "customObjectTypes": custom})


def _usage(type_id: str, label: str, limit: int, used: int) -> Json:
    return {
        "objectTypeId": type_id,
        "singularLabel": label,
        "pluralLabel": f"{label}s",
        "limit": limit,
        "usage": used,
        "percentage": used * 100 / limit,
    }


def account_details(portal: Portal, request: Request) -> Answer:
    """[S] PortalInformationResponse"""
    offset = instant_of(portal.now()).astimezone(ZoneInfo(portal.zone)).utcoffset() or timedelta()
    minutes = int(offset.total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    return Answer(
        body={
            "portalId": portal.id,
            "accountType": portal.account_type,
            "timeZone": portal.zone,
            "companyCurrency": portal.currency,
            "additionalCurrencies": [c for c in portal.rates if c != portal.currency],
            "utcOffset": f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}",
            "utcOffsetMilliseconds": minutes * 60_000,
            "uiDomain": portal.ui_domain,
            "dataHostingLocation": "eu1",
        }
    )


def exchange_rates(portal: Portal, request: Request) -> Answer:
    """[S] ExchangeRate"""
    return _results(
        [
            {
                "id": str(n),
                "fromCurrencyCode": code,
                "toCurrencyCode": portal.currency,
                "conversionRate": float(rate),
                "visibleInUI": True,
                "effectiveAt": iso(0),
                "createdAt": iso(0),
                "updatedAt": iso(0),
            }
            for n, (code, rate) in enumerate(portal.rates.items())
            if code != portal.currency
        ]
    )


def _results(found: Sequence[Json]) -> Answer:
    return Answer(body={"results": list(found)})


def _batch(portal: Portal, results: list[Json], errors: list[Json], done: int) -> Answer:
    now = iso(portal.now())
    body: Json = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
    return Answer(207 if errors else done, body)

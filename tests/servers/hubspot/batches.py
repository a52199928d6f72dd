"""The batch endpoints of records.

[S] CRM/Deals 2026-09. 207 when some inputs failed: missing ids come all in one error
([I] HubSpot/hubspot-api-php#619). There is no key that makes a write happen once; the trace id is
only a mark that comes back [H] docs/api-reference/error-handling.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.servers.hubspot import lives
from tests.servers.hubspot.answers import Answer, Json, RefusedError, invalid, not_found
from tests.servers.hubspot.moments import iso
from tests.servers.hubspot.objects import found_by, link_new, live, shown
from tests.servers.hubspot.portal import Portal
from tests.servers.hubspot.records import Kind, Record
from tests.servers.hubspot.requests import LARGEST, LARGEST_WITH_HISTORY, Request

One = Callable[[Any], tuple[Record, Json]]


def batch_read(portal: Portal, request: Request) -> Answer:
    """Records by id, or by a unique property: from the database, so without lag. Two asked ids may
    come back as one record (after a merge)."""
    kind = portal.kind(request.parts["objectType"])
    lives.forget_old(portal, kind)
    history = request.body.get("propertiesWithHistory") or []
    inputs = request.inputs(LARGEST_WITH_HISTORY if history else LARGEST)
    portal.need_readable("batch read", map(_id, inputs))
    by = str(request.body.get("idProperty") or "")
    archived = request.flag("archived")
    found: dict[int, Record] = {}
    missing = []
    for one in inputs:
        id_ = _id(one)
        record = _read(portal, kind, id_, by)
        if record is None or (record.archived_at is not None) is not archived:
            missing.append(id_)
        else:
            found[record.id] = record
    asked = request.body.get("properties") or []
    results = [shown(portal, kind, r, asked, history) for r in found.values()]
    return _answer(
        portal, results, [not_found(missing).as_input_error(missing, None)] * bool(missing)
    )


def _read(portal: Portal, kind: Kind, id_: str, by: str) -> Record | None:
    record = found_by(portal, kind, id_, by)
    old = record is not None and not by and str(record.id) != id_
    return None if old and not portal.switches.merged_answers else record


def batch_update(portal: Portal, request: Request) -> Answer:
    """Changes by id or by a unique property."""
    kind = portal.kind(request.parts["objectType"])
    inputs = request.inputs()
    _distinct([_id(i) for i in inputs])

    def one(given: Json) -> tuple[Record, Json]:
        record = live(portal, kind, _id(given), given.get("idProperty") or "")
        changed = portal.update(
            kind, record, _values(given), request.source, trace=given.get("objectWriteTraceId")
        )
        return changed, {}

    return _write(portal, kind, inputs, one, each=portal.switches.bad_input == "each")


def batch_upsert(portal: Portal, request: Request) -> Answer:
    """Changes the record that holds a unique value, or makes it; `new` tells which."""
    kind = portal.kind(request.parts["objectType"])
    inputs = request.inputs()
    _distinct([_id(i) for i in inputs])
    if len({i.get("idProperty") for i in inputs}) > 1:
        raise invalid("All inputs must have the same idProperty")

    def one(given: Json) -> tuple[Record, Json]:
        by, trace = str(given.get("idProperty") or ""), given.get("objectWriteTraceId")
        record = found_by(portal, kind, _id(given), by)
        if record is None and not by:
            raise not_found([_id(given)])
        if record is None:
            values = {by: _id(given), **_values(given)}
            made = portal.create(kind, values, request.source, trace=trace)
            return made, {"new": True}
        if record.archived_at is not None:
            raise not_found([_id(given)], "The record is archived")
        portal.update(kind, record, _values(given), request.source, trace=trace)
        return record, {"new": False}

    return _write(portal, kind, inputs, one, each=portal.switches.bad_input == "each")


def batch_create(portal: Portal, request: Request) -> Answer:
    """201; some may fail only if each input carries a trace id of its own
    [H] docs/api-reference/error-handling."""
    kind = portal.kind(request.parts["objectType"])
    inputs = request.inputs()
    traces = [i.get("objectWriteTraceId") for i in inputs]

    def one(given: Json) -> tuple[Record, Json]:
        trace = given.get("objectWriteTraceId")
        record = portal.create(kind, _values(given), request.source, trace=trace)
        link_new(portal, kind, record, given.get("associations") or ())
        return record, {}

    marked = None not in traces and len(set(traces)) == len(traces)
    return _write(portal, kind, inputs, one, each=marked, done=201)


def batch_archive(portal: Portal, request: Request) -> Answer:
    """204, whatever was there."""
    kind = portal.kind(request.parts["objectType"])
    for given in request.inputs():
        record = found_by(portal, kind, _id(given))
        if record is not None:
            lives.archive(portal, kind, record, request.source)
    return Answer(204)


def _write(
    portal: Portal, kind: Kind, inputs: Sequence[Json], one: One, *, each: bool, done: int = 200
) -> Answer:
    """Carries out every input. Unless `each`, one bad value refuses the whole batch, and only the
    first is named; missing records are told apart in any case."""
    if not each:
        _rehearse(portal, kind, inputs, one)
    results, errors = [], []
    gone: list[str] = []
    for given in inputs:
        trace = given.get("objectWriteTraceId")
        try:
            record, more = one(given)
        except RefusedError as refusal:
            if refusal.status == 404:
                gone.append(_id(given))
            else:
                ids = [_id(given)] if given.get("id") else []
                errors.append(refusal.as_input_error(ids, trace))
            continue
        body = shown(portal, kind, record, list(_values(given))) | more
        results.append(body | ({} if trace is None else {"objectWriteTraceId": trace}))
    if gone:
        errors.append(not_found(gone).as_input_error(gone, None))
    return _answer(portal, results, errors, done)


def _rehearse(portal: Portal, kind: Kind, inputs: Sequence[Json], one: One) -> None:
    """Raises the first fault of a batch before anything of it is written."""
    taken: set[tuple[str, str]] = set()
    for given in inputs:
        by = str(given.get("idProperty") or "")
        record = found_by(portal, kind, _id(given), by) if given.get("id") else None
        if record is None and given.get("id") and not by:
            continue
        if record is not None and record.archived_at is not None:
            continue
        values = _values(given)
        if record is None and by:
            values = {by: given["id"], **values}
        portal.rehearse(kind, values, record, taken)


def _answer(portal: Portal, results: list[Json], errors: Sequence[Json], done: int = 200) -> Answer:
    if portal.switches.order == "shuffled":
        Random(len(results)).shuffle(results)
    now = iso(portal.now())
    body: Json = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    if errors:
        body |= {"numErrors": len(errors), "errors": list(errors)}
    return Answer(207 if errors else done, body)


def _id(given: Any) -> str:
    if not isinstance(given, dict):
        raise invalid("Invalid input JSON")
    return str(given.get("id", ""))


def _values(given: Json) -> Json:
    return dict(given.get("properties") or {})


def _distinct(ids: Sequence[str]) -> None:
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise invalid(
            f"Duplicate IDs found in batch input: [{', '.join(twice)}]. IDs must be unique"
        )

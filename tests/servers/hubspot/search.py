"""Search: filters over an index that lags.

[H] docs/api-reference/latest/crm/search-the-crm; [S] CRM/Deals 2026-09: at most 200 a page and
10,000 a query, one sort, a query of 3,000 characters. [R] 5 groups, 6 filters each, 18 in all.
Archived records never appear, associations neither. An `after` in the URL is ignored and gives
page 1 for ever ([I] NangoHQ/nango#1598).
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.servers.hubspot.answers import Answer, Json, invalid
from tests.servers.hubspot.calculated import is_stage_time
from tests.servers.hubspot.moments import read_instant
from tests.servers.hubspot.objects import shown
from tests.servers.hubspot.portal import Portal
from tests.servers.hubspot.records import Kind
from tests.servers.hubspot.requests import Request
from tests.servers.hubspot.search_index import SearchIndex, Seen

LARGEST_PAGE, LARGEST_RESULT, LONGEST_QUERY = 200, 10_000, 3_000
GROUPS, FILTERS, ALL_FILTERS = 5, 6, 18
KEPT = 8

Key = Any
Test = Callable[[Seen], bool]


def search_records(portal: Portal, request: Request) -> Answer:
    """One page. `total` is of this moment: the pages are no snapshot."""
    kind = portal.kind(request.parts["objectType"])
    body = request.body
    limit, after = _size(portal, body)
    index = portal.index[kind.name]
    index.catch_up(portal.now())
    keys = _matching(portal, kind, index, body)
    asked, fresh = body.get("properties") or (), portal.switches.search_shows == "database"
    page = [
        shown(portal, kind, s.record, asked, (), None if fresh else (s.modified, s.values))
        for _, id_ in keys[after : after + limit]
        if (s := index.seen(id_)) is not None
    ]
    found: Json = {"total": len(keys), "results": page}
    if after + limit < len(keys) and limit:
        found["paging"] = {"next": {"after": str(after + limit)}}
    return Answer(body=found)


def _size(portal: Portal, body: Json) -> tuple[int, int]:
    limit, after = body.get("limit", 10), str(body.get("after") or "0")
    least = 0 if portal.switches.search_limit_zero else 1
    if not isinstance(limit, int) or not least <= limit <= LARGEST_PAGE:
        raise invalid(f"limit must be between {least} and {LARGEST_PAGE}")
    if not after.isdecimal():
        raise invalid(f"after {after!r} is not a number")
    if int(after) + limit > LARGEST_RESULT:
        raise invalid(f"Paging past {LARGEST_RESULT} results is not possible")
    return limit, int(after)


def _matching(
    portal: Portal, kind: Kind, index: SearchIndex, body: Json
) -> Sequence[tuple[Key, int]]:
    """The (sort key, id) of all that match, in order. What was worked out is kept until the index
    changes; bounds on the sort's own property are cut out of it, so paging by key is cheap."""
    groups = [list(g.get("filters") or ()) for g in body.get("filterGroups") or ()]
    query, (sort, down) = str(body.get("query") or ""), _sort(portal, kind, body)
    _counted(groups, query)
    bounds: list[Json] = []
    if len(groups) == 1:
        bounds = [f for f in groups[0] if f.get("propertyName") == sort and _is_bound(f)]
        groups = [[f for f in groups[0] if f not in bounds]]
    name = json.dumps([groups, query, sort, down], sort_keys=True)
    version, keys = index.kept.get(name, (-1, []))
    if version != index.version:
        keys = _worked_out(portal, kind, index, groups, query, sort)
        if down:
            keys.reverse()
        while len(index.kept) >= KEPT:
            index.kept.pop(next(iter(index.kept)))
        index.kept[name] = (index.version, keys)
    return _within(portal, kind, sort, keys, bounds, down) if bounds else keys


def _worked_out(
    portal: Portal,
    kind: Kind,
    index: SearchIndex,
    groups: Sequence[Sequence[Json]],
    query: str,
    sort: str,
) -> list[tuple[Key, int]]:
    tests = [[_test(portal, kind, f) for f in group] for group in groups]
    key = _reader(portal, kind, sort)
    words = query.lower().split()
    found = []
    for seen in index.all():
        if tests and not any(all(test(seen) for test in group) for group in tests):
            continue
        if words and not _named(seen, words):
            continue
        value = key(seen)
        found.append(
            ((value is not None, value) if value is not None else (False, 0), seen.record.id)
        )
    found.sort()
    return found


def _named(seen: Seen, words: Sequence[str]) -> bool:
    name = (seen.values.get("dealname") or seen.values.get("name") or "").lower()
    return all(word in name for word in words)


def _sort(portal: Portal, kind: Kind, body: Json) -> tuple[str, bool]:
    """One sort: a name, with - before it for downwards, or an object as older pages have it."""
    sorts = body.get("sorts") or ["hs_object_id"]
    if len(sorts) > 1:
        raise invalid("Only one sort is supported")
    if isinstance(sorts[0], dict):
        name, down = sorts[0].get("propertyName"), sorts[0].get("direction") == "DESCENDING"
    else:
        name, down = str(sorts[0]).removeprefix("-"), str(sorts[0]).startswith("-")
    _definition_type(portal, kind, str(name))
    return str(name), down


def _counted(groups: Sequence[Sequence[Json]], query: str) -> None:
    if len(groups) > GROUPS:
        raise invalid(f"There may be {GROUPS} filter groups at most")
    if any(len(g) > FILTERS for g in groups) or sum(map(len, groups)) > ALL_FILTERS:
        raise invalid(f"There may be {FILTERS} filters a group, {ALL_FILTERS} in all, at most")
    if len(query) > LONGEST_QUERY:
        raise invalid(f"A query may have {LONGEST_QUERY} characters at most")


def _is_bound(filter_: Json) -> bool:
    return filter_.get("operator") in ("GT", "GTE", "LT", "LTE", "BETWEEN")


def _within(
    portal: Portal,
    kind: Kind,
    sort: str,
    keys: Sequence[tuple[Key, int]],
    bounds: Sequence[Json],
    down: bool,
) -> Sequence[tuple[Key, int]]:
    """The part of sorted keys that lies within bounds."""
    up = keys[::-1] if down else keys
    low, high = 0, len(up)
    low = bisect_left(up, (True,), key=lambda k: k[0][:1])
    type_ = _definition_type(portal, kind, sort)
    for bound in bounds:
        value = _typed(type_, bound.get("value"))
        match bound["operator"]:
            case "GT":
                low = max(low, bisect_right(up, (True, value), key=lambda k: k[0]))
            case "GTE":
                low = max(low, bisect_left(up, (True, value), key=lambda k: k[0]))
            case "LT":
                high = min(high, bisect_left(up, (True, value), key=lambda k: k[0]))
            case "LTE":
                high = min(high, bisect_right(up, (True, value), key=lambda k: k[0]))
            case _:
                top = _typed(type_, bound.get("highValue"))
                low = max(low, bisect_left(up, (True, value), key=lambda k: k[0]))
                high = min(high, bisect_right(up, (True, top), key=lambda k: k[0]))
    found = up[low:high]
    return found[::-1] if down else found


def _definition_type(portal: Portal, kind: Kind, name: str) -> str:
    definition = kind.schema.get(name)
    if definition is not None:
        return definition.type
    if kind.name == "deals" and is_stage_time(portal, name):
        return "datetime" if "date" in name or name.endswith("stage") else "number"
    raise invalid(f"There was a problem with the request: no property {name}")


def _reader(portal: Portal, kind: Kind, name: str) -> Callable[[Seen], Key]:
    """Reads the comparable value of a property."""
    type_ = _definition_type(portal, kind, name)
    if name == "hs_object_id":
        return lambda seen: seen.record.id
    if name == "hs_lastmodifieddate":
        return lambda seen: seen.modified
    if name in ("pipeline", "dealstage", "hubspot_owner_id"):
        return lambda seen: _typed(type_, seen.values.get(name))
    return lambda seen: _typed(
        type_, portal.read(kind, seen.record, name, seen.values, seen.modified)
    )


def _typed(type_: str, value: Any) -> Key:
    if value is None or value == "":
        return None
    if type_ in ("date", "datetime"):
        found = read_instant(str(value))
        if found is None:
            raise invalid(f"{value} is not a date")
        return found
    if type_ == "number":
        text = str(value)
        if text.isdecimal():
            return int(text)
        try:
            return Decimal(text)
        except InvalidOperation:
            raise invalid(f"{value} is not a number") from None
    return str(value).lower()


def _test(portal: Portal, kind: Kind, filter_: Mapping[str, Any]) -> Test:
    """One filter. An operator on an empty value never holds, except that it has none."""
    name, operator = str(filter_.get("propertyName", "")), filter_.get("operator")
    read, type_ = _reader(portal, kind, name), _definition_type(portal, kind, name)
    value = _typed(type_, filter_.get("value"))
    values = {_typed(type_, v) for v in filter_.get("values") or ()}
    high = _typed(type_, filter_.get("highValue"))
    if operator in ("IN", "NOT_IN"):
        if not values:
            raise invalid(f"operator {operator} needs values")
    elif operator not in ("HAS_PROPERTY", "NOT_HAS_PROPERTY") and value is None:
        raise invalid(f"operator {operator} needs a value")
    tests: dict[Any, Callable[[Key], bool]] = {
        "EQ": lambda v: v == value,
        "NEQ": lambda v: v != value,
        "GT": lambda v: v > value,
        "GTE": lambda v: v >= value,
        "LT": lambda v: v < value,
        "LTE": lambda v: v <= value,
        "BETWEEN": lambda v: value <= v <= high,
        "IN": lambda v: v in values,
        "NOT_IN": lambda v: v not in values,
        "CONTAINS_TOKEN": lambda v: str(value).strip("*") in str(v),
        "NOT_CONTAINS_TOKEN": lambda v: str(value).strip("*") not in str(v),
    }
    if operator == "HAS_PROPERTY":
        return lambda seen: read(seen) is not None
    if operator == "NOT_HAS_PROPERTY":
        return lambda seen: read(seen) is None
    if operator not in tests:
        raise invalid(f"Invalid operator {operator!r}")
    test = tests[operator]
    return lambda seen: (v := read(seen)) is not None and test(v)

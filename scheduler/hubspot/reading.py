"""Records of an account, page by page and batch by batch.

Always holds: everything streams, one page is held at a time; each id that was asked for has an
answer of its own (`LookedUp`); a batch that is refused is halved until the guilty id stands alone;
a page that comes again is passed over, and ends the run when it comes a third time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, TypeVar

from scheduler.core.sync.amounts import (
    BATCH,
    BATCH_WITH_HISTORY,
    LINKS_BATCH,
    LIST_PAGE,
    LIST_PAGE_WITH_HISTORY,
    SEARCH_LIMIT,
    SEARCH_PAGE,
)
from scheduler.core.sync.keyset import Cursor, after_page, query
from scheduler.core.sync.records import (
    MERGED,
    MODIFIED,
    Association,
    NotARecordError,
    Record,
    links_of,
    record_of,
)
from scheduler.hubspot.client import ApiResponse, CallKind, HubspotClient, dated
from scheduler.hubspot.errors import NotInStepError, RefusedError
from scheduler.hubspot.judging import ids_of, words_of

T = TypeVar("T")
DEALS, COMPANIES = "deals", "companies"
_FEWEST_LINKS = 1


@dataclass(frozen=True, slots=True)
class PropertiesAsked:
    """What is asked of each record: property names, those whose history is wanted, and whether the
    links to companies are (lists only)."""

    properties: tuple[str, ...] = ()
    histories: tuple[str, ...] = ()
    companies: bool = False

    @property
    def names(self) -> list[str]:
        """The properties, with what a merge is known by."""
        return list(dict.fromkeys((*self.properties, MERGED)))


@dataclass(frozen=True, slots=True)
class RecordPage:
    """The records of one page, and where the next one begins (empty after the last)."""

    records: tuple[Record, ...]
    after: str


def listed(
    client: HubspotClient,
    asked: PropertiesAsked,
    *,
    object_type: str = DEALS,
    archived: bool = False,
    after: str = "",
) -> Iterator[RecordPage]:
    """All records by id, from the database; goes on from `after`. Raises HubspotError."""
    params: dict[str, Any] = {
        "limit": LIST_PAGE_WITH_HISTORY if asked.histories else LIST_PAGE,
        "archived": str(archived).lower(),
        "properties": ",".join(asked.names),
    }
    if asked.histories:
        params["propertiesWithHistory"] = ",".join(asked.histories)
    if asked.companies:
        params["associations"] = COMPANIES
    seen: frozenset[str] = frozenset()
    again = 0
    while True:
        answer = client.call(
            "GET",
            dated("crm/objects", object_type),
            params=params | ({"after": after} if after else {}),
        )
        records = _records(answer, asked)
        ids = frozenset(record.id for record in records)
        again = again + 1 if ids and ids == seen else 0
        if again >= 2:
            raise NotInStepError("HubSpot gives the same page of its list again and again")
        if not again:
            seen = ids
            yield RecordPage(tuple(records), answer.after)
        elif not answer.after:
            raise NotInStepError("HubSpot ends its list with a page that came before")
        after = answer.after
        if not after:
            return


def _records(answer: ApiResponse, asked: PropertiesAsked) -> list[Record]:
    """The records of an answer; where links were asked for, one without any has none."""
    try:
        records = [record_of(raw) for raw in answer.results]
    except NotARecordError as error:
        raise NotInStepError(error.label) from None
    return [_with_links(record, asked) for record in records]


def _with_links(record: Record, asked: PropertiesAsked) -> Record:
    """HubSpot leaves `associations` out of a record that has none."""
    if not asked.companies or record.companies is not None:
        return record
    return Record(
        record.id,
        record.properties,
        record.histories,
        record.created_at,
        record.updated_at,
        record.archived,
        record.archived_at,
        (),
    )


def searched(
    client: HubspotClient, cursor: Cursor, properties: Sequence[str], *, object_type: str = DEALS
) -> Iterator[tuple[list[Record], Cursor]]:
    """What a search finds from a cursor on, with the cursor behind each page, which goes on from
    there. Raises HubspotError, and LoopError where pages bring nothing new."""
    asked = PropertiesAsked(tuple(properties))
    while not cursor.done:
        answer = client.call(
            "POST",
            dated("crm/objects", object_type, "search"),
            body=query(cursor, asked.names),
            kind=CallKind.SEARCH,
        )
        fresh, cursor = after_page(cursor, _records(answer, asked), more=bool(answer.after))
        yield fresh, cursor


def newest(
    client: HubspotClient, properties: Sequence[str], *, object_type: str = DEALS
) -> Iterator[Record]:
    """Records, those first that were changed last; a page when it is needed, and no more than a
    search gives. One that is changed meanwhile may come twice. Raises HubspotError."""
    body: dict[str, Any] = {
        "filterGroups": [],
        "sorts": [{"propertyName": MODIFIED, "direction": "DESCENDING"}],
        "properties": PropertiesAsked(tuple(properties)).names,
        "limit": SEARCH_PAGE,
    }
    path = dated("crm/objects", object_type, "search")
    for start in range(0, SEARCH_LIMIT, SEARCH_PAGE):
        asked = body | ({"after": str(start)} if start else {})
        answer = client.call("POST", path, body=asked, kind=CallKind.SEARCH)
        yield from _records(answer, PropertiesAsked(tuple(properties)))
        if not answer.after:
            return


def counted(
    client: HubspotClient, pipelines: Sequence[str] = (), *, object_type: str = DEALS
) -> int:
    """About how many live records there are, in these pipelines or in all: the total of one
    search."""
    body = {**query(Cursor.by_id(tuple(pipelines)), (), 1)}
    answer = client.call(
        "POST", dated("crm/objects", object_type, "search"), body=body, kind=CallKind.SEARCH
    )
    total = answer.body.get("total")
    return total if isinstance(total, int) else len(answer.results)


class LookupOutcome(StrEnum):
    """What became of one id that was asked for. `MISSING` may be archived, merged or deleted."""

    FOUND = "found"
    MISSING = "missing"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LookedUp:
    """One id that was asked for and the record it stands for now, whose own id may be another after
    a merge."""

    asked: str
    look: LookupOutcome
    record: Record | None = None
    because: str = ""


def by_id(
    client: HubspotClient,
    ids: Iterable[str],
    asked: PropertiesAsked,
    *,
    object_type: str = DEALS,
    id_property: str = "",
    archived: bool = False,
) -> Iterator[LookedUp]:
    """Records by id, or by a unique property, from the database; every id exactly once. Raises
    HubspotError."""
    size = BATCH_WITH_HISTORY if asked.histories else BATCH
    reader = _Batch(client, asked, object_type, id_property, archived)
    for chunk in chunks(dict.fromkeys(ids), size):
        yield from reader.read(chunk)


@dataclass(frozen=True, slots=True)
class _Batch:
    """A batch read."""

    client: HubspotClient
    asked: PropertiesAsked
    object_type: str
    id_property: str
    archived: bool

    def read(self, ids: Sequence[str], *, again: bool = True) -> Iterator[LookedUp]:
        """One chunk; what nothing is said of is asked for once more."""
        try:
            answer = self._call(ids)
        except RefusedError as error:
            if error.status not in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND):
                raise
            if len(ids) == 1:
                missing = error.status == HTTPStatus.NOT_FOUND
                yield LookedUp(
                    ids[0],
                    LookupOutcome.MISSING if missing else LookupOutcome.REFUSED,
                    None,
                    error.words,
                )
                return
            for half in halves(ids):
                yield from self.read(half)
            return
        unknown = []
        for looked in _told_apart(ids, _records(answer, self.asked), answer, self.id_property):
            if looked.look is LookupOutcome.UNKNOWN and again:
                unknown.append(looked.asked)
            else:
                yield looked
        if unknown:
            yield from self.read(unknown, again=False)

    def _call(self, ids: Sequence[str]) -> ApiResponse:
        body: dict[str, Any] = {
            "inputs": [{"id": id} for id in ids],
            "properties": [*self.asked.names, *([self.id_property] if self.id_property else ())],
            "propertiesWithHistory": list(self.asked.histories),
        }
        if self.id_property:
            body["idProperty"] = self.id_property
        return self.client.call(
            "POST",
            dated("crm/objects", self.object_type, "batch", "read"),
            params={"archived": str(self.archived).lower()},
            body=body,
        )


def _told_apart(
    ids: Sequence[str], records: Sequence[Record], answer: ApiResponse, id_property: str
) -> Iterator[LookedUp]:
    """What the answer says of each id: by the record's id or key, else by the ids it was merged
    from."""
    named = {record.value(id_property) if id_property else record.id: record for record in records}
    for record in records:
        for old in record.merged:
            named.setdefault(old, record)
    refused = dict(_errors(answer))
    for id in ids:
        if id in named:
            yield LookedUp(id, LookupOutcome.FOUND, named[id])
        elif id in refused:
            category, words = refused[id]
            missing = category == "OBJECT_NOT_FOUND"
            yield LookedUp(
                id, LookupOutcome.MISSING if missing else LookupOutcome.REFUSED, None, words
            )
        else:
            yield LookedUp(id, LookupOutcome.UNKNOWN)


def _errors(answer: ApiResponse) -> Iterator[tuple[str, tuple[str, str]]]:
    """The ids that an answer's errors name, with category and words."""
    for error in answer.body.get("errors") or ():
        for id in ids_of(error):
            yield id, (str(error.get("category") or ""), words_of(error))


def linked(
    client: HubspotClient, deals: Iterable[str], to_type: str = COMPANIES
) -> Iterator[tuple[str, tuple[Association, ...] | None]]:
    """The companies of each deal, or its line items, quotes, contracts; None where HubSpot says
    nothing, which is not "none". Raises HubspotError."""
    size = LINKS_BATCH
    waiting = list(dict.fromkeys(deals))
    while waiting:
        chunk, waiting = waiting[:size], waiting[size:]
        try:
            found = _links(client, chunk, to_type)
        except RefusedError as error:
            if error.status != HTTPStatus.BAD_REQUEST or size <= _FEWEST_LINKS:
                raise
            waiting, size = [*chunk, *waiting], max(_FEWEST_LINKS, size // 2)
            continue
        yield from ((deal, found.get(deal)) for deal in chunk)


def _links(
    client: HubspotClient, deals: Sequence[str], to_type: str
) -> dict[str, tuple[Association, ...]]:
    """One batch of links with all their pages; what an error names has none."""
    said: dict[str, list[tuple[str, int | None, str]]] = {}
    inputs: list[dict[str, str]] = [{"id": deal} for deal in deals]
    silent = False
    while inputs:
        answer = client.call(
            "POST",
            dated("crm/associations", DEALS, to_type, "batch", "read"),
            body={"inputs": inputs},
        )
        inputs = []
        for result in answer.results:
            deal = str((result.get("from") or {}).get("id") or "")
            said.setdefault(deal, []).extend(_types(result))
            following = ((result.get("paging") or {}).get("next") or {}).get("after")
            if following:
                inputs.append({"id": deal, "after": str(following)})
        for deal in _without_links(answer):
            said.setdefault(deal, [])
        silent = answer.status == HTTPStatus.MULTI_STATUS and not answer.body.get("errors")
    if not silent:
        said |= {deal: said.get(deal, []) for deal in deals}
    return {deal: links_of(links) for deal, links in said.items()}


def _types(result: Mapping[str, Any]) -> Iterator[tuple[str, int | None, str]]:
    """Every type of every link of one record."""
    for each in result.get("to") or ():
        id = str(each.get("toObjectId") or each.get("id") or "")
        kinds = each.get("associationTypes") or [{}]
        for kind in kinds:
            number = kind.get("typeId")
            yield id, number if isinstance(number, int) else None, str(kind.get("label") or "")


def _without_links(answer: ApiResponse) -> Iterator[str]:
    """The ids that have none, as the errors say."""
    for error in answer.body.get("errors") or ():
        context = error.get("context") or {}
        for name in ("fromObjectId", "ids"):
            yield from map(str, context.get(name) or ())


def chunks(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """The things in lists of at most `size`."""
    waiting: list[T] = []
    for thing in things:
        waiting.append(thing)
        if len(waiting) == size:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def halves(things: Sequence[T]) -> tuple[Sequence[T], Sequence[T]]:
    """Two halves of at least two."""
    middle = len(things) // 2
    return things[:middle], things[middle:]

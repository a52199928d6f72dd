"""Records of an account, page by page: lists and searches.

Always holds: everything streams, one page is held at a time; a page that comes again is passed
over, and ends the run when it comes a third time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scheduler.core.sync.amounts import (
    LIST_PAGE,
    LIST_PAGE_WITH_HISTORY,
    SEARCH_LIMIT,
    SEARCH_PAGE,
)
from scheduler.core.sync.keyset import Cursor, after_page, query
from scheduler.core.sync.records import (
    MERGED,
    MODIFIED,
    NotARecordError,
    Record,
    record_of,
)
from scheduler.hubspot.client import ApiResponse, CallKind, HubspotClient, dated
from scheduler.hubspot.errors import NotInStepError

DEALS, COMPANIES = "deals", "companies"


@dataclass(frozen=True, slots=True)
class PropertiesAsked:
    """The properties to read of each record: their names, those whose history is wanted, and
    whether the links to companies are (lists only)."""

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
        records = records_in(answer, asked)
        ids = frozenset(record.id for record in records)
        again = again + 1 if ids and ids == seen else 0
        if again >= 2:
            raise NotInStepError("HubSpot keeps returning the same page of a list")
        if not again:
            seen = ids
            yield RecordPage(tuple(records), answer.after)
        elif not answer.after:
            raise NotInStepError("HubSpot ends a list with a page that it had already returned")
        after = answer.after
        if not after:
            return


def records_in(answer: ApiResponse, asked: PropertiesAsked) -> list[Record]:
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
        fresh, cursor = after_page(cursor, records_in(answer, asked), more=bool(answer.after))
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
        yield from records_in(answer, PropertiesAsked(tuple(properties)))
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

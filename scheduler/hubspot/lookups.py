"""Records of an account by their ids, batch by batch.

Always holds: each id that was asked for has an answer of its own (`LookedUp`); a batch that is
refused is halved until the guilty id stands alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from scheduler.core.sync.amounts import BATCH, BATCH_WITH_HISTORY
from scheduler.core.sync.records import Record
from scheduler.hubspot.batches import chunks, halves
from scheduler.hubspot.client import ApiResponse, HubspotClient, dated
from scheduler.hubspot.errors import RefusedError
from scheduler.hubspot.judging import ids_of, words_of
from scheduler.hubspot.reading import DEALS, PropertiesAsked, records_in


class LookupOutcome(StrEnum):
    """The result for one id that was asked for. `MISSING` may be archived, merged or deleted."""

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
        """Reads one chunk; ids that the answer says nothing of are asked for once more."""
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
        for looked in _told_apart(ids, records_in(answer, self.asked), answer, self.id_property):
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

"""Writing to records, a hundred at a time, and looking whether it arrived.

Always holds: each change has one of three outcomes; what HubSpot refuses is refused alone, in its
own words, and the rest goes through, the other properties of the same record too; what nobody can
tell is UNKNOWN and is read back by key, from the database and never by search. Making the same
again is harmless: it is refused, because each record holds a unique mark.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from scheduler.core.sync.amounts import BATCH
from scheduler.core.sync.bisecting import put_together, taken_apart, without
from scheduler.core.sync.desired_values import TYPES
from scheduler.core.sync.records import (
    COMPANY_OF_DEAL,
    PRIMARY_COMPANY,
    NotARecordError,
    Record,
    record_of,
)
from scheduler.core.sync.values import PropertyType, means_same
from scheduler.core.sync.writes import RecordWrite, WriteOutcome, WriteResult
from scheduler.hubspot.batches import chunks, halves
from scheduler.hubspot.client import ApiResponse, CallKind, HubspotClient, dated
from scheduler.hubspot.errors import HubspotError, RefusedError, UnknownOutcomeError
from scheduler.hubspot.judging import ids_of, words_of
from scheduler.hubspot.lookups import LookupOutcome, by_id
from scheduler.hubspot.reading import DEALS, PropertiesAsked

_NO_PROPERTY = re.compile(r"\{[^{}]*PROPERTY_DOESNT_EXIST[^{}]*\}")
_NAME = re.compile(r'"name"\s*:\s*"([^"]+)"')
CREATE = "create"
_MAIN_COMPANY = [
    {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": id}
    for id in (COMPANY_OF_DEAL, PRIMARY_COMPANY)
]
_ABOUT_INPUTS = (HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND)


def updated(
    client: HubspotClient, changes: Iterable[RecordWrite], *, object_type: str = DEALS
) -> Iterator[WriteResult]:
    """Writes to records by their ids. Raises HubspotError for what concerns all: LaterError before
    anything of a batch was written, missing scopes, a token that is not accepted."""
    return _written(_Writer(client, object_type, "update"), changes)


def created(
    client: HubspotClient, changes: Iterable[RecordWrite], *, object_type: str = DEALS
) -> Iterator[WriteResult]:
    """Makes records, each linked with its company as its main one. Since each has a mark of its
    own, one that is refused keeps none of the others back. Raises like `updated`."""
    return _written(_Writer(client, object_type, CREATE), changes)


def _written(writer: "_Writer", changes: Iterable[RecordWrite]) -> Iterator[WriteResult]:
    """Batch by batch; a record that is named twice is in two batches, since HubSpot refuses it in
    one."""
    waiting = list(changes)
    while waiting:
        batch: dict[str, RecordWrite] = {}
        later = []
        for change in waiting:
            if change.key in batch or len(batch) == BATCH:
                later.append(change)
            else:
                batch[change.key] = change
        yield from writer.write(list(batch.values()))
        waiting = later


@dataclass(frozen=True, slots=True)
class _Writer:
    """One way of writing a batch."""

    client: HubspotClient
    object_type: str
    verb: str

    def write(self, batch: Sequence[RecordWrite]) -> Iterator[WriteResult]:
        """A batch, halved for as long as it is refused."""
        try:
            answer = self._call(batch)
        except UnknownOutcomeError as error:
            yield from (WriteResult(c, WriteOutcome.UNKNOWN, because=error.label.en) for c in batch)
        except RefusedError as error:
            if error.status not in _ABOUT_INPUTS:
                raise
            if unknown := _unknown_properties(batch, error.words):
                yield from self._without(batch, unknown, error)
            elif len(batch) == 1:
                yield from self._apart(_refused(batch[0], error.category, error.words))
            else:
                for half in halves(batch):
                    yield from self.write(half)
        else:
            yield from self._told_apart(batch, answer)

    def _apart(self, refused: WriteResult) -> Iterator[WriteResult]:
        """A change that was refused, by its properties: what is accepted is written. Where
        something keeps the account from being written to meanwhile, nobody knows any more."""
        change = refused.change
        pieces = None if refused.gone else taken_apart(change, refused.because)
        if pieces is None or self.verb != "update":
            yield refused
            return
        results: list[WriteResult] = []
        try:
            for piece in pieces:
                results += self.write([piece])
        except HubspotError as error:
            if any(result.outcome is not WriteOutcome.REFUSED for result in results):
                yield WriteResult(change, WriteOutcome.UNKNOWN, because=error.label.en)
            raise
        yield put_together(change, results)

    def _without(
        self, batch: Sequence[RecordWrite], names: frozenset[str], error: RefusedError
    ) -> Iterator[WriteResult]:
        """A batch without properties that the account does not have: they are refused, and nobody
        is asked about them one by one."""
        kept = {change.key: without(change, names) for change in batch}
        refused = {
            change.key: _refused(without(change, kept[change.key].properties), "", error.words)
            for change in batch
            if change.properties.keys() & names
        }
        whole = {change.key: change for change in batch}
        for change in batch:
            if not kept[change.key].properties:
                yield replace(refused[change.key], change=change)
        for done in self.write([part for part in kept.values() if part.properties]):
            key = done.change.key
            parts = [done, refused[key]] if key in refused else [done]
            yield put_together(whole[key], parts)

    def _call(self, batch: Sequence[RecordWrite]) -> ApiResponse:
        """Makes one request."""
        return self.client.call(
            "POST",
            dated("crm/objects", self.object_type, "batch", self.verb),
            body={"inputs": [self._input(change) for change in batch]},
            kind=CallKind.WRITE,
        )

    def _input(self, change: RecordWrite) -> dict[str, Any]:
        """One change in the form that the API takes."""
        said = {"properties": dict(change.properties), "objectWriteTraceId": change.trace}
        if self.verb == CREATE:
            links = [{"to": {"id": change.company}, "types": _MAIN_COMPANY}]
            return said | ({"associations": links} if change.company else {})
        return {"id": change.key, **said}

    def _told_apart(
        self, batch: Sequence[RecordWrite], answer: ApiResponse
    ) -> Iterator[WriteResult]:
        """What the answer says of each change: by our mark, else by id; what it does not mention
        is unknown."""
        written = dict(_named(answer))
        refused = dict(_refusals(answer))
        for change in batch:
            record = written.get(change.trace) or written.get(change.key)
            if record is not None:
                at = record.updated_at or answer.at
                yield WriteResult(change, WriteOutcome.WRITTEN, record.id, at)
            elif error := refused.get(change.trace) or refused.get(change.key):
                yield from self._apart(_refused(change, *error))
            else:
                yield WriteResult(
                    change, WriteOutcome.UNKNOWN, because="HubSpot's answer does not mention it"
                )


def _named(answer: ApiResponse) -> Iterator[tuple[str, Record]]:
    """Each record of an answer by what it may be known by."""
    for raw in answer.results:
        try:
            record = record_of(raw)
        except NotARecordError:
            continue
        trace = str(raw.get("objectWriteTraceId") or "")
        yield from ((name, record) for name in (trace, record.id) if name)


def _unknown_properties(batch: Sequence[RecordWrite], words: str) -> frozenset[str]:
    """The properties of a batch that HubSpot says do not exist."""
    unknown = {name for said in _NO_PROPERTY.findall(words) for name in _NAME.findall(said) if name}
    return frozenset(unknown & {name for change in batch for name in change.properties})


def _refusals(answer: ApiResponse) -> Iterator[tuple[str, tuple[str, str]]]:
    """Category and words of each refusal, by our marks and by the ids it names."""
    for error in answer.body.get("errors") or ():
        said = (str(error.get("category") or ""), words_of(error))
        traces = (error.get("context") or {}).get("objectWriteTraceId") or ()
        for name in (*ids_of(error), *map(str, traces)):
            yield name, said


def _refused(change: RecordWrite, category: str, words: str) -> WriteResult:
    """A refusal; of a record that is not there it is no fault of the values."""
    gone = category == "OBJECT_NOT_FOUND"
    return WriteResult(change, WriteOutcome.REFUSED, because=words or category or "?", gone=gone)


def read_back(
    client: HubspotClient,
    changes: Iterable[RecordWrite],
    *,
    object_type: str = DEALS,
    id_property: str = "",
    types: Mapping[str, PropertyType] = TYPES,
) -> Iterator[WriteResult]:
    """Whether changes of unknown outcome arrived: WRITTEN where the record holds what was written,
    UNKNOWN where it does not (yet). Raises HubspotError."""
    for batch in chunks(changes, BATCH):
        by_key = {change.key: change for change in batch}
        asked = PropertiesAsked(tuple(sorted({name for c in batch for name in c.properties})))
        for looked in by_id(
            client, by_key, asked, object_type=object_type, id_property=id_property
        ):
            change, record = by_key[looked.asked], looked.record
            if (
                looked.look is LookupOutcome.FOUND
                and record is not None
                and _holds(record, change, types)
            ):
                yield WriteResult(change, WriteOutcome.WRITTEN, record.id, record.updated_at)
            else:
                yield WriteResult(change, WriteOutcome.UNKNOWN, because="HubSpot does not show it")


def _holds(record: Record, change: RecordWrite, types: Mapping[str, PropertyType]) -> bool:
    """Whether a record holds what was to be written."""
    return all(
        means_same(record.value(name), value, types.get(name, PropertyType.STRING))
        for name, value in change.properties.items()
    )

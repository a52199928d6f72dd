"""The term of a contract from what its deal is linked with: line items, quotes, contract records.

The rule for several records of one deal
    1. Which count: line items that recur, where any does; of contracts the active ones, else those
       scheduled, else those that are over; of quotes the accepted ones, else the published ones.
       Drafts, and quotes that wait or were rejected, never count.
    2. Of those the latest end counts, and everything else is read from the records with that end;
       of several with one end, from those that start first.
    3. What these say differently holds the deal, with the records by name: also different ends of
       several contracts in force, since then nobody can tell which is meant.

Always holds: nothing is written to them; where their kind could not be read they are not asked
here at all.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from scheduler.core.policy.hubspot import LinkedKind, kind_and_property
from scheduler.core.sync.linked import KIND_WORDS, Linked, StatusProperty, called, in_force
from scheduler.core.sync.records import Record
from scheduler.core.sync.terms import FieldMap, ValueProblem
from scheduler.core.sync.values import (
    PropertyType,
    ValueNotReadError,
    day,
    day_type,
    means_same,
)
from scheduler.core.words.labels import COMMA, Joined, Label

_LEADING: Mapping[str, Callable[[Iterable[date]], date]] = {"ends_on": max, "starts_on": min}
"""By which days the records are chosen that everything else is read from."""


@dataclass(frozen=True, slots=True)
class TermSaid:
    """What linked records say: values by what `[hubspot.fields]` calls their place, and the records
    each kind was read from."""

    values: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[LinkedKind, Sequence[Record]] = field(default_factory=dict)
    problems: Sequence[ValueProblem] = ()


def term_said(
    deal: str,
    linked: Linked,
    fields: FieldMap,
    standings: Mapping[LinkedKind, StatusProperty],
    zone: ZoneInfo,
) -> TermSaid:
    """What the linked records of one deal say, by the rule above."""
    values: dict[str, str] = {}
    origins: dict[LinkedKind, Sequence[Record]] = {}
    problems: list[ValueProblem] = []
    for kind, records in linked.items():
        reader = _KindReader(deal, kind, fields, zone, problems)
        said, read_from = reader.read(in_force(kind, records, standings.get(kind)))
        values |= said
        if read_from:
            origins[kind] = read_from
    return TermSaid(values, origins, problems)


@dataclass(frozen=True, slots=True)
class _KindReader:
    """Reads the records of one kind, and notes what cannot be told."""

    deal: str
    kind: LinkedKind
    fields: FieldMap
    zone: ZoneInfo
    problems: list[ValueProblem]

    def read(self, counting: Sequence[Record]) -> tuple[dict[str, str], Sequence[Record]]:
        """The values by place, and the records they are from."""
        places = {
            name: place
            for name, place in self.fields.properties.items()
            if kind_and_property(place)[0] is self.kind
        }
        before = len(self.problems)
        leading = self._leading(counting, places)
        said = {place: self._one(place, name, leading) for name, place in places.items()}
        return ({}, ()) if len(self.problems) > before else (said, leading)

    def _leading(self, counting: Sequence[Record], places: Mapping[str, str]) -> Sequence[Record]:
        """The records with the latest end, of several those that start first."""
        leading = counting
        for name, choose in _LEADING.items():
            days = self._days(places.get(name, ""), leading)
            several = name == "ends_on" and len(set(days.values())) > 1
            if several and self.kind is LinkedKind.CONTRACTS:
                self._contradict(places[name], leading)
            if days:
                chosen = choose(days.values())
                leading = [record for record in leading if days.get(record.id) == chosen]
        return leading

    def _days(self, place: str, records: Sequence[Record]) -> dict[str, date]:
        """The day each of these records has."""
        found: dict[str, date] = {}
        for record in records if place else ():
            text = self._text(place, record)
            try:
                on = day(text, self.fields.types.get(place, day_type(text)), self.zone)
            except ValueNotReadError as error:
                self._note(place, error.label)
                continue
            if on is not None:
                found[record.id] = on
        return found

    def _one(self, place: str, name: str, records: Sequence[Record]) -> str:
        """What all these records say, those that say anything."""
        told = [text for record in records if (text := self._text(place, record))]
        kind = self.fields.kind(name, PropertyType.STRING)
        alike = name in _LEADING or all(means_same(told[0], text, kind) for text in told[1:])
        if not alike:
            self._contradict(place, records)
        return told[0] if told else ""

    def _contradict(self, place: str, records: Sequence[Record]) -> None:
        """Notes what these records say differently."""
        told = [(record, text) for record in records if (text := self._text(place, record))]
        lines = [f"{called(self.kind, record)}: {text}" for record, text in told]
        self._note(
            place,
            Label(
                "{kind} of this deal contradict each other: {records}; correct them in HubSpot",
                kind=KIND_WORDS[self.kind],
                records=Joined(lines, COMMA),
            ),
        )

    def _text(self, place: str, record: Record) -> str:
        return record.value(kind_and_property(place)[1]).strip()

    def _note(self, place: str, said: Label) -> None:
        problem = ValueProblem(self.deal, place, said)
        if problem not in self.problems:
            self.problems.append(problem)

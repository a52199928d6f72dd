"""Filling an account quickly: a hundred thousand deals in a second or two, some 500 bytes each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.servers.hubspot.links import Link
from tests.servers.hubspot.moments import millis
from tests.servers.hubspot.portal import Portal
from tests.servers.hubspot.records import Change, Record, Source


@dataclass(frozen=True, slots=True)
class Seed:
    """One record as it has become. `values` are taken as they are, unchecked; `created` and
    `modified` are instants; `moves` are earlier values of the stage as (instant, stage, who), the
    first at its making; `companies` are ids, the first of them Primary."""

    values: Mapping[str, str | None]
    created: datetime
    modified: datetime | None = None
    source: Source = Source()
    moves: Sequence[tuple[datetime, str, Source]] = ()
    companies: Sequence[int] = ()


def fill(portal: Portal, kind_name: str, seeds: Iterable[Seed]) -> range:
    """Adds records without a line in the journal; their ids."""
    kind = portal.kinds[kind_name]
    first = portal.fresh_id()
    id_ = first - 1
    unique = [d.name for d in kind.schema.properties.values() if d.unique]
    for id_, seed in enumerate(seeds, first):
        created = millis(seed.created)
        modified = created if seed.modified is None else millis(seed.modified)
        born, changes = seed.values, []
        if seed.moves:
            born = {**seed.values, "dealstage": seed.moves[0][1]}
            changes = [Change("dealstage", s, millis(at), by) for at, s, by in seed.moves[1:]]
        kind.add(Record(id_, created, modified, seed.values, seed.source, born, changes))
        if seed.companies:
            links = [Link(c, n == 0) for n, c in enumerate(seed.companies)]
            portal.links.put(kind_name, id_, "companies", links)
        for name in unique:
            value = seed.values.get(name)
            if value is not None:
                kind.unique[name, value] = id_
    portal.skip_to(id_ + 1)
    portal.index[kind_name].touched()
    return range(first, id_ + 1)

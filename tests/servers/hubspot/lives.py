"""Records that change their identity: archived, restored, merged, deleted for good.

[H] changelog/updated-merge-functionality-for-contacts-and-companies: a merge makes a **new**
record, "consistent with other types"; both old ids read as it, and leave list and search;
`hs_merged_object_ids` names them; values of the primary one win, histories are joined.
[I] airbytehq/airbyte#48512: archived records can be restored for 90 days, then they are gone.
"""

from collections.abc import Iterable

from tests.servers.hubspot.moments import DAY
from tests.servers.hubspot.portal import Portal
from tests.servers.hubspot.records import Change, Kind, Record, Source

RESTORABLE = 90 * DAY


def archive(portal: Portal, kind: Kind, record: Record, source: Source) -> None:
    """Out of list and search; `archived=true` still shows it."""
    if record.archived_at is not None:
        return
    portal.index[kind.name].before(record, portal.now())
    record.archived_at = portal.now()
    kind.put_away.add(record.id)
    portal.noted("archive", kind, record, source)


def restore(portal: Portal, kind: Kind, record: Record, source: Source) -> None:
    """Back, with its id. That hs_lastmodifieddate moves is [?]: the index must see it come, so it
    does not here, which is the harder of the two."""
    if record.archived_at is None:
        return
    portal.index[kind.name].before(record, portal.now())
    record.archived_at = None
    kind.put_away.discard(record.id)
    portal.noted("restore", kind, record, source)


def purge(portal: Portal, kind: Kind, record: Record, source: Source) -> None:
    """Deleted for good: 404 everywhere, no trace. Merged ids that led to it lead nowhere."""
    portal.index[kind.name].before(record, portal.now())
    _take_out(portal, kind, record)
    portal.links.forget(kind.name, record.id)
    portal.noted("purge", kind, record, source)


def forget_old(portal: Portal, kind: Kind) -> None:
    """Purges what was archived more than 90 days ago."""
    until = portal.now() - RESTORABLE
    old = [r for r in kind.archived() if r.archived_at is not None and r.archived_at < until]
    for record in old:
        purge(portal, kind, record, Source("RETENTION"))


def merge(portal: Portal, kind: Kind, primary: Record, other: Record, source: Source) -> Record:
    """A new record out of two."""
    now = portal.now()
    index = portal.index[kind.name]
    index.before(primary, now)
    index.before(other, now)
    _take_out(portal, kind, primary)
    _take_out(portal, kind, other)
    values = {**other.values, **{k: v for k, v in primary.values.items() if v is not None}}
    first = min(primary, other, key=lambda r: r.created)
    made = Record(
        portal.fresh_id(),
        first.created,
        now,
        values,
        first.birth,
        {},
        _joined((other, primary), values, now),
        merged=(*primary.merged, *other.merged, primary.id, other.id),
    )
    index.before(made, now, there=False)
    kind.add(made)
    for name, value in values.items():
        definition = kind.schema.get(name)
        if definition is not None and definition.unique and value is not None:
            kind.unique[name, value] = made.id
    kind.survivors[primary.id] = kind.survivors[other.id] = made.id
    portal.links.merged(kind.name, primary.id, other.id, made.id)
    if other.id in portal.rules.approved or primary.id in portal.rules.approved:
        portal.rules.approved.add(made.id)
    portal.noted("merge", kind, made, source, "hs_merged_object_ids", f"{primary.id};{other.id}")
    return made


def _joined(records: Iterable[Record], values: dict[str, str | None], now: int) -> list[Change]:
    """The histories of two as one, ending in the values that hold."""
    changes = [c for r in records for n in r.values for c in r.history(n)]
    changes.sort(key=lambda c: c.at)
    last = {c.name: c.value for c in changes}
    for name, value in values.items():
        if last.get(name) != value:
            changes.append(Change(name, value, now, Source("MERGE_OBJECTS", "MergeObjects")))
    return changes


def _take_out(portal: Portal, kind: Kind, record: Record) -> None:
    del kind.records[record.id]
    kind.put_away.discard(record.id)
    for name, value in record.values.items():
        if value is not None and kind.unique.get((name, value)) == record.id:
            del kind.unique[name, value]

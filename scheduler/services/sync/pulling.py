"""Reading what has changed in HubSpot, in small steps that can be broken off anywhere.

    1. Find what is new: at first everything (a list, or a search where that takes fewer requests),
       later what has changed since the mark. Records wait (`Waits`).
    2. Read what a search does not tell: the history of the stage, the links to companies, names,
       and the line items, quotes and contracts that fill a field.
    3. Taking in is another step (`ingesting`); then the mark moves.

Always holds: each page is kept together with where the next one begins, so a run that broke off
goes on; the mark moves only when all that was found has been taken in, and never beyond the start
of the run; a record that HubSpot does not give whole is put off to a later run and holds nothing
else up (activepieces#9359: one bad page, and a backlog that blocks for ever).
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from scheduler.core.policy.hubspot import HubSpotSettings
from scheduler.core.sync.amounts import (
    BATCH,
    BATCH_WITH_HISTORY,
    LINKS_BATCH,
    ReadMethod,
    first_load,
    watermark,
)
from scheduler.core.sync.keyset import Cursor, LoopError
from scheduler.core.sync.records import PIPELINE, Record, main_company
from scheduler.core.sync.states import Waits
from scheduler.core.sync.values import milliseconds
from scheduler.ports import Begin
from scheduler.services.sync.account import DealReading
from scheduler.services.sync.pull_store import (
    COMPLETE,
    RUN,
    WATERMARK,
    PullingTransaction,
    Reading,
    after_company,
    keep_unread,
)

GRAIN = timedelta(seconds=1)
"""The clock is known by whole seconds: what was changed in the present one is found, too."""
REFUSED_AGAIN = timedelta(hours=1)
"""How long a record that HubSpot refuses to give is left alone, unless it changes."""


class RunKind(StrEnum):
    """The kinds of run: one reads everything, the other what has changed."""

    FIRST = "first"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True)
class Run:
    """A run under way. `after` (of a list) or `cursor` (of a search) say where it goes on; `found`:
    all pages were read. `total` is how many records a first load is about."""

    kind: RunKind
    way: ReadMethod
    started_at: datetime
    after: str = ""
    cursor: str = ""
    newest_at: datetime | None = None
    found: bool = False
    read: int = 0
    total: int = 0

    def as_text(self) -> str:
        """The whole run, to be kept."""
        kept = asdict(self) | {
            "started_at": self.started_at.isoformat(),
            "newest_at": self.newest_at.isoformat() if self.newest_at else None,
        }
        return json.dumps(kept)

    @classmethod
    def from_text(cls, text: str) -> "Run":
        """Parses what `as_text` wrote."""
        kept: dict[str, Any] = json.loads(text)
        instants = {
            name: datetime.fromisoformat(kept[name]) if kept[name] else None
            for name in ("started_at", "newest_at")
        }
        return cls(
            **kept | instants | {"kind": RunKind(kept["kind"]), "way": ReadMethod(kept["way"])}
        )


@dataclass(frozen=True, slots=True)
class Pull:
    """The state that every step works with. `stop` is asked between requests."""

    pulling: Begin[PullingTransaction]
    deals: DealReading
    settings: HubSpotSettings
    stop: Callable[[], bool] = lambda: False

    @property
    def then(self) -> Waits:
        """What comes after the company (`after_company`)."""
        return after_company(self.settings)

    def find(self, now: datetime) -> bool:
        """Reads pages of the run under way, or begins one; whether all that it is about was found.
        Raises what the account raises."""
        with self.pulling() as transaction:
            kept, mark = transaction.kept(RUN), transaction.kept(WATERMARK)
        run = Run.from_text(kept) if kept else self._begun(mark, now)
        if not run.found:
            pages = self._listed if run.way is ReadMethod.LIST else self._searched
            try:
                run = pages(run, now)
            except LoopError:
                with self.pulling() as transaction:
                    transaction.forget(RUN)
                raise
        return run.found

    def _begun(self, mark: str | None, now: datetime) -> Run:
        """A new run, kept."""
        started_at = self.deals.now()
        if mark is not None:
            floor = datetime.fromisoformat(mark)
            upto = milliseconds(started_at + GRAIN)
            cursor = Cursor.by_time(min(milliseconds(floor), upto), upto)
            run = Run(RunKind.CHANGES, ReadMethod.SEARCH, started_at, cursor=cursor.as_text())
        else:
            run = self._first(started_at)
        with self.pulling() as transaction:
            transaction.begin_put_off(now - REFUSED_AGAIN)
            transaction.keep(RUN, run.as_text(), now)
        return run

    def _first(self, started_at: datetime) -> Run:
        """A first load, by the way with fewer requests."""
        pipelines = self.settings.stages.pipelines
        every, mapped = self.deals.count(), self.deals.count(pipelines)
        if first_load(every, mapped).way is ReadMethod.LIST:
            return Run(RunKind.FIRST, ReadMethod.LIST, started_at, total=every)
        cursor = Cursor.by_id(pipelines)
        return Run(
            RunKind.FIRST, ReadMethod.SEARCH, started_at, cursor=cursor.as_text(), total=mapped
        )

    def _listed(self, run: Run, now: datetime) -> Run:
        """Pages of the list, those in our care kept whole."""
        mapped = set(self.settings.stages.pipelines)
        for records, after in self.deals.listed(run.after):
            ours = [record for record in records if record.value(PIPELINE) in mapped]
            run = replace(
                _after(run, records), after=after, found=not after, read=run.read + len(records)
            )
            self._keep(run, [_whole(record, self.then) for record in ours], now)
            if self.stop():
                break
        return run

    def _searched(self, run: Run, now: datetime) -> Run:
        """Pages of the search; what is found is still to be read whole. It asks for changes in all
        pipelines, so that a deal that leaves our care is seen to do so."""
        mapped = set(self.settings.stages.pipelines)
        for records, cursor in self.deals.searched(Cursor.from_text(run.cursor)):
            run = replace(
                _after(run, records),
                cursor=cursor.as_text(),
                found=cursor.done,
                read=run.read + len(records),
            )
            ours = [r for r in records if r.value(PIPELINE) in mapped]
            found = [Reading(r.id, Waits.HISTORY, modified_at=r.modified_at()) for r in ours]
            self._keep(run, found, now, [r.id for r in records if r not in ours])
            if self.stop():
                break
        return run

    def _keep(
        self, run: Run, readings: Sequence[Reading], now: datetime, elsewhere: Sequence[str] = ()
    ) -> None:
        """Keeps one page and where the next one begins, together."""
        with self.pulling() as transaction:
            transaction.store(readings, now)
            transaction.elsewhere(elsewhere)
            transaction.keep(RUN, run.as_text(), now)

    def complete(self, now: datetime) -> bool:
        """Reads what is missing of one batch of records; whether nothing is missing any more.
        Raises what the account raises."""
        steps = (self._histories, self._links, self._names, self._terms)
        return not any(step(now) for step in steps)

    def _histories(self, now: datetime) -> bool:
        """Reads one batch of records whole. A record that is not there is looked up by `states`."""
        with self.pulling() as transaction:
            ids = transaction.waiting(Waits.HISTORY, BATCH_WITH_HISTORY)
        if not ids:
            return False
        read, mapped = self.deals.whole(ids), set(self.settings.stages.pipelines)
        found = read.of
        ours = {
            id: record
            for id, record in found.items()
            if record is not None and record.id == id and record.value(PIPELINE) in mapped
        }
        gone = [id for id in found if id not in ours]
        whole = [_whole(record, self.then, asked=False) for record in ours.values()]
        with self.pulling() as transaction:
            transaction.store(whole, now)
            transaction.wait(gone, Waits.LOOK)
            transaction.put_off([id for id in ids if id not in found], read.refused, now)
        return True

    def _links(self, now: datetime) -> bool:
        """The companies of one batch of records."""
        with self.pulling() as transaction:
            ids = transaction.waiting(Waits.LINKS, LINKS_BATCH)
        if not ids:
            return False
        found = self.deals.companies_of(ids)
        known = {id: main_company(links) or "" for id, links in found.items() if links is not None}
        with self.pulling() as transaction:
            transaction.linked(known, self.then)
            transaction.put_off([id for id in ids if id not in known], {}, now)
        return True

    def _names(self, now: datetime) -> bool:
        """The names of one batch of companies. One that is gone keeps the name it has here; a deal
        of one that nobody here knows is put off: an id is no name."""
        with self.pulling() as transaction:
            ids = transaction.companies_waiting(BATCH)
        if not ids:
            return False
        names = self.deals.names_of(ids)
        with self.pulling() as transaction:
            known = transaction.customers([id for id, name in names.items() if not name])
            names = {id: name for id, said in names.items() if (name := said or known.get(id))}
            transaction.named(names, self.then)
            transaction.put_off_nameless([id for id in ids if id not in names], now)
        return True

    def _terms(self, now: datetime) -> bool:
        """Reads what one batch of records is linked with, as far as it fills a field."""
        with self.pulling() as transaction:
            ids = transaction.waiting(Waits.TERMS, LINKS_BATCH)
        if not ids:
            return False
        found = self.deals.linked_of(ids)
        with self.pulling() as transaction:
            transaction.keep_linked(found.of)
            transaction.put_off([id for id in ids if id not in found.of], {}, now)
            keep_unread(transaction, found, self.settings, now)
        return True

    def finish(self, now: datetime) -> Run | None:
        """Moves the mark, where a run has found and taken in everything; the run that ended.

        Never beyond the start of the run before: HubSpot's search may leave out records without
        saying so, and where rounds lie further apart than the overlap nothing else would look for
        them again. So every change is searched for at least twice.
        """
        with self.pulling() as transaction:
            kept = transaction.kept(RUN)
            run = Run.from_text(kept) if kept else None
            if run is None or not run.found or transaction.count(*_OF_A_RUN):
                return None
            mark = watermark(run.started_at, run.newest_at, self.settings.overlap)
            before = transaction.kept(COMPLETE)
            if run.kind is RunKind.FIRST:
                mark = run.started_at - self.settings.overlap
            elif before is not None:
                mark = min(mark, datetime.fromisoformat(before))
            transaction.keep(WATERMARK, mark.isoformat(), now)
            transaction.keep(COMPLETE, run.started_at.isoformat(), now)
            transaction.forget(RUN)
        return run


_OF_A_RUN = (Waits.HISTORY, Waits.LINKS, Waits.COMPANY, Waits.TERMS, Waits.TAKING)


def _after(run: Run, records: Sequence[Record]) -> Run:
    """The run with the newest change it has seen."""
    seen = [at for record in records if (at := record.modified_at()) is not None]
    seen += [run.newest_at] if run.newest_at else []
    return replace(run, newest_at=max(seen)) if seen else run


def _whole(record: Record, then: Waits, *, asked: bool = True) -> Reading:
    """A record that was read whole; `asked`: with its links. `then`: what it waits for when its
    company is known."""
    if not asked or record.companies is None:
        return Reading(record.id, Waits.LINKS, record, record.modified_at())
    company = main_company(record.companies) or ""
    waits = Waits.COMPANY if company else then
    return Reading(record.id, waits, record, record.modified_at(), company)

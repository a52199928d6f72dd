"""Comparing all that is followed with HubSpot, page by page: what differs although nothing waits
(`core.sync.drift` says what counts, and who is right).

    1  what is known     records that are kept, and contracts that have a record's id: read as they
                         are now, a hundred a request; those that are missing among the archived;
                         the companies of a thousand at once, and the line items, quotes and
                         contracts, as far as they fill a field
       suspected         a stage that does not mean ours; fields that the import would change
       made sure of      suspects are read whole, fifty a request: their histories say whose word
                         is the later one (`differences`)
    2  what is not known the list of all ids, for deals in our care that are nowhere here
Always holds: nothing is written; fields are compared by the import itself, so that what is found is
what taking in would change, and nothing is found once that is done.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from scheduler.core.deal.deal import Deal
from scheduler.core.sync.amounts import LINKS_BATCH
from scheduler.core.sync.desired_values import TYPES, own_values
from scheduler.core.sync.drift import (
    IN_CARE,
    DriftFinding,
    FollowedRecord,
    PushProgress,
    Repair,
    own_drift,
    record_drift,
)
from scheduler.core.sync.echoes import LedgerLine
from scheduler.core.sync.identity import DealEntry, RecordState, found
from scheduler.core.sync.moves import is_over
from scheduler.core.sync.records import PIPELINE, STAGE, Record, main_company
from scheduler.ports import Begin
from scheduler.services.sync.differences import Differences
from scheduler.services.sync.drift_store import DriftTransaction
from scheduler.services.sync.suspects import COMING, HELD, TOLD, DriftPage, Suspect

UNREAD = "unread"
"""HubSpot said nothing of it."""


@dataclass(frozen=True, slots=True)
class DriftCheck:
    """Compares one account and one database. `url_of` says where a deal is seen here, as for a
    push; `page` is how many records are compared at a time. What companies are called is asked for
    once."""

    begin: Begin[DriftTransaction]
    differences: Differences
    url_of: Callable[[Deal], str]
    page: int = LINKS_BATCH
    _names: dict[str, str] = field(default_factory=dict)

    def pages(self) -> Iterator[DriftPage]:
        """Everything, in the order of ids; then what is nowhere here. Raises what the account and
        an import raise."""
        after, adopted = "", set[str]()
        while some := self._next(after):
            after = some[-1].record_id
            page = self._compared(some)
            adopted |= {f.theirs for f in page.findings if f.mend is Repair.ADOPT}
            yield page
        yield from self._nowhere(adopted)

    def again(self, ids: Sequence[str]) -> Iterator[DriftPage]:
        """Only these records."""
        for at in range(0, len(ids), self.page):
            some = ids[at : at + self.page]
            with self.begin() as transaction:
                known = {r.record_id: r for r in transaction.of(some, self._version)}
            yield self._compared([known.get(id) or FollowedRecord(id) for id in some])

    @property
    def _version(self) -> int:
        return self.differences.syncing.policy.version

    def _next(self, after: str) -> Sequence[FollowedRecord]:
        """The next page of what is known."""
        with self.begin() as transaction:
            return transaction.after(after, self.page, self._version)

    def _written(self, records: Sequence[str]) -> Mapping[str, LedgerLine]:
        """The stage that we last wrote to each record."""
        with self.begin() as transaction:
            return transaction.written(records)

    def _nowhere(self, adopted: set[str]) -> Iterator[DriftPage]:
        """Deals in our care that are nowhere here. One that known ones have become is told with
        them."""
        syncing, waiting = self.differences.syncing, list[DealEntry]()
        mapped = set(syncing.settings.stages.pipelines)
        for entries in syncing.deals.ids(archived=False):
            ours = [e for e in entries if e.pipeline in mapped and e.id not in adopted]
            with self.begin() as transaction:
                unseen = transaction.unseen([entry.id for entry in ours])
            waiting += [entry for entry in ours if entry.id in unseen]
            if len(waiting) >= self.page:
                yield self._compared([FollowedRecord(e.id) for e in waiting])
                waiting = []
        if waiting:
            yield self._compared([FollowedRecord(e.id) for e in waiting])

    def _compared(self, some: Sequence[FollowedRecord]) -> DriftPage:
        """Compares one page."""
        deals, page = self.differences.syncing.deals, DriftPage(len(some))
        live = deals.bare([one.record_id for one in some], self._made)
        missing = [id for id, record in live.items() if record is None]
        gone = deals.by_id(missing, archived=True) if missing else {}
        care: list[tuple[FollowedRecord, Record]] = []
        for one in some:
            record = live.get(one.record_id)
            if record is None and one.record_id not in gone:
                page.counts[UNREAD] += 1
            elif one.waits:
                page.counts[COMING] += 1
            elif self._is_there(one, record, gone.get(one.record_id), page) and record:
                care.append((one, record))
        there = self._with_links(care, page)
        for each in there:
            self._own(each, page)
        sure = self.differences.of(list(self.differences.suspects(there)), self._written)
        page.findings = sorted(page.findings + sure.findings, key=lambda f: (f.record_id, f.aspect))
        page.counts += sure.counts
        return page

    @property
    def _made(self) -> Sequence[str]:
        """Our properties that the account has; none where nothing is written there."""
        if not self.differences.syncing.settings.push:
            return ()
        return sorted(TYPES.keys() & self.differences.schema.types.keys())

    def _is_there(
        self, one: FollowedRecord, live: Record | None, archived: Record | None, page: DriftPage
    ) -> bool:
        """Whether a record is there and followed; notes what is wrong with what is kept of that."""
        stages, was = self.differences.syncing.settings.stages, one.state is RecordState.ARCHIVED
        state = found(one.record_id, live, archived, stages, was_archived=was)
        if one.state is None and not one.contract:
            return state.state in IN_CARE
        wrong = record_drift(one, state)
        if wrong is None:
            return state.state in IN_CARE
        if live is not None and one.is_coming(live, self.differences.seen_until):
            page.counts[COMING] += 1
        else:
            page.findings.append(wrong)
        return False

    def _with_links(
        self, care: Sequence[tuple[FollowedRecord, Record]], page: DriftPage
    ) -> list[Suspect]:
        """Records that are there with their companies, and with what fills one of their fields, as
        they are now; without those of which HubSpot does not say all."""
        deals, ids = self.differences.syncing.deals, [record.id for _, record in care]
        links = deals.companies_of(ids) if ids else {}
        companies = {
            id: one.company_id if links.get(id) is None else main_company(links[id]) or ""
            for (one, _), id in zip(care, ids, strict=True)
        }
        wanted = {company for company in companies.values() if company}
        names = self._named(wanted)
        linked = deals.linked_of(ids).of if ids else {}
        whole = {id for id in linked if not companies[id] or companies[id] in names}
        page.counts[UNREAD] += len(ids) - len(whole)
        return [
            Suspect(
                self._heard(one, record),
                record,
                companies[record.id],
                names.get(companies[record.id]) or _known_name(one, companies[record.id]),
                linked[record.id],
            )
            for one, record in care
            if record.id in whole
        ]

    def _named(self, companies: Collection[str]) -> Mapping[str, str]:
        """What companies are called, each asked for once; without those of which HubSpot says
        nothing."""
        new = [company for company in companies if company not in self._names]
        self._names.update(self.differences.syncing.deals.names_of(new) if new else {})
        return self._names

    def _heard(self, one: FollowedRecord, record: Record) -> FollowedRecord:
        """Adds what was sent to HubSpot of it: nothing of its own, if its record is closed there
        and tells of the term before (`push_plan`)."""
        syncing, theirs = self.differences.syncing, (record.value(PIPELINE), record.value(STAGE))
        if one.closed or one.held or not one.anothers:
            return one
        over = is_over(theirs, syncing.settings.stages, syncing.policy)
        return replace(one, told=PushProgress.ANOTHER) if over else one

    def _own(self, each: Suspect, page: DriftPage) -> None:
        """Our own properties that differ, of a deal that HubSpot was told all of; what is held, and
        what HubSpot was told."""
        one, syncing = each.one, self.differences.syncing
        page.counts[HELD] += one.held
        if not syncing.settings.push or one.deal is None:
            return
        page.counts[f"{TOLD}{one.told}"] += 1
        if one.told is PushProgress.ALL:
            page.findings += self._properties(one, one.deal, each.record)

    def _properties(
        self, one: FollowedRecord, deal: Deal, record: Record
    ) -> Sequence[DriftFinding]:
        """Our own properties that differ."""
        syncing, now = self.differences.syncing, self.differences.now
        values = own_values(deal, syncing.policy, now, syncing.settings.language, self.url_of(deal))
        wanted = {name: values[name] for name in self._made}
        return own_drift(one, wanted, record.properties)


def _known_name(one: FollowedRecord, company: str) -> str:
    """What a company that is gone was called; empty where it is another one."""
    return one.company if one.company_id == company else ""

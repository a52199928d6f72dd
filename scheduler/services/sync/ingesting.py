"""Taking in what was read: fields through the import, moves of the stage as answers.

One step
    1. Ids that have become others: a record that was merged from known ones takes the place of the
       one that goes on; the others close as merged. The end that such a record has then is that
       one's corrected end, however much later: a merge is no renewal.
    2. Everything that waits goes through the import of contracts, as a file would.
    3. Deal by deal, in one transaction each: what its stage says beside ours; an answer, a move, a
       conflict that ours wins, or nothing; then the record waits no more.

A step that breaks off between these leaves the records waiting; taken in twice they change nothing.
Always holds: an answer counts once, by the instant of its entry in the history; what cannot be
followed is held with its reason, and shown.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Protocol

from scheduler.core.answers.answer import Answer, Answered
from scheduler.core.answers.effects import apply_answer
from scheduler.core.answers.refusals import AnswerRefusedError
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.people import Person
from scheduler.core.deal.pipeline import MoveRefusedError, Passage, StageKind
from scheduler.core.facts.field_words import word_change
from scheduler.core.imports.texts import Reject
from scheduler.core.policy.hubspot import HubSpotSettings
from scheduler.core.policy.policy import Policy
from scheduler.core.sync.account_schema import AccountSchema
from scheduler.core.sync.clocks import ClockOffsets
from scheduler.core.sync.conflicts import Side, explained
from scheduler.core.sync.echoes import LedgerLine, OwnSources
from scheduler.core.sync.identity import OpenTerm, kept_of
from scheduler.core.sync.moves import (
    NotFollowed,
    StageBefore,
    SupersededMove,
    TheirMove,
    answer_of,
    lost_as,
    stage_news,
    way_there,
)
from scheduler.core.sync.passages import HUBSPOT, actor_of
from scheduler.core.sync.records import STAGE, PropertyVersion, Record
from scheduler.core.sync.terms import SOURCE, ValueProblem
from scheduler.core.words.labels import COMMA, ByLanguage, Label
from scheduler.core.words.lexicon import Language, Verb
from scheduler.core.words.reasons import as_said, reason
from scheduler.ports import Begin
from scheduler.services.imports.choices import ImportChoices, ImportListener, MissingContracts
from scheduler.services.imports.import_report import ImportReport, OpenDecision
from scheduler.services.imports.importing import import_contracts
from scheduler.services.imports.store import ImportStore
from scheduler.services.sync.record_rows import KeptRecord, RecordRows

DEALS_AT_A_TIME = 25
_MERGED, _OTHER = "closed_merged", "other"
_RUNNING = (StageKind.ONBOARDING, StageKind.ACTIVE, StageKind.RENEWAL)
"""The kinds of stages in which a contract runs; a pipeline without any sells."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both said something about one property: who won, and why: a stored reason, empty where nobody
    said."""

    record_id: str
    deal_id: int
    name: str
    who: str
    theirs: str
    theirs_at: datetime
    ours: str
    ours_at: datetime
    winner: Side
    because: str = ""


@dataclass(frozen=True, slots=True)
class Ingested:
    """The facts kept of a record that was taken in: the last entry of its stage's history, and why
    its stage is not followed, if it is not."""

    record_id: str
    at: datetime | None
    held: str = ""


@dataclass(frozen=True, slots=True)
class WaitingDeal:
    """A record that waits, with its deal; None where it has none. `taken_at` is what was taken in
    before, `held` whether its stage was not followed then."""

    kept: KeptRecord
    deal: Deal | None
    taken_at: datetime | None
    written: LedgerLine | None
    held: bool = False


class IngestTransaction(Protocol):
    """One open transaction on records and their deals."""

    def waiting(self, records: Sequence[str]) -> Sequence[WaitingDeal]:
        """The records among these that wait to be taken in, their deals locked."""

    def of_records(self, records: Sequence[str]) -> Mapping[str, Deal]:
        """The deals of these records, those that there are."""

    def taken_at(self, records: Sequence[str]) -> Mapping[str, datetime | None]:
        """When the last entry of each record's stage that was taken in was written."""

    def person(self, email: str) -> Person | None:
        """Finds the person who has this address."""

    def is_known(self, request: str) -> bool:
        """Whether this very move was taken as an answer before."""

    def record(self, before: Deal, said: Answer, answered: Answered, now: datetime) -> int:
        """Writes what an answer changed."""

    def move(self, deal: Deal, passages: Sequence[Passage], now: datetime) -> None:
        """Moves a deal among open stages."""

    def conflict(self, conflict: Conflict, now: datetime) -> None:
        """Keeps a conflict, once."""

    def tell_again(self, deals: Sequence[int]) -> None:
        """Has these deals sent to HubSpot again, whatever was sent before."""

    def taken(self, taken: Sequence[Ingested]) -> None:
        """These records wait no more."""

    def link_renewals(self, now: datetime) -> None:
        """Waiting records that were made for a next term, as our key in them says, become that
        term's, where nobody has linked them yet."""

    def merged_from(self) -> Mapping[str, Sequence[tuple[str, OpenTerm]]]:
        """Waiting records that were merged from known ones: the known ids with their terms."""

    def merge(self, into: str, known: Sequence[str], kept: int, now: datetime) -> None:
        """Known records have become another: gives the contract of the deal `kept` the new id, if
        no contract has it, and lets it go on if it was paused because its record was gone. That
        deal is sent to HubSpot again: what stood in the records is mixed now."""

    def become_one(self) -> Collection[str]:
        """Waiting records that became of several, are known by now and were not taken in yet."""

    def deals(self, ids: Sequence[int]) -> Sequence[Deal]:
        """These deals, locked."""


@dataclass(frozen=True, slots=True)
class IngestResult:
    """The result of taking in. `unread` are values that could not be read, `rejected` rows that did
    not come in."""

    records: int = 0
    answers: int = 0
    moves: int = 0
    held: int = 0
    conflicts: int = 0
    merged: int = 0
    report: ImportReport | None = None
    unread: Sequence[ValueProblem] = ()
    rejected: Sequence[Reject] = ()

    def plus(self, **more: int) -> "IngestResult":
        """These counts with more added to some."""
        return replace(self, **{name: getattr(self, name) + n for name, n in more.items()})


@dataclass
class Ingesting:
    """The state that every step works with."""

    begin: Begin[IngestTransaction]
    imports: ImportStore
    waiting: Callable[[], Iterator[Sequence[KeptRecord]]]
    settings: HubSpotSettings
    schema: AccountSchema
    policy: Policy
    own: OwnSources = OwnSources()
    clocks: ClockOffsets = ClockOffsets()
    stop: Callable[[], bool] = lambda: False
    _people: dict[str, Person | None] = field(default_factory=dict)

    def take(self, count: int, now: datetime, *, today: date) -> IngestResult:
        """Takes in everything that waits, `count` records. Raises what an import raises."""
        took = IngestResult(records=count, merged=self._merge(now, today))
        rows = RecordRows(self.waiting, self.settings, self.schema, count)
        rejected: list[Reject] = []
        report = import_contracts(
            self.imports,
            rows,
            self.policy,
            now,
            ImportChoices(dates=self._corrected(), gone=MissingContracts.KEEP),
            listener=ImportListener(rejected.append, lambda done, total: self._lives()),
        )
        took = replace(took, report=report, unread=rows.problems, rejected=rejected)
        objections, handed = self._objections(took), list(rows.handed)
        for at in range(0, len(handed), DEALS_AT_A_TIME):
            if self.stop():
                break
            with self.begin() as transaction:
                done: list[Ingested] = []
                for one in transaction.waiting(handed[at : at + DEALS_AT_A_TIME]):
                    if one.kept.record.modified_at() != rows.handed[one.kept.record.id]:
                        continue  # read again meanwhile, by another process: the next step's
                    number = one.deal.contract.number if one.deal is not None else ""
                    objection = objections.get(one.kept.record.id) or objections.get(number, "")
                    taken, counts = self._one(transaction, one, objection, now)
                    done.append(taken)
                    took = took.plus(**counts)
                    if one.deal is not None and self._told_anew(one, one.deal, taken, counts):
                        transaction.tell_again([one.deal.id])
                transaction.taken(done)
        return took

    def _lives(self) -> None:
        """Lets whoever watches know that a long import goes on: asking whether to stop does."""
        self.stop()

    def _objections(self, took: IngestResult) -> dict[str, str]:
        """Why records did not come in, or wait for a person, as stored reasons by id or, of known
        ones, by the contract's number, which a merge does not change."""
        report = took.report
        found = {
            each.contract: reason("sync_undecided", what=_asked(each, self.policy))
            for each in (report.undecided if report else ())
        }
        found |= {
            each.source_id: reason("sync_rejected", why=as_said(each.problem.said))
            for each in took.rejected
        }
        return found | {
            each.deal: reason("sync_unread", name=each.name, why=as_said(each.said))
            for each in took.unread
        }

    def _merge(self, now: datetime, today: date) -> int:
        """Records that known ones have become."""
        sales = {id for id, p in self.policy.pipelines.items() if not p.of_kind(*_RUNNING)}
        with self.begin() as transaction:
            transaction.link_renewals(now)
            found = transaction.merged_from()
            for into, known in found.items():
                kept = kept_of([term for _, term in known], today, sales)
                others = [term.deal for _, term in known if term.deal != kept]
                transaction.merge(into, [id for id, _ in known], kept, now)
                for deal in transaction.deals(others):
                    self._close_merged(transaction, deal, into, now)
        return len(found)

    def _corrected(self) -> Mapping[str, str]:
        """The meaning of the dates of records that several were merged into: moved."""
        with self.begin() as transaction:
            return dict.fromkeys(transaction.become_one(), "moved")

    def _close_merged(
        self, transaction: IngestTransaction, deal: Deal, into: str, now: datetime
    ) -> None:
        """Closes an open deal that is another now: no churn."""
        pipeline = self.policy.pipeline(deal.pipeline)
        if not pipeline.stage(deal.stage).is_open:
            return
        lost = lost_as(deal, self.policy, f"{HUBSPOT} {into}", _MERGED, _OTHER)
        said = Answer(Verb.LOST, HUBSPOT, lost=lost, via=SOURCE)
        transaction.record(deal, said, apply_answer(deal, said, self.policy, now), now)

    def _one(
        self, transaction: IngestTransaction, one: WaitingDeal, objection: str, now: datetime
    ) -> tuple[Ingested, Mapping[str, int]]:
        """One record: what its stage says, what is kept of it, and as what it counts. What is not
        followed counts as not taken in, so that it is looked at whenever the record is.
        `objection`: why its fields did not come in, empty where they did."""
        record, deal = one.kept.record, one.deal
        history = record.histories.get(STAGE, ())
        taken = Ingested(record.id, history[-1].at if history else one.taken_at, objection)
        if deal is None:
            if one.kept.taken_back:
                taken = replace(taken, held=reason("sync_taken_back"))
            elif self.settings.stages.place(one.kept.theirs) is None:
                taken = replace(taken, held=reason("sync_unmapped", stage=one.kept.theirs[1]))
            return taken, {"held": bool(taken.held)}
        before = StageBefore(one.taken_at, one.written, self.own, self.clocks)
        news = stage_news(record, deal, self.settings.stages, self.policy, before)
        done = ""
        if isinstance(news, TheirMove):
            news, done = self._followed(transaction, record, deal, news, now)
        if isinstance(news, SupersededMove):
            transaction.conflict(self._conflict(record, deal, news.version, Side.OURS), now)
            done = "conflicts"
        if isinstance(news, NotFollowed):
            taken = replace(taken, at=one.taken_at, held=news.because)
        return taken, {"held": bool(taken.held)} | ({done: 1} if done else {})

    def _told_anew(
        self, one: WaitingDeal, deal: Deal, taken: Ingested, counts: Mapping[str, int]
    ) -> bool:
        """Whether HubSpot is to be told again though the deal is as it was: ours stands, or is not
        held any more. Where a record has had a term before, what it tells of depends on whether it
        is held and closed there: also where either changed, by somebody else."""
        if "conflicts" in counts or (one.held and not taken.held):
            return True
        history = one.kept.record.histories.get(STAGE, ())
        since = [v for v in history if one.taken_at is None or v.at > one.taken_at]
        moved = bool(since) and not self.own.wrote(since[-1])
        return deal.contract.term_number > 0 and (moved or bool(taken.held) != one.held)

    def _followed(
        self,
        transaction: IngestTransaction,
        record: Record,
        deal: Deal,
        news: TheirMove,
        now: datetime,
    ) -> tuple[NotFollowed | None, str]:
        """Follows somebody's move, as the answer that it is; why not, if it cannot be."""
        who, by = self._who(transaction, news.version)
        pipeline = self.policy.pipeline(deal.pipeline)
        if not pipeline.stage(deal.stage).is_open:
            return NotFollowed(reason("sync_final")), ""
        note = record.value(self.settings.fields.get("note", "closed_lost_reason"))
        lost = lost_as(deal, self.policy, note, _OTHER)
        said = answer_of(news, deal, pipeline, who, by, lost)
        at = max(deal.arrived_at, min(now, self.clocks.here(news.version.at)))
        try:
            if said is None:
                transaction.move(deal, way_there(news, deal, pipeline, who, at), now)
                return None, "moves"
            if said.request is not None and transaction.is_known(said.request):
                return None, ""
            transaction.record(deal, said, apply_answer(deal, said, self.policy, at), at)
        except (AnswerRefusedError, MoveRefusedError) as error:
            return NotFollowed(reason("sync_refused", why=as_said(error.label))), ""
        return None, "answers"

    def _who(
        self, transaction: IngestTransaction, version: PropertyVersion
    ) -> tuple[str, Person | None]:
        """Who moved it: the name people use for them, and the person we know them as."""
        name = actor_of(version, self.schema.owners).name
        owner = self.schema.owners.by_user.get(version.by_person)
        if owner is None or not owner.email:
            return name, None
        if owner.email not in self._people:
            self._people[owner.email] = transaction.person(owner.email)
        return name, self._people[owner.email]

    def _conflict(
        self, record: Record, deal: Deal, version: PropertyVersion, winner: Side
    ) -> Conflict:
        """A move that came before ours."""
        who = actor_of(version, self.schema.owners).name
        ours = LedgerLine(record.id, STAGE, deal.stage, self.clocks.there(deal.stage_entered_at))
        return Conflict(
            record.id,
            deal.id,
            STAGE,
            who,
            version.value,
            version.at,
            ours.value,
            ours.at,
            winner,
            explained(version, ours, who, winner),
        )


def _asked(one: OpenDecision, policy: Policy) -> str:
    """The question a person has to decide, as a stored reason."""
    if not one.fields:
        return one.text()
    return as_said(Label.verbatim(ByLanguage(_changes, one.fields, policy)))


def _changes(fields: Sequence[tuple[str, str, str]], policy: Policy, language: Language) -> str:
    """Fields with both their values."""
    said = (word_change(*change, language, policy) for change in fields)
    return COMMA.of(language).join(said)

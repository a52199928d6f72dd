"""What a deal's stage in HubSpot says beside ours: nothing new, somebody's move, or something that
cannot be followed.

The rules
    A stage that means ours, that we wrote, or that was taken in before says nothing. A move made
    before the deal came to where it stands here is over: ours stands, and the next push says so
    there. A move made later is that person's word here too: into won or lost it closes the term,
    among the active stages it says how the customer does, else it is a move like one of our own.
    A deal that came in from its record stands where the history there had led it (by HubSpot's
    clock) when it was read: whatever was done there since is later, also what was done before the
    deal was taken in.
Always holds: instants are compared on HubSpot's clock; what is not followed has a reason, and the
deal's stage there is left alone until something changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from scheduler.core.answers.answer import Answer
from scheduler.core.deal.deal import Deal, Lost
from scheduler.core.deal.people import Person
from scheduler.core.deal.pipeline import (
    Actor,
    Passage,
    Pipeline,
    Stage,
    StageKind,
    move,
    steps_between,
)
from scheduler.core.imports.placement import Placement
from scheduler.core.policy.hubspot import StageMap, Theirs
from scheduler.core.policy.policy import Policy
from scheduler.core.sync.clocks import ClockOffsets
from scheduler.core.sync.conflicts import Side, later
from scheduler.core.sync.echoes import LedgerLine, OwnSources, Pulled, ValueVerdict, judged
from scheduler.core.sync.passages import resolved
from scheduler.core.sync.records import PIPELINE, STAGE, PropertyVersion, Record
from scheduler.core.sync.writes import RESTORING
from scheduler.core.words.lexicon import ActorKind, Verb
from scheduler.core.words.reasons import code_of, reason

_SOURCE = "hubspot"


@dataclass(frozen=True, slots=True)
class TheirMove:
    """Somebody moved the deal to `stage` of the deal's own pipeline; `version` says who and
    when."""

    stage: Stage
    version: PropertyVersion


@dataclass(frozen=True, slots=True)
class SupersededMove:
    """Somebody moved the deal there, before it came to where it stands here."""

    version: PropertyVersion


@dataclass(frozen=True, slots=True)
class NotFollowed:
    """What stands there cannot be followed; `because` is a stored reason."""

    because: str


@dataclass(frozen=True, slots=True)
class StageBefore:
    """What was known of a deal's stage before this reading: the last entry of its history that was
    taken in (None: none was), what we wrote last, what our writing is called, and how far the two
    clocks were apart when."""

    at: datetime | None = None
    written: LedgerLine | None = None
    own: OwnSources = OwnSources()
    clocks: ClockOffsets = ClockOffsets()


def stage_news(
    record: Record, deal: Deal, stages: StageMap, policy: Policy, before: StageBefore
) -> TheirMove | SupersededMove | NotFollowed | None:
    """What the stage of a known deal says; None where it says nothing new."""
    theirs = (record.value(PIPELINE), record.value(STAGE))
    place = stages.place(theirs)
    if place is None:
        return NotFollowed(reason("sync_unmapped", stage=theirs[1]))
    here = _meant(place, deal, policy)
    if isinstance(here, NotFollowed) or here is None or here.id == deal.stage:
        return here if isinstance(here, NotFollowed) else None
    history = record.histories.get(STAGE, ())
    theirs_again = restored_move(history, before.written)
    if theirs_again is not None:
        return _later(here, theirs_again, deal, before)
    if not history or (before.at is not None and history[-1].at <= before.at):
        return None
    pulled = Pulled(STAGE, theirs[1], history=history)
    if judged(pulled, before.written, before.own) not in (
        ValueVerdict.NEWS,
        ValueVerdict.CONFIRMED,
    ):
        return None
    if deal.stage_entered_at < deal.arrived_at and history[-1].at > deal.stage_entered_at:
        return TheirMove(here, history[-1])
    if history[-1].at < before.clocks.there(deal.arrived_at):
        return _of_the_term_before(here, history[-1], deal, before)
    return _later(here, history[-1], deal, before)


def _of_the_term_before(
    here: Stage, version: PropertyVersion, deal: Deal, before: StageBefore
) -> TheirMove | SupersededMove | None:
    """What a move says that is older than the deal, as where somebody pushed the end forward as
    well: how the customer does holds for the next term too, as long as nothing has moved that; an
    outcome was the one of the term before, and of other stages ours is the later word."""
    if not here.is_open:
        return None
    untouched = deal.stage_entered_at == deal.arrived_at
    if untouched and here.kind is StageKind.ACTIVE:
        return TheirMove(here, version)
    said = _later(here, version, deal, before)
    return said if isinstance(said, SupersededMove) else None


def _later(
    here: Stage, version: PropertyVersion, deal: Deal, before: StageBefore
) -> TheirMove | SupersededMove:
    """Whose move stands."""
    if later(version.at, before.clocks.there(deal.stage_entered_at)) is Side.OURS:
        return SupersededMove(version)
    return TheirMove(here, version)


def restored_move(
    history: Sequence[PropertyVersion], written: LedgerLine | None
) -> PropertyVersion | None:
    """Somebody's move that we had written over and have restored since, where that is the last
    word; it is taken as theirs, though the last entry is ours."""
    if written is None or not written.trace.startswith(RESTORING) or not history:
        return None
    if history[-1].value != written.value or history[-1].by_person:
        return None
    theirs = [version for version in history[:-1] if version.value == written.value]
    return theirs[-1] if theirs else None


def means_here(theirs: Theirs, deal: Deal, stages: StageMap, policy: Policy) -> bool:
    """Whether a stage of theirs stands for the one the deal is in, or for none of its pipeline's: a
    sale that was won stays won there, wherever the contract stands that was bought."""
    place = stages.place(theirs)
    if place is None:
        return False
    here = _meant(place, deal, policy)
    return here is None or (isinstance(here, Stage) and here.id == deal.stage)


def closed_before(
    record: Record, deal: Deal, stages: StageMap, policy: Policy, clocks: ClockOffsets
) -> bool:
    """Whether a record was closed there before a deal came, and so tells of the term before in it.
    What was closed later is somebody's move, or lost against ours."""
    theirs, history = (record.value(PIPELINE), record.value(STAGE)), record.histories.get(STAGE)
    before = not history or history[-1].at < clocks.there(deal.arrived_at)
    return before and is_over(theirs, stages, policy)


def is_over(theirs: Theirs, stages: StageMap, policy: Policy) -> bool:
    """Whether a stage of theirs stands for one that closes a term: a sale that was won does not,
    it stays won through all terms of the contract that was bought."""
    place = stages.place(theirs)
    if place is None or place.bought or not place.stage:
        return False
    stage = policy.pipeline(place.pipeline).find(place.stage)
    return stage is not None and not stage.is_open


def stands_for(
    theirs: Theirs, deal: Deal, stages: StageMap, policy: Policy
) -> Stage | NotFollowed | None:
    """The stage here that one of theirs stands for, seen from a deal; None where it has no place or
    names no stage of the deal's pipeline."""
    place = stages.place(theirs)
    return None if place is None else _meant(place, deal, policy)


def _meant(place: Placement, deal: Deal, policy: Policy) -> Stage | NotFollowed | None:
    """Our stage that a place stands for, seen from a deal; None where it names none of its
    pipeline's. A deal of new business that was won there is won here."""
    pipeline = policy.pipeline(deal.pipeline)
    if place.bought and deal.pipeline != place.pipeline:
        return pipeline.won
    place = resolved(place, has_contract=pipeline.opens_pipeline is None)
    if place.skip or not place.stage:
        return None
    if place.pipeline != deal.pipeline:
        return NotFollowed(reason("sync_elsewhere", stage=f"{place.pipeline}/{place.stage}"))
    return pipeline.find(place.stage)


_FIELDS_ONLY = ("sync_unread", "sync_rejected", "sync_undecided")


def holds_stage(held: str) -> bool:
    """Whether the reason why a record is not followed is about its stage, not about its fields
    alone, of which the stage is followed all the same."""
    return bool(held) and code_of(held) not in _FIELDS_ONLY


def lost_as(deal: Deal, policy: Policy, note: str, *wanted: str) -> Lost:
    """A loss that HubSpot tells of, by the first of these reasons that the policy lists for the
    deal's pipeline, else by its last one, which is mostly “other”."""
    known = [each.id for each in policy.lost_reasons.get(deal.pipeline, ())]
    fitting = [id for id in wanted if id in known] or known[-1:]
    return Lost(fitting[0] if fitting else wanted[-1], note=note)


def answer_of(
    news: TheirMove, deal: Deal, pipeline: Pipeline, who: str, by: Person | None, lost: Lost
) -> Answer | None:
    """The answer that a move is; None for one that is only a move. `lost` is why, where it is
    lost."""
    kind, was = news.stage.kind, pipeline.stage(deal.stage).kind
    request = f"{_SOURCE}:{deal.id}:{news.version.at.isoformat()}"
    said = Answer(Verb.WON, who, by, via=_SOURCE, request=request)
    if kind is StageKind.WON:
        return said
    if kind is StageKind.LOST:
        return replace(said, verb=Verb.LOST, lost=lost)
    if kind is StageKind.ACTIVE and was in _ASSESSED and news.stage.health is not None:
        return replace(said, verb=_ASSESSED[was], health=news.stage.health)
    return None


_ASSESSED = {StageKind.ONBOARDING: Verb.ONBOARDED, StageKind.ACTIVE: Verb.HEALTH}
"""Where a move to an active stage says how the customer does, and by which answer."""


def way_there(
    news: TheirMove, deal: Deal, pipeline: Pipeline, who: str, at: datetime
) -> Sequence[Passage]:
    """The passages of a move that is no answer: people skip stages there, so it goes through those
    that ours have to pass. Raises MoveRefusedError where no way leads there."""
    actor, here = Actor(ActorKind.PERSON, who), news.stage.id
    steps = steps_between(pipeline, deal.stage, here) or [deal.stage, here]
    return [
        move(pipeline, one, other, actor, reason("sync_moved", stage=here), at)
        for one, other in pairwise(steps)
    ]

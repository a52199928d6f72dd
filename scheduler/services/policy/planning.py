"""Plan and apply (DESIGN §4, §10): an edit is seen before it acts, and what comes into force is
what was seen.

    plan      both policies over the same snapshot of the database; the plan is kept under an id
              made from everything it says
    apply     the same again, in a snapshot; the edit comes into force only if the effects are the
              same and nothing has changed since that snapshot
    rollback  a plan whose document is an earlier version's
Always holds: an edit that leaves deals without a stage is refused; of two people who apply at once
only one wins; the effects are done by the daemon's sweep, not by `apply`.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from json import dumps
from types import MappingProxyType
from typing import Any, Protocol

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.stored import StoredDeal
from scheduler.core.health.policy import HealthPolicy
from scheduler.core.policy.policy import Policy
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import COMMA, Joined, Label
from scheduler.core.words.lexicon import ChannelName
from scheduler.services.policy.effects import Effects, PolicyComparison, at_once, floods
from scheduler.services.policy.in_force import FilePolicy, InForce

NO_MORE: Mapping[str, Any] = MappingProxyType({})
_TRIES = 5
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """One edit with what it would do when it was made. `rows` are `Effects.rows`; `summary` is what
    the version keeps of it."""

    id: str
    base_version: int
    hash: str
    document: Mapping[str, Any]
    backfill: bool
    until_on: date
    rows: Sequence[Sequence[Any]]
    summary: Mapping[str, Any]
    author: str
    made_at: datetime
    applied_version: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class StageDeals:
    """Open deals in one stage of one pipeline."""

    pipeline: str
    stage: str
    deals: int


class Snapshot(Protocol):
    """The database at one instant, however long it is read."""

    def deals(
        self, *, closed: bool, measuring: Collection[HealthPolicy | None] = ()
    ) -> Iterable[Deal]:
        """Every deal that is not voided, in a stream; `closed`: also those that are. Those whose
        health timeline one of `measuring` makes anew have their signals."""

    def stored(
        self, *, closed: bool, measuring: Collection[HealthPolicy | None] = ()
    ) -> Iterable[StoredDeal]:
        """The same, as they are stored."""

    def told(self, now: datetime) -> Collection[tuple[str, date]]:
        """The people who had a message in a window of the last days, queued ones left out, as
        (recipient, day)."""

    def standing(self) -> Sequence[StageDeals]:
        """The stages in which open deals stand."""

    def names(self) -> Mapping[str, str]:
        """The names of people, by recipient (`person:7`)."""

    def fingerprint(self) -> str:
        """Changes whenever anything changes that an effect depends on."""


class PlanStore(Protocol):
    """The plans in the database."""

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """The database as it is now."""

    def save(self, plan: Plan) -> None:
        """Keeps a plan; a plan with the same id is the same plan."""

    def plan(self, id: str) -> Plan | None:
        """A plan by the beginning of its id, if no other plan's begins like it."""

    def recent(self) -> Sequence[Plan]:
        """The last plans, newest first, without their rows."""

    def put_in_force(
        self,
        plan: Plan,
        version: InForce,
        fingerprint: str,
        author: str,
        now: datetime,
        note: str = "",
    ) -> bool:
        """Makes the plan's document `version`, with the note of the person who applies it, unless
        something came in between; returns whether it did."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with its effects, as they are shown."""

    plan: Plan
    effects: Effects
    names: Mapping[str, str] = field(default_factory=dict)


class StrandedError(UserMustActError):
    """Open deals stand in stages that the edited policy does not have."""


class PlanDiffersError(UserMustActError):
    """The plan would now do something else than it said. `came` and `went` are the new and the
    missing rows."""

    def __init__(
        self, plan: Plan, came: Sequence[Sequence[Any]], went: Sequence[Sequence[Any]]
    ) -> None:
        super().__init__(
            (
                "things have changed since plan {plan_id} was made ({came} effects differ); run "
                "`renewals plan` again and check it"
            ),
            plan_id=plan.id,
            came=len(came) + len(went),
        )
        self.came, self.went = came, went


def compare(
    snapshot: Snapshot,
    old: Policy,
    new: Policy,
    now: datetime,
    until: datetime,
    channels: Collection[ChannelName],
) -> tuple[Effects, Mapping[str, str]]:
    """Finds what the new policy does differently, and what people are called. Raises
    StrandedError."""
    refuse_stranded(snapshot.standing(), new)
    closed = _concerns_closed(old) or _concerns_closed(new)
    measuring = (old.health, new.health)
    before, after = floods(snapshot.stored(closed=closed, measuring=measuring), (old, new), now)
    comparison = PolicyComparison(old, new, now, until, channels, snapshot.told(now))
    deals = snapshot.deals(closed=closed, measuring=measuring)
    return comparison.effects(deals, after, before), snapshot.names()


def make_plan(
    store: PlanStore,
    old: Policy,
    new: Policy,
    file: FilePolicy,
    now: datetime,
    until: tuple[date, datetime],
    channels: Collection[ChannelName],
    author: str,
    *,
    backfill: bool,
    more: Mapping[str, Any] = NO_MORE,
) -> Planned:
    """Makes and keeps the plan of an edit. `until`: the last day, and the instant at which it ends;
    `more`: what else its summary keeps.

    Raises StrandedError.
    """
    with store.snapshot() as snapshot:
        effects, names = compare(snapshot, old, new, now, until[1], channels)
    rows = effects.rows()
    parts = (old.version, file.hash, backfill, until[0].isoformat(), rows)
    id = sha256(dumps(parts, ensure_ascii=False).encode()).hexdigest()[:8]
    summary = summary_of(effects) | dict(more)
    plan = Plan(
        id,
        old.version,
        file.hash,
        file.document,
        backfill,
        until[0],
        rows,
        summary,
        author,
        now,
        text=file.text,
    )
    store.save(plan)
    return Planned(plan, effects, names)


def apply_plan(
    store: PlanStore,
    plan: Plan,
    old: Policy,
    new: Policy,
    version: InForce,
    now: datetime,
    until: datetime,
    channels: Collection[ChannelName],
    author: str,
    note: str = "",
) -> None:
    """Puts a plan in force. Raises PlanDiffersError, StrandedError, and UserMustActError for a plan
    that was already applied or is out of date."""
    _still_open(plan, old.version)
    for _ in range(_TRIES):
        with store.snapshot() as snapshot:
            effects, _names = compare(snapshot, old, new, now, until, channels)
            fingerprint = snapshot.fingerprint()
        came, went = _differing(plan.rows, effects.rows())
        if came or went:
            raise PlanDiffersError(plan, came, went)
        if store.put_in_force(plan, version, fingerprint, author, now, note):
            return
    raise UserMustActError(
        "the database kept changing while the plan was being applied; wait a moment and run the "
        "command again"
    )


def _still_open(plan: Plan, version: int) -> None:
    """Raises UserMustActError for a plan that can no longer be applied."""
    if plan.applied_version is not None:
        raise UserMustActError(
            "plan {plan_id} was applied before, as version {applied_version}",
            plan_id=plan.id,
            applied_version=plan.applied_version,
        )
    if plan.base_version != version:
        raise UserMustActError(
            (
                "plan {plan_id} was made for version {base_version}, but version {version} is "
                "in force now; run `renewals plan` again"
            ),
            plan_id=plan.id,
            base_version=plan.base_version,
            version=version,
        )


def refuse_stranded(standing: Iterable[StageDeals], new: Policy) -> None:
    """Raises StrandedError if open deals stand where the new policy has no stage: an edit never
    moves a deal backwards or leaves it without a stage."""
    found = stranded(standing, new)
    if found:
        raise StrandedError(
            "this cannot come into force: {found}",
            found=Joined(found, Label("; ", context="sentences")),
        )


def stranded(standing: Iterable[StageDeals], new: Policy) -> list[Label]:
    """Stages in which open deals stand and which the new policy neither has nor replaces, with what
    to write."""
    found, gone = [], Counter[str]()
    for here in standing:
        pipeline = new.pipelines.get(here.pipeline)
        if pipeline is None:
            gone[here.pipeline] += here.deals
        elif pipeline.find(here.stage) is None:
            found.append(
                Label(
                    "the edit removes stage {stage}, in which there is {count} open deal; write "
                    'was = ["{stage}"] in the stage that replaces it',
                    many="the edit removes stage {stage}, in which there are {count} open deals; "
                    'write was = ["{stage}"] in the stage that replaces it',
                    count=here.deals,
                    stage=here.stage,
                )
            )
    for id, deals in gone.items():
        found.append(
            Label(
                "the edit removes pipeline {id}, in which there is {count} open deal; keep the "
                "pipeline",
                many="the edit removes pipeline {id}, in which there are {count} open deals; "
                "keep the pipeline",
                count=deals,
                id=id,
            )
        )
    return found


def harms(snapshot: Snapshot, old: Policy, new: Policy, now: datetime) -> list[Label]:
    """Finds what an edit would do to deals that nobody may want: leave them without a stage or
    unable to be decided, or bring up more late reminders than the flood breaker lets through."""
    found = stranded(snapshot.standing(), new)
    if found:
        return found
    closed = _concerns_closed(old) or _concerns_closed(new)
    after = at_once(snapshot.stored(closed=closed, measuring=(new.health,)), new, now)
    many = {who: keys for who, keys in after.late.items() if len(keys) > new.attention.flood_nudges}
    if not many and not after.undecided:
        return []
    before = at_once(snapshot.stored(closed=closed, measuring=(old.health,)), old, now)
    flooded = {who: len(keys) for who, keys in many.items() if keys - before.late.get(who, set())}
    return [*_undecided(after.undecided - before.undecided), *_flooded(flooded, snapshot.names())]


def _undecided(contracts: Collection[str]) -> Iterator[Label]:
    """Deals that can be decided until now, but not under the edit."""
    if contracts:
        first = ", ".join(
            [*sorted(contracts)[:_SHOWN], *(["…"] if len(contracts) > _SHOWN else [])]
        )
        yield Label(
            "it leaves {contracts} deals that the program cannot decide: {first}",
            contracts=len(contracts),
            first=first,
        )


def _flooded(flooded: Mapping[str, int], names: Mapping[str, str]) -> Iterator[Label]:
    """The recipients who would be told too much at once."""
    if not flooded:
        return
    first = sorted(flooded.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
    rest = len(flooded) - len(first)
    told = [
        Label("{who} {number}", who=names.get(who, who), number=number) for who, number in first
    ]
    yield Label(
        "it brings up many late reminders at once: {told}{more}",
        told=Joined(told, COMMA),
        more=Label(" and {rest} more", context="people", rest=rest) if rest else "",
    )


def summary_of(effects: Effects) -> dict[str, Any]:
    """The numbers of a plan that the history keeps."""
    kinds = Counter(e.kind for e in effects.came), Counter(e.kind for e in effects.went)
    return {
        "deals": effects.deals,
        "came": dict(kinds[0]),
        "went": dict(kinds[1]),
        "at_once": sum(e.at_once and not e.queued for e in effects.came),
        "held": sum(effects.flooded.values()),
        "contracts": len({e.deal for e in (*effects.came, *effects.went)}),
    }


def _concerns_closed(policy: Policy) -> bool:
    """Whether a milestone is meant for deals that are won or lost."""
    return any(
        not policy.pipelines[m.pipeline].stage(stage).is_open
        for m in policy.milestones
        for stage in m.in_stages
    )


def _differing(
    planned: Sequence[Sequence[Any]], now: Sequence[Sequence[Any]]
) -> tuple[list[list[Any]], list[list[Any]]]:
    """The rows that are new and those that are gone since the plan was made."""
    one, other = Counter(map(_key, planned)), Counter(map(_key, now))
    return [list(row) for row in (other - one).elements()], [
        list(row) for row in (one - other).elements()
    ]


def _key(row: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(row)

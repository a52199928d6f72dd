"""Pipelines and the one `move()`: which stage may follow which, and who may move a deal there.

Always holds: a pipeline has one won and at most one lost stage (DESIGN §2.4: how far a lost deal
had come is a report over its passages). Won and lost are final; only an undo, which voids the
answer that closed the deal, opens it again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from scheduler.core.words.errors import LabelledError
from scheduler.core.words.labels import COMMA, Joined, Label
from scheduler.core.words.lexicon import ActorKind, Health


class StageKind(StrEnum):
    """What a stage is for."""

    ONBOARDING = "onboarding"
    ACTIVE = "active"
    RENEWAL = "renewal"
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class AutoRenewal(StrEnum):
    """When an auto-renewing contract without notice counts as won."""

    AT_DECIDE_BY = "at_decide_by"
    AT_END = "at_end"


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the customer's way. `id` is permanent; `was` lists ids it replaces."""

    id: str
    kind: StageKind
    label: Label
    definition: Label = Label("")
    health: Health | None = None
    was: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether a deal in this stage is still to be decided."""
        return self.kind not in (StageKind.WON, StageKind.LOST)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """An ordered list of stages and its rules. `fallback` is the address that gets what nobody else
    can."""

    id: str
    label: Label
    stages: tuple[Stage, ...]
    fallback: str
    default_active: str | None = None
    zone: str = "Asia/Tokyo"
    calendar: str = "jp"
    allow_skip: bool = False
    allow_back: bool = False
    onboarding_days: int | None = None
    auto_renewal: AutoRenewal = AutoRenewal.AT_DECIDE_BY
    opens_pipeline: str | None = None
    _by_id: Mapping[str, Stage] = field(init=False, repr=False, compare=False, default_factory=dict)
    _by_kinds: dict[tuple[StageKind, ...], tuple[Stage, ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        """Collects every id that a stage has or had, the present ones first."""
        present = {s.id: s for s in reversed(self.stages)}
        object.__setattr__(
            self, "_by_id", {old: s for s in reversed(self.stages) for old in s.was} | present
        )

    def find(self, stage_id: str) -> Stage | None:
        """The stage with this id, or the one that replaced it, or None."""
        return self._by_id.get(stage_id)

    def stage(self, stage_id: str) -> Stage:
        """Like `find`, but raises a KeyError that lists the existing stages."""
        found = self.find(stage_id)
        if found is None:
            raise KeyError(
                f"no stage {stage_id!r} in pipeline {self.id!r} (stages: "
                f"{', '.join(s.id for s in self.stages)})"
            )
        return found

    def position(self, stage_id: str) -> int:
        """The stage's place in the order, from 0."""
        return self.stages.index(self.stage(stage_id))

    def of_kind(self, *kinds: StageKind) -> tuple[Stage, ...]:
        """The stages of these kinds, in order."""
        found = self._by_kinds.get(kinds)
        if found is None:
            found = self._by_kinds[kinds] = tuple(s for s in self.stages if s.kind in kinds)
        return found

    @property
    def first(self) -> Stage:
        """Where a new deal starts."""
        return self.stages[0]

    @property
    def won(self) -> Stage:
        """The stage of a deal that was won."""
        return self.of_kind(StageKind.WON)[0]

    @property
    def lost(self) -> Stage:
        """The stage of a deal that was lost."""
        return self.of_kind(StageKind.LOST)[0]

    def active_stage(self, health: Health, current: str) -> Stage | None:
        """The active stage bound to `health`; unknown keeps an active `current` stage, else takes
        `default_active`. None without active stages."""
        active = self.of_kind(StageKind.ACTIVE)
        bound = next((s for s in active if s.health is health), None)
        if bound is not None or not active:
            return bound
        here = self.find(current)
        if here is not None and here.kind is StageKind.ACTIVE:
            return here
        return self.stage(self.default_active) if self.default_active else active[0]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something: a kind and a name to show (`Ann Ito`, `hubspot-2026.csv`, `policy 4`)."""

    kind: ActorKind
    name: str


@dataclass(frozen=True, slots=True)
class Passage:
    """One entry of a deal's append-only stage history (通過). `at` is None only where reconstructed
    history has no instant.

    `undone`: it has been taken back and no longer counts.
    """

    from_stage: str | None
    to_stage: str
    at: datetime | None
    because: str
    actor: Actor
    observed: bool = True
    undone: bool = False


_NONE = Label("none", context="words")


class MoveRefusedError(LabelledError):
    """A move the pipeline does not allow; `label` lists what is allowed."""


def _allowed(pipeline: Pipeline, here: Stage) -> Iterable[Stage]:
    """The stages a person may move to from `here`."""
    at = pipeline.position(here.id)
    for stage in pipeline.stages:
        place = pipeline.position(stage.id)
        ends = not stage.is_open
        alternative = here.kind is StageKind.ACTIVE and stage.kind is StageKind.ACTIVE
        forward = place > at and (pipeline.allow_skip or _next_step(pipeline, at, place))
        if stage is not here and (
            ends or alternative or forward or (place < at and pipeline.allow_back)
        ):
            yield stage


def steps_between(pipeline: Pipeline, from_stage: str, to_stage: str) -> list[str]:
    """The fewest moves a person may make from one open stage to another, as the stages they pass,
    both ends included; empty where no way leads there."""
    ways = [[pipeline.stage(from_stage).id]]
    seen = {ways[0][0]}
    for way in ways:
        if way[-1] == to_stage:
            return way
        for stage in _allowed(pipeline, pipeline.stage(way[-1])):
            if stage.id not in seen and (stage.is_open or stage.id == to_stage):
                seen.add(stage.id)
                ways.append([*way, stage.id])
    return []


def _next_step(pipeline: Pipeline, at: int, place: int) -> bool:
    """Whether no step is skipped: only stages of the target's kind, or of the current one's if that
    is active, lie between (active stages are alternatives, not steps)."""
    target, here = pipeline.stages[place], pipeline.stages[at]
    between = pipeline.stages[at + 1 : place]
    return all(
        s.kind is StageKind.ACTIVE and StageKind.ACTIVE in (target.kind, here.kind) for s in between
    )


def move(
    pipeline: Pipeline,
    from_stage: str,
    to_stage: str,
    actor: Actor,
    because: str,
    at: datetime,
    *,
    force: bool = False,
) -> Passage:
    """The passage from one stage to another, or MoveRefusedError (DESIGN §5 "Moves").

    The policy may skip and rewind among open stages; people, imports and the API obey the pipeline;
    an admin may `force` with a reason.

    Raises MoveRefusedError: `cannot move from Won to Onboarding (allowed: none, Won is final)`.
    """
    here, target = pipeline.find(from_stage), pipeline.find(to_stage)
    if target is None:
        raise MoveRefusedError(
            "cannot move to {stage}: pipeline {pipeline} has no such stage (it has: {stages})",
            stage=to_stage,
            pipeline=pipeline.id,
            stages=", ".join(s.id for s in pipeline.stages),
        )
    if here is None:
        return Passage(from_stage, target.id, at, because, actor)
    forced = force and actor.kind is ActorKind.ADMIN and bool(because.strip())
    if not here.is_open and not forced:
        raise MoveRefusedError(
            "cannot move from {here} to {target} (allowed: none, {here} is final)",
            here=here.label,
            target=target.label,
        )
    if actor.kind is not ActorKind.POLICY and not forced:
        allowed = tuple(_allowed(pipeline, here))
        if target not in allowed:
            raise MoveRefusedError(
                "cannot move from {here} to {target} (allowed: {allowed})",
                here=here.label,
                target=target.label,
                allowed=Joined((s.label for s in allowed), COMMA) if allowed else _NONE,
            )
    return Passage(here.id, target.id, at, because, actor)

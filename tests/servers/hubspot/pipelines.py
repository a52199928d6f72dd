"""Deal pipelines and their stages.

[S] CRM/Pipelines 2026-09. Won and lost are texts in a stage's metadata: `probability` ("1.0" won,
"0.0" lost) and `isClosed`. [H] docs/api-reference/crm/pipelines/guide
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.servers.hubspot.answers import Json, RefusedError, invalid
from tests.servers.hubspot.moments import iso

DEFAULT = "default"


@dataclass(slots=True)
class Stage:
    """One stage."""

    id: str
    label: str
    order: int
    metadata: dict[str, str]
    created: int = 0
    updated: int = 0
    archived: bool = False

    @property
    def closed(self) -> bool:
        """Whether deals end here."""
        return self.metadata.get("isClosed") == "true"

    @property
    def won(self) -> bool:
        """Whether they are won here."""
        return self.closed and float(self.metadata["probability"]) == 1.0

    @property
    def lost(self) -> bool:
        """Whether they are lost here."""
        return self.closed and float(self.metadata["probability"]) == 0.0

    def as_json(self) -> Json:
        """[S] PipelineStage"""
        return {
            "id": self.id,
            "label": self.label,
            "displayOrder": self.order,
            "metadata": dict(self.metadata),
            "createdAt": iso(self.created),
            "updatedAt": iso(self.updated),
            "archived": self.archived,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        }


@dataclass(slots=True)
class Pipeline:
    """One pipeline with its stages by id."""

    id: str
    label: str
    order: int
    stages: dict[str, Stage] = field(default_factory=dict)
    created: int = 0
    updated: int = 0

    def as_json(self) -> Json:
        """[S] Pipeline"""
        return {
            "id": self.id,
            "label": self.label,
            "displayOrder": self.order,
            "stages": [s.as_json() for s in sorted(self.stages.values(), key=lambda s: s.order)],
            "createdAt": iso(self.created),
            "updatedAt": iso(self.updated),
            "archived": False,
        }


DEFAULT_STAGES: tuple[tuple[str, str, str], ...] = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2"),
    ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"),
    ("closedwon", "Closed Won", "1.0"),
    ("closedlost", "Closed Lost", "0.0"),
)


def default_pipeline() -> Pipeline:
    """The one every account starts with."""
    stages = {
        id_: Stage(
            id_,
            label,
            n,
            {"isClosed": "true" if p in ("1.0", "0.0") else "false", "probability": p},
        )
        for n, (id_, label, p) in enumerate(DEFAULT_STAGES)
    }
    return Pipeline(DEFAULT, "Sales Pipeline", 0, stages)


class Pipelines:
    """All deal pipelines. `limit` is the plan's; `audits` what was changed, newest first."""

    def __init__(self, limit: int = 50) -> None:
        self.limit = limit
        self.pipelines: dict[str, Pipeline] = {DEFAULT: default_pipeline()}
        self.audits: list[tuple[str, Json]] = []
        self.portal = 0
        self._next = 80_123_000

    def stage(self, id_: str | None) -> Stage | None:
        """The stage of this id, in whichever pipeline."""
        found = (p.stages.get(id_ or "") for p in self.pipelines.values())
        return next((s for s in found if s is not None), None)

    def pipeline_of(self, stage: str) -> str | None:
        """The pipeline that holds a stage."""
        return next((p.id for p in self.pipelines.values() if stage in p.stages), None)

    def need(self, id_: str) -> Pipeline:
        """The pipeline, else 404."""
        if id_ not in self.pipelines:
            raise RefusedError(404, "OBJECT_NOT_FOUND", f"Pipeline with ID {id_} was not found")
        return self.pipelines[id_]

    def need_stage(self, pipeline: str, id_: str) -> Stage:
        """The stage, else 404."""
        found = self.need(pipeline).stages.get(id_)
        if found is None:
            raise RefusedError(404, "OBJECT_NOT_FOUND", f"Stage with ID {id_} was not found")
        return found

    def make(self, given: Json, now: int) -> Pipeline:
        """A new pipeline with its stages; beyond the plan's limit and a label or id that exists
        are refused."""
        id_ = str(given.get("pipelineId") or self._number())
        if id_ in self.pipelines or any(
            p.label == given.get("label") for p in self.pipelines.values()
        ):
            raise RefusedError(409, "CONFLICT", f"Pipeline {given.get('label')!r} already exists.")
        if len(self.pipelines) >= self.limit:
            raise invalid(f"The account may have {self.limit} deal pipelines at most.")
        _labelled(given)
        stages = [self._made(s, now) for s in given.get("stages", ())]
        if not stages:
            raise invalid("A pipeline needs at least one stage.")
        made = Pipeline(
            id_,
            str(given["label"]),
            int(given.get("displayOrder", 0)),
            {s.id: s for s in stages},
            now,
            now,
        )
        self.pipelines[id_] = made
        self.noted("CREATE", id_, made.as_json(), now)
        return made

    def add_stage(self, pipeline: str, given: Json, now: int) -> Stage:
        """One more stage."""
        found = self.need(pipeline)
        _labelled(given)
        if any(s.label == given["label"] for s in found.stages.values()):
            raise RefusedError(409, "CONFLICT", f"Stage {given['label']!r} already exists.")
        made = self._made(given, now)
        found.stages[made.id] = made
        found.updated = now
        self.noted("UPDATE", pipeline, found.as_json(), now)
        return made

    def change_stage(self, pipeline: str, id_: str, given: Json, now: int) -> Stage:
        """A stage's label, order or metadata."""
        found = self.need_stage(pipeline, id_)
        found.label = str(given.get("label", found.label))
        found.order = int(given.get("displayOrder", found.order))
        found.metadata = _metadata({**found.metadata, **given.get("metadata", {})})
        found.updated = now
        self.noted("UPDATE", pipeline, found.as_json(), now)
        return found

    def change(self, id_: str, given: Json, now: int) -> Pipeline:
        """A pipeline's label or order."""
        found = self.need(id_)
        found.label = str(given.get("label", found.label))
        found.order = int(given.get("displayOrder", found.order))
        found.updated = now
        self.noted("UPDATE", id_, found.as_json(), now)
        return found

    def replace(self, id_: str, given: Json, now: int) -> tuple[Pipeline, set[str]]:
        """A whole pipeline anew, and the stages that are gone by it: those left out.
        [I] HubSpot/hubspot-api-php#9"""
        found = self.need(id_)
        stages = [self._made(s, now) for s in given.get("stages", ())]
        gone = set(found.stages) - {s.id for s in stages}
        found.label = str(given.get("label", found.label))
        found.stages = {s.id: s for s in stages}
        found.updated = now
        self.noted("UPDATE", id_, found.as_json(), now)
        return found, gone

    def noted(self, action: str, id_: str, raw: Json, now: int, user: int | None = None) -> None:
        """Keeps who changed it. [S] PublicAuditInfo"""
        found: Json = {
            "portalId": self.portal,
            "identifier": id_,
            "action": action,
            "timestamp": iso(now),
            "rawObject": raw,
        }
        if user is not None:
            found["fromUserId"] = user
        self.audits.insert(0, (id_, found))

    def _number(self) -> int:
        self._next += 1
        return self._next

    def _made(self, given: Mapping[str, Any], now: int) -> Stage:
        """A stage as given. Ids in upper case are refused: HubSpot builds names of properties from
        them ([I] HubSpot/hubspot-php#295)."""
        id_ = str(given.get("stageId") or given.get("id") or self._number())
        if id_ != id_.lower():
            raise invalid(f"Stage id {id_!r} must be lower case.")
        if self.stage(id_) is not None and "id" not in given:
            raise RefusedError(409, "CONFLICT", f"Stage with id {id_!r} already exists.")
        _labelled(given)
        return Stage(
            id_,
            str(given["label"]),
            int(given.get("displayOrder", 0)),
            _metadata(given.get("metadata") or {}),
            now,
            now,
        )


def _metadata(given: Mapping[str, Any]) -> dict[str, str]:
    """Deal stages need a probability between 0 and 1, in steps of a tenth; all values are
    texts."""
    try:
        probability = float(given["probability"])
    except (KeyError, ValueError):
        raise invalid("Deal stages need a probability between 0.0 and 1.0.") from None
    if not 0 <= probability <= 1:
        raise invalid("Deal stages need a probability between 0.0 and 1.0.")
    closed = str(given.get("isClosed", probability in (0.0, 1.0))).lower()
    return {**{k: str(v) for k, v in given.items()}, "isClosed": closed}


def _labelled(given: Mapping[str, Any]) -> None:
    if not str(given.get("label", "")).strip():
        raise invalid("A label is required.")


def in_use(stages: Iterable[str], used: Mapping[str, int]) -> RefusedError | None:
    """The refusal to take away stages that deals stand in.
    [H] changelog/pipeline-stage-validation-true"""
    held = [s for s in stages if used.get(s)]
    if not held:
        return None
    return invalid(
        f"Stage(s) {', '.join(held)} cannot be deleted: deals are in them.",
        errors=[{"message": f"Stage {s} is in use by {used[s]} deals", "in": s} for s in held],
        subCategory="PipelineError.STAGE_IN_USE",
    )

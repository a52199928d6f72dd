"""What an admin may order, and what it refuses.

[H] changelog/crm-api-write-validation-enforcement: from 2026-09 conditional required properties
and those of the Create form bind writes by API too: 400 VALIDATION_ERROR.
[H] knowledge.hubspot.com/object-settings/pipeline-approvals: a deal is not moved past the approval
stage unapproved, nor made beyond it. The wording of the refusals is [?].
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.servers.hubspot.answers import RefusedError, invalid
from tests.servers.hubspot.pipelines import Pipeline
from tests.servers.hubspot.values import FormatRule


@dataclass
class Rules:
    """`required_at`: by stage, the properties that a deal needs there; `on_create`: those every new
    deal needs; `approvals`: by pipeline, the stage that needs an approval to be left forwards;
    `formats`: by property, its rules."""

    required_at: dict[str, tuple[str, ...]] = field(default_factory=dict)
    on_create: tuple[str, ...] = ()
    approvals: dict[str, str] = field(default_factory=dict)
    formats: dict[tuple[str, str], tuple[FormatRule, ...]] = field(default_factory=dict)
    approved: set[int] = field(default_factory=set)

    def missing(self, values: Mapping[str, str | None], *, new: bool, moved: bool) -> Sequence[str]:
        """The properties that a deal lacks: of its stage when it comes there, of the form when it
        is new."""
        stage = self.required_at.get(values.get("dealstage") or "", ()) if moved or new else ()
        needed = (*stage, *(self.on_create if new else ()))
        return [name for name in dict.fromkeys(needed) if not values.get(name)]

    def unapproved(self, deal: int | None, pipeline: Pipeline | None, stage: str) -> bool:
        """Whether a deal may not come to a stage for want of an approval."""
        gate = self.approvals.get(pipeline.id) if pipeline else None
        if pipeline is None or gate is None or deal in self.approved:
            return False
        return pipeline.stages[stage].order > pipeline.stages[gate].order


def lacks(names: Sequence[str]) -> RefusedError:
    """400 for required properties that are empty."""
    message = "Error updating DEAL. Some required properties were not set."
    return invalid(
        message,
        context={"properties": list(names)},
        errors=[
            {
                "message": f"Property '{name}' is required for this record.",
                "code": "REQUIRED_PROPERTY_MISSING",
                "context": {"propertyName": [name]},
            }
            for name in names
        ],
    )


def needs_approval() -> RefusedError:
    """400 for a deal that must be approved first."""
    return invalid(
        "This deal must be approved before it can be moved to this stage.",
        errors=[{"message": "Deal approval is required", "code": "APPROVAL_REQUIRED"}],
    )

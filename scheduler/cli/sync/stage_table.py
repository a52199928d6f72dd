"""Each stage of an account's pipelines, and where its deals stand here."""

from typing import TYPE_CHECKING

from scheduler.cli.terminal.say import heading, language, table, text
from scheduler.cli.terminal.tables import Column
from scheduler.core.facts.field_words import stage_name

if TYPE_CHECKING:
    from scheduler.core.imports.placement import Placement
    from scheduler.core.policy.hubspot import StageMap
    from scheduler.core.policy.policy import Policy
    from scheduler.core.sync.stages import TheirStage
    from scheduler.core.sync.survey import Survey


def show_stages(survey: "Survey", stages: "StageMap", policy: "Policy") -> None:
    """Each of their stages, and where its deals stand here."""
    heading("Stages")
    rows = []
    for pipeline in survey.pipelines:
        before = f"{pipeline.label} ({survey.deals.get(pipeline.id, 0):,})"
        for stage in pipeline.stages:
            place = stages.place((pipeline.id, stage.id))
            moves = _moved_to(stages, (pipeline.id, stage.id))
            closed = _closed(stage)
            rows.append((before, stage.label, closed, place_word(place, policy), moves))
            before = ""
    table(
        (
            Column(text("Pipeline (deals)"), least=12),
            Column(text("Their stage"), least=14),
            Column(text("Closed", context="stage")),
            Column(text("Stage here"), wraps=True),
            Column(text("Our moves go here")),
        ),
        rows,
    )


def _closed(stage: "TheirStage") -> str:
    """How a stage in HubSpot ends a deal, if it does."""
    if stage.won:
        return text("won", context="hubspot")
    return text("lost", context="hubspot") if stage.lost else ""


def _moved_to(stages: "StageMap", theirs: tuple[str, str]) -> str:
    """Whether our moves go to this stage in HubSpot."""
    place = stages.place(theirs)
    if place is None or not place.stage:
        return ""
    target = stages.target((place.pipeline, place.stage), (theirs[0], ""))
    return "✓" if target == theirs else ""


def place_word(place: "Placement | None", policy: "Policy") -> str:
    """The place here that a stage's deals have."""
    if place is None:
        return text("(no place)")
    if place.skip:
        return text("(left out)")
    here = stage_name(f"{place.pipeline}/{place.stage}", language(), policy)
    if place.bought:
        return text("{here}: the contract that was won", here=here)
    if place.otherwise:
        return text(
            "{here}; without a contract {otherwise}",
            here=here,
            otherwise=place_word(place.otherwise, policy),
        )
    if place.due:
        return text("{here}, due on the close date", here=here)
    if place.passed == "?":
        return text("{here}, not known how far it got", here=here)
    if place.passed:
        passed = stage_name(place.passed, language(), policy, place.pipeline)
        return text("{here}, after {passed}", here=here, passed=passed)
    return here

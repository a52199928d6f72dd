"""What we make in an account: our group of properties, the properties, pipelines and stages.

Always holds: nothing that is not ours is changed, replaced or taken away (no PUT, ever); what
exists already in the same shape is done, in another shape it is a conflict with a name; a run that
broke off goes on where it stopped. What is made has an id that says so (`OWN_PREFIX`), by which it
is known again when it is to be taken away (`scheduler.hubspot.removing`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from scheduler.core.deal.pipeline import Pipeline, StageKind
from scheduler.core.imports.names import plain
from scheduler.core.sync.desired_values import GROUP, OWN_PREFIX, PROPERTIES, OwnProperty
from scheduler.core.sync.stages import TheirPipeline, TheirStage, pipeline_of
from scheduler.core.sync.steps import SchemaStep, SetupPart, SetupStatus
from scheduler.core.sync.values import PropertyType
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language
from scheduler.hubspot.account import Property, pipelines, properties
from scheduler.hubspot.client import CallKind, HubspotClient, dated
from scheduler.hubspot.errors import HubspotError, RefusedError, UnknownOutcomeError
from scheduler.hubspot.reading import DEALS

_FIELD_TYPES: Mapping[PropertyType, str] = {
    PropertyType.STRING: "text",
    PropertyType.NUMBER: "number",
    PropertyType.DATE: "date",
    PropertyType.DATETIME: "date",
    PropertyType.ENUMERATION: "select",
    PropertyType.BOOL: "booleancheckbox",
}
GROUP_LABEL = Label("Renewals")
_TRIED_IDS = 5
"""How many ids are tried for a pipeline: HubSpot may keep that of one that was removed."""


def properties_made(
    client: HubspotClient,
    language: Language,
    *,
    make: bool,
    wanted: Sequence[OwnProperty] = PROPERTIES,
) -> Iterator[SchemaStep]:
    """Our group and properties; makes what is missing if `make`. Raises HubspotError for what
    concerns all: a missing scope, a limit of the plan."""
    groups = client.call("GET", dated("crm/properties", DEALS, "groups")).results
    yield _group(client, {str(g.get("name")) for g in groups}, language, make=make)
    there = properties(client)
    for each in wanted:
        found = there.get(each.name)
        if found is None and make:
            yield _make_property(client, each, language)
        else:
            yield compared(each, found)


def _group(client: HubspotClient, there: set[str], language: Language, *, make: bool) -> SchemaStep:
    """Our group."""
    if GROUP in there:
        return SchemaStep(SetupPart.GROUP, GROUP, SetupStatus.THERE, GROUP)
    if not make:
        return SchemaStep(SetupPart.GROUP, GROUP, SetupStatus.MISSING)
    body = {"name": GROUP, "label": GROUP_LABEL.of(language), "displayOrder": -1}
    _post(client, dated("crm/properties", DEALS, "groups"), body)
    return SchemaStep(SetupPart.GROUP, GROUP, SetupStatus.MADE, GROUP)


def _make_property(client: HubspotClient, wanted: OwnProperty, language: Language) -> SchemaStep:
    """Makes one and reads it back, since somebody may have been faster."""
    body: dict[str, Any] = {
        "name": wanted.name,
        "label": wanted.label.of(language),
        "type": wanted.kind.value,
        "fieldType": _FIELD_TYPES[wanted.kind],
        "groupName": GROUP,
        "hasUniqueValue": wanted.unique,
    }
    if wanted.options:
        body["options"] = [
            {"value": value, "label": label.of(language), "displayOrder": n, "hidden": False}
            for n, (value, label) in enumerate(wanted.options)
        ]
    created = _post(client, dated("crm/properties", DEALS), body)
    step = compared(wanted, properties(client).get(wanted.name))
    if step.made is SetupStatus.THERE and created:
        return SchemaStep(step.thing, step.name, SetupStatus.MADE, step.id)
    if step.made is SetupStatus.MISSING:
        said = Label("HubSpot says that it exists, but does not show it; is it archived there?")
        return SchemaStep(step.thing, step.name, SetupStatus.CONFLICT, said=said)
    return step


def compared(wanted: OwnProperty, found: Property | None) -> SchemaStep:
    """One that is there must be of our type, hold our options and be as unique."""
    if found is None:
        return SchemaStep(SetupPart.PROPERTY, wanted.name, SetupStatus.MISSING)
    if found.type_name != wanted.kind.value:
        said = Label("it is of type {there}, not {ours}", there=found.type_name, ours=wanted.kind)
    elif missing := {value for value, _ in wanted.options} - {value for value, _ in found.options}:
        said = Label("it lacks the options {missing}", missing=", ".join(sorted(missing)))
    elif wanted.unique and not found.unique:
        said = Label("it has no unique values, which cannot be changed later")
    else:
        return SchemaStep(SetupPart.PROPERTY, wanted.name, SetupStatus.THERE, found.name)
    return SchemaStep(SetupPart.PROPERTY, wanted.name, SetupStatus.CONFLICT, found.name, said)


def pipelines_made(
    client: HubspotClient, ours: Iterable[Pipeline], language: Language, *, make: bool
) -> Iterator[SchemaStep]:
    """Our pipelines and their stages, found by their labels; makes what is missing if `make`, stage
    by stage. Raises HubspotError."""
    there = pipelines(client)
    for pipeline in ours:
        found = labelled(there, pipeline, language)
        if found is None and not make:
            yield SchemaStep(SetupPart.PIPELINE, pipeline.label.of(language), SetupStatus.MISSING)
            yield from _stages(client, pipeline, None, language, make=False)
            continue
        step = SchemaStep(SetupPart.PIPELINE, pipeline.label.of(language), SetupStatus.THERE)
        if found is None:
            found = _make_pipeline(client, pipeline, language)
            step = SchemaStep(step.thing, step.name, SetupStatus.MADE)
        yield SchemaStep(step.thing, step.name, step.made, found.id)
        yield from _stages(client, pipeline, found, language, make=make)


def labelled(
    there: Sequence[TheirPipeline], ours: Pipeline, language: Language
) -> TheirPipeline | None:
    """The pipeline that is called as ours is, in any language, first in this one."""
    for name in (ours.label.of(language), *ours.label.spellings()):
        for pipeline in there:
            if plain(pipeline.label) == plain(name):
                return pipeline
    return None


def _make_pipeline(client: HubspotClient, ours: Pipeline, language: Language) -> TheirPipeline:
    """A pipeline with its first stage, without which there is none; the others follow. Its id is
    ours to choose ([S] PipelineInput), unless a pipeline that was removed still has it."""
    label = ours.label.of(language)
    for n in range(1, _TRIED_IDS + 1):
        id = f"{OWN_PREFIX}{ours.id}" + (f"_{n}" if n > 1 else "")
        stage = _stage_body(ours, 0, language) | {"stageId": f"{id}_{ours.stages[0].id}"}
        body = {"label": label, "displayOrder": 99, "pipelineId": id, "stages": [stage]}
        _post(client, dated("crm/pipelines", DEALS), body)
        found = labelled(pipelines(client), ours, language)
        if found is not None:
            return found
    raise RefusedError(f"there is no pipeline {label!r} although it was made")


def _stages(
    client: HubspotClient,
    ours: Pipeline,
    there: TheirPipeline | None,
    language: Language,
    *,
    make: bool,
) -> Iterator[SchemaStep]:
    """The stages of one pipeline."""
    for position, stage in enumerate(ours.stages):
        names = {plain(name) for name in stage.label.spellings()}
        have = [s for s in (there.stages if there else ()) if plain(s.label) in names]
        label = stage.label.of(language)
        if have:
            yield _compared_stage(label, stage.kind, have[0])
        elif make and there is not None:
            yield _make_stage(client, ours, position, there, language)
        else:
            yield SchemaStep(SetupPart.STAGE, label, SetupStatus.MISSING)


def _compared_stage(label: str, kind: StageKind, found: TheirStage) -> SchemaStep:
    """A stage that is there must be won, lost or open as ours is."""
    if (found.won, found.lost) == (kind is StageKind.WON, kind is StageKind.LOST):
        return SchemaStep(SetupPart.STAGE, label, SetupStatus.THERE, found.id)
    said = Label("a stage of this name exists, but differs from ours in being won, lost or open")
    return SchemaStep(SetupPart.STAGE, label, SetupStatus.CONFLICT, found.id, said)


def _make_stage(
    client: HubspotClient, ours: Pipeline, position: int, there: TheirPipeline, language: Language
) -> SchemaStep:
    """Makes one stage and reads the pipeline back."""
    path = dated("crm/pipelines", DEALS, there.id)
    stage = ours.stages[position]
    own = there.id if there.id.startswith(OWN_PREFIX) else f"{OWN_PREFIX}{ours.id}"
    body = _stage_body(ours, position, language) | {"stageId": f"{own}_{stage.id}"}
    created = _post(client, f"{path}/stages", body)
    label = stage.label.of(language)
    after = pipeline_of(client.call("GET", path).body)
    found = next((s for s in after.stages if plain(s.label) == plain(label)), None)
    if found is None:
        said = Label("HubSpot says that it exists, but does not show it; is it archived there?")
        return SchemaStep(SetupPart.STAGE, label, SetupStatus.CONFLICT, said=said)
    step = _compared_stage(label, stage.kind, found)
    if step.made is SetupStatus.THERE and created:
        return SchemaStep(step.thing, step.name, SetupStatus.MADE, step.id)
    return step


def _stage_body(ours: Pipeline, position: int, language: Language) -> dict[str, Any]:
    """A stage as it is made: its probability grows on the way."""
    stage = ours.stages[position]
    closed = {StageKind.WON: "1.0", StageKind.LOST: "0.0"}
    on_the_way = f"{min(0.9, round((position + 1) / (len(ours.stages) + 1), 1)):.1f}"
    return {
        "label": stage.label.of(language),
        "displayOrder": position,
        "metadata": {
            "isClosed": str(not stage.is_open).lower(),
            "probability": closed.get(stage.kind, on_the_way),
        },
    }


def _post(client: HubspotClient, path: str, body: Mapping[str, Any]) -> bool:
    """Makes something; False where it exists already or nobody knows: whoever asked looks. Raises
    HubspotError for the rest."""
    try:
        client.call("POST", path, body=body, kind=CallKind.WRITE, background=False)
    except UnknownOutcomeError:
        return False
    except RefusedError as error:
        if error.status != HTTPStatus.CONFLICT and not _exists(error):
            raise
        return False
    return True


def _exists(error: HubspotError) -> bool:
    """Whether a refusal says that the thing is there; some endpoints say so with 400."""
    return isinstance(error, RefusedError) and (
        "already exists" in error.words.lower() or "EXISTS" in error.category.upper()
    )

"""Taking away what we made in an account: stages and pipelines, properties, our group.

Always holds: only what we made goes. A pipeline or stage is ours by its id, which we chose; a
property by its name, its shape and our group; whatever is only called so is named and left. No
pipeline and no stage goes while deals stand in it: they are counted first, and HubSpot is asked to
refuse it besides, because its search shows a move a moment late ([H]
changelog/pipeline-stage-validation-true; both names of the parameter are given, since the endpoints
do not agree). A run that broke off goes on with what is left.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from scheduler.core.deal.pipeline import Pipeline
from scheduler.core.imports.names import plain
from scheduler.core.sync.desired_values import GROUP, OWN_PREFIX, PROPERTIES, OwnProperty
from scheduler.core.sync.records import PIPELINE, STAGE
from scheduler.core.sync.stages import TheirPipeline, TheirStage
from scheduler.core.sync.steps import Removal, RemovalStep, SetupPart, SetupStatus
from scheduler.core.words.labels import Label
from scheduler.hubspot.account import Property, pipelines, properties
from scheduler.hubspot.client import CallKind, HubspotClient, dated
from scheduler.hubspot.errors import RefusedError, UnknownOutcomeError
from scheduler.hubspot.reading import DEALS
from scheduler.hubspot.schema import GROUP_LABEL, compared

_REFUSE_IN_USE = {
    "validateDealStageUsagesBeforeDelete": "true",
    "validateReferencesBeforeDelete": "true",
}
_HELD = Label(
    "{count} deal is in it; move it to another stage in HubSpot and run this again",
    many="{count} deals are in it; move them to other stages in HubSpot and run this again",
)
_NOT_OURS = Label(
    "its id does not show that we created it; if nobody uses it, remove it in HubSpot"
)


def removed(
    client: HubspotClient, ours: Iterable[Pipeline], *, remove: bool
) -> Iterator[RemovalStep]:
    """Each thing in the account that is ours or is called so; takes away what is ours if `remove`.
    `ours` are the policy's pipelines, by whose names theirs are told apart. Raises HubspotError for
    what concerns all: a missing scope, a token that is not accepted."""
    remover = _Remover(client, remove)
    names = {plain(name) for pipeline in ours for name in pipeline.label.spellings()}
    for pipeline in pipelines(client):
        yield from remover.pipeline(pipeline, names)
    there = properties(client)
    going: set[str] = set()
    for each in PROPERTIES:
        if (found := there.get(each.name)) is not None:
            step = remover.property(each, found)
            yield step
            going |= {step.name} if step.removal in (Removal.OURS, Removal.REMOVED) else set()
    left = sorted(p.name for p in there.values() if p.group == GROUP and p.name not in going)
    yield from remover.group(left)


@dataclass(frozen=True, slots=True)
class _Remover:
    """Takes away, or says what would be."""

    client: HubspotClient
    remove: bool

    def pipeline(self, there: TheirPipeline, names: Collection[str]) -> Iterator[RemovalStep]:
        """Removes one pipeline, or our stages in one that is not ours."""
        if there.id.startswith(OWN_PREFIX):
            yield self._own_pipeline(there)
            return
        for stage in there.stages:
            if stage.id.startswith(OWN_PREFIX):
                yield self._own_stage(there, stage)
        if plain(there.label) in names:
            yield RemovalStep(SetupPart.PIPELINE, there.label, Removal.THEIRS, there.id, _NOT_OURS)

    def _own_pipeline(self, there: TheirPipeline) -> RemovalStep:
        """A pipeline of ours, with its stages."""
        theirs = [stage.label for stage in there.stages if not stage.id.startswith(OWN_PREFIX)]
        step = RemovalStep(SetupPart.PIPELINE, there.label, Removal.KEPT, there.id)
        if theirs:
            said = Label(
                "somebody added the stages {names} to it; remove them in HubSpot and run this "
                "again, or remove the pipeline there",
                names=", ".join(theirs),
            )
            return _because(step, said)
        if count := self._standing(PIPELINE, there.id):
            return _because(step, _HELD.filled(count=count))
        path = dated("crm/pipelines", DEALS, there.id)
        return self._gone(step, path, dated("crm/pipelines", DEALS))

    def _own_stage(self, there: TheirPipeline, stage: TheirStage) -> RemovalStep:
        """A stage that we added to a pipeline that is not ours."""
        name = f"{there.label}: {stage.label}"
        step = RemovalStep(SetupPart.STAGE, name, Removal.KEPT, stage.id)
        if count := self._standing(STAGE, stage.id):
            return _because(step, _HELD.filled(count=count))
        stages = dated("crm/pipelines", DEALS, there.id, "stages")
        return self._gone(step, f"{stages}/{stage.id}", stages)

    def _standing(self, name: str, value: str) -> int:
        """How many live deals have this value, as the search knows."""
        wanted = {"propertyName": name, "operator": "EQ", "value": value}
        body: dict[str, Any] = {"filterGroups": [{"filters": [wanted]}], "limit": 1}
        path = dated("crm/objects", DEALS, "search")
        answer = self.client.call("POST", path, body=body, kind=CallKind.SEARCH, background=False)
        total = answer.body.get("total")
        return total if isinstance(total, int) else len(answer.results)

    def property(self, wanted: OwnProperty, found: Property) -> RemovalStep:
        """Removes one property that has a name of ours, unless it is not ours."""
        step = RemovalStep(SetupPart.PROPERTY, wanted.name, Removal.KEPT, wanted.name)
        shape = compared(wanted, found)
        if shape.made is SetupStatus.CONFLICT:
            return RemovalStep(step.thing, step.name, Removal.THEIRS, step.id, shape.said)
        if found.group != GROUP:
            said = Label(
                "it is in the group {group}, in which we create nothing; if nobody uses it, "
                "remove it in HubSpot",
                group=found.group,
            )
            return RemovalStep(step.thing, step.name, Removal.THEIRS, step.id, said)
        path = dated("crm/properties", DEALS)
        return self._gone(step, f"{path}/{wanted.name}", path, "name")

    def group(self, left: Collection[str]) -> Iterator[RemovalStep]:
        """Our group, once it holds nothing."""
        path = dated("crm/properties", DEALS, "groups")
        groups = {str(g.get("name")): g for g in self.client.call("GET", path).results}
        if GROUP not in groups:
            return
        label = str(groups[GROUP].get("label") or "")
        step = RemovalStep(SetupPart.GROUP, GROUP, Removal.KEPT, GROUP)
        if label not in GROUP_LABEL.spellings():
            said = Label(
                "its name {label} is not the one we give it; if nobody uses it, remove it in "
                "HubSpot",
                label=label,
            )
            yield RemovalStep(step.thing, step.name, Removal.THEIRS, step.id, said)
        elif left:
            said = Label("it still holds {names}", names=", ".join(left))
            yield _because(step, said)
        else:
            yield self._gone(step, f"{path}/{GROUP}", path, "name")

    def _gone(self, step: RemovalStep, path: str, list_path: str, key: str = "id") -> RemovalStep:
        """Takes it away, if that is wanted; where nobody knows, the list is asked."""
        if not self.remove:
            return RemovalStep(step.thing, step.name, Removal.OURS, step.id)
        try:
            self.client.call(
                "DELETE", path, params=_params(step), kind=CallKind.WRITE, background=False
            )
        except UnknownOutcomeError as error:
            if step.id in {str(each.get(key)) for each in _live(self.client, list_path)}:
                return _because(step, error.label)
        except RefusedError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                return _because(step, error.label)
        return RemovalStep(step.thing, step.name, Removal.REMOVED, step.id)


def _because(step: RemovalStep, said: Label) -> RemovalStep:
    """Ours, but it stays for now."""
    return RemovalStep(step.thing, step.name, Removal.KEPT, step.id, said)


def _params(step: RemovalStep) -> Mapping[str, str] | None:
    """The parameters that make HubSpot refuse to remove what deals are in."""
    return _REFUSE_IN_USE if step.thing in (SetupPart.PIPELINE, SetupPart.STAGE) else None


def _live(client: HubspotClient, path: str) -> Iterator[Mapping[str, Any]]:
    """The items of a list that are not archived."""
    return (each for each in client.call("GET", path).results if not each.get("archived"))

"""What `[hubspot]` of `config.toml` must mean: fields there are, stages as HubSpot calls them,
places the policy has, and one stage of theirs for each move of ours.

Always holds: `stage_map` of a table without mistakes leads every stage somewhere.
"""

import re
from collections.abc import Iterator
from datetime import timedelta

from scheduler.core.config.mistakes import Found, Place, unknown
from scheduler.core.config.rules.stage_lines import Stages, placed, stages_of, theirs_of
from scheduler.core.config.tables.config import ConfigTable
from scheduler.core.config.tables.hubspot import STAGE_KEY, HubSpotStageLine, HubSpotTable
from scheduler.core.imports.placement import Placement
from scheduler.core.policy.hubspot import (
    FROM_LINKED,
    HubSpotSettings,
    LinkedKind,
    StageMap,
    StageRule,
)
from scheduler.core.sync.fields import CLOSE_DATE, DEFAULT_FIELDS, FIELDS
from scheduler.core.words.labels import COMMA, Joined, Label

_STAGES: Place = ("hubspot", "stages")


def hubspot_mistakes(config: ConfigTable) -> Iterator[Found]:
    """Every mistake in the table, where there is one."""
    if config.hubspot is None:
        return
    if config.hubspot.create_renewals:
        yield from _of_renewals(config.hubspot)
    for name, property in config.hubspot.fields.items():
        yield from ((("hubspot", "fields", name), said) for said in _of_field(name, property))
    stages, taken = stages_of(config.pipelines), dict[tuple[str, str, str], str]()
    for key, line in config.hubspot.stages.items():
        yield from _of_line(key, line, stages, taken)
    yield from _spelt_twice(config.hubspot)


def _spelt_twice(table: HubSpotTable) -> Iterator[Found]:
    """Lines that name the same stage of theirs, one of them with a character as % and its number:
    only the last would count."""
    lines: dict[tuple[str, str], str] = {}
    for key in table.stages:
        first = lines.setdefault(theirs_of(key), key)
        if first != key:
            yield (
                (*_STAGES, key),
                Label(
                    'names the same stage as "{first}"; keep only one of the two',
                    first=first,
                ),
            )


def _of_renewals(table: HubSpotTable) -> Iterator[Found]:
    """What keeps the next term's deals from being created: nothing may be written, or a field that
    is read from such a deal cannot be written to it, because reading the deal back would clear the
    term's fields here."""
    if not table.push:
        yield ("hubspot", "create_renewals"), Label("is only possible with push = true; write both")
    for name in FROM_LINKED:
        property = table.fields.get(name, "")
        if "/" in property or property == CLOSE_DATE:
            yield (
                ("hubspot", "fields", name),
                Label(
                    "{property} is never written, so no deal for the next term can be created "
                    "with it; name a property of the deal itself, or remove create_renewals",
                    property=property,
                ),
            )


def _of_field(name: str, property: str) -> Iterator[Label]:
    """What is wrong with one field. Which properties there are only the account knows."""
    kind, slash, _ = property.partition("/")
    if name not in FIELDS:
        yield unknown(name, FIELDS, Label("field"))
    elif slash and kind not in list(LinkedKind):
        yield unknown(kind, list(LinkedKind), Label("kind of record"))
    elif slash and name not in FROM_LINKED:
        yield Label(
            "{field} is read from the deal itself; from {kind} only these can be read: {fields}",
            field=name,
            kind=kind,
            fields=Joined(FROM_LINKED, COMMA),
        )


def _of_line(
    key: str, line: HubSpotStageLine, stages: Stages, taken: dict[tuple[str, str, str], str]
) -> Iterator[Found]:
    """What is wrong with one line. `taken`: the lines that our moves go to already."""
    if not re.fullmatch(STAGE_KEY, key):
        yield (
            (*_STAGES, key),
            Label(
                "write the pipeline's id, a slash and the stage's id, e.g. "
                '"default/closedwon"; a slash inside an id is written %2F'
            ),
        )
    place = _place(line, stages)
    if isinstance(place, list):
        yield from (((*_STAGES, key, *at), said) for at, said in place)
    elif line.target:
        yield from _of_target(key, place, taken)


def _of_target(
    key: str, place: Placement, taken: dict[tuple[str, str, str], str]
) -> Iterator[Found]:
    """A move of ours must lead to one stage in each of their pipelines."""
    at: Place = (*_STAGES, key, "target")
    if not place.stage:
        yield at, Label('needs one of our stages; write e.g. to = "existing/stable"')
        return
    first = taken.setdefault((theirs_of(key)[0], place.pipeline, place.stage), key)
    if first != key:
        yield (
            at,
            Label(
                "{first} is the target for {stage} already; keep only one of the two",
                first=first,
                stage=f"{place.pipeline}/{place.stage}",
            ),
        )


def _place(line: HubSpotStageLine, stages: Stages) -> Placement | list[Found]:
    """`placed`, for a line that may be a deal somebody bought."""
    return placed(line, stages, bought=line.bought)


def hubspot_settings(config: ConfigTable) -> HubSpotSettings | None:
    """The table as the core's value; None where there is none."""
    table = config.hubspot
    if table is None:
        return None
    given = {**DEFAULT_FIELDS, **table.fields}
    return HubSpotSettings(
        every_seconds=table.every_seconds,
        overlap=timedelta(minutes=table.overlap_minutes),
        language=table.language or config.language,
        push=table.push,
        create_renewals=table.create_renewals,
        stages=stage_map(table, stages_of(config.pipelines)),
        fields={name: property for name, property in given.items() if property},
    )


def stage_map(table: HubSpotTable, stages: Stages) -> StageMap:
    """The mapping; lines with mistakes are left out."""
    rules: list[StageRule] = []
    for key, line in table.stages.items():
        place = _place(line, stages)
        if isinstance(place, Placement):
            rules.append(StageRule(theirs_of(key), place, line.target))
    return StageMap(tuple(rules))

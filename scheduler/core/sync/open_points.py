"""What is still open between an account, a mapping and the policy: said before anything is read.

Always holds: each point says what follows from it and what to do; those that `block` keep deals or
everything from being followed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scheduler.core.policy.hubspot import StageMap
from scheduler.core.policy.policy import Policy
from scheduler.core.sync.desired_values import KEY, TYPES
from scheduler.core.sync.guesses import field_problems
from scheduler.core.sync.proposal import unreachable
from scheduler.core.sync.stages import TheirPipeline, problems
from scheduler.core.sync.terms import Account
from scheduler.core.sync.values import PropertyType
from scheduler.core.words.labels import COMMA, Joined, Label


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """One thing somebody should know or fix."""

    said: Label
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class Mapped:
    """A mapping beside the account it is for. `types` are those of the deals' properties;
    `currencies` those in which deals are; `elsewhere` what other records hold days to come, as
    `line_items/hs_end`."""

    stages: StageMap
    fields: Mapping[str, str]
    pipelines: Sequence[TheirPipeline]
    types: Mapping[str, PropertyType]
    account: Account
    currencies: Sequence[str] = ()
    elsewhere: Sequence[str] = ()


def open_points(mapped: Mapped, policy: Policy) -> list[OpenPoint]:
    """Everything that is open, what blocks first."""
    found = [
        *_stages(mapped, policy),
        *_fields(mapped),
        *_moves(mapped, policy),
        *_own_properties(mapped.types),
        *_account(mapped, policy),
    ]
    return sorted(found, key=lambda point: not point.blocks)


def _stages(mapped: Mapped, policy: Policy) -> Iterator[OpenPoint]:
    """Stages without a place, and pipelines without any that has one."""
    if not mapped.pipelines:
        return
    if not mapped.stages.pipelines:
        yield OpenPoint(
            Label(
                "no stage in HubSpot is known here by its name, so nothing can be followed; write "
                "[hubspot.stages] yourself, or have our pipelines made there: renewals sync "
                "hubspot --create --pipelines"
            ),
            blocks=True,
        )
        return
    for problem in problems(mapped.stages, mapped.pipelines, policy):
        yield OpenPoint(problem.said, problem.blocks)
    left_out = [p for p in mapped.pipelines if not _any_line(p, mapped.stages)]
    for pipeline in left_out:
        yield OpenPoint(
            Label(
                "HubSpot's pipeline {pipeline} has no place here; its deals are left out",
                pipeline=pipeline.label,
            )
        )


def _any_line(pipeline: TheirPipeline, stages: StageMap) -> bool:
    return any(stages.place((pipeline.id, stage.id)) for stage in pipeline.stages)


def _fields(mapped: Mapped) -> Iterator[OpenPoint]:
    """Fields that cannot be filled, and the end of a contract."""
    if not mapped.types:
        return
    for problem in field_problems(mapped.fields, mapped.types):
        yield OpenPoint(problem.said, blocks=True)
    if not mapped.fields.get("ends_on"):
        yield OpenPoint(
            Label(
                "no property is named as the end of a contract; ends are reckoned from the close "
                "date and 12 months, and marked as estimated, until ends_on in [hubspot.fields] "
                "names one"
            )
        )
        if mapped.elsewhere:
            yield OpenPoint(
                Label(
                    "there are future dates in {places}; name the one that is the end of a "
                    'contract in [hubspot.fields], e.g. ends_on = "{first}"',
                    places=_listed(mapped.elsewhere),
                    first=mapped.elsewhere[0],
                )
            )


def _moves(mapped: Mapped, policy: Policy) -> Iterator[OpenPoint]:
    """Stages of ours that HubSpot has none for."""
    unseen: dict[str, list[Label]] = {}
    for pipeline, stage in unreachable(mapped.stages, policy):
        unseen.setdefault(pipeline, []).append(policy.pipelines[pipeline].stage(stage).label)
    for pipeline, labels in unseen.items():
        yield OpenPoint(
            Label(
                "{pipeline}: HubSpot has no stage for {stages}, so a move here into one of them is "
                "not shown there as a stage; map one, or make ours (--create --pipelines)",
                pipeline=policy.pipelines[pipeline].label,
                stages=Joined(labels, COMMA),
            )
        )


def _own_properties(types: Mapping[str, PropertyType]) -> Iterator[OpenPoint]:
    """Whether what a push writes to is there, in our types."""
    if not types:
        return
    if KEY not in types:
        yield OpenPoint(
            Label(
                "our own properties are not in HubSpot yet; push needs them: renewals sync hubspot "
                "--create"
            )
        )
    for name, kind in TYPES.items():
        if types.get(name, kind) is not kind:
            yield OpenPoint(
                Label(
                    "HubSpot has a property {name} of type {there}, ours would be of type {ours}; "
                    "rename or remove theirs before you push",
                    name=name,
                    there=types[name].value,
                    ours=kind.value,
                )
            )


def _account(mapped: Mapped, policy: Policy) -> Iterator[OpenPoint]:
    """A zone or currencies other than ours."""
    zone, unknown = mapped.account.zone.key, mapped.account.unknown_zone
    if unknown is not None:
        yield OpenPoint(_unknown_zone(unknown))
    elif zone != policy.zone:
        yield OpenPoint(
            Label(
                "HubSpot's days are those of {theirs}, config.toml's of {ours}; a close date there "
                "is read as the day it is in {theirs}",
                theirs=zone,
                ours=policy.zone,
            )
        )
    used = dict.fromkeys((mapped.account.currency, *mapped.currencies))
    unrated = [c for c in used if c != policy.base_currency and c not in policy.rates]
    if unrated:
        yield OpenPoint(
            Label(
                "deals are in {currencies}, which have no rate under `rates` in config.toml; "
                "their amounts cannot be compared with others",
                currencies=_listed(unrated),
            )
        )


def _unknown_zone(said: str) -> Label:
    """A zone that is only guessed."""
    if not said:
        return Label(
            "HubSpot does not say its time zone; days are read as those of UTC, so that a close "
            "date there may be read as the day before or after"
        )
    return Label(
        "HubSpot's time zone {zone} is not known on this machine; days are read as those of UTC, "
        "so that a close date there may be read as the day before or after; update tzdata here",
        zone=said,
    )


def _listed(names: Iterable[str]) -> Joined:
    return Joined(names, COMMA)

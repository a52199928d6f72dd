"""Checks the rest of a file in which something cannot be read, without reporting mistakes that only
follow from it.

Always holds: an independent mistake is never left out because of another one.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scheduler.core.config.mistakes import Found, Place, structural
from scheduler.core.config.tables.config import CONFIG
from scheduler.core.config.tables.shape import Root, Shape

_LABEL, _ADDRESS, _ID = "?", "email:nobody@nowhere.example", "unreadable"
_STAGE = {"id": _ID, "kind": "open", "label": _LABEL}
_REASON = {"id": _ID, "label": _LABEL}
_PIPELINE = {"id": _ID, "label": _LABEL, "fallback": _ADDRESS, "stages": [_STAGE]}
_MILESTONE = {
    "id": _ID,
    "pipeline": _ID,
    "label": _LABEL,
    "anchor": "starts_on",
    "offset": "0 days",
}
_BAND = {"points": 100}
_MEASURE = {"id": _ID, "label": _LABEL, "signal": _ID, "bands": [_BAND]}
_HARD_RULE = {"id": _ID, "label": _LABEL, "signal": _ID, "at_least": 1, "state": "critical"}
_CLOSURE = {"days": "01-01", "label": _LABEL}

_STAND_INS: Mapping[tuple[str, ...], Any] = {
    ("admins",): [_ADDRESS],
    ("admins", "0"): _ADDRESS,
    ("calendars",): {},
    ("calendars", "*"): {},
    ("calendars", "*", "weekend", "0"): "sat",
    ("calendars", "*", "closures", "0"): _CLOSURE,
    ("pipelines",): [_PIPELINE],
    ("pipelines", "0"): _PIPELINE,
    ("pipelines", "0", "stages"): [_STAGE],
    ("pipelines", "0", "stages", "0"): _STAGE,
    ("pipelines", "0", "stages", "0", "was", "0"): _ID,
    ("pipelines", "0", "lost_reasons", "0"): _REASON,
    ("milestones", "0"): _MILESTONE,
    ("milestones", "0", "stages", "0"): _ID,
    ("milestones", "0", "tell", "0"): "owner",
    ("milestones", "0", "was", "0"): _ID,
    ("health", "measures", "0"): _MEASURE,
    ("health", "measures", "0", "bands", "0"): _BAND,
    ("health", "measures", "0", "bands", "0", "points"): 100,
    ("health", "measures", "0", "stages", "0"): _ID,
    ("health", "rules", "0"): _HARD_RULE,
    ("health", "rules", "0", "stages", "0"): _ID,
    ("health", "reasons", "0"): _REASON,
    **{("health", "reasons", "0", key): value for key, value in _REASON.items()},
    **{("health", "measures", "0", key): value for key, value in _MEASURE.items()},
    **{("health", "rules", "0", key): value for key, value in _HARD_RULE.items()},
    **{("pipelines", "0", key): value for key, value in _PIPELINE.items() if key != "stages"},
    **{("pipelines", "0", "stages", "0", key): value for key, value in _STAGE.items()},
    **{("pipelines", "0", "lost_reasons", "0", key): value for key, value in _REASON.items()},
    **{("milestones", "0", key): value for key, value in _MILESTONE.items()},
    **{("calendars", "*", "closures", "0", key): value for key, value in _CLOSURE.items()},
}
"""What is read in place of something unreadable that cannot be left out; `0` stands for every item,
`*` for every name."""

_MATTERS = ("id", "kind", "health", "was")
"""What others look at in a stage."""


def mended(raw: Mapping[str, Any], broken: Sequence[Found], shape: Shape[Root]) -> Root | None:
    """The file with unreadable parts left out, or replaced by readable ones."""
    copy = json.loads(json.dumps(raw, default=str))
    stand_ins = _STAND_INS if shape.root is CONFIG.root else {}
    for place, _ in broken:
        _mend(copy, place, stand_ins)
        if place[:1] == ("milestones",) and len(place) > 2:
            _mend(copy, (*place[:2], "series"), stand_ins)
    return structural(copy, shape)[0]


def _mend(raw: Any, place: Place, stand_ins: Mapping[tuple[str, ...], Any]) -> None:
    """Removes or replaces the value at one place, unless it is already gone."""
    around = raw
    for step in place[:-1]:
        try:
            around = around[step]
        except (KeyError, IndexError, TypeError):
            return
    stand_in = stand_ins.get(_form(place))
    if isinstance(around, list) and isinstance(place[-1], int) and place[-1] < len(around):
        around[place[-1]] = stand_in
    elif isinstance(around, dict):
        around.pop(place[-1], None)
        if stand_in is not None:
            around[place[-1]] = stand_in


def _form(place: Place) -> tuple[str, ...]:
    """A place without its numbers and names."""
    steps = ["0" if isinstance(step, int) else step for step in place]
    if steps[:1] == ["calendars"]:
        steps[1:2] = "*"
    return tuple(steps)


def not_of(secret: Sequence[Found], found: Iterable[Found]) -> list[Found]:
    """The mistakes found outside a secret, what surrounds it and its parts."""
    places = [place for place, _ in secret]
    return [(place, label) for place, label in found if not any(_touch(place, at) for at in places)]


def not_following(broken: Sequence[Found], meant: Iterable[Found]) -> list[Found]:
    """The mistakes that do not depend on the broken places."""
    places = [place for place, _ in broken]
    return [
        (place, label) for place, label in meant if not any(_follows(place, at) for at in places)
    ]


def _touch(one: Place, other: Place) -> bool:
    """Whether one place is the other, or lies in or around it."""
    return one[: len(other)] == other or other[: len(one)] == one


def _follows(place: Place, broken: Place) -> bool:
    """Whether a mistake at `place` may only follow from the broken one."""
    of_stage = broken[:1] == ("pipelines",) and broken[2:3] == ("stages",)
    if of_stage and len(broken) > 4 and broken[4] not in _MATTERS:
        return _touch(place, broken) and len(place) >= len(broken)
    return _touch(place, broken) or _rests_on(place, broken)


def _rests_on(place: Place, broken: Place) -> bool:
    """Whether the value at `place` can only be judged together with the broken one."""
    match place:
        case ("calendar",) | ("pipelines", _, "calendar"):
            return broken[:1] == ("calendars",) and len(broken) <= 2
        case ("milestones", _, "pipeline") | ("pipelines", _, "opens"):
            return broken[:1] == ("pipelines",) and (len(broken) <= 2 or broken[2] == "id")
        case (
            ("milestones", _, "stages" | "moves_to", *_)
            | ("milestones", _, "where", "health")
            | ("pipelines", _, "default_active" | "onboarding_days")
        ):
            return broken[:1] == ("pipelines",) and (
                len(broken) <= 2 or broken[2] in ("id", "stages")
            )
        case ("milestones", _, "template"):
            return broken[:1] == ("milestones",) and broken[2:] == ("id",)
        case ("calendars", name, "subdivision"):
            return broken == ("calendars", name, "country")
        case ("pipelines", pipeline, "stages", stage, *_):
            return broken == ("pipelines", pipeline, "stages", stage, "kind")
        case ("hubspot", "stages", *_):
            return broken[:1] == ("pipelines",) and (
                len(broken) <= 2 or broken[2] in ("id", "stages")
            )
        case ("health", kind, part, "window" | "against"):
            return broken == ("health", kind, part, "reads")
        case ("machine", "send_seconds"):
            return broken == ("machine", "lease_seconds")
        case ("rates", _):
            return broken == ("base_currency",)
    return False

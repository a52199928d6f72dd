"""What a line of `[stages]` in a mapping file, or of `[hubspot.stages]`, means beside the policy's
pipelines: the place where a stage of another system lands.

Always holds: what a line names and the policy has not is said with what was meant; a name that a
stage had before is that stage.
"""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote, unquote

from scheduler.core.config.mistakes import Found, unknown
from scheduler.core.config.tables.pipelines import PipelineTable
from scheduler.core.config.tables.stage_lines import StageLine
from scheduler.core.deal.pipeline import Pipeline
from scheduler.core.imports.placement import UNKNOWN_PROGRESS, Placement
from scheduler.core.words.labels import Label

SKIP = "skip"
UNKNOWN = "unknown"
"""What a line says for `after` where nobody knows how far a lost deal had come."""

_ESCAPED = str.maketrans({"%": "%25", "/": "%2F", "\t": "%09", "\n": "%0A", "\r": "%0D"})


def stage_key(pipeline: str, stage: str) -> str:
    """What a line of `[hubspot.stages]` is called. Ids stand in it as HubSpot has them; what cannot
    stand there (a slash, white space at an end) as % and its number.

    >>> stage_key("default", "Won / signed"), theirs_of("default/Won %2F signed")
    ('default/Won %2F signed', ('default', 'Won / signed'))
    """
    return f"{_escaped(pipeline)}/{_escaped(stage)}"


def _escaped(id: str) -> str:
    """One id."""
    inner = id.strip()
    before, _, after = id.partition(inner) if inner else ("", "", id)
    return quote(before, safe="") + inner.translate(_ESCAPED) + quote(after, safe="")


def theirs_of(key: str) -> tuple[str, str]:
    """Both ids of a line of `[hubspot.stages]`."""
    pipeline, _, stage = key.partition("/")
    return unquote(pipeline), unquote(stage)


Stages = Mapping[str, Mapping[str, str]]
"""By pipeline: everything its stages are and were called, with the id each has now; the ids come
first, in their order."""


def stages_of(pipelines: Iterable[Pipeline | PipelineTable]) -> Stages:
    """The stages that lines may name."""
    return {p.id: _called([(s.id, s.was) for s in p.stages]) for p in pipelines}


def _called(stages: Sequence[tuple[str, Sequence[str]]]) -> dict[str, str]:
    """The ids, then what they replace, where no stage is called so; the first stage wins."""
    known = {id: id for id, _ in stages}
    for id, earlier in stages:
        for was in earlier:
            known.setdefault(was, id)
    return known


def allowed(stages: Stages) -> list[str]:
    """Everything that may stand on the right side."""
    return [*stages, *(f"{p}/{s}" for p, known in stages.items() for s in _ids(known)), SKIP]


def placed(line: StageLine, stages: Stages, *, bought: bool = False) -> Placement | list[Found]:
    """Where a line leads, or what is wrong with it by its keys."""
    if line.to == SKIP:
        return Placement("", skip=True)
    wrong: list[Found] = []
    pipeline, stage = _split("to", line.to, stages, wrong)
    after = _after(line.after, stages.get(pipeline), wrong)
    otherwise = (
        Placement(*_split("without_contract", line.without_contract, stages, wrong))
        if line.without_contract
        else None
    )
    return wrong or Placement(
        pipeline, stage, after, otherwise, bought=bought, due=line.close_date == "end"
    )


def _split(key: str, target: str, stages: Stages, wrong: list[Found]) -> tuple[str, str]:
    """The pipeline and the stage of `existing/stable`; the stage is empty where only a pipeline is
    named."""
    pipeline, _, stage = target.partition("/")
    known = stages.get(pipeline)
    if known is None:
        wrong.append(((key,), unknown(target, allowed(stages), Label("stage"))))
    elif stage and stage not in known:
        wrong.append(((key,), unknown(stage, _ids(known), Label("stage"))))
    else:
        return pipeline, known[stage] if stage else ""
    return "", ""


def _after(after: str, known: Mapping[str, str] | None, wrong: list[Found]) -> str:
    """How far a lost deal had come."""
    if after == UNKNOWN:
        return UNKNOWN_PROGRESS
    if after and known is not None and after not in known:
        wrong.append((("after",), unknown(after, [*_ids(known), UNKNOWN], Label("stage"))))
    return known.get(after, after) if known is not None else after


def _ids(known: Mapping[str, str]) -> list[str]:
    """The present ids."""
    return list(dict.fromkeys(known.values()))

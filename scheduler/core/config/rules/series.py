"""The rules for the milestones of one series together: later ones lead further, and each of them
can fire.

Always holds: only days counted from the same anchor are compared, and only if it is clear which
comes first.
"""

from collections.abc import Iterator
from itertools import combinations

from scheduler.core.config.mistakes import Found
from scheduler.core.config.rules.milestones import rough_days, stage_called
from scheduler.core.config.tables.config import ConfigTable
from scheduler.core.config.tables.milestones import MilestoneTable
from scheduler.core.time.dates import Offset
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Anchor

_CLEARLY = 5

_Numbered = tuple[int, MilestoneTable]


def series_mistakes(config: ConfigTable) -> Iterator[Found]:
    """Every mistake in the order of milestones."""
    milestones = list(enumerate(config.milestones))
    for one, other in combinations(milestones, 2):
        if (
            one[1].id != other[1].id
            and _series(one[1]) == _series(other[1])
            and one[1].anchor is other[1].anchor
        ):
            yield from _moves_back(one, other, config)
            yield from _never_heard(one, other)


def _series(milestone: MilestoneTable) -> tuple[str, str]:
    """A milestone's series with its pipeline; without a series it forms its own."""
    return milestone.pipeline, milestone.series or milestone.id


def _moves_back(one: _Numbered, other: _Numbered, config: ConfigTable) -> Iterator[Found]:
    """Finds two milestones of which the later leads to the earlier stage."""
    earlier, later = sorted((one, other), key=lambda m: rough_days(Offset.parse(m[1].offset)))
    first_on, second_on = (rough_days(Offset.parse(m[1].offset)) for m in (earlier, later))
    pipeline = next((p for p in config.pipelines if p.id == earlier[1].pipeline), None)
    after_the_end = later[1].anchor is Anchor.ENDS_ON and second_on > 0
    if pipeline is None or second_on - first_on < _CLEARLY or after_the_end:
        return
    first, second = (stage_called(m[1].moves_to or "", pipeline) for m in (earlier, later))
    if (
        first is not None
        and second is not None
        and pipeline.stages.index(second) < pipeline.stages.index(first)
    ):
        yield (
            ("milestones", later[0], "moves_to"),
            Label(
                (
                    "leads back: {id} comes earlier and has already moved the deal to "
                    "{first_id}; swap the two"
                ),
                id=earlier[1].id,
                first_id=first.id,
            ),
        )


def _never_heard(one: _Numbered, other: _Numbered) -> Iterator[Found]:
    """Finds two milestones for the same deals on the same day: only the last of a series would
    fire."""
    a, b = one[1], other[1]
    alike = (a.every, a.shift, a.month_end, a.spread, set(a.stages), a.where) == (
        b.every,
        b.shift,
        b.month_end,
        b.spread,
        set(b.stages),
        b.where,
    )
    if alike and Offset.parse(a.offset) == Offset.parse(b.offset):
        yield (
            ("milestones", other[0], "offset"),
            Label(
                (
                    "falls on the same day as {a_id} of the same series, so nobody would ever be "
                    "told about {a_id}; choose another day or another series"
                ),
                a_id=a.id,
            ),
        )

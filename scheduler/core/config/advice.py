"""What is allowed in a policy but probably not meant: `renewals check` notes it, nothing is refused
because of it.

Always holds: the shipped configuration needs no advice.
"""

from collections.abc import Iterator

from scheduler.core.deal.pipeline import Pipeline, StageKind
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import Offset
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Anchor


def advice(policy: Policy) -> Iterator[Label]:
    """Everything that is worth a second look, in the order of the file."""
    for pipeline in policy.pipelines.values():
        yield from _unreached(pipeline, policy)
    for milestone in policy.milestones:
        yield from _without_effect(milestone)
        yield from _after_the_end(milestone, policy.pipelines[milestone.pipeline])


def _unreached(pipeline: Pipeline, policy: Policy) -> Iterator[Label]:
    """Renewal stages into which only people move deals."""
    led_to = {m.moves_to for m in policy.milestones if m.pipeline == pipeline.id}
    for stage in pipeline.of_kind(StageKind.RENEWAL):
        if stage.id not in led_to:
            yield Label(
                (
                    f"pipelines[{pipeline.id}]：{stage.id} "
                    "へ移す通知タイミングがありません(人が動かさないかぎり、取引は入りません)。"
                ),
                (
                    f"pipelines[{pipeline.id}]: no milestone moves a deal to {stage.id}; only "
                    "people will"
                ),
            )


def _without_effect(milestone: Milestone) -> Iterator[Label]:
    """What does nothing."""
    if milestone.moves_to is None and not milestone.tell:
        yield Label(
            f"milestones[{milestone.id}]：取引を移さず、誰にも知らせません(記録だけが残ります)。",
            f"milestones[{milestone.id}]: moves nothing and tells nobody; it only leaves a record",
        )
    if milestone.open_until is not None and not milestone.where and not milestone.in_stages:
        yield Label(
            (
                f"milestones[{milestone.id}].open_until：条件(where、stages)がないので、"
                "待つものがありません。"
            ),
            (
                f"milestones[{milestone.id}].open_until: there is no condition (where, stages) to "
                "wait for"
            ),
        )


def _after_the_end(milestone: Milestone, pipeline: Pipeline) -> Iterator[Label]:
    """A sign that was perhaps forgotten."""
    offset = milestone.offset
    closed = [s for s in milestone.in_stages if not pipeline.stage(s).is_open]
    if (
        milestone.anchor is Anchor.ENDS_ON
        and min(offset.months, offset.days, offset.business_days) >= 0
        and offset != Offset()
        and not closed
    ):
        meant = Offset(-offset.months, -offset.days, -offset.business_days)
        yield Label(
            (
                f"milestones[{milestone.id}].offset：満了日より後({offset})です。"
                f"前であれば「{meant}」と書いてください。"
            ),
            (
                f"milestones[{milestone.id}].offset: {offset} is after the end; if before is meant,"
                f' write "{meant}"'
            ),
        )

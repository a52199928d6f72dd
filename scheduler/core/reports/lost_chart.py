"""The chart of what was lost: how many deals for each reason, by the customer's health 30 days
before the end."""

from collections.abc import Mapping, Sequence

from scheduler.core.deal.deal import LostReason
from scheduler.core.deal.pipeline import Pipeline
from scheduler.core.reports.losses import LossLine, by_reason
from scheduler.core.reports.pictures import TONES, Bars, Chart, Series, Words
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Health


def lost_chart(
    found: Sequence[tuple[Pipeline, Sequence[LossLine]]],
    reasons: Mapping[str, Sequence[LostReason]],
) -> Chart:
    """A panel for each pipeline that lost anything; `reasons` are those of the policy, by
    pipeline. The reason with the most deals stands at the top."""
    panels = tuple(
        _panel(pipeline, lines, {one.id: one.label for one in reasons.get(pipeline.id, ())})
        for pipeline, lines in found
        if lines
    )
    return Chart(Label("Deals lost, by reason and health 30 days before the end"), panels)


def _panel(pipeline: Pipeline, lines: Sequence[LossLine], called: Mapping[str, Label]) -> Bars:
    """The reasons of one pipeline, stacked by health."""
    counts: dict[tuple[str, Health], int] = {}
    for line in lines:
        at = line.cell.reason, line.cell.late
        counts[at] = counts.get(at, 0) + line.deals
    order = [reason for reason, _ in by_reason(lines)]
    series = tuple(
        Series(health.label.as_title, tone, tuple(counts.get((r, health), 0) for r in order))
        for health, tone in TONES.items()
        if any(state is health for _, state in counts)
    )
    return Bars(pipeline.label, tuple(_reason(one, called) for one in order), series, across=True)


def _reason(reason: str, called: Mapping[str, Label]) -> Words:
    """What a reason is called; an old one that the policy no longer has by its id."""
    return called.get(reason, reason) if reason else Label("(no reason)")

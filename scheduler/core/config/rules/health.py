"""What `[health]` of `config.toml` must mean: bands and thresholds in their order, stages and
fields there are, rules that can hold."""

from collections.abc import Iterator
from datetime import timedelta

from scheduler.core.config.conditions import condition_mistake, conditions
from scheduler.core.config.fields import span
from scheduler.core.config.mistakes import Found, Place, unknown
from scheduler.core.config.rules.ids import same_ids
from scheduler.core.config.tables.config import ConfigTable
from scheduler.core.config.tables.health import (
    GaugeTable,
    HardRuleTable,
    HealthReasonTable,
    HealthTable,
    MeasureTable,
)
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.health.policy import (
    REASONS,
    Band,
    Gauge,
    HardRule,
    HealthPolicy,
    HealthReason,
    Measure,
    Reads,
    Thresholds,
)
from scheduler.core.policy.milestones import LASTING_FIELDS
from scheduler.core.words.conditions import Condition
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Health

_CLOSED = (StageKind.WON, StageKind.LOST)


def health_mistakes(config: ConfigTable) -> Iterator[Found]:
    """Every mistake in `[health]`; none where there is no such table."""
    table = config.health
    if table is None:
        return
    measured = [measure.id for measure in table.measures]
    yield from same_ids(("health", "measures"), measured)
    yield from same_ids(("health", "rules"), [rule.id for rule in table.rules])
    yield from same_ids(("health", "reasons"), [each.id for each in table.reasons or ()])
    yield from _bounds(table)
    for number, measure in enumerate(table.measures):
        place: Place = ("health", "measures", number)
        yield from _reading(measure, place, config)
        yield from _bands(measure, (*place, "bands"))
    for number, rule in enumerate(table.rules):
        place = ("health", "rules", number)
        yield from _reading(rule, place, config)
        if rule.id in measured:
            yield (*place, "id"), Label('"{id}" is a measure already', id=rule.id)
        if (rule.at_least is None) == (rule.below is None):
            yield (
                (*place, "at_least"),
                Label("write either at_least or below, e.g. at_least = 1"),
            )


def _bounds(table: HealthTable) -> Iterator[Found]:
    """Critical is below at risk, and a state is not left below where it begins."""
    for name, bounds in (("enter", table.enter), ("leave", table.leave)):
        if bounds.critical >= bounds.at_risk:
            yield (
                ("health", name, "critical"),
                Label("must be below at_risk ({at_risk:g})", at_risk=bounds.at_risk),
            )
    for state in ("at_risk", "critical"):
        enter, leave = getattr(table.enter, state), getattr(table.leave, state)
        if leave < enter:
            yield (
                ("health", "leave", state),
                Label(
                    "is below enter's {enter:g}, so the state would end where it begins; write "
                    "{enter:g} or more",
                    enter=enter,
                ),
            )


def _bands(measure: MeasureTable, place: Place) -> Iterator[Found]:
    """The bands have ascending bounds, and only the last one has none."""
    last = len(measure.bands) - 1
    before: float | None = None
    for number, band in enumerate(measure.bands):
        if number == last and band.below is not None:
            yield (
                (*place, number, "below"),
                Label("the last band must have no bound; remove `below`, or add another band"),
            )
        elif number != last and band.below is None:
            yield (
                (*place, number, "below"),
                Label("only the last band may be without a bound; write e.g. below = 10"),
            )
        elif band.below is not None and before is not None and band.below <= before:
            yield (
                (*place, number, "below"),
                Label("overlaps the band before ({before:g}); write a larger bound", before=before),
            )
        before = band.below if band.below is not None else before


def _reading(part: GaugeTable, place: Place, config: ConfigTable) -> Iterator[Found]:
    """The stages and conditions of one part; spans that its kind does not look at."""
    known = {s.id for p in config.pipelines for s in p.stages if s.kind not in _CLOSED}
    for number, stage in enumerate(part.stages):
        if stage not in known:
            yield (*place, "stages", number), unknown(stage, sorted(known), Label("open stage"))
    for field, value in part.where.items():
        if field not in LASTING_FIELDS:
            yield (
                (*place, "where", field),
                unknown(field, LASTING_FIELDS, Label("field for a condition on health")),
            )
        elif (wrong := condition_mistake(field, value)) is not None:
            yield (*place, "where", field), wrong
    if part.reads in (Reads.LATEST, Reads.AGE) and "window" in part.model_fields_set:
        yield (
            (*place, "window"),
            Label("reads = {reads} does not use a window; remove it", reads=part.reads.value),
        )
    if part.reads is not Reads.CHANGE and "against" in part.model_fields_set:
        yield (
            (*place, "against"),
            Label('only belongs with reads = "change"; remove it'),
        )


def health_policy(config: ConfigTable) -> HealthPolicy | None:
    """`[health]` as the core's value; None where there is no such table."""
    table = config.health
    if table is None:
        return None
    return HealthPolicy(
        measures=tuple(_measure(measure) for measure in table.measures),
        rules=tuple(_hard_rule(rule) for rule in table.rules),
        thresholds=Thresholds(
            table.enter.at_risk, table.enter.critical, table.leave.at_risk, table.leave.critical
        ),
        least_share=table.least_share,
        least_days=timedelta(days=table.least_days),
        by_customer=table.of == "customer",
        override_for=span(table.override_for) if table.override_for else None,
        notice=Health(table.notice) if table.notice else None,
        pulse_after=span(table.pulse_after) if table.pulse_after else None,
        pulse_months=tuple(sorted(set(table.pulse_months), reverse=True)),
        pulse_fresh=span(table.pulse_fresh),
        reasons=REASONS
        if table.reasons is None
        else tuple(_reason(each) for each in table.reasons),
    )


def _reason(table: HealthReasonTable) -> HealthReason:
    return HealthReason(
        table.id, table.label.label(), tuple(Health(state) for state in table.states or ())
    )


def _measure(table: MeasureTable) -> Measure:
    return Measure(
        table.id,
        table.label.label(),
        _made(table),
        tuple(Band(band.points, band.below) for band in table.bands),
        table.weight,
        table.missing,
        tuple(table.stages),
        _where(table),
    )


def _hard_rule(table: HardRuleTable) -> HardRule:
    return HardRule(
        table.id,
        table.label.label(),
        _made(table),
        Health(table.state),
        table.at_least,
        table.below,
        tuple(table.stages),
        _where(table),
    )


def _made(table: GaugeTable) -> Gauge:
    """What is made of the signal."""
    return Gauge(
        table.signal.strip().casefold(),
        table.reads,
        span(table.window),
        span(table.against),
        span(table.expires) if table.expires else None,
    )


def _where(table: GaugeTable) -> tuple[Condition, ...]:
    """The conditions together."""
    return tuple(c for field, value in table.where.items() for c in conditions(field, value))

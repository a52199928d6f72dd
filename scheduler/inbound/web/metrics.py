"""The figures in Prometheus's text format, by the library prometheus-client, which is an extra.

Always holds: an age is in seconds and 0 where nothing waits; an instant that never was is left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from scheduler.core.words.labels import Label, in_all_languages
from scheduler.services.audit.measuring import Measures, SyncMeasures

if TYPE_CHECKING:
    from prometheus_client import Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


_NO_LIBRARY = Label(
    "/metrics needs prometheus-client: run `pip install prometheus-client` in this program's "
    "environment."
)


class NoMetricsError(Exception):
    """The library is not installed; the text says how to install it."""

    def __init__(self) -> None:
        super().__init__(in_all_languages(_NO_LIBRARY, " / "))


class _Figures:
    """What prometheus-client asks for at a scrape."""

    def __init__(self, families: "Iterable[Metric]") -> None:
        self._families = families

    def collect(self) -> "Iterable[Metric]":
        """The families."""
        return self._families


def exposition(measures: Measures) -> bytes:
    """The page that Prometheus reads. Raises NoMetricsError where the library is missing."""
    try:
        from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415  (an extra)
    except ImportError:
        raise NoMetricsError from None
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(list(_families(measures))))
    return generate_latest(registry)


def _families(measures: Measures) -> "Iterator[Metric]":
    """Every figure with what it means."""
    facts, vitals, channels = measures.installation, measures.vitals, sorted(measures.channels)
    now, queues = facts.at, {c.value: facts.queue(c) for c in channels}
    yield _labelled("info", "The version that runs.", "version", {measures.version: 1})
    yield _gauge(
        "oldest_alarm_seconds",
        "How long ago the earliest alarm rang that no sweep has answered to yet.",
        _age(now, facts.oldest_alarm_at),
    )
    if facts.last_sweep_at is not None:
        yield _gauge(
            "last_sweep_timestamp_seconds",
            "When a sweep last had nothing left to do.",
            facts.last_sweep_at.timestamp(),
        )
    oldest = {c: _age(now, q.oldest_at) for c, q in queues.items()}
    yield _labelled(
        "oldest_message_seconds",
        "How long the message has waited that could have left first.",
        "channel",
        oldest,
    )
    yield _labelled(
        "messages_waiting",
        "Messages that could leave.",
        "channel",
        {c: q.waiting for c, q in queues.items()},
    )
    paused = {c: int(q.paused_at is not None) for c, q in queues.items()}
    yield _labelled(
        "channel_paused",
        "1 while a channel does not work and is only tried now and then.",
        "channel",
        paused,
    )
    yield _gauge(
        "messages_in_doubt", "Messages of which nobody knows whether they arrived.", facts.doubtful
    )
    yield _gauge("messages_held", "Messages that wait for a person.", facts.held)
    yield _gauge("nudges_held", "Nudges that wait for a person.", facts.held_nudges)
    yield _outcomes(measures)
    yield _gauge(
        "clock_doubted", "1 while the time is doubted and nothing is sent.", int(vitals.doubted)
    )
    yield _labelled(
        "job_failures", "Failures in a row.", "job", {job.name: job.failures for job in vitals.jobs}
    )
    yield _labelled(
        "job_idle_seconds",
        "Since a job last came to an end or went on.",
        "job",
        {job.name: job.idle_seconds for job in vitals.jobs},
    )
    if facts.last_balance is not None:
        yield _gauge(
            "balance_timestamp_seconds",
            "When it was last proved that nothing was lost.",
            facts.last_balance.at.timestamp(),
        )
        yield _gauge("balance_ok", "1 if every row agreed.", int(facts.last_balance.balanced))
        yield _gauge(
            "balance_faults", "Rows that did not agree.", sum(facts.last_balance.faults.values())
        )
    yield from _punctual(measures)
    if measures.sync is not None:
        yield from _in_step(measures.sync, now)


def _in_step(sync: SyncMeasures, now: datetime) -> "Iterator[Metric]":
    """How far HubSpot and the deals here are in step."""
    standing, pushes = sync.standing, sync.pushes
    yield _labelled(
        "hubspot_records",
        "Deals of HubSpot's that are known, by what became of them.",
        "state",
        standing.states,
    )
    yield _labelled(
        "hubspot_pushes",
        "Deals by whether HubSpot was told of them.",
        "state",
        {
            "told": pushes.in_step,
            "due": pushes.due,
            "under_way": pushes.under_way,
            "unknown": pushes.unknown,
            "parked": pushes.parked_count,
        },
    )
    yield _gauge("hubspot_held", "Deals that are not followed.", standing.held_count)
    yield _gauge(
        "hubspot_waiting", "Records that wait to be taken in.", sum(standing.waits.values())
    )
    yield _gauge("hubspot_conflicts", "Times both sides spoke.", standing.conflict_count)
    yield _gauge(
        "hubspot_hindered", "1 while rounds with HubSpot are broken off.", bool(standing.trouble)
    )
    lag = standing.lag(now)
    if lag is not None:
        yield _gauge(
            "hubspot_lag_seconds",
            "How long ago a round with HubSpot last ended.",
            max(0.0, lag.total_seconds()),
        )
    if standing.drift is not None:
        yield _gauge(
            "hubspot_drift", "Differences that the last comparison left.", standing.drift.left
        )
    if standing.quota is not None:
        yield _gauge(
            "hubspot_calls_left", "The day's calls that are left to all apps.", standing.quota.left
        )


def _punctual(measures: Measures) -> "Iterator[Metric]":
    """Nudges due by month and channel, and what became of them; why they were late or missing."""
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

    due = GaugeMetricFamily(
        "renewals_nudges_due",
        "Nudges due, by what became of them (docs/delivery.md).",
        labels=["month", "channel", "became"],
    )
    why = GaugeMetricFamily(
        "renewals_nudges_late",
        "Nudges late or missing, by the reason.",
        labels=["month", "channel", "because"],
    )
    for line in measures.punctual:
        place = [f"{line.month_on:%Y-%m}", line.channel]
        for became in ("in_time", "late", "missing"):
            due.add_metric([*place, became], getattr(line, became))
        for cause, count in line.because.items():
            why.add_metric([*place, cause.value], count)
    yield due
    yield why


def _outcomes(measures: Measures) -> "Metric":
    """What became of messages since this process began."""
    from prometheus_client.core import CounterMetricFamily  # noqa: PLC0415

    family = CounterMetricFamily(
        "renewals_messages",
        "What became of messages since the daemon began.",
        labels=["channel", "outcome"],
    )
    for (channel, outcome), count in sorted(measures.outcomes.items()):
        family.add_metric([channel.value, outcome], count)
    return family


def _gauge(name: str, means: str, value: float) -> "Metric":
    """One figure."""
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

    return GaugeMetricFamily(f"renewals_{name}", means, value=value)


def _labelled(name: str, means: str, label: str, values: Mapping[str, float]) -> "Metric":
    """One figure for each of several."""
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

    family = GaugeMetricFamily(f"renewals_{name}", means, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _age(now: datetime, at: datetime | None) -> float:
    """Seconds since an instant; 0 where there is none."""
    return max(0.0, (now - at).total_seconds()) if at is not None else 0.0

"""The daemon put together: its jobs and how often each is looked at, its listeners, its watch on
the clock; it serves until it is told to stop."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING

from scheduler.core.words.lexicon import ChannelName
from scheduler.daemon.clock_watch import ClockWatch
from scheduler.daemon.heartbeat import say_heartbeat
from scheduler.daemon.hubspot_job import LOOK_SECONDS as HUBSPOT_SECONDS
from scheduler.daemon.hubspot_job import HubSpotJob
from scheduler.daemon.jobs import Jobs
from scheduler.daemon.loop import EXIT_GONE, Daemon, Job
from scheduler.services.audit.heartbeat import Heartbeat
from scheduler.services.audit.measuring import Measures
from scheduler.system.clock import steady_seconds, synchronised, this_machine
from scheduler.system.job_health import JobHealth
from scheduler.system.logs import log
from scheduler.system.signals import Signals
from scheduler.system.systemd import Notifier

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.daemon.liveness_endpoint import LivenessEndpoint
    from scheduler.inbound.slack.listener import SlackListener
    from scheduler.inbound.web.listener import Listener

ALARM_SECONDS = 2.0
LISTENER_SECONDS = 5.0
DIGEST_SECONDS = BACKUP_SECONDS = WATCHER_SECONDS = 60.0
HOUSEKEEPING_SECONDS = 3600.0
"""How often the jobs are looked at that no setting says it of."""


def serve(
    app: "App", signals: Signals, endpoint: "LivenessEndpoint", leave: Callable[[int], None]
) -> int:
    """Until told to stop; the exit code. `leave` ends the process at once, where the database is
    gone."""
    rounds, job_health = Jobs(app), JobHealth()
    rounds.tell_of_start()
    health, notifier = app.health(job_health.vitals), Notifier(app.env)

    def measures() -> Measures:
        return app.measures(job_health.vitals(), rounds.deliveries.outcomes)

    hubspot = HubSpotJob(app, lambda: rounds.holding.held, lambda: daemon.wake("sweep"))
    pages = app.listener(health, measures) if app.config.machine.listen else nullcontext()
    endpoint.hand_over(health, measures)
    with pages as listener, _listening_to_slack(app, rounds) as slack:
        daemon = Daemon(
            (
                *_rounds_of(app, rounds),
                Job("hubspot", HUBSPOT_SECONDS, hubspot.step),
                *_watching_outside(app, rounds, job_health),
                *_looking_after(listener, endpoint.listener, slack),
            ),
            ClockWatch(app.clock, steady_seconds, app.keeping, synchronised, this_machine),
            notifier,
            rounds.edits.look,
            rounds.doubted,
            signals=signals,
            gone=partial(rounds.holding.cannot_go_on, app.presence().gone),
            on_gone=rounds.alarms.database_gone,
            job_health=job_health,
        )
        rounds.sweeps.on_swept = partial(daemon.wake, "deliver")
        code = daemon.run(", ".join(_status(app, listener, endpoint.listener, slack)))
        hubspot.close()
        if code == EXIT_GONE:
            leave(code)
        rounds.deliveries.end(partial(_wait, signals, notifier))
        return code


def _wait(signals: Signals, notifier: Notifier, seconds: float, because: str) -> None:
    """Waits, and asks systemd for the time."""
    notifier.waiting(because, seconds)
    signals.next(seconds)


def _rounds_of(app: "App", rounds: Jobs) -> tuple[Job, ...]:
    """The jobs that a daemon is for."""
    machine = app.config.machine
    return (
        Job("sweep", machine.sweep_seconds, rounds.sweeps.step),
        Job("deliver", machine.deliver_seconds, rounds.deliveries.step),
        Job("digests", DIGEST_SECONDS, rounds.digesting.step),
        Job("alarms", ALARM_SECONDS, rounds.alarms.step, needs_clock=False),
        Job("backup", BACKUP_SECONDS, rounds.copies.step),
        Job("housekeeping", HOUSEKEEPING_SECONDS, rounds.keep_house, needs_clock=False),
    )


def _watching_outside(app: "App", rounds: Jobs, job_health: JobHealth) -> Iterator[Job]:
    """Tells the outside watcher, where there is one, of completed rounds."""
    watcher = app.outside_watcher()
    if watcher is None:
        return
    heartbeat = Heartbeat(
        job_health.vitals,
        app.unreported_failures,
        lambda: rounds.holding.restored,
        watcher,
        steady_seconds,
    )
    beat = partial(_beat, heartbeat, watcher.host)
    yield Job("watcher", WATCHER_SECONDS, beat, needs_clock=False)


def _looking_after(
    pages: "Listener | None", health: "Listener | None", slack: "SlackListener | None"
) -> Iterator[Job]:
    """Keeps what listens listening."""
    for name, listener in (("listener", pages), ("health", health)):
        if listener is not None:
            look = partial(_look_after, listener)
            yield Job(name, LISTENER_SECONDS, look, needs_clock=False)
    if slack is not None:
        yield Job("slack", LISTENER_SECONDS, partial(_pick_up, slack), needs_clock=False)


def _status(
    app: "App",
    pages: "Listener | None",
    health: "Listener | None",
    slack: "SlackListener | None",
) -> Iterator[str]:
    """The status that systemd and the log show of it."""
    yield f"policy {app.policy.version}"
    yield f"channels: {', '.join(sorted(app.channels))}"
    if pages is not None:
        yield f"pages on port {pages.port}"
    if health is not None:
        yield f"health on port {health.port}"
    if slack is not None:
        yield "listening to Slack"


def _look_after(listener: "Listener", stop: Callable[[], bool]) -> bool:
    """Keeps a listener answering."""
    if listener.look_after():
        log().error("a listener had stopped; it was started again", port=listener.port)
    return False


def _beat(heartbeat: Heartbeat, host: str, stop: Callable[[], bool]) -> bool:
    """Tells the outside watcher of completed rounds."""
    change = heartbeat.beat()
    if change is not None:
        say_heartbeat(change, host)
    return False


def _listening_to_slack(app: "App", rounds: Jobs) -> "AbstractContextManager[SlackListener | None]":
    """Slack's buttons, where the app's token is set; in a rehearsal only a Slack on this
    machine."""
    if not app.env.get("SLACK_APP_TOKEN"):
        return nullcontext()
    if (
        app.loopback_only
        and ChannelName.SLACK in app.channels
        and not app.channels[ChannelName.SLACK].is_loopback()
    ):
        return nullcontext()
    return app.slack_listener(rounds.envelope_failed, rounds.deliveries.refresh)


def _pick_up(slack: "SlackListener", stop: Callable[[], bool]) -> bool:
    """Picks up what a crash or a failure left behind of what came from Slack."""
    slack.pick_up()
    return False

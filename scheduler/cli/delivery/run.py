"""`renewals run`: the daemon; `--once` does everything that can be done now and ends; `--dry-run`
shows what that would be and changes nothing."""

import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.context import Here, New
from scheduler.cli.imports.bringing_in import finish_interrupted_loads
from scheduler.cli.terminal.say import forgive_output, say, table, tell, text
from scheduler.cli.terminal.tables import Column
from scheduler.cli.terminal.words import (
    because,
    day_word,
    milestone_word,
    recipient_word,
    stage_word,
    when,
)
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from scheduler.app.wiring import App
    from scheduler.core.policy.policy import Policy
    from scheduler.daemon.jobs import Jobs
    from scheduler.daemon.watchpost import Watchpost
    from scheduler.inbound.slack.listener import SlackListener
    from scheduler.inbound.web.listener import Listener
    from scheduler.services.audit.heartbeat import Heartbeat
    from scheduler.services.audit.measuring import Measures
    from scheduler.services.deals.dry_run import Foreseen
    from scheduler.system.signals import Signals


FAILED = 1
HOUSEKEEPING_SECONDS, ALARM_SECONDS, DIGEST_SECONDS, LISTENER_SECONDS, WATCHER_SECONDS = (
    3600.0,
    2.0,
    60.0,
    5.0,
    60.0,
)
BACKUP_SECONDS = 60.0
_LISTED, _ALL = 5, 1_000_000


def run(
    here: Here,
    *,
    once: Annotated[
        bool,
        typer.Option(
            "--once",
            help=text("do everything that can be done now, then end"),
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help=text("change and send nothing, show what would be done"),
        ),
    ] = False,
    new: New = False,
) -> int:
    """Runs until SIGTERM or Ctrl-C; a second one ends at once. SIGHUP reads config.toml again."""
    if here.as_of is not None and not (once or dry_run):
        raise UserMustActError("use --as-of with --once or --dry-run; a daemon's time goes on")
    if dry_run:
        return _dry_run(here)
    forgive_output()
    if once:
        return _attempt(here, new, _once)
    from scheduler.daemon.waiting import patiently
    from scheduler.daemon.watchpost import Watchpost
    from scheduler.system import logs
    from scheduler.system.signals import Signals
    from scheduler.system.systemd import Notifier

    logs.set_up()
    with Signals().kept() as signals, Watchpost() as post:
        daemon = partial(_daemon, signals=signals, post=post)
        return patiently(
            lambda: _attempt(here, new, daemon, post.open), signals, Notifier(here.env), post.waits
        )


def _attempt(
    here: Here,
    new: bool,
    work: "Callable[[App], int]",
    configured: "Callable[[App], None] | None" = None,
) -> int:
    """Opens the folder and works. A closed pipe among the channels is no closed output: only that
    of a reader ends a command with 0."""
    from scheduler.system import logs

    try:
        with here.open(edits=True, new=new, configured=configured) as app:
            logs.set_up(app.config.machine.log)
            _say_ways(app)
            finish_interrupted_loads(app)
            with app.sole_daemon():
                return work(app)
    except BrokenPipeError as error:
        raise RuntimeError("a connection broke") from error


def _say_ways(app: "App") -> None:
    """Says loudly when nothing leaves this program."""
    from scheduler.core.messages.channels import first_variables
    from scheduler.core.words.lexicon import ChannelName

    if app.loopback_only:
        tell("a rehearsal's database: messages go to preview and this machine only")
    if set(app.channels) == {ChannelName.PREVIEW}:
        tell(
            "NOTE: no channel is configured ({variables}): messages stay in the database, see "
            "`renewals messages`",
            variables=first_variables(),
        )


def _once(app: "App") -> int:
    """Everything that can be done now."""
    from scheduler.daemon.clock_watch import ClockWatch
    from scheduler.daemon.jobs import Jobs
    from scheduler.system.clock import steady_seconds, synchronised, this_machine

    if app.as_of is None:
        doubt = ClockWatch(
            app.clock, steady_seconds, app.keeping, synchronised, this_machine
        ).look()
        if doubt is not None:
            raise UserMustActError(doubt)
    if _waits(app):
        return 0
    rounds = Jobs(app)
    rounds.tell_of_start()
    while rounds.sweeps.step(_never):
        pass
    while rounds.deliveries.step(_never):
        pass
    while rounds.digesting.digests(_never):
        pass
    while rounds.deliveries.step(_never):
        pass
    rounds.sweeps.seal(_ALL)
    _show(rounds, len(set(app.policy.admins)))
    with app.paused() as look:
        pauses = look.standing(app.clock.now())
    for pause in pauses:
        tell("paused: {what} (renewals pause)", what=pause.what)
    _say_paused(rounds)
    _in_flight(app)
    _next(app)
    return FAILED if rounds.sweeps.swept.failures or rounds.deliveries.delivered.dead else 0


def _waits(app: "App") -> bool:
    """Whether this is a copy that was put back: then nothing is done, and how to go on is said."""
    from scheduler.services.audit.restored import as_since

    restored = app.restored.restored()
    if restored is not None:
        since = as_since(restored.until_at, ZoneInfo(app.policy.zone))
        say(
            (
                "Nothing was done: a copy that was restored waits. See `renewals release`; to "
                "go on: renewals release --since {since}"
            ),
            since=since,
        )
    return restored is not None


def _in_flight(app: "App") -> None:
    """Messages that are on their way still: to be tried again, looked up, or taken over from a
    crash."""
    waiting, first_at = app.listings.in_flight()
    if not waiting:
        return
    minutes = (
        0 if first_at is None else max(0, ceil((first_at - app.clock.now()).total_seconds() / 60))
    )
    then = (
        Label("in {count} minute", many="in {count} minutes", count=minutes)
        if minutes
        else Label("at the next run")
    )
    say(
        "{count} message waits: {then}.",
        many="{count} messages wait: {then}.",
        count=waiting,
        then=then,
    )


def _say_paused(rounds: "Jobs") -> None:
    """Channels that do not work, and why."""
    latest = {news.channel: news for news in rounds.deliveries.delivered.news}
    for news in (n for n in latest.values() if n.paused):
        tell(
            (
                "nothing can be sent by {channel}: {because}; {count} message will go out as "
                "soon as it works"
            ),
            many=(
                "nothing can be sent by {channel}: {because}; {count} messages will go out as "
                "soon as it works"
            ),
            count=news.waiting,
            channel=news.channel,
            because=news.because,
        )


def _next(app: "App") -> None:
    """When there is something to do again."""
    next_at = app.listings.next_at(app.clock.now())
    if next_at is not None:
        at = when(next_at, app.policy)
        say("The next thing to do comes at {at} ({zone}).", at=at, zone=app.policy.zone)


def _never() -> bool:
    """Nobody asks to stop."""
    return False


def _show(rounds: "Jobs", admins: int) -> None:
    """What it came to. `admins` is how many of them an alert reaches."""
    swept, formed, delivered = (
        rounds.sweeps.swept,
        rounds.deliveries.formed,
        rounds.deliveries.delivered,
    )
    made = (
        formed.messages
        + rounds.digesting.digested.messages
        + rounds.digesting.digested.alerts * admins
    )
    if not (swept.deals or formed.total or delivered.total):
        say("Nothing was due.")
        return
    say(
        (
            "{deals} decided: {moves}, {nudges}, {cancels} cancelled, {won} renewed "
            "automatically, {lost} lost"
        ),
        deals=Label("{count} deal", many="{count} deals", count=swept.deals),
        moves=Label("{count} move", many="{count} moves", count=swept.moves),
        nudges=Label("{count} nudge", many="{count} nudges", count=swept.nudges),
        cancels=swept.cancels,
        won=swept.won,
        lost=swept.lost,
        swept_deals=swept.deals,
        swept_moves=swept.moves,
        swept_nudges=swept.nudges,
    )
    say(
        (
            "{count} message made: {sent} sent, {retried} to be tried again, {unknown} unknown,"
            " {held} held, {dead} undeliverable"
        ),
        many=(
            "{count} messages made: {sent} sent, {retried} to be tried again, {unknown} "
            "unknown, {held} held, {dead} undeliverable"
        ),
        count=made,
        sent=delivered.sent,
        retried=delivered.retried,
        unknown=delivered.unknown,
        held=delivered.held,
        dead=delivered.dead,
    )
    if swept.failures:
        listed = ", ".join(failure.contract for failure in swept.failures[:_LISTED])
        tell(
            "{count} contract could not be decided: {listed}",
            many="{count} contracts could not be decided: {listed}",
            count=len(swept.failures),
            listed=listed,
        )


def _daemon(app: "App", signals: "Signals", post: "Watchpost") -> int:
    """Until told to stop."""
    from scheduler.daemon.clock_watch import ClockWatch
    from scheduler.daemon.hubspot_job import LOOK_SECONDS as HUBSPOT_SECONDS
    from scheduler.daemon.hubspot_job import HubSpotJob
    from scheduler.daemon.jobs import Jobs
    from scheduler.daemon.loop import GONE, Daemon, Job
    from scheduler.services.audit.heartbeat import Heartbeat
    from scheduler.system.clock import steady_seconds, synchronised, this_machine
    from scheduler.system.pulse import Pulse
    from scheduler.system.systemd import Notifier

    rounds, machine, pulse = Jobs(app), app.config.machine, Pulse()
    rounds.tell_of_start()
    health = app.health(pulse.vitals)

    def waits() -> bool:
        return rounds.holding.restored

    def measures() -> "Measures":
        return app.measures(pulse.vitals(), rounds.deliveries.outcomes)

    jobs: tuple[Job, ...] = (
        Job("sweep", machine.sweep_seconds, rounds.sweeps.step),
        Job("deliver", machine.deliver_seconds, rounds.deliveries.step),
        Job("digests", DIGEST_SECONDS, rounds.digesting.step),
        Job("alarms", ALARM_SECONDS, rounds.alarms.step, trusts_clock=False),
        Job("backup", BACKUP_SECONDS, rounds.copies.step),
        Job("housekeeping", HOUSEKEEPING_SECONDS, rounds.keep_house, trusts_clock=False),
    )
    hubspot = HubSpotJob(app, waits, lambda: daemon.wake("sweep"))
    jobs = (*jobs, Job("hubspot", HUBSPOT_SECONDS, hubspot.step))
    watch = ClockWatch(app.clock, steady_seconds, app.keeping, synchronised, this_machine)
    status = f"policy {app.policy.version}, channels: {', '.join(sorted(app.channels))}"
    watcher = app.outside_watcher()
    if watcher is not None:
        beat = partial(
            _beat,
            Heartbeat(
                pulse.vitals, app.unheard, lambda: rounds.holding.restored, watcher, steady_seconds
            ),
            watcher.host,
        )
        jobs = (*jobs, Job("watcher", WATCHER_SECONDS, beat, trusts_clock=False))
    pages = app.listener(health, measures) if machine.listen else nullcontext()
    post.hand_over(health, measures)
    with pages as listener, _listening_to_slack(app, rounds) as slack:
        if listener is not None:
            jobs = (
                *jobs,
                Job(
                    "listener", LISTENER_SECONDS, partial(_look_after, listener), trusts_clock=False
                ),
            )
            status = f"{status}, pages on port {listener.port}"
        if post.listener is not None:
            jobs = (
                *jobs,
                Job(
                    "health",
                    LISTENER_SECONDS,
                    partial(_look_after, post.listener),
                    trusts_clock=False,
                ),
            )
            status = f"{status}, health on port {post.listener.port}"
        if slack is not None:
            jobs = (
                *jobs,
                Job("slack", LISTENER_SECONDS, partial(_pick_up, slack), trusts_clock=False),
            )
            status = f"{status}, listening to Slack"
        daemon = Daemon(
            jobs,
            watch,
            Notifier(app.env),
            rounds.edits.look,
            rounds.doubted,
            signals=signals,
            gone=app.presence().gone,
            on_gone=rounds.alarms.database_gone,
            pulse=pulse,
        )
        rounds.sweeps.on_swept = partial(daemon.wake, "deliver")
        code = daemon.run(status)
        hubspot.close()
        if code == GONE:
            _leave_as_it_is(code)
        return code


def _leave_as_it_is(code: int) -> None:
    """Ends at once: closed in good order, SQLite would fold the journal of the database that is
    gone into whatever lies there now."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _look_after(listener: "Listener", stop: Callable[[], bool]) -> bool:
    """Keeps a listener answering."""
    from scheduler.system.logs import log

    if listener.look_after():
        log().error("a listener had stopped; it was started again", port=listener.port)
    return False


def _beat(heartbeat: "Heartbeat", host: str, stop: Callable[[], bool]) -> bool:
    """Tells the outside watcher of completed rounds."""
    from scheduler.daemon.heartbeat import say_heartbeat

    change = heartbeat.beat()
    if change is not None:
        say_heartbeat(change, host)
    return False


def _listening_to_slack(
    app: "App", rounds: "Jobs"
) -> "AbstractContextManager[SlackListener | None]":
    """Slack's buttons, where the app's token is set; in a rehearsal only a Slack on this
    machine."""
    from scheduler.core.words.lexicon import ChannelName

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
    """What a crash or a failure left behind of what came from Slack."""
    slack.pick_up()
    return False


def _dry_run(here: Here) -> int:
    """What `run --once` would do, computed in a transaction that is rolled back."""
    from scheduler.services.deals.dry_run import foresee

    with here.open() as app:
        if _waits(app):
            return 0
        now, policy = app.clock.now(), app.policy
        foreseen = foresee(app.sweeping, policy, now)
        waiting = app.listings.due(now)
        next_at = app.listings.next_at(now)
    if foreseen:
        say(
            "If run now, this would be done for {count} deal (nothing was kept or sent):",
            many="If run now, this would be done for {count} deals (nothing was kept or sent):",
            count=len(foreseen),
        )
        columns = (
            Column(text("Customer"), least=12),
            Column(text("Contract"), least=8),
            text("What", context="run"),
            Column(text("Reaches them"), spare=1),
            Column(text("Because"), wraps=True),
        )
        table(columns, [row for one in foreseen for row in _rows(one, policy)])
    else:
        say("If run now, no deal would move and nobody would be told anything new.")
    if waiting:
        say(
            ("Nudges that wait already and would be sent, or held for their windows: {waiting}"),
            waiting=waiting,
        )
    if not foreseen and not waiting and next_at is not None:
        at = when(next_at, policy)
        say("The next thing to do comes at {at} ({zone}).", at=at, zone=policy.zone)
    return FAILED if any(one.failed for one in foreseen) else 0


def _rows(one: "Foreseen", policy: "Policy") -> "Iterator[tuple[object, ...]]":
    """The lines of one deal."""
    deal, decision = one.deal, one.decision
    who = (deal.contract.customer.name, deal.contract.number)
    pipeline = policy.pipelines.get(deal.pipeline)
    for m in decision.moves:
        yield (
            *who,
            f"{stage_word(m.from_stage, pipeline)} → {stage_word(m.to_stage, pipeline)}",
            "",
            because(m.because, policy),
        )
    for nudge in decision.nudges:
        name = recipient_word(one.names.get(nudge.recipient.key, nudge.recipient.key))
        what = milestone_word(nudge.milestone, policy)
        until = one.held_until.get(nudge.recipient.key)
        reaches = when(until, policy) if until else text("at once")
        yield (
            *who,
            text("tell {name}: {what}", name=name, what=what),
            reaches,
            because(nudge.because, policy),
        )
    for cancel in decision.cancels:
        yield (
            *who,
            text("cancel a nudge"),
            "",
            because(cancel.reason, policy),
        )
    if decision.successor:
        yield (
            *who,
            text("open the next term"),
            "",
            day_word(decision.successor.starts_on),
        )
    if one.failed:
        yield *who, text("cannot be decided"), "", one.failed

"""`renewals run --once`: everything that can be done now, what was done, and when there is
something to do again."""

from functools import partial
from math import ceil
from typing import TYPE_CHECKING

from scheduler.cli.delivery.restored import waits
from scheduler.cli.terminal.say import say, tell
from scheduler.cli.terminal.words import when
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.ports import StoreUnavailableError
from scheduler.system.signals import Signals

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.daemon.jobs import Jobs
    from scheduler.daemon.shared_delivery import Stop

FAILED, STOPPED = 1, 128
_PAUSES = (1, 2, 4, 8, 15, 30)
"""For how many seconds a run waits, time after time, for a database that is to be told what was
sent."""
_LISTED, _ALL = 5, 1_000_000


def once(app: "App", signals: Signals | None = None) -> int:
    """Everything that can be done now. A request to stop lets the message on its way finish, as in
    the daemon: cut off, nobody would know whether it arrived."""
    with (signals or Signals()).kept() as kept:
        return _done(app, kept)


def _done(app: "App", signals: Signals) -> int:
    """Everything, or what can be done until somebody asks to stop."""
    from scheduler.daemon.clock_watch import ClockWatch
    from scheduler.daemon.jobs import Jobs
    from scheduler.system.clock import steady_seconds, synchronised, this_machine

    if app.as_of is None:
        doubt = ClockWatch(
            app.clock, steady_seconds, app.keeping, synchronised, this_machine
        ).look()
        if doubt is not None:
            raise UserMustActError(doubt)
    if waits(app):
        return 0
    newest = app.listings.newest_message()
    rounds = Jobs(app)
    rounds.tell_of_start()
    work = (
        rounds.sweeps.step,
        partial(_delivered, rounds, signals),
        rounds.digesting.digests,
        partial(_delivered, rounds, signals),
    )
    for step in work:
        while not signals.stopped and step(partial(_stopped, signals)):
            pass
    if not signals.stopped:
        rounds.sweeps.seal(_ALL)
    _show(rounds, app.listings.messages_after(newest))
    with app.paused() as look:
        pauses = look.standing(app.clock.now())
    for pause in pauses:
        tell("paused: {what} (renewals pause)", what=pause.what)
    _say_paused(rounds)
    _in_flight(app)
    if signals.stopped:
        tell("stopped as asked; the rest is done at the next run")
        return STOPPED + signals.stopped_by
    _next(app)
    return FAILED if rounds.sweeps.swept.failures or rounds.deliveries.delivered.dead else 0


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
                "soon as it works again"
            ),
            many=(
                "nothing can be sent by {channel}: {because}; {count} messages will go out as "
                "soon as it works again"
            ),
            count=news.waiting,
            channel=news.channel,
            because=news.because,
        )


def _next(app: "App") -> None:
    """Says when there is something to do again."""
    next_at = app.listings.next_at(app.clock.now())
    if next_at is not None:
        at = when(next_at, app.policy)
        say("The next thing is due at {at} ({zone}).", at=at, zone=app.policy.zone)


def _stopped(signals: Signals) -> bool:
    """Whether somebody asked to stop."""
    return signals.stopped


def _delivered(rounds: "Jobs", signals: Signals, stop: "Stop") -> bool:
    """A step of delivering. If the database fails while only this process knows what was sent, it
    is waited for, also by who was asked to stop: else those mails would be sent again."""
    for pause in _PAUSES:
        try:
            return rounds.deliveries.step(stop)
        except StoreUnavailableError as error:
            if not (error.passing and rounds.deliveries.open):
                raise
            if pause == _PAUSES[0]:
                tell("waiting for the database: {why}", why=error.label)
            signals.next(pause)
    return rounds.deliveries.step(stop)


def _show(rounds: "Jobs", made: int) -> None:
    """Shows what was done. `made` is how many messages came into being, alerts among them."""
    swept, formed, delivered = (
        rounds.sweeps.swept,
        rounds.deliveries.formed,
        rounds.deliveries.delivered,
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

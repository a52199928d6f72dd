"""What the daemon does in its rounds, one bounded step at a time: sweep, deliver, digests and the
balance, housekeeping, reload.

Always holds: the clock is read once per step; a step leaves everything either done or as it was;
nothing here ends the daemon.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scheduler.app.ready import held_notice, of_templates, standing_notice, without_note
from scheduler.app.sending import broken_templates
from scheduler.app.working_folder import ConfigRefusedError
from scheduler.core.config.fields import clock_time
from scheduler.core.deal.pauses import everything
from scheduler.core.facts.punctuality import SHORTEST_STOP, Cause, Outage
from scheduler.core.rules.routing import way_of_address
from scheduler.core.rules.shared import SharedDecisions
from scheduler.core.time.dates import local_day, send_instant
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.keys import stable_key
from scheduler.core.words.labels import ByLanguage, Joined, Label
from scheduler.core.words.lexicon import ChannelName
from scheduler.ports import Envelope, NotSent, StoreUnavailableError
from scheduler.services.answers.inbox import Failed
from scheduler.services.audit.balance import balance
from scheduler.services.audit.heartbeat import WatcherNews
from scheduler.services.audit.installation import Balanced
from scheduler.services.audit.restored import Restored
from scheduler.services.deals.pauses import passing_soon
from scheduler.services.deals.sweep import StalePolicyError, Swept, sweep_once
from scheduler.services.delivery.alerts import alert, unbalanced
from scheduler.services.delivery.channel_pauses import ChannelNews
from scheduler.services.delivery.deliver import Delivered, Delivery, deliver_batch
from scheduler.services.delivery.form import Formed, form_messages
from scheduler.services.delivery.punctuality import keep as keep_punctuality
from scheduler.services.delivery.recover import Recovered, recover_once
from scheduler.services.delivery.refresh import refresh_once
from scheduler.services.digests.round import Digested, digest_once
from scheduler.services.imports.unfinished import Left
from scheduler.services.policy.in_force import FileStanding, Followed
from scheduler.system.clock import steady_seconds, this_machine
from scheduler.system.logs import log

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.core.config.reading import Config

SWEEP_BATCH = 200
FORM_BATCH = 25
"""Deals decided, and recipients dealt with, in one transaction: short enough for a person who
answers to wait for."""
DIGEST_SECONDS = 3.0
"""How long digests are worked on in one go; the rest comes a minute later, so that a thousand are
spread over the first hour."""
RECORD_EVERY = timedelta(minutes=1)
TOLD_PROBLEMS = 10
SEAL_STEPS = 10
"""So many steps of some thousands of rows at a time: after an upgrade all there is is sealed little
by little."""
PAUSE_LOOKS = 30
PAUSE_TICKS = 31
_MEND = Label("Mend and save it. To look: renewals check")
_DOUBTED = Label("the clock is doubted: sweeping and sending stopped")
_RESTORED = Label("the database is an older copy: nothing is sent")
_GONE = Label("the database is gone: the daemon has ended")
_COPY_AGAIN = timedelta(hours=1)
SETTLES = timedelta(minutes=10)
"""How long after its start the daemon may take to catch up before it is asked whether anything
stands still."""

Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class _Alarm:
    """A doubt of the clock or of the database, and the admins who have not heard of it (None: all).
    After a try that did not reach everybody it rests for `pause` ticks, of which `rest` are
    left."""

    doubt: Label
    admins: tuple[str, ...] | None = None
    pause: int = 0
    rest: int = 0
    title: Label = _DOUBTED


class Jobs:
    """The daemon's steps on one App. `swept`, `formed`, `delivered`, `recovered` and `outcomes` add
    up what all steps came to.

    `clock_is_moved`: on purpose, to whenever something is due (a year lived in a minute), so a long
    time between two steps is no stop.
    """

    def __init__(self, app: "App", *, clock_is_moved: bool = False) -> None:
        self._app = app
        self._clock_is_moved = clock_is_moved
        self._recorded_at: datetime | None = None
        self._stepped_at: datetime | None = None
        self._doubted = False
        self._at_rest = self._sweeping = False
        self._decided: SharedDecisions | None = None
        self.on_swept: Callable[[], None] = lambda: None
        """Called when everything that was due is swept, if anything was: those who are to hear of
        it need not wait for the next look."""
        self._stamp = self._seen = app.working_folder.stamp()
        self._pause = 0
        self._alarms: SimpleQueue[_Alarm] = SimpleQueue()
        self._restored: Restored | None = None
        self._importing: Left | None = None
        self._copy_not_before = app.clock.now()
        self._begun_at, self._balanced_on, self._paused_told_on = (
            app.clock.now(),
            date.min,
            date.min,
        )
        self._delivery = app.delivery()
        self._delivery_version = app.policy.version
        self.outcomes = Counter[tuple[ChannelName, str]]()
        self.swept, self.formed, self.delivered, self.recovered = (
            Swept(),
            Formed(),
            Delivered(),
            Recovered(),
        )
        self.digested = Digested()

    def sweep(self, stop: Stop) -> bool:
        """One batch of due deals; whether there may be more."""
        now = self._app.clock.now()
        if self._held():
            return self._importing is not None and not self._importing.alive
        self._note_stop(now)
        try:
            swept = sweep_once(
                self._app.sweeping, self._app.policy, now, SWEEP_BATCH, self._decisions()
            )
        except StalePolicyError:
            self._app.keeper.refresh()
            return True
        self.swept += swept
        self._report(swept, now)
        if self._sweeping and not swept.deals:
            self.on_swept()
        self._sweeping = swept.deals > 0
        if not self._sweeping:
            self._decided = None
        if not swept.deals and (
            self._recorded_at is None or now - self._recorded_at >= RECORD_EVERY
        ):
            self._app.keeping.record_sweep(now, this_machine(steady_seconds()))
            self._app.note_mark()
            self._recorded_at = now
            self.seal()
        return swept.deals > 0

    def _decisions(self) -> SharedDecisions:
        """What was decided since the last rest, under the policy in force."""
        if self._decided is None or self._decided.policy is not self._app.policy:
            self._decided = SharedDecisions(self._app.policy)
        return self._decided

    @property
    def held(self) -> bool:
        """Whether a copy that was put back waits, as last looked at."""
        return self._restored is not None

    def _held(self) -> bool:
        """Whether nothing may be swept, formed or sent, because the database is a copy that was put
        back and waits for a person, or a large import is coming in. Logged once."""
        return self._is_restored() or self._is_importing()

    def _is_importing(self) -> bool:
        """Whether a large import is coming in. What a dead process left of one is settled, a step
        at a time."""
        left = self._app.unfinished.left()
        before, self._importing = self._importing, left
        if left is not None and (before is None or before.import_id != left.import_id):
            log().info(
                "an import is coming in: nothing is swept or sent",
                id=left.import_id,
                file=left.file,
                alive=left.alive,
            )
        elif left is None and before is not None:
            log().info("sweeping and sending go on", id=before.import_id)
        if left is None:
            return False
        if not left.alive:
            settled = self._app.unfinished.settle_some(self._app.clock.now())
            if settled is not None and settled.done:
                log().warning("import settled", said=settled.label.en)
        return True

    def _is_restored(self) -> bool:
        """Whether the database is a copy that was put back and waits for a person. Said once."""
        held = self._app.restored.restored()
        for notice in held_notice(held, self._app.policy) if held != self._restored else []:
            log().error("restored: nothing is swept or sent", said=notice.en)
            if held is not None and held.noticed:
                self._alarms.put(
                    _Alarm(
                        without_note(notice),
                        title=_RESTORED,
                    )
                )
        if held is None and self._restored is not None:
            log().warning("released: sweeping and sending go on")
        self._restored = held
        return held is not None

    def _note_stop(self, now: datetime) -> None:
        """Keeps for how long no machine has swept, if that was long: what was due meanwhile is late
        because of it."""
        before, self._stepped_at = self._stepped_at, now
        if before is not None and (self._clock_is_moved or now - before < SHORTEST_STOP):
            return
        known = [at for at in (before, self._app.keeping.last_sweep_at()) if at is not None]
        if known and now - max(known) >= SHORTEST_STOP:
            self._app.punctuality.note(
                Outage(Cause.CLOCK if self._doubted else Cause.STOP, max(known), now)
            )
        self._doubted = False

    def seal(self, most: int = SEAL_STEPS) -> None:
        """Seals what was written since the last time, so that the balance finds a row that is
        changed or taken away behind the program's back."""
        for _ in range(most):
            if not self._app.seals.seal():
                return

    def _report(self, swept: Swept, now: datetime) -> None:
        """Logs a batch; deals that could not be decided are told to the admins."""
        if swept.deals:
            log().info(
                "swept",
                deals=swept.deals,
                moves=swept.moves,
                nudges=swept.nudges,
                cancels=swept.cancels,
                won=swept.won,
                lost=swept.lost,
            )
        for failure in swept.failures:
            log().error(
                "deal not decided",
                contract=failure.contract,
                deal=failure.deal,
                exc_info=failure.error,
            )
            self._alert(
                f"undecided:{failure.deal}",
                Label("contract {contract} cannot be decided", contract=failure.contract),
                Label("Reason: {error}", error=failure.error),
                Label("It is tried again every hour; other contracts are not affected."),
                now,
            )

    def deliver(self, stop: Stop) -> bool:
        """Messages for those whose window is open, what a crash left behind, and one batch on its
        way; whether there may be more."""
        if self._held():
            return False
        delivery, policy = self._parts(), self._app.policy
        formed = form_messages(
            self._app.forming, policy, tuple(delivery.channels), delivery.clock.now(), FORM_BATCH
        )
        recovered = recover_once(delivery, policy, stop)
        delivered = deliver_batch(delivery, policy, stop)
        self._at_rest = self._at_rest or not (formed.total or delivered.total)
        self.formed, self.delivered, self.recovered = (
            self.formed + formed,
            self.delivered + delivered,
            _added(self.recovered, recovered),
        )
        self.outcomes.update(delivered.outcomes)
        refreshed = self.refresh()
        if delivered.sent or delivered.unknown:
            self._app.note_mark()
        if delivered.total or recovered.total:
            facts = {
                **_numbers(delivered),
                **{f"recovered_{name}": n for name, n in _numbers(recovered).items()},
            }
            log().info(
                "delivered", messages=formed.messages, **{name: n for name, n in facts.items() if n}
            )
        for what in delivered.unheard:
            log().error("nobody can be told", what=what)
        for news in delivered.news:
            _say_channel(news)
        return bool(formed.total or recovered.total or delivered.total or refreshed)

    def refresh(self) -> int:
        """Posted messages that are to show what became of them; how many were dealt with."""
        if self._held():
            return 0
        refreshed = refresh_once(self._app.refreshing, self._parts(), self._app.policy)
        if refreshed.total:
            log().info(
                "posts updated",
                updated=refreshed.updated,
                again=refreshed.again,
                let_go=refreshed.let_go,
            )
        return refreshed.total

    def _parts(self) -> Delivery:
        """What a delivery works with, one for all jobs: it remembers what is not recorded yet. Its
        texts are those of the policy in force."""
        version = self._app.policy.version
        if self._delivery_version != version:
            self._delivery = replace(self._delivery, renderer=self._app.renderer)
        self._delivery_version = version
        return self._delivery

    def digests(self, stop: Stop, enough: Stop = lambda: False) -> bool:
        """What is told once a week, on somebody's return or leaving, and to admins every day;
        whether there may be more. `enough` is asked between two messages."""
        if self._held():
            return False
        delivery = self._parts()
        now = delivery.clock.now()
        with self._app.paused() as look:
            pauses = look.standing(now)
        if pauses:
            self.digested += Digested(alerts=self._tell_of_pauses(now))
        if everything(pauses):
            return False
        digested = digest_once(
            self._app.digest_looking,
            self._app.digest_writing,
            self._app.policy,
            tuple(delivery.channels),
            now,
            enough=enough,
            stop=stop,
        )
        self.digested += digested
        if digested.total:
            log().info("digests", messages=digested.messages, alerts=digested.alerts)
        return bool(digested.messages or digested.silent)

    def _tell_of_pauses(self, now: datetime) -> int:
        """Tells the admins, once a day, of deadlines that pass while their contracts are paused;
        how many alerts."""
        today = local_day(now, self._app.policy.zone_of(None))
        if (
            self._paused_told_on == today
            or (soon := passing_soon(self._app.paused, now, self._app.policy)) is None
        ):
            return 0
        with self._app.delivering() as transaction:
            told = transaction.alert(*soon, self._app.policy, tuple(self._app.channels), now)
        self._paused_told_on = today
        return int(told)

    def envelope_failed(self, failed: Failed) -> None:
        """Something from outside could not be acted on; the admins hear of it once it is given
        up."""
        because = f"{type(failed.error).__name__}: {failed.error}"
        log().error(
            "envelope not acted on",
            envelope=failed.kept.id,
            kind=failed.kept.kind,
            given_up=failed.given_up,
            exc_info=failed.error,
        )
        if failed.given_up:
            self._alert(
                f"envelope:{failed.kept.id}",
                Label("something from Slack could not be acted on"),
                Label("Reason: {because}", because=because),
                Label("Ask whoever pressed to press again; if it fails again, look at the log."),
                self._app.clock.now(),
            )

    def keep_house(self, stop: Stop) -> bool:
        """What keeps the database small and quick."""
        self._app.housekeeping.tidy(self._app.clock.now())
        return False

    def back_up(self, stop: Stop) -> bool:
        """The copy of the night, once it is time; where it cannot be made, the log says so, the
        admins once a day, and it is tried again hourly."""
        nightly, now, zone = (
            self._app.nightly,
            self._app.clock.now(),
            ZoneInfo(self._app.policy.zone),
        )
        today = local_day(now, zone)
        if nightly is None or now < max(
            send_instant(today, clock_time(self._app.config.machine.backup_at), zone),
            self._copy_not_before,
        ):
            return False
        if nightly.has(today):
            return False
        try:
            copy = nightly.make(today)
        except (StoreUnavailableError, OSError) as error:
            self._copy_not_before = now + _COPY_AGAIN
            self._no_copy(error, today, now)
        else:
            log().info("backup made", file=str(copy), bytes=copy.stat().st_size)
        return False

    def _no_copy(self, error: Exception, today: date, now: datetime) -> None:
        """Tonight's copy could not be made."""
        why = (
            error.label if isinstance(error, StoreUnavailableError) else Label.verbatim(str(error))
        )
        log().error("no backup could be made", because=why.en)
        title = Label("the nightly copy of the database could not be made")
        todo = Label(
            "Look at the room on the disk and at [machine] backups. It is tried again every "
            "hour; nothing else is affected."
        )
        self._alert(f"backup:{today}", title, why, todo, now)

    def digests_and_balance(self, stop: Stop) -> bool:
        """Digests for some seconds, and when there are none left the balance. After a start nudges
        go first: digests wait until the first sweep and delivery have come to rest, or for
        SETTLES."""
        waits = self._recorded_at is None or not self._at_rest
        if waits and self._app.clock.now() - self._begun_at < SETTLES:
            return False
        began = steady_seconds()
        while self.digests(stop, lambda: stop() or steady_seconds() - began > DIGEST_SECONDS):
            if stop() or steady_seconds() - began > DIGEST_SECONDS:
                return False
        return self.prove(stop)

    def prove(self, stop: Stop) -> bool:
        """Once a day, and some minutes after the start, when what had piled up is done: the proof
        that nothing was lost. There is never more.

        It goes on beside sweeps and deliveries and asks `stop` all the while. What does not agree
        is told to the admins; deals that a sweep should look at now are woken.
        """
        now, policy = self._app.clock.now(), self._app.policy
        today = local_day(now, policy.zone_of(None))
        self._begun_at = min(self._begun_at, now)
        if self._balanced_on == today or now - self._begun_at < SETTLES or self._held():
            return False
        channels = tuple(self._app.channels)
        found = balance(self._app.balancing, policy, now, channels, stop)
        if found is None:
            return False
        self._balanced_on = today
        if found.unheard:
            log().warning("reminders that reached nobody", count=len(found.unheard))
        total, faults = found.total(), Counter(f.fault.value for f in found.findings)
        say = log().info if found.balanced else log().error
        say(
            "balance",
            balanced=found.balanced,
            due=total.due,
            nudges=total.made,
            cannot_be_scheduled=len(found.unschedulable),
            **faults,
        )
        self._app.installation.note_balance(
            Balanced(now, found.balanced, total.due, total.made, len(found.unschedulable), faults)
        )
        keep_punctuality(self._app.punctuality, policy, now)
        if not found.balanced:
            key, facts = unbalanced(found.findings, today, policy.language)
            with self._app.delivering() as transaction:
                transaction.alert(key, facts, policy, channels, now)
        if found.sleepers:
            with self._app.sweeping() as sweeping:
                sweeping.wake(found.sleepers, now)
        return False

    def reload(self, asked: bool) -> None:
        """Takes over an edited configuration, on SIGHUP at once, else as soon as what was saved has
        stayed the same from one look to the next.

        One that has mistakes or cannot be read changes nothing, and the admins are told once per
        save. Where the database cannot be reached the edit is taken over later.
        """
        stamp = self._app.working_folder.stamp()
        settled, self._seen = stamp == self._seen, stamp
        self._pause = max(0, self._pause - 1)
        if not asked and (stamp == self._stamp or not settled or self._pause):
            return
        try:
            self._take_over(stamp, self._app.clock.now())
        except StoreUnavailableError:
            self._pause = PAUSE_LOOKS
            raise
        self._stamp = stamp

    def _take_over(self, stamp: Sequence[object], now: datetime) -> None:
        """Puts what the files say in force, or tells why not."""
        try:
            config = self._app.working_folder.read()
        except ConfigRefusedError as error:
            self._refused(
                [Label.verbatim(ByLanguage(p.shown)) for p in error.problems],
                stamp,
                now,
            )
        except UserMustActError as error:
            self._refused([error.label], stamp, now)
        else:
            self._follow(config, now)

    def _follow(self, config: "Config", now: datetime) -> None:
        """Puts a configuration without mistakes in force if it is new; an old copy is reported."""
        followed = self._app.keeper.follow(config, "daemon", now)
        self._app.config = config
        for notice in standing_notice(followed):
            log().warning("policy", said=notice.en, version=followed.in_force.version)
            self._tell_standing(followed, config.hash, notice, now)
        if not followed.applied:
            log().info("configuration read", changed=False, version=followed.in_force.version)

    def tell_of_start(self) -> None:
        """Tells the admins, once for each content, how config.toml stood at the start: an old copy,
        an edit that waits, texts with mistakes."""
        followed, now = self._app.followed, self._app.clock.now()
        self._held()
        if followed is None:
            return
        for notice in standing_notice(followed):
            self._tell_standing(followed, self._app.config.hash, notice, now)
        if followed.standing is FileStanding.FIRST:
            broken = broken_templates(self._app.config.policy.templates)
            self._tell_texts([Label.verbatim(ByLanguage(p.shown)) for p in broken], now)

    def _tell_texts(self, problems: Sequence[Label], now: datetime) -> None:
        """Tells the admins, once, of mistakes in the texts that the first version came with: the
        shipped ones stand in for them."""
        if problems:
            said = Label.verbatim(Joined(problems[:TOLD_PROBLEMS], "\n"))
            title = Label("a message template has mistakes; the shipped text is used instead")
            self._alert(f"texts:{self._app.config.hash}", title, said, _MEND, now)

    def _tell_standing(self, followed: Followed, hash: str, notice: Label, now: datetime) -> None:
        """Tells the admins, once for each content, of a file that is not in force."""
        key = f"{hash}:{followed.in_force.version}"
        if followed.standing is FileStanding.STALE:
            says = followed.says or "?"
            title = Label("config.toml says what an earlier version said")
            todo = Label(
                (
                    "To go back to version {says}: renewals config rollback {says}. To keep "
                    "what is in force: renewals config export > config.toml"
                ),
                says=says,
            )
            self._alert(f"stale:{key}", title, notice, todo, now)
        elif followed.objections and of_templates(followed):
            title = Label("a message template has mistakes; the old texts stay")
            self._alert(f"waits:{key}", title, notice, _MEND, now)
        elif followed.objections:
            title = Label("the edit of config.toml waits for you")
            todo = Label("Look with `renewals plan`, then `renewals apply` it.")
            self._alert(f"waits:{key}", title, notice, todo, now)

    def _refused(self, problems: Sequence[Label], stamp: Sequence[object], now: datetime) -> None:
        """A configuration that cannot be used: the one before stays."""
        log().error(
            "configuration refused; the one before stays in force",
            problems=[p.en for p in problems],
        )
        rest = len(problems) - TOLD_PROBLEMS
        more = [Label("and {rest} more", rest=rest)] if rest > 0 else []
        told = [*problems[:TOLD_PROBLEMS], *more]
        self._alert(
            f"config:{stable_key(*stamp)}",
            Label("config.toml has mistakes; the settings from before stay in force"),
            Label.verbatim(Joined(told, "\n")),
            _MEND,
            now,
        )

    def doubted(self, doubt: Label) -> None:
        """The clock is doubted: the admins are told by `raise_alarms`, beside the queue, because
        the queue stands still."""
        self._doubted = True
        self._alarms.put(_Alarm(doubt))

    def raise_alarms(self, stop: Stop) -> bool:
        """Tells the admins at once what must not wait for the queue, and tries again with those it
        did not reach; returns whether there may be more."""
        try:
            alarm = self._alarms.get_nowait()
        except Empty:
            return False
        if alarm.rest:
            self._alarms.put(replace(alarm, rest=alarm.rest - 1))
            return False
        unheard = [
            a
            for a in (self._app.policy.admins if alarm.admins is None else alarm.admins)
            if not self._told(alarm.title, alarm.doubt, a)
        ]
        if unheard:
            pause = min(2 * alarm.pause + 1, PAUSE_TICKS)
            self._alarms.put(replace(alarm, admins=tuple(unheard), pause=pause, rest=pause))
        return not unheard

    def database_gone(self, what: Label) -> None:
        """The database is gone and the daemon about to end: every admin is tried once, beside the
        queue, which is gone too."""
        for address in self._app.policy.admins:
            try:
                self._told(_GONE, what, address)
            except Exception as error:
                log().error("admin not told", address=address, because=str(error))

    def _told(self, title: Label, text: Label, address: str) -> bool:
        """Tells one admin; False if it certainly did not reach them and may the next time."""
        delivery, policy = self._parts(), self._app.policy
        key, facts = alert(f"at_once:{text.en}", policy.language, title, text, Label(""))
        way = way_of_address(address, tuple(delivery.channels))
        channel = delivery.channels[way[0]]
        if delivery.loopback_only and not channel.is_loopback():
            return True
        rendered = delivery.renderer.render(
            "alert", {"recipient": "", **facts}, policy.language, way[0]
        )
        outcome = channel.send(
            Envelope(stable_key(key, address), *way, policy.language, rendered),
            delivery.send_seconds,
        )
        log().warning(
            "admin told at once", what=title.en, address=address, outcome=type(outcome).__name__
        )
        return not isinstance(outcome, NotSent) or outcome.permanent

    def _alert(self, key: str, title: Label, text: Label, todo: Label, now: datetime) -> None:
        """Tells the admins, once for each key."""
        policy = self._app.policy
        key, facts = alert(key, policy.language, title, text, todo)
        with self._app.delivering() as transaction:
            transaction.alert(key, facts, policy, tuple(self._app.channels), now)


def say_heartbeat(change: WatcherNews, host: str) -> None:
    """Logs what has changed with the outside watcher: it cannot be reached, is not pinged, is told
    of a failure, or is pinged after every round again."""
    if change.held:
        log().error(
            "outside watcher not pinged: a copy that was restored waits and sends nothing",
            watcher=host,
        )
    elif change.silent:
        log().warning(
            "outside watcher not pinged: no round was completed since the last ping", watcher=host
        )
    elif change.problem:
        log().error("outside watcher not reached", watcher=host, because=change.problem)
    elif change.failing:
        log().error(
            "outside watcher told that nobody here can be",
            watcher=host,
            channels=[c.value for c in change.failing],
        )
    else:
        log().info("outside watcher pinged after every round", watcher=host)


def _say_channel(news: ChannelNews) -> None:
    """Logs that a channel does not work, why, and whether anybody was told; or that it works
    again."""
    facts = {"channel": news.channel.value, "because": news.because, "waiting": news.waiting}
    if not news.paused:
        log().warning("channel works again", **facts)
    elif news.heard is None:
        log().warning("channel paused", **facts, again_at=news.again_at)
    else:
        log().error(
            "channel does not work", **facts, again_at=news.again_at, admins_told=news.heard
        )


def _numbers(counts: Delivered | Recovered) -> dict[str, int]:
    """The counts by name."""
    return {
        name: n
        for name in counts.__dataclass_fields__
        if isinstance(n := getattr(counts, name), int)
    }


def _added(one: Recovered, other: Recovered) -> Recovered:
    """Two counts together."""
    return Recovered(*(getattr(one, f) + getattr(other, f) for f in one.__dataclass_fields__))

"""The judges of `renewals doctor` about this machine and the work on it: the program, the clock,
files, what waits, balance, copies.

Always holds: each looks at one thing and says what it found; nothing outside this machine and its
database is asked.
"""

import platform
from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from scheduler import __version__
from scheduler.app.checks import readable_by_others
from scheduler.app.checkup import Checkup, megabytes
from scheduler.core.deal.formats import clock_word
from scheduler.core.machine.diagnosis import Area, DiagnosisLine, fine, note, span, to_do
from scheduler.core.machine.liveness import Facts, sweep_is_late
from scheduler.core.words.labels import Label
from scheduler.services.audit.installation import Installation
from scheduler.storage.database.integrity import SQLITE_VERSION
from scheduler.storage.database.journal import file_of
from scheduler.storage.database.lock import daemon_of
from scheduler.system.clock import SystemClock, kernel_clock_state, synchronised

ALARM_LATE, QUEUE_LATE, BALANCE_LATE = timedelta(hours=1), timedelta(hours=1), timedelta(hours=50)
COPY_LATE = timedelta(days=2)


def program(checkup: Checkup) -> Iterator[DiagnosisLine]:
    """The lines about what runs here."""
    versions = (
        f"renewals {__version__}, Python {platform.python_version()}, SQLite {SQLITE_VERSION}, "
        f"{platform.platform(terse=True)}"
    )
    yield fine(Area.PROGRAM, Label.verbatim(versions))


def clock(checkup: Checkup) -> Iterator[DiagnosisLine]:
    """Whether the time is kept right, and agrees with the database's."""
    state, at = kernel_clock_state(), f"{checkup.now:%Y-%m-%d %H:%M:%S} UTC"
    if synchronised():
        yield fine(Area.CLOCK, Label("{at}, synchronised", at=at))
    elif state is None:
        yield note(
            Area.CLOCK,
            Label("{at}; this system does not say whether its clock is synchronised", at=at),
        )
    else:
        yield note(
            Area.CLOCK,
            Label("{at}, not synchronised: switch NTP on (timedatectl set-ntp true)", at=at),
        )
    apart = abs(checkup.app.clock.now() - SystemClock().now())
    if apart > timedelta(minutes=1):
        yield to_do(
            Area.CLOCK, Label("{span} apart from the database server's clock", span=span(apart))
        )
    last = checkup.facts.last_sweep_at
    if (
        last is not None
        and not checkup.app.keeping.rehearsed()
        and last > checkup.now + timedelta(minutes=1)
    ):
        yield to_do(
            Area.CLOCK,
            Label(
                (
                    "the last sweep ({last:%Y-%m-%d %H:%M} UTC) is in the future; check the "
                    "time and, if it is right, run `renewals clock accept`"
                ),
                last=last,
            ),
        )


def files(checkup: Checkup) -> Iterator[DiagnosisLine]:
    """The lines about what others on this machine can read."""
    open_to_all = readable_by_others(checkup.app)
    if not open_to_all:
        yield fine(Area.FILES, Label("no other user of this machine can read them"))
        return
    listed = " ".join(map(str, open_to_all))
    yield to_do(Area.FILES, Label("every user can read them: chmod o-rwx {listed}", listed=listed))


def work(checkup: Checkup) -> Iterator[DiagnosisLine]:
    """The daemon, the last sweep, what waits and since when, what stands still on purpose."""
    facts, now = checkup.facts, checkup.now
    yield from _daemon(checkup, facts)
    for what, since, late in (
        (Label("deals to be swept"), facts.oldest_alarm_at, ALARM_LATE),
        (Label("nudges that wait"), facts.oldest_nudge_at, QUEUE_LATE),
        *(
            (Label("messages for {channel}", channel=q.channel), q.oldest_at, QUEUE_LATE)
            for q in facts.queues
            if q.paused_at is None
        ),
    ):
        if since is not None and now - since > late:
            age = span(now - since)
            yield to_do(Area.WORK, Label("{what}: the oldest for {age}", what=what, age=age))
    held = facts.held_nudges + facts.held
    if held:
        yield note(Area.WORK, Label("{held} held back (renewals release)", held=held))
    if facts.doubtful:
        yield to_do(
            Area.WORK,
            Label("{doubtful} in doubt (renewals release --in-doubt)", doubtful=facts.doubtful),
        )
    zone = ZoneInfo(checkup.app.policy.zone)
    for pause in facts.pauses:
        until = clock_word(pause.until_at, zone)
        yield note(
            Area.WORK,
            Label(
                "paused: {what}{until}{why}",
                what=pause.what,
                until=Label(" until {until}", until=until) if until else "",
                why=Label(": {because}", because=pause.why) if pause.because else "",
            ),
        )


def _daemon(checkup: Checkup, facts: Installation) -> Iterator[DiagnosisLine]:
    """Whether one runs, by its lock or by its last sweep."""
    process, last = daemon_of(checkup.app.database_url), facts.last_sweep_at
    age = checkup.now - last if last is not None else None
    swept = (
        Label("last sweep {span} ago", span=span(age)) if age is not None else Label("no sweep yet")
    )
    if checkup.app.keeping.rehearsed():
        yield note(Area.WORK, Label("a rehearsal; {swept}", swept=swept))
    elif facts.restored is not None:
        yield note(Area.WORK, Label("waits for `renewals release --since`; {swept}", swept=swept))
    elif not sweep_is_late(Facts(checkup.now, last), checkup.machine.sweep_seconds):
        yield fine(
            Area.WORK,
            Label("{swept} (process {process})", swept=swept, process=process)
            if process
            else swept,
        )
    elif process:
        yield to_do(
            Area.WORK,
            Label(
                "a daemon runs (process {process}) but does not sweep: {swept}",
                process=process,
                swept=swept,
            ),
        )
    else:
        yield to_do(Area.WORK, Label("no daemon runs: {swept}", swept=swept))


def balance(checkup: Checkup) -> Iterator[DiagnosisLine]:
    """The last proof that nothing was lost."""
    last = checkup.facts.last_balance
    if last is None:
        yield note(Area.BALANCE, Label("not checked yet; the daemon checks it every day"))
        return
    age = span(checkup.now - last.at)
    if not last.balanced:
        count = sum(last.faults.values())
        yield to_do(
            Area.BALANCE,
            Label(
                "{age} ago: {number} mismatches (renewals report balance)", age=age, number=count
            ),
        )
    elif checkup.now - last.at > BALANCE_LATE:
        yield to_do(Area.BALANCE, Label("the last one was {age} ago", age=age))
    else:
        yield fine(
            Area.BALANCE,
            Label(
                "{age} ago: {due} due, {nudges} nudges, everything adds up",
                age=age,
                due=last.due,
                nudges=last.nudges,
            ),
        )


def backups(checkup: Checkup) -> Iterator[DiagnosisLine]:
    """The newest copy, and what upgrades and restores left."""
    app, nightly = checkup.app, checkup.app.nightly_by(checkup.machine)
    file = file_of(app.database_url)
    if file is None:
        yield note(Area.BACKUPS, Label("for PostgreSQL use pg_dump (docs/backup.md)"))
        return
    if nightly is None:
        yield note(Area.BACKUPS, Label("none are made every night ([machine] backups is empty)"))
    elif (newest := nightly.newest()) is None:
        yield note(Area.BACKUPS, Label("no nightly copy yet ({folder})", folder=nightly.folder))
    elif checkup.now.date() - newest[0] > COPY_LATE:
        yield to_do(
            Area.BACKUPS,
            Label("the newest copy is of {day}: {file}", day=newest[0], file=newest[1]),
        )
    else:
        yield fine(Area.BACKUPS, Label("the newest: {newest}", newest=newest[1]))
    for pattern, what in (
        ("*.backup", Label("from before an upgrade")),
        ("*.upgrading", Label("from an upgrade that broke off")),
        ("*.replaced-*Z", Label("replaced by a restore")),
    ):
        for left in sorted(file.parent.glob(file.name + pattern))[-1:]:
            yield note(
                Area.BACKUPS,
                Label(
                    "{what}: {left} ({size})",
                    what=what,
                    left=left,
                    size=megabytes(left.stat().st_size),
                ),
            )

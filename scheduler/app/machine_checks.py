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
from scheduler.app.patient import Patient, megabytes
from scheduler.core.deal.formats import clock_word
from scheduler.core.machine.diagnosis import Area, Line, fine, note, span, to_do
from scheduler.core.machine.health import Facts, sweep_is_late
from scheduler.core.words.labels import Label
from scheduler.services.audit.installation import Installation
from scheduler.storage.database.integrity import SQLITE_VERSION
from scheduler.storage.database.journal import file_of
from scheduler.storage.database.lock import daemon_of
from scheduler.system.clock import SystemClock, kernel_clock_state, synchronised

ALARM_LATE, QUEUE_LATE, BALANCE_LATE = timedelta(hours=1), timedelta(hours=1), timedelta(hours=50)
COPY_LATE = timedelta(days=2)


def program(patient: Patient) -> Iterator[Line]:
    """What runs here."""
    versions = (
        f"renewals {__version__}, Python {platform.python_version()}, SQLite {SQLITE_VERSION}, "
        f"{platform.platform(terse=True)}"
    )
    yield fine(Area.PROGRAM, versions, versions)


def clock(patient: Patient) -> Iterator[Line]:
    """Whether the time is kept right, and agrees with the database's."""
    state, at = kernel_clock_state(), f"{patient.now:%Y-%m-%d %H:%M:%S} UTC"
    if synchronised():
        yield fine(Area.CLOCK, f"{at}、同期されています", f"{at}, kept right by the kernel")
    elif state is None:
        yield note(
            Area.CLOCK,
            f"{at}。同期されているかをカーネルに問い合わせられません。",
            f"{at}; the kernel cannot be asked whether it is kept right",
        )
    else:
        yield note(
            Area.CLOCK,
            f"{at}。時刻が同期されていません(NTPを有効にしてください：timedatectl set-ntp true)。",
            f"{at}, not synchronised: switch NTP on (timedatectl set-ntp true)",
        )
    apart = abs(patient.app.clock.now() - SystemClock().now())
    if apart > timedelta(minutes=1):
        yield to_do(
            Area.CLOCK,
            f"データベースサーバーの時計と{span(apart).ja}ずれています",
            f"{span(apart).en} apart from the database server's clock",
        )
    last = patient.facts.last_sweep_at
    if (
        last is not None
        and not patient.app.keeping.rehearsed()
        and last > patient.now + timedelta(minutes=1)
    ):
        yield to_do(
            Area.CLOCK,
            (
                f"前回の巡回({last:%Y-%m-%d %H:%M} UTC)が未来です。時刻を確かめ、"
                "正しければ：renewals clock accept"
            ),
            (
                f"the last sweep ({last:%Y-%m-%d %H:%M} UTC) is in the future; check the time and, "
                "if it is right, run `renewals clock accept`"
            ),
        )


def files(patient: Patient) -> Iterator[Line]:
    """What others on this machine can read."""
    open_to_all = readable_by_others(patient.app)
    if not open_to_all:
        yield fine(
            Area.FILES, "ほかの利用者には読めません", "others on this machine can read none of them"
        )
        return
    listed = " ".join(map(str, open_to_all))
    yield to_do(
        Area.FILES,
        f"このマシンの全利用者が読めます。直し方：chmod o-rwx {listed}",
        f"every user can read them: chmod o-rwx {listed}",
    )


def work(patient: Patient) -> Iterator[Line]:
    """The daemon, the last sweep, what waits and since when, what stands still on purpose."""
    facts, now = patient.facts, patient.now
    yield from _daemon(patient, facts)
    for what, since, late in (
        (Label("巡回待ちの取引", "deals to be swept"), facts.oldest_alarm_at, ALARM_LATE),
        (Label("送信待ちのリマインド", "nudges that wait"), facts.oldest_nudge_at, QUEUE_LATE),
        *(
            (Label(f"{q.channel}の送信待ち", f"messages for {q.channel}"), q.oldest_at, QUEUE_LATE)
            for q in facts.queues
            if q.paused_at is None
        ),
    ):
        if since is not None and now - since > late:
            age = span(now - since)
            yield to_do(
                Area.WORK,
                f"{what.ja}：最も古いものは{age.ja}前から",
                f"{what.en}: the oldest for {age.en}",
            )
    held = facts.held_nudges + facts.held
    if held:
        yield note(
            Area.WORK, f"保留{held}件(renewals release)", f"{held} held back (renewals release)"
        )
    if facts.doubtful:
        yield to_do(
            Area.WORK,
            f"届いたか不明{facts.doubtful}通(renewals release --in-doubt)",
            f"{facts.doubtful} in doubt (renewals release --in-doubt)",
        )
    zone = ZoneInfo(patient.app.policy.zone)
    for pause in facts.pauses:
        until = clock_word(pause.until_at, zone)
        ja, en = (f"、{until} まで" if until else ""), (f" until {until}" if until else "")
        why = (
            f"：{pause.because}" if pause.because else "",
            f": {pause.because}" if pause.because else "",
        )
        yield note(
            Area.WORK,
            f"一時停止中：{pause.what.ja}{ja}{why[0]}",
            f"paused: {pause.what.en}{en}{why[1]}",
        )


def _daemon(patient: Patient, facts: Installation) -> Iterator[Line]:
    """Whether one runs, by its lock or by its last sweep."""
    process, last = daemon_of(patient.app.database_url), facts.last_sweep_at
    age = patient.now - last if last is not None else None
    swept = (
        Label(f"前回の巡回 {span(age).ja}前", f"last sweep {span(age).en} ago")
        if age is not None
        else Label("まだ巡回していません", "no sweep yet")
    )
    if patient.app.keeping.rehearsed():
        yield note(Area.WORK, f"リハーサル：{swept.ja}", f"a rehearsal; {swept.en}")
    elif facts.restored is not None:
        yield note(
            Area.WORK,
            f"復元後の確認待ち：{swept.ja}",
            f"waits for `renewals release --since`; {swept.en}",
        )
    elif not sweep_is_late(Facts(patient.now, last), patient.machine.sweep_seconds):
        yield fine(
            Area.WORK,
            swept.ja + (f"(プロセス {process})" if process else ""),
            swept.en + (f" (process {process})" if process else ""),
        )
    elif process:
        yield to_do(
            Area.WORK,
            f"デーモン(プロセス {process})が巡回していません：{swept.ja}",
            f"a daemon runs (process {process}) but does not sweep: {swept.en}",
        )
    else:
        yield to_do(
            Area.WORK, f"デーモンが動いていません：{swept.ja}", f"no daemon runs: {swept.en}"
        )


def balance(patient: Patient) -> Iterator[Line]:
    """The last proof that nothing was lost."""
    last = patient.facts.last_balance
    if last is None:
        yield note(
            Area.BALANCE,
            "まだ照合していません(デーモンが毎日行います)",
            "none was made yet; the daemon makes one every day",
        )
        return
    age = span(patient.now - last.at)
    if not last.balanced:
        count = sum(last.faults.values())
        yield to_do(
            Area.BALANCE,
            f"{age.ja}前：合わないものが{count}件(renewals report balance)",
            f"{age.en} ago: {count} do not agree (renewals report balance)",
        )
    elif patient.now - last.at > BALANCE_LATE:
        yield to_do(Area.BALANCE, f"前回は{age.ja}前です", f"the last one was {age.en} ago")
    else:
        yield fine(
            Area.BALANCE,
            f"{age.ja}前：期日{last.due}、リマインド{last.nudges}、すべて合います",
            f"{age.en} ago: {last.due} due, {last.nudges} nudges, all agree",
        )


def backups(patient: Patient) -> Iterator[Line]:
    """The newest copy, and what upgrades and restores left."""
    app, nightly = patient.app, patient.app.nightly_by(patient.machine)
    file = file_of(app.database_url)
    if file is None:
        yield note(
            Area.BACKUPS,
            "PostgreSQLの写しは pg_dump で作ります(docs/backup.md)",
            "PostgreSQL's are made by pg_dump (docs/backup.md)",
        )
        return
    if nightly is None:
        yield note(
            Area.BACKUPS,
            "毎晩の写しは作りません([machine] backups が空)",
            "none are made every night ([machine] backups is empty)",
        )
    elif (newest := nightly.newest()) is None:
        yield note(
            Area.BACKUPS,
            f"毎晩の写しはまだありません({nightly.folder})",
            f"no nightly copy yet ({nightly.folder})",
        )
    elif patient.now.date() - newest[0] > COPY_LATE:
        yield to_do(
            Area.BACKUPS,
            f"最新の写しは{newest[0]}のものです：{newest[1]}",
            f"the newest copy is of {newest[0]}: {newest[1]}",
        )
    else:
        yield fine(Area.BACKUPS, f"最新：{newest[1]}", f"the newest: {newest[1]}")
    for pattern, ja, en in (
        ("*.backup", "更新前の写し", "of before an upgrade"),
        ("*.replaced-*Z", "復元で置き換えたもの", "replaced by a restore"),
    ):
        for left in sorted(file.parent.glob(file.name + pattern))[-1:]:
            yield note(
                Area.BACKUPS,
                f"{ja}：{left}({megabytes(left.stat().st_size)})",
                f"{en}: {left} ({megabytes(left.stat().st_size)})",
            )

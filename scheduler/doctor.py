"""Everything that can be wrong with this installation, in one page: each judge looks at one thing and says what it found.

Always holds: nothing is changed and nothing posted; a judge that cannot look says why, and the others go on; what is configured is judged by the same
code as `renewals check` (`scheduler.checks`). Without `live` nothing outside this machine and its database is asked.
"""

import platform
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from scheduler import __version__
from scheduler.channels.registry import setup_marks
from scheduler.checks import Findings, judge_addresses, judge_channels, judge_destinations, named_addresses, readable_by_others, unwritable
from scheduler.clock import SystemClock, kernel_clock_state, synchronised
from scheduler.core.diagnosis import Area, Level, Line, fine, note, span, to_do
from scheduler.core.errors import UserMustActError
from scheduler.core.labels import Label
from scheduler.core.routing import ways_of
from scheduler.core.words import ChannelName, Language
from scheduler.environment import SECRETS, found_in
from scheduler.folder_memory import remembered
from scheduler.inbound.links import weak_secrets
from scheduler.opening import held_notice
from scheduler.ports import StoreUnavailableError
from scheduler.services.installation import Installation
from scheduler.storage.address import parse_url, place
from scheduler.storage.checking import CheckRows
from scheduler.storage.engine import explained
from scheduler.storage.installation import InstallationRows
from scheduler.storage.integrity import SQLITE_VERSION, look_through
from scheduler.storage.journal import file_of, stray_journal
from scheduler.storage.lock import daemon_of
from scheduler.storage.schema import SchemaState, schema_state
from scheduler.wiring import App
from scheduler.working_folder import ConfigRefusedError

SWEEP_LATE, ALARM_LATE, QUEUE_LATE, BALANCE_LATE = timedelta(minutes=10), timedelta(hours=1), timedelta(hours=1), timedelta(hours=50)
COPY_LATE = timedelta(days=2)
_PROBLEMS, _PEOPLE = 5, 200
_LARGE_JOURNAL, _LITTLE_ROOM = 512 * 2**20, 200 * 2**20
UNITS = (Path("/etc/systemd/system"), Path("/usr/lib/systemd/system"), Path("/lib/systemd/system"))
HARDENED = tuple(
    "NoNewPrivileges ProtectSystem ProtectHome PrivateTmp PrivateDevices PrivateUsers ProtectKernelTunables ProtectKernelModules "
    "ProtectControlGroups RestrictAddressFamilies RestrictNamespaces MemoryDenyWriteExecute CapabilityBoundingSet SystemCallFilter UMask".split()
)
"""What the shipped unit (deploy/renewals.service) forbids, and an installed one should."""


@dataclass
class Patient:
    """What is looked at. `units`: where units of systemd lie."""

    folder: Path
    language: Language
    env: Mapping[str, str]
    live: bool = False
    units: Sequence[Path] = UNITS

    @cached_property
    def app(self) -> App:
        """The installation joined together. Raises UserMustActError."""
        return App(self.folder, self.language, None, self.env)

    @cached_property
    def now(self) -> datetime:
        """The time by this machine."""
        return SystemClock().now()

    @cached_property
    def facts(self) -> Installation:
        """How it does, from its database. Raises UserMustActError, ConfigRefusedError, StoreUnavailableError."""
        memory = remembered(self.folder)
        if stray := stray_journal(self.app.database_url, memory.changes if memory is not None else 0):
            raise UserMustActError(stray.ja, stray.en)
        if (file := file_of(self.app.database_url)) is not None and not file.exists():
            if remembered(self.folder) is not None:
                raise StoreUnavailableError(
                    f"このフォルダーで使っていたデータベース {file} がありません。マウントを確かめるか、写しを戻してください(renewals restore)。",
                    f"the database that this folder has worked with, {file}, is not there: mount its disk, or put a copy back (renewals restore)",
                )
            raise StoreUnavailableError(
                f"データベースがまだありません({file})。renewals import ファイル または renewals run で作られます。",
                f"there is no database yet ({file}); `renewals import FILE` or `renewals run` makes it",
            )
        return InstallationRows(self.app.reading, self.app.engine, self._setups).look(self.now)

    @property
    def _setups(self) -> Mapping[ChannelName, str]:
        """Marks of the channels' configuration; none where config.toml cannot be read."""
        try:
            return setup_marks(self.app.channel_settings, self.app.env)
        except (UserMustActError, ConfigRefusedError):
            return {}

    def close(self) -> None:
        """Lets go of what was opened."""
        if "app" in vars(self):
            self.app.close()


Judge = Callable[[Patient], Iterator[Line]]


def examine(patient: Patient) -> list[Line]:
    """Every judge's lines, in the order of the page."""
    lines: list[Line] = []
    for area, judge in JUDGES:
        try:
            lines += judge(patient)
        except ConfigRefusedError:
            lines.append(note(area, "設定に誤りがあるため調べられません。", "not looked at, because the configuration has mistakes"))
        except (UserMustActError, StoreUnavailableError) as error:
            known = any(error.label == line.says for line in lines)
            skipped = Label("データベースを使えないため調べられません。", "not looked at, because the database cannot be used")
            lines.append(Line(area, Level.NOTE, skipped) if known else Line(area, Level.TO_DO, error.label))
        except Exception as error:  # one judge's fault, whatever it is, must not hide what the others find
            lines.append(to_do(area, f"調べられませんでした：{error}", f"could not be looked at: {error}"))
    return lines


def program(patient: Patient) -> Iterator[Line]:
    """What runs here."""
    versions = f"renewals {__version__}, Python {platform.python_version()}, SQLite {SQLITE_VERSION}, {platform.platform(terse=True)}"
    yield fine(Area.PROGRAM, versions, versions)


def configuration(patient: Patient) -> Iterator[Line]:
    """The file and the texts."""
    result = patient.app.working_folder.problems_or_config()
    if isinstance(result, list):
        yield from (to_do(Area.CONFIGURATION, p.shown(Language.JA), p.shown(Language.EN)) for p in result[:_PROBLEMS])
        if len(result) > _PROBLEMS:
            rest = len(result) - _PROBLEMS
            yield to_do(Area.CONFIGURATION, f"ほか{rest}件(renewals check に全件)", f"and {rest} more; `renewals check` lists all")
        return
    policy = result.policy
    ja = f"{patient.app.working_folder.config_file}：パイプライン{len(policy.pipelines)}、通知タイミング{len(policy.milestones)}"
    en = f"{patient.app.working_folder.config_file}: {len(policy.pipelines)} pipelines, {len(policy.milestones)} milestones"
    yield fine(Area.CONFIGURATION, ja, en)


def database(patient: Patient) -> Iterator[Line]:
    """Whether it can be reached, is whole, and is of this program's revision."""
    url = patient.app.database_url
    where, file = place(parse_url(url)), file_of(url)
    if (wrong := unwritable(url)) is not None:
        yield Line(Area.DATABASE, Level.TO_DO, wrong)
    yield from _revision(patient, where, patient.facts)
    if file is not None:
        yield from _sqlite(file)
    if patient.app.keeping.rehearsed():
        yield note(Area.DATABASE, "リハーサル用：送信はプレビューとこのマシン宛てだけ", "a rehearsal's: messages go to preview and this machine only")


def _revision(patient: Patient, where: str, facts: Installation) -> Iterator[Line]:
    """The tables, and whether config.toml is in force in them."""
    with explained(patient.app.reading), patient.app.reading.connect() as connection:
        state = schema_state(connection)
    if state is SchemaState.CURRENT:
        yield fine(
            Area.DATABASE, f"{where}：第{facts.revision}版、識別子 {facts.instance[:8]}", f"{where}: revision {facts.revision}, {facts.instance[:8]}"
        )
    for notice in held_notice(facts.restored, patient.app.policy):
        yield to_do(Area.DATABASE, notice.ja.removeprefix("注意："), notice.en.removeprefix("NOTE: "))


def _sqlite(file: Path) -> Iterator[Line]:
    """The file: whether it is whole, how large its journal is, how much room there is."""
    found = look_through(file)
    if found.damage:
        ja = f"壊れています：{found.damage}。写しから戻してください：renewals restore"
        yield to_do(Area.DATABASE, ja, f"damaged: {found.damage}; put a copy back: renewals restore")
    if found.journal > _LARGE_JOURNAL:
        yield note(Area.DATABASE, f"ジャーナルが大きくなっています({_mb(found.journal)})", f"its journal is large ({_mb(found.journal)})")
    if found.free < max(found.size, _LITTLE_ROOM):
        yield to_do(Area.DATABASE, f"ディスクの空きが少なくなっています({_mb(found.free)})", f"little room is left on its disk ({_mb(found.free)})")
    elif not found.damage:
        sizes = _mb(found.size), _mb(found.free)
        yield fine(Area.DATABASE, f"整合性は正常、{sizes[0]}、空き {sizes[1]}", f"whole, {sizes[0]}, {sizes[1]} free")


def clock(patient: Patient) -> Iterator[Line]:
    """Whether the time is kept right, and agrees with the database's."""
    state, at = kernel_clock_state(), f"{patient.now:%Y-%m-%d %H:%M:%S} UTC"
    if synchronised():
        yield fine(Area.CLOCK, f"{at}、同期されています", f"{at}, kept right by the kernel")
    elif state is None:
        yield note(
            Area.CLOCK, f"{at}。同期されているかをカーネルに問い合わせられません。", f"{at}; the kernel cannot be asked whether it is kept right"
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
            Area.CLOCK, f"データベースサーバーの時計と{span(apart).ja}ずれています", f"{span(apart).en} apart from the database server's clock"
        )
    last = patient.facts.last_sweep_at
    if last is not None and not patient.app.keeping.rehearsed() and last > patient.now + timedelta(minutes=1):
        yield to_do(
            Area.CLOCK,
            f"前回の巡回({last:%Y-%m-%d %H:%M} UTC)が未来です。時刻を確かめ、正しければ：renewals clock accept",
            f"the last sweep ({last:%Y-%m-%d %H:%M} UTC) is in the future; check the time and, if it is right, run `renewals clock accept`",
        )


def channels(patient: Patient) -> Iterator[Line]:
    """The ways out: configured, answering (with `live`), paused."""
    app = patient.app
    found = Findings()
    judge_channels(app, found, patient.live)
    yield from _lines(Area.CHANNELS, found)
    if found.problems:
        return
    names = ", ".join(sorted(name.value for name in app.channels if name is not ChannelName.PREVIEW))
    if names:
        asked = ("応答あり", "they answer") if patient.live else ("接続は --live で確認", "--live asks them")
        yield fine(Area.CHANNELS, f"{names}({asked[0]})", f"{names} ({asked[1]})")
    for queue in patient.facts.queues:
        if queue.paused_at is not None:
            since = span(patient.now - queue.paused_at)
            yield to_do(
                Area.CHANNELS,
                f"{queue.channel}は{since.ja}前から止まっています：{queue.because}(待ち{queue.waiting}通)",
                f"{queue.channel} is paused since {since.en}: {queue.because} ({queue.waiting} wait)",
            )


def destinations(patient: Patient) -> Iterator[Line]:
    """Each admin, fallback and person, as far as can be asked without posting."""
    app = patient.app
    found = Findings()
    policy = app.config.policy
    judge_addresses(policy, tuple(app.channels), found)
    if patient.live:
        judge_destinations(app, policy, found)
    yield from _lines(Area.DESTINATIONS, found)
    asked = len({address for _, address in named_addresses(policy)})
    people = [p for p in CheckRows(app.reading).people() if p.active] if _has_database(patient) else []
    wrong = 0
    for person in people[:_PEOPLE] if patient.live else ():
        ways = [w for w in ways_of(person, tuple(app.channels)) if w[0] is not ChannelName.PREVIEW]
        because = app.channels[ways[0][0]].address_problem(ways[0][1]) if ways else ""
        if because:
            wrong += 1
            yield to_do(Area.DESTINATIONS, f"{person.name}({ways[0][1]})には送れません：{because}", f"{person.name} ({ways[0][1]}): {because}")
    if not found.problems and not wrong:
        how = ("確認済み", "asked") if patient.live else ("--live で問い合わせ", "--live asks about them")
        yield fine(
            Area.DESTINATIONS,
            f"設定の宛先{asked}件、担当者{len(people)}人({how[0]})",
            f"{asked} address{'es' * (asked != 1)} in the configuration, {len(people)} people ({how[1]})",
        )


def _lines(area: Area, found: Findings) -> Iterator[Line]:
    """What `check` would say."""
    yield from (to_do(area, p.shown(Language.JA), p.shown(Language.EN)) for p in found.problems)
    yield from (Line(area, Level.NOTE, n) for n in found.notes)


def _has_database(patient: Patient) -> bool:
    """Whether the database can be asked."""
    try:
        return bool(patient.facts)
    except (UserMustActError, StoreUnavailableError):
        return False


def secrets(patient: Patient) -> Iterator[Line]:
    """Where each comes from, and whether the key of the links could be guessed."""
    weak = weak_secrets(patient.app.env.get("LINK_SECRET", ""))
    if weak:
        yield to_do(
            Area.SECRETS,
            f"LINK_SECRET に推測できるものが{weak}個あります。24文字以上の無作為な文字列にしてください。",
            f"LINK_SECRET holds {weak} that could be guessed; use 24 random characters or more",
        )
    found = found_in(patient.folder, patient.env)
    listed = ", ".join(f"{name} ({where})" for name, where in found.items() if where is not None and name in SECRETS)
    yield fine(Area.SECRETS, f"設定済み：{listed or 'なし'}", f"set: {listed or 'none'}")


def files(patient: Patient) -> Iterator[Line]:
    """What others on this machine can read."""
    open_to_all = readable_by_others(patient.app)
    if not open_to_all:
        yield fine(Area.FILES, "ほかの利用者には読めません", "others on this machine can read none of them")
        return
    listed = " ".join(map(str, open_to_all))
    yield to_do(Area.FILES, f"このマシンの全利用者が読めます。直し方：chmod o-rwx {listed}", f"every user can read them: chmod o-rwx {listed}")


def unit(patient: Patient) -> Iterator[Line]:
    """The installed unit: whether it starts this version, and what it leaves open."""
    found = [u for folder in patient.units if folder.is_dir() for u in sorted(folder.glob("*.service")) if _starts_us(u)]
    if not found:
        yield note(
            Area.UNIT, "systemdのユニットは入っていません(deploy/renewals.service)", "no unit of systemd is installed (deploy/renewals.service)"
        )
    for file in dict.fromkeys(f.resolve() for f in found):
        text = file.read_text("utf-8", "replace")
        yield from _version_of(file, text)
        missing = [name for name in HARDENED if not re.search(rf"(?m)^{name}=", text)]
        if missing:
            yield note(Area.UNIT, f"{file}：守りが足りません：{', '.join(missing)}", f"{file} leaves open: {', '.join(missing)}")


def _starts_us(file: Path) -> bool:
    """Whether a unit starts the daemon."""
    try:
        return bool(re.search(r"(?m)^ExecStart=\S*renewals run\b", file.read_text("utf-8", "replace")))
    except OSError:
        return False


def _version_of(file: Path, text: str) -> Iterator[Line]:
    """Which version a unit starts."""
    found = re.search(r"(?m)^ExecStart=[-@:+!]*(\S+)", text)
    command = found[1] if found else ""
    try:
        said = subprocess.run([command, "--version"], capture_output=True, text=True, timeout=20, check=True).stdout.split()[-1]
    except (OSError, subprocess.SubprocessError, IndexError):
        yield to_do(Area.UNIT, f"{file} が起動する {command} を実行できません", f"{command}, which {file} starts, cannot be run")
        return
    if said == __version__:
        yield fine(Area.UNIT, f"{file}：同じ版({said})を起動します", f"{file} starts this version ({said})")
    else:
        yield to_do(
            Area.UNIT, f"{file} は別の版({said})を起動します(これは{__version__})", f"{file} starts another version ({said}; this is {__version__})"
        )


def work(patient: Patient) -> Iterator[Line]:
    """The daemon, the last sweep, what waits and since when, what stands still on purpose."""
    facts, now = patient.facts, patient.now
    yield from _daemon(patient, facts)
    for what, since, late in (
        (Label("巡回待ちの取引", "deals to be swept"), facts.oldest_alarm_at, ALARM_LATE),
        (Label("送信待ちのリマインド", "nudges that wait"), facts.oldest_nudge_at, QUEUE_LATE),
        *((Label(f"{q.channel}の送信待ち", f"messages for {q.channel}"), q.oldest_at, QUEUE_LATE) for q in facts.queues if q.paused_at is None),
    ):
        if since is not None and now - since > late:
            age = span(now - since)
            yield to_do(Area.WORK, f"{what.ja}：最も古いものは{age.ja}前から", f"{what.en}: the oldest for {age.en}")
    held = facts.held_nudges + facts.held
    if held:
        yield note(Area.WORK, f"保留{held}件(renewals release)", f"{held} held back (renewals release)")
    if facts.doubtful:
        yield to_do(
            Area.WORK, f"届いたか不明{facts.doubtful}通(renewals release --in-doubt)", f"{facts.doubtful} in doubt (renewals release --in-doubt)"
        )
    zone = ZoneInfo(patient.app.policy.zone)
    for pause in facts.pauses:
        until = f"{pause.until_at.astimezone(zone):%Y-%m-%d %H:%M}" if pause.until_at else ""
        ja, en = (f"、{until} まで" if until else ""), (f" until {until}" if until else "")
        why = f"：{pause.because}" if pause.because else "", f": {pause.because}" if pause.because else ""
        yield note(Area.WORK, f"一時停止中：{pause.what.ja}{ja}{why[0]}", f"paused: {pause.what.en}{en}{why[1]}")


def _daemon(patient: Patient, facts: Installation) -> Iterator[Line]:
    """Whether one runs, by its lock or by its last sweep."""
    process, last = daemon_of(patient.app.database_url), facts.last_sweep_at
    age = patient.now - last if last is not None else None
    swept = (
        Label(f"前回の巡回 {span(age).ja}前", f"last sweep {span(age).en} ago") if age is not None else Label("まだ巡回していません", "no sweep yet")
    )
    if patient.app.keeping.rehearsed():
        yield note(Area.WORK, f"リハーサル：{swept.ja}", f"a rehearsal; {swept.en}")
    elif facts.restored is not None:
        yield note(Area.WORK, f"復元後の確認待ち：{swept.ja}", f"waits for `renewals release --since`; {swept.en}")
    elif age is not None and age < SWEEP_LATE:
        yield fine(Area.WORK, swept.ja + (f"(プロセス {process})" if process else ""), swept.en + (f" (process {process})" if process else ""))
    elif process:
        yield to_do(
            Area.WORK,
            f"デーモン(プロセス {process})が巡回していません：{swept.ja}",
            f"a daemon runs (process {process}) but does not sweep: {swept.en}",
        )
    else:
        yield to_do(Area.WORK, f"デーモンが動いていません：{swept.ja}", f"no daemon runs: {swept.en}")


def balance(patient: Patient) -> Iterator[Line]:
    """The last proof that nothing was lost."""
    last = patient.facts.last_balance
    if last is None:
        yield note(Area.BALANCE, "まだ照合していません(デーモンが毎日行います)", "none was made yet; the daemon makes one every day")
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
    app, nightly = patient.app, patient.app.nightly
    file = file_of(app.database_url)
    if file is None:
        yield note(Area.BACKUPS, "PostgreSQLの写しは pg_dump で作ります(docs/backup.md)", "PostgreSQL's are made by pg_dump (docs/backup.md)")
        return
    if nightly is None:
        yield note(Area.BACKUPS, "毎晩の写しは作りません([machine] backups が空)", "none are made every night ([machine] backups is empty)")
    elif (newest := nightly.newest()) is None:
        yield note(Area.BACKUPS, f"毎晩の写しはまだありません({nightly.folder})", f"no nightly copy yet ({nightly.folder})")
    elif patient.now.date() - newest[0] > COPY_LATE:
        yield to_do(Area.BACKUPS, f"最新の写しは{newest[0]}のものです：{newest[1]}", f"the newest copy is of {newest[0]}: {newest[1]}")
    else:
        yield fine(Area.BACKUPS, f"最新：{newest[1]}", f"the newest: {newest[1]}")
    for pattern, ja, en in (("*.backup", "更新前の写し", "of before an upgrade"), ("*.replaced-*Z", "復元で置き換えたもの", "replaced by a restore")):
        for left in sorted(file.parent.glob(file.name + pattern))[-1:]:
            yield note(Area.BACKUPS, f"{ja}：{left}({_mb(left.stat().st_size)})", f"{en}: {left} ({_mb(left.stat().st_size)})")


def _mb(size: int) -> str:
    """A size to be read."""
    return f"{-(-size // 2**20):,} MB"


JUDGES: tuple[tuple[Area, Judge], ...] = (
    (Area.PROGRAM, program),
    (Area.CONFIGURATION, configuration),
    (Area.DATABASE, database),
    (Area.CLOCK, clock),
    (Area.CHANNELS, channels),
    (Area.DESTINATIONS, destinations),
    (Area.SECRETS, secrets),
    (Area.FILES, files),
    (Area.UNIT, unit),
    (Area.WORK, work),
    (Area.BALANCE, balance),
    (Area.BACKUPS, backups),
)

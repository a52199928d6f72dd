"""`renewals demo`: a believable set of contracts, the last twelve months run in seconds by the real engine on a virtual clock, and what came of it.

Always holds: everything is written into one folder, which is a complete working folder afterwards; a second run starts that folder's database anew
and asks before it touches a folder that is not a demo's; nothing leaves this machine.
"""

import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scheduler.cli.context import Here
from scheduler.cli.demo_story import COLUMNS, PEOPLE, Deed, DemoContract, demo_contracts
from scheduler.cli.say import label, say, strong, table, tell, text
from scheduler.core.dates import Term, add_months
from scheduler.core.errors import UserMustActError
from scheduler.core.words import Call, Health, Paperwork, Verb

if TYPE_CHECKING:
    from scheduler.core.answers import Answer
    from scheduler.wiring import App

MARK = ".renewals-demo"
FOLDER = Path("renewals-demo")
LOOKS = (time(0, 30), time(9, 30))
"""When the demo's year looks at the clock each day, in UTC: Tokyo's morning and London's."""


@dataclass
class VirtualClock:
    """A clock that the demo moves."""

    at: datetime

    def now(self) -> datetime:
        """The instant it stands at."""
        return self.at


def demo(here: Here) -> None:
    """A year of sixty contracts in a few seconds, then the board, two messages, and what to try next. Makes the folder `renewals-demo` or `--dir`."""
    from scheduler.clock import SystemClock
    from scheduler.logs import hush
    from scheduler.wiring import open_app

    folder = FOLDER if here.folder == Path() else here.folder
    _prepare(folder)
    now = SystemClock().now().replace(microsecond=0)
    story = demo_contracts(now.date())
    _write_files(folder, story, now.date())
    tell(f"{folder} に見本の作業フォルダーを作り、過去12か月を動かしています…", f"Making {folder} and running the last twelve months …")
    env = {k: v for k, v in here.env.items() if k not in ("DATABASE_URL", "SLACK_BOT_TOKEN", "SMTP_URL")}
    begins_at = datetime.combine(add_months(now.date(), -12), LOOKS[0], UTC)
    clock = VirtualClock(begins_at)
    hush()
    with open_app(folder, language=here.language, env=env, edits=True, clock=clock) as app:
        seconds = _year(app, clock, story, folder, now)
        clock.at = now
        _show(app, folder, story, seconds)


def _prepare(folder: Path) -> None:
    """An empty folder, or a demo's own from an earlier run, whose database begins anew."""
    if folder.exists() and not folder.is_dir():
        raise UserMustActError(
            f"{folder} はフォルダーではありません。--dir で別の場所を指定してください。", f"{folder} is not a folder; name another with --dir"
        )
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise UserMustActError(
            f"{folder} には別のファイルがあります。--dir で空のフォルダーを指定してください。",
            f"{folder} holds other files; name an empty folder with --dir",
        )
    for old in ("data/renewals.db", "data/renewals.db-wal", "data/renewals.db-shm"):
        (folder / old).unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text("renewals demo\n", "utf-8")


def _write_files(folder: Path, story: Sequence[DemoContract], today: date) -> None:
    """The working folder: configuration, people, and the contracts in the files that brought them in."""
    from scheduler.cli.init import init

    if not (folder / "config.toml").exists():
        with _silenced():
            init(Here(folder), folder)
    (folder / "people.csv").write_text(PEOPLE, "utf-8")
    for month, contracts in _by_month(story, today):
        with (folder / f"contracts-{month:%Y-%m}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(c.columns for c in contracts)


@contextmanager
def _silenced() -> Iterator[None]:
    """What `init` says about each file is not part of the demo."""
    from contextlib import redirect_stderr, redirect_stdout
    from io import StringIO

    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        yield


def _by_month(story: Sequence[DemoContract], today: date) -> list[tuple[date, list[DemoContract]]]:
    """The contracts in force a year ago, then those signed since, month by month."""
    begin = add_months(today, -12)
    files: dict[date, list[DemoContract]] = {}
    for contract in story:
        signed = max(contract.starts_on, begin)
        files.setdefault(begin if signed == begin else signed.replace(day=1), []).append(contract)
    return sorted(files.items())


def _year(app: "App", clock: VirtualClock, story: Sequence[DemoContract], folder: Path, now: datetime) -> float:
    """Twelve months: files come in, colleagues answer, the engine does the rest. Returns the seconds it took."""
    from time import perf_counter

    from scheduler.rounds import Rounds

    begun = perf_counter()
    rounds = Rounds(app)
    arrivals = {_arrival(month, clock.at.date()): folder / f"contracts-{month:%Y-%m}.csv" for month, _ in _by_month(story, now.date())}
    deeds = sorted((d for c in story for d in c.deeds if clock.at.date() < d.on <= now.date()), key=lambda d: d.on)
    _bring_people(app, folder)
    known: set[str] = set()
    with _progress((now - clock.at).days) as advance:
        while clock.at <= now:
            today = clock.at.date()
            if today in arrivals:
                known |= _bring_contracts(app, arrivals.pop(today))
            while deeds and deeds[0].on <= today:
                _act(app, deeds.pop(0), known)
            while rounds.sweep(_never) or rounds.deliver(_never):
                pass
            clock.at = _next_look(clock.at)
            advance((now - clock.at).days)
    return perf_counter() - begun


def _arrival(month: date, begin: date) -> date:
    """The day on which a month's contracts come in: its fifteenth, the first file at once."""
    return begin if month <= begin else max(begin, month.replace(day=15))


def _next_look(at: datetime) -> datetime:
    """The next of the day's looks, or the next day's first."""
    later = [t for t in LOOKS if t > at.time()]
    return datetime.combine(at.date(), later[0], UTC) if later else datetime.combine(at.date() + timedelta(days=1), LOOKS[0], UTC)


def _never() -> bool:
    return False


@contextmanager
def _progress(days: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal."""
    if not sys.stderr.isatty():
        yield lambda left: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    with Progress(TextColumn(text("12か月", "12 months")), BarColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("year", total=days)
        yield lambda left: bar.update(task, completed=days - left)


def _bring_people(app: "App", folder: Path) -> None:
    """The colleagues."""
    from scheduler.services.import_people import import_people
    from scheduler.sources.people import open_people

    import_people(app.imports, open_people(folder / "people.csv", app.policy), app.clock.now())


def _bring_contracts(app: "App", file: Path) -> set[str]:
    """One file of contracts; their numbers."""
    from scheduler.services.importing import import_contracts
    from scheduler.sources.contracts import open_contracts

    import_contracts(app.imports, open_contracts(file, app.policy), app.policy, app.clock.now())
    with file.open(encoding="utf-8", newline="") as rows:
        return {r["contract"] for r in csv.DictReader(rows)}


def _act(app: "App", deed: Deed, known: set[str]) -> None:
    """A colleague answers; where the deal has gone another way meanwhile, he has nothing to say."""
    from scheduler.core.answers import AnswerRefusedError
    from scheduler.core.pipeline import MoveRefusedError
    from scheduler.services.answering import answer

    if deed.contract not in known:
        return
    try:
        answer(app.answering, deed.contract, _said(app, deed), app.policy, app.clock.now())
    except (AnswerRefusedError, MoveRefusedError):
        return


def _said(app: "App", deed: Deed) -> "Answer":
    """The answer of a deed."""
    from scheduler.core.answers import Answer
    from scheduler.core.deal import Lost

    options = dict(deed.options)
    person = app.listings.person(deed.by)
    said = Answer(Verb(deed.verb), person.name if person else deed.by, person, note=options.get("note", ""))
    if said.verb is Verb.LOST:
        return replace(said, lost=Lost(options["reason"]))
    return replace(
        said,
        call=Call(options["call"]) if "call" in options else None,
        paperwork=Paperwork(options["paperwork"]) if "paperwork" in options else None,
        health=Health(options["health"]) if "health" in options else None,
        term=Term(12) if said.verb is Verb.WON else None,
    )


def _show(app: "App", folder: Path, story: Sequence[DemoContract], seconds: float) -> None:
    """The board, two messages, the deadlines, the report, what to try."""
    from scheduler.cli.listing import show_board, show_deals, today_of
    from scheduler.cli.report import show_passage
    from scheduler.services.listing import DealFilter, closed_stages
    from scheduler.services.reports import passage_report

    policy, today = app.policy, today_of(app)
    over = closed_stages(policy)
    messages = app.listings.messages("sent", "nudges", 100_000)
    told = len(app.listings.nudges("sent", None, None, 100_000))
    say()
    say(
        strong(f"契約{len(story)}件・12か月を{seconds:.1f}秒で動かしました。リマインド{told}件を{len(messages)}通にまとめました。"),
        strong(f"{len(story)} contracts, twelve months in {seconds:.1f} s: {told} nudges went out in {len(messages)} messages."),
    )
    say()
    show_board(app.listings.board(DealFilter(closed=True), over), policy)
    say()
    say(strong("急ぎの契約"), strong("Most urgent"))
    lines, _ = app.listings.deals(DealFilter(limit=8), over, today)
    show_deals(lines, policy, today)
    _show_messages(app)
    _show_deadlines(app, today)
    say()
    show_passage(passage_report(app.reports, policy.pipelines["existing"]))
    _show_next(folder, lines[0].contract if lines else "J-1001")


def _show_messages(app: "App") -> None:
    """The newest message about a coming renewal in each language, as its reader sees it."""
    from scheduler.cli.listing import show_message

    coming = [m.id for m in app.policy.milestones if m.series in ("renewal", "deadline")]
    languages = {person.name: person.language for person in app.listings.people(())}
    shown: set[str | None] = set()
    for nudge in app.listings.nudges("sent", None, None, 100_000):
        message = app.listings.message(nudge.message) if nudge.message and nudge.milestone in coming else None
        language = languages.get(nudge.recipient)
        if message is None or message.nudges != 1 or not message.text or language is None or language in shown:
            continue
        shown.add(language)
        say()
        rule = f"── {text('メッセージ', 'Message')} {message.message} {'─' * 60}"
        say(rule, rule)
        show_message(message, ZoneInfo(app.policy.zone))


def _show_deadlines(app: "App", today: date) -> None:
    """Contracts whose notice deadline falls before their first renewal nudge, with the money at stake, and whether another milestone saves them."""
    from scheduler.core.formats import money
    from scheduler.services.checking import notice_lint
    from scheduler.services.listing import closed_stages

    policy = app.policy
    deals = app.listings.waking(datetime.combine(today + timedelta(days=3650), time(), UTC), closed_stages(policy), 100_000)
    only_renewal = replace(policy, milestones=tuple(m for m in policy.milestones if m.series == "renewal"))
    say()
    say(
        strong("解約通知期限が最初の更新リマインドより先に来る契約"), strong("Contracts whose notice deadline comes before their first renewal nudge")
    )
    findings = notice_lint(only_renewal, deals, today)
    rows = [(f.contracts, " + ".join(money(m) for m in f.money), ", ".join(f.examples)) for f in findings]
    if not rows:
        say("ありません。", "None.")
        return
    table((text("件数", "Contracts"), text("金額", "At stake"), text("例", "For example")), rows, right=(0, 1))
    saved = [m for m in policy.milestones if m.series == "deadline"]
    for milestone in saved:
        say(
            f"これらは「{label(milestone.label)}」が期限より前に知らせます。",
            f'For these, the milestone "{label(milestone.label)}" speaks in time.',
        )


def _show_next(folder: Path, contract: str) -> None:
    """What to try."""
    say()
    say(strong("次に試すこと"), strong("Try next"))
    inside = f"--dir {folder}"
    steps = (
        (f"renewals deals {inside}", "取引の一覧", "every open deal"),
        (f"renewals show {contract} {inside}", "1件の経緯", "one contract's story"),
        (f"renewals upcoming {inside}", "これから90日の予定", "what comes in the next 90 days"),
        (f"renewals answer {contract} call renew {inside}", "更新見込みを回答(undoで取り消し)", "answer; `undo` takes it back"),
        (f"renewals messages {inside}", "送ったメッセージ", "what was sent"),
        (f"renewals run {inside}", "デーモンとして動かす(Ctrl-Cで終了)", "run the daemon (Ctrl-C ends it)"),
    )
    for command, ja, en in steps:
        say(f"  {command}　… {ja}", f"  {command}  … {en}")
    say(
        f"設定は {folder / 'config.toml'} にあります。変えたら renewals check {inside}",
        f"The settings are in {folder / 'config.toml'}; after an edit: renewals check {inside}",
    )

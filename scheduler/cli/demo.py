"""`renewals demo`: a believable set of contracts, the last twelve months run in seconds by the real
engine on a virtual clock, and what came of it.

Always holds: everything is written into one folder, which is a complete working folder afterwards;
a second run starts that folder's database anew and keeps its config.toml; a folder that is not a
demo's is not touched; the demo's database sends nothing but to preview and to this machine.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.cli.context import Here
from scheduler.cli.demo_story import DEALS, DemoContract, demo_contracts, hubspot_deeds
from scheduler.cli.demo_year import VirtualClock, first_instant, live, write_files
from scheduler.cli.say import (
    heading,
    label,
    language,
    paragraph,
    say,
    strong,
    table,
    tell,
    text,
    unguarded_error,
    width,
)
from scheduler.cli.tables import Column
from scheduler.cli.words import amount_word, amounts_word
from scheduler.core.deal.contracts import sums
from scheduler.core.words.errors import UserMustActError

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.core.deal.deal import Deal
    from scheduler.core.rules.first_word import Late
    from scheduler.services.deals.listing import MessageLine

MARK = ".renewals-demo"
FOLDER = Path("renewals-demo")
DATABASE = ("renewals.db", "renewals.db-wal", "renewals.db-shm")
_ELSEWHERE = (
    "DATABASE_URL",
    "SLACK_BOT_TOKEN",
    "SLACK_API_URL",
    "SMTP_URL",
    "CREDENTIALS_DIRECTORY",
)
_URGENT, _LATE = 8, 6


def demo(here: Here) -> None:
    """A year of some sixty contracts in a few seconds, then the board, two messages, and what to
    try next. Makes `renewals-demo` or `--dir`."""
    from scheduler.system.clock import SystemClock
    from scheduler.system.logs import hush

    folder = here.folder if here.dir_given else FOLDER
    if prepare(folder):
        tell(f"{folder} の見本を最初から作り直します…", f"Making the demo in {folder} anew …")
    else:
        tell(
            f"{folder} に見本の作業フォルダーを作り、過去12か月を動かします…",
            f"Making {folder} and running the last twelve months …",
        )
    hush()
    tell_year(here, folder, SystemClock().now().replace(microsecond=0))


def tell_year(here: Here, folder: Path, now: datetime) -> None:
    """Lives the twelve months before `now` in a prepared folder, then shows what came of it and
    what to try."""
    from time import perf_counter

    from scheduler.app.ready import open_app
    from scheduler.app.wiring import App
    from scheduler.services.deals.listing import DealFilter, closed_stages

    begun = perf_counter()
    env = {
        name: value
        for name, value in here.env.items()
        if name.removesuffix("_FILE") not in _ELSEWHERE
    }
    clock = VirtualClock(first_instant(now))
    story = demo_contracts(now.date())
    deeds = [*(d for c in story for d in c.deeds), *hubspot_deeds(now.date())]
    with App(folder, here.language, None, env).sole_daemon():
        for name in DATABASE:
            (folder / "data" / name).unlink(missing_ok=True)
        files = write_files(folder, story, now)
        with open_app(folder, language=here.language, env=env, edits=True, clock=clock) as app:
            app.need_not_last()
            app.keeping.mark_rehearsed(clock.at)
            with _progress(clock.at, now) as advance:
                live(app, clock, files, deeds, now, advance)
            _show(app, story, perf_counter() - begun)
            urgent, _ = app.listings.deals(
                DealFilter(limit=1), closed_stages(app.policy), now.date()
            )
    _show_next(folder, urgent[0].contract if urgent else story[0].columns["contract"], here.env)


def prepare(folder: Path) -> bool:
    """A folder of its own, or a demo's from an earlier run (then True). Raises UserMustActError for
    any other."""
    if folder.exists() and not folder.is_dir():
        raise UserMustActError(
            f"{folder} はフォルダーではありません。--dir で別の場所を指定してください。",
            f"{folder} is not a folder; name another with --dir",
        )
    again = (folder / MARK).is_file()
    if folder.is_dir() and any(folder.iterdir()) and not again:
        raise UserMustActError(
            f"{folder} には別のファイルがあります。--dir で空のフォルダーを指定してください。",
            f"{folder} holds other files; name an empty folder with --dir",
        )
    if (folder / ".env").exists():
        raise UserMustActError(
            (
                f"{folder / '.env'} に接続先が書かれているかもしれないため、作り直しません。--dir "
                "で別のフォルダーを指定してください。"
            ),
            (
                f"{folder / '.env'} may name a real database or mail server, so this demo is not "
                "made anew; name another folder with --dir"
            ),
        )
    try:
        (folder / "data").mkdir(parents=True, exist_ok=True)
        (folder / MARK).write_text("renewals demo\n", "utf-8")
    except OSError as error:
        raise UserMustActError(
            (
                f"{folder} に書き込めません({error.strerror})。--dir "
                "で書き込める場所を指定してください。"
            ),
            f"cannot write to {folder} ({error.strerror}); name another place with --dir",
        ) from error
    _initialise(folder)
    return again


def _initialise(folder: Path) -> None:
    """config.toml and what belongs to it, without a word."""
    from scheduler.cli.init import init

    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        init(Here(folder), folder)


@contextmanager
def _progress(begin: datetime, end: datetime) -> Iterator[Callable[[datetime], None]]:
    """A bar on a terminal."""
    if not sys.stderr.isatty():
        yield lambda at: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        console=Console(file=unguarded_error()),
        transient=True,
    ) as bar:
        task = bar.add_task(f"{begin:%Y-%m}", total=(end - begin).days)
        yield lambda at: bar.update(task, completed=(at - begin).days, description=f"{at:%Y-%m}")


def _show(app: "App", story: Sequence[DemoContract], seconds: float) -> None:
    """The board, the most urgent, two messages, the deadlines, how far deals come."""
    from scheduler.cli.listing import show_board, show_deals, today_of
    from scheduler.cli.report import show_definitions, show_passage
    from scheduler.services.deals.listing import DealFilter, closed_stages
    from scheduler.services.deals.reports import passage_report

    policy, today = app.policy, today_of(app)
    over = closed_stages(policy)
    _show_sum(app, len(story), seconds)
    say()
    show_board(app.listings.board(DealFilter(closed=True), over), policy)
    heading("急ぎの契約", "Most urgent")
    lines, _ = app.listings.deals(DealFilter(limit=_URGENT), over, today)
    show_deals(lines, policy, today)
    _show_messages(app)
    _show_deadlines(app, today)
    heading("取引はどこまで進んだか(通過レポート)", "How far deals come (passage report)")
    paragraph(
        (
            "旧パイプライン(失注だけで6種類)は、HubSpotの書き出しから取り込みました。"
            "失注は1つで足ります：どこまで進んだかは、この表で分かります。"
        ),
        (
            "The old pipeline with its six kinds of lost came in from HubSpot exports. One lost "
            "stage is enough: how far a deal had come is this report."
        ),
    )
    for pipeline in policy.pipelines.values():
        say()
        show_passage(passage_report(app.reports, pipeline))
    say()
    show_definitions()


def _show_sum(app: "App", contracts: int, seconds: float) -> None:
    """What the year came to."""
    nudges = len(app.listings.nudges("sent", None, None, 100_000))
    messages = len(app.listings.messages("sent", "nudges", 100_000))
    say()
    line = text(
        (
            f"契約{contracts}件と旧パイプラインの取引{DEALS}件の12か月を{seconds:.1f}秒で動かしまし"
            f"た。リマインド{nudges}件を{messages}通で届けました。"
        ),
        (
            f"Twelve months of {contracts} contracts and {DEALS} deals of an old pipeline in "
            f"{seconds:.1f} s: {nudges} nudges in {messages} messages."
        ),
    )
    say(strong(line), strong(line))


def _show_messages(app: "App") -> None:
    """The newest message about a coming renewal in each language, the reader's own first, as its
    recipient sees it."""
    from scheduler.cli.listing import show_message

    found = _messages_by_language(app)
    for code in sorted(found, key=lambda c: c != language().value):
        message = found[code]
        say()
        rule = f"── {text('メッセージ', 'Message')} {message.message} "
        rule += "─" * max(0, min(width(), 100) - len(rule) - 6)
        say(rule, rule)
        show_message(message, app.policy)
    say("─" * min(width(), 100), "─" * min(width(), 100))


def _messages_by_language(app: "App") -> "Mapping[str, MessageLine]":
    """The newest message with one nudge of the renewal or deadline series, by the language of its
    recipient."""
    coming = {m.id for m in app.policy.milestones if m.series in ("renewal", "deadline")}
    languages = {person.name: person.language for person in app.listings.people(())}
    found: dict[str, MessageLine] = {}
    for nudge in app.listings.nudges("sent", None, None, 100_000):
        code = languages.get(nudge.recipient)
        if nudge.milestone not in coming or nudge.message is None or code is None or code in found:
            continue
        message = app.listings.message(nudge.message)
        if message is not None and message.nudges == 1 and message.text:
            found[code] = message
    return found


@dataclass(frozen=True, slots=True)
class _TooLate:
    """A contract whose first renewal nudge comes too late to give notice."""

    deal: "Deal"
    late: "Late"


def _show_deadlines(app: "App", today: date) -> None:
    """Contracts whose notice deadline falls before their first renewal nudge, the money at stake,
    and the milestone that saves them."""
    from scheduler.core.deal.formats import near_day

    found = _too_late(app, today)
    heading(
        "解約通知期限が最初の更新リマインドより先、または直前(5営業日未満)に来る契約",
        (
            "Contracts whose notice deadline falls before their first renewal nudge, or within 5 "
            "working days of it"
        ),
    )
    if not found:
        say("ありません。", "None.")
        return
    columns = (
        Column(text("顧客", "Customer"), least=12),
        text("契約", "Contract"),
        text("最初の更新リマインド", "First renewal nudge"),
        text("解約通知期限", "Notice deadline"),
        Column(text("金額", "At stake"), right=True),
    )
    days = [
        (
            f.deal,
            near_day(f.late.day_on, today, language()),
            near_day(f.late.decide_by, today, language()),
        )
        for f in found[:_LATE]
    ]
    table(
        columns,
        [
            (d.contract.customer.name, d.contract.number, nudge, by, amount_word(d.contract.amount))
            for d, nudge, by in days
        ],
    )
    total = amounts_word(*sums(one.deal.contract.amount for one in found))
    more = len(found) - _LATE
    say(
        (f"ほか{more}件。" if more > 0 else "")
        + f"合わせて{len(found)}件・{total}が、断る権利を失ってから知らされるところでした。",
        (f"{more} more. " if more > 0 else "")
        + (
            f"In all, {len(found)} contracts ({total}) would come up only when the right to refuse "
            "is as good as gone."
        ),
    )
    saving = [m for m in app.policy.milestones if m.series == "deadline"]
    for milestone in saving:
        paragraph(
            (
                f"付属の設定では「{label(milestone.label)}」が先に届くため間に合います。"
                "この通知のない設定は renewals check が金額とともに警告します。"
            ),
            (
                f'The shipped milestone "{label(milestone.label)}" speaks in time. Without it, '
                "`renewals check` warns and names the money."
            ),
        )


def _too_late(app: "App", today: date) -> list[_TooLate]:
    """The contracts that the renewal series alone would tell too late, the nearest deadline
    first."""
    from scheduler.core.rules.first_word import late_nudges
    from scheduler.services.deals.listing import closed_stages

    policy = app.policy
    only_renewal = replace(
        policy, milestones=tuple(m for m in policy.milestones if m.series == "renewal")
    )
    horizon = datetime.combine(today + timedelta(days=3650), time(), app.clock.now().tzinfo)
    deals = app.listings.waking(horizon, closed_stages(policy), 100_000)
    found = [
        _TooLate(deal, late) for deal in deals for late in late_nudges(deal, only_renewal, today)
    ]
    return sorted(found, key=lambda f: (f.late.decide_by, f.deal.contract.number))


def _show_next(folder: Path, contract: str, env: Mapping[str, str]) -> None:
    """What to try, as it can be typed here."""
    from scheduler.cli.program import called_from

    program = called_from(folder)
    heading("次に試すこと", "Try next")
    steps = (
        *(() if folder.resolve() == Path.cwd() else ((f"cd {_quoted(folder)}", "", ""),)),
        (f"{program} deals", "進行中の取引", "every open deal"),
        (
            f"{program} show {contract}",
            "1件の経緯と、これから起きること",
            "one contract's story, and what comes",
        ),
        (f"{program} why {contract}", "それぞれの日付の理由", "why each reminder comes on its day"),
        (f"{program} upcoming", "これから90日の予定", "the next 90 days"),
        (
            f"{program} answer {contract} call renew",
            "更新見込みを回答する(undo で取り消し)",
            "answer a nudge (`undo` takes it back)",
        ),
        (f"{program} messages", "届けたメッセージ", "what was sent"),
        (f"{program} report passage --explain", "通過レポート", "the passage report"),
        (f"{program} report balance", "漏れがないことの証明", "the proof that nothing was lost"),
        (f"{program} check", "config.toml を変えたら点検", "after an edit of config.toml"),
        (f"{program} run", "デーモンとして動かす(Ctrl-C で終了)", "the daemon (Ctrl-C ends it)"),
    )
    longest = max(len(command) for command, _, _ in steps)
    for command, ja, en in steps:
        line = f"  {command.ljust(longest)}  {text(ja, en)}".rstrip()
        say(line, line)
    for name in ("DATABASE_URL", "DATABASE_URL_FILE"):
        if env.get(name):
            say(
                (
                    f"注意：環境変数 {name} が設定されています。デモのデータを見るには先に unset "
                    f"{name} してください。"
                ),
                f"NOTE: {name} is set; to look at the demo's data first run: unset {name}",
            )
    paragraph(
        "見本のデータベースからは、このマシンの外へは何も送信しません。",
        "Nothing leaves this machine from the demo's database.",
    )


def _quoted(folder: Path) -> str:
    """The folder as a shell reads it."""
    from shlex import quote

    return quote(str(folder))

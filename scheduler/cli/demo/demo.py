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

from scheduler.cli.context import CommandContext
from scheduler.cli.demo.demo_story import DEALS, DemoContract, demo_contracts, hubspot_deeds
from scheduler.cli.demo.demo_year import VirtualClock, first_instant, live, write_files
from scheduler.cli.terminal.say import (
    heading,
    label,
    language,
    paragraph,
    put,
    say,
    strong,
    table,
    tell,
    text,
    unguarded_error,
    width,
)
from scheduler.cli.terminal.tables import Column
from scheduler.cli.terminal.words import amount_word, amounts_word
from scheduler.core.deal.contracts import sums
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.system.environment import OUTSIDE

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.core.deal.deal import Deal
    from scheduler.core.rules.late_first_nudge import LateFirstNudge
    from scheduler.services.deals.listing import MessageLine

MARKER_FILE = ".renewals-demo"
FOLDER = Path("renewals-demo")
DATABASE = ("renewals.db", "renewals.db-wal", "renewals.db-shm")
_ELSEWHERE = (*OUTSIDE, "CREDENTIALS_DIRECTORY")
_URGENT, _LATE = 8, 6


def demo(here: CommandContext) -> None:
    """A year of some sixty contracts in a few seconds, then the board, two messages, and what to
    try next. Makes `renewals-demo` or `--dir`."""
    from scheduler.system.clock import SystemClock
    from scheduler.system.logs import hush

    folder = here.folder if here.dir_given else FOLDER
    if prepare(folder):
        tell("Recreating the demo in {folder} …", folder=folder)
    else:
        tell("Making {folder} and running the last twelve months …", folder=folder)
    hush()
    tell_year(here, folder, SystemClock().now().replace(microsecond=0))


def tell_year(here: CommandContext, folder: Path, now: datetime) -> None:
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
        raise UserMustActError("{folder} is not a folder; name another with --dir", folder=folder)
    again = (folder / MARKER_FILE).is_file()
    if folder.is_dir() and any(folder.iterdir()) and not again:
        raise UserMustActError(
            "{folder} holds other files; name an empty folder with --dir", folder=folder
        )
    if (folder / ".env").exists():
        raise UserMustActError(
            (
                "the settings in {folder} may name a real database or mail server, so the demo "
                "is not recreated there; name another folder with --dir"
            ),
            folder=folder / ".env",
        )
    try:
        (folder / "data").mkdir(parents=True, exist_ok=True)
        (folder / MARKER_FILE).write_text("renewals demo\n", "utf-8")
    except OSError as error:
        raise UserMustActError(
            "cannot write to {folder} ({strerror}); name another place with --dir",
            folder=folder,
            strerror=error.strerror,
        ) from error
    _initialise(folder)
    return again


def _initialise(folder: Path) -> None:
    """config.toml and what belongs to it, without a word."""
    from scheduler.cli.init import init

    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        init(CommandContext(folder), folder)


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
    from scheduler.cli.deals.listing import show_board, show_deals, today_of
    from scheduler.cli.reports.passage import show_definitions, show_passage
    from scheduler.services.deals.listing import DealFilter, closed_stages
    from scheduler.services.reports.passage import passage_report

    policy, today = app.policy, today_of(app)
    over = closed_stages(policy)
    _show_sum(app, len(story), seconds)
    say()
    show_board(app.listings.board(DealFilter(closed=True), over), policy)
    heading("Most urgent")
    lines, _ = app.listings.deals(DealFilter(limit=_URGENT), over, today)
    show_deals(lines, policy, today)
    _show_messages(app)
    _show_deadlines(app, today)
    heading("How far deals get (passage report)")
    paragraph(
        "The old pipeline, with its six kinds of lost, was imported from HubSpot exports. One "
        "lost stage is enough: this report shows how far each deal had got."
    )
    for pipeline in policy.pipelines.values():
        say()
        show_passage(passage_report(app.passage_sums, pipeline))
    say()
    show_definitions()


def _show_sum(app: "App", contracts: int, seconds: float) -> None:
    """Shows what happened in the year."""
    nudges = len(app.listings.nudges("sent", None, None, 100_000))
    messages = len(app.listings.messages("sent", "nudges", 100_000))
    say()
    line = text(
        (
            "Twelve months of {contracts} contracts and {deals} deals of an old pipeline in "
            "{seconds:.1f} s: {nudges} nudges in {messages} messages."
        ),
        contracts=contracts,
        deals=DEALS,
        seconds=seconds,
        nudges=nudges,
        messages=messages,
    )
    put(strong(line))


def _show_messages(app: "App") -> None:
    """The newest message about a coming renewal in each language, the reader's own first, as its
    recipient sees it."""
    from scheduler.cli.deals.listing import show_message

    found = _messages_by_language(app)
    for code in sorted(found, key=lambda c: c != language().value):
        message = found[code]
        say()
        rule = f"── {text('Message')} {message.message} "
        rule += "─" * max(0, min(width(), 100) - len(rule) - 6)
        put(rule)
        show_message(message, app.policy)
    put("─" * min(width(), 100))


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
    late: "LateFirstNudge"


def _show_deadlines(app: "App", today: date) -> None:
    """Contracts whose notice deadline falls before their first renewal nudge, the money at stake,
    and the milestone that saves them."""
    from scheduler.core.deal.formats import near_day

    found = _too_late(app, today)
    heading(
        "Contracts whose notice deadline is before their first renewal nudge, or within 5 "
        "working days of it"
    )
    if not found:
        say("None.")
        return
    columns = (
        Column(text("Customer"), least=12),
        text("Contract"),
        text("First renewal nudge"),
        text("Notice deadline"),
        Column(text("At stake"), right=True),
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
        (
            "{more}In all, {found} contracts ({total}) would come up only when it is all but too "
            "late to give notice."
        ),
        more=(Label("{more} more. ", more=more) if more > 0 else ""),
        found=len(found),
        total=total,
    )
    saving = [m for m in app.policy.milestones if m.series == "deadline"]
    for milestone in saving:
        paragraph(
            (
                'The shipped milestone "{milestone}" asks in time. Without it, `renewals check` '
                "warns and names the amounts."
            ),
            milestone=label(milestone.label),
        )


def _too_late(app: "App", today: date) -> list[_TooLate]:
    """The contracts that the renewal series alone would tell too late, the nearest deadline
    first."""
    from scheduler.core.rules.late_first_nudge import late_first_nudges
    from scheduler.services.deals.listing import closed_stages

    policy = app.policy
    only_renewal = replace(
        policy, milestones=tuple(m for m in policy.milestones if m.series == "renewal")
    )
    horizon = datetime.combine(today + timedelta(days=3650), time(), app.clock.now().tzinfo)
    deals = app.listings.waking(horizon, closed_stages(policy), 100_000)
    found = [
        _TooLate(deal, late)
        for deal in deals
        for late in late_first_nudges(deal, only_renewal, today)
    ]
    return sorted(found, key=lambda f: (f.late.decide_by, f.deal.contract.number))


def _show_next(folder: Path, contract: str, env: Mapping[str, str]) -> None:
    """Shows what to try, as it can be typed here."""
    from scheduler.cli.program import called_from

    program = called_from(folder)
    heading("Try next")
    steps = (
        *(() if folder.resolve() == Path.cwd() else ((f"cd {_quoted(folder)}", ""),)),
        (f"{program} deals", text("every open deal")),
        (f"{program} show {contract}", text("one contract's history, and what comes next")),
        (f"{program} why {contract}", text("why each reminder comes on its day")),
        (f"{program} upcoming", text("the next 90 days")),
        (f"{program} answer {contract} call renew", text("answer a nudge (`undo` takes it back)")),
        (f"{program} messages", text("what was sent")),
        (f"{program} report passage --explain", text("the passage report")),
        (f"{program} report balance", text("the daily proof that nothing was lost")),
        (f"{program} check", text("after you edit config.toml")),
        (f"{program} run", text("the daemon (Ctrl-C stops it)")),
    )
    longest = max(len(command) for command, _ in steps)
    for command, what in steps:
        line = f"  {command.ljust(longest)}  {what}".rstrip()
        put(line)
    for name in ("DATABASE_URL", "DATABASE_URL_FILE"):
        if env.get(name):
            say(
                "note: {name} is set; to look at the demo's data first run: unset {name}", name=name
            )
    paragraph("Nothing that the demo sends leaves this machine.")


def _quoted(folder: Path) -> str:
    """The folder as a shell reads it."""
    from shlex import quote

    return quote(str(folder))

"""A large installation: 100,000 contracts of 1,001 people on one SQLite file, on the morning on
which everybody's weekly digest is due.

    python -m benchmarks.large [contracts]

Four figures, each with its goal:

    digests    processor time and memory of making the week of 1,000 reps and the team of their
               manager (≤ 10 s, ≤ 150 MB), in a process of its own; the baseline is one bare pass
               over the rows that must be read: every open deal with its contract, and every event
    first      seconds from the start of a daemon to its first message, with 1,000 reminders and all
               the digests due (≤ 10 s)
    answer     the slowest of many `renewals answer`, from one process's start to its end, while
               that daemon works (≤ 2 s), against the median of the same before the start; then
               SIGTERM, until the daemon is gone
    check      processor time of `renewals check --offline` (≤ 5 s), against the bare pass

The daemon and the commands are real processes that believe it is ten o'clock in Tokyo on 1 December
2026; mails go to a server on this machine. Some minutes go into making the database.
"""

import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median
from time import monotonic, perf_counter, sleep

from benchmarks._filling import Book, fill, instant_of, shipped_policy
from benchmarks._servers import server
from benchmarks._timing import once, peak_mb
from scheduler.core.words.lexicon import ChannelName
from scheduler.services.digests.round import digest_once
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.transactions import transactions
from scheduler.storage.digests.digests import DigestQueries
from scheduler.storage.reports.digests import WholeDigestQueries
from tests.e2e.process import Folder

CONTRACTS, REPS, ANSWERS, PATIENCE = 100_000, 1_000, 20, 300.0
NOW = instant_of(0)
DIGEST_SECONDS, DIGEST_MB, FIRST_SECONDS, ANSWER_SECONDS, CHECK_SECONDS = (
    10.0,
    150.0,
    10.0,
    2.0,
    5.0,
)
BARE = (
    """SELECT d.id, d.pipeline, d.stage, d.health, d.call, d.notice_on, d.paperwork, c.ends_on,
    c.decide_by, c.amount, c.currency, c.owner_id FROM deals d
    JOIN contracts c ON c.id = d.contract_id WHERE d.closed_at IS NULL AND d.voided_at IS NULL""",
    (
        "SELECT deal_id, milestone, anchor_on, step, day_on, state, answered_at, snoozed_until "
        "FROM events"
    ),
)


def make(path: Path, contracts: int, smtp: str) -> Folder:
    """A working folder whose database holds the book; a thousand of its deals are due."""
    folder = Folder(path, {"SMTP_URL": smtp})
    folder.done("init", "--lang", "en")
    engine = open_engine(_url(folder), lasting=False)
    fill(engine, Book(contracts, rounds=1, due=min(1_000, contracts // 2), reps=REPS))
    engine.dispose()
    return folder


def _url(folder: Folder) -> str:
    """The folder's database."""
    return f"sqlite:///{folder.path / 'data' / 'renewals.db'}"


def bare(file: Path) -> float:
    """Seconds of processor time that reading the rows takes."""
    began = _processor_seconds()
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        for query in BARE:
            for _ in database.execute(query):
                pass
    return _processor_seconds() - began


def _processor_seconds(of: int = RUSAGE_SELF) -> float:
    """What this process has used, or those that it started and that have ended."""
    usage = getrusage(of)
    return usage.ru_utime + usage.ru_stime


def digests(url: str) -> None:
    """Makes them all; prints how many, seconds of processor time, the longest that one step took,
    and the peak of memory."""
    policy = shipped_policy()
    looking = transactions(open_engine(url, reading=True), WholeDigestQueries)
    writing = transactions(open_engine(url), DigestQueries)
    began, made, longest = _processor_seconds(), 0, 0.0
    while True:
        step = perf_counter()
        done = digest_once(looking, writing, policy, (ChannelName.EMAIL,), NOW)
        longest = max(longest, perf_counter() - step)
        made += done.messages
        if not done.messages:
            break
    print(made, _processor_seconds() - began, longest, peak_mb())


def command(folder: Folder, at: datetime, words: Sequence[str]) -> list[str]:
    """One of the program's commands, in a process that believes it is that late."""
    return [
        sys.executable,
        "-m",
        "benchmarks._believing",
        at.isoformat(),
        *words,
        "--dir",
        str(folder.path),
    ]


def first_and_answers(folder: Folder) -> tuple[float, list[float], float]:
    """Seconds until the first message, of each answer, and until the daemon is gone."""
    began = monotonic()
    with (folder.path / "output.log").open("w") as log:
        daemon = subprocess.Popen(
            command(folder, NOW, ["run"]), stdout=log, stderr=log, env=folder.environment()
        )
    try:
        while not _sent(folder):
            if monotonic() - began > PATIENCE or daemon.poll() is not None:
                raise SystemExit(folder.log())
            sleep(0.05)
        first = monotonic() - began
        answers = [_answered(folder, 7 * n + 1, began) for n in range(ANSWERS)]
        stopping = monotonic()
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(PATIENCE)
        return first, answers, monotonic() - stopping
    finally:
        daemon.kill()


def _sent(folder: Folder) -> bool:
    """Whether a message has gone out."""
    with closing(
        sqlite3.connect(f"file:{folder.path / 'data' / 'renewals.db'}?mode=ro", uri=True)
    ) as database:
        return bool(
            database.execute("SELECT 1 FROM messages WHERE sent_at IS NOT NULL LIMIT 1").fetchone()
        )


def _answered(folder: Folder, number: int, began: float) -> float:
    """One answer, by the owner."""
    at = datetime.fromtimestamp(NOW.timestamp() + monotonic() - began, UTC)
    start = monotonic()
    said = [
        "answer",
        f"C-{number}",
        "health",
        "at_risk",
        "--by",
        f"rep{2 + number % REPS}@example.com",
    ]
    result = subprocess.run(
        command(folder, at, said),
        env=folder.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise SystemExit(f"{result.stdout}{result.stderr}")
    return monotonic() - start


def say(what: str, figure: str, *, met: bool) -> None:
    """One line."""
    print(f"{what}: {figure} ({'met' if met else 'MISSED'})", flush=True)


def main(contracts: int) -> None:
    """Prints the lines."""
    with tempfile.TemporaryDirectory() as name, server("smtp") as smtp:
        folder = make(Path(name) / "work", contracts, smtp)
        file = folder.path / "data" / "renewals.db"
        bare(file)
        passes = median(bare(file) for _ in range(3))
        copy = Path(name) / "copy.db"
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        told = subprocess.run(
            [sys.executable, "-m", "benchmarks.large", "--digests", f"sqlite:///{copy}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        made, seconds, longest, peak = int(told[0]), float(told[1]), float(told[2]), float(told[3])
        figure = (
            f"{seconds:.1f} s of processor time, {peak:.0f} MB, {seconds / passes:.1f} × a bare "
            f"pass ({passes:.2f} s); longest step {longest:.1f} s"
        )
        say(
            f"{made:,} digests of {contracts:,} contracts",
            figure,
            met=seconds <= DIGEST_SECONDS and peak <= DIGEST_MB,
        )
        alone = median(_answered(folder, 7 * n + 3, monotonic()) for n in range(5))
        first, answers, stopped = first_and_answers(folder)
        say(
            "first message after a start, digests due", f"{first:.1f} s", met=first <= FIRST_SECONDS
        )
        figure = (
            f"{max(answers):.1f} s the slowest of {len(answers)}, {median(answers):.1f} s the "
            f"median, {alone:.1f} s before the start"
        )
        figure = f"{figure}; SIGTERM took {stopped:.1f} s"
        say("an answer meanwhile", figure, met=max(answers) <= ANSWER_SECONDS)
        check = [sys.executable, "-m", "scheduler", "check", "--offline", "--dir", str(folder.path)]
        before = _processor_seconds(RUSAGE_CHILDREN)
        wall, memory = once(check, codes=(0, 1))  # 1: the addresses are samples, which it says
        used = _processor_seconds(RUSAGE_CHILDREN) - before
        figure = (
            f"{used:.1f} s of processor time ({wall:.1f} s by the clock), {memory:.0f} MB, "
            f"{used / passes:.1f} × a bare pass"
        )
        say("check --offline", figure, met=used <= CHECK_SECONDS)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--digests"]:
        digests(sys.argv[2])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else CONTRACTS)

"""The demo's year: the real engine on a virtual clock that jumps from one thing to the next, as the
daemon's days would have gone.

Always holds: nothing is computed but what the daemon and the commands would compute; the clock
stands only at instants at which a file comes in, a colleague answers, or an alarm, a nudge or a
message is due.
"""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.cli.demo.demo_story import (
    COLUMNS,
    HUBSPOT_HEADER,
    PEOPLE,
    DemoAnswer,
    DemoContract,
    hubspot_rows,
)
from scheduler.core.answers.verbs import VERBS, Asked
from scheduler.core.time.dates import add_months
from scheduler.core.words.lexicon import ForecastCall, Health, Paperwork, Verb

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.core.answers.answer import Answer
    from scheduler.daemon.jobs import Jobs

OFFICE_OPENS = time(1, 0)
"""When files are brought in, in UTC: ten o'clock in Tokyo."""
_LEAST = timedelta(minutes=1)


@dataclass
class VirtualClock:
    """A clock that the demo moves."""

    at: datetime

    def now(self) -> datetime:
        """The instant it stands at."""
        return self.at


@dataclass(frozen=True, slots=True)
class File:
    """A file that somebody brings in at an instant."""

    at: datetime
    path: Path


def first_instant(now: datetime) -> datetime:
    """The instant at which the year begins."""
    return datetime.combine(add_months(now.date(), -12), OFFICE_OPENS, UTC)


def write_files(folder: Path, story: Sequence[DemoContract], now: datetime) -> list[File]:
    """The people, and the contracts in the files that brought them in: what was in force a year
    ago, then month by month what was signed."""
    for old in (*folder.glob("contracts-*.csv"), *folder.glob("hubspot-*.csv")):
        old.unlink()
    (folder / "people.csv").write_text(PEOPLE, "utf-8")
    begin = first_instant(now)
    files = []
    for month, contracts in _by_month(story, begin.date()):
        at = (
            begin
            if month == begin.date()
            else datetime.combine(max(month.replace(day=15), begin.date()), OFFICE_OPENS, UTC)
        )
        files.append(
            _write(
                folder / f"contracts-{month:%Y-%m}.csv", COLUMNS, [c.columns for c in contracts], at
            )
        )
    for months, later in ((0, False), (6, True)):
        day = add_months(begin.date(), months)
        at = datetime.combine(day, OFFICE_OPENS, UTC)
        files.append(
            _write(
                folder / f"hubspot-{day:%Y-%m}.csv",
                HUBSPOT_HEADER,
                hubspot_rows(now.date(), later=later),
                at,
            )
        )
    return sorted((f for f in files if f.at <= now), key=lambda f: f.at)


def _write(path: Path, header: Sequence[str], rows: Sequence[dict[str, str]], at: datetime) -> File:
    """Writes one CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header)
        writer.writeheader()
        writer.writerows(rows)
    return File(at, path)


def _by_month(story: Sequence[DemoContract], begin: date) -> list[tuple[date, list[DemoContract]]]:
    """The contracts in force at the beginning, under its day, then those signed since, under the
    first of their month."""
    files: dict[date, list[DemoContract]] = {}
    for contract in story:
        files.setdefault(
            begin if contract.starts_on <= begin else contract.starts_on.replace(day=1), []
        ).append(contract)
    return sorted(files.items())


def live(
    app: "App",
    clock: VirtualClock,
    files: Sequence[File],
    deeds: Sequence[DemoAnswer],
    now: datetime,
    advance: Callable[[datetime], None],
) -> None:
    """From the clock's instant to `now`: files come in, colleagues answer, the engine does the
    rest."""
    from scheduler.daemon.jobs import Jobs

    rounds = Jobs(app, clock_is_moved=True)
    coming, waiting = (
        list(files),
        sorted((d for d in deeds if clock.at < d.at <= now), key=lambda d: d.at),
    )
    _bring_people(app, files[0].path.parent / "people.csv")
    while True:
        while coming and coming[0].at <= clock.at:
            _bring_contracts(app, coming.pop(0).path)
        while waiting and waiting[0].at <= clock.at:
            _act(app, waiting.pop(0))
        due_at = _settled(app, rounds)
        advance(clock.at)
        if clock.at >= now:
            return
        ahead = [due_at, *(f.at for f in coming[:1]), *(d.at for d in waiting[:1])]
        clock.at = min(
            now, max(clock.at + _LEAST, min((at for at in ahead if at is not None), default=now))
        )


def _settled(app: "App", rounds: "Jobs") -> datetime | None:
    """Does all that is due at the clock's instant; returns when there is something to do again."""
    now = app.clock.now()
    while True:
        worked = rounds.sweeps.step(_never)
        due_at = app.listings.next_at()
        if due_at is not None and due_at <= now:
            worked = rounds.deliveries.step(_never) or worked
            due_at = app.listings.next_at()
        if due_at is None or due_at > now or not worked:
            return due_at


def _never() -> bool:
    """Nobody asks to stop."""
    return False


def _bring_people(app: "App", file: Path) -> None:
    """The colleagues."""
    from scheduler.services.imports.people import import_people
    from scheduler.sources.people import open_people

    import_people(app.importing_people, open_people(file, app.policy), app.clock.now())


def _bring_contracts(app: "App", file: Path) -> None:
    """Imports one file of contracts or of deals."""
    from scheduler.services.imports.importing import import_contracts
    from scheduler.sources.contracts import open_contracts

    import_contracts(app.imports, open_contracts(file, app.policy), app.policy, app.clock.now())


def _act(app: "App", deed: DemoAnswer) -> None:
    """A colleague answers; where the deal has gone another way meanwhile, they have nothing to
    say."""
    from scheduler.core.answers.refusals import AnswerRefusedError
    from scheduler.core.deal.pipeline import MoveRefusedError
    from scheduler.services.answers.answering import answer

    try:
        answer(app.answering, deed.contract, _said(app, deed), app.policy, app.clock.now())
    except (AnswerRefusedError, MoveRefusedError):
        return


def _said(app: "App", deed: DemoAnswer) -> "Answer":
    """The answer of a deed."""
    from scheduler.core.answers.answer import Answer
    from scheduler.core.deal.deal import Lost

    options = dict(deed.options)
    person = next(iter(app.listings.persons(deed.by)), None)
    note = options.get("note", "")
    said = Answer(Verb(deed.verb), person.name if person else deed.by, person, note=note)
    if Asked.REASON in VERBS[said.verb].required:
        return replace(said, lost=Lost(options["reason"], note=note))
    return replace(
        said,
        call=ForecastCall(options["call"]) if "call" in options else None,
        paperwork=Paperwork(options["paperwork"]) if "paperwork" in options else None,
        health=Health(options["health"]) if "health" in options else None,
        until=date.fromisoformat(options["until"]) if "until" in options else None,
        expected_on=date.fromisoformat(options["expected"]) if "expected" in options else None,
    )

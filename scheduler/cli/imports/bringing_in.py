"""A file is brought in: what came of it is told, and rows that did not come in are written to a
file."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from shutil import copyfile, copytree
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from typer import Exit

from scheduler.cli.context import CommandContext
from scheduler.cli.imports.catch_up import asked, show_told, tell_now
from scheduler.cli.imports.import_report import FirstLoadHeld, show_held, show_report
from scheduler.cli.terminal.say import as_json, language, tell, text, unguarded_error
from scheduler.ports import StoreUnavailableError
from scheduler.services.imports.choices import ImportChoices, ImportListener, Send

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.core.imports.texts import Reject
    from scheduler.services.imports.import_report import ImportReport
    from scheduler.sources.files.opening import FileLayout


Progress = Callable[[int, int | None], None]
MOST_PEOPLE_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a file is to be read, and what to do with it. `people`: whether it is one of people; None
    to decide by its header. `same` and `other` are about people, the choices about contracts, their
    edits and `erase` about both."""

    written: "FileLayout"
    people: bool | None
    profile: str | None
    mapping: Path | None
    source: str | None
    choices: ImportChoices
    dry_run: bool
    same: frozenset[str]
    other: frozenset[str]


def bring_in(here: CommandContext, file: Path, how: ImportOptions, new: bool) -> None:
    """Brings a file in and tells what came of it."""
    from scheduler.sources.rejects import RejectsFile

    rejected = RejectsFile(file, language())
    with opened(here, how.dry_run, new) as app, rejected, progress_bar() as progress:
        if not how.dry_run:
            finish_interrupted_loads(app)
        is_people = _has_people(file, how.written) if how.people is None else how.people
        with coming_in(file, dry_run=how.dry_run):
            if is_people:
                report = _people(app, file, how, rejected)
            else:
                report = _contracts(app, file, how, rejected, progress)
        with _kept(report):
            held, today = _after_first_load(app, report, how.choices.send), app.clock.now().date()
        policy = app.policy
    if here.json:
        as_json(_values(report, held))
    else:
        show_report(report, today, policy)
        show_held(report, held)
        if held.deals and not held.digests and report.import_id is not None and (chosen := asked()):
            with here.open(edits=True) as app:
                show_told(chosen, tell_now(app, [report.import_id], chosen))
    if report.rejected:
        tell(
            "{count} row was not imported; it is listed with the reason in {path}",
            many="{count} rows were not imported; they are listed with the reasons in {path}",
            count=report.rejected,
            path=rejected.path,
        )


@contextmanager
def _kept(report: "ImportReport") -> Iterator[None]:
    """Whoever interrupts what follows the commit is told that the import is kept, and under which
    number."""
    try:
        yield
    except KeyboardInterrupt:
        number = report.import_id
        tell(
            (
                "import {number} is kept, and the rest of the work is finished at the next "
                "start. To take it back: renewals undo {number}"
            ),
            number=number,
        )
        raise Exit(130) from None


@contextmanager
def coming_in(file: Path, *, dry_run: bool) -> Iterator[None]:
    """Whoever loses the database while a file comes in is told what becomes of what was written: a
    part is taken back, now or before anything else is done here; all of it is kept, and then the
    second import changes nothing."""
    try:
        yield
    except StoreUnavailableError as error:
        if dry_run:
            raise
        raise StoreUnavailableError(
            "{why}; {file} did not come in, and what was written of it is taken back by itself: "
            "import it again",
            why=error.label,
            file=file.name,
            passing=error.passing,
        ) from error


@contextmanager
def opened(here: CommandContext, dry_run: bool, new: bool) -> "Iterator[App]":
    """The program on this folder. A dry run changes nothing; where there is no database yet it is
    tried on one that is thrown away."""
    from scheduler.app.ready import NotSetUpError

    with ExitStack() as stack:
        try:
            app = stack.enter_context(here.open(edits=not dry_run, new=new))
        except NotSetUpError:
            if not dry_run:
                raise
            app = stack.enter_context(
                _tried(
                    here, Path(stack.enter_context(TemporaryDirectory(prefix="renewals-dry-run-")))
                )
            )
        yield app


def _tried(here: CommandContext, place: Path) -> "AbstractContextManager[App]":
    """The program on a copy of the folder's settings, with an empty database of its own."""
    for name in ("config.toml", "templates"):
        found = here.folder / name
        if found.is_dir():
            copytree(found, place / name)
        elif found.is_file():
            copyfile(found, place / name)
    env = {name: value for name, value in here.env.items() if name != "DATABASE_URL"}
    return replace(here, folder=place, env=env).open(edits=True)


def _contracts(
    app: "App",
    file: Path,
    how: ImportOptions,
    reject: Callable[["Reject"], None],
    progress: Progress,
) -> "ImportReport":
    """A file of contracts."""
    from scheduler.services.imports.importing import import_contracts
    from scheduler.sources.contracts import open_contracts
    from scheduler.sources.mappings.contracts import read_mapping

    mapping = read_mapping(how.mapping) if how.mapping else None
    opened = open_contracts(
        file,
        app.policy,
        profile=how.profile,
        mapping=mapping,
        source=how.source,
        written=how.written,
    )
    now = app.clock.now()
    return import_contracts(
        app.imports,
        opened,
        app.policy,
        now,
        how.choices,
        dry_run=how.dry_run,
        listener=ImportListener(reject, progress, say_taking_back),
    )


def say_taking_back() -> None:
    """Says that it takes a moment to take back what had come in."""
    tell("undoing the import …")


def finish_interrupted_loads(app: "App") -> None:
    """Finishes what an interrupted first load left undone: decides its deals, queues its digests.
    While another import is coming in nothing is decided."""
    from scheduler.services.deals.sweep import sweep_all
    from scheduler.services.imports.first_load import finish_interrupted

    if app.unfinished.left() is not None:
        return
    now = app.clock.now()
    finish_interrupted(
        app.holding,
        lambda: sweep_all(app.sweeping, app.policy, now),
        app.policy,
        tuple(app.channels),
        now,
    )


def _after_first_load(app: "App", report: "ImportReport", send: Send) -> FirstLoadHeld:
    """Decides the deals of a source's first load and returns what it held back; the digests that
    were asked for are queued."""
    from scheduler.services.deals.sweep import sweep_all
    from scheduler.services.imports.first_load import held_back, near_ends, send_digests

    if report.import_id is None or not report.first_load or report.source == "people":
        return FirstLoadHeld()
    now = app.clock.now()
    sweep_all(app.sweeping, app.policy, now)
    digests = (
        send_digests(app.holding, report.import_id, app.policy, tuple(app.channels), now)
        if send is Send.DIGEST
        else 0
    )
    near = near_ends(app.holding, [report.import_id], app.policy, now)
    return FirstLoadHeld(held_back(app.holding, report.import_id), digests, near)


def _values(report: "ImportReport", held: FirstLoadHeld) -> dict[str, object]:
    """The report's fields by name, and what a first load held back."""
    return {
        **{name: getattr(report, name) for name in report.__dataclass_fields__},
        "held_back": held.deals,
        "digests": held.digests,
        "near": [asdict(n) for n in held.near],
    }


def _has_people(file: Path, written: "FileLayout") -> bool:
    """Whether a file is one of people. Only small files are looked at: a company's list of people
    is never megabytes long. Raises ImportRefusedError if it could be one of contracts as well."""
    from scheduler.core.imports.texts import ImportRefusedError, RecordProblem
    from scheduler.sources.files.opening import open_table
    from scheduler.sources.kinds.profiles import CSV
    from scheduler.sources.people import PEOPLE, kind_of

    if not file.is_file() or file.stat().st_size >= MOST_PEOPLE_BYTES:
        return False
    table = open_table(file, PEOPLE.names | CSV.names, written)
    kind = kind_of(table)
    if not kind:
        raise ImportRefusedError(
            RecordProblem.of(
                "which_kind", file=file.name, found=", ".join(name for name in table.header if name)
            )
        )
    return kind == "people"


def _people(
    app: "App", file: Path, how: ImportOptions, reject: Callable[["Reject"], None]
) -> "ImportReport":
    """A file of people."""
    from scheduler.services.imports.people import Decided, import_people
    from scheduler.sources.people import open_people

    choices = how.choices
    decided = Decided(how.same, how.other, choices.edits, app.policy.edits, choices.erase)
    source, now = open_people(file, app.policy, how.written), app.clock.now()
    return import_people(
        app.importing_people, source, now, dry_run=how.dry_run, on_reject=reject, decided=decided
    )


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A progress bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn(text("importing")),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=unguarded_error()), transient=True) as shown:
        task = shown.add_task("import", total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)

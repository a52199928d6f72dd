"""`renewals import` and `renewals undo`: a file comes in; what came of it is told, and rows
that did not come in are written to a file."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from shutil import copyfile, copytree
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Exit

from scheduler.cli.context import Here, New
from scheduler.cli.imports.catch_up import asked, show_told, tell_now
from scheduler.cli.imports.import_guess import guess_columns
from scheduler.cli.imports.import_report import FirstLoadHeld, show_held, show_report
from scheduler.cli.terminal.say import as_json, label, language, tell, text, unguarded_error
from scheduler.core.imports.edits import EditRule
from scheduler.core.words.errors import UserMustActError
from scheduler.services.imports.importing import Send
from scheduler.services.imports.presence import Gone

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.core.imports.texts import Reject
    from scheduler.services.imports.import_report import ImportReport
    from scheduler.services.imports.people import Decided
    from scheduler.sources.files import FileLayout

Progress = Callable[[int, int | None], None]
MOST_PEOPLE_BYTES = 4_000_000


def _show_profiles(wanted: bool) -> None:
    """The kinds of file that are known by their header, with the columns that each needs."""
    if not wanted:
        return
    from scheduler.sources.kinds import PROFILES

    for profile in PROFILES.values():
        needed = ", ".join(label(profile.spelt(field)) for field in profile.required)
        print(f"{profile.id:<26} {needed}")
    raise typer.Exit


def load(
    here: Here,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=text("the CSV file"))],
    *,
    people: Annotated[
        bool,
        typer.Option(
            "--people",
            help=text("a file of people (if its header does not tell)"),
        ),
    ] = False,
    contracts: Annotated[
        bool,
        typer.Option(
            "--contracts",
            help=text("a file of contracts (if its header does not tell)"),
        ),
    ] = False,
    encoding: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help=text("encoding, e.g. cp1252 (default: found out)"),
        ),
    ] = None,
    sheet: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=text("the sheet of a workbook")),
    ] = None,
    profiles: Annotated[
        bool,
        typer.Option(
            "--profiles",
            is_eager=True,
            callback=_show_profiles,
            help=text("list the kinds of file known"),
        ),
    ] = False,
    profile: Annotated[
        str | None,
        typer.Option(help=text("kind of file (default: by its header)")),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(
            "--map",
            metavar="FILE",
            help=text("mapping file (TOML) for other columns"),
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(help=text("the name under which this source's numbers are kept")),
    ] = None,
    guessing: Annotated[
        bool,
        typer.Option(
            "--guess",
            help=text("guess the columns and write a mapping file"),
        ),
    ] = False,
    gone: Annotated[
        Gone,
        typer.Option(
            help=text(
                "contracts that are missing from the next file: close them as lost, keep them, "
                "or list them"
            )
        ),
    ] = Gone.ASK,
    erase: Annotated[
        bool,
        typer.Option(
            "--erase",
            help=text("let a column that is empty erase values"),
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help=text("change nothing, show what would happen"),
        ),
    ] = False,
    send: Annotated[
        Send,
        typer.Option(
            help=text(
                "what a first load tells of days already past: nothing, the latest per deal, "
                "one digest per person"
            )
        ),
    ] = Send.NONE,
    new: New = False,
    renewed: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONTRACT",
            help=text("for a listed contract: its new end is a renewal"),
        ),
    ] = None,
    moved: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONTRACT",
            help=text("for a listed contract: its dates were only corrected"),
        ),
    ] = None,
    renews: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NEW=OLD",
            help=text("a new contract number is the renewal of an old one"),
        ),
    ] = None,
    edits: Annotated[
        EditRule | None,
        typer.Option(
            help=text(
                "fields edited here that the file says otherwise: keep the edits for good, "
                "follow the file, or ask (default: [import] edits)"
            )
        ),
    ] = None,
    kept: Annotated[
        list[str] | None,
        typer.Option(
            "--keep",
            metavar="CONTRACT",
            help=text("for this contract or person: keep what was edited here"),
        ),
    ] = None,
    taken: Annotated[
        list[str] | None,
        typer.Option(
            "--take",
            metavar="CONTRACT",
            help=text("for this contract or person: follow the file"),
        ),
    ] = None,
    same: Annotated[
        list[str] | None,
        typer.Option(
            metavar="EMAIL",
            help=text("people: the new address of somebody who is known already"),
        ),
    ] = None,
    other: Annotated[
        list[str] | None,
        typer.Option(
            metavar="EMAIL",
            help=text("people: of somebody else of that name"),
        ),
    ] = None,
) -> None:
    """Brings a file in; exit code 0 also when some rows were rejected."""
    from scheduler.services.imports.people import Decided
    from scheduler.sources.files import FileLayout
    from scheduler.sources.rejects import RejectsFile

    written, rules = FileLayout(_encoding(encoding), sheet=sheet), _edits(edits, kept, taken)
    if guessing:
        guess_columns(here, file, written)
        return
    rejected = RejectsFile(file, language())
    with opened(here, dry_run, new) as app, rejected, _progress_bar() as progress:
        if not dry_run:
            finish_interrupted_loads(app)
        if people or (not (profile or mapping or contracts) and _has_people(file, written)):
            decided = Decided(_addresses(same), _addresses(other), rules, app.policy.edits, erase)
            report = _people(app, file, written, dry_run, rejected, decided)
        else:
            how = How(
                profile,
                mapping,
                source,
                written,
                send,
                gone,
                erase,
                dry_run,
                _decided(renewed, moved),
                _renews(renews),
                rules,
            )
            report = _contracts(app, file, how, rejected, progress)
        with _kept(report):
            held, today = _after_first_load(app, report, send), app.clock.now().date()
        policy = app.policy
    if here.json:
        as_json(
            {
                **_values(report),
                "held_back": held.deals,
                "digests": held.digests,
                "near": [asdict(n) for n in held.near],
            }
        )
    else:
        show_report(report, today, policy)
        show_held(report, held)
        if held.deals and not held.digests and report.import_id is not None and (chosen := asked()):
            with here.open(edits=True) as app:
                show_told(chosen, tell_now(app, [report.import_id], chosen))
    if report.rejected:
        tell(
            "{rejected} rows did not come in; they are listed with the reasons in {path}",
            rejected=report.rejected,
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
                "import {number} is kept; what follows it is finished at the next start. To "
                "take it back: renewals undo {number}"
            ),
            number=number,
        )
        raise Exit(130) from None


@contextmanager
def opened(here: Here, dry_run: bool, new: bool) -> "Iterator[App]":
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


def _tried(here: Here, place: Path) -> "AbstractContextManager[App]":
    """The program on a copy of the folder's settings, with an empty database of its own."""
    for name in ("config.toml", "templates"):
        found = here.folder / name
        if found.is_dir():
            copytree(found, place / name)
        elif found.is_file():
            copyfile(found, place / name)
    env = {name: value for name, value in here.env.items() if name != "DATABASE_URL"}
    return replace(here, folder=place, env=env).open(edits=True)


@dataclass(frozen=True, slots=True)
class How:
    """How a file of contracts is to be read, and what is to come of it."""

    profile: str | None
    mapping: Path | None
    source: str | None
    written: "FileLayout"
    send: Send
    gone: Gone
    erase: bool
    dry_run: bool
    decided: Mapping[str, str]
    renews: Mapping[str, str]
    edits: Mapping[str, EditRule]


def _edits(
    rule: EditRule | None, kept: list[str] | None, taken: list[str] | None
) -> dict[str, EditRule]:
    """What becomes of fields edited here: for all ("") and by contract or person."""
    both = set(kept or ()) & set(taken or ())
    if both:
        first = min(both)
        raise UserMustActError("{first} has both --keep and --take; choose one", first=first)
    found = {"": rule} if rule is not None else {}
    return (
        found | dict.fromkeys(kept or (), EditRule.KEEP) | dict.fromkeys(taken or (), EditRule.FILE)
    )


def _decided(renewed: list[str] | None, moved: list[str] | None) -> dict[str, str]:
    """What new dates mean, by contract number."""
    both = set(renewed or ()) & set(moved or ())
    if both:
        first = min(both)
        raise UserMustActError("{first} has both --renewed and --moved; choose one", first=first)
    return dict.fromkeys(renewed or (), "renewed") | dict.fromkeys(moved or (), "moved")


def _renews(written: list[str] | None) -> dict[str, str]:
    """Which new number renews which old one."""
    found: dict[str, str] = {}
    for pair in written or ():
        new, equals, old = (part.strip() for part in pair.partition("="))
        if not (new and equals and old):
            raise UserMustActError(
                "--renews takes NEW=OLD, e.g. --renews C-9=C-1, not {pair}", pair=pair
            )
        found[new] = old
    return found


def _contracts(
    app: "App", file: Path, how: How, reject: Callable[["Reject"], None], progress: Progress
) -> "ImportReport":
    """A file of contracts."""
    from scheduler.services.imports.importing import import_contracts
    from scheduler.sources.contracts import open_contracts
    from scheduler.sources.mapping import read_mapping

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
        dry_run=how.dry_run,
        send=how.send,
        gone=how.gone,
        erase=how.erase,
        on_reject=reject,
        progress=progress,
        decided=how.decided,
        renews=how.renews,
        edits=how.edits,
        taking_back=_say_taking_back,
    )


def _say_taking_back() -> None:
    """That it takes a moment to take back what had come in."""
    tell("taking back what was imported …")


def finish_interrupted_loads(app: "App") -> None:
    """What an interrupted first load left to be done: its deals decided, its digests queued. While
    another import is coming in nothing is decided."""
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
    """What a source's first load held back, once its deals are decided; the digests that were asked
    for are queued."""
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


def _values(report: "ImportReport") -> dict[str, object]:
    """The report's fields by name."""
    return {name: getattr(report, name) for name in report.__dataclass_fields__}


def _encoding(name: str | None) -> str | None:
    """An encoding's name as it was given. Raises UserMustActError for one that there is not."""
    from scheduler.core.words.errors import UserMustActError
    from scheduler.sources.encodings import CANDIDATES, readable

    if name is not None and not readable(name):
        known = ", ".join(("utf-8", *CANDIDATES))
        raise UserMustActError(
            "there is no encoding {name} (there are e.g. {known})", name=name, known=known
        )
    return name


def _has_people(file: Path, written: "FileLayout") -> bool:
    """Whether a file is one of people. Only small files are looked at: a company's people fill no
    megabytes. Raises ImportRefusedError where it could be one of contracts as well."""
    from scheduler.core.imports.texts import ImportRefusedError, RecordProblem
    from scheduler.sources.files import open_table
    from scheduler.sources.people import PEOPLE, kind_of
    from scheduler.sources.profiles import CSV

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


def _addresses(given: list[str] | None) -> frozenset[str]:
    """Addresses as people are found by them."""
    return frozenset(address.strip().lower() for address in given or ())


def _people(
    app: "App",
    file: Path,
    written: "FileLayout",
    dry_run: bool,
    reject: Callable[["Reject"], None],
    decided: "Decided",
) -> "ImportReport":
    """A file of people."""
    from scheduler.services.imports.people import import_people
    from scheduler.sources.people import open_people

    source, now = open_people(file, app.policy, written), app.clock.now()
    return import_people(
        app.importing_people, source, now, dry_run=dry_run, on_reject=reject, decided=decided
    )


@contextmanager
def _progress_bar() -> Iterator[Progress]:
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

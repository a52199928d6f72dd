"""`renewals import` and `renewals import undo`: a file comes in; what came of it is told, and rows that did not come in are written to a file."""

import csv
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from scheduler.cli.context import Here
from scheduler.cli.import_report import show_report
from scheduler.cli.say import as_json, language, say, tell, text
from scheduler.services.importing import Send

if TYPE_CHECKING:
    from scheduler.core.import_texts import Reject
    from scheduler.services.import_report import ImportReport
    from scheduler.wiring import App

Progress = Callable[[int, int | None], None]


def load(
    here: Here,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=text("CSVファイル", "the CSV file"))],
    people: Annotated[
        bool, typer.Option("--people", help=text("担当者のファイル(見出しで分からない場合)", "a file of people (if its header does not tell)"))
    ] = False,
    profile: Annotated[
        str | None, typer.Option(help=text("ファイルの種類：csv, hubspot(既定は見出しで判別)", "kind of file: csv, hubspot (default: by its header)"))
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help=text("列の対応付けファイル(TOML)", "mapping file (TOML) for other columns"))
    ] = None,
    source: Annotated[
        str | None, typer.Option(help=text("契約番号を区別する取込元の名前", "the name under which this source's numbers are kept"))
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=text("何も保存せず、結果だけを見る", "change nothing, show what would happen"))] = False,
    send: Annotated[
        Send,
        typer.Option(
            help=text(
                "初回取込で過去の通知を送るか", "what a first load tells of days already past: nothing, the latest per deal, one digest per person"
            )
        ),
    ] = Send.NONE,
    rejects: Annotated[
        Path | None, typer.Option(metavar="FILE", help=text("取り込めなかった行の書き出し先", "where rows that do not come in are written"))
    ] = None,
) -> None:
    """Brings a file in; exit code 0 also when some rows were rejected."""
    with here.open(edits=not dry_run) as app, _rejected_rows(rejects or file.with_suffix(".rejects.csv")) as reject, _progress_bar() as progress:
        report = _imported(app, file, people, profile, mapping, source, dry_run, send, reject, progress)
    if here.json:
        as_json(report)
        return
    show_report(report)
    if report.rejected:
        where = rejects or file.with_suffix(".rejects.csv")
        tell(
            f"取り込めなかった{report.rejected}行を {where} に書き出しました。", f"{report.rejected} rows did not come in; they are listed in {where}"
        )


def _imported(
    app: "App",
    file: Path,
    people: bool,
    profile: str | None,
    mapping: Path | None,
    source: str | None,
    dry_run: bool,
    send: Send,
    reject: Callable[["Reject"], None],
    progress: Progress,
) -> "ImportReport":
    """Contracts, or people if the header says so."""
    from scheduler.services.importing import import_contracts
    from scheduler.sources.contracts import open_contracts
    from scheduler.sources.mapping import read_mapping

    now = app.clock.now()
    how = read_mapping(mapping) if mapping else None
    opened = open_contracts(file, app.policy, profile=profile, mapping=how, source=source)
    return import_contracts(app.imports, opened, app.policy, now, dry_run=dry_run, send=send, on_reject=reject, progress=progress)


@contextmanager
def _rejected_rows(file: Path) -> Iterator[Callable[["Reject"], None]]:
    """A function that writes one rejected row; the file is made at the first of them, with a header, in UTF-8 that Excel opens."""
    opened: list[tuple[IO[str], Any]] = []

    def write(reject: "Reject") -> None:
        if not opened:
            stream = file.open("w", encoding="utf-8-sig", newline="")
            opened.append((stream, csv.writer(stream)))
            opened[0][1].writerow(text("行,列,値,理由", "line,column,value,reason").split(","))
        opened[0][1].writerow([reject.line, reject.column, _harmless(reject.value), reject.problem.text(language())])

    try:
        yield write
    finally:
        for stream, _ in opened:
            stream.close()


def _harmless(value: str) -> str:
    """A value that a spreadsheet will not take for a formula.

    >>> _harmless("=1+1"), _harmless("青葉")
    ("'=1+1", '青葉')
    """
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


@contextmanager
def _progress_bar() -> Iterator[Progress]:
    """A progress bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(text("取込", "importing")), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("import", total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)


def take_back(
    here: Here,
    number: Annotated[int, typer.Argument(metavar="ID", help=text("取込の番号", "the import's number"))],
) -> None:
    """Undoes an import."""
    with here.open(edits=True) as app:
        undone = app.undo_import(number)
    if here.json:
        as_json(undone)
        return
    say(f"取込{number}を取り消しました。", f"import {number} is undone")

"""What `renewals import` takes."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from scheduler.cli.context import New
from scheduler.cli.terminal.confirming import DryRun
from scheduler.cli.terminal.say import label, text
from scheduler.core.imports.by_hand import EditRule
from scheduler.services.imports.choices import MissingContracts, Send


def profiles_option(listed: Callable[[], Iterable[tuple[str, str]]]) -> bool:
    """`--profiles`, which shows the kinds of file that are known by their header, each with its
    columns as `listed`, and does nothing else."""

    def show(wanted: bool) -> None:
        if wanted:
            kinds = list(listed())
            width = max(len(name) for name, _ in kinds)
            for name, columns in kinds:
                print(f"{name:<{width}} {columns}")
            raise typer.Exit

    option: bool = typer.Option(
        "--profiles", is_eager=True, callback=show, help=text("list the known kinds of file")
    )
    return option


def _profiles() -> Iterator[tuple[str, str]]:
    """The kinds of files of contracts, with the columns that each needs."""
    from scheduler.sources.kinds.known import PROFILES

    for profile in PROFILES.values():
        yield profile.id, ", ".join(label(profile.spelt(field)) for field in profile.required)


EncodingOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help=text("encoding, e.g. cp1252 (default: detected)"),
    ),
]
SheetOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help=text("the sheet of a workbook")),
]
ProfileOption = Annotated[
    str | None,
    typer.Option(help=text("kind of file (default: recognised by its header)")),
]
MappingOption = Annotated[
    Path | None,
    typer.Option(
        "--map",
        metavar="FILE",
        help=text("mapping file (TOML) for other columns"),
    ),
]


@dataclass(frozen=True, slots=True)
class ImportTyped:
    """How a file of contracts or people is brought in, as it was typed."""

    people: Annotated[
        bool,
        typer.Option(
            "--people",
            help=text("a file of people (if its header does not tell)"),
        ),
    ] = False
    contracts: Annotated[
        bool,
        typer.Option(
            "--contracts",
            help=text("a file of contracts (if its header does not tell)"),
        ),
    ] = False
    encoding: EncodingOption = None
    sheet: SheetOption = None
    profiles: Annotated[bool, profiles_option(_profiles)] = False
    profile: ProfileOption = None
    mapping: MappingOption = None
    source: Annotated[
        str | None,
        typer.Option(help=text("the name of the source that the contract numbers come from")),
    ] = None
    guessing: Annotated[
        bool,
        typer.Option(
            "--guess",
            help=text("guess the columns and write a mapping file"),
        ),
    ] = False
    gone: Annotated[
        MissingContracts,
        typer.Option(
            help=text(
                "contracts that are missing from the next file: close them as lost, keep them, "
                "or list them"
            )
        ),
    ] = MissingContracts.ASK
    erase: Annotated[
        bool,
        typer.Option(
            "--erase",
            help=text("let an empty column erase values"),
        ),
    ] = False
    dry_run: DryRun = False
    send: Annotated[
        Send,
        typer.Option(
            help=text(
                "what a first load sends about days already past: nothing, the latest per deal, "
                "or one digest per person"
            )
        ),
    ] = Send.NONE
    new: New = False
    renewed: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONTRACT",
            help=text("for a listed contract: its new end is a renewal"),
        ),
    ] = None
    moved: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONTRACT",
            help=text("for a listed contract: its dates were only corrected"),
        ),
    ] = None
    renews: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NEW=OLD",
            help=text("a new contract number is the renewal of an old one"),
        ),
    ] = None
    edits: Annotated[
        EditRule | None,
        typer.Option(
            help=text(
                "fields edited here that differ in the file: keep the edits for good, follow the "
                "file, or ask (default: [import] edits)"
            )
        ),
    ] = None
    kept: Annotated[
        list[str] | None,
        typer.Option(
            "--keep",
            metavar="CONTRACT",
            help=text("for this contract or person: keep what was edited here"),
        ),
    ] = None
    taken: Annotated[
        list[str] | None,
        typer.Option(
            "--take",
            metavar="CONTRACT",
            help=text("for this contract or person: follow the file"),
        ),
    ] = None
    same: Annotated[
        list[str] | None,
        typer.Option(
            metavar="EMAIL",
            help=text("people: this is a new address of somebody already known"),
        ),
    ] = None
    other: Annotated[
        list[str] | None,
        typer.Option(
            metavar="EMAIL",
            help=text("people: this is somebody else of the same name"),
        ),
    ] = None

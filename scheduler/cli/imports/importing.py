"""`renewals import`: what was typed, read."""

from pathlib import Path
from typing import Annotated

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.imports.bringing_in import ImportOptions, bring_in
from scheduler.cli.imports.import_guess import guess_columns
from scheduler.cli.imports.import_options import ImportTyped
from scheduler.cli.terminal.say import text
from scheduler.core.imports.by_hand import EditRule
from scheduler.core.words.errors import UserMustActError
from scheduler.services.imports.choices import ImportChoices


def load(
    here: CommandContext,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=text("the CSV file"))],
    *,
    typed: ImportTyped,
) -> None:
    """Brings a file in; exit code 0 also when some rows were rejected."""
    from scheduler.sources.files.opening import FileLayout

    written = FileLayout(readable_encoding(typed.encoding), sheet=typed.sheet)
    rules = _edits(typed.edits, typed.kept, typed.taken)
    if typed.guessing:
        guess_columns(here, file, written)
        return
    known = typed.profile or typed.mapping or typed.contracts
    dates = _dates(typed.renewed, typed.moved)
    how = ImportOptions(
        written,
        True if typed.people else False if known else None,
        typed.profile,
        typed.mapping,
        typed.source,
        ImportChoices(dates, _renews(typed.renews), rules, typed.gone, typed.erase, typed.send),
        typed.dry_run,
        _addresses(typed.same),
        _addresses(typed.other),
    )
    bring_in(here, file, how, typed.new)


def _edits(
    rule: EditRule | None, kept: list[str] | None, taken: list[str] | None
) -> dict[str, EditRule]:
    """The rule for fields edited here: for all ("") and by contract or person."""
    both = set(kept or ()) & set(taken or ())
    if both:
        first = min(both)
        raise UserMustActError("{first} has both --keep and --take; choose one", first=first)
    found = {"": rule} if rule is not None else {}
    return (
        found | dict.fromkeys(kept or (), EditRule.KEEP) | dict.fromkeys(taken or (), EditRule.FILE)
    )


def _dates(renewed: list[str] | None, moved: list[str] | None) -> dict[str, str]:
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


def readable_encoding(name: str | None) -> str | None:
    """An encoding's name as it was given. Raises UserMustActError for one that there is not."""
    from scheduler.sources.files.encodings import CANDIDATES, readable

    if name is not None and not readable(name):
        known = ", ".join(("utf-8", *CANDIDATES))
        raise UserMustActError(
            "there is no encoding {name} (there are e.g. {known})", name=name, known=known
        )
    return name


def _addresses(given: list[str] | None) -> frozenset[str]:
    """Addresses as people are found by them."""
    return frozenset(address.strip().lower() for address in given or ())

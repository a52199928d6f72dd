"""`renewals import FILE --guess`: which column of a stranger's file is which of our fields, shown
with three values each, kept as a mapping file."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.say import as_json, language, say, tell, text
from scheduler.core.words.errors import UserMustActError

if TYPE_CHECKING:
    from scheduler.sources.files.opening import FileLayout
    from scheduler.sources.mappings.guessing import Guess


def guess_columns(here: CommandContext, file: Path, written: "FileLayout") -> None:
    """Shows the guess and writes `<file>.toml`, after a yes where somebody can be asked; an
    existing file is never written over."""
    from scheduler.sources.contracts import names_known
    from scheduler.sources.files.opening import open_table
    from scheduler.sources.mappings.contracts import FileMapping
    from scheduler.sources.mappings.guessing import (
        as_mapping,
        counted,
        guess,
        multiplied,
        says_enough,
        unread,
    )

    table = open_table(file, names_known(FileMapping()), written)
    found = guess(table)
    place = file.with_name(f"{file.name}.toml")
    if here.json:
        as_json(found)
    else:
        _show(found)
        times, why = multiplied(found)
        if times != 1:
            tell("amounts are multiplied by {times:,}: {why}", times=times, why=why)
        for one in counted(found, table):
            name = one.column
            tell("{name}: plain numbers are read as days", name=name)
        if left := unread(found, table):
            listed = ", ".join(left)
            tell("columns that are not used: {listed}", listed=listed)
    if not says_enough(found):
        tell("no column was found for the customer or the end date; add it to the mapping file")
    if place.exists():
        raise UserMustActError(
            "{place} exists already; move it elsewhere and try again", place=place
        )
    if sys.stdin.isatty() and not _agreed():
        return
    place.write_text(as_mapping(file.name, found, table), "utf-8")
    tell(
        (
            "written to {place}; correct it there, then run: renewals import {file} --map "
            "{place} --dry-run"
        ),
        place=place,
        file=file,
    )


def _show(found: "list[Guess]") -> None:
    """Shows one line for each field: the column and three of its values."""
    from scheduler.core.imports.texts import FIELD_LABELS

    for one in found:
        label = FIELD_LABELS.get(one.field)
        name = f"{one.field} ({label.of(language())})" if label else one.field
        print(f"  {name:<28} {one.column:<24} {' | '.join(one.values)}")
    if not found:
        say("no column was recognised")


def _agreed() -> bool:
    """Whether somebody at a terminal says yes."""
    sys.stderr.write(text("save this as a mapping file? [Y/n] "))
    sys.stderr.flush()
    return input().strip().lower() in ("", "y", "yes", "はい")

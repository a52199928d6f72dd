"""Where a command was given: the working folder, the language, the rehearsal's instant, how results
are wanted.

Always holds: nothing is read and nothing connects before `open`.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scheduler.cli.terminal.say import tell, text
from scheduler.core.words.lexicon import Language

if TYPE_CHECKING:
    from scheduler.app.wiring import App


New = Annotated[
    bool,
    typer.Option(
        "--new",
        help=text("make an empty database although the previous one is missing"),
    ),
]
"""Of the commands that may make a database."""
REPORT_OPTIONS = frozenset(
    "pipeline owner team segment currency from_ until as_known_on format explain chart".split()
)
"""The options of reports (`cli.reports.options`), by the names under which `CommandContext.asked`
has them."""


@dataclass(frozen=True, slots=True)
class CommandContext:
    """What every command is told. `as_of` is as written (an instant with offset, or a date); None
    for now. `dir_given`: the folder was named with `--dir`, not by RENEWALS_DIR or by standing in
    it. `csv` and `xlsx`: the files a listing is to be written to. `lang_given`: the language was
    asked for, not found out. `asked`: what a report was asked with, by REPORT_OPTIONS."""

    folder: Path
    language: Language = Language.EN
    json: bool = False
    as_of: str | None = None
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    dir_given: bool = False
    csv: str | None = None
    xlsx: str | None = None
    lang_given: bool = False
    asked: Mapping[str, Any] = field(default_factory=dict)

    @contextmanager
    def open(
        self,
        edits: bool = False,
        makes: bool = True,
        new: bool = False,
        configured: Callable[["App"], None] | None = None,
    ) -> "Iterator[App]":
        """The program joined together on this folder's configuration and database.

        `edits`: an edited config.toml becomes the policy in force (run, import, answer, demo);
        without it the database's policy is used. `makes`: an edit makes the database where there is
        none; `new`: also where the folder has worked with one before. `configured`: called of an
        edit when config.toml is read, and the database not yet.
        """
        from scheduler.app.ready import open_app

        where = open_app(
            self.folder,
            language=self.language,
            as_of=self.as_of,
            env=self.env,
            edits=edits,
            makes=makes,
            new=new,
            configured=configured,
        )
        with where as app:
            for notice in app.notices:
                tell(notice)
            yield app


def here_of(
    options: Mapping[str, str | bool | None], language: Language, env: Mapping[str, str]
) -> CommandContext:
    """`--dir`, else RENEWALS_DIR, else the current folder; the rest as given."""
    folder = options.get("dir") or env.get("RENEWALS_DIR") or "."
    written = {
        name: str(options[name]) if options.get(name) else None for name in ("as_of", "csv", "xlsx")
    }
    files = written["csv"], written["xlsx"]
    return CommandContext(
        Path(str(folder)),
        language,
        bool(options.get("json")),
        written["as_of"],
        env,
        bool(options.get("dir")),
        *files,
        bool(options.get("lang")),
        {name: value for name, value in options.items() if name in REPORT_OPTIONS},
    )

"""The rejects file: what did not come in, beside the file it came from, in the user's language. It
opens in a spreadsheet as it is.

Always holds: without a reject no file is made; an earlier one is replaced only when there is
something to write; no cell begins a formula; nobody but its owner can read it.
"""

import csv
import os
from pathlib import Path
from typing import TextIO

from scheduler.core.imports.texts import Reject
from scheduler.core.words.escaping import escape_formula
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language
from scheduler.system.private_files import give_to_owner

_HEADER = (
    Label("line"),
    Label("column"),
    Label("value"),
    Label("reason"),
)


class RejectsFile:
    """Takes rejects one by one; a context manager. `path` is `<file>.rejects.csv`."""

    def __init__(self, beside: Path, language: Language) -> None:
        self.path = beside.parent / f"{beside.name}.rejects.csv"
        self._language = language
        self._stream: TextIO | None = None

    def __enter__(self) -> "RejectsFile":
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()

    def __call__(self, reject: Reject) -> None:
        """Writes one row; the first one makes the file."""
        row = (str(reject.line), reject.column, reject.value, reject.problem.shown(self._language))
        if self._stream is None:
            self._stream = _new(self.path)
            csv.writer(self._stream).writerow([label.of(self._language) for label in _HEADER])
        csv.writer(self._stream).writerow([escape_formula(cell) for cell in row])


def _new(path: Path) -> TextIO:
    """A file of our own at `path`, for its owner only: whatever stood there, a link to another file
    too, is replaced and not written through."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    give_to_owner(descriptor, path.parent)
    return os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="")

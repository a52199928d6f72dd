"""The rejects file: what did not come in, beside the file it came from, in the user's language. It opens in a spreadsheet as it is.

Always holds: without a reject no file is made; an earlier one is replaced only when there is something to write.
"""

import csv
from pathlib import Path
from typing import TextIO

from scheduler.core.import_texts import Reject
from scheduler.core.labels import Label
from scheduler.core.words import Language

_HEADER = (Label("行", "line"), Label("列", "column"), Label("値", "value"), Label("理由", "reason"))


class RejectsFile:
    """Takes rejects one by one; a context manager. `path` is `<file>.rejects.csv`."""

    def __init__(self, beside: Path, language: Language) -> None:
        self.path = beside.with_name(f"{beside.name}.rejects.csv")
        self._language = language
        self._stream: TextIO | None = None

    def __enter__(self) -> "RejectsFile":
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()

    def __call__(self, reject: Reject) -> None:
        """Writes one row; the first one makes the file."""
        row = (str(reject.line), reject.column, reject.value, reject.problem.text(self._language))
        if self._stream is None:
            self._stream = self.path.open("w", encoding="utf-8-sig", newline="")
            csv.writer(self._stream).writerow([label.of(self._language) for label in _HEADER])
        csv.writer(self._stream).writerow(row)

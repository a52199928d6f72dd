"""What the commands print, in the reader's language: results to standard output, everything else to
standard error.

Always holds: one process speaks one language, set once by `speak`; whatever is printed, errors and
tracebacks included, leaves through `_Exit`, so that no imported name steers a terminal; a pipe gets
plain text, whole and without escape sequences; nothing here is imported that a short command can do
without.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import IO, Any

from scheduler.cli.terminal.tables import GAP, Column, cells, laid_out, pad, wrapped
from scheduler.core.words.escaping import escape_formula, escape_terminal
from scheduler.core.words.labels import ByLanguage, Joined, Label
from scheduler.core.words.lexicon import Language

_speaking: list[Language] = [Language.EN]
_BOLD, _PLAIN = "\uf8fe", "\uf8ff"
"""Stand for bold and its end until they leave: an escape sequence in an imported name must not pass
for one of ours."""
_forgiving: list[bool] = []
_STANDARD_ERROR = 2


def speak(language: Language) -> None:
    """From now on everything is said in `language`."""
    _speaking[0] = language


def language() -> Language:
    """The language in use."""
    return _speaking[0]


def language_of(wanted: str | None, env: Mapping[str, str]) -> Language:
    """The language asked for (`--lang`), else RENEWALS_LANG's, else the locale's; English where
    it is none that the program speaks.

    >>> (language_of(None, {"LANG": "ja_JP.UTF-8"}).value,
    ...  language_of("en", {"LANG": "ja_JP.UTF-8"}).value, language_of(None, {}).value)
    ('ja', 'en', 'en')
    """
    names = (
        wanted,
        *(env.get(name) for name in ("RENEWALS_LANG", "LC_ALL", "LC_MESSAGES", "LANG")),
    )
    chosen = next((name for name in names if name), "")
    wished = chosen.lower()[:2]
    return next((known for known in Language if known.value == wished), Language.EN)


def text(said: str | Label, /, *, many: str = "", context: str = "", **facts: Any) -> str:
    """A sentence in the language in use, as `Label` takes it; or a label's words."""
    if isinstance(said, Label):
        return label(said)
    return label(Label(said, many=many, context=context, **facts))


def label(of: Label) -> str:
    """A label in the language in use."""
    return of.of(language())


def say(said: str | Label = "", /, **facts: Any) -> None:
    """A line of the result, to standard output; what it says is given as to `text`."""
    _write(text(said, **facts), sys.stdout)


def put(line: str = "") -> None:
    """A line of the result as it is, to standard output."""
    _write(line, sys.stdout)


def tell(said: str | Label = "", /, **facts: Any) -> None:
    """Progress, a warning, an error: a line to standard error."""
    _write(text(said, **facts), sys.stderr)


def as_json(value: Any) -> None:
    """A result for machines: dates and instants in ISO 8601, labels as {ja, en}."""
    _write(json.dumps(value, ensure_ascii=False, indent=2, default=_plain), sys.stdout)


def _plain(value: Any) -> Any:
    """Converts a value that JSON cannot represent."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    if isinstance(value, Label | ByLanguage | Joined):
        return {language.value: value.of(language) for language in Language}
    if hasattr(value, "__dataclass_fields__"):
        return {
            name: getattr(value, name)
            for name in value.__dataclass_fields__
            if not name.startswith("_")
        }
    return str(value)


def _write(line: str, where: IO[str]) -> None:
    """Writes one line. A failed write to standard error is ignored; one to standard output too
    after `forgive_output`."""
    if where is sys.stderr or _forgiving:
        with suppress(OSError, ValueError):
            print(line, file=where)
    else:
        print(line, file=where)


def table(
    columns: Sequence[Column | str], rows: Sequence[Sequence[object]], *, bare: bool = False
) -> None:
    """Rows under headings (`bare`: without): on a terminal as wide as it is, elsewhere in full."""
    shown = [[_harmless(value) for value in row] for row in rows]
    on_terminal = sys.stdout.isatty()
    laid = laid_out(
        [Column(c) if isinstance(c, str) else c for c in columns],
        shown,
        width() if on_terminal else None,
    )
    for line in () if bare else laid.head:
        _write(strong(line), sys.stdout)
    if on_terminal and not bare:
        _write("─" * laid.width, sys.stdout)
    for line in laid.body:
        _write(line, sys.stdout)
    if laid.left_out:
        listed = text(", ").join(laid.left_out)
        tell("(columns left out for lack of room: {listed})", listed=listed)


def facts(pairs: Sequence[tuple[str, object]]) -> None:
    """Names and values, one a line."""
    room = width() if sys.stdout.isatty() else 10_000
    margin = max(cells(name) for name, _ in pairs) + GAP
    for name, value in pairs:
        first, *others = wrapped(_harmless(value), max(20, room - margin))
        _write(pad(name, margin) + first, sys.stdout)
        for line in others:
            _write(" " * margin + line, sys.stdout)


def _harmless(value: object) -> str:
    """A value as one line that cannot steer the terminal, whatever an imported name holds."""
    return "" if value is None else escape_terminal(" ".join(str(value).split("\n")))


def paragraph(said: str | Label, /, **facts: Any) -> None:
    """Sentences that read well at any width, to standard output."""
    for line in wrapped(text(said, **facts), min(width(), 120) if sys.stdout.isatty() else 10_000):
        _write(line, sys.stdout)


def width() -> int:
    """The columns of the terminal."""
    from shutil import get_terminal_size

    return get_terminal_size((100, 24)).columns


def heading(said: str | Label, /, **facts: Any) -> None:
    """An empty line and a title."""
    _write("", sys.stdout)
    _write(strong(text(said, **facts)), sys.stdout)


def strong(line: str) -> str:
    """`line` in bold on a terminal that may show it (not with NO_COLOR)."""
    plain = (
        os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not sys.stdout.isatty()
    )
    return line if plain else f"{_BOLD}{line}{_PLAIN}"


def hold_output() -> None:
    """Replaces a closed standard output or error, so that nothing is written to it from now on: a
    file opened later would get its number, and every line."""
    _forgiving.clear()
    descriptor = os.open(os.devnull, os.O_RDWR)
    while descriptor <= _STANDARD_ERROR:
        os.set_inheritable(descriptor, True)
        descriptor = os.open(os.devnull, os.O_RDWR)
    os.close(descriptor)
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  (open until the end)
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  (open until the end)


def forgive_output() -> None:
    """From now on failing to print the result is not an error; the work is done."""
    _forgiving.append(True)


def finish() -> None:
    """Flushes everything that was printed. Raises OSError if that fails, unless `forgive_output`
    was called."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        let_go()
        if not _forgiving:
            raise


def let_go() -> None:
    """Stops writing to standard output: its reader is gone."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Exit:
    """Standard output or error: what would steer a terminal is spelled out."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Writes `text`, made visible."""
        self.stream.write(
            escape_terminal(text).replace(_BOLD, "\x1b[1m").replace(_PLAIN, "\x1b[0m")
        )
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def guard_exits() -> None:
    """From now on what is printed cannot steer the terminal, and characters that it cannot show
    become `?` instead of ending the program."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None or isinstance(stream, _Exit):
            continue
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")
        setattr(sys, name, _Exit(stream))


def unguarded_error() -> IO[str]:
    """Standard error as it is, for progress bars, which steer the terminal themselves."""
    return sys.stderr.stream if isinstance(sys.stderr, _Exit) else sys.stderr


def csv_writer() -> Callable[[Iterable[object]], object]:
    """Writes rows of a CSV file to standard output; no cell begins a formula."""
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    return lambda cells: writer.writerow(
        [escape_formula(cell) if isinstance(cell, str) else cell for cell in cells]
    )

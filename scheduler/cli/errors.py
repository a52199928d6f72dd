"""One place where an error becomes a sentence and an exit code.

An error explains itself by a `label` (both languages) or by `problems` (each with
`shown(language)`); the rest are those of the libraries underneath: typer's usage errors, the
database's, the operating system's. Anything else is a fault of the program and keeps its traceback.
"""

import errno
import sys
from dataclasses import dataclass

from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language

_OS_REASONS = {
    errno.ENOSPC: Label("the disk is full; free some space and run the command again"),
    errno.EDQUOT: Label("the disk quota is used up; free some space and run the command again"),
    errno.EACCES: Label("permission denied"),
    errno.EPERM: Label("permission denied"),
    errno.EROFS: Label("the file system is read-only"),
    errno.ENOENT: Label("not found"),
    errno.EISDIR: Label("that is a folder, not a file"),
    errno.ENOTDIR: Label("that is not a folder"),
}

_ABORTED = Label("interrupted; nothing was changed")
_DATABASE = Label("the database refused")


@dataclass(frozen=True, slots=True)
class ErrorText:
    """The text to print, and the exit code."""

    text: str
    exit_code: int


def explain(error: BaseException, language: Language) -> ErrorText | None:
    """The sentence for an expected error in `language`; None for one that nobody expected."""
    label = getattr(error, "for_command", None) or getattr(error, "label", None)
    if isinstance(label, Label):
        return ErrorText(label.of(language), getattr(error, "exit_code", 2))
    problems = getattr(error, "problems", None)
    if problems:
        return ErrorText("\n".join(p.shown(language) for p in problems), 2)
    return _usage(error, language) or _database(error, language) or _system(error, language)


def _usage(error: BaseException, language: Language) -> ErrorText | None:
    """A wrong option or argument."""
    exceptions = sys.modules.get("typer.exceptions")
    if exceptions is None or not isinstance(error, exceptions.TyperException | exceptions.Abort):
        return None
    if isinstance(error, exceptions.Abort):
        return ErrorText(_ABORTED.of(language), 130)
    from scheduler.cli.usage import sentence

    return ErrorText(sentence(error, language), 2)


def _database(error: BaseException, language: Language) -> ErrorText | None:
    """Explains an error of the database that nobody explained before
    (storage.database.engine.explain). Never shows the whole text: it may hold a customer's data."""
    sqlalchemy = sys.modules.get("sqlalchemy.exc")
    if sqlalchemy is None or not isinstance(
        error, sqlalchemy.OperationalError | sqlalchemy.InterfaceError | sqlalchemy.TimeoutError
    ):
        return None
    said = str(getattr(error, "orig", None) or error)
    return ErrorText(f"{_DATABASE.of(language)}: {next(iter(said.strip().splitlines()), '')}", 1)


def _system(error: BaseException, language: Language) -> ErrorText | None:
    """A file or a connection that the operating system refused."""
    if not isinstance(error, OSError) or isinstance(error, BrokenPipeError):
        return None
    reason = _OS_REASONS.get(error.errno or 0)
    words = reason.of(language) if reason else (error.strerror or str(error))
    where = f"{error.filename}: " if error.filename else ""
    return ErrorText(f"{where}{words}", 2 if reason else 1)

"""One place where an error becomes a sentence and an exit code.

An error explains itself by a `label` (both languages) or by `problems` (each with `text(language)`); the rest are those of the libraries
underneath: typer's usage errors, the database's, the operating system's. Anything else is a fault of the program and keeps its traceback.
"""

import errno
import sys
from dataclasses import dataclass

from scheduler.core.labels import Label
from scheduler.core.words import Language

_OS_REASONS = {
    errno.ENOSPC: Label(
        "ディスクに空きがありません。空きを作ってから、もう一度実行してください", "the disk is full; free some space and run it again"
    ),
    errno.EDQUOT: Label("ディスクの割り当てを使い切りました。空きを作ってください", "the disk quota is used up; free some space and run it again"),
    errno.EACCES: Label("アクセス権がありません", "permission denied"),
    errno.EPERM: Label("アクセス権がありません", "permission denied"),
    errno.EROFS: Label("読み取り専用の場所です", "the place is read-only"),
    errno.ENOENT: Label("見つかりません", "not found"),
    errno.EISDIR: Label("ファイルではなくフォルダーです", "that is a folder, not a file"),
    errno.ENOTDIR: Label("フォルダーではありません", "that is not a folder"),
}

_DATABASE_REASONS = (
    (
        "database or disk is full",
        Label("ディスクに空きがありません。空きを作ってから、もう一度実行してください", "the disk is full; free some space and run it again"),
    ),
    ("disk i/o error", Label("ディスクの読み書きに失敗しました", "the disk could not be read or written")),
    (
        "database is locked",
        Label(
            "ほかのプログラムが長く書き込み中です。終わってから、もう一度実行してください",
            "another program has been writing for long; run it again when it is done",
        ),
    ),
    ("readonly database", Label("データベースのファイルに書き込めません", "the database file cannot be written to")),
    (
        "unable to open database file",
        Label(
            "データベースのファイルを開けません。フォルダーとアクセス権を確認してください",
            "the database file cannot be opened; check the folder and its permissions",
        ),
    ),
    ("not a database", Label("SQLiteのデータベースではないファイルです", "the file is not an SQLite database")),
    ("malformed", Label("データベースが壊れています。バックアップから戻してください", "the database is damaged; restore a backup")),
    (
        "password authentication failed",
        Label(
            "データベースの認証に失敗しました。DATABASE_URL の利用者とパスワードを確認してください",
            "the database refused the user or password; check DATABASE_URL",
        ),
    ),
    (
        "does not exist",
        Label("データベースかロールがありません。DATABASE_URL を確認してください", "there is no such database or role; check DATABASE_URL"),
    ),
    (
        "",
        Label(
            "データベースに接続できません。DATABASE_URL とサーバーを確認してください",
            "the database cannot be reached; check DATABASE_URL and the server",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Explained:
    """What to print, and the exit code."""

    text: str
    exit_code: int


def explain(error: BaseException, language: Language) -> Explained | None:
    """The sentence for an expected error in `language`; None for one that nobody expected."""
    label = getattr(error, "label", None)
    if isinstance(label, Label):
        return Explained(label.of(language), getattr(error, "exit_code", 2))
    problems = getattr(error, "problems", None)
    if problems:
        return Explained("\n".join(p.text(language) if callable(getattr(p, "text", None)) else str(p) for p in problems), 2)
    return _usage(error, language) or _database(error, language) or _system(error, language)


def _usage(error: BaseException, language: Language) -> Explained | None:
    """A wrong option or argument."""
    exceptions = sys.modules.get("typer.exceptions")
    if exceptions is None or not isinstance(error, exceptions.TyperException | exceptions.Abort):
        return None
    from scheduler.cli.usage import sentence

    return Explained(sentence(error, language), 2)


def _database(error: BaseException, language: Language) -> Explained | None:
    """The database could not do it. The text never holds the URL, which may carry a password."""
    sqlalchemy = sys.modules.get("sqlalchemy.exc")
    if sqlalchemy is None or not isinstance(error, sqlalchemy.OperationalError | sqlalchemy.InterfaceError | sqlalchemy.TimeoutError):
        return None
    said = str(getattr(error, "orig", None) or error)
    reason = next(reason for part, reason in _DATABASE_REASONS if part in said.lower())
    first_line = next(iter(said.strip().splitlines()), "")
    return Explained(f"{reason.of(language)}{_in_brackets(first_line, language)}", 1)


def _system(error: BaseException, language: Language) -> Explained | None:
    """A file or a connection that the operating system refused."""
    if not isinstance(error, OSError) or isinstance(error, BrokenPipeError):
        return None
    reason = _OS_REASONS.get(error.errno or 0)
    words = reason.of(language) if reason else (error.strerror or str(error))
    where = f"{error.filename}: " if error.filename else ""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return Explained(f"{where}{words}", 1 if full or reason is None else 2)


def _in_brackets(said: str, language: Language) -> str:
    """What the library said, for whoever searches for it."""
    return f"({said})" if language is Language.JA else f" ({said})"

"""What a database driver's error means to a person, and whether it passes by itself, so that a
daemon waits and nobody has to change a setting.

Always holds: what is said names the database without its password; a server's own words are
repeated only where they name no customer; an error that is not about the database's state is left
as it is.
"""

import errno
import os
import re
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError

from scheduler.core.words.labels import Label
from scheduler.ports import StoreUnavailableError
from scheduler.storage.database.address import place

PASSING_ERRORS = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.ESTALE,
        errno.ETIMEDOUT,
    }
)
"""Errors of the operating system that may pass, when somebody has made room."""


@dataclass(frozen=True, slots=True)
class ErrorMeaning:
    """`code` is the beginning of an SQLSTATE, or a part of SQLite's message. `said` is a pattern
    for the words of a server that refuses a connection."""

    code: str
    says: Label
    _: KW_ONLY
    passing: bool
    said: str = ""

    def error(self, where: str, words: str = "") -> StoreUnavailableError:
        """The meaning as an error that says where it happened, with the server's own words."""
        return StoreUnavailableError(
            "{says} ({where}){answer}",
            says=self.says,
            where=where,
            answer=Label("; the server said: {words}", words=words) if words else "",
            passing=self.passing,
        )


_SQLITE = (
    ErrorMeaning(
        "locked",
        Label("another process is writing to the database; try again when it is done"),
        passing=True,
    ),
    ErrorMeaning(
        "disk is full",
        Label("the disk is full; free some space and try again (nothing was written in part)"),
        passing=True,
    ),
    ErrorMeaning(
        "readonly",
        Label("the database cannot be written; check the permissions of the file and its folder"),
        passing=False,
    ),
    ErrorMeaning(
        "not a database",
        Label("that file is not a database; name another, or restore a backup"),
        passing=False,
    ),
    ErrorMeaning("malformed", Label("the database is damaged; restore a backup"), passing=False),
    ErrorMeaning(
        "unable to open",
        Label("the database cannot be opened; check the path and its permissions"),
        passing=False,
    ),
    ErrorMeaning(
        "disk i/o error", Label("the disk failed to read or write; check it"), passing=True
    ),
)
_READ_ONLY_DISK = ErrorMeaning(
    "",
    Label(
        "the database is on a read-only file system; mount it to be written, or name another "
        "place in DATABASE_URL"
    ),
    passing=False,
)
_HIDES_A_READ_ONLY_DISK = frozenset({"readonly", "unable to open"})
"""What SQLite says of a file on a read-only file system, where not even its journal can be made."""
_POSTGRES = (
    ErrorMeaning(
        "28P01",
        Label("the database refused the password; check DATABASE_URL"),
        passing=False,
        said=r"password authentication failed|no password supplied|パスワード(による)?認証に失敗"
        r"|SASL authentication failed|wrong password",
    ),
    ErrorMeaning(
        "28",
        Label(
            "the database asks for an encrypted connection; add ?sslmode=require to DATABASE_URL"
        ),
        passing=False,
        said=r"no encryption|SSL off|SSL(/TLS)? (connection )?(is )?required|暗号化なし|SSL オフ",
    ),
    ErrorMeaning(
        "",
        Label("the database's server does not speak TLS; check sslmode in DATABASE_URL"),
        passing=False,
        said=r"server does not support SSL|サーバーはSSLをサポートしていません",
    ),
    ErrorMeaning(
        "",
        Label(
            "the certificate of the database's server cannot be verified; check sslrootcert "
            "and sslmode"
        ),
        passing=False,
        said=r"certificate verify failed|server certificate for|root certificate file|証明書",
    ),
    ErrorMeaning(
        "28000",
        Label("the database refused this user; check DATABASE_URL"),
        passing=False,
        said=r"role \".*\" (does not exist|is not permitted)|"
        r"no pg_hba\.conf entry|pg_hba\.conf rejects|no such user|ロール.*存在しません|認証に失敗|"
        r"authentication failed",
    ),
    ErrorMeaning(
        "3D000",
        Label("there is no such database; create it or check DATABASE_URL"),
        passing=False,
        said=r"database \".*\" does not exist|no such database|データベース.*は?存在しません",
    ),
    ErrorMeaning(
        "3F000",
        Label("the schema chosen by options in DATABASE_URL is not there; create it"),
        passing=False,
    ),
    ErrorMeaning(
        "53300",
        Label("the database has too many connections just now"),
        passing=True,
        said=r"too many (clients|connections)|remaining connection slots|no more connections"
        r"|query_wait_timeout|接続が多すぎ",
    ),
    ErrorMeaning("53100", Label("the database's disk is full"), passing=True),
    ErrorMeaning("53", Label("the database's server is short of resources just now"), passing=True),
    ErrorMeaning(
        "25006",
        Label("the database is read-only, perhaps failing over"),
        passing=True,
        said=r"session is read-only|server is in hot standby",
    ),
    ErrorMeaning(
        "57P0",
        Label("the connection to the database was lost"),
        passing=True,
        said=r"the database system is (starting up|shutting down|in recovery|not yet accepting)"
        r"|起動中|停止処理中|シャットダウン",
    ),
    ErrorMeaning(
        "57014",
        Label("the database cancelled a statement that took too long (statement_timeout)"),
        passing=True,
    ),
    ErrorMeaning(
        "55P03", Label("another process has locked what is needed in the database"), passing=True
    ),
    ErrorMeaning(
        "40",
        Label("another process changed the same rows at the same moment; nothing was written"),
        passing=True,
    ),
    ErrorMeaning("08", Label("the connection to the database was lost"), passing=True),
    ErrorMeaning("42501", Label("the database user lacks a permission"), passing=False),
)
_UNREACHABLE = ErrorMeaning(
    "", Label("cannot reach the database; is it running, and is DATABASE_URL right?"), passing=True
)
_CROWDED = ErrorMeaning("", Label("all connections to the database are in use"), passing=True)


def explain(error: DBAPIError, url: URL) -> StoreUnavailableError | None:
    """Explains a driver's error; None for an error of ours."""
    where = place(url)
    state = getattr(error.orig, "sqlstate", None)
    for meaning in _POSTGRES:
        if (
            state
            and meaning.code
            and state.startswith(meaning.code)
            and _worded(meaning, state, str(error.orig))
        ):
            return meaning.error(
                where, _reason(error.orig) if state[:2] in _SAID_BY_THE_SERVER else ""
            )
    said = str(error.orig).lower()
    if url.get_backend_name() == "sqlite":
        if getattr(error.orig, "sqlite_errorname", "") in _NO_ROOM:
            said = "disk is full"
        meant = next((meaning for meaning in _SQLITE if meaning.code in said), None)
        hidden = read_only_disk(url) if meant and meant.code in _HIDES_A_READ_ONLY_DISK else None
        return hidden or (meant.error(where) if meant else None)
    if state is None and isinstance(error, OperationalError):
        return _refused(str(error.orig), where)
    return _UNREACHABLE.error(where) if error.connection_invalidated else None


def read_only_disk(url: URL) -> StoreUnavailableError | None:
    """The error that a SQLite file, or the folder in which its journal is made, is on a read-only
    file system; None if neither is."""
    file = Path(url.database or "").absolute()
    mounted = any(_flags(path) & os.ST_RDONLY for path in (file, file.parent))
    return _READ_ONLY_DISK.error(place(url)) if mounted else None


def _flags(path: Path) -> int:
    """How the file system of a path is mounted; 0 where nobody can tell."""
    with suppress(OSError):
        return os.statvfs(path).f_flag
    return 0


_NO_ROOM = frozenset({"SQLITE_IOERR_SHMSIZE"})
"""Failures of the disk that mean no room: the index of the journal could not be made larger
(sqlite.org/rescode.html)."""

_SAID_BY_THE_SERVER = frozenset({"28", "3D", "3F", "42", "53"})
"""Classes of SQLSTATE whose messages name only roles, databases and tables."""


def _worded(meaning: ErrorMeaning, state: str, words: str) -> bool:
    """Whether the server's words fit a meaning that is narrower than its code."""
    return meaning.code != "28" or re.search(meaning.said, words, re.IGNORECASE) is not None


def _refused(words: str, where: str) -> StoreUnavailableError:
    """Explains a refused connection. libpq passes no SQLSTATE on, so the words have to tell;
    unknown words are taken for something that passes, and are repeated."""
    reason = _last_words(words)
    for meaning in _POSTGRES:
        if meaning.said and re.search(meaning.said, words, re.IGNORECASE):
            return meaning.error(where, reason)
    return _UNREACHABLE.error(where, reason)


def _last_words(words: str) -> str:
    """The reason that the server, or the system, gave.

    >>> said = 'connection to server at "h", port 1 failed: FATAL:  database "x" does not exist'
    >>> _last_words(f"connection failed: {said}")
    'database "x" does not exist'
    >>> _last_words("failed to resolve host 'db': [Errno -2] Name or service not known")
    "failed to resolve host 'db': [Errno -2] Name or service not known"
    """
    line = next(
        (n for n in words.splitlines() if re.search(r"FATAL|ERROR|致命的", n)),
        next(iter(words.strip().splitlines()), ""),
    )
    return re.sub(r"^.*(?:FATAL|ERROR|致命的エラー):\s*|^.* failed: ", "", line).strip()


def _reason(error: BaseException | None) -> str:
    """The first line of what the server said of a statement."""
    return next(iter(str(error).strip().splitlines()), "")


def crowded(url: URL) -> StoreUnavailableError:
    """The error that every connection this process may have is in use."""
    return _CROWDED.error(place(url))


def strip_values(error: BaseException) -> None:
    """Removes from a PostgreSQL error what the server repeats of a row: details, contexts, and in
    errors about values everything after the colon."""
    state, first = getattr(error, "sqlstate", None), _reason(error)
    if state:
        error.args = (
            f"{first.split(':')[0] if state.startswith('22') else first} (SQLSTATE {state})",
        )

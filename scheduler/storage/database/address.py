"""Where the database is: reads and completes `DATABASE_URL`, and refuses it with a sentence if it
cannot work.

Always holds: a relative path means the working folder, wherever a command is typed; an accepted
address opens with our own drivers; no password is ever part of a sentence.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from scheduler.core.words.labels import COMMA, Joined
from scheduler.ports import StoreUnavailableError

DEFAULT_FILE = "data/renewals.db"
BUSY_SECONDS = 30
_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
}
_SQLITE_ARGUMENTS = frozenset({"timeout", "mode", "uri"})
_SEVERAL = re.compile(
    r"(?P<before>[a-z+]+://(?:[^@/]*@)?)(?P<hosts>[^/?]*,[^/?]*)(?P<rest>/[^?]*)?(?:\?(?P<query>.*))?",
    re.DOTALL,
)
_UTF8 = frozenset({"utf8", "utf-8", "unicode", "auto"})


def database_url(env: Mapping[str, str], folder: Path) -> str:
    """`DATABASE_URL`, else the SQLite file `data/renewals.db` beside `config.toml`; a relative path
    is taken from `folder`.

    >>> database_url({"DATABASE_URL": "sqlite:///data/x.db"}, Path("/srv/cs"))
    'sqlite:////srv/cs/data/x.db'
    """
    written = env.get("DATABASE_URL") or f"sqlite:///{DEFAULT_FILE}"
    found = re.fullmatch(r"(sqlite(?:\+\w+)?:///)(?![/:]|file:)([^?]+)(\?.*)?", written, re.DOTALL)
    return (
        f"{found[1]}{(folder / found[2]).absolute().as_posix()}{found[3] or ''}"
        if found
        else written
    )


def parse_url(text: str) -> URL:
    """The address with our drivers; a list of hosts means the one that accepts writes. Raises
    StoreUnavailableError for an address that cannot work."""
    url = _read(text)
    backend = url.get_backend_name()
    if backend not in ("sqlite", "postgresql", "postgres"):
        raise StoreUnavailableError(
            "DATABASE_URL: {backend} is not supported; use SQLite or PostgreSQL", backend=backend
        )
    if url.drivername not in _DRIVERS:
        simple = "sqlite:///data/renewals.db" if backend == "sqlite" else "postgresql://…"
        raise StoreUnavailableError(
            "DATABASE_URL: the driver {drivername} cannot be used; write {simple}",
            drivername=url.drivername,
            simple=simple,
        )
    url = url.set(drivername=_DRIVERS[url.drivername])
    return _checked_sqlite(url) if backend == "sqlite" else _checked_postgres(url)


def place(url: URL) -> str:
    """The address for a sentence: without its password and its arguments."""
    hosts = url.query.get("host", ())
    named = hosts if isinstance(hosts, str) else ",".join(hosts)
    shown = (
        url.set(query={}).set(host=url.host or named or None).render_as_string(hide_password=True)
    )
    return shown.replace("+psycopg", "", 1)


def patience(url: URL) -> float:
    """How many seconds SQLite waits while another process writes: `?timeout=5` in the address, else
    BUSY_SECONDS."""
    try:
        return float(str(url.query.get("timeout", BUSY_SECONDS)))
    except ValueError:
        raise StoreUnavailableError(
            "timeout in DATABASE_URL is a number of seconds; write e.g. ?timeout=5"
        ) from None


def _read(text: str) -> URL:
    """The address as a URL, including one with several hosts as libpq writes them
    (`h1:5432,h2:5433`)."""
    several = _SEVERAL.fullmatch(text)
    if several and several["before"].startswith("postgres"):
        listed = "&".join(f"host={host}" for host in several["hosts"].split(","))
        query = "&" + several["query"] if several["query"] else ""
        text = f"{several['before']}{several['rest'] or '/'}?{listed}{query}"
    try:
        return make_url(text)
    except (ArgumentError, ValueError) as error:
        raise StoreUnavailableError(
            "DATABASE_URL is not a database address; write e.g. postgresql://user@host/renewals"
        ) from error


def _checked_sqlite(url: URL) -> URL:
    """A SQLite address that can work."""
    if url.host or url.username:
        raise StoreUnavailableError(
            "DATABASE_URL: sqlite is followed by three slashes (four for an absolute path), "
            "e.g. sqlite:///data/renewals.db"
        )
    _only(url, _SQLITE_ARGUMENTS)
    patience(url)
    return url


def _checked_postgres(url: URL) -> URL:
    """A PostgreSQL address that can work."""
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415  (loaded only where it is spoken)
    from psycopg.pq import Conninfo  # noqa: PLC0415

    _only(url, frozenset(option.keyword.decode() for option in Conninfo.get_defaults()))
    encoding = str(url.query.get("client_encoding", "utf8"))
    if encoding.lower() not in _UTF8:
        raise StoreUnavailableError(
            (
                "DATABASE_URL: with client_encoding={encoding} some names cannot be stored; "
                "leave it out (UTF-8 is used)"
            ),
            encoding=encoding,
        )
    try:
        make_conninfo(
            **{
                name: value if isinstance(value, str) else ",".join(value)
                for name, value in url.query.items()
            }
        )
    except Exception as error:
        said = str(error).strip().splitlines()[0]
        raise StoreUnavailableError(
            "an argument in DATABASE_URL is wrong: {words}", words=said
        ) from None
    hosts = url.query.get("host", url.host or "")
    several = len(hosts) > 1 if isinstance(hosts, tuple) else "," in hosts
    if several and "target_session_attrs" not in url.query:
        url = url.update_query_dict({"target_session_attrs": "read-write"})
    return url


def _only(url: URL, known: frozenset[str]) -> None:
    """Refuses arguments that nothing reads."""
    unknown = sorted(set(url.query) - known)
    if unknown:
        raise StoreUnavailableError(
            ("DATABASE_URL has an unknown argument: {unknown}; check its spelling or leave it out"),
            unknown=Joined(unknown, COMMA),
        )

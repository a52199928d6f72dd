"""Which revisions of the database this program knows: exactly the files in `migrations/versions`,
in the order of their names.

Always holds: the revisions are one chain, each following the one before it by name (a test walks it
with Alembic); asking imports no Alembic.
"""

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("migrations")
_FILE = re.compile(r"(\d{4})_\w+\.py")


@cache
def known() -> tuple[str, ...]:
    """Every revision, oldest first."""
    return tuple(
        sorted(
            found[1]
            for file in (FOLDER / "versions").iterdir()
            if (found := _FILE.fullmatch(file.name))
        )
    )


def newest() -> str:
    """The revision that a fresh database has.

    >>> newest() == known()[-1]
    True
    """
    return known()[-1]

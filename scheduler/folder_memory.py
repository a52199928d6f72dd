"""What a working folder remembers: which database it works with, so that an empty one never takes its place unnoticed.

Always holds: the memory lies in the working folder itself, not beside the database, whose disk may not be mounted; a folder that cannot be written
to remembers nothing, and everything else works.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from scheduler.private_files import open_private

FILE = ".renewals-database.json"


@dataclass(frozen=True, slots=True)
class Memory:
    """`instance` is the identity of the database, `place` its address without the password."""

    instance: str
    place: str


def remembered(folder: Path) -> Memory | None:
    """The database this folder worked with last; None for a fresh folder, or where what is written there cannot be read."""
    try:
        found = json.loads((folder / FILE).read_text("utf-8"))
        return Memory(str(found["instance"]), str(found["database"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(folder: Path, memory: Memory) -> None:
    """Writes it down, unless it is there already."""
    if remembered(folder) == memory:
        return
    with suppress(OSError), open_private(folder / FILE) as file:
        json.dump({"instance": memory.instance, "database": memory.place}, file, indent=2, ensure_ascii=False)

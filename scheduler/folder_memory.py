"""What a working folder remembers: which database it works with and how far that had come, so that neither an empty one nor an older copy takes its
place unnoticed.

Always holds: the memory lies in the working folder itself, not beside the database, whose disk may not be mounted; it is written after the database,
so that it never knows more than the database did; a folder that cannot be written to remembers nothing, and everything else works.
"""

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scheduler.private_files import open_private

FILE = ".renewals-database.json"


@dataclass(frozen=True, slots=True)
class Memory:
    """`instance` is the identity of the database, `place` its address without the password. `mark` grows with everything that people may have been
    told; `marked_at` is when it did. `changes` is how often a SQLite file had been changed, by its own count."""

    instance: str
    place: str
    mark: int = 0
    marked_at: datetime | None = None
    changes: int = 0


def remembered(folder: Path) -> Memory | None:
    """The database this folder worked with last; None for a fresh folder, or where what is written there cannot be read."""
    try:
        found = json.loads((folder / FILE).read_text("utf-8"))
        at = found.get("marked_at")
        marked_at = datetime.fromisoformat(at) if at else None
        return Memory(str(found["instance"]), str(found["database"]), int(found.get("mark", 0)), marked_at, int(found.get("changes", 0)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def remember(folder: Path, memory: Memory) -> None:
    """Writes it down, whole or not at all, unless it is there already."""
    if remembered(folder) == memory:
        return
    said = {"instance": memory.instance, "database": memory.place, "mark": memory.mark, "changes": memory.changes}
    said |= {"marked_at": memory.marked_at.isoformat() if memory.marked_at else None}
    part = folder / f"{FILE}.{os.getpid()}"
    try:
        with open_private(part) as file:
            json.dump(said, file, indent=2, ensure_ascii=False)
        part.replace(folder / FILE)
    except OSError:
        with suppress(OSError):
            part.unlink(missing_ok=True)

"""What a working folder remembers: which database it works with and how far that had come, so that
neither an empty one nor an older copy takes its place unnoticed.

Always holds: the memory lies in the working folder itself, not beside the database, whose disk may
not be mounted; only where that folder cannot be written to (a container's, mounted read-only) what
is new lies in `data/`, and of two memories of one database the further one holds; it is written
after the database, so that it never knows more than the database did; where nothing can be written
nothing is remembered, and everything else works.
"""

import json
import os
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from scheduler.system.private_files import open_private

FILE = ".renewals-database.json"
DATA = "data"


@dataclass(frozen=True, slots=True)
class FolderMemory:
    """`instance` is the identity of the database, `place` its address without the password.
    `generation` grows with everything that people may have been told; `marked_at` is when it did.
    `changes` is how often a SQLite file had been changed, by its own count. `instead_of` is the
    identity that the folder's own file still names, because that file cannot be written."""

    instance: str
    place: str
    generation: int = 0
    marked_at: datetime | None = None
    changes: int = 0
    instead_of: str = field(default="", compare=False)


def remembered(folder: Path) -> FolderMemory | None:
    """The database this folder worked with last; None for a fresh folder, or where what is written
    there cannot be read."""
    own, beside = _read(folder / FILE), _read(folder / DATA / FILE)
    if own is None or beside is None:
        return own or beside
    if own.instance == beside.instance:
        return own if own.generation > beside.generation else beside
    return beside if beside.instead_of == own.instance else own


def remember(folder: Path, memory: FolderMemory) -> bool:
    """Writes it down, whole or not at all, unless it is remembered already; returns whether it is
    remembered now."""
    if remembered(folder) == memory:
        return True
    if _write(folder / FILE, memory):
        with suppress(OSError):
            (folder / DATA / FILE).unlink(missing_ok=True)
        return True
    own = _read(folder / FILE)
    instead_of = own.instance if own is not None and own.instance != memory.instance else ""
    return _write(folder / DATA / FILE, replace(memory, instead_of=instead_of))


def _read(file: Path) -> FolderMemory | None:
    """One memory; None where there is none, or none that can be read."""
    try:
        found = json.loads(file.read_text("utf-8"))
        at = found.get("marked_at")
        known = (
            int(found.get("mark", 0)),
            datetime.fromisoformat(at) if at else None,
            int(found.get("changes", 0)),
        )
        return FolderMemory(
            str(found["instance"]),
            str(found["database"]),
            *known,
            str(found.get("instead_of", "")),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _write(file: Path, memory: FolderMemory) -> bool:
    """Writes one down; whether it could be."""
    said = {
        "instance": memory.instance,
        "database": memory.place,
        "mark": memory.generation,
        "changes": memory.changes,
    }
    said |= {"marked_at": memory.marked_at.isoformat() if memory.marked_at else None}
    said |= {"instead_of": memory.instead_of} if memory.instead_of else {}
    part = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        with open_private(part) as opened:
            json.dump(said, opened, indent=2, ensure_ascii=False)
        part.replace(file)
    except OSError:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        return False
    return True

"""The database as a file: one daemon on it, copies of it, and whether it is still the one that the
folder remembers.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.app.stores import Stores

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from scheduler.core.config.tables.machine import MachineTable
    from scheduler.core.words.labels import Label
    from scheduler.services.audit.restored import Restored
    from scheduler.storage.database.nightly import Nightly
    from scheduler.storage.database.presence import FileWatch


class Copies(Stores):
    """What is done with the database as a whole."""

    def need_not_last(self) -> None:
        """From now on commits do not wait for the disk: for a database that can be made again, such
        as the demo's. SQLite only."""
        connection = self.engine.raw_connection()
        connection.cursor().execute("PRAGMA synchronous = OFF")
        connection.close()

    def sole_daemon(self) -> "AbstractContextManager[None]":
        """Keeps a second daemon off the same SQLite file. Raises UserMustActError with the holder's
        process id."""
        from scheduler.storage.database.lock import sole_daemon

        return sole_daemon(self.database_url)

    def backup(self, target: Path) -> int:
        """Copies the database into a new file; its size in bytes."""
        from scheduler.storage.database.backup import copy_to

        return copy_to(self.database_url, target)

    @property
    def nightly(self) -> "Nightly | None":
        """The nightly copies; None on PostgreSQL, and where none are wanted."""
        return self.nightly_by(self.config.machine)

    def nightly_by(self, machine: "MachineTable") -> "Nightly | None":
        """The nightly copies that these settings ask for."""
        from scheduler.storage.database.journal import file_of
        from scheduler.storage.database.nightly import Nightly

        if not machine.backups or file_of(self.database_url) is None:
            return None
        return Nightly(
            self.database_url, (self.folder / machine.backups).absolute(), machine.backups_kept
        )

    def note_generation(self) -> None:
        """Something went out, or a minute passed: raises the generation of the database, then the
        one that the folder remembers. A database that is older than the folder's memory is held
        first."""
        from scheduler.app.folder_memory import FolderMemory, remember, remembered
        from scheduler.storage.database.address import place
        from scheduler.storage.database.journal import changes_of

        before, now = remembered(self.folder), self.clock.now()
        self.hold_older_copy()
        generation = self.restored.raise_generation()
        if before is not None:
            remember(
                self.folder,
                FolderMemory(
                    before.instance,
                    place(self.engine.url),
                    generation,
                    now,
                    changes_of(self.database_url),
                ),
            )

    def hold_older_copy(self) -> "Restored | None":
        """Holds a database whose generation is behind the one that the folder remembers: somebody
        put a copy back. None for any other, and for one that is held already."""
        from scheduler.app.folder_memory import remembered
        from scheduler.services.audit.restored import Restored
        from scheduler.storage.database.meta import INSTANCE, get_fact

        memory = remembered(self.folder)
        with self.reading.connect() as connection:
            same = memory is not None and get_fact(connection, INSTANCE) == memory.instance
        if memory is None or not same or self.restored.generation() >= memory.generation:
            return None
        found = Restored(
            self.clock.now(), self.keeping.last_sweep_at(), memory.marked_at, noticed=True
        )
        self.restored.hold(found, memory.generation)
        return found

    def outgrown(self) -> "Label | None":
        """What to do where a newer program has changed the database since this one began."""
        from scheduler.storage.database.schema import outgrown

        return outgrown(self.reading)

    def presence(self) -> "FileWatch":
        """The database file as it is now, so that it can be seen whether it is still there."""
        from scheduler.storage.database.presence import presence

        return presence(self.database_url)

    @property
    def loopback_only(self) -> bool:
        """Whether messages may only go to preview and this machine: in a rehearsal, and ever after
        in its database."""
        return self.as_of is not None or self.keeping.rehearsed()

"""Whether the database file that a daemon works with is still the one at its address, and nothing
was copied over it.

Always holds: on PostgreSQL there is nothing to check; a file that exists but cannot be looked at
for the moment is not called gone.
"""

from dataclasses import dataclass
from pathlib import Path

from scheduler.core.words.labels import Label
from scheduler.storage.database.address import parse_url
from scheduler.storage.database.journal import header_of


@dataclass(slots=True)
class FileWatch:
    """The file as it was when the work began; `changes`: how often it had been changed at the last
    look."""

    file: Path | None
    device: int = 0
    inode: int = 0
    changes: int = 0

    def gone(self) -> Label | None:
        """Detects that something happened to the file."""
        if self.file is None:
            return None
        try:
            now = self.file.stat()
        except FileNotFoundError:
            return Label(
                (
                    "the database file {file} is gone; restore a backup, or mount its folder "
                    "again, and start"
                ),
                file=self.file,
            )
        except OSError:
            return None
        if (now.st_dev, now.st_ino) != (self.device, self.inode):
            return Label(
                (
                    "the database file {file} was replaced while the daemon was running; it uses "
                    "the new one once it is restarted"
                ),
                file=self.file,
            )
        if now.st_size == 0:
            return Label("the database file {file} was emptied; restore a backup", file=self.file)
        return self._overwritten(self.file)

    def _overwritten(self, file: Path) -> Label | None:
        """Detects that another database was copied over this one: its count of changes is lower, or
        it is not written through a journal."""
        header = header_of(file)
        if header is None or (header.journaled and header.changes >= self.changes):
            self.changes = header.changes if header else self.changes
            return None
        return Label(
            (
                "another database (a copy) was put over {file} while the daemon was running; to "
                "fix it: renewals restore {file}"
            ),
            file=file,
        )


def presence(url: str) -> FileWatch:
    """The file at this address now."""
    parsed = parse_url(url)
    file = Path(parsed.database or "")
    if parsed.get_backend_name() != "sqlite" or not file.is_file():
        return FileWatch(None)
    found, header = file.stat(), header_of(file)
    return FileWatch(file.absolute(), found.st_dev, found.st_ino, header.changes if header else 0)

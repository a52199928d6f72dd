"""Whether the database file that a daemon works with is still the one at its address.

Always holds: on PostgreSQL there is nothing to see; a file that is there, but for the moment cannot be looked at, is not called gone.
"""

from dataclasses import dataclass
from pathlib import Path

from scheduler.core.labels import Label
from scheduler.storage.address import parse_url


@dataclass(frozen=True, slots=True)
class Presence:
    """The file as it was when the work began."""

    file: Path | None
    device: int = 0
    inode: int = 0

    def gone(self) -> Label | None:
        """What happened to the file, if anything."""
        if self.file is None:
            return None
        try:
            now = self.file.stat()
        except FileNotFoundError:
            return Label(
                f"データベースのファイル {self.file} がなくなりました。バックアップから戻すか、フォルダーをマウントし直してから起動してください。",
                f"the database file {self.file} is gone; restore a backup, or mount its folder again, and start",
            )
        except OSError:
            return None
        if (now.st_dev, now.st_ino) != (self.device, self.inode):
            return Label(
                f"データベースのファイル {self.file} が別のものに置き換えられました。起動し直すと新しいものを使います。",
                f"the database file {self.file} was replaced by another under the running daemon; started again, it uses that one",
            )
        if now.st_size == 0:
            return Label(
                f"データベースのファイル {self.file} が空にされました。バックアップから戻してください。",
                f"the database file {self.file} was emptied; restore a backup",
            )
        return None


def presence(url: str) -> Presence:
    """The file at this address now."""
    parsed = parse_url(url)
    file = Path(parsed.database or "")
    if parsed.get_backend_name() != "sqlite" or not file.is_file():
        return Presence(None)
    found = file.stat()
    return Presence(file.absolute(), found.st_dev, found.st_ino)

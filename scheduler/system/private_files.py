"""Files that hold customers' data or secrets: readable by their owner only, whatever the umask.

Always holds: what root makes belongs to the owner of the folder it lies in, so that one command of
root's does not lock the service out; permissions of existing files are never widened.
"""

import os
import stat
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

OWNER_ONLY, OWNER_ONLY_FOLDER = 0o600, 0o700
_OTHERS = stat.S_IRWXO


def make_private(file: Path) -> None:
    """Makes the file, empty, where there is none; the folder must be there. Raises OSError."""
    with suppress(FileExistsError):
        os.close(_open(file, os.O_EXCL))


def open_private(file: Path, encoding: str = "utf-8") -> TextIOWrapper:
    """Opens the file, emptied, to be written as text; an existing file is made private too.
    Raises OSError."""
    descriptor = _open(file, os.O_TRUNC)
    os.fchmod(descriptor, OWNER_ONLY)
    return TextIOWrapper(os.fdopen(descriptor, "wb"), encoding=encoding, newline="")


def _open(file: Path, how: int) -> int:
    """A descriptor to write with, of a file that belongs to the folder's owner."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | how, OWNER_ONLY)
    give_to_owner(descriptor, file.parent)
    return descriptor


def give_to_owner(made: int | Path, folder: Path) -> None:
    """What root made belongs to whoever owns the folder; for anybody else nothing changes."""
    if os.geteuid() == 0:
        owner = folder.stat()
        with suppress(OSError):
            os.chown(made, owner.st_uid, owner.st_gid)


def make_private_folder(folder: Path) -> None:
    """Makes the folder and those above it; the folder itself is its owner's only. One that is there
    stays as it is. Raises OSError."""
    for missing in [f for f in (folder, *folder.parents) if not f.is_dir()][::-1]:
        missing.mkdir(OWNER_ONLY_FOLDER if missing == folder else 0o755, exist_ok=True)
        give_to_owner(missing, missing.parent)


def shut_out_others(file: Path) -> None:
    """Takes away what every user of the machine may do with a file; its group keeps what it has. A
    file whose permissions this user may not change stays as it is."""
    with suppress(OSError):
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & _OTHERS:
            file.chmod(mode & ~_OTHERS)


def others_can_read(file: Path, within: Path) -> bool:
    """Whether every user of the machine can read the file: it and the folders down to it from
    `within` are open to them."""
    try:
        folders = [f for f in file.parents if f == within or within in f.parents]
        return bool(file.stat().st_mode & stat.S_IROTH) and all(
            f.stat().st_mode & stat.S_IXOTH for f in folders
        )
    except OSError:
        return False

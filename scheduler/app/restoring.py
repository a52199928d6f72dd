"""Puts a copy in the place of a working folder's database, and later lets sending go on.

Always holds: a copy that is damaged, newer than this program or of another installation is refused
before anything is touched; the database that is replaced is kept; from the first moment that the
copy can be opened it is held.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scheduler.app.folder_memory import FolderMemory, remember, remembered
from scheduler.app.wiring import App
from scheduler.core.deal.pauses import Pause
from scheduler.core.words.errors import UserMustActError
from scheduler.ports import StoreUnavailableError
from scheduler.services.audit.restored import Restored, instant_since
from scheduler.services.audit.restoring import TakenAsSent, live_again
from scheduler.storage.audit.restoring import tried_world, world_of
from scheduler.storage.database.address import parse_url, place
from scheduler.storage.database.backup import Copy, examine, fold_journal, put_back
from scheduler.storage.database.journal import changes_of, file_of, stray_journal
from scheduler.storage.database.lock import sole_daemon
from scheduler.storage.database.restored import as_text
from scheduler.system.private_files import make_private_folder


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """The result of a restore: the copy, how the folder's database is held now, where the replaced
    database was put (None: there was none), and its pauses that the copy does not have."""

    copy: Copy
    restored: Restored
    replaced: Path | None
    unpaused: Sequence[Pause] = ()


def restore(app: App, source: Path, by: str, *, another: bool = False) -> RestoreResult:
    """Puts the copy in place, held. `another`: also one of another installation. Raises
    UserMustActError, StoreUnavailableError."""
    file = _file(app)
    alone = file.exists() and source.exists() and source.samefile(file)
    make_private_folder(file.parent)
    with sole_daemon(app.database_url):
        copy, memory, now = examine(source, alone=alone), remembered(app.folder), app.clock.now()
        known = _instance_here(file, memory)
        if known and copy.instance != known and not another:
            raise _of_another(source)
        same = memory is not None and memory.instance == copy.instance
        before = _before(file, copy)
        restored = Restored(
            now, copy.last_sweep_at, _last_known(before, memory if same else None), by
        )
        generation = max(copy.generation, memory.generation if memory is not None and same else 0)
        if (
            file.exists()
            and not alone
            and stray_journal(app.database_url, memory.changes if memory is not None else 0) is None
        ):
            fold_journal(app.database_url)
        replaced = put_back(
            app.database_url, source, as_text(restored), generation, now, alone=alone
        )
        remember(
            app.folder,
            FolderMemory(
                copy.instance,
                place(parse_url(app.database_url)),
                generation,
                restored.seen_at,
                changes_of(app.database_url),
            ),
        )
    return RestoreResult(copy, restored, replaced, _unpaused(before, copy, now))


def _file(app: App) -> Path:
    """The file that is to be replaced. Raises UserMustActError where it is a server's."""
    file = file_of(app.database_url)
    if file is None:
        command = (
            "pg_restore --clean --if-exists --single-transaction "
            f"--dbname={parse_url(app.database_url).database} renewals.dump"
        )
        raise UserMustActError(
            (
                "PostgreSQL is restored with pg_restore: stop renewals on every machine, run "
                "{command}, and start it again. The program notices that the copy is older and "
                "sends nothing until `renewals release --since` says from which moment on."
            ),
            command=command,
        )
    return file


def _instance_here(file: Path, memory: FolderMemory | None) -> str:
    """The identity of the database there is, or that the folder remembers; empty where nobody
    knows."""
    if memory is not None:
        return memory.instance
    try:
        return examine(file).instance
    except StoreUnavailableError:
        return ""


def _of_another(source: Path) -> UserMustActError:
    """A copy of a database that is not ours."""
    return UserMustActError(
        (
            "{source} is a copy of a different database, not of this folder's; if you really "
            "mean it, add --another"
        ),
        source=source,
    )


def _before(file: Path, copy: Copy) -> Copy | None:
    """What the replaced database says of itself; None if it cannot be read, or is of another
    installation than the copy."""
    try:
        here = examine(file)
    except StoreUnavailableError:
        return None
    return here if here.instance == copy.instance else None


def _last_known(before: Copy | None, memory: FolderMemory | None) -> datetime | None:
    """When the database that is replaced was last known to work: by the folder's memory, or by
    itself."""
    known = [
        memory.marked_at if memory is not None else None,
        before.last_sweep_at if before is not None else None,
    ]
    return max((at for at in known if at is not None), default=None)


def _unpaused(before: Copy | None, copy: Copy, now: datetime) -> Sequence[Pause]:
    """Pauses of the replaced database that are over because the copy does not know of them."""
    kept = {(pause.scope, pause.name) for pause in copy.pauses}
    stood = before.pauses if before is not None else ()
    return [
        pause
        for pause in stood
        if (pause.scope, pause.name) not in kept
        and (pause.until_at is None or pause.until_at > now)
    ]


def untold(app: App, restored: Restored, since: datetime) -> Sequence[TakenAsSent]:
    """Works out what `release_since` would take as told; nothing of it is kept."""
    with tried_world(app.engine) as world:
        return live_again(world, app.policy, tuple(app.channels), restored, since)


def release_since(app: App, restored: Restored, since: datetime) -> Sequence[TakenAsSent]:
    """Takes what came up before `since` as told; what comes from then on is sent. Raises
    UserMustActError."""
    since = instant_since(since, restored, app.clock.now())
    taken = live_again(world_of(app.engine), app.policy, tuple(app.channels), restored, since)
    app.keeping.record_sweep(since)
    app.restored.end()
    return taken

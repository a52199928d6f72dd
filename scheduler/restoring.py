"""Puts a copy in the place of a working folder's database, and later lets sending go on.

Always holds: a copy that is damaged, newer than this program or of another installation is refused before anything is touched; the database that is
replaced is kept; from the first moment that the copy can be opened it is held.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scheduler.core.errors import UserMustActError
from scheduler.folder_memory import Memory, remember, remembered
from scheduler.ports import StoreUnavailableError
from scheduler.services.restoring import Restored, Taken, instant_since, live_again
from scheduler.storage.address import parse_url, place
from scheduler.storage.backup import Copy, examine, fold_journal, put_back
from scheduler.storage.journal import changes_of, file_of, stray_journal
from scheduler.storage.lock import sole_daemon
from scheduler.storage.restored import as_text
from scheduler.storage.taking import tried_world, world_of
from scheduler.wiring import App


@dataclass(frozen=True, slots=True)
class PutBack:
    """What was done: the copy, how the folder's database is held now, and under which name the one of before lies."""

    copy: Copy
    restored: Restored
    replaced: Path | None


def restore(app: App, source: Path, by: str, *, another: bool = False) -> PutBack:
    """Puts the copy in place, held. `another`: also one of another installation. Raises UserMustActError, StoreUnavailableError."""
    file = _file(app)
    alone = file.exists() and source.exists() and source.samefile(file)
    with sole_daemon(app.database_url):
        copy, memory, now = examine(source, alone=alone), remembered(app.folder), app.clock.now()
        known = _instance_here(file, memory)
        if known and copy.instance != known and not another:
            raise _of_another(source)
        same = memory is not None and memory.instance == copy.instance
        restored = Restored(now, copy.last_sweep_at, _last_known(file, copy, memory if same else None), by)
        mark = max(copy.mark, memory.mark if memory is not None and same else 0)
        if file.exists() and not alone and stray_journal(app.database_url, memory.changes if memory is not None else 0) is None:
            fold_journal(app.database_url)
        replaced = put_back(app.database_url, source, as_text(restored), mark, now, alone=alone)
        remember(app.folder, Memory(copy.instance, place(parse_url(app.database_url)), mark, restored.seen_at, changes_of(app.database_url)))
    return PutBack(copy, restored, replaced)


def _file(app: App) -> Path:
    """The file that is to be replaced. Raises UserMustActError where it is a server's."""
    file = file_of(app.database_url)
    if file is None:
        command = f"pg_restore --clean --if-exists --single-transaction --dbname={parse_url(app.database_url).database} renewals.dump"
        raise UserMustActError(
            f"PostgreSQLは pg_restore で戻します。すべてのマシンで renewals を止め、{command} を実行し、起動してください。"
            "写しが古いことは自動で気づき、renewals release --since で指定するまで何も送りません。",
            f"PostgreSQL is put back by pg_restore: stop renewals on every machine, run {command}, and start it. "
            "That the copy is older is noticed, and nothing is sent until `renewals release --since` says from when on.",
        )
    return file


def _instance_here(file: Path, memory: Memory | None) -> str:
    """The identity of the database there is, or that the folder remembers; empty where nobody knows."""
    if memory is not None:
        return memory.instance
    try:
        return examine(file).instance
    except StoreUnavailableError:
        return ""


def _of_another(source: Path) -> UserMustActError:
    """A copy of a database that is not ours."""
    return UserMustActError(
        f"{source} は、このフォルダーのものではなく、別のデータベースの写しです。それでも使う場合だけ --another を付けてください。",
        f"{source} is a copy of another database than this folder's; only if you mean it, add --another",
    )


def _last_known(file: Path, copy: Copy, memory: Memory | None) -> datetime | None:
    """When the database that is replaced was last known to work: by the folder's memory, or by itself if it can still be read."""
    known = [memory.marked_at] if memory is not None and memory.marked_at is not None else []
    try:
        here = examine(file)
    except StoreUnavailableError:
        here = None
    if here is not None and here.instance == copy.instance and here.last_sweep_at is not None:
        known.append(here.last_sweep_at)
    return max(known, default=None)


def untold(app: App, restored: Restored, since: datetime) -> Sequence[Taken]:
    """What would be taken as told, or sent, up to `since`; nothing is kept of it."""
    with tried_world(app.engine) as world:
        return live_again(world, app.policy, tuple(app.channels), restored, since)


def release_since(app: App, restored: Restored, since: datetime) -> Sequence[Taken]:
    """What came up before `since` is taken as told; what comes from then on is sent. Raises UserMustActError."""
    since = instant_since(since, restored, app.clock.now())
    taken = live_again(world_of(app.engine), app.policy, tuple(app.channels), restored, since)
    app.keeping.record_sweep(since)
    app.restored.end()
    return taken

"""Makes an App ready for a command: one that writes brings the database up to date and applies an
edited policy first; one that reads does neither.

Always holds: a rehearsal (`--as-of`) goes forward in time and never touches a database from which
real people were told.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scheduler.app.folder_memory import FolderMemory, remember, remembered
from scheduler.app.policy_edits.judged import broken_templates, shown
from scheduler.app.policy_edits.notices import file_notices
from scheduler.app.wiring import App
from scheduler.core.policy.policy import Policy
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import ByLanguage, Label
from scheduler.core.words.lexicon import Language
from scheduler.services.audit.restored import Restored, as_since
from scheduler.services.imports.unfinished import settle
from scheduler.services.policy.in_force import FileStatus, NoPolicyError
from scheduler.storage.database.address import parse_url, place
from scheduler.storage.database.engine import explained, transaction
from scheduler.storage.database.journal import changes_of, stray_journal
from scheduler.storage.database.meta import INSTANCE, get_fact, instance_id
from scheduler.storage.database.revisions import newest
from scheduler.storage.database.schema import (
    SchemaState,
    Upgraded,
    require_current,
    schema_state,
    upgrade,
)
from scheduler.system.private_files import shut_out_others

if TYPE_CHECKING:
    from scheduler.ports import Clock


def prepare_to_read(app: App) -> None:
    """Makes sure that there is a database and a policy in it, and says so if the file differs."""
    file_hash = app.working_folder.content_hash()
    _require_own_journal(app)
    _require_file(app)
    with explained(app.reading), app.reading.connect() as connection:
        memory = remembered(app.folder)
        if memory is not None and schema_state(connection) is SchemaState.EMPTY:
            raise _vanished(memory)
        require_current(connection)
    try:
        followed = app.keeper.compare(file_hash, app.clock.now())
    except NoPolicyError:
        raise _not_set_up() from None
    app.notices += file_notices(followed) if file_hash else [_unreadable(followed.in_force.version)]
    app.notices += held_notice(app.restored.restored(), app.policy)


def prepare_to_write(
    app: App,
    author: str | None = None,
    *,
    makes: bool = True,
    new: bool = False,
    configured: Callable[[App], None] | None = None,
) -> None:
    """Brings the database up to date (or makes it, if `makes`), settles an import that was
    interrupted, refuses a rehearsal that would do harm, and applies an edited policy.

    `new`: an empty database may take the place of the one that the folder has worked with.
    `configured` is called when config.toml is read, and the database not yet.
    """
    config = app.config
    if configured is not None:
        configured(app)
    now = app.clock.now()
    _require_own_journal(app)
    if not new:
        _require_known(app)
    if not makes:
        _require_file(app)
    app.notices += _upgraded(upgrade(app.engine, now))
    app.notices += _recognised(app, new)
    if (settled := settle(app.unfinished, now)) is not None:
        app.notices += [settled.label]
    if app.as_of is not None:
        _begin_rehearsal(app, now)
    app.followed = app.keeper.follow(config, author or user(), now)
    app.notices += file_notices(app.followed)
    app.notices += held_notice(app.restored.restored(), app.policy)
    if app.followed.standing is FileStatus.FIRST and (
        broken := broken_templates(config.policy.templates)
    ):
        app.notices += shown(broken)


def _require_own_journal(app: App) -> None:
    """Refuses a file beside which the journal of another lies. Raises UserMustActError."""
    memory = remembered(app.folder)
    if stray := stray_journal(app.database_url, memory.changes if memory is not None else 0):
        raise UserMustActError(stray)


def held_notice(restored: Restored | None, policy: Policy) -> list[Label]:
    """The notice that the database is a copy which was restored, and what it waits for; empty for
    any other."""
    if restored is None:
        return []
    zone = ZoneInfo(policy.zone)
    copy, seen = (as_since(at, zone) if at else None for at in (restored.copy_at, restored.seen_at))
    since = as_since(restored.until_at, zone)
    older = Label(
        "; it is older than the one this folder remembers, which worked until {seen}", seen=seen
    )
    return [
        Label(
            "note: the database was restored from a copy{swept}{older}. Nothing is sent until "
            "you say from which moment on: renewals release --since {since}",
            swept=Label(" (its last sweep: {copy})", copy=copy) if copy else "",
            older=older if restored.noticed and seen else "",
            since=since,
        )
    ]


_NOTE = Label("note: ")


def without_note(notice: Label) -> Label:
    """A notice where a list of notices is headed as such."""
    return Label.verbatim(ByLanguage(_without_note, notice))


def _without_note(notice: Label, language: Language) -> str:
    return notice.of(language).removeprefix(_NOTE.of(language))


def _require_known(app: App) -> None:
    """Refuses to begin with an empty database where the folder has worked with another. Raises
    UserMustActError."""
    memory = remembered(app.folder)
    if memory is not None and not _has_tables(app):
        raise _vanished(memory)


def _has_tables(app: App) -> bool:
    """Whether there is anything at the database's address."""
    if not file_is_there(app.database_url):
        return False
    with explained(app.reading), app.reading.connect() as connection:
        return schema_state(connection) is not SchemaState.EMPTY


def _vanished(memory: FolderMemory) -> UserMustActError:
    """Where there was a database there is none."""
    return UserMustActError(
        (
            "the database that this folder has worked with is not there ({place}): mount its "
            "disk, check DATABASE_URL, or restore a backup; only to begin anew with an empty "
            "database, add --new"
        ),
        place=memory.place,
    )


def _upgraded(done: Upgraded | None) -> list[Label]:
    """What the user should know of an upgrade: where the copy of before lies."""
    if done is None or done.before is None:
        return []
    kept = Label("; a copy of what it was before: {backup}", backup=done.backup)
    return [
        Label(
            "the database was brought from revision {before} to {newest}{kept}",
            before=done.before,
            newest=newest(),
            kept=kept if done.backup else "",
        )
    ]


def _recognised(app: App, new: bool) -> list[Label]:
    """A notice if this is not the database used before, unless a `new` one was asked for. From now
    on the folder remembers this one."""
    instance, before = _instance(app), remembered(app.folder)
    if before is not None and before.instance == instance:
        app.hold_older_copy()
        marked_at = before.marked_at
    else:
        marked_at = None
    here = FolderMemory(
        instance,
        place(app.engine.url),
        app.restored.generation(),
        marked_at,
        changes_of(app.database_url),
    )
    remember(app.folder, here)
    if app.engine.dialect.name == "sqlite":
        _shut_out(app.engine.url.database or "")
    if new or before is None or before.instance == here.instance:
        return []
    return [
        Label(
            (
                "note: this is not the database used before (before: {before}, now: {here}); make "
                "sure it is the one you mean"
            ),
            before=before.place,
            here=here.place,
        )
    ]


def _instance(app: App) -> str:
    """The identity of the database, made where it has none yet."""
    with explained(app.reading), app.reading.connect() as connection:
        found = get_fact(connection, INSTANCE)
    if found is None:
        with transaction(app.engine) as connection:
            found = instance_id(connection)
    return found


def _shut_out(file: str) -> None:
    """Takes from every other user of the machine what an earlier version let them read of a SQLite
    file."""
    for ending in ("", "-wal", "-shm"):
        shut_out_others(Path(f"{file}{ending}"))


def _unreadable(version: int) -> Label:
    """The notice that config.toml cannot be read as a policy."""
    return Label(
        (
            "note: config.toml cannot be read (version {version} stays in force); `renewals "
            "check` says why"
        ),
        version=version,
    )


def _begin_rehearsal(app: App, at: datetime) -> None:
    """Notes that this database is one for rehearsals. What preview got would count as told, so a
    database in real use is refused."""
    last = app.keeping.last_sweep_at()
    if last is not None and at < last:
        raise UserMustActError(
            (
                "--as-of ({at:%Y-%m-%d %H:%M} UTC) is before the last sweep of this database "
                "({last:%Y-%m-%d %H:%M} UTC); rehearse forward in time"
            ),
            at=at,
            last=last,
        )
    if not app.keeping.rehearsed() and app.keeping.has_told_people():
        raise UserMustActError(
            "this database has sent messages to real people; rehearse in another folder with a "
            "database of its own"
        )
    app.keeping.mark_rehearsed(at)


def _require_file(app: App) -> None:
    """On SQLite: a database that nobody made yet is made neither by a query nor by an answer.
    Raises UserMustActError."""
    if not file_is_there(app.database_url):
        memory = remembered(app.folder)
        raise _not_set_up() if memory is None else _vanished(memory)


def file_is_there(url: str) -> bool:
    """Whether SQLite's file is there; on PostgreSQL only the server can tell."""
    database = parse_url(url)
    return (
        database.get_backend_name() != "sqlite"
        or (database.database or "").startswith("file:")
        or Path(database.database or "").is_file()
    )


def named_user(env: Mapping[str, str]) -> str | None:
    """The person whom `RENEWALS_USER` names as giving the command."""
    return env.get("RENEWALS_USER", "").strip() or None


def user() -> str:
    """The person who gave the command: `RENEWALS_USER` as it is written (a policy may have authors
    before there are people), else the machine's user."""
    if named := named_user(os.environ):
        return named
    try:
        return getuser()
    except (OSError, KeyError):
        return "?"


class NotSetUpError(UserMustActError):
    """There is no database yet."""


def _not_set_up() -> NotSetUpError:
    """The error that says what to do where there is none."""
    return NotSetUpError(
        "there is no database yet; `renewals import FILE` or `renewals run` makes it"
    )


@contextmanager
def open_app(
    folder: Path,
    *,
    language: Language,
    as_of: str | None = None,
    env: Mapping[str, str],
    edits: bool = False,
    makes: bool = True,
    new: bool = False,
    clock: "Clock | None" = None,
    configured: Callable[[App], None] | None = None,
) -> Iterator[App]:
    """The App of `folder`, ready to read or to write (`edits`), closed at the end of the block.
    `makes`: one that writes may make the database, and with `new` an empty one even where the
    folder has worked with another. `clock` stands in for the machine's (the demo). `configured` is
    called, of one that writes, when config.toml is read, and the database not yet."""
    app = App(folder, language, as_of, env)
    if clock is not None:
        app.clock = clock
    try:
        if edits:
            prepare_to_write(app, makes=makes, new=new, configured=configured)
        else:
            prepare_to_read(app)
        yield app
    finally:
        app.close()

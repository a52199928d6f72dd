"""Makes an App ready for a command: one that edits brings the database up to date and applies an edited policy first; one that reads does neither.

Always holds: a rehearsal (`--as-of`) goes forward in time and never touches a database from which real people were told.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.core.errors import UserMustActError
from scheduler.core.labels import Label
from scheduler.core.words import Language
from scheduler.services.following import Followed, NoPolicyError, Standing
from scheduler.storage.address import parse_url
from scheduler.storage.engine import explained
from scheduler.storage.schema import require_current, upgrade
from scheduler.wiring import App

if TYPE_CHECKING:
    from scheduler.ports import Clock


def prepare_to_read(app: App) -> None:
    """Makes sure that there is a database and a policy in it, and says so if the file differs."""
    file_hash = app.working_folder.content_hash()
    _require_file(app.database_url)
    with explained(app.reading), app.reading.connect() as connection:
        require_current(connection)
    try:
        followed = app.keeper.compare(file_hash, app.clock.now())
    except NoPolicyError:
        raise _not_set_up() from None
    app.notices += standing_notice(followed) if file_hash else [_unreadable(followed.in_force.version)]


def prepare_to_edit(app: App, author: str | None = None, *, makes: bool = True) -> None:
    """Brings the database up to date (or makes it, if `makes`), refuses a rehearsal that would do harm, and applies an edited policy."""
    config, now = app.config, app.clock.now()
    if not makes:
        _require_file(app.database_url)
    upgrade(app.engine, now)
    if app.as_of is not None:
        _begin_rehearsal(app, now)
    app.notices += standing_notice(app.keeper.follow(config, author or user(), now))


def _unreadable(version: int) -> Label:
    """The file cannot be a policy at all."""
    return Label(
        f"注意：config.toml を読めません(第{version}版のまま動きます)。確認：renewals check",
        f"note: config.toml cannot be read (version {version} stays in force); `renewals check` says why",
    )


def _begin_rehearsal(app: App, at: datetime) -> None:
    """Notes that this database is one for rehearsals. What preview got would count as told, so a database in real use is refused."""
    last = app.keeping.last_sweep_at()
    if last is not None and at < last:
        raise UserMustActError(
            f"--as-of({at:%Y-%m-%d %H:%M} UTC)が、前回の巡回({last:%Y-%m-%d %H:%M} UTC)より前です。リハーサルは時間の順に行ってください。",
            f"--as-of ({at:%Y-%m-%d %H:%M} UTC) is before the last sweep of this database ({last:%Y-%m-%d %H:%M} UTC); rehearse forward in time",
        )
    if not app.keeping.rehearsed() and app.keeping.has_told_people():
        raise UserMustActError(
            "このデータベースは実際の送信に使われています。リハーサルは別のフォルダー(別のデータベース)で行ってください。",
            "this database has told real people things; rehearse in another folder with a database of its own",
        )
    app.keeping.mark_rehearsed(at)


def standing_notice(followed: Followed) -> list[Label]:
    """What the user should know about the file beside the policy in force."""
    version = followed.in_force.version
    if followed.standing is Standing.STALE:
        ja = f"注意：config.toml は以前の版の内容です。データベースの方針(第{version}版)のまま動きます。"
        en = f"note: config.toml says what an earlier version said; version {version} in the database stays in force"
    elif followed.objections:
        ja = (
            f"注意：config.toml の変更はまだ適用していません(第{version}版のままです)。{_all_ja(followed)}。確認：renewals plan、適用：renewals apply"
        )
        en = (
            f"note: the edit of config.toml waits (version {version} stays in force): {_all_en(followed)}. See `renewals plan`, then `renewals apply`"
        )
    elif followed.standing is Standing.EDITED and followed.applied:
        ja = f"config.toml の変更を第{version}版として適用しました。"
        en = f"config.toml was edited: version {version} is in force now"
    elif followed.standing is Standing.EDITED:
        ja = f"注意：config.toml の変更はまだ適用されていません(第{version}版が有効)。何が起こるか：renewals plan"
        en = f"note: the edit of config.toml is not in force yet (version {version} is); `renewals plan` shows what it would do"
    else:
        return []
    return [Label(ja, en)]


def _all_ja(followed: Followed) -> str:
    """Every objection."""
    return "；".join(o.ja for o in followed.objections)


def _all_en(followed: Followed) -> str:
    """Every objection."""
    return "; ".join(o.en for o in followed.objections)


def _require_file(url: str) -> None:
    """On SQLite: a database that nobody made yet is made neither by a query nor by an answer. Raises UserMustActError."""
    database = parse_url(url)
    if database.get_backend_name() == "sqlite" and not Path(database.database or "").is_file():
        raise _not_set_up()


def user() -> str:
    """Who gave the command."""
    try:
        return getuser()
    except (OSError, KeyError):
        return "?"


def _not_set_up() -> UserMustActError:
    """There is no database yet."""
    return UserMustActError(
        "データベースがまだありません。先に renewals import または renewals run を実行してください。",
        "there is no database yet; `renewals import FILE` or `renewals run` makes it",
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
    clock: "Clock | None" = None,
) -> Iterator[App]:
    """The App of `folder`, ready to read or to edit, closed at the end of the block. `makes`: an edit may make the database. `clock` stands in for
    the machine's (the demo)."""
    app = App(folder, language, as_of, env)
    if clock is not None:
        app.clock = clock
    try:
        if edits:
            prepare_to_edit(app, makes=makes)
        else:
            prepare_to_read(app)
        yield app
    finally:
        app.close()

"""What a database driver's error means to a person, and whether it passes by itself (a full disk does not: somebody has to make room).

Always holds: what is said names the database without its password; an error that is not about the database's state stays what it is.
"""

from dataclasses import KW_ONLY, dataclass

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError

from scheduler.ports import StoreUnavailableError


@dataclass(frozen=True, slots=True)
class Meaning:
    """`mark` is the beginning of an SQLSTATE, or a part of SQLite's message."""

    mark: str
    ja: str
    en: str
    _: KW_ONLY
    passing: bool

    def error(self, where: str) -> StoreUnavailableError:
        """As an error that says where."""
        return StoreUnavailableError(f"{self.ja}({where})", f"{self.en} ({where})", passing=self.passing)


_SQLITE = (
    Meaning(
        "locked",
        "ほかの処理がデータベースを使用中です。終わってからやり直してください。",
        "another process is writing to the database; try again when it is done",
        passing=True,
    ),
    Meaning(
        "disk is full",
        "ディスクの空きがありません。空きを作ってからやり直してください。何も書き込まれていません。",
        "the disk is full; make room and try again (nothing was half written)",
        passing=False,
    ),
    Meaning(
        "readonly",
        "データベースに書き込めません。ファイルとフォルダーの権限を確認してください。",
        "the database cannot be written; check the permissions of the file and its folder",
        passing=False,
    ),
    Meaning(
        "not a database",
        "データベースではないファイルです。別の場所を指定するか、バックアップから戻してください。",
        "that file is not a database; name another, or restore a backup",
        passing=False,
    ),
    Meaning(
        "malformed",
        "データベースが壊れています。バックアップから戻してください。",
        "the database is damaged; restore a backup",
        passing=False,
    ),
    Meaning(
        "unable to open",
        "データベースを開けません。場所と権限を確認してください。",
        "the database cannot be opened; check the path and its permissions",
        passing=False,
    ),
    Meaning(
        "disk i/o error",
        "ディスクの読み書きに失敗しました。ディスクを確認してください。",
        "the disk failed to read or write; check it",
        passing=False,
    ),
)
_POSTGRES = (
    Meaning(
        "28P01",
        "データベースのパスワードが違います。DATABASE_URLを確認してください。",
        "the database refused the password; check DATABASE_URL",
        passing=False,
    ),
    Meaning(
        "28000",
        "データベースがこの利用者の接続を認めていません。DATABASE_URLを確認してください。",
        "the database refused this user; check DATABASE_URL",
        passing=False,
    ),
    Meaning(
        "3D000",
        "そのデータベースはありません。作成するか、DATABASE_URLを確認してください。",
        "there is no such database; create it or check DATABASE_URL",
        passing=False,
    ),
    Meaning(
        "53100",
        "データベースのディスクがいっぱいです。",
        "the database's disk is full",
        passing=False,
    ),
    Meaning(
        "25006",
        "データベースが読み取り専用です(切り替え中の可能性)。",
        "the database is read-only, perhaps failing over",
        passing=True,
    ),
    Meaning(
        "57P0",
        "データベースとの接続が切れました。",
        "the connection to the database was lost",
        passing=True,
    ),
    Meaning(
        "40P01",
        "ほかの処理と競合したため取り消しました。",
        "another process changed the same rows at the same moment; nothing was written",
        passing=True,
    ),
    Meaning(
        "42501",
        "データベースの権限が足りません。",
        "the database user lacks a permission",
        passing=False,
    ),
)


def explain(error: DBAPIError, url: URL) -> StoreUnavailableError | None:
    """What a driver's error means, or None for an error of ours."""
    where = url.render_as_string(hide_password=True)
    state = getattr(error.orig, "sqlstate", None)
    for meaning in _POSTGRES:
        if state and state.startswith(meaning.mark):
            return meaning.error(where)
    said = str(error.orig).lower()
    if url.get_backend_name() == "sqlite":
        for meaning in _SQLITE:
            if meaning.mark in said:
                return meaning.error(where)
    if error.connection_invalidated or (isinstance(error, OperationalError) and state is None and url.get_backend_name() == "postgresql"):
        return StoreUnavailableError(
            f"データベースに接続できません({where})。起動しているか、DATABASE_URLを確認してください。",
            f"cannot reach the database ({where}); is it running, and is DATABASE_URL right?",
            passing=False,
        )
    return None

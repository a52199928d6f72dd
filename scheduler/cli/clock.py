"""`renewals clock accept`: a person confirms the time after the clock jumped, and the daemon goes
on."""

from scheduler.cli.context import Here
from scheduler.cli.say import say
from scheduler.core.words.errors import UserMustActError


def accept(here: Here) -> None:
    """Takes the present time for right, also if a later sweep is on record."""
    with here.open() as app:
        now = app.clock.now()
        last = app.keeping.last_sweep_at()
        if app.keeping.rehearsed() and last is not None and last > now:
            raise UserMustActError(
                (
                    "このデータベースはリハーサルで先の日付まで進んでいます。本番には、"
                    "別のフォルダーで取り込み直してください。"
                ),
                (
                    "this database was rehearsed into the future; for real work import into "
                    "another folder"
                ),
            )
        app.keeping.accept(now)
    say(
        f"現在時刻 {now:%Y-%m-%d %H:%M} UTC を正しいものとして再開します。",
        f"{now:%Y-%m-%d %H:%M} UTC is taken for right; the daemon goes on",
    )

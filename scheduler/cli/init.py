"""`renewals init`: prepares a working folder. Always holds: nothing that exists is overwritten; a second run says what is there."""

from pathlib import Path
from typing import Annotated

import typer

from scheduler.cli.context import Here
from scheduler.cli.say import say, tell, text

ENV_EXAMPLE = """\
# 秘密の値はここ(.env)か環境変数に。config.toml には書きません。使うものだけ # を外してください。
# Secrets go here (as .env) or into the environment, never into config.toml. Uncomment what you use.
# 値をファイルから読む場合は 名前_FILE=/path/to/file  /  to read one from a file: NAME_FILE=/path/to/file

# Slack: アプリの Bot User OAuth Token / the app's bot token
#SLACK_BOT_TOKEN=xoxb-...
# Slackのボタン: アプリレベルトークン / for its buttons: the app-level token (docs/slack.md)
#SLACK_APP_TOKEN=xapp-...

# メール / e-mail: smtp://user:password@mail.example.com:587?starttls=required, smtps://user:password@mail.example.com
#SMTP_URL=smtp://127.0.0.1:25

# メールのリンクに署名する鍵(省略時はデータベースに自動作成) / signs the links in mails (default: made and kept in the database)
#LINK_SECRET=

# PostgreSQL(省略時はこのフォルダーの data/renewals.db / default: data/renewals.db in this folder)
#DATABASE_URL=postgresql://renewals@localhost/renewals
"""

TEMPLATES_README = """\
# 文面を変えるには / Changing what messages say

ここに置いたファイルだけが、付属の文面に優先します。置かなかったものは付属のまま(更新も届きます)。
Only the files you put here replace the shipped ones; everything else stays as shipped and is kept up to date.

    ja/renewal_3m/ask.txt        「お願い」の一文 / the one thing that is asked
    ja/renewal_3m/opening.txt    書き出し / the opening line
    en/renewal_3m/ask.txt

名前は通知タイミングの id(config.toml)か default、複数件まとめは bundle です。
The folder's name is the milestone's id (config.toml) or default; bundle is several nudges in one message.

変えたら `renewals check` で点検してください。うまく描けない文面があっても、付属の文面で必ず届きます。
Run `renewals check` afterwards. Should a template fail, the nudge still goes out with the shipped text.
"""


def init(
    here: Here,
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help=text("用意するフォルダー(既定は今のフォルダー)", "the folder to prepare (default: this one)"))
    ] = None,
) -> None:
    """Writes config.toml, config.schema.json, .env.example and templates/messages/README.md."""
    target = folder or here.folder
    written = [name for name, content in _files().items() if _write_new(target / name, content)]
    kept = [name for name in _files() if name not in written]
    for name in written:
        say(f"作成: {target / name}", f"made {target / name}")
    for name in kept:
        say(f"すでにあります(そのまま): {target / name}", f"there already, left as it is: {target / name}")
    where = "" if target == Path() else f" --dir {target}"
    tell(
        f"次は: config.toml の管理者(admins)と fallback を自社の宛先に書き換え、renewals check{where} で点検してください。",
        f"next: put your own addresses into config.toml (admins, fallback), then run `renewals check{where}`",
    )


def _files() -> dict[str, str]:
    """What a working folder begins with."""
    from scheduler.cli.config import schema_text
    from scheduler.shipped import shipped_config

    return {
        "config.toml": shipped_config(),
        "config.schema.json": schema_text(),
        ".env.example": ENV_EXAMPLE,
        "templates/messages/README.md": TEMPLATES_README,
    }


def _write_new(file: Path, content: str) -> bool:
    """Writes the file unless it is there; whether it was written."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(content)
    except FileExistsError:
        return False
    return True

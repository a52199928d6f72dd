"""`renewals people slack-ids`: looks everybody without a Slack id up by e-mail and enters the
ids."""

from time import sleep
from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.context import Here
from scheduler.cli.say import as_json, say, table, tell, text
from scheduler.core.words.errors import UserMustActError
from scheduler.ports import DirectoryError

if TYPE_CHECKING:
    from scheduler.services.people.slack_ids import Directory, Match

SCOPE = "users:read.email"
_WHY = {
    "no_email": ("メールアドレスが未登録", "no e-mail is known"),
    "not_found": ("このメールのSlackアカウントなし", "nobody on Slack has this e-mail"),
    "taken": ("そのIDは別の担当者に登録済み", "that id belongs to somebody else here"),
}


def slack_ids(
    here: Here,
    *,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help=text("調べるだけで登録しない", "only look, enter nothing")),
    ] = False,
) -> None:
    """Ids that were entered by hand stay as they are; the app needs the scope users:read.email for
    this."""
    from scheduler.services.people.slack_ids import enter, match

    with here.open(makes=False) as app:
        directory = app.slack_directory()
        found = match(app.worklist.everybody(), lambda email: _look_up(directory, email))
        entered = 0 if dry_run else enter(app.worklist, found)
    if here.json:
        as_json({"people": found, "entered": entered})
        return
    if not found:
        say(
            "有効な担当者全員にSlackのIDが登録されています。",
            "Everybody who is active has a Slack id.",
        )
        return
    table(
        (text("担当者", "Person"), text("メール", "E-mail"), "Slack", ""),
        [_row(one) for one in found],
    )
    if dry_run:
        say("何も登録していません(--dry-run)。", "Nothing was entered (--dry-run).")
    else:
        say(
            f"{entered}人のSlackのIDを登録しました。",
            f"{entered} Slack {'id was' if entered == 1 else 'ids were'} entered.",
        )


def _row(one: "Match") -> tuple[str, str, str, str]:
    """One person's line."""
    return one.name, one.email, one.slack_id or "—", text(*_WHY[one.why_not]) if one.why_not else ""


def _look_up(directory: "Directory", email: str) -> str:
    """Asks Slack, waiting where it limits us. Raises UserMustActError with what to do."""
    while True:
        try:
            return directory.id_of(email)
        except DirectoryError as error:
            if error.wait is not None:
                tell(
                    f"Slackの制限のため{error.wait:.0f}秒待ちます。",
                    f"Slack limits us; waiting {error.wait:.0f} s",
                )
                sleep(error.wait)
                continue
            if error.code == "missing_scope":
                raise UserMustActError(
                    (
                        f"アプリに {SCOPE} の権限がありません。OAuth & Permissions で追加し、"
                        "アプリを入れ直してください(docs/slack.md)。"
                    ),
                    (
                        f"the app lacks the scope {SCOPE}; add it under OAuth & Permissions and "
                        "install the app again (docs/slack.md)"
                    ),
                ) from None
            raise UserMustActError(
                f"Slackに問い合わせできません：{error}", f"Slack cannot be asked: {error}"
            ) from None

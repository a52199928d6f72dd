"""`renewals import undo`, also for what was edited by hand: what an import made goes, what it
changed comes back.

Always holds: an edit is looked at and asked about before it is taken back, like every other edit;
the import of a file is undone when that is said.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.confirming import DryRun, Yes, agreed
from scheduler.cli.context import Here
from scheduler.cli.say import as_json, say, tell, text
from scheduler.cli.words import change_word

if TYPE_CHECKING:
    from scheduler.core.policy.policy import Policy
    from scheduler.services.imports.undo import Undone

_SHOWN = 20


def take_back(
    here: Here,
    number: Annotated[
        int,
        typer.Argument(
            metavar="ID", help=text("取込・変更の番号", "the number of the import or change")
        ),
    ],
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Undoes an import: what it made goes, what it changed comes back. An edit by hand is asked
    about first."""
    from scheduler.services.imports.undo import undo_import, was_by_hand

    with here.open(edits=True, makes=False) as app:
        if dry_run or was_by_hand(app.undoing, number):
            seen = undo_import(app.undoing, number, app.clock.now(), keep=False)
            if not here.json:
                _show(seen, app.policy)
            elif dry_run or not yes:
                as_json(seen)
            if not agreed(yes=yes, dry_run=dry_run, asks=not here.json):
                return
        undone = undo_import(app.undoing, number, app.clock.now())
    if here.json:
        as_json(undone)
    else:
        _say(undone)


def _show(seen: "Undone", policy: "Policy") -> None:
    """What would come back, on which contracts and people."""
    from scheduler.services.imports.undo import called

    name, file = called(seen.made), seen.made.file
    say(f"{name.ja}({file})を取り消すと：", f"undoing {name.en} ({file}):")
    for contract in seen.gone[:_SHOWN]:
        say(f"  契約{contract}：削除", f"  contract {contract}: removed")
    if seen.moved and seen.contracts > len(seen.gone):
        say("  更新後の期間：削除", "  the term that followed: removed")
    for moved in seen.moved[:_SHOWN]:
        about = " ".join(filter(None, (moved.contract, moved.customer)))
        line = f"  {about}  {change_word(moved, policy)}"
        say(line, line)
    more = sum(max(0, len(those) - _SHOWN) for those in (seen.gone, seen.moved))
    if more:
        say(f"  ほか{more}件", f"  and {more} more")
    _contracts(seen)
    _left(seen)


def _contracts(seen: "Undone") -> None:
    """How much it is."""
    among = len({*seen.gone, *(moved.contract for moved in seen.moved if moved.contract)})
    if not seen.moved and not seen.gone:
        say(
            (
                f"  削除：契約 {seen.contracts}、顧客 {seen.customers}、担当者 {seen.people}。"
                f"元に戻すもの：{seen.restored}"
            ),
            (
                f"  removed: contracts {seen.contracts}, customers {seen.customers}, people "
                f"{seen.people}; rows put back: {seen.restored}"
            ),
        )
    elif among > 1:
        say(f"対象の契約：{among}件", f"contracts concerned: {among}")


def _say(undone: "Undone") -> None:
    """What was done."""
    from scheduler.services.imports.undo import called

    name, file = called(undone.made), undone.made.file
    if undone.moved or undone.gone:
        say(f"{name.ja}({file})を取り消しました。", f"{name.en} ({file}) is undone")
    else:
        say(
            f"{name.ja}({file})を取り消しました：契約 {undone.contracts}、顧客 {undone.customers}、"
            f"担当者 {undone.people} を削除、"
            f"{undone.restored}件を元に戻し、未送信メッセージ "
            f"{undone.cancelled_messages}件を取りやめました。",
            f"{name.en} ({file}) is undone: {undone.contracts} contracts, {undone.customers} "
            f"customers, {undone.people} people "
            f"removed, {undone.restored} rows put back, {undone.cancelled_messages} unsent "
            "messages cancelled",
        )
    _left(undone)


def _left(undone: "Undone") -> None:
    """What was changed since stays."""
    if undone.left_count:
        names = ", ".join(filter(None, dict.fromkeys(undone.left)))
        tell(
            f"その後に変更された{undone.left_count}件はそのままです：{names}",
            f"{undone.left_count} were changed since and stay as they are: {names}",
        )

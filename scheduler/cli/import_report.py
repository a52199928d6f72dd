"""What an import came to, for people."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from scheduler.cli.catch_up import offer, show_near
from scheduler.cli.say import label, language, say, tell, text
from scheduler.cli.words import amount_word, change_word, recipient_word, refusal_word
from scheduler.core.deal.formats import near_day
from scheduler.core.telling.field_words import field_name, field_value, stage_name, word_change
from scheduler.core.words.labels import Label
from scheduler.core.words.units import counted
from scheduler.services.imports.report import Listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.core.imports.edits import Contradiction
    from scheduler.core.policy.policy import Policy
    from scheduler.services.imports.first_load import Near
    from scheduler.services.imports.preview import Preview
    from scheduler.services.imports.report import Decision, ImportReport


@dataclass(frozen=True, slots=True)
class Held:
    """What a first load held back: of how many deals, how many digests were queued instead, and
    what of it is close."""

    deals: int = 0
    digests: int = 0
    near: "Sequence[Near]" = ()


def show_held(report: "ImportReport", held: Held) -> None:
    """What was not told because it lies in the past, and how to have it told."""
    if held.digests:
        say(
            f"過去分のまとめを{held.digests}人に送ります。",
            f"what was held back goes out as one digest each to {held.digests} people",
        )
    elif held.deals:
        say(
            f"初回の取込のため、{held.deals}件の取引の過ぎた通知は送りません。",
            f"a first load: what is past is not told; held back: {held.deals} {_deals(held.deals)}",
        )
        show_near(held.near)
        offer(report.import_id)


def _deals(count: int) -> str:
    """The English word."""
    return "deal" if count == 1 else "deals"


def show_report(report: "ImportReport", today: date, policy: "Policy") -> None:
    """The counts, what moved, and everything a person should look at."""
    if report.dry_run:
        say(
            "試行のため何も保存していません。保存すると次のとおりです。",
            "a dry run: nothing was kept; an import would come to this",
        )
    elif report.import_id is not None:
        say(f"取込{report.import_id}：{report.file}", f"import {report.import_id}: {report.file}")
    say(
        (
            f"新規 {report.new}　更新 {report.updated}　変更なし {report.unchanged}　除外 "
            f"{report.skipped}　取込不可 {report.rejected}"
        ),
        (
            f"new {report.new}, updated {report.updated}, unchanged {report.unchanged}, left out "
            f"{report.skipped}, rejected {report.rejected}"
        ),
    )
    if report.renewed or report.adopted:
        say(
            f"更新とみなした契約 {report.renewed}　自動で開いた次期契約との照合 {report.adopted}",
            (
                f"taken for renewals {report.renewed}, matched with terms opened earlier "
                f"{report.adopted}"
            ),
        )
    _moved(report, policy)
    _listed(
        "満了日を推定した契約(要確認)",
        "contracts whose end was estimated (please confirm)",
        report.estimated,
    )
    if report.looks_exclusive:
        say(
            (
                f"新規{report.with_days}件の満了日がすべて開始日と同じ「日」です。"
                "翌日を書く表なら、取り消してマッピングに exclusive = true を"
            ),
            f"all {report.with_days} new contracts end on the day of the month on which they "
            "start; if the file names the first day after a contract,"
            "\nundo this and write exclusive = true in a mapping file",
        )
    _listed(
        "満了日がなく予定を立てられない契約",
        "contracts that cannot be scheduled: no end",
        report.unscheduled,
    )
    _contradicted(report, policy)
    _undecided(report, policy)
    _listed(
        "別の取込元の契約の訂正",
        "corrections of contracts that came from elsewhere",
        report.corrected,
    )
    _listed(
        "手で登録した契約と同じもの(今後はこの取込元に従う)",
        "contracts entered by hand that are in the file (it speaks for them from now on)",
        report.taken_over,
    )
    moves = Listed(
        report.refused.count, tuple(refusal_word(move, policy) for move in report.not_made)
    )
    _listed("認められなかったステージの移動", "stage moves that were refused", moves)
    _listed(
        "ファイルからなくなった契約(閉じるには --gone close、確認済みなら --gone keep)",
        "contracts that are no longer in the file (--gone close closes them)",
        report.missing,
    )
    if report.closed:
        say(
            f"ファイルからなくなり失注にした契約 {report.closed}件",
            f"closed as lost, no longer in the file: {report.closed}",
        )
    _listed(
        "担当者ファイルにいない担当者(代理の宛先に通知)",
        "owners no file of people knows (the fallback is told)",
        report.unknown_owners,
    )
    _listed(
        "表記の違いを同じ人とみなしたもの", "spellings taken for the same person", report.joined
    )
    _listed(
        "表記の違いを同じ顧客とみなしたもの",
        "spellings taken for the same customer",
        report.joined_customers,
    )
    if report.amounts_in is not None:
        column, times = report.amounts_in
        tell(
            f"金額は列名「{column}」のとおり{times:,}倍にして読みました"
            "(違う場合は対応表に [amount] multiply = 1)",
            f"amounts are multiplied by {times:,}, as the column's name says: {column} (if not: "
            "[amount] multiply = 1 in a mapping file)",
        )
    if report.ignored_columns:
        listed = ", ".join(report.ignored_columns)
        tell(f"読まなかった列：{listed}", f"columns nothing reads: {listed}")
    if report.preview is not None and report.preview.deals:
        _show_preview(report.preview, today, policy)
    if report.import_id is not None and not report.dry_run:
        tell(
            f"取り消すには：renewals undo {report.import_id}",
            f"to take it back: renewals undo {report.import_id}",
        )


def _show_preview(preview: "Preview", today: date, policy: "Policy") -> None:
    """Where the contracts would stand, who looks after them, what comes in the next days, and the
    next deadlines with their money."""
    for line in preview.stages:
        money = ", ".join(map(amount_word, line.money)) or "—"
        lacking = (
            text(
                f"、金額なし {line.without_amount}件", f", {line.without_amount} without an amount"
            )
            if line.without_amount
            else ""
        )
        stands = stage_name(f"{line.pipeline}/{line.stage}", language(), policy)
        print(f"  {stands}  {line.deals}  {money}{lacking}")
    say(
        f"担当者あり {preview.with_owner}　担当者なし・連絡先なし {preview.without_owner}",
        f"with an owner who can be told {preview.with_owner}, without {preview.without_owner}",
    )
    if preview.lived < preview.deals:
        say(
            f"以下は最初の{preview.lived}件について",
            f"what follows is of the first {preview.lived} of {preview.deals}",
        )
    say(
        f"今後{preview.days}日間：通知 {preview.nudges}件、自動更新 {preview.renewals}件",
        (
            f"in the next {preview.days} days: {preview.nudges} nudges, {preview.renewals} "
            "automatic renewals"
        ),
    )
    for coming in preview.coming:
        asked = ", ".join(map(recipient_word, coming.asked))
        print(
            f"  {near_day(coming.on, today, language())}  {coming.customer}  {coming.contract} "
            f" {label(coming.what)}  {asked}"
        )
    if preview.deadlines:
        say("近い期限", "the next deadlines")
    for due in preview.deadlines:
        print(f"  {due.on}  {due.customer}  {due.contract}  {amount_word(due.amount)}")


def _moved(report: "ImportReport", policy: "Policy") -> None:
    """Which fields changed, the first of them one by one."""
    if not report.moved_count:
        return
    say(f"変わった項目 {report.moved_count}件", f"{counted(report.moved_count, 'field')} changed")
    for moved in report.moved:
        meant = text(f"({moved.term} の期間)", f" (term {moved.term})") if moved.term else ""
        print(f"  {moved.contract}  {moved.customer}  {change_word(moved, policy)}{meant}")
    _more(report.moved_count - len(report.moved))


def _contradicted(report: "ImportReport", policy: "Policy") -> None:
    """Fields that were edited here and that the file says otherwise: both values, who edited, when,
    and what became of it."""
    if not report.contradictions:
        return
    say(
        f"ここで直した項目とファイルの違い {report.contradictions}件",
        f"edited here, and the file says otherwise: {report.contradictions}",
    )
    for one in report.contradicted:
        name = field_name(one.field, language())
        here, file = (
            field_value(one.field, value, language(), policy) for value in (one.here, one.file)
        )
        on = f"{one.at:%Y-%m-%d}"
        say(
            (
                f"  {one.contract}  {one.customer}  {name}：ここ {here}({one.by}、{on})、ファイル "
                f"{file}　→ {_outcome(one).ja}"
            ),
            (
                f"  {one.contract}  {one.customer}  {name}: here {here} ({one.by}, {on}), file "
                f"{file} → {_outcome(one).en}"
            ),
        )
    _more(report.contradictions - len(report.contradicted))
    if any(_waits(one) for one in report.contradicted):
        tell(
            "決めるには、同じファイルを取り込み直す：ここの値のままなら --keep 契約番号(すべてなら "
            "--edits keep)、"
            "ファイルの値なら --take 契約番号(すべてなら --edits file)を付ける",
            (
                "to decide: import the file again with --keep CONTRACT (all: --edits keep) or "
                "--take CONTRACT (all: --edits file)"
            ),
        )


def _waits(one: "Contradiction") -> bool:
    """Whether somebody is to decide."""
    return one.rule.value == "ask" and not one.decided


def _outcome(one: "Contradiction") -> Label:
    """What became of it."""
    if one.rule.value == "file":
        return Label("ファイルの値にしました", "the file's is taken")
    return (
        Label("ここの値のまま、確認待ち", "kept, waits for a decision")
        if _waits(one)
        else Label("ここの値のまま", "kept")
    )


def _undecided(report: "ImportReport", policy: "Policy") -> None:
    """What a person has to decide, and how."""
    if not report.decisions.count:
        return
    say(
        f"確認が必要な変更 {report.decisions.count}件(該当項目は変更していません)",
        f"waiting for a decision, left as they are: {report.decisions.count}",
    )
    for one in report.undecided:
        said = text("、", ", ").join(
            word_change(*change, language(), policy) for change in one.fields
        ) or _double(one)
        meant = text(f"({one.term} の期間)", f" (term {one.term})") if one.term else ""
        print(f"  {one.contract}  {one.customer}  {said}{meant}")
    _more(report.decisions.count - len(report.undecided))
    if any(field == "ends_on" for one in report.undecided for field, _, _ in one.fields):
        tell(
            "決めるには：更新なら --renewed 契約番号、日付の訂正なら --moved 契約番号 "
            "を付けて同じファイルを取り込む。"
            "ここで記録するなら renewals answer 契約番号 won",
            "to decide: import the file again with --renewed CONTRACT (it was renewed) or --moved "
            "CONTRACT (the dates were wrong); "
            "or record it here: renewals answer CONTRACT won",
        )
    if any(one.other == "same_person" for one in report.undecided):
        tell(
            (
                "同じ名前の人に別のアドレスがあります。同じ人なら --same アドレス、別の人なら "
                "--other アドレス を付けて同じファイルを取り込む"
            ),
            (
                "a colleague of that name has another address: import the file again with --same "
                "EMAIL (the same person) or --other EMAIL (another)"
            ),
        )
    if any(one.same for one in report.undecided):
        tell(
            (
                "同じ契約なら：片方の行を消したファイルを、取込を取り消してから(renewals import "
                "undo)取り込み直す"
            ),
            (
                "if they are one contract: take this import back (renewals undo), leave one "
                "of the rows out, and import again"
            ),
        )
    if any(
        one.other not in ("", "same_person", "voided") and not one.same for one in report.undecided
    ):
        tell(
            (
                "同じ契約の更新なら：この取込を取り消し(renewals undo)、--renews "
                "新番号=旧番号 を付けて取り込み直す"
            ),
            (
                "if it is the renewal: take this import back (renewals undo), then import "
                "with --renews NEW=OLD"
            ),
        )


def _double(one: "Decision") -> str:
    """What is said of a row that may be another contract under a new number."""
    other = one.other
    if other == "voided":
        return text("この契約の期間は取り消されています", "this term was taken back")
    if one.same:
        return text(
            f"別の契約として取り込みましたが、同じ契約かもしれません：{other}",
            f"came in as a contract of its own, but says the same as {other}",
        )
    return text(
        f"別の契約として取り込みました。次の契約の更新かもしれません：{other}",
        f"came in as a contract of its own, but may be the renewal of {other}",
    )


def _listed(ja: str, en: str, listed: "Listed") -> None:
    """One kind of thing to look at."""
    if not listed.count:
        return
    say(f"{ja} {listed.count}件", f"{en}: {listed.count}")
    for entry in listed.first:
        print(f"  {entry}")
    _more(listed.count - len(listed.first))


def _more(count: int) -> None:
    """How many are not listed."""
    if count > 0:
        say(f"  ほか{count}件", f"  and {count} more")

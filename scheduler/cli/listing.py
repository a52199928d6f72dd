"""`renewals deals`, `upcoming`, `nudges`, `messages`, `people`: lists for people and, with `--json`, for machines."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.context import Here
from scheduler.cli.say import as_json, cells, label, language, say, strong, table, tell, text
from scheduler.core.errors import UserMustActError
from scheduler.core.formats import money, near_day
from scheduler.core.reasons import word
from scheduler.services.listing import DealFilter, DealLine, MessageLine, StageSum, closed_stages

if TYPE_CHECKING:
    from scheduler.core.policy import Policy
    from scheduler.wiring import App

Limit = Annotated[int, typer.Option(min=1, help=text("表示する件数", "how many to show"))]
NOT_ASSESSED = ("未評価", "not assessed")


def deals(
    here: Here,
    *,
    pipeline: Annotated[str | None, typer.Option(help=text("パイプラインのid", "id of a pipeline"))] = None,
    stage: Annotated[str | None, typer.Option(help=text("ステージのid", "id of a stage"))] = None,
    owner: Annotated[str | None, typer.Option(help=text("担当者の名前・メールの一部", "part of the owner's name or e-mail"))] = None,
    customer: Annotated[str | None, typer.Option(help=text("顧客名の一部", "part of the customer's name"))] = None,
    health: Annotated[str | None, typer.Option(help="stable, at_risk, critical, unknown")] = None,
    ends_before: Annotated[str | None, typer.Option(metavar="DATE", help=text("この日より前に満了", "ends before this day"))] = None,
    needs_confirmation: Annotated[bool, typer.Option("--needs-confirmation", help=text("満了日が推定のもの", "whose end is an estimate"))] = False,
    closed: Annotated[bool, typer.Option("--closed", help=text("終了した取引も", "closed deals too"))] = False,
    limit: Limit = 50,
) -> None:
    """The board, then the deals, the most urgent first."""
    wanted = DealFilter(pipeline, stage, owner, customer, health, day_of(ends_before), needs_confirmation, closed, limit)
    with here.open() as app:
        policy, over = app.policy, closed_stages(app.policy)
        _known(pipeline, stage, policy)
        today = today_of(app)
        board = app.listings.board(wanted, over)
        lines, total = app.listings.deals(wanted, over, today)
    if here.json:
        as_json({"board": board, "deals": lines, "total": total})
        return
    if not total:
        _no_deals(wanted)
        return
    show_board(board, policy)
    say()
    show_deals(lines, policy, today)
    if total > len(lines):
        tell(f"ほか{total - len(lines)}件(--limit で増やせます)", f"{total - len(lines)} more; --limit shows more")


def _known(pipeline: str | None, stage: str | None, policy: "Policy") -> None:
    """Refuses a pipeline or a stage there is not."""
    stages = {s.id for p in policy.pipelines.values() for s in p.stages}
    for name, names, ja, en in ((pipeline, set(policy.pipelines), "パイプライン", "pipeline"), (stage, stages, "ステージ", "stage")):
        if name is not None and name not in names:
            listed = ", ".join(sorted(names))
            raise UserMustActError(f"{ja}「{name}」はありません。使えるもの：{listed}", f"there is no {en} {name}; there are: {listed}")


def _no_deals(wanted: DealFilter) -> None:
    """Nothing to show, and what to do."""
    if wanted == DealFilter(limit=wanted.limit):
        say("取引はまだありません。契約を取り込んでください：renewals import FILE", "No deals yet. Bring contracts in: renewals import FILE")
    else:
        say("条件に合う取引はありません。", "No deal matches.")


def show_board(board: Sequence[StageSum], policy: "Policy") -> None:
    """How many deals and how much money stand in each stage, in the pipeline's order."""
    sums = {(s.pipeline, s.stage): s for s in board}
    for pipeline in policy.pipelines.values():
        rows = []
        for stage in pipeline.stages:
            found = sums.get((pipeline.id, stage.id))
            if found:
                doubt = f"({text(*NOT_ASSESSED)} {found.not_assessed})" if found.not_assessed else ""
                rows.append((label(stage.label), found.deals, " + ".join(money(m) for m in found.money), doubt))
        if rows:
            say(strong(label(pipeline.label)), strong(label(pipeline.label)))
            table((text("ステージ", "Stage"), text("件数", "Deals"), text("金額", "Amount"), ""), rows, right=(1, 2))


def show_deals(lines: Sequence[DealLine], policy: "Policy", today: date) -> None:
    """One line for each deal."""
    headers = (
        text("顧客", "Customer"), text("契約", "Contract"), text("ステージ", "Stage"), text("ヘルス", "Health"), text("満了", "Ends"),
        text("通知期限", "Decide by"), text("金額", "Amount"), text("担当", "Owner"), text("次の予定", "Next"),
    )  # fmt: skip
    table(headers, [_deal_row(line, policy, today) for line in lines], right=(6,))


def _deal_row(line: DealLine, policy: "Policy", today: date) -> tuple[str, ...]:
    """The cells of one deal."""
    pipeline = policy.pipelines.get(line.pipeline)
    stage = pipeline.find(line.stage) if pipeline else None
    zone = ZoneInfo(policy.zone)
    ends = (
        f"{near_day(line.ends_on, today, language())}{text('(推定)', ' (est.)') if line.estimated else ''}"
        if line.ends_on
        else text("期限なし", "evergreen")
    )
    return (
        clipped(line.customer, 24),
        line.contract,
        label(stage.label) if stage else line.stage,
        health_word(line.health, policy),
        ends,
        near_day(line.decide_by, today, language()) if line.decide_by else "",
        money(line.amount),
        clipped(line.owner, 14) if line.owner else text("(担当なし)", "(nobody)"),
        near_day(line.next_at.astimezone(zone).date(), today, language()) if line.next_at else "",
    )


def health_word(health: str, policy: "Policy") -> str:
    """A health as people call it."""
    if health == "unknown":
        return text(*NOT_ASSESSED)
    found = next((s.label for p in policy.pipelines.values() for s in p.stages if s.health == health), None)
    return label(found) if found else health


def clipped(words: str, width: int) -> str:
    """At most `width` columns of a text."""
    if cells(words) <= width:
        return words
    kept = ""
    for character in words:
        if cells(kept + character) >= width:
            break
        kept += character
    return kept + "…"


def day_of(written: str | None) -> date | None:
    """A day as an option gives it."""
    if written is None:
        return None
    try:
        return date.fromisoformat(written.replace("/", "-"))
    except ValueError:
        raise UserMustActError(f"「{written}」は日付ではありません。例：2027-03-31", f'"{written}" is not a day; write e.g. 2027-03-31') from None


def today_of(app: "App") -> date:
    """Today in the policy's zone."""
    return app.clock.now().astimezone(ZoneInfo(app.policy.zone)).date()


def upcoming(
    here: Here,
    *,
    days: Annotated[int, typer.Option(min=1, max=3650, help=text("何日先まで", "how many days ahead"))] = 90,
    owner: Annotated[str | None, typer.Option(help=text("担当者の名前・メールの一部", "part of the owner's name or e-mail"))] = None,
) -> None:
    """What will be told, and when; notice deadlines and ends among it."""
    from scheduler.services.listing import upcoming as coming

    with here.open() as app:
        now, policy, today = app.clock.now(), app.policy, today_of(app)
        found = app.listings.waking(now + timedelta(days=days), closed_stages(policy), 100_000)
        mine = [d for d in found if owner is None or (d.owner and owner.lower() in f"{d.owner.name} {d.owner.email or ''}".lower())]
        lines = coming(mine, policy, now, days)
    if here.json:
        as_json(lines)
    elif not lines:
        say(f"今後{days}日間の予定はありません。", f"Nothing comes in the next {days} days.")
    else:
        headers = (
            text("日付", "Day"),
            text("顧客", "Customer"),
            text("契約", "Contract"),
            text("内容", "What"),
            text("金額", "Amount"),
            text("宛先", "Told"),
        )
        rows = [
            (near_day(u.on, today, language()), clipped(u.customer, 24), u.contract, label(u.what), money(u.amount), ", ".join(u.asked))
            for u in lines
        ]
        table(headers, rows, right=(4,))


def nudges(
    here: Here,
    *,
    state: Annotated[str | None, typer.Option(help="waiting, sent, held, cancelled, dead, in_doubt")] = None,
    person: Annotated[str | None, typer.Option(help=text("宛先の名前・メールの一部", "part of the recipient's name or e-mail"))] = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help=text("この日以降", "from this day on"))] = None,
    limit: Limit = 50,
) -> None:
    """The newest nudges, their states and reasons."""
    from scheduler.core.words import NudgeState

    _one_of(state, [s.value for s in NudgeState])
    with here.open() as app:
        zone = ZoneInfo(app.policy.zone)
        begin = day_of(since)
        lines = app.listings.nudges(state, person, datetime.combine(begin, time(), zone) if begin else None, limit)
        labels = {m.id: label(m.label) for m in app.policy.milestones}
        today = today_of(app)
    if here.json:
        as_json(lines)
    elif not lines:
        say("リマインドはありません。", "No nudges.")
    else:
        headers = (
            text("作成", "Made"), text("状態", "State"), text("顧客", "Customer"), text("契約", "Contract"), text("通知", "What"),
            text("宛先", "For"), text("メッセージ", "Message"), text("理由", "Reason"),
        )  # fmt: skip
        rows = [
            (
                near_day(n.created_at.astimezone(zone).date(), today, language()), state_word(n.state), clipped(n.customer, 20), n.contract,
                labels.get(n.milestone, _system(n.milestone)), clipped(n.recipient, 18), n.message or "", word(n.reason, language()),
            )
            for n in lines
        ]  # fmt: skip
        table(headers, rows, right=(6,))


def _system(milestone: str) -> str:
    """What the program's own milestones are called."""
    from scheduler.core.facts import SYSTEM_LABELS

    return label(SYSTEM_LABELS[milestone]) if milestone in SYSTEM_LABELS else milestone


_STATES = {
    "waiting": ("待機中", "waiting"), "queued": ("送信待ち", "queued"), "claimed": ("送信準備中", "claimed"),
    "handed_over": ("送信中", "handed over"), "sent": ("送信済み", "sent"),
    "held": ("保留", "held"), "cancelled": ("取り消し", "cancelled"), "dead": ("送信不能", "dead"),
    "unknown": ("確認中", "unknown"), "in_doubt": ("不明", "in doubt"),
}  # fmt: skip


def state_word(state: str) -> str:
    """A state as people call it."""
    return text(*_STATES.get(state, (state, state)))


def _one_of(word_: str | None, words: Sequence[str]) -> None:
    """Refuses a word that is none of these."""
    if word_ is not None and word_ not in words:
        raise UserMustActError(
            f"「{word_}」は使えません。次のいずれか：{', '.join(words)}", f"{word_} is not a state; write one of: {', '.join(words)}"
        )


def messages(
    here: Here,
    number: Annotated[int | None, typer.Argument(metavar="[ID]", help=text("読むメッセージの番号", "number of the message to read"))] = None,
    *,
    state: Annotated[str | None, typer.Option(help="queued, claimed, handed_over, sent, unknown, in_doubt, held, cancelled, dead")] = None,
    kind: Annotated[str | None, typer.Option(help="nudges, digest, alert")] = None,
    limit: Limit = 50,
) -> None:
    """The newest messages; with a number, one as its reader sees it."""
    from scheduler.core.words import MessageState

    _one_of(state, [s.value for s in MessageState])
    with here.open() as app:
        zone, today = ZoneInfo(app.policy.zone), today_of(app)
        if number is not None:
            found = app.listings.message(number)
            if found is None:
                raise UserMustActError(
                    f"メッセージ{number}はありません。一覧：renewals messages", f"there is no message {number}; `renewals messages` lists them"
                )
            lines = [found]
        else:
            lines = app.listings.messages(state, kind, limit)
    if here.json:
        as_json(lines[0] if number is not None else lines)
    elif number is not None:
        show_message(lines[0], zone)
    elif not lines:
        say("メッセージはまだありません。", "No messages yet.")
    else:
        headers = (
            text("番号", "No."),
            text("作成", "Made"),
            text("状態", "State"),
            text("経路", "Way"),
            text("宛先", "To"),
            text("件名", "Subject"),
            text("理由", "Reason"),
        )
        rows = [
            (
                m.message, near_day(m.created_at.astimezone(zone).date(), today, language()), state_word(m.state), m.channel,
                clipped(m.recipient, 18), clipped(m.subject or f"({m.nudges})", 46), word(m.reason, language()),
            )
            for m in lines
        ]  # fmt: skip
        table(headers, rows, right=(0,))


def show_message(message: MessageLine, zone: ZoneInfo) -> None:
    """One message as its reader sees it."""
    when = (message.sent_at or message.created_at).astimezone(zone).strftime("%Y-%m-%d %H:%M")
    facts = f"{message.channel} → {message.recipient} <{message.address}> · {state_word(message.state)} {when}"
    say(facts, facts)
    if message.reason:
        why = word(message.reason, language())
        say(f"理由：{why}", f"Reason: {why}")
    if message.text is None:
        say("本文は送信時に作られます。", "Its text is made when it is sent.")
        return
    say()
    subject = strong(message.subject or "")
    say(subject, subject)
    say()
    body = message.text.rstrip()
    say(body, body)


def people(here: Here) -> None:
    """Everybody, how they are reached, and what they own."""
    with here.open() as app:
        lines = app.listings.people(closed_stages(app.policy))
    if here.json:
        as_json(lines)
        return
    if not lines:
        say("担当者はまだ登録されていません：renewals import people.csv", "Nobody is known yet. Bring people in: renewals import people.csv")
        return
    headers = (
        text("名前", "Name"),
        text("役割", "Role"),
        text("メール", "E-mail"),
        "Slack",
        text("タイムゾーン", "Zone"),
        text("上長", "Manager"),
        text("取引", "Deals"),
        "",
    )
    rows = [
        (
            p.name, p.role, p.email or "", p.slack_id or "", p.zone or "", p.manager or "", p.open_deals,
            text("無効", "inactive") if not p.active else text("届く手段なし", "no way to be reached") if not (p.email or p.slack_id) else "",
        )
        for p in lines
    ]  # fmt: skip
    table(headers, rows, right=(6,))

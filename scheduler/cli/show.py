"""`renewals show CONTRACT`: everything about one contract, as a story a colleague can follow."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.context import Here
from scheduler.cli.listing import _system, health_word, state_word, today_of
from scheduler.cli.say import as_json, label, language, say, strong, table, text
from scheduler.core.errors import UserMustActError
from scheduler.core.formats import long_day, money
from scheduler.core.reasons import word
from scheduler.services.listing import Life, Upcoming, upcoming

if TYPE_CHECKING:
    from scheduler.core.policy import Policy
    from scheduler.wiring import App


def show(
    here: Here, contract: Annotated[str, typer.Argument(metavar="CONTRACT", help=text("契約番号、または #取引番号", "contract number, or #deal"))]
) -> None:
    """One contract with its dates, its deal and its history."""
    with here.open() as app:
        lives = app.listings.lives(contract)
        if not lives:
            raise not_found(app, contract)
        now, policy, today = app.clock.now(), app.policy, today_of(app)
        coming = [upcoming([life.deal], policy, now, 3650) for life in lives]
    if here.json:
        as_json([{"life": life, "upcoming": ahead} for life, ahead in zip(lives, coming, strict=True)])
        return
    for number, (life, ahead) in enumerate(zip(lives, coming, strict=True)):
        if number:
            say()
        _show(life, ahead, policy, today)


def not_found(app: "App", contract: str) -> UserMustActError:
    """No such contract, with what resembles it."""
    alike = ", ".join(app.listings.alike(contract))
    return UserMustActError(
        f"契約「{contract}」が見つかりません。" + (f"近いもの：{alike}" if alike else "一覧：renewals deals"),
        f"there is no contract {contract}; " + (f"did you mean: {alike}?" if alike else "`renewals deals` lists those there are"),
    )


def _show(life: Life, ahead: list[Upcoming], policy: "Policy", today: date) -> None:
    """One term of a contract."""
    deal, contract = life.deal, life.deal.contract
    pipeline = policy.pipelines.get(deal.pipeline)
    stage = pipeline.find(deal.stage) if pipeline else None
    title = f"{contract.customer.name} · {contract.number} · {contract.product or contract.title}"
    say(strong(title), strong(title))
    estimated = text("(推定)", " (estimated)") if contract.estimated else ""
    facts: list[tuple[str, Any]] = [
        (
            text("期間", "Term"),
            f"{_day(contract.starts_on)} – {_day(contract.ends_on)}{estimated}" + (f" ({contract.term})" if contract.term else ""),
        ),
        (
            text("解約通知期限", "Decide by"),
            _day(contract.decide_by) + (f"({text('解約予告', 'notice')} {contract.notice})" if contract.notice else ""),
        ),
        (text("自動更新", "Renews automatically"), text("あり", "yes") if contract.auto_renew else text("なし", "no")),
        (text("金額", "Amount"), money(contract.amount)),
        (
            text("ステージ", "Stage"),
            f"{label(stage.label) if stage else deal.stage} ({text('', 'since ')}{_when(deal.stage_entered_at, policy)}{text('から', '')})",
        ),
        (text("ヘルス", "Health"), health_word(deal.health.value, policy) + (f" ({deal.health_because})" if deal.health_because else "")),
        (text("担当", "Owner"), deal.owner.name if deal.owner else text("(担当なし)", "(nobody)")),
    ]
    if deal.call:
        facts.append((text("更新見込み", "Call"), deal.call.value + (f" ({deal.expected_on})" if deal.expected_on else "")))
    if deal.notice_on:
        facts.append((text("解約通知", "Notice received"), _day(deal.notice_on)))
    if deal.won:
        facts.append((text("更新内容", "Renewed"), f"{money(deal.won.amount)} – {_day(deal.won.ends_on)}"))
    if deal.lost:
        reasons = {r.id: label(r.label) for r in policy.lost_reasons.get(deal.pipeline, ())}
        facts.append((text("失注理由", "Lost because"), f"{reasons.get(deal.lost.reason, deal.lost.reason)} {deal.lost.note}".strip()))
    table(("", ""), facts)
    _story(life, policy)
    if ahead:
        say()
        say(strong("これから"), strong("What comes next"))
        table(("", "", ""), [(long_day(u.on, language()), label(u.what), ", ".join(u.asked)) for u in ahead[:8]])


def _story(life: Life, policy: "Policy") -> None:
    """What happened, oldest first: passages, milestones' days, answers, what was told."""
    milestones = {m.id: label(m.label) for m in policy.milestones}
    lines: list[tuple[datetime, str, str]] = []
    for p in life.passages:
        doubt = "" if p.observed else text("[再構成] ", "[reconstructed] ")
        moved = f"{doubt}{_stage(p.from_stage, life, policy)} → {_stage(p.to_stage, life, policy)}"
        lines.append((p.at or life.deal.arrived_at, moved, f"{word(p.because, language())} ({p.actor.name})"))
    for e in life.deal.events:
        name = milestones.get(e.milestone, _system(e.milestone))
        lines.append((e.at, f"{name} [{text(*_EVENTS[e.state.value])}]", word(e.reason, language())))
    for a in life.answers:
        undone = text(" (取り消し済み)", " (undone)") if a.undone_at else ""
        said = ", ".join(str(v) for v in a.details.values() if not isinstance(v, dict))
        lines.append((a.at, text("回答：", "answer: ") + f"{a.verb} {said}".strip() + undone, a.name))
    for n in life.nudges:
        if n.sent_at:
            lines.append((n.sent_at, text("送信：", "told: ") + milestones.get(n.milestone, _system(n.milestone)), f"{n.recipient} (#{n.message})"))
        elif n.state != "sent":
            told = f"{milestones.get(n.milestone, _system(n.milestone))} → {n.recipient} [{state_word(n.state)}]"
            lines.append((n.created_at, told, word(n.reason, language())))
    say()
    say(strong("経緯"), strong("What happened"))
    table(("", "", ""), [(_when(at, policy), what, why) for at, what, why in sorted(lines, key=lambda line: line[0])])


_EVENTS = {
    "fired": ("通知", "told"), "superseded": ("置き換え", "superseded"), "skipped": ("対象外", "skipped"),
    "baseline": ("取込前", "before the first load"), "carried_over": ("通知済み", "carried over"),
    "expired": ("期限切れ", "expired"), "withdrawn": ("取り下げ", "withdrawn"),
}  # fmt: skip


def _stage(stage: str | None, life: Life, policy: "Policy") -> str:
    """A stage as people call it; where a deal came from nowhere, nothing."""
    pipeline = policy.pipelines.get(life.deal.pipeline)
    found = pipeline.find(stage) if pipeline and stage else None
    return label(found.label) if found else stage or text("(開始)", "(begins)")


def _day(day: date | None) -> str:
    return long_day(day, language()) if day else "—"


def _when(at: datetime, policy: "Policy") -> str:
    return at.astimezone(ZoneInfo(policy.zone)).strftime("%Y-%m-%d %H:%M")

"""Reasons a person can read, in his own language: stored as a code with its facts, worded when
shown.

Always holds: `reason()` gives text that `word()` turns into a sentence in Japanese or English; any
other text is somebody's own words and passes through unchanged. Rows, logs, `show`, `why` and
messages all use these words.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache

from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language

REASONS = {
    "outside_hours": Label(
        "連絡できる時間帯({opens}–{closes})まで待機", "waits for working hours ({opens}–{closes})"
    ),
    "closed_day": Label(
        "{day}は休業({what})のため待機", "waits: {day} is not a working day ({what})"
    ),
    "next_window": Label("次の連絡時間帯({day})まで待機", "waits for the next window ({day})"),
    "told_today": Label(
        "本日分は連絡済みのため、次の時間帯にまとめて連絡",
        "one message a day: joins the next window's",
    ),
    "person_inactive": Label(
        "{role}の{name}さんは退職・無効のため代替の宛先へ",
        "{role} {name} is no longer active; sent to the fallback",
    ),
    "nobody_in_role": Label(
        "{role}がいないため代替の宛先へ", "nobody is {role}; sent to the fallback"
    ),
    "no_way": Label(
        "{name}さんに届く手段(Slack・メール)がないため代替の宛先へ",
        "{name} has no way to be reached (Slack or e-mail); sent to the fallback",
    ),
    "instead": Label(
        "{channel}で送れなかったため別の手段で送信({because})",
        "sent another way because {channel} failed: {because}",
    ),
    "went_on": Label("{to}へ回した({because})", "went on to {to}: {because}"),
    "settled_sent": Label("届いていたことを確認済み", "somebody found out that it had arrived"),
    "taken_as_told": Label(
        "復元前({since}まで)に送信済みとみなした",
        "taken as told: before a copy was restored, until {since}",
    ),
    "paused": Label("一時停止中({because})", "paused: {because}"),
    "settled_again": Label("確認のうえ送り直し", "to be sent again, as somebody decided"),
    "channel_gone": Label(
        "{channel}がどのマシンにも設定されていない",
        "{channel} is not configured on any machine any more",
    ),
    "day_gone": Label(
        "基準日{anchor_on}が無効になった", "the day it was about, {anchor_on}, no longer stands"
    ),
    "already_answered": Label("回答済み", "already answered"),
    "snoozed": Label("{until}まで保留中", "snoozed until {until}"),
    "nothing_left": Label("伝えることがなくなったため取り消し", "nothing left to say"),
    "rehearsal": Label(
        "予行演習中のため送信しない", "held: a rehearsal sends only to preview and loopback"
    ),
    "worker_gone": Label(
        "送信中のプロセスが応答しなくなった", "the process that was sending stopped"
    ),
    "reached": Label(
        "{label}に到達({anchor} {anchor_on}を基準)",
        "{label} reached (counted from {anchor} {anchor_on})",
    ),
    "baseline": Label(
        "取込時点で過ぎていたため送信なし",
        "already past when the data was first loaded; nothing sent",
    ),
    "caught_up": Label(
        "初回取込で見送った通知を改めて連絡", "held back by the first load, told after all"
    ),
    "new_rule": Label(
        "この通知タイミングの追加時点で過ぎていたため送信なし",
        "already past when this milestone was added; nothing sent",
    ),
    "superseded": Label("より新しい「{by}」に置き換え", "superseded by the later {by}"),
    "longer_than_term": Label(
        "契約期間({term})より前倒しのため対象外",
        "does not apply: it falls before the contract starts (term {term})",
    ),
    "stage_not_meant": Label(
        "対象外のステージ({stage})",
        "the deal was in stage {stage}, which this milestone does not cover",
    ),
    "where_false": Label("条件に不一致：{read}", "condition not met: {read}"),
    "open_until_over": Label(
        "待機期限({until})までに条件が成立せず：{read}", "condition not met until {until}: {read}"
    ),
    "carried_over": Label(
        "{told}を基準に通知済み({days}日の後ろ倒し)", "already told for {told}, {days} days earlier"
    ),
    "anchor_moved": Label(
        "基準日が{old}から{new}に変更", "the day it counts from moved from {old} to {new}"
    ),
    "anchor_gone": Label("基準日{old}がなくなったため", "the day it counts from, {old}, is gone"),
    "milestone_gone": Label(
        "通知タイミングが設定から削除された", "the milestone was removed from the policy"
    ),
    "deal_closed": Label("取引が{stage}で終了", "the deal was closed as {stage}"),
    "later_told": Label("「{by}」で改めて連絡", "{by} is told instead"),
    "end_moved_out": Label(
        "満了日の変更({old}→{new})により更新段階から戻す",
        "the end moved from {old} to {new}, out of the renewal window",
    ),
    "rewound": Label(
        "基準日の変更({old}→{new})により段階を修正",
        "the stage follows the day that moved from {old} to {new}",
    ),
    "onboarded_by_days": Label("導入開始から{days}日経過", "{days} days of onboarding are over"),
    "health": Label("ヘルスが{health}に変化", "health is {health}"),
    "stage_renamed": Label("ステージ名の変更({old}→{new})", "stage {old} was replaced by {new}"),
    "stage_gone": Label(
        "ステージ{old}が設定から削除された", "stage {old} is no longer in the policy"
    ),
    "auto_renewed": Label(
        "解約通知がないまま期限({decide_by})を過ぎたため自動更新",
        "renewed automatically: no notice by {decide_by}",
    ),
    "auto_renewed_silently": Label(
        "取込時点で自動更新済み(期限 {decide_by})",
        "had renewed automatically (no notice by {decide_by}) when first loaded",
    ),
    "notice_took_effect": Label(
        "解約通知({notice_on}受領)により終了", "ended by the notice received on {notice_on}"
    ),
    "ended": Label("{ends_on}に満了、更新の回答なし", "ended on {ends_on} without an answer"),
    "ended_long_ago": Label(
        "取込時点で{ends_on}に満了済み(一覧のみ)",
        "had ended on {ends_on} when first loaded; listed, not chased",
    ),
    "still_ended": Label(
        "{ends_on}の満了後、回答がないまま", "still no answer since it ended on {ends_on}"
    ),
    "away": Label("{name}さんは{until}まで不在のため代わりに連絡", "{name} is away until {until}"),
    "away_alone": Label(
        "{name}さんは{until}まで不在で代理もいないため上位の方に連絡",
        "{name} is away until {until} and nobody stands in, so it goes one further up",
    ),
    "asked_already": Label(
        "{on}に「{by}」でお願い済みのため、あわせて1回とする",
        "one question with {by}, asked on {on}",
    ),
    "passed_on": Label("{to}へ引き継ぎ", "passed on to {to}"),
    "inherited": Label(
        "担当の引き継ぎにより連絡({since}から回答待ち)",
        "inherited with the deal; waiting for an answer since {since}",
    ),
    "asked_again": Label(
        "{since}のお願いに回答がないため再通知({times}回目)",
        "no answer since {since}: reminder {times}",
    ),
    "climbed": Label(
        "{since}のお願いに回答がないため上長にも連絡({times}回目)",
        "no answer since {since}: reminder {times}, also to the manager",
    ),
    "climbed_to_admins": Label(
        "{since}のお願いに回答がないため管理者にも連絡({times}回目)",
        "no answer since {since}: reminder {times}, also to the admins",
    ),
    "last_call": Label(
        "期限{deadline}までの最終営業日({since}のお願いに回答なし)",
        "the last working day before the deadline of {deadline}; no answer since {since}",
    ),
    "last_call_end": Label(
        "満了{deadline}までの最終営業日({since}のお願いに回答なし)",
        "the last working day before it ends on {deadline}; no answer since {since}",
    ),
    "last_call_first": Label(
        "期限{deadline}までの最終営業日", "the last working day before the deadline of {deadline}"
    ),
    "last_call_end_first": Label(
        "満了{deadline}までの最終営業日", "the last working day before it ends on {deadline}"
    ),
    "seen_over": Label(
        "確認済みのまま{until}まで進展がないため再通知",
        "seen, but nothing has happened until {until}",
    ),
    "time_to_ask": Label(
        "{day}に再確認(予定日の回答はなし)", "asked again on {day}; nobody has named a day"
    ),
    "withdrawn_over": Label(
        "解約撤回のあと{until}に再確認", "the notice was taken back; asked again on {until}"
    ),
    "notice_stands": Label(
        "解約通知を受領済みのため、お願いはなし", "notice was received, so there is nothing to ask"
    ),
    "notice_gone": Label(
        "解約通知がなくなったため改めて判定", "the notice no longer stands, so it is judged anew"
    ),
    "past": Label(
        "{on}を過ぎていたため、これからのこととしては尋ねない",
        "{on} was over already, so it is not spoken of as to come",
    ),
    "joined_gone": Label(
        "あわせて尋ねた質問がなくなったため改めて判定",
        "the question it was one with is gone, so it is judged anew",
    ),
    "expected_day": Label(
        "回答・発注の予定日({day})になりました", "the decision or order was expected on {day}"
    ),
    "expected_later": Label(
        "期限前の最終営業日({asked_on})のため、予定日({day})より前に確認",
        (
            "{asked_on} is the last working day before a deadline; the decision or order was "
            "expected on {day}"
        ),
    ),
    "call_contradicts": Label(
        "見込み({call})とヘルス({health})が食い違っています",
        "the call ({call}) and the health ({health}) do not fit together",
    ),
    "unsure_late": Label(
        "満了間近で見込みが未定(理由：{note}、予定日 {expected})",
        "still unsure close to the end ({note}; expected {expected})",
    ),
    "notice_received": Label("解約通知を受領({on})", "notice was received on {on}"),
    "flood": Label(
        "一度に{count}件になるため保留(管理者の確認待ち)",
        "held: {count} late nudges at once; an admin must release them",
    ),
    "away_wait": Label("{until}まで不在のため待機", "waits: away until {until}"),
    "weekly": Label("週1回のまとめ({day})まで待機", "waits for the weekly bundle on {day}"),
    "snooze_over": Label(
        "{until}まで保留とのご希望により再通知", "asked again as wished: snoozed until {until}"
    ),
    "said_seen": Label("{by}が確認済み", "{by} has seen it"),
    "said_snooze": Label("{by}が{until}まで保留", "{by} snoozed it until {until}"),
    "said_call": Label("{by}が見込みを回答", "{by} made a call"),
    "said_renew": Label("{by}：更新予定", "{by}: will renew"),
    "said_at_risk": Label("{by}：解約懸念", "{by}: in doubt"),
    "said_unsure": Label("{by}：未定", "{by}: unsure"),
    "said_notice": Label("{by}：解約通知を受領", "{by}: notice received"),
    "said_notice_withdrawn": Label("{by}：解約撤回", "{by}: notice withdrawn"),
    "said_paperwork": Label("{by}：手続き {paperwork}", "{by}: paperwork {paperwork}"),
    "said_health": Label("{by}：ヘルス {health}", "{by}: health {health}"),
    "said_onboarded": Label("{by}：導入完了", "{by}: onboarding done"),
    "said_won": Label("{by}：更新確定", "{by}: renewed"),
    "said_lost": Label("{by}：解約({why})", "{by}: lost ({why})"),
    "said_undo": Label("{by}が取り消し", "undone by {by}"),
    "answered": Label("回答済み({verb}：{by})", "answered ({verb} by {by})"),
    "undone": Label("{by}が取り消し", "undone by {by}"),
    "person_answer": Label("{by}の回答：{verb}", "{by} answered: {verb}"),
    "renewal_opened": Label("契約更新により次期を開始", "opened by the renewal of the term before"),
    "import_stage": Label(
        "取込：元のステージ「{stage}」", "imported; its source calls the stage {stage}"
    ),
    "import_gone": Label(
        "取込：取込元のファイルからなくなった", "imported; it is no longer in its source's file"
    ),
    "import_dates": Label("取込：契約の日付による", "imported; by the contract's dates"),
    "import_progress_unknown": Label(
        "取込：元のステージ「{stage}」(どこまで進んだかは不明)",
        "imported; its source calls the stage {stage}, how far it came is unknown",
    ),
    "import_renewed": Label(
        "取込：満了日が{old}から{new}に延長(更新)",
        "imported: the end moved from {old} to {new}, a renewal",
    ),
    "import_bought": Label(
        "取込：元のステージ「{stage}」(受注)", "imported: won, its source calls the stage {stage}"
    ),
    "import_undone": Label("取込{import_id}の取り消し", "import {import_id} was undone"),
    "voided": Label("更新の取り消しにより無効", "void: the renewal was undone"),
}


_WORDS = {
    "call": {
        "renew": Label("更新予定", "will renew"),
        "at_risk": Label("解約懸念", "in doubt"),
        "unsure": Label("未定", "unsure"),
    },
    "health": {
        "stable": Label("安定稼働", "stable"),
        "at_risk": Label("要注意", "at risk"),
        "critical": Label("解約危機", "critical"),
        "unknown": Label("未評価", "not assessed"),
    },
    "paperwork": {
        "none": Label("なし", "none"),
        "quoted": Label("見積提出済", "quoted"),
        "in_approval": Label("先方稟議中", "in approval"),
        "ordered": Label("発注書受領", "ordered"),
    },
    "role": {
        "owner": Label("担当者", "the owner"),
        "sales": Label("営業担当", "the sales owner"),
        "manager": Label("上長", "the manager"),
    },
}
"""Facts that are words of ours, by the name under which a reason holds them."""
_STORED = '{"code"'
"""How a stored reason begins."""
_written = json.JSONEncoder(ensure_ascii=False).encode


@lru_cache(maxsize=4096)  # thousands of deals have the same reasons, and rules ask for them often
def _read(stored: str) -> Mapping[str, str]:
    """The code and the facts of a stored reason."""
    found: dict[str, str] = json.loads(stored)
    return found


def reason(code: str, **facts: object) -> str:
    """The stored form of a reason. Raises KeyError on a code that has no words.

    >>> word(reason("superseded", by="renewal_1m"), Language.EN)
    'superseded by the later renewal_1m'
    """
    if code not in REASONS:
        raise KeyError(code)
    return _written({"code": code, **{k: str(v) for k, v in facts.items()}})


def word(
    stored: str, language: Language, named: Callable[[str, str], str] = lambda fact, value: value
) -> str:
    """The sentence, in `language`; a text that is no stored reason is returned as it is.
    `named(fact, value)` says what people call a value.

    >>> word("our own words", Language.JA)
    'our own words'
    """
    if not stored.startswith(_STORED):
        return stored
    facts = dict(_read(stored))
    label = REASONS.get(facts.pop("code"))
    if label is None:
        return stored
    return label.of(language).format(
        **{fact: _fact_word(fact, value, language, named) for fact, value in facts.items()}
    )


def _fact_word(fact: str, value: str, language: Language, named: Callable[[str, str], str]) -> str:
    """One fact of a reason; one that is a reason itself is a sentence."""
    if value.startswith(_STORED):
        return word(value, language, named)
    return _WORDS[fact][value].of(language) if value in _WORDS.get(fact, {}) else named(fact, value)


def code_of(stored: str) -> str | None:
    """The code of a stored reason, None for somebody's own words."""
    return _read(stored)["code"] if stored.startswith(_STORED) else None


def fact(stored: str, name: str) -> str | None:
    """One fact of a stored reason, None where it has none.

    >>> fact(reason("said_seen", by="Ann", on="2027-01-05"), "on"), fact("our own words", "on")
    ('2027-01-05', None)
    """
    return _read(stored).get(name) if stored.startswith(_STORED) else None


def iso(day: date | None) -> str:
    """A day for a reason; `—` where there is none."""
    return day.isoformat() if day else "—"

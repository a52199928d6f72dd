"""What admins are told: each thing once, in the policy's language, with what to do.

Always holds: an alert has a stable key, so that the same thing seen twice, or on two machines, is
told once.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.core.deal.formats import clock_word
from scheduler.core.messages.channel_conditions import Condition
from scheduler.core.messages.faults import Nature
from scheduler.core.messages.states import Message
from scheduler.core.policy.policy import Policy
from scheduler.core.telling.facts import alert_facts
from scheduler.core.telling.punctuality import CAUSES, Line, percent, total
from scheduler.core.words.keys import stable_key
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.core.words.reasons import word
from scheduler.services.delivery.balance_faults import FAULTS, MENDED_BY_A_LOOK, Finding

Alert = tuple[str, dict[str, Any]]
"""(key, facts of the message of kind `alert`)."""


def alert(key: str, language: Language, title: Label, text: Label, todo: Label) -> Alert:
    """An alert in the admins' language."""
    return key, alert_facts(title.of(language), text.of(language), todo.of(language))


def undelivered(message: Message, because: str, language: Language) -> Alert:
    """A message does not get through, or never will."""
    where = f"{message.channel}:{message.address}"
    return alert(
        f"undelivered:{message.key}:{message.fence}",
        language,
        Label(f"メッセージを送れません({where})", f"a message does not get through ({where})"),
        _reason(because),
        Label(
            f"宛先と設定を確認してください。内容：renewals messages {message.id}",
            f"Check the address and the settings. What it says: renewals messages {message.id}",
        ),
    )


def in_doubt(message: Message, language: Language) -> Alert:
    """Nobody can say whether a message arrived."""
    where = f"{message.channel}:{message.address}"
    return alert(
        f"in_doubt:{message.key}:{message.fence}",
        language,
        Label(
            f"届いたか確認できないメッセージがあります({where})",
            f"nobody can say whether a message arrived ({where})",
        ),
        _reason(message.reason),
        Label(
            f"受信者に確認してください。内容：renewals messages {message.id}",
            f"Ask the recipient. What it says: renewals messages {message.id}",
        ),
    )


def unbalanced(findings: Sequence[Finding], today: date, language: Language) -> Alert:
    """Something was lost, or stands still: once a day for as long as it is so, at once when
    something else comes to it."""
    lines = [_one(f) for f in findings[:_LISTED]]
    if len(findings) > _LISTED:
        lines.append(
            Label(f"・ほか{len(findings) - _LISTED}件", f"- and {len(findings) - _LISTED} more")
        )
    if any(f.fault in MENDED_BY_A_LOOK for f in findings):
        lines.append(
            Label(
                "見落としていた取引は、次の巡回で判定し直します。",
                "What its deal slept over is looked at by the next sweep.",
            )
        )
    what = sorted(f"{f.fault.value} {f.contract} {f.what} {f.on}" for f in findings)
    return alert(
        f"unbalanced:{today.isoformat()}:{stable_key(*what)}",
        language,
        Label(
            f"リマインドの照合が合いません({len(findings)}件)",
            f"the balance does not add up ({len(findings)})",
        ),
        Label("\n".join(line.ja for line in lines), "\n".join(line.en for line in lines)),
        Label(
            "対処方法を含む一覧：renewals report balance",
            "All of it, with what to do: renewals report balance",
        ),
    )


def _one(finding: Finding) -> Label:
    """One row that does not agree."""
    who = " ".join(
        part
        for part in (
            finding.contract or finding.customer,
            finding.what,
            finding.on.isoformat() if finding.on else "",
        )
        if part
    )
    meaning, _ = FAULTS[finding.fault]
    return Label(f"・{who}：{meaning.ja}", f"- {who}: {meaning.en}")


def flooded(recipient: str, nudges: int, today: date, language: Language) -> Alert:
    """The flood breaker holds nudges back; said again every day until they are released or
    answered."""
    return alert(
        f"flood:{recipient}:{today.isoformat()}",
        language,
        Label(
            f"{recipient}宛てのリマインド{nudges}件を保留しています",
            f"{nudges} nudges for {recipient} are held",
        ),
        Label(
            (
                "取込・設定変更・再開のあと、遅れた通知が一度に多く出たためです。"
                "取引の移動は済んでいます。期限の近いものは送っています。"
            ),
            (
                "After an import, an edit or a stop many late nudges came up at once. Deals were "
                "moved; what is close to a deadline goes out."
            ),
        ),
        Label("確認して送る：renewals release", "To look and send: renewals release"),
    )


_CHANNELS = {
    ChannelName.SLACK: Label("Slack", "Slack"),
    ChannelName.EMAIL: Label("メール", "e-mail"),
    ChannelName.PREVIEW: Label("プレビュー", "preview"),
}
_MEND: Mapping[tuple[ChannelName, Nature], Label] = {
    (ChannelName.EMAIL, Nature.ACCESS): Label(
        "SMTP_URL のユーザー名とパスワードを直して再起動してください。直すとすぐに試します。",
        "Correct the user and password in SMTP_URL and restart; it is tried at once then.",
    ),
    (ChannelName.SLACK, Nature.ACCESS): Label(
        (
            "アプリを入れ直し、新しい SLACK_BOT_TOKEN を設定して再起動してください。"
            "直すとすぐに試します。"
        ),
        "Install the app again, set the new SLACK_BOT_TOKEN and restart; it is tried at once then.",
    ),
    (ChannelName.EMAIL, Nature.EVERYBODY): Label(
        (
            "メールサーバーが全員宛てを拒否しています。中継の許可と差出人(mail_from)を、"
            "メールサーバーの管理者に確認してください。"
        ),
        (
            "The mail server refuses every recipient: ask whoever runs it whether this machine may "
            "relay, and whether it accepts mail_from."
        ),
    ),
    (ChannelName.SLACK, Nature.EVERYBODY): Label(
        (
            "Slackが全員宛てを拒否しています。SLACK_BOT_TOKEN "
            "が正しいワークスペースのものか確認してください。"
        ),
        "Slack refuses every recipient: check that SLACK_BOT_TOKEN belongs to the right workspace.",
    ),
}
_MEND_OTHERWISE = Label(
    "自動で再試行します。続く場合は設定と接続を確認してください：renewals check",
    "It is tried again by itself; if it goes on, check settings and connection: renewals check",
)


def channel_paused(condition: Condition, waiting: int, policy: Policy) -> Alert:
    """Nothing goes out by a channel; said once for each pause."""
    name, since = (
        _CHANNELS[condition.channel],
        clock_word(condition.paused_at, ZoneInfo(policy.zone), "—"),
    )
    mend = _MEND.get((condition.channel, condition.nature or Nature.NETWORK), _MEND_OTHERWISE)
    return alert(
        f"channel:{condition.channel}:{condition.setup}:{condition.paused_at}:paused",
        policy.language,
        Label(
            f"{name.ja}で送れないため、送信を止めています",
            f"nothing can be sent by {name.en}; sending by it is paused",
        ),
        Label(
            (
                f"理由：{condition.because}\n{since}から。待っているメッセージ：{waiting}通。"
                "何も失われず、直りしだい送ります。"
            ),
            (
                f"Reason: {condition.because}\nSince {since}. Messages that wait: {waiting}. "
                "Nothing is lost; they go out as soon as it works."
            ),
        ),
        mend,
    )


def channel_works(condition: Condition, waiting: int, now: datetime, policy: Policy) -> Alert:
    """A channel that was paused works again."""
    name, zone = _CHANNELS[condition.channel], ZoneInfo(policy.zone)
    since, until = clock_word(condition.paused_at, zone, "—"), clock_word(now, zone)
    return alert(
        f"channel:{condition.channel}:{condition.setup}:{condition.paused_at}:works",
        policy.language,
        Label(f"{name.ja}で再び送れるようになりました", f"{name.en} works again"),
        Label(
            (
                f"{since}から{until}まで止まっていました。待っていた{waiting}通を、"
                "相手の時間帯に送ります。"
            ),
            (
                f"It was paused from {since} to {until}. What waits ({waiting}) goes out now, each "
                "in its reader's hours."
            ),
        ),
        Label("", ""),
    )


def _reason(because: str) -> Label:
    """Why, in words."""
    return Label(f"理由：{word(because, Language.JA)}", f"Reason: {word(because, Language.EN)}")


def still_held(
    key: str,
    held: Sequence[tuple[str, int, datetime]],
    messages: int,
    today: date,
    language: Language,
) -> Alert:
    """What the flood breaker, or anything else, still holds back: (recipient, nudges, since)
    each."""
    nudges = sum(count for _, count, _ in held)
    lines = [
        Label(
            f"・{name}：{count}件({since:%Y-%m-%d}から)",
            f"- {name}: {count}, since {since:%Y-%m-%d}",
        )
        for name, count, since in held[:_LISTED]
    ]
    if len(held) > _LISTED:
        lines.append(
            Label(f"・ほか{len(held) - _LISTED}人", f"- and {len(held) - _LISTED} more people")
        )
    if messages:
        lines.append(Label(f"・保留中のメッセージ：{messages}通", f"- messages held: {messages}"))
    return alert(
        key,
        language,
        Label(
            f"保留中のリマインドが{nudges}件あります({today:%m/%d})",
            f"{nudges} nudges are still held ({today})",
        ),
        Label("\n".join(line.ja for line in lines), "\n".join(line.en for line in lines)),
        Label("確認して送る：renewals release", "To look and send: renewals release"),
    )


def unready_alert(
    key: str,
    counts: tuple[int, int, int],
    unreachable: Sequence[str],
    language: Language,
    punctual: Sequence[Line] = (),
) -> Alert:
    """Contracts without an owner, without an end, messages in doubt (`counts`), and owners whom
    nothing reaches; told once a week, with how many reminders were in time."""
    without_owner, without_end, in_doubt = counts
    lines = [
        (
            without_owner,
            f"・担当者のいない契約：{without_owner}件",
            f"- contracts without an owner: {without_owner}",
        ),
        (
            without_end,
            f"・満了日のない契約：{without_end}件(更新の通知が出ません)",
            f"- contracts without an end: {without_end} (nothing is told before it)",
        ),
        (
            len(unreachable),
            f"・連絡手段のない担当者：{_named(unreachable)}",
            f"- owners whom nothing reaches: {_named(unreachable)}",
        ),
        (
            in_doubt,
            f"・届いたか確認できないメッセージ：{in_doubt}通",
            f"- messages of which nobody knows whether they arrived: {in_doubt}",
        ),
    ]
    said = [(ja, en) for count, ja, en in lines if count]
    figures = [(label.ja, label.en) for label in _punctual(punctual)]
    if not said:
        return alert(
            key,
            language,
            Label("今週のリマインドの送信状況", "how reminders went out"),
            Label("\n".join(ja for ja, _ in figures), "\n".join(en for _, en in figures)),
            Label("内訳：renewals report delivery", "Particulars: renewals report delivery"),
        )
    return alert(
        key,
        language,
        Label("今週ご確認いただきたいこと", "to look after this week"),
        Label(
            "\n".join(ja for ja, _ in (*said, *figures)),
            "\n".join(en for _, en in (*said, *figures)),
        ),
        Label(
            (
                "担当者・満了日・連絡先を補い、取り込み直してください：renewals import FILE。"
                "詳細：renewals check、renewals messages --state in_doubt"
            ),
            "Fill in owners, ends and addresses and import again: renewals import FILE. "
            "Particulars: renewals check, renewals messages --state in_doubt",
        ),
    )


def _punctual(lines: Sequence[Line]) -> list[Label]:
    """One line a month: how many reminders were in time, and why others were not."""
    months = sorted({line.month_on for line in lines if line.month_on})
    sums = [(month, total(line for line in lines if line.month_on == month)) for month in months]
    return [_month(month, found) for month, found in sums if found.due]


def _month(month: date, found: Line) -> Label:
    """One month."""
    causes = [(CAUSES[cause][0], n) for cause, n in found.because.items() if n]
    why = (
        "：" + "、".join(f"{name.ja} {n}" for name, n in causes) if causes else "",
        ": " + ", ".join(f"{name.en.lower()} {n}" for name, n in causes) if causes else "",
    )
    part = percent(found)
    return Label(
        (
            f"・{month:%Y-%m} "
            f"時間内に届いたリマインド：{found.due:,}件中{found.in_time:,}件({part}){why[0]}"
        ),
        (
            f"- {month:%Y-%m} reminders that arrived in time: {found.in_time:,} of {found.due:,} "
            f"({part}){why[1]}"
        ),
    )


_LISTED = 10


def _named(names: Sequence[str]) -> str:
    """The first few names."""
    return ", ".join(names[:_LISTED]) + ("…" if len(names) > _LISTED else "")

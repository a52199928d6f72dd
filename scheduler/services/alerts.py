"""What admins are told: each thing once, in the policy's language, with what to do.

Always holds: an alert has a stable key, so that the same thing seen twice, or on two machines, is told once.
"""

from datetime import date
from typing import Any

from scheduler.core.facts import alert_facts
from scheduler.core.labels import Label
from scheduler.core.messages import Message
from scheduler.core.reasons import word
from scheduler.core.words import Language

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
        Label(f"届いたか確認できないメッセージがあります({where})", f"nobody can say whether a message arrived ({where})"),
        _reason(message.reason),
        Label(
            f"受信者に確認してください。内容：renewals messages {message.id}",
            f"Ask the recipient. What it says: renewals messages {message.id}",
        ),
    )


def flooded(recipient: str, nudges: int, today: date, language: Language) -> Alert:
    """The flood breaker holds nudges back; said again every day until they are released or answered."""
    return alert(
        f"flood:{recipient}:{today.isoformat()}",
        language,
        Label(f"{recipient}宛てのリマインド{nudges}件を保留しています", f"{nudges} nudges for {recipient} are held"),
        Label(
            "取込・設定変更・再開のあと、遅れた通知が一度に多く出たためです。取引の移動は済んでいます。期限の近いものは送っています。",
            "After an import, an edit or a stop many late nudges came up at once. Deals were moved; what is close to a deadline goes out.",
        ),
        Label("確認して送る：renewals release", "To look and send: renewals release"),
    )


def _reason(because: str) -> Label:
    """Why, in words."""
    return Label(f"理由：{word(because, Language.JA)}", f"Reason: {word(because, Language.EN)}")

"""The words that only the person who pressed sees, in his language: what was recorded, what was
refused and what to do instead."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from scheduler.core.answers.answers import Answer
from scheduler.core.answers.offers import OFFERS, Offer
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.formats import long_day, money, near_day
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language, Verb
from scheduler.core.words.mrkdwn import escaped
from scheduler.services.answers.answering import Recorded

Block = Mapping[str, Any]
LONGEST = 2900

UNKNOWN_BOTH = (
    "あなたのSlackアカウント({user})は担当者として登録されていません。管理者に、"
    "担当者ファイルの「slack id」へこのIDを登録してもらってください。\n"
    "Your Slack account ({user}) is not registered. Ask an admin to enter this id as your “slack "
    "id” in the people file."
)
LEFT_BOTH = (
    "あなたは担当者として無効になっているため、回答できません。管理者に確認してください。\n"
    "You are no longer active here, so you cannot answer. Please ask an admin."
)
OUTSIDE_BOTH = (
    "社外と共有しているチャンネルと、ほかのワークスペースからは回答できません。"
    "アプリとのダイレクトメッセージをお使いください。\n"
    "Nothing can be answered from a channel shared with another company, nor from another "
    "workspace. Use your direct messages with the app."
)
NOT_KEPT_BOTH = (
    "いまは記録できませんでした。何も変わっていません。しばらくしてから、もう一度お試しください。\n"
    "This could not be recorded just now; nothing has changed. Please try again in a while."
)
GONE = Label(
    "このリマインドの契約は、もうありません(更新の取り消し、または取込の取り消し)。",
    "The contract of this reminder is gone (its renewal or import was undone).",
)
NOT_YOURS = Label(
    (
        "この契約に回答できるのは、担当者・上長・代理・連絡を受けた人・管理者です。"
        "担当が変わった場合は管理者に伝えてください。"
    ),
    (
        "Only its owner, their managers, whoever stands in or was told of it, and admins can "
        "answer for this contract. If it is yours, tell an admin."
    ),
)
TOO_LATE = Label(
    "時間がかかりすぎて入力画面を開けませんでした。もう一度押してください。",
    "It took too long to open the form. Please press again.",
)
NO_DAY = Label(
    "次の期限が近いため、これ以上は後に延ばせません。",
    "The next deadline is too close to put this off.",
)
ALREADY_TAKEN_BACK = Label("すでに取り消されています。", "That was taken back already.")
TAKEN_BACK = Label("取り消しました", "Taken back")
_UNDO = OFFERS["undo"].label


def section(text: str) -> Block:
    """A paragraph."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:LONGEST] or "—"}}


def plain(text: str, longest: int = 75) -> Block:
    """A label of Slack's, which is short."""
    return {
        "type": "plain_text",
        "text": text if len(text) <= longest else text[: longest - 1] + "…",
    }


def actions(*elements: Block) -> Block:
    """Things to press in a row."""
    return {"type": "actions", "elements": list(elements)}


def undo_button(subject: str, number: int, language: Language, name: str = "") -> Block:
    """Takes one answer back."""
    label = f"{_UNDO.of(language)} ({name})" if name else _UNDO.of(language)
    return {"type": "button", "action_id": f"undo:{number}", "value": subject, "text": plain(label)}


def who(deal: Deal) -> str:
    """The customer and the contract's number."""
    return escaped(f"{deal.contract.customer.name} {deal.contract.number}".strip())


def recorded(done: Recorded, said: Answer, offer: Offer, today: date, language: Language) -> str:
    """What an answer did, and what comes of it."""
    deal = done.answered.deal
    what, name = offer.label.of(language), who(deal)
    line = (
        f"✅ 記録しました：{name}「{what}」"
        if language is Language.JA
        else f"✅ Recorded: {name}, {what}."
    )
    return f"{line}\n{follows}" if (follows := _follows(done, said, today, language)) else line


def _follows(done: Recorded, said: Answer, today: date, language: Language) -> str:
    """What comes of an answer."""
    ja = language is Language.JA
    following, deal = done.answered.successor, done.answered.deal
    quiet = next((e.snoozed_until for e in done.answered.events if e.snoozed_until), None)
    if following is not None:
        end = long_day(following.ends_on, language) if following.ends_on else "—"
        return (
            f"次期：{end}まで・{money(following.amount)}"
            if ja
            else f"The next term runs until {end}, {money(following.amount)}."
        )
    if done.answered.means is not None:
        return done.answered.means.of(language)
    if quiet is not None:
        day = near_day(quiet, today, language)
        return f"{day}までお知らせを止めます。" if ja else f"You will not be reminded before {day}."
    if said.verb in (Verb.CALL, Verb.PAPERWORK) and deal.expected_on is not None:
        day = near_day(deal.expected_on, today, language)
        return f"{day}に、もう一度うかがいます。" if ja else f"You will be asked again on {day}."
    return ""


def answered_already(words: str, day: str, number: str, language: Language) -> str:
    """Somebody was first."""
    when = f"({day})" if day else ""
    if language is Language.JA:
        return (
            f"この件はすでに回答済みです：{words}{when}\n変更する場合は `/renewals {number}` "
            "から回答してください。"
        )
    return (
        f"This was answered already: {words} {when}".rstrip()
        + f"\nTo change it, answer from `/renewals {number}`."
    )


def closed(deal: Deal, stage: str, language: Language) -> str:
    """Too late: the deal is over."""
    number = escaped(deal.contract.number)
    if language is Language.JA:
        return (
            f"{who(deal)}は「{escaped(stage)}」で終了しているため、記録していません。"
            f"終了を取り消すには `/renewals {number}` を開いてください。"
        )
    return (
        f"{who(deal)} is closed ({escaped(stage)}), so this was not recorded. To take the closing "
        f"back, open `/renewals {number}`."
    )


def of_several(done: int, refused: Sequence[str], offer: Offer, language: Language) -> str:
    """What became of an answer to all of a customer's contracts."""
    what, all_of = offer.label.of(language), done + len(refused)
    first = (
        f"✅ {all_of}件中{done}件に「{what}」を記録しました。"
        if language is Language.JA
        else f"✅ Recorded “{what}” for {done} of {all_of}."
    )
    return "\n".join([first, *(f"• {line}" for line in refused)])

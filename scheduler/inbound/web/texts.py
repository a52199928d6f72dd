"""What the pages say, in both languages."""

from collections.abc import Mapping

from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language, Pace

TEXTS: Mapping[str, Label] = {
    "product": Label("契約更新リマインド", "Renewal reminders"),
    "answer_as": Label("{name}さんの回答", "{name}'s answer"),
    "send": Label("「{offer}」で記録する", "Record: {offer}"),
    "other": Label("ほかの回答", "Another answer"),
    "choose": Label("選んでください", "Choose one"),
    "undo": Label("取り消す", "Undo"),
    "undo_note": Label(
        "間違えた場合は、ここで取り消せます。このページは何度開いても何も変わりません。",
        "Not what you meant? Take it back here. Opening this page never changes anything.",
    ),
    "form_note": Label(
        "ボタンを押すまで、何も記録されません。記録したあとでも取り消せます。",
        "Nothing is recorded until you press the button, and you can undo it.",
    ),
    "optional": Label("任意", "optional"),
    "answered": Label(
        "すでに回答があります：{what}。内容が変わった場合は、改めて記録できます。",
        "Answered already: {what}. You can record a new answer if that has changed.",
    ),
    "meanwhile": Label(
        (
            "入力している間に、別の回答がありました：{what}。それでも記録する場合は、"
            "もう一度ボタンを押してください。"
        ),
        (
            "Somebody answered while you were writing: {what}. Press the button again to record "
            "yours all the same."
        ),
    ),
    "again": Label(
        "もう一度ご確認ください。記録はまだされていません。",
        "Please look again. Nothing is recorded yet.",
    ),
    "done": Label("記録しました", "Recorded"),
    "done_tag": Label("ありがとうございます", "Thank you"),
    "already": Label("すでに記録済みです", "Recorded already"),
    "already_text": Label(
        "この回答は受け付け済みで、二重には記録されていません。",
        "This answer was taken before; it counts once.",
    ),
    "undone": Label("取り消しました", "Taken back"),
    "undone_text": Label(
        "「{what}」を取り消し、元の状態に戻しました。",
        "“{what}” was taken back; everything is as it was before.",
    ),
    "undo_ask": Label("取り消しますか", "Take it back?"),
    "undo_ask_text": Label(
        "「{what}」({name}、{on})を取り消して、元の状態に戻します。",
        "This takes back “{what}” ({name}, {on}) and puts everything back as it was.",
    ),
    "undo_refused": Label("取り消せません", "Cannot be taken back"),
    "undo_refused_text": Label("{reason}", "{reason}"),
    "closed": Label("この取引は終了しています", "This deal is closed"),
    "closed_text": Label("「{stage}」になりました。", "It stands at “{stage}”."),
    "last_act": Label(
        "最後の記録：「{what}」({name}、{on})", "Last recorded: “{what}” ({name}, {on})"
    ),
    "not_now": Label("いまは選べない回答です", "Not possible any more"),
    "not_now_text": Label(
        "「{offer}」は、この取引のいまの状態では選べません。次の中から選んでください。",
        "“{offer}” does not fit the deal as it stands. Choose one of these.",
    ),
    "moved": Label("このリマインドは無効になりました", "This reminder no longer stands"),
    "moved_text": Label(
        "契約の期日が変わったためです。新しい期日に合わせて、改めてお知らせします。",
        "A date of the contract has changed. You will hear again at the new date.",
    ),
    "gone": Label("この取引はもうありません", "This deal is gone"),
    "gone_text": Label(
        "リンクの取引は取り消されたか、削除されました。ご対応は不要です。",
        "The deal behind this link was voided or removed. There is nothing to do.",
    ),
    "inactive": Label("このリンクはもう使えません", "This link can no longer be used"),
    "inactive_text": Label(
        (
            "リンクの持ち主のアカウントが無効になっています。心当たりがない場合は、"
            "管理者にご確認ください。"
        ),
        "The account it was made for is not active. If that is a mistake, please ask your admin.",
    ),
    "not_yours": Label(
        "この取引に回答する権限がありません", "This deal is not yours to answer for"
    ),
    "not_yours_text": Label(
        "担当の変更などにより、この取引の関係者ではなくなりました。",
        "It was passed on, so you have no part in it any more.",
    ),
    "passed_on": Label(
        "この取引のいまの担当は{owner}さんです。あなたに届いた質問にだけ回答できます。",
        "This deal is {owner}'s now. You can still answer what you were asked.",
    ),
    "expired": Label("リンクの有効期限が切れています", "This link has expired"),
    "expired_text": Label(
        (
            "安全のため、メールのリンクは一定期間で無効になります。"
            "新しいリンクをメールでお送りします。"
        ),
        "For safety, links in mails work for a limited time. You can have a fresh one sent to you.",
    ),
    "fresh": Label("新しいリンクを送る", "Send me a fresh link"),
    "fresh_sent": Label("新しいリンクをお送りします", "A fresh link is on its way"),
    "fresh_sent_text": Label(
        "ご本人の連絡先に、数分以内に届きます。",
        "It goes to your own address and should arrive within minutes.",
    ),
    "fresh_not": Label("いまは送れません", "Not just now"),
    "fresh_not_text": Label(
        "この1時間にすでにお送りしたか、送る手段がありません。届いているメールをご確認ください。",
        (
            "One was sent within the last hour, or there is no way to reach you. Please look at "
            "the mails you have."
        ),
    ),
    "forged": Label("このリンクは使えません", "This link cannot be used"),
    "forged_text": Label(
        (
            "リンクが途中で切れているか、正しくありません。メールのボタンから、"
            "もう一度開いてください。"
        ),
        "It is incomplete or not one of ours. Please open it again from the mail.",
    ),
    "not_found": Label("ページがありません", "There is no such page"),
    "not_found_text": Label(
        "メールのボタンから開いてください。", "Please open a link from a mail."
    ),
    "too_large": Label("送信された内容が大きすぎます", "That is too much text"),
    "too_large_text": Label(
        "メモを短くして、もう一度お試しください。何も記録されていません。",
        "Please shorten the note and try again. Nothing was recorded.",
    ),
    "not_a_form": Label(
        "このページのボタンから送信してください", "Please use the button on the page"
    ),
    "not_a_form_text": Label("何も記録されていません。", "Nothing was recorded."),
    "unavailable": Label("ただいま処理できません", "Not available just now"),
    "unavailable_text": Label(
        "何も記録されていません。しばらくしてから、もう一度お試しください。",
        "Nothing was recorded. Please try again in a while.",
    ),
    "less": Label("通知を減らす", "Send me less"),
    "less_lead": Label(
        "{name}さんへの、契約更新のお知らせの頻度を選べます。",
        "How often would you like to hear about renewals, {name}?",
    ),
    "less_note": Label(
        (
            "解約通知期限などが迫っているものと、回答のないまま上長・管理者に上がったものは、"
            "どの設定でもすぐにお知らせします。"
        ),
        (
            "Whatever you choose, what is close to a deadline, or has climbed to managers and "
            "admins without an answer, always comes at once."
        ),
    ),
    "less_save": Label("この頻度にする", "Save"),
    "less_done": Label("{pace}にしました", "From now on: {pace}"),
    "less_done_text": Label(
        "いつでもこのページで変えられます。", "You can change it here at any time."
    ),
    "less_choose": Label("頻度を1つ選んでください。", "Please choose one."),
    "stage": Label("ステージ", "Stage"),
    "answer": Label("回答", "Answer"),
    "by": Label("回答者", "By"),
    "next": Label("次の予定", "Next"),
    "next_term": Label("次期の契約", "Next term"),
    "open_record": Label("{name}を開く", "Open {name}"),
    "record": Label("契約の記録", "the record"),
}

PACES: Mapping[Pace, tuple[Label, Label]] = {
    Pace.IMMEDIATE: (
        Label("すぐに", "As it comes"),
        Label(
            "連絡できる時間帯なら、出るたびにお送りします。",
            "Each one at once, within your working hours.",
        ),
    ),
    Pace.DAILY: (
        Label("1日1回", "Once a day"),
        Label("営業日ごとに1通にまとめてお送りします。", "One mail each working day."),
    ),
    Pace.WEEKLY: (
        Label("週1回", "Once a week"),
        Label("週の初めに1通にまとめてお送りします。", "One mail at the start of the week."),
    ),
}


def texts(language: Language) -> dict[str, str]:
    """All of them, for a template."""
    return {name: label.of(language) for name, label in TEXTS.items()}


def said(name: str, language: Language, /, **facts: object) -> str:
    """One of them with its facts."""
    return TEXTS[name].of(language).format(**facts)

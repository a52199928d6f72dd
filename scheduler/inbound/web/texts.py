"""What the pages say, in both languages."""

from collections.abc import Mapping

from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language, Pace

TEXTS: Mapping[str, Label] = {
    "product": Label("Renewal reminders"),
    "answer_as": Label("{name}'s answer"),
    "send": Label("Record: {offer}"),
    "other": Label("Another answer"),
    "choose": Label("Choose one"),
    "undo": Label("Undo", context="texts"),
    "undo_note": Label(
        "Not what you meant? Take it back here. Opening this page never changes anything."
    ),
    "form_note": Label("Nothing is recorded until you press the button, and you can undo it."),
    "optional": Label("optional"),
    "answered": Label("Answered already: {what}. You can record a new answer if that has changed."),
    "meanwhile": Label("{refused}. Press the button again to record yours all the same."),
    "again": Label("Please check your answers. Nothing is recorded yet."),
    "contract_changed": Label(
        "The contract has changed since this page was opened, and the fields you had not edited "
        "are updated. Please check again; nothing is recorded yet."
    ),
    "done": Label("Recorded"),
    "done_tag": Label("Thank you"),
    "already": Label("Recorded already"),
    "already_text": Label("This answer was already recorded; it counts once."),
    "undone": Label("Taken back"),
    "undone_text": Label("“{what}” was taken back; everything is as it was before."),
    "undo_ask": Label("Take it back?"),
    "undo_ask_text": Label(
        "This takes back “{what}” ({name}, {on}) and puts everything back as it was."
    ),
    "undo_refused": Label("Cannot be taken back"),
    "undo_refused_text": Label("{reason}"),
    "closed": Label("Nothing to answer any more"),
    "closed_text": Label("{reason}"),
    "last_act": Label("Last recorded: “{what}” ({name}, {on})"),
    "not_now": Label("Not possible any more"),
    "not_now_text": Label("“{offer}” is no longer possible for this deal. Choose one of these."),
    "moved": Label("This reminder no longer applies"),
    "moved_text": Label(
        "A date of the contract has changed. You will be asked again at the new date."
    ),
    "gone": Label("This deal no longer exists"),
    "gone_text": Label("{reason}"),
    "inactive": Label("This link can no longer be used"),
    "inactive_text": Label(
        "The account it was made for is not active. If that is a mistake, please ask your admin."
    ),
    "not_yours": Label("You cannot answer for this deal"),
    "not_yours_text": Label("{reason}"),
    "passed_on": Label("This deal is {owner}'s now. You can still answer what you were asked."),
    "expired": Label("This link has expired"),
    "expired_text": Label(
        "For safety, links in mails work for a limited time. You can have a fresh one sent to you."
    ),
    "fresh": Label("Send me a fresh link"),
    "fresh_sent": Label("A fresh link is on its way"),
    "fresh_sent_text": Label("It goes to your own address and should arrive within minutes."),
    "fresh_not": Label("Not just now"),
    "fresh_not_text": Label(
        "A link was sent within the last hour, or there is no way to reach you. Please check "
        "your mail."
    ),
    "forged": Label("This link cannot be used"),
    "forged_text": Label(
        "It is incomplete or not one of ours. Please open it again from the mail."
    ),
    "not_found": Label("There is no such page"),
    "not_found_text": Label("Please open a link from a mail."),
    "too_large": Label("That is too much text"),
    "too_large_text": Label("Please shorten the note and try again. Nothing was recorded."),
    "not_a_form": Label("Please use the button on the page"),
    "not_a_form_text": Label("Nothing was recorded."),
    "unavailable": Label("Not available just now"),
    "unavailable_text": Label("Nothing was recorded. Please try again in a while."),
    "less": Label("Send me less"),
    "less_lead": Label("How often would you like to hear about renewals, {name}?"),
    "less_note": Label(
        "Whatever you choose, anything close to a deadline, or escalated to managers and admins "
        "because nobody answered, always comes at once."
    ),
    "less_save": Label("Save", context="texts"),
    "less_done": Label("From now on: {pace}"),
    "less_done_text": Label("You can change it here at any time."),
    "less_choose": Label("Please choose one."),
    "stage": Label("Stage"),
    "answer": Label("Answer", context="texts"),
    "by": Label("By", context="texts"),
    "next": Label("Next", context="texts"),
    "next_term": Label("Next term"),
    "open_record": Label("Open {name}"),
    "record": Label("the record"),
}

PACE_NOTES: Mapping[Pace, Label] = {
    Pace.IMMEDIATE: Label("Each one at once, within your working hours."),
    Pace.DAILY: Label("One mail each working day."),
    Pace.WEEKLY: Label("One mail at the start of the week."),
}
"""What each choice means."""


def texts(language: Language) -> dict[str, str]:
    """All of them, for a template."""
    return {name: label.of(language) for name, label in TEXTS.items()}


def said(name: str, language: Language, /, **facts: object) -> str:
    """One of them with its facts."""
    return TEXTS[name].of(language).format(**facts)

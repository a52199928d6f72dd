"""An answer given on Slack, from the button to what is said of it: pressed, judged, recorded in one
transaction, shown.

Always holds: a button holds nothing but what it is about and a verb; whether an answer can be
given, and by whom, is decided by scheduler.core.answers; a question that was answered is not
answered again from an old message.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.effects import apply_answer
from scheduler.core.answers.offers import OFFERS, Offer
from scheduler.core.answers.refusals import AnswerRefusedError, GoneError, answerable, refused
from scheduler.core.answers.verbs import Asked
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.pipeline import MoveRefusedError
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Verb
from scheduler.inbound.slack import replies
from scheduler.inbound.slack.modals import ANSWER, answer_modal
from scheduler.inbound.slack.payload import About, Asking, Press, Submission
from scheduler.inbound.slack.replies import Deals
from scheduler.inbound.slack.showing import Screen
from scheduler.inbound.web.forms import Form
from scheduler.ports import Begin
from scheduler.services.answers.answering import (
    AnsweringTransaction,
    Recorded,
    answer_each,
    undo_answer,
)
from scheduler.services.answers.worklist import WorklistStore


@dataclass(frozen=True, slots=True)
class FilledForm:
    """An answer's form as it was filled in, and what is wrong with single fields of it."""

    sent: Submission
    about: About
    deals: Deals
    form: Form
    said: Answer
    errors: Mapping[Asked, Label]


class Answers:
    """Takes answers, and takes them back."""

    def __init__(
        self, store: WorklistStore, answering: Begin[AnsweringTransaction], screen: Screen
    ) -> None:
        self._store = store
        self._answering = answering
        self._screen = screen

    def press(self, asking: Asking, press: Press) -> str:
        """A button or a menu's item: recorded at once where one click is enough, else its form is
        opened. What became of it, in a few words."""
        offer, person = OFFERS.get(press.choice), asking.person
        if offer is None:
            return self._refuse(asking, GoneError())
        deals = self._store.deals_meant(press.subject, for_all=press.for_all)
        try:
            deal = answerable(deals, press.subject, person, offer.verb, asking.policy, asking.now)
        except AnswerRefusedError as error:
            return self._refuse(asking, error)
        if offer.verb is Verb.UNDO:
            return self.undo(asking, press.subject, "last")
        if offer.fields:
            return self._screen.open_form(asking, _form_of(asking, press, offer, deal, len(deals)))
        said = Answer(
            offer.verb, person.name, person, call=offer.call, health=offer.health, via="slack"
        )
        clicked = f"{asking.place.user}:{offer.id}"
        requests = {n: f"{clicked}:{d.version if d else 0}" for n, d in deals.items()}
        return self._record(asking, said, offer, deals, requests)

    def submit(self, asking: Asking, sent: Submission) -> str:
        """A form that was sent: recorded, unless it is not filled in."""
        filled = self._filled(asking, sent)
        if filled is None:
            return self._refuse(asking, GoneError())
        if filled.errors:
            return "not filled in"
        deals, offer, read_at = filled.deals, filled.form.offer, filled.about.shown_at
        requests = dict.fromkeys(deals, sent.id)
        return self._record(asking, filled.said, offer, deals, requests, read_at)

    def undo(self, asking: Asking, subject: str, number: int | Literal["last"] | None) -> str:
        """Takes one answer back, or (None) the policy's own closing, or whatever was last."""
        try:
            act = undo_answer(
                self._answering, subject, number, asking.person, asking.policy, asking.now
            )
        except AnswerRefusedError as error:
            return self._refuse(asking, error)
        return self._screen.say(asking, replies.taken_back(act.deal, asking.language))

    def response(self, asking: Asking, sent: Submission) -> dict[str, Any] | None:
        """What a form is answered with before anything is done: what is wrong, beside its fields;
        what is unusual, as the form again with the question whether it is meant; None where it may
        be closed."""
        filled = self._filled(asking, sent)
        wrong = self._wrong(asking, filled) if filled else {}
        if filled is None or not wrong:
            return None
        if Asked.CONFIRM in wrong and Asked.CONFIRM.value not in sent.typed:
            asked = {Asked.CONFIRM: wrong[Asked.CONFIRM]}
            shown = answer_modal(filled.form, filled.about, typed=sent.typed, errors=asked)
            return {"response_action": "update", "view": shown}
        errors = {field.value: label.alone(asking.language) for field, label in wrong.items()}
        return {"response_action": "errors", "errors": errors}

    def _filled(self, asking: Asking, sent: Submission) -> FilledForm | None:
        """An answer's form, read; None where it is none, or its deal is gone."""
        about = sent.about or About()
        offer = OFFERS.get(about.offer)
        deals = self._store.deals_meant(about.subject, for_all=about.for_all)
        deal = deals[about.subject]
        if deal is None or offer is None or sent.form != ANSWER:
            return None
        form = Form.at(offer, deal, asking.policy, asking.language, asking.now)
        said, errors = form.read(sent.typed, asking.person, "")
        return FilledForm(sent, about, deals, form, replace(said, via="slack"), errors)

    def _wrong(self, asking: Asking, filled: FilledForm) -> Mapping[Asked, Label]:
        """What is wrong with a form: also what the core would refuse, as long as changing the form
        helps. What no form can change is told when it is acted on."""
        form, about = filled.form, filled.about
        if form.followed(filled.sent.typed, about.basis) is not None:
            return {form.offer.fields[0]: replies.CONTRACT_CHANGED}
        if filled.errors:
            return filled.errors
        person, verb, policy, now = asking.person, form.offer.verb, asking.policy, asking.now
        for subject, deal in filled.deals.items():
            if deal is None or refused(deal, subject, person, verb, policy, now, once=True):
                continue
            try:
                apply_answer(deal, filled.said, policy, now)
            except AnswerRefusedError as error:
                field = form.beside(error, filled.sent.typed) or form.offer.fields[0]
                return {field: error.label}
            except MoveRefusedError as error:
                return {form.offer.fields[0]: error.label}
        return {}

    def _record(
        self,
        asking: Asking,
        said: Answer,
        offer: Offer,
        deals: Deals,
        requests: Mapping[str, str],
        read_at: datetime | None = None,
    ) -> str:
        """Records an answer for each deal, each once, and says what became of it."""
        named = {subject: f"slack:{requests[subject]}:{subject}" for subject in deals}
        outcomes = answer_each(self._answering, said, named, asking.policy, asking.now, read_at)
        if not outcomes:
            return "was recorded before"
        text, buttons = replies.outcome(asking, said, offer, deals, outcomes)
        told = self._screen.say(asking, text, *buttons)
        numbers = [str(o.number) for o in outcomes.values() if isinstance(o, Recorded)]
        return f"recorded {', '.join(numbers)}" if numbers else told

    def _refuse(self, asking: Asking, error: AnswerRefusedError) -> str:
        """Says why not."""
        return self._screen.say(asking, replies.refused(error, asking.language))


def _form_of(asking: Asking, press: Press, offer: Offer, deal: Deal, count: int) -> replies.Block:
    """The form of an offer, for `count` contracts."""
    place, now = asking.place, asking.now
    form = Form.at(offer, deal, asking.policy, asking.language, now)
    about = About(
        press.subject,
        offer.id,
        press.for_all,
        place.channel,
        place.home,
        now.isoformat(),
        form.basis,
    )
    return answer_modal(form, about, count, notice=replies.passed_on(asking, press.subject, deal))

"""An answer given on Slack, from the button to what is said of it: pressed, judged, recorded in one
transaction, shown.

Always holds: a button holds nothing but what it is about and a verb; whether an answer can be
given, and by whom, is decided by scheduler.core.answers; a question that was answered is not
answered again from an old message.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.effects import apply_answer
from scheduler.core.answers.offers import OFFERS, Offer
from scheduler.core.answers.refusals import AnswerRefusedError, GoneError, refused
from scheduler.core.answers.verbs import Asked
from scheduler.core.deal.authority import authority, owner_instead
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.pipeline import MoveRefusedError
from scheduler.core.policy.milestone_days import zone_of
from scheduler.core.time.dates import local_day
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Verb
from scheduler.core.words.mrkdwn import escaped
from scheduler.inbound.slack import replies
from scheduler.inbound.slack.modals import ANSWER, answer_modal
from scheduler.inbound.slack.payload import About, Press, Submission
from scheduler.inbound.slack.showing import Asking, Screen
from scheduler.inbound.web import texts
from scheduler.inbound.web.forms import Form
from scheduler.ports import Begin
from scheduler.services.answers.answering import (
    AnsweringTransaction,
    Recorded,
    answer_nudge,
    undo_answer,
)
from scheduler.services.answers.worklist import WorklistStore

_BUTTONS = 25
"""How many buttons Slack takes in a row."""
Deals = Mapping[str, Deal | None]
"""What an answer is for: each nudge (or deal `#12`) with its deal; None where that is gone."""


@dataclass(frozen=True, slots=True)
class FilledForm:
    """An answer's form as it was filled in, and what is wrong with single fields of it."""

    sent: Submission
    about: About
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
        deal, offer = self._store.deal_at(press.subject), OFFERS.get(press.choice)
        if deal is None or offer is None:
            return self._refuse(asking, GoneError())
        deals = self._deals(press.subject, for_all=press.for_all)
        free = next(_able(asking, deals, offer), None)
        refusal = _refused(asking, press.subject, deal, offer)
        if refusal is not None and free is None:
            return self._refuse(asking, refusal)
        deal = free or deal
        if offer.verb is Verb.UNDO:
            return self.undo(asking, press.subject, "last")
        if offer.fields:
            return self._screen.open(asking, _form_of(asking, press, offer, deal, len(deals)))
        person = asking.person
        said = Answer(
            offer.verb, person.name, person, call=offer.call, health=offer.health, via="slack"
        )
        requests = {
            subject: f"{asking.place.user}:{offer.id}:{deal.version if deal else 0}"
            for subject, deal in deals.items()
        }
        return self._record(asking, said, offer, deals, requests)

    def submit(self, asking: Asking, sent: Submission) -> str:
        """A form that was sent: recorded, unless it is not filled in."""
        filled = self._filled(asking, sent)
        if filled is None:
            return self._refuse(asking, GoneError())
        if filled.errors:
            return "not filled in"
        deals = self._deals(filled.about.subject, for_all=filled.about.for_all)
        requests = dict.fromkeys(deals, sent.id)
        return self._record(
            asking, filled.said, filled.form.offer, deals, requests, filled.about.shown_at
        )

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
        deal, offer = self._store.deal_at(about.subject), OFFERS.get(about.offer)
        if deal is None or offer is None or sent.form != ANSWER:
            return None
        form = Form.at(offer, deal, asking.policy, asking.language, asking.now)
        said, errors = form.read(sent.typed, asking.person, "")
        return FilledForm(sent, about, form, replace(said, via="slack"), errors)

    def _wrong(self, asking: Asking, filled: FilledForm) -> Mapping[Asked, Label]:
        """What is wrong with a form: also what the core would refuse, as long as changing the form
        helps. What no form can change is told when it is acted on."""
        form, about = filled.form, filled.about
        if form.followed(filled.sent.typed, about.basis) is not None:
            return {form.offer.fields[0]: replies.CONTRACT_CHANGED}
        if filled.errors:
            return filled.errors
        for subject, deal in self._deals(about.subject, for_all=about.for_all).items():
            if deal is None or _refused(asking, subject, deal, form.offer):
                continue
            try:
                apply_answer(deal, filled.said, asking.policy, asking.now)
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
        done: dict[str, Recorded] = {}
        refusals: dict[str, str] = {}
        for subject in deals:
            request = f"slack:{requests[subject]}:{subject}"
            try:
                recorded = answer_nudge(
                    self._answering,
                    subject,
                    replace(said, request=request),
                    asking.policy,
                    asking.now,
                    read_at,
                    once=True,
                )
            except (AnswerRefusedError, MoveRefusedError) as error:
                refusals[subject] = replies.refused(error, asking.language)
            else:
                done |= {subject: recorded} if recorded else {}
        if not done and not refusals:
            return "was recorded before"
        text = _outcome(asking, said, offer, deals, done, refusals)
        told = self._screen.say(asking, text, *_undo_buttons(asking, done, named=len(deals) > 1))
        return f"recorded {', '.join(str(r.number) for r in done.values())}" if done else told

    def _deals(self, subject: str, *, for_all: bool) -> Deals:
        """The deals an answer is for, as they are now."""
        subjects = self._store.told_with(subject) if for_all else [subject]
        return {subject: self._store.deal_at(subject) for subject in subjects}

    def _refuse(self, asking: Asking, error: AnswerRefusedError) -> str:
        """Says why not."""
        return self._screen.say(asking, replies.refused(error, asking.language))


def _refused(asking: Asking, subject: str, deal: Deal, offer: Offer) -> AnswerRefusedError | None:
    """Why the person cannot give an answer, whatever they would fill in."""
    return refused(deal, subject, asking.person, offer.verb, asking.policy, asking.now, once=True)


def _able(asking: Asking, deals: Deals, offer: Offer) -> Iterator[Deal]:
    """The deals to which the person can give an answer."""
    for subject, deal in deals.items():
        if deal is not None and _refused(asking, subject, deal, offer) is None:
            yield deal


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
    return answer_modal(form, about, count, notice=_passed_on(asking, press.subject, deal))


def _passed_on(asking: Asking, subject: str, deal: Deal) -> str:
    """What a former owner, or whoever was only told of the deal, is told of whose it is; empty for
    those in charge."""
    today = local_day(asking.now, zone_of(deal, asking.policy))
    owner = owner_instead(authority(asking.person, deal, today, subject), deal)
    return texts.said("passed_on", asking.language, owner=escaped(owner.name)) if owner else ""


def _outcome(
    asking: Asking,
    answer: Answer,
    offer: Offer,
    deals: Deals,
    done: Mapping[str, Recorded],
    refusals: Mapping[str, str],
) -> str:
    """What became of an answer, for one contract or for several."""
    language = asking.language
    if len(deals) > 1:
        lines = [
            f"{replies.who(deal)}: {why}" if (deal := deals[subject]) else why
            for subject, why in refusals.items()
        ]
        before = next((recorded.before for recorded in done.values()), None)
        what = (
            replies.said_words(answer, offer, before, asking.policy, language)
            if before
            else offer.label.of(language)
        )
        return replies.of_several(len(deals) - len(lines), lines, what, language)
    if refusals:
        return next(iter(refusals.values()))
    subject, recorded = next(iter(done.items()))
    today = local_day(asking.now, zone_of(recorded.before, asking.policy))
    told = replies.recorded(recorded, answer, offer, asking.policy, today, language)
    return "\n".join(filter(None, (told, _passed_on(asking, subject, recorded.before))))


def _undo_buttons(
    asking: Asking, done: Mapping[str, Recorded], *, named: bool
) -> list[replies.Block]:
    """A row with a button for each answer, to take it back; no row where there is none."""
    buttons = [
        replies.undo_button(
            subject,
            recorded.number,
            asking.language,
            recorded.before.contract.number if named else "",
        )
        for subject, recorded in done.items()
    ]
    return [replies.actions(*buttons[:_BUTTONS])] if buttons else []

"""What each envelope asks for: who asks is looked up and judged first, then it is done once, and
only they are told.

Always holds: a button holds nothing but what it is about and a verb; the clicking person decides
what is allowed; whatever is refused is explained to them with what to do instead; an answer that
was recorded stays recorded, also where Slack cannot tell them so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol

from scheduler.core.answers.answers import Answer
from scheduler.core.answers.offers import OFFERS, Offer
from scheduler.core.answers.refusals import (
    AnswerRefusedError,
    GoneError,
    NotAllowedError,
    UndoneError,
    closed,
    impossible,
)
from scheduler.core.answers.verbs import Asked
from scheduler.core.deal.authority import may_answer
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.formats import near_day
from scheduler.core.deal.people import Person
from scheduler.core.deal.pipeline import MoveRefusedError
from scheduler.core.imports.typed import NotReadError
from scheduler.core.imports.typed import day as typed_day
from scheduler.core.policy.policy import Policy
from scheduler.core.policy.schedule import zone_of
from scheduler.core.telling.facts import plain
from scheduler.core.time.dates import local_day
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label, in_all_languages
from scheduler.core.words.lexicon import Language, Pace, Verb
from scheduler.core.words.mrkdwn import escaped
from scheduler.core.words.reasons import fact, word
from scheduler.inbound.slack import replies
from scheduler.inbound.slack.command import SlashCommand
from scheduler.inbound.slack.home import Home, Publisher
from scheduler.inbound.slack.modals import (
    ABSENCE,
    ANSWER,
    DELEGATE,
    FIRST,
    LAST,
    NOTE,
    About,
    absence_modal,
    answer_modal,
)
from scheduler.inbound.slack.payload import (
    Place,
    Press,
    place_of,
    place_of_command,
    press_of,
    typed_in,
)
from scheduler.inbound.slack.replies import Block
from scheduler.inbound.web.forms import Form
from scheduler.ports import Begin, Renderer
from scheduler.services.answers.answering import (
    AnsweredMeanwhileError,
    AnsweringTransaction,
    Recorded,
    answer_nudge,
    check_answer,
    last_answer,
    undo_answer,
)
from scheduler.services.answers.inbox import Kept
from scheduler.services.answers.worklist import WorklistStore, told_by
from scheduler.services.people.absences import AbsenceTransaction, add_absence, cancel_absence

BLOCK_ACTIONS, VIEW_SUBMISSION = "block_actions", "view_submission"
INTERACTIVE, COMMANDS, EVENTS = "interactive", "slash_commands", "events_api"
_NO_COLLEAGUE = Label("This person is not registered here.")
_REFUSED = (AnswerRefusedError, MoveRefusedError)
_NOT_KEPT = in_all_languages(replies.NOT_KEPT)


class Workspace(Publisher, Protocol):
    """What Slack is asked. Nothing here raises for what Slack refuses."""

    def respond(self, url: str, body: Mapping[str, Any]) -> str:
        """Says something under a response address; empty if it was taken."""

    def is_outside(self, channel: str) -> bool:
        """Whether another company reads this conversation."""

    def team(self) -> str:
        """The workspace's id; empty while it cannot be learned."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, from where, in which language, under which policy, and when."""

    person: Person
    place: Place
    policy: Policy
    language: Language
    now: datetime


class Actions:
    """Acts on what comes from Slack."""

    def __init__(
        self,
        store: WorklistStore,
        answers: Begin[AnsweringTransaction],
        absences: Begin[AbsenceTransaction],
        workspace: Workspace,
        renderer: Callable[[], Renderer],
        policy: Callable[[], Policy],
    ) -> None:
        self._store = store
        self._answers = answers
        self._absences = absences
        self._workspace = workspace
        self._policy = policy
        self._home = Home(store, workspace, renderer)
        self._command = SlashCommand(store, renderer)

    def act(self, kept: Kept, now: datetime) -> str:
        """Does what an envelope asks for; what became of it, in a few words for the database."""
        payload, kind = kept.payload, kept.kind
        if kind == INTERACTIVE and payload.get("type") == BLOCK_ACTIONS:
            return self._pressed(payload, now)
        if kind == INTERACTIVE and payload.get("type") == VIEW_SUBMISSION:
            return self._submitted(payload, now)
        if kind == COMMANDS:
            return self._commanded(payload, now)
        event = payload.get("event")
        if (
            kind == EVENTS
            and isinstance(event, Mapping)
            and event.get("type") == "app_home_opened"
            and event.get("tab", "home") == "home"
        ):
            return self._opened(Place(str(event.get("user", "")), home=True), now)
        return "nothing to do"

    def response(
        self, kind: str, payload: Mapping[str, Any], now: datetime
    ) -> dict[str, Any] | None:
        """What a form is answered with before anything is done: what is wrong, beside its fields;
        None where it may be closed. Asks Slack nothing."""
        if kind != INTERACTIVE or payload.get("type") != VIEW_SUBMISSION:
            return None
        asking = self._asking(self._form_place(payload), now, asks_slack=False)
        if isinstance(asking, str):
            return None
        view = payload["view"]
        errors = (
            self._absence_errors(asking, view)
            if view.get("callback_id") == ABSENCE
            else self._answer_errors(asking, view)
        )
        if Asked.CONFIRM.value in errors and Asked.CONFIRM.value not in typed_in(view):
            return self._to_confirm(asking, view, errors[Asked.CONFIRM.value])
        return {"response_action": "errors", "errors": errors} if errors else None

    def _to_confirm(
        self, asking: Asking, view: Mapping[str, Any], asked: str
    ) -> dict[str, Any] | None:
        """The form again, with what is unusual about the answer and the question whether it is
        meant."""
        read = self._read(asking, view)
        if read is None:
            return None
        about, form, _, _ = read
        shown = answer_modal(
            form,
            about,
            typed=typed_in(view),
            errors={Asked.CONFIRM: Label.verbatim(asked)},
        )
        return {"response_action": "update", "view": shown}

    def _asking(self, place: Place, now: datetime, *, asks_slack: bool = True) -> Asking | str:
        """Who asks; or what they are told because they may not. Without asking Slack whether
        outsiders read along: before anything is done it is."""
        if asks_slack and self._is_outside(place):
            return in_all_languages(replies.OUTSIDE)
        person = self._store.person_of_slack(place.user) if place.user else None
        if person is None:
            return in_all_languages(replies.UNKNOWN.filled(user=escaped(place.user)))
        if not person.active:
            return in_all_languages(replies.LEFT)
        policy = self._policy()
        return Asking(person, place, policy, policy.language_of(person), now)

    def _is_outside(self, place: Place) -> bool:
        """Whether somebody from another workspace asks, or another company reads along."""
        ours = self._workspace.team() or place.team
        foreign = bool(ours) and any(
            team and team != ours for team in (place.user_team, place.team)
        )
        return foreign or bool(place.channel and self._workspace.is_outside(place.channel))

    def tell_not_kept(self, kind: str, payload: Mapping[str, Any]) -> str:
        """Tells whoever pressed a button that nothing was recorded; a form and a command are told
        in the acknowledgement."""
        if kind != INTERACTIVE or payload.get("type") != BLOCK_ACTIONS:
            return "told"
        return self._tell(place_of(payload), _NOT_KEPT, [replies.section(_NOT_KEPT)])

    def _pressed(self, payload: Mapping[str, Any], now: datetime) -> str:
        """A button or a menu."""
        press, place = press_of(payload), place_of(payload)
        if press is None or press.action == "link":
            return "a link"
        asking = self._asking(place, now)
        if isinstance(asking, str):
            return self._turn_away(place, asking)
        return self._act_on(press, asking)

    def _act_on(self, press: Press, asking: Asking) -> str:
        """What was pressed, by somebody we know."""
        match press.action:
            case "answer":
                return self._answer(asking, press.value, OFFERS.get(press.about))
            case "more":
                return self._answer(asking, press.about, OFFERS.get(press.value))
            case "all":
                return self._answer(asking, press.about, OFFERS.get(press.value), for_all=True)
            case "undo":
                return self._undo(
                    asking, press.value, int(press.about) if press.about.isdecimal() else None
                )
            case "pace":
                self._store.set_pace(asking.person.id, Pace(press.value))
                return self._home_again(asking)
            case "absence_add":
                return self._open(
                    asking,
                    absence_modal(
                        local_day(asking.now, asking.policy.zone_of(asking.person)), asking.language
                    ),
                )
            case "absence_remove":
                return self._absence_removed(asking, press.value)
        return f"nothing is known as {press.action}"

    def _answer(
        self, asking: Asking, subject: str, offer: Offer | None, *, for_all: bool = False
    ) -> str:
        """An answer: at once where one click is enough, else its form."""
        deal = self._store.deal_at(subject)
        if deal is None or offer is None:
            return self._say(asking, _sentence(GoneError(), asking.language))
        refusal = self._refusal(asking, deal, subject, offer)
        if refusal:
            return self._say(asking, refusal)
        if offer.verb is Verb.UNDO:
            return self._undo(asking, subject, last_answer(self._answers, subject))
        subjects = self._store.told_with(subject) if for_all else [subject]
        if not offer.fields:
            said = Answer(
                offer.verb, asking.person.name, asking.person, call=offer.call, via="slack"
            )
            return self._record(asking, subjects, said, offer, "")
        form = Form.at(offer, deal, asking.policy, asking.language, asking.now)
        about = About(
            subject,
            offer.id,
            for_all,
            asking.place.channel,
            asking.place.home,
            asking.now.isoformat(),
        )
        return self._open(asking, answer_modal(form, about, len(subjects)))

    def _refusal(self, asking: Asking, deal: Deal, subject: str, offer: Offer) -> str:
        """Why an answer cannot be given any more; empty if it can."""
        language, today = asking.language, local_day(asking.now, zone_of(deal, asking.policy))
        if not may_answer(asking.person, deal, today, subject):
            return _sentence(NotAllowedError(), language)
        over = closed(deal, asking.policy)
        if offer.verb is Verb.UNDO:
            return "" if over else _sentence(UndoneError(), language)
        if over is not None:
            return replies.closed(deal, _sentence(over, language), language)
        event = told_by(deal, subject).event
        quiet = (
            event is not None
            and event.seen
            and event.snoozed_until is not None
            and event.snoozed_until > today
        )
        if event is not None and (
            event.answered_at is not None or (offer.verb is Verb.SEEN and quiet)
        ):
            return self._already(asking, deal, event.answer)
        refused = impossible(deal, offer.verb, asking.policy, today)
        return _sentence(refused, language) if refused is not None else ""

    def _already(self, asking: Asking, deal: Deal, answer: str) -> str:
        """Who was first, and with what."""
        day, today = fact(answer, "on"), local_day(asking.now, zone_of(deal, asking.policy))
        words = escaped(plain(word(answer, asking.language)))
        shown = near_day(date.fromisoformat(day), today, asking.language) if day else ""
        return replies.answered_already(
            words, shown, escaped(deal.contract.number), asking.language
        )

    def _record(
        self,
        asking: Asking,
        subjects: Sequence[str],
        said: Answer,
        offer: Offer,
        request: str,
        read_at: datetime | None = None,
    ) -> str:
        """Records an answer for each subject, each once, and says what became of it."""
        done: list[tuple[str, Recorded]] = []
        refused: list[str] = []
        repeated = 0
        for subject in subjects:
            outcome = self._record_one(asking, subject, said, offer, request, read_at)
            if isinstance(outcome, Recorded):
                done.append((subject, outcome))
            elif outcome:
                deal = self._store.deal_at(subject)
                refused.append(
                    f"{replies.who(deal)}: {outcome}" if deal and len(subjects) > 1 else outcome
                )
            else:
                repeated += 1
        if not done and not refused:
            return "was recorded before"
        if len(subjects) > 1:
            text = replies.of_several(len(done) + repeated, refused, offer, asking.language)
        elif refused:
            return self._say(asking, refused[0])
        else:
            today = local_day(asking.now, zone_of(done[0][1].before, asking.policy))
            text = replies.recorded(done[0][1], said, offer, today, asking.language)
        names = [r.before.contract.number if len(subjects) > 1 else "" for _, r in done]
        undo = [
            replies.undo_button(s, r.number, asking.language, name)
            for (s, r), name in zip(done, names, strict=True)
        ]
        self._say(asking, text, *([replies.actions(*undo[:25])] if undo else []))
        return f"recorded {', '.join(str(r.number) for _, r in done)}"

    def _record_one(
        self,
        asking: Asking,
        subject: str,
        said: Answer,
        offer: Offer,
        request: str,
        read_at: datetime | None,
    ) -> Recorded | str | None:
        """One answer; why not; None where this very answer was recorded before."""
        deal = self._store.deal_at(subject)
        if deal is None:
            return _sentence(GoneError(), asking.language)
        key = request or f"{asking.place.user}:{offer.id}:{deal.version}"
        said = replace(said, request=f"slack:{key}:{subject}")
        try:
            if check_answer(self._answers, subject, said, asking.policy, asking.now) is None:
                return None
            if refusal := self._refusal(asking, deal, subject, offer):
                return refusal
            return answer_nudge(self._answers, subject, said, asking.policy, asking.now, read_at)
        except AnsweredMeanwhileError:
            now_known = self._store.deal_at(subject) or deal
            latest = max(
                (e for e in now_known.events if e.answered_at),
                key=lambda e: e.answered_at or asking.now,
                default=None,
            )
            return self._already(asking, now_known, latest.answer if latest else "")
        except _REFUSED as error:
            refusal = self._refusal(asking, deal, subject, offer)
            return refusal or _sentence(error, asking.language)

    def _undo(self, asking: Asking, subject: str, number: int | None) -> str:
        """Takes one answer back, or the policy's own closing."""
        try:
            act = undo_answer(
                self._answers, subject, number, asking.person, asking.policy, asking.now
            )
        except AnswerRefusedError as error:
            return self._say(asking, _sentence(error, asking.language))
        said = Label(
            "↩️ {taken_back}: {who}", taken_back=replies.TAKEN_BACK, who=replies.who(act.deal)
        )
        return self._say(asking, said.of(asking.language))

    def _form_place(self, payload: Mapping[str, Any]) -> Place:
        """Who sent a form, and where it was opened."""
        place = place_of(payload)
        try:
            return About.read(payload["view"].get("private_metadata")).place(place)
        except ValueError:
            return place

    def _read(
        self, asking: Asking, view: Mapping[str, Any]
    ) -> tuple[About, Form, Answer, dict[str, str]] | None:
        """An answer's form as it was filled in, and what is wrong with its fields; None where its
        deal is gone."""
        try:
            about = About.read(view.get("private_metadata"))
        except ValueError:
            return None
        deal, offer = self._store.deal_at(about.subject), OFFERS.get(about.offer)
        if deal is None or offer is None:
            return None
        form, typed = (
            Form.at(offer, deal, asking.policy, asking.language, asking.now),
            typed_in(view),
        )
        said, wrong = form.read(typed, asking.person, f"slack:{view.get('id')}:{about.subject}")
        errors = {field.value: label.alone(asking.language) for field, label in wrong.items()}
        return about, form, replace(said, via="slack"), errors

    def _answer_errors(self, asking: Asking, view: Mapping[str, Any]) -> dict[str, str]:
        """What is wrong with a form, beside its fields: also what the core would refuse, as long as
        changing the form helps."""
        read = self._read(asking, view)
        if read is None:
            return {}
        about, form, said, errors = read
        if errors:
            return errors
        for subject in self._store.told_with(about.subject) if about.for_all else [about.subject]:
            request = f"slack:{view.get('id')}:{subject}"
            deal = self._store.deal_at(subject)
            try:
                if deal is not None and not self._refusal(asking, deal, subject, form.offer):
                    check_answer(
                        self._answers,
                        subject,
                        replace(said, request=request),
                        asking.policy,
                        asking.now,
                    )
            except _REFUSED as error:
                refused = error if isinstance(error, AnswerRefusedError) else None
                beside = form.beside(refused, typed_in(view)) if refused else None
                return {(beside or form.offer.fields[0]).value: error.label.alone(asking.language)}
        return {}

    def _submitted(self, payload: Mapping[str, Any], now: datetime) -> str:
        """A form that was sent."""
        place, view = self._form_place(payload), payload["view"]
        asking = self._asking(place, now)
        if isinstance(asking, str):
            return self._turn_away(place, asking)
        if view.get("callback_id") == ABSENCE:
            self._absence_errors(asking, view)
            return self._home_again(asking)
        read = self._read(asking, view) if view.get("callback_id") == ANSWER else None
        if read is None:
            return self._say(asking, _sentence(GoneError(), asking.language))
        about, form, said, errors = read
        if errors:
            return "not filled in"
        subjects = self._store.told_with(about.subject) if about.for_all else [about.subject]
        return self._record(asking, subjects, said, form.offer, str(view.get("id")), about.shown_at)

    def _absence_errors(self, asking: Asking, view: Mapping[str, Any]) -> dict[str, str]:
        """Enters an absence, unless it is there already; what is wrong with it, beside its
        fields."""
        typed = typed_in(view)
        days: dict[str, date] = {}
        for day_field in (FIRST, LAST):
            try:
                days[day_field] = typed_day(typed.get(day_field, ""))
            except NotReadError as error:
                return {day_field: error.label.alone(asking.language)}
        first_on, last_on = days[FIRST], days[LAST]
        if any((a.first_on, a.last_on) == (first_on, last_on) for a in asking.person.absences):
            return {}
        delegate = self._store.person_of_slack(typed[DELEGATE]) if typed.get(DELEGATE) else None
        if typed.get(DELEGATE) and delegate is None:
            return {DELEGATE: _NO_COLLEAGUE.of(asking.language)}
        me, name = asking.person, (delegate.email or delegate.name) if delegate else None
        try:
            add_absence(
                self._absences,
                me.email or me.name,
                first_on,
                last_on,
                delegate=name,
                note=typed.get(NOTE, ""),
                actor=me.name,
                policy=asking.policy,
                now=asking.now,
            )
        except UserMustActError as error:
            concerns_delegate = delegate is not None and (
                delegate.id == me.id or not delegate.active
            )
            return {DELEGATE if concerns_delegate else LAST: error.label.of(asking.language)}
        return {}

    def _absence_removed(self, asking: Asking, number: str) -> str:
        """Takes one of the person's own absences back."""
        if not any(str(a.id) == number for a in asking.person.absences):
            return self._home_again(asking)
        try:
            cancel_absence(self._absences, int(number), asking.policy, asking.now)
        except UserMustActError as error:
            return self._say(asking, escaped(error.label.of(asking.language)))
        return self._home_again(asking)

    def _commanded(self, payload: Mapping[str, Any], now: datetime) -> str:
        """`/renewals …`."""
        place = place_of_command(payload)
        asking = self._asking(place, now)
        if isinstance(asking, str):
            return self._turn_away(place, asking)
        text, blocks = self._command.answer(
            str(payload.get("text") or ""), asking.person, asking.policy, asking.language, now
        )
        return self._tell(place, text, blocks)

    def _opened(self, place: Place, now: datetime) -> str:
        """The App Home was opened."""
        asking = self._asking(place, now)
        return (
            self._turn_away(place, asking) if isinstance(asking, str) else self._home_again(asking)
        )

    def _open(self, asking: Asking, modal: Block) -> str:
        """Opens a form; Slack allows it for three seconds."""
        code = self._workspace.call(
            "views.open", {"trigger_id": asking.place.trigger, "view": modal}
        )
        if code:
            self._say(asking, replies.TOO_LATE.of(asking.language))
            return f"no form: {code}"
        return "a form was opened"

    def _home_again(self, asking: Asking, text: str = "", *blocks: Block) -> str:
        """The person's App Home as it is now."""
        person = self._store.person(asking.person.id) or asking.person
        notice = [replies.section(text), *blocks, {"type": "divider"}] if text else []
        code = self._home.publish(
            person, asking.place.user, asking.policy, asking.language, asking.now, notice
        )
        return f"home: {code or 'shown'}"

    def _say(self, asking: Asking, text: str, *blocks: Block) -> str:
        """Tells the person, and only them, where they pressed."""
        if asking.place.home:
            return self._home_again(asking, text, *blocks)
        return self._tell(asking.place, text, [replies.section(text), *blocks])

    def _turn_away(self, place: Place, text: str) -> str:
        """Tells somebody who may not act here why, and nothing about any customer."""
        if place.home:
            code = self._home.show_only(place.user, [replies.section(text)])
            return f"turned away: {code or 'told'}"
        self._tell(place, text, [replies.section(text)])
        return "turned away"

    def _tell(self, place: Place, text: str, blocks: Sequence[Block]) -> str:
        """A message that only the person sees; where the app is not in the conversation, by the
        response address."""
        body = {"text": text[: replies.LONGEST], "blocks": list(blocks)}
        code = (
            self._workspace.call(
                "chat.postEphemeral", body | {"channel": place.channel, "user": place.user}
            )
            if place.channel
            else "no_channel"
        )
        if code and place.response_url:
            code = self._workspace.respond(
                place.response_url, body | {"response_type": "ephemeral", "replace_original": False}
            )
        return f"told: {code}" if code else "told"


def not_kept(kind: str, payload: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a form or a command is answered with where nothing can be recorded; None where there is
    no place for words."""
    if kind == COMMANDS:
        return {"response_type": "ephemeral", "text": _NOT_KEPT}
    if kind == INTERACTIVE and payload.get("type") == VIEW_SUBMISSION:
        inputs = [
            b["block_id"]
            for b in payload.get("view", {}).get("blocks", ())
            if b.get("type") == "input" and b.get("block_id")
        ]
        return {"response_action": "errors", "errors": {inputs[0]: _NOT_KEPT}} if inputs else None
    return None


def _sentence(error: AnswerRefusedError | MoveRefusedError, language: Language) -> str:
    """Why something was refused, as a message of its own."""
    return escaped(error.label.alone(language))

"""What each envelope asks for: it is read, who asks is looked up and judged, then it is done once,
and only they are told.

Always holds: the clicking person decides what is allowed; whatever is refused is explained to them
with what to do instead.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from scheduler.core.policy.policy import Policy
from scheduler.core.words.labels import in_all_languages
from scheduler.core.words.lexicon import Pace
from scheduler.core.words.mrkdwn import escaped
from scheduler.inbound.slack import replies
from scheduler.inbound.slack.absences import ABSENCE, OwnAbsences
from scheduler.inbound.slack.answers import Answers
from scheduler.inbound.slack.command import SlashCommand
from scheduler.inbound.slack.payload import (
    Asking,
    Place,
    Press,
    place_of,
    place_of_command,
    press_of,
    submission_of,
)
from scheduler.inbound.slack.showing import Screen, Workspace
from scheduler.ports import Begin, Renderer
from scheduler.services.answers.answering import AnsweringTransaction
from scheduler.services.answers.inbox import Kept
from scheduler.services.answers.worklist import WorklistStore
from scheduler.services.people.absences import AbsenceTransaction

BLOCK_ACTIONS, VIEW_SUBMISSION = "block_actions", "view_submission"
INTERACTIVE, COMMANDS, EVENTS = "interactive", "slash_commands", "events_api"
_NOT_KEPT = in_all_languages(replies.NOT_KEPT)


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
        self._workspace = workspace
        self._policy = policy
        self._screen = Screen(store, workspace, renderer)
        self._answers = Answers(store, answers, self._screen)
        self._absences = OwnAbsences(store, absences, self._screen)
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
        """What a form is answered with before anything is done; None where it may be closed. Asks
        Slack nothing."""
        if kind != INTERACTIVE or payload.get("type") != VIEW_SUBMISSION:
            return None
        sent, place = submission_of(payload), place_of(payload)
        asking = self._asking(place, now, asks_slack=False)
        if isinstance(asking, str):
            return None
        if sent.form != ABSENCE:
            return self._answers.response(asking, sent)
        errors = self._absences.errors(asking, sent)
        return {"response_action": "errors", "errors": errors} if errors else None

    def tell_not_kept(self, kind: str, payload: Mapping[str, Any]) -> str:
        """Tells whoever pressed a button that nothing was recorded; a form and a command are told
        in the acknowledgement."""
        if kind != INTERACTIVE or payload.get("type") != BLOCK_ACTIONS:
            return "told"
        return self._screen.tell(place_of(payload), _NOT_KEPT, [replies.section(_NOT_KEPT)])

    def _pressed(self, payload: Mapping[str, Any], now: datetime) -> str:
        """A button or a menu."""
        press, place = press_of(payload), place_of(payload)
        if press is None or press.action == "link":
            return "a link"
        asking = self._asking(place, now)
        if isinstance(asking, str):
            return self._screen.turn_away(place, asking)
        return self._act_on(press, asking)

    def _act_on(self, press: Press, asking: Asking) -> str:
        """What was pressed, by somebody we know."""
        match press.action:
            case "answer":
                return self._answers.press(asking, press)
            case "undo":
                number = int(press.choice) if press.choice.isdecimal() else None
                return self._answers.undo(asking, press.subject, number)
            case "pace":
                self._store.set_pace(asking.person.id, Pace(press.choice))
                return self._screen.home(asking)
            case "absence_add":
                return self._absences.open(asking)
            case "absence_remove":
                return self._absences.cancel(asking, press.choice)
        return f"nothing is known as {press.action}"

    def _submitted(self, payload: Mapping[str, Any], now: datetime) -> str:
        """A form that was sent."""
        sent, place = submission_of(payload), place_of(payload)
        asking = self._asking(place, now)
        if isinstance(asking, str):
            return self._screen.turn_away(place, asking)
        if sent.form == ABSENCE:
            self._absences.errors(asking, sent)
            return self._screen.home(asking)
        return self._answers.submit(asking, sent)

    def _commanded(self, payload: Mapping[str, Any], now: datetime) -> str:
        """`/renewals …`."""
        place = place_of_command(payload)
        asking = self._asking(place, now)
        if isinstance(asking, str):
            return self._screen.turn_away(place, asking)
        text, blocks = self._command.answer(
            str(payload.get("text") or ""), asking.person, asking.policy, asking.language, now
        )
        return self._screen.tell(place, text, blocks)

    def _opened(self, place: Place, now: datetime) -> str:
        """The App Home was opened."""
        asking = self._asking(place, now)
        if isinstance(asking, str):
            return self._screen.turn_away(place, asking)
        return self._screen.home(asking)

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

"""Absences that people enter, and take back, on their App Home."""

from datetime import date, timedelta

from scheduler.core.imports.typed import NotReadError
from scheduler.core.imports.typed import day as typed_day
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language
from scheduler.core.words.mrkdwn import escaped
from scheduler.inbound.slack.modals import datepicker, modal
from scheduler.inbound.slack.payload import About, Asking, Submission
from scheduler.inbound.slack.replies import Block, plain
from scheduler.inbound.slack.showing import Screen
from scheduler.inbound.web.forms import Typed
from scheduler.ports import Begin
from scheduler.services.answers.worklist import WorklistStore
from scheduler.services.people.absences import AbsenceTransaction, add_absence, cancel_absence

ABSENCE = "absence"
_FIRST, _LAST, _DELEGATE, _NOTE = "first_on", "last_on", "delegate", "note"
_TITLE, _SAVE = Label("Add an absence"), Label("Save")
_LABELS = {
    _FIRST: Label("First day"),
    _LAST: Label("Last day"),
    _DELEGATE: Label("Who stands in (optional)"),
    _NOTE: Label("Note (optional)"),
}
_NO_COLLEAGUE = Label("This person is not registered here.")


class OwnAbsences:
    """Enters a person's own absences, and takes them back."""

    def __init__(
        self, store: WorklistStore, absences: Begin[AbsenceTransaction], screen: Screen
    ) -> None:
        self._store = store
        self._absences = absences
        self._screen = screen

    def open(self, asking: Asking) -> str:
        """Opens the form."""
        return self._screen.open_form(asking, _form(asking.today, asking.language))

    def errors(self, asking: Asking, sent: Submission) -> dict[str, str]:
        """Enters an absence, unless it is there already; what is wrong with it, beside its
        fields."""
        typed = sent.typed
        days: dict[str, date] = {}
        for day_field in (_FIRST, _LAST):
            try:
                days[day_field] = typed_day(typed.get(day_field, ""))
            except NotReadError as error:
                return {day_field: error.label.alone(asking.language)}
        return self._entered(asking, days[_FIRST], days[_LAST], typed)

    def _entered(
        self, asking: Asking, first_on: date, last_on: date, typed: Typed
    ) -> dict[str, str]:
        """Enters it, unless just this one is there; what is wrong with it."""
        delegate = self._store.person_of_slack(typed[_DELEGATE]) if typed.get(_DELEGATE) else None
        if typed.get(_DELEGATE) and delegate is None:
            return {_DELEGATE: _NO_COLLEAGUE.of(asking.language)}
        same = (first_on, last_on, delegate.id if delegate else None)
        if same in {(a.first_on, a.last_on, a.delegate_id) for a in asking.person.absences}:
            return {}
        me, name = asking.person, (delegate.email or delegate.name) if delegate else None
        try:
            add_absence(
                self._absences,
                me.email or me.name,
                first_on,
                last_on,
                delegate=name,
                note=typed.get(_NOTE, ""),
                actor=me.name,
                policy=asking.policy,
                now=asking.now,
            )
        except UserMustActError as error:
            concerns_delegate = delegate is not None and (
                delegate.id == me.id or not delegate.active
            )
            return {_DELEGATE if concerns_delegate else _LAST: error.label.of(asking.language)}
        return {}

    def cancel(self, asking: Asking, number: str) -> str:
        """Takes one of the person's own absences back."""
        if not any(str(a.id) == number for a in asking.person.absences):
            return self._screen.home(asking)
        try:
            cancel_absence(self._absences, int(number), asking.policy, asking.now)
        except UserMustActError as error:
            return self._screen.say(asking, escaped(error.label.of(asking.language)))
        return self._screen.home(asking)


def _form(today: date, language: Language) -> Block:
    """The form for an absence, from tomorrow on."""
    day = datepicker((today + timedelta(days=1)).isoformat())
    fields: dict[str, Block] = {
        _FIRST: {"element": day},
        _LAST: {"element": day},
        _DELEGATE: {
            "optional": True,
            "element": {"type": "users_select", "action_id": "value"},
        },
        _NOTE: {
            "optional": True,
            "element": {"type": "plain_text_input", "action_id": "value", "max_length": 200},
        },
    }
    blocks: list[Block] = [
        {"type": "input", "block_id": name, "label": plain(_LABELS[name].of(language)), **field}
        for name, field in fields.items()
    ]
    return modal(ABSENCE, _TITLE, _SAVE, blocks, About(home=True), language)

"""Absences that people enter, and take back, on their App Home."""

from datetime import date

from scheduler.core.imports.typed import NotReadError
from scheduler.core.imports.typed import day as typed_day
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.core.words.mrkdwn import escaped
from scheduler.inbound.slack.modals import DELEGATE, FIRST, LAST, NOTE, absence_modal
from scheduler.inbound.slack.payload import Submission
from scheduler.inbound.slack.showing import Asking, Screen
from scheduler.inbound.web.forms import Typed
from scheduler.ports import Begin
from scheduler.services.answers.worklist import WorklistStore
from scheduler.services.people.absences import AbsenceTransaction, add_absence, cancel_absence

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
        return self._screen.open(asking, absence_modal(asking.today, asking.language))

    def errors(self, asking: Asking, sent: Submission) -> dict[str, str]:
        """Enters an absence, unless it is there already; what is wrong with it, beside its
        fields."""
        typed = sent.typed
        days: dict[str, date] = {}
        for day_field in (FIRST, LAST):
            try:
                days[day_field] = typed_day(typed.get(day_field, ""))
            except NotReadError as error:
                return {day_field: error.label.alone(asking.language)}
        return self._entered(asking, days[FIRST], days[LAST], typed)

    def _entered(
        self, asking: Asking, first_on: date, last_on: date, typed: Typed
    ) -> dict[str, str]:
        """Enters it, unless just this one is there; what is wrong with it."""
        delegate = self._store.person_of_slack(typed[DELEGATE]) if typed.get(DELEGATE) else None
        if typed.get(DELEGATE) and delegate is None:
            return {DELEGATE: _NO_COLLEAGUE.of(asking.language)}
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

    def take_back(self, asking: Asking, number: str) -> str:
        """Takes one of the person's own absences back."""
        if not any(str(a.id) == number for a in asking.person.absences):
            return self._screen.home(asking)
        try:
            cancel_absence(self._absences, int(number), asking.policy, asking.now)
        except UserMustActError as error:
            return self._screen.say(asking, escaped(error.label.of(asking.language)))
        return self._screen.home(asking)

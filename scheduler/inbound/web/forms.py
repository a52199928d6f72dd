"""The form of each answer: its fields, prefilled, and what somebody typed read back into an Answer.

Always holds: what cannot be read is shown again exactly as it was typed, with a sentence beside its
field; whether an answer is possible at all is decided by scheduler.core.answers.effects, as for
every other way to answer.
"""

import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.notices import notice_end, question
from scheduler.core.answers.offers import Offer
from scheduler.core.answers.refusals import AnswerRefusedError
from scheduler.core.answers.verbs import VERBS, Asked
from scheduler.core.answers.why import SAYS_HEALTH, offered_reasons
from scheduler.core.deal.contracts import minor_digits, whole_units
from scheduler.core.deal.deal import Deal, Lost
from scheduler.core.deal.formats import length_words, near_day
from scheduler.core.deal.people import Person
from scheduler.core.deal.successor import next_term, renewal_length
from scheduler.core.imports.typed import LONGEST_NOTE, NotReadError
from scheduler.core.imports.typed import amount as typed_amount
from scheduler.core.imports.typed import day as typed_day
from scheduler.core.imports.typed import term as typed_term
from scheduler.core.imports.words import word
from scheduler.core.policy.milestone_days import calendar_of, zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.forecast_calls import is_late
from scheduler.core.rules.snooze import SnoozeLimit, snooze_limit
from scheduler.core.time.dates import Term, local_day
from scheduler.core.words.labels import ByLanguage, Label
from scheduler.core.words.lexicon import ForecastCall, Health, Language, Paperwork, Verb

T = TypeVar("T")
Typed = Mapping[str, str]
"""What stands in the fields, by name."""

LONGEST_FIELD, _LONGEST_BASIS = 200, 1000
SNOOZE_DAYS = 3
_DAY = timedelta(days=1)
_NAMES: Mapping[Asked, Label] = {
    Asked.REASON: Label("Main reason (optional)"),
    Asked.SECOND: Label("Second reason (optional)"),
    Asked.AVOIDABLE: Label("Could it have been avoided? (optional)"),
    Asked.UNTIL: Label("Remind me on"),
    Asked.EXPECTED_ON: Label("When will they decide? (optional)"),
    Asked.AMOUNT: Label("Renewed amount"),
    Asked.TERM: Label("Renewed term"),
    Asked.STARTS_ON: Label("Renewed start"),
    Asked.ENDS_ON: Label("Renewed end"),
    Asked.ON: Label("The notice was received on"),
    Asked.CONFIRM: Label("Record it all the same?"),
    Asked.HEALTH: Label("How is the customer doing?"),
    Asked.PAPERWORK: Label("How far along is the paperwork?"),
    Asked.NOTE: Label("Note (optional)"),
}
_CONFIRM = (("yes", Label("Yes, record it")),)
_REQUIRED = {
    Asked.REASON: Label("Main reason"),
    Asked.NOTE: Label("Why it is still undecided"),
    Asked.EXPECTED_ON: Label("When will they decide?"),
}
_EMPTY = Label("This field is required.")
_NOT_LISTED = Label("Choose one from the list.")
_AVOIDABLE = (("yes", Label("Yes")), ("no", Label("No")))
_KINDS = {
    Asked.REASON: "choice",
    Asked.SECOND: "choice",
    Asked.AVOIDABLE: "choice",
    Asked.UNTIL: "date",
    Asked.EXPECTED_ON: "date",
    Asked.AMOUNT: "amount",
    Asked.TERM: "text",
    Asked.ENDS_ON: "date",
    Asked.HEALTH: "choice",
    Asked.PAPERWORK: "choice",
    Asked.NOTE: "note",
    Asked.STARTS_ON: "date",
    Asked.ON: "date",
    Asked.CONFIRM: "choice",
}
_SOMETIMES = (Asked.STARTS_ON, Asked.ENDS_ON, Asked.CONFIRM)
_AS_AGREED = (Asked.AMOUNT, Asked.TERM, Asked.STARTS_ON, Asked.ENDS_ON)
BASIS, CURRENCY = "basis", "currency"
"""The field that is not shown, in which a form keeps what the contract was like; and its currency's
name there."""


@dataclass(frozen=True, slots=True)
class Form:
    """The form of one offer for one deal, for one reader on one day."""

    offer: Offer
    deal: Deal
    policy: Policy
    language: Language
    today: date

    @classmethod
    def at(
        cls, offer: Offer, deal: Deal, policy: Policy, language: Language, now: datetime
    ) -> "Form":
        """The form as of `now`, on the deal's own day."""
        return cls(offer, deal, policy, language, local_day(now, zone_of(deal, policy)))

    def required(self, field: Asked) -> bool:
        """Whether the field may not stay empty: "unsure" close to the end needs a reason and a day
        (DESIGN §5 "Attention")."""
        late = self.offer.call is ForecastCall.UNSURE and is_late(self.deal, self.policy)
        return field in self.offer.required or (late and field in (Asked.NOTE, Asked.EXPECTED_ON))

    def fields(
        self, typed: Typed | None = None, errors: Mapping[Asked, Label] | None = None
    ) -> list[dict[str, Any]]:
        """The fields as a template shows them: prefilled, or as they were typed, each with what is
        wrong with it."""
        asked = self._asked(typed or {}, errors or {})
        return [
            self._field(field, typed, (errors or {}).get(field))
            for field in self._offered
            if field not in _SOMETIMES or field in asked
        ]

    @property
    def _offered(self) -> tuple[Asked, ...]:
        """The fields of the offer; a reason is asked for only where some are listed."""
        listed = bool(self._options(Asked.REASON))
        return tuple(f for f in self.offer.fields if listed or f is not Asked.REASON)

    def _asked(self, typed: Typed, errors: Mapping[Asked, Label]) -> set[Asked]:
        """The fields of a form that are not always asked for, as far as they are now."""
        unusual = (
            self._is_late_notice()
            or Asked.CONFIRM in errors
            or bool(typed.get(Asked.CONFIRM.value))
        )
        endless = self.deal.contract.evergreen and self.deal.contract.ends_on is None
        confirmed = {Asked.CONFIRM} if unusual else set[Asked]()
        if self.offer.verb is Verb.WON:
            return confirmed | {Asked.STARTS_ON, Asked.ENDS_ON}
        return confirmed | ({Asked.ENDS_ON} if endless else set())

    def _is_late_notice(self) -> bool:
        """Whether a notice that came today is unusual."""
        return (
            self.offer.verb is Verb.NOTICE
            and question(self.deal, self.today, self.today, self.policy) is not None
        )

    def beside(self, refused: AnswerRefusedError, typed: Typed) -> Asked | None:
        """The field beside which a refusal is shown; None where it is about none that stands in
        the form."""
        if refused.beside is None or refused.beside not in self._offered:
            return None
        asked = refused.beside not in _SOMETIMES or refused.beside in self._asked(
            typed, {refused.beside: refused.label}
        )
        return refused.beside if asked else None

    def _field(self, field: Asked, typed: Typed | None, error: Label | None) -> dict[str, Any]:
        """One field."""
        required = self.required(field)
        return {
            "name": field.value,
            "label": self._label(field, required=required).of(self.language),
            "kind": _KINDS[field],
            "value": self.prefilled(field) if typed is None else typed.get(field.value, ""),
            "required": required,
            "options": [
                {"value": value, "label": label.of(self.language)}
                for value, label in self._options(field)
            ],
            "hint": self._hint(field),
            "currency": self.deal.contract.amount.currency,
            "error": error.alone(self.language) if error else "",
            **self._bounds(field),
        }

    def _label(self, field: Asked, *, required: bool) -> Label:
        """What a field is called in this form."""
        own = VERBS[self.offer.verb].called.get(field)
        return own or (_REQUIRED if required else _NAMES).get(field, _NAMES[field])

    @property
    def basis(self) -> str:
        """What the renewed terms are prefilled with and in which currency, to be sent along with
        the form; empty for a form without them."""
        if self.offer.verb is not Verb.WON:
            return ""
        terms = {field.value: self.prefilled(field) for field in _AS_AGREED}
        return json.dumps({CURRENCY: self.deal.contract.amount.currency, **terms})

    def followed(self, typed: Typed, basis: str) -> Typed | None:
        """What was typed, with what nobody has touched as it is prefilled now, where the contract
        has changed since the form was shown with `basis`; None where it stands as it did."""
        if not basis or basis == self.basis:
            return None
        was, now = _terms_in(basis), _terms_in(self.basis)
        return {**typed, **{n: value for n, value in now.items() if typed.get(n) == was.get(n)}}

    def prefilled(self, field: Asked) -> str:
        """What stands in a field before anything is typed."""
        contract = self.deal.contract
        match field:
            case Asked.UNTIL:
                return self._snooze_day().isoformat()
            case Asked.EXPECTED_ON:
                expected = self.deal.expected_on
                said = (
                    expected is not None
                    and expected > self.today
                    and not self.deal.expected_by_default
                )
                return expected.isoformat() if said and expected else ""
            case Asked.AMOUNT:
                digits = minor_digits(contract.amount.currency)
                return (
                    ""
                    if contract.amount.minor is None
                    else f"{whole_units(contract.amount):,.{digits}f}"
                )
            case Asked.TERM:
                return self._term_words(
                    renewal_length(contract) if self._renews() else contract.term
                )
            case Asked.STARTS_ON:
                return self._next_start()
            case Asked.ENDS_ON:
                return self._next_end() if self.offer.verb is Verb.WON else self._last_day()
            case Asked.ON:
                return self.today.isoformat()
            case Asked.HEALTH:
                return self.deal.health.value
            case Asked.PAPERWORK:
                return self.deal.paperwork.value
        return ""

    def _snooze_day(self) -> date:
        """A few business days on, but before whatever comes next."""
        wished = calendar_of(self.deal, self.policy).add(self.today, SNOOZE_DAYS)
        limit = snooze_limit(self.deal, self.policy, self.today)
        return wished if limit is None else max(min(wished, limit.until_on), self.today + _DAY)

    def _next_start(self) -> str:
        """The day after the end."""
        ends_on = self.deal.contract.ends_on
        return (ends_on + _DAY).isoformat() if ends_on is not None and self._renews() else ""

    def _last_day(self) -> str:
        """The last day of a contract without an end, if its notice came today."""
        contract = self.deal.contract
        return (
            notice_end(self.today, contract.notice).isoformat()
            if contract.notice is not None and contract.ends_on is None
            else ""
        )

    def _next_end(self) -> str:
        """The end of the term that a renewal on the same terms opens."""
        if self.deal.contract.ends_on is None or not self._renews():
            return self.deal.contract.ends_on.isoformat() if self.deal.contract.ends_on else ""
        following = next_term(self.deal, self.policy.pipeline(self.deal.pipeline))
        return following.ends_on.isoformat() if following.ends_on else ""

    def _term_words(self, term: Term | None) -> str:
        """A term as this reader writes it."""
        return "" if term is None else length_words(term, self.language)

    def _options(self, field: Asked) -> list[tuple[str, Label]]:
        """What can be chosen."""
        match field:
            case Asked.REASON | Asked.SECOND:
                offer = self.offer
                return [*offered_reasons(offer.verb, self.deal, self.policy, offer.health).items()]
            case Asked.AVOIDABLE:
                return list(_AVOIDABLE)
            case Asked.CONFIRM:
                return list(_CONFIRM)
            case Asked.HEALTH:
                return [
                    (h.value, h.label.as_title)
                    for h in Health
                    if h is not Health.UNKNOWN or self.deal.health is Health.UNKNOWN
                ]
            case Asked.PAPERWORK:
                return [(p.value, p.label.as_title) for p in Paperwork]
        return []

    def _hint(self, field: Asked) -> str:
        """What helps to fill a field in."""
        if field is Asked.UNTIL:
            limit = snooze_limit(self.deal, self.policy, self.today)
            return self._until(limit).of(self.language) if limit is not None else ""
        if field is Asked.EXPECTED_ON:
            return Label("You will be asked again on that day.").of(self.language)
        if field is Asked.CONFIRM:
            asked = (
                question(self.deal, self.today, self.today, self.policy)
                if self.offer.verb is Verb.NOTICE
                else None
            )
            return asked.of(self.language) if asked is not None else ""
        if field is Asked.STARTS_ON:
            return Label("A day before the end replaces the running term.").of(self.language)
        return ""

    def _bounds(self, field: Asked) -> dict[str, str]:
        """The first and last day that can be chosen; empty where any can."""
        tomorrow = (self.today + _DAY).isoformat()
        if field is Asked.UNTIL:
            limit = snooze_limit(self.deal, self.policy, self.today)
            return {
                "min": tomorrow,
                "max": limit.until_on.isoformat()
                if limit is not None and limit.until_on > self.today
                else "",
            }
        if field is Asked.EXPECTED_ON:
            return {"min": tomorrow, "max": ""}
        return {"min": "", "max": ""}

    def read(self, typed: Typed, by: Person, request: str) -> tuple[Answer, dict[Asked, Label]]:
        """The answer that was typed, and what is wrong with single fields (the answer is then not
        to be used)."""
        short = {
            f.value: _cut(
                typed.get(f.value, ""), LONGEST_NOTE + 1 if f is Asked.NOTE else LONGEST_FIELD
            )
            for f in Asked
        }
        reading = _Reading(
            {name: unicodedata.normalize("NFKC", value).strip() for name, value in short.items()}
        )
        for field in self._offered:
            if self.required(field) and not reading.typed[field.value]:
                reading.errors[field] = _EMPTY
        note = short[Asked.NOTE.value].strip() if Asked.NOTE in self.offer.fields else ""
        reason = (
            reading.listed(Asked.REASON, self._options(Asked.REASON))
            if Asked.REASON in self._offered
            else None
        )
        said = Answer(
            self.offer.verb,
            by.name,
            by,
            call=self.offer.call,
            health=self.offer.health,
            note=note,
            via="mail",
            request=request,
        )
        readers: Mapping[Asked, Callable[[], dict[str, Any]]] = {
            Asked.UNTIL: lambda: {"until": reading.value(Asked.UNTIL, typed_day)},
            Asked.EXPECTED_ON: lambda: {"expected_on": reading.value(Asked.EXPECTED_ON, typed_day)},
            Asked.AMOUNT: lambda: {"amount": reading.value(Asked.AMOUNT, self._amount)},
            Asked.TERM: lambda: {"term": reading.value(Asked.TERM, typed_term)},
            Asked.STARTS_ON: lambda: {"starts_on": reading.value(Asked.STARTS_ON, typed_day)},
            Asked.ENDS_ON: lambda: {"ends_on": reading.value(Asked.ENDS_ON, typed_day)},
            Asked.ON: lambda: {"on": reading.value(Asked.ON, typed_day)},
            Asked.CONFIRM: lambda: {
                "confirmed": reading.listed(Asked.CONFIRM, self._options(Asked.CONFIRM)) == "yes"
            },
            Asked.HEALTH: lambda: {"health": reading.value(Asked.HEALTH, partial(word, Health))},
            Asked.PAPERWORK: lambda: {
                "paperwork": reading.value(Asked.PAPERWORK, partial(word, Paperwork))
            },
            Asked.REASON: lambda: (
                {"health_reason": reason}
                if self.offer.verb in SAYS_HEALTH
                else {"lost": self._lost(reading, reason, note)}
            ),
        }
        for field in self._offered:
            said = replace(said, **(readers[field]() if field in readers else {}))
        return self._settled(said, reading), reading.errors

    def _amount(self, written: str) -> Decimal:
        """The renewed amount; what was prefilled is the contract's own."""
        due = self.deal.contract.amount
        return whole_units(
            due if written == self.prefilled(Asked.AMOUNT) else typed_amount(written, due.currency)
        )

    def _renews(self) -> bool:
        """Whether won means another term of this contract, not the first one of a new customer."""
        return self.policy.pipeline(self.deal.pipeline).opens_pipeline is None

    def _until(self, limit: SnoozeLimit) -> Label:
        """Until when a snooze may last, and why."""
        return Label(
            "Choose a day until {until} ({what}: {comes}).",
            until=ByLanguage(near_day, limit.until_on, self.today),
            what=limit.what,
            comes=ByLanguage(near_day, limit.comes_on, self.today),
        )

    def _lost(self, reading: "_Reading", main: str | None, note: str) -> Lost | None:
        """Why it was lost, as far as the form asks."""
        second = (
            reading.listed(Asked.SECOND, self._options(Asked.SECOND))
            if Asked.SECOND in self.offer.fields
            else None
        )
        avoidable = (
            reading.listed(Asked.AVOIDABLE, self._options(Asked.AVOIDABLE))
            if Asked.AVOIDABLE in self.offer.fields
            else None
        )
        return (
            Lost(main, second, None if avoidable is None else avoidable == "yes", note)
            if main
            else None
        )

    def _settled(self, said: Answer, reading: "_Reading") -> Answer:
        """Of the renewed start, term and end those that were changed count: all are prefilled, and
        the end follows from the others, or the term from an end that was changed alone.

        Likewise the last day of a contract without an end follows the day its notice came, unless
        it was changed.
        """
        if said.verb is Verb.NOTICE:
            same = said.ends_on is not None and said.ends_on.isoformat() == self._last_day()
            return (
                replace(said, ends_on=None)
                if same or self.deal.contract.ends_on is not None
                else said
            )
        if said.verb is not Verb.WON or not self._renews():
            return said
        if said.starts_on is not None and said.starts_on.isoformat() == self._next_start():
            said = replace(said, starts_on=None)
        same_end = reading.typed[Asked.ENDS_ON.value] == self._next_end()
        same_term = said.term == renewal_length(self.deal.contract)
        if same_term and not same_end and said.ends_on is not None:
            return replace(said, term=None)
        return (
            replace(said, ends_on=None)
            if same_end and (said.starts_on is not None or not same_term)
            else said
        )


def _terms_in(basis: str) -> dict[str, str]:
    """The fields that a basis holds; none where it is no basis."""
    try:
        found = json.loads(basis[:_LONGEST_BASIS])
    except ValueError:
        return {}
    known = found.items() if isinstance(found, dict) else ()
    return {n: v for n, v in known if n != CURRENCY and isinstance(v, str)}


def _cut(typed: str, most: int) -> str:
    """What was typed, at most so many characters of it and none that a database cannot keep; what
    is longer is no value of any field."""
    return typed[:most].replace("\0", "")


class _Reading:
    """What was typed, being read; collects what is wrong."""

    def __init__(self, typed: Typed) -> None:
        self.typed = typed
        self.errors: dict[Asked, Label] = {}

    def value(self, field: Asked, understood: Callable[[str], T]) -> T | None:
        """A field's value; None where it is empty or cannot be read."""
        written = self.typed[field.value]
        try:
            return understood(written) if written else None
        except NotReadError as error:
            self.errors[field] = error.label
            return None

    def listed(self, field: Asked, options: Sequence[tuple[str, Label]]) -> str | None:
        """One of the options; None where nothing was chosen."""
        written = self.typed[field.value]
        if written and written not in [value for value, _ in options]:
            self.errors[field] = _NOT_LISTED
            return None
        return written or None

"""Answers as stories write them: `"seen"`, `"call renew"`, or `{ call = "renew", expected =
2027-02-10, by = "Bob" }`.

Always holds: one answer has one verb; the words are those of `renewals answer`.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from scheduler.core.answers.answers import Answer
from scheduler.core.config.mistakes import one_of
from scheduler.core.deal.deal import Lost
from scheduler.core.stories.fields import DAY, Fields, Place
from scheduler.core.stories.story import Reply
from scheduler.core.time.dates import Term
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Call, Health, Paperwork, Verb
from scheduler.core.words.problems import near

_VERBS = {verb.value: verb for verb in Verb}
_VALUES: Mapping[Verb, type[Call] | type[Paperwork] | type[Health]] = {
    Verb.CALL: Call,
    Verb.PAPERWORK: Paperwork,
    Verb.HEALTH: Health,
    Verb.ONBOARDED: Health,
}
_ONE = Label('one answer, e.g. "seen", "call renew" or { snooze = 2027-01-20 }')
_TERM = Label('a length of time, e.g. "12 months"')


def replies(
    fields: Fields, contracts: Collection[str], lines: Mapping[Place, int]
) -> Iterator[Reply]:
    """The answers of a day."""
    for place, value in fields.many("answer"):
        table = _as_table(value)
        if table is None:
            fields.problems.expected(place, value, _ONE)
            continue
        found = _reply(Fields(table, place, fields.problems), lines.get(place, 0))
        if found is not None:
            yield found


def _as_table(value: Any) -> dict[str, Any] | None:
    """The short form of an answer as the long one."""
    if isinstance(value, dict):
        return value
    words = value.split() if isinstance(value, str) else []
    if len(words) not in (1, 2):
        return None
    return {words[0]: True if len(words) == 1 else _day(words[1])}


def _day(text: str) -> Any:
    """A day where it is one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _reply(of: Fields, line: int) -> Reply | None:
    """One answer."""
    verbs = [
        key
        for key in of.table
        if key in _VERBS and not (key == "health" and "onboarded" in of.table)
    ]
    if len(verbs) != 1:
        _no_verb(of)
        return None
    verb = _VERBS[verbs[0]]
    value = of.value(verbs[0])
    said = {
        "verb": verb,
        "name": of.text("by"),
        "note": of.text("note"),
        "confirmed": of.flag("confirmed", default=False),
        **_of_verb(verb, value, of),
    }
    reply = Reply(
        Answer(**said), of.text("by"), of.text("contract"), of.flag("refused", default=False), line
    )
    of.done()
    return reply


def _no_verb(of: Fields) -> None:
    """No verb, or several."""
    unknown = [
        key
        for key in of.table
        if key
        not in (
            "by",
            "contract",
            "note",
            "expected",
            "refused",
            "reason",
            "amount",
            "term",
            "starts_on",
            "ends_on",
            "confirmed",
        )
    ]
    if len(unknown) == 1 and unknown[0] not in _VERBS and near(unknown[0], _VERBS):
        label = one_of(unknown[0], list(_VERBS))
        return of.problems.add(of.place, label)
    listed = ", ".join(_VERBS)
    return of.problems.add(of.place, Label("write exactly one of: {listed}", listed=listed))


def _of_verb(verb: Verb, value: Any, of: Fields) -> dict[str, Any]:
    """The fields that come with a verb."""
    place = of.at(verb.value)
    if verb in _VALUES:
        words = [word.value for word in _VALUES[verb]]
        found = {"expected_on": of.day("expected")} if verb in (Verb.CALL, Verb.PAPERWORK) else {}
        if value not in words:
            label = one_of(value, words)
            of.problems.add(place, label)
            return {}
        name = "health" if verb is Verb.ONBOARDED else verb.value
        return {name: _VALUES[verb](value), **found}
    if verb is Verb.SNOOZE:
        return _days(of, place, value, "until")
    if verb in (Verb.NOTICE, Verb.LOST):
        reason = of.text("reason") or (value if isinstance(value, str) else "")
        found = {} if isinstance(value, bool | str) else _days(of, place, value, "on")
        found |= {"ends_on": of.day("ends_on")} if verb is Verb.NOTICE else {}
        return {**found, "lost": Lost(reason)} if reason else found
    if verb is Verb.WON:
        amount = of.number("amount")
        return {
            "amount": None if amount is None else Decimal(amount),
            "term": of.read("term", Term.parse, _TERM),
            "starts_on": of.day("starts_on"),
            "ends_on": of.day("ends_on"),
        }
    return {}


def _days(of: Fields, place: Place, value: Any, name: str) -> dict[str, Any]:
    """A verb whose value is a day."""
    if isinstance(value, date):
        return {name: value}
    of.problems.expected(place, value, DAY)
    return {}

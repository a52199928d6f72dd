"""Answers as stories write them: `"seen"`, `"call renew"`, or `{ call = "renew", expected =
2027-02-10, by = "Bob" }`.

Always holds: one answer has one verb; the words are those of `renewals answer`.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.verbs import VERBS, Asked
from scheduler.core.config.mistakes import one_of
from scheduler.core.deal.deal import Lost
from scheduler.core.stories.fields import DAY, Fields, Place
from scheduler.core.stories.story import Reply
from scheduler.core.time.dates import Term
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Verb
from scheduler.core.words.problems import near

_VERBS = {verb.value: verb for verb in Verb}
_ONE = Label('one answer, e.g. "seen", "call renew" or { snooze = 2027-01-20 }')
_TERM = Label('a length of time, e.g. "12 months"')


def replies(
    fields: Fields, meant: Callable[[str], str], lines: Mapping[Place, int]
) -> Iterator[Reply]:
    """The answers of a day. `meant` gives a contract's number as the story has it."""
    for place, value in fields.many("answer"):
        table = _as_table(value)
        if table is None:
            fields.problems.expected(place, value, _ONE)
            continue
        found = _reply(Fields(table, place, fields.problems), meant, lines.get(place, 0))
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


def _reply(of: Fields, meant: Callable[[str], str], line: int) -> Reply | None:
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
        Answer(**said),
        of.text("by"),
        meant(of.text("contract")),
        of.flag("refused", default=False),
        line,
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
    """What a verb says besides itself: its value, and what its form asks for."""
    rule, place = VERBS[verb], of.at(verb.value)
    found = {name: read(of) for asked, (name, read) in _READ.items() if asked in rule.asks}
    if rule.value is not None:
        words = [word.value for word in rule.value.kind]
        if value not in words:
            of.problems.add(place, one_of(value, words))
            return {}
        if Asked.REASON in rule.asks:
            found["health_reason"] = of.text("reason") or None
        return {rule.value.field: rule.value.kind(value), **found}
    if Asked.REASON in rule.asks:
        reason = of.text("reason") or (value if isinstance(value, str) else "")
        found |= {} if isinstance(value, bool | str) else _days(of, place, value, "on")
        return {**found, "lost": Lost(reason)} if reason else found
    return found | _days(of, place, value, "until") if Asked.UNTIL in rule.asks else found


def _amount(of: Fields) -> Decimal | None:
    """An amount as a number."""
    written = of.number("amount")
    return None if written is None else Decimal(written)


_READ: Mapping[Asked, tuple[str, Callable[[Fields], Any]]] = {
    Asked.EXPECTED_ON: ("expected_on", lambda of: of.day("expected")),
    Asked.AMOUNT: ("amount", _amount),
    Asked.TERM: ("term", lambda of: of.read("term", Term.parse, _TERM)),
    Asked.STARTS_ON: ("starts_on", lambda of: of.day("starts_on")),
    Asked.ENDS_ON: ("ends_on", lambda of: of.day("ends_on")),
}
"""What is written beside a verb: in which field of an answer it goes, and how it is read."""


def _days(of: Fields, place: Place, value: Any, name: str) -> dict[str, Any]:
    """A verb whose value is a day."""
    if isinstance(value, date):
        return {name: value}
    of.problems.expected(place, value, DAY)
    return {}

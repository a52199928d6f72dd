"""Mistakes in the shape of `config.toml` or a mapping file, in words: pydantic's errors as one
sentence per place, with what to write instead.

Always holds: one mistake per place; a sentence never quotes more than the value it is about.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from scheduler.core.config.fields import shown
from scheduler.core.config.tables.shape import Root, Shape, fields_of
from scheduler.core.words.labels import ByLanguage, Label
from scheduler.core.words.lexicon import Language
from scheduler.core.words.problems import near

Place = tuple[str | int, ...]
Found = tuple[Place, Label]

_EXPECTED = {
    "string_type": Label("text in quotation marks"),
    "int_type": Label("a whole number"),
    "int_from_float": Label("a whole number"),
    "float_type": Label("a number"),
    "bool_type": Label("true or false"),
    "list_type": Label("a list: [ … ]"),
    "dict_type": Label("a table: { … }"),
    "model_type": Label("a table: { … }"),
    "string_too_short": Label("text that is not empty"),
    "finite_number": Label("a finite number"),
}
_BOUNDS = {
    "ge": Label("at least {}"),
    "gt": Label("more than {}"),
    "le": Label("at most {}"),
}


def structural(raw: Mapping[str, Any], shape: Shape[Root]) -> tuple[Root | None, list[Found]]:
    """The file's tables, or every mistake in their shape with its place."""
    try:
        return shape.root.model_validate(raw), []
    except ValidationError as error:
        return None, list(_one_per_place(error, shape))


_MEMBERS = ("function-", "literal[")
"""How pydantic calls members of a union that have no name."""


def _one_per_place(error: ValidationError, shape: Shape[Root]) -> Iterator[Found]:
    """Keeps one problem per place (a union reports each of its members). A misspelt setting is not
    reported as missing too."""
    details: dict[Place, ErrorDetails] = {}
    for detail in error.errors():
        details.setdefault(_place(detail), detail)
    misspelt = {
        (*place[:-1], _key_meant(place, shape))
        for place, detail in details.items()
        if detail["type"] == "extra_forbidden"
    }
    for place, detail in details.items():
        if detail["type"] != "missing" or place not in misspelt:
            yield place, _worded(detail, place, shape)


def _key_meant(place: Place, shape: Shape[Root]) -> str | None:
    """The setting of the same table that is closest to a key."""
    return near(str(place[-1]), shape.keys_at(place[:-1]))


def _place(detail: ErrorDetails) -> Place:
    """The place in the file, without what pydantic adds for members of a union, keys and
    validators."""
    place = tuple(detail["loc"])
    if place[:1] == ("milestones",) and "where" in place:
        return place[: place.index("where") + 2]
    return tuple(p for p in place if p != "[key]" and not str(p).startswith(_MEMBERS))


def _worded(detail: ErrorDetails, place: Place, shape: Shape[Root]) -> Label:
    """What is wrong and what to write instead, in both languages."""
    context, kind, value = detail.get("ctx", {}), detail["type"], detail.get("input")
    if kind == "label":
        said: Label = context["said"]
        return said
    if kind == "extra_forbidden":
        return _unknown_key(place, shape)
    if kind == "missing":
        return Label("is required")
    if place[:1] == ("milestones",) and "where" in place[:-1]:
        return Label(
            '{value} is not a condition; write e.g. ">= 1000000", ["smb", "mid"], true or '
            '{{ not = ["smb"] }}',
            value=shown(value),
        )
    if kind in ("enum", "literal_error"):
        return one_of(value, re.findall(r"'([^']*)'", str(context.get("expected", ""))))
    if kind == "too_short":
        return Label("is empty; write at least one")
    return _heading(place, value, shape) or _expected(value, _what_instead(kind, context, value))


def _heading(place: Place, value: Any, shape: Shape[Root]) -> Label | None:
    """How to write a heading that has one pair of brackets too many or too few."""
    if len(place) != 1 or not isinstance(value, dict | list):
        return None
    heading = shape.headings.get(str(place[0]))
    return (
        Label("write its heading as {heading}", heading=heading)
        if heading and (value or isinstance(value, dict))
        else None
    )


def _what_instead(kind: str, context: Mapping[str, Any], value: Any) -> Label:
    """What to write instead of a value of the wrong kind or size."""
    bound = next((key for key in _BOUNDS if key in context), None)
    if bound is not None:
        number = f"{context[bound]:g}"
        return Label.verbatim(ByLanguage(_bounded, _BOUNDS[bound], number))
    if kind == "list_type" and isinstance(value, str):
        return Label("a list: [{shown}]", shown=shown(value))
    return _EXPECTED[kind]


def _bounded(bound: Label, number: str, language: Language) -> str:
    """A bound with its number."""
    return bound.of(language).format(number)


def _expected(value: Any, what: Label) -> Label:
    """`"x" is not possible; write a whole number`."""
    return Label("{value} is not possible; write {what}", value=shown(value), what=what)


def one_of(value: Any, words: list[str]) -> Label:
    """The sentence about a word that is not one of `words`."""
    close, listed = near(str(value), words), ", ".join(words)
    hint = (
        Label('did you mean "{close}"?', close=close)
        if close
        else Label("write one of: {listed}", listed=listed)
    )
    return Label("{value} is not known; {hint}", value=shown(value), hint=hint)


def unknown(word: str, known: Iterable[str], what: Label) -> Label:
    """`there is no <what> "word"; did you mean "…"?`, or the list of the existing ones."""
    names = list(known)
    close = near(word, names)
    listed = ", ".join(names) or "—"
    hint = (
        Label('did you mean "{close}"?', close=close)
        if close
        else Label("there are: {listed}", listed=listed)
    )
    return Label("there is no {what} {word}; {hint}", what=what, word=shown(word), hint=hint)


def _unknown_key(place: Place, shape: Shape[Root]) -> Label:
    """The sentence about an unknown key, with the one that was meant, or the place where it
    belongs."""
    key, known = str(place[-1]), shape.keys_at(place[:-1])
    named, close = shown(key), _key_meant(place, shape)
    if close:
        return Label(
            'there is no setting {named}; did you mean "{close}"?', named=named, close=close
        )
    if len(place) > 1 and key in fields_of(shape.root) and key not in shape.headings:
        return Label("{named} does not belong here; move it above the first [table]", named=named)
    homes = [path for path, table in shape.tables.items() if path and key in fields_of(table)]
    if len(homes) == 1:
        home = ".".join(homes[0])
        return Label(
            "{named} does not belong here; it is a setting of {home}", named=named, home=home
        )
    listed = ", ".join(known)
    return Label("there is no setting {named}; there are: {listed}", named=named, listed=listed)

"""What does not fit the shape of `config.toml`, in words: pydantic's errors as one sentence per
place, with what to write instead.

Always holds: one mistake per place; a sentence never quotes more than the value it is about.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from scheduler.core.config.fields import shown, shown_ja
from scheduler.core.config.tables import (
    AttentionTable,
    CalendarTable,
    ClosureTable,
    ConfigTable,
    ImportTable,
    LostReasonTable,
    MachineTable,
    MilestoneTable,
    PipelineTable,
    StageTable,
    Table,
    fields_of,
)
from scheduler.core.words.labels import Label
from scheduler.core.words.problems import near

Place = tuple[str | int, ...]
Found = tuple[Place, Label]

_TABLES: Mapping[tuple[str, ...], type[Table]] = {
    (): ConfigTable,
    ("pipelines",): PipelineTable,
    ("pipelines", "stages"): StageTable,
    ("pipelines", "lost_reasons"): LostReasonTable,
    ("milestones",): MilestoneTable,
    ("calendars", "*"): CalendarTable,
    ("calendars", "*", "closures"): ClosureTable,
    ("attention",): AttentionTable,
    ("import",): ImportTable,
    ("machine",): MachineTable,
}
"""The tables by their place; a list's numbers left out, `*` for a name of the user's own."""
_EXPECTED = {
    "string_type": Label('文字列("…")', "text in quotation marks"),
    "int_type": Label("整数", "a whole number"),
    "int_from_float": Label("整数", "a whole number"),
    "float_type": Label("数値", "a number"),
    "bool_type": Label("trueかfalse", "true or false"),
    "list_type": Label("リスト([ … ])", "a list: [ … ]"),
    "dict_type": Label("表({ … })", "a table: { … }"),
    "model_type": Label("表({ … })", "a table: { … }"),
    "string_too_short": Label("空でない文字列", "text that is not empty"),
    "finite_number": Label("有限の数値", "a finite number"),
}
_BOUNDS = {
    "ge": Label("{}以上", "at least {}"),
    "gt": Label("{}より大きい値", "more than {}"),
    "le": Label("{}以下", "at most {}"),
}


def structural(raw: Mapping[str, Any]) -> tuple[ConfigTable | None, list[Found]]:
    """The file's tables, or every mistake in their shape with its place."""
    try:
        return ConfigTable.model_validate(raw), []
    except ValidationError as error:
        return None, list(_one_per_place(error))


def _one_per_place(error: ValidationError) -> Iterator[Found]:
    """One problem per place: a union reports each of its members. A setting that is only misspelt
    is not missing too."""
    details: dict[Place, ErrorDetails] = {}
    for detail in error.errors():
        details.setdefault(_place(detail), detail)
    misspelt = {
        (*place[:-1], _key_meant(place))
        for place, detail in details.items()
        if detail["type"] == "extra_forbidden"
    }
    for place, detail in details.items():
        if detail["type"] != "missing" or place not in misspelt:
            yield place, _worded(detail, place)


def _place(detail: ErrorDetails) -> Place:
    """Where it is in the file: what pydantic adds for members of a union, for keys and for
    validators is left out."""
    place = tuple(detail["loc"])
    if "where" in place:
        return place[: place.index("where") + 2]
    return tuple(p for p in place if p != "[key]" and not str(p).startswith("function-"))


def _worded(detail: ErrorDetails, place: Place) -> Label:
    """What is wrong and what to write instead, in both languages."""
    context, kind, value = detail.get("ctx", {}), detail["type"], detail.get("input")
    if kind == "label":
        return Label(context["ja"], context["en"])
    if kind == "extra_forbidden":
        return _unknown_key(place)
    if kind == "missing":
        return Label("必須の設定がありません", "is required")
    if "where" in place[:-1]:
        return Label(
            (
                f'{shown_ja(value)} は条件として読めません。例：">= 1000000"、["smb", "mid"]、'
                f'true、{{ not = ["smb"] }}'
            ),
            (
                f'{shown(value)} is not a condition; write e.g. ">= 1000000", ["smb", "mid"], true '
                f'or {{ not = ["smb"] }}'
            ),
        )
    if kind in ("enum", "literal_error"):
        return one_of(value, re.findall(r"'([^']*)'", str(context.get("expected", ""))))
    if kind == "too_short":
        return Label("空です。1つ以上書いてください", "is empty; write at least one")
    return _heading(place, value) or _expected(value, _what_instead(kind, context, value))


def _heading(place: Place, value: Any) -> Label | None:
    """A table whose heading has one pair of brackets too many or too few."""
    if len(place) != 1 or not isinstance(value, dict | list):
        return None
    key = str(place[0])
    heading = {
        "pipelines": "[[pipelines]]",
        "milestones": "[[milestones]]",
        "calendars": "[calendars.jp]",
        "machine": "[machine]",
    }.get(key)
    return (
        Label(f"見出しは {heading} の形で書いてください", f"write its heading as {heading}")
        if heading and (value or isinstance(value, dict))
        else None
    )


def _what_instead(kind: str, context: Mapping[str, Any], value: Any) -> Label:
    """What to write instead of a value of the wrong kind or size."""
    bound = next((key for key in _BOUNDS if key in context), None)
    if bound is not None:
        number = f"{context[bound]:g}"
        return Label(_BOUNDS[bound].ja.format(number), _BOUNDS[bound].en.format(number))
    if kind == "list_type" and isinstance(value, str):
        return Label(f"リスト([{shown(value)}])", f"a list: [{shown(value)}]")
    return _EXPECTED[kind]


def _expected(value: Any, what: Label) -> Label:
    """`"x" is not possible; write a whole number`."""
    return Label(
        f"{shown_ja(value)} は使えません。{what.ja}を書いてください",
        f"{shown(value)} is not possible; write {what.en}",
    )


def one_of(value: Any, words: list[str]) -> Label:
    """A word that is none of `words`."""
    close, listed = near(str(value), words), ", ".join(words)
    return Label(
        f"{shown_ja(value)} は使えません。"
        + (f"「{close}」のことですか。" if close else f"次のいずれか：{listed}"),
        f"{shown(value)} is not known; "
        + (f'did you mean "{close}"?' if close else f"write one of: {listed}"),
    )


def unknown(word: str, known: Iterable[str], ja: str, en: str) -> Label:
    """`there is no <en> "word"; did you mean "…"?`, or the list of those there are."""
    names = list(known)
    close = near(word, names)
    listed = ", ".join(names) or "—"
    hint_ja = f"「{close}」のことですか。" if close else f"使えるもの：{listed}"
    hint_en = f'did you mean "{close}"?' if close else f"there are: {listed}"
    return Label(
        f"{ja} {shown(word)} はありません。{hint_ja}", f"there is no {en} {shown(word)}; {hint_en}"
    )


def _unknown_key(place: Place) -> Label:
    """A key that does not exist, with the one that was meant, or the place where it belongs."""
    key, known = str(place[-1]), _keys_at(place[:-1])
    named, close = shown(key), _key_meant(place)
    if close:
        return Label(
            f"{named} という設定はありません。「{close}」のことですか。",
            f'there is no setting {named}; did you mean "{close}"?',
        )
    if len(place) > 1 and key in fields_of(ConfigTable):
        return Label(
            f"{named} はここには書けません。最初の [表] より上に移してください",
            f"{named} does not belong here; move it above the first [table]",
        )
    homes = [path for path, table in _TABLES.items() if path and key in fields_of(table)]
    if len(homes) == 1:
        home = ".".join(homes[0])
        return Label(
            f"{named} はここには書けません。{home} の設定です",
            f"{named} does not belong here; it is a setting of {home}",
        )
    listed = ", ".join(known)
    return Label(
        f"{named} という設定はありません。使えるもの：{listed}",
        f"there is no setting {named}; there are: {listed}",
    )


def _key_meant(place: Place) -> str | None:
    """The setting of the same table that a key is most like."""
    return near(str(place[-1]), _keys_at(place[:-1]))


def _keys_at(place: Place) -> list[str]:
    """The keys of the table at `place`."""
    names = [p for p in place if isinstance(p, str)]
    if names[:1] == ["calendars"]:
        names[1:2] = "*"
    return list(fields_of(_TABLES[tuple(names)]))

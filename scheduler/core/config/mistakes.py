"""What does not fit the shape of `config.toml`, in words: pydantic's errors as one sentence per place, with what to write instead.

Always holds: one mistake per place; a sentence never quotes more than the value it is about.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from scheduler.core.config.fields import shown
from scheduler.core.config.tables import (
    AttentionTable,
    CalendarTable,
    ClosureTable,
    ConfigTable,
    LostReasonTable,
    MachineTable,
    MilestoneTable,
    PipelineTable,
    StageTable,
    Table,
)
from scheduler.core.labels import Label
from scheduler.core.problems import near

Place = tuple[str | int, ...]
Found = tuple[Place, Label]

_TABLES: Mapping[str, type[Table]] = {
    "pipelines": PipelineTable,
    "stages": StageTable,
    "lost_reasons": LostReasonTable,
    "milestones": MilestoneTable,
    "calendars": CalendarTable,
    "closures": ClosureTable,
    "attention": AttentionTable,
    "machine": MachineTable,
}
_EXPECTED = {
    "string_type": Label('文字列("…")', "text in quotation marks"),
    "int_type": Label("整数", "a whole number"),
    "int_from_float": Label("整数", "a whole number"),
    "float_type": Label("数値", "a number"),
    "bool_type": Label("trueかfalse", "true or false"),
    "list_type": Label("リスト([ … ])", "a list: [ … ]"),
    "dict_type": Label("表({ … })", "a table: { … }"),
    "model_type": Label("表({ … })", "a table: { … }"),
    "too_short": Label("1つ以上", "at least one"),
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
    """One problem per place: a union reports each of its members."""
    seen: set[Place] = set()
    for detail in error.errors():
        place = _place(detail)
        if place not in seen:
            seen.add(place)
            yield place, _worded(detail, place)


def _place(detail: ErrorDetails) -> Place:
    """Where it is in the file: what pydantic adds for members of a union, for keys and for validators is left out."""
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
    if "where" in place:
        return Label(
            f'{shown(value)} は条件として読めません。例：">= 1000000"、["smb", "mid"]、true、{{ not = ["smb"] }}',
            f'{shown(value)} is not a condition; write e.g. ">= 1000000", ["smb", "mid"], true or {{ not = ["smb"] }}',
        )
    if kind in ("enum", "literal_error"):
        return one_of(value, re.findall(r"'([^']*)'", str(context.get("expected", ""))))
    bound = next((label for key, label in _BOUNDS.items() if key in context), None)
    if bound is not None:
        number = next(context[key] for key in _BOUNDS if key in context)
        return _expected(value, Label(bound.ja.format(f"{number:g}"), bound.en.format(f"{number:g}")))
    return _expected(value, _EXPECTED.get(kind, Label(detail["msg"], detail["msg"])))


def _expected(value: Any, what: Label) -> Label:
    """`"x" is not possible; write a whole number`."""
    ja = {"a table": "表", "a list": "リスト"}.get(shown(value), shown(value))
    return Label(f"{ja} は使えません。{what.ja}を書いてください", f"{shown(value)} is not possible; write {what.en}")


def one_of(value: Any, words: list[str]) -> Label:
    """A word that is none of `words`."""
    close, listed = near(str(value), words), ", ".join(words)
    return Label(
        f"{shown(value)} は使えません。" + (f"「{close}」のことですか。" if close else f"次のいずれか：{listed}"),
        f"{shown(value)} is not known; " + (f'did you mean "{close}"?' if close else f"write one of: {listed}"),
    )


def _unknown_key(place: Place) -> Label:
    """A key that does not exist, with the one that was meant, or the place where it belongs."""
    key, known = str(place[-1]), _keys_at(place[:-1])
    close = near(key, known)
    if close:
        return Label(f"「{key}」という設定はありません。「{close}」のことですか。", f'there is no setting "{key}"; did you mean "{close}"?')
    if len(place) > 1 and key in ConfigTable.model_fields:
        return Label(
            f"「{key}」はここには書けません。最初の [表] より上に移してください", f'"{key}" does not belong here; move it above the first [table]'
        )
    listed = ", ".join(known)
    return Label(f"「{key}」という設定はありません。使えるもの：{listed}", f'there is no setting "{key}"; there are: {listed}')


def _keys_at(place: Place) -> list[str]:
    """The keys of the table at `place`."""
    table = next((_TABLES[p] for p in reversed(place) if isinstance(p, str) and p in _TABLES), ConfigTable)
    return list(table.model_fields)

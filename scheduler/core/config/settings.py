"""A document's settings as a tree: every setting in effect, both the written ones and the defaults
of those left out.

Always holds: any document that was ever applied has a tree, even if this program no longer knows
its settings; a setting that follows another one when left out (a pipeline's zone, a milestone's
series) has that one's value.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo

from scheduler.core.config.mistakes import Place
from scheduler.core.config.tables.config import ConfigTable
from scheduler.core.config.tables.machine import MachineTable
from scheduler.core.config.tables.milestones import MilestoneTable, NotTable
from scheduler.core.config.tables.pipelines import PipelineTable
from scheduler.core.config.tables.shape import LabelTable, Table, fields_of
from scheduler.core.config.toml.values import key_text

_IN_BRACKETS = re.compile(r"[\w.~-]+", re.ASCII)


class BranchKind(StrEnum):
    """What the entries of a branch are: a table's settings, entries under the user's own names, or
    a list's items under their ids."""

    TABLE = "table"
    NAMED = "named"
    LISTED = "listed"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value as in TOML; None for no value. `written`: it is in the document. `place`: where it
    is, or would be. `label`: a text in both languages."""

    value: Any
    written: bool
    place: Place
    label: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """A table or list. `key`: the setting of its items that names the `entries`; it is not repeated
    within them."""

    entries: "Mapping[str, Leaf | Branch]"
    kind: BranchKind = BranchKind.TABLE
    key: str = ""


Node = Leaf | Branch
NOTHING = Leaf(None, False, ())


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of a listing: a leaf with its path for people."""

    path: str
    leaf: Leaf


def policy_settings(policy: Mapping[str, Any]) -> Branch:
    """The tree of a document's `policy`."""
    fields = {name: field for name, field in fields_of(ConfigTable).items() if name != "machine"}
    return _table(
        {name: value for name, value in policy.items() if name != "machine"},
        fields,
        ConfigTable,
        (),
        policy,
    )


def machine_settings(config: Mapping[str, Any]) -> Branch:
    """The tree of the machine's own settings in a file."""
    machine = config.get("machine", {})
    return Branch(
        {"machine": _table(machine, fields_of(MachineTable), MachineTable, ("machine",), config)}
    )


def listed(branch: Branch, path: str = "") -> Iterator[Setting]:
    """Every setting with a value, in the document's order; in each table values come before tables,
    as in TOML."""
    for key, node in branch.entries.items():
        at = inside(path, key, branch.kind)
        if isinstance(node, Branch):
            yield from listed(node, at)
        elif node.value is not None:
            yield Setting(at, node)


def inside(path: str, key: str, kind: BranchKind) -> str:
    """The path of an entry as people write it, lists by id.

    >>> inside("pipelines[existing].stages", "won", BranchKind.LISTED)
    'pipelines[existing].stages[won]'
    >>> inside("", "zone", BranchKind.TABLE)
    'zone'
    """
    if kind is BranchKind.LISTED:
        return f"{path}[{key if _IN_BRACKETS.fullmatch(key) else key_text(key)}]"
    return f"{path}.{key_text(key)}" if path else key_text(key)


def _table(
    raw: Any,
    fields: Mapping[str, FieldInfo],
    table: type[Table],
    place: Place,
    root: Mapping[str, Any],
    without: str = "",
) -> Branch:
    """A table's settings: the written ones, then those left out; values before tables."""
    written = raw if isinstance(raw, Mapping) else {}
    follows = _followed(table, written, root)
    grown: dict[str, Node] = {}
    for name in [*written, *(name for name in fields if name not in written)]:
        if name == without:
            continue
        default = (
            follows[name] if name in follows else _default(fields[name]) if name in fields else None
        )
        grown[name] = _node(
            fields.get(name), written.get(name, default), name in written, (*place, name), root
        )
    return Branch(dict(sorted(grown.items(), key=lambda entry: isinstance(entry[1], Branch))))


def _node(
    field: FieldInfo | None, value: Any, written: bool, place: Place, root: Mapping[str, Any]
) -> Node:
    """One setting: a leaf or a branch."""
    annotation: Any = field.annotation if field is not None else None
    optional = [a for a in get_args(annotation) if _is_table(a)]
    if optional and type(None) in get_args(annotation):
        annotation = optional[0]
    origin, inner = (
        get_origin(annotation),
        next((a for a in reversed(get_args(annotation)) if _is_table(a)), None),
    )
    if origin is list and inner is not None and isinstance(value, list):
        return _list(value, inner, place, root)
    if origin is dict and isinstance(value, Mapping):
        return _named(value, inner, place, written, root)
    if _is_table(annotation) and annotation is not LabelTable and isinstance(value, Mapping):
        return _table(value, fields_of(annotation), annotation, place, root)
    return Leaf(value, written, place, _is_label(annotation))


def _list(
    items: Sequence[Any], table: type[Table], place: Place, root: Mapping[str, Any]
) -> Branch:
    """Items under their ids, or under their first setting; a repeated name gets a number."""
    key = "id" if "id" in fields_of(table) else next(iter(fields_of(table)))
    entries: dict[str, Node] = {}
    for number, item in enumerate(items):
        name = str(item.get(key, number)) if isinstance(item, Mapping) else str(number)
        taken = sum(
            1 for n in range(number) if isinstance(items[n], Mapping) and items[n].get(key) == name
        )
        entries[f"{name}~{taken + 1}" if taken else name] = _table(
            item, fields_of(table), table, (*place, number), root, without=key
        )
    return Branch(entries, BranchKind.LISTED, key)


def _named(
    value: Mapping[str, Any],
    table: type[Table] | None,
    place: Place,
    written: bool,
    root: Mapping[str, Any],
) -> Branch:
    """Tables or values under the user's own names."""
    entries: dict[str, Node] = {}
    for name, item in value.items():
        at = (*place, name)
        entries[name] = (
            _table(item, fields_of(table), table, at, root)
            if table is not None
            else Leaf(item, written, at)
        )
    return Branch(entries, BranchKind.NAMED)


def _is_table(annotation: Any) -> bool:
    """Whether a type is the model of a table with settings (a condition's `not` is a value)."""
    return (
        isinstance(annotation, type)
        and issubclass(annotation, Table)
        and annotation is not NotTable
    )


def _is_label(annotation: Any) -> bool:
    """Whether a type is a text in both languages, perhaps left out."""
    return annotation is LabelTable or any(_is_label(inner) for inner in get_args(annotation))


def _default(field: FieldInfo) -> Any:
    """The default of a setting as in TOML; None for no value."""
    return None if field.is_required() else _plain(field.default)


def _plain(value: Any) -> Any:
    """A default as TOML has it."""
    if isinstance(value, Table):
        return {}
    if isinstance(value, Enum):
        return value.value
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _followed(
    table: type[Table], raw: Mapping[str, Any], root: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The settings left out in this table that take the value of another setting."""
    if table is MilestoneTable:
        return {"series": raw.get("id"), "template": raw.get("id"), "repeat_every": _repeats(root)}
    if table is PipelineTable:
        defaults = fields_of(ConfigTable)
        return {
            "zone": root.get("zone", _default(defaults["zone"])),
            "calendar": root.get("calendar", _default(defaults["calendar"])),
            "default_active": _first_active(raw.get("stages")),
        }
    return {}


def _repeats(root: Mapping[str, Any]) -> Any:
    """Business days between reminders of a milestone that does not set them."""
    attention = root.get("attention")
    default = _plain(fields_of(ConfigTable)["attention"].default.repeat_every)
    return attention.get("repeat_every", default) if isinstance(attention, Mapping) else default


def _first_active(stages: Any) -> Any:
    """The first active stage."""
    found = stages if isinstance(stages, list) else ()
    return next(
        (s.get("id") for s in found if isinstance(s, Mapping) and s.get("kind") == "active"), None
    )

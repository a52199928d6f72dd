"""What differs between two documents (two versions of the policy, or a version and the file), as a
person would say it: by ids, and in effect rather than in spelling.

Always holds: writing out a default is no difference, nor is another way to write the same length of
time; a milestone or stage that says `was = ["old"]` is the old one under another name, and what
refers to it by either name refers to the same.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from scheduler.core.config.conditions import conditions
from scheduler.core.config.fields import clock_time, hours, rhythm
from scheduler.core.config.settings import (
    NOTHING,
    Branch,
    BranchKind,
    Leaf,
    Node,
    inside,
    policy_settings,
)
from scheduler.core.time.dates import Offset

TEMPLATES = "templates "
"""What the path of a template begins with; its name follows."""


class SettingChange(StrEnum):
    """What became of a setting."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    MERGED = "merged"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `path` is dotted, list items by their ids: `milestones[renewal_3m].offset`,
    `templates en/default/slack.txt`.

    changed          `old` and `new` are the values; None where there is none.
    added, removed   `new` or `old` is the value of a single setting; None for a whole milestone,
                     stage, calendar …
    renamed          the item of `path` stood there under the id `old` before; `new` is its present
                     id.
    merged           an item that was there before takes over what was `old`, which is gone.
    moved            the item stood after the one with the id `old` and stands after `new` now; None
                     for the first place.
    Of a template `old` and `new` are the texts, and `lines` is how many lines were changed, added
    or removed.
    """

    path: str
    kind: SettingChange
    old: Any = None
    new: Any = None
    lines: int = 0

    @property
    def is_template(self) -> bool:
        """Whether it is about a template."""
        return self.path.startswith(TEMPLATES)


def differences(
    old_document: Mapping[str, Any], new_document: Mapping[str, Any]
) -> list[Difference]:
    """The differences of the second document from the first (`{"policy": …, "templates": …}`, as in
    `Config.document` and the database), in the second one's order."""
    old, new = policy_settings(old_document["policy"]), policy_settings(new_document["policy"])
    found = [*_Comparison(_successors(new)).branches("", old, new)]
    return [
        *found,
        *_templates(old_document.get("templates", {}), new_document.get("templates", {})),
    ]


def _successors(policy: Branch) -> dict[str, dict[str, str]]:
    """For each pipeline: the removed stages, with those that replace them."""
    found: dict[str, dict[str, str]] = {}
    for pipeline, settings in _entries(policy.entries.get("pipelines")).items():
        stages = _entries(_entries(settings).get("stages"))
        found[pipeline] = {was: id for id, stage in stages.items() for was in _was(stage)}
    return found


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Walks two trees side by side. `successors`: stages by pipeline; `stages`: those of the
    current pipeline."""

    successors: Mapping[str, Mapping[str, str]]
    stages: Mapping[str, str] = field(default_factory=dict)

    def branches(self, path: str, old: Branch, new: Branch) -> Iterator[Difference]:
        """The differences in and below two branches."""
        if new.kind is BranchKind.LISTED:
            yield from self._listed(path, old, new)
            return
        for key in [*new.entries, *(key for key in old.entries if key not in new.entries)]:
            at = inside(path, key, new.kind)
            before, after = old.entries.get(key), new.entries.get(key)
            if new.kind is BranchKind.NAMED and (before is None or after is None):
                yield Difference(
                    at,
                    SettingChange.REMOVED if after is None else SettingChange.ADDED,
                    _value(before),
                    _value(after),
                )
            else:
                yield from self._nodes(at, before or NOTHING, after or NOTHING)

    def _nodes(self, path: str, old: Node, new: Node) -> Iterator[Difference]:
        """What differs in one setting."""
        if isinstance(old, Branch) and isinstance(new, Branch):
            yield from self.branches(path, old, new)
        elif isinstance(old, Leaf) and isinstance(new, Leaf):
            yield from self._leaves(path, old, new)
        else:
            yield Difference(path, SettingChange.CHANGED)

    def _leaves(self, path: str, old: Leaf, new: Leaf) -> Iterator[Difference]:
        """What differs in one value."""
        unwritten = not old.written and not new.written
        if unwritten or self._meaning(path, old.value) == self._meaning(path, new.value):
            return
        before, after = _languages(old), _languages(new)
        if before and after and not (_one_text(before) and _one_text(after)):
            both = [language for language in after if before.get(language) != after[language]]
            yield from (
                Difference(
                    f"{path}.{language}",
                    SettingChange.CHANGED,
                    before.get(language),
                    after[language],
                )
                for language in both
            )
        elif before != after or not before:
            yield Difference(path, SettingChange.CHANGED, old.value, new.value)

    def _meaning(self, path: str, value: Any) -> object:
        """A value's meaning, equal for values that mean the same."""
        setting = path.rpartition(".")[2]
        if setting in ("moves_to", "default_active"):
            return self.stages.get(value, value)
        if setting == "stages" and isinstance(value, list):
            return [self.stages.get(stage, stage) for stage in value]
        read = _conditions_of(setting) if ".where." in path else _MEANINGS.get(setting)
        try:
            return read(value) if read is not None and isinstance(value, str) else value
        except ValueError:
            return value

    def _listed(self, path: str, old: Branch, new: Branch) -> Iterator[Difference]:
        """Compares items by their ids: removed, added, renamed, moved, and what differs in those
        that stayed."""
        earlier = {id: _earlier(id, item, old) for id, item in new.entries.items()}
        gone = [id for id in old.entries if id not in earlier.values()]
        taken_over = {
            was: id for id, item in new.entries.items() for was in _was(item) if was in gone
        }
        yield from (
            Difference(inside(path, id, BranchKind.LISTED), SettingChange.REMOVED)
            for id in gone
            if id not in taken_over
        )
        moved = _moved(list(old.entries), earlier) if new.key == "id" else {}
        for id, item in new.entries.items():
            at, before = inside(path, id, BranchKind.LISTED), earlier[id]
            if before is None:
                yield Difference(at, SettingChange.ADDED)
                continue
            if before != id:
                yield Difference(at, SettingChange.RENAMED, before, id)
            merged = [was for was, by in taken_over.items() if by == id]
            yield from (Difference(at, SettingChange.MERGED, was, id) for was in merged)
            if id in moved:
                yield Difference(at, SettingChange.MOVED, *moved[id])
            replaced = {*merged, before} - {id}
            yield from self._of(path, id, item).item(at, old.entries[before], item, replaced)

    def _of(self, path: str, id: str, item: Node) -> "_Comparison":
        """The comparison for the inside of a pipeline or milestone, which names that pipeline's
        stages."""
        if path not in ("pipelines", "milestones"):
            return self
        pipeline = id if path == "pipelines" else _value(_entries(item).get("pipeline"))
        return _Comparison(self.successors, self.successors.get(pipeline, {}))

    def item(self, path: str, old: Node, new: Node, replaced: set[str]) -> Iterator[Difference]:
        """The differences in an item, except a `was` that only repeats a rename already
        reported."""
        said = replaced and {*_was(new)} == {*_was(old)} | replaced
        yield from (
            d for d in self._nodes(path, old, new) if not (said and d.path == f"{path}.was")
        )


def _conditions_of(setting: str) -> Callable[[str], object]:
    """How a line of `where` is read."""
    return lambda text: conditions(setting, text)


_MEANINGS: Mapping[str, Callable[[str], object]] = {
    "offset": Offset.parse,
    "open_until": Offset.parse,
    "every": rhythm,
    "hours": hours,
    "digest_at": clock_time,
}
"""The settings that can be written in several ways."""


def _earlier(id: str, item: Node, old: Branch) -> str | None:
    """The id an item had before: its own, else one that it replaces."""
    return next((name for name in (id, *_was(item)) if name in old.entries), None)


def _moved(
    old: Sequence[str], earlier: Mapping[str, str | None]
) -> dict[str, tuple[str | None, str | None]]:
    """The fewest items to move to turn the old order into the new one, each with the item it
    followed and the one it follows now."""
    stayed = {id: before for id, before in earlier.items() if before is not None}
    ids, positions = list(stayed), [old.index(before) for before in stayed.values()]
    unmoved = _longest_rising(positions)
    before = [name for name in old if name in stayed.values()]
    present = {was: id for id, was in stayed.items()}
    moves = {}
    for n, id in enumerate(ids):
        if positions[n] not in unmoved:
            stood = before.index(stayed[id])
            moves[id] = (present[before[stood - 1]] if stood else None, ids[n - 1] if n else None)
    return moves


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """A longest increasing subsequence of distinct numbers.

    >>> sorted(_longest_rising([2, 0, 1, 3]))
    [0, 1, 3]
    """
    lowest_ends: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        length = bisect_left(lowest_ends, number)
        before[number] = lowest_ends[length - 1] if length else None
        lowest_ends[length : length + 1] = [number]
    chosen: set[int] = set()
    at = lowest_ends[-1] if lowest_ends else None
    while at is not None:
        chosen.add(at)
        at = before[at]
    return chosen


def _entries(node: Node | None) -> Mapping[str, Node]:
    """The entries of a node; none for a value."""
    return node.entries if isinstance(node, Branch) else {}


def _value(node: Node | None) -> Any:
    """The value of a single setting."""
    return node.value if isinstance(node, Leaf) else None


def _was(item: Node) -> tuple[str, ...]:
    """The ids that an item replaces."""
    value = _value(_entries(item).get("was"))
    return tuple(value) if isinstance(value, list) else ()


def _languages(leaf: Leaf) -> dict[str, str]:
    """A text by language; empty if it is left out or is not such a text."""
    if not leaf.label or leaf.value is None:
        return {}
    return {"ja": leaf.value, "en": leaf.value} if isinstance(leaf.value, str) else dict(leaf.value)


def _one_text(languages: Mapping[str, str]) -> bool:
    """Whether the text is the same in every language."""
    return len(set(languages.values())) == 1


def _templates(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Difference]:
    """What differs in the user's own templates, by name."""
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        kind = (
            SettingChange.ADDED
            if before is None
            else SettingChange.REMOVED
            if after is None
            else SettingChange.CHANGED
        )
        yield Difference(
            f"{TEMPLATES}{name}", kind, before, after, _lines_changed(before or "", after or "")
        )


def _lines_changed(old: str, new: str) -> int:
    """How many lines differ; a changed line counts once."""
    steps = SequenceMatcher(
        None, old.splitlines(keepends=True), new.splitlines(keepends=True), autojunk=False
    ).get_opcodes()
    return sum(max(a2 - a1, b2 - b1) for step, a1, a2, b1, b2 in steps if step != "equal")

"""Lineage: what the stages and milestones of earlier versions are called in the version in force,
however often they were renamed.

Always holds: a present id always means the present item; an item that an edit brings back (a rename
rolled back) takes over what happened under its name in between; an item that was removed and never
replaced has no present name.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Names = Mapping[str, Mapping[str, str]]
"""By kind (`milestones`, or `stages` and the pipeline's id), each earlier name with the present
one."""

MILESTONES = "milestones"


def stages_of(pipeline: str) -> str:
    """The kind that stands for a pipeline's stages in `Names`."""
    return f"stages {pipeline}"


def names_after(
    before: Names, old: Mapping[str, Any], new: Mapping[str, Any]
) -> dict[str, dict[str, str]]:
    """The names for a document that follows another one. `before`: those for the older one (empty
    for the first version)."""
    earlier, later = _items(old), _items(new)
    found = {
        kind: _followed(before.get(kind, {}), earlier.get(kind, {}), items)
        for kind, items in later.items()
    }
    return {kind: names for kind, names in found.items() if names}


def names_through(documents: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """The names for the last of these documents, given the oldest first."""
    names: dict[str, dict[str, str]] = {}
    before: Mapping[str, Any] = {}
    for document in documents:
        names, before = names_after(names, before, document), document
    return names


def _followed(
    before: Mapping[str, str], old: Mapping[str, Sequence[str]], new: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """Every known name with its present one. `old` and `new`: each id with the ids it says it
    replaces."""
    said = {was: id for id, replaced in reversed(list(new.items())) for was in replaced}
    found: dict[str, str] = {}
    for name in dict.fromkeys((*before, *old, *said)):
        present = name if name in old else before.get(name)
        heir = said.get(name) or _heir(present, before, old, new, said)
        if name not in new and heir is not None:
            found[name] = heir
    return found


def _heir(
    present: str | None,
    before: Mapping[str, str],
    old: Mapping[str, Sequence[str]],
    new: Mapping[str, Sequence[str]],
    said: Mapping[str, str],
) -> str | None:
    """What an item of the older document is now: itself, its replacement, or an item it had
    replaced that is back."""
    if present is None or present in new:
        return present
    if present in said:
        return said[present]
    back = (*old.get(present, ()), *(name for name, by in before.items() if by == present))
    return next((id for id in back if id in new), None)


def _items(document: Mapping[str, Any]) -> dict[str, dict[str, Sequence[str]]]:
    """For each kind, each id with the ids it says it replaces."""
    policy = document.get("policy", {})
    found = {MILESTONES: _ids(policy.get("milestones", ()))}
    return found | {
        stages_of(p["id"]): _ids(p.get("stages", ())) for p in policy.get("pipelines", ())
    }


def _ids(items: Iterable[Mapping[str, Any]]) -> dict[str, Sequence[str]]:
    """Each id with the ids it says it replaces."""
    return {item["id"]: tuple(item.get("was", ())) for item in items}

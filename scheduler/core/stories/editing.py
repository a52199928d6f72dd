"""Applies a story's changes to a policy: tables are merged key by key, lists of tables (milestones,
stages) by their ids.

Always holds: what a story does not name stays as it is; the given policy is not changed.
"""

from collections.abc import Mapping
from typing import Any


def edited(policy: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The policy's tables with those of `changes` merged in; `{ id = "…", gone = true }` removes an
    item.

    >>> before = {"a": {"b": 1, "c": 2}, "m": [{"id": "x", "n": 1}]}
    >>> edited(before, {"a": {"b": 3}, "m": [{"id": "x", "n": 2}, {"id": "y"}]})
    {'a': {'b': 3, 'c': 2}, 'm': [{'id': 'x', 'n': 2}, {'id': 'y'}]}
    """
    return {**policy, **{key: _merged(policy.get(key), value) for key, value in changes.items()}}


def _merged(old: Any, new: Any) -> Any:
    """One value over another."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return edited(old, new)
    if _with_ids(old) and _with_ids(new):
        return _by_id(old, new)
    return new


def _with_ids(value: Any) -> bool:
    """Whether a value is a list of tables with ids."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, Mapping) and "id" in item for item in value)
    )


def _by_id(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Merges items with the same id and adds the others at the end."""
    changes = {item["id"]: item for item in new}
    kept = [edited(item, changes[item["id"]]) if item["id"] in changes else item for item in old]
    known = {item["id"] for item in old}
    return [
        item
        for item in [*kept, *(item for item in new if item["id"] not in known)]
        if not item.get("gone")
    ]

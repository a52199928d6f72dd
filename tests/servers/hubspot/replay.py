"""What the account must hold, reckoned from its journal alone: the other half of a comparison."""

from collections.abc import Iterable
from copy import deepcopy

from tests.servers.hubspot.answers import Json
from tests.servers.hubspot.portal import Written


def replayed(
    before: dict[str, dict[int, Json]], journal: Iterable[Written]
) -> dict[str, dict[int, Json]]:
    """The state (see state.py) after these lines, without `companies`."""
    state = deepcopy(before)
    for records in state.values():
        for record in records.values():
            record.pop("companies", None)
    for line in journal:
        _apply(state[line.kind], line)
    return state


def _apply(records: dict[int, Json], line: Written) -> None:
    match line.act:
        case "create" | "update":
            fresh = {"values": {}, "archived": False, "merged": []}
            values = records.setdefault(line.id, fresh)["values"]
            if line.value is None:
                values.pop(line.name, None)
            else:
                values[line.name] = line.value
        case "archive" | "restore":
            records[line.id]["archived"] = line.act == "archive"
        case "purge":
            del records[line.id]
        case "merge":
            first, second = map(int, (line.value or "").split(";"))
            primary, other = records.pop(first), records.pop(second)
            records[line.id] = {
                "values": other["values"] | primary["values"],
                "archived": False,
                "merged": [*primary["merged"], *other["merged"], first, second],
            }

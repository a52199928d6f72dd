"""What was known of closed renewals some time before their ends: taken back is what was recorded
since, each deal's to an instant of its own. Always holds: see `storage.reports.history`."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from scheduler.storage.reports.history import RecordedStep, newest_first, steps_since

_SIGNS = ("health", "call", "notice_on")


def signs_at(
    connection: Connection, looks: Mapping[int, datetime], before: datetime | None
) -> Mapping[int, Mapping[str, Any]]:
    """The health, the forecast and the notice of deals where they were different, by deal (as
    JSON). `looks` are the instants, `before` the one to which the deals are known already."""
    if not looks:
        return {}
    since: dict[int, list[RecordedStep]] = defaultdict(list)
    for step in steps_since(connection, min(looks.values()), _SIGNS):
        at = looks.get(step.row) if step.table == "deals" else None
        if at is not None and at <= step.at and (before is None or step.at < before):
            since[step.row].append(step)
    found: dict[int, dict[str, Any]] = {}
    for deal, steps in since.items():
        was = found.setdefault(deal, {})
        for step in newest_first(steps):
            was.update({name: step.before[name] for name in _SIGNS if name in step.before})
    return found

"""A write that HubSpot refuses, taken apart until what it refuses stands alone, so that one value
keeps none of the others back.

Always holds: stage and pipeline go together; what HubSpot names is suspected first.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from scheduler.core.sync.records import PIPELINE, STAGE
from scheduler.core.sync.writes import RecordWrite, WriteOutcome, WriteResult

_TOGETHER = (PIPELINE, STAGE)


def taken_apart(change: RecordWrite, words: str) -> tuple[RecordWrite, RecordWrite] | None:
    """Two changes that are this one together: what HubSpot's words name and the rest, else the
    stage and the rest, else halves; None for one that cannot be taken apart."""
    stage = [name for name in _TOGETHER if name in change.properties]
    alone = [name for name in change.properties if name not in _TOGETHER]
    named = [name for name in alone if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words)]
    rest = [name for name in alone if name not in named]
    if named and (rest or stage):
        return _only(change, [*rest, *stage]), _only(change, named)
    if alone and stage:
        return _only(change, alone), _only(change, stage)
    if len(alone) > 1:
        middle = len(alone) // 2
        return _only(change, alone[:middle]), _only(change, alone[middle:])
    return None


def _only(change: RecordWrite, names: Sequence[str]) -> RecordWrite:
    """The part with these properties."""
    return replace(change, properties={name: change.properties[name] for name in names})


def without(change: RecordWrite, names: Collection[str]) -> RecordWrite:
    """The part without these properties."""
    return _only(change, [name for name in change.properties if name not in names])


def put_together(change: RecordWrite, results: Sequence[WriteResult]) -> WriteResult:
    """What became of a change whose parts were written apart. Written as far as any part was, with
    what was refused of it; unknown where a part is."""
    for result in results:
        if result.gone:
            return replace(result, change=change)
    doubtful = [r for r in results if r.outcome in (WriteOutcome.UNKNOWN, WriteOutcome.LATER)]
    if doubtful:
        return WriteResult(change, WriteOutcome.UNKNOWN, because=doubtful[0].because)
    refused = {name: words for r in results for name, words in refused_of(r).items()}
    because = " / ".join(dict.fromkeys(refused.values()))
    written = [r for r in results if r.outcome is WriteOutcome.WRITTEN]
    if not written:
        return WriteResult(change, WriteOutcome.REFUSED, because=because)
    last = next((r for r in written if STAGE in r.change.properties), written[-1])
    return replace(last, change=change, because=because, refused=refused)


def refused_of(result: WriteResult) -> Mapping[str, str]:
    """The properties that were refused, each with HubSpot's words."""
    if result.outcome is WriteOutcome.REFUSED:
        return dict.fromkeys(result.change.properties, result.because)
    return result.refused

"""A plan: what an edit of the policy would change for 50,000 contracts within 90 days, against
reading the same deals once.

    python -m benchmarks.planning [contracts]

Goal: at most 30 s of the processor. The contracts are those of `benchmarks.simulate`; the edit
moves the milestone three months before the end to four months before it.
"""

import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from time import process_time

from benchmarks._filling import shipped_policy
from benchmarks._timing import peak_mb
from benchmarks.importing import NOW
from benchmarks.policy_edit import EARLIER
from benchmarks.simulate import loaded
from scheduler.core.words.lexicon import ChannelName
from scheduler.services.policy.planning import compare
from scheduler.storage.database.engine import open_engine
from scheduler.storage.policy.planning import PlanRows

CONTRACTS, DAYS, GOAL_SECONDS = 50_000, 90, 30.0


def main(contracts: int) -> None:
    """Prints one line."""
    with tempfile.TemporaryDirectory() as folder:
        reading = open_engine(loaded(Path(folder), contracts), reading=True)
        old, new = shipped_policy(1), shipped_policy(2, EARLIER)
        with PlanRows(reading, reading).snapshot() as snapshot:
            began = process_time()
            deals = sum(1 for _ in snapshot.deals(closed=False))
            bare = process_time() - began
            began = process_time()
            until = NOW + timedelta(days=DAYS)
            effects, _ = compare(snapshot, old, new, NOW, until, (ChannelName.PREVIEW,))
            ours = process_time() - began
    print(
        f"a plan over {deals:,} open deals of {contracts:,} contracts × {DAYS} days: "
        f"{ours:.1f} s of the processor, {ours / bare:.1f} times reading them ({bare:.1f} s), "
        f"{peak_mb():.0f} MB at most; {len(effects.came):,} come, "
        f"{len(effects.went):,} go (goal {GOAL_SECONDS:.0f} s: "
        f"{'met' if ours <= GOAL_SECONDS else 'missed'})"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CONTRACTS)

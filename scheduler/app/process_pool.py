"""Lives deals in several processes: one for each core, each with the policy built anew from its
document.

Always holds: the parts come back in the order of their batches, and are what this process would
have made of them; a policy that is in no database can be lived too, because its document goes
along.
"""

import os
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from multiprocessing import get_context

from scheduler.app.policy_building import build_policy
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.delivery_window import DeliveryWindows
from scheduler.core.words.lexicon import ChannelName
from scheduler.services.policy.in_force import InForce
from scheduler.services.policy.simulate import LifeSimulator, Part, Span, Spread, Task
from scheduler.system.gc_tuning import collect_seldom

_AHEAD = 2
_mine: list[LifeSimulator] = []


@contextmanager
def process_pool(
    version: InForce,
    span: Span,
    channels: Collection[ChannelName],
    told: Collection[tuple[str, date]],
    processes: int | None = None,
) -> Iterator[Spread]:
    """Processes that live batches until the end of the block, started by the first one;
    `processes` None: one for each core."""
    count = processes or os.cpu_count() or 1
    plain = replace(version, document=dict(version.document), since=dict(version.since))
    given = (plain, span, tuple(channels), tuple(told))
    pool = ProcessPoolExecutor(
        count, mp_context=get_context("spawn"), initializer=_begin, initargs=given
    )
    try:
        yield lambda batches: _in_order(pool, batches, count + _AHEAD)
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(
    pool: ProcessPoolExecutor, batches: Iterable[Sequence[Task]], most: int
) -> Iterator[Part]:
    """The parts of batches, no more than `most` of which are on their way, so that memory does not
    grow."""
    coming: deque[Future[Part]] = deque()
    for batch in batches:
        coming.append(pool.submit(_live, batch))
        if len(coming) >= most:
            yield coming.popleft().result()
    while coming:
        yield coming.popleft().result()


def _begin(
    version: InForce,
    span: Span,
    channels: Collection[ChannelName],
    told: Collection[tuple[str, date]],
) -> None:
    """In a new process: gets ready."""
    collect_seldom()
    policy: Policy = build_policy(version)
    _mine[:] = [LifeSimulator(policy, span, DeliveryWindows(policy, channels, told))]


def _live(batch: Sequence[Task]) -> Part:
    """In such a process: one batch."""
    return _mine[0].part(batch)

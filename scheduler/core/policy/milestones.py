"""Milestones (通知タイミング): rules that say on which day a deal reaches something, what it then
moves to, and whom to tell.

Always holds: a milestone's `id` is permanent (events are keyed by it); its day is computed from the
anchor and the contract alone.
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from scheduler.core.policy.anchors import ANCHORS
from scheduler.core.time.dates import MonthEnd, Offset, Shift, Term
from scheduler.core.words.conditions import Condition
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Anchor

WHERE_FIELDS = (
    "segment",
    "country",
    "product",
    "currency",
    "amount",
    "term_months",
    "auto_renew",
    "evergreen",
    "health",
    "paperwork",
    "estimated",
    "notice",
    "call",
)
"""What `where` may read. `notice`: whether the customer's notice stands; `call`: the forecast,
`none` where there is none. `amount` is in major units of the contract's currency, `term_months` in
whole months (days // 30 for a term in days)."""
LASTING_FIELDS = tuple(
    field for field in WHERE_FIELDS if field not in ("health", "paperwork", "notice", "call")
)
"""Those of them that a contract keeps: what health is made of must not depend on health."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """One rule of the policy (DESIGN §3, §5).

    `tell` holds roles (`owner`) or addresses (`slack:#renewals`, `email:cs@example.com`). Empty
    `in_stages` means every open stage. `open_until` is counted from the milestone's day: how long a
    false condition may still become true. `spread` is in business days, and so is `repeat_every`
    (None: the policy's, 0: asked once). With `every` it recurs at that interval, always counted
    from the anchor, until the contract's end; an anniversary recurs by itself, once a year.
    """

    id: str
    pipeline: str
    label: Label
    anchor: Anchor
    offset: Offset
    series: str
    shift: Shift = Shift.NONE
    month_end: MonthEnd = MonthEnd.CLAMP
    in_stages: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    moves_to: str | None = None
    tell: tuple[str, ...] = ("owner",)
    asks: bool = False
    ask: Label | None = None
    template: str = ""
    open_until: Offset | None = None
    spread: int = 0
    repeat_every: int | None = None
    was: tuple[str, ...] = ()
    every: Term | None = None

    @property
    def rhythm(self) -> Term | None:
        """The interval at which its day recurs; None for a day that comes once in a term."""
        return ANCHORS[self.anchor].rhythm or self.every


def counts_from(anchor: str, every: Term | None) -> str:
    """What a milestone's days are counted from, as one text: a milestone with another anchor or
    interval counts as a new one.

    >>> counts_from("starts_on", Term(3)), counts_from("ends_on", None)
    ('starts_on every 3 months', 'ends_on')
    """
    return f"{anchor} every {every}" if every else anchor


class Due(NamedTuple):
    """One milestone of one deal on the calendar: the anchor's day and the day on which it is
    reached.

    For a recurring milestone every occurrence has its own anchor's day, a multiple of the interval
    after the first.
    """

    milestone: Milestone
    anchor_on: date
    day_on: date

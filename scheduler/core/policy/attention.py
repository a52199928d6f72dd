"""How insistent the program is (DESIGN §5 "Attention"): how often an unanswered nudge is repeated,
when it climbs, what is pressing and what is too much.

Always holds: every ladder ends; its rungs only add people; the defaults are those of the shipped
configuration.
"""

from dataclasses import dataclass
from datetime import time

MONDAY = 0


@dataclass(frozen=True, slots=True)
class Attention:
    """The settings of `[attention]`.

    Business days: `repeat_every` (0: never), `seen_for`, `call_for`, `absence_days`. Calendar days:
    `urgent_days`, `pressing_days`, `one_question_days` (0: questions never join). `last_call`:
    whether a question is asked again on the last working day before a deadline. `owner_repeats`,
    `manager_repeats` and `admin_repeats` are numbers of reminders. `urgent_amount` is in the base
    currency's whole units (0: never). `digest_weekday` counts as `date.weekday()` does.
    """

    repeat_every: int = 12
    owner_repeats: int = 1
    manager_repeats: int = 0
    admin_repeats: int = 0
    last_call: bool = True
    one_question_days: int = 7
    seen_for: int = 10
    call_for: int = 10
    absence_days: int = 3
    urgent_days: int = 5
    urgent_amount: int = 10_000_000
    pressing_days: int = 7
    flood_nudges: int = 25
    digest_weekday: int = MONDAY
    digest_at: time = time(9, 0)

    @property
    def last_rung(self) -> int:
        """The number of the last reminder after the first telling."""
        return (
            self.owner_repeats + self.manager_repeats + self.admin_repeats
            if self.repeat_every
            else 0
        )

    def added_on(self, rung: int) -> tuple[str, ...]:
        """Who is told on a rung besides the milestone's own recipients.

        >>> [Attention(3, 2, 2, 1).added_on(n) for n in (1, 3, 5)]
        [(), ('manager',), ('manager', 'admin')]
        """
        if rung <= self.owner_repeats:
            return ()
        return (
            ("manager",)
            if rung <= self.owner_repeats + self.manager_repeats
            else ("manager", "admin")
        )

"""`renewals show CONTRACT`: a contract in short. Who and what it is, where it stands, what happened
last, what comes next; the whole of the story is `renewals why`."""

from typing import TYPE_CHECKING

from scheduler.cli.context import CommandContext
from scheduler.cli.deals.life import ContractWanted, head, say_history, say_next, tell_lives
from scheduler.cli.terminal.say import facts

if TYPE_CHECKING:
    from scheduler.core.policy.policy import Policy
    from scheduler.services.deals.deal_story import DealStory
    from scheduler.services.deals.listing import Life

_LAST = 10
"""How many lines of what happened are told."""


def show(here: CommandContext, contract: ContractWanted) -> None:
    """Shows one contract with its dates, its deal and what happened last."""
    tell_lives(here, contract, ("health", "upcoming", "question"), _show_short)


def _show_short(life: "Life", told: "DealStory", policy: "Policy") -> None:
    """Shows one deal: what it is, what happened last, what comes next."""
    facts(list(head(life, told, policy)))
    say_history(life, told, policy, _LAST)
    say_next(told, policy)

"""Contracts of which everything that `renewals check` judges is the same, taken together: judged
once, and counted for as many as they are.

Always holds: nothing that is judged differs among them; sums and the first few by name are those of
all of them.
"""

from dataclasses import dataclass, field

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Deal

NAMED = 20
"""So many of them are named at most."""


@dataclass(frozen=True, slots=True, order=True)
class NamedContract:
    """A contract by name, in the order of the deals' numbers."""

    deal: int
    number: str = field(compare=False)
    customer: str = field(compare=False)
    amount: Money = field(compare=False)


@dataclass(slots=True)
class AlikeDeals:
    """Some open deals in one currency: the first of them, which stands for all, how many contracts
    there are, the sum of the amounts that are known and how many are not, and the first few."""

    deal: Deal
    contracts: int = 0
    minor: int = 0
    without: int = 0
    first: list[NamedContract] = field(default_factory=list)

    def add(self, deal: int, number: str, customer: str, amount: int | None) -> None:
        """One more, in minor units of their currency."""
        self.contracts += 1
        if amount is None:
            self.without += 1
        else:
            self.minor += amount
        if len(self.first) < NAMED:
            self.first.append(
                NamedContract(
                    deal, number, customer, Money(amount, self.deal.contract.amount.currency)
                )
            )

    @property
    def money(self) -> tuple[Money, ...]:
        """What is known of their amounts."""
        return (
            (Money(self.minor, self.deal.contract.amount.currency),)
            if self.contracts > self.without
            else ()
        )


def alone(deal: Deal) -> AlikeDeals:
    """One deal by itself."""
    found, contract = AlikeDeals(deal), deal.contract
    found.add(deal.id, contract.number, contract.customer.name, contract.amount.minor)
    return found

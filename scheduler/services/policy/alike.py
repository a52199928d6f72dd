"""Contracts that are the same in everything `renewals check` judges, taken together: judged once,
and counted with their number.

Always holds: they differ in nothing that is judged; the sums and the first few names are those of
all of them.
"""

from dataclasses import dataclass, field

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Deal

NAMED = 20
"""How many contracts are named at most."""


@dataclass(frozen=True, slots=True, order=True)
class NamedContract:
    """A contract by name, in the order of the deals' numbers."""

    deal: int
    number: str = field(compare=False)
    customer: str = field(compare=False)
    amount: Money = field(compare=False)


@dataclass(slots=True)
class AlikeDeals:
    """Open deals in one currency that are judged as one: the first of them, which stands for all,
    the number of contracts, the sum of the known amounts, how many amounts are unknown, and the
    first few by name."""

    deal: Deal
    contracts: int = 0
    minor: int = 0
    without: int = 0
    first: list[NamedContract] = field(default_factory=list)

    def add(self, deal: int, number: str, customer: str, amount: int | None) -> None:
        """Adds one contract; its amount is in minor units of their currency."""
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
        """The known amounts of the deals."""
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

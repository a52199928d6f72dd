"""How far milestones reach, over all contracts: how many each can reach in this term and the next,
and which contracts end without a reminder.

Always holds: contracts are counted once for each milestone of their pipeline; sums are by currency
and say how many amounts are unknown.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from scheduler.core.deal.contracts import Contract, Money, sums
from scheduler.core.deal.formats import sums_words
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.coverage import Coverage
from scheduler.core.words.labels import COMMA, ByLanguage, Joined, Label
from scheduler.core.words.lexicon import Language
from scheduler.services.policy.alike import NAMED, AlikeDeals, NamedContract


@dataclass(slots=True)
class CoverageCounts:
    """The counts under one policy. `never` and the other findings are about what was counted so
    far."""

    policy: Policy
    today: date
    asked: Counter[str] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)
    short: list[AlikeDeals] = field(default_factory=list)

    def counting(self, contracts: Iterable[AlikeDeals]) -> Iterator[AlikeDeals]:
        """Passes deals on and counts them on the way."""
        reach = Coverage(self.policy, self.today)
        for alike in contracts:
            for milestone, comes in reach.reached(alike.deal):
                self.asked[milestone.id] += alike.contracts
                self.reached[milestone.id] += comes * alike.contracts
            if reach.too_short(alike.deal):
                self.short.append(alike)
            yield alike

    def never(self) -> dict[str, Label]:
        """Milestones that reach no contract, neither in its term nor in the next."""
        return {
            m.id: _never(m, self.asked[m.id])
            for m in self.policy.milestones
            if self.asked[m.id] and not self.reached[m.id]
        }

    def too_short(self) -> list[tuple[Label, int, tuple[Money, ...], tuple[str, ...]]]:
        """Contracts whose terms are too short for any milestone before their end, with their names
        and money; one sentence or none."""
        if not self.short:
            return []
        number, first = (
            sum(a.contracts for a in self.short),
            sorted(named for a in self.short for named in a.first)[:NAMED],
        )
        money, without = (
            sums(m for a in self.short for m in a.money)[0],
            sum(a.without for a in self.short),
        )
        rest = number - NAMED
        text = Label(
            "{count:,} contract ({total}): the term is too short for every milestone before the "
            "end, so nobody is reminded of it; add one for short terms, e.g. 10 days before: "
            "{named}{more}",
            many="{count:,} contracts ({total}): the term is too short for every milestone before "
            "the end, so nobody is reminded of it; add one for short terms, e.g. 10 days before: "
            "{named}{more}",
            count=number,
            total=ByLanguage(sums_words, money, without),
            named=Joined((ByLanguage(_named, c) for c in first), COMMA),
            more=Label(" and {rest:,} more", rest=rest) if rest > 0 else "",
        )
        return [(text, number, money, tuple(c.number for c in first))]

    def counts(self) -> list[Label]:
        """How many contracts each milestone can reach; one sentence, or none if there is no
        contract."""
        counted = [m for m in self.policy.milestones if self.asked[m.id]]
        if not counted:
            return []
        each = (
            Label(
                "{label} ({id}) {reached:,} of {asked:,}",
                label=m.label,
                id=m.id,
                reached=self.reached[m.id],
                asked=self.asked[m.id],
            )
            for m in counted
        )
        return [
            Label(
                "contracts that each milestone can apply to in this term and the next: {each}",
                each=Joined(each, Label("; ")),
            )
        ]


def named(contract: Contract, language: Language) -> str:
    """`MON-1 Monthly manual (€100)`."""
    return _named(
        NamedContract(0, contract.number, contract.customer.name, contract.amount), language
    )


def _named(contract: NamedContract, language: Language) -> str:
    """The same."""
    amount = contract.amount
    known = (
        sums_words([amount], 0, language)
        if amount.minor is not None
        else sums_words([], 1, language)
    )
    return f"{contract.number} {contract.customer} ({known})"


def _never(milestone: Milestone, contracts: int) -> Label:
    """Of one milestone."""
    return Label(
        '"{label}" ({id}) never applies to the one contract there is, neither in this term nor '
        "in the next; check its anchor, conditions and stages",
        many='"{label}" ({id}) never applies to any of the {count:,} contracts there are, '
        "neither in this term nor in the next; check its anchor, conditions and stages",
        label=milestone.label,
        id=milestone.id,
        count=contracts,
    )

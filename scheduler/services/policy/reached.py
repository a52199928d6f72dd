"""How far milestones reach, over all contracts: to how many each can come in this term and the
next, and whom nothing reminds of the end.

Always holds: contracts are counted once for each milestone of their pipeline; sums are by currency,
and say how many amounts nobody knows.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from scheduler.core.deal.contracts import Contract, Money, sums
from scheduler.core.deal.formats import sums_words
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.reach import Reach
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language
from scheduler.services.policy.alike import NAMED, Alike, Named


@dataclass(slots=True)
class Reached:
    """The counts under one policy. `never` and the like speak of what was counted so far."""

    policy: Policy
    today: date
    asked: Counter[str] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)
    short: list[Alike] = field(default_factory=list)

    def counting(self, contracts: Iterable[Alike]) -> Iterator[Alike]:
        """The same, counted on their way."""
        reach = Reach(self.policy, self.today)
        for alike in contracts:
            for milestone, comes in reach.reached(alike.deal):
                self.asked[milestone.id] += alike.contracts
                self.reached[milestone.id] += comes * alike.contracts
            if reach.too_short(alike.deal):
                self.short.append(alike)
            yield alike

    def never(self) -> dict[str, Label]:
        """Milestones that come to no contract there is, neither in its term nor in the next."""
        return {
            m.id: _never(m, self.asked[m.id])
            for m in self.policy.milestones
            if self.asked[m.id] and not self.reached[m.id]
        }

    def too_short(self) -> list[tuple[Label, int, tuple[Money, ...], tuple[str, ...]]]:
        """Contracts whose terms are too short for any milestone before their end, by name and with
        their money; one sentence or none."""
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
        total = Label(
            *(sums_words(money, without, language) for language in (Language.JA, Language.EN))
        )
        ja, en = (
            "、".join(_named(c, Language.JA) for c in first),
            ", ".join(_named(c, Language.EN) for c in first),
        )
        rest = number - NAMED
        text = Label(
            f"契約{number:,}件({total.ja})：期間が短く、満了前の通知がどれも届きません。"
            f"短い契約のための通知(例：満了10日前)を足してください：{ja}"
            + (f" ほか{rest:,}件" if rest > 0 else ""),
            f"{'1 contract' if number == 1 else f'{number:,} contracts'} ({total.en}): the term is "
            "too short for every milestone before the end, so "
            f"nobody is reminded of it; add one for short terms, e.g. 10 days before: {en}"
            + (f" and {rest:,} more" if rest > 0 else ""),
        )
        return [(text, number, money, tuple(c.number for c in first))]

    def counts(self) -> list[Label]:
        """To how many contracts each milestone can come; one sentence, or none where there is no
        contract."""
        counted = [m for m in self.policy.milestones if self.asked[m.id]]
        if not counted:
            return []
        ja = "、".join(
            f"{m.label.ja}({m.id}) {self.reached[m.id]:,}/{self.asked[m.id]:,}件" for m in counted
        )
        en = "; ".join(
            f"{m.label.en} ({m.id}) {self.reached[m.id]:,} of {self.asked[m.id]:,}" for m in counted
        )
        return [
            Label(
                f"今期と次期に届きうる契約の数：{ja}",
                f"contracts that each milestone can come to in this term and the next: {en}",
            )
        ]


def named(contract: Contract, language: Language) -> str:
    """`MON-1 Monthly manual (€100)`."""
    return _named(Named(0, contract.number, contract.customer.name, contract.amount), language)


def _named(contract: Named, language: Language) -> str:
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
    label = milestone.label
    ja, en = (
        (f"契約{contracts:,}件のどれにも", f"none of the {contracts:,} contracts there are")
        if contracts > 1
        else ("契約1件には", "the one contract there is")
    )
    return Label(
        f"「{label.ja}」({milestone.id})は、いまある{ja}、今期にも次期にも届きません。"
        "起点(anchor)の日、条件(where)、対象のステージ(stages)を確かめてください",
        f'"{label.en}" ({milestone.id}) {"can come to" if contracts > 1 else "cannot come to"} '
        f"{en}, neither in this term nor in the next; "
        "look at its anchor, its conditions and its stages",
    )

"""What `renewals check` finds beyond mistakes in files: nudges that come too late for the deadline
they are about, contracts that cannot be scheduled, owners and people whom nothing reaches. (Files,
channels and the addresses that the policy names are `scheduler.app.checks`.)

Always holds: nothing is changed; every open deal is looked at once, together with those that are
alike; findings about contracts say how many there are and how much money, in each currency.
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Protocol

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.formats import day_shown, sums_words
from scheduler.core.deal.people import Person
from scheduler.core.deal.pipeline import Pipeline, StageKind
from scheduler.core.policy.milestone_days import facts_of, falls_before_start
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.late_first_nudge import (
    WORKING_DAYS_NEEDED,
    LateFirstNudge,
    late_first_nudges,
)
from scheduler.core.rules.routing import destination_of_address, destinations_of
from scheduler.core.time.dates import is_far
from scheduler.core.words.labels import ByLanguage, Label
from scheduler.core.words.lexicon import Anchor, ChannelName
from scheduler.services.policy.alike import AlikeDeals, NamedContract
from scheduler.services.policy.coverage import CoverageCounts

_EXAMPLES = 5
_PASSING = ("health", "paperwork")
"""Fields of conditions that change by themselves: a condition on one that holds for nobody today
may hold later."""
_FOLLOWED = (StageKind.ONBOARDING, StageKind.ACTIVE, StageKind.RENEWAL)


class FindingKind(StrEnum):
    """The kinds of finding."""

    LATE_NUDGE = "late_nudge"
    LONGER_THAN_TERMS = "longer_than_terms"
    MATCHES_NOTHING = "matches_nothing"
    NEVER_COMES = "never_comes"
    TOO_SHORT = "too_short"
    REACH = "reach"
    NO_END = "no_end"
    NO_PIPELINE = "no_pipeline"
    NO_ROUTE = "no_route"
    NO_OWNER = "no_owner"
    OWNER_INACTIVE = "owner_inactive"
    OWNER_UNREACHABLE = "owner_unreachable"
    NO_DEADLINE = "no_deadline"
    DEADLINE_BEFORE_START = "deadline_before_start"
    FAR_END = "far_end"
    NO_AMOUNT = "no_amount"
    NO_RATE = "no_rate"
    PERSON_UNREACHABLE = "person_unreachable"
    PERSON_CALENDAR = "person_calendar"


_MUST = (FindingKind.NO_PIPELINE, FindingKind.NO_ROUTE)
"""What has to be fixed."""


@dataclass(frozen=True, slots=True)
class PolicyFinding:
    """One thing to know before it does harm. `must`: it has to be fixed. `examples` are contract
    numbers or names."""

    kind: FindingKind
    text: Label
    contracts: int = 0
    money: tuple[Money, ...] = ()
    examples: tuple[str, ...] = ()
    must: bool = False


class CheckStore(Protocol):
    """The database as the check needs it."""

    def alike(
        self, reads: Collection[str], owner: Callable[[Person], Hashable]
    ) -> Iterable[AlikeDeals]:
        """Every deal that is neither closed nor voided, grouped by all that is judged: dates and
        terms, what conditions read (`reads`), and what is found about the `owner`. Each group is
        given by its first deal; events and nudges may be left out."""

    def people(self) -> Iterable[Person]:
        """Everybody."""


def check_database(
    store: CheckStore, policy: Policy, channels: Collection[ChannelName], today: date
) -> list[PolicyFinding]:
    """Everything to know about the contracts and people in the database. `channels`: those that are
    configured."""
    reached = CoverageCounts(policy, today)
    reads = {condition.field for milestone in policy.milestones for condition in milestone.where}
    found = check_deals(
        reached.counting(store.alike(reads, partial(_judged, channels=channels))),
        policy,
        channels,
        today,
    )
    short = [
        PolicyFinding(FindingKind.TOO_SHORT, text, contracts, money, named)
        for text, contracts, money, named in reached.too_short()
    ]
    explained = [
        f.text.en
        for f in found
        if f.kind in (FindingKind.LONGER_THAN_TERMS, FindingKind.MATCHES_NOTHING)
    ]
    never = [
        PolicyFinding(FindingKind.NEVER_COMES, text)
        for id, text in reached.never().items()
        if not any(f"({id})" in said for said in explained)
    ]
    return [
        *found,
        *short,
        *never,
        *check_people(store.people(), policy, channels),
        *(PolicyFinding(FindingKind.REACH, text) for text in reached.counts()),
    ]


def _judged(owner: Person, channels: Collection[ChannelName]) -> Hashable:
    """The facts about an owner that decide what is found about a contract."""
    return owner.zone, owner.calendar, owner.active, bool(destinations_of(owner, channels))


def check_deals(
    contracts: Iterable[AlikeDeals], policy: Policy, channels: Collection[ChannelName], today: date
) -> list[PolicyFinding]:
    """Findings about open deals; those that are alike are judged once."""
    tallies = _Tallies()
    for alike in contracts:
        deal = alike.deal
        pipeline = policy.pipelines.get(deal.pipeline)
        if pipeline is None:
            tallies.add(FindingKind.NO_PIPELINE, alike)
            continue
        for kind in deal_kinds(deal, pipeline, channels):
            tallies.add(kind, alike)
        for late in late_first_nudges(deal, policy, today):
            tallies.add_late(late, alike)
        for kind in _contract_kinds(deal, pipeline, policy, today):
            tallies.add(kind, alike)
        tallies.measure(alike, policy)
        tallies.match(alike, policy)
    return [
        *tallies.late_findings(policy),
        *tallies.long_findings(policy),
        *tallies.unmatched_findings(policy),
        *tallies.findings(),
    ]


def check_people(
    people: Iterable[Person], policy: Policy, channels: Collection[ChannelName]
) -> list[PolicyFinding]:
    """Active people whom no configured channel reaches, and people's calendars that the policy does
    not have."""
    active = [p for p in people if p.active]
    unreached = [p.name for p in active if not destinations_of(p, channels)]
    found = []
    if unreached:
        names = _listed(unreached)
        text = Label(
            (
                "no configured channel reaches {names}; add an e-mail address or a Slack id to "
                "the people CSV (until then the fallback gets it)"
            ),
            names=names,
        )
        found.append(
            PolicyFinding(
                FindingKind.PERSON_UNREACHABLE, text, examples=tuple(unreached[:_EXAMPLES])
            )
        )
    for name in sorted(
        {p.calendar for p in active if p.calendar and p.calendar not in policy.calendars}
    ):
        who = [p.name for p in active if p.calendar == name]
        text = Label(
            (
                'config.toml has no calendar "{name}" ({listed}): the pipeline\'s is used; add '
                "[calendars.{name}]"
            ),
            name=name,
            listed=_listed(who),
        )
        found.append(
            PolicyFinding(FindingKind.PERSON_CALENDAR, text, examples=tuple(who[:_EXAMPLES]))
        )
    return found


def deal_kinds(
    deal: Deal, pipeline: Pipeline, channels: Collection[ChannelName]
) -> Iterator[FindingKind]:
    """The findings that keep a deal from being followed, or its reminders from reaching its
    owner."""
    contract = deal.contract
    if contract.ends_on is None and not contract.evergreen and pipeline.of_kind(*_FOLLOWED):
        yield FindingKind.NO_END
    reached = deal.owner is not None and deal.owner.active and destinations_of(deal.owner, channels)
    if not reached and _nobody_at(pipeline.fallback, channels):
        yield FindingKind.NO_ROUTE
    elif deal.owner is None:
        yield FindingKind.NO_OWNER
    elif not deal.owner.active:
        yield FindingKind.OWNER_INACTIVE
    elif not destinations_of(deal.owner, channels):
        yield FindingKind.OWNER_UNREACHABLE


def _nobody_at(address: str, channels: Collection[ChannelName]) -> bool:
    """Whether no configured channel leads to an address. With no channel configured
    everything is preview, and this says no."""
    return (
        set(channels) != {ChannelName.PREVIEW}
        and destination_of_address(address, channels)[0] is ChannelName.PREVIEW
    )


def _contract_kinds(
    deal: Deal, pipeline: Pipeline, policy: Policy, today: date
) -> Iterator[FindingKind]:
    """The findings about contracts that are followed, but perhaps not as intended."""
    contract = deal.contract
    if pipeline.of_kind(*_FOLLOWED):
        if contract.auto_renew and contract.decide_by is None and contract.ends_on is not None:
            yield FindingKind.NO_DEADLINE
        if (
            contract.decide_by is not None
            and contract.starts_on is not None
            and contract.decide_by < contract.starts_on
        ):
            yield FindingKind.DEADLINE_BEFORE_START
        if contract.ends_on is not None and is_far(contract.ends_on, today):
            yield FindingKind.FAR_END
    if contract.amount.minor is None:
        yield FindingKind.NO_AMOUNT
    elif contract.amount.minor and contract.amount.currency not in (
        policy.base_currency,
        *policy.rates,
    ):
        yield FindingKind.NO_RATE


WORDS: Mapping[str, Label] = {
    FindingKind.NO_END: Label(
        "no end date and not evergreen, so nothing can be scheduled; import the end date"
    ),
    FindingKind.NO_PIPELINE: Label(
        "in a pipeline that the configuration does not have; put it back, or import the "
        "contracts again"
    ),
    FindingKind.NO_ROUTE: Label(
        "no configured channel reaches the owner or the fallback, so nobody is told anything; "
        "configure a channel, or choose another fallback"
    ),
    FindingKind.NO_OWNER: Label("no owner; nudges go to the fallback"),
    FindingKind.OWNER_INACTIVE: Label(
        "the owner has left; nudges go to the fallback. Import a new owner"
    ),
    FindingKind.OWNER_UNREACHABLE: Label(
        "no configured channel reaches the owner; nudges go to the fallback"
    ),
    FindingKind.NO_DEADLINE: Label(
        "renew automatically, but their notice deadline is not known, so nobody is told while "
        "notice can still be given; import the notice or the deadline"
    ),
    FindingKind.DEADLINE_BEFORE_START: Label(
        "the notice deadline lies before the contract starts; see whether the notice is longer "
        "than the term"
    ),
    FindingKind.FAR_END: Label(
        "end more than ten years from now, so nobody is asked about the renewal for years; see "
        "whether the year is mistyped"
    ),
    FindingKind.NO_AMOUNT: Label(
        "the amount is unknown (not treated as 0), so they are left out of sums and rankings; "
        "import the amounts"
    ),
    FindingKind.NO_RATE: Label(
        "their currency has no rate, so they are ranked as if it were the base currency; add "
        "it to [rates] in config.toml"
    ),
}


@dataclass(slots=True)
class _Tally:
    """The number of contracts, their money by currency (`without`: how many amounts nobody knows),
    and the first few.

    `earlier` counts those about which another milestone tells in time, by its id; `shifted` those
    for which a milestone is late because of its `shift`."""

    contracts: int = 0
    minor: Counter[str] = field(default_factory=Counter)
    without: int = 0
    first: list[NamedContract] = field(default_factory=list)
    earlier: Counter[str] = field(default_factory=Counter)
    example: LateFirstNudge | None = None
    shifted: int = 0

    def add(self, alike: AlikeDeals) -> None:
        self.contracts += alike.contracts
        self.without += alike.without
        for money in alike.money:
            self.minor[money.currency] += money.minor or 0
        self.first = sorted([*self.first, *alike.first])[:_EXAMPLES]

    def finding(self, kind: FindingKind, what: Label) -> PolicyFinding:
        """`what` says what is true of the contracts; their number and money are put before it, the
        first few after it."""
        amounts = tuple(Money(minor, currency) for currency, minor in sorted(self.minor.items()))
        first = tuple(named.number for named in self.first)
        numbers = ", ".join([*first, "…"] if self.contracts > len(first) else first)
        text = Label(
            "{count:,} contract ({total}): {what} (e.g. {numbers})",
            many="{count:,} contracts ({total}): {what} (e.g. {numbers})",
            count=self.contracts,
            total=ByLanguage(sums_words, amounts, self.without),
            what=what,
            numbers=numbers,
        )
        return PolicyFinding(kind, text, self.contracts, amounts, first, must=kind in _MUST)


class _Tallies:
    """Counts by kind; late nudges by milestone."""

    def __init__(self) -> None:
        self._kinds: dict[FindingKind, _Tally] = {}
        self._late: dict[str, _Tally] = {}
        self._too_long: dict[str, _Tally] = {}
        self._fitting: set[str] = set()
        self._unmatched: dict[str, _Tally] = {}
        self._matching: set[str] = set()

    def add(self, kind: FindingKind, alike: AlikeDeals) -> None:
        """Contracts of one kind."""
        self._kinds.setdefault(kind, _Tally()).add(alike)

    def add_late(self, late: LateFirstNudge, alike: AlikeDeals) -> None:
        """Adds contracts for which a milestone comes too late."""
        tally = self._late.setdefault(late.milestone.id, _Tally())
        tally.add(alike)
        tally.example = tally.example or late
        tally.shifted += late.by_shift * alike.contracts
        if late.told_by is not None:
            tally.earlier[late.told_by.id] += alike.contracts

    def measure(self, alike: AlikeDeals, policy: Policy) -> None:
        """Notes which milestones would come before the contract starts; one contract that a
        milestone fits is enough."""
        deal = alike.deal
        ends = {Anchor.ENDS_ON: deal.contract.ends_on, Anchor.DECIDE_BY: deal.contract.decide_by}
        for milestone in policy.milestones:
            day = ends.get(milestone.anchor)
            if day is None or milestone.pipeline != deal.pipeline or milestone.id in self._fitting:
                continue
            if falls_before_start(milestone, deal, day):
                self._too_long.setdefault(milestone.id, _Tally()).add(alike)
            else:
                self._fitting.add(milestone.id)
                self._too_long.pop(milestone.id, None)

    def match(self, alike: AlikeDeals, policy: Policy) -> None:
        """Notes which milestones' conditions hold for no contract; one contract that matches is
        enough."""
        deal = alike.deal
        for milestone in policy.milestones:
            if (
                not milestone.where
                or milestone.pipeline != deal.pipeline
                or milestone.id in self._matching
            ):
                continue
            facts = facts_of(deal)
            if all(
                condition.holds(facts)
                for condition in milestone.where
                if condition.field not in _PASSING
            ):
                self._matching.add(milestone.id)
                self._unmatched.pop(milestone.id, None)
            else:
                self._unmatched.setdefault(milestone.id, _Tally()).add(alike)

    def unmatched_findings(self, policy: Policy) -> list[PolicyFinding]:
        """Milestones whose condition holds for no contract in the database."""
        labels = {m.id: m.label for m in policy.milestones}
        return [
            tally.finding(
                FindingKind.MATCHES_NOTHING,
                Label(
                    (
                        'none of them meets the condition (where) of "{labels}" ({id}), so it '
                        "never comes; check its values and their spelling"
                    ),
                    labels=labels[id],
                    id=id,
                ),
            )
            for id, tally in self._unmatched.items()
        ]

    def long_findings(self, policy: Policy) -> list[PolicyFinding]:
        """Milestones that reach back further than the term of every contract in the database."""
        labels = {m.id: m.label for m in policy.milestones}
        return [
            tally.finding(
                FindingKind.LONGER_THAN_TERMS,
                Label(
                    (
                        '"{labels}" ({id}) is longer than the term of each of them, so it never '
                        "comes; choose a shorter offset"
                    ),
                    labels=labels[id],
                    id=id,
                ),
            )
            for id, tally in self._too_long.items()
        ]

    def findings(self) -> list[PolicyFinding]:
        """The findings by kind, in the order of the kinds."""
        return [
            tally.finding(kind, WORDS[kind])
            for kind in FindingKind
            if (tally := self._kinds.get(kind))
        ]

    def late_findings(self, policy: Policy) -> list[PolicyFinding]:
        """One finding for each milestone, first those with the most contracts that no other
        milestone tells in time."""
        ordered = sorted(
            self._late.items(), key=lambda item: item[1].earlier.total() - item[1].contracts
        )
        return [_late_finding(tally, milestone) for milestone, tally in ordered]


def _late_finding(tally: _Tally, milestone: str) -> PolicyFinding:
    """`"3 months before renewal" comes when …`, who tells them earlier, and what to do."""
    late = tally.example
    assert late is not None
    left = tally.contracts - tally.earlier.total()
    ids = ", ".join(tally.earlier)
    shifted = Label(
        ' {shifted:,} of them only because of shift = "{shift}";',
        shifted=tally.shifted,
        shift=late.milestone.shift.value,
    )
    earlier = (
        Label(
            " {count:,} of them gets no earlier reminder: choose an earlier offset, or add a "
            'milestone with anchor = "decide_by"',
            many=" {count:,} of them get no earlier reminder: choose an earlier offset, or add a "
            'milestone with anchor = "decide_by"',
            count=left,
        )
        if left
        else Label(" {ids} tells all of them earlier", ids=ids)
    )
    said = Label(
        '"{label}" ({milestone}) comes with fewer than {needed} working days to the notice '
        "deadline, or after it (for one: on {day}, deadline {deadline});{shifted}{earlier}",
        label=late.milestone.label,
        milestone=milestone,
        needed=WORKING_DAYS_NEEDED,
        day=day_shown(late.day_on),
        deadline=day_shown(late.decide_by),
        shifted=shifted if tally.shifted else "",
        earlier=earlier,
    )
    return tally.finding(FindingKind.LATE_NUDGE, said)


def _listed(names: Collection[str]) -> str:
    """The first few names."""
    first = list(names)[:_EXAMPLES]
    return ", ".join([*first, "…"] if len(names) > len(first) else first)

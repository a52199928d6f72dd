"""The cells of the page for the weekly meeting, as people read them on a terminal and on paper."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scheduler.cli.terminal.say import label, language, text
from scheduler.cli.terminal.words import (
    amounts_word,
    because,
    health_word,
    milestone_word,
    said_in_words,
)
from scheduler.core.deal.contracts import Money, sums
from scheduler.core.deal.formats import near_day
from scheduler.core.reports.meeting import (
    DueLine,
    Meeting,
    MeetingFacts,
    MeetingGroup,
    MeetingLine,
    NextStep,
)
from scheduler.core.reports.meeting_words import DECISION, GROUPS, STEPS
from scheduler.core.time.dates import local_day

if TYPE_CHECKING:
    from scheduler.core.policy.policy import Policy


def health_of(of: MeetingFacts, policy: "Policy") -> str:
    """How the customer is doing, and why."""
    why, name = health_reason(of, policy), health_word(of.health.value, policy)
    return text("{health}: {why}", health=name, why=why) if why else name


def health_reason(of: MeetingFacts, policy: "Policy") -> str:
    """Why the health is what it is; empty where nobody said."""
    return because(of.health_because, policy) if of.health_because else ""


def last_word(of: MeetingFacts, policy: "Policy") -> str:
    """The last thing that was said."""
    if of.last is None:
        return ""
    return said_in_words(of.last.verb, of.last.details, policy, of.pipeline, of.amount.currency)


def who_said_what(of: MeetingFacts, policy: "Policy", today: date) -> str:
    """The last thing that was said, with who said it and when."""
    if of.last is None:
        return ""
    on = near_day(local_day(of.last.at, ZoneInfo(policy.zone)), today, language())
    return text("{name}, {day}: {words}", name=of.last.name, day=on, words=last_word(of, policy))


def step_word(line: MeetingLine, policy: "Policy", today: date) -> str:
    """The next step as a sentence without its full stop."""
    day = near_day(line.step_on, today, language()) if line.step_on else ""
    question = milestone_word(line.of.question, policy) if line.of.question else ""
    decides = line.step is NextStep.DEADLINE and not line.of.auto_renew
    return label((DECISION if decides else STEPS[line.step]).filled(day=day, question=question))


def group_word(group: MeetingGroup, count: int) -> str:
    """A group's heading with how many are in it."""
    return text("{name} ({count})", name=GROUPS[group].name, count=count)


def totals_word(found: Meeting) -> str:
    """How many contracts there are, and how many of them are to be talked about."""
    several = [line.of for line in found.lines]
    counts = [
        text("{count} contract", many="{count} contracts", count=len(several)),
        *(
            text("{name}: {count}", name=GROUPS[group].name, count=number)
            for group in list(MeetingGroup)[:-1]
            if (number := sum(group in of.groups for of in several))
        ),
    ]
    unknown = sum(of.health.value == "unknown" for of in several)
    if unknown:
        counts.append(text("not assessed: {count}", count=unknown))
    return text(" · ").join(counts)


_NAMED = 5
"""How many contracts a sentence names."""


def left_out_word(found: Meeting) -> str:
    """Which open contracts are not on the page, and what to do; empty where all are."""
    amounts, without = sums([of.amount for of in found.left_out])
    numbers = [of.contract for of in found.left_out]
    named = [*numbers[:_NAMED], *(["…"] if len(numbers) > _NAMED else [])]
    return (
        text(
            "Left out: {count} contract ({amounts}) that had ended before it was first imported "
            "and is still open. Record whether it was renewed, with `renewals answer CONTRACT "
            "won` or lost: {contracts}",
            many="Left out: {count} contracts ({amounts}) that had ended before they were first "
            "imported and are still open. Record whether each was renewed, with `renewals "
            "answer CONTRACT won` or lost: {contracts}",
            count=len(numbers),
            amounts=amounts_word(amounts, without),
            contracts=text(", ").join(named),
        )
        if numbers
        else ""
    )


def sums_of(lines: Sequence[DueLine]) -> str:
    """The sums of some lines, by currency."""
    sums: dict[str, int] = {}
    for line in lines:
        if line.contracts > line.without:
            sums[line.currency] = sums.get(line.currency, 0) + line.minor
    money = [Money(minor, currency) for currency, minor in sorted(sums.items())]
    return amounts_word(money, sum(line.without for line in lines))

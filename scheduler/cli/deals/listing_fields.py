"""What files for spreadsheets hold of each listing: their columns, in the order in which they
stand.

Always holds: the columns of deals and people that an import reads are called as it calls them, so
that an exported file can be changed and brought back in; what the program decides itself (stage,
health) is called otherwise, so that an old file never moves a deal back.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scheduler.cli.terminal.listed import Field, clock, yes_no
from scheduler.cli.terminal.say import label, language, text
from scheduler.cli.terminal.words import (
    amount_word,
    because,
    health_word,
    left,
    length_word,
    milestone_word,
    recipient_word,
    reminder_word,
    role_word,
    stage_word,
    state_word,
)
from scheduler.core.deal.contracts import Money, minor_digits
from scheduler.core.deal.formats import near_day
from scheduler.core.messages.channels import PERSONAL
from scheduler.core.messages.state_tables import KINDS
from scheduler.core.time.dates import Term, local_day
from scheduler.services.deals.listing import DealFacts, MessageLine, NudgeLine, PersonLine

if TYPE_CHECKING:
    from scheduler.cli.terminal.spreadsheets import Value
    from scheduler.core.facts.coming import Upcoming
    from scheduler.core.policy.policy import Policy
    from scheduler.sources.kinds.profiles import Profile


def _named(profile: "Profile", field: str) -> str:
    """The name that an import uses for a field, in the reader's language."""
    return label(profile.spelt(field))


def major(amount: Money) -> Decimal | None:
    """An amount in whole units, with all the decimals of its currency; None where nobody knows it.

    >>> major(Money(90050, "GBP")), major(Money(3600000, "JPY")), major(Money(None, "EUR"))
    (Decimal('900.50'), Decimal('3600000'), None)
    """
    return (
        None
        if amount.minor is None
        else Decimal(amount.minor).scaleb(-minor_digits(amount.currency))
    )


def deal_fields(policy: "Policy", today: date) -> Sequence[Field[DealFacts]]:
    """Deals: everything of the contract that an import reads, then where the deal stands."""
    from scheduler.sources.kinds.profiles import CSV

    def of(field: str, value: "Callable[[DealFacts], Value]") -> Field[DealFacts]:
        return Field(_named(CSV, field), value=value)

    zone = ZoneInfo(policy.zone)
    return (
        of("contract", lambda d: d.contract),
        of("customer", lambda d: d.customer),
        of("customer_id", lambda d: d.customer_id),
        of("product", lambda d: d.product),
        of("title", lambda d: d.title),
        of("starts_on", lambda d: d.starts_on),
        of("ends_on", lambda d: d.ends_on),
        of("estimated", lambda d: yes_no(d.estimated)),
        of("term", lambda d: _length(d.term)),
        of("notice", lambda d: _length(d.notice)),
        of("decide_by", lambda d: d.decide_by),
        of("auto_renew", lambda d: yes_no(d.auto_renew)),
        of("evergreen", lambda d: yes_no(d.evergreen)),
        of("renewal_term", lambda d: _length(d.renewal_term)),
        of("renewal_notice", lambda d: _length(d.renewal_notice)),
        of("amount", lambda d: major(d.amount)),
        of("currency", lambda d: d.amount.currency),
        of("owner", lambda d: d.owner),
        of("sales", lambda d: d.sales),
        of("segment", lambda d: d.segment),
        of("country", lambda d: d.country),
        of("parent", lambda d: d.parent),
        of("url", lambda d: d.url),
        of("pipeline", lambda d: d.pipeline),
        of("stage_now", lambda d: stage_word(d.stage, policy.pipelines.get(d.pipeline))),
        of("health_now", lambda d: health_word(d.health, policy)),
        of("days_left", lambda d: _days_left(d, today)),
        of("next", lambda d: clock(d.next_at, zone)),
        of("source", lambda d: d.source),
        of("deal", lambda d: d.deal),
    )


def _length(stored: str | None) -> str:
    """A length of time as people write it, and as an import reads it."""
    return length_word(Term.parse(stored)) if stored else ""


def _days_left(deal: DealFacts, today: date) -> int | None:
    """Days until the next day on which something must be decided."""
    ahead = deal.decide_by if deal.decide_by and deal.decide_by >= today else deal.ends_on
    return (ahead - today).days if ahead else None


def upcoming_fields(today: date) -> Sequence[Field["Upcoming"]]:
    """The columns of a list of what comes."""
    asked = text("Who is told")
    return (
        Field(
            text("Day", context="listing_fields"),
            lambda u: near_day(u.on, today, language()),
            lambda u: u.on,
        ),
        Field(
            text("Left", context="listing_fields"),
            lambda u: left(u.on, today),
            lambda u: (u.on - today).days,
            text("Days left"),
            right=True,
            spare=1,
        ),
        Field.both(text("Customer"), lambda u: u.customer, least=14),
        Field.both(text("Contract"), lambda u: u.contract, least=8),
        Field.both(text("What"), lambda u: reminder_word(label(u.what), u.step), least=24),
        Field(
            text("Amount"),
            lambda u: amount_word(u.amount),
            lambda u: major(u.amount),
            right=True,
            spare=2,
        ),
        Field(text("Currency"), value=lambda u: u.amount.currency),
        Field.both(asked, lambda u: ", ".join(map(recipient_word, u.asked)), least=12),
    )


def nudge_fields(policy: "Policy", today: date) -> Sequence[Field[NudgeLine]]:
    """Nudges."""
    zone = ZoneInfo(policy.zone)

    def what(nudge: NudgeLine) -> str:
        return reminder_word(milestone_word(nudge.milestone, policy), nudge.step)

    return (
        Field(text("No."), value=lambda n: n.nudge),
        Field(
            text("Made"),
            lambda n: near_day(local_day(n.created_at, zone), today, language()),
            lambda n: clock(n.created_at, zone),
        ),
        Field.both(text("State"), lambda n: state_word(n.state)),
        Field.both(text("Customer"), lambda n: n.customer, least=12),
        Field.both(text("Contract"), lambda n: n.contract, least=8),
        Field.both(text("What"), what, least=24),
        Field(text("Counted from"), value=lambda n: n.anchor_on),
        Field.both(text("For"), lambda n: recipient_word(n.recipient), least=10),
        Field(text("Due", context="listing_fields"), value=lambda n: clock(n.due_at, zone)),
        Field(text("Sent"), value=lambda n: clock(n.sent_at, zone)),
        Field(
            text("Message"),
            lambda n: n.message or "",
            lambda n: n.message,
            right=True,
            spare=1,
        ),
        Field.both(text("Reason"), lambda n: because(n.reason, policy), wraps=True, spare=2),
    )


def message_fields(policy: "Policy", today: date) -> Sequence[Field[MessageLine]]:
    """Messages, without their texts."""
    zone = ZoneInfo(policy.zone)

    def subject(message: MessageLine) -> str:
        if message.subject:
            return message.subject
        what = (
            text("{count} nudge", many="{count} nudges", count=message.nudges)
            if message.nudges
            else label(KINDS[message.kind])
        )
        if message.sent_at:
            return text("({what}, never written)", what=what)
        return text("({what}, written when it is sent)", what=what)

    return (
        Field.both(text("No."), lambda m: m.message, right=True),
        Field(
            text("Made"),
            lambda m: near_day(local_day(m.created_at, zone), today, language()),
            lambda m: clock(m.created_at, zone),
        ),
        Field.both(text("State"), lambda m: state_word(m.state)),
        Field(text("Sent"), value=lambda m: clock(m.sent_at, zone)),
        Field.both(text("Way"), lambda m: m.channel, spare=1),
        Field.both(text("To"), lambda m: recipient_word(m.recipient), least=10),
        Field(text("Address"), value=lambda m: m.address),
        Field(text("Subject"), subject, lambda m: m.subject, least=30),
        Field(text("Nudges", context="listing_fields"), value=lambda m: m.nudges),
        Field(text("Attempts"), value=lambda m: m.attempts),
        Field.both(text("Reason"), lambda m: because(m.reason, policy), wraps=True, spare=2),
    )


def person_fields() -> Sequence[Field[PersonLine]]:
    """People."""
    from scheduler.sources.people import PEOPLE

    def of(field: str) -> str:
        return _named(PEOPLE, field)

    return (
        Field.both(text("Name"), lambda p: p.name, of("name"), least=12),
        Field(text("Role"), lambda p: role_word(p.role), lambda p: p.role, of("role")),
        Field(
            text("E-mail"),
            lambda p: p.email or "",
            lambda p: p.email,
            of("email"),
            least=24,
        ),
        Field("Slack", lambda p: p.slack_id or "", lambda p: p.slack_id, of("slack_id"), spare=2),
        Field(
            text("Zone"),
            lambda p: p.zone or "",
            lambda p: p.zone,
            of("zone"),
            spare=1,
        ),
        Field(of("language"), value=lambda p: p.language),
        Field(of("calendar"), value=lambda p: p.calendar),
        Field(of("hours"), value=lambda p: p.hours),
        Field(of("team"), value=lambda p: p.team),
        Field(
            text("Manager"),
            lambda p: p.manager or "",
            lambda p: p.manager,
            of("manager"),
            least=10,
            spare=3,
        ),
        Field(of("active"), value=lambda p: yes_no(p.active)),
        Field.both(text("Deals"), lambda p: p.open_deals, of("open_deals"), right=True),
        Field.both(text("Note", context="listing_fields"), _note, of("remark")),
    )


def _note(person: PersonLine) -> str:
    """A note on what is wrong with somebody's entry."""
    if not person.active:
        return text("inactive")
    reached = any(getattr(person, field) for field in PERSONAL.values())
    return "" if reached else text("cannot be reached")

"""What admins are told: each thing once, in the policy's language, with what to do.

Always holds: an alert has a stable key, so that the same thing seen twice, or on two machines, is
told once.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from scheduler.core.deal.formats import clock_word
from scheduler.core.facts.nudge_facts import alert_facts
from scheduler.core.facts.punctuality import CAUSES, MonthLine, percent, total
from scheduler.core.messages.channels import CHANNELS
from scheduler.core.messages.circuit_breaker import ChannelBreaker
from scheduler.core.messages.faults import FaultKind
from scheduler.core.messages.states import Message
from scheduler.core.policy.policy import Policy
from scheduler.core.words.keys import stable_key
from scheduler.core.words.labels import COMMA, ByLanguage, Joined, Label
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.core.words.reasons import word
from scheduler.services.delivery.balance_faults import CLEARED_BY_A_LOOK, FAULTS, BalanceFinding

Alert = tuple[str, dict[str, Any]]
"""(key, facts of the message of kind `alert`)."""


class AlertTransaction(Protocol):
    """A transaction in which the admins can be told something."""

    def alert(
        self,
        key: str,
        facts: Mapping[str, Any],
        policy: Policy,
        configured: Collection[ChannelName],
        now: datetime,
    ) -> bool:
        """Tells the admins once for each `key`; returns whether it was new."""


def alert(key: str, language: Language, title: Label, text: Label, todo: Label) -> Alert:
    """An alert in the admins' language."""
    return key, alert_facts(title.of(language), text.of(language), todo.of(language))


def undelivered(message: Message, because: str, language: Language) -> Alert:
    """A message does not get through, or never will."""
    where = f"{message.channel}:{message.address}"
    return alert(
        f"undelivered:{message.key}:{message.fence}",
        language,
        Label("a message cannot be delivered ({where})", where=where),
        _reason(because),
        Label(
            ("Check the address and the settings. What it says: renewals messages {message_id}"),
            message_id=message.id,
        ),
    )


BROKEN_TEXT = Label("a message template has mistakes; the shipped text is used instead")


def broken_text_key(version: int, file: str) -> str:
    """What keeps a file with a mistake from being told twice a version: when the version comes into
    force, and when a message would have used it."""
    return f"text:{version}:{file}"


def broken_texts(message: Message, because: str, policy: Policy) -> Iterator[Alert]:
    """Texts failed with what a message had to say. `because` names each with its line, and is told
    once a version for each file."""
    todo = Label(
        "Fix the template and save it. What went out: renewals messages {message_id}",
        message_id=message.id,
    )
    for one in because.split("; "):
        key = broken_text_key(policy.version, one.partition(":")[0])
        yield alert(key, policy.language, BROKEN_TEXT, _reason(one), todo)


def in_doubt(message: Message, language: Language) -> Alert:
    """Nobody can say whether a message arrived."""
    where = f"{message.channel}:{message.address}"
    return alert(
        f"in_doubt:{message.key}:{message.fence}",
        language,
        Label("nobody can say whether a message arrived ({where})", where=where),
        _reason(message.reason),
        Label(
            "Ask the recipient. What it says: renewals messages {message_id}", message_id=message.id
        ),
    )


def unbalanced(findings: Sequence[BalanceFinding], today: date, language: Language) -> Alert:
    """Something was lost, or is stuck: told once a day while that lasts, and at once when something
    else is found."""
    lines = [_one(f) for f in findings[:_LISTED]]
    if len(findings) > _LISTED:
        lines.append(Label("- and {findings} more", findings=len(findings) - _LISTED))
    if any(f.fault in CLEARED_BY_A_LOOK for f in findings):
        lines.append(Label("The next sweep catches up on what was missed."))
    what = sorted(f"{f.fault.value} {f.contract} {f.what} {f.on}" for f in findings)
    return alert(
        f"unbalanced:{today.isoformat()}:{stable_key(*what)}",
        language,
        Label("the balance does not add up ({findings})", findings=len(findings)),
        Label.verbatim(Joined(lines, "\n")),
        Label("All of it, with what to do: renewals report balance"),
    )


def _one(finding: BalanceFinding) -> Label:
    """The words for one row that does not agree."""
    who = " ".join(
        part
        for part in (
            finding.contract or finding.customer,
            finding.what,
            finding.on.isoformat() if finding.on else "",
        )
        if part
    )
    meaning, _ = FAULTS[finding.fault]
    return Label("- {who}: {meaning}", who=who, meaning=meaning)


def flooded(recipient: str, nudges: int, today: date, language: Language) -> Alert:
    """The flood breaker holds nudges back; said again every day until they are released or
    answered."""
    return alert(
        f"flood:{recipient}:{today.isoformat()}",
        language,
        Label("{nudges} nudges for {recipient} are held", nudges=nudges, recipient=recipient),
        Label(
            "Many late nudges came up at once, after an import, an edit or a stop. Deals were "
            "moved as usual; what is close to a deadline still goes out."
        ),
        Label("To look and send: renewals release"),
    )


_MEND_OTHERWISE = Label(
    "It is tried again automatically; if it keeps failing, check settings and connection: "
    "renewals check"
)


def channel_paused(condition: ChannelBreaker, waiting: int, policy: Policy) -> Alert:
    """Nothing goes out on a channel; told once for each pause."""
    name, since = (
        CHANNELS[condition.channel].label,
        clock_word(condition.paused_at, ZoneInfo(policy.zone), "—"),
    )
    mend = CHANNELS[condition.channel].mend.get(
        condition.fault_kind or FaultKind.NETWORK, _MEND_OTHERWISE
    )
    return alert(
        f"channel:{condition.channel}:{condition.setup}:{condition.paused_at}:paused",
        policy.language,
        Label("nothing can be sent by {name}; sending by it is paused", name=name),
        Label(
            (
                "Reason: {because}\nSince {since}. Messages that wait: {waiting}. Nothing is "
                "lost; they go out as soon as it works."
            ),
            because=condition.because,
            since=since,
            waiting=waiting,
        ),
        mend,
    )


def channel_works(condition: ChannelBreaker, waiting: int, now: datetime, policy: Policy) -> Alert:
    """A channel that was paused works again."""
    name, zone = CHANNELS[condition.channel].label, ZoneInfo(policy.zone)
    since, until = clock_word(condition.paused_at, zone, "—"), clock_word(now, zone)
    return alert(
        f"channel:{condition.channel}:{condition.setup}:{condition.paused_at}:works",
        policy.language,
        Label("{name} works again", name=name),
        Label(
            (
                "It was paused from {since} to {until}. What waits ({waiting}) goes out now, "
                "each in its reader's hours."
            ),
            since=since,
            until=until,
            waiting=waiting,
        ),
        Label(""),
    )


def _reason(because: str) -> Label:
    """Why, in words."""
    return Label("Reason: {word}", word=ByLanguage(word, because))


def still_held(
    key: str,
    held: Sequence[tuple[str, int, datetime]],
    messages: int,
    today: date,
    language: Language,
) -> Alert:
    """The alert about what the flood breaker, or anything else, still holds back, as (recipient,
    nudges, since)."""
    nudges = sum(count for _, count, _ in held)
    lines = [
        Label("- {name}: {number}, since {since:%Y-%m-%d}", name=name, number=count, since=since)
        for name, count, since in held[:_LISTED]
    ]
    if len(held) > _LISTED:
        lines.append(Label("- and {held} more people", held=len(held) - _LISTED))
    if messages:
        lines.append(Label("- messages held: {messages}", messages=messages))
    return alert(
        key,
        language,
        Label("{nudges} nudges are still held ({today})", nudges=nudges, today=today),
        Label.verbatim(Joined(lines, "\n")),
        Label("To look and send: renewals release"),
    )


def unready_alert(
    key: str,
    counts: tuple[int, int, int],
    unreachable: Sequence[str],
    language: Language,
    punctual: Sequence[MonthLine] = (),
) -> Alert:
    """Contracts without an owner or without an end, messages in doubt (`counts`), and owners whom
    nothing reaches; told once a week, with how many reminders were in time."""
    without_owner, without_end, in_doubt = counts
    lines = [
        (without_owner, Label("- contracts without an owner: {number}", number=without_owner)),
        (
            without_end,
            Label(
                "- contracts without an end date: {number} (nobody is told in advance)",
                number=without_end,
            ),
        ),
        (
            len(unreachable),
            Label("- owners who cannot be reached: {named}", named=_named(unreachable)),
        ),
        (
            in_doubt,
            Label("- messages that may or may not have arrived: {number}", number=in_doubt),
        ),
    ]
    said = [line for count, line in lines if count]
    figures = _punctual(punctual)
    if not said:
        return alert(
            key,
            language,
            Label("how reminders went out"),
            Label.verbatim(Joined(figures, "\n")),
            Label("Details: renewals report delivery"),
        )
    return alert(
        key,
        language,
        Label("needs attention this week"),
        Label.verbatim(Joined((*said, *figures), "\n")),
        Label(
            "Add the missing owners, end dates and addresses and import again: renewals import "
            "FILE. Details: renewals check, renewals messages --state in_doubt"
        ),
    )


def _punctual(lines: Sequence[MonthLine]) -> list[Label]:
    """One line for each month: how many reminders were in time, and why others were not."""
    months = sorted({line.month_on for line in lines if line.month_on})
    sums = [(month, total(line for line in lines if line.month_on == month)) for month in months]
    return [_month(month, found) for month, found in sums if found.due]


def _month(month: date, found: MonthLine) -> Label:
    """The words for one month."""
    causes = [(CAUSES[cause][0], n) for cause, n in found.because.items() if n]
    counted = [Label("{cause} {number}", cause=ByLanguage(_lower, c), number=n) for c, n in causes]
    return Label(
        "- {month:%Y-%m} reminders that arrived in time: {in_time:,} of {due:,} ({part}){why}",
        month=month,
        in_time=found.in_time,
        due=found.due,
        part=percent(found),
        why=Label(": {because}", because=Joined(counted, COMMA)) if counted else "",
    )


def _lower(cause: Label, language: Language) -> str:
    """A cause inside a sentence."""
    return cause.of(language).lower()


_LISTED = 10


def _named(names: Sequence[str]) -> str:
    """The first few names."""
    return ", ".join(names[:_LISTED]) + ("…" if len(names) > _LISTED else "")

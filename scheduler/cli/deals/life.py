"""One term of a contract as `renewals show` and `renewals why` tell it: what it is, what happened,
what comes next.

Always holds: both read the same story, say the same words for the same fact, and stand on the clock
by which the deal's days begin; what happened is told in the order in which it happened, each thing
once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.deals.health_rows import health_rows
from scheduler.cli.terminal.say import (
    as_json,
    heading,
    label,
    language,
    put,
    say,
    strong,
    table,
    text,
)
from scheduler.cli.terminal.tables import Column
from scheduler.cli.terminal.words import (
    alone,
    amount_word,
    because,
    day_word,
    left,
    length_word,
    milestone_word,
    recipient_word,
    reminder_word,
    said_word,
    stage_word,
    state_word,
)
from scheduler.core.deal.formats import clock_word, long_day, near_day
from scheduler.core.deal.pauses import Pause, pause_of
from scheduler.core.deal.successor import renewal_length
from scheduler.core.facts.coming import Upcoming
from scheduler.core.facts.field_words import word_change
from scheduler.core.imports.records import customer_key
from scheduler.core.time.dates import local_day
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import COMMA, Joined, Label
from scheduler.core.words.lexicon import ActorKind, Paperwork
from scheduler.core.words.reasons import code_of
from scheduler.services.deals.deal_story import DealStory
from scheduler.services.deals.listing import NOTE, Life, NudgeLine
from scheduler.services.deals.why import story

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.core.deal.contracts import Contract
    from scheduler.core.deal.deal import Deal
    from scheduler.core.deal.pipeline import Passage
    from scheduler.core.policy.policy import Policy

AHEAD_DAYS = 800
_MOST_AHEAD, _MANY = 8, 4
_TOGETHER = timedelta(minutes=10)


ContractWanted = Annotated[
    str,
    typer.Argument(
        metavar="CONTRACT", help=text("contract number, the customer's name, or '#deal'")
    ),
]


def tell_lives(
    here: CommandContext,
    wanted: str,
    names: Iterable[str],
    show: "Callable[[Life, DealStory, Policy], None]",
) -> None:
    """Tells the story of every term of a contract: for machines those of its parts that are named,
    else its title, what `show` shows of it, and whether it is paused."""
    with here.open() as app:
        lives = lives_of(app, wanted)
        policy, now = app.policy, app.clock.now()
        with app.paused() as look:
            pauses = look.standing(now)
    told = [(life, story(life, policy, now), pause_of(life.deal, pauses)) for life in lives]
    if here.json:
        as_json(
            [
                {name: getattr(of, name) for name in names}
                | {"life": life, "paused": paused and paused.told(language())}
                for life, of, paused in told
            ]
        )
        return
    for number, (life, of, paused) in enumerate(told):
        if number:
            say()
        put(title(of, life.deal.contract))
        show(life, of, policy)
        say_paused(paused, policy)


def lives_of(app: "App", wanted: str) -> list[Life]:
    """The terms of the contract of a number, a deal's `#number` or a customer's name, the newest
    first. Raises UserMustActError where it is none or several."""
    return app.listings.lives(wanted) or _of_customer(app, wanted)


def _of_customer(app: "App", wanted: str) -> list[Life]:
    """The deals of the one contract that the customer of this name has. Raises UserMustActError
    where it is none or several."""
    alike = app.listings.alike(wanted)
    key = customer_key(wanted)
    same = [a for a in alike if customer_key(a.customer) == key]
    if len(alike) == 1 and key in customer_key(alike[0].customer):
        same = alike
    if len(same) != 1:
        raise not_found(app, wanted)
    return app.listings.lives(same[0].contract)


def not_found(app: "App", wanted: str) -> UserMustActError:
    """No such contract, with what resembles it."""
    alike = text(", ").join(f"{a.contract} ({a.customer})" for a in app.listings.alike(wanted))
    return UserMustActError(
        "there is no contract {wanted}; {alike}",
        alike=(
            Label("did you mean: {alike}?", alike=alike)
            if alike
            else Label("`renewals deals` lists all of them")
        ),
        wanted=wanted,
    )


def title(told: DealStory, contract: "Contract") -> str:
    """Whose contract it is, its number, what it is about."""
    parts = (told.customer, told.contract, contract.product or contract.title)
    return strong(" · ".join(p for p in parts if p))


def head(life: Life, told: DealStory, policy: "Policy") -> Iterator[tuple[str, Any]]:
    """The facts known about the contract and its deal."""
    deal, contract = life.deal, life.deal.contract
    since = deal.stage_entered_at.astimezone(ZoneInfo(told.counted.zone)).date()
    yield (
        text("Stage"),
        stage_word(told.stage, policy.pipelines.get(deal.pipeline))
        + text(", since {since}", since=day_word(since), day=day_word(since)),
    )
    yield text("Term"), _term(contract, told)
    if told.decide_by:
        notice = (
            text("notice {length}", length=length_word(contract.notice)) if contract.notice else ""
        )
        gone = left(told.decide_by, told.today) if told.is_open else ""
        words = text(", ").join(w for w in (gone, notice) if w)
        yield alone(told.deadline), day_word(told.decide_by) + aside(words)
    yield (
        text("Auto-renewal"),
        text("yes", context="show") if contract.auto_renew else text("no", context="show"),
    )
    if contract.renewal_term or contract.renewal_notice:
        yield text("Renews for"), _renewal_words(contract)
    yield text("Amount"), amount_word(contract.amount) or text("unknown")
    yield from health_rows(told, policy)
    yield text("Owner"), deal.owner.name if deal.owner else text("(nobody)")
    if deal.sales:
        yield text("Sales"), deal.sales.name
    yield from _said_facts(deal, policy)
    if contract.url:
        yield text("Record"), contract.url


def _renewal_words(contract: "Contract") -> str:
    """How long the terms after this one are, and their notice, where that differs."""
    notice = contract.renewal_notice
    words = (
        length_word(renewal_length(contract)),
        text("notice {length}", length=length_word(notice)) if notice else "",
    )
    return text(", ").join(w for w in words if w)


def _said_facts(deal: "Deal", policy: "Policy") -> Iterator[tuple[str, Any]]:
    """The facts that people have given about the deal."""
    if deal.call:
        yield text("Forecast"), label(deal.call.label)
    if deal.paperwork is not Paperwork.NONE:
        yield text("Paperwork"), label(deal.paperwork.label)
    if deal.expected_on:
        yield (
            text("Asking again on") if deal.expected_by_default else text("Expected on"),
            day_word(deal.expected_on),
        )
    if deal.notice_on:
        yield text("Notice received", context="show"), day_word(deal.notice_on)
    if deal.won:
        yield (
            text("Renewed"),
            text("until {day}, ", day=day_word(deal.won.ends_on)) + amount_word(deal.won.amount),
        )
    if deal.lost:
        reasons = {r.id: label(r.label) for r in policy.lost_reasons.get(deal.pipeline, ())}
        named = text(", ").join(
            reasons.get(r, r) for r in (deal.lost.reason, deal.lost.second) if r
        )
        yield text("Lost because"), named + aside(deal.lost.note)


def aside(*words: str) -> str:
    """Words set apart in brackets; empty for none."""
    said = text("; ").join(w for w in words if w)
    return text(" ({words})", words=said) if said else ""


def _term(contract: "Contract", told: DealStory) -> str:
    """From when until when, and how long that still is."""
    estimated = text("estimated") if contract.estimated else ""
    remaining = left(told.ends_on, told.today) if told.is_open else ""
    words = text(", ").join(w for w in (estimated, remaining) if w)
    end = day_word(told.ends_on) if told.ends_on else text("no end")
    return f"{day_word(told.starts_on)} – {end}" + aside(words)


def at_word(instant: datetime, told: DealStory) -> str:
    """An instant on the clock by which the deal's days begin."""
    return clock_word(instant, ZoneInfo(told.counted.zone))


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of the story. Entries that follow each other with the same `series` are told as
    one."""

    at: datetime
    what: str
    why: str = ""
    series: str = ""


def say_history(life: Life, told: DealStory, policy: "Policy", last: int | None = None) -> None:
    """Says what happened, oldest first; with `last` only that many lines, and where the rest can be
    read."""
    entries = sorted(
        [
            *_edits(life, policy),
            *_answers(life, policy),
            *_passages(life, policy),
            *_nudges(life, policy),
        ],
        key=lambda e: e.at,
    )
    rows = [
        row
        for series, group in groupby(entries, key=lambda e: e.series)
        for row in _rows(list(group), series, told)
    ]
    heading("What happened")
    left_out = len(rows) - last if last is not None and len(rows) > last + 1 else 0
    if left_out:
        say(
            "… {left_out} lines before: `renewals why {number}`",
            left_out=left_out,
            number=told.contract,
        )
    table(("", "", Column("", wraps=True)), rows[left_out:], bare=True)


def _rows(entries: Sequence[_Entry], series: str, told: DealStory) -> list[tuple[str, str, str]]:
    """The lines of neighbouring entries; a long series is its first, its last, and how many there
    were between."""
    lines = [(at_word(e.at, told), e.what, e.why) for e in entries]
    if not series or len(lines) < _MANY:
        return lines
    between = len(lines) - 2
    return [
        lines[0],
        ("", text("  … {between} times the same", between=between), ""),
        lines[-1],
    ]


def _passages(life: Life, policy: "Policy") -> Iterator[_Entry]:
    """The stages it passed through."""
    pipeline = policy.pipelines.get(life.deal.pipeline)
    for p in life.passages:
        doubt = "" if p.observed else text("[reconstructed] ")
        origin = f"{stage_word(p.from_stage, pipeline)} → " if p.from_stage else ""
        what = f"{doubt}{origin}{stage_word(p.to_stage, pipeline)}{_undone(p.undone)}"
        yield _Entry(p.at or life.deal.arrived_at, what, _why(p, policy))


def _why(passage: "Passage", policy: "Policy") -> str:
    """Why it moved and by whom; not what the answer beside it says already."""
    code = code_of(passage.because) or ""
    if code == "person_answer" or (code.startswith("said_") and code != "said_undo"):
        return ""
    who = "" if passage.actor.kind is ActorKind.POLICY else passage.actor.name
    return because(passage.because, policy) + (aside(who) if who not in passage.because else "")


def _edits(life: Life, policy: "Policy") -> Iterator[_Entry]:
    """The fields that people changed by hand."""
    for edit in life.edits:
        words = text(", ").join(word_change(*field, language(), policy) for field in edit.fields)
        yield _Entry(
            edit.at,
            f"{edit.name}{text(': ')}{words}{_undone(edit.undone)}",
            text("change {edit_number}", edit_number=edit.number),
        )


def _answers(life: Life, policy: "Policy") -> Iterator[_Entry]:
    """The answers that people gave; a note that was taken back is gone."""
    for a in life.answers:
        if a.verb == NOTE and a.undone_at is not None:
            continue
        said = said_word(a.verb, a.details, policy, life.deal)
        yield _Entry(a.at, f"{a.name}{text(': ')}{said}{_undone(a.undone_at is not None)}")


def _undone(taken_back: bool) -> str:
    """The words that follow something that was taken back."""
    return text(" (undone)") if taken_back else ""


def _nudges(life: Life, policy: "Policy") -> Iterator[_Entry]:
    """The messages, with whom each reached or why it waits."""
    for at, told in _told_together(life.nudges):
        to = text(", ").join(recipient_word(n.recipient) for n in told)
        what = reminder_word(milestone_word(told[0].milestone, policy), told[0].step)
        yield _Entry(
            at,
            text("told {to}: {what}", to=to, what=what),
            messages(told),
            f"{told[0].milestone} {to}",
        )
    for n in life.nudges:
        if n.sent_at is None:
            what, to = (
                reminder_word(milestone_word(n.milestone, policy), n.step),
                recipient_word(n.recipient),
            )
            told_not = text(
                "for {to} ({state}): {what}", to=to, state=state_word(n.state), what=what
            )
            yield _Entry(n.created_at, told_not, because(n.reason, policy))


def _told_together(nudges: Sequence[NudgeLine]) -> list[tuple[datetime, list[NudgeLine]]]:
    """Groups the messages that reached several people about the same time, each group with the time
    it reached the first of them."""
    together: list[tuple[datetime, list[NudgeLine]]] = []
    for at, nudge in sorted(
        ((n.sent_at, n) for n in nudges if n.sent_at), key=lambda sent: (sent[0], sent[1].nudge)
    ):
        same = (nudge.milestone, nudge.anchor_on, nudge.step)
        found = next(
            (
                g
                for g in together
                if (g[1][0].milestone, g[1][0].anchor_on, g[1][0].step) == same
                and at - g[0] <= _TOGETHER
            ),
            None,
        )
        if found:
            found[1].append(nudge)
        else:
            together.append((at, [nudge]))
    return together


def messages(nudges: Sequence[NudgeLine]) -> str:
    """The messages that carried it."""
    numbers = list(dict.fromkeys(n.message for n in nudges if n.message))
    listed = text(", ").join(map(str, numbers))
    return (
        text("message {listed}", many="messages {listed}", count=len(numbers), listed=listed)
        if numbers
        else ""
    )


def say_next(told: DealStory, policy: "Policy") -> None:
    """Says what waits for an answer, and what comes."""
    if not told.is_open or not (told.question or told.upcoming):
        return
    heading("What comes next")
    if told.question:
        asked = told.question
        day = local_day(asked.at, ZoneInfo(told.counted.zone))
        on = near_day(day, told.today, language())
        what = milestone_word(asked.milestone, policy)
        say("Waits for an answer: {what} (told on {on})", what=what, on=on)
        verbs = "call renew|at_risk|unsure, won, lost, notice, snooze, seen"
        say("  renewals answer {number} …  {verbs}", number=told.contract, verbs=verbs)
    if told.upcoming:
        rows = [
            (
                long_day(group[0].on, language()),
                left(group[0].on, told.today),
                _coming(group, told.today),
                _asked(group),
            )
            for group in _together(told.upcoming)[:_MOST_AHEAD]
        ]
        table(("", Column("", right=True), "", ""), rows, bare=True)


def say_paused(pause: Pause | None, policy: "Policy") -> None:
    """Says that nothing of this is asked or sent at present."""
    if pause is None:
        return
    zone = ZoneInfo(policy.zone)
    since, until = (clock_word(at, zone) for at in (pause.since_at, pause.until_at))
    say()
    say(
        "Paused ({what}) since {since}{until}{by}{why}. Nothing about this is sent and the stage "
        "does not move; `renewals resume` asks only the latest question.",
        what=pause.what,
        since=since,
        until=Label(" until {until}", context="pause", until=until) if until else "",
        by=Label(", by {name}", name=pause.by) if pause.by else "",
        why=Label(": {because}", because=pause.why) if pause.because else "",
    )


def _together(ahead: Sequence[Upcoming]) -> list[list[Upcoming]]:
    """Groups what comes: each milestone once, with the reminders and repetitions that follow it."""
    groups: list[list[Upcoming]] = []
    for u in ahead:
        same = (g for g in reversed(groups) if u.milestone and g[0].milestone == u.milestone)
        earlier = next(same, None)
        if earlier:
            earlier.append(u)
        else:
            groups.append([u])
    return groups


def _coming(group: Sequence[Upcoming], today: date) -> str:
    """What comes, until when people are reminded of it, and how often it comes again."""
    what = reminder_word(label(group[0].what), group[0].step)
    reminders = [u for u in group[1:] if u.step]
    again = [u for u in group[1:] if not u.step]
    if reminders:
        what = text(
            "{what}, then up to {count} reminder until {last}",
            many="{what}, then up to {count} reminders until {last}",
            what=what,
            count=len(reminders),
            last=near_day(reminders[-1].on, today, language()),
        )
    if again:
        what = text(
            "{what}; again on {last}",
            many="{what}; {count} more times, the last on {last}",
            what=what,
            count=len(again),
            last=near_day(again[-1].on, today, language()),
        )
    return what


def _asked(group: Sequence[Upcoming]) -> str:
    """Who is told, and who else is told when it is repeated."""
    first = [recipient_word(a) for a in group[0].asked]
    more = [
        a
        for a in dict.fromkeys(recipient_word(a) for u in group for a in u.asked)
        if a not in first
    ]
    if not first:
        return ""
    told = "→ " + text(", ").join(first)
    return told + (text(", later also {more}", more=Joined(more, COMMA)) if more else "")

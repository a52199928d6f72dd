"""`renewals show CONTRACT`: everything about one contract, as a story a colleague can follow.

Always holds: what happened stands in the order in which it happened, each thing once; what was
*not* told, and why, stands apart, so that it neither hides the story nor gets lost.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.context import Here
from scheduler.cli.listing import today_of
from scheduler.cli.say import (
    as_json,
    facts,
    heading,
    label,
    language,
    put,
    say,
    strong,
    table,
    text,
)
from scheduler.cli.tables import Column
from scheduler.cli.words import (
    CALLS,
    PAPERWORKS,
    alone,
    amount_word,
    because,
    day_word,
    health_word,
    left,
    length_word,
    milestone_word,
    recipient_word,
    reminder_word,
    said_word,
    stage_word,
    state_word,
    when,
)
from scheduler.core.deal.formats import long_day, near_day
from scheduler.core.deal.successor import renewal_length
from scheduler.core.telling.coming import Upcoming, upcoming
from scheduler.core.telling.facts import decide_by_label
from scheduler.core.telling.field_words import word_change
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import COMMA, Joined, Label
from scheduler.core.words.lexicon import ActorKind, EventState, Paperwork
from scheduler.core.words.reasons import code_of
from scheduler.services.deals.listing import Life, NudgeLine

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.core.deal.contracts import Contract
    from scheduler.core.deal.deal import Deal
    from scheduler.core.deal.pipeline import Passage
    from scheduler.core.policy.policy import Policy

AHEAD_DAYS = 800
_MOST_AHEAD, _MANY = 8, 4
_TOGETHER = timedelta(minutes=10)


def show(
    here: Here,
    contract: Annotated[
        str,
        typer.Argument(
            metavar="CONTRACT",
            help=text("contract number, the customer's name, or '#deal'"),
        ),
    ],
) -> None:
    """One contract with its dates, its deal and its history."""
    with here.open() as app:
        lives = app.listings.lives(contract) or of_customer(app, contract)
        now, policy, today = app.clock.now(), app.policy, today_of(app)
        coming = [upcoming([life.deal], policy, now, AHEAD_DAYS) for life in lives]
    if here.json:
        as_json(
            [{"life": life, "upcoming": ahead} for life, ahead in zip(lives, coming, strict=True)]
        )
        return
    for number, (life, ahead) in enumerate(zip(lives, coming, strict=True)):
        if number:
            say()
        show_life(life, ahead, policy, today)


def of_customer(app: "App", wanted: str) -> list[Life]:
    """The deals of the one contract that the customer of this name has. Raises UserMustActError
    where it is none or several."""
    alike = app.listings.alike(wanted)
    same = [a for a in alike if a.customer.lower() == wanted.lower()]
    if len(alike) == 1 and wanted.lower() in alike[0].customer.lower():
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
            else Label("`renewals deals` lists those there are")
        ),
        wanted=wanted,
    )


def show_life(life: Life, ahead: Sequence[Upcoming], policy: "Policy", today: date) -> None:
    """One term of a contract: what it is, what happened, what was not told, what comes."""
    contract = life.deal.contract
    title = " · ".join(
        t
        for t in (contract.customer.name, contract.number, contract.product or contract.title)
        if t
    )
    put(strong(title))
    facts(list(_facts(life.deal, policy, today)))
    _story(life, policy)
    _untold(life, policy)
    _next(life.deal, ahead, policy, today)


def _facts(deal: "Deal", policy: "Policy", today: date) -> Iterator[tuple[str, Any]]:
    """What is known about the contract and its deal."""
    contract, pipeline = deal.contract, policy.pipelines.get(deal.pipeline)
    stage = pipeline.find(deal.stage) if pipeline else None
    is_open = stage is None or stage.is_open
    since = when(deal.stage_entered_at, policy)[:10]
    yield (
        text("Stage"),
        stage_word(deal.stage, pipeline)
        + text(", since {since}", since=_iso(since), day=day_word(date.fromisoformat(since))),
    )
    yield text("Term"), _term(deal, today, is_open=is_open)
    if contract.decide_by:
        notice = text(", notice ") + length_word(contract.notice) if contract.notice else ""
        gone = left(contract.decide_by, today) if is_open else ""
        named = decide_by_label(contract)
        yield (
            alone(named),
            day_word(contract.decide_by) + _aside(gone + notice if gone else notice.lstrip("、, ")),
        )
    yield (
        text("Auto-renewal"),
        text("yes", context="show") if contract.auto_renew else text("no", context="show"),
    )
    if contract.renewal_term or contract.renewal_notice:
        yield text("Renews for"), renewal_words(contract)
    yield text("Amount"), amount_word(contract.amount) or text("unknown")
    yield (
        text("Health"),
        health_word(deal.health.value, policy) + _aside(deal.health_because),
    )
    yield text("Owner"), deal.owner.name if deal.owner else text("(nobody)")
    if deal.sales:
        yield text("Sales"), deal.sales.name
    yield from _said_facts(deal, policy)
    if contract.url:
        yield text("Record"), contract.url


def renewal_words(contract: "Contract") -> str:
    """How long the terms after this one are, and their notice, where that differs."""
    notice = contract.renewal_notice
    words = (
        length_word(renewal_length(contract)),
        text("notice {length}", length=length_word(notice)) if notice else "",
    )
    return text(", ").join(w for w in words if w)


def _said_facts(deal: "Deal", policy: "Policy") -> Iterator[tuple[str, Any]]:
    """What people have said about the deal."""
    if deal.call:
        yield text("Forecast"), label(CALLS[deal.call])
    if deal.paperwork is not Paperwork.NONE:
        yield text("Paperwork"), label(PAPERWORKS[deal.paperwork])
    if deal.expected_on:
        yield (
            text("Asking again on") if deal.expected_chosen else text("Expected on"),
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
        yield text("Lost because"), named + _aside(deal.lost.note)


def _iso(day: str) -> str:
    return day_word(date.fromisoformat(day))


def _aside(words: str) -> str:
    """Words set apart in brackets; empty for none."""
    return text(" ({words})", words=words) if words else ""


def _term(deal: "Deal", today: date, *, is_open: bool) -> str:
    """From when until when, and how long that still is."""
    contract = deal.contract
    estimated = text("estimated") if contract.estimated else ""
    remaining = left(contract.ends_on, today) if is_open else ""
    words = text(", ").join(w for w in (estimated, remaining) if w)
    end = day_word(contract.ends_on) if contract.ends_on else text("no end")
    return f"{day_word(contract.starts_on)} – {end}" + _aside(words)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of the story. Entries that follow each other with the same `series` are told as
    one."""

    at: datetime
    what: str
    why: str = ""
    series: str = ""


def _story(life: Life, policy: "Policy") -> None:
    """What happened, oldest first."""
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
        for row in _rows(list(group), series, policy)
    ]
    heading("What happened")
    table(("", "", Column("", wraps=True)), rows, bare=True)


def _rows(entries: Sequence[_Entry], series: str, policy: "Policy") -> list[tuple[str, str, str]]:
    """The lines of neighbouring entries; a long series is its first, its last, and how many there
    were between."""
    lines = [(when(e.at, policy), e.what, e.why) for e in entries]
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
    return because(passage.because, policy) + (_aside(who) if who not in passage.because else "")


def _edits(life: Life, policy: "Policy") -> Iterator[_Entry]:
    """What people changed by hand."""
    for edit in life.edits:
        words = text(", ").join(word_change(*field, language(), policy) for field in edit.fields)
        yield _Entry(
            edit.at,
            f"{edit.name}{text(': ')}{words}{_undone(edit.undone)}",
            text("change {edit_number}", edit_number=edit.number),
        )


def _answers(life: Life, policy: "Policy") -> Iterator[_Entry]:
    """What people said."""
    for a in life.answers:
        said = said_word(a.verb, a.details, policy, life.deal)
        yield _Entry(a.at, f"{a.name}{text(': ')}{said}{_undone(a.undone_at is not None)}")


def _undone(taken_back: bool) -> str:
    """What stands behind something that was taken back."""
    return text(" (undone)") if taken_back else ""


def _nudges(life: Life, policy: "Policy") -> Iterator[_Entry]:
    """Whom it was told, or why it waits."""
    for at, told in _told_together(life.nudges):
        to = text(", ").join(recipient_word(n.recipient) for n in told)
        what = reminder_word(milestone_word(told[0].milestone, policy), told[0].step)
        yield _Entry(
            at,
            text("told {to}: {what}", to=to, what=what),
            _messages(told),
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
    """What reached several people about the same time, as one thing, with when it reached the first
    of them."""
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


def _messages(nudges: Sequence[NudgeLine]) -> str:
    """The messages that carried it."""
    numbers = list(dict.fromkeys(n.message for n in nudges if n.message))
    listed = text(", ").join(map(str, numbers))
    return (
        text("message {listed}", many="messages {listed}", count=len(numbers), listed=listed)
        if numbers
        else ""
    )


def _untold(life: Life, policy: "Policy") -> None:
    """Milestones whose day came without a word, with the reason."""
    told = {(n.milestone, n.anchor_on, n.step) for n in life.nudges}
    silent = [e for e in life.deal.events if e.state is not EventState.FIRED or e.key not in told]
    if silent:
        heading("Not told, or taken back")
        rows = [
            (
                long_day(e.day_on, language()),
                milestone_word(e.milestone, policy),
                because(e.reason, policy),
            )
            for e in sorted(silent, key=lambda e: (e.day_on, e.id or 0))
        ]
        table(("", "", Column("", wraps=True)), rows, bare=True)


def _next(deal: "Deal", ahead: Sequence[Upcoming], policy: "Policy", today: date) -> None:
    """What waits for an answer, and what comes."""
    from scheduler.core.answers.answers import open_asks
    from scheduler.core.rules.followup import asks as asks_for

    pipeline = policy.pipelines.get(deal.pipeline)
    stage = pipeline.find(deal.stage) if pipeline else None
    if stage is not None and not stage.is_open:
        return
    asks = [e for e in open_asks(deal, policy) if asks_for(e.milestone, policy)]
    if asks or ahead:
        heading("What comes next")
    if asks:
        asked, number = asks[-1], deal.contract.number
        on = near_day(asked.at.astimezone(ZoneInfo(policy.zone)).date(), today, language())
        what = milestone_word(asked.milestone, policy)
        say("Waits for an answer: {what} (told on {on})", what=what, on=on)
        verbs = "call renew|at_risk|unsure, won, lost, notice, snooze, seen"
        say("  renewals answer {number} …  {verbs}", number=number, verbs=verbs)
    if ahead:
        rows = [
            (
                long_day(group[0].on, language()),
                left(group[0].on, today),
                _coming(group, today),
                _asked(group),
            )
            for group in _with_reminders(ahead)[:_MOST_AHEAD]
        ]
        table(("", Column("", right=True), "", ""), rows, bare=True)


def _with_reminders(ahead: Sequence[Upcoming]) -> list[list[Upcoming]]:
    """What comes, each thing with the reminders that follow it."""
    groups: list[list[Upcoming]] = []
    for u in ahead:
        earlier = (
            next((g for g in reversed(groups) if g[0].milestone == u.milestone), None)
            if u.step
            else None
        )
        if earlier:
            earlier.append(u)
        else:
            groups.append([u])
    return groups


def _coming(group: Sequence[Upcoming], today: date) -> str:
    """What comes, and until when it is repeated."""
    what = reminder_word(label(group[0].what), group[0].step)
    if len(group) == 1:
        return what
    last = near_day(group[-1].on, today, language())
    return text(
        "{what}, then up to {count} reminder until {last}",
        many="{what}, then up to {count} reminders until {last}",
        what=what,
        count=len(group) - 1,
        last=last,
    )


def _asked(group: Sequence[Upcoming]) -> str:
    """Who is told, and who besides when it is repeated."""
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

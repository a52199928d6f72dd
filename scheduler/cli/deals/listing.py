"""`renewals deals`, `upcoming`, `nudges`, `messages`, `people`: lists for people, for machines and
for spreadsheets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, NoReturn, Self
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.deals.listing_fields import (
    deal_fields,
    message_fields,
    nudge_fields,
    person_fields,
    upcoming_fields,
)
from scheduler.cli.terminal.listed import show, wants_files, write_files
from scheduler.cli.terminal.reading import day_of
from scheduler.cli.terminal.say import (
    as_json,
    heading,
    label,
    language,
    put,
    say,
    strong,
    table,
    tell,
    text,
)
from scheduler.cli.terminal.tables import Column
from scheduler.cli.terminal.words import (
    amount_word,
    because,
    health_word,
    left,
    recipient_word,
    stage_word,
    state_word,
)
from scheduler.core.deal.formats import clock_word, near_day
from scheduler.core.imports.words import listed
from scheduler.core.messages.state_tables import KINDS
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Health, MessageState, NudgeState
from scheduler.services.deals.listing import (
    DealFilter,
    DealLine,
    MessageLine,
    StageSum,
    closed_stages,
)

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.core.policy.policy import Policy

Limit = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        help=text("how many to show (files: all)"),
    ),
]
SHOWN, SHOWN_AHEAD = 50, 200
"""How many are shown where nobody says; files have all."""


OwnerPart = Annotated[
    str | None, typer.Option(metavar="TEXT", help=text("part of the owner's name or e-mail"))
]


@dataclass(frozen=True, slots=True)
class DealOptions:
    """Which deals are to be listed, as it was typed."""

    pipeline: Annotated[str | None, typer.Option(metavar="ID", help=text("of this pipeline"))] = (
        None
    )
    stage: Annotated[str | None, typer.Option(metavar="ID", help=text("in this stage"))] = None
    owner: OwnerPart = None
    customer: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help=text("part of the customer's name")),
    ] = None
    health: Annotated[
        str | None,
        typer.Option(
            metavar="HEALTH",
            help=text("{health}", health=listed(Health)),
        ),
    ] = None
    ends_before: Annotated[
        str | None,
        typer.Option(metavar="DATE", help=text("that end before this day")),
    ] = None
    needs_confirmation: Annotated[
        bool,
        typer.Option(
            "--needs-confirmation",
            help=text("whose end date is an estimate to be confirmed"),
        ),
    ] = False
    closed: Annotated[bool, typer.Option("--closed", help=text("closed deals too"))] = False
    limit: Limit = None

    def read(self) -> Self:
        """The same, with whatever no configuration says read. Raises UserMustActError."""
        day_of(self.ends_before)
        health = one_of(self.health, {h.value: h.label for h in Health}, Label("health"))
        return replace(self, health=health)

    def wanted(self, policy: "Policy", most: int) -> DealFilter:
        """The same, read; `most` are shown where nobody said how many. Raises UserMustActError."""
        stages = {s.id: s.label for p in policy.pipelines.values() for s in p.stages}
        return DealFilter(
            pipeline_of(self.pipeline, policy),
            one_of(self.stage, dict(sorted(stages.items())), Label("stage")),
            self.owner,
            self.customer,
            self.health,
            day_of(self.ends_before),
            self.needs_confirmation,
            self.closed,
            self.limit or most,
        )


def deals(here: CommandContext, *, options: DealOptions) -> None:
    """The board, then the deals, the most urgent first."""
    options = options.read()
    with here.open() as app:
        policy, over, today = app.policy, closed_stages(app.policy), today_of(app)
        wanted = options.wanted(policy, 0 if wants_files(here) else SHOWN)
        if wants_files(here):
            found = app.sheets.deals(wanted, over, today)
            write_files(here, text("Deals"), deal_fields(policy, today), found)
            return
        board = app.listings.board(wanted, over)
        lines, total = app.listings.deals(wanted, over, today)
    if here.json:
        as_json({"board": board, "deals": lines, "total": total})
    elif not total:
        _no_deals(wanted)
    else:
        show_board(board, policy)
        say()
        show_deals(lines, policy, today)
        _more(total - len(lines))


_MOST_WORDS = 30
"""How many words a refusal lists."""


def pipeline_of(written: str | None, policy: "Policy") -> str | None:
    """The id of the pipeline that is meant. Raises UserMustActError."""
    return one_of(written, dict(sorted(policy.pipeline_labels.items())), Label("pipeline"))


def one_of(
    written: str | None, names: Sequence[str] | Mapping[str, Label], what: Label
) -> str | None:
    """The word of the list that is meant, by itself or by what it is called in any language; None
    where nothing was written. Raises UserMustActError for one that is not in the list."""
    from scheduler.core.imports.names import meant
    from scheduler.core.words.problems import near

    known = list(names)
    if written is None or written in known:
        return written
    called = names if isinstance(names, Mapping) else {n: Label.verbatim(n) for n in known}
    if (found := meant(written, called)) is not None:
        return found
    close = near(written, known)
    raise UserMustActError(
        "there is no {what} {written}; {meant}there are: {known}",
        what=what,
        written=written,
        meant=Label("did you mean {close}? ", close=close) if close else "",
        known=", ".join([*known[:_MOST_WORDS], *(["…"] if len(known) > _MOST_WORDS else [])]),
    )


def _more(count: int) -> None:
    """Says how many more there are."""
    if count > 0:
        tell("{number} more (--limit shows more)", number=count)


def _no_deals(wanted: DealFilter) -> None:
    """Nothing to show, and what to do."""
    if wanted == DealFilter(limit=wanted.limit):
        say(
            "No open deals. Import contracts: renewals import FILE. Closed deals: renewals "
            "deals --closed"
        )
    else:
        say("No deal matches.")


def show_board(board: Sequence[StageSum], policy: "Policy") -> None:
    """Shows how many deals and how much money are in each stage, in the pipeline's order."""
    sums = {(s.pipeline, s.stage): s for s in board}
    shown = 0
    for pipeline in policy.pipelines.values():
        stages = [sums[pipeline.id, s.id] for s in pipeline.stages if (pipeline.id, s.id) in sums]
        if not stages:
            continue
        if shown:
            say()
        shown += 1
        currencies, without = (
            sorted({m.currency for s in stages for m in s.money}),
            any(s.without for s in stages),
        )
        columns: tuple[Column | str, ...] = (
            text("Stage"),
            Column(text("Deals", context="listing"), right=True),
            *(Column(c, right=True) for c in currencies),
            *((Column(text("No amount"), right=True),) if without else ()),
            Column(text("Not assessed"), right=True),
        )
        title = label(pipeline.label)
        put(strong(title))
        table(
            columns,
            [
                _board_row(s, currencies, stage_word(s.stage, pipeline), without=without)
                for s in stages
            ],
        )


def _board_row(
    found: StageSum, currencies: Sequence[str], name: str, *, without: bool
) -> tuple[object, ...]:
    """The row of one stage of the board; `without` if any stage has contracts without an amount."""
    amounts = {m.currency: amount_word(m) for m in found.money if m.minor}
    missing = (found.without or "",) if without else ()
    return (
        name,
        found.deals,
        *(amounts.get(c, "") for c in currencies),
        *missing,
        found.not_assessed or "",
    )


def show_deals(lines: Sequence[DealLine], policy: "Policy", today: date) -> None:
    """Shows one line for each deal."""
    columns = (
        Column(text("Customer"), least=12),
        Column(text("Contract"), least=8),
        Column(text("Stage"), least=14),
        Column(text("Health"), spare=2),
        Column(text("Ends")),
        Column(text("Decide by")),
        Column(text("Left"), right=True, spare=4),
        Column(text("Amount"), right=True, spare=5),
        Column(text("Owner"), least=8, spare=3),
        Column(text("Next"), spare=1),
    )
    table(columns, [_deal_row(line, policy, today) for line in lines])


def _deal_row(line: DealLine, policy: "Policy", today: date) -> tuple[str, ...]:
    """The cells of one deal."""
    estimated = text(" (est.)") if line.estimated else ""
    closed = line.stage in closed_stages(policy)
    ahead = line.decide_by if line.decide_by and line.decide_by >= today else line.ends_on
    return (
        line.customer,
        line.contract,
        stage_word(line.stage, policy.pipelines.get(line.pipeline)),
        health_word(line.health, policy),
        f"{near_day(line.ends_on, today, language())}{estimated}"
        if line.ends_on
        else text("no end"),
        near_day(line.decide_by, today, language()) if line.decide_by else "",
        "" if closed else left(ahead, today),
        amount_word(line.amount),
        line.owner or text("(nobody)"),
        near_day(line.next_at.astimezone(ZoneInfo(policy.zone)).date(), today, language())
        if line.next_at and not closed
        else "",
    )


def today_of(app: "App") -> date:
    """Today in the policy's zone."""
    return app.clock.now().astimezone(ZoneInfo(app.policy.zone)).date()


def upcoming(
    here: CommandContext,
    *,
    days: Annotated[
        int,
        typer.Option(min=1, max=3650, metavar="N", help=text("how many days ahead")),
    ] = 90,
    owner: OwnerPart = None,
    limit: Limit = None,
) -> None:
    """What will be told and done, and when, if nobody answers; notice deadlines and ends among
    it."""
    from scheduler.core.facts.coming import upcoming as coming

    with here.open() as app:
        now, policy, today = app.clock.now(), app.policy, today_of(app)
        found = app.listings.waking(now + timedelta(days=days), closed_stages(policy), 100_000)
        mine = [
            d
            for d in found
            if owner is None
            or (d.owner and owner.lower() in f"{d.owner.name} {d.owner.email or ''}".lower())
        ]
        lines = coming(mine, policy, now, days)
    if wants_files(here):
        write_files(here, text("Upcoming"), upcoming_fields(today), lines[:limit])
    elif here.json:
        as_json(lines)
    elif not lines:
        say("Nothing comes in the next {days} days.", days=days)
    else:
        show(upcoming_fields(today), lines[: limit or SHOWN_AHEAD])
        _more(len(lines) - (limit or SHOWN_AHEAD))


def nudges(
    here: CommandContext,
    *,
    state: Annotated[str | None, typer.Option(metavar="STATE", help=", ".join(NudgeState))] = None,
    person: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help=text("part of the recipient's name or e-mail"),
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help=text("from this day on"))
    ] = None,
    limit: Limit = None,
) -> None:
    """The newest nudges, their states and reasons."""
    one_of(state, list(NudgeState), Label("state"))
    begin = day_of(since)
    with here.open() as app:
        policy, today = app.policy, today_of(app)
        begin_at = datetime.combine(begin, time(), ZoneInfo(policy.zone)) if begin else None
        if wants_files(here):
            write_files(
                here,
                text("Nudges"),
                nudge_fields(policy, today),
                app.sheets.nudges(state, person, begin_at, limit),
            )
            return
        lines = app.listings.nudges(state, person, begin_at, limit or SHOWN)
    if here.json:
        as_json(lines)
    elif not lines:
        _nothing(
            Label("No nudge matches."),
            Label(
                "No nudges yet. `renewals run` makes them when their day comes (`renewals "
                "upcoming` shows which)."
            ),
            state or person or since,
        )
    else:
        show(nudge_fields(policy, today), lines)


def _nothing(no_match: Label, none: Label, filtered: str | None) -> None:
    """No line at all, or none that matches."""
    say(no_match if filtered else none)


def messages(
    here: CommandContext,
    number: Annotated[
        int | None,
        typer.Argument(metavar="NUMBER", help=text("the message to read")),
    ] = None,
    *,
    state: Annotated[
        str | None, typer.Option(metavar="STATE", help=", ".join(MessageState))
    ] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help=", ".join(KINDS))] = None,
    undeliverable: Annotated[
        bool,
        typer.Option(
            "--undeliverable",
            help=text("only those that reached nobody"),
        ),
    ] = False,
    limit: Limit = None,
) -> None:
    """The newest messages; with a number, one as its reader sees it."""
    one_of(state, list(MessageState), Label("state"))
    one_of(kind, list(KINDS), Label("kind"))
    with here.open() as app:
        policy, today = app.policy, today_of(app)
        if number is None and wants_files(here):
            found = app.sheets.messages(state, kind, limit, undeliverable=undeliverable)
            write_files(here, text("Messages"), message_fields(policy, today), found)
            return
        one = (app.listings.message(number) or _no_message(number)) if number is not None else None
        lines = (
            []
            if one
            else app.listings.messages(state, kind, limit or SHOWN, undeliverable=undeliverable)
        )
    if here.json:
        as_json(one or lines)
    elif one:
        show_message(one, policy)
    elif not lines and undeliverable:
        say("Nothing is undeliverable.")
    elif not lines:
        _nothing(
            Label("No message matches."),
            Label(
                "No messages yet. `renewals run` makes them when their day comes (`renewals "
                "upcoming` shows which)."
            ),
            state or kind,
        )
    else:
        show(message_fields(policy, today), lines)
        tell("to read one: renewals messages NUMBER")
        if undeliverable:
            tell("to send them again once the cause is fixed: renewals retry")


def _no_message(number: int) -> NoReturn:
    """Raises the error for a number that no message has."""
    raise UserMustActError(
        "there is no message {number}; `renewals messages` lists them", number=number
    )


def show_message(message: MessageLine, policy: "Policy") -> None:
    """Shows one message as its reader sees it."""
    sent = clock_word(message.sent_at or message.created_at, ZoneInfo(policy.zone))
    who, address = recipient_word(message.recipient), message.address
    say(
        "To: {who}{rest} ({channel}, {state} {sent})",
        who=who,
        rest="" if who == address else f" <{address}>",
        channel=message.channel,
        state=state_word(message.state),
        sent=sent,
    )
    if message.reason:
        say("Reason: {because}", because=because(message.reason, policy))
    if message.text is None:
        say("Its text is written when it is sent.")
        return
    heading("Subject: {subject}", subject=message.subject or "")
    say()
    body = message.text.rstrip()
    put(body)


def people(here: CommandContext) -> None:
    """Everybody, how they are reached, and what they own."""
    with here.open() as app:
        lines = app.listings.people(closed_stages(app.policy))
    if wants_files(here):
        write_files(here, text("People"), person_fields(), lines)
    elif here.json:
        as_json(lines)
    elif not lines:
        say("There are no people yet. Import them: renewals import people.csv")
    else:
        show(person_fields(), lines)

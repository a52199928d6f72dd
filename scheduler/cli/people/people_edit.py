"""`renewals people add | edit | merge | deactivate` and `renewals reassign`: colleagues, and whose
contracts are whose, in one line each.

Always holds: what moves is shown before anything does, with how many contracts, how much money and
who hears of it; each can be undone.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.deals.contract import field_option, given
from scheduler.cli.terminal.confirming import DryRun, Yes, agreed
from scheduler.cli.terminal.say import as_json, label, language, put, say, tell, text
from scheduler.cli.terminal.who import By, who
from scheduler.cli.terminal.words import amounts_word, change_word, recipient_word
from scheduler.core.deal.formats import long_day
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.core.policy.policy import Policy
    from scheduler.services.imports.editing_people import PeopleEdited

_SHOWN = 10
Person = Annotated[
    str,
    typer.Argument(metavar="PERSON", help=text("name or e-mail, or a part of it")),
]


Email = Annotated[str | None, field_option("EMAIL", Label("the e-mail address"))]
Slack = Annotated[
    str | None,
    typer.Option("--slack", metavar="ID", help=text("the Slack member id")),
]
Role = Annotated[
    str | None,
    field_option("ROLE", Label("rep, manager, sales or admin")),
]
Manager = Annotated[str | None, field_option("PERSON", Label("the manager (none: nobody)"))]
Zone = Annotated[
    str | None,
    field_option("ZONE", Label("the time zone, e.g. Europe/London (none: the default)")),
]
Calendar = Annotated[
    str | None,
    field_option("NAME", Label("the holiday calendar (none: the default)")),
]
Speaks = Annotated[
    str | None,
    typer.Option(
        "--language",
        metavar="ja|en",
        help=text("the language they read (none: the default)"),
    ),
]
Hours = Annotated[
    str | None,
    field_option("HH:MM-HH:MM", Label("working hours, e.g. 09:00-17:30 (none: the default)")),
]
Team = Annotated[str | None, field_option("NAME", Label("the team"))]


def add(
    here: CommandContext,
    name: Annotated[str, typer.Argument(metavar="NAME", help=text("the full name"))],
    *,
    email: Email = None,
    slack: Slack = None,
    role: Role = None,
    manager: Manager = None,
    zone: Zone = None,
    calendar: Calendar = None,
    speaks: Speaks = None,
    hours: Hours = None,
    team: Team = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    by: By = None,
) -> None:
    """A new colleague."""
    from scheduler.services.imports.editing_people import add_person

    texts = given(
        name=name,
        email=email,
        slack_id=slack,
        role=role,
        manager=manager,
        zone=zone,
        calendar=calendar,
        language=speaks,
        hours=hours,
        team=team,
    )
    _through(
        here,
        lambda app, by, keep: add_person(
            app.editing, _read(texts, app), app.policy, app.clock.now(), by=by, keep=keep
        ),
        yes,
        dry_run,
        by,
        makes=not dry_run,
    )


def edit(
    here: CommandContext,
    person: Person,
    *,
    name: Annotated[str | None, field_option("NAME", Label("the full name"))] = None,
    email: Email = None,
    slack: Slack = None,
    role: Role = None,
    manager: Manager = None,
    zone: Zone = None,
    calendar: Calendar = None,
    speaks: Speaks = None,
    hours: Hours = None,
    team: Team = None,
    active: Annotated[
        str | None,
        field_option("yes|no", Label("works here (yes: is back; no: people deactivate)")),
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    by: By = None,
) -> None:
    """Changes what is known of a colleague."""
    from scheduler.services.imports.editing_people import edit_person

    texts = given(
        name=name,
        email=email,
        slack_id=slack,
        role=role,
        manager=manager,
        zone=zone,
        calendar=calendar,
        language=speaks,
        hours=hours,
        team=team,
        active=active,
    )
    if not texts:
        raise UserMustActError("say what to change, e.g. --zone Europe/London")

    def done(app: "App", by: str, keep: bool) -> "PeopleEdited":
        given = _read(texts, app)
        if given.get("active") is False:
            raise UserMustActError(
                "somebody who has left: renewals people deactivate '{person}'", person=person
            )
        return edit_person(
            app.editing, person, given, app.policy, app.clock.now(), by=by, keep=keep
        )

    _through(here, done, yes, dry_run, by)


def _read(texts: dict[str, str], app: "App") -> dict[str, Any]:
    """Parses what was typed."""
    from scheduler.sources.people import read_fields

    return read_fields(texts, app.policy)


def deactivate(
    here: CommandContext,
    person: Person,
    *,
    to: Annotated[
        str | None, field_option("PERSON", Label("who takes their open contracts"))
    ] = None,
    leave: Annotated[
        bool,
        typer.Option("--leave", help=text("leave their contracts to the fallback")),
    ] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    by: By = None,
) -> None:
    """Somebody has left."""
    from scheduler.services.imports.editing_people import deactivate_person

    def done(app: "App", by: str, keep: bool) -> "PeopleEdited":
        return deactivate_person(
            app.editing, person, app.policy, app.clock.now(), by=by, keep=keep, to=to, leave=leave
        )

    _through(here, done, yes, dry_run, by)


def merge(
    here: CommandContext,
    old: Annotated[
        str,
        typer.Argument(metavar="OLD", help=text("who is merged (name or e-mail)")),
    ],
    into: Annotated[str, typer.Argument(metavar="INTO", help=text("whom they turned out to be"))],
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
    by: By = None,
) -> None:
    """Merges two entries of the same colleague."""
    from scheduler.services.imports.editing_people import merge_people

    _through(
        here,
        lambda app, by, keep: merge_people(
            app.editing, old, into, app.policy, app.clock.now(), by=by, keep=keep
        ),
        yes,
        dry_run,
        by,
    )


def reassign(
    here: CommandContext,
    *,
    old: Annotated[str, typer.Option("--from", metavar="PERSON", help=text("whose contracts"))],
    new: Annotated[str, typer.Option("--to", metavar="PERSON", help=text("who takes them"))],
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=VALUE",
            help=text("only those, e.g. segment=enterprise, amount>=1000000"),
        ),
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    by: By = None,
) -> None:
    """Open contracts go from one colleague to another."""
    from scheduler.core.policy.choosing import read_conditions
    from scheduler.services.imports.editing_people import reassign as reassigned

    conditions = read_conditions(where or ())

    def done(app: "App", by: str, keep: bool) -> "PeopleEdited":
        return reassigned(
            app.editing, old, new, conditions, app.policy, app.clock.now(), by=by, keep=keep
        )

    _through(here, done, yes, dry_run, by)


def _through(
    here: CommandContext,
    done: "Callable[[App, str, bool], PeopleEdited]",
    yes: bool,
    dry_run: bool,
    by: str | None,
    makes: bool = False,
) -> None:
    """Previews the change, asks, applies it and says how to undo it, as `contract.through` does."""
    with here.open(edits=True, makes=makes) as app:
        _, name = who(app, by, here.env)
        seen = done(app, name, False)
        if here.json and (dry_run or not yes or not seen.changes):
            as_json(_values(seen))
        elif not here.json:
            _show(seen, app.policy)
        if not seen.changes or not agreed(yes=yes, dry_run=dry_run, asks=not here.json):
            return
        kept = done(app, name, True)
    if here.json:
        as_json(_values(kept))
    else:
        say("recorded as change {kept_number}", kept_number=kept.number)
        tell("to take it back: renewals undo {kept_number}", kept_number=kept.number)


def _values(edited: "PeopleEdited") -> dict[str, object]:
    """For machines."""
    return {
        "change": edited.number,
        "done": edited.number is not None,
        "person": edited.person,
        "new": edited.report.new,
        "moved": edited.report.moved,
        "contracts": edited.contracts,
        "money": edited.money,
        "without_amount": edited.without_amount,
        "questions": edited.questions,
        "coming": edited.coming,
        "notices": edited.notices,
    }


def _show(edited: "PeopleEdited", policy: "Policy") -> None:
    """Shows what changes, how much is handed over, and who is told."""
    for notice in edited.notices:
        tell(notice)
    if not edited.changes:
        say("nothing changes: {person}", person=edited.person)
        return
    put(edited.person)
    if edited.report.new:
        say("  a new colleague")
    for moved in edited.report.moved[:_SHOWN]:
        about = f"{moved.contract} {moved.customer}  " if moved.contract else ""
        line = f"  {about}{change_word(moved, policy)}"
        put(line)
    more = edited.report.moved_count - _SHOWN
    if more > 0:
        say("  and {more} more", more=more)
    if edited.contracts:
        money = amounts_word(edited.money, edited.without_amount)
        say(
            "contracts that go over: {contracts} ({money}), open questions: {questions}",
            contracts=edited.contracts,
            money=money,
            questions=edited.questions,
        )
    _coming(edited)


def _coming(edited: "PeopleEdited") -> None:
    """Shows who is told what in the next days."""
    told = [line for line in edited.coming if line.asked and not line.step]
    if not told:
        return
    say("Told in the next 60 days")
    for line in told[:_SHOWN]:
        people = text(", ").join(map(recipient_word, line.asked))
        words = (
            f"  {long_day(line.on, language())}  {line.contract} {line.customer}  "
            f"{label(line.what)}  → {people}"
        )
        put(words)
    if len(told) > _SHOWN:
        say("  and {told} more", told=len(told) - _SHOWN)

"""`renewals people add | edit | merge | deactivate` and `renewals reassign`: colleagues, and whose
contracts are whose, in one line each.

Always holds: what moves is shown before anything does, with how many contracts, how much money and
who hears of it; each can be undone.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.deals.contract import Text, coming_line, field_option, given, through
from scheduler.cli.terminal.confirming import Consent
from scheduler.cli.terminal.say import put, say, tell, text
from scheduler.cli.terminal.who import PersonArgument
from scheduler.cli.terminal.words import amounts_word, change_word
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.core.words.languages import Language

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.core.policy.policy import Policy
    from scheduler.services.imports.editing_people import PeopleEdit, PeopleEdited

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class PersonFields:
    """The options that set what is known of a colleague, by the names of fields."""

    email: Annotated[Text, field_option("EMAIL", Label("the e-mail address"))] = None
    slack_id: Annotated[Text, field_option("ID", Label("the Slack member id"), "--slack")] = None
    role: Annotated[Text, field_option("ROLE", Label("rep, manager, sales or admin"))] = None
    manager: Annotated[Text, field_option("PERSON", Label("the manager (none: nobody)"))] = None
    zone: Annotated[
        Text,
        field_option("ZONE", Label("the time zone, e.g. Europe/London (none: the default)")),
    ] = None
    calendar: Annotated[
        Text, field_option("NAME", Label("the holiday calendar (none: the default)"))
    ] = None
    language: Annotated[
        Text, field_option("|".join(Language), Label("the language they read (none: the default)"))
    ] = None
    hours: Annotated[
        Text,
        field_option("HH:MM-HH:MM", Label("working hours, e.g. 09:00-17:30 (none: the default)")),
    ] = None
    team: Annotated[Text, field_option("NAME", Label("the team"))] = None


def add(
    here: CommandContext,
    name: Annotated[str, typer.Argument(metavar="NAME", help=text("the full name"))],
    *,
    options: PersonFields,
    consent: Consent,
) -> None:
    """A new colleague."""
    from scheduler.services.imports.editing_people import add_person

    def done(app: "App", by: str, keep: bool) -> "PeopleEdited":
        texts = given(options, name=name)
        return add_person(_of(app, by, keep), _read(texts, app))

    through(here, done, _show, _values, consent, makes=not consent.dry_run)


def edit(
    here: CommandContext,
    person: PersonArgument,
    *,
    name: Annotated[Text, field_option("NAME", Label("the full name"))] = None,
    options: PersonFields,
    active: Annotated[
        Text,
        field_option(
            "yes|no", Label("works here (yes: has come back; for no use people deactivate)")
        ),
    ] = None,
    consent: Consent,
) -> None:
    """Changes what is known of a colleague."""
    from scheduler.services.imports.editing_people import edit_person

    texts = given(options, name=name, active=active)
    if not texts:
        raise UserMustActError("say what to change, e.g. --zone Europe/London")

    def done(app: "App", by: str, keep: bool) -> "PeopleEdited":
        fields = _read(texts, app)
        if fields.get("active") is False:
            raise UserMustActError(
                "somebody who has left: renewals people deactivate '{person}'", person=person
            )
        return edit_person(_of(app, by, keep), person, fields)

    through(here, done, _show, _values, consent)


def _read(texts: dict[str, str], app: "App") -> dict[str, Any]:
    """Parses what was typed."""
    from scheduler.sources.people import read_fields

    return read_fields(texts, app.policy)


def deactivate(
    here: CommandContext,
    person: PersonArgument,
    *,
    to: Annotated[
        str | None, field_option("PERSON", Label("who takes their open contracts"))
    ] = None,
    leave: Annotated[
        bool,
        typer.Option("--leave", help=text("leave their contracts to the fallback")),
    ] = False,
    consent: Consent,
) -> None:
    """Somebody has left."""
    from scheduler.services.imports.editing_people import deactivate_person

    def done(app: "App", by: str, keep: bool) -> "PeopleEdited":
        return deactivate_person(_of(app, by, keep), person, to=to, leave=leave)

    through(here, done, _show, _values, consent)


def merge(
    here: CommandContext,
    old: Annotated[
        str,
        typer.Argument(metavar="OLD", help=text("the entry to merge (name or e-mail)")),
    ],
    into: Annotated[str, typer.Argument(metavar="INTO", help=text("the entry to keep"))],
    *,
    consent: Consent,
) -> None:
    """Merges two entries of the same colleague."""
    from scheduler.services.imports.editing_people import merge_people

    def done(app: "App", by: str, keep: bool) -> "PeopleEdited":
        return merge_people(_of(app, by, keep), old, into)

    through(here, done, _show, _values, consent)


def reassign(
    here: CommandContext,
    *,
    old: Annotated[str, typer.Option("--from", metavar="PERSON", help=text("whose contracts"))],
    new: Annotated[str, typer.Option("--to", metavar="PERSON", help=text("who takes them"))],
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=VALUE",
            help=text(
                "only contracts that meet this condition, e.g. segment=enterprise, amount>=1000000"
            ),
        ),
    ] = None,
    consent: Consent,
) -> None:
    """Open contracts go from one colleague to another."""
    from scheduler.core.policy.choosing import read_conditions
    from scheduler.services.imports.editing_people import reassign as reassigned

    conditions = read_conditions(where or ())

    def done(app: "App", by: str, keep: bool) -> "PeopleEdited":
        return reassigned(_of(app, by, keep), old, new, conditions)

    through(here, done, _show, _values, consent)


def _of(app: "App", by: str, keep: bool) -> "PeopleEdit":
    """An edit of this folder's people, made now."""
    from scheduler.services.imports.editing_people import PeopleEdit

    return PeopleEdit(app.editing, app.policy, app.clock.now(), by, keep)


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
            "contracts handed over: {contracts} ({money}), open questions: {questions}",
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
        put(coming_line(line, f"{line.contract} {line.customer} "))
    if len(told) > _SHOWN:
        say("  and {told} more", told=len(told) - _SHOWN)

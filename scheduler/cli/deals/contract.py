"""`renewals contract add | edit | close | reopen | undo`: one contract in one line, with a preview
of what that moves and whom it tells.

Always holds: a field has the same rules here as in a file; what is done can be taken back, and the
command says how.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any, Protocol, TypeVar

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.confirming import Consent, DryRun, Yes
from scheduler.cli.terminal.say import as_json, label, language, put, say, tell, text
from scheduler.cli.terminal.who import who
from scheduler.cli.terminal.words import change_word, recipient_word
from scheduler.core.deal.formats import long_day
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.core.facts.coming import Upcoming
    from scheduler.core.policy.policy import Policy
    from scheduler.services.imports.edit_work import Edited

_AHEAD = 3
Contract = Annotated[
    str,
    typer.Argument(metavar="CONTRACT", help=text("contract number, or '#deal'")),
]


def field_option(metavar: str, sets: Label, *names: str) -> Any:
    """An option that sets a field; `names` where it is not called as the field is."""
    return typer.Option(*names, metavar=metavar, help=text(sets))


Text = str | None


@dataclass(frozen=True, slots=True)
class ContractFields:
    """The options that set fields of a contract, by the names of these."""

    starts_on: Annotated[Text, field_option("DATE", Label("the first day"), "--starts")] = None
    ends_on: Annotated[
        Text, field_option("DATE", Label("the last day (none: without an end)"), "--ends")
    ] = None
    term: Annotated[
        Text, field_option("LENGTH", Label("the term, e.g. '12 months'; moves the end"))
    ] = None
    decide_by: Annotated[
        Text,
        field_option("DATE", Label("the notice deadline (none: calculated from the notice)")),
    ] = None
    notice: Annotated[Text, field_option("LENGTH", Label("the notice, e.g. '2 months'"))] = None
    renewal_term: Annotated[
        Text, field_option("LENGTH", Label("how long the terms after this one are"))
    ] = None
    renewal_notice: Annotated[
        Text, field_option("LENGTH", Label("the notice of the terms after this one"))
    ] = None
    auto_renew: Annotated[
        Text, field_option("yes|no", Label("whether it renews automatically"))
    ] = None
    amount: Annotated[Text, field_option("AMOUNT", Label("the amount (none: unknown)"))] = None
    currency: Annotated[Text, field_option("CODE", Label("its currency (with --amount)"))] = None
    owner: Annotated[Text, field_option("PERSON", Label("the owner (none: nobody)"))] = None
    sales: Annotated[Text, field_option("PERSON", Label("the sales person (none: nobody)"))] = None
    customer: Annotated[Text, field_option("NAME", Label("the customer"))] = None
    segment: Annotated[Text, field_option("NAME", Label("the customer's segment (none: none)"))] = (
        None
    )
    product: Annotated[Text, field_option("NAME", Label("the product (none: none)"))] = None


def given(options: Any, **more: Text) -> dict[str, str]:
    """The options that were given (a dataclass of them, and more), by the names of fields."""
    return {name: value for name, value in (more | asdict(options)).items() if value is not None}


def edit(
    here: CommandContext,
    contract: Contract,
    *,
    options: ContractFields,
    confirm: Annotated[
        bool,
        typer.Option("--confirm", help=text("an estimated end is right")),
    ] = False,
    renewed: Annotated[
        bool, typer.Option("--renewed", help=text("the new end is a renewal"))
    ] = False,
    moved: Annotated[
        bool,
        typer.Option("--moved", help=text("the new end is a correction")),
    ] = False,
    consent: Consent,
) -> None:
    """Sets fields of a contract's running term."""
    from scheduler.services.imports.editing import edit_contract

    texts = given(options)
    if not texts and not confirm:
        raise UserMustActError(
            "say what to change, e.g. --ends 2027-06-30; `renewals contract edit --help` lists "
            "the fields"
        )
    if renewed and moved:
        raise UserMustActError("give either --renewed or --moved, not both")
    meaning = "renewed" if renewed else "moved" if moved else ""

    def done(app: "App", name: str, keep: bool) -> "Edited":
        return edit_contract(
            app.editing,
            contract,
            texts,
            app.policy,
            app.clock.now(),
            by=name,
            keep=keep,
            meaning=meaning,
            confirm=confirm,
        )

    through(here, done, show_edit, values, consent)


def add(
    here: CommandContext,
    contract: Annotated[
        str,
        typer.Argument(metavar="CONTRACT", help=text("the new contract's number")),
    ],
    *,
    options: ContractFields,
    consent: Consent,
) -> None:
    """Enters a new contract."""
    from scheduler.services.imports.entering import add_contract

    def done(app: "App", name: str, keep: bool) -> "Edited":
        return add_contract(
            app.editing, contract, given(options), app.policy, app.clock.now(), by=name, keep=keep
        )

    through(here, done, show_edit, values, consent, makes=not consent.dry_run)


class Previewed(Protocol):
    """What an edit did, or would do: `number` is None if it was only looked at."""

    number: int | None

    @property
    def changes(self) -> bool:
        """Whether anything changes."""


P = TypeVar("P", bound=Previewed)


def through(
    here: CommandContext,
    done: "Callable[[App, str, bool], P]",
    show: "Callable[[P, Policy], None]",
    values: Callable[[P], dict[str, object]],
    consent: Consent,
    makes: bool = False,
) -> None:
    """Looks, shows, asks, does, and says how to take it back. `makes`: also where there is no
    database yet."""
    with here.open(edits=True, makes=makes) as app:
        _, name = who(app, consent.by, here.env)
        seen = done(app, name, False)
        if not here.json:
            show(seen, app.policy)
        elif consent.dry_run or not (consent.yes and seen.changes):
            as_json(values(seen))
        if not seen.changes or not consent.agreed(asks=not here.json):
            return
        kept = done(app, name, True)
    if here.json:
        as_json(values(kept))
    else:
        say("recorded as change {kept_number}", kept_number=kept.number)
        tell("to take it back: renewals undo {kept_number}", kept_number=kept.number)


def values(edited: "Edited") -> dict[str, object]:
    """For machines."""
    return {
        "change": edited.number,
        "done": edited.number is not None,
        "contract": edited.contract,
        "customer": edited.customer,
        "moved": edited.report.moved,
        "renewed": bool(edited.report.renewed),
        "new": edited.report.new,
        "notices": edited.notices,
        "before": edited.before,
        "after": edited.after,
    }


def show_edit(edited: "Edited", policy: "Policy") -> None:
    """Shows what changes, and what comes then."""
    if not edited.changes:
        say(
            "nothing changes: {contract} has these values already (`renewals show {contract}`)",
            contract=edited.contract,
        )
        return
    for notice in edited.notices:
        tell(notice)
    say("{customer} {contract}", customer=edited.customer, contract=edited.contract)
    if edited.report.new:
        say("  a new contract")
    for moved in edited.report.moved:
        line = f"  {change_word(moved, policy)}"
        put(line)
    if edited.report.renewed:
        say("  treated as a renewal: the next term begins (if the dates were only wrong: --moved)")
    if _said(edited.before) == _said(edited.after):
        _coming(Label("What comes (as before)"), edited.after)
    else:
        _coming(Label("What would have come"), edited.before)
        _coming(Label("What comes now"), edited.after)


def _said(lines: "Sequence[Upcoming]") -> "list[Upcoming]":
    """The things that are shown."""
    return [line for line in lines if line.asked and not line.step][:_AHEAD]


def _coming(title: Label, lines: "Sequence[Upcoming]") -> None:
    """The next things that come, and who is told."""
    told = _said(lines)
    if not told:
        return
    say(title)
    for line in told:
        put(coming_line(line, f"{line.contract} "))


def coming_line(line: "Upcoming", about: str) -> str:
    """A line of what comes: the day, whom it is about, what is told to whom."""
    people = text(", ").join(map(recipient_word, line.asked))
    return f"  {long_day(line.on, language())}  {about} {label(line.what)}  → {people}"


def close(
    here: CommandContext,
    contract: Contract,
    *,
    reason: Annotated[
        str | None, field_option("ID", Label("the main reason (left out: the list)"))
    ] = None,
    second: Annotated[str | None, field_option("ID", Label("a second reason"))] = None,
    avoidable: Annotated[
        bool | None,
        typer.Option("--avoidable/--unavoidable", help=text("could it have been avoided")),
    ] = None,
    note: Annotated[str, field_option("TEXT", Label("a note"))] = "",
    outcome: Annotated[
        str,
        field_option("lost|won", Label("how it ended (won: renewed on the same terms)")),
    ] = "lost",
    consent: Consent,
) -> None:
    """Closes a contract, as the answers lost and won do."""
    from scheduler.cli.deals.closing import close_contract

    close_contract(
        here,
        contract,
        {"reason": reason, "second": second, "avoidable": avoidable, "note": note},
        outcome,
        consent,
    )


def reopen(
    here: CommandContext,
    contract: Contract,
    *,
    consent: Consent,
) -> None:
    """Opens a closed contract again: what closed it is taken back."""
    from scheduler.cli.deals.closing import reopen_contract

    reopen_contract(here, contract, consent)


def undo(
    here: CommandContext, contract: Contract, *, yes: Yes = False, dry_run: DryRun = False
) -> None:
    """Takes the last edit of a contract back."""
    from scheduler.cli.imports.undoing import take_back
    from scheduler.services.imports.edit_work import last_edit

    with here.open(edits=True, makes=False) as app:
        number = last_edit(app.editing, contract)
    take_back(here, number, yes=yes, dry_run=dry_run)

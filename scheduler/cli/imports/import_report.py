"""The report of an import, for people."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from scheduler.cli.imports.catch_up import offer, show_near
from scheduler.cli.terminal.say import label, language, say, tell, text
from scheduler.cli.terminal.words import amount_word, change_word, recipient_word, refusal_word
from scheduler.core.deal.formats import near_day
from scheduler.core.facts.field_words import field_name, field_value, stage_name, word_change
from scheduler.core.words.labels import Label
from scheduler.services.imports.import_report import Listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.core.imports.edits import Contradiction
    from scheduler.core.policy.policy import Policy
    from scheduler.services.imports.first_load import NearContract
    from scheduler.services.imports.import_report import ImportReport, OpenDecision
    from scheduler.services.imports.preview import ImportPreview


@dataclass(frozen=True, slots=True)
class FirstLoadHeld:
    """What a first load held back: of how many deals, how many digests were queued instead, and
    what of it is close."""

    deals: int = 0
    digests: int = 0
    near: "Sequence[NearContract]" = ()


def show_held(report: "ImportReport", held: FirstLoadHeld) -> None:
    """Shows what was not told because it lies in the past, and how to have it told."""
    if held.digests:
        say(
            "what was held back goes out to {digests} people, one digest each",
            digests=held.digests,
        )
    elif held.deals:
        say(
            "a first load: reminders whose day is past are held back for {count} deal",
            many="a first load: reminders whose day is past are held back for {count} deals",
            count=held.deals,
        )
        show_near(held.near)
        offer(report.import_id)


def show_report(report: "ImportReport", today: date, policy: "Policy") -> None:
    """The counts, what moved, and everything a person should look at."""
    _counts(report)
    _found(report, policy)
    _columns(report)
    if report.preview is not None and report.preview.deals:
        _show_preview(report.preview, today, policy)
    if report.import_id is not None and not report.dry_run:
        tell("to take it back: renewals undo {import_id}", import_id=report.import_id)


def _counts(report: "ImportReport") -> None:
    """How many rows did what."""
    if report.dry_run:
        say("a dry run: nothing was kept; an import would have this result")
    elif report.import_id is not None:
        say(
            "import {import_id}: {report_file}", import_id=report.import_id, report_file=report.file
        )
    say(
        (
            "new {new}, updated {updated}, unchanged {unchanged}, left out {skipped}, rejected "
            "{rejected}"
        ),
        new=report.new,
        updated=report.updated,
        unchanged=report.unchanged,
        skipped=report.skipped,
        rejected=report.rejected,
    )
    if report.renewed or report.adopted:
        say(
            "treated as renewals {renewed}, matched with terms opened earlier {adopted}",
            renewed=report.renewed,
            adopted=report.adopted,
        )


def _found(report: "ImportReport", policy: "Policy") -> None:
    """What moved, and what of the contracts a person should look at."""
    _moved(report, policy)
    _listed(Label("contracts whose end was estimated (please confirm)"), report.estimated)
    if report.looks_exclusive:
        say(
            (
                "all {with_days} new contracts end on the day of the month on which they "
                "start; if the file names the first day after a contract,\nundo this and write "
                "exclusive = true in a mapping file"
            ),
            with_days=report.with_days,
        )
    _listed(
        Label("contracts that end more than ten years from now (is the year right?)"),
        report.far_ends,
    )
    _listed(Label("contracts that cannot be scheduled: no end"), report.unscheduled)
    _contradicted(report, policy)
    _undecided(report, policy)
    _listed(Label("corrections of contracts that came from elsewhere"), report.corrected)
    _listed(
        Label(
            "contracts entered by hand that are also in the file (from now on the file updates "
            "them)"
        ),
        report.taken_over,
    )
    moves = Listed(
        report.refused.count, tuple(refusal_word(move, policy) for move in report.not_made)
    )
    _listed(Label("stage moves that were refused"), moves)
    _listed(
        Label("contracts that are no longer in the file (--gone close closes them)"), report.missing
    )
    _listed(
        Label(
            "contracts that were closed because they were missing from a file and are in this "
            "one again; they stay closed (to open one: renewals contract reopen CONTRACT)"
        ),
        report.returned,
    )
    if report.closed:
        say("closed as lost, no longer in the file: {closed}", closed=report.closed)
    _listed(Label("owners who are in no people file (the fallback is told)"), report.unknown_owners)
    _listed(Label("several people in one cell, of whom one is taken"), report.several)
    _listed(Label("spellings treated as the same person"), report.joined)
    _listed(Label("spellings treated as the same customer"), report.joined_customers)


def _columns(report: "ImportReport") -> None:
    """How columns were read, and which were not."""
    if report.amounts_in is not None:
        column, times = report.amounts_in
        tell(
            (
                "amounts are multiplied by {times:,}, as the column's name says: {column} (if "
                "not: [amount] multiply = 1 in a mapping file)"
            ),
            times=times,
            column=column,
        )
    for column, field, order, by in report.orders:
        tell(
            "dates of column {column} are read as {order}, which column {by} settles (if not: "
            '[dates] {field} = "…" in a mapping file)',
            column=column,
            order=order,
            by=by,
            field=field,
        )
    if report.mixed_taxes is not None:
        column, first, second = report.mixed_taxes
        tell(
            "column {column}: not all amounts say the same about tax ({first}; {second}). All are "
            "imported as written; if only some include tax, make them the same and import the "
            "file again",
            column=column,
            first=first,
            second=second,
        )
    if report.ignored_columns:
        listed = ", ".join(report.ignored_columns)
        tell("columns that are not used: {listed}", context="import_report", listed=listed)


def _show_preview(preview: "ImportPreview", today: date, policy: "Policy") -> None:
    """Shows where the contracts would stand, who looks after them, what comes in the next days, and
    the next deadlines with their money."""
    for line in preview.stages:
        money = ", ".join(map(amount_word, line.money)) or "—"
        lacking = (
            text(", {without_amount} without an amount", without_amount=line.without_amount)
            if line.without_amount
            else ""
        )
        stands = stage_name(f"{line.pipeline}/{line.stage}", language(), policy)
        print(f"  {stands}  {line.deals}  {money}{lacking}")
    say(
        "with an owner who can be reached {with_owner}, without {without_owner}",
        with_owner=preview.with_owner,
        without_owner=preview.without_owner,
    )
    if preview.lived < preview.deals:
        say(
            "the forecast below covers the first {lived} of {deals}",
            lived=preview.lived,
            deals=preview.deals,
        )
    say(
        "in the next {days} days: {nudges} nudges, {renewals} automatic renewals",
        days=preview.days,
        nudges=preview.nudges,
        renewals=preview.renewals,
    )
    for coming in preview.coming:
        asked = ", ".join(map(recipient_word, coming.asked))
        print(
            f"  {near_day(coming.on, today, language())}  {coming.customer}  {coming.contract} "
            f" {label(coming.what)}  {asked}"
        )
    if preview.deadlines:
        say("the next deadlines")
    for due in preview.deadlines:
        on = near_day(due.on, today, language())
        print(f"  {on}  {due.customer}  {due.contract}  {amount_word(due.amount)}")


def _moved(report: "ImportReport", policy: "Policy") -> None:
    """Which fields changed, the first of them one by one."""
    if not report.moved_count:
        return
    say("{count} field changed", many="{count} fields changed", count=report.moved_count)
    for moved in report.moved:
        meant = text(" (term {term})", term=moved.term) if moved.term else ""
        print(f"  {moved.contract}  {moved.customer}  {change_word(moved, policy)}{meant}")
    _more(report.moved_count - len(report.moved))


def _contradicted(report: "ImportReport", policy: "Policy") -> None:
    """Fields that were edited here and that the file says otherwise: both values, who edited, when,
    and what became of it."""
    if not report.contradictions:
        return
    say(
        "edited here, but different in the file: {contradictions}",
        contradictions=report.contradictions,
    )
    for one in report.contradicted:
        name = field_name(one.field, language())
        here, file = (
            field_value(one.field, value, language(), policy) for value in (one.here, one.file)
        )
        on = f"{one.at:%Y-%m-%d}"
        say(
            ("  {contract}  {customer}  {name}: here {here} ({by}, {on}), file {file} → {outcome}"),
            contract=one.contract,
            customer=one.customer,
            name=name,
            here=here,
            by=one.by,
            on=on,
            file=file,
            outcome=_outcome(one),
        )
    _more(report.contradictions - len(report.contradicted))
    if any(_waits(one) for one in report.contradicted):
        tell(
            "to decide: import the file again with --keep CONTRACT (all: --edits keep) or "
            "--take CONTRACT (all: --edits file)"
        )


def _waits(one: "Contradiction") -> bool:
    """Whether somebody has to decide which value counts."""
    return one.rule.value == "ask" and not one.decided


def _outcome(one: "Contradiction") -> Label:
    """The words for how a contradiction was settled."""
    if one.rule.value == "file":
        return Label("the file's value is used")
    return Label("kept, waits for a decision") if _waits(one) else Label("kept")


def _undecided(report: "ImportReport", policy: "Policy") -> None:
    """Shows what a person has to decide, and how."""
    if not report.decisions.count:
        return
    say("waiting for a decision, left as they are: {number}", number=report.decisions.count)
    for one in report.undecided:
        said = text(", ").join(
            word_change(*change, language(), policy) for change in one.fields
        ) or _double(one)
        meant = text(" (term {term})", term=one.term) if one.term else ""
        print(f"  {one.contract}  {one.customer}  {said}{meant}")
    _more(report.decisions.count - len(report.undecided))
    ends = [one for one in report.undecided if any(f == "ends_on" for f, _, _ in one.fields)]
    if any(one.closed for one in ends):
        tell(
            "for a closed contract: if it was renewed after all, reopen it first (renewals "
            "contract reopen CONTRACT) and import the file again; if the dates were wrong: "
            "--moved CONTRACT"
        )
    if any(not one.closed for one in ends):
        tell(
            "to decide: import the file again with --renewed CONTRACT (it was renewed) or "
            "--moved CONTRACT (the dates were wrong); or record it here: renewals answer "
            "CONTRACT won"
        )
    if any(one.other == "same_person" for one in report.undecided):
        tell(
            "a colleague of that name has another address: import the file again with --same "
            "EMAIL (the same person) or --other EMAIL (somebody else)"
        )
    if any(one.same for one in report.undecided):
        tell(
            "if they are one contract: take this import back (renewals undo), leave one "
            "of the rows out, and import again"
        )
    if any(
        one.other not in ("", "same_person", "voided") and not one.same for one in report.undecided
    ):
        tell(
            "if it is the renewal: take this import back (renewals undo), then import "
            "with --renews NEW=OLD"
        )


def _double(one: "OpenDecision") -> str:
    """The words for a row that may be another contract under a new number."""
    other = one.other
    if other == "voided":
        return text("this term was taken back")
    if one.same:
        return text(
            "imported as a separate contract, but has the same details as {other}", other=other
        )
    return text("imported as a separate contract, but may be the renewal of {other}", other=other)


def _listed(what: Label, listed: "Listed") -> None:
    """Lists one kind of thing to look at."""
    if not listed.count:
        return
    say("{what}: {number}", what=what, number=listed.count)
    for entry in listed.first:
        print(f"  {entry}")
    _more(listed.count - len(listed.first))


def _more(count: int) -> None:
    """Says how many are not listed."""
    if count > 0:
        say("  and {number} more", number=count)

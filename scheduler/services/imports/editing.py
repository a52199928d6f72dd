"""Editing contracts by hand: a contract is changed by the same rules as by a file of one row, and
the change is undone like an import.

    1. Find the open term that is meant. 2. Read what was typed; find the people and the customer.
       3. Compare with what is there (`changes`).
    4. Keep which fields were set, so that the next file meets them (`core.imports.edits`). 5. Live
       the deal ahead, to say what that moves and whom it tells.

Always holds: a preview is the same work rolled back; what cannot be done is a sentence that says
what to do, and nothing is changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from scheduler.core.deal.formats import day_shown
from scheduler.core.deal.successor import SUCCESSORS
from scheduler.core.facts.coming import upcoming
from scheduler.core.imports.edit_fields import applied, read_fields
from scheduler.core.imports.edits import OF_THE_CUSTOMER, SaidRecord, as_said
from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.term_attribution import Extension, extension
from scheduler.core.imports.terms import merged
from scheduler.core.imports.texts import FieldError
from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import term_end
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.ports import Begin
from scheduler.services.imports.changes import BatchChanges
from scheduler.services.imports.edit_store import EditTransaction
from scheduler.services.imports.edit_subjects import found_customer, found_people, refused, the_term
from scheduler.services.imports.edit_work import (
    AHEAD,
    Edited,
    NothingError,
    Work,
    keep_edits,
    new_edit,
)
from scheduler.services.imports.edits import edits_of
from scheduler.services.imports.import_report import FieldMoved, ImportReport
from scheduler.services.imports.store import ENTERED, RowChange, StoredTerm


def edit_contract(
    editing: Begin[EditTransaction],
    wanted: str,
    texts: Mapping[str, str],
    policy: Policy,
    now: datetime,
    *,
    by: str,
    keep: bool,
    meaning: str = "",
    confirm: bool = False,
) -> Edited:
    """Sets fields of a contract's open term. `texts` are as typed; `meaning`: what a new end means
    (`renewed`, `moved`) where it could mean both; `confirm`: the estimated end is right. `keep`
    False only looks. Raises UserMustActError."""
    edited = Edited(wanted, "", ImportReport(source=ENTERED, dry_run=not keep))
    try:
        with editing(keep=keep) as transaction:
            term, line = the_term(transaction, wanted, policy)
            edited.contract, edited.customer = term.record.number, term.record.customer
            edited.report.file = f"contract edit {term.record.number}"
            work = Work(transaction, policy, now, by, edited)
            edited.before = tuple(
                upcoming(list(transaction.deals([term.deal_id])), policy, now, AHEAD)
            )
            _set(work, term, line, texts, meaning, confirm=confirm)
            return work.end(keep)
    except NothingError:
        return edited


def _set(
    work: Work,
    term: StoredTerm,
    line: Sequence[StoredTerm],
    texts: Mapping[str, str],
    meaning: str,
    *,
    confirm: bool,
) -> None:
    """Reads what was typed and changes the term. Raises UserMustActError, NothingError."""
    heir = next((t for t in reversed(line) if t.source != SUCCESSORS), term)
    given = read_fields(texts, term.record.currency)
    if confirm:
        given = _confirmed(term, given)
    work.begin(heir.source, work.edited.report.file)
    given, people = found_people(work, given, term)
    given = found_customer(work, given, term, heir.source)
    record, present = applied(
        replace(term.record, source_id=heir.record.source_id), _with_end(given, term)
    )
    shared = work.shared(heir.source, present, {term.record.number: meaning} if meaning else {})
    changes = BatchChanges(shared, customers=work.customers)
    row = (_merged(record, term, present), *people)
    changes.by_hand(
        term,
        heir,
        row,
        renewed=_renews(policy=work.policy, term=term, record=row[0], meaning=meaning),
    )
    segment = _segment(work, given, term)
    if not (changes.changes or changes.closings or segment):
        raise NothingError
    changes.write()
    work.transaction.change(segment)
    work.edited.report.updated = 1
    _remember(work, given, term, line, (row[0], *people))


def _renews(policy: Policy, term: StoredTerm, record: ContractRecord, meaning: str) -> bool:
    """Whether the new dates are a renewal, which closes the term: never those of a sale. Raises
    UserMustActError where they could be one and nobody has said so, and for what cannot be one."""
    if policy.pipeline(term.pipeline).opens_pipeline is not None:
        _refuse_renewed(term, meaning)
        return False
    found = extension(term.record, record)
    by_policy = policy.on_extension if found is Extension.RENEWED else "ask"
    wanted = meaning or ("moved" if found is Extension.MOVED else by_policy)
    if wanted == "ask":
        number = term.record.number
        raise UserMustActError(
            (
                "the new end, {ends_on}, may be a renewal or a correction: say --renewed or "
                "--moved; to record what was agreed: renewals answer {number} won"
            ),
            ends_on=day_shown(record.ends_on),
            number=number,
        )
    if wanted == "renewed" and (
        record.ends_on is None
        or term.record.ends_on is None
        or record.ends_on <= term.record.ends_on
    ):
        raise UserMustActError(
            "--renewed needs an --ends after the present end ({ends_on})",
            ends_on=day_shown(term.record.ends_on),
        )
    return wanted == "renewed"


def _refuse_renewed(sale: StoredTerm, meaning: str) -> None:
    """Raises UserMustActError where somebody says that a sale, which has no term yet, was
    renewed."""
    if meaning == "renewed":
        raise UserMustActError(
            (
                "{number} is not sold yet, so it cannot be renewed: leave out --renewed to "
                "change its dates; once it is sold: renewals answer {number} won"
            ),
            number=sale.record.number,
        )


def _confirmed(term: StoredTerm, given: Mapping[str, Any]) -> dict[str, Any]:
    """Confirms an estimated end. Raises UserMustActError where there is none."""
    if not term.record.estimated or term.record.ends_on is None:
        raise UserMustActError(
            ("the end of contract {number} is not an estimate, so there is nothing to confirm"),
            number=term.record.number,
        )
    return {"ends_on": term.record.ends_on, **given}


def _with_end(given: Mapping[str, Any], term: StoredTerm) -> dict[str, Any]:
    """Adds the end that a new length of the term leads to."""
    if "term" not in given or "ends_on" in given:
        return dict(given)
    starts_on = given.get("starts_on", term.record.starts_on)
    if starts_on is None:
        raise UserMustActError(
            "the start is not known, so the end cannot be calculated from the term: give --ends "
            "or --starts"
        )
    return {**given, "ends_on": term_end(starts_on, given["term"])}


def _merged(record: ContractRecord, term: StoredTerm, present: frozenset[str]) -> ContractRecord:
    """Merges the row into what is stored. Raises UserMustActError for impossible dates."""
    try:
        return replace(merged(record, term.record, present), customer=record.customer, row_hash="")
    except FieldError as error:
        raise refused(error) from None


def _segment(work: Work, given: Mapping[str, Any], term: StoredTerm) -> list[RowChange]:
    """Sets the customer's segment, which its other contracts share."""
    if "segment" not in given or given["segment"] == term.record.segment:
        return []
    record = term.record
    work.edited.report.note(
        FieldMoved(
            record.number, record.customer, "segment", record.segment or "", given["segment"] or ""
        )
    )
    others = work.transaction.of_customer(term.customer_row)
    work.transaction.wake([t.deal_id for t in others], work.now)
    if len(others) > 1:
        work.notices.append(
            Label(
                "the segment belongs to the customer, so it changes for all {others} contracts",
                others=len(others),
            )
        )
    return [
        RowChange(
            "customers",
            term.customer_row,
            {"segment": record.segment},
            {"segment": given["segment"]},
        )
    ]


def _remember(
    work: Work,
    given: Mapping[str, Any],
    term: StoredTerm,
    line: Sequence[StoredTerm],
    row: tuple[ContractRecord, int | None, int | None],
) -> None:
    """Keeps which fields were set by hand; a field set back to what it was no longer counts as
    edited."""
    target = (
        work.transaction.lines([term])[term.contract_id][-1] if work.edited.report.renewed else term
    )
    standing = {
        e.field: e
        for e in edits_of(
            term, line, work.transaction.edits("contracts", {t.contract_id for t in line})
        )
    }
    standing |= {
        e.field: e
        for e in work.transaction.edits("customers", [term.customer_row]).get(term.customer_row, ())
    }
    was, now = (
        SaidRecord(term.record, term.owner_id, term.sales_id),
        SaidRecord(replace(row[0], segment=given.get("segment", term.record.segment)), *row[1:]),
    )
    own = {
        name: ("customers", term.customer_row)
        if name in OF_THE_CUSTOMER
        else ("contracts", target.contract_id)
        for name in given
    }
    named = [name for name in given if name not in ("customer_id", "currency")]
    new = [
        new_edit(own[name], name, as_said(was, name), as_said(now, name), standing.get(name))
        for name in named
    ]
    keep_edits(work.transaction, new, [standing[n] for n in named if n in standing], work.number)

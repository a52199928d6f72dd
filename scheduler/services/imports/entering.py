"""Enters contracts by hand (`contract add`)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from scheduler.core.imports.edit_fields import applied, read_fields, words
from scheduler.core.imports.records import ContractRecord, customer_key
from scheduler.core.imports.terms import Terms, completed
from scheduler.core.imports.texts import FieldError
from scheduler.core.policy.policy import Policy
from scheduler.core.words.errors import UserMustActError
from scheduler.ports import Begin
from scheduler.services.imports.edit_store import EditTransaction
from scheduler.services.imports.edit_subjects import customer_of, found_people, refused
from scheduler.services.imports.edit_work import Edited, Work
from scheduler.services.imports.import_report import ImportReport
from scheduler.services.imports.openings import Openings
from scheduler.services.imports.store import ENTERED


def add_contract(
    editing: Begin[EditTransaction],
    number: str,
    texts: Mapping[str, str],
    policy: Policy,
    now: datetime,
    *,
    by: str,
    keep: bool,
) -> Edited:
    """Enters a new contract with its deal. Raises UserMustActError."""
    edited = Edited(
        number,
        texts.get("customer", ""),
        ImportReport(source=ENTERED, file=f"contract add {number}", dry_run=not keep),
    )
    with editing(keep=keep) as transaction:
        _refuse_second(transaction, number)
        work = Work(transaction, policy, now, by, edited)
        work.begin(ENTERED, edited.report.file)
        record, people = _entered(work, number, texts)
        edited.customer = record.customer
        opening = Openings(work.shared(ENTERED, frozenset(), {}), None).of_batch(
            [record], {0: people}
        )[0]
        transaction.open([replace(opening, customer_row=work.customers[record.customer_id])], now)
        edited.report.new = 1
        return work.end(keep)


def _refuse_second(transaction: EditTransaction, number: str) -> None:
    """Raises UserMustActError if there already is a contract of that number."""
    if not words(number) or number.startswith("#"):
        raise UserMustActError("give the contract a number that does not begin with #")
    if found := transaction.called(number):
        raise UserMustActError(
            (
                "there is a contract {number} already ({customer}); to change it: renewals "
                "contract edit {number} …"
            ),
            number=number,
            customer=found[0].record.customer,
        )


def _entered(
    work: Work, number: str, texts: Mapping[str, str]
) -> tuple[ContractRecord, tuple[int | None, int | None]]:
    """A new contract as a row says it."""
    if "customer" not in texts:
        raise UserMustActError("give the customer: --customer NAME")
    given = read_fields(texts, work.policy.base_currency)
    given, people = found_people(work, given, None)
    blank = ContractRecord(
        0, customer_key(number), number, "", "", "", currency=work.policy.base_currency
    )
    given |= customer_of(
        work, str(given["customer"]), ENTERED, replace(blank, segment=given.get("segment"))
    )
    segment = given.pop("segment", None)
    record, _ = applied(blank, given)
    try:
        terms = completed(
            Terms(
                record.starts_on,
                record.ends_on,
                record.term,
                record.notice,
                record.decide_by,
                record.auto_renew,
                record.evergreen,
            )
        )
    except FieldError as error:
        raise refused(error) from None
    if terms.ends_on is None and not terms.evergreen:
        raise UserMustActError(
            "give the end: --ends 2028-03-31, or --starts with --term; for a contract without an "
            "end: --ends none"
        )
    values = {
        name: getattr(terms, name)
        for name in (
            "starts_on",
            "ends_on",
            "term",
            "notice",
            "decide_by",
            "auto_renew",
            "evergreen",
        )
    }
    return replace(record, segment=segment, **values), people

"""Editing contracts by hand: a contract is changed by the same rules as by a file of one row, and
the change is undone like an import.

    1. Find the open term that is meant. 2. Read what was typed; find the people and the customer.
       3. Compare with what is there (`import_changes`).
    4. Keep which fields were set, so that the next file meets them (`core.imports.edits`). 5. Live
       the deal ahead, to say what that moves and whom it tells.

Always holds: a preview is the same work rolled back; what cannot be done is a sentence that says
what to do, and nothing is changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from scheduler.core.deal.pipeline import Actor
from scheduler.core.deal.successor import SUCCESSORS
from scheduler.core.facts.coming import Upcoming, upcoming
from scheduler.core.imports.edit_fields import applied, read_fields, words
from scheduler.core.imports.edits import OF_THE_CUSTOMER, Edit, SaidRecord, as_said
from scheduler.core.imports.lines import Extension, extension
from scheduler.core.imports.records import ContractRecord, customer_key, person_key, who_is_meant
from scheduler.core.imports.terms import Terms, completed, merged
from scheduler.core.imports.texts import FIELD_LABELS, FieldError
from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import term_end
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import ByLanguage, Label
from scheduler.core.words.lexicon import ActorKind
from scheduler.ports import Begin
from scheduler.services.imports.changes import BatchChanges
from scheduler.services.imports.choices import ImportChoices
from scheduler.services.imports.edit_store import EditTransaction, NewEdit
from scheduler.services.imports.edits import edits_of, over
from scheduler.services.imports.import_report import FieldMoved, ImportReport
from scheduler.services.imports.one_import import Import
from scheduler.services.imports.openings import Openings
from scheduler.services.imports.store import ENTERED, RowChange, StoredTerm
from scheduler.services.people.naming import find_meant

AHEAD = 800
"""How many days a deal is lived ahead to say what an edit brings."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person whom an edit may name, with everything that is known about them."""

    id: int
    name: str
    email: str | None
    row: Mapping[str, Any]


@dataclass(slots=True)
class Edited:
    """What an edit does: the import under which it is kept (None: only looked at, or nothing
    changes), what changes, and what was and is to come."""

    contract: str
    customer: str
    report: ImportReport
    number: int | None = None
    before: tuple[Upcoming, ...] = ()
    after: tuple[Upcoming, ...] = ()
    notices: tuple[Label, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether anything changes."""
        return bool(self.report.moved_count or self.report.new)


class NothingError(Exception):
    """Nothing changes, so nothing is kept."""


@dataclass
class _Work:
    """One edit under way."""

    transaction: EditTransaction
    policy: Policy
    now: datetime
    by: str
    edited: Edited
    number: int = 0
    customers: dict[str, int] = field(default_factory=dict)
    notices: list[Label] = field(default_factory=list)

    def begin(self, source: str, what: str) -> None:
        """The import's row."""
        self.number = self.transaction.begin_edit(source, what, self.by, self.now)

    def shared(self, source: str, present: frozenset[str], decided: Mapping[str, str]) -> Import:
        """The import as its rules need it."""
        actor = Actor(ActorKind.PERSON, self.by)
        return Import(
            self.transaction,
            source,
            self.by,
            present,
            self.policy,
            self.now,
            self.edited.report,
            actor,
            ImportChoices(decided),
            self.number,
        )

    def end(self, keep: bool) -> Edited:
        """Counts, and what comes now."""
        self.transaction.finish(self.number, self.edited.report.counts, self.now)
        deals = [
            d
            for d in self.transaction.touched(self.now)
            if d.contract.number == self.edited.contract
        ]
        self.edited.after = tuple(upcoming(deals, self.policy, self.now, AHEAD))
        self.edited.number = self.number if keep else None
        self.edited.notices = tuple(self.notices)
        return self.edited


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
            work = _Work(transaction, policy, now, by, edited)
            edited.before = tuple(
                upcoming(list(transaction.deals([term.deal_id])), policy, now, AHEAD)
            )
            _set(work, term, line, texts, meaning, confirm=confirm)
            return work.end(keep)
    except NothingError:
        return edited


def _set(
    work: _Work,
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
    given = _found_customer(work, given, term, heir.source)
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
            ends_on=record.ends_on,
            number=number,
        )
    if wanted == "renewed" and (
        record.ends_on is None
        or term.record.ends_on is None
        or record.ends_on <= term.record.ends_on
    ):
        raise UserMustActError(
            "--renewed needs an --ends after the present end ({ends_on})",
            ends_on=term.record.ends_on or "—",
        )
    return wanted == "renewed"


def _refuse_renewed(sale: StoredTerm, meaning: str) -> None:
    """Raises UserMustActError where somebody says that a sale, which has no term yet, was
    renewed."""
    if meaning == "renewed":
        raise UserMustActError(
            (
                "{number} is not sold yet, so nothing of it can be renewed: leave out --renewed to "
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
            "the start is not known, so a term says no end: give --ends or --starts"
        )
    return {**given, "ends_on": term_end(starts_on, given["term"])}


def _merged(record: ContractRecord, term: StoredTerm, present: frozenset[str]) -> ContractRecord:
    """Merges the row into what is stored. Raises UserMustActError for impossible dates."""
    try:
        return replace(merged(record, term.record, present), customer=record.customer, row_hash="")
    except FieldError as error:
        raise refused(error) from None


def refused(error: FieldError) -> UserMustActError:
    """The error that says what is wrong with a field."""
    label = FIELD_LABELS.get(error.field, Label.verbatim(error.field))
    said = ByLanguage(error.problem.shown)
    if not error.field:
        return UserMustActError(Label.verbatim(said))
    return UserMustActError("{field}: {said}", field=label, said=said)


def found_people(
    work: _Work, given: Mapping[str, Any], term: StoredTerm | None
) -> tuple[dict[str, Any], tuple[int | None, int | None]]:
    """Finds the people who are named; returns them with the ids of owner and sales person. Raises
    UserMustActError."""
    ids = {"owner": term.owner_id if term else None, "sales": term.sales_id if term else None}
    found = dict(given)
    for role in ("owner", "sales"):
        if role in given:
            person = (
                find_meant(*everybody_by_name(work.transaction), given[role])
                if given[role]
                else None
            )
            ids[role], found[role] = (person.id, person.name) if person else (None, "")
            if person is not None and not person.row["active"]:
                raise UserMustActError(
                    "{person_name} is no longer active; name somebody else", person_name=person.name
                )
    return found, (ids["owner"], ids["sales"])


def everybody_by_name(transaction: EditTransaction) -> tuple[list[Colleague], dict[str, Colleague]]:
    """Everybody who was not merged into somebody else, and whom the merged ones turned out to be,
    by their names and addresses."""
    rows = {p["id"]: p for p in transaction.everybody()}
    meant = who_is_meant({p["id"]: p["merged_into_id"] for p in rows.values()})
    people = {
        i: Colleague(i, p["name"], p["email"], p)
        for i, p in rows.items()
        if p["merged_into_id"] is None
    }
    merged = [p for p in rows.values() if p["merged_into_id"] is not None]
    return list(people.values()), {
        key: people[meant[p["id"]]]
        for p in merged
        for key in (person_key(p["name"]), p["key"], p["email"])
        if key
    }


def _found_customer(
    work: _Work, given: Mapping[str, Any], term: StoredTerm, source: str
) -> dict[str, Any]:
    """The customer that is named: a known one, or a new one. Raises UserMustActError if several
    could be meant."""
    if "customer" not in given:
        return dict(given)
    return {**given, **customer_of(work, str(given["customer"]), source, term.record)}


def customer_of(work: _Work, name: str, source: str, record: ContractRecord) -> dict[str, Any]:
    """A customer as a record names it: the one of that name (of the same source first), or a new
    one."""
    called = work.transaction.customers_called(name)
    same = [c for c in called if c.source == source] or list(called)
    if len(same) > 1:
        names = ", ".join(f"{c.name} ({c.source})" for c in same)
        raise UserMustActError(
            "several customers are called {name}: {names}", name=name, names=names
        )
    if same:
        work.customers[same[0].source_id] = same[0].id
        return {"customer": same[0].name, "customer_id": same[0].source_id}
    key = customer_key(name)
    work.customers |= work.transaction.customer_rows(
        [replace(record, customer=name, customer_id=key)]
    )
    work.notices.append(Label("{name} is a new customer", name=name))
    return {"customer": name, "customer_id": key}


def _segment(work: _Work, given: Mapping[str, Any], term: StoredTerm) -> list[RowChange]:
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
                "the segment is the customer's: it holds for all {others} contracts",
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
    work: _Work,
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


def new_edit(row: tuple[str, int], name: str, was: str, now: str, before: Edit | None) -> NewEdit:
    """One field of a row (its table and id) that was set; it goes back to what the edit `before`
    found there."""
    return NewEdit(*row, name, now, before.was if before else was)


def keep_edits(
    transaction: EditTransaction, new: Sequence[NewEdit], before: Sequence[Edit], number: int
) -> None:
    """Writes the fields that were set under that import; earlier edits of the same fields end."""
    transaction.set_by_hand([e for e in new if e.value != e.was])
    transaction.change([over(e, number) for e in before])


def the_term(
    transaction: EditTransaction, wanted: str, policy: Policy
) -> tuple[StoredTerm, Sequence[StoredTerm]]:
    """The open term of a contract number (or `#deal`), with its line. Raises UserMustActError where
    it is none, closed, or one of several."""
    found = transaction.called(wanted)
    if not found:
        raise unknown_contract(wanted)
    still = [t for t in found if not t.closed]
    if not still:
        raise UserMustActError(
            (
                "contract {wanted} is closed ({stage}); reopen it first: renewals contract "
                "reopen {wanted}"
            ),
            wanted=wanted,
            stage=_stage_of(found[0], policy),
        )
    if len(still) > 1:
        names = ", ".join(
            f"'#{t.deal_id}' ({t.record.customer}, {t.record.ends_on or '—'})" for t in still
        )
        raise UserMustActError(
            "several open deals have the number {wanted}; name one: {names}",
            wanted=wanted,
            names=names,
        )
    return still[0], transaction.lines(still[:1])[still[0].contract_id]


def _stage_of(term: StoredTerm, policy: Policy) -> Label:
    """The name of a term's stage."""
    pipeline = policy.pipelines.get(term.pipeline)
    stage = pipeline.find(term.stage) if pipeline else None
    return stage.label if stage else Label.verbatim(term.stage)


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
        work = _Work(transaction, policy, now, by, edited)
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
    work: _Work, number: str, texts: Mapping[str, str]
) -> tuple[ContractRecord, tuple[int | None, int | None]]:
    """A new contract as a row says it."""
    if "customer" not in texts:
        raise UserMustActError("say whose contract it is: --customer NAME")
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
            "say when it ends: --ends 2028-03-31, or --starts with --term; for a contract "
            "without an end: --ends none"
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


def last_edit(editing: Begin[EditTransaction], wanted: str) -> int:
    """The newest edit of a contract that can be taken back. Raises UserMustActError where there is
    none."""
    with editing(keep=False) as transaction:
        found = transaction.called(wanted)
        if not found:
            raise unknown_contract(wanted)
        lines = transaction.lines(found)
        ids = {t.contract_id for line in lines.values() for t in line}
        number, undone = transaction.last_edit(ids), transaction.last_edit(ids, undone=True)
    if number is None and undone is not None:
        raise UserMustActError(
            (
                "the last edit of contract {wanted} (change {undone}) was already undone; "
                "`renewals show {wanted}` says how it stands"
            ),
            wanted=wanted,
            undone=undone,
        )
    if number is None:
        raise UserMustActError(
            (
                "nobody has edited contract {wanted}; an answer is taken back by `renewals "
                "answer {wanted} undo`"
            ),
            wanted=wanted,
        )
    return number


def unknown_contract(wanted: str) -> UserMustActError:
    """The refusal of an unknown contract number."""
    return UserMustActError(
        "there is no contract {wanted}; `renewals deals` lists those there are", wanted=wanted
    )

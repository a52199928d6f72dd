"""What an edit by hand names: people, a customer, the term of a contract."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scheduler.core.deal.formats import which_deal
from scheduler.core.imports.records import ContractRecord, customer_key, person_key, who_is_meant
from scheduler.core.imports.texts import FIELD_LABELS, FieldError
from scheduler.core.policy.policy import Policy
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import COMMA, ByLanguage, Joined, Label
from scheduler.services.imports.edit_store import EditTransaction
from scheduler.services.imports.edit_work import Work, unknown_contract
from scheduler.services.imports.store import StoredTerm
from scheduler.services.people.naming import find_meant


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person whom an edit may name, with everything that is known about them."""

    id: int
    name: str
    email: str | None
    row: Mapping[str, Any]


def refused(error: FieldError) -> UserMustActError:
    """The error that says what is wrong with a field."""
    label = FIELD_LABELS.get(error.field, Label.verbatim(error.field))
    said = ByLanguage(error.problem.shown)
    if not error.field:
        return UserMustActError(Label.verbatim(said))
    return UserMustActError("{field}: {said}", field=label, said=said)


def found_people(
    work: Work, given: Mapping[str, Any], term: StoredTerm | None
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


def found_customer(
    work: Work, given: Mapping[str, Any], term: StoredTerm, source: str
) -> dict[str, Any]:
    """The customer that is named: a known one, or a new one. Raises UserMustActError if several
    could be meant."""
    if "customer" not in given:
        return dict(given)
    return {**given, **customer_of(work, str(given["customer"]), source, term.record)}


def customer_of(work: Work, name: str, source: str, record: ContractRecord) -> dict[str, Any]:
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
        names = Joined(
            (which_deal(t.deal_id, t.record.customer, t.record.ends_on) for t in still), COMMA
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

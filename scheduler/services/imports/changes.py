"""Rows of known contracts that now say something else: changed fields, renewals, stage moves, and
terms the program opened itself.

The rules (DESIGN §5 "Renewal", "Moves", §11 "Which term a fact means"; `term_attribution`)
    Contracts follow each other in a line of terms, of which one is open; what a row says is read
    for that one. Dates that mean a renewal close the deal as won and open the next term
    (`on_extension = renewed`), only move (`moved`) or wait (`ask`); dates whose meaning nobody can
    tell always wait. What waits is listed with what to do; everything else in the row comes in. The
    source's id goes to the newest term with the first thing the file says of it; the term before
    keeps its history under `id#row`. A stage or a health that a file repeats is not news: only one
    that differs from what the file said last moves anything.
Always holds: columns a file does not have change nothing; an emptied cell of a column it has does;
nothing is written into a closed term while another of its line is open, unless that one has a
number of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from scheduler.core.imports.by_hand import TERM_FIELDS
from scheduler.core.imports.names import number_key
from scheduler.core.imports.records import (
    ContractRecord,
    contract_fields,
    has_an_end,
    without_estimate,
)
from scheduler.core.imports.term_attribution import (
    Extension,
    attributed,
    extension,
    renewal_won,
    settled,
)
from scheduler.core.imports.terms import as_next_term, merged
from scheduler.core.words.reasons import reason
from scheduler.services.imports.batch import row_hash_column
from scheduler.services.imports.edits import Edits
from scheduler.services.imports.one_import import Row
from scheduler.services.imports.store import ENTERED, RowChange, StoredTerm
from scheduler.services.imports.succession import Succession

_DATES = ("starts_on", "ends_on", "term", "notice", "decide_by", "evergreen", "estimated")
_WAITING = (*_DATES, "amount", "currency")
"""The fields that wait for a decision about the dates: an amount that comes with them belongs to
the same term."""
_TOLD = (*TERM_FIELDS, "estimated", "amount", "currency", "product", "title", "url", "number")


class BatchChanges(Succession):
    """Compares the rows of one batch with what is known, and notes what they change."""

    def compare(
        self, old: StoredTerm, row: Row, line: Sequence[StoredTerm], *, beside: bool = False
    ) -> None:
        """Compares one known row and notes what it changes in its line of terms (oldest first).
        `beside`: another source's row, which takes nothing over.

        Raises FieldError when what it says does not fit what is stored.
        """
        current = line[-1]
        if (
            not beside
            and self._is_another(row[0], line)
            and number_key(row[0].number) not in self.of.choices.dates
        ):
            self._undecided(current, row[0], ("customer", "ends_on"))
            return
        if _is_no_contract(old, row[0]):
            row = (without_estimate(row[0]), *row[1:])
        if (
            len(line) == 1
            or current.closed
            or (old is not current and not (current.system_made or beside))
        ):
            self._same(old, row if old.closed else self._meeting(row, old, line), beside=beside)
            return
        said = attributed(
            row[0], old.record, current.record, [t.record for t in line[:-1]], self.of.present
        )
        row = self._meeting((said.record, *row[1:]), current, line, repeats=said.repeats)
        waits = bool(said.unclear) and self._decided(row[0]) is None
        if waits:
            self._undecided(current, row[0], said.unclear)
        record = merged(row[0], current.record, self.of.present)
        record = settled(replace(record, row_hash="" if waits else record.row_hash))
        if said.repeats or not self._extended(current, (record, *row[1:]), heir=old):
            self._of_term(
                current, (record, *row[1:]), old, beside=beside, confirms=not said.repeats
            )

    def _is_another(self, record: ContractRecord, line: Sequence[StoredTerm]) -> bool:
        """Whether a row under a known number has another customer and dates that no term of the
        line has, or that would renew it: perhaps two systems use the number."""
        current = line[-1]
        if any(term.record.customer_id == record.customer_id for term in line):
            return False
        dates = [
            name
            for name in ("starts_on", "ends_on")
            if name in self.of.present and getattr(record, name) is not None
        ]
        if not any(
            getattr(record, name) == getattr(term.record, name) for term in line for name in dates
        ):
            return bool(dates)
        is_contract = self.of.policy.pipeline(current.pipeline).opens_pipeline is None
        return is_contract and extension(current.record, record) is not Extension.MOVED

    def _meeting(
        self, row: Row, term: StoredTerm, line: Sequence[StoredTerm], *, repeats: bool = False
    ) -> Row:
        """The row as it counts beside what somebody has edited by hand. `repeats`: its dates say
        nothing about the term."""
        if not self.edits:
            return row
        edits = Edits(self.of)
        taken = edits.met(
            row, term, line, self.edits, repeats=repeats, renewed=self._decided(row[0]) == "renewed"
        )
        self.changes += edits.changes
        return taken

    def _same(self, old: StoredTerm, row: Row, *, beside: bool) -> None:
        """Handles a row about the only term there is, or about a closed one that is not followed by
        an open term of the program's own."""
        record = merged(row[0], old.record, self.of.present)
        row = (record, *row[1:])
        if record.place and _has_become_a_contract(old, record) and not old.closed:
            self._bought(old, row, record.place.pipeline)
        elif (
            old.closed
            and record.ends_on != old.record.ends_on
            and not old.record.estimated
            and self._decided(record) != "moved"
        ):
            self._undecided(old, record, ("ends_on",))
            self._of_term(old, (_kept(record, old.record, _WAITING), *row[1:]), old, beside=beside)
        elif old.closed or not self._extended(old, row, heir=old):
            self._of_term(old, row, old, beside=beside)

    def _decided(self, record: ContractRecord) -> str | None:
        """What a person said a row's new dates mean; for dates that fit no open term, either word
        means that they are to be left."""
        dates = self.of.choices.dates
        return dates.get(number_key(record.number)) or dates.get(record.source_id)

    def _extended(self, current: StoredTerm, row: Row, heir: StoredTerm) -> bool:
        """Whether the dates of an open term mean more than a move, and were dealt with. `heir`
        carries the source's id. A sale has no term yet that could be renewed: what is planned for
        it is another day."""
        if self.of.policy.pipeline(current.pipeline).opens_pipeline is not None:
            return False
        decided, found = self._decided(row[0]), extension(current.record, row[0])
        own = decided is None and heir.source == self.of.source
        won = own and renewal_won(current.pipeline, current.record, row[0], heir.record)
        if found is Extension.MOVED and decided != "renewed" and not won:
            return False
        wanted = decided or (
            self.of.policy.on_extension
            if found is Extension.RENEWED or self.of.policy.on_extension == "moved"
            else "ask"
        )
        if won or (
            wanted == "renewed"
            and row[0].ends_on
            and current.record.ends_on
            and row[0].ends_on > current.record.ends_on
        ):
            if heir is not current:
                self._retire(heir)
            self._renewed(current, row, own_dates=won and row[0].estimated)
        elif wanted == "ask":
            self._undecided(current, row[0], ("ends_on",))
            self._of_term(current, (_kept(row[0], current.record, _WAITING), *row[1:]), heir)
        else:
            return False
        return True

    def _of_term(
        self,
        term: StoredTerm,
        row: Row,
        heir: StoredTerm,
        *,
        beside: bool = False,
        confirms: bool = False,
    ) -> None:
        """Applies what a row says about one term. A term that the program opened becomes the row's
        own with the first thing the row says about it, even if it only `confirms` it."""
        takes = term is not heir and not beside
        own = {"source": heir.source, "source_id": row[0].source_id, "system_made": False}
        if self._changed(
            term,
            row,
            own if takes else None,
            heir if takes else None,
            beside=beside,
            confirms=confirms,
        ):
            self.of.report.adopted += takes
        self._said(term, row[0], heir.record)

    def take_over(self, term: StoredTerm, row: Row) -> None:
        """Lets a row take over a term that the program opened or a person entered: from now on the
        row's source speaks for it."""
        row = self._meeting(row, term, (term,))
        record = merged(row[0], term.record, self.of.present)
        if term.source == ENTERED:
            said = f"{term.record.number} {term.record.customer} → {record.number}"
            self.of.report.taken_over = self.of.report.taken_over.plus(said)
        else:
            self.of.report.adopted += 1
        self._changed(
            term,
            (record, *row[1:]),
            {"source": self.of.source, "source_id": record.source_id, "system_made": False},
        )

    def renew_as(self, old: StoredTerm, row: Row) -> None:
        """Takes a new number as the next term of a known contract: the deal is won, and the old
        term keeps its number."""
        record = as_next_term(merged(row[0], old.record, self.of.present), old.record)
        self._tell(old, record, "ends_on", old.record.ends_on, record.ends_on)
        why = reason("import_renewed", old=old.record.ends_on, new=record.ends_on)
        self._succeed(old, (record, *row[1:]), why, retire=False)

    def by_hand(self, term: StoredTerm, heir: StoredTerm, row: Row, *, renewed: bool) -> None:
        """Applies what a person says about an open term, which the next row of the file that speaks
        for it (`heir`) is compared with.

        That file goes on repeating what it said about the term before, until it knows of the
        renewal as well.
        """
        if renewed and heir is not term:
            self._retire(heir)
        if renewed:
            last = heir.record
            said_amount = (
                last.said_amount
                if last.said_amount is not None
                else str(last.amount)
                if last.amount is not None
                else ""
            )
            self._renewed(
                term,
                (
                    replace(
                        row[0],
                        said_ends_on=last.said_ends_on or last.ends_on,
                        said_amount=said_amount,
                    ),
                    *row[1:],
                ),
            )
        elif self._changed(term, row) and heir is not term:
            self.changes.append(
                RowChange(
                    "contracts",
                    heir.contract_id,
                    row_hash_column(heir.record),
                    {"row_hash": None},
                )
            )

    def _changed(
        self,
        old: StoredTerm,
        row: Row,
        more: Mapping[str, Any] | None = None,
        retiring: StoredTerm | None = None,
        *,
        beside: bool = False,
        confirms: bool = True,
    ) -> bool:
        """Writes the fields that differ, with `more` columns (those alone only if the row
        `confirms` the term), and sets the deal's alarm; returns whether anything was written.

        `retiring` is the term before, which gives its id away. A row `beside` is another source's:
        its digest is not kept. If only what is remembered of the file differs, nothing has changed
        for people.
        """
        record, more = row[0], more or {}
        was = self._columns((old.record, old.owner_id, old.sales_id), old.customer_row)
        customer = self.customers.get(record.customer_id, old.customer_row)
        now = self._columns(row, old.customer_row if beside else customer)
        after = {name: value for name, value in now.items() if value != was[name]}
        news = _is_news(was, after)
        written = news or (confirms if more else bool(after))
        if written:
            if retiring is not None:
                self._retire(retiring)
            self._tell_all(old, record, was, after)
            self._write(old, record, was, {**after, **more}, beside=beside)
        elif not beside:
            self.hashes.append(((retiring or old).contract_id, record.row_hash))
        if news:
            self.touched.add(old.contract_id)
            self.wakes.append(old.deal_id)
        return written

    def _tell_all(
        self,
        old: StoredTerm,
        record: ContractRecord,
        was: Mapping[str, Any],
        after: Mapping[str, Any],
    ) -> None:
        """Adds every field that people know by a name and that changes to the report."""
        for name in (n for n in _TOLD if n in after):
            self._tell(old, record, name, was[name], after[name])
        for column in (c for c in ("owner", "sales") if f"{c}_id" in after):
            self._tell(old, record, column, getattr(old.record, column), getattr(record, column))
        if "customer_id" in after:
            self._tell(old, record, "customer", *_customers_named(old.record, record))

    def _write(
        self,
        old: StoredTerm,
        record: ContractRecord,
        was: Mapping[str, Any],
        after: Mapping[str, Any],
        *,
        beside: bool,
    ) -> None:
        """Notes the change of a contract's row, with what stood there, so that it can be undone;
        with the digest of the file's row, unless that is another source's."""
        own = {
            "source": old.source,
            "source_id": old.record.source_id,
            "system_made": old.system_made,
        }
        before = {name: ({**was, **own})[name] for name in after}
        digests = ({}, {}) if beside else (row_hash_column(old.record), row_hash_column(record))
        self.changes.append(
            RowChange("contracts", old.contract_id, before | digests[0], {**after, **digests[1]})
        )

    def _columns(self, row: Row, customer_row: int) -> dict[str, Any]:
        """The columns of a contract's row that a file speaks for."""
        people = {
            name: person
            for name, person in (("owner_id", row[1]), ("sales_id", row[2]))
            if name.removesuffix("_id") in self.of.present
        }
        return contract_fields(row[0]) | people | {"customer_id": customer_row}

    def _said(self, old: StoredTerm, record: ContractRecord, last: ContractRecord) -> None:
        """Takes over a stage or a health that differs from what the file said before (`last`)."""
        if record.health and record.health is not last.health and record.health is not old.health:
            self.touched.add(old.contract_id)
            self._tell(old, record, "health", old.health, record.health)
            after = {"health": record.health.value, "health_because": self.of.file}
            self.changes.append(
                RowChange(
                    "deals",
                    old.deal_id,
                    {"health": old.health.value, "health_because": old.health_because},
                    after,
                )
            )
            self.wakes.append(old.deal_id)
        if (
            record.closed_on
            and record.closed_on != last.closed_on
            and old.expected_on is not None
            and not old.closed
        ):
            was = {"expected_on": old.expected_on, "expected_chosen": old.expected_by_default}
            self.changes.append(
                RowChange(
                    "deals",
                    old.deal_id,
                    was,
                    {"expected_on": record.closed_on, "expected_chosen": False},
                )
            )
            self._tell(old, record, "expected_on", old.expected_on, record.closed_on)
        if old.closed:
            self._correct(old, record)
        place = record.place
        if (
            place is not None
            and not (record.stage or place.stage)
            and place.pipeline != old.pipeline
            and not old.closed
        ):
            self._refused(record, old, f"{place.pipeline}/")
        if (
            record.stage == last.stage
            or place is None
            or not place.stage
            or (place.pipeline, place.stage) == (old.pipeline, old.stage)
        ):
            return
        if place.pipeline == old.pipeline:
            self._move(old, record, place.stage)
        else:
            self._refused(record, old, f"{place.pipeline}/{place.stage}")


def _has_become_a_contract(old: StoredTerm, record: ContractRecord) -> bool:
    """Whether a row says that new business has become a contract: it was won, or it has an end of
    its own."""
    place = record.place
    return (
        place is not None
        and place.pipeline != old.pipeline
        and (place.bought or (place.by_contract and has_an_end(record)))
    )


def _is_no_contract(old: StoredTerm, record: ContractRecord) -> bool:
    """Whether the row is about a deal whose customer had no contract when it came in, so that it
    stays new business."""
    return (
        record.place is not None
        and record.place.by_contract
        and old.pipeline != record.place.pipeline
        and not has_an_end(record)
    )


def _is_news(was: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether anything differs besides what a file goes on saying about an earlier term."""
    notes = [
        {
            k: v
            for k, v in (columns.get("attributes") or {}).items()
            if k not in ("said_ends_on", "said_amount")
        }
        for columns in (was, after)
    ]
    return (set(after) != {"attributes"} and bool(after)) or (
        "attributes" in after and notes[0] != notes[1]
    )


def _kept(record: ContractRecord, old: ContractRecord, names: Sequence[str]) -> ContractRecord:
    """The record with some fields as they were; the next import asks about its row again."""
    return replace(record, row_hash="", **{name: getattr(old, name) for name in names})


def _customers_named(old: ContractRecord, record: ContractRecord) -> tuple[str, str]:
    """Two customers by their names, or with their ids if the names are the same."""
    if old.customer != record.customer:
        return old.customer, record.customer
    return f"{old.customer} ({old.customer_id})", f"{record.customer} ({record.customer_id})"

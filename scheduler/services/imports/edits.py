"""What a file says about fields that somebody has edited here: the rule applies
(`core.imports.edits`), and the report gives both values, and who edited and when."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from scheduler.core.imports.by_hand import EditRule
from scheduler.core.imports.edits import (
    OF_THE_CONTRACT,
    OF_THE_TERM,
    Contradiction,
    Edit,
    EditOutcome,
    RowWithEdits,
    SaidRecord,
    as_json,
    as_said,
    meet,
    settle,
)
from scheduler.core.imports.names import number_key
from scheduler.core.imports.records import ContractRecord
from scheduler.services.imports.one_import import Import, Row
from scheduler.services.imports.store import RowChange, StoredTerm


@dataclass
class Edits:
    """The edits of one import's contracts and customers. `changes` is what becomes of the edits
    themselves."""

    of: Import
    changes: list[RowChange] = field(default_factory=list)

    def met(
        self,
        row: Row,
        term: StoredTerm,
        line: Sequence[StoredTerm],
        edits: Mapping[int, Sequence[Edit]],
        *,
        repeats: bool = False,
        renewed: bool = False,
    ) -> Row:
        """A row about an open term, as it counts beside the edits."""
        standing = [
            e for e in edits_of(term, line, edits) if not (repeats and _repeated(e, row[0], term))
        ]
        if not standing:
            return row
        rule, decided = self._rule(row[0])
        said = SaidRecord(row[0], row[1], row[2])
        met = meet(
            said,
            SaidRecord(term.record, term.owner_id, term.sales_id),
            standing,
            self.of.present,
            rule,
            renewed=renewed,
            decided=decided,
        )
        self._tell(met)
        record = replace(met.said.record, row_hash="") if met.asks else met.said.record
        return record, met.said.owner_id, met.said.sales_id

    def _rule(self, record: ContractRecord) -> tuple[EditRule, bool]:
        """The rule for one contract, and whether somebody has decided it for this import."""
        return rule_for(record.number, self.of.choices.edits, self.of.policy.edits)

    def _tell(self, met: RowWithEdits) -> None:
        """Notes what is kept and what the report says."""
        for edit, said, settled in met.settled:
            self.changes += of_the_edit(edit, said, settled, self.of.number)
        for one in met.contradictions:
            self.of.report.contradict(one)

    def of_customers(self, records: Sequence[ContractRecord]) -> list[ContractRecord]:
        """Records as they count beside the edits of their customers."""
        if "segment" not in self.of.present:
            return list(records)
        edits = self.of.transaction.edits_of_customers(
            self.of.source, {r.customer_id for r in records}
        )
        return [
            self._customer(r, edits[r.customer_id]) if r.customer_id in edits else r
            for r in records
        ]

    def _customer(self, record: ContractRecord, edit: Edit) -> ContractRecord:
        """A record with its customer's edited segment."""
        said, (rule, decided) = as_json(record.segment), self._rule(record)
        settled, here = settle(edit, said, rule, decided=decided), unsaid(edit.value)
        self.changes += of_the_edit(edit, said, settled, self.of.number)
        if settled.told:
            self.of.report.contradict(
                contradiction(
                    record.number,
                    record.customer,
                    edit,
                    here or "",
                    record.segment or "",
                    rule,
                    settled,
                )
            )
        if not settled.stays:
            return record
        return replace(record, segment=here, row_hash=record.row_hash if settled.decided else "")


def rule_for(name: str, decided: Mapping[str, EditRule], rule: EditRule) -> tuple[EditRule, bool]:
    """The rule for a contract or person of this name, and whether somebody has decided it for this
    import."""
    said = decided.get(number_key(name)) or decided.get("")
    return (said, said is not EditRule.ASK) if said is not None else (rule, False)


def contradiction(
    number: str,
    customer: str,
    edit: Edit,
    here: str,
    file: str,
    rule: EditRule,
    settled: EditOutcome,
) -> Contradiction:
    """A field about which a file and an edit here disagree."""
    return Contradiction(
        number, customer, edit.field, here, file, edit.by, edit.at, edit.id, rule, settled.decided
    )


def over(edit: Edit, number: int) -> RowChange:
    """An edit ends with an import."""
    return RowChange("edits", edit.id, {"ended_by": None}, {"ended_by": number})


def of_the_edit(edit: Edit, said: str, settled: EditOutcome, number: int) -> list[RowChange]:
    """The changes that an import makes in an edit when its file says something about the field."""
    ended = [over(edit, number)] if settled.ended else []
    return ended + (
        [RowChange("edits", edit.id, {"kept": edit.kept}, {"kept": said})] if settled.kept else []
    )


def unsaid(value: str) -> str | None:
    """A text that an edit keeps."""
    found: str | None = json.loads(value)
    return found


def edits_of(
    term: StoredTerm, line: Sequence[StoredTerm], edits: Mapping[int, Sequence[Edit]]
) -> list[Edit]:
    """The edits that apply to a term: its own, and those of earlier terms that belong to the
    contract, the latest for each field."""
    found: dict[str, Edit] = {}
    for before in line[
        : next((n for n, t in enumerate(line) if t.contract_id == term.contract_id), 0)
    ]:
        found |= {
            e.field: e for e in edits.get(before.contract_id, ()) if e.field in OF_THE_CONTRACT
        }
    return list((found | {e.field: e for e in edits.get(term.contract_id, ())}).values())


def _repeated(edit: Edit, record: ContractRecord, term: StoredTerm) -> bool:
    """Whether a row that only repeats another term's dates says nothing of an edited field."""
    if edit.field != "amount":
        return edit.field in OF_THE_TERM
    return as_said(SaidRecord(record, None, None), "amount") == as_said(
        SaidRecord(term.record, None, None), "amount"
    )

"""Whatever files, answers, sweeps and undos come in whatever order: a line of terms has at most one
open deal, and closed terms keep their facts."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.refusals import AnswerRefusedError
from scheduler.core.deal.deal import Lost
from scheduler.core.deal.pipeline import MoveRefusedError
from scheduler.core.words.lexicon import Verb
from scheduler.services.answers.answering import answer, undo
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.imports.undo import UndoRefusedError
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from tests.import_cast import Office

HEAD = (
    "contract,customer,product,starts_on,ends_on,notice,auto_renew,amount,currency,renewal_term\n"
)
FACTS = ("starts_on", "ends_on", "amount", "currency", "notice", "decide_by")
_ENDS = ("2027-03-31", "2027-06-30", "2027-11-30", "2028-03-31", "2029-03-31", "2027-02-28", "")


FIRST = {
    "number": "C-1",
    "start": "2026-04-01",
    "end": "2027-03-31",
    "auto": "yes",
    "amount": "100",
}


@dataclass
class Life:
    """One contract of one customer, and what is done with it."""

    office: Office
    now: datetime = datetime(2026, 10, 1, 12, tzinfo=UTC)
    said: dict[str, str] = field(
        default_factory=lambda: {
            "number": "C-1",
            "start": "2026-04-01",
            "end": "2027-03-31",
            "auto": "yes",
            "amount": "100",
        }
    )

    def file(self, **more: str) -> bool:
        """The file comes, with some of it changed; whether it said that closed terms are meant."""
        self.said |= more
        said = self.said
        row = (
            f"{said['number']},Aoba,Pro,{said['start']},{said['end']},2 months,{said['auto']},"
            f"{said['amount']},EUR,\n"
        )
        report = self.office.load_text(HEAD + row, self.now)
        return any(moved.term for moved in report.moved)

    def later(self, days: int) -> None:
        """Time goes by."""
        self.now += timedelta(days=days)
        sweep_all(transactions(self.office.engine, SweepQueries), self.office.policy, self.now)

    def says(self, verb: Verb, **more: Any) -> None:
        """Somebody answers."""
        with suppress(AnswerRefusedError, MoveRefusedError):
            answer(
                transactions(self.office.engine, AnswerQueries),
                self.said["number"],
                Answer(verb, "Ann", **more),
                self.office.policy,
                self.now,
            )

    def takes_back(self, which: str) -> None:
        """Somebody takes an answer back, of the contract or of one of its deals."""
        with suppress(AnswerRefusedError):
            undo(transactions(self.office.engine, AnswerQueries), which, "Ann", self.now)

    def undoes(self, import_id: int) -> bool:
        """An import is taken back, which says how much it put back."""
        with suppress(UndoRefusedError):
            self.office.undo(import_id, self.now)
        return True

    def open_lines(self) -> list[int]:
        """The first term of the line of each open deal."""
        before = {c["id"]: c["predecessor_id"] for c in self.office.rows("contracts")}
        roots = []
        for row in self.office.rows("deals"):
            if row["closed_at"] is None and row["voided_at"] is None:
                root = row["contract_id"]
                while before[root] is not None:
                    root = before[root]
                roots.append(root)
        return roots

    def closed(self) -> dict[int, tuple[Any, ...]]:
        """The facts of closed terms that another follows."""
        contracts = self.office.rows("contracts")
        gone = {d["contract_id"] for d in self.office.rows("deals") if d["voided_at"] is not None}
        followed = {c["predecessor_id"] for c in contracts if c["id"] not in gone}
        return {
            c["id"]: tuple(c[name] for name in FACTS)
            for c in contracts
            if c["id"] in followed and c["id"] not in gone
        }


_STEPS: st.SearchStrategy[Callable[[Life], object]] = st.one_of(
    st.builds(lambda end: lambda life: life.file(end=end), st.sampled_from(_ENDS)),
    st.builds(
        lambda amount: lambda life: life.file(amount=amount),
        st.sampled_from(["100", "120", "", "9000"]),
    ),
    st.builds(lambda auto: lambda life: life.file(auto=auto), st.sampled_from(["yes", "no"])),
    st.builds(lambda: lambda life: life.file(number="C-2", start="2027-04-01", end="2028-03-31")),
    st.builds(lambda days: lambda life: life.later(days), st.sampled_from([1, 40, 130, 250])),
    st.builds(lambda: lambda life: life.says(Verb.WON)),
    st.builds(lambda: lambda life: life.says(Verb.WON, starts_on=date(2027, 1, 1))),
    st.builds(lambda: lambda life: life.says(Verb.LOST, lost=Lost("budget"))),
    st.builds(lambda: lambda life: life.says(Verb.NOTICE, lost=Lost("budget"), confirmed=True)),
    st.builds(
        lambda which: lambda life: life.takes_back(which),
        st.sampled_from(["C-1", "#1", "#2", "#3"]),
    ),
    st.builds(lambda number: lambda life: life.undoes(number), st.integers(2, 4)),
)


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(st.lists(_STEPS, min_size=1, max_size=8))
def test_a_line_has_one_open_deal_and_closed_terms_keep_their_facts(
    steps: list[Callable[[Life], object]],
) -> None:
    with TemporaryDirectory() as folder:
        office = Office.at(f"sqlite:///{folder}/renewals.db", Path(folder))
        life = Life(office)
        life.file()
        for step in steps:
            before = life.closed()
            told = step(life)
            roots, after = life.open_lines(), life.closed()
            assert len(roots) == len(set(roots)), "two open deals of one contract"
            changed = {i for i in before.keys() & after.keys() if before[i] != after[i]}
            assert not changed or told, "a closed term changed and nobody was told"
        office.engine.dispose()

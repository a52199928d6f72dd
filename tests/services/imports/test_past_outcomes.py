"""Past renewals out of a file: what a won one was signed for, why a lost one was lost; and what the
same file says of them when it comes again."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scheduler.core.answers.answer import Answer
from scheduler.core.deal.deal import Lost
from scheduler.core.words.lexicon import Verb
from scheduler.services.answers.answering import answer
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.transactions import transactions
from tests.import_cast import NOW, POLICY, Office

LATER = NOW + timedelta(days=1)
HEADER = "contract,customer,starts_on,ends_on,amount,currency,stage,signed_amount,note\n"


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office with an empty database."""
    office = Office.at(database_url, tmp_path)
    yield office
    office.engine.dispose()


def row(number: str, stage: str, signed: str = "", note: str = "", amount: str = "1000") -> str:
    """One past contract."""
    return f"{number},Aoba,2025-10-01,2026-09-30,{amount},EUR,{stage},{signed},{note}\n"


def won(office: Office) -> list[Any]:
    """(amount, currency) that each deal was signed for."""
    found = [d["won"] for d in office.rows("deals")]
    return [None if one is None else (one["amount"], one["currency"]) for one in found]


def lost(office: Office) -> list[Any]:
    """(reason, note) of each loss."""
    found = [d["lost"] for d in office.rows("deals")]
    return [None if one is None else (one["reason"], one["note"]) for one in found]


def told(report: Any) -> list[tuple[str, str, str]]:
    """What the report says was otherwise."""
    return [(moved.field, moved.before, moved.after) for moved in report.moved]


def test_a_past_won_renewal_keeps_what_it_was_signed_for(office: Office) -> None:
    office.load_text(
        HEADER
        + row("C-1", "won", "1200")
        + row("C-2", "won", "€800.50")
        + row("C-3", "won")
        + row("C-4", "won", "0")
        + row("C-5", "stable", "700")
    )
    assert won(office) == [(120000, "EUR"), (80050, "EUR"), None, (0, "EUR"), None]


@pytest.mark.parametrize("cell", ["lots", "-5", "£900"])
def test_a_signed_amount_that_is_none_rejects_its_row_beside_its_column(
    office: Office, cell: str
) -> None:
    report = office.load_text(HEADER + row("C-1", "won", cell) + row("C-2", "won", "900"))
    assert report.rejected == 1
    assert [(r.column, r.value) for r in office.rejects] == [("signed_amount", cell)]
    assert won(office) == [(90000, "EUR")]


def test_one_decimal_sign_counts_for_both_columns_of_amounts(office: Office) -> None:
    text = HEADER + row("C-1", "won", "12.500", amount='"1.234,50"') + row("C-2", "won", "8")
    office.load_text(text)
    assert won(office) == [(1250000, "EUR"), (800, "EUR")]


@pytest.mark.parametrize(
    ("name", "amount"), [("受注金額(千円)", 1200000), ("Signed Amount", 1200), ("更新金額", 1200)]
)
def test_the_column_is_known_in_both_languages_with_its_own_unit(
    office: Office, name: str, amount: int
) -> None:
    header = f"契約番号,顧客名,開始日,満了日,金額,ステージ,{name}\n"
    office.load_text(header + "C-1,青葉,2025-10-01,2026-09-30,1000000,won,1200\n")
    assert won(office) == [(amount, "JPY")]
    assert [c["amount"] for c in office.rows("contracts")] == [1000000]


def test_what_was_signed_may_be_said_and_corrected_later_and_taken_back(office: Office) -> None:
    office.load_text(HEADER + row("C-1", "won") + row("C-2", "won", "900"))
    report = office.load_text(HEADER + row("C-1", "won", "1200") + row("C-2", "won", "950"), LATER)
    assert won(office) == [(120000, "EUR"), (95000, "EUR")]
    assert (report.updated, report.unchanged) == (2, 0)
    assert told(report) == [
        ("signed_amount", "", "€1,200.00"),
        ("signed_amount", "€900.00", "€950.00"),
    ]
    emptied = office.load_text(HEADER + row("C-1", "won") + row("C-2", "won", "950"), LATER)
    assert (emptied.updated, won(office)[0]) == (0, (120000, "EUR")), "empty says nothing"
    assert report.import_id is not None
    office.undo(report.import_id, LATER)
    assert won(office) == [None, (90000, "EUR")]


def test_a_corrected_reason_of_a_loss_comes_in(office: Office) -> None:
    first = [row("C-1", "lost", note="too dear"), row("C-2", "lost", note="budget")]
    office.load_text(HEADER + "".join([*first, row("C-3", "lost")]))
    assert lost(office) == [("other", "too dear"), ("budget", ""), ("other", "")]
    again = [row("C-1", "lost", note="Budget"), row("C-2", "lost", note="moved to the moon")]
    report = office.load_text(HEADER + "".join([*again, row("C-3", "lost", note="??")]), LATER)
    assert lost(office) == [("budget", ""), ("budget", ""), ("other", "??")]
    assert told(report) == [
        ("note", "other (too dear)", "budget"),
        ("note", "other", "other (??)"),
    ]
    assert report.import_id is not None
    office.undo(report.import_id, LATER)
    assert lost(office) == [("other", "too dear"), ("budget", ""), ("other", "")]


@pytest.mark.parametrize("written", ["Budget", "ＢＵＤＧＥＴ", " bud-get　"])
def test_a_reason_is_known_however_it_is_written(office: Office, written: str) -> None:
    office.load_text(HEADER + row("C-1", "lost", note=written))
    assert lost(office) == [("budget", "")]


def test_a_file_never_stands_over_what_a_person_said_of_a_loss(office: Office) -> None:
    office.load_text(HEADER + row("C-1", "stable"))
    said = Answer(Verb.LOST, "Ann", lost=Lost("other", note="they never said"))
    answer(transactions(office.engine, AnswerQueries), "C-1", said, POLICY, NOW)
    report = office.load_text(HEADER + row("C-1", "lost", note="budget"), LATER)
    assert lost(office) == [("other", "they never said")]
    assert json.dumps(told(report)) == "[]"


@pytest.mark.parametrize("heading", ["closed_on", "Decided on", "更新決定日", "失注日"])
def test_our_own_file_says_on_which_day_a_past_renewal_was_decided(
    office: Office, heading: str
) -> None:
    office.load_text(
        f"{HEADER.strip()},{heading}\n"
        f"C-1,Aoba,2025-10-01,2026-09-30,1000,EUR,won,1200,,2026-09-12\n"
        f"C-2,Aoba,2025-10-01,2026-09-30,1000,EUR,lost,,too dear,2026-09-14\n"
    )
    zone = ZoneInfo(POLICY.zone)
    days = [row["closed_at"].astimezone(zone).date().isoformat() for row in office.rows("deals")]
    assert days == ["2026-09-12", "2026-09-14"]

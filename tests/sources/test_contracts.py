"""Whole files: what only all of a file can tell, and what rows become."""

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.core.dates import Term
from scheduler.core.import_texts import ImportRefusedError, Problem, Reject
from scheduler.core.importing import ContractRecord
from scheduler.core.words import Language
from scheduler.core.written_days import DateOrder
from scheduler.sources.contracts import open_contracts
from scheduler.sources.date_columns import DateColumn
from scheduler.sources.rejects import RejectsFile
from scheduler.sources.repeats import Repeats
from tests.import_cast import DATA, POLICY, mapping


def written(folder: Path, text: str) -> Path:
    """A file with this text."""
    path = folder / "x.csv"
    path.write_text(text, encoding="utf-8")
    return path


def read(path: Path, **more: Any) -> list[ContractRecord | Reject | None]:
    """Every row of a file."""
    return list(open_contracts(path, POLICY, **more).records())


def one(folder: Path, text: str, **more: Any) -> ContractRecord:
    """The one record of a text."""
    (record,) = read(written(folder, text), **more)
    assert isinstance(record, ContractRecord), record
    return record


def refused(path: Path, **more: Any) -> list[Problem]:
    """What keeps a file from being read."""
    with pytest.raises(ImportRefusedError) as caught:
        open_contracts(path, POLICY, **more)
    return list(caught.value.problems)


def test_our_own_file_with_japanese_headers_in_cp932() -> None:
    first, second, third = (r for r in read(DATA / "contracts_cp932.csv") if isinstance(r, ContractRecord))
    assert (first.customer, first.title, first.amount, first.auto_renew) == ("青葉商事", "Pro 50席", 3_600_000, True)
    assert (first.starts_on, first.ends_on, first.notice, first.decide_by) == (date(2026, 4, 1), date(2027, 3, 31), Term(2), date(2027, 1, 31))
    assert (second.line, second.customer, second.amount, second.decide_by) == (4, "㈱みどり工業", 1_200_000, date(2027, 7, 31))
    assert (third.ends_on, third.amount) == (date(2027, 8, 31), 1_200_000)


def test_an_end_before_the_start_and_a_deadline_after_the_end_are_rejected_where_they_stand(tmp_path: Path) -> None:
    text = "contract,customer,starts_on,ends_on,decide_by\n1,a,2026-04-01,2026-03-31,\n2,b,,2027-03-31,2027-04-01\n3,,,,\n,d,,,\n"
    rows = read(written(tmp_path, text))
    assert [(r.line, r.column, r.value, r.problem.code) for r in rows if isinstance(r, Reject)] == [
        (2, "ends_on", "2026-03-31", "ends_first"),
        (3, "decide_by", "2027-04-01", "decides_late"),
        (4, "customer", "", "required"),
        (5, "contract", "", "required"),
    ]


def test_an_auto_renewing_contract_without_a_notice_can_be_ended_until_its_last_day(tmp_path: Path) -> None:
    record = one(tmp_path, "contract,customer,ends_on,auto_renew\n1,a,2027-03-31,yes\n")
    assert (record.notice, record.decide_by) == (Term(), date(2027, 3, 31))


def test_dates_whose_order_the_column_settles_are_read(tmp_path: Path) -> None:
    rows = read(written(tmp_path, "contract,customer,ends_on\n1,a,03/04/2027\n2,b,11/23/2026\n"))
    assert [r.ends_on for r in rows if isinstance(r, ContractRecord)] == [date(2027, 3, 4), date(2026, 11, 23)]


def test_dates_that_can_be_read_in_two_ways_are_asked_about_once_per_column(tmp_path: Path) -> None:
    path = written(tmp_path, "contract,customer,starts_on,ends_on\n1,a,03/04/2026,02/03/2027\n2,b,01/02/2026,2027-01-01\n")
    assert [(p.code, dict(p.facts)["field"]) for p in refused(path)] == [("ambiguous_dates", "starts_on"), ("ambiguous_dates", "ends_on")]
    text = refused(path)[0].text(Language.EN)
    assert '"03/04/2026" may be 2026-04-03 or 2026-03-04' in text
    declared = read(path, mapping=mapping(dates={"format": "DD/MM/YYYY"}))
    assert [r.starts_on for r in declared if isinstance(r, ContractRecord)] == [date(2026, 4, 3), date(2026, 2, 1)]


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["2026-11-23", "2026/11/23"], None),
        (["05/05/2026", "2026-11-23"], DateOrder.DMY),
        (["23-11-26", "31-12-99"], DateOrder.DMY),
        (["99-12-31"], DateOrder.YMD),
        (["13/01/2026", "not a date"], DateOrder.DMY),
    ],
)
def test_an_order_is_found_only_where_one_reading_is_left(values: list[str], order: DateOrder | None) -> None:
    column = DateColumn("x", "ends_on")
    for value in values:
        column.read(value)
    assert column.order("f") == order


@pytest.mark.parametrize(("values", "code"), [(["23-11-26"], "ambiguous_dates"), (["13/01/2026", "01/13/2026"], "mixed_dates")])
def test_an_order_that_is_not_settled_is_a_question(values: list[str], code: str) -> None:
    column = DateColumn("x", "ends_on")
    for value in values:
        column.read(value)
    problem = column.order("f")
    assert isinstance(problem, Problem)
    assert problem.code == code


def test_unmapped_stages_are_all_named_with_their_rows_and_where_to_map_them(tmp_path: Path) -> None:
    path = written(tmp_path, "contract,customer,stage\n1,a,謎\n2,b,謎\n3,c,stable\n4,d,保留\n")
    (problem,) = refused(path)
    text = problem.text(Language.EN)
    assert "謎 (2), 保留 (1)" in text
    assert "[stages]" in text
    assert "existing/stable" in text
    rows = read(path, mapping=mapping(stages={"謎": "existing/critical", "保留": "skip"}))
    assert [r and isinstance(r, ContractRecord) and r.place and r.place.stage for r in rows] == ["critical", "critical", "stable", None]


def test_a_header_nobody_knows_says_what_was_found_and_what_is_needed(tmp_path: Path) -> None:
    (problem,) = refused(written(tmp_path, "foo,bar\n1,2\n"))
    assert problem.code == "no_header"
    assert "foo, bar" in problem.text(Language.EN)
    assert "顧客名" in problem.text(Language.JA)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("contract,amount\n1,2\n", "missing_columns"),
        ("contract,customer\n", "header_only"),
        ("contract,customer,owner,担当者\n1,2,a,b\n", "two_columns"),
        ("contract,customer,ends_on,Ends On\n1,2,2027-03-31,2027-04-30\n", "repeated_column"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, text: str, code: str) -> None:
    assert [p.code for p in refused(written(tmp_path, text))] == [code]


def test_a_name_that_occurs_twice_hurts_only_where_it_is_read(tmp_path: Path) -> None:
    text = "contract,customer,note 2,note 2\n1,a,x,y\n"
    assert one(tmp_path, text).customer == "a"
    assert [p.code for p in refused(written(tmp_path, text), mapping=mapping(profile="csv", keep=["note 2"]))] == ["repeated_column"]


def test_an_unknown_profile_lists_those_there_are(tmp_path: Path) -> None:
    (problem,) = refused(written(tmp_path, "contract,customer\n1,2\n"), profile="salesforce")
    assert problem.text(Language.EN) == "there is no profile salesforce (there are: csv, hubspot)"


def test_columns_nobody_reads_are_listed_so_that_a_misspelt_one_is_seen(tmp_path: Path) -> None:
    file = open_contracts(written(tmp_path, "contract,customer,ends_onn\n1,a,2027-03-31\n"), POLICY)
    assert file.ignored == ("ends_onn",)


def test_any_file_comes_in_through_a_mapping(tmp_path: Path) -> None:
    text = "no;part;who;from;until;value;renews;cycle;seats\nA;1;Ärzte GmbH;01.04.2026;;1,5;Ja;annual;12\n"
    spoken = mapping(
        source="erp",
        key=["no", "part"],
        keep=["seats"],
        columns={
            "contract": "no",
            "customer": "who",
            "starts_on": "from",
            "ends_on": "until",
            "amount": "value",
            "auto_renew": "renews",
            "term": "cycle",
        },
        constants={"currency": "EUR", "owner": "Team Süd"},
        dates={"format": "DD.MM.YYYY"},
        amount={"decimal": ",", "multiply": 1000},
        booleans={"true": ["Ja"], "false": ["Nein"]},
        terms={"annual": "12 months"},
    )
    record = one(tmp_path, text, mapping=spoken)
    assert (record.source_id, record.number, record.customer, record.owner) == ("A/1", "A", "Ärzte GmbH", "Team Süd")
    assert (record.starts_on, record.ends_on, record.amount, record.auto_renew) == (date(2026, 4, 1), date(2027, 3, 31), 150_000, True)
    assert record.attributes == (("seats", "12"),)


def test_no_end_may_mean_evergreen(tmp_path: Path) -> None:
    text = "contract,customer,starts_on,ends_on,term\n1,a,2026-04-01,,1 month\n"
    assert one(tmp_path, text, mapping=mapping(no_end="evergreen")).evergreen is True
    assert one(tmp_path, text).ends_on == date(2026, 4, 30)


def test_a_key_may_repeat_in_the_bit_field_without_being_a_repeat() -> None:
    repeats = Repeats("refuse")
    for line in range(2, 5000):
        repeats.look(line, f"C-{line}")
    repeats.look(5000, "C-7")
    assert repeats.last_line["C-7"] == 5000
    assert len(repeats.last_line) < 20


CELLS = st.text(alphabet="01239-/.:年月日¥$,;\"'\t\n abあ\u3000０\ufeff", max_size=12)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, min_size=5, max_size=5), min_size=1, max_size=6), raw=st.booleans())
def test_whatever_a_file_holds_ends_in_records_rejects_or_a_refusal(tmp_path: Path, rows: list[list[str]], raw: bool) -> None:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    body = "\n".join(",".join(row) for row in rows) if raw else out.getvalue()
    path = written(tmp_path, "contract,customer,ends_on,amount,term\n" + body)
    problems: list[Problem] = []
    found: list[ContractRecord | Reject | None] = []
    try:
        found = read(path)
    except ImportRefusedError as refusal:
        problems = list(refusal.problems)
    assert all(p.text(Language.JA) and p.text(Language.EN) for p in problems)
    assert found or problems
    for record in found:
        assert isinstance(record, (ContractRecord, Reject))
        if isinstance(record, Reject):
            assert record.problem.text(Language.JA)
        else:
            assert record.amount is None or record.amount >= 0
            assert record.customer


def test_rejects_are_written_in_the_readers_language_beside_the_file(tmp_path: Path) -> None:
    reject = Reject(4, "金額", "-5", Problem.of("money_negative"))
    with RejectsFile(tmp_path / "x.csv", Language.JA) as rejects:
        rejects(reject)
    assert rejects.path.read_text("utf-8-sig").splitlines() == ["行,列,値,理由", "4,金額,-5,金額が負の値"]
    with RejectsFile(tmp_path / "none.csv", Language.EN) as none:
        pass
    assert not none.path.exists()

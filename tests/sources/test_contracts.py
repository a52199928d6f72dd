"""Whole files: what only all of a file can tell, and what rows become."""

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.texts import ImportRefusedError, LeftOut, RecordProblem, Reject
from scheduler.core.imports.written_days import DateOrder
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import Language
from scheduler.core.words.problems import Problem
from scheduler.sources.cells.date_order import DateColumn
from scheduler.sources.contracts import open_contracts
from scheduler.sources.mappings.contracts import read_mapping
from scheduler.sources.rejects import RejectsFile
from scheduler.sources.repeats import RepeatedRows
from tests.import_cast import DATA, POLICY, mapping


def written(folder: Path, text: str) -> Path:
    """A file with this text."""
    path = folder / "x.csv"
    path.write_text(text, encoding="utf-8")
    return path


def read(path: Path, **more: Any) -> list[ContractRecord | Reject | LeftOut]:
    """Every row of a file."""
    return list(open_contracts(path, POLICY, **more).records())


def one(folder: Path, text: str, **more: Any) -> ContractRecord:
    """The one record of a text."""
    (record,) = read(written(folder, text), **more)
    assert isinstance(record, ContractRecord), record
    return record


def refused(path: Path, **more: Any) -> list[RecordProblem]:
    """What keeps a file from being read."""
    with pytest.raises(ImportRefusedError) as caught:
        open_contracts(path, POLICY, **more)
    return [p for p in caught.value.problems if isinstance(p, RecordProblem)]


@pytest.mark.parametrize(
    "headers",
    [
        "starts,ends",
        "Contract Start,Contract End",
        "start_date,Expiration date",
        "利用開始日,利用終了日",
        "契約開始,契約満了",
    ],
)
def test_the_first_and_the_last_day_are_known_by_what_people_call_them(
    tmp_path: Path, headers: str
) -> None:
    found = one(tmp_path, f"contract,customer,{headers}\nC-1,Aoba,2026-04-01,2027-03-31\n")
    assert (found.starts_on, found.ends_on) == (date(2026, 4, 1), date(2027, 3, 31))


def test_our_own_file_with_japanese_headers_in_cp932() -> None:
    first, second, third = (
        r for r in read(DATA / "contracts_cp932.csv") if isinstance(r, ContractRecord)
    )
    assert (first.customer, first.title, first.amount, first.auto_renew) == (
        "青葉商事",
        "Pro 50席",
        3_600_000,
        True,
    )
    assert (first.starts_on, first.ends_on, first.notice, first.decide_by) == (
        date(2026, 4, 1),
        date(2027, 3, 31),
        Term(2),
        date(2027, 1, 31),
    )
    assert (second.line, second.customer, second.amount, second.decide_by) == (
        4,
        "㈱みどり工業",
        1_200_000,
        date(2027, 7, 31),
    )
    assert (third.ends_on, third.amount) == (date(2027, 8, 31), 1_200_000)


def test_an_end_before_the_start_and_a_deadline_after_the_end_are_rejected_where_they_stand(
    tmp_path: Path,
) -> None:
    text = (
        "contract,customer,starts_on,ends_on,decide_by\n1,a,2026-04-01,2026-03-31,\n2,b,,"
        "2027-03-31,2027-04-01\n3,,,,\n,d,,,\n"
    )
    rows = read(written(tmp_path, text))
    assert [(r.line, r.column, r.value, r.problem.code) for r in rows if isinstance(r, Reject)] == [
        (2, "ends_on", "2026-03-31", "ends_first"),
        (3, "decide_by", "2027-04-01", "decides_late"),
        (4, "customer", "", "required"),
        (5, "contract", "", "required"),
    ]


def test_an_auto_renewing_contract_without_a_notice_can_be_ended_until_its_last_day(
    tmp_path: Path,
) -> None:
    record = one(tmp_path, "contract,customer,ends_on,auto_renew\n1,a,2027-03-31,yes\n")
    assert (record.notice, record.decide_by) == (Term(), date(2027, 3, 31))


def test_dates_whose_order_the_column_settles_are_read(tmp_path: Path) -> None:
    rows = read(written(tmp_path, "contract,customer,ends_on\n1,a,03/04/2027\n2,b,11/23/2026\n"))
    assert [r.ends_on for r in rows if isinstance(r, ContractRecord)] == [
        date(2027, 3, 4),
        date(2026, 11, 23),
    ]


@pytest.mark.parametrize(
    ("rows", "ends_on", "order"),
    [
        ("1,a,26/4/1,27/3/31,\n", "2027-03-31", "YYYY-MM-DD"),
        ("1,a,13/04/2026,03/04/2027,\n", "2027-04-03", "DD/MM/YYYY"),
        ("1,a,04/13/2026,03/04/2027,\n", "2027-03-04", "MM/DD/YYYY"),
        ("1,a,,03/04/2027,13/04/2026 - 03/04/2027\n", "2027-04-03", "DD/MM/YYYY"),
    ],
)
def test_an_order_that_one_column_leaves_open_is_that_of_another(
    tmp_path: Path, rows: str, ends_on: str, order: str
) -> None:
    path = written(tmp_path, f"contract,customer,starts_on,ends_on,term\n{rows}")
    opened = open_contracts(path, POLICY)
    (found,) = opened.records()
    assert isinstance(found, ContractRecord), found
    assert str(found.ends_on) == ends_on
    ((column, field, said, by),) = opened.orders
    assert (column, field, said) == ("ends_on", "ends_on", order)
    assert by in ("starts_on", "term")


@pytest.mark.parametrize(
    "rows",
    [
        "1,a,13/04/2026,03/04/2027,01/13/2027\n",  # two columns, two orders
        "1,a,04/13/2026,27/3/31,\n",  # 27/3/31 has no reading in the other's order
    ],
)
def test_an_order_that_other_columns_do_not_settle_is_asked_about(
    tmp_path: Path, rows: str
) -> None:
    path = written(tmp_path, f"contract,customer,starts_on,ends_on,decide_by\n{rows}")
    assert [(p.code, dict(p.facts)["field"]) for p in refused(path)] == [
        ("ambiguous_dates", "ends_on")
    ]


def test_columns_that_are_settled_alone_are_not_reported(tmp_path: Path) -> None:
    rows = "1,a,13/04/2026,31/03/2027\n2,b,2026-04-13,2027-03-31\n"
    path = written(tmp_path, f"contract,customer,starts_on,ends_on\n{rows}")
    assert open_contracts(path, POLICY).orders == ()


def test_dates_that_can_be_read_in_two_ways_are_asked_about_once_per_column(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        (
            "contract,customer,starts_on,ends_on\n1,a,03/04/2026,02/03/2027\n2,b,01/02/2026,"
            "2027-01-01\n"
        ),
    )
    assert [(p.code, dict(p.facts)["field"]) for p in refused(path)] == [
        ("ambiguous_dates", "starts_on"),
        ("ambiguous_dates", "ends_on"),
    ]
    text = refused(path)[0].shown(Language.EN)
    assert '"03/04/2026" may be 2026-04-03 or 2026-03-04' in text
    declared = read(path, mapping=mapping(dates={"format": "DD/MM/YYYY"}))
    assert [r.starts_on for r in declared if isinstance(r, ContractRecord)] == [
        date(2026, 4, 3),
        date(2026, 2, 1),
    ]


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
def test_an_order_is_found_only_where_one_reading_is_left(
    values: list[str], order: DateOrder | None
) -> None:
    column = DateColumn("x", "ends_on")
    for value in values:
        column.read(value)
    assert column.order("f") == order


@pytest.mark.parametrize(
    ("values", "code"),
    [(["23-11-26"], "ambiguous_dates"), (["13/01/2026", "01/13/2026"], "mixed_dates")],
)
def test_an_order_that_is_not_settled_is_a_question(values: list[str], code: str) -> None:
    column = DateColumn("x", "ends_on")
    for value in values:
        column.read(value)
    problem = column.order("f")
    assert isinstance(problem, RecordProblem)
    assert problem.code == code


def test_unmapped_stages_are_all_named_with_their_rows_and_where_to_map_them(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, "contract,customer,stage\n1,a,謎\n2,b,謎\n3,c,stable\n4,d,保留\n")
    (problem,) = refused(path)
    text = problem.shown(Language.EN)
    assert "謎 (2), 保留 (1)" in text
    assert "[stages]" in text
    assert "existing/stable" in text
    rows = read(path, mapping=mapping(stages={"謎": "existing/critical", "保留": "skip"}))
    assert [
        r.place and r.place.stage if isinstance(r, ContractRecord) else type(r) for r in rows
    ] == ["critical", "critical", "stable", LeftOut]


def test_a_header_nobody_knows_says_what_was_found_and_what_is_needed(tmp_path: Path) -> None:
    (problem,) = refused(written(tmp_path, "foo,bar\n1,2\n"))
    assert problem.code == "no_header"
    assert "foo, bar" in problem.shown(Language.EN)
    assert "顧客名" in problem.shown(Language.JA)


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
    assert [
        p.code
        for p in refused(written(tmp_path, text), mapping=mapping(profile="csv", keep=["note 2"]))
    ] == ["repeated_column"]


def test_an_unknown_profile_lists_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError) as caught:
        open_contracts(written(tmp_path, "contract,customer\n1,2\n"), POLICY, profile="zoho")
    assert str(caught.value) == (
        'there is no profile "zoho"; there are: csv, hubspot, salesforce_contracts, '
        "salesforce_opportunities, hubspot_contracts, stripe, chargebee, pipedrive, kintone"
    )


@pytest.mark.parametrize(("letters", "taken"), [(500, True), (501, False)])
def test_a_source_has_a_name_that_every_index_takes(
    tmp_path: Path, letters: int, *, taken: bool
) -> None:
    path, named = written(tmp_path, "contract,customer\n1,a\n"), "番" * letters
    for said, by in ((named, None), (None, mapping(source=named))):
        if taken:
            assert open_contracts(path, POLICY, mapping=by, source=said).source == named
            continue
        with pytest.raises(ImportRefusedError, match="write at most 500 characters"):
            open_contracts(path, POLICY, mapping=by, source=said)


def test_columns_nobody_reads_are_listed_so_that_a_misspelt_one_is_seen(tmp_path: Path) -> None:
    file = open_contracts(written(tmp_path, "contract,customer,ends_onn\n1,a,2027-03-31\n"), POLICY)
    assert file.ignored == ("ends_onn",)


def test_any_file_comes_in_through_a_mapping(tmp_path: Path) -> None:
    text = (
        "no;part;who;from;until;value;renews;cycle;seats\nA;1;Ärzte GmbH;01.04.2026;;1,"
        "5;Ja;annual;12\n"
    )
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
    assert (record.source_id, record.number, record.customer, record.owner) == (
        "a/1",
        "A",
        "Ärzte GmbH",
        "Team Süd",
    )
    assert (record.starts_on, record.ends_on, record.amount, record.auto_renew) == (
        date(2026, 4, 1),
        date(2027, 3, 31),
        150_000,
        True,
    )
    assert record.attributes == (("seats", "12"),)


@pytest.mark.parametrize("turned", [False, True])
def test_all_rows_of_a_doubled_number_are_rejected_whatever_their_order(
    tmp_path: Path, turned: bool
) -> None:
    lines = ["C-1,a,2027-03-31", "c-１ ,b,2027-04-30", "C-2,c,2027-05-31"]
    rows = read(
        written(
            tmp_path, "contract,customer,ends_on\n" + "\n".join(lines[::-1] if turned else lines)
        )
    )
    assert sorted(
        (r.line, r.problem.shown(Language.EN)) for r in rows if isinstance(r, Reject)
    ) == [
        (3 if turned else 2, f"the same contract is on line {4 if turned else 3} too"),
        (4 if turned else 3, f"the same contract is on line {3 if turned else 2} too"),
    ]
    assert [r.customer for r in rows if isinstance(r, ContractRecord)] == ["c"]


def test_doubled_rows_that_all_come_in_stand_together_in_an_order_of_their_own(
    tmp_path: Path,
) -> None:
    lines = ["1,Acme,Pro,2027-12-31", "2,Beta,Pro,2027-12-31", "1,Acme,Basic,2026-12-31"]
    for turned in (lines, lines[::-1]):
        text = "contract,customer,product,ends_on\n" + "\n".join(turned)
        rows = read(written(tmp_path, text), mapping=mapping(profile="csv", duplicates="suffix"))
        assert [
            (r.source_id, r.product, r.doubled) for r in rows if isinstance(r, ContractRecord)
        ] == [
            ("2", "Pro", True),
            ("1", "Basic", True),
            ("1", "Pro", True),
        ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1,a,,new_business", "new_business/"),
        ("1,a,,新規", "new_business/"),
        ("1,a,stable,existing", "existing/stable"),
        ("1,a,stable,", "existing/stable"),
        ("1,a,stable,new_business", "pipeline_stage"),
        ("1,a,,partnr", "pipeline"),
        ("1,a,stable,partnr", "pipeline"),
        ("1,a,Signed,partnr", "existing/"),
    ],
)
def test_a_pipeline_counts_with_and_without_a_stage(tmp_path: Path, row: str, said: str) -> None:
    text = f"contract,customer,stage,pipeline\n{row}\n"
    (found,) = read(
        written(tmp_path, text), mapping=mapping(profile="csv", stages={"Signed": "existing"})
    )
    if isinstance(found, Reject):
        assert (found.problem.code, found.source_id) == (said, "1")
    else:
        assert isinstance(found, ContractRecord)
        assert found.place is not None
        assert f"{found.place.pipeline}/{found.place.stage}" == said


def test_days_that_are_written_as_midnight_in_utc_are_those_days_and_times_are_times(
    tmp_path: Path,
) -> None:
    for times, day in (
        ("00:00:00Z 00:00:00Z", date(2027, 3, 31)),
        ("15:30:00Z 00:00:00Z", date(2027, 4, 1)),
    ):
        lines = [f"{n},a,2027-03-31T{time}" for n, time in enumerate(times.split())]
        path = written(tmp_path, "contract,customer,ends_on\n" + "\n".join(lines))
        first, _ = (
            r
            for r in open_contracts(path, replace(POLICY, zone="Asia/Tokyo")).records()
            if isinstance(r, ContractRecord)
        )
        assert first.ends_on == day


def test_what_a_mapping_says_of_dates(tmp_path: Path) -> None:
    text = "contract,customer,starts_on,ends_on\n1,a,46113,46478\n"
    record = one(
        tmp_path, text, mapping=mapping(profile="csv", dates={"format": "excel", "exclusive": True})
    )
    assert (record.starts_on, record.ends_on) == (date(2026, 4, 1), date(2027, 3, 31))


def test_a_row_of_sums_and_a_row_of_blanks_are_left_out(tmp_path: Path) -> None:
    rows = read(
        written(tmp_path, "contract,customer,amount\n1,a,5\n合計,,5\nTotal\n,,\n ,Total,5\n,,5\n")
    )
    assert [type(r) for r in rows] == [ContractRecord, LeftOut, LeftOut, LeftOut, LeftOut, Reject]


@pytest.mark.parametrize(
    ("values", "said"),
    [("12.500;EUR 100.000;EUR", "ambiguous_amounts"), ("12.500;EUR 1.234,50;EUR", 1_250_000)],
)
def test_thousands_with_a_point_are_read_by_the_column_or_asked_about(
    tmp_path: Path, values: str, said: str | int
) -> None:
    lines = [f"{n};a;{value}" for n, value in enumerate(values.split())]
    path = written(tmp_path, "contract;customer;amount;currency\n" + "\n".join(lines))
    if isinstance(said, str):
        assert [p.code for p in refused(path)] == [said]
    else:
        assert next(r.amount for r in read(path) if isinstance(r, ContractRecord)) == said


def test_a_mapping_without_a_source_gives_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "erp.toml").write_text('[columns]\ncontract = "contract"\ncustomer = "customer"\n')
    path = written(tmp_path, "contract,customer\n1,a\n")
    assert open_contracts(path, POLICY, mapping=read_mapping(tmp_path / "erp.toml")).source == "erp"
    assert open_contracts(path, POLICY).source == "csv"


def test_columns_kept_with_a_contract_never_pass_for_what_the_program_keeps_itself(
    tmp_path: Path,
) -> None:
    record = one(
        tmp_path,
        "contract,customer,health\n1,a,Green\n",
        mapping=mapping(columns={"contract": "contract", "customer": "customer"}, keep=["health"]),
    )
    assert (record.attributes, record.health) == ((("health (column)", "Green"),), None)


def test_no_end_may_mean_evergreen(tmp_path: Path) -> None:
    text = "contract,customer,starts_on,ends_on,term\n1,a,2026-04-01,,1 month\n"
    assert one(tmp_path, text, mapping=mapping(no_end="evergreen")).evergreen is True
    assert one(tmp_path, text).ends_on == date(2026, 4, 30)


def test_a_key_may_repeat_in_the_bit_field_without_being_a_repeat() -> None:
    repeats = RepeatedRows("refuse")
    for line in range(2, 5000):
        repeats.look(line, f"C-{line}")
    repeats.look(5000, "C-7")
    assert repeats.last_line["C-7"] == 5000
    assert len(repeats.last_line) < 20


CELLS = st.text(alphabet="01239-/.:年月日¥$,;\"'\t\n abあ\u3000０\ufeff", max_size=12)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(CELLS, min_size=5, max_size=5), min_size=1, max_size=6),
    raw=st.booleans(),
)
def test_whatever_a_file_holds_ends_in_records_rejects_or_a_refusal(
    tmp_path: Path, rows: list[list[str]], raw: bool
) -> None:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    body = "\n".join(",".join(row) for row in rows) if raw else out.getvalue()
    path = written(tmp_path, "contract,customer,ends_on,amount,term\n" + body)
    problems: list[RecordProblem | Problem] = []
    found: list[ContractRecord | Reject | LeftOut] = []
    try:
        found = read(path)
    except ImportRefusedError as refusal:
        problems = list(refusal.problems)
    assert all(p.shown(Language.JA) and p.shown(Language.EN) for p in problems)
    assert found or problems
    for record in found:
        assert isinstance(record, (ContractRecord, Reject, LeftOut))
        if isinstance(record, Reject):
            assert record.problem.shown(Language.JA)
        elif isinstance(record, ContractRecord):
            assert record.amount is None or record.amount >= 0
            assert record.customer


def test_rejects_are_written_in_the_readers_language_beside_the_file(tmp_path: Path) -> None:
    reject = Reject(4, "金額", "-5", RecordProblem.of("money_negative"))
    with RejectsFile(tmp_path / "x.csv", Language.JA) as rejects:
        rejects(reject)
    assert rejects.path.read_text("utf-8-sig").splitlines() == [
        "行,列,値,理由",
        "4,金額,-5,金額が負の値",
    ]
    with RejectsFile(tmp_path / "none.csv", Language.EN) as none:
        pass
    assert not none.path.exists()


HEAD_ROW = "契約番号,顧客名,満了日,金額"


@pytest.mark.parametrize(
    "row",
    [
        '合計,,,"4,800,000"',
        ',合計,,"4,800,000"',
        '合計 2件,,,"4,800,000"',
        '小計（佐藤）,,,"4,800,000"',
        'Total:,2 customers,,"4,800,000"',
        'Grand Total (2 records),x,,"4,800,000"',
        HEAD_ROW,
    ],
)
def test_sums_and_the_header_on_every_page_are_no_contracts(tmp_path: Path, row: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(
        (
            f'{HEAD_ROW}\nC-1,青葉商事,2027/3/31,"3,600,000"\n{row}\nSUM-2,みどり,2027/6/30,"1,200,'
            '000"\n'
        ),
        "utf-8",
    )
    found = list(open_contracts(path, POLICY).records())
    assert [type(r) for r in found] == [ContractRecord, LeftOut, ContractRecord]


def test_a_number_that_is_kept_from_being_one_is_the_number(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text('contract,customer,ends on\n"=""007""","\'=Beta",2027-03-31\n', "utf-8")
    (found,) = open_contracts(path, POLICY).records()
    assert isinstance(found, ContractRecord)
    assert (found.number, found.customer) == ("007", "=Beta")


def test_a_row_is_known_again_by_a_later_version_of_the_program(tmp_path: Path) -> None:
    """Another hash would make every row of the next file news."""
    text = 'contract,customer,ends on,amount\nC-1,Aoba,2027-03-31,"1,200.00"\n'
    assert one(tmp_path, text).row_hash == "45b7749a08baf411940fc2f1"

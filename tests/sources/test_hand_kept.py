"""Lists as people keep them by hand: sums and notes between the rows, lengths without a unit."""

from pathlib import Path

import pytest

from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.texts import ImportRefusedError, LeftOut, Reject
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import Language
from scheduler.sources.contracts import open_contracts
from scheduler.sources.files.opening import open_table
from scheduler.sources.mappings.contracts import FileMapping, parse_mapping
from scheduler.sources.mappings.guessing import as_mapping, guess
from scheduler.sources.people import open_people
from tests.import_cast import POLICY, codes

Row = ContractRecord | Reject | LeftOut
NUMBERLESS = "customer,product,ends_on,amount\nAcme,Pro,2027-03-31,100\n"
BY_NAME = parse_mapping(
    {
        "key": ["customer", "product"],
        "columns": {n: n for n in ("customer", "product", "ends_on", "amount")},
    }
)


def rows(folder: Path, text: str, mapping: FileMapping | None = None) -> list[Row]:
    """What each row of a file comes to."""
    path = folder / "list.csv"
    path.write_text(text, "utf-8")
    return list(open_contracts(path, POLICY, mapping=mapping).records())


def asked(folder: Path, text: str, mapping: FileMapping | None = None) -> list[str]:
    """What a file is refused for, worded in both languages."""
    with pytest.raises(ImportRefusedError) as caught:
        rows(folder, text, mapping)
    assert all(p.shown(language) for p in caught.value.problems for language in Language)
    return codes(caught.value)


@pytest.mark.parametrize(
    "row", ["合計,,,100", ",,合計,100", "Grand total,,,100", "青葉 小計,,,100", "計 3件,,,3"]
)
def test_a_sum_is_no_contract_in_a_list_without_numbers(tmp_path: Path, row: str) -> None:
    first, second = rows(tmp_path, f"{NUMBERLESS}{row}\n", BY_NAME)
    assert isinstance(first, ContractRecord)
    assert isinstance(second, LeftOut)


@pytest.mark.parametrize(
    "row",
    [
        "※金額は税抜,,,",
        "Note: prices exclude VAT,,,",
        "Former customers,,,",
        "Ann Ito total,,,100",
        "Total 2026,,,100",
        "注）,確認中,,",
    ],
)
def test_a_note_under_a_list_is_named_and_no_contract(tmp_path: Path, row: str) -> None:
    _, second = rows(tmp_path, f"{NUMBERLESS}{row}\n", BY_NAME)
    assert isinstance(second, Reject)
    assert (second.line, second.problem.code) == (3, "no_contract")


@pytest.mark.parametrize(
    "row", ["Total Energies,Pro,2027-03-31,1", "Notes & Co,Pro,,5", "Beta,Pro,,", "計画社,,,100"]
)
def test_a_customer_whose_name_looks_like_one_comes_in(tmp_path: Path, row: str) -> None:
    _, second = rows(tmp_path, f"{NUMBERLESS}{row}\n", BY_NAME)
    assert isinstance(second, ContractRecord)


def lengths(folder: Path, name: str, *cells: str, mapping: FileMapping | None = None) -> list[Term]:
    """What a column of lengths says in each row."""
    text = f"contract,customer,{name}\n" + "".join(f"{n},a,{c}\n" for n, c in enumerate(cells))
    found = rows(folder, text, mapping)
    assert all(isinstance(r, ContractRecord) for r in found), found
    return [r.notice or r.term or Term() for r in found if isinstance(r, ContractRecord)]


@pytest.mark.parametrize(
    ("name", "cell", "length"),
    [
        ("notice (days)", "60", Term(days=60)),
        ("notice_days", "60", Term(days=60)),
        ("解約予告（日）", "９０", Term(days=90)),
        ("解約予告日数", "90", Term(days=90)),
        ("解約予告(日前)", "90", Term(days=90)),
        ("解約予告(日)", "3ヶ月前", Term(months=3)),
        ("term (years)", "3", Term(months=36)),
        ("契約期間(年)", "1", Term(months=12)),
        ("契約期間（ヶ月）", "12", Term(months=12)),
        ("notice", "3", Term(months=3)),
        ("notice", "12", Term(months=12)),
        ("notice", "2か月前まで", Term(months=2)),
        ("term", "36.0", Term(months=36)),
        ("term", "120", Term(months=120)),
    ],
)
def test_a_number_counts_what_its_columns_name_says_else_months(
    tmp_path: Path, name: str, cell: str, length: Term
) -> None:
    assert lengths(tmp_path, name, cell) == [length]


@pytest.mark.parametrize(
    ("name", "cell"), [("notice", "13"), ("解約予告", "60日前\n1,a,90"), ("term", "365")]
)
def test_a_number_that_would_be_too_many_months_is_asked_about(
    tmp_path: Path, name: str, cell: str
) -> None:
    assert asked(tmp_path, f"contract,customer,{name}\n0,a,{cell}\n") == ["ambiguous_lengths"]


def test_a_mapping_file_says_what_numbers_count(tmp_path: Path) -> None:
    days = parse_mapping({"profile": "csv", "units": {"notice": "days"}})
    assert lengths(tmp_path, "notice", "60", "7", mapping=days) == [Term(days=60), Term(days=7)]
    word = parse_mapping({"profile": "csv", "terms": {"60": "60 days"}})
    assert lengths(tmp_path, "notice", "60", mapping=word) == [Term(days=60)]


def test_a_wrong_unit_of_a_mapping_file_is_named() -> None:
    with pytest.raises(ImportRefusedError) as caught:
        parse_mapping({"units": {"notice": "fortnights", "amount": "days"}})
    assert sorted(p.shown(Language.EN).partition(":")[0] for p in caught.value.problems) == [
        "mapping  units.amount",
        "mapping  units.notice",
    ]


def test_a_guess_says_that_numbers_of_a_notice_are_days(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("No,Client,End,Notice\n1,a,2027-03-31,60\n2,b,2027-03-31,7\n", "utf-8")
    table = open_table(path)
    assert '[units]\nnotice = "days"' in as_mapping("list.csv", guess(table), table)
    path.write_text("No,Client,End,Notice\n1,a,2027-03-31,2\n", "utf-8")
    table = open_table(path)
    assert "[units]" not in as_mapping("list.csv", guess(table), table)


@pytest.mark.parametrize("number", ["TBD", "-", "未定", "n/a", "未採番", " ー "])
def test_a_number_that_there_is_not_yet_is_no_number(tmp_path: Path, number: str) -> None:
    (found,) = rows(tmp_path, f"contract,customer,ends_on\n{number},a,2027-03-31\n")
    assert isinstance(found, Reject)
    assert (found.column, found.problem.code, found.source_id) == ("contract", "required", "")


def test_a_part_of_a_key_may_be_a_dash(tmp_path: Path) -> None:
    mapping = parse_mapping({"key": ["contract", "part"], "profile": "csv"})
    (found,) = rows(tmp_path, "contract,part,customer\nC-1,-,a\n", mapping)
    assert isinstance(found, ContractRecord)
    assert found.source_id == "c-1/-"


NOTHING_SAID = ("-", "—", "ー", "n/a", "NULL", "nan", "None")


@pytest.mark.parametrize("cell", NOTHING_SAID)
def test_a_cell_that_says_nothing_is_empty_in_every_column(tmp_path: Path, cell: str) -> None:
    names = "product,starts_on,ends_on,notice,auto_renew,amount,currency,owner,health"
    path = tmp_path / "list.csv"
    path.write_text(f"contract,customer,{names}\nC-1,a{f',{cell}' * 9}\n", "utf-8")
    opened = open_contracts(path, POLICY)
    (found,) = opened.records()
    assert isinstance(found, ContractRecord), found
    assert (found.product, found.owner, found.ends_on, found.amount) == ("", "", None, None)
    assert opened.empty == frozenset(names.split(",")), "a column of dashes is an empty column"


@pytest.mark.parametrize("cell", ["未定", "TBD", "unassigned", "なし"])
def test_an_owner_there_is_not_yet_is_nobody(tmp_path: Path, cell: str) -> None:
    (found,) = rows(tmp_path, f"contract,customer,owner\nC-1,a,{cell}\n")
    assert isinstance(found, ContractRecord)
    assert found.owner == ""


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("9999-12-31", "date_far"),
        ("2999/12/31", "date_far"),
        ("2201-01-01", "date_far"),
        ("1900-01-01", "date_far"),
        ("0001-01-01T00:00:00Z", "date_far"),
        ("9999-12-31T23:00:00Z", "date_far"),
        ("1900-01-00", "date_range"),
        ("未定", "end_word"),
        ("自動更新", "end_word"),
        ("2027年3月", "date_month"),
        ("令和九年三月", "date_month"),
        ("2027-03", "date_month"),
        ("March 2027", "date_month"),
        ("2027年13月", "date"),
        ("FY2026", "date"),
    ],
)
def test_a_day_that_stands_for_something_else_is_named(tmp_path: Path, day: str, code: str) -> None:
    (found,) = rows(tmp_path, f"contract,customer,ends_on\nC-1,a,{day}\n")
    assert isinstance(found, Reject)
    assert found.problem.code == code
    assert all(found.problem.shown(language) for language in Language)


def test_the_last_and_the_first_year_there_are_come_in(tmp_path: Path) -> None:
    days = "1901-01-01,2200-12-31"
    (found,) = rows(tmp_path, f"contract,customer,starts_on,ends_on\nC-1,a,{days}\n")
    assert isinstance(found, ContractRecord)


@pytest.mark.parametrize(
    ("cells", "money"),
    [
        ("12000,Yen", (12000, "JPY")),
        ("12000,米ドル", (1200000, "USD")),
        ("12000,US Dollars", (1200000, "USD")),
        ('"12,000 Yen",', (12000, "JPY")),
        ('"¥1,200,000円(税抜)",', (1200000, "JPY")),
        ("120万円(税込),", (1200000, "JPY")),
        ("税込1200円,", (1200, "JPY")),
        ("12 EUR incl. VAT,", (1200, "EUR")),
        ("無料,", (0, "JPY")),
        ("Free,EUR", (0, "EUR")),
        ("1.5 Mio EUR,", (150000000, "EUR")),
        ("$12 USD,", (1200, "USD")),
    ],
)
def test_currencies_in_words_are_read(tmp_path: Path, cells: str, money: tuple[int, str]) -> None:
    (found,) = rows(tmp_path, f"contract,customer,amount,currency\nC-1,a,{cells}\n")
    assert isinstance(found, ContractRecord), found
    assert (found.amount, found.currency) == money


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ("12000,ABC", "currency"),
        ("12000,Dollar,", "currency"),
        ("12 TAX,", "money"),
        ('"¥1,200(税込?)",', "money"),
        ("無料期間,", "money"),
        ('"月額 100,000円",', "money_monthly"),
        ("10%,", "money"),
        ("EUR 5 USD,", "money_currency"),
    ],
)
def test_a_currency_that_there_is_not_is_named(tmp_path: Path, cells: str, code: str) -> None:
    (found,) = rows(tmp_path, f"contract,customer,amount,currency\nC-1,a,{cells}\n")
    assert isinstance(found, Reject)
    assert found.problem.code == code


def stages(folder: Path, text: str) -> list[str]:
    """Where each row of a file of contracts lands: a pipeline, or one with a stage; "out" for those
    left out."""
    found = rows(folder, text)
    places = [r.place if isinstance(r, ContractRecord) else None for r in found]
    return [f"{p.pipeline}/{p.stage}".strip("/") if p else "out" for p in places]


STATUS = "contract,customer,{},ends_on\n1,a,{},2027-03-31\n2,b,{},2027-03-31\n"


@pytest.mark.parametrize(
    ("column", "runs", "over"),
    [
        ("Status", "Active", "Churned"),
        ("Contract status", "Live", "Closed Lost"),
        ("ステータス", "契約中", "解約済"),
        ("契約状況", "継続中", "解約済み"),
    ],
)
def test_a_contract_whose_status_is_over_does_not_come_in_as_one_that_runs(
    tmp_path: Path, column: str, runs: str, over: str
) -> None:
    text = STATUS.format(column, runs, over)
    assert stages(tmp_path, text) == ["existing", "existing/lost"]


def test_a_draft_stays_out(tmp_path: Path) -> None:
    assert stages(tmp_path, STATUS.format("Status", "Active", "Draft")) == ["existing", "out"]


def test_a_status_that_nobody_knows_is_asked_about_beside_known_ones(tmp_path: Path) -> None:
    assert asked(tmp_path, STATUS.format("Status", "Active", "Paused")) == ["unmapped_stages"]


def test_a_status_of_something_else_is_listed_as_unread(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(STATUS.format("Status", "paid", "unpaid"), "utf-8")
    assert open_contracts(path, POLICY).ignored == ("Status",)


def test_a_stage_counts_more_than_a_status(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("contract,customer,stage,status\n1,a,stable,Churned\n", "utf-8")
    assert open_contracts(path, POLICY).ignored == ("status",)


def test_a_guess_finds_statuses_and_names_those_without_a_place(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(STATUS.format("契約状況", "解約済", "解約予定"), "utf-8")
    table = open_table(path)
    said = as_mapping("list.csv", guess(table), table)
    assert 'stage = "契約状況"' in said
    assert '# "解約済" = "existing/lost"  # known' in said
    assert '# "解約予定" = "existing"  # runs; or' in said


def test_two_columns_of_amounts_in_two_currencies_are_asked_about(tmp_path: Path) -> None:
    text = "contract,customer,Amount (USD),Amount (EUR)\n1,a,100,\n2,b,,90\n"
    assert asked(tmp_path, text) == ["two_columns"]
    (found,) = rows(tmp_path, "contract,customer,amount,Amount (EUR)\n1,a,100,90\n")
    assert isinstance(found, ContractRecord)
    assert found.currency == POLICY.base_currency, "the plain name is meant"


def test_what_nobody_sees_is_no_part_of_a_number(tmp_path: Path) -> None:
    """Two files joined have a byte order mark in the middle; copied cells have spaces of no
    width."""
    text = "\ufeff\ufeffcontract,customer\nC-1,a\n\ufeffcontract,customer\n\ufeffC-2,b\u200b\n"
    found = rows(tmp_path, text)
    assert [
        (r.number, r.source_id, r.customer) for r in found if isinstance(r, ContractRecord)
    ] == [
        ("C-1", "c-1", "a"),
        ("C-2", "c-2", "b"),
    ]
    assert [type(r) for r in found] == [ContractRecord, LeftOut, ContractRecord]


def test_every_line_that_a_wrong_quotation_mark_has_joined_is_named(tmp_path: Path) -> None:
    text = 'contract,customer,ends_on\n1,"a,2027-03-31\n2,"b",2027-03-31\n3,c,2027-03-31\n'
    found = rows(tmp_path, text)
    assert [(type(r), r.line) for r in found] == [(Reject, 2), (Reject, 3), (ContractRecord, 4)]


def test_a_sum_is_no_colleague(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("name,email\nAnn Ito,ann@example.com\nTotal,\n", "utf-8")
    first, second = open_people(path, POLICY).rows
    assert not isinstance(first, Reject)
    assert isinstance(second, Reject)
    assert second.problem.code == "total"


def test_the_customers_own_contact_is_not_guessed_as_the_owner(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("会社名,満了日,ご担当者,弊社担当\n青葉,2027/3/31,山田様,佐藤健\n", "utf-8")
    found = {g.field: g.column for g in guess(open_table(path))}
    assert found["owner"] == "弊社担当"


@pytest.mark.parametrize("day", ["令8.4.1", "R8.4.1", "令和八年四月一日", "二〇二六年四月一日"])
def test_a_day_of_an_era_is_read_however_its_numbers_are_written(tmp_path: Path, day: str) -> None:
    (found,) = rows(tmp_path, f"contract,customer,starts_on\nC-1,a,{day}\n")
    assert isinstance(found, ContractRecord), found
    assert str(found.starts_on) == "2026-04-01"


@pytest.mark.parametrize("notice", ["前々月末", "3か月前の月末まで", "end of month"])
def test_a_notice_by_the_end_of_a_month_is_told_from_a_length(tmp_path: Path, notice: str) -> None:
    (found,) = rows(tmp_path, f"contract,customer,notice\nC-1,a,{notice}\n")
    assert isinstance(found, Reject)
    assert found.problem.code == "term_month_end"

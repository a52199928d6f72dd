"""A stranger's file: its columns are recognised by their names and by what they hold, over a corpus
of lists as people keep them."""

from pathlib import Path

import pytest

from scheduler.core.imports.records import ContractRecord
from scheduler.sources.contracts import open_contracts
from scheduler.sources.files.opening import open_table
from scheduler.sources.mappings.contracts import read_mapping
from scheduler.sources.mappings.guessing import as_mapping, guess, says_enough
from tests.import_cast import POLICY

CORPUS = {
    "a sales sheet": (
        (
            "Client;Agreement No;Service;Valid from;Valid to;Annual fee;Ccy;Account "
            "manager;Automatic renewal;Notice"
        ),
        (
            "Beta Ltd;A-17;Pro;01.04.2026;31.03.2027;12.000,50;EUR;Ann Ito;yes;3 months\n"
            "Gamma GmbH;A-18;Lite;01.07.2026;30.06.2027;900,00;EUR;Cy Doe;no;30 days"
        ),
        "customer contract product starts_on ends_on amount currency owner auto_renew notice",
    ),
    "an accounting list": (
        (
            "Ref,Company name,Description,Effective date,Expiry date,Contract value,Currency,"
            "Responsible"
        ),
        (
            "7001,Beta Ltd,Support for servers,2026-04-01,2027-03-31,24000,GBP,ann@example.com\n"
            "7002,Gamma GmbH,Licences,2026-05-01,2027-04-30,9000,GBP,cy@example.com"
        ),
        "contract customer title starts_on ends_on amount currency owner",
    ),
    "a register of suppliers": (
        "contract_number,suppliers,title,execution_date,expiry_date,amount",
        (
            "2025-001,Beta Pty Ltd,Cleaning,2025-02-01,2028-01-31,58665\n2025-002,Gamma Pty Ltd,"
            "Printing,2025-03-01,2026-02-28,43700"
        ),
        "contract customer title ends_on amount",
    ),
    "subscriptions of a SaaS company": (
        "subscription_id,account_name,plan_tier,start_date,end_date,arr_amount,auto_renew_flag",
        (
            "S-1,Beta Ltd,Enterprise,2026-01-01,2026-12-31,12000,TRUE\nS-2,Gamma GmbH,Basic,"
            "2026-02-01,2027-01-31,900,FALSE"
        ),
        "contract customer product starts_on ends_on amount auto_renew",
    ),
    "契約台帳": (
        (
            "管理番号,会社名,サービス名,契約開始日,契約満了日,年額(税抜),自動更新,解約予告,"
            "CS担当者,備考"
        ),
        (
            'K-001,株式会社青葉,Pro 50席,2026/04/01,2027/03/31,"¥3,600,000",あり,2か月,佐藤 健,\n'
            'K-002,若葉会,Lite,2026/07/01,2027/06/30,"¥900,000",なし,1か月,田中 千佳,'
        ),
        "contract customer product starts_on ends_on amount auto_renew notice owner",
    ),
    "past renewals": (
        "Contract no;Client;Start date;End date;Contract value;Signed for;Ccy;Status;Decided on",
        (
            "A-17;Beta Ltd;2025-04-01;2026-03-31;12000;13500;EUR;Active;2026-03-20\n"
            "A-18;Gamma GmbH;2025-07-01;2026-06-30;900;;EUR;Churned;2026-06-12"
        ),
        "contract customer starts_on ends_on amount signed_amount currency stage closed_on",
    ),
    "renewals with the newer price first": (
        "Agreement ID,Company,Renewed price,Price,Begins,Expires",
        (
            "A-17,Beta Ltd,13500,12000,2025-04-01,2026-03-31\n"
            "A-18,Gamma GmbH,,900,2025-07-01,2026-06-30"
        ),
        "contract customer signed_amount amount starts_on ends_on",
    ),
    "更新実績": (
        "契約番号,会社名,契約開始日,契約終了日,契約金額,更新後の金額,契約状況,更新決定日",
        (
            "K-1,株式会社青葉,2025/04/01,2026/03/31,120万円,135万円,契約中,2026/03/20\n"
            "K-2,若葉会,2025/07/01,2026/06/30,90万円,,解約済,2026/06/12"
        ),
        "contract customer starts_on ends_on amount signed_amount stage closed_on",
    ),
    "受注の一覧": (
        "管理番号,顧客名,満了日,受注金額,年額",
        "K-1,株式会社青葉,2026/03/31,135万円,120万円\nK-2,若葉会,2026/06/30,,90万円",
        "contract customer ends_on signed_amount amount",
    ),
    "更新管理表": (
        "No.,お客様名,プラン,利用開始日,契約終了日,料金,担当",
        (
            "1,青葉商事,Pro,令和8年4月1日,令和9年3月31日,120万円,佐藤\n2,若葉会,Lite,令和8年7月1日,"
            "令和9年6月30日,90万円,田中"
        ),
        "contract customer product starts_on ends_on amount owner",
    ),
    "販売管理からの出力": (
        "契約コード,得意先コード,得意先名,商品名,契約日,有効期限,契約金額,通貨,営業担当,契約期間",
        (
            "10001,T001,青葉商事,保守A,2026/04/01,2027/03/31,3600000,JPY,佐藤,12か月\n10002,T002,"
            "若葉会,保守B,2026/07/01,2027/06/30,900000,JPY,田中,"
            "12か月"
        ),
        "contract customer_id customer product starts_on ends_on amount currency owner term",
    ),
    "a list of renewals": (
        "Customer,Product,Renewal date,ARR,CSM,Contract term",
        (
            "Beta Ltd,Pro,31-Mar-27,$12K,Ann Ito,12 months\nGamma GmbH,Lite,30-Jun-27,$900,Cy Doe,"
            "24 months"
        ),
        "customer product ends_on amount owner term",
    ),
}


def written(folder: Path, name: str) -> Path:
    """A file of the corpus."""
    header, rows, _ = CORPUS[name]
    path = folder / "x.csv"
    path.write_text(f"{header}\n{rows}\n", "utf-8")
    return path


def test_at_least_95_of_100_columns_that_matter_are_recognised(tmp_path: Path) -> None:
    wanted = right = 0
    for name, (header, _, fields) in CORPUS.items():
        table = open_table(written(tmp_path, name))
        found = {g.field for g in guess(table)}
        columns = {g.field: g.column for g in guess(table)}
        wanted += len(fields.split())
        right += len(found & set(fields.split()))
        assert len(set(columns.values())) == len(columns), header
    assert right / wanted >= 0.95


@pytest.mark.parametrize("name", CORPUS)
def test_a_guess_is_a_mapping_file_under_which_every_row_comes_in(
    tmp_path: Path, name: str
) -> None:
    path = written(tmp_path, name)
    table = open_table(path)
    assert says_enough(guess(table))
    (tmp_path / "x.toml").write_text(as_mapping("x.csv", guess(table), table), "utf-8")
    rows = list(open_contracts(path, POLICY, mapping=read_mapping(tmp_path / "x.toml")).records())
    assert [type(row) for row in rows] == [ContractRecord, ContractRecord]
    assert all(isinstance(r, ContractRecord) and r.ends_on and r.customer for r in rows)


def test_three_values_of_each_column_are_shown(tmp_path: Path) -> None:
    (end,) = (g for g in guess(open_table(written(tmp_path, "契約台帳"))) if g.field == "ends_on")
    assert (end.column, end.values) == ("契約満了日", ("2027/03/31", "2027/06/30"))


@pytest.mark.parametrize(
    "heading",
    ["Signed amount", "signed_for", "Amount signed", "Renewed value", "更新後金額", "成約金額"],
)
def test_what_a_renewal_was_signed_for_is_not_taken_for_the_day_or_the_amount_of_the_contract(
    heading: str, tmp_path: Path
) -> None:
    rows = "A-17,Beta Ltd,2025-04-02,2026-03-31,12000,13500\nA-18,Gamma,2025-07-02,2026-06-30,9,\n"
    path = tmp_path / "x.csv"
    path.write_text(f"Contract no,Client,Signed on,Ends,Amount,{heading}\n{rows}", "utf-8")
    found = {one.field: one.column for one in guess(open_table(path))}
    assert found["signed_amount"] == heading
    assert (found["starts_on"], found["amount"]) == ("Signed on", "Amount")

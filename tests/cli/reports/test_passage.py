"""`renewals report passage`: the numbers have names and definitions, and what was reconstructed
stands apart, on a terminal, in CSV and in JSON."""

import csv
import io
import json

import pytest

from tests.cli.office import Office

PROSPECTS = """\
Record ID,Deal Name,Deal Stage,Close Date,Amount
71,Delta,Cヨミ後失注,2026-06-30,500
72,Epsilon,訪問前失注,2026-06-30,500
73,Zeta,クローズした不成立取引,2026-06-30,500
74,Eta,Bヨミ(決済者前向),2027-02-28,900
"""
EN = """\
Existing customers (3 deals)
Stage               Now  Ever passed  Furthest reached  Last before lost
Onboarding
Stable                1            3                 1
At risk
Critical
Renewal (3 months)    1            2                 2                 1
Renewal (1 month)
Won
Lost                  1            1

New business (4 deals)
Stage                     Now  Ever passed  (rec.)  Furthest reached  (rec.)  Last before lost  (rec.)
Qualified                                        2
Problem agreed                                   2                         1                         1
Value agreed                1            1                         1
Terms agreed
Approved
Won
Lost                        3                    3
(before the first stage)                                                                             1
(how far is unknown)                                                                                 1
"""
JA_NEW = """\
新規商談(取引4件)
ステージ                現在  通過  (再構成)  最も進んだ先  (再構成)  失注直前  (再構成)
商談の見極め                               2
課題の認識合意                             2                       1                   1
価値への合意               1     1                       1
条件への同意
稟議承認
受注
失注                       3               3
(最初のステージより前)                                                                 1
(どこまで進んだか不明)                                                                 1
"""


@pytest.fixture
def lost_some(office: Office) -> Office:
    """Ann's renewal is lost; a HubSpot export brought four prospects in."""
    office.said("answer", "C-2", "lost", "--reason", "budget")
    (office.folder / "hubspot.csv").write_text(PROSPECTS, "utf-8")
    office.said("import", str(office.folder / "hubspot.csv"))
    return office


def test_every_number_has_its_name_and_reconstructed_history_its_own_column(
    lost_some: Office,
) -> None:
    assert lost_some.said("report", "passage") == EN
    assert lost_some.said("report", "passage", "--pipeline", "new_business", lang="ja") == JA_NEW


def test_explain_says_what_each_number_means(lost_some: Office) -> None:
    assert lost_some.said("report", "passage", "--explain") == (
        EN
        + """
Now: deals that are in the stage today.
Ever passed: deals that were in the stage at any time.
Furthest reached: deals whose furthest stage before won or lost, in the pipeline's order, is this one.
Last before lost: lost deals that were in this stage when they were lost, without customers that closed or merged.
(rec.) reconstructed: history inferred from an import, counted separately from moves that this program saw happen.
Undone moves and void terms are not counted.
"""
    )
    explained = lost_some.said("report", "passage", "--explain", lang="ja")
    for name in ("現在：", "通過：", "最も進んだ先：", "失注直前：", "(再構成)："):
        assert f"\n{name}" in explained


def test_a_table_for_spreadsheets_has_every_count(lost_some: Office) -> None:
    rows = list(csv.DictReader(io.StringIO(lost_some.said("report", "passage", "--format", "csv"))))
    assert list(rows[0]) == [
        "pipeline", "stage", "now", "ever_passed_observed", "ever_passed_reconstructed", "furthest_reached_observed",
        "furthest_reached_reconstructed", "last_before_lost_observed", "last_before_lost_reconstructed",
    ]  # fmt: skip
    by_stage = {(r["pipeline"], r["stage"]): list(r.values())[2:] for r in rows}
    assert by_stage["existing", "renewal_3m"] == ["1", "2", "0", "2", "0", "1", "0"]
    assert by_stage["new_business", "problem_agreed"] == ["0", "0", "2", "0", "1", "0", "1"]
    assert by_stage["new_business", "(before the first stage)"] == [
        "0",
        "0",
        "0",
        "0",
        "0",
        "0",
        "1",
    ]
    assert by_stage["new_business", "(unknown)"] == ["0", "0", "0", "0", "0", "0", "1"]
    assert lost_some.said("report", "passage", "--format", "csv", lang="ja") == lost_some.said(
        "report", "passage", "--format", "csv"
    )


def test_machines_get_ids_numbers_and_on_demand_definitions(lost_some: Office) -> None:
    existing, new = json.loads(lost_some.said("report", "passage", "--json"))
    assert (existing["pipeline"], existing["deals"], new["deals"]) == ("existing", 3, 4)
    assert (new["lost_before_all"], new["lost_unknown"]) == (
        {"observed": 0, "reconstructed": 1},
        {"observed": 0, "reconstructed": 1},
    )
    lines = {line["stage"]: line for line in new["lines"]}
    assert lines["value_agreed"] == {
        "stage": "value_agreed", "now": 1, "ever_passed": {"observed": 1, "reconstructed": 0},
        "furthest_reached": {"observed": 1, "reconstructed": 0}, "last_before_lost": {"observed": 0, "reconstructed": 0},
    }  # fmt: skip
    assert json.loads(lost_some.said("report", "passage", "--format", "json")) == [existing, new]
    [explained] = json.loads(
        lost_some.said("report", "passage", "--json", "--explain", "--pipeline", "existing")
    )
    assert set(explained["definitions"]) == {
        "now",
        "ever_passed",
        "furthest_reached",
        "last_before_lost",
    }


@pytest.mark.parametrize(
    ("words", "en", "ja"),
    [
        (
            ["--pipeline", "exiting"],
            "there is no pipeline exiting; did you mean existing?",
            "existing のことですか。",
        ),
        (
            ["--format", "xml"],
            "'--format': 'xml' is not one of 'table', 'csv', 'json'",
            "「--format」の値「xml」は使えません",
        ),
        (
            ["--json", "--format", "csv"],
            "give either --json or --format csv, not both",
            "--json と --format csv は同時に使えません。",
        ),
    ],
)
def test_what_cannot_be_reported_is_refused(
    office: Office, words: list[str], en: str, ja: str
) -> None:
    assert en in office.refused("report", "passage", *words)
    assert ja in office.refused("report", "passage", *words, lang="ja")

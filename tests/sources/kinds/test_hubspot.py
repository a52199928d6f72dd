"""HubSpot's exports: the old pipeline that mixed everything, split in two."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from scheduler.core.imports.hubspot_stages import OLD_PIPELINE
from scheduler.core.words.lexicon import Language
from tests.import_cast import DATA, Office, mapping

THAT_DAY = {
    day: datetime(2026, *day, 10, 30, tzinfo=UTC)
    for day in ((4, 1), (6, 30), (7, 31), (8, 31), (9, 30), (10, 31), (11, 15))
}


@pytest.fixture
def office(empty_sqlite_url: str, tmp_path: Path) -> Office:
    return Office.at(empty_sqlite_url, tmp_path)


def story(office: Office, number: str) -> tuple[str, str, list[tuple[str | None, str, bool]]]:
    """A deal's pipeline, its stage, and its passages as (from, to, observed)."""
    contract = next(c for c in office.rows("contracts") if c["number"] == number)
    deal = next(d for d in office.rows("deals") if d["contract_id"] == contract["id"])
    passages = [
        (p["from_stage"], p["to_stage"], p["observed"])
        for p in office.rows("passages")
        if p["deal_id"] == deal["id"]
    ]
    return deal["pipeline"], deal["stage"], passages


Q, P, V, T = "qualified", "problem_agreed", "value_agreed", "terms_agreed"


@pytest.mark.parametrize(
    ("number", "pipeline", "stage", "passages"),
    [
        ("101", "existing", "stable", [(None, "stable", True)]),
        ("102", "new_business", Q, [(None, Q, True)]),
        ("103", "existing", "stable", [(None, "stable", True)]),
        ("104", "new_business", Q, [(None, Q, True)]),
        ("105", "new_business", Q, [(None, Q, True)]),
        ("106", "new_business", P, [(None, Q, False), (Q, P, True)]),
        ("107", "new_business", V, [(None, Q, False), (Q, P, False), (P, V, True)]),
        ("108", "new_business", T, [(None, Q, False), (Q, P, False), (P, V, False), (V, T, True)]),
        ("109", "existing", "stable", [(None, "stable", False)]),
        ("110", "new_business", "lost", [(None, "lost", False)]),
        ("111", "new_business", "lost", [("", "lost", False)]),
        ("112", "new_business", "lost", [(None, Q, False), (Q, "lost", False)]),
        ("113", "new_business", "lost", [(None, Q, False), (Q, P, False), (P, "lost", False)]),
        (
            "114",
            "new_business",
            "lost",
            [(None, Q, False), (Q, P, False), (P, V, False), (V, "lost", False)],
        ),
        (
            "115",
            "new_business",
            "lost",
            [(None, Q, False), (Q, P, False), (P, V, False), (V, T, False), (T, "lost", False)],
        ),
    ],
)
def test_each_old_stage_lands_where_it_belongs(
    office: Office,
    number: str,
    pipeline: str,
    stage: str,
    passages: list[tuple[str | None, str, bool]],
) -> None:
    office.load(DATA / "hubspot_ja.csv")
    assert story(office, number) == (pipeline, stage, passages)


def test_the_file_holds_every_old_stage() -> None:
    text = (DATA / "hubspot_ja.csv").read_text("utf-8").replace("（", "(").replace("）", ")")
    assert [stage for stage in OLD_PIPELINE if f",{stage}," not in text] == []


def test_history_that_was_reconstructed_has_the_close_date_as_its_only_instant(
    office: Office,
) -> None:
    office.load(DATA / "hubspot_ja.csv")
    deal = next(
        d
        for d, c in zip(office.rows("deals"), office.rows("contracts"), strict=True)
        if c["number"] == "115"
    )
    assert [p["at"] for p in office.rows("passages") if p["deal_id"] == deal["id"]] == [
        None,
        None,
        None,
        None,
        THAT_DAY[11, 15],
    ]
    assert (deal["closed_at"], deal["wake_at"], deal["lost"]["reason"]) == (
        THAT_DAY[11, 15],
        None,
        "other",
    )


def test_ends_that_hubspot_does_not_know_are_estimated_and_listed(office: Office) -> None:
    report = office.load(DATA / "hubspot_ja.csv")
    ends = {
        c["number"]: (c["starts_on"], c["ends_on"])
        for c in office.rows("contracts")
        if c["estimated"]
    }
    assert ends == {
        "109": (date(2026, 4, 1), date(2027, 3, 31)),
        "103": (None, date(2027, 3, 31)),
        "101": (date(2026, 12, 20), date(2027, 12, 19)),
    }
    assert report.estimated.count == 3
    assert "109 青葉商事 2027-03-31" in report.estimated.first


def test_a_mapped_column_gives_the_end_for_certain(office: Office) -> None:
    text = (
        "レコードID,取引名,取引ステージ,金額,クローズ日,関連する会社,契約の終わり\n1,青葉 Pro,成約,"
        "100,2026/04/01,青葉商事,2027/06/30\n"
    )
    report = office.load_text(
        text, mapping=mapping(profile="hubspot", columns={"ends_on": "契約の終わり"})
    )
    assert [(c["ends_on"], c["estimated"]) for c in office.rows("contracts")] == [
        (date(2027, 6, 30), False)
    ]
    assert report.estimated.count == 0


def test_an_english_export_comes_in_too(office: Office) -> None:
    report = office.load(DATA / "hubspot_en.csv")
    assert (report.source, report.new, report.rejected) == ("hubspot", 4, 0)
    assert [(c["number"], c["title"], c["amount"]) for c in office.rows("contracts")][:2] == [
        ("9001", "Harbour Foods - Pro", 1_200_050),
        ("9002", "Acme expansion", 4_000_000),
    ]
    assert office.column("customers", "name") == ["Harbour Foods", "Acme", "Old Mill"]
    assert [d["expected_on"] for d in office.rows("deals")] == [
        None,
        date(2026, 12, 15),
        None,
        None,
    ]
    assert report.ignored_columns == ("Create Date",)


def test_an_open_deal_that_was_won_since_becomes_a_contract(office: Office) -> None:
    head = "Record ID,Deal Name,Deal Stage,Amount,Close Date,Associated Company\n"
    office.load_text(head + "1,Acme,Bヨミ(決済者前向),100,2026-12-15,Acme\n")
    report = office.load_text(head + "1,Acme,成約,120,2026-11-20,Acme\n")
    assert report.renewed == 1
    assert [(d["pipeline"], d["stage"]) for d in office.rows("deals")] == [
        ("new_business", "won"),
        ("existing", "onboarding"),
    ]
    assert [(c["source_id"], c["ends_on"], c["amount"]) for c in office.rows("contracts")] == [
        ("1#1", None, 100),
        ("1", date(2027, 11, 19), 120),
    ]


def test_an_unmapped_stage_is_refused_by_name(office: Office) -> None:
    from scheduler.core.imports.texts import ImportRefusedError  # noqa: PLC0415

    text = (DATA / "hubspot_ja.csv").read_text("utf-8").replace("更新案件", "更新交渉中")
    with pytest.raises(ImportRefusedError) as caught:
        office.load_text(text)
    assert "更新交渉中 (1)" in caught.value.problems[0].shown(Language.JA)
    assert office.rows("contracts") == office.rows("imports") == []


def test_the_table_of_stages_can_be_changed_by_a_mapping_file(office: Office) -> None:
    head = "レコードID,取引名,取引ステージ,クローズ日,関連する会社\n"
    text = (
        head
        + "1,青葉,更新案件,2027/03/31,青葉商事\n2,みどり,Aヨミ(条件調整中),2027/03/31,みどり工業\n"
    )
    office.load_text(
        text,
        mapping=mapping(
            stages={"更新案件": "existing", "Aヨミ(条件調整中)": "new_business/value_agreed"}
        ),
    )
    assert [
        (c["ends_on"], d["stage"])
        for c, d in zip(office.rows("contracts"), office.rows("deals"), strict=True)
    ] == [
        (date(2028, 3, 30), "stable"),
        (None, "value_agreed"),
    ]


HEAD = "Record ID,Deal Name,Deal Stage,Amount,Close Date,Associated Company\n"


def test_a_follow_up_without_a_contract_stays_new_business_when_its_row_changes(
    office: Office,
) -> None:
    office.load_text(HEAD + "1,Acme,定期追い,100,2026-12-15,Acme\n")
    report = office.load_text(HEAD + "1,Acme,定期追い,120,2027-02-15,Acme\n")
    assert [
        (c["ends_on"], c["amount"], d["pipeline"], d["expected_on"])
        for c, d in zip(office.rows("contracts"), office.rows("deals"), strict=True)
    ] == [(None, 120, "new_business", date(2027, 2, 15))]
    assert report.estimated.count == 0


def test_an_estimate_that_moves_is_no_renewal_and_never_replaces_what_is_known(
    office: Office,
) -> None:
    office.load_text(HEAD + "1,Acme,成約,100,2026-04-01,Acme\n")
    office.load_text(HEAD + "1,Acme,成約,100,2026-11-01,Acme\n")
    assert [(c["ends_on"], c["estimated"]) for c in office.rows("contracts")] == [
        (date(2027, 10, 31), True)
    ]
    known = HEAD.replace("Close Date", "Close Date,Contract end date")
    office.load_text(known + "1,Acme,成約,100,2026-11-01,2028-12-31,Acme\n")
    assert [(c["ends_on"], c["estimated"]) for c in office.rows("contracts")] == [
        (date(2028, 12, 31), False)
    ]
    office.load_text(HEAD + "1,Acme,成約,130,2026-11-01,Acme\n")
    assert [(c["ends_on"], c["estimated"], c["amount"]) for c in office.rows("contracts")] == [
        (date(2028, 12, 31), False, 130)
    ]

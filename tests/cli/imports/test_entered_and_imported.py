"""A contract that somebody entered by hand and that later comes from the customer system is one
contract, not two; whatever is not certain is named with both."""

import pytest

from tests.cli.office import Office

HEADER = "Contract Number,Account Name,Contract Start Date,Contract End Date,Contract Term (months),Status,Contract Owner\n"
LATER = "2027-01-06T12:00+00:00"
OPEN = "SELECT c.number, c.source, c.ends_on FROM contracts c JOIN deals d ON d.contract_id = c.id WHERE d.closed_at IS NULL AND c.source <> 'csv' ORDER BY c.id"
SAID = {
    "en": "contracts entered by hand that are also in the file (from now on the file updates them): 1\n  N-1 New Ltd → 00000107\n",
    "ja": "手で登録した契約と同じもの(今後はこの取込元に従う) 1件\n  N-1 New Ltd → 00000107\n",
}


def entered(office: Office) -> None:
    """A year from December on, for New Ltd."""
    days = ("--starts", "2026-12-01", "--ends", "2027-11-30")
    office.said("contract", "add", "N-1", "--customer", "New Ltd", *days, "--yes")


def imported(office: Office, *rows: str, lang: str = "en") -> str:
    """What a list of contracts from Salesforce comes to."""
    (office.folder / "sf.csv").write_text(HEADER + "".join(f"{row}\n" for row in rows), "utf-8")
    return office.said("import", str(office.folder / "sf.csv"), lang=lang, as_of=LATER)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_what_was_entered_is_found_again_by_customer_and_dates(office: Office, lang: str) -> None:
    entered(office)
    told = imported(office, "00000107,new  LTD,2026-12-01,2027-11-30,12,Activated,", lang=lang)
    assert SAID[lang] in told
    assert office.rows(OPEN) == [("00000107", "salesforce", "2027-11-30")]
    again = imported(office, "00000107,new  LTD,2026-12-01,2027-12-31,12,Activated,")
    assert "new 0, updated 1" in again
    assert office.rows(OPEN) == [("00000107", "salesforce", "2027-12-31")]


def test_taking_the_import_back_gives_it_back_to_whom_entered_it(office: Office) -> None:
    entered(office)
    before = office.rows(OPEN)
    imported(office, "00000107,New Ltd,2026-12-01,2027-11-30,12,Activated,")
    number = office.rows("SELECT max(id) FROM imports")[0][0]
    office.said("import", "undo", str(number), as_of=LATER)
    assert office.rows(OPEN) == before == [("N-1", "entered", "2027-11-30")]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("00000107,Newer Ltd,2026-12-01,2027-11-30,12,Activated,", "another customer"),
        ("00000107,New Ltd,2025-03-01,2026-02-28,12,Activated,", "other days"),
    ],
)
def test_what_differs_is_a_contract_of_its_own(office: Office, row: str, why: str) -> None:
    entered(office)
    told = imported(office, row)
    assert "entered by hand" not in told, why
    assert ("N-1", "entered", "2027-11-30") in office.rows(OPEN)


def test_the_year_after_what_was_entered_renews_it(office: Office) -> None:
    entered(office)
    told = imported(office, "00000107,New Ltd,2027-12-01,2028-11-30,12,Activated,")
    assert "treated as renewals 1" in told
    assert office.rows(OPEN) == [("00000107", "salesforce", "2028-11-30")]
    assert office.rows(
        "SELECT stage FROM deals WHERE contract_id = (SELECT id FROM contracts WHERE number = 'N-1')"
    ) == [("won",)]


def test_two_that_could_be_it_are_named_with_both(office: Office) -> None:
    entered(office)
    told = imported(
        office,
        "00000107,New Ltd,2026-12-01,2027-11-30,12,Activated,",
        "00000108,New Ltd,2026-12-01,2027-11-30,12,Activated,",
    )
    assert "N-1 New Ltd 2027-11-30" in told
    assert "entered by hand" not in told
    assert len(office.rows(OPEN)) == 3

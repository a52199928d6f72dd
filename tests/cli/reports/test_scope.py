"""What every report is asked for: filters that match nothing there is, days, and months."""

import json

import pytest

from tests.cli.office import PEOPLE, Office

CONTRACTS = """\
contract,customer,segment,starts on,ends on,amount,currency,owner
S-1,Delta SA,Enterprise,2026-04-01,2027-03-31,7000,EUR,ann@example.com
S-2,Echo SA,SMB,2026-04-01,2027-03-31,8000,GBP,chika@example.jp
"""


@pytest.fixture
def segmented(nowhere: Office) -> Office:
    """Contracts of two segments and currencies, of people in two teams."""
    head, *people = PEOPLE.splitlines()
    teams = [f"{head},team", *(f"{one},{team}" for one, team in zip(people, "EEW", strict=True))]
    (nowhere.folder / "people.csv").write_text("\n".join(teams), "utf-8")
    (nowhere.folder / "some.csv").write_text(CONTRACTS, "utf-8")
    for file in ("people.csv", "some.csv"):
        nowhere.said("import", str(nowhere.folder / file))
    return nowhere


@pytest.mark.parametrize("report", ["renewals", "retention", "forecast", "load", "funnel", "lost"])
@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (
            ("--segment", "enterprize"),
            "there is no segment enterprize; did you mean Enterprise? there are: Enterprise, SMB",
        ),
        (("--currency", "CHF"), "there is no currency CHF; there are: EUR, GBP"),
        (("--team", "North"), "there is no team North; there are: E, W"),
        (("--owner", "nobody"), "there is no owner nobody; there are: Ann Ito, 千佳 田中"),
    ],
    ids=["segment", "currency", "team", "owner"],
)
def test_a_filter_that_matches_nothing_says_which_there_are(
    segmented: Office, report: str, asked: tuple[str, str], says: str
) -> None:
    assert segmented.refused("report", report, *asked) == says


def test_a_filter_is_read_in_any_case_and_by_address(segmented: Office) -> None:
    for asked in (("--segment", "smb"), ("--currency", "gbp"), ("--owner", "CHIKA@")):
        found = json.loads(segmented.said("report", "renewals", *asked, "--json"))
        assert [one["contract"] for one in found["contracts"]] == ["S-2"]


def test_a_month_is_its_first_and_its_last_day(segmented: Office) -> None:
    for first, last in (("2027-03", "2027-04"), ("2027年3月", "2027/4")):
        said = segmented.said("report", "renewals", "--from", first, "--until", last)
        assert said.startswith("Renewals that end from Mon 1 Mar 2027 to Fri 30 Apr 2027\n")


def test_losses_in_two_currencies_say_which(segmented: Office) -> None:
    for contract in ("S-1", "S-2"):
        segmented.said("answer", contract, "lost", "--reason", "budget")
    lines = segmented.said("report", "lost").splitlines()
    told = [line.split()[-3:] for line in lines[2:4]]
    assert told == [["GBP", "1", "£8,000"], ["EUR", "1", "€7,000"]]

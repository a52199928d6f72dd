"""`renewals report retention` of a register that was worked out by hand, to the cent, on both
databases; and what it says of a day that is past."""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
from python_calamine import load_workbook

from tests.cli.office import Office
from tests.cli.reports.register import END, PERIOD, STEPS, live, report
from tests.once import lived_once

NOTHING = dict.fromkeys(
    "renewals due renewed automatic late lost merged open unknown base kept upsell downsell churn "
    "open_year merged_year logos logos_kept".split(),
    0,
)


def _line(month: str, segment: str | None, currency: str, **numbers: Any) -> dict[str, Any]:
    """A line of the report; what is not given is zero."""
    return {"month": month, "segment": segment, "currency": currency} | NOTHING | numbers


DUE = [
    _line(  # LATE: £6,000 for £6,000, signed on 20 March
        "2027-02", "mid", "GBP", renewals=1, due=600000, renewed=1, late=1, base=600000,
        kept=600000, logos=1, logos_kept=1, gross="1.0000", net="1.0000", logo_retention="1.0000",
    ),
    _line(  # CHURN: £4,000.10 lost; VOIDED: £9,000, open since its automatic renewal was undone
        "2027-03", "mid", "GBP", renewals=2, due=1300010, lost=1, open=1, base=400010,
        churn=400010, open_year=900000, logos=1, gross="0.0000", net="0.0000",
        logo_retention="0.0000",
    ),
    # DOWN 12,000.50 → 9,000.75, UP 10,000.00 → 12,345.67, AUTO 8,000.25 again, AGAIN 3,000.00 →
    # 3,000.01, DAYS 1,000.00 × 365 ÷ 90 = 4,055.56 → 4,100.00; UNSAID is renewed, its amount due
    # unknown; MERGER 5,000.00; UNDONE 7,000.00 is open again
    _line(
        "2027-03", "smb", "GBP", renewals=8, due=4600075, renewed=6, automatic=1, merged=1, open=1,
        unknown=1, base=1200050 + 1000000 + 800025 + 300000 + 405556,
        kept=900075 + 1000000 + 800025 + 300000 + 405556, upsell=234567 + 1 + 4444,
        downsell=299975, open_year=700000, merged_year=500000, logos=6, logos_kept=6,
        gross="0.9190", net="0.9835", logo_retention="1.0000",
    ),
    _line(  # TWO: ¥1,200,000 a year → ¥2,000,000 for two, signed on 2 April
        "2027-03", None, "JPY", renewals=1, due=1200000, renewed=1, late=1, base=1200000,
        kept=1000000, downsell=200000, logos=1, logos_kept=1, gross="0.8333", net="0.8333",
        logo_retention="1.0000",
    ),
    _line(  # THREE: ¥3,600,000 for three years → ¥1,300,000 for one
        "2027-03", "enterprise", "JPY", renewals=1, due=3600000, renewed=1, base=1200000,
        kept=1200000, upsell=100000, logos=1, logos_kept=1, gross="1.0000", net="1.0833",
        logo_retention="1.0000",
    ),
]  # fmt: skip
SIGNED = [  # month, segment, currency, renewals, amount, year, automatic, late, late_year
    ("2027-02", "smb", "GBP", 2, 300001 + 800025, 300001 + 800025, 1, 0, 0),
    ("2027-03", "mid", "GBP", 1, 600000, 600000, 0, 1, 600000),
    ("2027-03", "smb", "GBP", 4, 2594642, 2594642, 0, 0, 0),
    ("2027-03", "enterprise", "JPY", 1, 1300000, 1300000, 0, 0, 0),
    ("2027-04", None, "JPY", 1, 2000000, 1000000, 0, 1, 1000000),
]


@pytest.fixture
def lived(database_url: str, nowhere: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The register, lived on each database in turn."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    live(nowhere)
    return nowhere


@pytest.fixture
def lived_here(nowhere: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The register in the folder's own database: lived once, copied for every test."""
    lived_once(tmp_path_factory, "register", nowhere.folder, lambda: live(nowhere))
    return nowhere


def _signed(found: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The lines by the month of signing."""
    names = "month segment currency renewals amount year automatic late late_year".split()
    return [tuple(line[name] for name in names) for line in found["signed"]]


def test_the_register_is_equal_to_the_cent(lived: Office) -> None:
    found = report(lived, "retention", *PERIOD)
    assert found["due"] == DUE
    assert _signed(found) == SIGNED


def test_a_past_day_says_what_was_known_when_it_ended(
    database_url: str, nowhere: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    then: dict[str, Any] = {}

    def look(day: str) -> None:
        then[day] = report(nowhere, "retention", *PERIOD, as_of=f"{day}T14:30+00:00")

    live(nowhere, look)
    assert (
        len({json.dumps(found["due"]) for found in then.values()}) == len(STEPS) - 1
    )  # a loss undone
    for day, found in then.items():
        assert report(nowhere, "retention", *PERIOD, "--as-known-on", day) == found, day


def test_what_was_undone_since_stood_then(lived_here: Office) -> None:
    found = report(lived_here, "retention", *PERIOD, "--as-known-on", "2027-02-05")
    smb = next(line for line in found["due"] if line["segment"] == "smb")
    mid = next(
        line for line in found["due"] if (line["segment"], line["month"]) == ("mid", "2027-03")
    )
    assert (smb["renewed"], smb["automatic"], smb["upsell"]) == (2, 1, 50000)
    assert (mid["renewed"], mid["automatic"], mid["due"]) == (1, 1, 390000 + 900000)


@pytest.mark.parametrize(
    ("filters", "contracts"),
    [
        (("--segment", "SMB"), 8),
        (("--currency", "jpy"), 2),
        (("--owner", "cho"), 5),
        (("--team", "east"), 8),
        (("--from", "2027-03-01"), 12),
        (("--until", "2027-03-30"), 1),
        (("--pipeline", "existing"), 13),
    ],
)
def test_filters_choose_whose_contracts_and_which_days(
    lived_here: Office, filters: tuple[str, ...], contracts: int
) -> None:
    found = report(lived_here, "retention", *PERIOD, *filters)
    assert sum(line["renewals"] for line in found["due"]) == contracts


def test_files_hold_the_same_numbers_in_whole_units(lived_here: Office) -> None:
    words = ("report", "retention", *PERIOD)
    rows = list(csv.DictReader(io.StringIO(lived_here.said(*words, "--format", "csv", as_of=END))))
    assert [(r["month"], r["segment"], r["currency"]) for r in rows] == [
        (d["month"], d["segment"] or "", d["currency"]) for d in DUE
    ]
    assert rows[2]["base"] == "37056.31"
    assert (rows[2]["net"], rows[3]["downsell"]) == ("0.9835", "200000")
    book = lived_here.folder / "retention.xlsx"
    lived_here.said(*words, "--xlsx", str(book), as_of=END)
    sheet = load_workbook(book).get_sheet_by_index(0).to_python()
    assert sheet[0][:5] == ["Due in", "Segment", "Currency", "Contracts due", "Amount due"]
    assert sheet[3][:5] == ["2027-03", "smb", "GBP", 8, 46000.75]
    signed = lived_here.said(*words, "--by", "signed", "--format", "csv", as_of=END)
    assert signed.splitlines()[1] == "2027-02,smb,GBP,2,11000.26,11000.26,1,0,0.00,0"


TABLE = """\
JPY: by month due
Gross retention 91.7%, net retention 95.8%; 2 of 2 customers kept (100.0%).
Due in    Contracts due  Amount due  Decided, a year    Upsell  Downsell  Gross retention  Net retention  Customer retention  Late
Mar 2027              2  ¥4,800,000       ¥2,400,000  ¥100,000  ¥200,000            91.7%          95.8%              100.0%     1

JPY: by segment
Segment       Contracts due  Amount due  Decided, a year    Upsell  Downsell  Gross retention  Net retention  Customer retention  Late
(no segment)              1  ¥1,200,000       ¥1,200,000            ¥200,000            83.3%          83.3%              100.0%     1
enterprise                1  ¥3,600,000       ¥1,200,000  ¥100,000                     100.0%         108.3%              100.0%

JPY: renewals by month signed
Signed in  Renewals signed  Amount signed  Signed, a year  Signed late  Signed late, a year
Mar 2027                 1     ¥1,300,000      ¥1,300,000
Apr 2027                 1     ¥2,000,000      ¥1,000,000            1           ¥1,000,000
"""


def test_people_read_a_table_for_each_currency(lived_here: Office) -> None:
    assert lived_here.said("report", "retention", *PERIOD, "--currency", "jpy", as_of=END) == TABLE


def test_explain_says_what_every_number_means(lived_here: Office) -> None:
    said = lived_here.said("report", "retention", *PERIOD, "--explain", as_of=END)
    assert (
        "\nGross retention: (decided − downsell − churn) ÷ decided; upsell does not count.\n"
        in said
    )
    found = report(lived_here, "retention", *PERIOD, "--explain")
    assert set(DUE[0]) - {"kept"} <= set(found["definitions"]) | {"kept"}
    assert set(found["definitions"]["churn"]) == {"name", "meaning"}


def test_contracts_that_are_in_no_rate_are_counted_beside_it(lived_here: Office) -> None:
    said = lived_here.said("report", "retention", *PERIOD, as_of=END)
    assert (
        "Gross and net retention leave out 1 contract whose amount due or renewed is unknown."
        in said
    )
    yen = lived_here.said("report", "retention", *PERIOD, "--currency", "JPY", as_of=END)
    assert "leave out" not in yen


def test_a_folder_without_contracts_says_so(nowhere: Office) -> None:
    nowhere.said("run", "--once")
    assert nowhere.said("report", "retention") == "No contract of this period matches.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--as-known-on", "2027-04-11"), "is in the future"),
        (("--until", "2026-12-31"), "--until 2026-12-31 is before --from 2027-01-01"),
        (("--pipeline", "exsiting"), "did you mean existing?"),
        (("--format", "csv", "--json"), "give either --json or"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    nowhere: Office, words: tuple[str, ...], said: str
) -> None:
    nowhere.said("run", "--once", as_of=END)
    assert said in nowhere.refused("report", "retention", "--from", "2027-01-01", *words, as_of=END)


def test_what_past_renewals_were_signed_for_counts(nowhere: Office) -> None:
    (nowhere.folder / "past.csv").write_text(
        "contract,customer,starts_on,ends_on,amount,currency,stage,signed_amount\n"
        "A-1,Acme,2025-10-01,2026-09-30,1000,GBP,won,1250\n"
        "A-2,Beta,2025-10-01,2026-09-30,2000,GBP,won,1500.50\n"
        "A-3,Core,2025-10-01,2026-09-30,4000,GBP,won,\n"
        "A-4,Deco,2025-10-01,2026-09-30,500,GBP,lost,\n",
        "utf-8",
    )
    nowhere.said("import", str(nowhere.folder / "past.csv"))
    (due,) = report(nowhere, "retention", "--from", "2026-09", "--until", "2026-09")["due"]
    counted = {
        name: due[name] for name in ("base", "kept", "upsell", "downsell", "churn", "unknown")
    }
    assert counted == {
        "base": 350000,
        "kept": 250050,
        "upsell": 25000,
        "downsell": 49950,
        "churn": 50000,
        "unknown": 1,
    }
    assert (due["gross"], due["net"]) == ("0.7144", "0.7859")

"""Importing contracts into a real database, on SQLite and PostgreSQL."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import insert, text, update

from scheduler.core.facts.field_words import word_change
from scheduler.core.imports.records import customer_key
from scheduler.core.words.lexicon import Language
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.imports.choices import ImportListener, MissingContracts, Send
from scheduler.services.imports.undo import UndoRefusedError
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from tests.cast import at
from tests.import_cast import DATA, NOW, Office, mapping

HEAD = "contract,customer,product,starts_on,ends_on,notice,auto_renew,amount,currency,owner\n"
C1 = HEAD + "C-1,Aoba Trading,Pro,2026-04-01,2027-03-31,2 months,no,3600000,JPY,Ann Ito\n"
LATER = NOW + timedelta(days=1)


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office with an empty database."""
    office = Office.at(database_url, tmp_path)
    yield office
    office.engine.dispose()


def changed(before: str, after: str, text: str = C1) -> str:
    """The file with one thing changed."""
    assert before in text
    return text.replace(before, after)


def test_a_contract_opens_a_deal_whose_alarm_rings_now(office: Office) -> None:
    report = office.load_text(C1)
    contract, deal, passage = (
        office.rows(table)[0] for table in ("contracts", "deals", "passages")
    )
    assert report.counts | {"new": 1} == report.counts
    assert contract["decide_by"] == date(2027, 1, 31)
    assert (contract["term"], contract["amount"], contract["currency"]) == (
        "12 months",
        3600000,
        "JPY",
    )
    assert (deal["pipeline"], deal["stage"], deal["wake_at"], deal["arrived_at"]) == (
        "existing",
        "stable",
        NOW,
        NOW,
    )
    assert (
        passage["from_stage"],
        passage["to_stage"],
        passage["actor_kind"],
        passage["observed"],
    ) == (None, "stable", "import", True)


def test_the_first_load_of_a_source_is_silent_and_later_arrivals_are_not(office: Office) -> None:
    office.load_text(C1)
    assert (
        office.load_text(
            C1 + "C-2,Midori,Pro,2026-04-01,2027-03-31,,no,1,JPY,Ann Ito\n", LATER
        ).first_load
        is False
    )
    assert office.column("deals", "baseline_at") == [NOW, None]


def test_a_first_load_that_sends_the_latest_has_no_baseline(office: Office) -> None:
    office.load_text(C1, send=Send.LATEST)
    assert office.column("deals", "baseline_at") == [None]


def test_a_dry_run_reports_the_same_and_writes_nothing(office: Office) -> None:
    dry = office.load_text(C1, dry_run=True)
    assert office.rows("imports") == office.rows("contracts") == office.rows("people") == []
    wet = office.load_text(C1)
    assert dry.counts == wet.counts
    assert dry.first_load is wet.first_load is True


def test_the_same_file_again_changes_nothing(office: Office) -> None:
    office.load(DATA / "contracts_bom.csv")
    before = office.everything()
    again = office.load(DATA / "contracts_bom.csv", LATER)
    assert office.everything() == before
    assert (again.unchanged, again.new, again.updated) == (2, 0, 0)


def test_a_changed_row_updates_and_says_what_moved(office: Office) -> None:
    office.load_text(C1)
    report = office.load_text(changed("2027-03-31", "2027-06-30"), LATER)
    moved = [
        word_change(m.field, m.before, m.after, Language.JA, office.policy) for m in report.moved
    ]
    assert moved == [
        "満了日 2027-03-31 → 2027-06-30",
        "契約期間 12か月 → 15か月",
        "解約通知期限 2027-01-31 → 2027-04-30",
    ]
    assert report.updated == 1
    assert office.column("deals", "wake_at") == [LATER]
    assert office.column("deals", "version") == [2]


def test_a_column_the_file_lacks_erases_nothing_but_an_emptied_cell_does(office: Office) -> None:
    office.load_text(C1)
    office.load_text("contract,customer,amount\nC-1,Aoba Trading,4000000\n", LATER)
    contract = office.rows("contracts")[0]
    assert (contract["ends_on"], contract["product"], contract["amount"], contract["owner_id"]) == (
        date(2027, 3, 31),
        "Pro",
        4000000,
        1,
    )
    office.load_text("contract,customer,product,owner\nC-1,Aoba Trading,,\n", LATER)
    assert (office.column("contracts", "product"), office.column("contracts", "owner_id")) == (
        [""],
        [None],
    )


def test_a_bad_row_is_rejected_with_its_line_and_the_good_ones_come_in(office: Office) -> None:
    good = 'C-1,"Aoba\nTrading",Pro,2026-04-01,2027-03-31,,no,1,JPY,Ann\n'
    text = (
        HEAD
        + good
        + "C-2,Midori,Pro,2026-04-01,2027-02-30,,no,1,JPY,Ann\nC-3,Akane,Pro,,,,no,-1,JPY,\n"
    )
    report = office.load_text(text)
    assert [(r.line, r.column, r.value, r.problem.code) for r in office.rejects] == [
        (4, "ends_on", "2027-02-30", "date_range"),
        (5, "amount", "-1", "money_negative"),
    ]
    assert (report.new, report.rejected) == (1, 2)
    assert office.column("customers", "name") == ["Aoba Trading"]


def test_owners_are_found_by_address_or_name_whatever_their_width(office: Office) -> None:
    with office.engine.begin() as connection:
        people = [
            {
                "key": "ann@example.com",
                "name": "Ann Ito",
                "email": "ann@example.com",
                "role": "rep",
                "active": True,
            }
        ]
        connection.execute(insert(metadata.tables["people"]), people)
    rows = [
        "C-1,Aoba,Pro,2026-04-01,2027-03-31,,no,1,JPY,ＡＮＮ　ｉｔｏ",
        "C-2,Midori,Pro,2026-04-01,2027-03-31,,no,1,JPY,Ann <ANN@example.com>",
    ]
    report = office.load_text(HEAD + "\n".join(rows) + "\n")
    assert office.column("contracts", "owner_id") == [1, 1]
    assert report.unknown_owners.count == 0


@pytest.mark.parametrize(
    ("known", "cell", "owner"),
    [
        ((), "Ann Ito / Bob Hill", "Ann Ito"),
        ((), "伊藤、田中", "伊藤"),
        ((), '"Ann Ito;\nBob Hill"', "Ann Ito"),
        (("Bob Hill",), "Ann Ito / Bob Hill", "Bob Hill"),
        (("Bob Hill", "Ann Ito"), "Ann Ito / Bob Hill", "Ann Ito"),
        (("Bob Hill",), "bob.hill@example.com; ann@example.com", "Bob Hill"),
        (("Bob Hill",), "Ann Ito & Bob Hill", "Bob Hill"),
        (("佐藤健",), "佐藤 健・田中", "佐藤健"),
    ],
)
def test_of_several_owners_in_one_cell_one_is_taken_and_named(
    office: Office, known: tuple[str, ...], cell: str, owner: str
) -> None:
    introduce(office, *known)
    report = office.load_text(f"contract,customer,owner\nC-0,Beta,Ann Ito\nC-1,Aoba,{cell}\n")
    owners = dict(zip(*(office.column("people", name) for name in ("id", "name")), strict=True))
    assert owners[office.column("contracts", "owner_id")[1]] == owner
    assert report.several.count == 1
    assert report.several.first[0].startswith(" ".join(cell.strip('"').split()))
    again = office.load_text(f"contract,customer,owner\nC-0,Beta,Ann Ito\nC-1,Aoba,{cell}\n")
    assert (again.unchanged, again.moved_count) == (2, 0)


def test_whom_a_row_takes_does_not_follow_from_the_rows_before(office: Office) -> None:
    text = "contract,customer,owner\nC-0,Beta,Bob Hill\nC-1,Aoba,Ann Ito / Bob Hill\n"
    assert office.load_text(text, batch=1).several.first == ("Ann Ito / Bob Hill → Ann Ito",)


@pytest.mark.parametrize(
    "cell",
    ["Research & Development", '"Ito, Ann"', "Ann Ito (CS/EMEA)", "ジョン・スミス", "Ann / Bob"],
)
def test_one_owner_whose_name_looks_like_several_stays_one(office: Office, cell: str) -> None:
    introduce(office, "Ann / Bob")
    report = office.load_text(f"contract,customer,owner\nC-1,Aoba,{cell}\n")
    assert office.column("people", "name")[-1] == cell.strip('"')
    assert report.several.count == 0


def introduce(office: Office, *names: str) -> None:
    """People who are there before a file names them."""
    with office.engine.begin() as connection:
        for name in names:
            email = f"{name.lower().replace(' ', '.')}@example.com" if name.isascii() else None
            values = {"key": customer_key(name), "name": name, "email": email, "role": "rep"}
            connection.execute(insert(metadata.tables["people"]).values(active=True, **values))


def test_an_unknown_owner_becomes_a_person_without_a_route_and_is_listed(office: Office) -> None:
    report = office.load_text(C1)
    assert report.unknown_owners.first == ("Ann Ito",)
    assert [
        (p["key"], p["name"], p["email"], p["slack_id"], p["active"]) for p in office.rows("people")
    ] == [("ann ito", "Ann Ito", None, None, True)]


def test_a_name_that_two_people_have_is_rejected(office: Office) -> None:
    with office.engine.begin() as connection:
        rows = [
            {
                "key": f"{n}@example.com",
                "name": "Ann Ito",
                "email": f"{n}@example.com",
                "role": "rep",
                "active": True,
            }
            for n in "ab"
        ]
        connection.execute(insert(metadata.tables["people"]), rows)
    assert office.load_text(C1).rejected == 1
    assert [(r.column, r.problem.code) for r in office.rejects] == [("owner", "two_people")]


# renewals


def renewed(office: Office) -> None:
    """C-1, then its end a year later."""
    office.load_text(C1)
    office.load_text(changed("2027-03-31", "2028-03-31"), LATER)


def test_an_end_a_year_later_wins_the_deal_and_opens_the_next_term(office: Office) -> None:
    renewed(office)
    old, new = office.rows("contracts")
    assert (old["source_id"], old["ends_on"], new["source_id"], new["predecessor_id"]) == (
        "c-1#1",
        date(2027, 3, 31),
        "c-1",
        old["id"],
    )
    assert (new["starts_on"], new["ends_on"], new["term"], new["decide_by"]) == (
        date(2027, 4, 1),
        date(2028, 3, 31),
        "12 months",
        date(2028, 1, 31),
    )
    assert (new["series_starts_on"], new["term_number"]) == (date(2026, 4, 1), 1)
    won, opened = office.rows("deals")
    assert (won["stage"], won["closed_at"], won["wake_at"], won["won"]["ends_on"]) == (
        "won",
        LATER,
        LATER,
        "2028-03-31",
    ), "offboarding may follow"
    assert (opened["stage"], opened["wake_at"], opened["baseline_at"]) == ("stable", LATER, None)


def test_the_renewed_file_again_changes_nothing_and_a_later_correction_keeps_the_term(
    office: Office,
) -> None:
    renewed(office)
    before = office.everything()
    assert office.load_text(changed("2027-03-31", "2028-03-31"), LATER).unchanged == 1
    assert office.everything() == before
    office.load_text(changed("2027-03-31", "2028-03-31").replace("3600000", "3700000"), LATER)
    assert [(c["starts_on"], c["amount"]) for c in office.rows("contracts")] == [
        (date(2026, 4, 1), 3600000),
        (date(2027, 4, 1), 3700000),
    ]


def test_an_extension_may_be_configured_to_move_the_dates_only(office: Office) -> None:
    office.policy = replace(office.policy, on_extension="moved")
    renewed(office)
    assert office.column("contracts", "ends_on") == [date(2028, 3, 31)]
    assert office.column("deals", "stage") == ["stable"]


def test_an_extension_may_wait_for_a_decision_and_is_asked_about_again(office: Office) -> None:
    office.policy = replace(office.policy, on_extension="ask")
    office.load_text(C1)
    longer = changed("2027-03-31", "2028-03-31").replace("3600000", "3700000")
    for _ in range(2):
        report = office.load_text(longer, LATER)
        assert report.decisions.first == ("C-1 Aoba Trading: ends_on 2027-03-31 → 2028-03-31",)
    assert [(c["ends_on"], c["amount"]) for c in office.rows("contracts")] == [
        (date(2027, 3, 31), 3600000)
    ], "the amount is that of the new end"


@pytest.mark.parametrize(
    ("said", "ends"),
    [("renewed", [date(2027, 3, 31), date(2028, 3, 31)]), ("moved", [date(2028, 3, 31)])],
)
def test_what_waits_is_decided_with_the_same_file(
    office: Office, said: str, ends: list[date]
) -> None:
    office.policy = replace(office.policy, on_extension="ask")
    office.load_text(C1)
    longer = changed("2027-03-31", "2028-03-31")
    office.load_text(longer, LATER)
    assert office.load_text(longer, LATER, dates={"Ｃ－1": said}).decisions.count == 0
    assert office.column("contracts", "ends_on") == ends


def test_an_end_of_which_nobody_can_tell_waits_also_where_renewals_are_taken_for_such(
    office: Office,
) -> None:
    office.load_text(C1)
    report = office.load_text(changed("2027-03-31", "2027-11-30"), LATER)
    assert (report.decisions.count, report.renewed, office.column("contracts", "ends_on")) == (
        1,
        0,
        [date(2027, 3, 31)],
    )


@pytest.mark.parametrize("rule", ["renewed", "ask"])
def test_another_end_of_a_sale_is_a_corrected_date_and_wins_nothing(
    office: Office, rule: str
) -> None:
    office.policy = replace(office.policy, on_extension=rule)
    sale = C1.replace("owner\n", "owner,stage,pipeline\n").replace(
        "Ann Ito\n", "Ann Ito,value_agreed,new_business\n"
    )
    office.load_text(sale)
    report = office.load_text(changed("2027-03-31", "2028-03-31", sale), LATER)
    assert (report.renewed, report.decisions.count) == (0, 0)
    assert office.column("contracts", "ends_on") == [date(2028, 3, 31)]
    assert office.column("deals", "stage") == ["value_agreed"]


def test_a_renewal_cancels_what_was_not_sent_yet(office: Office) -> None:
    office.load_text(C1)
    nudge = {
        "key": "n",
        "deal_id": 1,
        "milestone": "m",
        "anchor_on": date(2027, 3, 31),
        "recipient": "person:1",
        "state": "waiting",
    }
    with office.engine.begin() as connection:
        connection.execute(
            insert(metadata.tables["nudges"]),
            [
                nudge
                | {
                    "created_at": NOW,
                    "due_at": NOW,
                    "step": 0,
                    "role": "",
                    "because": "",
                    "reason": "",
                }
            ],
        )
    office.load_text(changed("2027-03-31", "2028-03-31"), LATER)
    assert office.column("nudges", "state") == ["cancelled"]
    office.undo(2)
    assert office.column("nudges", "state") == ["waiting"]


def auto_renewed(office: Office) -> None:
    """C-1 renewed by the policy itself: its deadline passed."""
    office.load_text(changed(",no,", ",yes,"))
    sweep_all(transactions(office.engine, SweepQueries), office.policy, NOW + timedelta(days=80))
    assert office.column("contracts", "system_made") == [False, True]


def test_a_row_under_its_old_id_adopts_the_term_the_program_opened(office: Office) -> None:
    auto_renewed(office)
    report = office.load_text(
        changed("2027-03-31", "2028-03-31").replace(",no,", ",yes,"), NOW + timedelta(days=90)
    )
    assert (report.adopted, report.new, report.renewed) == (1, 0, 0)
    assert [(c["source"], c["source_id"], c["system_made"]) for c in office.rows("contracts")] == [
        ("csv", "c-1#1", False),
        ("csv", "c-1", False),
    ]


def test_a_new_contract_of_the_same_customer_and_product_adopts_the_term_the_program_opened(
    office: Office,
) -> None:
    auto_renewed(office)
    text = HEAD + "C-9,Aoba Trading,Pro,2027-04-15,2028-04-14,2 months,yes,5000000,JPY,Ann Ito\n"
    report = office.load_text(text, NOW + timedelta(days=90))
    assert (report.adopted, report.new) == (1, 0)
    assert [(c["source_id"], c["amount"], c["system_made"]) for c in office.rows("contracts")] == [
        ("c-1", 3600000, False),
        ("c-9", 5000000, False),
    ]


@pytest.mark.parametrize(("product", "starts_on"), [("Lite", "2027-04-15"), ("Pro", "2027-06-01")])
def test_another_product_or_a_start_too_far_away_adopts_nothing(
    office: Office, product: str, starts_on: str
) -> None:
    auto_renewed(office)
    text = (
        HEAD
        + f"C-9,Aoba Trading,{product},{starts_on},2028-05-31,2 months,yes,5000000,JPY,Ann Ito\n"
    )
    assert office.load_text(text, NOW + timedelta(days=90)).adopted == 0


# lines of terms


def follow_up(text: str, *pairs: tuple[str, str]) -> str:
    """The file again with some of it changed."""
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


AUTO = changed(",no,", ",yes,")
LATER_STILL = NOW + timedelta(days=90)


def open_term(office: Office) -> dict[str, object]:
    """The contract of the open term, with its customer's name."""
    deals = {
        d["contract_id"]
        for d in office.rows("deals")
        if d["closed_at"] is None and d["voided_at"] is None
    }
    (contract,) = (c for c in office.rows("contracts") if c["id"] in deals)
    return {
        **contract,
        "customer": next(
            c["name"] for c in office.rows("customers") if c["id"] == contract["customer_id"]
        ),
    }


@pytest.mark.parametrize(
    ("pair", "field", "value"),
    [
        ((",yes,", ",no,"), "auto_renew", False),
        (("2 months", "3 months"), "notice", "3 months"),
        (("2 months", "3 months"), "decide_by", date(2027, 12, 31)),
        ((",Pro,", ",Pro+,"), "product", "Pro+"),
        (("Aoba Trading", "Zeta"), "customer", "Zeta"),
        (("3600000", "3700000"), "amount", 3700000),
        (("2027-03-31", "2028-06-30"), "ends_on", date(2028, 6, 30)),
        ((",JPY,", ",USD,"), "currency", "USD"),
    ],
)
def test_what_a_file_changes_after_an_automatic_renewal_reaches_the_open_term(
    office: Office, pair: tuple[str, str], field: str, value: object
) -> None:
    auto_renewed(office)
    closed = office.rows("contracts")[0]
    report = office.load_text(follow_up(AUTO, pair), LATER_STILL)
    assert open_term(office)[field] == value
    names = (
        "starts_on",
        "ends_on",
        "amount",
        "currency",
        "notice",
        "decide_by",
        "auto_renew",
        "product",
        "customer_id",
    )
    assert {n: office.rows("contracts")[0][n] for n in names} == {n: closed[n] for n in names}, (
        "a closed term keeps its facts"
    )
    assert {m.term for m in report.moved} == {"2027-04-01 – 2028-03-31"}
    again = office.everything()
    assert office.load_text(follow_up(AUTO, pair), LATER_STILL).unchanged == 1
    assert office.everything() == again


def test_an_import_that_reached_the_open_term_is_undone_whole(office: Office) -> None:
    auto_renewed(office)
    before = office.rows("contracts")
    report = office.load_text(follow_up(AUTO, ("3600000", "3700000")), LATER_STILL)
    office.undo(report.import_id or 0)
    assert office.rows("contracts") == before


@pytest.mark.parametrize("end", ["2027-02-28", ""])
def test_an_end_that_fits_no_term_waits_and_is_written_nowhere(office: Office, end: str) -> None:
    auto_renewed(office)
    before = office.column("contracts", "ends_on")
    for _ in range(2):
        assert (
            office.load_text(follow_up(AUTO, ("2027-03-31", end)), LATER_STILL).decisions.count == 1
        )
    assert office.column("contracts", "ends_on") == before


def test_a_file_that_names_the_end_of_the_next_term_but_one_renews_the_open_one(
    office: Office,
) -> None:
    auto_renewed(office)
    report = office.load_text(follow_up(AUTO, ("2027-03-31", "2029-03-31")), LATER_STILL)
    assert (report.renewed, office.column("contracts", "source_id")[0]) == (1, "c-1#1")
    assert (open_term(office)["source_id"], open_term(office)["starts_on"]) == (
        "c-1",
        date(2028, 4, 1),
    )


def test_two_numbers_of_one_customer_find_their_own_terms_whatever_their_order(
    office: Office,
) -> None:
    two = (
        C1.replace(",no,", ",yes,")
        + "C-2,Aoba Trading,Pro,2026-04-01,2027-03-31,2 months,yes,9000000,JPY,Ann Ito\n"
    )
    office.load_text(two)
    sweep_all(transactions(office.engine, SweepQueries), office.policy, NOW + timedelta(days=80))
    following = "{},Aoba Trading,Pro,2027-04-01,2028-03-31,2 months,yes,{},JPY,Ann Ito\n"
    text = (
        HEAD
        + following.format("C-2R", 9500000)
        + following.format("C-9", 50000)
        + following.format("C-1R", 3700000)
    )
    report = office.load_text(text, LATER_STILL)
    assert (report.adopted, report.new) == (2, 1)
    numbers = {c["id"]: c["number"] for c in office.rows("contracts")}
    before = {c["number"]: numbers.get(c["predecessor_id"]) for c in office.rows("contracts")}
    assert (before["C-1R"], before["C-2R"], before["C-9"]) == ("C-1", "C-2", None)


def test_a_new_number_with_the_next_dates_is_the_renewal_of_the_old_one(office: Office) -> None:
    office.load_text(C1)
    report = office.load_text(
        HEAD + "C-9,Aoba Trading,Pro,2027-04-01,2028-03-31,2 months,no,3700000,JPY,Ann Ito\n", LATER
    )
    assert (report.renewed, report.new) == (1, 0)
    assert [(c["source_id"], c["number"]) for c in office.rows("contracts")] == [
        ("c-1", "C-1"),
        ("c-9", "C-9"),
    ]
    assert office.column("deals", "stage") == ["won", "stable"]
    office.undo(2)
    assert (office.column("contracts", "source_id"), office.column("deals", "stage")) == (
        ["c-1"],
        ["stable"],
    )


def test_a_double_of_which_nobody_can_tell_comes_in_and_is_named_and_can_be_said_to_be_the_renewal(
    office: Office,
) -> None:
    office.load_text(C1)
    text = HEAD + "C-9,Aoba Trading,Pro,2027-04-01,2028-03-31,2 months,no,900000,JPY,Ann Ito\n"
    report = office.load_text(text, LATER)
    assert (report.new, report.undecided[0].other) == (1, "C-1 Aoba Trading 2027-03-31")
    office.undo(2)
    assert office.load_text(text, LATER, renews={"c-９": "Ｃ-1"}).renewed == 1


@pytest.mark.parametrize(
    ("second", "listed"),
    [
        (C1.splitlines()[1].replace("C-1", "X-7"), [("X-7", "C-1 Aoba Trading 2027-03-31", True)]),
        (C1.splitlines()[1].replace("C-1", "X-7").replace("Pro", "Lite"), []),
        (C1.splitlines()[1].replace("C-1", "X-7").replace("2027-03-31", "2027-06-30"), []),
        (C1.splitlines()[1].replace("C-1", "X-7").replace("Aoba", "Midori"), []),
    ],
    ids=["all the same", "another product", "another end", "another customer"],
)
def test_a_first_load_lists_what_says_the_same_under_two_numbers(
    office: Office, second: str, listed: list[tuple[str, str, bool]]
) -> None:
    report = office.load_text(f"{C1}{second}\n")
    assert report.new == 2, "both come in"
    assert [(d.contract, d.other, d.same) for d in report.undecided] == listed


def test_a_number_that_has_lost_its_zeros_is_listed_as_a_double_of_the_one_that_is_gone(
    office: Office,
) -> None:
    office.load_text(C1.replace("C-1,", "00123,"))
    report = office.load_text(C1.replace("C-1,", "123,"), LATER)
    assert [(d.contract, d.other, d.same) for d in report.undecided] == [
        ("123", "00123 Aoba Trading 2027-03-31", True)
    ]
    assert report.new == 1
    again = office.load_text(C1.replace("C-1,", "123,"), LATER)
    assert again.undecided == [], "said once, when it came"


def test_a_file_in_our_own_columns_corrects_what_another_source_brought(office: Office) -> None:
    office.load_text(C1, mapping=mapping(source="erp"))
    report = office.load_text("contract,customer,ends_on\nC-1,ＡＯＢＡ trading,2027-06-30\n", LATER)
    assert (report.new, report.corrected.first) == (0, ("C-1 ＡＯＢＡ trading (erp)",))
    assert [(c["ends_on"], c["amount"], c["source"]) for c in office.rows("contracts")] == [
        (date(2027, 6, 30), 3600000, "erp")
    ]
    assert office.load_text(C1, LATER, mapping=mapping(source="erp")).unchanged == 1, (
        "its own source's row has not changed"
    )
    assert office.load_text("contract,customer,ends_on\nC-1,Zeta,2027-06-30\n", LATER).new == 1, (
        "another customer's number is another contract"
    )


@pytest.mark.parametrize(
    ("column", "value", "field", "kept"),
    [
        ("renewal_term", "12 months", "renewal_term", "12 months"),
        ("更新後の解約予告", "1か月", "renewal_notice", "1 month"),
        ("更新期間", "1年", "renewal_term", "12 months"),
    ],
)
def test_the_term_and_the_notice_of_a_renewal_are_read_and_say_how_the_next_term_runs(
    office: Office, column: str, value: str, field: str, kept: str
) -> None:
    three_years = follow_up(AUTO, ("2026-04-01", "2024-04-01"))
    head, row = three_years.splitlines()
    office.load_text(f"{head},{column}\n{row},{value}\n")
    sweep_all(transactions(office.engine, SweepQueries), office.policy, NOW + timedelta(days=80))
    first, following = office.rows("contracts")
    assert (first[field], following[field]) == (kept, kept)
    if field == "renewal_term":
        assert (following["starts_on"], following["ends_on"], following["decide_by"]) == (
            date(2027, 4, 1),
            date(2028, 3, 31),
            date(2028, 1, 31),
        )


# undo


def test_undo_removes_what_the_import_created(office: Office) -> None:
    report = office.load(DATA / "contracts_bom.csv")
    assert report.import_id is not None
    undone = office.undo(report.import_id)
    assert (undone.contracts, undone.customers, undone.people) == (2, 3, 2)
    assert all(rows == [] for rows in office.everything().values())
    assert office.load(DATA / "contracts_bom.csv").first_load is True


def test_after_an_undo_the_next_load_is_silent_again_even_if_the_file_had_come_twice(
    office: Office,
) -> None:
    office.load_text(C1)
    office.load_text(C1)
    office.undo(1)
    assert office.load_text(C1).first_load is True
    assert office.column("deals", "baseline_at") == [NOW]


def test_a_second_undo_says_that_it_is_done(office: Office) -> None:
    office.load_text(C1)
    office.undo(1)
    with pytest.raises(UndoRefusedError, match="already undone"):
        office.undo(1)


def test_undo_puts_changed_rows_back(office: Office) -> None:
    office.load_text(C1)
    before = office.rows("contracts")
    office.load_text(changed("2027-03-31", "2027-06-30"), LATER)
    assert office.undo(2).restored == 1
    assert office.rows("contracts") == before


def test_undo_of_a_renewal_opens_the_deal_again(office: Office) -> None:
    office.load_text(C1)
    contracts = office.rows("contracts")
    renewal = office.load_text(changed("2027-03-31", "2028-03-31"), LATER)
    assert renewal.renewed == 1
    office.undo(2, LATER)
    assert office.rows("contracts") == contracts
    deal = office.rows("deals")[0]
    assert (deal["stage"], deal["closed_at"], deal["won"], deal["wake_at"]) == (
        "stable",
        None,
        None,
        LATER,
    )
    assert [p["voided_at"] for p in office.rows("passages")] == [None, LATER]


@pytest.mark.parametrize(
    ("state", "message", "after"),
    [
        ("held", "held", ("held", 1)),
        ("held", "cancelled", ("waiting", None)),
        ("waiting", "sent", ("waiting", None)),
    ],
)
def test_undo_does_not_leave_a_nudge_in_a_message_that_went_on_without_it(
    office: Office, state: str, message: str, after: tuple[str, int | None]
) -> None:
    """Nobody would ever release or send it."""
    office.load_text(C1)
    post = {
        "key": "m",
        "recipient": "person:1",
        "channel": "email",
        "address": "ann@example.com",
        "created_at": NOW,
    }
    nudge = {
        "key": "n",
        "deal_id": 1,
        "milestone": "renewal_3m",
        "anchor_on": date(2027, 3, 31),
        "recipient": "person:1",
        "state": state,
    }
    with office.engine.begin() as connection:
        connection.execute(
            insert(metadata.tables["messages"]), [post | {"state": "held", "not_before_at": NOW}]
        )
        connection.execute(
            insert(metadata.tables["nudges"]),
            [nudge | {"created_at": NOW, "due_at": NOW, "message_id": 1}],
        )
    office.load_text(changed("2027-03-31", "2028-03-31"), LATER)
    assert office.column("nudges", "state") == ["cancelled"]
    with office.engine.begin() as connection:
        connection.execute(update(metadata.tables["messages"]).values(state=message))
    office.undo(2, LATER)
    [row] = office.rows("nudges")
    assert (row["state"], row["message_id"]) == after


def test_undo_leaves_a_row_that_changed_since_and_says_so(office: Office) -> None:
    office.load_text(C1)
    office.load_text(changed("2027-03-31", "2027-06-30"), LATER)
    contracts = metadata.tables["contracts"]
    with office.engine.begin() as connection:
        connection.execute(update(contracts).values(ends_on=date(2027, 7, 31)))
    undone = office.undo(2)
    assert (undone.restored, undone.left) == (0, ("C-1",))
    assert office.column("contracts", "ends_on") == [date(2027, 7, 31)]


def test_undo_is_refused_when_somebody_answered(office: Office) -> None:
    office.load_text(C1)
    answer = {
        "deal_id": 1,
        "verb": "seen",
        "details": {},
        "before": {},
        "actor": "Ann",
        "via": "command",
        "at": LATER,
    }
    with office.engine.begin() as connection:
        connection.execute(insert(metadata.tables["answers"]), [answer])
    with pytest.raises(UndoRefusedError, match="C-1"):
        office.undo(1)
    assert office.column("contracts", "number") == ["C-1"]


def test_undo_is_refused_while_a_later_import_stands_on_it(office: Office) -> None:
    renewed(office)
    with pytest.raises(UndoRefusedError, match="renewals undo 2"):
        office.undo(1)
    office.undo(2)
    assert office.undo(1).contracts == 1


def test_undo_takes_the_terms_along_that_the_program_opened(office: Office) -> None:
    auto_renewed(office)
    assert office.undo(1).contracts == 2
    assert office.rows("deals") == office.rows("events") == []


def test_undo_of_what_never_was_says_so(office: Office) -> None:
    with pytest.raises(UndoRefusedError, match="no import or change 7"):
        office.undo(7)


# stages and health


STAGES = "contract,customer,ends_on,stage,health\nC-1,Aoba,2027-03-31,{stage},{health}\n"


def test_a_stage_moves_a_deal_only_when_the_file_says_a_new_one(office: Office) -> None:
    office.load_text(STAGES.format(stage="stable", health=""))
    deals = metadata.tables["deals"]
    with office.engine.begin() as connection:
        connection.execute(update(deals).values(stage="renewal_3m"))
    office.load_text(
        STAGES.format(stage="stable", health="").replace("2027-03-31", "2027-04-30"), LATER
    )
    assert office.column("deals", "stage") == ["renewal_3m"]
    office.load_text(STAGES.format(stage="lost", health=""), LATER)
    assert [(d["stage"], d["closed_at"]) for d in office.rows("deals")] == [("lost", LATER)]


def test_a_move_the_pipeline_does_not_allow_is_listed(office: Office) -> None:
    office.load_text(STAGES.format(stage="stable", health=""))
    report = office.load_text(STAGES.format(stage="renewal_1m", health=""), LATER)
    assert report.refused.count == 1
    assert "cannot move from Stable to Renewal (1 month)" in report.refused.first[0]
    assert office.column("deals", "stage") == ["stable"]


def test_a_health_that_changed_in_the_file_changes_the_deal(office: Office) -> None:
    office.load_text(STAGES.format(stage="", health="安定稼働"))
    office.load_text(STAGES.format(stage="", health="要注意"), LATER)
    assert [(d["health"], d["stage"], d["wake_at"]) for d in office.rows("deals")] == [
        ("at_risk", "stable", LATER)
    ]


def test_a_deal_won_in_the_file_is_followed_by_its_next_term(office: Office) -> None:
    office.load_text(STAGES.format(stage="stable", health="").replace("2027-03-31", "2026-12-31"))
    office.load_text(
        STAGES.format(stage="won", health="").replace("2027-03-31", "2026-12-31"), LATER
    )
    assert office.column("deals", "stage") == ["won", "stable"]
    assert office.column("contracts", "starts_on")[1] == date(2027, 1, 1)


def test_interrupting_an_import_leaves_nothing_behind(office: Office) -> None:
    class PowerCutError(Exception):
        pass

    def cut(done: int, total: int | None) -> None:
        raise PowerCutError

    from scheduler.services.imports.importing import import_contracts  # noqa: PLC0415
    from scheduler.sources.contracts import open_contracts  # noqa: PLC0415
    from scheduler.storage.imports.parts import ImportRows  # noqa: PLC0415

    source = open_contracts(office.write(C1), office.policy)
    with pytest.raises(PowerCutError):
        import_contracts(
            ImportRows(office.engine),
            source,
            office.policy,
            NOW,
            listener=ImportListener(progressed=cut),
        )
    assert office.rows("contracts") == office.rows("imports") == []


def test_progress_counts_every_row_once(office: Office) -> None:
    from scheduler.services.imports.importing import import_contracts  # noqa: PLC0415
    from scheduler.sources.contracts import open_contracts  # noqa: PLC0415
    from scheduler.storage.imports.parts import ImportRows  # noqa: PLC0415

    seen: list[tuple[int, int | None]] = []
    note: Callable[[int, int | None], None] = lambda done, total: seen.append((done, total))  # noqa: E731
    source = open_contracts(DATA / "hubspot_ja.csv", office.policy)
    listener = ImportListener(progressed=note)
    import_contracts(
        ImportRows(office.engine), source, office.policy, NOW, listener=listener, batch=4
    )
    assert seen[-1] == (15, 15)
    assert seen == sorted(seen)


def test_repeated_contracts_follow_the_rule_of_the_mapping(office: Office) -> None:
    rows = "no,who,yen\n1,Aoba,100\n2,Midori,200\n1,Aoba,300\n"
    base = {"columns": {"contract": "no", "customer": "who", "amount": "yen"}}
    for rule, amounts, rejected in (
        ("refuse", [200], 2),
        ("first", [100, 200], 0),
        ("last", [200, 300], 0),
        ("suffix", [100, 200, 300], 0),
    ):
        report = office.load_text(rows, mapping=mapping(source=rule, duplicates=rule, **base))
        assert (
            office.load_text(rows, mapping=mapping(source=rule, duplicates=rule, **base)).unchanged
            == report.new
        )
        assert (sorted(office.column("contracts", "amount")), report.rejected) == (
            amounts,
            rejected,
        )
        with office.engine.begin() as connection:
            connection.execute(text("DELETE FROM passages"))
            connection.execute(text("DELETE FROM deals"))
            connection.execute(text("DELETE FROM contracts"))


def test_the_order_of_rows_under_one_number_changes_nothing(office: Office) -> None:
    rows = ["1,Acme,Basic,2026-12-31", "1,Acme,Pro,2027-12-31", "1,Acme,Max,2027-06-30"]
    how = mapping(
        source="e",
        duplicates="suffix",
        columns={"contract": "no", "customer": "who", "product": "what", "ends_on": "until"},
    )
    for order in (rows, rows[::-1], [rows[1], rows[0], rows[2]]):
        report = office.load_text("\n".join(["no,who,what,until", *order]), mapping=how)
        assert (report.renewed, report.updated, report.rejected) == (0, 0, 0)
    assert sorted(
        zip(
            office.column("contracts", "source_id"),
            office.column("contracts", "product"),
            strict=True,
        )
    ) == [
        ("1", "Basic"),
        ("1/2", "Max"),
        ("1/3", "Pro"),
    ]
    left = office.load_text("no,who,what,until\n1,Acme,Pro,2028-01-31", mapping=how)
    assert next((m.field, m.before, m.after) for m in left.moved) == (
        "ends_on",
        "2027-12-31",
        "2028-01-31",
    )


def test_a_number_is_found_again_whatever_its_width_case_and_spaces(office: Office) -> None:
    office.load_text(C1)
    report = office.load_text(changed("C-1,", " ｃ－１ ,"), LATER)
    assert (report.new, report.updated, office.column("contracts", "number")) == (0, 1, ["ｃ－１"])


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("株式会社青葉", "株式会社 青葉"),
        ("㈱青葉", "(株)　青葉"),
        ("Aoba Trading", "ＡＯＢＡ  trading"),
    ],
)
def test_one_customer_however_the_name_is_spaced(office: Office, first: str, other: str) -> None:
    office.load_text(f"contract,customer\n1,{first}\n2,{other}\n")
    assert office.column("customers", "name") == [first]


def test_a_known_number_of_another_customer_with_other_dates_waits_for_a_decision(
    office: Office,
) -> None:
    office.load_text("contract,customer,ends_on\n1,FromCRM-A,2027-03-31\n")
    for end in ("2028-03-31", "2027-06-30"):
        report = office.load_text(f"contract,customer,ends_on\n1,FromERP-B,{end}\n", LATER)
        assert (report.decisions.count, report.renewed, report.updated) == (1, 0, 0)
    assert (office.column("customers", "name")[0], office.column("contracts", "ends_on")) == (
        "FromCRM-A",
        [date(2027, 3, 31)],
    )
    assert (
        office.load_text("contract,customer,ends_on\n1,FromCRM-Z,2027-03-31\n", LATER).updated == 1
    )


def test_another_customer_under_a_known_number_and_start_does_not_renew_unless_that_is_said(
    office: Office,
) -> None:
    row = "contract,customer,starts_on,ends_on\n1,{who},2026-04-01,{end}\n"
    office.load_text(row.format(who="FromCRM-A", end="2027-03-31"))
    renewed = row.format(who="FromERP-B", end="2028-03-31")
    report = office.load_text(renewed, LATER)
    assert (report.decisions.count, report.renewed, report.updated) == (1, 0, 0)
    corrected = row.format(who="FromCRM-Z", end="2027-04-05")
    assert office.load_text(corrected, LATER).updated == 1, "renamed, and a corrected end"
    report = office.load_text(renewed, LATER, dates={"1": "renewed"})
    assert (report.renewed, office.column("contracts", "ends_on")) == (
        1,
        [date(2027, 4, 5), date(2028, 3, 31)],
    )


def test_rows_in_any_order_give_the_same_contracts(office: Office) -> None:
    rows = [
        f"C-{n},Customer {n % 3},P{n % 2},2026-04-01,2027-0{n}-28,,no,{n}00,EUR,Ann Ito"
        for n in range(1, 8)
    ] + ["C-3,Customer 9,P,,,,no,1,EUR,"]

    def known() -> dict[str, tuple[object, ...]]:
        return {
            row["source_id"]: tuple(
                row[k] for k in ("product", "starts_on", "ends_on", "amount", "decide_by")
            )
            for row in office.rows("contracts")
        }

    seen = []
    for turn in (rows, rows[::-1], rows[3:] + rows[:3]):
        report = office.load_text(HEAD + "\n".join(turn) + "\n")
        seen.append((known(), report.rejected))
    assert seen[0] == seen[1] == seen[2]
    assert (len(seen[0][0]), seen[0][1]) == (6, 2)


def test_a_spelling_that_was_taken_for_a_known_person_is_said(office: Office) -> None:
    with office.engine.begin() as connection:
        people = [
            {
                "key": "ken@example.jp",
                "name": "佐藤 健",
                "email": "ken@example.jp",
                "role": "rep",
                "active": True,
            }
        ]
        connection.execute(insert(metadata.tables["people"]), people)
    report = office.load_text("contract,customer,owner\n1,a,佐藤健\n2,b,佐藤 健\n3,c,佐藤健\n")
    assert (office.column("contracts", "owner_id"), report.joined.first) == (
        [1, 1, 1],
        ("佐藤健 = 佐藤 健",),
    )


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("batch", [1, 2000])
def test_spellings_that_were_taken_for_one_customer_are_said_once_in_a_dry_run_too(
    office: Office, batch: int, turn: int
) -> None:
    rows = [
        "1,株式会社青葉",
        "2,株式会社 青葉",
        "3,Beta",
        "4,株式会社青葉",
        "5,株式会社 青葉",
        "6,ＢＥＴＡ",
        "7,Gamma",
    ]
    text = "\n".join(["contract,customer", *rows[::turn]])
    for dry_run in (True, False):
        report = office.load_text(text, dry_run=dry_run, batch=batch)
        assert (report.joined_customers.count, set(report.joined_customers.first)) == (
            2,
            {"株式会社 青葉 = 株式会社青葉", "ＢＥＴＡ = Beta"},
        )
    assert set(office.column("customers", "name")) == {"株式会社青葉", "Beta", "Gamma"}
    assert office.load_text(text, batch=batch).joined_customers.count == 0


def test_names_that_a_file_gives_one_id_are_no_spellings_of_one_another(office: Office) -> None:
    report = office.load_text("contract,customer,customer_id\n1,Aoba,7\n2,Beta,7\n")
    assert (office.column("customers", "name"), report.joined_customers.count) == (["Beta"], 0)


@pytest.mark.parametrize(
    ("ends", "looks"),
    [
        (("2027-04-01", "2027-05-15"), True),
        (("2027-03-31", "2027-05-15"), False),
        (("2027-04-01", ""), False),
    ],
)
def test_ends_that_may_be_the_first_day_after_are_said(
    office: Office, ends: tuple[str, str], looks: bool
) -> None:
    rows = zip(("2026-04-01", "2026-05-15"), ends, strict=True)
    report = office.load_text(
        "contract,customer,starts_on,ends_on\n"
        + "".join(f"C-{n},Aoba,{a},{b}\n" for n, (a, b) in enumerate(rows))
    )
    assert report.looks_exclusive is looks


SIX = HEAD + "".join(
    f"G-{n},Gone {n},Pro,2026-04-01,2027-03-31,,no,1,JPY,Ann Ito\n" for n in range(6)
)
WITHOUT_THE_LAST = SIX[: SIX.index("G-5")]


def test_a_contract_that_was_closed_as_missing_is_named_when_its_row_comes_back(
    office: Office,
) -> None:
    office.load_text(SIX)
    office.load_text(WITHOUT_THE_LAST, LATER, gone=MissingContracts.CLOSE)
    report = office.load_text(SIX, LATER + timedelta(days=1), gone=MissingContracts.KEEP)
    assert report.returned.first == ("G-5 Gone 5 2027-03-31",)
    assert [d["stage"] for d in office.rows("deals")] == ["stable"] * 5 + ["lost"]
    assert office.load_text(WITHOUT_THE_LAST, LATER + timedelta(days=2)).returned.count == 0


def test_a_contract_that_somebody_lost_is_not_one_that_came_back(office: Office) -> None:
    office.load_text(STAGES.format(stage="lost", health=""))
    assert office.load_text(STAGES.format(stage="lost", health=""), LATER).returned.count == 0


@pytest.mark.parametrize(
    ("word", "ends_on", "waiting"),
    [("renewed", date(2027, 3, 31), [True]), ("moved", date(2028, 3, 31), [])],
)
def test_the_dates_of_a_lost_contract_are_only_moved_by_saying_that_they_were_wrong(
    office: Office, word: str, ends_on: date, waiting: list[bool]
) -> None:
    office.load_text(SIX)
    office.load_text(WITHOUT_THE_LAST, LATER, gone=MissingContracts.CLOSE)
    moved = changed("G-5,Gone 5,Pro,2026-04-01,2027", "G-5,Gone 5,Pro,2026-04-01,2028", SIX)
    report = office.load_text(moved, LATER + timedelta(days=1), dates={"G-5": word})
    assert [one.closed for one in report.undecided] == waiting
    assert (office.rows("contracts")[5]["ends_on"], len(office.rows("deals"))) == (ends_on, 6)


LONG = "".join(Random(1).sample([chr(n) for n in range(0x4E00, 0x9FFF)], 501))
"""Too long for what things are found again by; no database makes it shorter."""
FOUND_BY = "contract,customer,customer_id,owner,sales,parent,ends_on\n"


@pytest.mark.parametrize("place", range(6), ids=FOUND_BY.split(",")[:6])
def test_a_number_or_name_that_no_index_takes_is_a_row_that_stays_out(
    office: Office, place: int
) -> None:
    cells = ["C-1", "Aoba", "K-1", "Ann Ito", "Sam Doe", "Aoba Group"]
    rows = [",".join([*cells[:place], long, *cells[place + 1 :]]) for long in (LONG, LONG[1:])]
    report = office.load_text(FOUND_BY + "".join(f"{row},2027-03-31\n" for row in rows))
    assert (report.new, report.rejected) == (1, 1)
    [reject] = office.rejects
    assert (reject.column, reject.problem.code) == (FOUND_BY.split(",")[place], "too_long")


def test_an_id_of_a_customer_that_a_spreadsheet_has_shortened_is_named_by_its_column(
    office: Office,
) -> None:
    office.load_text(FOUND_BY + "C-1,Aoba,1.57E+11,,,,2027-03-31\n")
    assert [(r.column, r.value) for r in office.rejects] == [("customer_id", "1.57E+11")]


def test_an_end_more_than_ten_years_ahead_is_listed_when_it_is_new(office: Office) -> None:
    report = office.load_text(changed("2027-03-31", "2072-03-31"))
    assert report.far_ends.first == ("C-1 Aoba Trading 2072-03-31",)
    assert office.load_text(changed("2027-03-31", "2072-03-31"), LATER).far_ends.count == 0
    assert office.load_text(changed("2027-03-31", "2036-11-23"), LATER).far_ends.count == 0
    again = office.load_text(changed("2027-03-31", "2037-01-31"), LATER)
    assert again.far_ends.first == ("C-1 Aoba Trading 2037-01-31",)


@pytest.mark.parametrize(
    ("column", "cells", "mixed"),
    [
        ("amount", ("110円(税込)", "100円(税抜)"), ("amount", "110円(税込)", "100円(税抜)")),
        ("amount", ("100", "110 incl. VAT"), ("amount", "100", "110 incl. VAT")),
        (
            "amount (excl. VAT)",
            ("100", "110 incl. VAT"),
            ("amount (excl. VAT)", "100", "110 incl. VAT"),
        ),
        ("amount (excl. VAT)", ("100", "110 excl. VAT"), None),
        ("amount", ("110円(税込)", "0"), None),
        ("amount", ("110円(税込)", "-"), None),
        ("amount", ("110円(税込)", "220円 税込"), None),
        ("amount", ("100", "200円"), None),
    ],
)
def test_amounts_that_do_not_say_the_same_about_tax_are_named(
    office: Office, column: str, cells: tuple[str, str], mixed: tuple[str, str, str] | None
) -> None:
    rows = "".join(f"C-{n},Aoba,{cell}\n" for n, cell in enumerate(cells))
    report = office.load_text(f"contract,customer,{column}\n{rows}")
    assert (report.new, report.mixed_taxes) == (2, mixed)


def test_a_signed_amount_with_tax_beside_amounts_without_is_named(office: Office) -> None:
    text = "契約番号,顧客名,金額（税抜）,更新金額（税込）\nC-1,青葉,100,110\n"
    assert office.load_text(text).mixed_taxes == ("更新金額（税込）", "100", "110")


OTHERS = "".join(f"G-{n},Gone {n},Pro,2026-04-01,2028-03-31,,no,1,JPY,Ann Ito\n" for n in range(3))
BY_ITSELF = "M-1,Aoba,Pro,2026-10-01,2026-10-31,10 days,yes,1,JPY,Ann Ito\n"


@pytest.mark.parametrize(
    ("renewed_on", "looked_on", "missing"),
    [
        (["2026-10-29"], "2026-10-30", ()),
        (["2026-10-29"], "2026-11-02", ("M-1 Aoba 2026-11-30",)),
        (["2026-10-29", "2026-11-27"], "2026-11-28", ("M-1 Aoba 2026-12-31",)),
    ],
    ids=("the file's own term is not over", "one term since", "two terms since"),
)
def test_a_contract_that_left_the_file_after_it_renewed_by_itself_is_named(
    office: Office, renewed_on: list[str], looked_on: str, missing: tuple[str, ...]
) -> None:
    office.load_text(HEAD + OTHERS + BY_ITSELF, at("2026-10-05"))
    for day in renewed_on:
        sweep_all(transactions(office.engine, SweepQueries), office.policy, at(day))
    now = at(looked_on)
    assert office.load_text(HEAD + OTHERS + BY_ITSELF, now).missing.count == 0
    gone = office.load_text(HEAD + OTHERS, now, gone=MissingContracts.CLOSE)
    assert gone.missing.first == missing
    assert [d["stage"] for d in office.rows("deals")].count("lost") == len(missing)
    came_back = office.load_text(HEAD + OTHERS + BY_ITSELF, now).returned
    assert came_back.first == missing

"""One contract is edited by hand, and meets what the next file says, on SQLite and PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from scheduler.core.imports.by_hand import EditRule
from scheduler.core.words.errors import UserMustActError
from scheduler.services.answers.reopening import reopen_contract
from scheduler.services.imports.choices import MissingContracts
from scheduler.services.imports.edit_work import Edited, last_edit
from scheduler.services.imports.editing import edit_contract
from scheduler.services.imports.entering import add_contract
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.transactions import transactions
from scheduler.storage.imports.editing import EditQueries
from tests.import_cast import NOW, POLICY, Office

HEAD = (
    "contract,customer,product,starts_on,ends_on,notice,auto_renew,amount,currency,owner,segment\n"
)
C1 = HEAD + "C-1,Aoba Trading,Pro,2026-04-01,2027-03-31,2 months,no,3600000,JPY,Ann Ito,mid\n"
PEOPLE = HEAD + "P-1,Other,Pro,2026-04-01,2027-03-31,,no,1,JPY,Bob Hill,\n"
DAY = timedelta(days=1)


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """C-1 of Ann's, P-1 of Bob's."""
    office = Office.at(database_url, tmp_path)
    office.load_text(C1 + PEOPLE.removeprefix(HEAD))
    yield office
    office.engine.dispose()


def edit(
    office: Office, days: int = 1, contract: str = "C-1", *, keep: bool = True, **more: Any
) -> Edited:
    """One edit, so many days after the first load."""
    how = {name: more.pop(name) for name in ("meaning", "confirm") if name in more}
    return edit_contract(
        transactions(office.engine, EditQueries),
        contract,
        more,
        office.policy,
        NOW + days * DAY,
        by="Ann Ito",
        keep=keep,
        **how,
    )


def contract(office: Office, number: str = "C-1") -> dict[str, Any]:
    """The newest term of a contract."""
    return dict([row for row in office.rows("contracts") if row["number"] == number][-1])


FIELDS = [
    ("starts_on", "2026-05-01", "starts_on", date(2026, 5, 1)),
    ("ends_on", "2027年5月31日", "ends_on", date(2027, 5, 31)),
    ("ends_on", "none", "evergreen", True),
    ("term", "18 months", "ends_on", date(2027, 9, 30)),
    ("decide_by", "2027-02-10", "decide_by", date(2027, 2, 10)),
    ("notice", "90 days", "notice", "90 days"),
    ("notice", "none", "decide_by", None),
    ("renewal_term", "1年", "renewal_term", "12 months"),
    ("renewal_notice", "1 month", "renewal_notice", "1 month"),
    ("auto_renew", "yes", "auto_renew", True),
    ("amount", "360万円", "amount", 3600000),
    ("amount", "4,000,000", "amount", 4000000),
    ("amount", "none", "amount", None),
    ("owner", "bob", "owner_id", 2),
    ("owner", "none", "owner_id", None),
    ("sales", "Bob Hill", "sales_id", 2),
    ("product", "Lite", "product", "Lite"),
    ("product", "なし", "product", ""),
    ("customer", "ｏｔｈｅｒ", "customer_id", 2),
]


@pytest.mark.parametrize(("field", "typed", "column", "value"), FIELDS)
def test_every_field_is_set_and_undone_to_the_last_column(
    office: Office, field: str, typed: str, column: str, value: object
) -> None:
    before = office.rows("contracts"), office.column("customers", "segment")
    edited = edit(office, **dict[str, Any]({field: typed}))
    assert contract(office)[column] == value
    if edited.number is None:
        assert value == before[0][0][column]
        return
    assert contract(office)["row_hash"] is None, "the next file is compared"
    assert office.rows("deals")[0]["wake_at"] == NOW + DAY
    office.undo(edited.number, NOW + 2 * DAY)
    assert (office.rows("contracts"), office.column("customers", "segment")) == before


def test_a_segment_is_the_customers(office: Office) -> None:
    edited = edit(office, segment="enterprise")
    assert office.column("customers", "segment") == ["enterprise", None]
    assert edited.number is not None
    office.undo(edited.number)
    assert office.column("customers", "segment") == ["mid", None]


def test_a_preview_says_what_moves_and_changes_nothing(office: Office) -> None:
    before = office.everything()
    seen = edit(office, keep=False, ends_on="2027-05-31", owner="bob")
    assert office.everything() == before
    assert [(m.field, m.before, m.after) for m in seen.report.moved][:1] == [
        ("ends_on", "2027-03-31", "2027-05-31")
    ]
    assert (seen.number, seen.changes) == (None, True)
    assert {line.on for line in seen.before if line.asked} != {
        line.on for line in seen.after if line.asked
    }


def test_what_is_so_already_is_no_change_and_leaves_nothing_behind(office: Office) -> None:
    before = office.everything()
    seen = edit(office, ends_on="2027-03-31", owner="Ann Ito", segment="mid")
    assert (seen.changes, office.everything(), len(office.rows("imports"))) == (False, before, 1)


REFUSED = [
    ({"ends_on": "soon"}, "is not a day"),
    ({"ends_on": "3/4/2027"}, "can mean"),
    ({"ends_on": "2026-03-31"}, "end: ends before it starts"),
    ({"decide_by": "2028-01-01"}, "after the end"),
    ({"amount": "12.500"}, "can mean"),
    ({"amount": "-1"}, "cannot be negative"),
    ({"owner": "Nobody"}, "nobody matches Nobody"),
    ({"customer": "none"}, "cannot be empty"),
    ({"product": ""}, "write none"),
    ({"auto_renew": "maybe"}, "neither yes nor no"),
    ({"currency": "USD"}, "--amount"),
    ({"ends_on": "2027-11-30"}, "--renewed or --moved"),
]


@pytest.mark.parametrize(("texts", "said"), REFUSED)
def test_what_cannot_be_is_refused_with_a_sentence(
    office: Office, texts: dict[str, str], said: str
) -> None:
    before = office.everything()
    with pytest.raises(UserMustActError, match=said.replace("?", r"\?")):
        edit(office, **dict[str, Any](texts))
    assert office.everything() == before


def test_a_contract_that_is_not_there_or_is_meant_twice_is_refused(office: Office) -> None:
    with pytest.raises(UserMustActError, match="no contract X-9"):
        edit(office, contract="X-9", product="Lite")
    edit(office, 1, ends_on="2028-03-31", meaning="renewed")
    assert [row["stage"] for row in office.rows("deals")] == ["won", "stable", "stable"]
    assert edit(office, 2, product="Lite").number is not None, (
        "of several terms the open one is meant"
    )


def test_an_end_one_term_later_is_a_renewal_unless_it_was_only_moved(office: Office) -> None:
    renewed = edit(office, 1, ends_on="2028-03-31")
    assert (
        renewed.report.renewed,
        contract(office)["starts_on"],
        contract(office)["term_number"],
    ) == (1, date(2027, 4, 1), 1)
    assert renewed.number is not None
    office.undo(renewed.number)
    assert [row["stage"] for row in office.rows("deals")] == ["stable", "stable"]
    edit(office, 2, ends_on="2028-03-31", meaning="moved")
    assert (contract(office)["ends_on"], contract(office)["term_number"]) == (date(2028, 3, 31), 0)


def test_a_sale_is_never_renewed_by_its_end_nor_by_a_word(office: Office) -> None:
    head, row = HEAD.replace("segment", "segment,stage,pipeline"), C1.removeprefix(HEAD).strip()
    office.load_text(head + row.replace("C-1", "S-1") + ",value_agreed,new_business\n")
    with pytest.raises(UserMustActError, match="S-1 is not sold yet"):
        edit(office, contract="S-1", ends_on="2028-03-31", meaning="renewed")
    assert edit(office, contract="S-1", ends_on="2028-03-31").report.renewed == 0
    assert contract(office, "S-1")["ends_on"] == date(2028, 3, 31)
    assert [row["stage"] for row in office.rows("deals")] == ["stable", "stable", "value_agreed"]


def test_an_estimated_end_is_confirmed(office: Office) -> None:
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE contracts SET estimated = true WHERE number = 'C-1'")
    edit(office, confirm=True)
    assert contract(office)["estimated"] is False
    with pytest.raises(UserMustActError, match="not an estimate"):
        edit(office, 2, confirm=True)


# what the next file says


def test_a_file_that_says_otherwise_is_listed_and_the_edit_stays(office: Office) -> None:
    edit(office, ends_on="2027-05-31", owner="bob", amount="5")
    report = office.load_text(C1, NOW + 2 * DAY)
    found = [(c.field, c.here, c.file, c.by, c.at, c.rule) for c in report.contradicted]
    assert [f[:3] for f in found] == [
        ("ends_on", "2027-05-31", "2027-03-31"),
        ("owner", "Bob Hill", "Ann Ito"),
        ("amount", "¥5", "¥3,600,000"),
    ]
    assert {f[3:] for f in found} == {("Ann Ito", NOW + DAY, EditRule.ASK)}
    assert (
        contract(office)["ends_on"],
        contract(office)["owner_id"],
        contract(office)["amount"],
    ) == (date(2027, 5, 31), 2, 5)
    assert contract(office)["decide_by"] == date(2027, 3, 31), (
        "what is reckoned from the end follows the end that stands"
    )
    assert office.load_text(C1, NOW + 3 * DAY).contradictions == 3, "until somebody decides"


def test_a_dry_run_shows_it_as_well(office: Office) -> None:
    edit(office, ends_on="2027-05-31")
    assert office.load_text(C1, NOW + 2 * DAY, dry_run=True).contradictions == 1


def test_news_beside_a_contradiction_come_in(office: Office) -> None:
    edit(office, ends_on="2027-05-31")
    report = office.load_text(
        C1.replace("Pro", "Lite").replace("2 months", "3 months"), NOW + 2 * DAY
    )
    now = contract(office)
    assert (report.contradictions, now["product"], now["notice"], now["decide_by"]) == (
        1,
        "Lite",
        "3 months",
        date(2027, 2, 28),
    )


@pytest.mark.parametrize("by_policy", [True, False])
def test_the_file_wins_where_that_is_the_rule(office: Office, by_policy: bool) -> None:
    edit(office, ends_on="2027-05-31")
    if by_policy:
        office.policy = replace(POLICY, edits=EditRule.FILE)
    report = office.load_text(
        C1, NOW + 2 * DAY, **({} if by_policy else {"edits": {"C-1": EditRule.FILE}})
    )
    assert (report.contradictions, contract(office)["ends_on"], contract(office)["decide_by"]) == (
        1,
        date(2027, 3, 31),
        date(2027, 1, 31),
    )
    assert (
        office.load_text(C1.replace("2027-03-31", "2027-04-30"), NOW + 3 * DAY).contradictions == 0
    ), "the edit is over"
    assert report.import_id is not None
    office.undo(report.import_id + 1)
    office.undo(report.import_id)
    assert (contract(office)["ends_on"], office.load_text(C1, NOW + 4 * DAY).contradictions) == (
        date(2027, 5, 31),
        1,
    ), "and stands again"


def test_an_edit_that_somebody_has_kept_is_asked_about_again_only_for_a_third_value(
    office: Office,
) -> None:
    edit(office, ends_on="2027-05-31")
    kept = office.load_text(C1, NOW + 2 * DAY, edits={"": EditRule.KEEP})
    assert (kept.contradictions, office.load_text(C1, NOW + 3 * DAY).contradictions) == (1, 0)
    assert (
        office.load_text(C1.replace("2027-03-31", "2027-04-30"), NOW + 4 * DAY).contradictions == 1
    )
    assert contract(office)["ends_on"] == date(2027, 5, 31)


def test_an_edit_that_the_file_says_too_is_over(office: Office) -> None:
    edit(office, ends_on="2027-05-31")
    assert (
        office.load_text(C1.replace("2027-03-31", "2027-05-31"), NOW + 2 * DAY).contradictions == 0
    )
    assert (
        office.load_text(C1.replace("2027-03-31", "2027-06-30"), NOW + 3 * DAY).contradictions == 0
    )
    assert contract(office)["ends_on"] == date(2027, 6, 30)


def test_an_edit_that_was_taken_back_contradicts_nothing(office: Office) -> None:
    edited = edit(office, ends_on="2027-05-31")
    assert edited.number is not None
    office.undo(edited.number)
    assert (
        office.load_text(C1.replace("2027-03-31", "2027-04-30"), NOW + 2 * DAY).contradictions == 0
    )
    edit(office, 3, ends_on="2027-05-31")
    edit(office, 4, ends_on="2027-04-30")
    assert (
        office.load_text(C1.replace("2027-03-31", "2027-04-30"), NOW + 5 * DAY).contradictions == 0
    ), "set back by hand"


def test_a_column_the_file_lacks_contradicts_nothing(office: Office) -> None:
    edit(office, ends_on="2027-05-31", owner="bob")
    assert (
        office.load_text(
            "contract,customer,product\nC-1,Aoba Trading,Lite\n", NOW + 2 * DAY
        ).contradictions
        == 0
    )


def test_the_next_term_in_the_file_is_a_renewal_and_no_contradiction(office: Office) -> None:
    edit(office, ends_on="2027-05-31", owner="bob")
    report = office.load_text(C1.replace("2027-03-31", "2028-05-31"), NOW + 2 * DAY)
    assert ([c.field for c in report.contradicted], report.renewed) == (["owner"], 1), (
        "whose contract it is goes along with the line"
    )
    assert contract(office)["owner_id"] == 2


def test_the_old_end_in_the_file_is_no_renewal_of_an_earlier_one(office: Office) -> None:
    edit(office, ends_on="2026-09-30")
    report = office.load_text(C1, NOW + 2 * DAY)
    assert (report.renewed, [c.field for c in report.contradicted]) == (0, ["ends_on"])


def test_the_end_of_a_later_term_is_edited_and_the_file_that_repeats_the_first_one_says_nothing_of_it(
    office: Office,
) -> None:
    edit(office, 1, ends_on="2028-03-31", meaning="renewed")
    edit(office, 2, ends_on="2028-05-31", meaning="moved")
    report = office.load_text(C1, NOW + 3 * DAY)
    assert (report.contradictions, report.decisions.count) == (0, 0), (
        "the file still has the term before"
    )
    assert (
        office.load_text(C1.replace("2027-03-31", "2028-03-31"), NOW + 4 * DAY).contradictions == 1
    ), "now it knows of the renewal"
    assert contract(office)["ends_on"] == date(2028, 5, 31)


def test_a_customers_segment_meets_the_rule_too(office: Office) -> None:
    edit(office, segment="enterprise")
    report = office.load_text(C1, NOW + 2 * DAY)
    assert (
        [(c.field, c.here, c.file) for c in report.contradicted],
        office.column("customers", "segment")[0],
    ) == (
        [("segment", "enterprise", "mid")],
        "enterprise",
    )
    office.load_text(C1, NOW + 3 * DAY, edits={"C-1": EditRule.FILE})
    assert office.column("customers", "segment")[0] == "mid"


# new and closed ones


def add(office: Office, number: str = "N-1", *, keep: bool = True, **texts: str) -> Edited:
    """Enters a contract."""
    return add_contract(
        transactions(office.engine, EditQueries),
        number,
        texts,
        office.policy,
        NOW + DAY,
        by="Ann Ito",
        keep=keep,
    )


def test_a_contract_is_entered_for_a_customer_who_is_there(office: Office) -> None:
    added = add(
        office,
        customer="aoba trading",
        starts_on="2026-04-01",
        term="12 months",
        notice="1 month",
        amount="¥5",
        owner="ann",
    )
    new = contract(office, "N-1")
    assert (new["ends_on"], new["decide_by"], new["amount"], new["customer_id"], new["source"]) == (
        date(2027, 3, 31),
        date(2027, 2, 28),
        5,
        1,
        "entered",
    )
    assert ([line.asked for line in added.after][:1], office.rows("deals")[-1]["baseline_at"]) == (
        [("Ann Ito",)],
        None,
    )
    assert added.number is not None
    office.undo(added.number)
    assert [row["number"] for row in office.rows("contracts")] == ["C-1", "P-1"]


def test_the_next_file_does_not_miss_what_was_entered(office: Office) -> None:
    add(office, customer="New one", ends_on="2027-03-31")
    assert office.load_text(C1 + PEOPLE.removeprefix(HEAD), NOW + 2 * DAY).missing.count == 0


@pytest.mark.parametrize(
    ("number", "texts", "said"),
    [
        ("C-1", {"customer": "Aoba", "ends_on": "2027-03-31"}, "contract edit C-1"),
        ("N-1", {"ends_on": "2027-03-31"}, "--customer"),
        ("N-1", {"customer": "Aoba"}, "give the end"),
        ("#3", {"customer": "Aoba", "ends_on": "2027-03-31"}, "begin with #"),
        (
            "N-1",
            {"customer": "Aoba", "starts_on": "2027-04-01", "ends_on": "2027-03-31"},
            "ends before it starts",
        ),
    ],
)
def test_what_cannot_be_entered_is_refused(
    office: Office, number: str, texts: dict[str, str], said: str
) -> None:
    before = office.everything()
    with pytest.raises(UserMustActError, match=said):
        add(office, number, **dict[str, Any](texts))
    assert office.everything() == before


def test_the_last_edit_of_a_contract_is_found(office: Office) -> None:
    with pytest.raises(UserMustActError, match="nobody has edited"):
        last_edit(transactions(office.engine, EditQueries), "C-1")
    first, second = edit(office, 1, product="Lite"), edit(office, 2, owner="bob")
    assert last_edit(transactions(office.engine, EditQueries), "c-1") == second.number
    assert second.number is not None
    office.undo(second.number)
    assert last_edit(transactions(office.engine, EditQueries), "C-1") == first.number


def test_what_a_file_closed_is_opened_again(office: Office) -> None:
    office.load_text(PEOPLE, NOW + DAY, gone=MissingContracts.KEEP)
    with pytest.raises(UserMustActError, match="open already"):
        reopened(office)
    office.load_text(
        PEOPLE + "P-2,Other,Pro,2026-04-01,2027-03-31,,no,1,JPY,Bob Hill,\n",
        NOW + 2 * DAY,
        gone=MissingContracts.CLOSE,
    )
    assert office.rows("deals")[0]["stage"] == "lost"
    with pytest.raises(UserMustActError, match="reopen it first"):
        edit(office, 3, product="Lite")
    number = reopened(office)
    deal = office.rows("deals")[0]
    assert (deal["stage"], deal["closed_at"], deal["lost"], deal["wake_at"]) == (
        "stable",
        None,
        None,
        NOW + 3 * DAY,
    )
    office.undo(number, NOW + 4 * DAY)
    assert office.rows("deals")[0]["stage"] == "lost"


def reopened(office: Office) -> int:
    """Opens C-1 again."""
    done = reopen_contract(
        transactions(office.engine, AnswerQueries),
        transactions(office.engine, EditQueries),
        "C-1",
        office.policy,
        NOW + 3 * DAY,
        by="Ann Ito",
        keep=True,
    )
    assert done.number is not None
    return done.number

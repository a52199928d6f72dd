"""`renewals report renewals`: the page on a terminal, for machines, drawn and printed."""

import csv
import io
import json
import os
import re
import shutil
from pathlib import Path

import pytest
from python_calamine import load_workbook

from tests.cli.office import PEOPLE, Office

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
PAGE = """\
Renewals that end from Fri 1 Jan 2027 to Wed 31 Mar 2027
2 contracts · In doubt: 1 · Unanswered: 1 · Health at risk: 1

Month     Contracts                Amount  Stable  At risk  Critical  Not assessed
Mar 2027          2  £12,000 + ¥3,600,000       1        1

In doubt (1)
"""


@pytest.fixture
def talked(office: Office) -> Office:
    """Ann doubts her renewal, and says why the customer is at risk."""
    office.said("answer", "C-2", "health", "at_risk", "--note", "champion <b>left</b>")
    office.said(
        "answer", "C-2", "call", "unsure", "--note", "silent", "--expected", "2027-02-15",
        "--by", "ann@example.com",
    )  # fmt: skip
    return office


def test_what_is_to_be_talked_about_stands_on_top(talked: Office) -> None:
    said = talked.said("report", "renewals")
    assert said.startswith(PAGE)
    in_doubt, unanswered = said.split("Unanswered (1)")
    assert "Ann Ito, Mon 4 Jan: forecast (unsure, expected Mon 15 Feb 2027, silent)" in in_doubt
    assert "At risk: champion <b>left</b>" in in_doubt
    assert "a decision is expected on Mon 15 Feb" in in_doubt
    assert "青葉商事" in unanswered
    assert "answer “" in unanswered


def test_the_page_is_in_the_readers_language(talked: Office) -> None:
    said = talked.said("report", "renewals", lang="ja")
    assert "契約2件 · 見込みに不安：1件 · 未回答：1件" in said
    assert "2027年3月" in said


def test_a_health_that_nobody_assessed_counts_as_that(office: Office) -> None:
    said = office.said("report", "renewals", "--from", "2028-01", "--until", "2028-02")
    assert said == "No open renewal of this period matches.\n"
    found = json.loads(office.said("report", "renewals", "--until", "2027-06-30", "--json"))
    assert {(line["month"], line["health"], line["contracts"]) for line in found["due"]} == {
        ("2027-03", "stable", 1), ("2027-03", "stable", 1), ("2027-06", "unknown", 1),
    }  # fmt: skip


def test_terms_that_were_over_before_they_were_imported_are_named_below(nowhere: Office) -> None:
    (nowhere.folder / "old.csv").write_text(
        "contract,customer,starts on,ends on,auto renew,amount,currency\n"
        "OLD-1,Delta SA,2025-11-01,2026-10-31,no,7000,GBP\n",
        "utf-8",
    )
    nowhere.said("import", str(nowhere.folder / "old.csv"))
    above, left_out = nowhere.said("report", "renewals").split("\nLeft out: ")
    assert left_out == (
        "1 contract (£7,000) that had ended before it was first imported and is still open. Record "
        "whether it was renewed, with `renewals answer CONTRACT won` or lost: OLD-1\n"
    )
    assert above == "No open renewal of this period matches.\n"
    assert json.loads(nowhere.said("report", "renewals", "--json"))["left_out"] == ["OLD-1"]
    alone = nowhere.said("report", "renewals", "--from", "2028-01", "--until", "2028-01")
    assert alone == "No open renewal of this period matches.\n"


def test_terms_that_were_over_before_they_were_imported_are_on_their_owners_printed_page(
    nowhere: Office,
) -> None:
    (nowhere.folder / "people.csv").write_text(PEOPLE, "utf-8")
    (nowhere.folder / "old.csv").write_text(
        "contract,customer,starts on,ends on,auto renew,amount,currency,owner\n"
        "OLD-1,Delta SA,2025-11-01,2026-10-31,no,7000,GBP,ann@example.com\n"
        "OLD-2,Echo SA,2025-11-01,2026-10-31,no,8000,GBP,bob@example.com\n"
        "NEW-1,Beta Ltd,2026-04-01,2027-03-31,no,12000,GBP,ann@example.com\n",
        "utf-8",
    )
    nowhere.said("import", str(nowhere.folder / "people.csv"))
    nowhere.said("import", str(nowhere.folder / "old.csv"))
    file = nowhere.folder / "pages.html"
    nowhere.said("report", "renewals", "--html", str(file))
    ann, bob = file.read_text("utf-8").split("<section>")[1:]
    assert "<h2>Over before the first import (1)</h2>" in ann
    assert "OLD-1" in ann.split("Over before the first import (1)")[1]
    assert "<td>record whether it was won or lost</td>" in ann
    assert "£19,000" not in ann
    assert "<h1>Bob Hill</h1>" in bob
    assert "OLD-2" in bob
    nowhere.said("report", "renewals", "--html", str(file), "--by", "team", lang="ja")
    assert "<h2>最初の取込より前に満了(2件)</h2>" in file.read_text("utf-8")


def test_who_renews_by_themselves_may_give_notice_and_others_decide(office: Office) -> None:
    file = office.folder / "pages.html"
    until = ("--from", "2027-01-01", "--until", "2027-12-31", "--html", str(file))
    office.said("contract", "edit", "C-3", "--notice", "60 days", "--yes")
    office.said("report", "renewals", *until)
    page = file.read_text("utf-8")
    assert "notice until Sun 31 Jan" in page
    assert "decide by Sat 1 May" in page
    assert "to be decided by Sat 1 May" in page


def test_machines_get_ids_and_minor_units(talked: Office) -> None:
    found = json.loads(talked.said("report", "renewals", "--currency", "GBP", "--json"))
    (one,) = found["contracts"]
    assert (one["contract"], one["amount"], one["currency"]) == ("C-2", 1_200_000, "GBP")
    assert (one["groups"], one["next_step"], one["next_on"]) == (
        ["doubt", "at_risk"],
        "expected",
        "2027-02-15",
    )
    assert one["last_word"]["by"] == "Ann Ito"
    rows = list(csv.DictReader(io.StringIO(talked.said("report", "renewals", "--format", "csv"))))
    assert [(r["group"], r["contract"], r["amount"]) for r in rows] == [
        ("doubt", "C-2", "12000.00"), ("unanswered", "C-1", "3600000"),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_for_people_has_their_words_and_one_for_programs_has_ids(
    talked: Office, kind: str
) -> None:
    file = talked.folder / f"page.{kind}"
    for language, heads, words in (
        ("en", ("Group", "Health", "Forecast"), {"In doubt", "At risk", "unsure", "Stable"}),
        ("ja", ("区分", "ヘルス", "更新見込み"), {"見込みに不安", "要注意", "未定", "安定稼働"}),
    ):
        talked.said("report", "renewals", f"--{kind}", str(file), lang=language)
        sheet = (
            list(csv.reader(io.StringIO(file.read_text("utf-8-sig"))))
            if kind == "csv"
            else [list(row) for row in load_workbook(file).get_sheet_by_index(0).to_python()]
        )
        assert set(heads) <= set(sheet[0]), sheet[0]
        assert words <= {cell for row in sheet[1:] for cell in row}, sheet
        assert not {"doubt", "at_risk", "stable"} & {cell for row in sheet for cell in row}
    for language in ("en", "ja"):
        machine = talked.said("report", "renewals", "--format", "csv", lang=language)
        assert machine.startswith("group,customer,contract,")
        assert "\ndoubt,Beta Ltd," in machine


def test_every_number_is_explained_in_both_languages(office: Office) -> None:
    explained = office.said("report", "renewals", "--explain")
    assert (
        "Health: the customer's health; “not assessed” is a state of its own, never counted as "
        "stable." in explained
    )
    assert "\n未回答：" in office.said("report", "renewals", "--explain", lang="ja")
    definitions = json.loads(office.said("report", "renewals", "--explain", "--json"))[
        "definitions"
    ]
    assert definitions["ends_on"]["meaning"]["ja"] == "契約期間の最後の日"


def test_a_past_day_is_refused_because_the_page_shows_what_stands_now(office: Office) -> None:
    said = office.refused("report", "renewals", "--as-known-on", "2026-12-01")
    assert "leave --as-known-on out" in said


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_chart_is_a_file_and_nothing_is_printed(office: Office, kind: str) -> None:
    file = office.folder / f"due.{kind}"
    code, out, err = office.run("report", "renewals", "--chart", str(file))
    assert (code, out) == (0, "")
    assert f"drew {file}" in err
    assert file.read_bytes()[:5] in (b"\x89PNG\r", b"<?xml")


def test_a_chart_of_another_kind_and_of_nothing_is_refused(office: Office) -> None:
    where = str(office.folder / "due.jpg")
    assert ".png or an .svg" in office.refused("report", "renewals", "--chart", where)
    where = str(office.folder / "due.png")
    said = office.refused("report", "renewals", "--chart", where, "--from", "2028-01")
    assert "nothing to draw" in said
    assert not Path(where).exists()


def test_everybody_has_a_printed_page_and_names_are_no_markup(talked: Office) -> None:
    file = talked.folder / "pages.html"
    code, out, err = talked.run("report", "renewals", "--html", str(file))
    assert (code, out) == (0, "")
    assert f"wrote 2 pages to {file}" in err
    page = file.read_text("utf-8")
    assert page.count("<section>") == 2
    assert "champion &lt;b&gt;left&lt;/b&gt;" in page
    assert page.index("<h1>Ann Ito</h1>") < page.index("<h1>千佳 田中</h1>")
    assert "£12,000" in page
    talked.said("report", "renewals", "--html", str(file), "--by", "team", lang="ja")
    page = file.read_text("utf-8")
    assert (page.count("<section>"), "(チームなし)" in page) == (1, True)


def test_no_name_turns_the_direction_of_what_is_printed(office: Office) -> None:
    name, file = "Grey\u202eevil\x07", office.folder / "page.html"
    office.said("contract", "add", "C-9", "--customer", name, "--ends", "2027-02-28", "--yes")
    office.said("report", "renewals", "--until", "2027-02", "--html", str(file))
    page = file.read_text("utf-8")
    assert "Grey evil" in page
    assert {c for c in page if c in "\u202e\x07"} == set()


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")
def test_no_page_break_falls_inside_a_contract(office: Office) -> None:
    """Two hundred contracts, printed by a real browser: the rows that begin on a page end on it."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    rows = [
        f"N-{n},Customer {n},Pro,2026-04-01,2027-03-{n % 28 + 1:02d},1000,JPY,ann@example.com"
        for n in range(200)
    ]
    head = "contract,customer,product,starts on,ends on,amount,currency,owner"
    (office.folder / "many.csv").write_text("\n".join([head, *rows]), "utf-8")
    office.said("import", str(office.folder / "many.csv"))
    file = office.folder / "pages.html"
    office.said("report", "renewals", "--html", str(file))
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(file.as_uri())
        avoided = page.eval_on_selector_all(
            ".contracts tbody", "all => all.map(one => getComputedStyle(one).breakInside)"
        )
        printed = page.pdf(prefer_css_page_size=True)
        browser.close()
    assert len(avoided) == 202
    assert set(avoided) == {"avoid"}
    assert max(int(n) for n in re.findall(rb"/Count (\d+)", printed)) > 5

"""`renewals simulate`, in both languages and for machines: a span ahead, a span that is past,
another configuration."""

import csv
import io
import json
import re

import pytest

from tests.cli.office import Office


def test_a_span_ahead(office: Office) -> None:
    lines = office.said("simulate", "--from", "2027-01-05", "--to", "2027-02-28").splitlines()
    assert lines[:2] == [
        "Tue 5 Jan 2027 – Sun 28 Feb 2027, version 1",
        "3 deals, starting from how things stand now, as if nobody answered",
    ]
    assert re.search(r"^Won +1$", "\n".join(lines), re.MULTILINE), (
        "C-1 renews by itself after its notice deadline"
    )
    assert any(line.startswith("Renewed automatically") for line in lines)
    assert lines[-1].startswith("busiest days: ")


def test_in_japanese_of_the_past(office: Office) -> None:
    said = office.said("simulate", "--from", "2026-10-02", "--to", "2026-12-31", lang="ja")
    assert "当時のステージと結果をもとに、だれも回答しなかったとして計算しています。" in said
    assert re.search(r"^契約更新\(3か月前\) +2$", said, re.MULTILINE)


def test_the_past_is_simulated_as_it_happened(office: Office) -> None:
    found = json.loads(
        office.said("simulate", "--from", "2026-10-02", "--to", "2027-01-03", "--json")
    )
    told = {(r["on"], r["contract"], r["what"]) for r in found["rows"] if r["kind"] == "nudge"}
    query = (
        "SELECT m.window_on, c.number, n.milestone FROM nudges n JOIN messages m ON m.id = "
        "n.message_id JOIN deals d ON d.id = n.deal_id"
    )
    happened = {
        row
        for row in office.rows(f"{query} JOIN contracts c ON c.id = d.contract_id")
        if str(row[0]) < "2027-01-04"
    }
    assert happened <= told
    assert {r["what"] for r in found["rows"] if r["kind"] == "move"} == {"renewal_3m"}


def test_another_configuration_gives_another_year(office: Office) -> None:
    text = (
        (office.folder / "config.toml")
        .read_text("utf-8")
        .replace('offset = "-1 month"', 'offset = "-2 months"')
    )
    (office.folder / "draft.toml").write_text(text, "utf-8")
    span = ("--from", "2027-01-05", "--to", "2027-06-30", "--format", "csv")
    before, after = (
        office.said("simulate", *span, *more)
        for more in ((), ("--config", str(office.folder / "draft.toml")))
    )

    def moved(of: str) -> set[str]:
        return {
            row["on"]
            for row in csv.DictReader(io.StringIO(of))
            if row["what"] == "renewal_1m" and row["contract"] == "C-2" and row["kind"] == "move"
        }

    assert (moved(before), moved(after)) == ({"2027-02-26"}, {"2027-01-29"})
    assert office.rows("SELECT count(*) FROM policy_versions") == [(1,)]


def test_nothing_is_stored(office: Office) -> None:
    before = office.everything()
    office.said("simulate", "--from", "2027-01-05", "--to", "2028-01-04")
    assert office.everything() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--from", "2027-02-01", "--to", "2027-01-01"),
            "--to Fri 1 Jan 2027 is before --from Mon 1 Feb 2027",
        ),
        (("--from", "2027-02-01", "--to", "2127-01-01"), "the span is too long: at most 10 years"),
        (
            ("--from", "2027-02-01", "--to", "2027-03-01", "--config", "nowhere.toml"),
            "there is no file nowhere.toml",
        ),
        (
            ("--from", "2027-02-01", "--to", "2027-03-01", "--json", "--format", "csv"),
            "give either --json or",
        ),
        (("--from", "someday", "--to", "2027-03-01"), "someday"),
    ],
)
def test_what_cannot_be_simulated_says_why(
    office: Office, words: tuple[str, ...], said: str
) -> None:
    assert said in office.refused("simulate", *words)


def test_a_span_in_which_nothing_comes(office: Office) -> None:
    said = office.said("simulate", "--from", "2027-01-09", "--to", "2027-01-10")
    assert said.count("none") == 2

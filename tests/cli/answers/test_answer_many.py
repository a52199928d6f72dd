"""One answer for several contracts at once, and notes: what is shown, asked, recorded together and
taken back together."""

import json
from pathlib import Path

import pytest

from tests.cli.office import Office

LIST = "契約番号\nC-1\nC-2\n"


@pytest.fixture
def listed(office: Office) -> str:
    """A file with C-1 and C-2."""
    (office.folder / "list.csv").write_text(LIST, "utf-8-sig")
    return str(office.folder / "list.csv")


def standing(office: Office) -> list[tuple[object, ...]]:
    """The answers that stand."""
    return office.rows("SELECT deal_id, verb FROM answers WHERE undone_at IS NULL ORDER BY deal_id")


def test_it_is_shown_and_waits_for_yes(office: Office, listed: str) -> None:
    before = office.everything()
    code, out, err = office.run("answer", "call", "renew", "--contracts", listed)
    assert (code, "nothing was changed yet; to do it add --yes" in err) == (2, True)
    assert [line.split()[0] for line in out.splitlines()] == ["Contract", "C-1", "C-2", "forecast"]
    assert out.splitlines()[-1] == "forecast (will renew): 2 contracts (£12,000 + ¥3,600,000)"
    assert office.everything() == before
    assert office.said("answer", "call", "renew", "--contracts", listed, "--dry-run") == out


def test_it_is_recorded_and_taken_back_together(office: Office, listed: str) -> None:
    deals = "SELECT stage, call, expected_on, closed_at, lost FROM deals ORDER BY id"
    before = office.rows(deals)
    done = json.loads(
        office.said(
            "answer", "lost", "--reason", "budget", "--contracts", listed, "--yes", "--json"
        )
    )
    assert (done["done"], [c["stage"] for c in done["contracts"]], standing(office)) == (
        True,
        ["lost", "lost"],
        [(1, "lost"), (2, "lost")],
    )
    assert office.said("answer", "undo", "--batch", done["batch"]) == "taken back for 2 contracts\n"
    assert (standing(office), office.rows(deals)) == ([], before)
    assert "no answers" in office.refused("answer", "undo", "--batch", done["batch"])


def test_what_was_answered_again_since_is_left(office: Office, listed: str) -> None:
    done = json.loads(
        office.said("answer", "call", "renew", "--contracts", listed, "--yes", "--json")
    )
    office.said("answer", "C-2", "health", "critical")
    code, out, err = office.run("answer", "undo", "--batch", done["batch"])
    assert (code, out) == (0, "taken back for 1 contracts\n")
    assert "not taken back, because something happened afterwards: C-2" in err


def test_all_or_nothing_unless_those_that_cannot_are_left_out(office: Office) -> None:
    (office.folder / "list.csv").write_text("C-1\nC-9\n", "utf-8")
    many = ("answer", "call", "renew", "--contracts", str(office.folder / "list.csv"), "--yes")
    code, out, err = office.run(*many)
    assert (
        code,
        "there is no contract C-9" in out,
        "the answer does not fit 1 of 2 contracts, so nothing was recorded (--skip leaves them out)"
        in err,
    ) == (
        2,
        True,
        True,
    )
    assert standing(office) == []
    assert office.said(*many, "--skip").endswith("recorded for 1 contracts\n")
    assert standing(office) == [(1, "call")]


CONDITIONS = [
    (["owner=ann@example.com"], [2]),
    (["currency=GBP"], [2, 3]),
    (["currency=GBP", "ends_on<2027-04-01"], [2]),
    (["stage!=stable"], [1, 2]),
]


@pytest.mark.parametrize(("where", "deals"), CONDITIONS)
def test_a_condition_chooses_open_contracts(
    office: Office, where: list[str], deals: list[int]
) -> None:
    conditions = [word for one in where for word in ("--where", one)]
    office.said("answer", "health", "at_risk", *conditions, "--yes")
    assert standing(office) == [(deal, "health") for deal in deals]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["C-1", "call", "renew", "--where", "currency=GBP"], "not both (remove: renew)"),
        (["call", "renew", "--where", "owner=zoe"], "there is no such contract"),
        (["call", "renew", "--contracts", "nowhere.csv"], "cannot read nowhere.csv"),
        (["undo", "--where", "currency=GBP"], "--batch ID"),
        (["call", "--batch", "x"], "--batch is only for undo"),
        (["C-1", "seen", "--skip"], "go with --contracts or --where"),
        (["C-1"], "say what"),
    ],
)
def test_what_cannot_be_meant_is_refused(office: Office, words: list[str], said: str) -> None:
    assert said in office.refused("answer", *words)


# notes


def test_a_note_is_part_of_the_story_and_changes_nothing_else(office: Office) -> None:
    deal = office.rows("SELECT stage, version, wake_at FROM deals WHERE id = 2")
    assert (
        office.said("note", "C-2", "the new buyer\nis Ms Sato")
        == "Beta Ltd C-2: noted: the new buyer is Ms Sato\n"
    )
    assert office.rows("SELECT stage, version, wake_at FROM deals WHERE id = 2") == deal
    assert "note: the new buyer is Ms Sato" in office.said("show", "C-2")
    assert "メモ：the new buyer is Ms Sato" in office.said("show", "C-2", lang="ja")
    assert "the new buyer is Ms Sato" in office.said("why", "C-2")
    assert "no answer to undo" in office.refused("answer", "C-2", "undo"), "a note is no answer"
    assert office.said("note", "C-2", "--undo", lang="ja").startswith(
        "Beta Ltd C-2：メモを取り消しました。"
    )
    assert "the new buyer" not in office.said("why", "C-2")
    assert "there is no note" in office.refused("note", "C-2", "--undo")


def test_a_hostile_note_steers_no_terminal(office: Office, tmp_path: Path) -> None:
    office.said("note", "C-2", "\x1b]0;owned\x07 <!channel>")
    assert "\x1b" not in office.said("show", "C-2") + office.said("why", "C-2")


def test_a_note_is_refused_where_it_is_none(office: Office) -> None:
    assert "give the note, or --undo" in office.refused("note", "C-2")
    assert "the note is empty" in office.refused("note", "C-2", "  ")
    assert "at most 2000 characters" in office.refused("note", "C-2", "x" * 2001)
    assert "there is no contract X-9" in office.refused("note", "X-9", "x")
    office.said("contract", "close", "C-2", "--reason", "budget", "--yes")
    office.said("note", "C-2", "they went quiet")


def test_the_same_closing_given_twice_does_not_close_the_next_terms_as_well(
    office: Office, listed: str
) -> None:
    many = ("answer", "won", "--contracts", listed, "--yes")
    office.said(*many)
    (office.folder / "nobody.csv").write_text("", "utf-8")
    closed = office.rows("SELECT id, stage, closed_at FROM deals ORDER BY id")
    for words in (many, ("answer", "lost", "--reason", "other", "--where", "owner=Ann Ito")):
        code, out, err = office.run(*words, "--yes")
        assert (code, "was renewed on Mon 4 Jan 2027" in out) == (2, True), out
        assert "nothing was recorded" in err
    code, out, _ = office.run(
        "answer", "won", "--where", "owner=Ann Ito", "--contracts", listed, "--yes"
    )
    assert (code, "was renewed on Mon 4 Jan 2027" in out) == (2, True), out
    assert office.rows("SELECT id, stage, closed_at FROM deals ORDER BY id") == closed
    following = max(int(str(id)) for id, *_ in closed)
    (office.folder / "named.csv").write_text(f"#{following}\n", "utf-8")
    office.said("answer", "won", "--contracts", str(office.folder / "named.csv"), "--yes")
    assert standing(office)[-1] == (following, "won")


def test_a_contract_that_is_listed_twice_is_answered_once(office: Office) -> None:
    (office.folder / "list.csv").write_text("C-1\nc-1\n#1\n", "utf-8")
    office.said("answer", "call", "renew", "--contracts", str(office.folder / "list.csv"), "--yes")
    assert standing(office) == [(1, "call")]


def test_a_file_and_a_condition_together_mind_neither_case_nor_width(office: Office) -> None:
    (office.folder / "list.csv").write_text("ｃ-1\nＣ－2\n", "utf-8")
    many = ("answer", "call", "renew", "--contracts", str(office.folder / "list.csv"))
    office.said(*many, "--where", "owner=Ann Ito", "--yes")
    assert standing(office) == [(2, "call")]

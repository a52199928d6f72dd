"""`renewals contract …`: what is shown, asked and said, in both languages."""

import io
import json

import pytest

from tests.cli.office import LOADED, Office

TOMORROW = "2027-01-05T12:00+00:00"


def test_an_edit_shows_what_it_moves_and_whom_it_tells_and_waits_for_yes(office: Office) -> None:
    before = office.everything()
    code, out, err = office.run(
        "contract", "edit", "C-2", "--ends", "2027-05-31", "--owner", "chika"
    )
    assert code == 2
    assert out.splitlines()[:3] == [
        "Beta Ltd C-2",
        "  end 2027-03-31 → 2027-05-31",
        "  term 12 months → 14 months",
    ]
    assert "  owner Ann Ito → 千佳 田中" in out
    before_and_now = out.partition("What comes now")
    assert "→ Ann Ito" in before_and_now[0]
    assert "→ 千佳 田中" in before_and_now[2]
    assert err.strip().endswith("nothing was changed yet; to do it add --yes")
    assert office.everything() == before


def test_an_edit_is_done_and_undone(office: Office) -> None:
    rows = office.rows("SELECT ends_on, decide_by, owner_id FROM contracts")
    said = office.said("contract", "edit", "C-2", "--ends", "2027-05-31", "--yes", lang="ja")
    assert said.splitlines()[:2] == ["Beta Ltd C-2", "  満了日 2027-03-31 → 2027-05-31"]
    assert said.splitlines()[-1] == "変更3として記録しました。"
    edited = office.everything()
    code, seen, err = office.run("contract", "undo", "C-2", as_of=TOMORROW)
    assert (code, office.everything()) == (2, edited)
    assert "C-2 Beta Ltd  end 2027-05-31 → 2027-03-31" in seen
    assert "--yes" in err
    assert (
        office.said("contract", "undo", "C-2", "--yes", as_of=TOMORROW).splitlines()[-1]
        == "change 3 (contract edit C-2) is undone"
    )
    assert office.rows("SELECT ends_on, decide_by, owner_id FROM contracts") == rows
    assert "(change 3) was already undone" in office.refused(
        "contract", "undo", "C-2", as_of=TOMORROW
    )
    assert "nobody has edited contract C-3" in office.refused(
        "contract", "undo", "C-3", as_of=TOMORROW
    )


EDITED = {
    "en": [
        "  renewal term — → 24 months",
        "  notice 30 days → 3 months",
        "  auto-renewal no → yes",
    ],
    "ja": ["  更新後の契約期間 — → 24か月", "  解約予告 30日 → 3か月", "  自動更新 いいえ → はい"],
}
RENEWED = {
    "en": ("stage Won → Renewal (3 months)", "change 3 (contract edit C-2)"),
    "ja": ("ステージ 受注 → 契約更新(3か月前)", "変更3(contract edit C-2)"),
}


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_lengths_stages_and_yes_or_no_are_said_in_the_readers_words(
    office: Office, lang: str
) -> None:
    _, seen, _ = office.run(
        "contract",
        "edit",
        "C-2",
        "--renewal-term",
        "24",
        "--notice",
        "3 months",
        "--auto-renew",
        "yes",
        lang=lang,
    )
    assert set(EDITED[lang]) <= set(seen.splitlines())
    stage, change = RENEWED[lang]
    edit = ("contract", "edit", "C-2", "--ends", "2028-03-31", "--renewed", "--yes")
    _, _, hint = office.run(*edit, lang=lang)
    assert hint.strip().endswith("renewals undo 3")
    _, seen, _ = office.run("undo", "3", lang=lang)
    assert f"  C-2 Beta Ltd  {stage}" in seen.splitlines()
    assert change in seen
    assert change in office.said("undo", "3", "--yes", lang=lang).splitlines()[-1]
    assert change in office.refused("undo", "3", lang=lang)


@pytest.mark.parametrize(
    ("lang", "undone"),
    [
        ("en", "Renewal (3 months) → Lost (undone)"),
        ("ja", "契約更新(3か月前) → 失注 (取り消し済み)"),
    ],
)
def test_the_story_says_which_passage_was_taken_back(
    office: Office, lang: str, undone: str
) -> None:
    office.said("contract", "close", "C-2", "--reason", "budget", "--yes")
    assert undone not in office.said("show", "C-2", lang=lang)
    office.said("contract", "reopen", "C-2", "--yes")
    said = office.said("show", "C-2", lang=lang)
    assert undone in said
    assert said.count(undone[-6:]) == 2


@pytest.mark.parametrize(
    ("reply", "done"), [("y\n", True), ("n\n", False), ("\n", False), ("はい\n", True)]
)
def test_on_a_terminal_it_is_asked(
    office: Office, monkeypatch: pytest.MonkeyPatch, reply: str, done: bool
) -> None:
    typed = io.StringIO(reply)
    monkeypatch.setattr(typed, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", typed)
    code, _, err = office.run("contract", "edit", "C-2", "--product", "Lite")
    assert (code, "Do it (y/N)" in err) == (0, True)
    assert office.rows("SELECT product FROM contracts WHERE number = 'C-2'") == [
        ("Lite" if done else "Pro",)
    ]


def test_a_dry_run_only_looks_and_json_is_for_machines(office: Office) -> None:
    before = office.everything()
    seen = json.loads(
        office.said("contract", "edit", "C-2", "--amount", "none", "--dry-run", "--json")
    )
    assert (seen["done"], seen["moved"][0]["field"], office.everything()) == (
        False,
        "amount",
        before,
    )
    done = json.loads(office.said("contract", "edit", "C-2", "--amount", "none", "--yes", "--json"))
    assert (done["done"], done["change"], done["contract"]) == (True, 3, "C-2")


def test_nothing_to_change_is_said_and_nothing_given_is_refused(office: Office) -> None:
    assert office.said("contract", "edit", "C-2", "--product", "Pro").startswith(
        "nothing changes: C-2 has these values already"
    )
    assert "say what to change" in office.refused("contract", "edit", "C-2")
    assert "満了日" not in office.refused(
        "contract", "edit", "X-1", "--ends", "2027-05-31", lang="ja"
    )


def test_a_contract_is_entered_closed_and_opened_again(office: Office) -> None:
    office.said(
        "contract",
        "add",
        "N-1",
        "--customer",
        "New Ltd",
        "--starts",
        "2026-12-01",
        "--term",
        "1年",
        "--amount",
        "£10",
        "--currency",
        "GBP",
        "-y",
    )
    assert "Lost" in office.said("contract", "close", "N-1", "--reason", "budget", "--yes")
    assert office.rows("SELECT stage FROM deals WHERE id = 4") == [("lost",)]
    assert "is closed (Lost); reopen it first: renewals contract reopen N-1" in office.refused(
        "contract", "edit", "N-1", "--product", "x"
    )
    assert office.said("contract", "reopen", "N-1", "--yes").startswith(
        "New Ltd N-1 goes back to Onboarding\n  taken back: lost"
    )
    assert office.rows("SELECT stage, lost FROM deals WHERE id = 4") == [("onboarding", None)]
    assert "is open already" in office.refused("contract", "reopen", "N-1", "--yes")


def test_a_renewed_contract_is_opened_by_taking_the_renewal_back(office: Office) -> None:
    before = office.rows("SELECT stage, closed_at FROM deals WHERE voided_at IS NULL")
    _, out, err = office.run("contract", "close", "C-2", "--outcome", "won", "--yes")
    assert "contract C-2 is renewed" in out
    assert "to take it back: renewals answer C-2 undo" in err
    assert "renewals answer C-2 undo" in office.refused("contract", "reopen", "C-2", "--yes")
    office.said("answer", "C-2", "undo", as_of=TOMORROW)
    assert office.rows("SELECT stage, closed_at FROM deals WHERE voided_at IS NULL") == before


def test_what_comes_is_said_once_where_an_edit_does_not_move_it(office: Office) -> None:
    _, out, _ = office.run("contract", "edit", "C-2", "--product", "Lite")
    assert "What comes (as before)" in out
    assert out.count("1 month before renewal") == 1


@pytest.mark.parametrize("words", [("close", "C-2", "--reason", "budget"), ("reopen", "C-2")])
def test_closing_and_opening_are_previewed_for_machines(
    office: Office, words: tuple[str, ...]
) -> None:
    if words[0] == "reopen":
        office.said("contract", "close", "C-2", "--reason", "budget", "--yes")
    before = office.everything()
    seen = json.loads(office.said("contract", *words, "--dry-run", "--json"))
    code, out, _ = office.run("contract", *words, "--json")
    assert (code, json.loads(out)) == (2, seen)
    assert office.everything() == before
    done = json.loads(office.said("contract", *words, "--yes", "--json"))
    assert (seen["done"], done["done"], seen["contract"], seen["stage"]) == (
        False,
        True,
        done["contract"],
        done["stage"],
    )


def test_the_next_file_that_says_otherwise_is_told(office: Office) -> None:
    office.said(
        "contract", "edit", "C-2", "--ends", "2027-05-31", "--yes", "--by", "bob@example.com"
    )
    again = ("import", str(office.folder / "contracts.csv"))
    said = office.said(*again, as_of=TOMORROW)
    assert (
        "C-2  Beta Ltd  end: here 2027-05-31 (Bob Hill, 2027-01-04), file 2027-03-31 → kept, "
        "waits for a decision"
    ) in said
    assert (
        "こちらの値 2027-05-31(Bob Hill、2027-01-04)、ファイルの値 2027-03-31　→ こちらの値のまま、確認待ち"
        in office.said(*again, lang="ja", as_of=TOMORROW)
    )
    assert "→ the file's value is used" in office.said(*again, "--take", "C-2", as_of=TOMORROW)
    assert office.rows("SELECT ends_on FROM contracts WHERE number = 'C-2'") == [("2027-03-31",)]
    assert "choose one" in office.refused(*again, "--take", "C-2", "--keep", "C-2")


def test_who_changed_what_is_part_of_the_story(office: Office) -> None:
    office.said(
        "contract",
        "edit",
        "C-2",
        "--ends",
        "2027-05-31",
        "--owner",
        "chika",
        "--amount",
        "13000",
        "--yes",
        "--by",
        "bob@example.com",
    )
    said = office.said("show", "C-2")
    for words in (
        "Bob Hill: ",
        "end 2027-03-31 → 2027-05-31",
        "owner Ann Ito → 千佳 田中",
        "amount £12,000.00 → £13,000.00",
        "change 3",
    ):
        assert words in said
    office.said("contract", "undo", "C-2", "--yes")
    assert "Bob Hill：満了日 2027-03-31 → 2027-05-31" in office.said("show", "C-2", lang="ja")
    assert "(undone)" in office.said("show", "C-2")


def test_nobody_is_guessed(office: Office) -> None:
    office.change("UPDATE people SET active = 0 WHERE name = 'Bob Hill'")
    assert "no longer active" in office.refused(
        "contract", "edit", "C-2", "--owner", "Bob Hill", "--yes"
    )


def test_who_acts_is_named_by_the_environment_in_other_commands_too(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENEWALS_USER", "deploy@example.com")
    office.said("absence", "add", "bob", "2027-02-01", "2027-02-05")
    assert office.rows("SELECT actor FROM absences") == [("deploy@example.com",)]


def test_a_team_without_a_file_begins_by_typing(nowhere: Office) -> None:
    days = ("--starts", "2026-10-01", "--ends", "2027-09-30")
    contract = ("contract", "add", "C-1", "--customer", "Acme", *days, "--owner", "ann")
    person = ("people", "add", "Ann Ito", "--email", "ann@acme.example.jp")
    assert "there is no database yet" in nowhere.refused(*person, "--dry-run", as_of=None)
    assert not (nowhere.folder / "data").exists(), "a dry run makes nothing"
    nowhere.said(*person, "--yes", as_of=LOADED)
    nowhere.said(*contract, "--yes", as_of=LOADED)
    assert nowhere.rows("SELECT number, source FROM contracts") == [("C-1", "entered")]


@pytest.mark.parametrize("words", [("--outcome", "won"), ("--reason", "budget")])
def test_what_was_just_renewed_is_not_closed_again_by_its_number(
    office: Office, words: tuple[str, ...]
) -> None:
    office.said("contract", "close", "C-2", "--outcome", "won", "--yes")
    before = office.everything()
    for how in ("--dry-run", "--yes"):
        assert "contract C-2 was renewed on Mon 4 Jan 2027" in office.refused(
            "contract", "close", "C-2", *words, how
        )
    assert office.everything() == before
    ((following,),) = office.rows("SELECT max(id) FROM deals")
    office.said("contract", "close", f"#{following}", *words, "--yes")


def test_a_reason_is_named_by_its_id_or_by_what_it_is_called(office: Office) -> None:
    office.said("contract", "close", "C-2", "--reason", "Budget cut or not approved", "--yes")
    assert '"reason": "budget"' in str(office.rows("SELECT lost FROM deals WHERE id = 2"))

"""`renewals people add | edit | merge | deactivate` and `renewals reassign`: what is shown and
said, in both languages."""

import json

from tests.cli.office import PEOPLE, Office


def test_what_goes_over_is_shown_with_money_questions_and_whom_it_tells(office: Office) -> None:
    before = office.everything()
    said = office.said("reassign", "--from", "ann", "--to", "chika", "--dry-run")
    assert said.splitlines()[:3] == [
        "Ann Ito → 千佳 田中",
        "  C-2 Beta Ltd  owner Ann Ito → 千佳 田中",
        "contracts handed over: 1 (£12,000), open questions: 1",
    ]
    assert "→ 千佳 田中" in said.partition("Told in the next 60 days")[2]
    assert office.everything() == before
    _, out, err = office.run("reassign", "--from", "ann", "--to", "chika", lang="ja")
    assert "移る契約 1件(£12,000)、回答待ちの質問 1件" in out
    assert "--yes" in err


def test_a_move_is_done_and_taken_back(office: Office) -> None:
    owners = office.rows("SELECT owner_id FROM contracts")
    assert office.said("reassign", "--from", "ann", "--to", "chika", "--yes").endswith(
        "recorded as change 3\n"
    )
    assert office.rows("SELECT owner_id FROM contracts") != owners
    moved = office.everything()
    code, seen, _ = office.run("import", "undo", "3")
    assert (code, office.everything()) == (2, moved)
    assert "C-2 Beta Ltd  owner 千佳 田中 → Ann Ito" in seen
    assert json.loads(office.said("import", "undo", "3", "--dry-run", "--json"))["done"] is False
    assert office.said("import", "undo", "3", "--yes").endswith(
        "change 3 (reassign ann to chika) is undone\n"
    )
    assert office.rows("SELECT owner_id FROM contracts") == owners
    assert office.said("reassign", "--from", "bob", "--to", "chika", "--yes").startswith(
        "nothing changes"
    )


def test_somebody_with_contracts_leaves_only_with_a_successor(office: Office) -> None:
    assert "renewals reassign --from ann@example.com --to NEW" in office.refused(
        "people", "deactivate", "ann", "--yes"
    )
    assert "renewals reassign --from ann@example.com" in office.refused(
        "people", "deactivate", "ann", "--yes", lang="ja"
    )
    office.said("people", "deactivate", "ann", "--to", "chika", "--yes")
    assert office.rows("SELECT active FROM people WHERE name = 'Ann Ito'") == [(0,)]
    assert "people deactivate" in office.refused(
        "people", "edit", "chika", "--active", "no", "--yes"
    )


def test_both_addresses_of_two_who_are_one_name_them(office: Office) -> None:
    done = json.loads(office.said("people", "merge", "ann@example.com", "chika", "--yes", "--json"))
    assert (done["done"], done["contracts"], done["person"]) == (
        True,
        1,
        "Ann Ito <ann@example.com> → 千佳 田中 <chika@example.jp>",
    )
    listed = json.loads(office.said("people", "--json"))
    assert sorted(p["name"] for p in listed) == ["Bob Hill", "千佳 田中"]
    office.said("contract", "edit", "C-3", "--owner", "ann@example.com", "--yes")
    assert (
        office.rows("SELECT people.name FROM contracts JOIN people ON people.id = owner_id")
        == [("千佳 田中",)] * 3
    )
    office.said("answer", "C-2", "call", "renew", "--by", "ann@example.com")
    assert office.rows("SELECT actor FROM answers") == [("千佳 田中",)]


def test_a_file_of_people_that_says_otherwise_and_a_new_address_are_told(office: Office) -> None:
    office.said("people", "edit", "ann", "--zone", "Asia/Tokyo", "--yes", "--by", "bob@example.com")
    office.said("people", "edit", "chika", "--manager", "ann", "--yes", "--by", "bob@example.com")
    again = ("import", str(office.folder / "people.csv"))
    assert (
        "ann@example.com  Ann Ito  time zone: here Asia/Tokyo (Bob Hill, 2027-01-04), file "
        "Europe/London → kept"
    ) in office.said(*again)
    assert "manager: here Ann Ito (Bob Hill, 2027-01-04), file Bob Hill → kept" in office.said(
        *again
    )
    (office.folder / "people.csv").write_text(
        PEOPLE.replace("ann@example.com", "ann.ito@example.com"), "utf-8"
    )
    code, out, err = office.run(*again)
    assert (
        code,
        "ann.ito@example.com  Ann Ito  e-mail ann@example.com → ann.ito@example.com" in out,
    ) == (0, True)
    assert "--same EMAIL" in err
    office.said(*again, "--same", "ann.ito@example.com")
    assert office.rows("SELECT email FROM people WHERE name = 'Ann Ito'") == [
        ("ann.ito@example.com",)
    ]

"""`renewals report balance`: what balances says so; each kind of damage is found, named and told
apart; exit code 1."""

import csv
import io
import json

import pytest

from tests.cli.office import Office

NUDGE = "(SELECT min(id) FROM nudges WHERE state = 'sent')"
DAMAGE = {
    "oversleeps": "UPDATE deals SET wake_at = NULL WHERE id = 1",
    "not_dead": f"UPDATE nudges SET state = 'dead' WHERE id = {NUDGE}",
    "missing": (
        "DELETE FROM nudges WHERE milestone = 'renewal_3m'; DELETE FROM events WHERE milestone = "
        "'renewal_3m'"
    ),
    "untold": "DELETE FROM nudges WHERE milestone = 'renewal_3m'",
    "no_event": (
        "DELETE FROM events WHERE milestone = 'renewal_3m' AND deal_id = 1; UPDATE deals SET "
        "wake_at = '2026-01-01 00:00:00.000000'"
    ),
    "not_carried": f"UPDATE nudges SET message_id = NULL WHERE id = {NUDGE}",
    "left_behind": f"UPDATE nudges SET state = 'waiting' WHERE id = {NUDGE}",
    "in_doubt": f"UPDATE nudges SET state = 'in_doubt' WHERE id = {NUDGE}",
    "stuck_deal": "UPDATE deals SET wake_at = '2026-12-28 00:00:00.000000' WHERE id = 1",
    "stuck_nudge": (
        "UPDATE nudges SET state = 'waiting', message_id = NULL, due_at = '2026-12-28 "
        f"00:00:00.000000' WHERE id = {NUDGE}"
    ),
    "stuck_message": (
        "UPDATE messages SET state = 'queued', not_before_at = '2026-12-28 00:00:00.000000'"
    ),
}


def test_a_sound_office_balances_to_the_last_row(office: Office) -> None:
    code, out, err = office.run("report", "balance")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "Everything is accounted for; nothing was lost."
    assert "C-3" in out, "it has no owner"
    found = json.loads(office.said("report", "balance", "--json"))
    assert found["balanced"] is True
    assert found["total"]["due"] == office.rows("SELECT count(*) FROM events")[0][0]
    assert found["total"]["nudges"] == office.rows("SELECT count(*) FROM nudges")[0][0]
    assert [(u["contract"], u["why"]) for u in found["cannot_be_scheduled"]] == [
        ("C-3", "no_owner")
    ]


def test_in_japanese_with_what_the_states_mean(office: Office) -> None:
    said = office.said("report", "balance", "--explain", lang="ja")
    assert "すべて説明がつきます。失われたものはありません。" in said
    assert "\n送信済み：メッセージが相手に渡った。\n" in said
    assert "\n期日：来た期日の数。" in said


def test_in_english_with_what_the_states_mean(office: Office) -> None:
    said = office.said("report", "balance", "--explain")
    assert "\nSent: its message went out.\n" in said
    assert "\nDue: days that have come, recounted for each deal" in said
    assert set(
        json.loads(office.said("report", "balance", "--json", "--explain"))["definitions"]
    ) >= {"due", "fired", "nudges_sent"}


def test_a_line_for_each_day(office: Office) -> None:
    rows = list(
        csv.DictReader(
            io.StringIO(office.said("report", "balance", "--from", "2026-10-01", "--format", "csv"))
        )
    )
    states = ("fired", "superseded", "skipped", "baseline", "carried_over", "expired", "withdrawn")
    assert all(int(r["due"]) == sum(int(r[state]) for state in states) for r in rows)
    assert {r["day"] for r in rows if int(r["fired"])} == {"2026-12-28", "2026-12-31", "total"}
    assert (rows[-1]["day"], int(rows[-1]["due"])) == (
        "total",
        office.rows("SELECT count(*) FROM events")[0][0],
    )


def test_the_days_shown_are_those_asked_for(office: Office) -> None:
    def days(*words: str) -> list[str]:
        return [
            d["day"] for d in json.loads(office.said("report", "balance", "--json", *words))["days"]
        ]

    assert days() == ["2026-12-28", "2026-12-31", "2027-01-04"]
    assert days("--days", "5") == ["2026-12-31", "2027-01-04"]
    assert days("--days", "4") == ["2027-01-04"]
    assert days("--to", "2026-12-30") == ["2026-12-28"]
    assert "--to 2026-12-01 is before --from 2026-12-30" in office.refused(
        "report", "balance", "--from", "2026-12-30", "--to", "2026-12-01"
    )
    assert "--to 2026-12-01 が --from 2026-12-30 より前です" in office.refused(
        "report", "balance", "--from", "2026-12-30", "--to", "2026-12-01", lang="ja"
    )


def test_a_day_with_damage_is_marked(office: Office) -> None:
    office.change(DAMAGE["left_behind"])
    code, out, _ = office.run("report", "balance")
    assert code == 1
    assert out.splitlines()[-1] == "2 mismatches found."
    assert len([line for line in out.splitlines() if line.endswith("← does not add up")]) == 2, (
        "the day, and everything ever"
    )


@pytest.mark.parametrize("fault", DAMAGE)
def test_damage_is_found_and_named(office: Office, fault: str) -> None:
    for statement in DAMAGE[fault].split(";"):
        office.change(statement)
    code, out, _ = office.run("report", "balance", "--json")
    found = json.loads(out)
    assert (code, found["balanced"]) == (1, False)
    assert fault in {f["fault"] for f in found["findings"]}
    code, shown, _ = office.run("report", "balance", lang="ja")
    assert code == 1
    assert "→ " in shown
    assert "失われたものはありません" not in shown


def test_what_waits_for_the_next_sweep_is_no_fault(office: Office) -> None:
    code, out, _ = office.run("report", "balance", "--json", as_of="2027-02-26T12:00+00:00")
    found = json.loads(out)
    assert (code, found["findings"]) == (0, [])
    assert found["total"]["not_swept_yet"] == 3, (
        "C-1's automatic renewal, C-2's deadline and its last month"
    )


def test_a_contract_that_cannot_be_scheduled_is_listed(office: Office) -> None:
    office.change("UPDATE contracts SET ends_on = NULL WHERE number = 'C-2'")
    office.change("UPDATE deals SET wake_at = '2026-01-01 00:00:00.000000'")
    found = json.loads(office.run("report", "balance", "--json")[1])
    assert ("C-2", "no_end") in [(u["contract"], u["why"]) for u in found["cannot_be_scheduled"]]


def test_an_empty_database_balances(nowhere: Office) -> None:
    (nowhere.folder / "people.csv").write_text("name,email\nAnn,ann@example.com\n", "utf-8")
    nowhere.said("import", str(nowhere.folder / "people.csv"))
    assert (
        nowhere.said("report", "balance").splitlines()[-1]
        == "Everything is accounted for; nothing was lost."
    )

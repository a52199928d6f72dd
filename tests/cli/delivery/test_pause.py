"""Pause and resume: what is paused sends nothing and asks nothing, its days go on; then the latest
question is asked, never a pile."""

import json

import pytest

from tests.cli.office import LONDON_NOON, Office

LATER, END = "2027-02-26T12:00+00:00", "2027-03-01T12:00+00:00"
TOLD = (
    "SELECT milestone, step FROM nudges JOIN deals ON deals.id = deal_id JOIN contracts ON "
    "contracts.id = contract_id "
)
OF_C2 = TOLD + "WHERE number = 'C-2' AND state = 'sent' ORDER BY nudges.id"


def days(office: Office, *instants: str) -> None:
    for at in instants:
        office.said("run", "--once", as_of=at)


@pytest.mark.parametrize(
    "what",
    [
        ("everything",),
        ("pipeline", "existing"),
        ("パイプライン", "Ｅｘｉｓｔｉｎｇ"),
        ("contract", "c-2"),
        ("契約", "Ｃ-２"),
        ("C-2",),
    ],
)
def test_what_is_paused_is_silent_and_then_asks_its_latest_question_once(
    office: Office, what: tuple[str, ...]
) -> None:
    before = office.rows(OF_C2)
    office.said("pause", *what, "--because", "a dispute")
    days(office, "2027-01-15T12:00+00:00", "2027-02-01T12:00+00:00", LATER, END)
    assert office.rows(OF_C2) == before
    office.said("resume", *what, as_of=END)
    days(office, END, "2027-03-02T12:00+00:00")
    assert [row[0] for row in office.rows(OF_C2)[len(before) :]] == [
        "decide_by_30d",
        "renewal_1m",
    ], "of each series the latest, once"
    assert (
        len(
            office.rows(
                "SELECT 1 FROM messages WHERE state = 'sent' AND person_id = 1 AND sent_at > "
                "'2027-02-26'"
            )
        )
        == 1
    ), "in one message"
    assert (
        json.loads(office.said("report", "balance", "--json", as_of="2027-03-02T12:00+00:00"))[
            "balanced"
        ]
        is True
    )


def test_others_go_on(office: Office) -> None:
    office.said("pause", "contract", "C-2")
    days(office, "2027-01-29T03:00+00:00", "2027-02-03T03:00+00:00")
    assert office.rows(TOLD + "WHERE number = 'C-1' AND state = 'sent' AND sent_at > '2027-01-20'")


def test_a_pause_with_a_day_ends_by_itself(office: Office) -> None:
    before = office.rows(OF_C2)
    said = office.said("pause", "contract", "C-2", "--until", "2027-03-02")
    assert "resumes by itself at 2027-03-02" in said
    days(office, END)
    assert office.rows(OF_C2) == before
    days(office, "2027-03-02T12:00+00:00")
    assert [row[0] for row in office.rows(OF_C2)[len(before) :]] == ["renewal_1m"], (
        "its notice deadline has passed"
    )
    assert office.said("pause", as_of="2027-03-02T12:00+00:00") == "Nothing is paused.\n"


def test_the_deadlines_that_pass_meanwhile_are_said_before_and_after(office: Office) -> None:
    everything = office.everything()
    said = office.said("pause", "pipeline", "existing", "--until", "2027-02-15", "--dry-run")
    assert office.everything() == everything, "only a look"
    assert "1 deadline passes during the pause and nobody is told" in said
    assert "C-1" in said
    office.said("pause", "pipeline", "existing", "--until", "2027-02-15", "--because", "audit")
    listed = json.loads(office.said("pause", "--json"))
    assert [(p["contract"], p["deadline_on"]) for p in listed["passing"]] == [("C-1", "2027-01-31")]
    assert [(p["scope"], p["name"], p["because"]) for p in listed["paused"]] == [
        ("pipeline", "existing", "audit")
    ]
    assert "期限が1件" in office.said(
        "pause", "pipeline", "existing", "--dry-run", "--until", "2027-02-15", lang="ja"
    )


def test_the_admins_hear_of_a_deadline_close_by_once_a_day(office: Office) -> None:
    office.said("pause", "everything")
    alerts = (
        "SELECT count(*) FROM messages WHERE kind = 'alert' AND facts LIKE '%C-1%' AND state = "
        "'sent'"
    )
    days(office, "2027-01-20T12:00+00:00")
    assert office.rows(alerts) == [(0,)]
    days(office, "2027-01-26T03:00+00:00", "2027-01-26T12:00+00:00", "2027-01-27T03:00+00:00")
    assert office.rows(alerts) == [(2,)], "one a day, also while everything is paused"


def test_it_is_said_where_somebody_asks(office: Office) -> None:
    office.said("pause", "contract", "C-2", "--because", "a dispute")
    assert "Paused (contract C-2)" in office.said("why", "C-2")
    assert "a dispute" in office.said("why", "C-2")
    assert "一時停止中" in office.said("why", "C-2", lang="ja")
    assert "Paused" not in office.said("why", "C-1")
    days(office, END)
    assert "wait for `renewals resume`" in office.said("report", "balance", as_of=END)


def test_what_waits_already_leaves_its_message(office: Office) -> None:
    office.change(
        "UPDATE messages SET state = 'queued', sent_at = NULL, handed_over_at = NULL WHERE id "
        "= (SELECT max(id) FROM messages)"
    )
    office.change(
        "UPDATE nudges SET state = 'waiting', sent_at = NULL WHERE message_id = (SELECT max(id)"
        " FROM messages)"
    )
    assert "1 nudge keeps waiting" in office.said("pause", "contract", "C-2")
    days(office, LONDON_NOON, "2027-01-05T12:00+00:00")
    assert office.rows("SELECT state, message_id FROM nudges WHERE state = 'waiting'") == [
        ("waiting", None)
    ]
    assert office.rows("SELECT state FROM messages ORDER BY id DESC LIMIT 1") == [("cancelled",)]
    office.said("resume", "contract", "C-2", as_of="2027-01-05T12:00+00:00")
    days(office, "2027-01-05T12:00+00:00")
    assert office.rows("SELECT count(*) FROM nudges WHERE state = 'waiting'") == [(0,)]


def test_what_is_not_known_is_refused_with_what_there_is(office: Office) -> None:
    assert "there are: " in office.refused("pause", "pipeline", "nothing")
    assert "there is no contract X-9" in office.refused("pause", "contract", "X-9")
    assert "has passed already" in office.refused("pause", "everything", "--until", "2026-12-31")
    assert "everything, pipeline NAME, or contract ID" in office.refused("resume")
    assert office.said("resume", "everything") == "everything was not paused\n"


@pytest.mark.parametrize("called", [("pipeline", "既存顧客"), ("Existing customers",)])
def test_a_pipeline_is_named_by_what_it_is_called(office: Office, called: tuple[str, ...]) -> None:
    paused = json.loads(office.said("pause", *called, "--json"))["pause"]
    assert (paused["scope"], paused["name"]) == ("pipeline", "existing")
    assert office.said("resume", *called) == "resumed: pipeline existing\n"


def test_a_pause_takes_the_place_of_an_earlier_one_of_the_same(office: Office) -> None:
    office.said("pause", "contract", "C-2", "--because", "first")
    office.said("pause", "contract", "C-2", "--because", "second", "--until", "2027-02-01")
    assert [p["because"] for p in json.loads(office.said("pause", "--json"))["paused"]] == [
        "second"
    ]
    assert office.rows("SELECT count(*) FROM pauses WHERE ended_at IS NULL") == [(1,)]


SAME = "C-2,Beta Ltd,Pro,2026-04-01,2027-03-31,30 days,no,12000,GBP,ann@example.com\n"
NEXT = "N-9,Beta Ltd,Pro,2027-04-01,2028-03-31,30 days,no,12000,GBP,ann@example.com\n"
YEAR_ON = "2028-01-31T12:00+00:00"
COLUMNS = "contract,customer,product,starts on,ends on,notice,auto renew,amount,currency,owner\n"


@pytest.mark.parametrize(
    ("rows", "number"),
    [(SAME.replace("C-2", "ｃ－２"), "ｃ－２"), (SAME + NEXT, "N-9")],
    ids=["respelled", "renewed under another number"],
)
def test_a_pause_goes_on_covering_a_contract_under_its_new_number(
    office: Office, rows: str, number: str
) -> None:
    office.said("pause", "contract", "C-2")
    (office.folder / "next.csv").write_text(COLUMNS + rows, "utf-8")
    office.said("import", str(office.folder / "next.csv"))
    days(office, "2027-02-01T12:00+00:00", YEAR_ON)
    assert not office.rows(f"{TOLD} WHERE number = '{number}' AND created_at > '2027-01-05'")
    assert "Paused (contract" in office.said("report", "balance", as_of=YEAR_ON)
    ((last,),) = office.rows("SELECT max(id) FROM imports")
    office.said("import", "undo", str(last), as_of=YEAR_ON)
    assert "contract C-2" in office.said("pause", as_of=YEAR_ON)
    office.said("resume", "C-2", as_of=YEAR_ON)
    assert office.said("pause", as_of=YEAR_ON) == "Nothing is paused.\n"


@pytest.mark.parametrize(
    ("until", "next_look", "comes"),
    [
        ((), None, []),
        (("--until", "2027-02-15"), "2027-02-14T15:00:00+00:00", ["2027-02-14", "2027-02-26"]),
    ],
)
def test_what_comes_of_a_paused_contract_is_what_comes_when_its_pause_is_over(
    office: Office, until: tuple[str, ...], next_look: str | None, comes: list[str]
) -> None:
    office.said("pause", "contract", "C-2", *until)
    now = "2027-02-01T12:00+00:00"
    days(office, now)
    [told] = json.loads(office.said("why", "C-2", "--json", as_of=now))
    alarm, states = told["alarm"], {c["milestone"]: c["standing"] for c in told["chapters"]}
    assert (alarm["wake_at"], alarm["due"], alarm["paused"]) == (next_look, False, True)
    assert states["decide_by_30d"] == "paused"
    assert [u["on"] for u in told["upcoming"] if u["milestone"]][:2] == comes
    (deal,) = json.loads(office.said("deals", "--customer", "Beta", "--json", as_of=now))["deals"]
    assert deal["next_at"] == next_look
    listed = json.loads(office.said("upcoming", "--json", as_of=now))
    of_c2 = [u["on"] for u in listed if u["milestone"] and u["contract"] == "C-2"]
    assert of_c2[:2] == comes
    said = office.said("why", "C-2", as_of=now)
    assert "reached, to be decided when its pause is over" in said
    assert "due for the next sweep" not in said
    office.said("deals", "--customer", "Beta", "--csv", str(office.folder / "d.csv"), as_of=now)
    assert ("2027-02-15" in (office.folder / "d.csv").read_text("utf-8")) is bool(until)


def test_a_plan_says_nothing_of_what_is_paused_while_it_is(office: Office) -> None:
    draft = office.folder / "draft.toml"
    config = (office.folder / "config.toml").read_text("utf-8")
    draft.write_text(config.replace('offset = "-1 month"', 'offset = "-2 months"', 1), "utf-8")
    plan = ("plan", "--config", str(draft), "--until", "2027-03-01", "--json")
    before = json.loads(office.said(*plan))["contracts"]
    office.said("pause", "contract", "C-2")
    assert json.loads(office.said(*plan))["contracts"] == before - 1

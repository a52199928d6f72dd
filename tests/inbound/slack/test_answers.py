"""Every button and every form, pressed through a real socket: what reaches the database, and what
the person is told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from scheduler.core.answers.answer import Answer
from scheduler.core.health.policy import HealthPolicy
from scheduler.core.words.lexicon import ForecastCall, Verb
from scheduler.services.answers.answering import answer
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.transactions import transactions
from scheduler.storage.database.values import said_health_from
from tests.cast import BOB as BOBS
from tests.inbound.slack.conftest import reception_on
from tests.inbound.slack.reception import ANN, BOB, CHIKA, Reception, offered, pressable, shown
from tests.storage.builders import T


@pytest.fixture
def everywhere(database_url: str) -> Iterator[Reception]:
    """A reception on each database."""
    for reception in reception_on(database_url):
        reception.tell_everybody()
        reception.open()
        yield reception


def bob_answers(
    reception: Reception,
    contract: str = "C-1",
    verb: Verb = Verb.FORECAST,
    call: ForecastCall | None = ForecastCall.RENEW,
) -> None:
    """Bob answers by command."""
    answer(
        transactions(reception.engine, AnswerQueries),
        contract,
        Answer(verb, BOBS.name, call=call),
        reception.policy,
        reception.hands.now(),
    )


def test_one_click_is_recorded_once_confirmed_and_shown_in_the_message(
    everywhere: Reception,
) -> None:
    title = everywhere.slack.posts[0].blocks[0]
    assert everywhere.press(ANN, "seen").payload is None
    assert everywhere.answers() == [("seen", "Ann Ito", "slack", False)]
    assert "✅ Recorded: Aoba Trading C-" in everywhere.whisper()
    assert everywhere.slack.whispers[-1].user == ANN
    assert everywhere.refresh() == 1
    assert "✅ Ann Ito has seen it (Tue 5 Jan)" in shown(everywhere.slack.posts[0].blocks)
    assert everywhere.slack.posts[0].blocks[0] == title


FORMS: list[tuple[str, dict[str, str], tuple[Any, ...]]] = [
    (
        "renew",
        {"expected_on": "2027-02-01"},
        ("call", {"call": "renew", "expected_on": "2027-02-01"}),
    ),
    (
        "at_risk",
        {"note": "budget is open"},
        ("call", {"call": "at_risk", "note": "budget is open"}),
    ),
    ("unsure", {}, ("call", {"call": "unsure"})),
    ("notice", {"reason": "budget"}, ("notice", {"lost": "budget"})),
    ("snooze", {"until": "2027-01-12"}, ("snooze", {"until": "2027-01-12"})),
    (
        "paperwork",
        {"paperwork": "quoted", "expected_on": "2027-02-01"},
        ("paperwork", {"paperwork": "quoted", "expected_on": "2027-02-01"}),
    ),
    ("health", {"health": "critical"}, ("health", {"health": "critical"})),
    ("won", {}, ("won", {"amount": "3600000", "term": "12 months", "ends_on": "2028-03-31"})),
    (
        "lost",
        {"reason": "other", "second": "budget", "avoidable": "no", "note": "sold"},
        ("lost", {"lost": "other", "note": "sold"}),
    ),
]


@pytest.mark.parametrize(("offer", "typed", "expected"), FORMS, ids=[f[0] for f in FORMS])
def test_every_other_answer_opens_a_form_and_is_recorded_as_it_was_filled_in(
    reception: Reception, offer: str, typed: dict[str, str], expected: tuple[str, dict[str, Any]]
) -> None:
    reception.press(ANN, offer)
    assert reception.answers() == [], "a form that was only opened changes nothing"
    assert reception.send_form(ANN, "", None, **typed).payload is None
    ((verb, details),) = reception.rows("answers", "verb", "details")
    known = details | ({"lost": details["lost"]["reason"]} if "lost" in details else {})
    assert (verb, {k: known.get(k) for k in expected[1]}) == expected
    assert "✅ Recorded" in reception.whisper()


def test_the_form_for_a_notice_withdrawn_and_for_onboarding(reception: Reception) -> None:
    contract = first_asked(reception)
    reception.press(ANN, "notice")
    reception.send_form(ANN, reason="budget")
    reception.command(ANN, contract)
    withdrawn = next(
        e
        for e in pressable(reception.slack.whispers[-1].blocks)
        if "notice_withdrawn" in offered(e)
    )
    reception.press(ANN, "notice_withdrawn", withdrawn)
    reception.send_form(ANN)
    assert [a[0] for a in reception.answers()] == ["notice", "notice_withdrawn"]
    with reception.engine.begin() as connection:
        connection.execute(update(T["deals"]).values(stage="onboarding"))
    reception.command(ANN, contract)
    reception.press(
        ANN,
        "onboarded",
        next(
            e for e in pressable(reception.slack.whispers[-1].blocks) if "onboarded" in offered(e)
        ),
    )
    reception.send_form(ANN, health="stable")
    assert reception.answers()[-1][0] == "onboarded"


def test_forms_are_prefilled_in_the_persons_language(reception: Reception) -> None:
    chikas = next(p for p in reception.slack.posts if p.channel == "D0CHIKA")
    reception.press(CHIKA, "won", next(e for e in pressable(chikas.blocks) if "won" in offered(e)))
    form = reception.slack.modals[-1]
    elements = {b["block_id"]: b["element"] for b in form["blocks"] if b["type"] == "input"}
    assert (form["title"]["text"], form["submit"]["text"]) == ("更新確定", "回答する")
    assert elements["amount"]["initial_value"] == "3,600,000"
    assert elements["term"]["initial_value"] == "12か月"
    assert elements["ends_on"]["initial_date"] == "2028-03-31"
    reception.press(
        CHIKA, "lost", next(e for e in pressable(chikas.blocks) if "lost" in offered(e))
    )
    reasons = next(
        b["element"] for b in reception.slack.modals[-1]["blocks"] if b.get("block_id") == "reason"
    )
    assert [o["value"] for o in reasons["options"]] == ["budget", "other"]
    reception.press(
        CHIKA, "snooze", next(e for e in pressable(chikas.blocks) if "snooze" in offered(e))
    )
    until = next(b for b in reception.slack.modals[-1]["blocks"] if b.get("block_id") == "until")
    assert until["element"]["initial_date"] == "2027-01-08"
    assert "2/26(金)" in until["hint"]["text"]


def test_an_unusual_notice_is_shown_again_with_the_question_and_taken_when_it_is_meant(
    reception: Reception,
) -> None:
    reception.press(ANN, "notice")
    payload = reception.send_form(ANN, "", None, reason="budget", on="2027-02-02").payload
    assert payload is not None
    assert payload["response_action"] == "update"
    blocks = {b["block_id"]: b for b in payload["view"]["blocks"] if b["type"] == "input"}
    assert "dated in the future (Tue 2 Feb 2027)" in blocks["confirm"]["hint"]["text"]
    assert blocks["on"]["element"]["initial_date"] == "2027-02-02"
    assert reception.answers() == []
    shown_again = payload["view"] | {"id": reception.slack.modals[-1]["id"]}
    assert reception.send_form(ANN, "", shown_again, confirm="yes").payload is None
    assert [a[0] for a in reception.answers()] == ["notice"]
    assert "The contract ends on Wed 31 Mar 2027." in reception.whisper()


def test_a_renewed_end_with_a_mistyped_year_is_asked_about_and_taken_when_it_is_meant(
    reception: Reception,
) -> None:
    reception.press(ANN, "won")
    payload = reception.send_form(ANN, "", None, ends_on="2082-03-31").payload
    assert payload is not None
    assert payload["response_action"] == "update"
    blocks = {b["block_id"]: b for b in payload["view"]["blocks"] if b["type"] == "input"}
    assert "is the year right?" in blocks["confirm"]["hint"]["text"]
    assert reception.answers() == []
    shown_again = payload["view"] | {"id": reception.slack.modals[-1]["id"]}
    assert reception.send_form(ANN, "", shown_again, confirm="yes").payload is None
    assert [a[0] for a in reception.answers()] == ["won"]


WRONG: list[tuple[str, dict[str, str], str, str]] = [
    ("lost", {"reason": ""}, "reason", "required"),
    ("notice", {"reason": ""}, "reason", "required"),
    ("snooze", {"until": ""}, "until", "required"),
    ("snooze", {"until": "2027-01-05"}, "until", "after today"),
    ("snooze", {"until": "2026-12-01"}, "until", "after today"),
    ("snooze", {"until": "2027-03-01"}, "until", "until Thu 25 Feb 2027 at the latest"),
    ("renew", {"expected_on": "2027-01-04"}, "expected_on", "after today"),
    (
        "paperwork",
        {"paperwork": "quoted", "expected_on": "2020-01-01"},
        "expected_on",
        "after today",
    ),
    ("won", {"amount": "a lot"}, "amount", "is not an amount"),
    ("won", {"amount": "-5"}, "amount", "cannot be negative"),
    ("won", {"amount": "NaN"}, "amount", "is not an amount"),
    ("won", {"amount": ""}, "amount", "required"),
    ("won", {"ends_on": "2027-03-31"}, "ends_on", "after the present end"),
    ("won", {"ends_on": "2026-01-01"}, "ends_on", "after the present end"),
    ("won", {"term": "soon"}, "term", "is not a length of time"),
]


@pytest.mark.parametrize(
    ("offer", "typed", "field", "said"), WRONG, ids=[f"{w[0]} {w[1]}" for w in WRONG]
)
def test_what_is_wrong_with_a_form_is_shown_beside_its_field_and_can_be_mended(
    reception: Reception, offer: str, typed: dict[str, str], field: str, said: str
) -> None:
    reception.press(ANN, offer)
    payload = reception.send_form(ANN, "", None, **typed).payload
    assert payload is not None
    assert payload["response_action"] == "errors"
    assert list(payload["errors"]) == [field]
    assert said in payload["errors"][field]
    assert reception.answers() == []
    good = {
        "lost": {"reason": "other"},
        "notice": {"reason": "other"},
        "snooze": {"until": "2027-01-07"},
        "paperwork": {"paperwork": "ordered"},
    }
    assert reception.send_form(ANN, "", None, **good.get(offer, {})).payload is None
    assert len(reception.answers()) == 1


@pytest.mark.parametrize(
    "written", ["¥1,200,000", "1,200,000円", "１２０００００", "￥１，２００，０００", "1200000"]
)
def test_an_amount_is_read_as_people_write_it(reception: Reception, written: str) -> None:
    reception.press(ANN, "won")
    assert reception.send_form(ANN, amount=written).payload is None
    ((details,),) = reception.rows("answers", "details")
    assert details["amount"] == "1200000"


def test_a_term_that_was_changed_moves_the_end_that_was_only_prefilled(
    reception: Reception,
) -> None:
    reception.press(ANN, "won")
    reception.send_form(ANN, term="24 months")
    assert reception.rows("contracts", "ends_on")[-1] == (date(2029, 3, 31),)


def test_unsure_close_to_the_end_needs_a_reason_and_a_day(reception: Reception) -> None:
    with reception.engine.begin() as connection:
        connection.execute(update(T["deals"]).values(stage="renewal_1m"))
    reception.press(ANN, "unsure")
    payload = reception.send_form(ANN).payload
    assert payload is not None
    assert sorted(payload["errors"]) == ["expected_on", "note"]


def test_undo_takes_back_exactly_that_answer_and_pressing_it_again_is_explained(
    reception: Reception,
) -> None:
    reception.press(ANN, "lost")
    reception.send_form(ANN, reason="budget")
    undo = next(iter(pressable(reception.slack.whispers[-1].blocks)))
    reception.press(ANN, "undo", undo)
    assert reception.answers() == [("lost", "Ann Ito", "slack", True)]
    assert "Taken back" in reception.whisper()
    reception.press(ANN, "undo", undo)
    assert "undone already" in reception.whisper()


def test_an_answer_for_all_of_a_customers_contracts(reception: Reception) -> None:
    for_all = next(e for e in reception.elements() if e["action_id"].startswith("all:"))
    reception.press(ANN, "snooze", for_all)
    assert "all 2 contracts" in shown(reception.slack.modals[-1]["blocks"])
    payload = reception.send_form(ANN, until="2027-03-01").payload
    assert payload is not None
    assert "at the latest" in payload["errors"]["until"]
    reception.send_form(ANN, until="2027-01-12")
    assert [a[0] for a in reception.answers()] == ["snooze", "snooze"]
    assert "2 of 2" in reception.whisper()
    assert [e["action_id"] for e in pressable(reception.slack.whispers[-1].blocks)] == [
        "undo:1",
        "undo:2",
    ]


def test_one_click_for_all_says_what_was_refused(reception: Reception) -> None:
    for_all = next(e for e in reception.elements() if e["action_id"].startswith("all:"))
    bob_answers(reception, "C-2")
    reception.press(ANN, "seen", for_all)
    assert [a[:2] for a in reception.answers()] == [("call", "Bob Hill"), ("seen", "Ann Ito")]
    assert "1 of 2" in reception.whisper()
    assert "Bob Hill: will renew" in reception.whisper()


def test_what_a_colleague_answered_meanwhile_is_not_replaced_but_explained(
    reception: Reception,
) -> None:
    late = next(e for e in reception.elements() if "renew" in offered(e))
    contract = first_asked(reception)
    bob_answers(reception, contract)
    reception.press(ANN, "at_risk", late)
    assert reception.slack.modals == []
    assert "answered already: Bob Hill: will renew (Tue 5 Jan)" in reception.whisper()
    assert f"/renewals {contract}" in reception.whisper()
    assert len(reception.answers()) == 1


def first_asked(reception: Reception) -> str:
    """The contract that the first menu of Ann's message is about."""
    key = next(e for e in reception.elements() if "renew" in offered(e))["action_id"].partition(
        ":"
    )[2]
    numbers = dict(reception.rows("nudges", "key", "deal_id"))
    return str(reception.rows("contracts", "number")[numbers[key] - 1][0])


@pytest.mark.parametrize("from_command", [False, True], ids=["message", "command"])
def test_what_a_colleague_answered_while_the_form_was_open_is_explained(
    reception: Reception, from_command: bool
) -> None:
    element = None
    if from_command:
        shown_there = reception.command(ANN, first_asked(reception))
        element = next(e for e in pressable(shown_there.blocks) if "at_risk" in offered(e))
    reception.press(ANN, "at_risk", element)
    reception.later(minutes=5)
    bob_answers(reception, first_asked(reception))
    reception.send_form(ANN)
    assert "answered already: Bob Hill" in reception.whisper()
    assert len(reception.answers()) == 1


@pytest.mark.parametrize("open_before", [True, False], ids=["form open", "late button"])
def test_after_the_deal_closed_nothing_is_recorded_and_the_way_back_is_named(
    reception: Reception, open_before: bool
) -> None:
    button = next(e for e in reception.elements() if "renew" in offered(e))
    contract = first_asked(reception)
    if open_before:
        reception.press(ANN, "renew", button)
    reception.later(minutes=5)
    bob_answers(reception, contract, Verb.WON, None)
    if open_before:
        assert reception.send_form(ANN).payload is None
    else:
        reception.press(ANN, "renew", button)
    assert "is closed (Won)" in reception.whisper()
    assert [a[0] for a in reception.answers()] == ["won"]


def test_two_presses_of_the_same_button_count_once(reception: Reception) -> None:
    button = next(e for e in reception.elements() if "seen" in offered(e))
    reception.press(ANN, "seen", button)
    reception.press(ANN, "seen", button)
    assert len(reception.answers()) == 1
    assert "Ann Ito has seen it" in reception.whisper()


@pytest.mark.parametrize("offer", ["renew", "health", "snooze"])
def test_a_form_sent_twice_counts_once(reception: Reception, offer: str) -> None:
    reception.press(ANN, offer)
    form = reception.slack.modals[-1]
    reception.send_form(ANN, view=form)
    assert reception.send_form(ANN, view=form).payload is None
    assert len(reception.answers()) == 1


def test_a_manager_answers_for_his_people(reception: Reception) -> None:
    reception.press(BOB, "seen")
    assert reception.answers() == [("seen", "Bob Hill", "slack", False)]


def test_a_form_that_could_not_be_opened_in_time_says_so(reception: Reception) -> None:
    reception.press(ANN, "renew", trigger_id="expired")
    assert "Please press again" in reception.whisper()


def test_the_record_is_only_a_link(reception: Reception) -> None:
    reception.press(ANN, "link", {"type": "button", "action_id": "link", "value": "", "text": {}})
    assert reception.slack.whispers == []


def test_an_automatic_renewal_can_be_taken_back_from_its_message(reception: Reception) -> None:
    with reception.engine.begin() as connection:
        columns = {"auto_renew": True, "notice": "2 months", "decide_by": date(2027, 1, 31)}
        connection.execute(
            update(T["contracts"]).where(T["contracts"].c.number == "J-1").values(**columns)
        )
        connection.execute(
            update(T["deals"]).values(
                wake_at=reception.hands.now(), version=T["deals"].c.version + 1
            )
        )
    reception.later(days=30)
    reception.tell_everybody()
    undo = next(e for e in reception.elements() if offered(e) == ["undo"])
    reception.press(CHIKA, "undo", undo)
    assert "取り消しました：青葉商事 J-1" in reception.whisper()
    reception.press(CHIKA, "undo", undo)
    assert "すでに取り消されたか" in reception.whisper()


def test_a_health_has_a_reason_from_the_list(everywhere: Reception) -> None:
    everywhere.policy = replace(everywhere.policy, health=HealthPolicy())
    everywhere.press(ANN, "health")
    form = everywhere.slack.modals[-1]["blocks"]
    menu = next(b for b in form if b.get("block_id") == "reason")
    assert menu["optional"], "a health may be said without"
    assert offered(menu["element"])[:2] == ["low_usage", "champion_left"]
    names = {o["value"]: o["text"]["text"] for o in menu["element"]["options"]}
    assert names["doing_well"] == "Uses it well (Stable)", "the state is chosen beside it"
    assert names["other"] == "Other"
    refused = everywhere.send_form(ANN, "", None, health="at_risk", reason="doing_well").payload
    assert refused is not None
    said_so = refused["errors"]["reason"]
    assert said_so.startswith("“Uses it well” does not fit “At risk”; choose one of:")
    assert "Use is falling" in said_so
    assert "Uses it well," not in said_so
    everywhere.send_form(ANN, "", None, health="at_risk", reason="low_usage")
    assert "Health: At risk (Use is falling)." in everywhere.whisper()
    ((details,),) = everywhere.rows("answers", "details")
    assert (details["health"], details["health_reason"]) == ("at_risk", "low_usage")
    said = [said_health_from(kept) for (kept,) in everywhere.rows("deals", "health_said")]
    assert [word.reason for word in said if word is not None] == ["low_usage"]


def test_a_contract_that_changed_while_its_form_was_open_is_not_renewed_on_old_terms(
    reception: Reception,
) -> None:
    reception.press(ANN, "won")
    with reception.engine.begin() as connection:
        connection.execute(update(T["contracts"]).values(ends_on=date(2027, 4, 10)))
    payload = reception.send_form(ANN).payload
    assert payload is not None
    assert "has changed since this form was opened" in payload["errors"]["amount"]
    reception.press(ANN, "won")
    assert reception.send_form(ANN).payload is None
    assert reception.answers() == [("won", "Ann Ito", "slack", False)]
    assert reception.rows("contracts", "ends_on")[-1] == (date(2028, 4, 10),)


@pytest.mark.parametrize("offer", ["snooze", "seen"])
def test_an_answer_for_all_is_given_to_those_that_wait_for_one_still(
    reception: Reception, offer: str
) -> None:
    for_all = next(e for e in reception.elements() if e["action_id"].startswith("all:"))
    carrier = for_all["action_id"].removeprefix("all:")
    own = next(e for e in reception.elements() if e["action_id"] == f"more:{carrier}")
    reception.press(ANN, "at_risk", own)
    reception.send_form(ANN)
    reception.press(ANN, offer, for_all)
    if offer == "snooze":
        assert reception.send_form(ANN).payload is None
    assert "for 1 of 2." in reception.whisper()
    assert "This was answered already: Ann Ito: may leave" in reception.whisper()
    assert [verb for verb, *_ in reception.answers()] == ["call", offer]
    if offer == "seen":
        reception.press(ANN, offer, for_all)
        assert "This was answered already" in reception.whisper()
        assert len(reception.answers()) == 2


def test_a_former_owner_is_told_whose_deal_it_is_that_they_answer(reception: Reception) -> None:
    post = next(p for p in reception.slack.posts if p.channel == "D0CHIKA")
    with reception.engine.begin() as connection:
        connection.execute(update(T["contracts"]).values(owner_id=2))
    buttons = list(pressable(post.blocks))
    reception.press(CHIKA, "lost", next(e for e in buttons if "lost" in offered(e)))
    assert "この取引のいまの担当はAnn Itoさんです" in shown(reception.slack.modals[-1]["blocks"])
    reception.press(CHIKA, "seen", next(e for e in buttons if "seen" in offered(e)))
    assert "この取引のいまの担当はAnn Itoさんです" in reception.whisper()
    reception.press(BOB, "seen", next(e for e in buttons if "seen" in offered(e)))
    assert "担当" not in reception.whisper()

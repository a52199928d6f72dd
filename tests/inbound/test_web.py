"""The pages behind links, over real HTTP and both databases: what opens, what acts, what is refused
and how that is explained."""

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine, update

from scheduler.app.shipped import shipped_templates
from scheduler.channels.email import EmailChannel, Sender
from scheduler.channels.smtp_url import Server
from scheduler.core.answers.answer import Answer
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.lexicon import ChannelName, ForecastCall, Health, Verb
from scheduler.inbound.links import LESS, UNDO, Link
from scheduler.inbound.web import idle_timeout
from scheduler.inbound.web.app import MOST_BYTES
from scheduler.inbound.web.listener import Listener
from scheduler.render.renderer import TemplateRenderer
from scheduler.services.answers.answering import answer
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.delivery.deliver import deliver_batch
from scheduler.services.delivery.delivery import Delivery
from scheduler.services.delivery.form import form_messages
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.delivery.delivering import DeliveryQueries
from scheduler.storage.delivery.forming import FormingQueries
from tests.cast import ANN, BOB, at
from tests.inbound.office import ANN_ID, BOB_ID, CHIKA_ID, DAN_ID, POLICY, SECONDS, Site, Visited
from tests.servers.smtp import SmtpServer
from tests.storage.builders import T

OFFERS = (
    "renew",
    "at_risk",
    "unsure",
    "notice",
    "snooze",
    "seen",
    "paperwork",
    "won",
    "lost",
    "health",
)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

ANSWERS = [
    (
        "renew",
        {"expected_on": "2027-01-20", "note": "he said yes"},
        {"verb": "call"},
        "Wed 20 Jan 2027",
    ),
    ("at_risk", {}, {"verb": "call"}, "May leave"),
    ("unsure", {}, {"verb": "call"}, "Unsure"),
    ("notice", {"reason": "budget"}, {"verb": "notice"}, "Budget"),
    ("snooze", {"until": "2027-01-12"}, {"verb": "snooze"}, "Tue 12 Jan 2027"),
    ("seen", {}, {"verb": "seen"}, "Seen"),
    ("paperwork", {"paperwork": "quoted"}, {"verb": "paperwork"}, "Quoted"),
    ("won", {"amount": "¥4,000,000"}, {"verb": "won"}, "Thu 1 Apr 2027 – Fri 31 Mar 2028"),
    (
        "lost",
        {"reason": "other", "second": "budget", "avoidable": "no", "note": "closing down"},
        {"verb": "lost"},
        "closing down",
    ),
    ("health", {"health": "critical"}, {"verb": "health"}, "Critical"),
]


@pytest.mark.parametrize("offer", OFFERS)
def test_opening_a_link_shows_the_form_and_changes_nothing(site: Site, offer: str) -> None:
    before = site.everything()
    page = site.get(site.link(offer, ANN_ID))
    assert page.status == 200
    assert "Aoba Trading" in page.says
    assert "Notice deadline Sun 31 Jan: in practice Fri 29 Jan" in page.says
    assert page.parsed.actions == [""]
    assert site.request("HEAD", page.path).body == b""
    assert site.everything() == before


@pytest.mark.parametrize(("offer", "typed", "recorded", "said"), ANSWERS)
def test_pressing_the_button_records_the_answer_and_undo_takes_it_back(
    site: Site, offer: str, typed: dict[str, str], recorded: dict[str, object], said: str
) -> None:
    deal = site.the_deal()
    page = site.answer(offer, ANN_ID, **typed)
    assert (page.status, said in page.says) == (200, True), page.says
    (kept,) = site.rows("answers")
    assert {**kept, **recorded, "person_id": ANN_ID, "via": "mail", "actor": ANN.name} == kept
    undone = site.undo(page)
    assert (undone.status, "everything is as it was before" in undone.says) == (200, True)
    assert site.rows("answers")[0]["undone_at"] is not None
    changing = ("version", "wake_at", "policy_version", "stage_entered_at")
    assert {k: v for k, v in site.the_deal().items() if k not in changing} == {
        k: v for k, v in deal.items() if k not in changing
    }


def test_the_same_form_posted_twice_counts_once_and_says_so(any_site: Site) -> None:
    page = any_site.get(any_site.link("renew", ANN_ID))
    assert any_site.post(page.path, page.fields).status == 200
    again = any_site.post(page.path, page.fields | {"note": "more"})
    assert (again.status, "This answer was already recorded; it counts once." in again.says) == (
        200,
        True,
    )
    assert "Last recorded: “Will renew” (Ann Ito, Tue 5 Jan)" in again.says
    assert len(any_site.rows("answers")) == 1
    assert any_site.undo(again).status == 200


def test_a_form_that_closed_the_deal_and_comes_again_is_known(any_site: Site) -> None:
    page = any_site.get(any_site.link("won", ANN_ID))
    assert "Recorded" in any_site.post(page.path, page.fields).says
    assert "it counts once" in any_site.post(page.path, page.fields).says
    assert len(any_site.rows("deals")) == 3


def test_the_same_form_posted_eight_times_at_once_counts_once(any_site: Site) -> None:
    page = any_site.get(any_site.link("renew", ANN_ID))
    with ThreadPoolExecutor(8) as crowd:
        pages = list(crowd.map(lambda _: any_site.post(page.path, page.fields), range(8)))
    assert [p.status for p in pages] == [200] * 8
    assert len(any_site.rows("answers")) == 1


def test_a_second_answer_may_replace_the_own_first_one(site: Site) -> None:
    site.answer("renew", ANN_ID)
    site.later(hours=1)
    page = site.get(site.link("at_risk", ANN_ID))
    assert "Answered already: Ann Ito: will renew" in page.says
    assert site.post(page.path, page.fields).status == 200
    assert site.the_deal()["call"] == "at_risk"


MISTAKES = [
    ("lost", {"reason": ""}, "This field is required.", "reason"),
    ("lost", {"reason": "weather", "note": "rain"}, "Choose one from the list.", "reason"),
    ("snooze", {"until": ""}, "This field is required.", "until"),
    ("snooze", {"until": "next week"}, "“next week” is not a day; write e.g. 2027-03-31.", "until"),
    ("snooze", {"until": "2027-01-05"}, "Give a day after today", "until"),
    (
        "snooze",
        {"until": "2027-01-31"},
        "The notice deadline is on Sun 31 Jan 2027, so it can be snoozed until Fri 29 Jan 2027",
        "until",
    ),
    (
        "snooze",
        {"until": "2027-01-30"},
        "The notice deadline is on Sun 31 Jan 2027, so it can be snoozed until Fri 29 Jan 2027",
        "until",
    ),
    (
        "renew",
        {"expected_on": "2027-07-02"},
        "Fri 2 Jul 2027 is 178 days away, 93 days after the end on Wed 31 Mar 2027; is the year right?",
        "confirm",
    ),
    ("renew", {"expected_on": "2028-04-01"}, "give a day until Fri 31 Mar 2028.", "expected_on"),
    (
        "renew",
        {"expected_on": "2027-02-30", "note": "mid-year"},
        "“2027-02-30” is not a date that exists",
        "expected_on",
    ),
    ("renew", {"expected_on": "2026-12-01"}, "must come after today", "expected_on"),
    ("won", {"amount": "a lot"}, "“a lot” is not an amount; write e.g. 3,600,000.", "amount"),
    ("won", {"amount": "-1"}, "An amount cannot be negative", "amount"),
    ("won", {"amount": "12.500"}, "can mean 12500 or 12.500", "amount"),
    ("won", {"amount": "NaN"}, "is not an amount", "amount"),
    ("won", {"amount": ""}, "This field is required.", "amount"),
    ("won", {"amount": "100.5"}, "JPY has no decimal places", "amount"),
    ("won", {"term": "some time"}, "is not a length of time", "term"),
    ("won", {"term": "999999 months"}, "is not a length of time", "term"),
    (
        "won",
        {"ends_on": "2027-01-01"},
        "must come after the present end, Wed 31 Mar 2027",
        "ends_on",
    ),
    ("won", {"ends_on": "9999-12-31"}, "too far in the future", "ends_on"),
    ("paperwork", {"paperwork": ""}, "This field is required.", "paperwork"),
    ("health", {"health": "splendid"}, "“splendid” is not known; write one of: stable", "health"),
]


@pytest.mark.parametrize(("offer", "typed", "said", "field"), MISTAKES)
def test_a_mistake_is_shown_beside_its_field_and_nothing_typed_is_lost(
    site: Site, offer: str, typed: dict[str, str], said: str, field: str
) -> None:
    before = site.everything()
    page = site.answer(offer, ANN_ID, **typed)
    assert (page.status, said in page.says) == (422, True), page.says
    assert f'aria-describedby="{field}-error"' in page.text
    listed = {name for name in typed if name in ("reason", "health", "paperwork")}
    assert {name: page.fields[name] for name in typed if name not in listed} == {
        n: v for n, v in typed.items() if n not in listed
    }
    assert site.everything() == before
    mended = site.post(page.path, page.fields | {"until": "2027-01-12", "expected_on": "", "amount": "3600000", "term": "12 months", "ends_on": "",
        "reason": "budget", "paperwork": "none", "health": "stable"})  # fmt: skip
    assert mended.status == 200


def test_a_notice_with_an_unusual_day_is_asked_about_and_taken_when_it_is_meant(site: Site) -> None:
    page = site.answer("notice", ANN_ID, reason="budget", on="2027-02-02")
    assert (page.status, "dated in the future (Tue 2 Feb 2027)" in page.says) == (422, True), (
        page.says
    )
    assert site.rows("answers") == []
    done = site.post(page.path, page.fields | {"reason": "budget", "confirm": "yes"})
    assert (done.status, "The contract ends on Wed 31 Mar 2027." in done.says) == (200, True), (
        done.says
    )
    assert site.the_deal()["notice_on"] == date(2027, 2, 2)


def test_a_renewal_that_replaces_the_running_term_is_recorded_on_the_page(site: Site) -> None:
    assert site.answer("won", ANN_ID, starts_on="2027-02-01").status == 200
    following = site.rows("contracts")[-1]
    assert (following["starts_on"], following["ends_on"]) == (date(2027, 2, 1), date(2028, 1, 31))


WAYS_TO_WRITE = [
    ({"amount": "４，０００，０００円"}, 4_000_000, date(2028, 3, 31)),
    ({"amount": "¥3,600,000", "term": "2 years"}, 3_600_000, date(2029, 3, 31)),
    ({"ends_on": "2027年9月30日"}, 3_600_000, date(2027, 9, 30)),
    ({"term": "6か月", "ends_on": "2027/10/15"}, 3_600_000, date(2027, 10, 15)),
]


@pytest.mark.parametrize(("typed", "amount", "ends_on"), WAYS_TO_WRITE)
def test_amounts_terms_and_days_are_read_as_people_write_them(
    site: Site, typed: dict[str, str], amount: int, ends_on: date
) -> None:
    assert site.answer("won", ANN_ID, **typed).status == 200
    following = site.rows("contracts")[-1]
    assert (following["amount"], following["ends_on"]) == (amount, ends_on)


@pytest.mark.parametrize(
    ("typed", "term"),
    [
        ({"ends_on": "2028-09-30"}, "18 months"),
        ({"starts_on": "2027-02-01", "ends_on": "2027-07-31"}, "6 months"),
        ({"term": "24 months", "ends_on": "2029-04-15"}, "24 months"),
        ({}, "12 months"),
    ],
)
def test_a_renewed_end_that_was_changed_alone_says_how_long_the_term_is(
    site: Site, typed: dict[str, str], term: str
) -> None:
    assert site.answer("won", ANN_ID, **typed).status == 200
    assert site.rows("contracts")[-1]["term"] == term


def test_unsure_close_to_the_end_needs_a_reason_and_a_day(site: Site, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(T["deals"]).values(stage="renewal_1m"))
    page = site.answer("unsure", ANN_ID)
    assert (page.status, page.says.count("This field is required.")) == (422, 2)
    assert (
        site.post(page.path, page.fields | {"note": "new CFO", "expected_on": "2027-01-20"}).status
        == 200
    )


def test_forged_links_learn_nothing(site: Site) -> None:
    genuine = site.link("renew", ANN_ID)
    for path in (
        f"{genuine}x",
        genuine.replace("/a/", "/u/"),
        "/a/" + "x" * 200,
        "/less/renew",
        f"/u/{genuine[3:]}",
    ):
        for page in (site.get(path), site.post(path, {"do": "fresh"})):
            assert page.status == 400
            assert "It is incomplete or not one of ours." in page.says
            assert "Aoba" not in page.text
            assert "Ann" not in page.text
    assert site.rows("answers") == site.rows("messages") == []


def test_an_expired_link_says_so_and_sends_a_fresh_one_at_most_once_an_hour(any_site: Site) -> None:
    path = any_site.link("renew", ANN_ID)
    any_site.later(days=31)
    page = any_site.get(path)
    assert (page.status, "This link has expired" in page.says) == (410, True)
    assert "Aoba" not in page.text
    assert page.fields == {"do": "fresh"}
    assert any_site.rows("messages") == []
    assert "on its way" in any_site.post(path, page.fields).says
    assert any_site.post(path, page.fields).status == 429
    (message,) = any_site.rows("messages")
    assert (message["kind"], message["address"], message["person_id"]) == (
        "fresh_link",
        ANN.email,
        ANN_ID,
    )
    any_site.later(minutes=61)
    assert any_site.post(path, page.fields).status == 200


def test_asking_for_a_fresh_link_many_times_at_once_sends_one(any_site: Site) -> None:
    path = any_site.link("renew", ANN_ID)
    any_site.later(days=31)
    with ThreadPoolExecutor(6) as crowd:
        pages = list(crowd.map(lambda _: any_site.post(path, {"do": "fresh"}), range(6)))
    assert sorted(p.status for p in pages) == [200, *[429] * 5]
    assert len(any_site.rows("messages")) == 1


def test_an_expired_link_cannot_answer(site: Site) -> None:
    page = site.get(site.link("renew", ANN_ID))
    site.later(days=31)
    assert site.post(page.path, page.fields).status == 410
    assert site.rows("answers") == []


def leave(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            update(T["people"]).where(T["people"].c.id == ANN_ID).values(active=False)
        )


def void(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(T["deals"]).values(voided_at=at("2027-01-05")))


def move_date(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(T["contracts"]).values(ends_on=date(2028, 3, 31), decide_by=None))
        connection.execute(
            update(T["deals"]).values(wake_at=at("2027-01-05"), version=T["deals"].c.version + 1)
        )
    sweep_all(transactions(engine, SweepQueries), POLICY, at("2027-01-05"))


CHANGED = [
    (leave, 403, "This link can no longer be used"),
    (void, 410, "This deal no longer exists"),
    (move_date, 410, "A date of the contract has changed."),
]


@pytest.mark.parametrize(("change", "status", "said"), CHANGED)
def test_what_changed_since_the_mail_is_explained(
    site: Site, engine: Engine, change: Callable[[Engine], None], status: int, said: str
) -> None:
    path = site.link("renew", ANN_ID)
    change(engine)
    page = site.get(path)
    assert (page.status, said in page.says) == (status, True), page.says


def test_dan_must_see_nothing_even_with_a_link_of_his_own(site: Site) -> None:
    path = site.link("renew", DAN_ID)
    for page in (site.get(path), site.post(path, {"request": "x" * 20})):
        assert (page.status, "You cannot answer for this deal" in page.says) == (403, True)
        assert "Aoba" not in page.text
    assert site.rows("answers") == []


def test_a_former_owner_learns_whose_deal_it_is_and_answers_what_she_was_asked_only(
    site: Site, engine: Engine
) -> None:
    path = site.link("renew", ANN_ID)
    with engine.begin() as connection:
        connection.execute(update(T["nudges"]).values(state="sent"))
        connection.execute(update(T["contracts"]).values(owner_id=CHIKA_ID))
    page = site.get(path)
    assert (
        page.status,
        "This deal is 千佳 田中's now. You can still answer what you were asked." in page.says,
    ) == (200, True), page.says
    with engine.begin() as connection:
        connection.execute(
            update(T["deals"]).values(wake_at=at("2027-02-26"), version=T["deals"].c.version + 1)
        )
    sweep_all(transactions(engine, SweepQueries), POLICY, at("2027-02-26"))
    for later in (site.get(path), site.post(path, {"request": "x" * 20})):
        assert (later.status, "You cannot answer for this deal" in later.says) == (
            403,
            True,
        ), later.says


ODD = [
    [10**30, "n", "renew"],
    ["x", "n", "renew"],
    [1, "n"],
    None,
    {"a": 1},
    [1, {"a": 1}, "renew"],
    [1, "n", ["seen"]],
    [-1, "n", "renew"],
    [],
]
ODD += [
    [True, "n", "renew"],
    [1.5, "n", "renew"],
    [1, "n" * 4000, "renew"],
    [1, "n\0", "renew"],
    [1, "名", "renew"],
    [1, "n", "9" * 400],
]


@pytest.mark.parametrize("use", ["answer", "undo", "less"])
def test_what_is_signed_but_nothing_this_program_signs_is_a_forged_link(
    site: Site, use: str
) -> None:
    serializer = site.links._signers[use]
    for payload in ODD:
        path = f"/{ {'answer': 'a', 'undo': 'u', 'less': 'less'}[use] }/{serializer.dumps(payload)}"
        for page in (site.get(path), site.post(path, {"request": "x" * 20})):
            assert (page.status, "This link cannot be used" in page.says) == (400, True), (
                payload,
                page.says,
            )


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
@pytest.mark.parametrize(
    "path", ["/", "/a/x", "/u/x", "/less/x", "/calendar/x.ics", "/healthz", "/none"]
)
def test_odd_methods_and_paths_get_the_same_headers_and_a_4xx(
    site: Site, method: str, path: str
) -> None:
    page = site.request(method, path)
    assert 400 <= page.status < 500
    assert (page.headers["X-Frame-Options"], page.headers["Cache-Control"]) == ("DENY", "no-store")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("field", ["note", "expected_on"])
def test_a_text_without_end_is_cut_before_anything_reads_it(site: Site, field: str) -> None:
    page = site.get(site.link("renew", ANN_ID))
    said = site.post(page.path, page.fields | {field: "12" + " " * 15000 + "\0x"})
    assert said.status == (200 if field == "note" else 422)


def test_her_manager_may_answer_and_undo_in_her_place(any_site: Site) -> None:
    page = any_site.answer("renew", BOB_ID)
    assert page.status == 200
    assert any_site.rows("answers")[0]["actor"] == BOB.name
    assert any_site.undo(page).status == 200


def colleague_says(engine: Engine, verb: Verb, **more: ForecastCall | Health) -> None:
    answer(
        transactions(engine, AnswerQueries),
        "C-1",
        Answer(verb, BOB.name, **more),  # type: ignore[arg-type]
        POLICY,
        at("2027-01-05 11:00"),
    )


def test_an_answer_that_came_while_one_was_typing_is_not_silently_replaced(
    site: Site, engine: Engine
) -> None:
    page = site.get(site.link("at_risk", ANN_ID))
    colleague_says(engine, Verb.FORECAST, call=ForecastCall.RENEW)
    site.later(hours=2)
    shown = site.post(page.path, page.fields | {"note": "they hesitate"})
    assert (
        shown.status,
        "This was answered already: Bob Hill: will renew (Tue 5 Jan). Press the button again"
        in shown.says,
    ) == (409, True), shown.says
    assert (site.the_deal()["call"], shown.fields["note"]) == ("renew", "they hesitate")
    assert site.post(shown.path, shown.fields).status == 200
    assert site.the_deal()["call"] == "at_risk"


def change(site: Site, **values: object) -> None:
    """The contract C-1 changes."""
    with site.engine.begin() as connection:
        connection.execute(
            update(T["contracts"]).where(T["contracts"].c.number == "C-1").values(**values)
        )


@pytest.mark.parametrize(
    ("changed", "amount", "ends_on"),
    [
        ({"ends_on": date(2027, 4, 10)}, 3_600_000, date(2028, 4, 10)),
        ({"amount": 4_000_000}, 4_000_000, date(2028, 3, 31)),
        ({"amount": 25_000_00, "currency": "EUR"}, 25_000_00, date(2028, 3, 31)),
    ],
    ids=["end", "amount", "currency"],
)
def test_a_contract_that_changed_while_its_renewal_was_typed_is_looked_at_again(
    any_site: Site, changed: dict[str, object], amount: int, ends_on: date
) -> None:
    page = any_site.get(any_site.link("won", ANN_ID))
    change(any_site, **changed)
    told = any_site.post(page.path, page.fields | {"note": "as agreed"})
    assert (told.status, "has changed since this page was opened" in told.says) == (409, True)
    assert (told.fields["note"], any_site.rows("answers")) == ("as agreed", [])
    assert any_site.post(told.path, told.fields).status == 200
    following = any_site.rows("contracts")[-1]
    assert (following["amount"], following["ends_on"]) == (amount, ends_on)


def test_what_somebody_typed_themselves_stays_when_the_contract_changes(site: Site) -> None:
    page = site.get(site.link("won", ANN_ID))
    change(site, ends_on=date(2027, 4, 10))
    told = site.post(page.path, page.fields | {"amount": "5000000", "basis": page.fields["basis"]})
    assert (told.fields["amount"], told.fields["starts_on"]) == ("5000000", "2027-04-11")
    for odd in ("[]", "{", "x" * 5000, '{"amount": 1}'):
        assert site.post(page.path, page.fields | {"basis": odd}).status == 409


def test_nor_is_one_to_a_question_that_was_answered_before_it_was_opened(
    any_site: Site,
) -> None:
    any_site.answer("renew", ANN_ID)
    any_site.later(minutes=10)
    page = any_site.get(any_site.link("renew", ANN_ID))
    colleague_says(any_site.engine, Verb.FORECAST, call=ForecastCall.AT_RISK)
    any_site.later(hours=2)
    told = any_site.post(page.path, page.fields)
    assert (told.status, "Bob Hill: may leave (Tue 5 Jan)" in told.says) == (409, True), told.says
    assert any_site.the_deal()["call"] == "at_risk"
    assert any_site.post(told.path, told.fields).status == 200
    assert any_site.the_deal()["call"] == "renew"


@pytest.mark.parametrize(
    ("offer", "status"), [("health", 409), ("renew", 200)], ids=["health", "forecast"]
)
def test_a_health_that_was_said_meanwhile_is_not_silently_replaced_by_another(
    site: Site, engine: Engine, offer: str, status: int
) -> None:
    page = site.get(site.link(offer, ANN_ID))
    colleague_says(engine, Verb.HEALTH, health=Health.CRITICAL)
    site.later(hours=2)
    told = site.post(page.path, page.fields | {"health": "stable"})
    assert (told.status, site.the_deal()["health"]) == (status, "critical"), told.says


def test_a_deal_that_a_colleague_closed_is_explained_and_can_be_opened_again(
    site: Site, engine: Engine
) -> None:
    page = site.get(site.link("at_risk", ANN_ID))
    colleague_says(engine, Verb.WON)
    site.later(hours=2)
    for closed in (
        site.get(page.path),
        site.post(page.path, page.fields | {"request": "another-request-1"}),
    ):
        assert "This deal is closed (Won); to change that, undo first" in closed.says
        assert "Last recorded: “Renewed” (Bob Hill, Tue 5 Jan)" in closed.says
    assert site.undo(closed).status == 200
    assert site.the_deal()["stage"] == "renewal_3m"


def test_an_answer_that_fits_no_more_offers_the_others(site: Site) -> None:
    site.answer("notice", ANN_ID, reason="budget")
    page = site.get(site.link("renew", ANN_ID))
    assert (page.status, "“Will renew” is no longer possible for this deal." in page.says) == (
        409,
        True,
    )
    assert site.get(f"/a/{page.parsed.links['Notice withdrawn'].rpartition('/')[2]}").status == 200


def test_undo_asks_first_and_works_once(any_site: Site) -> None:
    done = any_site.answer("renew", ANN_ID)
    path = f"/u/{done.parsed.actions[-1].rpartition('/')[2]}"
    before = any_site.everything()
    asked = any_site.get(path)
    assert "This takes back “Will renew” (Ann Ito, Tue 5 Jan)" in asked.says
    assert any_site.everything() == before
    assert any_site.post(path, {}).status == 200
    again = any_site.post(path, {})
    assert (again.status, "This answer was undone already" in again.says) == (409, True)
    assert any_site.get(path).status == 409


def test_a_form_that_comes_again_after_its_answer_was_taken_back_says_so(any_site: Site) -> None:
    form = any_site.get(any_site.link("lost", ANN_ID))
    typed = form.fields | {"reason": "budget"}
    any_site.undo(any_site.post(form.path, typed))
    again = any_site.post(form.path, typed)
    assert (again.status, "has since been undone" in again.says) == (409, True), again.says
    assert any_site.the_deal()["lost"] is None
    done = any_site.post(again.path, again.fields | {"reason": "budget"})
    assert (done.status, any_site.the_deal()["stage"]) == (200, "lost"), done.says


def test_undo_is_not_offered_where_later_terms_stand_on_it(site: Site, engine: Engine) -> None:
    link = site.link("renew", ANN_ID)
    site.answer("won", ANN_ID)
    assert site.get(link).parsed.actions
    following = site.rows("deals")[-1]["id"]
    with engine.begin() as connection:
        connection.execute(
            update(T["deals"])
            .where(T["deals"].c.id == following)
            .values(stage="won", closed_at=at("2027-01-05 11:00"))
        )
    page = site.get(link)
    assert (page.status, page.parsed.actions) == (200, []), page.says


def test_undo_never_takes_back_what_came_later(site: Site) -> None:
    first = site.answer("renew", ANN_ID)
    site.later(hours=1)
    site.answer("at_risk", ANN_ID)
    assert site.undo(first).status == 409
    assert site.the_deal()["call"] == "at_risk"


@pytest.mark.parametrize("path", ["/a/x", "/", "/favicon.ico", "/calendar/x.ics", "/healthz"])
def test_every_answer_is_kept_from_caches_robots_frames_and_other_sites(
    site: Site, path: str
) -> None:
    headers = site.get(path).headers
    assert (headers["Cache-Control"] or "").startswith(("no-store", "private, no-cache"))
    assert (headers["Referrer-Policy"], headers["X-Robots-Tag"]) == (
        "no-referrer",
        "noindex, nofollow",
    )
    assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("DENY", "nosniff")


def test_pages_run_no_script_and_load_nothing(site: Site) -> None:
    page = site.get(site.link("lost", ANN_ID))
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert page.parsed.scripts == []
    assert "style=" not in page.text
    assert "http" not in page.text
    assert "@import" not in page.text
    assert "url(" not in page.text


def test_what_a_proxy_claims_is_not_believed(site: Site) -> None:
    page = site.get(
        site.link("renew", ANN_ID),
        X_Forwarded_Host="evil.example",
        X_Forwarded_Proto="gopher",
        Host="evil.example",
    )
    assert (page.status, "evil" in page.text) == (200, False)


def test_a_customers_name_is_text_and_nothing_else(site: Site, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(T["customers"]).values(name='<script>alert("x")</script>'))
    page = site.answer("renew", ANN_ID, note="<img src=x onerror=y>", expected_on="yesterday")
    assert (page.parsed.scripts, '<script>alert("x")</script>' in page.says) == ([], True)
    assert page.fields["note"] == "<img src=x onerror=y>"


def test_a_note_that_is_too_long_is_refused_beside_its_field_and_never_cut(site: Site) -> None:
    page = site.answer("renew", ANN_ID, note="長" * 2001)
    assert (page.status, page.fields["note"] == "長" * 2001) == (422, True)
    assert "A note has at most 2000 characters" in page.says
    site.answer("renew", ANN_ID, note="長" * 2000)
    assert site.rows("deals")[0]["call_note"] == "長" * 2000


REFUSED = [
    ("POST", b"note=" + b"x" * MOST_BYTES, FORM, 413),
    ("POST", b"note=x", {"Content-Type": "application/json"}, 415),
    ("POST", b"note=x", {}, 415),
    ("POST", b"note=\xff\xfe", FORM, 400),
    ("POST", b"note=x", FORM, 409),
    ("POST", b"&".join(b"f%d=x" % n for n in range(100)), FORM, 400),
    ("PUT", b"note=x", FORM, 405),
    ("DELETE", None, {}, 405),
]


@pytest.mark.parametrize(("method", "body", "headers", "status"), REFUSED)
def test_what_is_no_small_form_is_refused(
    site: Site, method: str, body: bytes | None, headers: dict[str, str], status: int
) -> None:
    before = site.everything()
    assert site.request(method, site.link("renew", ANN_ID), body, headers).status == status
    assert site.everything() == before


def test_a_body_that_is_longer_than_it_says_is_cut_off(site: Site) -> None:
    pieces = [b"x" * 1000] * (MOST_BYTES // 1000 + 1)
    page = site.request("POST", site.link("renew", ANN_ID), pieces, FORM)  # type: ignore[arg-type]
    assert page.status == 413


def test_the_listener_says_that_it_is_healthy(site: Site) -> None:
    assert (site.get("/healthz").status, site.get("/robots.txt").text) == (
        200,
        "User-agent: *\nDisallow: /\n",
    )
    assert site.get("/nothing/here").status == 404


def test_people_read_their_own_language_and_strangers_their_browsers(site: Site) -> None:
    assert "千佳 田中さんの回答：更新予定" in site.get(site.link("renew", CHIKA_ID, "C-2")).says
    assert "このリンクは使えません" in site.get("/a/x", Accept_Language="ja,en;q=0.8").says
    assert "This link cannot be used" in site.get("/a/x", Accept_Language="fr").says


def wish(site: Site, person: int = ANN_ID) -> str:
    return f"/less/{site.links.token(LESS, Link(person))}"


@pytest.mark.parametrize("pace", ["immediate", "daily", "weekly"])
def test_anybody_chooses_how_often_to_hear(site: Site, pace: str) -> None:
    page = site.get(wish(site))
    assert page.fields == {"pace": "daily"}
    assert (
        "or escalated to managers and admins because nobody answered, always comes at once"
        in page.says
    )
    assert site.post(page.path, {"pace": pace}).status == 200
    assert {p["id"]: p["pace"] for p in site.rows("people")} == {
        1: "daily",
        ANN_ID: pace,
        CHIKA_ID: "daily",
        DAN_ID: "daily",
    }
    assert site.get(page.path).fields == {"pace": pace}


@pytest.mark.parametrize("pace", ["", "never", "WEEKLY"])
def test_nobody_chooses_to_hear_nothing(site: Site, pace: str) -> None:
    assert site.post(wish(site), {"pace": pace}).status == 422
    assert site.rows("people")[1]["pace"] == "daily"


MULTIPART = (
    b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"List-Unsubscribe=One-Click", FORM["Content-Type"]),
        (MULTIPART, "multipart/form-data; boundary=b"),
    ],
)
def test_a_mail_programs_one_click_means_once_a_week(
    any_site: Site, body: bytes, kind: str
) -> None:
    assert any_site.request("POST", wish(any_site), body, {"Content-Type": kind}).status == 200
    assert any_site.rows("people")[1]["pace"] == "weekly"


def mails_of(any_site: Site, smtp: SmtpServer) -> EmailChannel:
    """Sends what waits, as the daemon would; the channel is to be closed."""
    mail = EmailChannel(Server.parse(smtp.url), Sender.parse("renewals@example.com"))
    ways = (ChannelName.EMAIL,)
    form_messages(transactions(any_site.engine, FormingQueries), POLICY, ways, any_site.hands.now())
    renderer = TemplateRenderer(shipped_templates())
    delivery = Delivery(
        transactions(any_site.engine, DeliveryQueries),
        {ChannelName.EMAIL: mail},
        renderer,
        any_site.hands,
        "worker",
        links=any_site.links,
    )
    deliver_batch(delivery, POLICY)
    return mail


def links_in(mail: str) -> dict[str, str]:
    """Where each button of a mail leads, as a path of the any_site."""
    parsed = Visited("", 200, None, mail.encode()).parsed  # type: ignore[arg-type]
    return {
        label: url.removeprefix("https://renewals.example.com")
        for label, url in parsed.links.items()
    }


def test_one_tap_from_the_mail(any_site: Site) -> None:
    with SmtpServer() as smtp:
        mails_of(any_site, smtp).close()
        (ann,) = smtp.mails
    html = ann.parsed.get_body(("html",))
    text = ann.parsed.get_body(("plain",))
    assert html is not None
    assert text is not None
    buttons = links_in(html.get_content())
    assert list(buttons)[:3] == ["Will renew", "May leave", "Unsure"]
    assert "Answer by command" not in html.get_content()
    page = any_site.get(buttons["Will renew"])
    assert any_site.post(page.path, page.fields).status == 200
    assert any_site.the_deal()["call"] == "renew"
    assert buttons["Will renew"] in text.get_content()
    less = str(ann.parsed["List-Unsubscribe"])
    assert less == f"<https://renewals.example.com{buttons['Send me less']}>"
    assert ann.parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert any_site.get(buttons["Send me less"]).status == 200


def test_the_fresh_link_arrives_by_mail_and_works(site: Site) -> None:
    path = site.link("renew", CHIKA_ID, "C-2")
    site.later(days=31)
    assert "新しいリンクをお送りします" in site.post(path, {"do": "fresh"}).says
    with SmtpServer() as smtp:
        mails_of(site, smtp).close()
        fresh = next(m for m in smtp.mails if m.subject.startswith("【新しいリンク】"))
    assert fresh.recipients == ("chika@example.jp",)
    html = fresh.parsed.get_body(("html",))
    assert html is not None
    buttons = links_in(html.get_content())
    assert site.get(buttons["更新予定"]).status == site.get(buttons["通知を減らす"]).status == 200


def test_a_message_to_an_address_has_no_links(site: Site, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            update(T["nudges"]).values(recipient="email:cs@example.com", person_id=None)
        )
    with SmtpServer() as smtp:
        mails_of(site, smtp).close()
        (mail,) = smtp.mails
    assert mail.recipients == ("cs@example.com",)
    assert b"renewals.example.com/" not in mail.content
    assert mail.parsed["List-Unsubscribe"] is None


def test_a_database_that_fails_is_no_page_with_secrets(site: Site, engine: Engine) -> None:
    path = site.link("renew", ANN_ID)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE people RENAME TO people_elsewhere")
    page, posted = site.get(path), site.post(path, {})
    assert (page.status, "Not available just now" in page.text, "people" in page.text) == (
        503,
        True,
        False,
    )
    assert posted.status == 503
    assert "see whether your answer was recorded" in posted.text
    assert "recorded" not in page.text
    assert [name for name, _ in site.failures] == ["answer", "answer"]
    site.failures.clear()


def test_a_port_that_is_taken_is_one_clear_message(site: Site) -> None:
    with pytest.raises(
        UserMustActError, match=rf"cannot listen on 127.0.0.1:{site.port}: Address already in use"
    ):
        Listener(lambda *_: None, f"127.0.0.1:{site.port}").__enter__()  # type: ignore[arg-type]


def test_dan_cannot_take_back_anything_either(site: Site) -> None:
    site.answer("renew", ANN_ID)
    assert (
        site.post(f"/u/{site.links.token(UNDO, Link(DAN_ID, site.nudge(), '1'))}", {}).status == 403
    )
    assert site.the_deal()["call"] == "renew"


def test_silent_connections_make_room_for_others(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle_timeout, "MOST_OPEN", 5)
    silent = [socket.create_connection(("127.0.0.1", site.port), 10) for _ in range(12)]
    for half in silent[6:]:
        half.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Half: ")
    assert site.get("/healthz").status == 200
    assert silent[0].recv(1) == b""
    for connection in silent:
        connection.close()


def test_a_connection_that_says_nothing_whole_is_closed_after_a_while(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle_timeout, "HEAD_SECONDS", 0.2)
    for said in (
        b"",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Half: ",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", site.port), SECONDS) as connection:
            connection.sendall(said)
            received = b"".join(iter(lambda: connection.recv(4096), b""))
        assert received.startswith(b"HTTP/1.1 200") is said.endswith(b"\r\n\r\n")


def test_the_link_of_a_deal_shows_it_to_whoever_has_it_and_changes_nothing(any_site: Site) -> None:
    site = any_site
    path = urlsplit(site.links.deal(str(site.the_deal()["key"]))).path
    before = site.everything()
    page = site.get(path)
    assert page.status == 200
    for part in ("C-1", "Ann", "31 Mar 2027", "31 Jan 2027"):
        assert part in page.says
    assert "満了日" in site.get(path, Accept_Language="ja").says
    assert page.parsed.actions == []
    assert site.post(path, {}).status == 405
    assert site.everything() == before


def test_a_link_of_a_deal_does_not_run_out_and_stands_for_nothing_else(site: Site) -> None:
    path = urlsplit(site.links.deal(str(site.the_deal()["key"]))).path
    site.later(days=4000)
    assert urlsplit(site.links.deal(str(site.the_deal()["key"]))).path == path
    assert site.get(path).status == 200
    assert site.get(path[:-1] + ("A" if path[-1] != "A" else "B")).status == 400
    assert site.get(path.replace("/d/", "/a/", 1)).status == 400
    assert site.get(site.link("seen").replace("/a/", "/d/", 1)).status == 400
    assert site.get(urlsplit(site.links.deal("nobody")).path).status == 410

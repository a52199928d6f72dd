"""The calendar feed: whole days under a secret address, stable, told apart from what was cancelled,
read back with the calendar library."""

from datetime import date
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import update

from scheduler.core.answers.answer import Answer
from scheduler.core.deal.deal import Deal
from scheduler.core.facts.calendar_feed import CalendarEntry, entries
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import Anchor, Language, Verb
from scheduler.services.answers.answering import answer
from scheduler.services.answers.calendar_feed import hash_of
from scheduler.services.deals.sweep import sweep_all
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from tests.cast import ANN, T1M, T3M, at, contract, deal, milestone, policy
from tests.inbound.office import ANN_ID, BOB_ID, CHIKA_ID, POLICY, Site, Visited
from tests.storage.builders import T

SECRET = "a-secret-of-anns"
FEED = f"/calendar/{SECRET}.ics"


@pytest.fixture
def feed(site: Site) -> Site:
    """Ann has a feed."""
    site.pages.feeds.keep_secret(ANN_ID, hash_of(SECRET))
    return site


def events(page: Visited) -> dict[str, dict[str, Any]]:
    """The events by title, as a calendar program reads them."""
    assert page.status == 200
    calendar: Any = Calendar.from_ical(page.body)
    return {
        str(e["SUMMARY"]): {
            "uid": str(e["UID"]), "on": e["DTSTART"].dt, "ends": e["DTEND"].dt, "sequence": e["SEQUENCE"], "status": str(e["STATUS"]),
            "text": str(e["DESCRIPTION"]), "whole_day": e["DTSTART"].params.get("VALUE"),
        }
        for e in calendar.walk("VEVENT")
    }  # fmt: skip


def titles(page: Visited) -> dict[str, tuple[date, str]]:
    return {title: (e["on"], e["status"]) for title, e in events(page).items()}


def test_a_feed_holds_milestones_the_deadline_and_the_end_as_whole_days(feed: Site) -> None:
    found = events(feed.get(FEED))
    assert {title: e["on"] for title, e in found.items()} == {
        "renewal_3m: Aoba Trading": date(2026, 12, 31),
        "Notice deadline: Aoba Trading": date(2027, 1, 31),
        "Cancelled: renewal_1m: Aoba Trading": date(
            2027, 2, 26
        ),  # it renews automatically before that
        "Contract ends: Aoba Trading": date(2027, 3, 31),
    }
    end = found["Contract ends: Aoba Trading"]
    assert (end["whole_day"], end["ends"], end["status"]) == ("DATE", date(2027, 4, 1), "CONFIRMED")
    assert "¥3,600,000/year" in end["text"]
    assert len({e["uid"] for e in found.values()}) == 4


def test_reading_the_feed_changes_nothing(feed: Site) -> None:
    before = feed.everything()
    feed.get(FEED)
    feed.get(f"{FEED}?team=1")
    assert feed.everything() == before


def test_a_feed_speaks_its_persons_language(feed: Site) -> None:
    feed.pages.feeds.keep_secret(CHIKA_ID, hash_of("chikas"))
    assert "契約満了：青葉商事様" in events(feed.get("/calendar/chikas.ics"))


def test_a_manager_sees_his_team_when_he_asks_for_it(feed: Site) -> None:
    feed.pages.feeds.keep_secret(BOB_ID, hash_of("bobs"))
    assert events(feed.get("/calendar/bobs.ics")) == {}
    team = events(feed.get("/calendar/bobs.ics?team=1"))
    assert {"Contract ends: Aoba Trading", "Contract ends: 青葉商事"} <= set(team)


def test_the_same_feed_has_the_same_tag_and_is_not_sent_again(feed: Site) -> None:
    first = feed.get(FEED)
    tag = first.headers["ETag"]
    feed.later(hours=3)
    again = feed.get(FEED, If_None_Match=tag)
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
    assert feed.get(FEED, If_None_Match='"other", ' + tag).status == 304
    assert feed.get(FEED, If_None_Match='"other"').status == 200
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"


def test_a_date_that_moves_keeps_its_uid_and_its_sequence_grows(feed: Site) -> None:
    before = events(feed.get(FEED))["Contract ends: Aoba Trading"]
    tag = feed.get(FEED).headers["ETag"]
    with feed.engine.begin() as connection:
        connection.execute(
            update(T["contracts"])
            .where(T["contracts"].c.number == "C-1")
            .values(ends_on=date(2027, 4, 30))
        )
        connection.execute(
            update(T["deals"]).where(T["deals"].c.id == 1).values(version=T["deals"].c.version + 1)
        )
    after = events(feed.get(FEED, If_None_Match=tag))["Contract ends: Aoba Trading"]
    assert (after["uid"], after["on"]) == (before["uid"], date(2027, 4, 30))
    assert after["sequence"] > before["sequence"]


def test_what_a_closed_deal_had_ahead_is_cancelled_and_the_next_term_appears(feed: Site) -> None:
    answer(
        transactions(feed.engine, AnswerQueries),
        "C-1",
        Answer(Verb.WON, ANN.name),
        POLICY,
        at("2027-01-05"),
    )
    sweep_all(transactions(feed.engine, SweepQueries), POLICY, at("2027-01-05"))
    found = titles(feed.get(FEED))
    assert found["Cancelled: Contract ends: Aoba Trading"] == (date(2027, 3, 31), "CANCELLED")
    assert found["renewal_3m: Aoba Trading"][1] == "CONFIRMED"
    assert found["Contract ends: Aoba Trading"] == (date(2028, 3, 31), "CONFIRMED")


def test_what_passed_on_to_somebody_else_is_cancelled(feed: Site) -> None:
    with feed.engine.begin() as connection:
        connection.execute(
            update(T["contracts"]).where(T["contracts"].c.number == "C-1").values(owner_id=CHIKA_ID)
        )
    found = titles(feed.get(FEED))
    assert found["Cancelled: Contract ends: Aoba Trading"] == (date(2027, 3, 31), "CANCELLED")
    assert all(status == "CANCELLED" for on, status in found.values() if on > date(2027, 1, 5))


def test_a_manager_who_was_told_of_a_deal_never_had_it(feed: Site) -> None:
    feed.pages.feeds.keep_secret(BOB_ID, hash_of("bobs"))
    with feed.engine.begin() as connection:
        connection.execute(update(T["nudges"]).values(person_id=BOB_ID, role="manager"))
    assert events(feed.get("/calendar/bobs.ics")) == {}


def test_what_is_long_past_leaves_the_feed(feed: Site) -> None:
    feed.later(days=28)
    assert "renewal_3m: Aoba Trading" not in events(feed.get(FEED))


def switch_off(feed: Site) -> None:
    feed.pages.feeds.keep_secret(ANN_ID, None)


def renew(feed: Site) -> None:
    feed.pages.feeds.keep_secret(ANN_ID, hash_of("another"))


def leave(feed: Site) -> None:
    with feed.engine.begin() as connection:
        connection.execute(update(T["people"]).values(active=False))


@pytest.mark.parametrize("change", [switch_off, renew, leave])
def test_an_address_that_counts_no_more_finds_nothing(feed: Site, change: Any) -> None:
    change(feed)
    page = feed.get(FEED)
    assert (page.status, page.text) == (404, "There is no such calendar\n")


def test_only_the_hash_of_a_secret_is_kept(any_site: Site) -> None:
    any_site.pages.feeds.keep_secret(ANN_ID, hash_of(SECRET))
    assert len(events(any_site.get(FEED))) == 4
    assert any_site.pages.feeds.has_feed(ANN_ID)
    assert SECRET not in repr(any_site.rows("people"))
    assert any_site.get(f"/calendar/{hash_of(SECRET)}.ics").status == 404


def first(name: str, of: Deal, chosen: Policy, day: str) -> CalendarEntry:
    """Ann's first day of a milestone."""
    return next(
        e
        for e in entries([of], frozenset({ANN.id}), chosen, at(day), Language.EN)
        if e.title.startswith(name)
    )


def test_yearly_milestones_are_days_of_their_own() -> None:
    yearly = policy(
        milestone("anniversary", "+0 days", anchor=Anchor.ANNIVERSARY, series="anniversary")
    )
    one, two = (
        first("anniversary", deal(contract(date(2029, 3, 31))), yearly, day)
        for day in ("2027-01-05", "2028-01-05")
    )
    assert (one.on, two.on, one.uid == two.uid) == (date(2027, 4, 1), date(2028, 4, 1), False)


def test_a_policy_that_moves_a_milestone_lets_its_sequence_grow() -> None:
    before, after = (
        first(
            "renewal_1m",
            deal(),
            policy(T3M, milestone("renewal_1m", offset), version=version),
            "2026-11-05",
        )
        for version, offset in ((1, "-1 month"), (2, "-20 days"))
    )
    assert (before.uid, before.on < after.on, before.sequence < after.sequence) == (
        after.uid,
        True,
        True,
    )


def test_after_a_notice_the_feed_asks_for_no_decision() -> None:
    noticed = deal(
        contract(date(2027, 3, 31), auto_renew=True, decide_by=date(2027, 1, 31)),
        owner=ANN,
        notice_on=date(2027, 1, 4),
    )
    found = {
        e.title: e
        for e in entries([noticed], frozenset([1]), policy(T3M, T1M), at("2027-01-05"), Language.EN)
    }
    assert found["Notice deadline: Aoba Trading"].cancelled
    assert found["renewal_1m: Aoba Trading"].cancelled
    assert not found["Contract ends: Aoba Trading"].cancelled
    assert "Notice received Mon 4 Jan 2027" in found["Contract ends: Aoba Trading"].text
    assert "Renews" not in found["Contract ends: Aoba Trading"].text

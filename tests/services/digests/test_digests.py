"""Weekly and team digests, on SQLite and PostgreSQL; two simulated years of one reader after the
other."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, update

from scheduler.core.deal.people import Absence, Person, WorkingHours
from scheduler.core.facts.punctuality import Cause
from scheduler.core.facts.punctuality import MonthLine as Punctual
from scheduler.core.health.policy import HealthPolicy
from scheduler.core.policy.attention import Attention
from scheduler.core.time.calendar import Calendar, Closure
from scheduler.core.time.weeks import digest_day, iso_week
from scheduler.core.words.lexicon import ChannelName, Language, MessageState, NudgeState
from scheduler.ports import NotSent
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.delivery.form import form_messages
from scheduler.services.digests.digests import open_window, week_due, weekly_letters
from scheduler.services.digests.round import Digested, digest_once
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
from scheduler.storage.database.transactions import begun, transactions
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.delivery.forming import FormingQueries
from scheduler.storage.delivery.punctuality import PunctualityRows
from scheduler.storage.digests.digests import DigestQueries
from scheduler.storage.reports.digests import WholeDigestQueries
from tests.cast import ANN, BOB, CHIKA, JP, LONDON, T1M, T3M, TOKYO, at, policy
from tests.services.delivering import Line, Post
from tests.storage.builders import T, add_cast, add_contract, add_person, add_row

POLICY = policy()
BOTH = (ChannelName.SLACK, ChannelName.EMAIL)
MONDAY = at("2027-01-04 09:30")


@dataclass
class Desk:
    """A database, and looks at what is due."""

    engine: Engine
    reading: Engine

    def look(self, now: datetime, **more: object) -> Digested:
        """One look."""
        return digest_once(
            transactions(self.reading, WholeDigestQueries),
            transactions(self.engine, DigestQueries),
            replace(POLICY, **more),  # type: ignore[arg-type]
            BOTH,
            now,
        )

    def messages(self, kind: str | None = None) -> list[dict[str, object]]:
        """The messages there are, of one kind or all."""
        with self.engine.begin() as connection:
            rows = [
                dict(r)
                for r in connection.execute(
                    T["messages"].select().order_by(T["messages"].c.id)
                ).mappings()
            ]
        return [r for r in rows if kind in (None, r["kind"])]

    def facts(self, kind: str) -> dict[str, object]:
        """What the newest of a kind says."""
        found: dict[str, object] = self.messages(kind)[-1]["facts"]  # type: ignore[assignment]
        return found


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    """Ann (2) has a contract that ends in March and Bob (1) manages her; Chika (3) in Tokyo has
    one, Dan (4) has none."""
    desk = Desk(open_engine(database_url), open_engine(database_url, reading=True))
    upgrade(desk.engine, at("2026-04-01"))
    with desk.engine.begin() as connection:
        ann, bob = add_cast(connection)
        chika = add_person(
            connection,
            CHIKA.name,
            email=CHIKA.email,
            zone=TOKYO,
            calendar="jp",
            language="ja",
            manager_id=bob,
        )
        add_person(connection, "Dan Fox", email="dan@example.com", zone=LONDON)
        add_contract(connection, owner_id=ann)
        add_contract(connection, "C-2", date(2027, 2, 28), owner_id=chika, customer="青葉商事")
    yield desk
    desk.engine.dispose()
    desk.reading.dispose()


def kinds(desk: Desk) -> list[tuple[object, object]]:
    """Kind and reader of every message."""
    return sorted((m["kind"], m["person_id"]) for m in desk.messages())


def test_on_monday_at_nine_of_his_own_zone_everybody_with_an_open_deal_has_his_week_and_the_manager_his_team(
    desk: Desk,
) -> None:
    assert desk.look(at("2027-01-04 08:59", TOKYO)).total == 0
    desk.look(at("2027-01-04 09:00", TOKYO))
    assert kinds(desk) == [("weekly", 3)]
    assert desk.look(at("2027-01-04 08:59")).total == 0
    desk.look(at("2027-01-04 09:00"))
    assert kinds(desk) == [("team", 1), ("weekly", 2), ("weekly", 3)]
    assert [desk.look(at(f"2027-01-0{n} 10:00")).messages for n in (4, 5, 6, 7, 8)] == [0] * 5
    assert desk.look(at("2027-01-11 09:00")).messages == 2


def test_a_closed_monday_moves_it_to_the_next_business_day(desk: Desk) -> None:
    desk.look(at("2027-01-11 09:30", TOKYO))
    assert ("weekly", 3) not in kinds(desk)
    desk.look(at("2027-01-12 09:00", TOKYO))
    assert kinds(desk) == [("weekly", 3)]


def test_a_second_look_and_a_second_machine_send_nothing_more(desk: Desk) -> None:
    with begun(desk.reading, WholeDigestQueries) as look:
        seen_by_the_other = list(
            weekly_letters(look, {p.id: p for p in look.people()}, POLICY, BOTH, MONDAY)
        )
    assert [(letter.kind, letter.recipient.person_id) for letter in seen_by_the_other] == [
        ("weekly", 2),
        ("team", 1),
    ]
    assert [desk.look(MONDAY).messages, desk.look(MONDAY).messages] == [2, 0]
    with begun(desk.engine, DigestQueries) as transaction:
        assert [transaction.queue(letter, MONDAY) for letter in seen_by_the_other] == [False, False]


def test_a_digest_that_is_interrupted_is_made_the_next_time_as_a_whole(desk: Desk) -> None:
    """The stop comes while the team is counted: after the week was made, before the first of the
    members was looked at, or not at all."""
    asked: list[None] = []

    def stop() -> bool:
        asked.append(None)
        return len(asked) > 1

    rows = (
        transactions(desk.reading, WholeDigestQueries),
        transactions(desk.engine, DigestQueries),
    )
    assert digest_once(*rows, POLICY, BOTH, MONDAY, stop=lambda: True).messages == 0
    assert digest_once(*rows, POLICY, BOTH, MONDAY, stop=stop).messages == 1
    assert kinds(desk) == [("weekly", 2)]
    assert digest_once(*rows, POLICY, BOTH, MONDAY).messages == 1
    assert kinds(desk) == [("team", 1), ("weekly", 2)]


def test_a_daemon_that_was_off_on_monday_sends_it_late_the_same_week(desk: Desk) -> None:
    desk.look(at("2027-01-08 17:59"))
    assert [m["facts"]["week"] for m in desk.messages("weekly") if m["person_id"] == 2] == [  # type: ignore[index]
        "2027-W01"
    ]
    desk.look(at("2027-01-11 09:30"))
    assert [m["facts"]["week"] for m in desk.messages("weekly") if m["person_id"] == 2] == [  # type: ignore[index]
        "2027-W01",
        "2027-W02",
    ]


@pytest.mark.parametrize("now", ["2027-01-04 18:00", "2027-01-09 10:00", "2027-01-05 08:59"])
def test_it_keeps_to_the_reader_s_hours(desk: Desk, now: str) -> None:
    desk.look(at(now))
    assert ("weekly", 2) not in kinds(desk)


def test_whoever_is_away_has_it_on_his_return_in_the_same_week(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        add_row(
            connection,
            "absences",
            person_id=2,
            first_on=date(2027, 1, 4),
            last_on=date(2027, 1, 6),
            note="",
            actor="",
            created_at=MONDAY,
        )
    desk.look(MONDAY)
    assert ("weekly", 2) not in kinds(desk)
    desk.look(at("2027-01-07 09:00"))
    assert ("weekly", 2) in kinds(desk)


def test_the_day_and_the_hour_are_configured(desk: Desk) -> None:
    wednesday = Attention(digest_weekday=2, digest_at=time(14, 0))
    desk.look(at("2027-01-06 13:59"), attention=wednesday)
    assert ("weekly", 2) not in kinds(desk)
    desk.look(at("2027-01-06 14:00"), attention=wednesday)
    assert ("weekly", 2) in kinds(desk)


def test_it_says_what_comes_within_ninety_days_by_week(desk: Desk) -> None:
    desk.look(at("2027-01-12 09:00", TOKYO))
    facts = desk.facts("weekly")
    assert desk.messages("weekly")[-1]["language"] == "ja"
    weeks = [
        (w["monday"], [(line["on"], line["label"]) for line in w["lines"]])
        for w in facts["weeks"]  # type: ignore[attr-defined]
    ]
    due_now = (
        "2027-01-11",
        [("2027-01-12", T3M.label.ja)],
    )  # nothing has swept yet: what is due comes today, as `upcoming` says
    assert weeks == [
        due_now,
        ("2027-01-25", [("2027-01-28", T1M.label.ja)]),
        ("2027-02-22", [("2027-02-28", "満了")]),
    ]
    assert facts["coming"] == 3


def test_nothing_due_is_said_too(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        connection.execute(update(T["contracts"]).values(ends_on=date(2028, 3, 31)))
    desk.look(MONDAY)
    facts = desk.facts("weekly")
    assert (facts["coming"], facts["waiting_count"], facts["open"]) == (0, 0, 1)


def test_it_says_what_waits_oldest_first(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        add_contract(connection, "C-3", date(2027, 3, 20), owner_id=2, customer="Beta")
    sweep_all(transactions(desk.engine, SweepQueries), POLICY, at("2026-12-18"))
    sweep_all(transactions(desk.engine, SweepQueries), POLICY, at("2027-01-01"))
    with desk.engine.begin() as connection:
        connection.execute(update(T["nudges"]).values(state=NudgeState.SENT.value))
    desk.look(MONDAY)
    facts = next(m["facts"] for m in desk.messages("weekly") if m["person_id"] == 2)
    assert [(w["number"], w["question"], w["days"]) for w in facts["waiting"]] == [  # type: ignore[index]
        ("C-3", "renewal_3m", 17),
        ("C-1", "renewal_3m", 4),
    ]
    team = desk.facts("team")
    assert [(r["name"], r["unanswered"], r["oldest"]) for r in team["reps"]] == [  # type: ignore[attr-defined]
        ("Ann Ito", 2, 17),
        ("千佳 田中", 1, 38),
    ]


def test_it_says_what_changed_since_the_last_one(desk: Desk) -> None:
    desk.look(MONDAY)
    assert (desk.facts("weekly")["since"], desk.facts("weekly")["changes"]) == (None, 0)
    tuesday = at("2027-01-05")
    with desk.engine.begin() as connection:
        _, new = add_contract(
            connection,
            "C-9",
            date(2027, 12, 31),
            owner_id=2,
            arrived_at=tuesday,
            customer="New Ltd",
        )
        _, won = add_contract(
            connection, "C-8", date(2027, 1, 31), owner_id=2, customer="Won Ltd", stage="won"
        )
        assert new
        passage = {
            "deal_id": won,
            "from_stage": "renewal_1m",
            "to_stage": "won",
            "at": tuesday,
            "because": "",
            "actor_kind": "person",
        }
        add_row(connection, "passages", **passage, actor="Ann", observed=True)
        won_ = {
            "amount": 4_000_000,
            "currency": "JPY",
            "term": "12 months",
            "ends_on": "2028-01-31",
        }
        connection.execute(
            update(T["deals"]).where(T["deals"].c.id == won).values(won=won_, closed_at=tuesday)
        )
        moved = {
            "source": "test",
            "kind": "contracts",
            "file": "x.csv",
            "sha256": "",
            "state": "completed",
            "first_load": False,
            "counts": {},
        }
        import_id = add_row(connection, "imports", **moved, started_at=tuesday)
        change = {
            "table_name": "contracts",
            "row_id": 1,
            "before": {"ends_on": "2027-03-31"},
            "after": {"ends_on": "2027-04-30"},
        }
        add_row(connection, "import_changes", import_id=import_id, **change)
        for n in range(12):
            _, moved_deal = add_contract(
                connection,
                f"D-{n}",
                date(2027, 6, 30),
                owner_id=2,
                customer=f"Moved {n}",
                stage="critical",
            )
            add_row(
                connection,
                "passages",
                **passage | {"deal_id": moved_deal, "from_stage": "stable", "to_stage": "critical"},
                actor="",
                observed=True,
            )
    desk.look(at("2027-01-11 09:30"))
    facts = next(m["facts"] for m in reversed(desk.messages("weekly")) if m["person_id"] == 2)
    assert (len(facts["moved"]), facts["moved_count"]) == (10, 12)  # type: ignore[index]
    assert facts["since"] == "2027-01-04"  # type: ignore[index]
    assert [(n["number"], n["amount"]) for n in facts["won"]] == [("C-8", 4_000_000)]  # type: ignore[index]
    assert [(n["number"], n["old"], n["new"]) for n in facts["ends"]] == [  # type: ignore[index]
        ("C-1", "2027-03-31", "2027-04-30")
    ]
    assert [n["number"] for n in facts["new"]] == ["C-9"]  # type: ignore[index]
    assert facts["changes"] == 15  # type: ignore[index]


def _turns(desk: Desk, *changes: tuple[int, str, str, str]) -> None:
    """Changes of health by signals: deal, day, before, after; the deal stands at the last."""
    with desk.engine.begin() as connection:
        for deal, day, was, now in changes:
            row = {"deal_id": deal, "at": at(day), "was": was, "health": now, "because": "use"}
            add_row(connection, "health_changes", **row)
            connection.execute(
                update(T["deals"])
                .where(T["deals"].c.id == deal)
                .values(health=now, health_because="use")
            )


def test_what_got_better_or_worse_is_told_with_its_reason_better_first(desk: Desk) -> None:
    _turns(desk, (1, "2027-01-03", "stable", "at_risk"), (2, "2027-01-03", "unknown", "stable"))
    desk.look(MONDAY, health=HealthPolicy())
    assert desk.facts("team")["healths"] == [], "there was none before to compare with"
    with desk.engine.begin() as connection:
        _, third = add_contract(connection, "C-3", owner_id=2, customer="Third Ltd")
    _turns(
        desk,
        (2, "2027-01-05", "stable", "critical"),
        (1, "2027-01-05", "at_risk", "critical"),
        (1, "2027-01-06", "critical", "stable"),
        (third, "2027-01-05", "stable", "at_risk"),
        (third, "2027-01-06", "at_risk", "stable"),
    )
    desk.look(at("2027-01-11 09:30"), health=HealthPolicy())
    week = next(m["facts"] for m in reversed(desk.messages("weekly")) if m["person_id"] == 2)
    told = [(n["number"], n["better"], n["was"], n["health"]) for n in week["healths"]]  # type: ignore[index]
    assert told == [("C-1", True, "At risk", "Stable")]
    team = [(n["number"], n["better"], n["because"]) for n in desk.facts("team")["healths"]]  # type: ignore[attr-defined]
    assert team == [("C-1", True, "use"), ("C-2", False, "use")]


def test_what_people_said_of_a_health_is_told_to_the_manager_unless_taken_back(desk: Desk) -> None:
    desk.look(MONDAY, health=HealthPolicy())
    said = {"verb": "health", "details": {}, "person_id": 2, "actor": "Ann", "via": "slack"}
    before = {"fields": {"health": "at_risk"}}
    with desk.engine.begin() as connection:
        for deal, undone in ((1, None), (2, at("2027-01-06"))):
            add_row(
                connection,
                "answers",
                **said,
                deal_id=deal,
                before=before,
                at=at("2027-01-05"),
                undone_at=undone,
            )
        connection.execute(update(T["deals"]).values(health="stable"))
    desk.look(at("2027-01-11 09:30"), health=HealthPolicy())
    team = desk.facts("team")["healths"]
    assert [(n["number"], n["better"]) for n in team] == [("C-1", True)]  # type: ignore[attr-defined]
    desk.look(at("2027-01-18 09:30"), health=HealthPolicy())
    assert desk.facts("team")["healths"] == []


def test_it_follows_the_bundle_of_the_same_window(desk: Desk) -> None:
    sweep_all(transactions(desk.engine, SweepQueries), POLICY, at("2027-01-01"))
    desk.look(MONDAY)
    assert ("weekly", 2) not in kinds(desk), "nudges wait to be formed"
    form_messages(transactions(desk.engine, FormingQueries), POLICY, BOTH, MONDAY)
    desk.look(MONDAY)
    assert ("weekly", 2) not in kinds(desk), "the bundle has not gone out"
    with desk.engine.begin() as connection:
        connection.execute(update(T["messages"]).values(state=MessageState.SENT.value))
    desk.look(MONDAY)
    assert ("weekly", 2) in kinds(desk)


def test_it_is_no_bundle_itself(desk: Desk) -> None:
    desk.look(MONDAY)
    sweep_all(transactions(desk.engine, SweepQueries), POLICY, at("2027-01-04 09:40"))
    assert (
        form_messages(
            transactions(desk.engine, FormingQueries), POLICY, BOTH, at("2027-01-04 09:45")
        ).messages
        == 1
    )


def test_whoever_has_left_and_whoever_cannot_be_reached_gets_none(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        connection.execute(
            update(T["people"])
            .where(T["people"].c.id == 2)
            .values(active=False, left_told_at=MONDAY)
        )
        connection.execute(update(T["people"]).where(T["people"].c.id == 3).values(email=None))
    desk.look(at("2027-01-05 10:00", TOKYO))
    desk.look(MONDAY)
    assert kinds(desk) == [("alert", None), ("team", 1)]
    assert "- contracts without an owner: 1\n- owners who cannot be reached: 千佳 田中" in str(
        desk.facts("alert")["text"]
    )


def test_admins_hear_once_a_week_what_is_not_as_it_should_be(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        add_contract(connection, "C-5", None, customer="Endless")
        add_contract(connection, "C-6", None, evergreen=True, owner_id=2, customer="Evergreen")
    for day in (4, 5, 8, 11):
        desk.look(at(f"2027-01-{day:02} 10:00"))
    assert [m["facts"]["text"] for m in desk.messages("alert")] == [  # type: ignore[index]
        (
            "- contracts without an owner: 1\n"
            "- contracts without an end date: 1 (nobody is told in advance)"
        )
    ] * 2


def test_admins_read_once_a_week_how_many_reminders_were_in_time(desk: Desk) -> None:
    months = [
        Punctual(date(2026, 12, 1), "slack", 40, 40),
        Punctual(date(2027, 1, 1), "email", 200, 197, 2, 1, 3, {Cause.CHANNEL: 2, Cause.NOBODY: 1}),
    ]
    PunctualityRows(desk.engine, desk.reading, {}).keep(months, MONDAY)
    desk.look(MONDAY)
    text = str(desk.facts("alert")["text"])
    assert "- 2026-12 reminders that arrived in time: 40 of 40 (100 %)" in text
    assert (
        "- 2027-01 reminders that arrived in time: 197 of 200 (98.5 %): channel 2, nobody 1" in text
    )
    assert desk.look(MONDAY).alerts == 0


def test_admins_hear_every_working_day_what_is_still_held(desk: Desk) -> None:
    sweep_all(transactions(desk.engine, SweepQueries), POLICY, MONDAY)
    with desk.engine.begin() as connection:
        connection.execute(update(T["nudges"]).values(state=NudgeState.HELD.value))
    days = {day: desk.look(at(f"2027-01-{day:02} 10:00")).alerts for day in range(4, 13)}
    assert days == {4: 0, 5: 1, 6: 1, 7: 1, 8: 1, 9: 0, 10: 0, 11: 1, 12: 1}
    said = desk.facts("alert")
    assert said["title"] == "2 nudges are still held (2027-01-12)"
    assert "- Ann Ito: 1, since 2027-01-04" in str(said["text"])
    with desk.engine.begin() as connection:
        connection.execute(update(T["nudges"]).values(state=NudgeState.SENT.value))
    assert desk.look(at("2027-01-13 10:00")).alerts == 0


GOLDEN_WEEK = Calendar(
    "golden",
    holidays=JP.holidays,
    closures=(
        Closure.parse("12-28..01-05", "New year"),
        Closure.parse("04-29..05-06", "Golden Week"),
        Closure.parse("10-04", "A Monday"),
    ),
)
READERS = {
    "London": ANN,
    "New York": replace(ANN, zone="America/New_York"),
    "Tokyo over two new years": replace(CHIKA, calendar="golden"),
    "Lord Howe, half an hour of daylight saving": replace(ANN, zone="Australia/Lord_Howe"),
    "Kiritimati": replace(ANN, zone="Pacific/Kiritimati", calendar="golden"),
    "late hours": replace(ANN, hours=WorkingHours(time(13, 0), time(22, 0))),
    "hours over before the digest": replace(ANN, hours=WorkingHours(time(6, 0), time(8, 30))),
    "moves to Los Angeles and on to Tokyo": ANN,
    "away now and then": replace(
        BOB,
        absences=tuple(
            Absence(d := date(2027, m, 10), d + timedelta(days=m)) for m in range(1, 13)
        ),
    ),
}
MOVES = [
    (date(2027, 3, 10), "America/Los_Angeles"),
    (date(2027, 9, 1), TOKYO),
    (date(2028, 2, 7), "Pacific/Honolulu"),
]


def of_day(reader: str, person: Person, now: datetime) -> Person:
    """The reader as he is on that day."""
    zones = [zone for day, zone in MOVES if now.date() >= day]
    return replace(person, zone=zones[-1]) if "moves" in reader and zones else person


@pytest.mark.parametrize(
    ("reader", "weekday"),
    [*((r, 0) for r in READERS), ("London", 4), ("Tokyo over two new years", 4), ("London", 6)],
)
def test_over_two_years_each_week_has_one_digest_and_none_is_missing(
    reader: str, weekday: int
) -> None:
    """A look every hour, but for outages; a week counts if the daemon ran in a window of it,
    from the digest's hour on."""
    setting = replace(
        POLICY,
        attention=Attention(digest_weekday=weekday),
        calendars={**POLICY.calendars, "golden": GOLDEN_WEEK},
    )
    now, end = at("2027-01-01"), at("2029-01-01")
    sent: dict[str, date] = {}
    could: set[str] = set()
    while now < end:
        person = of_day(reader, READERS[reader], now)
        local = now.astimezone(ZoneInfo(person.zone or LONDON))
        if not _is_off(now) and open_window(person, setting, now) is not None:
            if _has_come(local, weekday, person, setting.calendar_of(person)):
                could.add(iso_week(local.date()))
            week = week_due(person, setting, now)
            if week is not None and week not in sent:
                sent[week] = local.date()
        now += timedelta(hours=1)
    assert set(sent) == could
    assert all(iso_week(day) == week for week, day in sent.items())
    assert len(sent) > 70


def _has_come(local: datetime, weekday: int, person: Person, calendar: Calendar) -> bool:
    """Whether it is past nine on the digest's own day (or past the beginning of hours that end
    before nine), or a later day of its week."""
    monday = local.date() - timedelta(days=local.weekday())
    worked = [n for n in range(7) if calendar.is_business_day(monday + timedelta(days=n))]
    day = min([n for n in worked if n >= weekday] or worked[-1:])
    hours = person.hours or WorkingHours()
    hour = time(9, 0) if hours.closes > time(9, 0) else hours.opens
    return local.weekday() > day or (local.weekday() == day and local.time() >= hour)


def _is_off(now: datetime) -> bool:
    """When no daemon runs: every eleventh day, every other Monday morning, and three weeks in
    July."""
    ordinal = now.date().toordinal()
    return (
        ordinal % 11 == 0
        or (now.weekday() == 0 and ordinal % 14 == 0 and now.hour < 12)
        or (now.month == 7 and now.day < 22)
    )


def test_a_week_without_a_working_day_has_no_digest() -> None:
    closed = Calendar("closed", closures=(Closure.parse("2027-05-03..2027-05-07", "Golden Week"),))
    assert digest_day(date(2027, 5, 5), 0, closed) is None
    assert digest_day(date(2027, 5, 10), 0, closed) == date(2027, 5, 10)


def test_a_friday_that_is_closed_moves_it_back_into_its_own_week() -> None:
    closed = Calendar("closed", closures=(Closure.parse("2027-05-07", "A Friday"),))
    assert digest_day(date(2027, 5, 5), 4, closed) == date(2027, 5, 6)


def test_the_database_holds_one_of_a_kind_for_each_person_and_week_over_half_a_year_of_daily_looks(
    desk: Desk,
) -> None:
    """The looks fall on odd hours, some days have none; Ann moves to Tokyo in March."""
    with desk.engine.begin() as connection:
        connection.execute(update(T["contracts"]).values(ends_on=date(2028, 3, 31)))
    for n in range(26 * 7):
        now = at("2027-01-04 00:30") + timedelta(days=n, hours=(n * 5) % 24)
        if n == 70:
            with desk.engine.begin() as connection:
                connection.execute(
                    update(T["people"]).where(T["people"].c.id == 2).values(zone=TOKYO)
                )
        if n % 9:
            desk.look(now)
    for kind in ("weekly", "team"):
        found = Counter((m["person_id"], m["facts"]["week"]) for m in desk.messages(kind))  # type: ignore[index]
        assert set(found.values()) == {1}
        assert len(found) > 20


def test_the_reader_s_language_is_spoken(desk: Desk) -> None:
    desk.look(at("2027-01-12 10:00", TOKYO))
    assert [m["language"] for m in desk.messages("weekly")] == [Language.JA]


def test_a_digest_that_slack_refuses_for_good_goes_by_mail(desk: Desk) -> None:
    desk.look(MONDAY)
    post = Post(
        desk.engine, slack=Line(ChannelName.SLACK, [NotSent("account_inactive", permanent=True)])
    )
    post.hands.at = MONDAY
    post.deliver()
    post.deliver()
    found = [(m["channel"], m["state"], m["facts"]["week"]) for m in desk.messages("weekly")]  # type: ignore[index]
    assert found == [("slack", "dead", "2027-W01"), ("email", "sent", "2027-W01")]

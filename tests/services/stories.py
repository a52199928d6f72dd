"""A renewal lived day by day through the real services on a real database: every message, to whom,
when, and why.

The clock is the test's; each day is looked at morning and afternoon, in London and in Tokyo.
Channels accept whatever they are given.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Engine, insert, select

from scheduler.core.answers.answer import Answer
from scheduler.core.policy.attention import Attention
from scheduler.core.policy.policy import Policy
from scheduler.core.time.calendar import WEEKDAYS, Calendar, Closure
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.core.words.reasons import word
from scheduler.services.answers.answering import answer
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.delivery.deliver import deliver_batch
from scheduler.services.delivery.delivery import Delivery
from scheduler.services.delivery.form import form_messages
from scheduler.sources.holidays import PublicHolidays
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.deals import load_people
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.delivery.delivering import DeliveryQueries
from scheduler.storage.delivery.forming import FormingQueries
from tests.cast import ANN, BOB, CHIKA, DEADLINE, T1M, T3M, at, policy
from tests.services.delivering import Hands, Line, PlainRenderer
from tests.storage.builders import T, add_contract, add_person

JAPAN = Calendar(
    "jp",
    holidays=PublicHolidays("JP", None, "en"),
    closures=(Closure.parse("12-29..01-03", "year-end"),),
)
INSISTENT = replace(
    policy(replace(T3M, repeat_every=0), T1M, DEADLINE, attention=Attention()),
    calendars={"weekdays": WEEKDAYS, "jp": JAPAN},
)
LOOKS = (time(0, 30), time(9, 30), time(14, 30))
"""When the daemon looks each day, in UTC: Tokyo's morning, London's morning, the afternoon."""

Act = Callable[["Story"], None]


@dataclass
class Story:
    """One database with the cast in it, and what was said so far."""

    engine: Engine
    policy: Policy = INSISTENT
    people: dict[str, int] = field(default_factory=dict)
    hands: Hands = field(default_factory=Hands)
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._channels = {name: Line(name) for name in (ChannelName.SLACK, ChannelName.EMAIL)}
        self._told = 0
        with self.engine.begin() as connection:
            for name, person in (("Bob", BOB), ("Ann", ANN), ("Chika", CHIKA)):
                manager = {"manager_id": self.people["Bob"]} if person.manager_id else {}
                more = {
                    "zone": person.zone,
                    "calendar": person.calendar,
                    "language": person.language,
                    "role": person.role.value,
                    **manager,
                }
                number = add_person(
                    connection, person.name, email=person.email, slack_id=person.slack_id, **more
                )
                self.people[name] = number

    def contract(self, owner: str = "Ann", **more: Any) -> None:
        """A contract of a year that ends on 31 March 2027 unless told otherwise."""
        with self.engine.begin() as connection:
            add_contract(
                connection,
                more.pop("number", "C-1"),
                more.pop("ends_on", date(2027, 3, 31)),
                owner_id=self.people[owner],
                **more,
            )

    def away(self, who: str, first_on: date, last_on: date, delegate: str | None = None) -> None:
        """An absence that was entered long before."""
        values = {
            "person_id": self.people[who],
            "first_on": first_on,
            "last_on": last_on,
            "created_at": at("2026-04-01"),
            "note": "",
            "actor": who,
        }
        with self.engine.begin() as connection:
            connection.execute(
                insert(T["absences"]).values(
                    **values, delegate_id=self.people[delegate] if delegate else None
                )
            )

    def says(self, said: Answer, who: str = "Ann", contract: str = "C-1") -> None:
        """Somebody answers now."""
        with self.engine.begin() as connection:
            person = load_people(connection, [self.people[who]])[self.people[who]]
        answer(
            transactions(self.engine, AnswerQueries),
            contract,
            Answer(**{**_fields(said), "by": person, "name": person.name}),
            self.policy,
            self.hands.now(),
        )

    def live(
        self, first_on: date, last_on: date, acts: Mapping[date, Act] | None = None
    ) -> list[str]:
        """Every day; an act of a day comes at ten in London's morning, after the first messages."""
        for day in _days(first_on, last_on):
            for number, look in enumerate(LOOKS):
                self.hands.at = datetime.combine(day, look, UTC)
                self._look()
                if number == 1 and acts and day in acts:
                    self.hands.at += timedelta(minutes=30)
                    acts[day](self)
        return self.lines

    def _look(self) -> None:
        """What the daemon does in one round."""
        now = self.hands.now()
        sweep_all(transactions(self.engine, SweepQueries), self.policy, now)
        while form_messages(
            transactions(self.engine, FormingQueries), self.policy, tuple(self._channels), now
        ).total:
            sweep_all(transactions(self.engine, SweepQueries), self.policy, now)
        delivery = Delivery(
            transactions(self.engine, DeliveryQueries),
            self._channels,
            PlainRenderer(),
            self.hands,
            "story",
        )
        while deliver_batch(delivery, self.policy).total:
            pass
        self._write(now)

    def _write(self, now: datetime) -> None:
        """Notes what went out since the last look."""
        nudges, messages, events = T["nudges"], T["messages"], T["events"]
        query = (
            select(
                nudges,
                messages.c.id.label("message"),
                messages.c.address,
                events.c.reason.label("why"),
            )
            .join(messages, messages.c.id == nudges.c.message_id)
            .join(
                events,
                (events.c.deal_id == nudges.c.deal_id)
                & (events.c.milestone == nudges.c.milestone)
                & (events.c.anchor_on == nudges.c.anchor_on)
                & (events.c.step == nudges.c.step),
            )
            .where(messages.c.id > self._told, messages.c.state == "sent")
            .order_by(nudges.c.id)
        )
        names = {number: name for name, number in self.people.items()}
        with self.engine.begin() as connection:
            rows = connection.execute(query).mappings().all()
        for row in rows:
            step = f" +{row['step']}" if row["step"] else ""
            why = word(row["because"] or row["why"], Language.EN)
            who = names.get(row["person_id"] or 0, row["address"].partition("@")[0])
            self.lines.append(f"{now:%a %d %b}  {who:<5}  {row['milestone']}{step}: {why}")
        self._told = max([self._told, *(row["message"] for row in rows)])


def _fields(said: Answer) -> dict[str, Any]:
    """An answer's fields by name."""
    return {name: getattr(said, name) for name in Answer.__dataclass_fields__}


def _days(first_on: date, last_on: date) -> Iterator[date]:
    for n in range((last_on - first_on).days + 1):
        yield first_on + timedelta(days=n)

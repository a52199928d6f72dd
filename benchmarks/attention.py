"""How much people hear of a renewal: a life of each of twelve kinds of customer and rep under the
shipped policy, in messages for each person.

    python -m benchmarks.attention [--write] [--health]

Each kind lives a contract that ends and one that renews itself with two months' notice, by the same
`decide` as the daemon and from alarm to alarm, with the answers that this kind of person gives;
what falls on one working day for one person is one message. Weekly digests are apart. `--write`
puts the table into docs/attention.md, which a test compares with what comes out here.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from scheduler.app.policy_building import holidays_of
from scheduler.app.shipped import shipped_config
from scheduler.core.answers.answer import Answer
from scheduler.core.answers.effects import apply_answer
from scheduler.core.answers.refusals import AnswerRefusedError
from scheduler.core.config.reading import Config, read_config
from scheduler.core.deal.deal import Lost, Nudge
from scheduler.core.deal.people import Absence
from scheduler.core.deal.pipeline import MoveRefusedError
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.followup import asks
from scheduler.core.rules.snooze import snooze_limit
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import ForecastCall, NudgeState, Paperwork, Verb
from scheduler.core.words.reasons import code_of
from tests.cast import ANN, BOB, CHIKA, DAN, at, contract, deal
from tests.core.life import Life

DOCUMENT = Path(__file__).parents[1] / "docs" / "attention.md"
BEGIN, GOALS, END = "<!-- messages per renewal -->", "<!-- goals -->", "<!-- end -->"
PEOPLE = {"person:1": "rep", "person:2": "manager", "person:3": "stand-in", "person:4": "new rep"}
ENDS = tuple(
    date(2027, month, day) for month, day in ((1, 31), (3, 31), (5, 14), (7, 31), (9, 17), (12, 31))
)
"""Ends of months and others, over a year."""

LONDON = ZoneInfo("Europe/London")

Says = Callable[["Renewal", date], Answer | None]


@dataclass
class Renewal:
    """One renewal as it is lived, and how often its rep was asked."""

    life: Life
    policy: Policy
    asked: int = 0

    days: dict[str, date] = field(default_factory=dict)

    def sent(self) -> dict[tuple[str, date], list[Nudge]]:
        """What went out: one message for a person and working day, with all it says."""
        gone = {n.key for n in self.life.deal.nudges if n.state is not NudgeState.CANCELLED}
        found: dict[tuple[str, date], list[Nudge]] = {}
        for nudge in self.life.nudges:
            if nudge.key in gone:
                found.setdefault(
                    (_person(nudge.recipient.key), _working(self.days[nudge.key])), []
                ).append(nudge)
        return found

    def messages(self) -> Counter[str]:
        """How many messages each person got."""
        return Counter(who for who, _ in self.sent())

    def repeats(self) -> int:
        """Messages that only ask again what the same person was asked before: reminders, last
        calls, what was seen and comes back.

        Another question (a month before, after the end) is none, and neither is what comes on a day
        that somebody named.
        """
        return sum(
            all(self._is_again(nudge, day) for nudge in told)
            for (_, day), told in self.sent().items()
        )

    def _is_again(self, nudge: Nudge, day: date) -> bool:
        because = next(
            code_of(e.reason)
            for e in self.life.deal.events
            if e.key == (nudge.milestone, nudge.anchor_on, nudge.step)
        )
        if because in ("snooze_over", "expected_day", "time_to_ask"):
            return because == "time_to_ask"
        who, question = _person(nudge.recipient.key), (nudge.milestone, nudge.anchor_on)
        return any(
            (n.milestone, n.anchor_on) == question
            for (to, on), told in self.sent().items()
            for n in told
            if to == who and on < day
        )


def _person(key: str) -> str:
    return PEOPLE.get(key, "others")


def _working(day: date) -> date:
    return day + timedelta(days=(7 - day.weekday()) if day.weekday() > 4 else 0)


def _later(day: date, business_days: int) -> date:
    for _ in range(business_days):
        day = _working(day + timedelta(days=1))
    return day


def call(word: ForecastCall, *, days: int | None = None) -> Says:
    """A forecast, each time."""
    return lambda _, today: Answer(
        Verb.FORECAST,
        "Ann",
        ANN,
        call=word,
        expected_on=today + timedelta(days=days) if days else None,
        note="—",
    )


def approval(_: Renewal, today: date) -> Answer:
    """In the customer's approval, each time."""
    return Answer(Verb.PAPERWORK, "Ann", ANN, paperwork=Paperwork.IN_APPROVAL)


def snoozes(renewal: Renewal, today: date) -> Answer:
    """In a week, or as late as can be."""
    limit = snooze_limit(renewal.life.deal, renewal.policy, today)
    until = min([today + timedelta(days=7), *([limit.until_on] if limit else [])])
    return Answer(Verb.SNOOZE, "Ann", ANN, until=max(until, today + timedelta(days=1)))


def doubts(renewal: Renewal, today: date) -> Answer:
    """In doubt at first, lost when asked again."""
    return (
        call(ForecastCall.AT_RISK)(renewal, today)  # type: ignore[return-value]
        if renewal.asked == 1
        else Answer(Verb.LOST, "Ann", ANN, lost=Lost("budget"))
    )


def late(renewal: Renewal, today: date) -> Answer:
    """Will renew at first, renewed when asked again."""
    return (
        call(ForecastCall.RENEW)(renewal, today)  # type: ignore[return-value]
        if renewal.asked == 1
        else Answer(Verb.WON, "Ann", ANN)
    )


def always(verb: Verb) -> Says:
    """The same answer each time."""
    return lambda _, __: Answer(
        verb, "Ann", ANN, lost=Lost("budget") if verb in (Verb.NOTICE, Verb.LOST) else None
    )


KINDS: dict[str, tuple[Says, int]] = {
    "prompt: renewed the next day": (always(Verb.WON), 1),
    "late: will renew after two weeks, then renewed": (late, 10),
    "never answers": (lambda _, __: None, 0),
    "seen, each time": (always(Verb.SEEN), 0),
    "snoozes for a week, each time": (snoozes, 0),
    "will renew, each time": (call(ForecastCall.RENEW), 0),
    "in approval, each time": (approval, 0),
    "notice": (always(Verb.NOTICE), 2),
    "at risk, then lost": (doubts, 2),
    "absent for a month, Chika stands in": (late, 1),
    "leaves; Dan takes over": (always(Verb.WON), 1),
    "early: renewed before anybody asks": (always(Verb.WON), 0),
}


@cache
def shipped() -> Policy:
    """The shipped policy with Ann's calendar, in English; with `--health` owners are asked how
    their customers do as well."""
    text = shipped_config()
    if "--health" in sys.argv:
        text = text.replace("# [health]\n", "[health]\n", 1)
    config = read_config(text, "config.toml", holidays_of)
    assert isinstance(config, Config), config
    return config.policy


@cache
def lived(kind: str, ends_on: date, notice: Term | None) -> Renewal:
    """One renewal of a kind, from five months before its end to two months after it; with a notice
    it renews itself."""
    (says, delay), policy = KINDS[kind], shipped()
    starts_on = date(ends_on.year - 1, ends_on.month, min(ends_on.day, 28)) + timedelta(days=1)
    of = contract(ends_on, starts_on=starts_on, auto_renew=notice is not None, notice=notice)
    owner = (
        replace(
            ANN,
            absences=(
                Absence(ends_on - timedelta(days=95), ends_on - timedelta(days=65), CHIKA.id),
            ),
        )
        if "absent" in kind
        else ANN
    )
    first = deal(
        of,
        owner=owner,
        people={p.id: p for p in (owner, BOB, CHIKA, DAN)},
        arrived_at=at((ends_on - timedelta(days=150)).isoformat()),
    )
    renewal = Renewal(Life(first, policy), policy)
    _live(renewal, kind, says, delay, ends_on)
    return renewal


def _live(renewal: Renewal, kind: str, says: Says, delay: int, ends_on: date) -> None:
    """From alarm to alarm, and answer to answer."""
    life, over = renewal.life, at((ends_on + timedelta(days=60)).isoformat())
    now, answers = at((ends_on - timedelta(days=150)).isoformat()), _by_themselves(kind, ends_on)
    while now <= over:
        known = len(life.nudges)
        for due in [a for a in answers if a <= now]:
            answers.remove(due)
            _answer(renewal, kind, says, now)
        life.look(now)
        for nudge in life.nudges[known:]:
            renewal.days[nudge.key] = now.astimezone(LONDON).date()
        fresh = [
            n
            for n in life.nudges[known:]
            if n.role in ("owner", "snoozed") and asks(n.milestone, renewal.policy)
        ]
        if fresh and not (
            "absent" in kind and now.astimezone(LONDON).date() <= ends_on - timedelta(days=65)
        ):
            renewal.asked += 1
            answers.append(
                at(_later(_working(now.astimezone(LONDON).date()), delay).isoformat() + " 12:00")
            )
        coming = [
            t for t in (life.wake_at, min(answers, default=None)) if t is not None and t > now
        ]
        if not coming:
            return
        now = min(coming)


def _by_themselves(kind: str, ends_on: date) -> list[datetime]:
    """What happens without being asked: an early renewal, a leaver's successor."""
    before = {"early": 100, "leaves": 80}.get(kind.partition(":")[0].partition(";")[0])
    return [at((ends_on - timedelta(days=before)).isoformat() + " 12:00")] if before else []


def _answer(renewal: Renewal, kind: str, says: Says, now: datetime) -> None:
    """The rep answers, or somebody takes over from a rep who has left."""
    was = renewal.life.deal
    if kind.startswith("leaves") and was.owner is not None and was.owner.id == ANN.id:
        renewal.life.deal = replace(was, owner=DAN)
        return
    said = says(renewal, now.date())
    try:
        done = apply_answer(was, said, renewal.policy, now) if said is not None else None
    except (AnswerRefusedError, MoveRefusedError):
        return
    if done is not None:
        touched, cancelled = {e.key: e for e in done.events}, {c.key for c in done.cancels}
        events = tuple(
            e if e.state.value == "withdrawn" else touched.get(e.key, e) for e in was.events
        )
        nudges = tuple(
            replace(n, state=NudgeState.CANCELLED) if n.key in cancelled else n for n in was.nudges
        )
        renewal.life.deal = replace(done.deal, events=events, nudges=nudges)


def table() -> list[str]:
    """The table of docs/attention.md: messages per renewal, the mean over ends of a year, a
    contract that ends and one that renews itself."""
    lines = [
        "| kind | rep | manager | others | together | of them repeats |",
        "|---|---|---|---|---|---|",
    ]
    return [*lines, *(f"| {kind} | {' | '.join(_cells(kind))} |" for kind in KINDS)]


def _cells(kind: str) -> Iterator[str]:
    """`ends / renews itself` for each person."""
    both = [[lived(kind, end, notice) for end in ENDS] for notice in (None, Term(2))]
    for who in (("rep",), ("manager",), ("stand-in", "new rep", "others")):
        yield " / ".join(
            _mean([sum(r.messages()[w] for w in who) for r in renewals]) for renewals in both
        )
    yield " / ".join(_mean([r.messages().total() for r in renewals]) for renewals in both)
    yield " / ".join(_mean([r.repeats() for r in renewals]) for renewals in both)


def _mean(numbers: Sequence[int]) -> str:
    return f"{sum(numbers) / len(numbers):.1f}".removesuffix(".0")


ON_TIME = (
    "prompt: renewed the next day",
    "notice",
    "leaves; Dan takes over",
    "early: renewed before anybody asks",
)
"""Who says what becomes of the renewal when they are asked for the first time, or before."""
NOTICES = {
    "ends": None,
    "30 days": Term(0, 30),
    "1 month": Term(1),
    "60 days": Term(0, 60),
    "2 months": Term(2),
    "3 months": Term(3),
}
"""A contract that ends, and such as renew themselves with a notice."""
TEAM = (
    "never answers",
    "prompt: renewed the next day",
    "will renew, each time",
    "in approval, each time",
)
EACH = 60
"""Renewals of each of four reps in a year."""


def goals() -> list[str]:
    """The second table: what is to be reached, and what is, over contracts that end and that renew
    themselves with five notices."""

    def over(*kinds: str) -> list[Renewal]:
        return [
            lived(kind, end, notice)
            for kind in kinds
            for notice in NOTICES.values()
            for end in ENDS
        ]

    prompt, on_time, late, never, every = (
        over(ON_TIME[0]),
        over(*ON_TIME),
        over("late: will renew after two weeks, then renewed"),
        over("never answers"),
        over(*KINDS),
    )
    together = [r.messages().total() for r in on_time]
    worst = max(
        _mean_of([lived("never answers", end, notice) for end in ENDS])
        for notice in NOTICES.values()
    )
    repeats = sum(r.repeats() for r in every) / sum(r.messages().total() for r in every)
    lines = [
        ("answered on time, median", "1", f"{median([r.messages().total() for r in prompt]):.0f}"),
        (
            "answered on time, mean; with notices, early answers and leavers",
            "1.5",
            f"{_mean_of(prompt):.1f}; {sum(together) / len(together):.1f}",
        ),
        ("answered late, mean", "3.5", f"{_mean_of(late):.1f}"),
        (
            "never answered, mean; of the kind of contract with the most",
            "6",
            f"{_mean_of(never):.1f}; {worst:.1f}",
        ),
        (
            "repeats among all messages of the twelve kinds",
            "25 %",
            f"{repeats:.0%}".replace("%", " %"),
        ),
        (
            (
                f"a year of the manager of four reps with {EACH} renewals each, one of whom never "
                "answers"
            ),
            "60",
            str(managed()),
        ),
    ]
    return [
        "| messages | at most | lived |",
        "|---|---|---|",
        *(f"| {' | '.join(line)} |" for line in lines),
    ]


def _mean_of(renewals: Sequence[Renewal]) -> float:
    return sum(r.messages().total() for r in renewals) / len(renewals)


def managed() -> int:
    """The messages of a manager in a year: half of the contracts end with a month; a third ends,
    the others renew themselves."""
    days: set[date] = set()
    for rep, kind in enumerate(TEAM):
        for number in range(EACH):
            first_of_next = date(
                2027 + (number % 12 == 11), number % 12 + 2 - 12 * (number % 12 == 11), 1
            )
            ends_on = first_of_next - timedelta(
                days=1 if number % 2 else 2 + (number * 7 + rep) % 25
            )
            renewal = lived(kind, ends_on, (None, Term(2), Term(1))[number % 3])
            days |= {day for who, day in renewal.sent() if who == "manager"}
    return len(days)


def main() -> None:
    """Prints the tables, or writes them into the document."""
    for begin, text in ((BEGIN, "\n".join(table())), (GOALS, "\n".join(goals()))):
        if "--write" in sys.argv:
            before, _, rest = DOCUMENT.read_text("utf-8").partition(begin)
            DOCUMENT.write_text(
                f"{before}{begin}\n\n{text}\n\n{END}{rest.partition(END)[2]}", "utf-8"
            )
        print(text, end="\n\n")


if __name__ == "__main__":
    main()

"""How much people hear of a renewal: a life of each of twelve kinds of customer and rep under the shipped policy, in messages for each person.

    python -m benchmarks.attention [--write]

Each kind lives a contract that ends and one that renews itself with two months' notice, by the same `decide` as the daemon and from alarm to alarm,
with the answers that this kind of person gives; what falls on one working day for one person is one message. Weekly digests are apart. `--write` puts
the table into docs/attention.md, which a test compares with what comes out here.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from scheduler.core.answers import Answer, AnswerRefusedError, apply_answer
from scheduler.core.config.reading import Config, read_config
from scheduler.core.dates import Term
from scheduler.core.deal import Lost
from scheduler.core.people import Absence
from scheduler.core.pipeline import MoveRefusedError
from scheduler.core.policy import Policy
from scheduler.core.reasons import code_of
from scheduler.core.rules.followup import asks
from scheduler.core.rules.quiet import quiet_limit
from scheduler.core.words import Call, NudgeState, Paperwork, Verb
from scheduler.policy_building import holidays_of
from scheduler.shipped import shipped_config
from tests.cast import ANN, BOB, CHIKA, DAN, at, contract, deal
from tests.core.life import Life

DOCUMENT = Path(__file__).parents[1] / "docs" / "attention.md"
BEGIN, END = "<!-- messages per renewal -->", "<!-- end -->"
PEOPLE = {"person:1": "rep", "person:2": "manager", "person:3": "stand-in", "person:4": "new rep"}
ENDS = tuple(date(2027, month, day) for month, day in ((1, 31), (3, 31), (5, 14), (7, 31), (9, 17), (12, 31)))
"""Ends of months and others, over a year."""

LONDON = ZoneInfo("Europe/London")

Says = Callable[["Renewal", date], Answer | None]


@dataclass
class Renewal:
    """One renewal as it is lived, and how often its rep was asked."""

    life: Life
    policy: Policy
    asked: int = 0

    def messages(self) -> Counter[str]:
        """What went out, as one message for a person and working day."""
        days = {(_person(n.recipient.key), _working(self.days[n.key])) for n in self.life.nudges if self._went(n.key)}
        return Counter(who for who, _ in days)

    def repeats(self) -> int:
        """Messages in which nothing is asked for the first time, or on a day that somebody wished."""
        wished = {e.key for e in self.life.deal.events if not e.step or code_of(e.reason) in ("snooze_over", "expected_day")}
        told = [n for n in self.life.nudges if self._went(n.key) and (n.milestone, n.anchor_on, n.step) in wished]
        first = {(_person(n.recipient.key), _working(self.days[n.key])) for n in told}
        every = {(_person(n.recipient.key), _working(self.days[n.key])) for n in self.life.nudges if self._went(n.key)}
        return len(every - first)

    def _went(self, key: str) -> bool:
        return any(n.key == key and n.state is not NudgeState.CANCELLED for n in self.life.deal.nudges)

    days: dict[str, date] = None  # type: ignore[assignment]


def _person(key: str) -> str:
    return PEOPLE.get(key, "others")


def _working(day: date) -> date:
    return day + timedelta(days=(7 - day.weekday()) if day.weekday() > 4 else 0)


def _later(day: date, business_days: int) -> date:
    for _ in range(business_days):
        day = _working(day + timedelta(days=1))
    return day


def call(word: Call, *, days: int | None = None) -> Says:
    """A forecast, each time."""
    return lambda _, today: Answer(Verb.CALL, "Ann", ANN, call=word, expected_on=today + timedelta(days=days) if days else None, note="—")


def approval(_: Renewal, today: date) -> Answer:
    """In the customer's approval, each time."""
    return Answer(Verb.PAPERWORK, "Ann", ANN, paperwork=Paperwork.IN_APPROVAL)


def snoozes(renewal: Renewal, today: date) -> Answer:
    """In a week, or as late as can be."""
    limit = quiet_limit(renewal.life.deal, renewal.policy, today)
    until = min([today + timedelta(days=7), *([limit.until_on] if limit else [])])
    return Answer(Verb.SNOOZE, "Ann", ANN, until=max(until, today + timedelta(days=1)))


def doubts(renewal: Renewal, today: date) -> Answer:
    """In doubt at first, lost when asked again."""
    return call(Call.AT_RISK)(renewal, today) if renewal.asked == 1 else Answer(Verb.LOST, "Ann", ANN, lost=Lost("budget"))  # type: ignore[return-value]


def late(renewal: Renewal, today: date) -> Answer:
    """Will renew at first, renewed when asked again."""
    return call(Call.RENEW)(renewal, today) if renewal.asked == 1 else Answer(Verb.WON, "Ann", ANN)  # type: ignore[return-value]


def always(verb: Verb) -> Says:
    """The same answer each time."""
    return lambda _, __: Answer(verb, "Ann", ANN, lost=Lost("budget") if verb in (Verb.NOTICE, Verb.LOST) else None)


KINDS: dict[str, tuple[Says, int]] = {
    "prompt: renewed the next day": (always(Verb.WON), 1),
    "late: will renew after two weeks, then renewed": (late, 10),
    "never answers": (lambda _, __: None, 0),
    "seen, each time": (always(Verb.SEEN), 0),
    "snoozes for a week, each time": (snoozes, 0),
    "will renew, each time": (call(Call.RENEW), 0),
    "in approval, each time": (approval, 0),
    "notice": (always(Verb.NOTICE), 2),
    "at risk, then lost": (doubts, 2),
    "absent for a month, Chika stands in": (late, 1),
    "leaves; Dan takes over": (always(Verb.WON), 1),
    "early: renewed before anybody asks": (always(Verb.WON), 0),
}


def shipped() -> Policy:
    """The shipped policy with Ann's calendar, in English."""
    config = read_config(shipped_config(), "config.toml", holidays_of)
    assert isinstance(config, Config), config
    return config.policy


def lived(kind: str, ends_on: date, policy: Policy, *, renews: bool) -> Renewal:
    """One renewal of a kind, from four months before its end to two months after it."""
    says, delay = KINDS[kind]
    starts_on = date(ends_on.year - 1, ends_on.month, min(ends_on.day, 28)) + timedelta(days=1)
    of = contract(ends_on, starts_on=starts_on, auto_renew=renews, notice=Term(2) if renews else None)
    owner = replace(ANN, absences=(Absence(ends_on - timedelta(days=95), ends_on - timedelta(days=65), CHIKA.id),)) if "absent" in kind else ANN
    first = deal(of, owner=owner, people={p.id: p for p in (owner, BOB, CHIKA, DAN)}, arrived_at=at((ends_on - timedelta(days=150)).isoformat()))
    renewal = Renewal(Life(first, policy), policy)
    renewal.days = {}
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
        fresh = [n for n in life.nudges[known:] if n.role in ("owner", "snoozed") and asks(n.milestone, renewal.policy)]
        if fresh and not ("absent" in kind and now.astimezone(LONDON).date() <= ends_on - timedelta(days=65)):
            renewal.asked += 1
            answers.append(at(_later(_working(now.astimezone(LONDON).date()), delay).isoformat() + " 12:00"))
        coming = [t for t in (life.wake_at, min(answers, default=None)) if t is not None and t > now]
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
        events = tuple(e if e.state.value == "withdrawn" else touched.get(e.key, e) for e in was.events)
        nudges = tuple(replace(n, state=NudgeState.CANCELLED) if n.key in cancelled else n for n in was.nudges)
        renewal.life.deal = replace(done.deal, events=events, nudges=nudges)


def table() -> list[str]:
    """The table of docs/attention.md: messages per renewal, the mean over ends of a year, a contract that ends and one that renews itself."""
    policy = shipped()
    lines = ["| kind | rep | manager | others | together | of them repeats |", "|---|---|---|---|---|---|"]
    return [*lines, *(f"| {kind} | {' | '.join(_cells(kind, policy))} |" for kind in KINDS)]


def _cells(kind: str, policy: Policy) -> Iterator[str]:
    """`ends / renews itself` for each person."""
    both = [[lived(kind, end, policy, renews=renews) for end in ENDS] for renews in (False, True)]
    for who in (("rep",), ("manager",), ("stand-in", "new rep", "others")):
        yield " / ".join(_mean([sum(r.messages()[w] for w in who) for r in renewals]) for renewals in both)
    yield " / ".join(_mean([r.messages().total() for r in renewals]) for renewals in both)
    yield " / ".join(_mean([r.repeats() for r in renewals]) for renewals in both)


def _mean(numbers: list[int]) -> str:
    return f"{sum(numbers) / len(numbers):.1f}".removesuffix(".0")


def main() -> None:
    """Prints the table, or writes it into the document."""
    text = "\n".join(table())
    if "--write" in sys.argv:
        document = DOCUMENT.read_text("utf-8")
        DOCUMENT.write_text(re.sub(f"{BEGIN}.*?{END}", lambda _: f"{BEGIN}\n\n{text}\n\n{END}", document, flags=re.DOTALL), "utf-8")
    print(text)


if __name__ == "__main__":
    main()

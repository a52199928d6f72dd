"""Missed notice deadlines: none, shown for all dates. Every end, every notice, many calendars, by the program's own rules; judged by a few others.

    python -m benchmarks.deadlines [--every N] [--workers N]

The shipped policy, contracts that renew themselves and are known early enough: every end of 28 years (all patterns of weekdays and leap years) × a
notice of 0 to 12 months and of 0 to 120 days × 16 calendars, and 400 years on plain weekdays. The days of the questions are made by the program's
functions for days, the last call by its rule `followup` itself on a deal whose question waits, once for each question, deadline and calendar.
The judge knows nothing of them: the owner is asked on a working day on which the notice can still be given, and the last word comes at most three
working days before the last such day. `--every N` takes each N-th end. Exit code 1 and counterexamples where something is missed.
"""

import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from time import perf_counter

from scheduler.core.calendar import Calendar, Closure
from scheduler.core.dates import Term, decide_by
from scheduler.core.deadlines import practical
from scheduler.core.deal import Deal, Event
from scheduler.core.milestones import Milestone
from scheduler.core.policy import Policy
from scheduler.core.rules.followup import followup
from scheduler.core.schedule import day_start, due_days_in
from scheduler.core.words import EventState
from scheduler.policy_building import HolidaysByYear, holidays_of
from tests.cast import ANN, contract, deal

FIRST, LAST = date(2024, 1, 1), date(2051, 12, 31)
NOTICES = (*(Term(months) for months in range(13)), *(Term(0, days) for days in range(121)))
COUNTRIES = ("JP", "GB", "US", "AU", "DE", "FR", "IN", "CN", "KR", "BR", "ZA")
ASKED = ("renewal_3m", "renewal_1m", "decide_by_30d")
_DAY = timedelta(days=1)


def calendars() -> dict[str, Calendar]:
    """Sixteen: countries, Japan with its closures, weekends on other days, and closures of weeks."""
    found = {code.lower(): Calendar(code.lower(), holidays=_holidays(code)) for code in COUNTRIES}
    closed = tuple(Closure.parse(days, "closed") for days in ("12-29..01-03", "08-11..08-16"))
    long = tuple(Closure.parse(days, "closed") for days in ("12-20..01-10", "04-26..05-10", "08-01..08-21"))
    found["jp closed"] = Calendar("jp closed", holidays=_holidays("JP"), closures=closed)
    found["friday saturday"] = Calendar("friday saturday", weekend=frozenset({4, 5}))
    found["sunday only"] = Calendar("sunday only", weekend=frozenset({6}))
    found["long closures"] = Calendar("long closures", closures=long)
    found["weekdays"] = Calendar("weekdays")
    return found


def _holidays(code: str) -> HolidaysByYear:
    return holidays_of(code, None, "en")


def shipped() -> Policy:
    """The shipped policy."""
    from benchmarks.attention import shipped as policy  # noqa: PLC0415

    return policy()


class Rules:
    """The program's own days and last calls in one calendar, each computed once."""

    def __init__(self, policy: Policy, calendar: Calendar) -> None:
        self._owner = replace(ANN, calendar=calendar.name)
        self._policy = replace(policy, calendars={calendar.name: calendar})
        self._calendar = calendar
        self._zone = self._policy.zone_of(self._owner)
        self._any = deal(contract(date(2027, 3, 31), starts_on=date(2000, 1, 1), auto_renew=True), owner=self._owner)
        self._asking = [m for m in policy.milestones if m.id in ASKED]
        self.last_call = cache(self._last_call)
        self.day = cache(self._day)

    def _day(self, milestone: str, anchor_on: date) -> date:
        """The day on which a milestone comes that counts from `anchor_on`."""
        of = self._of(anchor_on, anchor_on)
        return due_days_in(self._milestone(milestone), of, self._calendar, self._zone, anchor_on)[0].day_on

    def _milestone(self, name: str) -> Milestone:
        return next(m for m in self._asking if m.id == name)

    def _of(self, ends_on: date, deadline_on: date) -> Deal:
        """A deal that ends and has to be decided then."""
        return replace(self._any, contract=replace(self._any.contract, ends_on=ends_on, decide_by=deadline_on))

    def _last_call(self, told_on: date, deadline_on: date) -> date | None:
        """The day of the last call while a question told on a day waits; None if the rule says nothing more."""
        told = Event("decide_by_30d", deadline_on, told_on, EventState.FIRED, "", day_start(told_on, self._zone))
        waiting = replace(self._of(deadline_on + timedelta(days=60), deadline_on), events=(told,))
        said = followup(waiting, self._policy, day_start(practical(deadline_on, self._calendar), self._zone))
        return said.events[-1].day_on if said.events else None

    def words(self, ends_on: date, deadline_on: date) -> list[date]:
        """The days on which the owner is asked until the deadline, the last one last."""
        told: list[date] = []
        for day in sorted(self.day(m.id, deadline_on if m.id == "decide_by_30d" else ends_on) for m in self._asking):
            joined = told and (day - told[-1]).days <= self._policy.attention.one_question_days
            if day <= deadline_on and not joined:
                told.append(day)
        last = self.last_call(told[-1], deadline_on) if told else None
        return [*told, *([last] if last is not None else [])]


def missed(open_days: frozenset[date], words: list[date], deadline_on: date) -> str:
    """The judge: what is wrong, or nothing."""
    last = deadline_on
    while last not in open_days:
        last -= _DAY
    heard = [day for day in words if day <= last]
    if not any(day in open_days for day in heard):
        return f"nobody is asked by {last}, the last working day before {deadline_on}"
    between = sum(1 for n in range((last - heard[-1]).days) if last - n * _DAY in open_days)
    return f"the last word comes on {heard[-1]}, {between} working days before {last}" if between > 3 else ""


def judged(name: str, every: int, first: date = FIRST, last: date = LAST) -> tuple[str, int, list[str]]:
    """One calendar: how many lives were tried, and what was missed."""
    calendar, tried = calendars()[name], 0
    faults: list[str] = []
    rules = Rules(shipped(), calendar)
    span = range(date(first.year - 2, 1, 1).toordinal(), last.toordinal() + 1)
    open_days = frozenset(d for d in map(date.fromordinal, span) if _is_open(d, calendar))
    for number in range(first.toordinal(), last.toordinal() + 1, every):
        ends_on = date.fromordinal(number)
        for notice in NOTICES:
            deadline_on = decide_by(ends_on, notice)
            wrong = missed(open_days, rules.words(ends_on, deadline_on), deadline_on)
            tried += 1
            if wrong:
                faults.append(f"{name}: end {ends_on}, notice {notice}: {wrong}")
    return name, tried, faults


def _is_open(day: date, calendar: Calendar) -> bool:
    """By the calendar's parts, not by its answers."""
    closed = day.weekday() in calendar.weekend or day in calendar.holidays(day.year)
    return not closed and not any(c.covers(day) for c in calendar.closures)


def main() -> None:
    """Tries them all and prints how many."""
    options = dict(zip(sys.argv[1::2], map(int, sys.argv[2::2]), strict=True))
    every, workers = options.get("--every", 1), options.get("--workers", 2)
    begun, tried = perf_counter(), 0
    faults: list[str] = []
    work: Mapping[str, tuple[date, date]] = dict.fromkeys(calendars(), (FIRST, LAST))
    with ProcessPoolExecutor(workers) as pool:
        running = [pool.submit(judged, name, every, *span) for name, span in work.items()]
        running.append(pool.submit(judged, "weekdays", every * 134, date(2024, 1, 1), date(2423, 12, 31)))
        for done in running:
            name, count, wrong = done.result()
            tried, faults = tried + count, faults + wrong
            print(f"{name}: {count:,} tried, {len(wrong):,} missed", flush=True)
    print(f"{tried:,} deadlines tried in {perf_counter() - begun:.0f} s, {len(faults):,} missed")
    for fault in faults[:20]:
        print(f"  {fault}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()

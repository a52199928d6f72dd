"""Missed notice deadlines: none, shown for all dates. Every end, every notice, many calendars, by
the program's own rules; judged by a few others.

    python -m benchmarks.deadlines [--every N] [--workers N]

The shipped policy, contracts that renew themselves and are known early enough: every end of 28
years (all patterns of weekdays and leap years) × a notice of 0 to 12 months and of 0 to 120 days ×
16 calendars, and every end of 400 years on plain weekdays. What comes is what `check` computes
(scheduler.core.rules.missed_deadlines: the days of milestones, joined questions and last days, each
by the rule for it, shared between lives with the same days); every `LIVED`-th life is lived by
`decide` from alarm to alarm as well and must say the same. The judge knows nothing of them: the
owner is asked on a working day on which the notice can still be given, and the last word comes at
most three working days before the last such day. `--every N` takes each N-th end. Exit code 1 and
counterexamples where something is missed.
"""

import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from time import perf_counter

from scheduler.app.policy_building import HolidaysByYear, holidays_of
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.missed_deadlines import AskingDay, UnansweredQuestions, lived, renewing
from scheduler.core.time.calendar import Calendar, Closure
from scheduler.core.time.dates import Term, decide_by

FIRST, LAST = date(2024, 1, 1), date(2051, 12, 31)
NOTICES = (*(Term(months) for months in range(13)), *(Term(0, days) for days in range(121)))
COUNTRIES = ("JP", "GB", "US", "AU", "DE", "FR", "IN", "CN", "KR", "BR", "ZA")
LIVED = 20_011
"""One life of so many is lived by `decide` too; a prime, so that ends and notices take turns."""
_DAY = timedelta(days=1)


def calendars() -> dict[str, Calendar]:
    """Sixteen: countries, Japan with its closures, weekends on other days, and closures of
    weeks."""
    found = {code.lower(): Calendar(code.lower(), holidays=_holidays(code)) for code in COUNTRIES}
    closed = tuple(Closure.parse(days, "closed") for days in ("12-29..01-03", "08-11..08-16"))
    long = tuple(
        Closure.parse(days, "closed") for days in ("12-20..01-10", "04-26..05-10", "08-01..08-21")
    )
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


def missed(open_days: frozenset[date], words: list[date], deadline_on: date) -> str:
    """The judge: what is wrong, or nothing."""
    last = deadline_on
    while last not in open_days:
        last -= _DAY
    heard = [day for day in words if day <= last]
    if not any(day in open_days for day in heard):
        return f"nobody is asked by {last}, the last working day before {deadline_on}"
    between = sum(1 for n in range((last - heard[-1]).days) if last - n * _DAY in open_days)
    return (
        f"the last word comes on {heard[-1]}, {between} working days before {last}"
        if between > 3
        else ""
    )


def judged(
    name: str, every: int, first: date = FIRST, last: date = LAST
) -> tuple[str, int, int, list[str]]:
    """One calendar: how many lives' deadlines were tried, how many of them were lived by `decide`
    too, and what was missed."""
    calendar, tried, alive = calendars()[name], 0, 0
    faults: list[str] = []
    policy = replace(shipped(), calendars={calendar.name: calendar})
    words = UnansweredQuestions(policy, "existing", calendar)
    span = range(date(first.year - 2, 1, 1).toordinal(), last.toordinal() + 1)
    open_days = frozenset(d for d in map(date.fromordinal, span) if _is_open(d, calendar))
    for number in range(first.toordinal(), last.toordinal() + 1, every):
        ends_on = date.fromordinal(number)
        for notice in NOTICES:
            deadline_on = decide_by(ends_on, notice)
            told = words.until(ends_on, deadline_on)
            wrong = missed(open_days, [w.day_on for w in told], deadline_on)
            if not tried % LIVED:
                life = lived(
                    renewing(ends_on, deadline_on, policy, "existing", calendar.name),
                    policy,
                    deadline_on,
                )
                wrong = (
                    wrong
                    or _lived_otherwise(told, life)
                    or missed(open_days, [w.day_on for w in life], deadline_on)
                )
                alive += 1
            tried += 1
            if wrong:
                faults.append(f"{name}: end {ends_on}, notice {notice}: {wrong}")
    return name, tried, alive, faults


def _lived_otherwise(told: Sequence[AskingDay], life: Sequence[AskingDay]) -> str:
    """What a life from alarm to alarm says otherwise: its first and its last word. (Between them a
    question may join a reminder.)"""
    ends = [[words[n].day_on for n in (0, -1)] if words else [] for words in (told, life)]
    return "" if ends[0] == ends[1] else f"the days say {_days(told)}, the life {_days(life)}"


def _days(words: Sequence[AskingDay]) -> str:
    return ", ".join(f"{w.milestone}{'+' * w.again} {w.day_on}" for w in words)


def _is_open(day: date, calendar: Calendar) -> bool:
    """By the calendar's parts, not by its answers."""
    closed = day.weekday() in calendar.weekend or day in calendar.holidays(day.year)
    return not closed and not any(c.covers(day) for c in calendar.closures)


def main() -> None:
    """Tries them all and prints how many."""
    options = dict(zip(sys.argv[1::2], map(int, sys.argv[2::2]), strict=True))
    every, workers = options.get("--every", 1), options.get("--workers", 2)
    begun, tried, alive = perf_counter(), 0, 0
    faults: list[str] = []
    work = [(name, FIRST, LAST) for name in calendars()]
    work += [
        ("weekdays", date(year, 1, 1), date(year + 24, 12, 31)) for year in range(2024, 2424, 25)
    ]
    with ProcessPoolExecutor(workers) as pool:
        running = [
            (first, last, pool.submit(judged, name, every, first, last))
            for name, first, last in work
        ]
        for first, last, done in running:
            name, count, lives, wrong = done.result()
            tried, alive, faults = tried + count, alive + lives, faults + wrong
            print(
                f"{name} {first.year}-{last.year}: {count:,} tried, {len(wrong):,} missed",
                flush=True,
            )
    ends = "every end" if every == 1 else f"each {every}th end"
    print(
        f"{tried:,} deadlines ({ends}) tried in {perf_counter() - begun:.0f} s, {alive:,} of "
        f"them lived by decide as well; {len(faults):,} missed"
    )
    for fault in faults[:20]:
        print(f"  {fault}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()

"""Mutations: the rules are broken one at a time in a copy of the program, and stories must fail.

`python -m benchmarks.mutations [WORD]` (WORD: only those named with it). Each mutation names the
stories that are lived first; if none of them fails, all are. Printed: what was broken, and the
first story, or test, that died of it. Exit code 1 if a mutation survives or no longer fits the
code.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
STORIES = ROOT / "tests" / "stories"


@dataclass(frozen=True, slots=True)
class Mutation:
    """One rule broken: in the first of `places` (file, text, text instead) that fits. `stories` are
    likely to notice; `test`: a test that does."""

    name: str
    places: tuple[tuple[str, str, str], ...]
    stories: tuple[str, ...] = ()
    test: str = ""


MUTATIONS = (
    Mutation(
        "a milestone's day is one day off",
        (
            (
                "core/time/dates.py",
                "    day = calendar.add(day, offset.business_days)",
                "    day = add_days(calendar.add(day, offset.business_days), 1)",
            ),
        ),
        ("month_end_clamps", "months_before_in_a_leap_year"),
    ),
    Mutation(
        "what climbs goes to the owner instead of the manager",
        (
            ("core/policy/attention.py", '("manager",)', '("owner",)'),
            ("core/policy/attention.py", '"manager"', '"owner"'),
        ),
        ("manager_changes", "nobody_answers"),
    ),
    Mutation(
        "seen is quiet for one business day longer",
        (
            (
                "core/answers/effects.py",
                "max(1, policy.attention.seen_for)",
                "max(1, policy.attention.seen_for) + 1",
            ),
            (
                "core/answers/effects.py",
                "policy.attention.seen_for",
                "policy.attention.seen_for + 1",
            ),
        ),
        ("seen_then_asked_again",),
    ),
    Mutation(
        "urgent_days is one off",
        (("core/rules/nudges.py", "<= settings.urgent_days", "< settings.urgent_days"),),
        ("urgent_within_five_days", "not_urgent_within_six_days"),
    ),
    Mutation(
        "late begins a day later",
        (("core/rules/nudges.py", "today - timedelta(days=1)", "today - timedelta(days=2)"),),
        ("two_days_late_is_a_flood", "a_day_late_is_not_late"),
    ),
    Mutation(
        "a delegate's answer is refused",
        (
            (
                "core/deal/authority.py",
                "    return found\n\n\ndef _was_asked",
                "    return set()\n\n\ndef _was_asked",
            ),
        ),
        ("delegate_answers_what_the_owner_was_asked", "delegate_answers"),
    ),
    Mutation(
        "an answer is undone without authority",
        (
            (
                "services/answers/answering.py",
                "        if not may_answer(by, ",
                "        if by is None and not may_answer(by, ",
            ),
        ),
        ("stranger_cannot_take_back",),
    ),
    Mutation(
        "onboarding is counted from the stage only",
        (
            (
                "core/rules/stages.py",
                "max(entered_on, deal.contract.starts_on or entered_on)",
                "entered_on",
            ),
        ),
        ("onboarding_before_the_start",),
    ),
    Mutation(
        "a question is not inherited from a nudge that could not be delivered",
        (
            (
                "core/rules/succession.py",
                "NudgeState.IN_DOUBT, NudgeState.DEAD",
                "NudgeState.IN_DOUBT",
            ),
        ),
        test="tests/core/rules/test_succession.py",
    ),
    Mutation(
        "the expected day is asked though the order is there",
        (
            (
                "core/rules/forecast_calls.py",
                (
                    "    settled = deal.notice_on is not None or deal.paperwork is "
                    "Paperwork.ORDERED\n    if day is None"
                ),
                "    settled = deal.notice_on is not None\n    if day is None",
            ),
            (
                "core/rules/forecast_calls.py",
                "    if deal.expected_on is None or settled(deal):",
                "    if deal.expected_on is None:",
            ),
        ),
        ("order_before_the_expected_day",),
    ),
)


def applied(mutation: Mutation, package: Path) -> bool:
    """Breaks the rule in a copy of the package; whether it still is where it was."""
    for name, old, new in mutation.places:
        file = package / name
        text = file.read_text("utf-8") if file.is_file() else ""
        if old in text:
            file.write_text(text.replace(old, new, 1), "utf-8")
            return True
    return False


def _run(copy: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A process in which the copy is the program."""
    env = {
        **os.environ,
        "PYTHONPATH": str(copy),
        "LANG": "en_US.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [sys.executable, *words], cwd=copy, env=env, capture_output=True, text=True, check=False
    )


def killers(copy: Path, mutation: Mutation) -> Iterator[str]:
    """What notices: the mutation's test, its stories, then all of them."""
    if (
        mutation.test
        and _run(
            copy, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", mutation.test
        ).returncode
        == 1
    ):
        yield mutation.test
    for files in ([STORIES / f"{name}.toml" for name in mutation.stories], [STORIES]):
        if files:
            said = _run(copy, "-m", "scheduler", "test", "--dir", str(copy), *map(str, files))
            yield from (
                line.split()[1] for line in said.stdout.splitlines() if line.startswith("✗")
            )


def main() -> int:
    """Every mutation in turn; the table."""
    word, survived = " ".join(sys.argv[1:]), 0
    wanted = [mutation for mutation in MUTATIONS if word in mutation.name]
    with TemporaryDirectory(prefix="mutations") as folder:
        for number, mutation in enumerate(wanted):
            copy = Path(folder) / str(number)
            for part in ("scheduler", "templates", "tests"):
                copytree(ROOT / part, copy / part)
            for file in ("config.toml", "pyproject.toml"):
                (copy / file).write_bytes((ROOT / file).read_bytes())
            fits = applied(mutation, copy / "scheduler")
            killer = next(killers(copy, mutation), "") if fits else ""
            survived += not killer
            shown = (
                Path(killer).name if killer else "survives" if fits else "no longer fits the code"
            )
            print(f"{mutation.name:70}  {shown}", flush=True)
    print(f"{len(wanted) - survived} of {len(wanted)} noticed")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())

"""The benchmarks' ruler: what it measures, and that it says when a goal is missed."""

import json
import os
import sys
from time import perf_counter, process_time

import pytest

from benchmarks._timing import at_least, at_most, clock, compare, once, pinned


def test_a_goal_that_is_missed_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    figure = compare("twice as slow", lambda: 0.4, lambda: 0.2, at_most(1.5), repeats=3)
    assert not figure.met
    assert capsys.readouterr().out.startswith("twice as slow: 2.00 (goal ≤ 1.5, MISSED)")


def test_a_goal_of_speed_is_the_other_way_round(capsys: pytest.CaptureFixture[str]) -> None:
    assert compare("mails", lambda: 0.4, lambda: 0.3, at_least(0.6), repeats=3).met
    assert not compare("mails", lambda: 0.4, lambda: 0.1, at_least(0.6), repeats=3).met
    assert "(goal speed ≥ 0.6, met)" in capsys.readouterr().out


def test_both_sides_run_in_turn_after_one_run_each_that_does_not_count(
    capsys: pytest.CaptureFixture[str],
) -> None:
    runs: list[tuple[str, float]] = []

    def side(name: str, seconds: list[float]) -> float:
        runs.append((name, seconds[0]))
        return seconds.pop(0)

    slow_start, steady = [9.0, 0.1, 0.3, 0.2], [9.0, 0.1, 0.1, 0.1]
    figure = compare(
        "turns",
        lambda: side("ours", slow_start),
        lambda: side("baseline", steady),
        at_most(2.0),
        repeats=3,
    )
    assert [name for name, _ in runs] == ["ours", "baseline"] * 4
    assert (figure.ours.least, figure.ours.median, figure.ours.most) == (0.1, 0.2, 0.3)
    assert figure.ratio == pytest.approx(2.0)
    capsys.readouterr()


def test_a_figure_can_be_read_by_a_machine(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmark", "--json"])
    compare("mails", lambda: 0.4, lambda: 0.3, at_least(0.6), repeats=1)
    told = json.loads(capsys.readouterr().out)
    assert (told["name"], told["met"], told["goal"]) == (
        "mails",
        True,
        {"limit": 0.6, "of_speeds": True},
    )


def test_a_function_is_timed_by_the_clock_unless_it_times_itself() -> None:
    def count() -> None:
        sum(range(100_000))

    assert 0 < once(count)[0] < 5
    assert once(lambda: 50.0)[0] == 50.0


def test_a_command_is_measured_with_its_own_memory() -> None:
    seconds, megabytes = once([sys.executable, "-c", "x = bytearray(300_000_000)"])
    assert seconds > 0
    assert megabytes > 300


def test_a_command_that_fails_ends_the_benchmark() -> None:
    with pytest.raises(SystemExit, match="ended with 3"):
        once([sys.executable, "-c", "raise SystemExit(3)"])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can pin a process to cores")
def test_pinning_ends_with_its_block() -> None:
    before = os.sched_getaffinity(0)
    with pinned(min(before)):
        assert os.sched_getaffinity(0) == {min(before)}
    assert os.sched_getaffinity(0) == before


def test_processor_time_can_be_asked_for_and_is_told_as_that(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    compare("turns", lambda: 0.4, lambda: 0.3, at_most(9.0), repeats=1)
    assert "processor" not in capsys.readouterr().out
    assert clock() == pytest.approx(perf_counter(), abs=60)
    monkeypatch.setattr(sys, "argv", ["benchmark", "--processor"])
    compare("turns", lambda: 0.4, lambda: 0.3, at_most(9.0), repeats=1)
    assert capsys.readouterr().out.rstrip().endswith("by the processor")
    assert clock() == pytest.approx(process_time(), abs=60)

"""A chart drawn in a process of its own."""

import sys
from typing import cast

import pytest

from scheduler.charts.child_process import drawn_in_child_process
from scheduler.charts.drawing import drawn
from scheduler.core.reports.pictures import Chart
from scheduler.core.words.lexicon import Language
from tests.charts.test_drawing import EVERY


def test_the_picture_is_the_one_that_is_drawn_here() -> None:
    failures: list[str] = []
    assert drawn_in_child_process(EVERY, Language.JA, failures.append) == drawn(EVERY, Language.JA)
    assert failures == []


def test_a_chart_of_nothing_is_no_picture() -> None:
    assert drawn_in_child_process(Chart("Nothing", ()), Language.EN, pytest.fail) is None


def test_what_cannot_be_drawn_is_no_picture_and_said_why() -> None:
    failures: list[str] = []
    nobodys = cast("Language", object())
    assert drawn_in_child_process(EVERY, nobodys, failures.append) is None
    assert "Error" in failures[0]


def test_without_an_interpreter_it_is_said_too(monkeypatch: pytest.MonkeyPatch) -> None:
    failures: list[str] = []
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert drawn_in_child_process(EVERY, Language.EN, failures.append) is None
    assert "/nowhere/python" in failures[0]

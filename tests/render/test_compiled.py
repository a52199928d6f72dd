"""Templates are compiled once in a process, and once more wherever the compiler would make
something else of them."""

from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any

import pytest
from jinja2 import TemplateSyntaxError

from scheduler.core.words.lexicon import Language
from scheduler.render import compiled
from scheduler.render.filters import filters
from scheduler.render.sandbox import Sandbox

LOUD: Mapping[str, Callable[..., Any]] = {"said": lambda text: f"{text}!"}
CALM: Mapping[str, Callable[..., Any]] = {"said": lambda text: f"{text}."}


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[object, ...], CodeType]:
    """What is kept, empty at first."""
    empty: dict[tuple[object, ...], CodeType] = {}
    monkeypatch.setattr(compiled, "_COMPILED", empty)
    return empty


def test_environments_that_are_alike_compile_a_template_once(
    kept: dict[tuple[object, ...], CodeType], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    plain = Sandbox.compile

    def noted(box: Sandbox, source: str, name: str, filename: str) -> CodeType:
        made.append(name)
        return plain(box, source, name, filename)

    monkeypatch.setattr(Sandbox, "compile", noted)
    boxes = [
        Sandbox({"a": "{{ x }}", "b": "{{ x }}"}, filters(Language.JA), escape=True)
        for _ in range(2)
    ]
    assert [
        boxes[0].run("a", {"x": "<"}),
        boxes[1].run("a", {"x": ">"}),
        boxes[1].run("b", {"x": "&"}),
    ] == ["&lt;", "&gt;", "&amp;"]
    assert (made, len(kept)) == (["a", "b"], 2)


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (Sandbox({"a": "{{ '<b>' | said }} {{ x }}"}, CALM, escape=True), "&lt;b&gt;. &lt;"),
        (Sandbox({"a": "{{ '<b>' | said }} {{ x }}"}, LOUD, escape=False), "<b>! <"),
        (Sandbox({"a": "{{ '<i>' | said }} {{ x }}"}, LOUD, escape=True), "&lt;i&gt;! &lt;"),
    ],
    ids=["other filters", "no escaping", "another text"],
)
def test_one_that_differs_has_its_own(
    other: Sandbox, says: str, kept: dict[tuple[object, ...], CodeType]
) -> None:
    assert (
        Sandbox({"a": "{{ '<b>' | said }} {{ x }}"}, LOUD, escape=True).run("a", {"x": "<"})
        == "&lt;b&gt;! &lt;"
    )
    assert other.run("a", {"x": "<"}) == says
    assert len(kept) == 2


def test_a_template_with_a_mistake_is_refused_every_time(
    kept: dict[tuple[object, ...], CodeType],
) -> None:
    for _ in range(2):
        with pytest.raises(TemplateSyntaxError, match="Expected an expression"):
            Sandbox({"a": "{% if %}"}, LOUD, escape=True).run("a", {})
    assert kept == {}

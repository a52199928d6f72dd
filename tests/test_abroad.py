"""In a language of the tests' own making no mail, post, page or calendar feed holds a sentence that
is not in its catalogue or in its templates."""

import os

import pytest

from tests import forked
from tests.abroad import PARTS, marked
from tests.marked import unmarked_sentences

DATA = ("(logins −38%, champion moved on)", "(budget approved)")
"""What somebody typed."""


@pytest.mark.parametrize("part", PARTS)
def test_every_sentence_comes_out_of_the_catalogue_or_a_template(part: str) -> None:
    said = forked.run(
        [part], module="tests.abroad", cwd=forked.REPOSITORY, env=dict(os.environ), timeout=300
    )
    assert said.returncode == 0, said.stderr
    assert said.stdout.count("⟦") > 500
    shown = said.stdout
    for typed in DATA:
        shown = shown.replace(typed, "")
    assert unmarked_sentences(shown) == []


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{# not this #}Hello {{ name }},", "{# not this #}⟦Hello⟧ {{ name }},"),
        ("{{ ' (and more)' if x == 'won' }}", "{{ ' (⟦and more⟧)' if x == 'won' }}"),
        ('{% include "en/a.txt" %}', '{% include "en/a.txt" %}'),
        (
            '<p class="{{ x }} wide">Ends <b>soon</b>.</p>',
            '<p class="{{ x }} wide">⟦Ends⟧ <b>⟦soon⟧</b>.</p>',
        ),
        (
            '{% import "en/a.txt" as a %}{{ a.b("Open") }}',
            '{% import "en/a.txt" as a %}{{ a.b("⟦Open⟧") }}',
        ),
    ],
)
def test_a_template_is_marked_where_people_read(template: str, expected: str) -> None:
    assert marked(template, html="<" in template) == expected

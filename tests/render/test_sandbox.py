"""What a template may cost: whatever it builds or looks at is charged before it is done, so that no
text can stop everybody's reminders."""

import pytest
from jinja2.exceptions import SecurityError

from scheduler.render.sandbox import Sandbox, TooMuchError

MANY = "[" + ",".join("1" * 200) + "]"
TWICE = f"{{% for i in {MANY} %}}{{% for j in {MANY} %}}{{}}{{% endfor %}}{{% endfor %}}"
LONG = "{% set b = '" + "ab" * 4000 + "' %}"


def twice(inside: str) -> str:
    """The same forty thousand times."""
    return TWICE.replace("{}", inside)


def grown(first: str, build: str, rounds: int = 6) -> str:
    """A variable that holds forty of what it held before, again and again."""
    return (
        f"{{% set v = {first} %}}"
        + f"{{% set v = {build.replace('*', ','.join(['v'] * 40))} %}}" * rounds
        + "{{ v | length }}"
    )


BOMBS = {
    "joined again and again": grown("'" + "x" * 1000 + "'", "[*] | join"),
    "joined with a long separator": LONG + "{{ " + MANY + " | join(b) | length }}",
    "nested lists": grown("[1]", "[*]", 8),
    "nested tuples": grown("[1]", "(*)", 8),
    "nested mappings": "{% set v = {'x': 1} %}"
    + ("{% set v = {" + ",".join(f"'{n}': v" for n in range(40)) + "} %}") * 8,
    "text upon text": "{% set v = 'xxxxxxxxxx' %}" + "{% set v = v ~ v ~ v ~ v %}" * 20,
    "filters in loops": LONG
    + twice("{% if (b | upper | lower | upper | lower) == 'x' %}{% endif %}"),
    "slices in loops": LONG + twice("{% set c = b[1:] %}"),
    "comparisons in loops": f"{{% set b = {MANY} %}}" + twice("{% if b == b %}{% endif %}"),
    "searches in loops": f"{{% set b = {MANY} %}}" + twice("{% if 7 in b %}{% endif %}"),
    "tests in loops": f"{{% set b = {MANY} %}}" + twice("{% if 7 is in(b) %}{% endif %}"),
    "text repeated in a macro": "{% macro m() %}"
    + twice("z" * 5000)
    + "{% endmacro %}{{ m() | length }}",
    "text repeated in a filter": "{% filter upper %}" + twice("z" * 5000) + "{% endfilter %}",
    "macros of macros": "{% macro m0() %}"
    + "y" * 5000
    + "{% endmacro %}"
    + "".join(
        f"{{% macro m{n}() %}}" + f"{{{{ m{n - 1}() }}}}" * 40 + "{% endmacro %}"
        for n in range(1, 6)
    )
    + "{{ m5() | length }}",
    "blocks given to a macro": "{% macro m() %}"
    + "{{ caller() }}" * 9
    + "{% endmacro %}"
    + "{% call m() %}" * 9
    + "x" * 1000
    + "{% endcall %}" * 9,
}


def run(text: str) -> str:
    return Sandbox({"it": text}, {}, escape=False).run("it", {})


@pytest.mark.parametrize("name", BOMBS)
def test_a_text_that_grows_without_end_is_stopped(name: str) -> None:
    with pytest.raises(TooMuchError, match=r"characters|too long|steps"):
        run(BOMBS[name])


@pytest.mark.parametrize(
    "text",
    [
        "{{ [[1], [2]] | sum(start=[]) }}",
        "{{ [[1], [2]] | join }}",
        "{{ 'x' * 10 }}",
        "{{ 2 ** 9 }}",
        "{{ 1 | round(-9999999) }}",
        "{{ 1 | round(9999999, 'ceil') }}",
        "{{ 1 | round(precision=-999999999) }}",
        "{{ 1 | round('2') }}",
    ],
)
def test_what_cannot_be_bounded_is_refused(text: str) -> None:
    with pytest.raises(SecurityError):
        run(text)


@pytest.mark.parametrize(
    "text",
    [
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{" + "(" * 3000 + "1" + ")" * 3000 + "}}",
    ],
)
def test_what_calls_itself_ends(text: str) -> None:
    with pytest.raises(RecursionError):
        run(text)


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("{{ ['a', 'b', 3] | join(', ') }}", "a, b, 3"),
        ("{{ [1, 2] | sum }}", "3"),
        (
            "{{ 2.345 | round(1) }} {{ 1250 | round(-2, 'ceil') }} {{ 2.6 | round }}",
            "2.3 1300.0 3.0",
        ),
        ("{% for a, b in [(1, 2), (3, 4)] %}{{ a + b }} {% endfor %}", "3 7 "),
        (
            "{% set a = {'x': [1, 2]} %}{{ 2 in a.x }} {{ a.x == [1, 2] }} {{ a.y is defined }}",
            "True True False",
        ),
        ("{{ 'abcdef'[1:3] }}", "bc"),
        ("{{ ('a' ~ 1) | upper }}", "A1"),
        ("{% if 1 < 2 < 3 %}yes{% endif %}", "yes"),
    ],
)
def test_what_templates_need_works_as_ever(text: str, output: str) -> None:
    assert run(text) == output

"""What each kind of text accepts; what it refuses is in tests/data/config."""

import re
from datetime import date, time

import pytest

from scheduler.core.config.fields import hours, label_table, shown, waits
from scheduler.core.time.dates import Offset
from tests.core.config.test_reading import MINIMAL, problems


def accepted(line: str) -> bool:
    """Whether the minimal file with one more line at its top is."""
    return problems(f"{line}\n{MINIMAL}") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("09:00-18:00", (time(9), time(18))),
        ("9:00 - 18:30", (time(9), time(18, 30))),
        ("００：００〜２３：５９", (time(0), time(23, 59))),
        ("08:00–17:00", (time(8), time(17))),
    ],
)
def test_hours_are_read_as_people_type_them(text: str, expected: tuple[time, time]) -> None:
    assert hours(text) == expected
    assert accepted(f'hours = "{text}"')


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9",
        "09:00",
        "09:00-09:00",
        "18:00-09:00",
        "09:60-18:00",
        "09:00-24:00",
        "09:00-18:00-19:00",
        "-1:00-18:00",
    ],
)
def test_other_hours_are_refused(text: str) -> None:
    assert not accepted(f'hours = "{text}"')


def test_a_wait_is_a_length_of_time_forward() -> None:
    assert waits("10営業日") == Offset(business_days=10)
    for text in ("0 days", "-1 day", "3日前", "+1 month -1 day"):
        with pytest.raises(ValueError, match=re.escape(text)):
            waits(text)


@pytest.mark.parametrize(
    "zone",
    ["Asia/Tokyo", "Europe/London", "America/Argentina/Buenos_Aires", "UTC", "Etc/GMT+9", "Japan"],
)
def test_every_machines_zones_are_accepted(zone: str) -> None:
    assert accepted(f'zone = "{zone}"')


@pytest.mark.parametrize(
    "zone",
    [
        "localtime",
        "posixrules",
        "posix/Asia/Tokyo",
        "right/Asia/Tokyo",
        "Factory",
        "Asia",
        ".",
        "/etc/localtime",
        "a\\u0000b",
        "x" * 5000,
    ],
)
def test_a_zone_that_is_a_file_of_this_machine_only_is_not(zone: str) -> None:
    assert not accepted(f'zone = "{zone}"')


@pytest.mark.parametrize("value", ["名前", {"ja": "名前", "en": "Name"}])
def test_a_name_is_one_text_or_one_for_each_language(value: object) -> None:
    assert label_table(value) in ({"ja": "名前", "en": "名前"}, {"ja": "名前", "en": "Name"})


@pytest.mark.parametrize(
    "label",
    [
        '" "',
        "{}",
        '{ ja = "x" }',
        '{ ja = "x", en = "" }',
        '{ ja = "x", en = 1 }',
        '{ ja = "x", en = "x", fr = "x" }',
        "[]",
        "1",
    ],
)
def test_any_other_name_is_refused(label: str) -> None:
    assert [
        p.path
        for p in problems(MINIMAL.replace('label = "Existing customers"', f"label = {label}"))
    ] == ["pipelines[0].label"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('a "b"', '"a \\"b\\""'),
        ("a\nb\x1b[31m\x9b", '"a\\nb\\u001b[31m\\u009B"'),
        ("x" * 61, f'"{"x" * 59}…"'),
        (1.5, "1.5"),
        (date(2026, 8, 13), "2026-08-13"),
        ({"a": 1}, "a table"),
    ],
)
def test_a_value_is_shown_on_one_line_whatever_it_is(value: object, expected: str) -> None:
    assert str(shown(value)) == expected


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("https://hc-ping.com/7f3a", True),
        ("https://kuma.example.com:8443/api/push/abc?status=up", True),
        ("http://127.0.0.1:3001/x", True),
        ("http://localhost/x", True),
        ("http://[::1]:3001/x", True),
        ("", True),
        ("http://hc-ping.com/7f3a", False),
        ("http://127.example.com/7f3a", False),
        ("https://", False),
        ("https://user@hc-ping.com/7f3a", False),
        ("ftp://127.0.0.1/7f3a", False),
        ("https://hc-ping.com/7f 3a", False),
        ("7f3a", False),
    ],
)
def test_a_watcher_outside_is_asked_over_https_and_a_mistake_never_repeats_its_secret(
    url: str, fine: bool
) -> None:
    found = problems(f'{MINIMAL}\n[machine]\nheartbeat_url = "{url}"\n')
    assert ([p.path for p in found], any("7f" in p.text.en + p.text.ja for p in found)) == (
        [] if fine else ["machine.heartbeat_url"],
        False,
    )

"""Retry-After: what every server writes into it, and what nobody may believe."""

import pytest

from scheduler.core.time.retry_after import retry_after

NOW = "Sun, 29 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("0.2", 1.0),
        ("3600", 3600.0),
        ("3601", 3600.0),
        ("9" * 400, 3600.0),
        ("Sun, 29 Nov 2026 10:02:00 GMT", 120.0),
        ("Fri, 31 Dec 9999 23:59:60 GMT", 3600.0),
        ("", None),
        ("0", None),
        ("-5", None),
        ("1e9", None),
        ("soon", None),
        ("\u0663", None),
        (NOW, None),
        ("Sun, 29 Nov 2026 09:59:59 GMT", None),
        ("Sun, 31 Nov 2026 10:02:00 GMT", None),
        ("Sun, 29 Foo 2026 10:02:00 GMT", None),
    ],
)
def test_a_wait_is_read_in_seconds_or_as_a_date_and_never_longer_than_believed(
    wait: str, seconds: float | None
) -> None:
    assert retry_after({"RETRY-AFTER": wait, "Date": NOW}, 3600.0) == seconds


def test_a_date_means_nothing_without_the_servers_clock() -> None:
    assert retry_after({"Retry-After": "Sun, 29 Nov 2026 10:02:00 GMT"}, 3600.0) is None
    assert retry_after({}, 3600.0) is None

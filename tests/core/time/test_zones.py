"""One reader of the names of time zones, for settings, files, commands and other systems."""

import pytest

from scheduler.core.time.zones import zone_named


@pytest.mark.parametrize("name", ["UTC", "Asia/Tokyo", "America/Argentina/ComodRivadavia"])
def test_a_zone_is_found_by_its_name(name: str) -> None:
    assert zone_named(name).key == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mars/Base",
        "Europe",
        "Europe" + "/1" * 3000,
        "../../etc/passwd",
        "/etc/localtime",
        "localtime",
        "posix/Europe/London",
        "Factory",
        "Asia/\0Tokyo",
        "Asia/\udcffTokyo",
    ],
)
def test_what_is_no_zone_of_every_machine_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=".*"):
        zone_named(name)

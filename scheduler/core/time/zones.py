"""Names of time zones, wherever one is typed, stands in a file or comes from another system."""

import re
from zoneinfo import ZoneInfo

_LONGEST = 60
_NO_PLACE = re.compile(r"(posix|right)/|localtime|Factory|posixrules")


def zone_named(name: str) -> ZoneInfo:
    """The time zone of this name in the IANA database, if every machine has it. Raises ValueError.

    The longest has 32 letters; what is much longer is not looked for, because the library that
    looks goes one call deeper for each `/`.

    >>> zone_named("Asia/Tokyo").key
    'Asia/Tokyo'
    >>> zone_named("localtime")
    Traceback (most recent call last):
    ValueError: localtime
    """
    if len(name) > _LONGEST or _NO_PLACE.match(name):
        raise ValueError(name[:_LONGEST])
    try:
        return ZoneInfo(name)
    except (LookupError, OSError) as error:
        raise ValueError(name) from error

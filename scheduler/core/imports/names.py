"""Makes names from files and other systems comparable."""

import re

from scheduler.core.imports.written_days import narrow


def plain(name: str) -> str:
    """A name for comparison: width, case, spaces, underscores and hyphens do not count.

    >>> plain("Ｒｅｃｏｒｄ ID"), plain("starts_on"), plain("契約 番号")
    ('recordid', 'startson', '契約番号')
    """
    return re.sub(r"[\s_\-]+", "", narrow(name).strip().lower())

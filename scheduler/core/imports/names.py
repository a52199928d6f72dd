"""Makes names that people type, and those from files and other systems, comparable."""

import re
from collections.abc import Mapping

from scheduler.core.imports.written_days import narrow
from scheduler.core.words.labels import Label


def plain(name: str) -> str:
    """A name for comparison: width, case, spaces, underscores and hyphens do not count.

    >>> plain("Ｒｅｃｏｒｄ ID"), plain("starts_on"), plain("契約 番号")
    ('recordid', 'startson', '契約番号')
    """
    return re.sub(r"[\s_\-]+", "", narrow(name).strip().lower())


def number_key(number: str) -> str:
    """What a contract's number is compared by, wherever it is typed or stands: width, case and
    extra spaces do not count.

    >>> number_key("ＡＢＣ－１２３"), number_key(" Abc-123"), number_key("契約 １")
    ('abc-123', 'abc-123', '契約 1')
    """
    return " ".join(narrow(number).casefold().split())


def meant(written: str, names: Mapping[str, Label]) -> str | None:
    """The id in `names` that is meant: by itself, or by what it is called in any language; None
    where it is none of them.

    >>> reasons = {"value": Label("Value for money"), "other": Label("Other")}
    >>> meant("Ｖａｌｕｅ for money", reasons), meant("OTHER", reasons), meant("sun", reasons)
    ('value', 'other', None)
    """
    wanted = plain(written)
    return next(
        (id for id, name in names.items() if wanted in map(plain, (id, *name.spellings()))), None
    )

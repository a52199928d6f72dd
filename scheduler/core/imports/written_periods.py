"""When a contract runs, as people write it in one cell: 2026/4/1〜2027/3/31, 無期限.

Always holds: only where a text is parted is found here; what its parts say is read by those who
read days and lengths alone. A text that can be parted in two ways is no period.
"""

import re
from dataclasses import dataclass
from datetime import date

from scheduler.core.imports.typed import NotReadError, bare_number, length
from scheduler.core.imports.written_days import (
    is_no_such_day,
    is_without_day,
    narrow,
    readings,
)
from scheduler.core.time.dates import Term

_LONGEST = 160
_ENDLESS = frozenset(
    "期間の定めなし 期間の定め無し 期間定めなし 期限の定めなし 期限の定め無し 定めなし 定め無し "
    "無期限 無期 期限なし 期限無し 終期なし 終了日なし 満了日なし 終了なし なし 無し 無 "
    "indefinite indefinitely openended perpetual evergreen noend noenddate noexpiry "
    "noexpirydate nofixedterm withoutend".split()
)
_FROM = re.compile(r"^(?:自(?!動)|\b(?:from|vom|du)\b) ?", re.IGNORECASE)
_UNTIL = re.compile(r" ?(?:まで|迄)$")
_BRACKET = re.compile(r" ?\(([^()]*)\)$")
_BRACKETED = re.compile(r"([^()]+)\((.+)\)")
_TO = re.compile(
    r"(?: ?(?:[~〜→⇒]|から|より|至|\b(?:to|through|thru|until|till|bis|au)\b))+ ?", re.IGNORECASE
)
_DASH = "[-/\u2010-\u2015\u2212ー]"
_SPACED = re.compile(rf" {_DASH}+(?: |$)|(?:^| ){_DASH}+ ")
_TIGHT = re.compile(_DASH)


@dataclass(frozen=True, slots=True)
class Period:
    """What one cell says of when a contract runs: its days, or the first one and how long;
    `endless`: that it has no end on purpose."""

    starts_on: date | None = None
    ends_on: date | None = None
    term: Term | None = None
    endless: bool = False


def is_endless(text: str) -> bool:
    """Whether a text says that there is no end on purpose.

    >>> [is_endless(t) for t in ("期間の定めなし", "無期限", "Open-ended", "no end date", "未定")]
    [True, True, True, True, False]
    """
    return len(text) < _LONGEST and re.sub(r"[\s_\-.]+", "", narrow(text)).lower() in _ENDLESS


def halves(text: str) -> tuple[str, str] | None:
    """The texts of the first and the last day of a period, one of them empty where it is open on
    that side; None for a text that is not parted. The last may be a length, or say that there is
    no end. A length beside the days in brackets only repeats what they say.

    >>> halves("2026/4/1〜2027/3/31"), halves("2026年4月1日から2027年3月31日まで(1年間)")
    (('2026/4/1', '2027/3/31'), ('2026年4月1日', '2027年3月31日'))
    >>> halves("2026-04-01-2027-03-31"), halves("1 Apr 2026 – 31 Mar 2027")
    (('2026-04-01', '2027-03-31'), ('1 Apr 2026', '31 Mar 2027'))
    >>> halves("自 令和8年4月1日 至 令和9年3月31日"), halves("2026/4/1 ～"), halves("2027/3/31まで")
    (('令和8年4月1日', '令和9年3月31日'), ('2026/4/1', ''), ('', '2027/3/31'))
    >>> halves("12 months"), halves("2026-04-01"), halves("2026-04-01 ~ 2027-03-31 ~ 2028-03-31")
    (None, None, None)
    """
    if len(text) > _LONGEST:
        return None
    plain = " ".join(narrow(text).split())
    if (bracket := _BRACKET.search(plain)) and _is_length(bracket[1]):
        plain = plain[: bracket.start()]
    elif (whole := _BRACKETED.fullmatch(plain)) and _is_length(whole[1].strip()):
        plain = whole[2].strip()
    ends = _UNTIL.search(plain) is not None
    plain, begins = _UNTIL.sub("", plain), _FROM.match(plain) is not None
    plain = _FROM.sub("", plain)
    for parted in (_TO, _SPACED):
        found = list(parted.finditer(plain))
        if found:
            return _around(plain, found[0]) if len(found) == 1 else None
    tight = {
        parts
        for at in _TIGHT.finditer(plain)
        if all(map(readings, parts := _around(plain, at))) or _ends_by_length(*parts)
    }
    if tight:
        return tight.pop() if len(tight) == 1 else None
    if begins is ends:
        return None
    return ("", plain) if ends else (plain, "")


def is_about_days(text: str) -> bool:
    """Whether a text is a day, or has the form of one: a month, a day that there is not."""
    return bool(readings(text)) or is_without_day(text) or is_no_such_day(text)


def names_days(text: str) -> bool:
    """Whether a text, or a part of it, is about days.

    >>> [names_days(t) for t in ("2026/4/1〜", "2026/4/1〜2027/3/31〜", "2026-04-01", "12 months")]
    [True, True, True, False]
    """
    parts = halves(text) or _TO.split(" ".join(narrow(text[:_LONGEST]).split()))
    return any(is_about_days(part.strip()) for part in parts)


def _around(text: str, at: re.Match[str]) -> tuple[str, str]:
    """What stands before and behind."""
    return text[: at.start()].strip(), text[at.end() :].strip()


def _ends_by_length(first: str, last: str) -> bool:
    return bool(readings(first)) and (is_endless(last) or _is_length(last))


def _is_length(text: str) -> bool:
    """Whether a text is a length of time with its unit."""
    if bare_number(text) is not None:
        return False
    try:
        length(text)
    except NotReadError:
        return False
    return True

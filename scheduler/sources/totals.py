"""Rows that are no contracts but sums or remarks at the end of a list."""

import re

from scheduler.core.imports.names import plain

_TOTALS = tuple(
    map(
        plain,
        (
            "合計金額 合計 総計 総合計 総額 小計 計 grand_total total totals subtotal sum summe "
            "gesamt totale suma"
        ).split(),
    )
)


TOTAL_BEGINS = tuple(word[0] for word in _TOTALS)


_TOTAL = re.compile(
    rf"(?:{'|'.join(_TOTALS)})(?::.*|\(.*\)|\d+(?:件|社|contracts?|customers?)|amount|value|arr)?"
    r"|.{1,20}(?:合計|小計|総計)(?:\(.*\))?"
)


REMARK = re.compile(
    r"[※*＊].*|(?:注|備考|出典|note|notes|nb|source|remarks?)\s*\d*\s*[:：)）].*"
    r"|.{1,40}\s(?:sub)?totals?:?|(?:sub)?totals?\s.{1,40}|以上",
    re.IGNORECASE,
)


def is_total(text: str) -> bool:
    """Whether a cell says that its row is a sum.

    >>> (is_total("合 計"), is_total("Total:"), is_total("小計（佐藤）"), is_total("合計 2件"),
    ...  is_total("SUM-1"), is_total("計画-7"), is_total("佐藤 小計"), is_total("Total Energies"))
    (True, True, True, True, False, False, True, False)
    """
    return _TOTAL.fullmatch(plain(text)) is not None and "-" not in text

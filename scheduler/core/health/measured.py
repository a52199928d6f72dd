"""What teams usually measure of their customers: names, what they are called in files, and which
values can be.

Always holds: names not listed here are allowed; they only have no other spelling, and every finite
number can be their value.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

MOST = 1e12
"""The largest value there is, either side of zero: what is beyond is a mistake of the file."""
LONGEST_NAME = 60
_NOT_IN_NAMES = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Measured:
    """One thing that is measured. `called` are names of columns, parted by `|`; `least` and `most`
    are the values that can be. `group` is the profile to whose files it belongs."""

    name: str
    group: str
    called: str
    least: float = 0.0
    most: float = MOST


KNOWN: Mapping[str, Measured] = {
    measured.name: measured
    for measured in (
        Measured(
            "logins",
            "usage",
            "logins|weekly logins|logins per week|sessions|ログイン数|ログイン回数|週間ログイン数",
        ),
        Measured(
            "active_users",
            "usage",
            "active users|weekly active users|wau|users active|アクティブユーザー数|利用者数",
        ),
        Measured(
            "seats_used",
            "usage",
            "seats used|used seats|active seats|licenses used|利用席数|利用ライセンス数",
        ),
        Measured(
            "seats",
            "usage",
            "seats|licenses|seats bought|席数|契約席数|ライセンス数|契約ライセンス数",
        ),
        Measured(
            "usage", "usage", "usage|usage count|feature usage|events|利用回数|利用量|利用件数"
        ),
        Measured("errors", "usage", "errors|error count|エラー数|エラー件数"),
        Measured(
            "tickets_open",
            "tickets",
            "tickets open|open tickets|tickets|未解決件数|未解決チケット数|問い合わせ件数",
        ),
        Measured(
            "tickets_severe",
            "tickets",
            "tickets severe|severe tickets|urgent tickets|p1 tickets|重大件数|重大チケット数",
        ),
        Measured(
            "ticket_age",
            "tickets",
            "ticket age|oldest ticket|oldest ticket days|ticket age days|最長未解決日数|未解決日数",
        ),
        Measured("nps", "surveys", "nps|nps score|NPSスコア|推奨度", -100.0, 100.0),
        Measured("csat", "surveys", "csat|csat score|satisfaction|満足度", 0.0, 100.0),
        Measured(
            "invoices_overdue",
            "invoices",
            "invoices overdue|overdue invoices|unpaid invoices|延滞件数|未払件数|支払遅延件数",
        ),
        Measured(
            "days_overdue",
            "invoices",
            "days overdue|overdue days|延滞日数|遅延日数|支払遅延日数|最長延滞日数|最長遅延日数",
        ),
        Measured("champion_left", "champions", "champion left|推進者の離任|キーマン離任", 0.0, 1.0),
        Measured("meetings", "meetings", "meetings|meetings held|打ち合わせ数|面談数|会議数"),
    )
}
"""By name. `ticket_age` and `days_overdue` are days; `nps` is -100 to 100, or one answer of 0 to
10; `csat` is on the scale that the team uses, up to 100; `champion_left` is 1 on the day on which
they left, and 0 when there is a new one."""


def signal_name(written: str) -> str:
    """A name as measures call it: lower case, words joined by `_`; empty where there is none.

    >>> signal_name("Logins / week"), signal_name("利用 回数"), signal_name("NPS"), signal_name("-")
    ('logins_week', '利用_回数', 'nps', '')
    """
    found = _NOT_IN_NAMES.sub("_", written.strip().lower()).strip("_")
    return found if any(c.isalpha() for c in found) else ""

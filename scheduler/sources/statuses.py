"""Columns of a hand-kept list that say whether a contract still runs: Status, 契約状況.

Always holds: a contract that such a column says is over never comes in as one that runs. Once any
of its words shows what the column is, every other word in it needs a place.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from scheduler.core.imports.names import plain
from scheduler.core.imports.placement import EXISTING, UNKNOWN_PROGRESS, Placement
from scheduler.core.imports.texts import Reject
from scheduler.sources.files.table import SourceTable
from scheduler.sources.kinds.profiles import CSV, names
from scheduler.sources.mappings.contracts import FileMapping

_WORDS = {
    Placement(EXISTING): (
        "active|live|current|in force|running|signed|closed won|expired"
        "|有効|契約中|稼働中|利用中|継続|継続中|契約継続|締結済|締結済み|成約|受注|期限切れ|満了"
    ),
    Placement(EXISTING, "lost", UNKNOWN_PROGRESS): (
        "churned|churn|terminated|cancelled|canceled|closed lost|inactive|ended"
        "|解約|解約済|解約済み|契約終了|終了|終了済|終了済み|失注|キャンセル|無効|退会"
    ),
    Placement("", skip=True): "draft|in approval process|ドラフト|下書き|見積中|承認待ち",
}
STATUSES: Mapping[str, Placement] = {
    name: place for place, words in _WORDS.items() for name in names(words)
}
"""The words that are known, and what they say."""
_COLUMNS = names("status|contract status|ステータス|契約ステータス|契約状況|状況|契約状態|状態")


def with_status(table: SourceTable, mapping: FileMapping, known: Collection[str]) -> FileMapping:
    """The mapping of a file in our own columns. Where none of them is a stage, the column of
    statuses becomes it, if any of its words is `known`."""
    header = table.header
    if mapping.columns or "stage" in mapping.constants or "stage" in CSV.find(header):
        return mapping
    place = next((n for n, name in enumerate(header) if plain(name) in _COLUMNS), None)
    if place is None or not any(
        plain(row[1][place]) in known for row in table.records() if not isinstance(row, Reject)
    ):
        return mapping
    return replace(mapping, columns={"stage": header[place]}, profile=mapping.profile or CSV.id)

"""Kinds of files that are known by their header: which column names stand for which field, in
English and Japanese.

Always holds: names are compared by `core.imports.names.plain`, so width, case, spaces and
underscores do not count. A profile reads nothing by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scheduler.core.imports.header_units import without_note, without_unit
from scheduler.core.imports.names import plain
from scheduler.core.imports.placement import Placement
from scheduler.core.words.labels import Label

_SPELT: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of file. `source` is the name that ids are kept under; `estimates`: an end that is
    missing is reckoned from the close date.

    `exclusive`: ends name the first day after. `inverted`: yes means no (a column "cancel at the
    end" for auto-renewal). `signature`: names that a header must have besides the required ones.
    `told`: further columns of our own files of this kind, for people; nothing reads them.
    """

    id: str
    source: str
    headers: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    stages: Mapping[str, Placement] = field(default_factory=dict)
    estimates: bool = False
    exclusive: bool = False
    inverted: frozenset[str] = frozenset()
    signature: tuple[str, ...] = ()
    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """Every name that it knows."""
        return frozenset(name for names in self.headers.values() for name in names)

    def spelt(self, field: str) -> Label:
        """What a field's column may be called in each language."""
        known = self.headers.get(field) or self.told[field]
        english, japanese = (
            next((n for n in known if n.isascii()), known[0]),
            next((n for n in known if not n.isascii()), known[0]),
        )
        return Label.given({"en": _SPELT[english], "ja": _SPELT[japanese]})

    def fits(self, header: tuple[str, ...]) -> bool:
        """Whether a header is one of this kind."""
        present = set(map(plain, header))
        return set(self.required) <= set(self.find(header)) and set(self.signature) <= present

    def beside(self, header: tuple[str, ...]) -> frozenset[str]:
        """The columns of our own files that are only for people; empty unless all of them are
        there, for else the file is not ours.

        >>> CSV.beside(("deal", "next"))
        frozenset()
        """
        found = {
            name: column
            for column in header
            if (name := plain(column)) in {n for names in self.told.values() for n in names}
        }
        whole = all(any(name in found for name in names) for names in self.told.values())
        return frozenset(found.values()) if whole else frozenset()

    def find(self, header: tuple[str, ...]) -> dict[str, list[str]]:
        """The header's columns by the field they stand for, in the order in which their names are
        listed here; those with a note behind (金額（税込）) only where none has just the name."""
        by_name = {plain(column): [column] for column in header}
        units: dict[str, list[str]] = {}
        for column in header:
            if (bare := plain(without_unit(column))) not in by_name:
                units.setdefault(bare, []).append(column)
        by_name |= units
        noted: dict[str, list[str]] = {}
        for column in header:
            noted.setdefault(plain(without_note(column)), []).append(column)
        found = {
            f: _called(names, by_name) or _called(names, noted) for f, names in self.headers.items()
        }
        return {f: columns for f, columns in found.items() if columns}


def _called(names: tuple[str, ...], columns: Mapping[str, list[str]]) -> list[str]:
    """The columns that have one of the names."""
    return [column for name in names for column in columns.get(name, ())]


def names(text: str) -> tuple[str, ...]:
    """Normalised names from a text that parts them with `|`. How each was written is kept for
    people."""
    for name in text.split("|"):
        _SPELT.setdefault(plain(name), name)
    return tuple(dict.fromkeys(plain(name) for name in text.split("|")))


PEOPLE_TOLD = {"open_deals": names("open deals|進行中の取引"), "remark": names("remark|状況")}
"""What our own lists of people have beside what an import reads."""
CSV = Profile(
    "csv",
    "csv",
    {
        "contract": names(
            "contract|contract number|contract no|contract id|契約番号|契約ID|契約No|契約コード"
        ),
        "customer": names(
            "customer|customer name|company|company "
            "name|account|顧客名|顧客|会社名|企業名|取引先|取引先名|お客様名"
        ),
        "customer_id": names(
            "customer id|customer number|account id|顧客ID|顧客番号|顧客コード|取引先コード"
        ),
        "product": names("product|plan|service|製品|製品名|商品|商品名|プラン|サービス"),
        "title": names("title|name|subject|件名|契約名|案件名"),
        "starts_on": names(
            "starts on|start|start date|starts|contract start|contract start date"
            "|開始日|契約開始日|利用開始日|契約開始"
        ),
        "ends_on": names(
            "ends on|end|end date|ends|contract end|contract end date"
            "|expiry|expiry date|expires on|expires|expiration date"
            "|満了日|終了日|契約満了日|契約終了日|利用終了日|契約満了|契約終了"
        ),
        "term": names(
            "term|契約期間|期間|contract period|contract term|subscription period"
            "|subscription term|ご契約期間|利用期間"
        ),
        "notice": names("notice|notice period|解約予告|解約予告期間|予告期間"),
        "renewal_term": names("renewal term|renews for|更新期間|更新後の契約期間|更新後の期間"),
        "renewal_notice": names(
            "renewal notice|renewal notice period|更新後の解約予告|更新後の解約予告期間"
        ),
        "decide_by": names("decide by|notice deadline|解約通知期限|更新判断期限"),
        "auto_renew": names("auto renew|auto renewal|auto-renew|自動更新"),
        "evergreen": names("evergreen|期間の定めなし|無期限"),
        "amount": names("amount|value|金額|契約金額|年額"),
        "signed_amount": names(
            "signed amount|signed for|amount signed|renewed amount"
            "|更新金額|更新後の金額|更新後金額|受注金額|成約金額"
        ),
        "currency": names("currency|通貨"),
        "closed_on": names("closed on|decided on|決定日|更新決定日|失注日"),
        "owner": names("owner|cs owner|csm|CS担当|CS担当者|担当|担当者"),
        "sales": names("sales|sales owner|営業担当|営業|営業担当者"),
        "stage": names("stage|ステージ"),
        "pipeline": names("pipeline|パイプライン"),
        "health": names("health|ヘルス|ヘルススコア"),
        "segment": names("segment|セグメント|区分"),
        "country": names("country|国"),
        "url": names("url|link|リンク"),
        "parent": names("parent|parent company|親会社|親顧客|グループ"),
        "note": names("note|備考"),
        "estimated": names("estimated|estimate|推定|満了日は推定"),
    },
    required=("contract", "customer"),
    told={
        "stage_now": names("current stage|現在のステージ"),
        "health_now": names("current health|現在のヘルス"),
        "days_left": names("days left|期限までの日数"),
        "next": names("next|次の動き"),
        "source": names("source|取込元"),
        "deal": names("deal|取引番号"),
    },
)

"""HubSpot's deal exports, in English and Japanese, and the stages of the pipeline that mixed
everything (DESIGN §2).

The old stage                          here
    予定されているアポイントメント      new_business/qualified
    Dヨミ(担当者前向)                   new_business/qualified the contact is in favour: worth
                                        pursuing
    Cヨミ(決済者接続)                   new_business/problem_agreed who decides has taken it up, so
                                        the problem is acknowledged
    Bヨミ(決済者前向)                   new_business/value_agreed who decides is in favour: the
                                        value is agreed
    Aヨミ(条件調整中)                   new_business/terms_agreed     the terms are being settled
    成約                                existing: the contract it made, whose renewal is followed
                                        from now on
    更新案件                            existing
    定期追い                            existing if the customer has a contract, else
                                        new_business/qualified
    X ヨミ後失注                        new_business/lost, with the passages up to the stage that
                                        stands for X (reconstructed)
    訪問前失注(キャンセルリスケ不成立)  new_business/lost, without any
    クローズした不成立取引              new_business/lost, progress unknown
The four readings keep their four places, so that nothing of "how far did it come" is lost.
HubSpot's own default stages are known too.

Always holds: what HubSpot does not say is marked: an end reckoned from the close date is
`estimated`. A contract starts on the close date and runs for its term (12 months unless a column
says otherwise); of a renewal under way (更新案件) the close date is the day it is due, so it is the
end.
"""

from collections.abc import Mapping

from scheduler.core.imports.records import EXISTING, NEW_BUSINESS, UNKNOWN_PROGRESS, Placement
from scheduler.sources.profiles import Profile, names
from scheduler.sources.table import plain

QUALIFIED, PROBLEM, VALUE, TERMS, LOST = (
    "qualified",
    "problem_agreed",
    "value_agreed",
    "terms_agreed",
    "lost",
)

OLD_PIPELINE: Mapping[str, Placement] = {
    "定期追い": Placement(EXISTING, otherwise=Placement(NEW_BUSINESS, QUALIFIED)),
    "更新案件": Placement(EXISTING, due=True),
    "予定されているアポイントメント": Placement(NEW_BUSINESS, QUALIFIED),
    "Dヨミ(担当者前向)": Placement(NEW_BUSINESS, QUALIFIED),
    "Cヨミ(決済者接続)": Placement(NEW_BUSINESS, PROBLEM),
    "Bヨミ(決済者前向)": Placement(NEW_BUSINESS, VALUE),
    "Aヨミ(条件調整中)": Placement(NEW_BUSINESS, TERMS),
    "成約": Placement(EXISTING, bought=True),
    "クローズした不成立取引": Placement(NEW_BUSINESS, LOST, UNKNOWN_PROGRESS),
    "訪問前失注(キャンセルリスケ不成立)": Placement(NEW_BUSINESS, LOST),
    "Dヨミ後失注": Placement(NEW_BUSINESS, LOST, QUALIFIED),
    "Cヨミ後失注": Placement(NEW_BUSINESS, LOST, PROBLEM),
    "Bヨミ後失注": Placement(NEW_BUSINESS, LOST, VALUE),
    "Aヨミ後失注": Placement(NEW_BUSINESS, LOST, TERMS),
}
"""The 14 stages of the old pipeline."""

SHORT: Mapping[str, str] = {
    "Dヨミ": "Dヨミ(担当者前向)",
    "Cヨミ": "Cヨミ(決済者接続)",
    "Bヨミ": "Bヨミ(決済者前向)",
    "Aヨミ": "Aヨミ(条件調整中)",
    "訪問前失注": "訪問前失注(キャンセルリスケ不成立)",
}

DEFAULTS: Mapping[str, Placement] = {
    "Appointment scheduled": Placement(NEW_BUSINESS, QUALIFIED),
    "Qualified to buy": Placement(NEW_BUSINESS, QUALIFIED),
    "Presentation scheduled": Placement(NEW_BUSINESS, PROBLEM),
    "Decision maker bought-in": Placement(NEW_BUSINESS, VALUE),
    "Contract sent": Placement(NEW_BUSINESS, TERMS),
    "Closed won": Placement(EXISTING, bought=True),
    "Closed lost": Placement(NEW_BUSINESS, LOST, UNKNOWN_PROGRESS),
    "購入資格あり": Placement(NEW_BUSINESS, QUALIFIED),
    "プレゼンテーション予定済み": Placement(NEW_BUSINESS, PROBLEM),
    "意思決定者の賛同": Placement(NEW_BUSINESS, VALUE),
    "契約書送付済み": Placement(NEW_BUSINESS, TERMS),
}
"""The stages HubSpot itself comes with, in English and Japanese."""


def _stages() -> dict[str, Placement]:
    """Every stage by its normalised name, the old pipeline's also by what stands before the
    brackets."""
    found = {plain(name): place for name, place in (*DEFAULTS.items(), *OLD_PIPELINE.items())}
    return found | {plain(short): OLD_PIPELINE[name] for short, name in SHORT.items()}


HUBSPOT = Profile(
    "hubspot",
    "hubspot",
    {
        "contract": names("Record ID|Deal ID|Record ID - Deal|レコードID|レコードID - 取引|取引ID"),
        "title": names("Deal Name|取引名"),
        "stage": names("Deal Stage|取引ステージ|取引のステージ"),
        "pipeline": names("Pipeline|パイプライン"),
        "amount": names("Amount|金額"),
        "currency": names("Currency|Deal Currency|通貨"),
        "closed_on": names("Close Date|クローズ日|成約日"),
        "owner": names("Deal owner|取引担当者|取引の担当者|取引所有者"),
        "customer": names(
            "Associated Company|Associated Company (Primary)|Associated Company Names|Primary "
            "Associated Company|Company name|"
            "関連する会社|関連会社|関連付けられた会社|関連する会社名|会社名"
        ),
        "customer_id": names(
            "Associated Company IDs|Associated Company IDs (Primary)|Primary Associated "
            "Company ID|関連する会社ID|関連会社ID"
        ),
        "product": names("Product|製品|商品|プラン"),
        "starts_on": names("Contract start date|Contract start|契約開始日|開始日"),
        "ends_on": names(
            "Contract end date|Contract end|Renewal date|契約終了日|契約満了日|満了日"
        ),
        "term": names("Contract term|Term|Contract term (months)|契約期間|契約期間(月)"),
        "notice": names("Notice period|解約予告|解約予告期間"),
        "renewal_term": names(
            "Renewal term|Renewal term (months)|更新期間|更新後の契約期間|更新期間(月)"
        ),
        "renewal_notice": names("Renewal notice period|更新後の解約予告|更新後の解約予告期間"),
        "decide_by": names("Notice deadline|解約通知期限"),
        "auto_renew": names("Auto renewal|Auto renew|自動更新"),
        "note": names("Closed Lost Reason|Lost reason|失注理由|クローズした不成立取引の理由"),
        "url": names("URL|Record URL"),
    },
    required=("contract", "title", "stage"),
    stages=_stages(),
    estimates=True,
)

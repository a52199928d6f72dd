"""HubSpot's deal exports, in English and Japanese; their stages stand in
`scheduler.core.imports.hubspot_stages`.

Always holds: what HubSpot does not say is marked: an end reckoned from the close date is
`estimated`. A contract starts on the close date and runs for its term (12 months unless a column
says otherwise); of a renewal under way (更新案件) the close date is the day it is due, so it is the
end.
"""

from scheduler.core.imports.hubspot_stages import known_stages
from scheduler.sources.kinds.profiles import Profile, names

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
    stages=known_stages(),
    estimates=True,
)

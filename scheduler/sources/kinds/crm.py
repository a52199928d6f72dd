"""The exports of other systems that are known by their header, in English and Japanese: Salesforce,
HubSpot's contracts, Stripe, Chargebee, Pipedrive, kintone. HubSpot's deals stand in
`scheduler.sources.kinds.hubspot`.

Always holds: a status that is not listed here refuses the file by name (`[stages]` of a mapping
file gives it a place); nothing is guessed of it.
"""

from collections.abc import Mapping

from scheduler.core.imports.names import plain
from scheduler.core.imports.placement import EXISTING, NEW_BUSINESS, UNKNOWN_PROGRESS, Placement
from scheduler.sources.kinds.profiles import Profile, names

_RUNS = Placement(EXISTING)
_ENDED = Placement(EXISTING, "lost", UNKNOWN_PROGRESS)
_BOUGHT = Placement(EXISTING, bought=True)
_LOST = Placement(NEW_BUSINESS, "lost", UNKNOWN_PROGRESS)
_NOT_YET = Placement("", skip=True)


def _open(stage: str) -> Placement:
    """A stage of new business."""
    return Placement(NEW_BUSINESS, stage)


def _stages(*groups: tuple[str, Placement]) -> Mapping[str, Placement]:
    """Placements by normalised name, from names parted with `|`."""
    return {plain(name): place for words, place in groups for name in words.split("|")}


SALESFORCE_CONTRACTS = Profile(
    "salesforce_contracts",
    "salesforce",
    {
        "contract": names("Contract Number|契約番号|Contract ID|契約 ID"),
        "customer": names("Account Name|取引先名|Account Name: Account Name|取引先"),
        "customer_id": names("Account ID|取引先 ID"),
        "title": names("Contract Name|契約名"),
        "starts_on": names("Contract Start Date|契約開始日|Start Date"),
        "ends_on": names("Contract End Date|契約終了日|End Date"),
        "term": names(
            "Contract Term (months)|Contract Term|契約期間 (ヶ月)|契約期間 (か月)|契約期間 (月)"
            "|契約期間（ヶ月）"
        ),
        "owner": names(
            "Contract Owner|Contract Owner: Full Name|Owner Name|契約所有者|契約 所有者|所有者"
        ),
        "stage": names("Status|状況|状態|ステータス"),
        "amount": names("Contract Value|Annual Value|契約金額|Amount|金額"),
        "currency": names("Contract Currency|契約 通貨|Currency|通貨"),
        "note": names("Description|説明"),
    },
    required=("contract", "customer", "term", "stage"),
    stages=_stages(
        ("Activated|Active|有効|有効化済み", _RUNS),
        ("Expired|期限切れ|終了", _RUNS),
        ("Terminated|Cancelled|Canceled|解約|キャンセル", _ENDED),
        ("Draft|In Approval Process|ドラフト|承認申請中|承認プロセス中|下書き", _NOT_YET),
    ),
)
SALESFORCE_OPPORTUNITIES = Profile(
    "salesforce_opportunities",
    "salesforce_opportunities",
    {
        "contract": names("Opportunity ID|商談 ID"),
        "customer": names("Account Name|取引先名"),
        "customer_id": names("Account ID|取引先 ID"),
        "title": names("Opportunity Name|商談名"),
        "stage": names("Stage|フェーズ"),
        "closed_on": names("Close Date|完了予定日|完了日"),
        "amount": names("Amount|金額"),
        "currency": names("Amount Currency|Opportunity Currency|金額 通貨"),
        "owner": names("Opportunity Owner|商談 所有者|商談所有者"),
        "starts_on": names("Contract Start Date|契約開始日"),
        "ends_on": names("Contract End Date|契約終了日"),
        "note": names("Loss Reason|失注理由"),
    },
    required=("contract", "title", "stage", "closed_on"),
    stages=_stages(
        ("Prospecting|Qualification|見込み調査|評価|見込み", _open("qualified")),
        ("Needs Analysis|ニーズ分析|Perception Analysis|認識の分析", _open("problem_agreed")),
        (
            "Value Proposition|価値提案|Id. Decision Makers|意思決定者の特定|意思決定者の確認",
            _open("value_agreed"),
        ),
        (
            "Proposal/Price Quote|提案/見積|提案／見積|Negotiation/Review|交渉/レビュー|交渉",
            _open("terms_agreed"),
        ),
        ("Closed Won|成立|受注", _BOUGHT),
        ("Closed Lost|不成立|失注", _LOST),
    ),
    estimates=True,
)
HUBSPOT_CONTRACTS = Profile(
    "hubspot_contracts",
    "hubspot_contracts",
    {
        "contract": names("Record ID|Record ID - Contract|レコードID"),
        "title": names("Contract Name|契約名"),
        "customer": names(
            "Associated Company|Associated Company (Primary)|Company name|関連する会社|会社名"
        ),
        "customer_id": names("Associated Company IDs|関連する会社ID"),
        "starts_on": names("Contract start date|Start date|契約開始日|開始日"),
        "ends_on": names("Contract end date|End date|Renewal date|契約終了日|契約満了日|満了日"),
        "term": names("Contract term|Term (months)|契約期間"),
        "notice": names("Notice period|解約予告期間"),
        "auto_renew": names("Auto-renew|Auto renewal|自動更新"),
        "amount": names("Contract value|Annual contract value|契約金額|金額"),
        "currency": names("Currency|通貨"),
        "owner": names("Contract owner|契約担当者|契約の担当者"),
        "stage": names("Contract Status|契約ステータス"),
    },
    required=("contract", "title", "customer", "ends_on"),
    stages=_stages(
        ("Active|Signed|有効|締結済み", _RUNS),
        ("Expired|期限切れ", _RUNS),
        ("Terminated|Cancelled|解約", _ENDED),
        ("Draft|ドラフト", _NOT_YET),
    ),
)
STRIPE = Profile(
    "stripe",
    "stripe",
    {
        "contract": names("id|Subscription ID"),
        "customer": names("Customer Name|Customer Description|Customer Email"),
        "customer_id": names("Customer ID"),
        "product": names("Plan|Product|Product Name"),
        "starts_on": names("Current Period Start (UTC)|Start (UTC)"),
        "ends_on": names("Current Period End (UTC)"),
        "auto_renew": names("Cancel At Period End"),
        "closed_on": names("Ended At (UTC)|Canceled At (UTC)"),
        "amount": names("Amount"),
        "currency": names("Currency"),
        "stage": names("Status"),
    },
    required=("contract", "customer_id", "ends_on", "stage"),
    stages=_stages(
        ("active|trialing|past_due|unpaid", _RUNS),
        ("canceled", _ENDED),
        ("incomplete|incomplete_expired|paused", _NOT_YET),
    ),
    exclusive=True,
    inverted=frozenset({"auto_renew"}),
)
CHARGEBEE = Profile(
    "chargebee",
    "chargebee",
    {
        "contract": names("subscriptions.id|Subscription Id"),
        "customer": names("customers.company|Customer Company|customers.email|Customer Email"),
        "customer_id": names("subscriptions.customer_id|customers.id|Customer Id"),
        "product": names("subscriptions.plan_id|Plan Id|Plan Name"),
        "starts_on": names("subscriptions.current_term_start|Current Term Start"),
        "ends_on": names("subscriptions.current_term_end|Current Term End"),
        "closed_on": names("subscriptions.cancelled_at|Cancelled At"),
        "amount": names("subscriptions.plan_amount|Plan Amount"),
        "currency": names("subscriptions.currency_code|Currency Code|Currency"),
        "stage": names("subscriptions.status|Subscription Status"),
    },
    required=("contract", "customer_id", "ends_on", "stage"),
    stages=_stages(
        ("active|in_trial|non_renewing|Active|In Trial|Non Renewing", _RUNS),
        ("cancelled|Cancelled", _ENDED),
        ("future|paused|Future", _NOT_YET),
    ),
)
PIPEDRIVE = Profile(
    "pipedrive",
    "pipedrive",
    {
        "contract": names("Deal - ID"),
        "title": names("Deal - Title"),
        "customer": names("Deal - Organization|Organization - Name"),
        "stage": names("Deal - Status"),
        "amount": names("Deal - Value"),
        "currency": names("Deal - Currency of Value|Deal - Currency"),
        "owner": names("Deal - Owner"),
        "closed_on": names(
            "Deal - Won time|Deal - Closed time|Deal - Deal closed on|Deal - Expected close date"
        ),
        "starts_on": names("Deal - Contract start date"),
        "ends_on": names("Deal - Contract end date|Deal - Renewal date"),
        "note": names("Deal - Lost reason"),
    },
    required=("contract", "title", "stage"),
    stages=_stages(
        ("Won", _BOUGHT), ("Lost", _LOST), ("Open", _open("qualified")), ("Deleted", _NOT_YET)
    ),
    estimates=True,
)
KINTONE = Profile(
    "kintone",
    "kintone",
    {
        "contract": names("契約番号|契約No|契約ID|レコード番号|Record number"),
        "customer": names("会社名|顧客名|取引先名|契約先|お客様名|Company name"),
        "customer_id": names("顧客番号|顧客コード|取引先コード"),
        "product": names("製品名|商品名|プラン|サービス名|契約プラン"),
        "title": names("契約名|件名"),
        "starts_on": names("契約開始日|利用開始日|開始日"),
        "ends_on": names("契約終了日|契約満了日|満了日|終了日"),
        "term": names("契約期間|契約期間(月)"),
        "notice": names("解約予告期間|解約予告"),
        "auto_renew": names("自動更新"),
        "amount": names("契約金額|年額|金額"),
        "owner": names("CS担当|CS担当者|担当者|営業担当者"),
        "note": names("備考"),
    },
    required=("contract", "customer", "ends_on"),
    signature=names("レコード番号|更新日時"),
)
CRMS = (
    SALESFORCE_CONTRACTS,
    SALESFORCE_OPPORTUNITIES,
    HUBSPOT_CONTRACTS,
    STRIPE,
    CHARGEBEE,
    PIPEDRIVE,
    KINTONE,
)

"""The fields of a contract that properties of HubSpot can fill, by what they hold."""

from collections.abc import Mapping

DAYS = ("starts_on", "ends_on", "decide_by", "closed_on")
LENGTHS = ("term", "notice", "renewal_term", "renewal_notice")
TEXTS = ("product", "title", "segment", "country", "note")
AMOUNT, CURRENCY, AUTO_RENEW = "amount", "currency", "auto_renew"
FIELDS = (*DAYS, *LENGTHS, *TEXTS, AMOUNT, CURRENCY, AUTO_RENEW)
"""What a property can be mapped to."""
CLOSE_DATE = "closedate"
DEFAULT_FIELDS: Mapping[str, str] = {
    "title": "dealname",
    "amount": "amount",
    "currency": "deal_currency_code",
    "closed_on": CLOSE_DATE,
    "note": "closed_lost_reason",
}
"""The properties every account has."""

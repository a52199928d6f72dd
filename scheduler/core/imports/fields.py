"""The fields of a contract that a file fills: by a column, or by a constant of a mapping file."""

FIELDS = tuple(
    """
    contract customer customer_id product title starts_on ends_on term notice decide_by auto_renew
    evergreen amount currency owner sales stage pipeline health segment country url parent
    closed_on signed_amount note renewal_term renewal_notice estimated
    """.split()
)
"""All of them, in the order in which they are listed."""
DATE_FIELDS = ("starts_on", "ends_on", "decide_by", "closed_on")
DATED_FIELDS = (*DATE_FIELDS, "term")
"""Those whose cells may hold days: a term may be written as a period."""
MONEY_FIELDS = ("amount", "signed_amount")

"""What the page for the weekly meeting says of each number, group and step."""

from collections.abc import Mapping

from scheduler.core.reports.definition import Definition, by_id
from scheduler.core.reports.meeting import MeetingGroup, NextStep
from scheduler.core.words.labels import Label

COLUMNS = (
    Definition(
        "group",
        Label("Group", context="meeting"),
        Label("the first of these that a contract belongs to; each contract is listed once"),
    ),
    Definition("customer", Label("Customer"), Label("the customer")),
    Definition("contract", Label("Contract"), Label("the contract's number")),
    Definition("product", Label("Product"), Label("the product")),
    Definition("segment", Label("Segment"), Label("the customer's segment")),
    Definition(
        "month",
        Label("Month"),
        Label("the month in which the term ends; renewals of it are due in that month"),
    ),
    Definition("ends_on", Label("Ends"), Label("the last day of the term")),
    Definition(
        "decide_by",
        Label("Decide by"),
        Label("the last day on which the customer can still give notice"),
    ),
    Definition(
        "amount",
        Label("Amount"),
        Label("the amount of the term that ends, in the contract's currency"),
    ),
    Definition("currency", Label("Currency"), Label("the contract's currency")),
    Definition(
        "health",
        Label("Health"),
        Label(
            "the customer's health; “not assessed” is a state of its own, never counted as stable"
        ),
    ),
    Definition("health_reason", Label("Reason"), Label("why the health is what it is")),
    Definition(
        "forecast",
        Label("Forecast"),
        Label("what the person in charge expects, and the day on which they said so"),
    ),
    Definition("called_on", Label("Forecast on"), Label("the day of the forecast")),
    Definition(
        "last_word",
        Label("Last word"),
        Label("the latest answer or note, without undone ones"),
    ),
    Definition("said_by", Label("Said by"), Label("who gave the latest answer or note")),
    Definition("said_at", Label("Said at"), Label("when that was")),
    Definition(
        "next_step",
        Label("Next step"),
        Label(
            "after a notice: the end; after an order: record the renewal; with an open question: "
            "answer it; otherwise the expected day, the deadline or the end, whichever comes "
            "first"
        ),
    ),
    Definition("next_on", Label("Next on"), Label("the day of the next step")),
    Definition("owner", Label("Owner"), Label("who is in charge of the contract")),
    Definition("team", Label("Team"), Label("the owner's team")),
)
BY_ID = by_id(COLUMNS)

GROUPS: Mapping[MeetingGroup, Definition] = {
    MeetingGroup.NOTICE: Definition(
        "notices",
        Label("Notice received"),
        Label("the customer has given notice and has not withdrawn it"),
    ),
    MeetingGroup.DOUBT: Definition(
        "doubt",
        Label("In doubt"),
        Label(
            "the last forecast is “may leave” or “unsure”, and no notice or order has come since"
        ),
    ),
    MeetingGroup.UNANSWERED: Definition(
        "unanswered",
        Label("Unanswered"),
        Label(
            "a question waits for an answer, or the term is over and nobody has recorded the "
            "outcome"
        ),
    ),
    MeetingGroup.RISK: Definition(
        "at_risk",
        Label("Health at risk"),
        Label("the customer's health is at risk or critical"),
    ),
    MeetingGroup.OTHER: Definition(
        "others", Label("Others"), Label("every other renewal of the period")
    ),
}

STEPS: Mapping[NextStep, Label] = {
    NextStep.LEAVES: Label("ends on {day}, as the customer gave notice"),
    NextStep.RECORD: Label("the order is in: record the renewal"),
    NextStep.ANSWER: Label("answer “{question}”, open since {day}"),
    NextStep.EXPECTED: Label("a decision is expected on {day}"),
    NextStep.DEADLINE: Label("notice is possible until {day}"),
    NextStep.END: Label("ends on {day}"),
    NextStep.SETTLE: Label("record whether it was won or lost"),
    NextStep.NONE: Label("nothing is scheduled"),
}
DECISION = Label("to be decided by {day}")
"""What NextStep.DEADLINE says of a contract that does not renew by itself."""

NOTES = (
    Label(
        "A renewal is on the page while it is open and its term ends in the period; renewals "
        "whose term ended earlier and that nobody has recorded are on it, too. Terms that were "
        "over before they were first imported are not counted; the terminal lists them below the "
        "table, the printed page in a section of their own."
    ),
    Label(
        "Sums are per currency and never converted; contracts without an amount are counted as "
        "contracts."
    ),
)

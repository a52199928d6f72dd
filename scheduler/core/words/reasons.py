"""Reasons a person can read, in their own language: stored as a code with its facts, worded when
shown.

Always holds: `reason()` gives text that `word()` turns into a sentence in Japanese or English; any
other text is somebody's own words and passes through unchanged. Rows, logs, `show`, `why` and
messages all use these words.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache

from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ForecastCall, Health, Language, Paperwork, Tell

REASONS = {
    "outside_hours": Label("waits for working hours ({opens}–{closes})"),
    "closed_day": Label("waits: {day} is not a working day ({what})"),
    "next_window": Label("waits for the next window ({day})"),
    "told_today": Label("one message a day: it joins the next window's message"),
    "person_inactive": Label("{role} {name} is no longer active; sent to the fallback"),
    "nobody_in_role": Label("{role} is not set; sent to the fallback"),
    "no_way": Label("no address is known for {name}; sent to the fallback"),
    "instead": Label("sent another way because {channel} failed: {because}"),
    "went_on": Label("passed on to {to}: {because}"),
    "settled_sent": Label("somebody confirmed that it had arrived"),
    "taken_as_told": Label(
        "counted as sent: it came up before {since}, and a copy was restored later"
    ),
    "paused": Label("paused: {because}"),
    "settled_again": Label("to be sent again, as somebody decided"),
    "channel_gone": Label("{channel} is not configured on any machine any more"),
    "day_gone": Label("the day it was about, {anchor_on}, has changed"),
    "already_answered": Label("already answered"),
    "snoozed": Label("snoozed until {until}"),
    "nothing_left": Label("nothing left to send"),
    "rehearsal": Label("held: a rehearsal sends only to preview and loopback"),
    "worker_gone": Label("the process that was sending stopped"),
    "reached": Label("{label} reached (counted from {anchor}, {anchor_on})"),
    "baseline": Label("already past when the data was first loaded; nothing sent"),
    "caught_up": Label("held back by the first load, sent later"),
    "new_rule": Label("already past when this milestone was added; nothing sent"),
    "superseded": Label("superseded by the later {by}"),
    "longer_than_term": Label("does not apply: it falls before the contract starts (term {term})"),
    "stage_not_meant": Label("the deal was in stage {stage}, which this milestone does not cover"),
    "where_false": Label("condition not met: {read}"),
    "open_until_over": Label("not met by {until}: {read}"),
    "carried_over": Label("already told for {told}, {days} days earlier"),
    "anchor_moved": Label("the day it counts from moved from {old} to {new}"),
    "anchor_gone": Label("the day it counts from, {old}, is gone"),
    "milestone_gone": Label("the milestone was removed from the policy"),
    "deal_closed": Label("the deal was closed as {stage}"),
    "later_told": Label("people hear about {by} instead"),
    "end_moved_out": Label("the end moved from {old} to {new}, out of the renewal window"),
    "rewound": Label("the stage follows the day that moved from {old} to {new}"),
    "onboarded_by_days": Label("{days} days of onboarding are over"),
    "health": Label("health is {health}"),
    "health_measured": Label("health is {health}: {why}"),
    "health_faded": Label("too little is known: the signals are too old"),
    "health_too_little": Label("too little is measured"),
    "health_notice": Label("notice received on {on}"),
    "health_reason": Label("{health_reason}"),
    "health_reason_note": Label("{health_reason}: {note}"),
    "health_worse": Label("health fell to {health}: {why}"),
    "pulse_old": Label("the customer's health was last known on {on}"),
    "pulse_never": Label("nobody has said yet how the customer is doing"),
    "pulse_before": Label(
        "{months} months before the end; nothing recent is known about the customer's health"
    ),
    "measured_nothing": Label("{measure}: no data"),
    "measured_change": Label("{measure} {value} in {days} days"),
    "measured_age": Label("{measure} {days} days ago"),
    "measured_yes": Label("{measure} on {on}"),
    "measured_latest": Label("{measure} {value} on {on}"),
    "measured_window": Label("{measure} {value} in {days} days"),
    "measured_2": Label("{first}, {second}"),
    "measured_3": Label("{first}, {second}, {third}"),
    "stage_renamed": Label("stage {old} was replaced by {new}"),
    "stage_gone": Label("stage {old} is no longer in the policy"),
    "auto_renewed": Label("renewed automatically: no notice by {decide_by}"),
    "auto_renewed_silently": Label(
        "had renewed automatically (no notice by {decide_by}) when first loaded"
    ),
    "notice_took_effect": Label("ended by the notice received on {notice_on}"),
    "ended": Label("ended on {ends_on} without an answer"),
    "ended_long_ago": Label(
        "had already ended on {ends_on} when first loaded; it is listed, but nobody is asked"
    ),
    "still_ended": Label("still no answer since it ended on {ends_on}"),
    "away": Label("{name} is away until {until}"),
    "away_alone": Label(
        "{name} is away until {until} and nobody stands in, so it goes to the next manager up"
    ),
    "away_to_admins": Label(
        "{name} is away until {until} and nobody stands in, so it goes to the admins"
    ),
    "away_to_fallback": Label(
        "{name} is away until {until} and nobody stands in, so it goes to the fallback"
    ),
    "asked_already": Label("asked together with {by} on {on}"),
    "passed_on": Label("passed on to {to}"),
    "inherited": Label("inherited with the deal; waiting for an answer since {since}"),
    "asked_again": Label("no answer since {since}: reminder {times}"),
    "climbed": Label("no answer since {since}: reminder {times}, also to the manager"),
    "climbed_to_admins": Label("no answer since {since}: reminder {times}, also to the admins"),
    "last_call": Label(
        "the last working day before the deadline of {deadline}; no answer since {since}"
    ),
    "last_call_end": Label(
        "the last working day before it ends on {deadline}; no answer since {since}"
    ),
    "last_call_ahead": Label(
        "the manager cannot be reached on {last_on}, the last working day before the deadline of "
        "{deadline}; no answer since {since}"
    ),
    "last_call_end_ahead": Label(
        "the manager cannot be reached on {last_on}, the last working day before it ends on "
        "{deadline}; no answer since {since}"
    ),
    "last_call_first": Label("the last working day before the deadline of {deadline}"),
    "last_call_end_first": Label("the last working day before it ends on {deadline}"),
    "seen_over": Label("seen, but nothing has happened until {until}"),
    "time_to_ask": Label("asked again on {day}; nobody has named a day"),
    "withdrawn_over": Label("the notice was taken back; asked again on {until}"),
    "notice_stands": Label("notice was received, so there is nothing to ask"),
    "notice_gone": Label("the notice was withdrawn or undone, so this is decided again"),
    "past": Label("{on} was already over, so it is not announced as coming"),
    "joined_gone": Label("the question it was joined with is gone, so this is decided again"),
    "expected_day": Label("the decision or order was expected on {day}"),
    "expected_later": Label(
        "{asked_on} is the last working day before a deadline; the decision or order was "
        "expected on {day}"
    ),
    "call_contradicts": Label("the forecast is “{call}”, but the health is “{health}”"),
    "call_contradicts_why": Label("the forecast is “{call}”, but the health is “{health}” ({why})"),
    "unsure_late": Label("still unsure close to the end ({note}; expected {expected})"),
    "notice_received": Label("notice was received on {on}"),
    "flood": Label("held: {count} late nudges at once; an admin must release them"),
    "away_wait": Label("waits: away until {until}"),
    "weekly": Label("waits for the weekly bundle on {day}"),
    "snooze_over": Label("asked again as requested: snoozed until {until}"),
    "said_seen": Label("{by} has seen it"),
    "said_snooze": Label("{by} snoozed it until {until}"),
    "said_call": Label("{by} gave a forecast"),
    **dict.fromkeys((f"said_{call.value}" for call in ForecastCall), Label("{by}: {call}")),
    "said_notice": Label("{by}: notice received"),
    "said_notice_withdrawn": Label("{by}: notice withdrawn"),
    "said_paperwork": Label("{by}: paperwork {paperwork}"),
    "said_health": Label("{by}: health {health}"),
    "said_onboarded": Label("{by}: onboarding done"),
    "said_won": Label("{by}: renewed"),
    "said_lost": Label("{by}: lost ({why})"),
    "answered": Label("answered ({verb} by {by})"),
    **dict.fromkeys(("said_undo", "undone"), Label("undone by {by}")),
    "person_answer": Label("{by} answered: {verb}"),
    "renewal_opened": Label("opened by the renewal of the term before"),
    "import_stage": Label("imported; its source calls the stage {stage}"),
    "import_gone": Label("imported; it is no longer in its source's file"),
    "import_dates": Label("imported; by the contract's dates"),
    "import_progress_unknown": Label(
        "imported; its source calls the stage {stage}, and how far it got is unknown"
    ),
    "import_renewed": Label("imported: the end moved from {old} to {new}, a renewal"),
    "import_bought": Label("imported: won; its source calls the stage {stage}"),
    "sync_stage": Label("in HubSpot; its stage there was {stage}"),
    "sync_moved": Label("moved in HubSpot, to {stage}"),
    "sync_unmapped": Label(
        "HubSpot's stage {stage} has no place here; give it one under [hubspot.stages]"
    ),
    "sync_elsewhere": Label(
        "its stage in HubSpot belongs to {stage} here, another pipeline; the deal stays where it is"
    ),
    "sync_final": Label("it was reopened in HubSpot; here it stays closed until it is undone"),
    "sync_theirs_stands": Label(
        "{who} set “{theirs}” in HubSpot after “{ours}” was decided here; HubSpot's value "
        "counts, because it is later"
    ),
    "sync_ours_stands": Label(
        "{who} set “{theirs}” in HubSpot before “{ours}” was decided here; our value counts, "
        "because it is later"
    ),
    "sync_not_taken_back": Label(
        "{who} set “{theirs}” in HubSpot after “{ours}” was decided here; HubSpot's value is "
        "later, but HubSpot refuses to restore it ({words}), so it still shows “{ours}”; "
        "restoring it is tried again once a day and when the deal changes"
    ),
    "sync_taken_back_late": Label(
        "{who} set “{theirs}” in HubSpot after “{ours}” was decided here; HubSpot's value "
        "counts: HubSpot had refused to restore it and has accepted it now"
    ),
    "sync_refused": Label("its move in HubSpot is not allowed here: {why}"),
    "sync_unread": Label("its property {name} cannot be read: {why}"),
    "sync_not_given": Label(
        "HubSpot does not give its record: {words}; it is asked for again every hour"
    ),
    "sync_no_property": Label(
        "[hubspot.fields] fills {name} from {property}, which HubSpot does not have (any more); "
        "what it filled stays as it is here. Make it there, or change the line"
    ),
    "sync_stage_gone": Label(
        "[hubspot.stages] names {stage}, which HubSpot does not have (any more); take the line "
        "out, or name another stage"
    ),
    "sync_lacks_scope": Label("the token lacks {scopes}"),
    "sync_no_such_kind": Label("the account has none"),
    "sync_rejected": Label("it was not imported: {why}"),
    "sync_undecided": Label("somebody has to say what its new values mean: {what}"),
    "sync_archived": Label("its record in HubSpot was archived; restore it there, or resume here"),
    "sync_deleted": Label("its record in HubSpot was deleted; resume here, or close the deal"),
    "sync_moved_out": Label("its deal in HubSpot was moved to a pipeline that is not mapped"),
    "sync_no_stage": Label(
        "the mapping names no stage in HubSpot to move to for {stage}; mark one in [hubspot.stages]"
    ),
    "sync_no_key": Label(
        "HubSpot has no property renewals_key with unique values, which is needed to find a new "
        "deal again; to create it: renewals sync hubspot --create"
    ),
    "sync_not_made": Label("no deal for its next term can be created in HubSpot: {why}"),
    "sync_renewal_end": Label(
        "the end of its term cannot be written to {place} in HubSpot; create the next term's "
        "deal there yourself"
    ),
    "sync_renewal_beside": Label(
        "deal {record} of the same company has been added since, and it is not clear whether it "
        "belongs to this term; archive it in HubSpot, or close this term here"
    ),
    "sync_taken_back": Label(
        "it was created from here for a next term that has since been undone; archive it in "
        "HubSpot, or empty its renewals_key there to import it as a separate deal"
    ),
    "import_undone": Label("import {import_id} was undone"),
    "voided": Label("void: the renewal was undone"),
}


_WORDS: Mapping[str, Mapping[str, Label]] = {
    fact: {word.value: word.label for word in words}
    for fact, words in (
        ("call", ForecastCall),
        ("health", Health),
        ("paperwork", Paperwork),
        ("role", Tell),
    )
}
"""Facts that are words of ours, by the name under which a reason holds them."""
_CALLS = {f"said_{call.value}": call.value for call in ForecastCall}
"""The forecast that a code says, which its stored reason does not name again."""
_AS_SAID = "as_said"
"""The code of a sentence that is stored in every language, since it has no code."""
_STORED = '{"code"'
"""How a stored reason begins."""
_quoted = json.JSONEncoder(ensure_ascii=False).encode


@lru_cache(maxsize=4096)  # thousands of deals have the same reasons, and rules ask for them often
def _read(stored: str) -> Mapping[str, str]:
    """The code and the facts of a stored reason."""
    found: dict[str, str] = json.loads(stored)
    return found


def _stored(code: str, facts: Mapping[str, object]) -> str:
    """A code and its facts as JSON, put together from its pieces: names need no escapes, and an
    encoder that looks for what else there could be takes three times as long."""
    said = [f', "{name}": {_quoted(str(value))}' for name, value in facts.items()]
    return "".join([f'{_STORED}: "{code}"', *said, "}"])


def reason(code: str, **facts: object) -> str:
    """The stored form of a reason. Raises KeyError on a code that has no words.

    >>> word(reason("superseded", by="renewal_1m"), Language.EN)
    'superseded by the later renewal_1m'
    """
    if code not in REASONS:
        raise KeyError(code)
    return _stored(code, facts)


def as_said(said: Label) -> str:
    """The stored form of a sentence that has no code, as that of an error: its words in every
    language.

    >>> word(as_said(Label("Recorded")), Language.EN)
    'Recorded'
    """
    return _stored(_AS_SAID, {each.value: said.of(each) for each in Language})


def word(
    stored: str, language: Language, named: Callable[[str, str], str] = lambda fact, value: value
) -> str:
    """The sentence, in `language`; a text that is no stored reason is returned as it is.
    `named(fact, value)` says what people call a value.

    >>> word("our own words", Language.JA)
    'our own words'
    """
    if not stored.startswith(_STORED):
        return stored
    facts = dict(_read(stored))
    code = facts.pop("code")
    if code == _AS_SAID:
        return facts.get(language.value) or facts[Language.EN.value]
    label = REASONS.get(code)
    if label is None:
        return stored
    if code in _CALLS:
        facts["call"] = _CALLS[code]
    return label.of(language).format(
        **{fact: _fact_word(fact, value, language, named) for fact, value in facts.items()}
    )


def _fact_word(fact: str, value: str, language: Language, named: Callable[[str, str], str]) -> str:
    """One fact of a reason; one that is a reason itself is a sentence."""
    if value.startswith(_STORED):
        return word(value, language, named)
    return _WORDS[fact][value].of(language) if value in _WORDS.get(fact, {}) else named(fact, value)


def code_of(stored: str) -> str | None:
    """The code of a stored reason, None for somebody's own words."""
    return _read(stored)["code"] if stored.startswith(_STORED) else None


def fact(stored: str, name: str) -> str | None:
    """One fact of a stored reason, None where it has none.

    >>> fact(reason("said_seen", by="Ann", on="2027-01-05"), "on"), fact("our own words", "on")
    ('2027-01-05', None)
    """
    return _read(stored).get(name) if stored.startswith(_STORED) else None


def iso(day: date | None) -> str:
    """A day for a reason; `—` where there is none."""
    return day.isoformat() if day else "—"

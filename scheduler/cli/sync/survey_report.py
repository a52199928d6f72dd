"""An account as `--init` found it, for people: pipelines and where their stages stand here, fields,
where ends of contracts are, what was tried, what is open."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from scheduler.cli.sync.stage_table import show_stages
from scheduler.cli.terminal.say import (
    facts,
    heading,
    label,
    language,
    paragraph,
    put,
    say,
    table,
    text,
)
from scheduler.cli.terminal.tables import Column
from scheduler.core.facts.field_words import field_name
from scheduler.core.sync.amounts import first_load
from scheduler.core.sync.survey import LEARNED_LATER
from scheduler.core.words.labels import Joined, Label

if TYPE_CHECKING:
    from scheduler.core.policy.hubspot import StageMap
    from scheduler.core.policy.policy import Policy
    from scheduler.core.sync.ends import EndCount
    from scheduler.core.sync.open_points import OpenPoint
    from scheduler.core.sync.proposal import Proposal
    from scheduler.core.sync.survey import Survey
    from scheduler.core.sync.terms import Account

_KINDS = {
    "STANDARD": Label("production account"),
    "SANDBOX": Label("sandbox"),
    "DEVELOPER_TEST": Label("developer test account"),
    "APP_DEVELOPER": Label("developer account"),
}
_RECORDS = {
    "deals": Label("deal"),
    "line_items": Label("line item"),
    "quotes": Label("quote"),
    "contracts": Label("contract"),
}
_MOST_ENDS = 10
_SIGNS = {True: "✓", False: "!", None: "–"}


def show_survey(
    survey: "Survey",
    stages: "StageMap",
    found: "Proposal",
    points: "Sequence[OpenPoint]",
    policy: "Policy",
) -> None:
    """The whole page."""
    _account(survey, stages, found)
    if survey.pipelines:
        show_stages(survey, stages, policy)
    if survey.looked:
        _fields(found)
        _ends(survey)
        _probes(survey)
    _open(points)


def account_kind(kind: str) -> str:
    """The kind of an account, in words."""
    return label(_KINDS[kind]) if kind in _KINDS else kind


def _account(survey: "Survey", stages: "StageMap", found: "Proposal") -> None:
    """Shows what the account is, and how much is in it."""
    account = survey.account
    pairs: list[tuple[str, object]] = [
        ("HubSpot", f"{account.portal_id}  {account.ui_domain}  {account_kind(account.kind)}"),
        (text("Zone"), _zone(account)),
        (text("Currency"), account.currency),
    ]
    owners = survey.owners.by_id.values()
    if owners:
        active = sum(owner.active for owner in owners)
        pairs.append((text("Owners"), _owners(active, len(owners) - active)))
    if survey.deals:
        pairs.append((text("Deals"), _deals(survey, stages, found.linked)))
    if survey.quota:
        left, daily = survey.quota
        said = text("{left:,} of {daily:,} left", left=left, daily=daily)
        pairs.append((text("Calls today"), said))
    facts(pairs)


def _zone(account: "Account") -> str:
    """The zone by which its days are read."""
    if account.unknown_zone is None:
        return account.zone.key
    return text("{zone} (a guess)", zone=account.zone.key)


def _owners(active: int, gone: int) -> str:
    """How many people own deals."""
    if not gone:
        return text("{active} active", active=active)
    return text("{active} active, {gone} deactivated", active=active, gone=gone)


def _deals(survey: "Survey", stages: "StageMap", kinds: int) -> str:
    """How many there are, how many would be followed, and what reading them takes, with so many
    kinds of linked records."""
    total = survey.deals.get("", 0)
    mapped = sum(survey.deals.get(pipeline, 0) for pipeline in stages.pipelines)
    return text(
        "{total:,}, of which {mapped:,} in pipelines that are followed; the first load takes "
        "about {count:,} request",
        many="{total:,}, of which {mapped:,} in pipelines that are followed; the first load takes "
        "about {count:,} requests",
        total=total,
        mapped=mapped,
        count=first_load(total, mapped, kinds=kinds).requests,
    )


def _fields(found: "Proposal") -> None:
    """Shows what fills the fields of a contract's term."""
    rows = [
        (
            field_name(guess.field, language()),
            guess.taken.shown if guess.taken else "—",
            ", ".join(p.shown for p in guess.candidates[:4]),
        )
        for guess in found.fields
        if guess.taken or guess.candidates
    ]
    if not rows:
        return
    heading("Fields")
    table((text("Field"), text("Filled by"), Column(text("Could be"), wraps=True)), rows)


def _ends(survey: "Survey") -> None:
    """Which properties hold days to come."""
    heading("Where contract end dates may be")
    shown = [count for count in survey.ends if count.ahead][:_MOST_ENDS]
    if not shown:
        say(
            "None of the {count} records looked at has a date in the future.",
            count=survey.looked,
        )
        return
    called = {offered.name: offered.called for offered in survey.offered}
    table(
        (
            text("Record", context="hubspot"),
            Column(text("Property"), least=20),
            Column(text("Filled"), right=True),
            Column(text("To come"), right=True),
            Column(text("Three values"), wraps=True),
        ),
        [_end_row(count, called) for count in shown],
    )
    paragraph(
        "Based on the {count:,} deals changed last and the same number of records of each other "
        "kind.",
        count=survey.looked,
    )


def _end_row(count: "EndCount", called: dict[str, str]) -> tuple[object, ...]:
    """The row of one property."""
    record = label(_RECORDS[count.object_type]) if count.object_type in _RECORDS else ""
    words = called.get(count.property, "") if count.object_type == "deals" else ""
    name = f"{count.property} ({words})" if words else count.property
    return record, name, count.filled, count.ahead, ", ".join(map(str, count.samples))


def _probes(survey: "Survey") -> None:
    """Shows what was tried, and what only a push will tell."""
    heading("What was tested")
    for probe in survey.probes:
        put(f"{_SIGNS[probe.good]} {label(probe.said)}")
    say()
    say("Will be found out with the first push; nothing relies on it before:")
    _list(LEARNED_LATER)


def _open(points: "Sequence[OpenPoint]") -> None:
    """Shows what somebody should fix or know."""
    heading("Open points")
    if not points:
        say("Nothing.")
    for point in points:
        sign = "✗" if point.blocks else "·"
        paragraph(Label.verbatim(Joined((sign, point.said), " ")))


def _list(labels: Iterable[Label]) -> None:
    for each in labels:
        put(f"· {label(each)}")

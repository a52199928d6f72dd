"""What no page of HubSpot's says for certain and reading can tell: tried on the account itself.

Always holds: a probe changes nothing; what it could not see it says, and assumes nothing. What only
a write could tell is in `core.sync.survey.LEARNED_LATER` and comes to light with the first push.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta

from scheduler.core.sync.records import MODIFIED, STAGE, Record
from scheduler.core.sync.survey import ProbeKind, ProbeResult
from scheduler.core.words.labels import Label
from scheduler.hubspot.client import HubspotClient, dated
from scheduler.hubspot.errors import RefusedError, UnknownOutcomeError
from scheduler.hubspot.lookups import LookupOutcome, by_id
from scheduler.hubspot.reading import PropertiesAsked

_HISTORIES, _COMPARED = 3, 100
_CLOCKS_APART = timedelta(minutes=2)


def probes(client: HubspotClient, deals: Sequence[Record]) -> Iterator[ProbeResult]:
    """Tries everything on `deals` as a search gave them, the last changed first. Raises
    HubspotError."""
    yield _search(client, deals[:_COMPARED])
    yield _history(client, deals[:_HISTORIES])
    yield _merged(client, deals)
    yield _clock(client)


def tried_to_write(client: HubspotClient) -> None:
    """Whether the token may write to deals: a batch without any deal in it, which can change
    nothing. HubSpot refuses it for its emptiness, or first for the missing scope. Raises
    MissingScopeError."""
    with suppress(RefusedError, UnknownOutcomeError):
        client.call("POST", dated("crm/objects", "deals", "batch", "update"), body={"inputs": []})


def _search(client: HubspotClient, deals: Sequence[Record]) -> ProbeResult:
    """Whether the index has what the database has."""
    if not deals:
        return ProbeResult(ProbeKind.SEARCH, None, Label("search: no deal to compare"))
    shown = {deal.id: deal for deal in deals}
    behind = [
        (deal.modified_at(), shown[looked.asked].modified_at())
        for looked in by_id(client, shown, PropertiesAsked((MODIFIED,)))
        if (deal := looked.record) is not None and looked.asked in shown
    ]
    lags = [there - seen for there, seen in behind if there and seen and there > seen]
    if not lags:
        said = Label(
            "search shows the present state of the {count} deals changed last", count=len(deals)
        )
        return ProbeResult(ProbeKind.SEARCH, True, said)
    said = Label(
        "for {behind} of the {compared} deals changed last, search is up to {seconds} s behind; "
        "changes may arrive that much later",
        behind=len(lags),
        compared=len(deals),
        seconds=round(max(lags).total_seconds()),
    )
    return ProbeResult(ProbeKind.SEARCH, False, said)


def _history(client: HubspotClient, deals: Sequence[Record]) -> ProbeResult:
    """Whether a stage's history comes."""
    if not deals:
        return ProbeResult(
            ProbeKind.HISTORY, None, Label("history of stages: no deal to ask about")
        )
    asked = PropertiesAsked((STAGE,), (STAGE,))
    found = [looked.record for looked in by_id(client, [d.id for d in deals], asked)]
    entries = [len(r.histories.get(STAGE, ())) for r in found if r is not None]
    if entries and all(entries):
        said = Label("the history of stages is given, with who moved a deal and when")
        return ProbeResult(ProbeKind.HISTORY, True, said)
    said = Label(
        "HubSpot gives no history of stages; moves are known from the first reading on, without "
        "who made them"
    )
    return ProbeResult(ProbeKind.HISTORY, False, said)


def _merged(client: HubspotClient, deals: Sequence[Record]) -> ProbeResult:
    """Whether a deal is found by an id it had before a merge."""
    old = next(((deal.id, deal.merged[0]) for deal in deals if deal.merged), None)
    if old is None:
        said = Label("merged deals: none among those looked at; seen when there is one")
        return ProbeResult(ProbeKind.MERGED, None, said)
    into, before = old
    [looked] = by_id(client, [before], PropertiesAsked())
    if (
        looked.look is LookupOutcome.FOUND
        and looked.record is not None
        and looked.record.id == into
    ):
        return ProbeResult(
            ProbeKind.MERGED, True, Label("a merged deal is found by its earlier id")
        )
    said = Label(
        "a merged deal is not found by its earlier id; the daily count of all deals finds it"
    )
    return ProbeResult(ProbeKind.MERGED, False, said)


def _clock(client: HubspotClient) -> ProbeResult:
    """How far HubSpot's clock and ours are apart."""
    apart = client.offset
    if abs(apart) <= _CLOCKS_APART:
        return ProbeResult(ProbeKind.CLOCK, True, Label("HubSpot's clock and this machine's agree"))
    said = Label(
        "HubSpot's clock and this machine's are {seconds} s apart; HubSpot's is the one that "
        "decides whose change was later",
        seconds=round(abs(apart.total_seconds())),
    )
    return ProbeResult(ProbeKind.CLOCK, False, said)

"""The judge of `renewals doctor` about HubSpot: the token, the account, rounds, what waits for a
person, and the last comparison of all deals.

Always holds: without `[hubspot]` in config.toml there is nothing to say; the account is asked only
with `live`.
"""

from collections.abc import Iterator
from datetime import timedelta

from scheduler.app.checkup import Checkup
from scheduler.app.hubspot import TOKEN, hubspot_client, standing_of
from scheduler.core.machine.diagnosis import Area, DiagnosisLine, Level, fine, note, span, to_do
from scheduler.core.policy.hubspot import HubSpotSettings
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import ByLanguage, Label
from scheduler.core.words.reasons import word
from scheduler.hubspot.account import account
from scheduler.hubspot.errors import HubspotError
from scheduler.services.sync.push_status import PushStatus
from scheduler.services.sync.sync_status import SyncStatus, who_left

SLACK = timedelta(minutes=15)
"""How much later than its interval a round may be: a large one takes its time."""


def hubspot(checkup: Checkup) -> Iterator[DiagnosisLine]:
    """Whether the account can be spoken to, and both are in step."""
    try:
        written = checkup.app.working_folder.problems_or_config()
    except UserMustActError:  # said by the judge of the configuration
        return
    if isinstance(written, list) or written.policy.hubspot is None:
        return
    yield from _account(checkup)
    settings = written.policy.hubspot
    if checkup.facts.revision:
        settings = checkup.app.policy.hubspot or settings
    standing, pushes = standing_of(checkup.app, checkup.now)
    yield from _rounds(checkup, settings, standing)
    yield from _waiting(settings, standing, pushes)
    yield from _compared(checkup, standing)


def _account(checkup: Checkup) -> Iterator[DiagnosisLine]:
    """The token, and with `live` whether HubSpot accepts it."""
    if not checkup.app.secret_now(TOKEN).strip():
        yield to_do(
            Area.HUBSPOT,
            Label("{name} is not set, so HubSpot cannot be asked (docs/hubspot.md)", name=TOKEN),
        )
        return
    if not checkup.live:
        yield fine(Area.HUBSPOT, Label("the token is set (--live asks HubSpot)"))
        return
    try:
        with hubspot_client(checkup.app) as client:
            found = account(client)
    except HubspotError as error:
        yield DiagnosisLine(Area.HUBSPOT, Level.TO_DO, error.label)
        return
    yield fine(
        Area.HUBSPOT,
        Label("account {id} ({domain}) answers", id=found.portal_id, domain=found.ui_domain),
    )


def _rounds(
    checkup: Checkup, settings: HubSpotSettings, standing: SyncStatus
) -> Iterator[DiagnosisLine]:
    """How long ago the last round ended, and what hinders the next one."""
    if standing.trouble:
        why = ByLanguage(word, standing.trouble)
        yield to_do(Area.HUBSPOT, Label("rounds are being broken off: {why}", why=why))
    lag, every = standing.lag(checkup.now), settings.every_seconds
    if lag is None:
        yield to_do(Area.HUBSPOT, Label("no round has been completed yet: renewals sync hubspot"))
        return
    if every and lag > timedelta(seconds=every) + SLACK:
        yield to_do(
            Area.HUBSPOT,
            Label(
                "the last round ended {age} ago, though one is due every {every} seconds: see "
                "whether `renewals run` is running, and `renewals sync hubspot status`",
                age=span(lag),
                every=every,
            ),
        )
        return
    known = sum(standing.states.values())
    yield fine(
        Area.HUBSPOT,
        Label("the last round ended {age} ago; {known} deals known", age=span(lag), known=known),
    )


def _waiting(
    settings: HubSpotSettings, standing: SyncStatus, pushes: PushStatus
) -> Iterator[DiagnosisLine]:
    """The lines about what waits for a person."""
    for why in standing.lacking:
        yield to_do(Area.HUBSPOT, Label.verbatim(ByLanguage(word, why)))
    yield from (note(Area.HUBSPOT, line) for line in who_left(standing.left))
    if standing.held_count:
        yield note(
            Area.HUBSPOT,
            Label("{held} on hold (renewals sync hubspot status)", held=standing.held_count),
        )
    if settings.push and pushes.parked_count:
        yield to_do(
            Area.HUBSPOT,
            Label(
                "{parked} refused by HubSpot, or without a stage there (renewals sync hubspot "
                "status)",
                parked=pushes.parked_count,
            ),
        )


def _compared(checkup: Checkup, standing: SyncStatus) -> Iterator[DiagnosisLine]:
    """The lines about what the last comparison of all deals left."""
    drift = standing.drift
    if drift is None:
        yield note(
            Area.HUBSPOT, Label("not compared yet: renewals sync hubspot --repair --dry-run")
        )
        return
    age = span(checkup.now - drift.at)
    if drift.left:
        yield to_do(
            Area.HUBSPOT,
            Label(
                "compared {age} ago: {left} differ (renewals sync hubspot --repair)",
                age=age,
                left=drift.left,
            ),
        )
    else:
        yield fine(Area.HUBSPOT, Label("compared {age} ago: nothing differs", age=age))

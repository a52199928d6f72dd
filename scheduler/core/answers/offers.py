"""What a recipient can answer to a nudge where they read it: the buttons of a message, the links of
a mail, the items of the command's help.

Always holds: an offer's id is permanent (buttons and links hold it); what is offered could be taken
a moment ago; whether it still can is decided when it is taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from scheduler.core.answers.verbs import VERBS, Asked
from scheduler.core.deal.deal import (
    AUTO_RENEWAL,
    CALL_REVIEW,
    ENDED,
    EXPECTED,
    HEALTH_WORSE,
    NOTICE,
    PULSE,
    Deal,
)
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.policy.policy import Policy
from scheduler.core.policy.received import Received, received
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ForecastCall, Health, Verb


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing to answer. If it asks for nothing, one click is enough. An offer with a fixed
    `health` asks for a reason (required) and a note, and for nothing if the customer is stable.
    `style` is `primary`, `danger` or empty."""

    id: str
    verb: Verb
    label: Label
    call: ForecastCall | None = None
    style: str = ""
    health: Health | None = None

    @property
    def fields(self) -> tuple[Asked, ...]:
        """What its form asks for."""
        if self.health is not None:
            return () if self.health is Health.STABLE else (Asked.REASON, Asked.NOTE)
        return VERBS[self.verb].asks

    @property
    def required(self) -> tuple[Asked, ...]:
        """The fields that may not be left empty."""
        if self.health is not None:
            return () if self.health is Health.STABLE else (Asked.REASON,)
        return VERBS[self.verb].required


OFFERS: Mapping[str, Offer] = {
    offer.id: offer
    for offer in (
        Offer(
            "renew", Verb.FORECAST, ForecastCall.RENEW.label.as_title, ForecastCall.RENEW, "primary"
        ),
        Offer("at_risk", Verb.FORECAST, ForecastCall.AT_RISK.label.as_title, ForecastCall.AT_RISK),
        Offer("unsure", Verb.FORECAST, ForecastCall.UNSURE.label.as_title, ForecastCall.UNSURE),
        Offer("notice", Verb.NOTICE, Label("Notice received"), style="danger"),
        Offer("notice_withdrawn", Verb.NOTICE_WITHDRAWN, Label("Notice withdrawn")),
        Offer("paperwork", Verb.PAPERWORK, Label("Paperwork")),
        Offer("health", Verb.HEALTH, Label("Health")),
        *(
            Offer(f"health_{health.value}", Verb.HEALTH, health.label.as_title, health=health)
            for health in (Health.STABLE, Health.AT_RISK, Health.CRITICAL)
        ),
        Offer("onboarded", Verb.ONBOARDED, Label("Onboarding done"), style="primary"),
        Offer("won", Verb.WON, Label("Renewed", context="offers"), style="primary"),
        Offer("lost", Verb.LOST, Label("Lost"), style="danger"),
        Offer("snooze", Verb.SNOOZE, Label("Remind me later")),
        Offer("seen", Verb.SEEN, Label("Seen")),
        Offer("undo", Verb.UNDO, Label("Undo")),
    )
}
_AFTER_NOTICE = ("notice_withdrawn", "lost", "health")
_AFTER_ORDER = ("won", "notice", "paperwork", "snooze", "lost", "health")
_RENEWAL = (
    "renew",
    "at_risk",
    "unsure",
    "notice",
    "snooze",
    "seen",
    "paperwork",
    "won",
    "lost",
    "health",
)
_CLOSING = ("won", "lost", "renew", "snooze", "paperwork")
_ONBOARDING = ("onboarded", "health", "snooze", "seen", "lost")
_OPEN = ("snooze", "seen", "won", "lost")
_SYSTEM = {
    ENDED: _CLOSING,
    EXPECTED: ("won", "renew", "at_risk", "unsure", "paperwork", "snooze", "lost"),
    AUTO_RENEWAL: ("undo",),
}
_PULSE = ("health_stable", "health_at_risk", "health_critical", "seen")
_SYSTEM |= {CALL_REVIEW: ("seen", "health", "renew", "at_risk"), NOTICE: _AFTER_NOTICE}
_SYSTEM |= {HEALTH_WORSE: ("seen", "health", "at_risk", "renew"), PULSE: _PULSE}
_ASKED_AGAIN = ("renew", "at_risk", "unsure", "paperwork", "won", "snooze", "lost")
_RECEIVED = {Received.NOTICE: _AFTER_NOTICE, Received.ORDER: _AFTER_ORDER}


def offers_for(deal: Deal, milestone: str, policy: Policy) -> tuple[Offer, ...]:
    """What can be answered to a nudge about `milestone` of `deal` as it stands, the most likely
    first; in a closed deal only the undo.

    Once a notice or an order is there, whatever the nudge is about: nobody is offered a forecast
    any more, and after a notice no renewal.
    """
    stage = policy.pipeline(deal.pipeline).find(deal.stage)
    if stage is not None and not stage.is_open:
        return (OFFERS["undo"],)
    came = received(deal)
    if came is not None and (
        stage is None or stage.kind not in (StageKind.ONBOARDING, StageKind.OPEN)
    ):
        names = _RECEIVED[came]
    elif milestone in _SYSTEM:
        names = tuple(n for n in _SYSTEM[milestone] if n != "undo")
        if milestone == EXPECTED and deal.expected_by_default:
            names = _ASKED_AGAIN
    elif stage is not None and stage.kind is StageKind.ONBOARDING:
        names = _ONBOARDING
    else:
        names = _OPEN if stage is not None and stage.kind is StageKind.OPEN else _RENEWAL
    if came is Received.NOTICE and "notice_withdrawn" not in names:
        names = (*names, "notice_withdrawn")
    return tuple(OFFERS[name] for name in names)

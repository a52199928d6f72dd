"""What a recipient can answer to a nudge where he reads it: the buttons of a message, the links of a mail, the items of the command's help.

Always holds: an offer's id is permanent (buttons and links hold it); what is offered could be taken a moment ago; whether it still can is decided
when it is taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from scheduler.core.deal import AUTO_RENEWAL, CALL_REVIEW, ENDED, EXPECTED, NOTICE, Deal
from scheduler.core.labels import Label
from scheduler.core.pipeline import StageKind
from scheduler.core.policy import Policy
from scheduler.core.words import Call, Verb


class Field(StrEnum):
    """What an answer asks for besides the click. A form shows them in this order; `required` ones may not stay empty."""

    REASON = "reason"
    SECOND = "second"
    AVOIDABLE = "avoidable"
    UNTIL = "until"
    EXPECTED_ON = "expected_on"
    AMOUNT = "amount"
    TERM = "term"
    ENDS_ON = "ends_on"
    HEALTH = "health"
    PAPERWORK = "paperwork"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing to answer. Without `fields` one click is enough. `style` is `primary`, `danger` or empty."""

    id: str
    verb: Verb
    label: Label
    call: Call | None = None
    fields: tuple[Field, ...] = ()
    required: tuple[Field, ...] = ()
    style: str = ""


OFFERS: Mapping[str, Offer] = {
    offer.id: offer
    for offer in (
        Offer("renew", Verb.CALL, Label("更新予定", "Will renew"), Call.RENEW, (Field.EXPECTED_ON, Field.NOTE), style="primary"),
        Offer("at_risk", Verb.CALL, Label("解約懸念", "In doubt"), Call.AT_RISK, (Field.EXPECTED_ON, Field.NOTE)),
        Offer("unsure", Verb.CALL, Label("未定", "Unsure"), Call.UNSURE, (Field.EXPECTED_ON, Field.NOTE)),
        Offer("notice", Verb.NOTICE, Label("解約通知を受領", "Notice received"), None, (Field.REASON, Field.NOTE), (Field.REASON,), "danger"),
        Offer("notice_withdrawn", Verb.NOTICE_WITHDRAWN, Label("解約撤回", "Notice withdrawn"), None, (Field.NOTE,)),
        Offer("paperwork", Verb.PAPERWORK, Label("手続き", "Paperwork"), None, (Field.PAPERWORK, Field.EXPECTED_ON, Field.NOTE), (Field.PAPERWORK,)),
        Offer("health", Verb.HEALTH, Label("ヘルス", "Health"), None, (Field.HEALTH, Field.NOTE), (Field.HEALTH,)),
        Offer("onboarded", Verb.ONBOARDED, Label("導入完了", "Onboarding done"), None, (Field.HEALTH, Field.NOTE), (Field.HEALTH,), "primary"),
        Offer("won", Verb.WON, Label("更新確定", "Renewed"), None, (Field.AMOUNT, Field.TERM, Field.ENDS_ON, Field.NOTE), (Field.AMOUNT,), "primary"),
        Offer(
            "lost",
            Verb.LOST,
            Label("解約", "Lost"),
            None,
            (Field.REASON, Field.SECOND, Field.AVOIDABLE, Field.NOTE),
            (Field.REASON,),
            "danger",
        ),
        Offer("snooze", Verb.SNOOZE, Label("あとで再通知", "Remind me later"), None, (Field.UNTIL,), (Field.UNTIL,)),
        Offer("seen", Verb.SEEN, Label("確認済み", "Seen")),
        Offer("undo", Verb.UNDO, Label("取り消し", "Undo")),
    )
}
_RENEWAL = ("renew", "at_risk", "unsure", "notice", "snooze", "seen", "paperwork", "won", "lost", "health")
_CLOSING = ("won", "lost", "renew", "snooze", "paperwork")
_ONBOARDING = ("onboarded", "health", "snooze", "seen", "lost")
_OPEN = ("snooze", "seen", "won", "lost")
_SYSTEM = {ENDED: _CLOSING, EXPECTED: ("won", "renew", "at_risk", "unsure", "paperwork", "snooze", "lost"), AUTO_RENEWAL: ("undo",)}
_SYSTEM |= {CALL_REVIEW: ("seen", "health", "renew", "at_risk"), NOTICE: ("notice_withdrawn", "seen", "lost")}


def offers_for(deal: Deal, milestone: str, policy: Policy) -> tuple[Offer, ...]:
    """What can be answered to a nudge about `milestone` of `deal` as it stands, the most likely first; in a closed deal only the undo."""
    stage = policy.pipeline(deal.pipeline).find(deal.stage)
    if stage is not None and not stage.is_open:
        return (OFFERS["undo"],)
    if milestone in _SYSTEM:
        names = tuple(n for n in _SYSTEM[milestone] if n != "undo")
    elif stage is not None and stage.kind is StageKind.ONBOARDING:
        names = _ONBOARDING
    else:
        names = _OPEN if stage is not None and stage.kind is StageKind.OPEN else _RENEWAL
    if deal.notice_on is not None:
        names = tuple(dict.fromkeys("notice_withdrawn" if n in ("notice", "renew", "at_risk", "unsure") else n for n in names))
    return tuple(OFFERS[name] for name in names)

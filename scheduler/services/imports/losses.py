"""Why a deal was lost, as a file says it."""

from collections.abc import Iterable

from scheduler.core.deal.deal import Lost
from scheduler.core.policy.policy import LostReason
from scheduler.core.words.lexicon import Language

OTHER = "other"
"""The reason where a file names none that the policy has."""


def loss_said(note: str, reasons: Iterable[LostReason]) -> Lost:
    """The loss of a deal whose file says `note` of it: the reason of its pipeline that is called
    so, by its id or its name in any language, in any case; else OTHER, with the note."""
    wanted = _folded(note)
    for reason in reasons:
        if wanted in (_folded(reason.id), *(_folded(reason.label.of(one)) for one in Language)):
            return Lost(reason.id)
    return Lost(OTHER, note=note)


def _folded(words: str) -> str:
    """Words without regard to case and to spaces around them."""
    return words.strip().casefold()
